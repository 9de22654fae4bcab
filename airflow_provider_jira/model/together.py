"""Advice about tasks beside each other: which start at the same minute, and when many run at once.

Both look at all connectors of a folder together, since they share one Airflow, and over a whole year of minutes, so
that connectors in several time zones meet as they really do, also in the weeks between their changes of the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from airflow_provider_jira.model.advice import Advice, Planned, Severity
from airflow_provider_jira.model.sizes import Measured
from airflow_provider_jira.model.starts import DAYS, cron_of, moment, runs_at, starts

TOGETHER = 6
"""More tasks than this at a time want more workers."""
WINDOW = 10
"""Minutes that a task of unknown size is taken to run: the shortest time that is recommended between two runs."""
RECORDS_A_MINUTE = 1_000
"""A cautious guess at what a full run does in a minute when everything has to be pushed, after a cleared cache."""
CHANGED = 100
"""Of so many records an incremental run is taken to find one changed."""

_RARE = 2  # days a year; such as the two on which the clock is set
_SOME = 3
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEK = len(_WEEKDAYS)


def minutes_of_run(fetch_type: str, size: Measured) -> int:
    """Guess how long a run takes.

    :param fetch_type: ``full`` or ``incremental``
    :param size: what was measured of the task
    :returns: minutes, at least 1; :data:`WINDOW` where nothing was measured
    """
    if size.records is None:
        return WINDOW
    work = size.records if fetch_type == "full" else size.records // CHANGED
    return 1 + -(-work // RECORDS_A_MINUTE)


def same_minute_advice(tasks: Sequence[Planned]) -> list[Advice]:
    """Find tasks that start at the same minute, largest groups first.

    A pair that also meets in a larger group is told of once more only if it meets by itself, too; its times are then
    all of its times.

    :param tasks: scheduled tasks of all connectors; those only started by hand meet nobody
    """
    begun = _begun(tasks)
    at: dict[int, list[int]] = {}
    for number, (_, every) in enumerate(begun):
        for minute in every:
            at.setdefault(minute, []).append(number)
    met: dict[tuple[int, ...], list[int]] = {}
    for minute, numbers in at.items():
        if len(numbers) > 1:
            met.setdefault(tuple(numbers), []).append(minute)
    moves = _Moves(begun)
    found = []
    for group in sorted(met, key=lambda each: (-len(each), each)):
        inside = set(group)
        minutes = sorted(minute for other, some in met.items() if inside.issubset(other) for minute in some)
        members = [begun[number][0] for number in group]
        days = {moment(minute, members[0].timezone).date() for minute in minutes}
        severity: Severity = "warning" if len(days) > _RARE else "hint"
        names = tuple(task.name for task in members)
        what = f"collide {_when(minutes, members)}: {', '.join(names)}"
        found.append(Advice(names[0], "same_minute", severity, what, moves.mend(members), names[1:]))
    return found


def together_advice(tasks: Sequence[Planned], sizes: Mapping[str, Measured]) -> list[Advice]:
    """Find the moment at which most tasks run, and say so if they are more than :data:`TOGETHER`.

    :param tasks: scheduled tasks of all connectors
    :param sizes: name of the task -> what was measured; what is missing counts as running :data:`WINDOW` minutes
    """
    begun = _begun(tasks)
    lengths = [minutes_of_run(task.fetch_type, sizes.get(task.name, Measured())) for task, _ in begun]
    steps: dict[int, int] = {}
    for (_, minutes), length in zip(begun, lengths, strict=True):
        for first, end in _stretches(minutes, length):
            steps[first] = steps.get(first, 0) + 1
            steps[end] = steps.get(end, 0) - 1
    running, crowded, peak, peak_at = 0, [], TOGETHER, 0
    for minute in sorted(steps):
        running += steps[minute]
        if running > TOGETHER:
            crowded.append(minute)
        if running > peak:
            peak, peak_at = running, minute
    if not crowded:
        return []
    there = [task for (task, some), length in zip(begun, lengths, strict=True) if runs_at(peak_at, some, length)]
    names = tuple(task.name for task in there)
    zone = there[0].timezone
    days = {moment(minute, zone).date() for minute in crowded}
    guess = f"taken to run {WINDOW} minutes each" if not sizes else "by the guessed length of their runs"
    what = (
        f"up to {peak} tasks run together ({guess}), first at {moment(peak_at, zone):%H:%M} ({zone}), "
        f"more than {TOGETHER} {_days(days)}: {', '.join(names)}"
    )
    return [
        Advice(names[0], "many_together", "warning", what, "spread their starts, or add Airflow workers", names[1:])
    ]


def _begun(tasks: Iterable[Planned]) -> list[tuple[Planned, tuple[int, ...]]]:
    return [(task, starts(task.schedule, task.timezone)) for task in tasks if task.schedule is not None]


def _stretches(minutes: Sequence[int], length: int) -> Iterator[tuple[int, int]]:
    """Cut a task's year into stretches in which it runs; it never runs beside itself."""
    first = end = -1
    for minute in minutes:
        if minute > end:
            if end >= 0:
                yield first, end
            first = minute
        end = max(end, minute + length)
    if end >= 0:
        yield first, end


