"""When a schedule starts its runs, minute by minute, over one whole year. Pure arithmetic: no Airflow, no clock.

The year is always the same one, so that a definition which gets no advice today gets none tomorrow. It is a leap year:
every day on which a cron expression can fall is in it, and both changes of daylight saving time. Starts are what
Airflow's cron timetable makes of the wall clock (the tests compare the two):

* a schedule with hours of its own starts once where the clock is set back (the second time that the wall clock shows
  it), and later by the gap where the clock is set forward; what the gap swallows altogether is not made up for;
* a schedule that covers every hour goes on by elapsed time: twice through the hour that comes twice, not through the
  one that is missing.

Not followed are two corners of that timetable: shifts of half an hour (Lord Howe), and schedules such as
``*/10 * * * mon`` in the week of a change, where Airflow itself is up to an hour off.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from croniter import croniter  # type: ignore[import-untyped]

from airflow_provider_jira.model.schedule import PRESETS

YEAR = datetime(2028, 1, 1, tzinfo=timezone.utc)
"""Where the year begins; minutes are counted from here."""
DAYS = 366
DAY = 24 * 60
"""Minutes of a day."""

_PRESETS = dict(
    zip(PRESETS, ("0 * * * *", "0 0 * * *", "0 0 * * 0", "0 0 1 * *", "0 0 1 */3 *", "0 0 1 1 *"), strict=True)
)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Rhythm:
    """How dense a schedule is by the wall clock: the changes of daylight saving time do not make it denser.

    :param closest: minutes between the two starts that are nearest to each other
    :param most: starts on the fullest day
    """

    closest: int
    most: int


@dataclass(frozen=True)
class _Cron:
    """A schedule taken apart: on each of ``days`` at each of ``minutes`` after midnight."""

    days: tuple[date, ...]
    minutes: tuple[int, ...]
    every_hour: bool


def cron_of(schedule: str) -> str:
    """Write a schedule as five cron fields.

    :param schedule: a schedule that :func:`~airflow_provider_jira.model.schedule.checked_schedule` accepts
    """
    return _PRESETS.get(schedule, schedule)


@lru_cache(maxsize=1024)
def rhythm(schedule: str) -> Rhythm:
    """Measure how dense a schedule is.

    :param schedule: as for :func:`cron_of`
    """
    cron = _apart(schedule)
    first, last = cron.minutes[0], cron.minutes[-1]
    gaps = [later - earlier for earlier, later in pairwise(cron.minutes)]
    gaps += [(later - earlier).days * DAY - last + first for earlier, later in pairwise(cron.days)]
    return Rhythm(min(gaps, default=DAYS * DAY), len(cron.minutes))


@lru_cache(maxsize=1024)
def starts(schedule: str, zone: str) -> tuple[int, ...]:
    """List the starts of a schedule, in minutes since :data:`YEAR`, ascending.

    :param schedule: as for :func:`cron_of`
    :param zone: name of the time zone in which it is read
    """
    cron, where = _apart(schedule), ZoneInfo(zone)
    found: list[int] = []
    for day in cron.days:
        found += _even(day, cron, where) or _uneven(day, cron, where)
    return tuple(sorted({minute for minute in found if 0 <= minute < DAYS * DAY}))


def moment(minute: int, zone: str) -> datetime:
    """Turn a minute of the year into what the wall clock shows then.

    :param minute: minutes since :data:`YEAR`
    :param zone: name of the time zone
    """
    return (YEAR + minute * _MINUTE).astimezone(ZoneInfo(zone))


def runs_at(minute: int, begun: tuple[int, ...], minutes: int) -> bool:
    """Say whether a run that takes a given time is under way.

    :param minute: the minute in question
    :param begun: starts, ascending
    :param minutes: how long a run takes
    """
    at = bisect_right(begun, minute)
    return at > 0 and begun[at - 1] > minute - minutes


def _apart(schedule: str) -> _Cron:
    text = cron_of(schedule)
    minutes, hours = (_numbers(field, count) for field, count in zip(_expanded(text)[:2], (60, 24), strict=True))
    # a day more on both sides: the local year is not the UTC year
    begin = (YEAR - timedelta(days=1)).replace(tzinfo=None)
    end = begin + timedelta(days=DAYS + 2)
    # which days a cron expression means is croniter's to say; two fields of days are one or the other
    walk = croniter(" ".join(["0", "0", *text.split()[2:]]), begin - _MINUTE)
    days = []
    while (day := walk.get_next(datetime)) < end:
        days.append(day.date())
    times = tuple(hour * 60 + minute for hour in hours for minute in minutes)
    return _Cron(tuple(days), times, _expanded(text)[1] == ["*"])


def _expanded(cron: str) -> list[list[int | str]]:
    fields: list[list[int | str]] = croniter(cron).expanded
    return fields


def _numbers(field: list[int | str], count: int) -> list[int]:
    return list(range(count)) if field == ["*"] else sorted(int(each) for each in field)


def _even(day: date, cron: _Cron, zone: ZoneInfo) -> list[int]:
    """List the starts of a day without a change of the clock; nothing for another day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    offsets = {each.utcoffset() for each in (midnight, midnight + timedelta(days=1))}
    if len(offsets) > 1 or midnight.replace(fold=1).utcoffset() not in offsets:
        return []
    begin = (midnight.astimezone(timezone.utc) - YEAR) // _MINUTE
    return [begin + minute for minute in cron.minutes]


def _uneven(day: date, cron: _Cron, zone: ZoneInfo) -> list[int]:
    """List the starts of a day on which the clock is set."""
    found = []
    reached = -1  # on the wall clock, so that a start which the gap put off hides those that it passed
    for minute in cron.minutes:
        wall = datetime(day.year, day.month, day.day, tzinfo=timezone.utc) + minute * _MINUTE
        first, second = (_offset(wall, zone, fold) for fold in (0, 1))
        if cron.every_hour:
            if second <= first:
                found += [(wall - offset - YEAR) // _MINUTE for offset in {first, second}]
        elif minute > reached:
            # in a gap the offset before it, which is the smaller one; of an hour that comes twice the second
            found.append((wall - min(first, second) - YEAR) // _MINUTE)
            reached = minute + max(timedelta(0), second - first) // _MINUTE
    return found


def _offset(wall: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    offset = wall.replace(tzinfo=zone, fold=fold).utcoffset()
    return timedelta(0) if offset is None else offset
