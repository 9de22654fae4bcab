"""The second step, once for each partition: read the records whole, map them, and stage those that differ.

A partition looks at its own range of ids and at the same range of the cache, both as the plan staged them; it needs
nothing of the other partitions and can be repeated at any time.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from airflow_provider_jira.esm.store import CardWrite
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import Issue
from airflow_provider_jira.model.card import Card
from airflow_provider_jira.model.digest import digest
from airflow_provider_jira.model.mapping import Mapping, RecordRefused
from airflow_provider_jira.sync.handover import Costs, Extracted, Partition, PlanFile, Swept, pack, unpack
from airflow_provider_jira.sync.preflight import compile_mapping, prove_same_account
from airflow_provider_jira.sync.receipts import Receipt
from airflow_provider_jira.sync.run import Run
from airflow_provider_jira.sync.staging import PlanStaging

CHUNK_RECORDS = 500


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """One record that ESM does not have as it is now.

    :param id: record id
    :param digest: digest of the card
    :param card_id: ESM's card id, 0 where it is not known
    :param project_id: id of the record's Jira project
    """

    id: int
    digest: bytes
    card_id: int
    project_id: int
    card: Card

    @property
    def write(self) -> CardWrite:
        """The same, as the ESM client takes it."""
        return CardWrite(self.card, str(self.card_id) if self.card_id else None)


class Seen(msgspec.Struct):
    """Which cards must not be taken for orphans: keys of everything read, ids of everything the sweep named."""

    keys: list[str]
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
    mapping = compile_mapping(run, file.fields)
    work = _Extraction(staged, mapping, staged.read(f"swept/{part.index:02}", Swept), f"{part.index:02}.{run.attempt}")
    extracted = asyncio.run(work.run(run, file.account))
    run.log.info(
        "%d records read, %d differ from what ESM has (%d of them without a known card), %d refused by the mapping, "
        "%d gone while reading.",
        extracted.read, sum(n for _, n in extracted.chunks), extracted.fresh, extracted.refused, extracted.vanished,
    )  # fmt: skip
    return pack(extracted)


class _Extraction:
    def __init__(self, staged: PlanStaging, mapping: Mapping, swept: Swept, name: str) -> None:
        self._staged = staged
        self._mapping = mapping
        self._swept = swept
        self._base = f"extracted/{name}"
        self._chunks: list[tuple[str, int]] = []
        self._waiting: list[Difference] = []
        self._refusals: list[Receipt] = []
        self._seen = Seen([], swept.ids)
        self._returned: set[int] = set()
        self._read = self._unchanged = self._fresh = 0

    async def run(self, run: Run, account: str) -> Extracted:
        async with JiraClient(run.jira) as jira:
            if self._swept.ids:
                await prove_same_account(jira, account)
                async for issues in jira.fetch(self._swept.ids, self._mapping.jira_fields):
                    for issue in issues:
                        self._take(issue)
            costs = Costs.of(jira)
        self._flush()
        self._staged.write(f"{self._base}/seen", self._seen)
        self._staged.write(f"{self._base}/refused", self._refusals)
        vanished = len(set(self._swept.ids) - self._returned)
        return Extracted(
            self._base,
            tuple(self._chunks),
            self._read,
            self._unchanged,
            self._fresh,
            len(self._refusals),
            vanished,
            costs,
        )

    def _take(self, issue: Issue) -> None:
        self._read += 1
        self._returned.add(issue.id)
        project = int((issue.fields.get("project") or {}).get("id") or 0)
        card_id = self._swept.cards.get(issue.id, 0)
        try:
            card = self._mapping.card(issue.id, issue.key, issue.fields)
        except RecordRefused as refused:
            message = f"the mapping cannot make a value for {refused.attribute!r}: {refused.code}"
            self._refusals.append(
                Receipt(issue.id, None, "refused", card_id, project, refused.code, refused.attribute, message)
            )
            return
        self._seen.keys.append(card.key)
        mark = digest(card)
        if self._swept.digests.get(issue.id) == mark:
            self._unchanged += 1
            return
        self._fresh += card_id == 0
        self._waiting.append(Difference(issue.id, mark, card_id, project, card))
        if len(self._waiting) >= CHUNK_RECORDS:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            name = f"{self._base}/chunk{len(self._chunks):04}"
            self._staged.write(name, self._waiting)
            self._chunks.append((name, len(self._waiting)))
            self._waiting = []
