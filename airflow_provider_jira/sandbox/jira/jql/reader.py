"""Reads JQL: letters to tokens, tokens to a tree. Knows the language, not the site."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from airflow_provider_jira.sandbox.jira.jql.tree import (
    Call,
    Clause,
    Compound,
    Condition,
    Empty,
    Order,
    Query,
    Single,
    Word,
)

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+)
  | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<operator>!=|!~|<=|>=|=|<|>|~)
  | (?P<sign>[(),]|&&?|\|\|?|!)
  | (?P<cf>cf\[\d+\])
  | (?P<word>[^\s"'=!<>()~,&|\[\]]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_RESERVED = frozenset(
    {
        "after", "all", "alter", "and", "any", "as", "asc", "before", "between", "by", "cf", "changed", "count",
        "create", "date", "default", "delete", "desc", "distinct", "during", "else", "empty", "end", "equals",
        "field", "first", "for", "from", "function", "go", "group", "having", "if", "in", "insert", "into",
        "is", "isempty", "isnull", "join", "last", "left", "like", "limit", "max", "min", "next", "not",
        "notin", "null", "of", "on", "or", "order", "outer", "right", "select", "set", "table", "then", "to",
        "union", "unique", "update", "values", "was", "when", "where", "while", "with",
    }
)  # fmt: skip
"""Words that stand for nothing but themselves; not Jira's whole list, but the likely project keys and values."""


class JqlError(Exception):
    """A query that Jira refuses; every argument is one message."""

    @property
    def messages(self) -> list[str]:
        """Return the messages."""
        return [str(message) for message in self.args]


