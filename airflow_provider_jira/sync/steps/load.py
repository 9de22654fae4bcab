"""The fourth step, once for each share: bring the differing records into ESM, batch by batch.

After each batch, before the next one, a receipt is staged. A load that died and is tried again reads the receipts and
leaves out what ESM has accepted; of the batch that was in flight nobody knows, so it is sent once more, and since a
card is created only when a look-up by key finds none, that makes no second card.

Comments go to a card right after it was written, before its receipt; ESM is asked which are there already. A card
that does not get all of its comments is refused, however well it was written.

What a card points at is looked up for the whole batch before it is written. A record all of whose references that can
be resolved were accepted before is not written again: it goes on waiting.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.store import CardStore, CardWrite, Outcome
from airflow_provider_jira.sync.appending import Added, Appending, Turn
from airflow_provider_jira.sync.claims import Claims
from airflow_provider_jira.sync.conflicts import Conflicts, without
from airflow_provider_jira.sync.handover import Costs, Loaded, Share, pack, unpack
from airflow_provider_jira.sync.receipts import LEFT_ALONE, Receipt
from airflow_provider_jira.sync.records import Difference, Said
from airflow_provider_jira.sync.references import Resolved, resolve
from airflow_provider_jira.sync.run import Run
from airflow_provider_jira.sync.staging import PlanStaging

BATCH_RECORDS = 200
_NAMED = 20

Accepted = dict[int, Receipt]
"""Record id -> the last acceptance of this plan."""


def load(run: Run, share: dict[str, Any]) -> dict[str, Any]:
    """Write one share.

    :param share: a packed :class:`~airflow_provider_jira.sync.handover.Share`
    :returns: a packed :class:`~airflow_provider_jira.sync.handover.Loaded`
    :raises EsmError: ESM cannot be used; what was accepted before stays accepted
    """
    mine = unpack(share, Share)
    staged = run.staged(mine.plan)
    rows = list(_rows(staged, mine.chunks))
    accepted = _accepted(staged, mine)
    if mine.waiting_only:
        rows = [row for row in rows if row.id in accepted and accepted[row.id].waits]
    counts, costs = asyncio.run(_write(run, staged, mine, rows, accepted))
    loaded = Loaded(
        created=counts["created"],
        updated=counts["updated"],
        refused=counts["refused"],
        waiting=counts["waiting"],
        skipped=counts["skipped"],
        costs=costs,
        appended=counts["appended"],
    )
    run.log.info(
        "%d cards created, %d updated, %d refused, %d point at cards that are not there%s%s.",
        loaded.created, loaded.updated, loaded.refused, loaded.waiting,
        f", {loaded.appended} comments added" if run.parts[mine.part].comments else "",
        f"; {loaded.skipped} were already in ESM from an earlier try" if loaded.skipped else "",
    )  # fmt: skip
    return pack(loaded)


def _accepted(staged: PlanStaging, share: Share) -> Accepted:
    """What earlier tries brought in: of this share, of the wave before it, or of a review that was made before.

    Shares of one review do not overlap, so the receipts of the others are not read.
    """
    mine = tuple(f"receipts/{share.review}/{wave}.{share.index:02}/" for wave in range(1, share.wave + 1))
    others = [
        name
        for name in staged.names("receipts")
        if not name.startswith(f"receipts/{share.review}/") or name.startswith(mine)
    ]
    accepted: Accepted = {}
    for name in others:
        for receipt in staged.read(name, list[Receipt]):
            if not receipt.refused:
                before = accepted[receipt.id].settled if receipt.id in accepted else []
                accepted[receipt.id] = replace(receipt, settled=[*before, *receipt.settled])
    return accepted


def _rows(staged: PlanStaging, chunks: Sequence[str]) -> Iterator[Difference]:
    for name in chunks:
        yield from staged.read(name, list[Difference])


async def _write(
    run: Run, staged: PlanStaging, share: Share, rows: list[Difference], accepted: Accepted
) -> tuple[Counter[str], Costs]:
    counts: Counter[str] = Counter()
    folder = f"receipts/{share.review}/{share.wave}.{share.index:02}"
    async with open_store(run.esm) as store:
        conflicts = Conflicts(store, run.parts[share.part])
        claims = Claims(run, staged, f"{share.review}/{share.wave}.{share.index:02}")
        appending = Appending(store, run.parts[share.part], run.esm.concurrency, claims.renew)
        for start in range(0, len(rows), BATCH_RECORDS):
            batch = rows[start : start + BATCH_RECORDS]
            told = await _write_batch(run, store, conflicts, share, batch, accepted, counts)
            told = await _add_comments(appending, claims, batch, told, accepted)
            staged.write(f"{folder}/{run.attempt:03}.{start // BATCH_RECORDS:05}", told)
            counts.update(receipt.status for receipt in told)
            counts["waiting"] += sum(receipt.points_nowhere for receipt in told)
            counts["stayed"] += sum(receipt.stayed for receipt in told)
            counts["appended"] += sum(receipt.appended for receipt in told)
            for receipt in told:
                if receipt.code and counts["named"] < _NAMED:
                    counts["named"] += 1
                    what = "refused" if receipt.refused else "waits"
                    run.log.warning(
                        "Record %s %s (%s): %s", receipt.name or receipt.id, what, receipt.code, receipt.message
                    )
        return counts, Costs.of(store=store)


async def _write_batch(
    run: Run,
    store: CardStore,
    conflicts: Conflicts,
    share: Share,
    batch: list[Difference],
    accepted: Accepted,
    counts: Counter[str],
) -> list[Receipt]:
    """Write what differs from what ESM has accepted, in this plan or before it; tell of all."""
    told: dict[int, Receipt] = {}
    to_write: list[tuple[Difference, Resolved]] = []
    writes: list[CardWrite] = []
    for row, resolved in zip(batch, await resolve(store, [row.card for row in batch]), strict=True):
        earlier = accepted.get(row.id)
        if earlier is not None and earlier.digest == resolved.digest:
            counts["skipped"] += not share.waiting_only
            told[row.id] = _unchanged(row, resolved, earlier.card_id)
        elif earlier is None and row.accepted == resolved.digest:
            told[row.id] = _unchanged(row, resolved, row.card_id)
        else:
            to_write.append((row, resolved))
            writes.append(row.write(resolved.card, earlier.card_id if earlier else row.card_id))
    kept = await conflicts.settled([write.card for write in writes])
    writes = [replace(write, card=without(write.card, codes)) for write, codes in zip(writes, kept, strict=True)]
    outcomes = await store.write(run.parts[share.part].target, writes) if writes else ()
    for (row, resolved), outcome, codes in zip(to_write, outcomes, kept, strict=True):
        told[row.id] = replace(_receipt(row, resolved, outcome), stayed=len(codes))
    return [told[row.id] for row in batch]


async def _add_comments(
    appending: Appending, claims: Claims, batch: list[Difference], told: list[Receipt], accepted: Accepted
) -> list[Receipt]:
    """Bring the comments of records that ESM has accepted; a record whose comments it does not take is refused."""
    new: dict[int, list[Said]] = {}
    for at, (row, receipt) in enumerate(zip(batch, told, strict=True)):
        done = accepted[row.id].settled if row.id in accepted else []
        said = [one for one in row.said if one.id not in done]
        if said and not receipt.refused:
            new[at] = said
    elsewhere = claims.take([batch[at].id for at in new]) if new else frozenset[int]()
    mine = [at for at in new if batch[at].id not in elsewhere]
    added = await appending.add([Turn(str(told[at].card_id), new[at]) for at in mine])
    claims.drop()
    whole = list(told)
    for at in new:
        whole[at] = _left_alone(told[at])
    for at, one in zip(mine, added, strict=True):
        whole[at] = _with_comments(told[at], one)
    return whole


def _with_comments(receipt: Receipt, added: Added) -> Receipt:
    receipt = replace(receipt, settled=added.settled, appended=added.appended)
    if (why := added.refusal) is None:
        return receipt
    # Without a digest the refusal stands, although an earlier batch may have had the same card accepted.
    return replace(receipt, digest=None, status="refused", code=why.code, attribute=why.attribute, message=why.message)


def _left_alone(receipt: Receipt) -> Receipt:
    if receipt.waits:
        return receipt
    return replace(receipt, code=LEFT_ALONE, message="another run was just adding comments to its card")


def _unchanged(row: Difference, resolved: Resolved, card_id: int) -> Receipt:
    return Receipt(
        row.id, resolved.digest, "unchanged", card_id, row.project_id, resolved.code, resolved.attribute,
        resolved.message, row.name, row.part,
    )  # fmt: skip


def _receipt(row: Difference, resolved: Resolved, outcome: Outcome) -> Receipt:
    card_id = int(outcome.card_id) if outcome.card_id and outcome.card_id.isdecimal() else 0
    code, attribute, message = resolved.code, resolved.attribute, resolved.message
    if outcome.status == "refused":
        first = outcome.refusals[0] if outcome.refusals else None
        message = "; ".join(refusal.message for refusal in outcome.refusals)
        code, attribute = (first.code, first.attribute) if first else ("card_refused", None)
    return Receipt(
        row.id, resolved.digest, outcome.status, card_id, row.project_id, code, attribute, message,
        row.name, row.part, outcome.previous_owner or "",
    )  # fmt: skip
