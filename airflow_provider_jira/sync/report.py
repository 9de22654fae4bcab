"""What a run did, in the form that an administrator reads: the XCom of ``commit`` and the last lines of its log."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import msgspec

from airflow_provider_jira.sync.handover import Costs, Extracted, Loaded, Planned, Removed, Reviewed
from airflow_provider_jira.sync.receipts import LEFT_ALONE, Folded
from airflow_provider_jira.sync.run import Run

_NAMED = 50


class RefusedRecord(msgspec.Struct, frozen=True):
    """One record that waits in the ledger.

    :param record: how Jira calls it where it is no issue: an account id or the id of a group
    :param runs: in how many runs it has waited
    """

    id: int
    record: str
    code: str
    attribute: str | None
    message: str
    runs: int


class Report(msgspec.Struct, frozen=True):
    """The sums of one run. Counts are records or cards; nothing in here is a value of either.

    :param mode: ``full`` or ``incremental``
    :param pushes: ``differences``, or ``everything`` where the cache counted as empty
    :param read: records that Jira returned
    :param created: cards made
    :param updated: cards changed
    :param unchanged: records that ESM had already
    :param refused: records that ESM or the mapping refused in this run
    :param waiting: records in the ledger after this run: refused, or pointing at cards that are not there
    :param pointing_nowhere: of those, how many this run has written but for such references
    :param taken_over: cards that carried another task's id until this run, by that id
    :param parts: the same counts of created, updated and refused cards, by kind of record
    :param watermark: up to where Jira has been read, of an incremental task
    :param marked_removed: cards that got the removed status
    :param returned: cards that lost it again, because their record is back and the definition says so
    :param kept: cards without a record that were not marked, by reason
    :param refused_records: the first 50 of the ledger
    :param requests: how many requests went to ``jira`` and ``esm``
    :param waited_seconds: time lost waiting because of limits
    :param comments: how many were ``appended`` to worklogs, how many were ``there`` already though the task did not
        know, how many are ``restricted`` and were left in Jira, how many came from ESM (``own``); empty where a task
        has none
    :param left_to_esm: attributes that were left as people changed them in ESM (``received``, ``conflict``)
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
    pointing_nowhere: int
    vanished: int
    marked_removed: int
    returned: int
    taken_over: dict[str, int]
    parts: dict[str, dict[str, int]]
    watermark: str | None
    kept: dict[str, int]
    refused_records: tuple[RefusedRecord, ...]
    requests: dict[str, int]
    retries: int
    waited_seconds: float
    notes: tuple[str, ...]
    failed_tasks: tuple[str, ...]
    failure: str | None
    comments: dict[str, int] = {}
    left_to_esm: int = 0

    def tell(self, log: logging.Logger) -> None:
        """Write the report as the log's last lines."""
        log.info("Report of %s, %s (%s read, pushed %s)", self.task, self.run_id, self.mode, self.pushes)
        log.info(
            "  %d read, %d created, %d updated, %d unchanged, %d refused, %d marked removed",
            self.read, self.created, self.updated, self.unchanged, self.refused, self.marked_removed,
        )  # fmt: skip
        if len(self.parts) > 1:
            for part, counts in self.parts.items():
                log.info("  of these, %s: %s", part, ", ".join(f"{n} {name}" for name, n in counts.items()))
        if self.comments:
            log.info(
                "  comments: %d appended, %d were there already, %d restricted and left in Jira, %d came from ESM",
                self.comments["appended"], self.comments["there"], self.comments["restricted"], self.comments["own"],
            )  # fmt: skip
        if self.left_to_esm:
            log.info("  %d attributes left as they were changed in ESM", self.left_to_esm)
        if self.watermark:
            log.info("  Jira has been read up to %s", self.watermark)
        log.info(
            "  %d requests to Jira, %d to ESM, %d sent again, %.1f s waited",
            self.requests["jira"], self.requests["esm"], self.retries, self.waited_seconds,
        )  # fmt: skip
        for note in self.notes:
            log.info("  %s", note)
        for record in self.refused_records:
            log.warning(
                "  Record %s waits (%s, run %d): %s",
                record.record or record.id, record.code, record.runs, record.message,
            )  # fmt: skip
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
    watermark: str | None,
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
    told = [
        *(plan.notes if plan else ()),
        *(reviewed.notes if reviewed else ()),
        *(removed.notes if removed else ()),
        *notes,
    ]
    taken_over = Counter(receipt.taken_from for receipt in folded.latest.values() if receipt.taken_from)
    told += [f"{count} cards belonged to task {owner} until now." for owner, count in sorted(taken_over.items())]
    unjudged = reviewed.candidates if reviewed and removed is None else 0
    nowhere = sum(receipt.points_nowhere for receipt in folded.latest.values())
    left = sum(receipt.code == LEFT_ALONE for receipt in folded.latest.values())
    if nowhere:
        told.append(f"{nowhere} records point at cards that are not there yet; every run looks again.")
    if left:
        told.append(f"{left} cards were just getting comments from another run; the next run looks again.")
    if lost:
        told.append(f"{lost} records disappeared from Jira while they were being read; the next run will see.")
    return Report(
        task=run.name,
        run_id=run.run_id,
        mode=plan.mode if plan else "full",
        pushes=plan.pushes if plan else "nothing",
        started=plan.started if plan else None,
        finished=run.now().isoformat(),
        read=sum(part.read for part in extracted),
        created=statuses.count("created"),
        updated=statuses.count("updated"),
        unchanged=sum(part.unchanged for part in extracted) + statuses.count("unchanged"),
        refused=refused,
        waiting=len(folded.ledger),
        pointing_nowhere=nowhere,
        vanished=lost,
        marked_removed=verdicts.get("gone", 0) + verdicts.get("out_of_scope", 0),
        returned=verdicts.get("returned", 0),
        taken_over=dict(taken_over),
        parts=_by_part(run, folded),
        watermark=watermark,
        kept={name: count for name, count in verdicts.items() if name.startswith("kept")},
        refused_records=_named(folded),
        requests={"jira": costs.jira, "esm": costs.esm},
        retries=costs.retries,
        waited_seconds=costs.waited,
        notes=tuple(told),
        failed_tasks=tuple(failed),
        failure=_failure(run, failed, unloaded, refused, verdicts.get("refused", 0), unjudged),
        comments=_comments(run, extracted, folded),
        left_to_esm=sum(receipt.stayed for receipt in folded.latest.values()),
    )


