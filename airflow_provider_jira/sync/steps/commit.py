"""The last step, whatever became of the others: fold the receipts into the memory, flip it, and report.

Commit runs even when load failed, because what ESM accepted is accepted. It is the only writer of the memory. It
changes nothing where the manifest is not the one that plan read, unless this very plan wrote it (a commit that died
after the flip, or a cleared task): folding the same receipts twice gives the same memory.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow_provider_jira.model.window import advanced
from airflow_provider_jira.sync.cache import Memory
from airflow_provider_jira.sync.handover import (
    Extracted,
    Loaded,
    PlanFile,
    Planned,
    Removed,
    Reviewed,
    Swept,
    pack,
    unpack,
)
from airflow_provider_jira.sync.receipts import Folded, fold, receipts, removals
from airflow_provider_jira.sync.report import make_report
from airflow_provider_jira.sync.run import Run
from airflow_provider_jira.sync.shards import Known
from airflow_provider_jira.sync.staging import PlanStaging, Unreadable


def commit(
    run: Run,
    planned: dict[str, Any] | None,
    extracted: list[dict[str, Any]],
    reviewed: dict[str, Any] | None,
    loaded: list[dict[str, Any]],
    removed: dict[str, Any] | None,
    failed: list[str],
    related: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Fold, flip, report. Every argument is what that step returned, or nothing where it did not come to it.

    :param failed: ids of the tasks before this one that failed
    :param loaded: what each load returned, of both waves
    :param related: what relate returned, where there is a second wave
    :returns: the report; ``failure`` says why the run must end as failed, or is ``None``
    """
    plan = None if planned is None else unpack(planned, Planned)
    folded, flipped = Folded({}, {}, {}), False
    notes: list[str] = []
    unloaded = _unloaded(run, reviewed, related, loaded)
    if plan is not None:
        parts = [unpack(part, Extracted) for part in extracted]
        complete = removed is not None and not failed and not unloaded and len(parts) == len(plan.partitions)
        newest = max((part.newest for part in parts if part.newest), default=None)
        flipped, folded, notes = _commit_plan(run, run.staged(plan.plan), complete=complete, newest=newest)
    report = make_report(
        run,
        plan,
        [unpack(part, Extracted) for part in extracted],
        None if reviewed is None else unpack(reviewed, Reviewed),
        [unpack(part, Loaded) for part in loaded],
        None if removed is None else unpack(removed, Removed),
        folded=folded,
        failed=failed,
        unloaded=unloaded,
        notes=notes,
        watermark=_kept_watermark(run),
    )
    if plan is not None and flipped:
        _sweep(run, keep=plan.plan)
    report.tell(run.log)
    return pack(report)


def _unloaded(
    run: Run, reviewed: dict[str, Any] | None, related: dict[str, Any] | None, loaded: list[dict[str, Any]]
) -> int:
    """Count the shares that nobody loaded: a task set to success by hand leaves nothing."""
    if reviewed is None:
        return 0
    second = reviewed["second"] if related is None else related["shares"]
    return len(reviewed["shares"]) + (len(second) if run.task.two_waves else 0) - len(loaded)


def recover(run: Run) -> list[str]:
    """Fold what dead runs have brought in, and sweep their staging away.

    :returns: sentences for the report
    """
    notes: list[str] = []
    for name in run.staging.plans(run.key):
        staged = run.staging.plan(run.key, name)
        if staged.exists("plan") and (staged.names("receipts") or staged.names("removals")):
            version = run.cache.version()
            try:
                flipped, folded, problems = _commit_plan(run, staged, complete=False)
            except Unreadable as unreadable:
                flipped, folded, problems = False, Folded({}, {}, {}), []
                notes.append(
                    f"What a run before this one had staged cannot be read ({unreadable}): it is pushed again."
                )
            # Receipts that do not fit the memory any more are no loss: what they tell of is pushed once more.
            if flipped and run.cache.version() != version:
                notes += problems
                notes.append(f"A run before this one died; what ESM had said of {len(folded.latest)} records was kept.")
        staged.remove()
    return notes


