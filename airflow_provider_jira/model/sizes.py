"""The recommended scheduling sequence: how often a task of which size may run.

The numbers are the original connector's. How its words are read here:

* *Partial load is used* for a full task that an incremental task of the same connector is a companion of: what changed
  comes in between, so the full reads can be rarer. All other full tasks are not using it.
* A row counts when **all** that was measured is below its numbers; where users and groups fall into different rows, the
  larger one wins. The numbers are exclusive: 500 users are no longer "below 500".
* The table knows users and groups only. **Issues count as users do**: one record is one data card.
* "Every 30 minutes" is held against the two starts that are closest to each other, "four times a day" against the
  fullest day, both by the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_jira.model.starts import rhythm


@dataclass(frozen=True)
class Measured:
    """How much a task reads. ``None``: not measured, or not of this task's kind.

    :param users: people
    :param groups: groups
    :param issues: issues, roughly
    """

    users: int | None = None
    groups: int | None = None
    issues: int | None = None

    @property
    def records(self) -> int | None:
        """All records together; ``None`` where nothing was measured."""
        known = [each for each in (self.users, self.groups, self.issues) if each is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class Limit:
    """How often a task may run: so many minutes apart, or so many times a day; neither given: no rule."""

    every: int | None = None
    a_day: int | None = None

    def __str__(self) -> str:
        if self.every is not None:
            return f"every {span(self.every).removeprefix('1 ')}"
        if self.a_day is not None:
            return {1: "once a day", 2: "twice a day"}.get(self.a_day, f"{self.a_day} times a day")
        return "by its own measurements"

    def allows(self, schedule: str) -> bool:
        """Say whether a schedule keeps the limit.

        :param schedule: cron expression or preset
        """
        found = rhythm(schedule)
        if self.every is not None:
            return found.closest >= self.every
        return self.a_day is None or found.most <= self.a_day


@dataclass(frozen=True)
class Row:
    """One row of the table.

    :param users: fewer users, or issues, than this; ``None``: any number
    :param groups: fewer groups than this; ``None``: any number
    :param alone: limit of a full task without an incremental companion
    :param accompanied: limit of a full task with one
    :param incremental: limit of an incremental task
    """

    users: int | None
    groups: int | None
    alone: Limit
    accompanied: Limit
    incremental: Limit

    def holds(self, size: Measured) -> bool:
        """Say whether all that was measured is below the row's numbers."""
        pairs = ((size.users, self.users), (size.issues, self.users), (size.groups, self.groups))
        return all(count is None or below is None or count < below for count, below in pairs)


TABLE = (
    Row(500, 1_000, Limit(every=30), Limit(a_day=4), Limit(every=10)),
    Row(2_000, 2_000, Limit(every=60), Limit(a_day=4), Limit(every=15)),
    Row(5_000, 3_000, Limit(every=240), Limit(a_day=2), Limit(every=15)),
    Row(10_000, 5_000, Limit(a_day=2), Limit(a_day=2), Limit(every=30)),
    Row(50_000, 7_000, Limit(a_day=1), Limit(a_day=1), Limit(every=60)),
    Row(None, None, Limit(), Limit(), Limit()),
)
"""The recommended scheduling sequence. The last row has no rule: such a task is looked at by itself."""


def row_of(size: Measured) -> Row:
    """Find the row for a size: the first that holds all of it.

    :param size: what was measured; of a task that was not, the first row
    """
    return next(row for row in TABLE if row.holds(size))


def span(minutes: int) -> str:
    """Write a span of minutes as people say it.

    :param minutes: at least 1
    """
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def size_text(size: Measured) -> str:
    """Write a size, such as ``700 users and 40 groups``.

    :param size: what was measured
    """
    parts = ((size.users, "users"), (size.groups, "groups"), (size.issues, "issues"))
    return " and ".join(f"{count:,} {what}" for count, what in parts if count is not None)
