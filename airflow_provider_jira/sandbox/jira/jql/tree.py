"""What JQL is read into, and how ``POST /jql/parse`` shows it."""

from __future__ import annotations

from typing import Any, Literal, Union

import msgspec


class Word(msgspec.Struct, frozen=True):
    """A value.

    :param quoted: whether it stood in quotes, which makes an epoch number a text
    """

    text: str
    quoted: bool = False

    def described(self) -> dict[str, Any]:
        """Return it as Jira shows it."""
        return {"value": self.text, "encodedValue": encoded(self.text) if self.quoted else self.text}


class Call(msgspec.Struct, frozen=True):
    """A function with its arguments."""

    name: str
    arguments: tuple[str, ...]

    def described(self) -> dict[str, Any]:
        """Return it as Jira shows it."""
        shown = f"{self.name}({', '.join(self.arguments)})"
        return {"function": self.name, "arguments": list(self.arguments), "encodedOperand": shown}


class Empty(msgspec.Struct, frozen=True):
    """``EMPTY`` or ``NULL``."""

    def described(self) -> dict[str, Any]:
        """Return it as Jira shows it."""
        return {"keyword": "empty"}


Single = Union[Word, Call, Empty]


class Clause(msgspec.Struct, frozen=True):
    """A field held against values.

    :param operator: lower case, one blank between words
    :param values: one, or several after ``in``
    :param listed: whether the values stood in parentheses
    """

    field: str
    operator: str
    values: tuple[Single, ...]
    listed: bool = False

    def described(self) -> dict[str, Any]:
        """Return it as Jira shows it."""
        operand = self.values[0].described() if self.values else {"keyword": "empty"}
        if self.listed:
            operand = {"values": [value.described() for value in self.values]}
        shown = {"field": _field(self.field), "operator": self.operator, "operand": operand}
        return {**shown, "predicates": []} if self.operator.startswith("was") else shown


class Compound(msgspec.Struct, frozen=True):
    """Clauses joined, or one denied."""

    operator: Literal["and", "or", "not"]
    clauses: tuple[Condition, ...]

    def described(self) -> dict[str, Any]:
        """Return it as Jira shows it."""
        return {"operator": self.operator, "clauses": [clause.described() for clause in self.clauses]}


Condition = Union[Clause, Compound]


class Order(msgspec.Struct, frozen=True):
    """One term of ``ORDER BY``."""

    field: str
    direction: Literal["asc", "desc"] | None = None

    def described(self) -> dict[str, Any]:
        """Return it as Jira shows it."""
        direction = {"direction": self.direction} if self.direction else {}
        return {"field": _field(self.field), **direction}


class Query(msgspec.Struct, frozen=True):
    """A whole query."""

    where: Condition | None
    order: tuple[Order, ...] = ()

    def described(self) -> dict[str, Any]:
        """Return it as Jira shows it."""
        where = {"where": self.where.described()} if self.where is not None else {}
        order = {"orderBy": {"fields": [term.described() for term in self.order]}} if self.order else {}
        return {**where, **order}


def _field(name: str) -> dict[str, Any]:
    return {"name": name, "encodedName": name if name.replace("_", "").isalnum() else encoded(name)}


def encoded(text: str) -> str:
    """Put a value in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
