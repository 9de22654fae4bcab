"""EQL conditions as SQL over the card table.

A comparison with an attribute that has several values is true if any value meets it; with one that has none it is never
true (``<>`` by switch). References compare by the target's display name, static values by what people see.

The SQL is shaped by how many cards a value has: a rare one is found through the index, a frequent one is tested card by
card while walking down the ids, so that both a look-up among 100,000 cards and a page of 100,000 matches stay fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airflow_provider_jira.sandbox.esm.cards import LOOK, Cards
from airflow_provider_jira.sandbox.esm.dates import from_eql
from airflow_provider_jira.sandbox.esm.eql import (
    Attribute,
    Condition,
    Constant,
    EqlError,
    IsNull,
    Joined,
    Not,
    Operand,
    Property,
)
from airflow_provider_jira.sandbox.esm.templates import AttributeDef

FREQUENT = 2000
"""A value that so many cards have is tested card by card."""

_COLUMNS = {
    "template.code": "card.template",
    "entity.template.code": "card.template",
    "entity.id": "card.id",
    "id": "card.id",
    "entity.name": "card.name",
    "name": "card.name",
    "entity.deleted": "card.deleted",
    "deleted": "card.deleted",
    "entity.hidden": "card.hidden",
    "hidden": "card.hidden",
    "entity.folder.code": "card.folder",
    "folder.code": "card.folder",
}
_INTEGERS = {"card.id", "card.deleted", "card.hidden"}

_FIND = "card.id IN (SELECT card FROM value WHERE attribute = ? AND {})"
_WALK = "EXISTS (SELECT 1 FROM value WHERE value.card = card.id AND attribute = ? AND {})"

Sql = tuple[str, list[object]]


@dataclass(frozen=True)
class Compiler:
    """Turns conditions into SQL for one request.

    :param attributes: codes that exist for this request -> definition; ``None`` as definition for one that the user may
        not see: it behaves as if it were empty everywhere
    :param zone: the server's time zone
    :param now: the sandbox's clock, seconds since the epoch
    :param empty_differs: whether ``<>`` is true of a card without value
    """

    cards: Cards
    attributes: Mapping[str, AttributeDef | None]
    zone: str
    now: float
    empty_differs: bool

    def condition(self, condition: Condition) -> Sql:
        """Return SQL and its parameters.

        :raises EqlError: an attribute or property that does not exist, or a literal that does not fit the attribute
        """
        if isinstance(condition, Joined):
            return self._joined(condition)
        if isinstance(condition, Not):
            sql, parameters = self.condition(condition.item)
            return f"NOT ({sql})", parameters
        if isinstance(condition, IsNull):
            return self._null(condition.operand)
        if isinstance(condition.operand, Property):
            return self._property(_column(condition.operand), condition.operator, condition.constant)
        return self._compare(condition.operand, condition.operator, condition.constant)

    def order(self, operand: Operand) -> Sql:
        """Return an SQL expression to sort by."""
        if isinstance(operand, Property):
            return _column(operand), []
        self._definition(operand)
        first = "value.card = card.id AND attribute = ? AND position = 0"
        return f"(SELECT coalesce(number, look) FROM value WHERE {first})", [operand.code]

    def _definition(self, attribute: Attribute) -> AttributeDef | None:
        if attribute.code not in self.attributes:
            raise EqlError(f"Invalid query: there is no attribute with code {attribute.code}")
        return self.attributes[attribute.code]

    def _joined(self, joined: Joined) -> Sql:
        parts, parameters = [], list[object]()
        for item in joined.items:
            sql, values = self.condition(item)
            parts.append(f"({sql})")
            parameters += values
        return f" {joined.word.upper()} ".join(parts), parameters

    def _null(self, operand: Operand) -> Sql:
        if isinstance(operand, Property):
            return f"{_column(operand)} IS NULL", []
        if self._definition(operand) is None:
            return "1", []
        return "NOT EXISTS (SELECT 1 FROM value WHERE value.card = card.id AND attribute = ?)", [operand.code]

    def _property(self, column: str, operator: str, constant: Constant) -> Sql:
        value: object = constant
        if column in _INTEGERS and operator != "like":
            word = str(constant).lower()
            try:
                value = {"true": 1, "false": 0}[word] if word in {"true", "false"} else int(float(constant))
            except ValueError as error:
                raise EqlError(f"Invalid query: {column} is a number") from error
        return f"{column} {operator.upper()} ?", [value]

    def _compare(self, attribute: Attribute, operator: str, constant: Constant) -> Sql:
        definition = self._definition(attribute)
        if definition is None:
            return "0", []
        if operator == "<>" and self.empty_differs:
            sql, parameters = self._compare(attribute, "=", constant)
            return f"NOT ({sql})", parameters
        if definition.type in {"number", "date"}:
            test, value = f"number {operator.upper()} ?", self._number(definition, operator, constant)
        elif definition.type == "reference":
            test, value = f"target IN (SELECT id FROM card WHERE name {operator.upper()} ?)", _text(constant)
        else:
            return self._textual(attribute.code, operator, _text(constant))
        return _FIND.format(test), [attribute.code, value]

    def _number(self, definition: AttributeDef, operator: str, constant: Constant) -> object:
        if operator == "like":
            raise EqlError(f"Invalid query: LIKE does not work on {definition.type} attribute {definition.code}")
        try:
            if definition.type == "date":
                return from_eql(_text(constant), self.zone, self.now)
            return float(constant)
        except ValueError as error:
            raise EqlError(f"Invalid query: not a {definition.type} compared with {definition.code}") from error

    def _textual(self, code: str, operator: str, text: str) -> Sql:
        if operator != "=":
            test = f"coalesce(rest, look) {operator.upper()} ?"
            return (_WALK if operator == "<>" else _FIND).format(test), [code, text]
        look = text[:LOOK]
        frame = _WALK if self.cards.at_least(code, look, FREQUENT) else _FIND
        if len(text) > LOOK:
            return frame.format("look = ? AND rest = ?"), [code, look, text]
        return frame.format("look = ? AND rest IS NULL"), [code, look]


def _column(operand: Property) -> str:
    if operand.path not in _COLUMNS:
        raise EqlError(f"Invalid query: there is no property {operand.path}")
    return _COLUMNS[operand.path]


def _text(constant: Constant) -> str:
    if isinstance(constant, bool):
        return str(constant).lower()
    return str(constant)
