"""ESM's ways to write a date: ISO in REST, ``dd.MM.yyyy HH:mm`` in the server's zone in XML, both and words in EQL.

A stored date is its ISO text, ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MM:SSZ``. Which zone a date without time belongs to is
not documented; here it begins at midnight in the server's zone.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})")
_LOCAL = re.compile(r"\d{2}\.\d{2}\.\d{4}( \d{2}:\d{2})?")
_RELATIVE = re.compile(r"now(?: *([+-]) *(\d+) *([mhdw]))?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def iso(moment: datetime) -> str:
    """Return a moment in UTC, whole seconds."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_at(seconds: float) -> str:
    """Return seconds since the epoch as ISO text."""
    return iso(datetime.fromtimestamp(seconds, timezone.utc))


def from_iso(text: str, *, cut_fractions: bool = True) -> str:
    """Return the stored form of a date as REST writes it.

    :raises ValueError: not such a date, or with a fraction that may not be cut
    """
    if _DAY.fullmatch(text):
        return date.fromisoformat(text).isoformat()
    match = _MOMENT.fullmatch(text)
    if match is None or (match[2] and not cut_fractions):
        raise ValueError("neither YYYY-MM-DD nor YYYY-MM-DDTHH:MM:SSZ")
    return iso(datetime.fromisoformat(match[1] + match[3].replace("Z", "+00:00")))


def from_local(text: str, zone: str) -> str:
    """Return the stored form of ``dd.MM.yyyy HH:mm``, the time being optional.

    :raises ValueError: not such a date
    """
    if not _LOCAL.fullmatch(text):
        raise ValueError("not dd.MM.yyyy HH:mm")
    pattern = "%d.%m.%Y %H:%M" if " " in text else "%d.%m.%Y"
    return iso(datetime.strptime(text, pattern).replace(tzinfo=ZoneInfo(zone)))


def moment_of(stored: str, zone: str) -> datetime:
    """Return the moment at which a stored date begins."""
    if _DAY.fullmatch(stored):
        return datetime.combine(date.fromisoformat(stored), time(), ZoneInfo(zone))
    return datetime.fromisoformat(stored.replace("Z", "+00:00"))


def to_local(stored: str, zone: str) -> str:
    """Return a stored date as the Web API writes it."""
    return moment_of(stored, zone).astimezone(ZoneInfo(zone)).strftime("%d.%m.%Y %H:%M")


def day_of(stored: str, zone: str) -> str:
    """Return the day of a stored date in the server's zone, ``YYYY-MM-DD``."""
    return moment_of(stored, zone).astimezone(ZoneInfo(zone)).date().isoformat()


def from_eql(text: str, zone: str, now: float) -> float:
    """Return what a date literal of EQL stands for, in seconds since the epoch.

    :param now: the sandbox's clock, for ``'now - 2w'`` and ``'start_week'``
    :raises ValueError: not a date that EQL knows
    """
    here = datetime.fromtimestamp(now, ZoneInfo(zone))
    if relative := _RELATIVE.fullmatch(text):
        if relative[1] is None:
            return now
        step = timedelta(**{_UNITS[relative[3]]: int(relative[2])})
        return now + step.total_seconds() * (1 if relative[1] == "+" else -1)
    if text == "start_week":
        monday = here.date() - timedelta(days=here.weekday())
        return datetime.combine(monday, time(), ZoneInfo(zone)).timestamp()
    stored = from_local(text, zone) if _LOCAL.fullmatch(text) else from_iso(text)
    return moment_of(stored, zone).timestamp()
