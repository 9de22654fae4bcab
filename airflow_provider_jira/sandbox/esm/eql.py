"""Reading EQL: the part of the language that public sources show in use, and nothing else.

A condition compares ``$attribute$`` or a property (``template.code``, ``entity.id``, ``entity.deleted`` …) with a
literal, by ``= <> < > <= >= LIKE`` or ``IS [NOT] NULL``, joined by ``AND OR NOT`` and parentheses, keywords in any
case. A whole query is ``SELECT entity FROM entity [WHERE condition] [ORDER BY …]``. Everything else raises
:class:`EqlError`: a client that leans on a guess shall find out here.

How a quote inside a literal is escaped is not documented, so both ways exist (``Switches.eql_quote``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Union

import lark


class EqlError(ValueError):
    """The text is not EQL that this sandbox knows."""


@dataclass(frozen=True)
class Attribute:
    """``$code$``."""

    code: str


@dataclass(frozen=True)
class Property:
    """``entity.id`` and its like, in lower case."""

    path: str


Operand = Union[Attribute, Property]
Constant = Union[str, float, bool]


@dataclass(frozen=True)
class Compare:
    """``operand operator constant``; the operator is ``=``, ``<>``, ``<``, ``>``, ``<=``, ``>=`` or ``like``."""

    operand: Operand
    operator: str
    constant: Constant


@dataclass(frozen=True)
class IsNull:
    """``operand is null``."""

    operand: Operand


@dataclass(frozen=True)
class Not:
    """Negation, also what ``is not null`` becomes."""

    item: Condition


@dataclass(frozen=True)
class Joined:
    """``and`` or ``or`` over two conditions and more."""

    word: Literal["and", "or"]
    items: tuple[Condition, ...]


Condition = Union[Compare, IsNull, Not, Joined]


@dataclass(frozen=True)
class Query:
    """A whole query. ``order`` holds (operand, descending)."""

    condition: Condition | None
    order: tuple[tuple[Operand, bool], ...]


_GRAMMAR = r"""
filter: condition
query: SELECT ENTITY FROM ENTITY [WHERE condition] [ORDER BY sort ("," sort)*]
sort: operand [ASC | DESC]
?condition: conjunction (OR conjunction)* -> either
?conjunction: negation (AND negation)* -> both
?negation: NOT negation -> negated | "(" condition ")" | test
?test: operand OPERATOR constant -> compare
     | operand LIKE constant -> compare
     | operand IS NULL -> null
     | operand IS NOT NULL -> not_null
