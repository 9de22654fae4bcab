"""Which fields can be searched, by which operators, and where their values lie in a table of issues (alias ``i``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import (
    COMPONENTS,
    ISSUE_TYPES,
    PRIORITIES,
    RESOLUTIONS,
    SPRINTS,
    STATUS_CATEGORIES,
    STATUSES,
    VERSIONS,
)
from airflow_provider_jira.sandbox.jira.fields import CUSTOM, SYSTEM, Custom

EQUAL = frozenset({"=", "!=", "in", "not in", "is", "is not"})
RANGE = frozenset({"<", "<=", ">", ">="})
TEXT = frozenset({"~", "!~", "is", "is not"})


class Names(Protocol):
    """What the compiler asks the site."""

    def project(self, text: str) -> str | None:
        """Return the key of a project that the caller can see, by key, name or id."""

    def person(self, text: str) -> str | None:
        """Return the account id of a person."""

    def group(self, text: str) -> str | None:
        """Return the id of a group, by id or name."""

    def issue(self, text: str) -> int | None:
        """Return the id of an issue that the caller can see, by id or key."""

    @property
    def caller(self) -> str | None:
        """Account id of the caller; ``None``: nobody is logged in."""

    @property
    def ignore_unknown_issues(self) -> bool:
        """Whether issues that are not there are no error."""


class Searchable(msgspec.Struct, frozen=True):
    """How one field is searched.

    :param column: SQL of its value, or of the arguments of ``json_each`` for a field of many values
    :param resolve: text -> value in the column, ``None`` where there is no such value
    :param order: SQL to order by
    """

    kind: str
    column: str
    operators: frozenset[str]
    resolve: Callable[[str], Any] = str
    order: str | None = None


def _folded(choices: dict[str, Any]) -> Callable[[str], Any]:
    """Find a choice by its name, in any case, or by its id."""
    table: dict[str, Any] = {name.lower(): name for name in choices}
    table.update({str(id_[0] if isinstance(id_, tuple) else id_): name for name, id_ in choices.items()})
    return lambda text: table.get(text.lower())


def searchable(names: Names) -> dict[str, Searchable]:
    """Return the fields by every name that JQL knows them by, in lower case."""
    priorities = {
        **{name.lower(): rank for name, rank in PRIORITIES.items()},
        **{str(n): n for n in PRIORITIES.values()},
    }
    resolution = _folded(RESOLUTIONS)
    done = ", ".join(f"'{name}'" for name, (_, category) in STATUSES.items() if category == "done")
    new = ", ".join(f"'{name}'" for name, (_, category) in STATUSES.items() if category == "new")
    category = (
        f"CASE WHEN i.status IN ({done}) THEN 'done' WHEN i.status IN ({new}) THEN 'new' ELSE 'indeterminate' END"
    )
    categories = {title.lower(): key for key, (_, title, _) in STATUS_CATEGORIES.items()}
    categories |= {key: key for key in STATUS_CATEGORIES}
    body = "(SELECT coalesce(b.markdown, b.adf) FROM body b WHERE b.issue = i.id)"
    told = "(SELECT group_concat(c.text, ' ') FROM comment c WHERE c.issue = i.id)"
    dates = RANGE | EQUAL
    system = {
        "project": Searchable("choice", "i.project", EQUAL, names.project),
        "issuetype": Searchable("choice", "i.type", EQUAL, _folded(ISSUE_TYPES)),
        "status": Searchable("choice", "i.status", EQUAL, _folded(STATUSES)),
        "statusCategory": Searchable("choice", f"({category})", EQUAL, lambda text: categories.get(text.lower())),
        "resolution": Searchable(
            "choice", "i.resolution", EQUAL, lambda text: "" if text.lower() == "unresolved" else resolution(text)
        ),
        "priority": Searchable(
            "choice", "i.priority", EQUAL | RANGE, lambda text: priorities.get(text.lower()), order="-i.priority"
        ),
        "assignee": Searchable("choice", "i.assignee", EQUAL, names.person),
        "reporter": Searchable("choice", "i.reporter", EQUAL, names.person),
        "creator": Searchable("choice", "i.creator", EQUAL, names.person),
        "labels": Searchable("many", "i.labels", EQUAL),
        "components": Searchable("many", "i.components", EQUAL, _folded(COMPONENTS)),
        "fixVersions": Searchable("many", "i.versions", EQUAL, _folded(VERSIONS)),
        "created": Searchable("instant", "i.created", dates),
        "updated": Searchable("instant", "i.updated", dates),
        "resolutiondate": Searchable("instant", "i.resolved", dates),
        "duedate": Searchable("day", "i.due", dates),
        "issuekey": Searchable("issue", "i.id", EQUAL | RANGE),
        "parent": Searchable("issue", "i.parent", EQUAL),
        "summary": Searchable("text", "i.summary", TEXT, order="i.summary"),
        "description": Searchable("text", body, TEXT),
        "comment": Searchable("text", told, TEXT),
        "environment": Searchable("text", "json_extract(i.custom, '$.environment.adf')", TEXT),
    }
    found = {clause.lower(): system[field.id] for field in SYSTEM for clause in field.clauses}
    found["text"] = Searchable(
        "text", f"(i.summary || ' ' || coalesce({body}, '') || ' ' || coalesce({told}, ''))", TEXT
    )
    for custom in CUSTOM:
        field = _custom(custom, names)
        found.setdefault(custom.name.lower(), field)
        found[f"cf[{custom.number}]"] = found[custom.id] = field
    return found


def _custom(field: Custom, names: Names) -> Searchable:
    path = f"i.custom, '$.{field.id}'"
    scalar = f"json_extract({path})"
    options = _folded(field.options)
    return {
        "select": lambda: Searchable("choice", scalar, EQUAL, options),
        "group": lambda: Searchable("choice", scalar, EQUAL, names.group),
        "version": lambda: Searchable("choice", scalar, EQUAL, _folded(VERSIONS)),
        "user": lambda: Searchable("choice", scalar, EQUAL, names.person),
        "multigroup": lambda: Searchable("many", path, EQUAL, names.group),
        "multiuser": lambda: Searchable("many", path, EQUAL, names.person),
        "multiselect": lambda: Searchable("many", path, EQUAL, options),
        "labels": lambda: Searchable("many", path, EQUAL),
        "sprint": lambda: Searchable("many", path, EQUAL, _sprint),
        "cascade": lambda: Searchable("cascade", scalar, EQUAL, options),
        "text": lambda: Searchable("text", scalar, TEXT, order=scalar),
        "url": lambda: Searchable("choice", scalar, EQUAL),
        "textarea": lambda: Searchable("text", f"json_extract(i.custom, '$.{field.id}.markdown')", TEXT),
        "number": lambda: Searchable("number", scalar, EQUAL | RANGE),
        "date": lambda: Searchable("day", scalar, EQUAL | RANGE),
        "datetime": lambda: Searchable("instant", scalar, EQUAL | RANGE),
        "epic": lambda: Searchable("issue", scalar, EQUAL),
    }[field.kind]()


def _sprint(text: str) -> int | None:
    found = [id_ for id_, (name, _) in SPRINTS.items() if text in {str(id_), name}]
    return found[0] if found else None
