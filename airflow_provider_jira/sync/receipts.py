"""Receipts: what ESM said to each batch, written down before the next batch starts.

They are the only bridge from a load that may die at any moment to the commit. A receipt names the record, the digest
that was sent and what became of it, so that a commit needs nothing else to fold it into the memory, and a retried
load can leave out what was already accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from airflow_provider_jira.sync.cache import LedgerEntry
from airflow_provider_jira.sync.shards import Known
from airflow_provider_jira.sync.staging import PlanStaging

LEFT_ALONE = "comments_left_alone"
"""Code of a record whose comments wait because another run was just adding comments to its card."""


class Receipt(msgspec.Struct, frozen=True, array_like=True):
    """What became of one record.

    :param id: record id
    :param digest: digest of the card that was sent, without the references that could not be resolved; ``None`` where
        the record was not sent (refused by the mapping), or its comments were not taken
    :param status: ``created`` ``updated`` ``unchanged`` (all that could be sent was accepted before) ``refused``
    :param card_id: ESM's id, 0 where there is none
    :param project_id: id of the record's Jira project
    :param code: of a refusal, or why the record waits although it was accepted: it points at a card that is not there,
        or another run was just adding comments to its card
    :param attribute: of a refusal or a reference
    :param message: of a refusal or a reference, without values
    :param name: how Jira calls the record where it is no issue
    :param part: which of the task's parts it belongs to
    :param taken_from: task id that the card carried before, where it was another task's
    :param settled: ids of comments that this batch added to the card's worklogs, or found there
    :param appended: how many of them it added
    :param stayed: how many attributes were left as people changed them in ESM
    """

    id: int
    digest: bytes | None
    status: str
    card_id: int = 0
    project_id: int = 0
    code: str = ""
    attribute: str | None = None
    message: str = ""
    name: str = ""
    part: int = 0
    taken_from: str = ""
    settled: list[int] = []
    appended: int = 0
    stayed: int = 0

    @property
    def refused(self) -> bool:
        """Whether ESM does not hold what was asked for."""
        return self.status == "refused"

    @property
    def waits(self) -> bool:
        """Whether the record was accepted but for references to cards that are not there, or for comments."""
        return self.status != "refused" and bool(self.code)

    @property
    def points_nowhere(self) -> bool:
        """Whether what it waits for are cards."""
        return self.waits and self.code != LEFT_ALONE


class Removal(msgspec.Struct, frozen=True, array_like=True):
    """What became of one card whose record was not in a complete read.

    :param record: record id, 0 where it is not known
    :param card_id: ESM's id of the card
    :param verdict: ``gone`` ``out_of_scope`` (both were marked) ``kept_matching`` ``kept_unreadable``
        ``kept_unconfirmed`` ``kept_by_rule`` ``returned`` (the mark was taken off) ``refused``
    """

    record: int
    card_id: str
    verdict: str
    message: str = ""
    part: int = 0

    @property
    def marked(self) -> bool:
        """Whether the card now carries the removed value."""
        return self.verdict in ("gone", "out_of_scope")


def receipts(staged: PlanStaging) -> Iterator[Receipt]:
    """Read every receipt of a plan, the oldest first: the names begin with the number of the review's try."""
    for name in staged.names("receipts"):
        yield from staged.read(name, list[Receipt])


def settled(staged: PlanStaging) -> frozenset[int]:
    """Read which comments a plan's extracts found to have come from ESM."""
    return frozenset(id_ for name in staged.names("settled") for id_ in staged.read(name, list[int]))


def removals(staged: PlanStaging) -> Iterator[Removal]:
    """Read what became of the cards of removed records."""
    for name in staged.names("removals"):
        yield from staged.read(name, list[Removal])


class Folded(msgspec.Struct):
    """Memory with the receipts folded in.

    :param latest: record id -> the receipt that counts: an acceptance stands, whatever a doubled delivery said
    :param settled: ids of comments that the cards' worklogs hold
    :param appended: how many of them were added by the batches that the receipts are of
    """

    known: dict[int, Known]
    ledger: dict[int, LedgerEntry]
    latest: dict[int, Receipt]
    settled: frozenset[int] = frozenset()
    appended: int = 0


def fold(
    known: Mapping[int, Known],
    ledger: Mapping[int, LedgerEntry],
    told: Iterable[Receipt],
    plan: str,
    since: int = 0,
    until: int = 0,
) -> Folded:
    """Fold the receipts of one plan into a memory; the memory given is not changed.

    A refused record loses its digest, so that it is pushed again, and waits in the ledger; one that points at a card
    that is not there keeps the digest of what was accepted, and waits as well; one accepted whole leaves the ledger.
    One record may have several receipts (a second wave, a killed load, a cleared task): the last acceptance wins over
    any refusal before it.

    :param since: when the run began, in seconds since 1970
    :param until: when the receipts are folded
    """
    latest: dict[int, Receipt] = {}
    settled, appended = set[int](), 0
    for receipt in told:
        settled.update(receipt.settled)
        appended += receipt.appended
        earlier = latest.get(receipt.id)
        if earlier is None:
            latest[receipt.id] = receipt
        elif earlier.refused or not receipt.refused or earlier.digest != receipt.digest:
            latest[receipt.id] = _joined(earlier, receipt)
    new_known, new_ledger = dict(known), dict(ledger)
    for id_, receipt in latest.items():
        old = new_known.get(id_, Known())
        card, project = receipt.card_id or old.card_id, receipt.project_id or old.project_id
        digest = None if receipt.refused else receipt.digest
        # Folded a second time, the same receipts tell nothing new: neither may they of the time.
        again = old.digest == digest and old.since == since
        new_known[id_] = Known(digest, card, project, since, old.until if again else until)
        if receipt.refused or receipt.waits:
            before = ledger.get(id_)
            runs = 1 if before is None else before.runs + (before.plan != plan)
            new_ledger[id_] = LedgerEntry(receipt.code, receipt.attribute, receipt.message, plan, runs, receipt.name)
        else:
            new_ledger.pop(id_, None)
    return Folded(new_known, new_ledger, latest, frozenset(settled), appended)


def _joined(earlier: Receipt, later: Receipt) -> Receipt:
    """Let what one run did to a record count as one thing: created and then updated is created."""
    done = ("created", "updated", "unchanged")
    status = later.status
    if earlier.status in done and status in done:
        status = min(earlier.status, status, key=done.index)
    return msgspec.structs.replace(later, status=status, taken_from=later.taken_from or earlier.taken_from)