def _when(minutes: Sequence[int], members: Sequence[Planned]) -> str:
    zone = members[0].timezone
    times: dict[str, set[date]] = {}
    moments: list[datetime] = [moment(minute, zone) for minute in minutes]
    for each in moments:
        times.setdefault(f"{each:%H:%M}", set()).add(each.date())
    groups: dict[str, list[str]] = {}
    for time in sorted(times):
        groups.setdefault(_days(times[time]), []).append(time)
    shown = "" if {task.timezone for task in members} == {zone} else f" ({zone})"
    if len(groups) > _SOME:
        return f"{len(minutes)} times a year, first at {min(times)}{shown} {_days(set().union(*times.values()))}"
    return " and ".join(f"at {_times(some)}{shown} {days}" for days, some in groups.items())


def _times(times: Sequence[str]) -> str:
    if len(times) <= _SOME:
        return ", ".join(times)
    return f"{times[0]}, {times[1]} and {len(times) - 2} more times"


def _days(days: set[date]) -> str:
    # a start that the clock skips on one day does not make a daily one less daily
    if len(days) >= DAYS - 1:
        return "on every day"
    present = sorted({day.weekday() for day in days})
    full = len(present) * (DAYS // _WEEK - 1)
    if len(present) < _WEEK and len(days) >= full:
        if present == list(range(5)):
            return "on Monday to Friday"
        return f"on every {', '.join(_WEEKDAYS[day] for day in present)}"
    first = min(days)
    around = f"{first.day} {first:%B}"
    return (
        f"on one day of the year (around {around})"
        if len(days) == 1
        else (f"on {len(days)} days of the year (the first around {around})")
    )


class _Moves:
    """Minutes to which tasks can move, each offered once."""

    def __init__(self, begun: Sequence[tuple[Planned, tuple[int, ...]]]) -> None:
        self._begun = {task.name: set(minutes) for task, minutes in begun}
        self._offered: dict[str, str | None] = {}

    def mend(self, members: Sequence[Planned]) -> str:
        """Say which schedules would part the members of a group; the one that starts most often stays."""
        ranked = sorted(members, key=lambda task: len(self._begun[task.name]))[:-1]
        offers = [(task.name, self._offer(task)) for task in ranked[:_SOME]]
        told = [f'{name} to "{cron}"' for name, cron in offers if cron]
        return f"let them start apart, for instance move {', '.join(told)}" if told else "let them start apart"

    def _offer(self, task: Planned) -> str | None:
        if task.name not in self._offered:
            self._offered[task.name] = self._free(task)
        return self._offered[task.name]

    def _free(self, task: Planned) -> str | None:
        """Find the next schedule of the same rhythm at whose minutes nothing else starts."""
        others = [minutes for name, minutes in self._begun.items() if name != task.name]
        for cron in _later(cron_of(str(task.schedule))):
            minutes = starts(cron, task.timezone)
            if all(other.isdisjoint(minutes) for other in others):
                self._begun[task.name] = set(minutes)
                return cron
        return None


def _later(cron: str) -> Iterator[str]:
    """Move a schedule on within its hour, minute by minute, as far as its minutes are simple enough."""
    minute, rest = cron.split(" ", 1)
    if minute.isdigit():
        for later in range(1, 60):
            yield f"{(int(minute) + later) % 60} {rest}"
    elif (step := minute.removeprefix("*/")).isdigit() and 60 % int(step) == 0:
        for later in range(1, int(step)):
            yield f"{later}-59/{step} {rest}"
