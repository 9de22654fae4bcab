"""Encodings: what a text becomes as the value of a Jira field (Jira reference, 5.6).

One encoder for each kind of field. A value that is already in Jira's encoding (an object, as a DAG's author may give it
to an operator) passes as it is, and Jira judges it. What cannot be encoded is a :class:`Misfit`, whose text says what
the field takes and never what it was given: that is ESM's data, and problems end in logs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import msgspec

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.choices import chosen, nested
from airflow_provider_jira.model.misfit import Misfit
from airflow_provider_jira.model.screen import ScreenField
from airflow_provider_jira.model.values import Unusable, as_day, as_instant

LONGEST_LINE = 255
"""How long a text of one line may be (Jira reference, 5.6)."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_LOCAL = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)
_ACCOUNT = re.compile(r"[\w:.-]{1,128}", re.ASCII)
_GROUP_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d+", re.ASCII)
_PROJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", re.ASCII)
_SPAN = re.compile(r"\d+(\.\d+)?[wdhm]( \d+(\.\d+)?[wdhm])*", re.ASCII)


class Manner(msgspec.Struct, frozen=True):
    """How texts are read.

    :param zone: in it a date begins, and a time without offset is meant
    :param markdown: whether rich text is written in Markdown; otherwise it is plain
    """

    zone: tzinfo
    markdown: bool = False


Encoder = Callable[[Any, ScreenField, Manner], Any]
"""Encodes one value, a text. Raises :class:`Misfit`."""


def encoded(values: Sequence[Any], field: ScreenField, manner: Manner) -> Any:
    """Encode what a field is to hold.

    :param values: at least one; texts, and objects in Jira's own encoding
    :param field: the field
    :param manner: how texts are read
    :raises Misfit: the field cannot hold it
    """
    kind = kind_of(field)
    if kind in ("sprint", "cascade", "timetracking", "rich"):
        return _WHOLE_FIELDS[kind](values, field, manner)
    encoder: Encoder = _ENCODERS.get(kind, _unknown)
    made = [value if isinstance(value, dict) else encoder(value, field, manner) for value in values]
    if field.type == "array":
        return [each for at, each in enumerate(made) if each not in made[:at]]
    if len(made) > 1:
        raise Misfit("several_values", f"holds one value, and {len(made)} are given")
    return made[0]


def kind_of(field: ScreenField) -> str:
    """Name the kind of a field's values; of an array, that of its elements.

    Custom fields are told apart by ``schema.custom`` and never by name (Jira reference, 5.5).
    """
    custom = (field.custom or "").rpartition(":")[2]
    system = field.system or ("" if field.custom else field.id)
    known = _BY_CUSTOM.get(custom) or _BY_SYSTEM.get(system)
    return known or (field.items if field.type == "array" else field.type) or "any"


def _line(text: str, field: ScreenField, _: Manner) -> str:
    line = " ".join(text.split())
    limited = field.id == "summary" or (field.custom or "").endswith(":textfield")
    if limited and len(line) > LONGEST_LINE:
        raise Misfit("too_long", f"holds at most {LONGEST_LINE} characters: shorten it in ESM, or map a shorter one")
    return line


def _url(text: str, _field: ScreenField, _: Manner) -> str:
    if not _URL.fullmatch(text.strip()):
        raise Misfit("not_a_url", "takes a URL such as https://example.com")
    return text.strip()


def _number(text: str, _field: ScreenField, _: Manner) -> int | float:
    if _NUMBER.fullmatch(text.strip()) is None or not math.isfinite(number := float(text)):
        raise Misfit("not_a_number", "takes a number with a dot, such as 3.5")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _iso(text: str) -> str:
    """Turn the Web API's form of dates, ``dd.MM.yyyy`` and perhaps ``HH:mm``, into the one that all else has."""
    match = _LOCAL.fullmatch(text.strip())
    if match is None:
        return text
    day, month, year, hour, minute, second = match.groups()
    date = f"{year}-{month:0>2}-{day:0>2}"
    return date if hour is None else f"{date}T{hour}:{minute}:{second or '00'}"


def _date(text: str, _field: ScreenField, manner: Manner) -> str:
    try:
        return as_day(_iso(text), manner.zone).iso
    except Unusable:
        raise Misfit("not_a_date", "takes a date such as 2026-10-15 or 15.10.2026") from None


def _datetime(text: str, _field: ScreenField, manner: Manner) -> str:
    try:
        moment = as_instant(_iso(text), manner.zone).iso
    except Unusable:
        found = "takes a point in time such as 2026-10-15T10:00:00Z or 15.10.2026 10:00"
        raise Misfit("not_a_date", found) from None
    return moment.replace("Z", ".000+0000")


def _user(text: str, _field: ScreenField, _: Manner) -> dict[str, str]:
    if not _ACCOUNT.fullmatch(text.strip()):
        found = "takes an accountId, which neither a name nor an e-mail address is: map the attribute that holds it"
        raise Misfit("not_an_account", found)
    return {"accountId": text.strip()}


def _group(text: str, _field: ScreenField, _: Manner) -> dict[str, str]:
    return {"groupId" if _GROUP_ID.fullmatch(text.strip()) else "name": text.strip()}


def _label(text: str, _field: ScreenField, _: Manner) -> str:
    if len(text.split()) != 1 or len(text) > LONGEST_LINE:
        found = f"takes labels of at most {LONGEST_LINE} characters without blanks: change them in ESM, or use map"
        raise Misfit("not_a_label", found)
    return text.strip()