def _by_part(run: Run, folded: Folded) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {part.name: {"created": 0, "updated": 0, "refused": 0} for part in run.parts}
    for receipt in folded.latest.values():
        counts = told[run.parts[receipt.part].name]
        if receipt.status in counts:
            counts[receipt.status] += 1
    return told


def _comments(run: Run, extracted: Sequence[Extracted], folded: Folded) -> dict[str, int]:
    if not any(part.comments for part in run.parts):
        return {}
    return {
        "appended": folded.appended,
        "there": len(folded.settled) - folded.appended,
        "restricted": sum(part.restricted for part in extracted),
        "own": sum(part.own for part in extracted),
    }


def _named(folded: Folded) -> tuple[RefusedRecord, ...]:
    first = sorted(folded.ledger.items())[:_NAMED]
    return tuple(
        RefusedRecord(id_, entry.record, entry.code, entry.attribute, entry.message, entry.runs) for id_, entry in first
    )


def _failure(run: Run, failed: Sequence[str], unloaded: int, refused: int, unmarked: int, unjudged: int) -> str | None:
    reasons = []
    if failed:
        reasons.append(f"{', '.join(failed)} failed: see the log there. What ESM accepted before is kept.")
    elif unloaded:
        reasons.append(
            f"{unloaded} shares were never loaded. Clear load with its downstream tasks, or start a new run."
        )
    elif unjudged:
        reasons.append(
            f"{unjudged} cards whose records were not found were never looked at again. Clear mark_removed with its "
            "downstream tasks, or start a new run."
        )
    if refused > run.task.refused_records.max:
        reasons.append(
            f"{refused} records were refused, and `refused_records: max` is {run.task.refused_records.max}. "
            "They are pushed again in every run until ESM accepts them."
        )
    if unmarked:
        reasons.append(f"{unmarked} cards could not be marked removed: ESM refused. The next run tries again.")
    return " ".join(reasons) or None