operand: "$" CODE "$" -> attribute | (NAME | ENTITY) -> property
constant: TEXT -> text | NUMBER -> number | TRUE -> true | FALSE -> false
SELECT.9: /select\b/i
FROM.9: /from\b/i
WHERE.9: /where\b/i
ORDER.9: /order\b/i
BY.9: /by\b/i
ASC.9: /asc\b/i
DESC.9: /desc\b/i
AND.9: /and\b/i
OR.9: /or\b/i
NOT.9: /not\b/i
IS.9: /is\b/i
NULL.9: /null\b/i
LIKE.9: /like\b/i
TRUE.9: /true\b/i
FALSE.9: /false\b/i
ENTITY.5: /entity(?![\w.])/i
NAME: /[A-Za-z]\w*(\.[A-Za-z]\w*)*/
CODE: /[\w:.-]+/
OPERATOR: /<>|<=|>=|=|<|>/
NUMBER: /-?\d+(\.\d+)?/
TEXT: /%s/
%%ignore /\s+/
"""
_TEXT = {"doubled": r"'(?:[^']|'')*'", "backslash": r"'(?:[^'\\]|\\.)*'"}


class _Reader(lark.Transformer[Any, Any]):
    """Turns the parse tree into the dataclasses above."""

    def __init__(self, quote: str) -> None:
        super().__init__()
        self._quote = quote

    def text(self, parts: list[lark.Token]) -> str:
        inner = str(parts[0])[1:-1]
        if self._quote == "doubled":
            return inner.replace("''", "'")
        return "".join(_unescaped(inner))

    def number(self, parts: list[lark.Token]) -> float:
        return float(parts[0]) if "." in parts[0] else int(parts[0])

    def true(self, _: list[lark.Token]) -> bool:
        return True

    def false(self, _: list[lark.Token]) -> bool:
        return False

    def attribute(self, parts: list[lark.Token]) -> Attribute:
        return Attribute(str(parts[0]))

    def property(self, parts: list[lark.Token]) -> Property:
        return Property(str(parts[0]).lower())

    def compare(self, parts: list[Any]) -> Compare:
        operand, operator, constant = parts
        return Compare(operand, str(operator).lower(), constant)

    def null(self, parts: list[Any]) -> IsNull:
        return IsNull(parts[0])

    def not_null(self, parts: list[Any]) -> Not:
        return Not(IsNull(parts[0]))

    def negated(self, parts: list[Any]) -> Not:
        return Not(parts[-1])

    def both(self, parts: list[Any]) -> Condition:
        return _joined("and", parts)

    def either(self, parts: list[Any]) -> Condition:
        return _joined("or", parts)

    def sort(self, parts: list[Any]) -> tuple[Operand, bool]:
        return parts[0], any(isinstance(part, lark.Token) and part.type == "DESC" for part in parts)

    def filter(self, parts: list[Any]) -> Condition:
        condition: Condition = parts[0]
        return condition

    def query(self, parts: list[Any]) -> Query:
        conditions = [part for part in parts if isinstance(part, Compare | IsNull | Not | Joined)]
        return Query(conditions[0] if conditions else None, tuple(part for part in parts if isinstance(part, tuple)))


def _joined(word: Literal["and", "or"], parts: list[Any]) -> Condition:
    items = tuple(part for part in parts if not isinstance(part, lark.Token))
    first: Condition = items[0]
    return first if len(items) == 1 else Joined(word, items)


def _unescaped(inner: str) -> list[str]:
    characters, position = [], 0
    while position < len(inner):
        position += inner[position] == "\\"
        characters.append(inner[position])
        position += 1
    return characters


@lru_cache
def _parser(quote: Literal["doubled", "backslash"]) -> lark.Lark:
    return lark.Lark(_GRAMMAR % _TEXT[quote], start=["filter", "query"], parser="lalr", maybe_placeholders=False)


def _read(text: str, start: str, quote: Literal["doubled", "backslash"]) -> Any:
    try:
        tree = _parser(quote).parse(text, start=start)
    except lark.exceptions.UnexpectedInput as error:
        where = getattr(error, "column", -1)
        raise EqlError(f"Invalid query: cannot be read from character {where} on") from error
    return _Reader(quote).transform(tree)


def read_filter(text: str, quote: Literal["doubled", "backslash"] = "doubled") -> Condition:
    """Read a REST ``filter``: a condition alone.

    :raises EqlError: it is not one
    """
    condition: Condition = _read(text, "filter", quote)
    return condition


def read_query(text: str, quote: Literal["doubled", "backslash"] = "doubled") -> Query:
    """Read a query of ``search.ws``.

    :raises EqlError: it is not one
    """
    query: Query = _read(text, "query", quote)
    return query


def properties(condition: Condition | None) -> frozenset[str]:
    """Return the last words of the properties that a condition names: ``deleted`` of ``entity.deleted``."""
    if isinstance(condition, Joined):
        return frozenset().union(*(properties(item) for item in condition.items))
    if isinstance(condition, Not):
        return properties(condition.item)
    if condition is not None and isinstance(condition.operand, Property):
        return frozenset({condition.operand.path.rsplit(".", 1)[-1]})
    return frozenset()


def required_template(condition: Condition | None) -> str | None:
    """Return the template code that a condition demands of every card, if it does."""
    if isinstance(condition, Joined) and condition.word == "and":
        return next((code for item in condition.items if (code := required_template(item)) is not None), None)
    if isinstance(condition, Compare) and condition.operand == Property("template.code") and condition.operator == "=":
        return str(condition.constant)
    return None
