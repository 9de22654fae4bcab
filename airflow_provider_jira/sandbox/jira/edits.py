"""Takes edits of an issue: what ``PUT /issue`` accepts, in Jira's own forms, and refused the way Jira refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import COMPONENTS, PRIORITIES, SPRINTS, VERSIONS
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.fields import CUSTOM_BY_ID, Custom
from airflow_provider_jira.sandbox.jira.store import Row

if TYPE_CHECKING:
    from airflow_provider_jira.sandbox.jira.site import Site

Bodies = tuple[str | None, str | None]
_NO_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."


class _Wrong(Exception):
    """A value that a field does not take."""


def edited(
    site: Site, row: Row, fields: dict[str, Any], update: dict[str, list[dict[str, Any]]]
) -> tuple[Row, Bodies | None]:
    """Apply an edit to an issue that has been read and is not saved yet.

    :param fields: field id -> new value; ``null`` clears
    :param update: field id -> operations (``set``, and ``add`` and ``remove`` for lists)
    :returns: the issue, and the new description (document, Markdown) where it changed
    :raises Refused: 400, with a message for every field that cannot be set
    """
    editor = _Editor(site, row)
    for name, value in fields.items():
        editor.attempt(name, [{"set": value}])
    for name, operations in update.items():
        editor.attempt(name, operations)
    if editor.errors:
        raise Refused(400, errors=editor.errors)
    return row, editor.bodies


class _Editor:
    def __init__(self, site: Site, row: Row) -> None:
        self.site = site
        self.row = row
        self.bodies: Bodies | None = None
        self.errors: dict[str, str] = {}

    def attempt(self, name: str, operations: list[dict[str, Any]]) -> None:
        """Do a field's operations, and note it where they cannot be done."""
        try:
            for operation in operations:
                self.apply(name, operation)
        except _Wrong as wrong:
            self.errors[name] = str(wrong)

    def set(self, name: str, value: Any) -> None:
        """Give a field a new value."""
        if name in CUSTOM_BY_ID:
            self.custom(CUSTOM_BY_ID[name], value)
        elif name in {"labels", "components", "fixVersions"}:
            self.set_list(name, value)
        elif name == "description":
            self.bodies = (None, None) if value is None else (msgspec.json.encode(_document(value)).decode(), None)
        elif name == "summary":
            if not isinstance(value, str) or not value.strip():
                raise _Wrong("You must specify a summary of the issue.")
            if len(value) > 255 or "\n" in value:
                raise _Wrong("The summary is invalid because it contains newline characters or is longer than 255.")
            self.row.summary = value
        elif name == "priority":
            self.row.priority = PRIORITIES[_name(value, {key: str(id_) for key, id_ in PRIORITIES.items()})]
        elif name in {"assignee", "reporter"}:
            setattr(self.row, name, None if value is None else self.person(value))
        elif name == "duedate":
            self.row.due = None if value is None else _day(value)
        else:
            raise _Wrong(_NO_SCREEN.format(name))

    def set_list(self, name: str, value: Any) -> None:
        """Give a field of several values new ones."""
        if name == "labels":
            self.row.labels = _labels(value)
        elif name == "components":
            self.row.components = sorted(_name(one, {n: str(i) for n, i in COMPONENTS.items()}) for one in _list(value))
        else:
            self.row.versions = sorted(_name(one, {n: str(i) for n, i in VERSIONS.items()}) for one in _list(value))

    def apply(self, name: str, operation: dict[str, Any]) -> None:
        """Do one operation of ``update``."""
        if len(operation) != 1:
            raise _Wrong("An operation has exactly one verb.")
        verb, value = next(iter(operation.items()))
        if verb == "set":
            self.set(name, value)
        elif name == "labels" and verb in {"add", "remove"}:
            kept = [label for label in self.row.labels if label != value]
            self.row.labels = _labels([*kept, value] if verb == "add" else kept)
        else:
            raise _Wrong(f"The sandbox does not do '{verb}' on '{name}'.")

    def custom(self, field: Custom, value: Any) -> None:
        if field.project not in {None, self.row.project}:
            raise _Wrong(_NO_SCREEN.format(field.id))
        if value is None or value == []:
            self.row.custom.pop(field.id, None)
            return
        options = {name: str(id_) for name, id_ in field.options.items()}
        versions = {name: str(id_) for name, id_ in VERSIONS.items()}
        take: dict[str, Callable[[Any], Any]] = {
            "select": lambda v: _name(v, options, "value"),
            "multiselect": lambda v: [_name(one, options, "value") for one in _list(v)],
            "cascade": lambda v: _cascade(v, options),
            "user": self.person,
            "multiuser": lambda v: [self.person(one) for one in _list(v)],
            "group": self.group,
            "version": lambda v: _name(v, versions),
            "textarea": lambda v: {"adf": _document(v), "markdown": None},
            "number": _number,
            "date": _day,
            "datetime": _instant,
            "labels": _labels,
            "sprint": _sprint,
            "epic": self.issue,
        }
        taken: Callable[[Any], Any] = take.get(field.kind, _string)
        self.row.custom[field.id] = taken(value)

    def person(self, value: Any) -> str:
        account = value.get("accountId", value.get("id")) if isinstance(value, dict) else None
        if self.site.people.known(str(account)) is None:
            raise _Wrong("Specify a valid value for the user: an object with accountId.")
        return str(account)

    def group(self, value: Any) -> str:
        groups = {group.name: group.id for group in self.site.people.groups()}
        return groups[_name(value, groups, id_key="groupId")]

    def issue(self, value: Any) -> int:
        id_ = self.site.store.id_of(value) if isinstance(value, str) else None
        if id_ is None:
            raise _Wrong("Specify the key of an epic.")
        return id_


