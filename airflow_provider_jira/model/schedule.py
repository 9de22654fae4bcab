"""When a task runs, and when its cache counts as empty. Pure arithmetic: no Airflow, no clock of its own.

A schedule is refused here if Airflow would refuse it later, would read it differently from one parse to the next, or
would never come to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from croniter import CroniterBadDateError, CroniterError, croniter  # type: ignore[import-untyped]

from airflow_provider_jira.model.problems import did_you_mean, listed, shown, wrong

PRESETS = ("@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly")
"""The presets that Airflow turns into cron expressions."""

_FIELDS = 5
# croniter's own R (random) and H (hashed) are not cron: R would give another schedule at every parse.
_NOT_CRON = re.compile(r"(^|[\s,/-])[rh]([\s,/(-]|$)", re.IGNORECASE)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SOME_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 - croniter counts in wall clock time
_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|d)")
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@lru_cache(maxsize=4096)
def checked_schedule(schedule: str) -> str:
    """Hold a schedule against what Airflow can follow.

    :param schedule: a cron expression of five fields, or one of :data:`PRESETS`
    :returns: the schedule, single spaces between its fields
    :raises PydanticCustomError: it cannot be followed; the text says why and what would be right
    """
    text = " ".join(schedule.split())
    otherwise = 'write five cron fields such as "0 */4 * * *", a preset such as @daily, or null for only by hand'
    if text.startswith("@"):
        if text not in PRESETS:
            raise wrong(
                f"{shown(schedule)} is no schedule preset",
                did_you_mean(text, PRESETS, f"the presets are {listed(PRESETS)}"),
            )
        return text
    if len(text.split()) != _FIELDS or _NOT_CRON.search(text):
        raise wrong(f"{shown(schedule)} is no cron expression of five fields", otherwise)
    try:
        croniter(text, _SOME_DAY).get_next(datetime)
    except CroniterBadDateError:
        raise wrong(f"{shown(schedule)} never comes: no such day exists", "correct day and month") from None
    except (CroniterError, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        # croniter raises whatever its parsing runs into; all of it means the same to who wrote the schedule.
        reason = f" ({error})" if isinstance(error, CroniterError) else ""
        raise wrong(f"{shown(schedule)} is no cron expression{reason}", otherwise) from None
    return text


@lru_cache(maxsize=256)
def checked_timezone(name: str) -> str:
    """Hold the name of a time zone against the IANA database.

    :param name: such as ``Europe/Helsinki``
    :returns: the name
    :raises PydanticCustomError: there is no such zone; the text names a near one
    """
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # unknown (a KeyError), outside the database, or a folder of it
        mend = did_you_mean(name, available_timezones(), "write an IANA name such as Europe/Helsinki or UTC")
        raise wrong(f"unknown time zone {shown(name)}", mend) from None
    return name


def duration(text: str) -> timedelta:
    """Read a duration such as ``90s``, ``5m``, ``2h`` or ``1d``.

    :param text: a whole number and a unit
    :raises PydanticCustomError: it is no such text
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise wrong(f"{shown(text)} is no duration", "write a whole number and a unit: 90s, 5m, 2h or 1d")
    return int(match.group(1)) * _UNITS[match.group(2)]


def cleared_between(hours: Collection[int], last: datetime, now: datetime) -> bool:
    """Say whether a clear hour began after one moment and not after another.

    A run that begins exactly at a clear hour finds the cache cleared; the next one does not, for the same hour.

    :param hours: clear hours, 0 to 23, UTC
    :param last: when the cache was last written, with time zone
    :param now: the moment in question, with time zone
    :raises ValueError: a moment is without time zone
    """
    if last.tzinfo is None or now.tzinfo is None:
        raise ValueError(f"clear hours need moments with a time zone, got {last.isoformat()} and {now.isoformat()}")
    if not hours:
        return False
    if now - last >= _DAY:  # every hour began since; a task that ran years ago is not counted up to
        return True
    last = last.astimezone(timezone.utc)
    tick = last.replace(minute=0, second=0, microsecond=0) + _HOUR
    while tick <= now:
        if tick.hour in hours:
            return True
        tick += _HOUR
    return False
