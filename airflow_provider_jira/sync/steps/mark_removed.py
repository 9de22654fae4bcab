"""The fifth step: give the removed status to cards whose record is gone, after looking again.

A card is a candidate because its record was not in a complete read. That read came from a search index, which lags,
so each candidate is read again by id:

* Jira returns it and it matches the JQL: the index was late, the card is kept;
* Jira returns it and it does not match: it has left this task's view, the card is marked;
* Jira does not return it: it is gone (deleted or hidden; Jira does not say which) and the card is marked, unless its
  project cannot be read any more, for then nothing is known, and the card is kept.
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
from airflow_provider_jira.sync.receipts import Removal, removals
from airflow_provider_jira.sync.run import Run
from airflow_provider_jira.sync.steps.review import Candidate, Candidates

BATCH_CARDS = 200
_TOLD = {
    "kept_matching": "{} cards kept: Jira's index was late, their records still match.",
    "kept_unreadable": "{} cards kept: their project cannot be read any more, so nothing is known of their records.",
    "kept_unconfirmed": "{} cards kept: which record they belong to, or in which project it was, is not known.",
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
    if not sums.candidates:
        return pack(Removed({}, (), Costs()))
    staged = run.staged(plan.plan)
    candidates = staged.read(f"candidates/{sums.review}", Candidates).cards
    done = {removal.card_id: removal for removal in removals(staged) if removal.marked}
    verdicts: Counter[str] = Counter(removal.verdict for removal in done.values())
    waiting = [candidate for candidate in candidates if candidate.card_id not in done]
    costs = asyncio.run(_work(run, plan.plan, waiting, verdicts))
    notes = tuple(text.format(verdicts[name]) for name, text in _TOLD.items() if verdicts[name])
    run.log.info("%d cards marked removed. %s", verdicts["gone"] + verdicts["out_of_scope"], " ".join(notes))
    return pack(Removed(dict(verdicts), notes, costs))


async def _work(run: Run, plan: str, candidates: Sequence[Candidate], verdicts: Counter[str]) -> Costs:
    projects = {id_: known.project_id for id_, known in run.cache.read().known.items()}
    staged = run.staged(plan)
    async with JiraClient(run.jira) as jira, open_store(run.esm) as store:
        await prove_same_account(jira, staged.read("plan", PlanFile).account)
        readable = await jira.readable_projects()
        for start in range(0, len(candidates), BATCH_CARDS):
            batch = candidates[start : start + BATCH_CARDS]
            judged = await _judge(run, jira, batch, readable, projects)
            told = await _mark(run, store, judged)
            staged.write(f"removals/{run.attempt:03}.{start // BATCH_CARDS:05}", told)
            verdicts.update(removal.verdict for removal in told)
        return Costs.of(jira, store)


async def _judge(
    run: Run,
    jira: JiraClient,
    batch: Sequence[Candidate],
    readable: frozenset[int],
    projects: Mapping[int, int],
) -> list[tuple[Candidate, str]]:
    ids = sorted({candidate.record for candidate in batch if candidate.record})
    returned = {issue.id async for issues in jira.fetch(ids, ["project"]) for issue in issues}
    matching = await jira.matching(run.task.jql, sorted(returned)) if returned else frozenset()
    return [(candidate, verdict(candidate.record, returned, matching, readable, projects)) for candidate in batch]


def verdict(
    record: int,
    returned: set[int],
    matching: frozenset[int],
    readable: frozenset[int],
    projects: Mapping[int, int],
) -> str:
    """Judge one candidate; pure, so that its table of cases can be read in the tests.

    :param record: record id, 0 where it is not known
    :param returned: of the candidates, the records that Jira returned by id
    :param matching: of these, the ones that match the JQL now
    :param readable: ids of the projects that can be read
    :param projects: record id -> id of the project it was last seen in
    """
    if record in matching:
        return "kept_matching"
    if record in returned:
        return "out_of_scope"
    if not record:
        return "kept_unconfirmed"
    project = projects.get(record, 0)
    possible = {project} if project else set(projects.values()) - {0}
    if not possible:
        return "kept_unconfirmed"
    return "gone" if possible <= readable else "kept_unreadable"


async def _mark(run: Run, store: CardStore, judged: Sequence[tuple[Candidate, str]]) -> list[Removal]:
    removed, target = run.task.removed_records, run.task.target
    told = [
        Removal(candidate.record, candidate.card_id, reason)
        for candidate, reason in judged
        if reason.startswith("kept") or removed is None
    ]
    to_mark = [(candidate, reason) for candidate, reason in judged if not reason.startswith("kept")]
    if removed is None or not to_mark:
        return told
    writes = [
        CardWrite(Card(one.key, {target.key: (one.key,), removed.attribute: (removed.value,)}), one.card_id)
        for one, _ in to_mark
    ]
    for (candidate, reason), outcome in zip(to_mark, await store.write(target, writes, create=False), strict=True):
        if outcome.status == "refused":
            message = "; ".join(refusal.message for refusal in outcome.refusals)
            run.log.warning("Card %s could not be marked removed: %s", candidate.card_id, message)
            told.append(Removal(candidate.record, candidate.card_id, "refused", message))
        else:
            told.append(Removal(candidate.record, candidate.card_id, reason))
    return told
