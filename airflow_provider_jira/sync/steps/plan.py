"""The first step: prove that the run can work, decide what it will do, and find out which records there are.

The sweep reads ids only, 5,000 a page, in order of id, because Jira's page tokens cannot be used side by side;
everything after it works on ranges of ids that the sweep has named. The plan also repairs: what a dead run had
already brought into ESM is folded into the memory before anything is compared with it, so that nothing is pushed
twice, and its staging is swept away.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from typing import Any

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.model.jql import sweep_jql
from airflow_provider_jira.model.schedule import cleared_between
from airflow_provider_jira.sync.cache import Memory
from airflow_provider_jira.sync.handover import Costs, Partition, PlanFile, Planned, Swept, pack
from airflow_provider_jira.sync.preflight import Checked, check
from airflow_provider_jira.sync.run import Run, Stop
from airflow_provider_jira.sync.shards import bounds_for, cut
from airflow_provider_jira.sync.steps.commit import recover


def plan(run: Run) -> dict[str, Any]:
    """Check, decide and sweep.

    :returns: a packed :class:`~airflow_provider_jira.sync.handover.Planned`
    :raises Stop: the definition does not fit its systems, or what they show cannot be the truth
    :raises JiraError: Jira cannot be used
    :raises EsmError: ESM cannot be used
    """
    started = run.now()
    notes = recover(run)
    memory = run.cache.read()
    notes += memory.notes
    moved = memory.manifest.place not in (None, run.place)
    if moved:
        memory.known = {}
        notes.append("The Jira site, the ESM or the target has changed: the task cache starts anew.")
    ids, checked, warnings, approximate, costs = asyncio.run(_look(run, memory))
    why = _cleared(run, memory, started)
    plan_id = f"{started:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"
    bounds = bounds_for(ids, memory.bounds)
    partitions = _stage_sweep(run, plan_id, ids, bounds, memory, cleared=why is not None)
    file = PlanFile(
        plan=plan_id,
        run_id=run.run_id,
        as_of=started.isoformat(),
        account=checked.account,
        version=memory.version,
        scope=run.scope,
        scope_changed=memory.manifest.scope not in (None, run.scope),
        moved=moved,
        cleared=why is not None,
        bounds=bounds,
        fields=checked.fields,
        approximate=approximate,
        warnings=tuple(warnings),
    )
    run.staged(plan_id).write("plan", file)
    pushes = "everything" if why else "differences"
    run.log.info(
        "Jira has %d records for this JQL; the cache knows %d. This run pushes %s%s.",
        len(ids), len(memory.known), pushes, f" ({why})" if why else "",
    )  # fmt: skip
    return pack(
        Planned(
            plan_id,
            started.isoformat(),
            "full",
            pushes,
            why,
            len(ids),
            len(memory.known),
            partitions,
            tuple(notes),
            costs,
        )
    )


async def _look(run: Run, memory: Memory) -> tuple[list[int], Checked, list[str], int, Costs]:
    async with JiraClient(run.jira) as jira, open_store(run.esm) as store:
        checked = await check(run, jira, store)
        await _prove_own_cards_visible(run, store, memory)
        ids: set[int] = set()
        warnings: list[str] = []
        async for page in jira.sweep(sweep_jql(run.task.jql)):
            ids.update(page.ids)
            warnings.extend(page.warnings)
        approximate = await jira.approximate_count(run.task.jql)
        return sorted(ids), checked, warnings, approximate, Costs.of(jira, store)


async def _prove_own_cards_visible(run: Run, store: CardStore, memory: Memory) -> None:
    """A user without permission sees no cards instead of an error: writing then would create every card a second
    time."""
    written = sum(known.card_id > 0 for known in memory.known.values())
    if not written:
        return
    target = run.task.target
    async for _ in store.owned(target, run.task_id):
        return
    raise Stop(
        f"This task has written {written} cards of template {target.template!r}, and ESM shows none of them "
        f"(attribute {target.task_id_attribute!r} = {run.task_id!r}). Nothing was written. Give the WebAPI user of "
        f"the ESM connection permission to read them; if they were really all deleted, run "
        f"`airflow jira-connector clear-cache --cards {run.connector.connector} {run.task.id}` and start again."
    )


def _cleared(run: Run, memory: Memory, now: datetime) -> str | None:
    """Say why the cache counts as empty, or nothing where it does not."""
    if run.clear_cache:
        return "asked for by hand"
    as_of = memory.manifest.as_of
    hours = run.task.cache.clear_hours
    if hours is None:
        hours = run.default_clear_hours
    if as_of is not None and cleared_between(hours, datetime.fromisoformat(as_of), now):
        return "a clear hour has passed since the last run"
    return None


def _stage_sweep(
    run: Run, plan_id: str, ids: list[int], bounds: tuple[int, ...], memory: Memory, *, cleared: bool
) -> tuple[Partition, ...]:
    staged = run.staged(plan_id)
    partitions = []
    for index, part in enumerate(cut(ids, bounds)):
        if not part and index:
            staged.write(f"swept/{index:02}", Swept([], {}, {}))
            continue
        rows = [(id_, memory.known[id_]) for id_ in part if id_ in memory.known]
        digests = {} if cleared else {id_: known.digest for id_, known in rows if known.digest is not None}
        cards = {id_: known.card_id for id_, known in rows if known.card_id}
        staged.write(f"swept/{index:02}", Swept(part, digests, cards))
        label = f"{part[0]} to {part[-1]}" if part else "empty"
        partitions.append(Partition(plan_id, index, label, len(part)))
    return tuple(partitions)
