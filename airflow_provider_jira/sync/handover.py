"""What the steps hand to each other through XComs: references, ids, counts and codes, never values of records."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import Field
from airflow_provider_jira.sync.records import Record

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
    :param mode: ``full`` or ``incremental``
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
    :param mode: ``full`` or ``incremental``
    :param watermark: up to where Jira had been read before this run (ISO, UTC)
    :param search_began: Jira's own time before the search (ISO, UTC), where a watermark is kept
    :param dropped: records of the ledger that the task no longer reads
    :param swept: how many partitions were staged
    :param place: where the records come from and where their cards are
    :param beside: tasks that write the same cards
    :param shape: digest of the mapping
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
    approximate: int | None
    warnings: tuple[str, ...]
    mode: str
    watermark: str | None
    search_began: str | None
    dropped: tuple[int, ...]
    swept: int
    place: str
    beside: tuple[str, ...]
    shape: str


class Swept(msgspec.Struct, frozen=True):
    """One partition's part of the sweep, with the cache's part of the same range.

    :param ids: record ids, ascending
    :param held: ids of records that are there and are left as they are
    :param digests: record id -> digest of what ESM last accepted; nothing of it where the cache counts as empty
    :param cards: record id -> ESM's card id
    :param records: the records, where the sweep has read them whole
    :param waiting: records of the ledger that point at cards which were not there
    """

    ids: list[int]
    held: list[int]
    digests: dict[int, bytes]
    cards: dict[int, int]
    records: list[Record]
    waiting: list[int]


class Extracted(msgspec.Struct, frozen=True):
    """What extracting one partition found.

    :param base: folder of this try's files in the staging location
    :param chunks: files with the records that differ, how many are in each, and of which part
    :param read: records that Jira returned
    :param unchanged: of these, what ESM has already
    :param fresh: of those that differ, the ones without a known card
    :param refused: records that the mapping refused
    :param vanished: records of the sweep that Jira did not return
    :param newest: newest ``updated`` of what was read (ISO, UTC)
    :param said: comments that ESM may not have
    :param restricted: comments that stay in Jira, because not everybody may see them
    :param own: comments that came from ESM, and were not known to
    """

    base: str
    chunks: tuple[tuple[str, int, int], ...]
    read: int
    unchanged: int
    fresh: int
    refused: int
    vanished: int
    newest: str | None
    costs: Costs
    said: int = 0
    restricted: int = 0
    own: int = 0


class Share(msgspec.Struct, frozen=True):
    """One share of the writing.

    :param plan: the plan it belongs to
    :param review: the review that made it
    :param wave: 1, or 2 for cards that point at cards of the first wave
    :param part: which of the task's parts its records belong to
    :param chunks: files to load, in order
    :param waiting_only: only the records whose references could not be resolved in the first wave
    """

    plan: str
    review: str
    wave: int
    part: int
    index: int
    label: str
    chunks: tuple[str, ...]
    records: int
    waiting_only: bool = False


class Approval(msgspec.Struct, frozen=True):
    """A question for an administrator. ``body`` is Markdown."""

    subject: str
    body: str


class Reviewed(msgspec.Struct, frozen=True):
    """What review summed up.

    :param second: shares of the second wave, as far as they are known before the first
    :param candidates: cards of this task whose record was not in the read, and that are not marked yet
    :param own_cards: cards that carry this task's id and are not marked removed yet
    :param returned: cards whose mark is taken off, because their record is back and the definition says so
    """

    review: str
    shares: tuple[Share, ...]
    second: tuple[Share, ...]
    approval: Approval | None
    read: int
    unchanged: int
    to_push: int
    fresh: int
    refused: int
    vanished: int
    candidates: int
    own_cards: int
    returned: int
    notes: tuple[str, ...]
    costs: Costs


class Related(msgspec.Struct, frozen=True):
    """What the second wave is: cards that point at cards of the first."""

    shares: tuple[Share, ...]


class Loaded(msgspec.Struct, frozen=True):
    """What loading one share did; the receipts are in the staging location.

    :param skipped: records that an earlier try had already brought in
    :param waiting: records that point at cards which are not there
    :param appended: comments added to worklogs
    """

    created: int
    updated: int
    refused: int
    waiting: int
    skipped: int
    costs: Costs
    appended: int = 0


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
