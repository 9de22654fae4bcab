"""The first step: prove that the run can work, decide what it will do, and find out which records there are.

Everything after it works on partitions of ids that the sweep has named. The plan also repairs: what a dead run had
already brought into ESM is folded into the memory before anything is compared with it, so that nothing is pushed
twice, and its staging is swept away.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from typing import Any

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.jira.auth import expiry_warning
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.model.schedule import cleared_between
from airflow_provider_jira.sync.awaiting import result_of
from airflow_provider_jira.sync.cache import Memory
from airflow_provider_jira.sync.comments import SETTLED
from airflow_provider_jira.sync.handover import Costs, Partition, PlanFile, Planned, Swept, pack
from airflow_provider_jira.sync.memories import Together
from airflow_provider_jira.sync.preflight import Checked, check
from airflow_provider_jira.sync.reading import Reading, Sweep, reading
from airflow_provider_jira.sync.reading.base import Since
from airflow_provider_jira.sync.run import PLAN_TIME, Run, Stop
from airflow_provider_jira.sync.shards import bounds_for, cut, pack_ids
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
        notes.append("The Jira site, the ESM or the target has changed: the task cache starts anew.")
    both = run.together(memory)
    since = _since(run, memory, both, notes)
    way = reading(run)
    sweep, checked, costs = result_of(_look(run, way, both, since))
    if warning := expiry_warning(run.jira, started.date()):
        run.log.warning("%s", warning)
        notes.append(warning)
    why = _cleared(run, memory, started)
    plan_id = f"{started.astimezone(timezone.utc):{PLAN_TIME}}-{uuid.uuid4().hex[:12]}"
    ids = sorted(sweep.ids)
    # A full run keeps the partitions in step with the shards; what an incremental one finds is too little for that.
    bounds = bounds_for(ids if since is None else sorted({*memory.known, *ids}), () if moved else memory.bounds)
    parts = cut(ids, bounds if since is None else bounds_for(ids))
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
        approximate=sweep.approximate,
        warnings=tuple(sweep.warnings),
        mode="full" if since is None else "incremental",
        watermark=None if moved else memory.manifest.watermark,
        search_began=sweep.began.isoformat() if sweep.began else None,
        dropped=sweep.dropped,
        swept=len(parts),
        place=run.place,
        beside=run.beside,
        shape=run.shape,
    )
    partitions = _stage(run, way, file, parts, sweep, memory, both)
    if any(part.comments for part in run.parts):
        run.staged(plan_id).write(SETTLED, pack_ids(run.settled(memory)))
    run.staged(plan_id).write("plan", file)
    pushes = "everything" if why else "differences"
    run.log.info(
        "%s read: Jira has %d records; %d are known. This run pushes %s%s.",
        file.mode.capitalize(), len(ids), len(both.known), pushes, f" ({why})" if why else "",
    )  # fmt: skip
    return pack(
        Planned(
            plan=plan_id,
            started=started.isoformat(),
            mode=file.mode,
            pushes=pushes,
            why=why,
            records=len(ids),
            known=len(both.known),
            partitions=partitions,
            notes=(*notes, *sweep.notes),
            costs=costs,
        )
    )


def _since(run: Run, memory: Memory, both: Together, notes: list[str]) -> Since | None:
    """Decide whether the run reads only what has changed."""
    if run.task.fetch_type != "incremental" or run.read_everything or memory.manifest.watermark is None:
        return None
    if memory.manifest.scope != run.scope or memory.manifest.place != run.place:
        notes.append("What the task reads has changed: this run reads everything.")
        return None
    if memory.manifest.shape != run.shape:
        notes.append("The mapping has changed: this run reads everything.")
        return None
    again = frozenset(memory.ledger) | both.unsure
    return Since(datetime.fromisoformat(memory.manifest.watermark), again)


async def _look(run: Run, way: Reading, both: Together, since: Since | None) -> tuple[Sweep, Checked, Costs]:
    async with JiraClient(run.jira) as jira, open_store(run.esm) as store:
        checked = await check(run, way, jira, store)
        await _prove_own_cards_visible(run, store, both)
        sweep = await way.sweep(jira, since)
        return sweep, checked, Costs.of(jira, store)


async def _prove_own_cards_visible(run: Run, store: CardStore, both: Together) -> None:
    """A user without permission sees no cards instead of an error: writing then would create every card a second
    time."""
    written = sum(known.card_id > 0 for known in both.known.values())
    if not written:
        return
    for part in run.parts:
        async for _ in store.owned(part.target, run.stamp):
            return
    templates = " or ".join(repr(part.target.template) for part in run.parts)
    attributes = " or ".join(repr(code) for code in dict.fromkeys(part.target.task_id_attribute for part in run.parts))
    tasks = [run.task.id, *run.beside]
    commands = ", ".join(
        f"`airflow jira-connector clear-cache --cards {run.connector.connector} {task}`" for task in tasks
    )
    raise Stop(
        f"This task has written {written} cards of template {templates}, and ESM shows none of them "
        f"(attribute {attributes} = {run.stamp!r}). Nothing was written. Give the WebAPI user of "
        f"the ESM connection permission to read them; if they were really all deleted, run {commands} and start again."
    )


def _cleared(run: Run, memory: Memory, now: datetime) -> str | None:
    """Say why the cache counts as empty, or nothing where it does not."""
    if run.clear_cache:
        return "asked for by hand"
    if memory.cleared:
        return "the cache was cleared"
    if set(memory.manifest.beside) - set(run.beside):
        return "a task that wrote the same cards is not there any more, and what it knew with it"
    as_of = memory.manifest.as_of
    hours = run.task.cache.clear_hours
    if hours is None:
        hours = run.default_clear_hours
    if as_of is not None and cleared_between(hours, datetime.fromisoformat(as_of), now):
        return "a clear hour has passed since the last run"
    return None


def _stage(
    run: Run,
    way: Reading,
    file: PlanFile,
    parts: list[list[int]],
    sweep: Sweep,
    memory: Memory,
    both: Together,
) -> tuple[Partition, ...]:
    """Stage each partition with what is known of its records; empty ones need no task, but for the first."""
    staged = run.staged(file.plan)
    filled = [at for at, part in enumerate(parts) if part or not at]
    partitions = []
    for index, part in enumerate(parts):
        rows = [(id_, both.known[id_]) for id_ in part if id_ in both.known]
        digests = {} if file.cleared else {id_: known.digest for id_, known in rows if known.digest is not None}
        swept = Swept(
            ids=part,
            held=[] if index else sorted(sweep.held),
            digests=digests,
            cards={id_: known.card_id for id_, known in rows if known.card_id},
            records=[sweep.records[id_] for id_ in part if id_ in sweep.records],
            waiting=[id_ for id_ in part if id_ in memory.ledger],
        )
        staged.write(f"swept/{index:02}", swept)
        if index in filled:
            label = way.label(part, filled.index(index), len(filled))
            partitions.append(Partition(file.plan, index, label, len(part)))
    return tuple(partitions)
