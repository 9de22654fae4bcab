"""The last step, whatever became of the others: fold the receipts into the memory, flip it, and report.

Commit runs even when load failed, because what ESM accepted is accepted. It is the only writer of the memory. It
changes nothing where the manifest is not the one that plan read, unless this very plan wrote it (a commit that died
after the flip, or a cleared task): folding the same receipts twice gives the same memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from airflow_provider_jira.model.window import advanced
from airflow_provider_jira.sync.cache import LedgerEntry, Memory
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
from airflow_provider_jira.sync.receipts import Folded, Receipt, fold, receipts, removals, settled
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
        # What vanished between search and fetch may only have been hidden for a moment: it is searched for again.
        lost = sum(part.vanished for part in parts)
        newest = None if lost else max((part.newest for part in parts if part.newest), default=None)
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
                    f"What a run before this one had staged cannot be read ({unreadable}): all that it may have "
                    "written is pushed again."
                )
                if name != run.cache.read().manifest.plan:
                    run.cache.clear(generation=f"{name}.unreadable", at=run.now())
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
    if (base.version != file.version and not mine) or (file.scope, file.place) != (run.scope, run.place):
        note = (
            "While this run was under way the task cache was cleared, another run of this task was committed, or the "
            "definition changed: the cache learns nothing from it, and the next run pushes what it has written again."
        )
        if file.place == run.place:
            _doubt(run, base, told, file)
        return False, fold({}, {}, told, file.plan), [*base.notes, note]
    known = {} if file.moved and not mine else base.known
    comments = frozenset[int]() if file.moved and not mine else base.settled
    since, until = int(datetime.fromisoformat(file.as_of).timestamp()), int(run.now().timestamp())
    if file.cleared and not mine:
        # What was accepted is forgotten, when it was is not: a companion compares its own time with it.
        known = {id_: msgspec.structs.replace(entry, digest=None) for id_, entry in known.items()}
    folded = fold(known, base.ledger, told, file.plan, since, until)
    _forget(folded, staged, file, _Graves(run, since, until), complete=complete)
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
        place=file.place,
        watermark=_watermark(file, newest) if complete else kept,
        still_mine=lambda: run.cache.version() == expected,
        beside=file.beside,
        # An incremental run that died has not read what a changed mapping asks for.
        shape=file.shape if complete or not base.manifest.shape else base.manifest.shape,
        comments=comments | folded.settled | settled(staged),
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


def _doubt(run: Run, base: Memory, told: Iterable[Receipt], file: PlanFile) -> None:
    """Believe nothing of records that a run has written which cannot be committed: ESM may hold what it wrote, and what
    the memory says of them may come true again in Jira. They are read again by id, also by incremental runs."""
    known, ledger = dict(base.known), dict(base.ledger)
    for receipt in told:
        entry = known.get(receipt.id)
        if entry is not None and entry.digest not in (None, receipt.digest):
            known[receipt.id] = Known(None, entry.card_id, entry.project_id, entry.since, entry.until)
            ledger[receipt.id] = LedgerEntry(
                "unsure", None, "a run that could not be committed has written it", file.plan, 1, receipt.name
            )
    was = base.manifest
    if known != base.known:
        run.cache.commit(
            base,
            generation=f"{file.plan}.doubt",
            known=known,
            ledger=ledger,
            bounds=base.bounds or (0,),
            plan=was.plan or "",
            as_of=was.as_of or file.as_of,
            scope=was.scope,
            place=was.place or file.place,
            watermark=was.watermark,
            still_mine=lambda: run.cache.version() == base.version,
            beside=was.beside,
            shape=was.shape,
        )


class _Graves:
    """Where forgotten records go that a companion still believes to know: an entry without digest, later than its."""

    def __init__(self, run: Run, since: int, until: int) -> None:
        self._others = [other.known for other in run.others().values()]
        self._since, self._until = since, until

    def bury(self, known: dict[int, Known], record: int) -> None:
        """Forget one record."""
        old = known.pop(record, None)
        if any((theirs := other.get(record)) is not None and theirs.digest is not None for other in self._others):
            buried = old is not None and old.digest is None and not old.card_id and old.since
            known[record] = old if old is not None and buried else Known(None, 0, 0, self._since, self._until)


def _forget(folded: Folded, staged: PlanStaging, file: PlanFile, graves: _Graves, *, complete: bool) -> None:
    """Drop what is no longer this task's: marked cards, and after a complete run whatever it neither read nor kept."""
    fates = {removal.record: removal for removal in removals(staged)}
    for record, fate in fates.items():
        if fate.marked:
            graves.bury(folded.known, record)
            folded.ledger.pop(record, None)
    if not complete:
        return
    for record in file.dropped:
        graves.bury(folded.known, record)
        folded.ledger.pop(record, None)
    if file.mode != "full":
        return
    swept = [staged.read(f"swept/{at:02}", Swept) for at in range(file.swept)]
    keep = {id_ for part in swept for id_ in (*part.ids, *part.held)}
    keep.update(record for record, fate in fates.items() if not fate.marked)
    for record in [record for record in folded.known if record not in keep]:
        graves.bury(folded.known, record)
    for record in [record for record in folded.ledger if record not in keep]:
        del folded.ledger[record]


def _sweep(run: Run, *, keep: str) -> None:
    """Clear staging away. The plan just committed stays until the next one, so that its tasks can still be cleared."""
    for name in run.staging.plans(run.key):
        if name != keep:
            run.staging.plan(run.key, name).remove()
