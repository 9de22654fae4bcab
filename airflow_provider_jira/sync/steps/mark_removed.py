"""The step after the load: give the removed status to cards whose record is gone, after looking again.

A card is a candidate because its record was not in a complete read. That read may have come from a search index, which
lags, so each candidate is read again by id:

* Jira returns it and the task would take it: the list was late, the card is kept;
* Jira returns it and the task would not take it: it has left this task's view, the card is marked;
* Jira does not return it: it is gone (deleted or hidden; Jira does not say which) and the card is marked, unless its
  project cannot be read any more, for then nothing is known, and the card is kept.

Which of the two fates are marked, the definition may narrow. Where it says what a card gets whose record is back, the
mark is taken off here, too.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.store import CardStore, CardWrite
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.model.card import Card
from airflow_provider_jira.sync.handover import Costs, PlanFile, Planned, Removed, Reviewed, pack, unpack
from airflow_provider_jira.sync.preflight import prove_same_account
from airflow_provider_jira.sync.reading import Candidate, Reading, reading
from airflow_provider_jira.sync.receipts import Removal, receipts, removals
from airflow_provider_jira.sync.run import Run
from airflow_provider_jira.sync.steps.review import BATCH_CARDS, FATES, Candidates

_NAMED = 20
_TOLD = {
    "kept_matching": "{} cards kept: Jira's list was late, their records are still read.",
    "kept_unreadable": "{} cards kept: their project cannot be read any more, or Jira does not know the person just "
    "now, so nothing is known of their records.",
    "kept_unconfirmed": "{} cards kept: which record they belong to, or in which project it was, is not known.",
    "kept_by_rule": "{} cards kept: `removed_records: on` does not name what became of their records.",
    "returned": "{} cards whose records are back got `returned_value`.",
    "refused": "{} cards could not be marked: ESM refused.",
}


def mark_removed(run: Run, planned: dict[str, Any], reviewed: dict[str, Any]) -> dict[str, Any]:
    """Look again and mark.

    :param planned: what plan returned
    :param reviewed: what review returned
    :returns: a packed :class:`~airflow_provider_jira.sync.handover.Removed`
    :raises JiraError: Jira cannot be used
    :raises EsmError: ESM cannot be used
    """
    plan, sums = unpack(planned, Planned), unpack(reviewed, Reviewed)
    if not sums.candidates and not sums.returned:
        return pack(Removed({}, (), Costs()))
    staged = run.staged(plan.plan)
    found = staged.read(f"candidates/{sums.review}", Candidates)
    done = {removal.card_id: removal for removal in removals(staged) if removal.marked or removal.verdict == "returned"}
    verdicts: Counter[str] = Counter(removal.verdict for removal in done.values())
    waiting = [candidate for candidate in found.cards if candidate.card_id not in done]
    refused = {receipt.id for receipt in receipts(staged) if receipt.refused}
    returned = [each for each in found.returned if each.card_id not in done and each.record not in refused]
    costs = asyncio.run(_work(run, plan.plan, waiting, returned, verdicts))
    notes = tuple(text.format(verdicts[name]) for name, text in _TOLD.items() if verdicts[name])
    run.log.info("%d cards marked removed. %s", verdicts["gone"] + verdicts["out_of_scope"], " ".join(notes))
    return pack(Removed(dict(verdicts), notes, costs))


async def _work(
    run: Run,
    plan: str,
    candidates: Sequence[Candidate],
    returned: Sequence[Candidate],
    verdicts: Counter[str],
) -> Costs:
    projects = {id_: known.project_id for id_, known in run.together(run.cache.read()).known.items()}
    staged, way = run.staged(plan), reading(run)
    async with JiraClient(run.jira) as jira, open_store(run.esm) as store:
        await prove_same_account(jira, staged.read("plan", PlanFile).account)
        batches = 0
        for at in range(len(run.parts)):
            mine = [candidate for candidate in candidates if candidate.part == at]
            back = [(candidate, "returned") for candidate in returned if candidate.part == at]
            for start in range(0, len(mine), BATCH_CARDS):
                judged = await _judge(run, way, jira, mine[start : start + BATCH_CARDS], projects)
                batches = _tell(run, plan, batches, await _write(run, store, at, judged), verdicts)
            for start in range(0, len(back), BATCH_CARDS):
                told = await _write(run, store, at, back[start : start + BATCH_CARDS])
                batches = _tell(run, plan, batches, told, verdicts)
        return Costs.of(jira, store)


def _tell(run: Run, plan: str, batches: int, told: list[Removal], verdicts: Counter[str]) -> int:
    run.staged(plan).write(f"removals/{run.attempt:03}.{batches:05}", told)
    verdicts.update(removal.verdict for removal in told)
    return batches + 1


async def _judge(
    run: Run, way: Reading, jira: JiraClient, batch: Sequence[Candidate], projects: Mapping[int, int]
) -> list[tuple[Candidate, str]]:
    verdicts = await way.judge(jira, batch, projects)
    return [(one, _by_rule(run, one, verdict)) for one, verdict in zip(batch, verdicts, strict=True)]


def _by_rule(run: Run, candidate: Candidate, verdict: str) -> str:
    removed = run.parts[candidate.part].removed_records
    if verdict in FATES and (removed is None or verdict not in removed.on):
        return "kept_by_rule"
    return verdict


async def _write(run: Run, store: CardStore, part: int, judged: Sequence[tuple[Candidate, str]]) -> list[Removal]:
    """Give each card what its fate asks for; those that are kept get nothing."""
    removed, target = run.parts[part].removed_records, run.parts[part].target
    told, writes, written = [], [], []
    for one, fate in judged:
        value = None
        if removed is not None and not fate.startswith("kept"):
            value = removed.returned_value if fate == "returned" else removed.value
        if removed is None or value is None:
            told.append(Removal(one.record, one.card_id, fate, part=part))
            continue
        card = Card(one.key, {target.key: (one.key,), removed.attribute: (value,)})
        writes.append(CardWrite(card, one.card_id))
        written.append((one, fate))
    outcomes = await store.write(target, writes, create=False) if writes else ()
    for (one, fate), outcome in zip(written, outcomes, strict=True):
        if outcome.status == "refused":
            message = "; ".join(refusal.message for refusal in outcome.refusals)
            if sum(removal.verdict == "refused" for removal in told) < _NAMED:
                run.log.warning("Card %s could not be marked: %s", one.card_id, message)
            told.append(Removal(one.record, one.card_id, "refused", message, part))
        else:
            told.append(Removal(one.record, one.card_id, fate, part=part))
    return told
