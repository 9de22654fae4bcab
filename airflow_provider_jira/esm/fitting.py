"""Makes a card's values fit the attributes that shall take them, before either API puts them into its own words.

What can be seen to be wrong here is refused here, with the attribute's name and without the value: ESM's own refusals
come later, cost a request each, and through the Web API may not come at all. An attribute of which the template's
metadata says nothing takes every value as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Union

import msgspec

from airflow_provider_jira.esm.cards import Refusal
from airflow_provider_jira.esm.store import Attribute, Template
from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static, Value

NOT_WRITABLE = frozenset({"external-reference", "worklog"})


class StaticText(msgspec.Struct, frozen=True):
    """A static value by its text, and by its code where that is known."""

    text: str
    code: str | None


Fitted = Union[str, int, float, Day, Instant, StaticText, Link]
"""A value that the attribute can take, as far as its metadata tells."""


class Unfit(ValueError):
    """A value that the attribute cannot take.

    :param attribute: attribute code
    :param why: the rest of a sentence that begins with the attribute, without the value
    """

    def __init__(self, attribute: str, why: str) -> None:
        self.attribute = attribute
        super().__init__(f"attribute {attribute!r} {why}")

    def refusal(self) -> Refusal:
        """Say it as a refusal."""
        return Refusal("attribute_refused", self.attribute, str(self))


def fit(card: Card, template: Template | None) -> Mapping[str, tuple[Fitted, ...]]:
    """Fit every value of a card.

    Empty texts are no values: the Web API cannot tell them from clearing, and so neither may. Several links to one card
    are one.

    :param card: what the card shall say
    :param template: the template's metadata, ``None`` where it cannot be read
    :returns: attribute code -> values; none = clear
    :raises Unfit: a value cannot be taken
    """
    fitted = {}
    for code, values in card.values.items():
        given = _distinct(value for value in values if value != "")
        if template is None:
            fitted[code] = tuple(_as_it_is(code, value) for value in given)
            continue
        attribute = template.attributes.get(code)
        if attribute is None:
            raise Unfit(code, f"does not exist in template {template.code!r}: correct the definition, or add it in ESM")
        if attribute.multi_value is False and len(given) > 1:
            raise Unfit(code, f"holds one value, {len(given)} are given: make it multi-value in ESM, or map one value")
        fitted[code] = tuple(_fit(attribute, value) for value in given)
    return fitted


def _distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    pointed: set[str] = set()
    kept = []
    for value in values:
        if isinstance(value, Link):
            if value.card_id in pointed:
                continue
            pointed.add(value.card_id)
        kept.append(value)
    return tuple(kept)


def _fit(attribute: Attribute, value: Value) -> Fitted:
    if attribute.type in NOT_WRITABLE:
        raise Unfit(attribute.code, f"is of type {attribute.type}, which cannot be written as a value")
    if isinstance(value, Reference) or attribute.type is None:
        return _as_it_is(attribute.code, value)
    if attribute.type == "reference":
        if isinstance(value, Link):
            return value
        raise Unfit(attribute.code, "points at data cards, and the value given is none: add `reference` to its rule")
    if isinstance(value, Link):
        raise Unfit(
            attribute.code,
            f"is of type {attribute.type} and cannot point at a data card: take `reference` out of its rule",
        )
    if attribute.type == "static-value":
        return _static(attribute, value)
    if attribute.type == "number":
        return _number(attribute.code, value)
    if attribute.type == "date":
        return _moment(attribute.code, value)
    return _as_it_is(attribute.code, value)


def _as_it_is(code: str, value: Value) -> Fitted:
    if isinstance(value, Reference):
        where = f"attribute {value.key_attribute!r} of template {value.template!r}"
        raise Unfit(code, f"is given a reference by {where} whose data card was not found: see that it is there first")
    if isinstance(value, Static):
        raise Unfit(code, "is not known to hold static values, so none can be named by code: name it by its text")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _static(attribute: Attribute, value: Value) -> StaticText:
    known = attribute.static_values
    if isinstance(value, Static):
        for text, code in known.items():
            if code == value.code:
                return StaticText(text, code)
        raise Unfit(attribute.code, "has no static value with the code given: correct the definition, or add it in ESM")
    text = _static_text(value)
    if text in known:
        return StaticText(text, known[text])
    if not known:
        return StaticText(text, None)
    raise Unfit(attribute.code, "has no static value with the text given: add it in ESM, or map it in the definition")


def _static_text(value: Value) -> str:
    if isinstance(value, Day):
        return date.fromisoformat(value.iso).strftime("%d.%m.%Y")
    if isinstance(value, Instant):
        return value.iso
    return number_text(value) if isinstance(value, (int, float)) else str(value)


def _number(code: str, value: Value) -> int | float:
    if isinstance(value, str):
        text = value.strip()
        try:
            value = int(text) if re.fullmatch(r"[+-]?[0-9]{1,300}", text) else float(text)
        except ValueError:
            raise Unfit(code, "holds numbers, and the value given is none") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Unfit(code, "holds numbers, and the value given is none")
    return value


def _moment(code: str, value: Value) -> Day | Instant:
    if isinstance(value, (Day, Instant)):
        return value
    if isinstance(value, str):
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) and _readable(value):
            return Day(value)
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z", value) and _readable(value[:-1]):
            return Instant(value)
    raise Unfit(code, "holds dates, and the value given is none: add `format: date` or `format: datetime` to its rule")


def _readable(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def number_text(value: float) -> str:
    """Write a number as people do: no exponent, no ``.0``.

    :param value: a finite number
    """
    if isinstance(value, int):
        return f"{value:d}"
    # The shortest digits that mean this number; rounding the number itself to as many may end in another digit.
    shortest = Decimal(repr(value))
    return str(int(shortest)) if value.is_integer() else format(shortest, "f")
