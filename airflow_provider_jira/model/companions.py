"""Companions: incremental tasks that take what they read, and whose cards they write, from a full task beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from airflow_provider_jira.model.problems import Finding, did_you_mean, listed, shown
from airflow_provider_jira.model.tasks import Companion, CompanionTask, GenericTask, ScheduledTask


def companion_findings(task: ScheduledTask, known: Mapping[str, ScheduledTask]) -> Iterator[Finding]:
    """Hold what a companion names against the tasks of its connector.

    :param known: task id -> task, of those that are right
    """
    if not isinstance(task, Companion):
        return
    named, here = task.companion_of, ("companion_of",)
    full = known.get(named)
    possible = [each.id for each in known.values() if _leads(each)]
    if full is None:
        mend = did_you_mean(named, possible, f"the tasks it can name: {listed(possible) or 'none'}")
        yield Finding(here, f"this connector has no good task {shown(named)}", mend)
    elif not _leads(full):
        found = f"{shown(named)} is no task of mapping_type generic and fetch_type full"
        yield Finding(here, found, f"name one that is: {listed(possible) or 'there is none'}")


def completed(tasks: Sequence[ScheduledTask]) -> tuple[ScheduledTask, ...]:
    """Give each companion what it takes from its full task.

    :param tasks: tasks of one connector, to none of which :func:`companion_findings` objects
    """
    known = {task.id: task for task in tasks}

    def complete(task: ScheduledTask) -> ScheduledTask:
        if not isinstance(task, Companion):
            return task
        full = known[task.companion_of]
        assert isinstance(full, GenericTask), "checked before"  # noqa: S101 - tells the type checker what holds
        return CompanionTask.of(task, full)

    return tuple(complete(task) for task in tasks)


def _leads(task: ScheduledTask) -> bool:
    return isinstance(task, GenericTask) and not isinstance(task, CompanionTask) and task.fetch_type == "full"
