"""The kinds of values that definitions are made of: ids, codes, counts, constants, and how each is refused.

Every kind checks one thing and says in its refusal what was found and what would be right. The JSON Schema of a kind
allows what its check allows, as far as JSON Schema can say it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Union

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator
from typing_extensions import TypedDict

from airflow_provider_jira.model.jql import JqlBroken, condition
from airflow_provider_jira.model.problems import did_you_mean, shown, wrong
from airflow_provider_jira.model.schedule import checked_schedule, checked_timezone, duration

_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CODE = re.compile(r"\w[\w-]*")
CODE_PATTERN = f"^{_CODE.pattern}$"
"""What an ESM attribute's code looks like, for JSON Schema."""
_PLACE = re.compile(r"\w[\w.-]*")
_CONNECTION = re.compile(r"[\w#!()\-.:/\\]+")
_LONGEST_ID = 200
_LONGEST_TAG = 100


def is_id(text: Any) -> bool:
    """Say whether a text can be the id of a connector or task.

    :param text: anything
    """
    return isinstance(text, str) and len(text) <= _LONGEST_ID and _ID.fullmatch(text) is not None


def _id(text: str) -> str:
    if not is_id(text):
        plain = "_".join(re.findall(r"[a-z0-9]+", text.lower()))
        example = f", such as {plain}" if is_id(plain) else ""
        raise wrong(
            f"{shown(text)} cannot be an id",
            f"write lower-case letters, digits and single underscores, a letter first, at most {_LONGEST_ID} "
            f"characters{example}",
        )
    return text


def _matching(pattern: re.Pattern[str], what: str, mend: str) -> AfterValidator:
    def check(text: str) -> str:
        if pattern.fullmatch(text) is None or len(text) > _LONGEST_ID:
            raise wrong(f"{shown(text)} cannot be {what}", mend)
        return text

    return AfterValidator(check)


def _text(text: str) -> str:
    if not text.strip():
        raise wrong("the text is empty", "write what belongs here, or remove the key")
    return text