class _Token(msgspec.Struct, frozen=True):
    kind: Literal["quoted", "operator", "sign", "cf", "word", "end"]
    text: str
    line: int
    character: int

    @property
    def keyword(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


def read(jql: str) -> Query:
    """Read a query.

    :raises JqlError: it is not JQL
    """
    return _Reader(jql).query()


def _tokens(jql: str) -> list[_Token]:
    found, at = [], 0
    while at < len(jql):
        line = jql.count("\n", 0, at) + 1
        character = at - (jql.rfind("\n", 0, at) + 1) + 1
        match = _TOKEN.match(jql, at)
        if match is None:
            if jql[at] in "\"'":
                raise JqlError(
                    f"Error in the JQL Query: the quotes of line {line}, character {character} are never closed."
                )
            raise JqlError(
                f"Error in the JQL Query: the character '{jql[at]}' at line {line}, character {character} is reserved; "
                "put the value in quotes."
            )
        kind = match.lastgroup
        if kind != "blank":
            found.append(_Token(kind, match.group(), line, character))  # type: ignore[arg-type]
        at = match.end()
    found.append(_Token("end", "", jql.count("\n") + 1, at - (jql.rfind("\n") + 1) + 1))
    return found


class _Reader:
    """Recursive descent; one method a rule."""

    def __init__(self, jql: str) -> None:
        self.tokens = _tokens(jql)
        self.at = 0

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.now
        self.at += 1
        return token

    def keyword(self, *words: str) -> bool:
        """Take these keywords, if they are next."""
        following = self.tokens[self.at : self.at + len(words)]
        if [token.keyword for token in following] != list(words):
            return False
        self.at += len(words)
        return True

    def sign(self, *texts: str) -> bool:
        if self.now.kind == "sign" and self.now.text in texts:
            self.at += 1
            return True
        return False

    def fail(self, wanted: str) -> JqlError:
        token = self.now
        if token.kind == "end":
            return JqlError(f"Error in the JQL Query: expecting {wanted} before the end of the query.")
        place = f"(line {token.line}, character {token.character})"
        return JqlError(f"Error in the JQL Query: expecting {wanted} but got '{token.text}'. {place}")

    def query(self) -> Query:
        where = None
        if self.now.kind != "end" and not (self.now.keyword == "order" and self.tokens[self.at + 1].keyword == "by"):
            where = self.either()
        order: tuple[Order, ...] = ()
        if self.keyword("order", "by"):
            order = self.order()
        if self.now.kind != "end":
            raise self.fail("either 'OR' or 'AND'")
        return Query(where, order)

    def either(self) -> Condition:
        parts = [self.both()]
        while self.keyword("or") or self.sign("|", "||"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Compound("or", tuple(parts))

    def both(self) -> Condition:
        parts = [self.denied()]
        while self.keyword("and") or self.sign("&", "&&"):
            parts.append(self.denied())
        return parts[0] if len(parts) == 1 else Compound("and", tuple(parts))

    def denied(self) -> Condition:
        if self.keyword("not") or self.sign("!"):
            return Compound("not", (self.denied(),))
        if self.sign("("):
            inner = self.either()
            if not self.sign(")"):
                raise self.fail("')'")
            return inner
        return self.clause()

    def clause(self) -> Clause:
        field = self.name("a field name")
        operator = self.operator()
        if operator in {"in", "not in", "was in", "was not in"} and self.now.text == "(":
            return Clause(field, operator, self.values(), listed=True)
        value = self.value()
        if operator in {"is", "is not"} and not isinstance(value, Empty):
            raise JqlError(f"Error in the JQL Query: the operator '{operator}' takes EMPTY or NULL only.")
        return Clause(field, operator, (value,))

    def name(self, wanted: str) -> str:
        token = self.now
        if token.kind in {"word", "cf", "quoted"}:
            self.at += 1
            if token.keyword in _RESERVED:
                raise self.reserved(token)
            return _unquoted(token.text) if token.kind == "quoted" else token.text
        raise self.fail(wanted)

    def reserved(self, token: _Token) -> JqlError:
        return JqlError(
            f"Error in the JQL Query: '{token.text}' is a reserved JQL word; put it in quotes. "
            f"(line {token.line}, character {token.character})"
        )

    def operator(self) -> str:
        if self.now.kind == "operator":
            return self.take().text
        for words in (
            ("not", "in"),
            ("in",),
            ("is", "not"),
            ("is",),
            ("was", "not", "in"),
            ("was", "in"),
            ("was", "not"),
            ("was",),
        ):
            if self.keyword(*words):
                return " ".join(words)
        if self.now.keyword == "changed":
            raise JqlError("The sandbox keeps no history: it knows no CHANGED.")
        raise self.fail("an operator")

    def values(self) -> tuple[Single, ...]:
        self.take()
        found = [self.value()]
        while self.sign(","):
            found.append(self.value())
        if not self.sign(")"):
            raise self.fail("either ')' or ','")
        return tuple(found)

    def value(self) -> Single:
        token = self.now
        if self.keyword("empty") or self.keyword("null"):
            return Empty()
        if token.kind == "quoted":
            self.at += 1
            return Word(_unquoted(token.text), quoted=True)
        text = self.name("a value, a list or a function")
        if self.sign("("):
            return Call(text, self.arguments())
        return Word(text)

    def arguments(self) -> tuple[str, ...]:
        found: list[str] = []
        while not self.sign(")"):
            if found and not self.sign(","):
                raise self.fail("either ')' or ','")
            found.append(self.name("an argument"))
        return tuple(found)

    def order(self) -> tuple[Order, ...]:
        found = []
        while True:
            field = self.name("a field name")
            direction: Literal["asc", "desc"] | None = None
            if self.keyword("asc"):
                direction = "asc"
            elif self.keyword("desc"):
                direction = "desc"
            found.append(Order(field, direction))
            if not self.sign(","):
                return tuple(found)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescaped, text[1:-1], flags=re.DOTALL)


def _unescaped(match: re.Match[str]) -> str:
    text = match.group(1)
    if text[0] == "u" and len(text) == 5:
        return chr(int(text[1:], 16))
    return _ESCAPES.get(text, text)
