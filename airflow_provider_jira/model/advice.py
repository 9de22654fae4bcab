"""Advice about one task at a time: does its schedule fit its size, and does it stand alone as it should?

How often a task of which size may run is in :mod:`~airflow_provider_jira.model.sizes`. A task whose size is not known
is held against the smallest one: what is too dense there is too dense anywhere. A task that is only started by hand has
no density.

Everything here is advice: nothing keeps a task from running.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from airflow_provider_jira.model.sizes import TABLE, Limit, Measured, row_of, size_text, span
from airflow_provider_jira.model.starts import rhythm

Severity = Literal["warning", "hint"]
Kind = Literal["issues", "users", "groups"]

LARGE = 10_000
"""More records than this in one task call for more than a rare schedule."""


@dataclass(frozen=True)
class Owned:
    """Records whose cards a full task calls its own.

    :param place: where the records come from and where the cards are: two connections and a template
    :param kind: what the records are
    :param scope: which of them, as text that is the same for the same choice; empty: all
    """

    place: tuple[str, ...]
    kind: Kind
    scope: str = ""


@dataclass(frozen=True)
class Planned:
    """What advice needs to know about a scheduled task.

    :param connector: id of its connector
    :param task: its id
    :param fetch_type: whether it reads all, or what changed
    :param schedule: cron expression or preset; ``None``: only by hand
    :param timezone: name of the zone in which the schedule is read
    :param companion_of: id of the full task over the same records
    :param owned: what a full task owns
    """

    connector: str
    task: str
    fetch_type: Literal["full", "incremental"]
    schedule: str | None
    timezone: str = "UTC"
    companion_of: str | None = None
    owned: tuple[Owned, ...] = ()

    @property
    def name(self) -> str:
        """How the task is called in advice: connector and task, as in the DAG id."""
        return f"{self.connector}__{self.task}"


@dataclass(frozen=True)
class Advice:
    """One piece of advice.

    :param task: :attr:`Planned.name` of the task that it is about, or of the first of several
    :param code: what kind of advice, for programs
    :param severity: a ``hint`` is good to know; a ``warning`` is worth changing something
    :param found: what was found, as half a sentence
    :param mend: what would be better, as half a sentence
    :param others: names of the other tasks that it is about
    """

    task: str
    code: str
    severity: Severity
    found: str
    mend: str
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Both halves."""
        return f"{self.found}; {self.mend}"


def limit_of(task: Planned, tasks: Iterable[Planned], size: Measured) -> Limit:
    """Find out how often a task may run.

    :param task: the task
    :param tasks: all tasks of its connector, for whether partial load is used
    :param size: what was measured of it
    """
    row = row_of(size)
    if task.fetch_type == "incremental":
        return row.incremental
    return row.accompanied if has_companion(task, tasks) else row.alone


def has_companion(task: Planned, tasks: Iterable[Planned]) -> bool:
    """Say whether an incremental task that runs on a schedule accompanies a full one.

    :param task: a full task
    :param tasks: all tasks; those of other connectors do not count
    """
    return any(
        each.fetch_type == "incremental"
        and each.schedule is not None
        and (each.connector, each.companion_of) == (task.connector, task.task)
        for each in tasks
    )


def size_advice(tasks: Sequence[Planned], sizes: Mapping[str, Measured]) -> list[Advice]:
    """Hold schedules against sizes.

    :param tasks: scheduled tasks, of one or several connectors
    :param sizes: :attr:`Planned.name` -> what was measured; what is missing was not
    """
    found: list[Advice] = []
    for task in tasks:
        size = sizes.get(task.name, Measured())
        found += _density(task, tasks, size)
        found += _large(task, size)
    return found


