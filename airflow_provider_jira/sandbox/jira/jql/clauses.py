"""Checks a query against the site and turns it into SQL over the alias ``i`` of a table of issues.

One value that does not exist refuses the whole query, as on the real site: losing one of two projects breaks a query
that names both. All errors are collected, so that ``POST /jql/parse`` can list them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.jql.dates import Clock
from airflow_provider_jira.sandbox.jira.jql.reader import JqlError
from airflow_provider_jira.sandbox.jira.jql.searchable import RANGE, Names, Searchable, searchable
from airflow_provider_jira.sandbox.jira.jql.tree import Call, Clause, Compound, Condition, Empty, Query, Single

MAX_ORDER = 7
_PAIRS = (("=", "!="), ("in", "not in"), ("is", "is not"), ("~", "!~"), ("<", ">="), (">", "<="))
_OPPOSITES = {**dict(_PAIRS), **{right: left for left, right in _PAIRS}}


class Compiled(msgspec.Struct, frozen=True):
    """A query as SQL.

    :param where: condition
    :param values: its parameters
    :param order: expressions that are never null, with whether they descend
    """

    where: str
    values: tuple[Any, ...]
    order: tuple[tuple[str, bool], ...]


def compile_query(query: Query, names: Names, clock: Clock) -> Compiled:
    """Turn a query into SQL.

    :raises JqlError: the site does not have what it names; all messages at once
    """
    compiler = _Compiler(names, clock)
    where = compiler.condition(query.where) if query.where is not None else "1"
    order = compiler.order(query)
    if compiler.errors:
        raise JqlError(*dict.fromkeys(compiler.errors))
    return Compiled(where, tuple(compiler.values), order)


class _Compiler:
    def __init__(self, names: Names, clock: Clock) -> None:
        self.names = names
        self.clock = clock
        self.values: list[Any] = []
        self.errors: list[str] = []
        self.fields = searchable(names)

    def condition(self, condition: Condition, *, denied: bool = False) -> str:
        """Compile a condition. NOT goes inwards to the operators, so that it, too, leaves out what has no value."""
        if isinstance(condition, Compound):
            if condition.operator == "not":
                return self.condition(condition.clauses[0], denied=not denied)
            parts = [self.condition(part, denied=denied) for part in condition.clauses]
            joint = "AND" if (condition.operator == "and") is not denied else "OR"
            return f"({f' {joint} '.join(parts)})"
        if denied:
            opposite = _OPPOSITES.get(condition.operator, condition.operator)
            condition = msgspec.structs.replace(condition, operator=opposite)
        try:
            return self.clause(condition)
        except JqlError as error:
            self.errors += error.messages
            return "0"

    def field(self, name: str) -> Searchable:
        field = self.fields.get(name.lower())
        if field is None:
            viewed = "" if self.names.caller else " by anonymous users"
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it{viewed}.")
        return field

    def clause(self, clause: Clause) -> str:
        field = self.field(clause.field)
        if clause.operator not in field.operators:
            raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
        if clause.operator in {"is", "is not"} or isinstance(clause.values[0], Empty):
            return self.emptiness(field, clause)
        return str(getattr(self, f"_{field.kind}")(field, clause))

    def emptiness(self, field: Searchable, clause: Clause) -> str:
        denied = clause.operator in {"is not", "!=", "not in"}
        if field.kind == "many":
            return f"{'' if denied else 'NOT '}EXISTS (SELECT 1 FROM json_each({field.column}))"
        return f"{field.column} IS {'NOT ' if denied else ''}NULL"

    def resolved(self, field: Searchable, clause: Clause) -> list[Any]:
        """Look up every value of a clause."""
        found, errors = [], []
        for value in clause.values:
            for text in self.texts(value, clause):
                one = field.resolve(text)
                if one is None:
                    viewed = "" if self.names.caller else " or cannot be viewed by anonymous users"
                    errors.append(f"The value '{text}' does not exist for the field '{clause.field}'{viewed}.")
                else:
                    found.append(one)
        if errors:
            raise JqlError(*errors)
        return found

    def texts(self, value: Single, clause: Clause) -> list[str]:
        if isinstance(value, Empty):
            raise JqlError(f"The sandbox does not look for EMPTY inside a list (field '{clause.field}').")
        if isinstance(value, Call):
            if value.name.lower() == "currentuser" and not value.arguments:
                return [self.names.caller or "nobody"]
            raise JqlError(f"Unable to find JQL function '{value.name}({', '.join(value.arguments)})'.")
        return [value.text]

    def within(self, values: Sequence[Any]) -> str:
        self.values += values
        return f"({', '.join('?' * len(values))})"

    def _choice(self, field: Searchable, clause: Clause) -> str:
        found = self.resolved(field, clause)
        if clause.operator in RANGE:
            # A higher priority has the lower number.
            self.values.append(found[0])
            return f"{field.column} {clause.operator.translate(str.maketrans('<>', '><'))} ?"
        if "" in found:  # Unresolved
            return f"{field.column} IS {'NOT ' if clause.operator in {'!=', 'not in'} else ''}NULL"
        denied = "NOT " if clause.operator in {"!=", "not in"} else ""
        return f"{field.column} {denied}IN {self.within(found)}"

    def _many(self, field: Searchable, clause: Clause) -> str:
        found = self.within(self.resolved(field, clause))
        hit = f"EXISTS (SELECT 1 FROM json_each({field.column}) e WHERE e.value IN {found})"
        if clause.operator in {"!=", "not in"}:
            return f"(EXISTS (SELECT 1 FROM json_each({field.column})) AND NOT {hit})"
        return hit

    def _cascade(self, field: Searchable, clause: Clause) -> str:
        parts = []
        for one in self.resolved(field, clause):
            self.values += [one, one, one]
            parts.append(f"({field.column} = ? OR substr({field.column}, 1, length(?) + 3) = ? || ' / ')")
        hit = f"({' OR '.join(parts)})"
        return f"({field.column} IS NOT NULL AND NOT {hit})" if clause.operator in {"!=", "not in"} else hit

    def _issue_range(self, clause: Clause) -> str:
        """Compare ids as numbers; keys only within their project. Neither end of a range need exist."""
        text = self.texts(clause.values[0], clause)[0]
        if text.isdigit():
            self.values.append(int(text))
            return f"i.id {clause.operator} ?"
        project, _, number = text.rpartition("-")
        if not number.isdigit() or self.names.project(project) is None:
            raise JqlError(f"An issue with key '{text}' does not exist for field '{clause.field}'.")
        self.values += [self.names.project(project), int(number)]
        return f"(i.project = ? AND i.num {clause.operator} ?)"

    def _issue(self, field: Searchable, clause: Clause) -> str:
        if clause.operator in RANGE:
            return self._issue_range(clause)
        found: list[int] = []
        errors: list[str] = []
        for value in clause.values:
            for text in self.texts(value, clause):
                number = self.names.issue(text)
                if number is not None:
                    found.append(number)
                elif not self.names.ignore_unknown_issues:
                    named = f"A value with ID '{text}'" if text.isdigit() else f"An issue with key '{text}'"
                    errors.append(f"{named} does not exist for the field '{clause.field}'.")
        if errors:
            raise JqlError(*errors)
        denied = "NOT " if clause.operator in {"!=", "not in"} else ""
        return f"{field.column} {denied}IN {self.within(found)}"

    def _instant(self, field: Searchable, clause: Clause) -> str:
        return self._compared(field, clause, [self.clock.instant(value, clause.field) for value in clause.values])

    def _day(self, field: Searchable, clause: Clause) -> str:
        return self._compared(field, clause, [self.clock.day(value, clause.field) for value in clause.values])

    def _number(self, field: Searchable, clause: Clause) -> str:
        try:
            found = [float(text) for value in clause.values for text in self.texts(value, clause)]
        except ValueError:
            raise JqlError(f"A value for the field '{clause.field}' is not a number.") from None
        return self._compared(field, clause, found)

    def _compared(self, field: Searchable, clause: Clause, found: Sequence[Any]) -> str:
        if clause.operator in {"in", "not in"}:
            return f"{field.column} {clause.operator.upper()} {self.within(found)}"
        self.values.append(found[0])
        return f"{field.column} {clause.operator} ?"

    def _text(self, field: Searchable, clause: Clause) -> str:
        text = self.texts(clause.values[0], clause)[0]
        words = re.findall(r'"[^"]*"|[^\s"]+', text)
        parts = []
        for word in words:
            escaped = re.sub(r"([\\%_])", r"\\\1", word.strip('"').rstrip("*"))
            self.values.append(f"%{escaped}%")
            parts.append(f"{field.column} LIKE ? ESCAPE '\\'")
        hit = f"({' AND '.join(parts) or '1'})"
        return f"NOT {hit}" if clause.operator == "!~" else hit

    def order(self, query: Query) -> tuple[tuple[str, bool], ...]:
        if len(query.order) > MAX_ORDER:
            self.errors.append(f"JQL can be ordered by at most {MAX_ORDER} fields.")
        found: list[tuple[str, bool]] = []
        for term in query.order:
            try:
                field = self.field(term.field)
            except JqlError as error:
                self.errors += error.messages
                continue
            if field.kind in {"many", "text"} and field.order is None:
                self.errors.append(f"Field '{term.field}' can not be used for ordering.")
                continue
            descends = term.direction == "desc"
            if field.column == "i.id" and term.field.lower() == "id":
                # Ids are unique: whatever else is named decides nothing.
                return (*found, ("i.id", descends))
            if field.column == "i.id":
                found += [("i.project", descends), ("i.num", descends)]
            else:
                found.append((f"ifnull({field.order or field.column}, '')", descends))
        return (*(found or [("i.created", True)]), ("i.id", False))