def _document(value: Any) -> dict[str, Any]:
    """Accept a document only: text is refused, and so are empty text nodes."""
    if not isinstance(value, dict) or value.get("type") != "doc" or not isinstance(value.get("content"), list):
        raise _Wrong("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
    _refuse_empty_text(value)
    return value


def _refuse_empty_text(node: dict[str, Any]) -> None:
    if node.get("type") == "text" and not node.get("text"):
        raise _Wrong("INVALID_INPUT")
    for child in node.get("content", []):
        _refuse_empty_text(child)


def _name(value: Any, choices: dict[str, str], key: str = "name", id_key: str = "id") -> str:
    """Find a choice that is given by its id or its name."""
    if isinstance(value, dict):
        for name, id_ in choices.items():
            if value.get(id_key) == id_ or (id_key not in value and value.get(key) == name):
                return name
    raise _Wrong(f"Specify a valid '{id_key}' or '{key}'.")


def _cascade(value: Any, options: dict[str, str]) -> str:
    top = _name(value, {name: id_ for name, id_ in options.items() if " / " not in name}, "value")
    if "child" not in value:
        return top
    inner = {name.partition(" / ")[2]: id_ for name, id_ in options.items() if name.startswith(f"{top} / ")}
    return f"{top} / {_name(value['child'], inner, 'value')}"


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _Wrong("data was not an array")
    return value


def _labels(value: Any) -> list[str]:
    for label in _list(value):
        if not isinstance(label, str) or " " in label:
            raise _Wrong(f"The label '{label}' contains spaces which is invalid.")
    return sorted(dict.fromkeys(value))


def _string(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 255:
        raise _Wrong("Operation value must be a string of at most 255 characters")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Wrong("Operation value must be a number")
    return float(value)


def _day(value: Any) -> str:
    try:
        return f"{datetime.strptime(value, '%Y-%m-%d'):%Y-%m-%d}"  # noqa: DTZ007 - a day has no zone
    except (TypeError, ValueError):
        raise _Wrong("Error parsing date string: the form is yyyy-MM-dd") from None


def _instant(value: Any) -> int:
    try:
        return int(datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000)
    except (TypeError, ValueError):
        raise _Wrong("Error parsing time: the form is yyyy-MM-dd'T'HH:mm:ss.SSSZ") from None


def _sprint(value: Any) -> list[int]:
    if not isinstance(value, int) or value not in SPRINTS:
        raise _Wrong("Specify the number of one sprint.")
    return [value]
