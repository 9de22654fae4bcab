"""Values on their way in and out: JSON of the REST API, text of the XML Web API, and what is stored.

A value that does not fit its attribute raises :class:`ValueRefused`, whose sentence quotes the value, as ESM's does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_jira.sandbox.esm.cards import Cell
from airflow_provider_jira.sandbox.esm.dates import day_of, from_iso, from_local, iso_at, moment_of, to_local
from airflow_provider_jira.sandbox.esm.switches import Switches
from airflow_provider_jira.sandbox.esm.templates import AttributeDef


class ValueRefused(ValueError):
    """One attribute cannot take what it was given.

    :param attribute: the attribute's code
    :param type: its type; empty where there is no such attribute
    :param error: ESM's word for the kind of error
    """

    def __init__(self, message: str, attribute: str, type: str = "", error: str = "Bad Request") -> None:  # noqa: A002 - ESM's word
        super().__init__(message)
        self.attribute = attribute
        self.type = type
        self.error = error


@dataclass(frozen=True)
class Reader:
    """Reads the values of one request.

    :param switches: what is refused and how dates are read
    :param author: name for worklog entries
    :param now: ISO moment for worklog entries
    :param by_id: (attribute, data card id) -> card id of the reference's target
    :param by_name: (attribute, target's unique value or name) -> card id; refuses where names are not taken
    :param by_key: (attribute, target's unique value) -> card id, ``None`` where the reference is to be left out
    """

    switches: Switches
    author: str
    now: str
    by_id: Callable[[AttributeDef, str], int]
    by_name: Callable[[AttributeDef, str], int]
    by_key: Callable[[AttributeDef, str], int | None]

    def rest(self, attribute: AttributeDef, element: Any) -> list[Cell]:
        """Read ``{"values": [...]}``.

        :raises ValueRefused: a value does not fit
        """
        values = element.get("values") if isinstance(element, dict) else None
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise _refused(attribute, "values must be an array of objects")
        return self._checked(attribute, [self._rest(attribute, value) for value in values])

    def xml(self, attribute: AttributeDef, texts: Sequence[str]) -> list[Cell]:
        """Read the ``<value>`` texts of one ``<attribute>``.

        :raises ValueRefused: a value does not fit
        """
        if attribute.type == "reference":
            targets = [self.by_key(attribute, text) for text in texts]
            return self._checked(attribute, [Cell("", target=target) for target in targets if target is not None])
        return self._checked(attribute, [self._xml(attribute, text) for text in texts])

    def _checked(self, attribute: AttributeDef, cells: list[Cell]) -> list[Cell]:
        if len(cells) > 1 and not attribute.several:
            raise _refused(attribute, f"{len(cells)} values given, but it holds one")
        if attribute.max_length is not None and any(len(cell.text) > attribute.max_length for cell in cells):
            raise _refused(attribute, f"value is longer than {attribute.max_length} characters")
        return cells

    def _rest(self, attribute: AttributeDef, value: dict[str, Any]) -> Cell:
        if attribute.type == "reference":
            return self._reference(attribute, value)
        if attribute.type == "static-value":
            return self._static(attribute, value.get("value"), value.get("code"))
        if attribute.type == "external-reference":
            name, location = value.get("name"), value.get("location")
            if not isinstance(name, str) or not isinstance(location, str):
                raise _refused(attribute, "an external reference needs name and location")
            return Cell(name, code=location)
        given = value.get("value")
        if attribute.type == "number":
            if isinstance(given, bool) or not isinstance(given, int | float):
                raise _refused(attribute, f"{given!r} is not a number")
            return _number(given)
        if not isinstance(given, str):
            raise _refused(attribute, f"{given!r} is not a text")
        if attribute.type == "date":
            cut = self.switches.fractions == "cut"
            return self._date(attribute, given, lambda text: from_iso(text, cut_fractions=cut))
        if attribute.type == "worklog":
            return Cell(given, code=self.author, moment=self.now)
        return Cell(given)

    def _reference(self, attribute: AttributeDef, value: dict[str, Any]) -> Cell:
        card_id, name = value.get("dataCardId"), value.get("name")
        if isinstance(card_id, str):
            return Cell("", target=self.by_id(attribute, card_id))
        if isinstance(name, str):
            return Cell("", target=self.by_name(attribute, name))
        raise _refused(attribute, "a reference needs dataCardId")

    def _xml(self, attribute: AttributeDef, text: str) -> Cell:
        if attribute.type == "static-value":
            return self._static(attribute, text, None)
        if attribute.type == "number":
            try:
                return _number(json.loads(text) if text.lstrip("-").isdigit() else float(text))
            except ValueError as error:
                raise _refused(attribute, f"{text!r} is not a number") from error
        if attribute.type == "date":
            return self._date(attribute, text, lambda given: from_local(given, self.switches.timezone))
        if attribute.type == "worklog":
            return Cell(text, code=self.author, moment=self.now)
        if attribute.type == "external-reference":
            return Cell(text, code=text)
        return Cell(text)

    def _static(self, attribute: AttributeDef, value: Any, code: Any) -> Cell:
        if value is None and self.switches.static_code_only == "refuse":
            raise _refused(attribute, "a static value needs value")
        for static in attribute.statics:
            if (value is None or static.value == value) and (code is None or static.code == code):
                if value is None and code is None:
                    break
                return Cell(static.value, code=static.code)
        message = f"Couldn't find static-value with value: {value} and code: {code} from attribute: {attribute.title}"
        raise ValueRefused(message, attribute.code, attribute.type)

    def _date(self, attribute: AttributeDef, text: str, read: Callable[[str], str]) -> Cell:
        zone = self.switches.timezone
        try:
            stored = read(text)
        except ValueError as error:
            raise _refused(attribute, f"{text!r} is not a date: {error}") from error
        return date_cell(attribute, stored, zone)


def date_cell(attribute: AttributeDef, stored: str, zone: str) -> Cell:
    """Return the cell of a stored date; an attribute without time of day keeps only the day."""
    text = stored if attribute.time else day_of(stored, zone)
    return Cell(text, moment_of(text, zone).timestamp())


def plain_cell(attribute: AttributeDef, text: str, zone: str, author: str, now: float) -> Cell:
    """Return the cell that shows ``text``, without any check: for the sandbox's own controls.

    :param text: display text; of a date the ISO form
    :param now: seconds since the epoch, for worklog entries
    """
    if attribute.type == "number":
        return _number(json.loads(text))
    if attribute.type == "date":
        return date_cell(attribute, from_iso(text), zone)
    if attribute.type == "static-value":
        return Cell(text, code=next((static.code for static in attribute.statics if static.value == text), None))
    if attribute.type == "external-reference":
        return Cell(text, code=text)
    if attribute.type == "worklog":
        return Cell(text, code=author, moment=iso_at(now))
    return Cell(text)


def xml_text(attribute: AttributeDef, cell: Cell, zone: str) -> str:
    """Return a stored value as the Web API writes it."""
    return to_local(cell.text, zone) if attribute.type == "date" else cell.text


def _number(value: float) -> Cell:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return Cell(json.dumps(whole), float(value))


def _refused(attribute: AttributeDef, why: str) -> ValueRefused:
    return ValueRefused(f"Invalid value for attribute {attribute.title}: {why}", attribute.code, attribute.type)