def _density(task: Planned, tasks: Sequence[Planned], size: Measured) -> Iterator[Advice]:
    if task.schedule is None:
        return
    limit = limit_of(task, tasks, size)
    if not limit.allows(task.schedule):
        how = f'schedule "{task.schedule}" starts {_density_text(task.schedule, limit)}'
        rule = f"at most {limit} is recommended for {_kind(task, tasks)} {_of_size(size)}"
        yield Advice(task.name, "too_dense", "warning", f"{how}, where {rule}", "run it more rarely")
    elif row_of(size) is TABLE[-1]:
        found = f"with {size_text(size)} it is larger than any size that a schedule is recommended for"
        mend = "leave more time between two runs than the longest run takes, and see whether Airflow needs more workers"
        yield Advice(task.name, "own_measure", "hint", found, mend)
    elif task.fetch_type == "incremental" and size.records is not None and row_of(size).alone.allows(task.schedule):
        found = f"with {size_text(size)} its full task alone could run as often as this one does"
        yield Advice(task.name, "incremental_not_needed", "hint", found, "consider the full task alone: it is simpler")


def _large(task: Planned, size: Measured) -> Iterator[Advice]:
    # an incremental task reads a small part of what its JQL finds: the advice is for the full reads
    if task.fetch_type == "full" and size.records is not None and size.records > LARGE:
        mend = (
            "set ESM's and Airflow's log level to ERROR, let as few listeners, handlers and workflows as possible "
            "start on imported data cards, keep staging_path on a disk with room for a whole run, start few tasks "
            "beside it (it writes to ESM in up to 16 shares), and give it few cache clear_hours: after each of them "
            "everything is pushed again"
        )
        yield Advice(task.name, "large_import", "hint", f"it imports {size_text(size)}, more than {LARGE:,}", mend)


def companion_advice(tasks: Sequence[Planned]) -> list[Advice]:
    """Find incremental tasks that no scheduled full task stands behind.

    Only full runs notice what is gone from Jira, and repair what an incremental run could not see.

    :param tasks: scheduled tasks, of one or several connectors
    """
    full = {(each.connector, each.task): each for each in tasks if each.fetch_type == "full"}
    found = []
    for task in tasks:
        if task.fetch_type == "full":
            continue
        behind = full.get((task.connector, task.companion_of or ""))
        if behind is None:
            what = "no full task stands behind this incremental one, so nothing notices records that are gone from Jira"
            mend = "add a full task over the same records, and name it in companion_of"
            found.append(Advice(task.name, "no_full_task", "warning", what, mend))
        elif behind.schedule is None:
            what = f"its full task {behind.name} runs only by hand, so records that are gone from Jira stay unnoticed"
            mend = f"give {behind.name} a schedule, or run it from time to time"
            found.append(Advice(task.name, "no_full_task", "hint", what, mend, (behind.name,)))
    return found


def shared_advice(tasks: Sequence[Planned]) -> list[Advice]:
    """Find full tasks that would take each other's cards: the same records in the same template.

    A card carries the id of the task that wrote it last; with two of them it changes hands in every run, and what the
    one lost sight of is marked removed though the other still reads it. Found are scopes with the same text, and a
    scope beside all records; two different texts may mean the same records all the same.

    :param tasks: scheduled tasks of all connectors
    """
    full = [each for each in tasks if each.fetch_type == "full"]
    found = []
    for at, task in enumerate(full):
        for other in full[:at]:
            kinds = sorted({mine.kind for mine in task.owned for theirs in other.owned if _overlap(mine, theirs)})
            if kinds:
                what = f"{task.name} and {other.name} read the same {' and '.join(kinds)} into the same template"
                mend = "leave one of them to one task: each run stamps the other's cards with its own task id"
                found.append(Advice(task.name, "shared_records", "warning", what, mend, (other.name,)))
    return found


def _overlap(mine: Owned, theirs: Owned) -> bool:
    same_place = (mine.place, mine.kind) == (theirs.place, theirs.kind)
    return same_place and (mine.scope == theirs.scope or not (mine.scope and theirs.scope))


def _of_size(size: Measured) -> str:
    return f"of {size_text(size)}" if size.records is not None else "of even the smallest size"


def _kind(task: Planned, tasks: Sequence[Planned]) -> str:
    if task.fetch_type == "incremental":
        return "an incremental task"
    return "a full task with an incremental companion" if has_companion(task, tasks) else "a full task"


def _density_text(schedule: str, limit: Limit) -> str:
    found = rhythm(schedule)
    if limit.every is None:
        return f"{found.most} times a day"
    return f"as close as {span(found.closest)} apart"
