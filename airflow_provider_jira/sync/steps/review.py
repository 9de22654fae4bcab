"""The third step: look at the whole before anything is written.

Review adds up what the partitions found, cuts the writing into shares, and finds the cards of this task whose record
was not in the read. It stops a run whose read is not complete, and asks (or stops) before a mass removal.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import msgspec

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.sync.handover import (
    Approval,
    Costs,
    Extracted,
    PlanFile,
    Planned,
    Reviewed,
    Share,
    pack,
    unpack,
)
from airflow_provider_jira.sync.receipts import Receipt
from airflow_provider_jira.sync.run import Run, Stop
from airflow_provider_jira.sync.staging import PlanStaging
from airflow_provider_jira.sync.steps.extract import Seen

MAX_SHARES = 16
SHARE_RECORDS = 2_000
_SAMPLE = 10


class Candidate(msgspec.Struct, frozen=True, array_like=True):
    """A card of this task whose record was not read.

    :param record: record id, 0 where neither key nor cache tells it
    """

    record: int
    key: str
    card_id: str


class Candidates(msgspec.Struct):
    """All of them, with how many cards the task owns."""

    cards: list[Candidate]
    own_cards: int


def review(run: Run, planned: dict[str, Any], extracted: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum up, cut shares, find removal candidates.

    :param planned: what plan returned
    :param extracted: what each extract returned
    :returns: a packed :class:`~airflow_provider_jira.sync.handover.Reviewed`
    :raises Stop: the read is not complete, or a mass removal is not to be approved by anybody
    :raises EsmError: ESM cannot be used
    """
    plan = unpack(planned, Planned)
    parts = [unpack(part, Extracted) for part in extracted]
    staged = run.staged(plan.plan)
    file = staged.read("plan", PlanFile)
    _prove_complete(plan, file, parts)
    review_id = f"{run.attempt:03}-{uuid.uuid4().hex[:8]}"
    candidates, costs = Candidates([], 0), Costs()
    if run.task.removed_records is not None:
        candidates, costs = asyncio.run(_candidates(run, staged, parts))
        staged.write(f"candidates/{review_id}", candidates)
    for at, part in enumerate(parts):
        if part.refused:
            staged.write(f"receipts/{review_id}/mapping.{at:03}", staged.read(f"{part.base}/refused", list[Receipt]))
    shares = _shares(plan.plan, review_id, [chunk for part in parts for chunk in part.chunks])
    reviewed = Reviewed(
        review=review_id,
        shares=shares,
        approval=_approval(run, file, candidates),
        read=sum(part.read for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        to_push=sum(share.records for share in shares),
        fresh=sum(part.fresh for part in parts),
        refused=sum(part.refused for part in parts),
        vanished=sum(part.vanished for part in parts),
        candidates=len(candidates.cards),
        own_cards=candidates.own_cards,
        notes=(),
        costs=costs,
    )
    run.log.info(
        "To push: %d records (%d without a known card). Left alone: %d. Cards without a record: %d of %d.",
        reviewed.to_push, reviewed.fresh, reviewed.unchanged, reviewed.candidates, reviewed.own_cards,
    )  # fmt: skip
    return pack(reviewed)


def _prove_complete(plan: Planned, file: PlanFile, parts: list[Extracted]) -> None:
    if file.warnings:
        raise Stop(
            "Jira says itself that it did not show everything: "
            + "; ".join(file.warnings)
            + ". Nothing was written. Narrow the JQL, or split the task."
        )
    # The estimate lags like the index does, so only a gross gap counts, and small numbers are left in peace.
    if file.approximate > plan.records * 1.1 + 50:
        raise Stop(
            f"Jira estimates {file.approximate} records for this JQL and showed {plan.records}: the read is not "
            "complete. Nothing was written. Run again; if it stays so, tell Atlassian support."
        )
    vanished = sum(part.vanished for part in parts)
    if vanished > max(25, plan.records // 50):
        raise Stop(
            f"Jira listed {plan.records} records and then did not return {vanished} of them: the read is not complete. "
            "Nothing was written. Has the permission of the Jira account changed? Run again when it is right."
        )


async def _candidates(run: Run, staged: PlanStaging, parts: list[Extracted]) -> tuple[Candidates, Costs]:
    removed = run.task.removed_records
    if removed is None:
        return Candidates([], 0), Costs()
    read_keys: set[str] = set()
    read_ids: set[int] = set()
    for part in parts:
        seen = staged.read(f"{part.base}/seen", Seen)
        read_keys.update(seen.keys)
        read_ids.update(seen.ids)
    key_is_id = run.task.attributes[run.task.target.key].source == ("id",)
    known = {} if key_is_id else run.cache.read().known
    record_of = {str(entry.card_id): id_ for id_, entry in known.items() if entry.card_id}
    found, own = [], 0
    async with open_store(run.esm) as store:
        async for card in store.owned(run.task.target, run.task_id, [removed.attribute]):
            marked = removed.value in card.values.get(removed.attribute, ())
            own += not marked
            record = record_of.get(card.card_id, 0)
            if key_is_id and card.key.isdecimal():
                record = int(card.key)
            if card.key in read_keys or record in read_ids or marked:
                continue
            found.append(Candidate(record, card.key, card.card_id))
        costs = Costs.of(store=store)
    return Candidates(found, own), costs


def _shares(plan: str, review_id: str, chunks: list[tuple[str, int]]) -> tuple[Share, ...]:
    """Deal the chunks out; a share is large enough to be worth a task's start, and there are at most 16."""
    total = sum(records for _, records in chunks)
    count = min(MAX_SHARES, len(chunks), max(1, -(-total // SHARE_RECORDS)))
    dealt = [chunks[at::count] for at in range(count)]
    return tuple(
        Share(
            plan=plan,
            review=review_id,
            index=at,
            label=f"share {at + 1} of {count}",
            chunks=tuple(name for name, _ in hand),
            records=sum(records for _, records in hand),
        )
        for at, hand in enumerate(dealt)
    )


def _approval(run: Run, file: PlanFile, candidates: Candidates) -> Approval | None:
    removed, count, own = run.task.removed_records, len(candidates.cards), candidates.own_cards
    if removed is None or not count:
        return None
    reasons = []
    if count > removed.max_count:
        reasons.append(f"that is more than `max_count: {removed.max_count}`")
    if 100 * count > removed.max_percent * own:
        reasons.append(f"that is more than `max_percent: {removed.max_percent:g}` of its {own} cards")
    if file.scope_changed:
        reasons.append("and what the task reads (JQL, target or site) has changed since its last full run")
    if not reasons:
        return None
    sample = ", ".join(card.key for card in candidates.cards[:_SAMPLE])
    subject = f"{run.task_id}: mark {count} of {own} cards as removed?"
    body = (
        f"**{count} cards** of template `{run.task.target.template}` belong to task `{run.task_id}`, and their "
        f"records were not in what Jira showed; {'; '.join(reasons)}.\n\n"
        f"They would get `{removed.attribute}` = `{removed.value}`, each after one more look at its record in Jira.\n\n"
        f"First of them, by `{run.task.target.key}`: {sample}{' …' if count > _SAMPLE else ''}"
    )
    if run.accept_removals:
        run.log.warning("%s Accepted beforehand by the run's parameter accept_removals.", subject)
        return None
    if removed.on_exceeded == "fail":
        raise Stop(
            f"{count} of {own} cards would be marked as removed; {'; '.join(reasons)}. Nothing was written. "
            f"First of them, by {run.task.target.key}: {sample}. If this is right, start the DAG by hand with "
            "accept_removals."
        )
    return Approval(subject, body)
