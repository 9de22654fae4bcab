"""What a run did, in the form that an administrator reads: the XCom of ``commit`` and the last lines of its log."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from airflow_provider_jira.sync.handover import Costs, Extracted, Loaded, Planned, Removed, Reviewed
from airflow_provider_jira.sync.receipts import Folded
from airflow_provider_jira.sync.run import Run

_NAMED = 50


class RefusedRecord(msgspec.Struct, frozen=True):
    """One record that waits in the ledger. ``runs`` = in how many runs it has been refused."""

    id: int
    code: str
    attribute: str | None
    message: str
    runs: int


class Report(msgspec.Struct, frozen=True):
    """The sums of one run. Counts are records or cards; nothing in here is a value of either.

    :param pushes: ``differences``, or ``everything`` where the cache counted as empty
    :param read: records that Jira returned
    :param created: cards made
    :param updated: cards changed
    :param unchanged: records that ESM had already
    :param refused: records that ESM or the mapping refused in this run
    :param waiting: records in the ledger after this run
    :param marked_removed: cards that got the removed status
    :param kept: cards without a record that were not marked, by reason
    :param refused_records: the first 50 of the ledger
    :param requests: how many requests went to ``jira`` and ``esm``
    :param waited_seconds: time lost waiting because of limits
    :param failed_tasks: tasks of this run that failed
    :param failure: why the run ends as failed; ``None`` where it does not
    """

    task: str
    run_id: str
    mode: str
    pushes: str
    started: str | None
    finished: str
    read: int
    created: int
    updated: int
    unchanged: int
    refused: int
    waiting: int
    vanished: int
    marked_removed: int
    kept: dict[str, int]
    refused_records: tuple[RefusedRecord, ...]
    requests: dict[str, int]
    retries: int
    waited_seconds: float
    notes: tuple[str, ...]
    failed_tasks: tuple[str, ...]
    failure: str | None

    def tell(self, log: logging.Logger) -> None:
        """Write the report as the log's last lines."""
        log.info("Report of %s, %s (pushed %s)", self.task, self.run_id, self.pushes)
        log.info(
            "  %d read, %d created, %d updated, %d unchanged, %d refused, %d marked removed",
            self.read, self.created, self.updated, self.unchanged, self.refused, self.marked_removed,
        )  # fmt: skip
        log.info(
            "  %d requests to Jira, %d to ESM, %d sent again, %.1f s waited",
            self.requests["jira"], self.requests["esm"], self.retries, self.waited_seconds,
        )  # fmt: skip
        for note in self.notes:
            log.info("  %s", note)
        for record in self.refused_records:
            log.warning("  Record %d waits (%s, run %d): %s", record.id, record.code, record.runs, record.message)
        if self.failure:
            log.error("  %s", self.failure)


def make_report(
    run: Run,
    plan: Planned | None,
    extracted: Sequence[Extracted],
    reviewed: Reviewed | None,
    loaded: Sequence[Loaded],
    removed: Removed | None,
    *,
    folded: Folded,
    failed: Sequence[str],
    unloaded: int,
    notes: Sequence[str],
) -> Report:
    """Add up a run from what its steps returned and from the receipts, which count even where a step did not return."""
    costs = sum(
        (step.costs for step in (plan, *extracted, reviewed, *loaded, removed) if step is not None),
        Costs(),
    )
    statuses = [receipt.status for receipt in folded.latest.values()]
    verdicts = {} if removed is None else removed.verdicts
    refused = statuses.count("refused")
    lost = sum(part.vanished for part in extracted)
    told = [*(plan.notes if plan else ()), *(removed.notes if removed else ()), *notes]
    if lost:
        told.append(f"{lost} records disappeared from Jira while they were being read; the next run will see.")
    return Report(
        task=run.task_id,
        run_id=run.run_id,
        mode=plan.mode if plan else "full",
        pushes=plan.pushes if plan else "nothing",
        started=plan.started if plan else None,
        finished=run.now().isoformat(),
        read=sum(part.read for part in extracted),
        created=statuses.count("created"),
        updated=statuses.count("updated"),
        unchanged=sum(part.unchanged for part in extracted),
        refused=refused,
        waiting=len(folded.ledger),
        vanished=lost,
        marked_removed=verdicts.get("gone", 0) + verdicts.get("out_of_scope", 0),
        kept={name: count for name, count in verdicts.items() if name.startswith("kept")},
        refused_records=_named(folded),
        requests={"jira": costs.jira, "esm": costs.esm},
        retries=costs.retries,
        waited_seconds=costs.waited,
        notes=tuple(told),
        failed_tasks=tuple(failed),
        failure=_failure(run, failed, unloaded, refused, verdicts.get("refused", 0)),
    )


def _named(folded: Folded) -> tuple[RefusedRecord, ...]:
    first = sorted(folded.ledger.items())[:_NAMED]
    return tuple(RefusedRecord(id_, entry.code, entry.attribute, entry.message, entry.runs) for id_, entry in first)


def _failure(run: Run, failed: Sequence[str], unloaded: int, refused: int, unmarked: int) -> str | None:
    reasons = []
    if failed:
        reasons.append(f"{', '.join(failed)} failed: see the log there. What ESM accepted before is kept.")
    elif unloaded:
        reasons.append(
            f"{unloaded} shares were never loaded. Clear load with its downstream tasks, or start a new run."
        )
    if refused > run.task.refused_records.max:
        reasons.append(
            f"{refused} records were refused, and `refused_records: max` is {run.task.refused_records.max}. "
            "They are pushed again in every run until ESM accepts them."
        )
    if unmarked:
        reasons.append(f"{unmarked} cards could not be marked removed: ESM refused. The next run tries again.")
    return " ".join(reasons) or None