def _commit_plan(
    run: Run, staged: PlanStaging, *, complete: bool, newest: str | None = None
) -> tuple[bool, Folded, list[str]]:
    file = staged.read("plan", PlanFile)
    base = run.cache.read()
    mine = base.manifest.plan == file.plan
    told = list(receipts(staged))
    if (base.version != file.version and not mine) or file.scope != run.scope:
        note = (
            "While this run was under way the task cache was cleared, another run of this task was committed, or the "
            "definition changed: the cache is left as it is, and the next run pushes what it does not hold."
        )
        return False, fold({}, {}, told, file.plan), [*base.notes, note]
    known = {} if file.moved and not mine else base.known
    if file.cleared and not mine:
        known = {id_: Known(None, entry.card_id, entry.project_id) for id_, entry in known.items()}
    since, until = int(datetime.fromisoformat(file.as_of).timestamp()), int(run.now().timestamp())
    folded = fold(known, base.ledger, told, file.plan, since, until)
    _forget(folded, staged, file, complete=complete)
    kept = None if file.moved and not mine else base.manifest.watermark
    expected = base.version
    flipped = run.cache.commit(
        base,
        generation=_generation(base, file),
        known=folded.known,
        ledger=folded.ledger,
        bounds=file.bounds,
        plan=file.plan,
        as_of=file.as_of,
        # The first run decides what is compared with, however it ended; later only a complete one does.
        scope=file.scope if complete or base.manifest.scope is None else base.manifest.scope,
        place=run.place,
        watermark=_watermark(file, newest) if complete else kept,
        still_mine=lambda: run.cache.version() == expected,
    )
    notes = list(base.notes)
    if not flipped:
        notes.append("The task cache was cleared while this run was being committed: it stays cleared.")
    return flipped, folded, notes


def _watermark(file: PlanFile, newest: str | None) -> str | None:
    if file.search_began is None:
        return None
    reached = advanced(_moment(file.watermark), _moment(newest), datetime.fromisoformat(file.search_began))
    return reached.isoformat() if reached else None


def _kept_watermark(run: Run) -> str | None:
    """Read what is in force now, for incremental tasks; full ones keep one for nobody."""
    manifest = run.cache.manifest() if run.task.fetch_type == "incremental" else None
    return manifest.watermark if manifest else None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _generation(base: Memory, file: PlanFile) -> str:
    """Name the generation after the plan; a plan that commits again must not overwrite texts that are in force."""
    again = base.manifest.generation.rpartition(".")[2] if base.manifest.plan == file.plan else "0"
    return f"{file.plan}.{int(again) + 1 if again.isdecimal() else 1}"


def _forget(folded: Folded, staged: PlanStaging, file: PlanFile, *, complete: bool) -> None:
    """Drop what is no longer this task's: marked cards, and after a complete run whatever it neither read nor kept."""
    fates = {removal.record: removal for removal in removals(staged)}
    for record, fate in fates.items():
        if fate.marked:
            folded.known.pop(record, None)
            folded.ledger.pop(record, None)
    if not complete:
        return
    for record in file.dropped:
        folded.ledger.pop(record, None)
    if file.mode != "full":
        return
    swept = [staged.read(f"swept/{at:02}", Swept) for at in range(file.swept)]
    keep = {id_ for part in swept for id_ in (*part.ids, *part.held)}
    keep.update(record for record, fate in fates.items() if not fate.marked)
    for record in [record for record in folded.known if record not in keep]:
        del folded.known[record]
    for record in [record for record in folded.ledger if record not in keep]:
        del folded.ledger[record]


def _sweep(run: Run, *, keep: str) -> None:
    """Clear staging away. The plan just committed stays until the next one, so that its tasks can still be cleared."""
    for name in run.staging.plans(run.key):
        if name != keep:
            run.staging.plan(run.key, name).remove()
