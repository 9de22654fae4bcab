"""What the steps hand to each other through XComs: references, ids, counts and codes, never values of records."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import Field

T = TypeVar("T")


class Costs(msgspec.Struct, frozen=True):
    """What one step asked of both sides.

    :param jira: requests to Jira
    :param esm: requests to ESM
    :param retries: requests that had to be sent again
    :param waited: seconds spent waiting because of limits
    """

    jira: int = 0
    esm: int = 0
    retries: int = 0
    waited: float = 0.0

    def __add__(self, other: Costs) -> Costs:
        return Costs(
            self.jira + other.jira,
            self.esm + other.esm,
            self.retries + other.retries,
            round(self.waited + other.waited, 3),
        )

    @classmethod
    def of(cls, jira: JiraClient | None = None, store: CardStore | None = None) -> Costs:
        """Read the meters of the clients that a step used."""
        sides = [side.traffic for side in (jira, store) if side is not None]
        return cls(
            jira.traffic.requests if jira else 0,
            store.traffic.requests if store else 0,
            sum(side.retries for side in sides),
            round(sum(side.waited for side in sides), 3),
        )


class Partition(msgspec.Struct, frozen=True):
    """One share of the reading: the records of one shard.

    :param plan: the plan it belongs to
    :param index: number of the shard
    :param label: what the Airflow UI shows
    :param records: how many records the sweep found in it
    """

    plan: str
    index: int
    label: str
    records: int


class Planned(msgspec.Struct, frozen=True):
    """What plan decided.

    :param plan: id of the plan
    :param mode: ``full``
    :param pushes: ``differences``, or ``everything`` when the cache counts as empty
    :param why: why it counts as empty
    :param records: how many records the sweep found
    :param known: how many records the cache knew
    :param notes: sentences for the report
    """

    plan: str
    started: str
    mode: str
    pushes: str
    why: str | None
    records: int
    known: int
    partitions: tuple[Partition, ...]
    notes: tuple[str, ...]
    costs: Costs


class PlanFile(msgspec.Struct, frozen=True):
    """What the later steps need of the plan, in the staging location.

    :param account: Jira account that swept; another one may see another Jira
    :param version: manifest version that was read
    :param cleared: the cache counts as empty
    :param moved: site, ESM or target are not those of the memory, which therefore says nothing of these cards
    :param scope_changed: what the task reads is not what it read at the last full run
    :param approximate: Jira's own estimate of the number of records
    :param warnings: Jira's warnings about the sweep
    """

    plan: str
    run_id: str
    as_of: str
    account: str
    version: str
    scope: str
    scope_changed: bool
    moved: bool
    cleared: bool
    bounds: tuple[int, ...]
    fields: tuple[Field, ...]
    approximate: int
    warnings: tuple[str, ...]


class Swept(msgspec.Struct, frozen=True):
    """One partition's part of the sweep, with the cache's part of the same range.

    :param ids: record ids, ascending
    :param digests: record id -> digest of what ESM last accepted; nothing of it where the cache counts as empty
    :param cards: record id -> ESM's card id
    """

    ids: list[int]
    digests: dict[int, bytes]
    cards: dict[int, int]


class Extracted(msgspec.Struct, frozen=True):
    """What extracting one partition found.

    :param base: folder of this try's files in the staging location
    :param chunks: files with the records that differ, and how many are in each
    :param read: records that Jira returned
    :param unchanged: of these, what ESM has already
    :param fresh: of those that differ, the ones without a known card
    :param refused: records that the mapping refused
    :param vanished: records of the sweep that Jira did not return
    """

    base: str
    chunks: tuple[tuple[str, int], ...]
    read: int
    unchanged: int
    fresh: int
    refused: int
    vanished: int
    costs: Costs


class Share(msgspec.Struct, frozen=True):
    """One share of the writing.

    :param plan: the plan it belongs to
    :param review: the review that made it
    :param chunks: files to load, in order
    """

    plan: str
    review: str
    index: int
    label: str
    chunks: tuple[str, ...]
    records: int


class Approval(msgspec.Struct, frozen=True):
    """A question for an administrator. ``body`` is Markdown."""

    subject: str
    body: str


class Reviewed(msgspec.Struct, frozen=True):
    """What review summed up.

    :param candidates: cards of this task whose record was not in the read, and that are not marked yet
    :param own_cards: cards that carry this task's id and are not marked removed yet
    """

    review: str
    shares: tuple[Share, ...]
    approval: Approval | None
    read: int
    unchanged: int
    to_push: int
    fresh: int
    refused: int
    vanished: int
    candidates: int
    own_cards: int
    notes: tuple[str, ...]
    costs: Costs


class Loaded(msgspec.Struct, frozen=True):
    """What loading one share did; the receipts are in the staging location.

    :param skipped: records that an earlier try had already brought in
    """

    created: int
    updated: int
    refused: int
    skipped: int
    costs: Costs


class Removed(msgspec.Struct, frozen=True):
    """What became of the cards of removed records.

    :param verdicts: verdict -> how many
    """

    verdicts: dict[str, int]
    notes: tuple[str, ...]
    costs: Costs


def pack(value: Any) -> dict[str, Any]:
    """Turn a hand-over into what Airflow keeps as an XCom: JSON and nothing else.

    A tuple would be kept in an envelope of Airflow's own, which readers of the REST API would have to know.
    """
    packed: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(value))
    return packed


def unpack(value: Any, as_: type[T]) -> T:
    """Turn an XCom back into a hand-over."""
    return msgspec.convert(value, as_)