def _tag(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST_TAG:
        raise wrong(f"{shown(text)} cannot be a tag", f"write 1 to {_LONGEST_TAG} characters")
    return text


def _jql(text: str) -> str:
    try:
        condition(text)
    except JqlBroken as error:
        raise wrong(str(error), "write JQL that Jira's issue search accepts, such as project = SUP") from None
    return text.strip()


def _hours(hours: tuple[int, ...]) -> tuple[int, ...]:
    twice = sorted({hour for hour in hours if hours.count(hour) > 1})
    if twice:
        raise wrong(f"hour {twice[0]} is given twice", "give each clear hour once; [] means never")
    return hours


def _sources(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _checked_sources(sources: tuple[str, ...]) -> tuple[str, ...]:
    if not sources:
        raise wrong("the list of sources is empty", "name at least one Jira field")
    for source in sources:
        if not source.strip():
            raise wrong("the name of a source is empty", "name a Jira field by id or display name")
        if sources.count(source) > 1:
            raise wrong(f"source {shown(source)} is given twice", "give each source once")
    return sources


class Coded(TypedDict):
    """A static value named by its code instead of by the text that people see."""

    code: str


Scalar = Union[str, int, float, bool]


def _constant(value: Any) -> Any:
    if isinstance(value, Mapping):
        unknown = [key for key in value if key != "code"]
        if unknown:
            mend = did_you_mean(str(unknown[0]), ["code"], "a static value by code is {code: second}")
            raise wrong(f"unknown key {shown(str(unknown[0]))} in a value", mend)
        code = value.get("code")
        if not isinstance(code, str) or not code.strip():
            number = isinstance(code, (int, float))
            hint = f'write it in quotes: {{code: "{shown(code)}"}}' if number else "write {code: second}"
            raise wrong(f"{shown(code)} is not the code of a static value", hint)
        return {"code": code}
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong(f"{value} is not a number that ESM can hold", "write a finite number")
    if isinstance(value, (bool, int, float)):
        return value
    if value is None:
        raise wrong("the value is empty", "write a text, a number, or {code: …} for a static value by code")
    raise wrong(f"{shown(value)} cannot be a value", "write one text, one number, or {code: …}")


def _table(table: dict[str, Any]) -> dict[str, Any]:
    if not table:
        raise wrong("the table is empty", 'write what becomes of each Jira value, such as {Highest: "1"}')
    return table


Id = Annotated[str, AfterValidator(_id), Field(json_schema_extra={"pattern": f"^{_ID.pattern}$"})]
"""Id of a connector or task."""

_ESM_MEND = "write the code that ESM's template management shows: letters, digits, _ and -"
Code = Annotated[
    str,
    _matching(_CODE, "the code of an ESM attribute", _ESM_MEND),
    Field(json_schema_extra={"pattern": CODE_PATTERN}),
]
"""Code of an ESM attribute: safe in EQL between ``$``, in a URL and in a comma-separated list."""

Place = Annotated[
    str,
    _matching(_PLACE, "the code of an ESM template or folder", "write the code that ESM shows beside the name"),
    Field(json_schema_extra={"pattern": f"^{_PLACE.pattern}$"}),
]
"""Code of an ESM template or folder."""

ConnectionId = Annotated[
    str,
    _matching(_CONNECTION, "the id of an Airflow connection", "write the connection id as Airflow's list shows it"),
    Field(json_schema_extra={"pattern": r"^[\w#!()\-.:/\\]+$"}),
]
"""Id of an Airflow connection."""

Text = Annotated[str, AfterValidator(_text), Field(json_schema_extra={"pattern": r"\S"})]
"""Text that is not blank."""

Tag = Annotated[str, AfterValidator(_tag), Field(json_schema_extra={"pattern": r"\S", "maxLength": _LONGEST_TAG})]
"""A DAG tag; Airflow cuts none longer than 100 characters, it refuses them."""

Jql = Annotated[str, AfterValidator(_jql), Field(json_schema_extra={"pattern": r"\S"})]
"""JQL with a condition, quotes and parentheses in order. What Jira makes of it only Jira can say."""

Schedule = Annotated[str, AfterValidator(checked_schedule), Field(json_schema_extra={"pattern": r"\S"})]
"""Cron expression or preset."""

Zone = Annotated[str, AfterValidator(checked_timezone), Field(json_schema_extra={"pattern": r"\S"})]
"""Name of a time zone."""

Duration = Annotated[
    timedelta,
    BeforeValidator(lambda value: duration(value) if isinstance(value, str) else value, json_schema_input_type=str),
    Field(strict=True),
]
"""A duration, written ``90s``, ``5m``, ``2h`` or ``1d``."""

Count = Annotated[int, Field(strict=True, ge=0)]
"""A whole number from 0."""

Percent = Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)]
"""0 to 100."""

Hour = Annotated[int, Field(strict=True, ge=0, le=23)]
"""An hour of the day, UTC."""

Hours = Annotated[tuple[Hour, ...], AfterValidator(_hours), Field(json_schema_extra={"uniqueItems": True})]
"""Hours of the day, each once."""

_SourceText = Annotated[str, Field(json_schema_extra={"pattern": r"\S"})]
_SourceList = Annotated[list[_SourceText], Field(min_length=1, json_schema_extra={"uniqueItems": True})]
SourceInput = Union[_SourceText, _SourceList]
"""How sources are written: one, or a list of them."""

Sources = Annotated[
    tuple[str, ...],
    BeforeValidator(_sources, json_schema_input_type=SourceInput),
    AfterValidator(_checked_sources),
]
"""One Jira source, or several of which the first that has a value counts."""

Constant = Annotated[
    Union[str, int, float, bool, Coded], PlainValidator(_constant, json_schema_input_type=Union[Scalar, Coded])
]
"""One ESM value: text, number, truth value, or a static value by code."""

Table = Annotated[dict[str, Constant], AfterValidator(_table), Field(json_schema_extra={"minProperties": 1})]
"""Jira value -> ESM value."""
