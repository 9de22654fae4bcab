"""The third step: look at the whole before anything is written.

Review adds up what the partitions found, cuts the writing into shares, and finds the cards of this task whose record
was not in the read. It stops a run whose read is not complete, and asks (or stops) before a mass removal.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import msgspec

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.sync.awaiting import result_of
from airflow_provider_jira.sync.handover import (
    Costs,
    Extracted,
    PlanFile,
    Planned,
    Reviewed,
    Share,
    pack,
    unpack,
)
from airflow_provider_jira.sync.preflight import prove_same_account
from airflow_provider_jira.sync.reading import Candidate, Reading, reading
from airflow_provider_jira.sync.receipts import Receipt
from airflow_provider_jira.sync.run import Run, Stop
from airflow_provider_jira.sync.shards import Known
from airflow_provider_jira.sync.staging import PlanStaging
from airflow_provider_jira.sync.steps.asking import approval
from airflow_provider_jira.sync.steps.extract import Seen

MAX_SHARES = 16
SHARE_RECORDS = 2_000
BATCH_CARDS = 200
FATES = ("gone", "out_of_scope")


class Candidates(msgspec.Struct):
    """What ESM's own list of the task's cards tells.

    :param cards: cards whose record was not read
    :param own_cards: part -> how many cards the task owns, those marked removed left out
    :param returned: marked cards whose record is back, and whose mark is to be taken off
    :param still_marked: marked cards whose record is back, and whose mark stays
    :param lost: records that were read and whose card is not among the task's any more
    """

    cards: list[Candidate] = []
    own_cards: dict[int, int] = {}
    returned: list[Candidate] = []
    still_marked: int = 0
    lost: int = 0


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
    if len(parts) != len(plan.partitions):
        raise Stop(
            f"{len(plan.partitions) - len(parts)} of {len(plan.partitions)} partitions were not read. Nothing was "
            "written. Clear extract with its downstream tasks, or start a new run."
        )
    _prove_complete(plan, file, parts)
    review_id = f"{run.attempt:03}-{uuid.uuid4().hex[:8]}"
    candidates, costs = Candidates(), Costs()
    if plan.mode == "full" and any(part.removed_records for part in run.parts):
        candidates, costs = result_of(_candidates(run, staged, file, parts))
        staged.write(f"candidates/{review_id}", candidates)
    for at, part in enumerate(parts):
        if part.refused:
            staged.write(f"receipts/{review_id}/mapping.{at:03}", staged.read(f"{part.base}/refused", list[Receipt]))
    first, second = _waves(run, plan.plan, review_id, [chunk for part in parts for chunk in part.chunks])
    reviewed = Reviewed(
        review=review_id,
        shares=first,
        second=second,
        approval=approval(run, candidates.cards, candidates.own_cards, scope_changed=file.scope_changed),
        read=sum(part.read for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        to_push=sum(share.records for share in (*first, *second)),
        fresh=sum(part.fresh for part in parts),
        refused=sum(part.refused for part in parts),
        vanished=sum(part.vanished for part in parts),
        candidates=len(candidates.cards),
        own_cards=sum(candidates.own_cards.values()),
        returned=len(candidates.returned),
        notes=_notes(candidates),
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
    if plan.mode == "full" and file.approximate is not None and file.approximate > plan.records * 1.1 + 50:
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


async def _candidates(
    run: Run, staged: PlanStaging, file: PlanFile, parts: list[Extracted]
) -> tuple[Candidates, Costs]:
    way = reading(run)
    read_keys: dict[int, set[str]] = {at: set() for at in range(len(run.parts))}
    read_ids: set[int] = set()
    for extracted in parts:
        seen = staged.read(f"{extracted.base}/seen", Seen)
        read_ids.update(seen.ids)
        for at, keys in seen.keys.items():
            read_keys[at].update(keys)
    known = {} if file.moved else run.together(run.cache.read()).known
    record_of = {str(entry.card_id): id_ for id_, entry in known.items() if entry.card_id}
    found = Candidates()
    own_ids: set[str] = set()
    async with JiraClient(run.jira) as jira, open_store(run.esm) as store:
        for at, part in enumerate(run.parts):
            removed = part.removed_records
            if removed is None:
                continue
            async for card in store.owned(part.target, run.stamp, [removed.attribute]):
                own_ids.add(card.card_id)
                marked = removed.value in card.values.get(removed.attribute, ())
                found.own_cards[at] = found.own_cards.get(at, 0) + (not marked)
                record = way.number(at, card.key) or record_of.get(card.card_id, 0)
                candidate = Candidate(record, card.key, card.card_id, at)
                if card.key in read_keys[at]:
                    if marked and removed.returned_value is not None:
                        found.returned.append(candidate)
                    else:
                        found.still_marked += marked
                elif record not in read_ids and not marked:
                    found.cards.append(candidate)
            _prove_visible(run, at, own_ids, (known.get(way.number(at, key)) for key in read_keys[at]))
        found.lost = (
            sum(
                id_ in read_ids and known[id_].digest is not None
                for card, id_ in record_of.items()
                if card not in own_ids
            )
            if all(part.removed_records for part in run.parts)
            else 0
        )
        found.cards = await _wanted(run, file, way, jira, found.cards)
        return found, Costs.of(jira, store)


def _prove_visible(run: Run, part: int, own_ids: set[str], read: Iterable[Known | None]) -> None:
    """See that cards of a part which this task has written are among those that ESM shows; if none is, ESM hides them,
    and neither what is gone nor what would be created a second time could be told."""
    written = [entry.card_id for entry in read if entry is not None and entry.card_id]
    if written and not any(str(card) in own_ids for card in written):
        target = run.parts[part].target
        raise Stop(
            f"This task has written {len(written)} cards of template {target.template!r}, and ESM shows none of them "
            f"with attribute {target.task_id_attribute!r} = {run.stamp!r}. Nothing was written. Give the WebAPI user "
            "of the ESM connection permission to read that attribute, or see who has changed it."
        )


async def _wanted(run: Run, file: PlanFile, way: Reading, jira: JiraClient, cards: list[Candidate]) -> list[Candidate]:
    """Leave out the cards that the definition's ``on`` would not mark whatever they are, so that neither the limit nor
    an administrator is bothered with them in every run. Where it marks all, the second look comes later, nearer to
    the marking."""
    wanted = {at: part.removed_records.on for at, part in enumerate(run.parts) if part.removed_records}
    if not cards or all(len(on) > 1 for on in wanted.values()):
        return cards
    await prove_same_account(jira, file.account)
    projects = {id_: known.project_id for id_, known in run.together(run.cache.read()).known.items()}
    left = []
    for start in range(0, len(cards), BATCH_CARDS):
        batch = cards[start : start + BATCH_CARDS]
        verdicts = await way.judge(jira, batch, projects)
        left += [
            card
            for card, verdict in zip(batch, verdicts, strict=True)
            if verdict not in FATES or verdict in wanted[card.part]
        ]
    return left


def _notes(candidates: Candidates) -> tuple[str, ...]:
    notes = []
    if candidates.still_marked:
        notes.append(
            f"{candidates.still_marked} cards keep the removed status though their records are back: nothing takes it "
            "off but `removed_records: returned_value`, or a person."
        )
    if candidates.lost:
        notes.append(
            f"{candidates.lost} cards that this task has written are not its own any more: they carry another task's "
            "id now, or lie in ESM's trash. Two tasks should not read the same records."
        )
    return tuple(notes)


def _waves(
    run: Run, plan: str, review_id: str, chunks: list[tuple[str, int, int]]
) -> tuple[tuple[Share, ...], tuple[Share, ...]]:
    """Cut the writing into shares, and these into what has to be written first and what points at it."""
    first: list[Share] = []
    second: list[Share] = []
    for at in range(len(run.parts)):
        wave = second if at else first
        wave += _shares(plan, review_id, at, [(name, records) for name, records, part in chunks if part == at])
    return tuple(first), tuple(second)


def _shares(plan: str, review_id: str, part: int, chunks: list[tuple[str, int]]) -> list[Share]:
    """Deal the chunks out; a share is large enough to be worth a task's start, and there are at most 16."""
    total = sum(records for _, records in chunks)
    count = min(MAX_SHARES, len(chunks), max(1, -(-total // SHARE_RECORDS)))
    dealt = [chunks[at::count] for at in range(count)]
    return [
        Share(
            plan=plan,
            review=review_id,
            wave=2 if part else 1,
            part=part,
            index=at,
            label=f"share {at + 1} of {count}",
            chunks=tuple(name for name, _ in hand),
            records=sum(records for _, records in hand),
        )
        for at, hand in enumerate(dealt)
    ]
