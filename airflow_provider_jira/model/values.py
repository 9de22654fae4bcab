"""Values: what a piece of an issue becomes as the value of an ESM attribute.

Jira hands out texts, numbers, rich text documents and objects; ESM takes texts, numbers, dates and static codes. An
object becomes the text by which people know it: a person's display name, an option's value, the name of a status or
version, the key of a parent issue. What has no such text, or is no date where one is wanted, is :class:`Unusable`:
the record is refused and counted, never filled with a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.card import Day, Instant, Static, Value
from airflow_provider_jira.model.sources import opened
from airflow_provider_jira.model.text import clean

_TEXTS = ("displayName", "value", "name", "key")
"""Parts by which people know an object, in the order in which they are looked for."""

_TIME = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s?(?P<offset>Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)


class Unusable(ValueError):
    """A value that cannot become an ESM value.

    :ivar code: short stable word for reports: ``not_scalar`` ``not_a_date`` ``not_a_number``
    """

    def __init__(self, code: str) -> None:
        """Say why.

        :param code: see above
        """
        super().__init__(code)
        self.code = code


def plain_values(raw: Any, form: adf.Form | None) -> list[str | int | float]:
    """Turn what Jira sent into texts and numbers.

    :param raw: any JSON value
    :param form: what rich text becomes; ``None`` = plain text
    :returns: the values that are not empty, in Jira's order. Text of nothing but blanks is empty.
    :raises Unusable: an object has no text by which people know it
    """
    return [value for each in opened([raw]) for value in _plain(each, form)]


def _plain(raw: Any, form: adf.Form | None) -> list[str | int | float]:
    if isinstance(raw, bool):
        return ["true" if raw else "false"]
    if isinstance(raw, (int, float)):
        if not math.isfinite(raw):
            raise Unusable("not_a_number")
        return [raw]
    if adf.is_document(raw):
        text = adf.render(raw, form or "plain")
    elif isinstance(raw, dict):
        text = _known_by(raw)
    elif isinstance(raw, str):
        text = raw
    else:
        raise Unusable("not_scalar")
    text = clean(text)
    return [text] if text.strip() else []


def _known_by(raw: Mapping[str, Any]) -> str:
    """Find the text by which people know an object; of a cascading choice, both levels: ``A / A1``."""
    if not raw:
        return ""
    texts = {name: raw[name] for name in _TEXTS if name in raw}
    if not texts:
        raise Unusable("not_scalar")
    if not all(value is None or isinstance(value, (str, int, float)) for value in texts.values()):
        raise Unusable("not_scalar")
    text = next((text for value in texts.values() if value is not None and (text := as_text(value)).strip()), "")
    child = raw.get("child")
    if isinstance(child, dict) and (below := _known_by({**child, "child": None})):
        return f"{text} / {below}"
    return text


def fixed(raw: Any) -> Value:
    """Turn a value written in the definition into one for ESM.

    :param raw: text, number, true or false, or ``{code: …}`` for a static value by its code
    :raises Unusable: it is none of these
    """
    code = raw.get("code") if isinstance(raw, Mapping) and set(raw) == {"code"} else getattr(raw, "code", None)
    if code is not None:
        return Static(str(code))
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float)) and math.isfinite(raw):
        return raw
    if isinstance(raw, str):
        return clean(raw)
    raise Unusable("not_scalar")


def as_text(value: Any) -> str:
    """Write a value as the text that an administrator would type for it.

    :param value: text, number, true or false; a number without fraction is written without one
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_day(value: Value, zone: tzinfo) -> Day:
    """Read a date.

    :param value: a bare date, which is taken as it is, or a point in time
    :param zone: where the calendar hangs that says which day a point in time falls on
    :raises Unusable: ``not_a_date``
    """
    day, moment = _read_time(value, zone)
    try:
        return Day(day.isoformat() if moment is None else moment.astimezone(zone).date().isoformat())
    except OverflowError:
        raise Unusable("not_a_date") from None


def as_instant(value: Value, zone: tzinfo) -> Instant:
    """Read a point in time.

    :param value: a point in time, or a bare date: then midnight in ``zone``
    :param zone: what a time without offset is in
    :raises Unusable: ``not_a_date``
    """
    day, moment = _read_time(value, zone)
    if moment is None:
        moment = datetime(day.year, day.month, day.day, tzinfo=zone)
    try:
        utc = moment.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None)
    except OverflowError:
        raise Unusable("not_a_date") from None
    return Instant(f"{utc.isoformat()}Z")


def _read_time(value: Value, zone: tzinfo) -> tuple[date, datetime | None]:
    """Read what Jira sends as date or time; offsets come with and without colon, fractions of a second are dropped."""
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Unusable("not_a_date")
    try:
        day = date.fromisoformat(match["day"])
        if match["hour"] is None:
            return day, None
        clock = (int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
        return day, datetime(day.year, day.month, day.day, *clock, tzinfo=_offset(match["offset"], zone))
    except ValueError:
        raise Unusable("not_a_date") from None


def _offset(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text == "Z":
        return timezone.utc
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