def _option(text: str, field: ScreenField, _: Manner) -> dict[str, str]:
    return {"value": text} if field.allowed is None else chosen(text, field.allowed)


def _named(text: str, field: ScreenField, _: Manner) -> dict[str, str]:
    return {"name": text} if field.allowed is None else chosen(text, field.allowed)


def _project(text: str, field: ScreenField, _: Manner) -> dict[str, str]:
    if field.allowed:
        return chosen(text, field.allowed)
    if _WHOLE.fullmatch(text.strip()):
        return {"id": text.strip()}
    if not _PROJECT.fullmatch(text.strip()):
        raise Misfit("not_a_key", "takes a project's key such as SUP")
    return {"key": text.strip()}


def _issue(text: str, _field: ScreenField, _: Manner) -> dict[str, str]:
    if _WHOLE.fullmatch(text.strip()):
        return {"id": text.strip()}
    if not _KEY.fullmatch(text.strip()):
        raise Misfit("not_a_key", "takes an issue's key such as SUP-1, or its id")
    return {"key": text.strip()}


def _whole(text: str, _field: ScreenField, _: Manner) -> int:
    if not _WHOLE.fullmatch(text.strip()):
        raise Misfit("not_a_number", "takes a whole number, the id of what is meant")
    return int(text)


def _unknown(_text: str, field: ScreenField, _: Manner) -> Any:
    kind = field.custom or kind_of(field)
    found = f"is of a kind that no text can fill ({kind}): only an operator can, given the value in Jira's own encoding"
    raise Misfit("unknown_kind", found)


def _fixed(_text: str, _field: ScreenField, _: Manner) -> Any:
    raise Misfit("cannot_set", "is no field that takes a value")


_ENCODERS: Mapping[str, Encoder] = {
    "any": _line,
    "component": _named,
    "date": _date,
    "datetime": _datetime,
    "fixed": _fixed,
    "group": _group,
    "issuelink": _issue,
    "issuetype": _named,
    "label": _label,
    "number": _number,
    "option": _option,
    "priority": _named,
    "project": _project,
    "resolution": _named,
    "sd-customerorganization": _whole,
    "sd-customerrequesttype": _line,
    "securitylevel": _named,
    "string": _line,
    "team": _line,
    "url": _url,
    "user": _user,
    "version": _named,
}

_BY_CUSTOM: Mapping[str, str] = {
    "atlassian-team": "team",
    "cascadingselect": "cascade",
    "gh-epic-link": "any",
    "gh-sprint": "sprint",
    "labels": "label",
    "textarea": "rich",
    "url": "url",
}

_BY_SYSTEM: Mapping[str, str] = {
    "description": "rich",
    "environment": "rich",
    "labels": "label",
    "parent": "issuelink",
    "timetracking": "timetracking",
    **dict.fromkeys(
        ("attachment", "comment", "issuelinks", "status", "subtasks", "votes", "watches", "worklog"), "fixed"
    ),
}


def _one(values: Sequence[Any]) -> Any:
    if len(values) > 1:
        raise Misfit("several_values", f"holds one value, and {len(values)} are given")
    return values[0]


def _sprint(values: Sequence[Any], field: ScreenField, manner: Manner) -> Any:
    """Encode a sprint: Jira reads a list of objects and takes one number."""
    one = _one(values)
    if isinstance(one, dict):
        return one
    try:
        return _whole(one, field, manner)
    except Misfit:
        raise Misfit("not_a_number", "takes the id of one sprint, a whole number") from None


def _cascade(values: Sequence[Any], field: ScreenField, _: Manner) -> Any:
    """Encode a choice of two levels, given as ``A > A1``, as ``A / A1``, or as two values."""
    if isinstance(values[0], dict):
        return _one(values)
    if len(values) > 2 or not all(isinstance(each, str) for each in values):
        raise Misfit("several_values", f"holds a choice of two levels, and {len(values)} values are given")
    return nested(tuple(values), field.allowed)


def _timetracking(values: Sequence[Any], _field: ScreenField, _: Manner) -> Any:
    """Encode an original estimate, or it and the remaining one."""
    if isinstance(values[0], dict):
        return _one(values)
    if len(values) > 2 or not all(isinstance(each, str) and _SPAN.fullmatch(each.strip()) for each in values):
        found = "takes a time such as 2h or 1d 4h, and perhaps a second one that remains"
        raise Misfit("not_a_time", found)
    return dict(zip(("originalEstimate", "remainingEstimate"), (each.strip() for each in values), strict=False))


def _rich(values: Sequence[Any], _field: ScreenField, manner: Manner) -> Any:
    """Encode rich text as a document; several texts become paragraphs of one, and what is too long for Jira is cut and
    says so."""
    if isinstance(values[0], dict):
        return _one(values)
    if not all(isinstance(each, str) for each in values):
        raise Misfit("several_values", "holds one document, and texts beside it are given")
    text = "\n\n".join(values)
    return adf.shortened(adf.from_markdown(text) if manner.markdown else adf.from_plain(text))


_WHOLE_FIELDS: Mapping[str, Callable[[Sequence[Any], ScreenField, Manner], Any]] = {
    "cascade": _cascade,
    "rich": _rich,
    "sprint": _sprint,
    "timetracking": _timetracking,
}
