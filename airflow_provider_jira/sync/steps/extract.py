"""The second step, once for each partition: read the records whole, map them, and stage those that differ.

A record of the ledger is staged whether or not it differs: what it waits for may be there now. So is one with comments
that ESM may not have.

A partition looks at its own range of ids and at the same range of the cache, both as the plan staged them; it needs
nothing of the other partitions and can be repeated at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.model.card import Card, Reference
from airflow_provider_jira.model.digest import digest
from airflow_provider_jira.model.mapping import RecordRefused
from airflow_provider_jira.model.window import moment
from airflow_provider_jira.sync.comments import FIELD, SETTLED, hear
from airflow_provider_jira.sync.handover import Costs, Extracted, Partition, PlanFile, Swept, pack, unpack
from airflow_provider_jira.sync.preflight import prove_same_account
from airflow_provider_jira.sync.reading import reading
from airflow_provider_jira.sync.receipts import Receipt
from airflow_provider_jira.sync.records import Difference, Record, Said
from airflow_provider_jira.sync.run import Run
from airflow_provider_jira.sync.shards import unpack_ids
from airflow_provider_jira.sync.staging import PlanStaging

CHUNK_RECORDS = 500
CHUNK_COMMENTS = 2_000
"""Comments after which a chunk is full, however few records they belong to."""


class Seen(msgspec.Struct):
    """Which cards must not be taken for orphans.

    :param keys: part -> keys of the cards of everything read
    :param ids: of everything the sweep named, held records included
    """

    keys: dict[int, list[str]]
    ids: list[int]


def extract(run: Run, partition: dict[str, Any]) -> dict[str, Any]:
    """Read one partition and stage what differs.

    :param partition: a packed :class:`~airflow_provider_jira.sync.handover.Partition`
    :returns: a packed :class:`~airflow_provider_jira.sync.handover.Extracted`
    :raises JiraError: Jira cannot be used
    """
    part = unpack(partition, Partition)
    staged = run.staged(part.plan)
    file = staged.read("plan", PlanFile)
    swept = staged.read(f"swept/{part.index:02}", Swept)
    work = _Extraction(run, file, staged, swept, f"{part.index:02}.{run.attempt}")
    extracted = asyncio.run(work.run(file.account))
    run.log.info(
        "%d records read, %d differ from what ESM has (%d of them without a known card), %d refused by the mapping, "
        "%d gone while reading.",
        extracted.read, sum(n for _, n, _ in extracted.chunks), extracted.fresh, extracted.refused, extracted.vanished,
    )  # fmt: skip
    if run.parts[0].comments:
        run.log.info(
            "%d comments may be new to ESM, %d restricted ones stay in Jira, %d came from ESM.",
            extracted.said, extracted.restricted, extracted.own,
        )  # fmt: skip
    return pack(extracted)


class _Extraction:
    def __init__(self, run: Run, file: PlanFile, staged: PlanStaging, swept: Swept, name: str) -> None:
        self._run = run
        self._name = name
        self._parts = run.parts  # made anew each time it is asked for
        self._way = reading(run)
        self._mappings = self._way.mappings(file.fields)
        self._staged = staged
        self._swept = swept
        self._base = f"extracted/{name}"
        self._chunks: list[tuple[str, int, int]] = []
        self._waiting: dict[int, list[Difference]] = {at: [] for at in range(len(self._parts))}
        self._ledger = frozenset(swept.waiting)
        self._comments = self._parts[0].comments
        known = self._comments is not None and staged.exists(SETTLED)
        self._settled = unpack_ids(staged.read(SETTLED, str)) if known else frozenset[int]()
        self._own: list[int] = []
        self._said = self._restricted = self._words = 0
        self._refusals: list[Receipt] = []
        self._seen = Seen({at: [] for at in range(len(self._parts))}, [*swept.ids, *swept.held])
        self._returned: set[int] = set()
        self._unchanged = self._fresh = 0
        self._newest: datetime | None = None

    async def run(self, account: str) -> Extracted:
        fields = {field for mapping in self._mappings for field in mapping.jira_fields}
        if self._comments:
            fields.add(FIELD)
        async with JiraClient(self._run.jira) as jira:
            if self._swept.ids:
                await prove_same_account(jira, account)
                swept = {record.id: record for record in self._swept.records}
                async for records in self._way.records(jira, self._swept.ids, swept, sorted(fields)):
                    said = await self._hear(jira, records)
                    for record in records:
                        self._take(record, said.get(record.id, []))
            costs = Costs.of(jira)
        for part in self._waiting:
            self._flush(part)
        self._staged.write(f"{self._base}/seen", self._seen)
        self._staged.write(f"{self._base}/refused", self._refusals)
        if self._own:
            self._staged.write(f"settled/{self._name}", self._own)
        return Extracted(
            base=self._base,
            chunks=tuple(self._chunks),
            read=len(self._returned),
            unchanged=self._unchanged,
            fresh=self._fresh,
            refused=len(self._refusals),
            vanished=len(self._swept.ids) - len(self._returned),
            newest=self._newest.isoformat() if self._newest else None,
            costs=costs,
            said=self._said,
            restricted=self._restricted,
            own=len(self._own),
        )

    async def _hear(self, jira: JiraClient, records: Sequence[Record]) -> dict[int, list[Said]]:
        if self._comments is None:
            return {}
        heard = await hear(jira, records, self._comments, self._settled)
        self._own += heard.own
        self._restricted += heard.restricted
        self._said += sum(len(said) for said in heard.said.values())
        return heard.said

    def _take(self, record: Record, said: list[Said]) -> None:
        self._returned.add(record.id)
        if updated := record.fields.get("updated"):
            changed = moment(str(updated))
            self._newest = changed if self._newest is None else max(self._newest, changed)
        card_id = self._swept.cards.get(record.id, 0)
        part = self._parts[record.part]
        name = "" if part.name == "issues" else record.name
        try:
            card = self._mappings[record.part].card(record.id, record.name, record.fields)
        except RecordRefused as refused:
            message = f"the mapping cannot make a value for {refused.attribute!r}: {refused.code}"
            self._refusals.append(
                Receipt(
                    record.id, None, "refused", card_id, record.project_id, refused.code, refused.attribute, message,
                    name, record.part,
                )
            )  # fmt: skip
            return
        card = self._with_memberships(card, record)
        self._seen.keys[record.part].append(card.key)
        accepted = self._swept.digests.get(record.id)
        if accepted == digest(card) and record.id not in self._ledger and not said:
            self._unchanged += 1
            return
        self._fresh += card_id == 0
        waiting = self._waiting[record.part]
        waiting.append(Difference(record.id, name, record.part, accepted, card_id, record.project_id, card, said))
        self._words += len(said)
        if len(waiting) >= CHUNK_RECORDS or self._words >= CHUNK_COMMENTS:
            self._flush(record.part)

    def _with_memberships(self, card: Card, record: Record) -> Card:
        """Let an account point at the entitlements that its person holds."""
        code = self._parts[record.part].memberships
        if code is None:
            return card
        target = self._parts[0].target
        held = tuple(Reference(target.template, target.key, key) for key in record.holds)
        return Card(card.key, {**card.values, code: held})

    def _flush(self, part: int) -> None:
        if waiting := self._waiting[part]:
            name = f"{self._base}/{self._parts[part].name}{len(self._chunks):04}"
            self._staged.write(name, waiting)
            self._chunks.append((name, len(waiting), part))
            self._waiting[part] = []
            self._words = 0
