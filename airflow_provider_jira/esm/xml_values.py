"""Values in the Web API's words: texts inside ``<value>``.

Dates are ``dd.MM.yyyy HH:mm`` in the server's own zone, static values their text, numbers plain, references the unique
value of the card pointed at. Characters that XML cannot carry are left out. Source: the vendor's "Web API description"
page and documents exchanged by working clients.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from airflow_provider_jira.esm.fitting import Fitted, StaticText, number_text
from airflow_provider_jira.model.card import Day, Instant, Link

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_DAY = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}")


def carries(text: str) -> bool:
    """Whether XML can carry every character of a text."""
    return _ILLEGAL.search(text) is None


def text_of(value: Fitted, zone: ZoneInfo) -> str:
    """Write one value.

    :param value: a fitted value
    :param zone: the server's zone
    """
    if isinstance(value, StaticText):
        return value.text
    if isinstance(value, Link):
        return value.key
    if isinstance(value, Day):
        return f"{date.fromisoformat(value.iso):%d.%m.%Y} 00:00"
    if isinstance(value, Instant):
        moment = datetime.fromisoformat(value.iso.removesuffix("Z")).replace(tzinfo=timezone.utc)
        return f"{moment.astimezone(zone):%d.%m.%Y %H:%M}"
    if isinstance(value, str):
        return _ILLEGAL.sub("", value)
    return number_text(value)


def same(written: Sequence[str], shown: Sequence[str]) -> bool:
    """Whether what ESM shows is what was written, as far as its ways of showing things go.

    White space, the order of several values, the way a number is written and the time of a day without one may differ.

    :param written: texts as :func:`text_of` wrote them
    :param shown: texts as ESM shows them
    """
    return sorted(map(_essence, written)) == sorted(map(_essence, shown))


def _essence(text: str) -> str:
    line = " ".join(text.split())
    if _NUMBER.fullmatch(line):
        return number_text(float(line.replace(",", "."))) if len(line) < 16 else line
    if _DAY.fullmatch(line):
        return f"{line} 00:00"
    return line
