"""Dates in JQL: read in the caller's zone, to the minute."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from airflow_provider_jira.sandbox.jira.jql.reader import JqlError
from airflow_provider_jira.sandbox.jira.jql.tree import Call, Single, Word

_FORMATS = ("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")
_RELATIVE = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)")
_UNITS = {"w": 7 * 24 * 60, "d": 24 * 60, "h": 60, "m": 1}
_STARTS = ("startof", "endof")


class Clock:
    """How a caller's dates are read.

    :param now: server time, aware
    :param zone: the caller's profile zone
    :param repeated_hour: 0: the first of two equal local times, 1: the second
    :param precision_ms: what an epoch number is cut down to
    """

    def __init__(self, now: datetime, zone: str, *, repeated_hour: int = 0, precision_ms: int = 60_000) -> None:
        self.now = now.astimezone(ZoneInfo(zone))
        self.zone = ZoneInfo(zone)
        self.fold = repeated_hour
        self.precision = precision_ms

    def instant(self, value: Single, field: str) -> int:
        """Read a point in time.

        :param field: for the message
        :returns: milliseconds since 1970
        :raises JqlError: it is none
        """
        if isinstance(value, Call):
            return _ms(self._function(value))
        if isinstance(value, Word):
            text = value.text.strip()
            if not value.quoted and re.fullmatch(r"\d{6,}", text):
                return int(text) // self.precision * self.precision
            if match := _RELATIVE.fullmatch(text):
                return _ms(self.now + _offset(match)) // 60_000 * 60_000
            for format_ in _FORMATS:
                try:
                    local = datetime.strptime(text, format_)  # noqa: DTZ007 - the zone follows
                except ValueError:
                    continue
                return _ms(local.replace(tzinfo=self.zone, fold=self.fold))
            raise JqlError(
                f"Date value '{value.text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
                "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
            )
        raise JqlError(f"The field '{field}' cannot be compared with EMPTY by this operator.")

    def day(self, value: Single, field: str) -> str:
        """Read a day, as ``YYYY-MM-DD`` in the caller's zone."""
        return f"{datetime.fromtimestamp(self.instant(value, field) / 1000, self.zone):%Y-%m-%d}"

    def _function(self, call: Call) -> datetime:
        name = call.name.lower()
        if name == "now" and not call.arguments:
            return self.now
        if name.startswith(_STARTS) and len(call.arguments) < 2:
            end, unit = name.startswith("endof"), name.partition("of")[2]
            start = self._start(unit)
            if start is not None:
                if end:
                    start = _next(start, unit) - timedelta(milliseconds=1)
                if call.arguments:
                    start += self._argument(call.arguments[0], unit)
                return start.replace(tzinfo=self.zone)
        raise JqlError(f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'.")

    def _start(self, unit: str) -> datetime | None:
        day = self.now.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
        return {
            "day": day,
            "week": day - timedelta(days=(day.weekday() + 1) % 7),
            "month": day.replace(day=1),
            "year": day.replace(month=1, day=1),
        }.get(unit)

    @staticmethod
    def _argument(text: str, unit: str) -> timedelta:
        if re.fullmatch(r"[+-]?\d+", text):
            text += {"day": "d", "week": "w"}.get(unit, "x")
        match = _RELATIVE.fullmatch(text.strip())
        if match is None:
            raise JqlError(f"Date offset '{text}' is invalid in the sandbox; it knows weeks, days, hours and minutes.")
        return _offset(match)


def _offset(match: re.Match[str]) -> timedelta:
    minutes = sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([wdhm])", match.group(2)))
    return timedelta(minutes=-minutes if match.group(1) == "-" else minutes)


def _next(start: datetime, unit: str) -> datetime:
    if unit in {"day", "week"}:
        return start + timedelta(days=7 if unit == "week" else 1)
    if unit == "month":
        return (start + timedelta(days=32)).replace(day=1)
    return start.replace(year=start.year + 1)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
