"""Takes edits of an issue: what ``POST /issue``, ``PUT /issue`` and transitions accept, in Jira's own forms.

They are refused the way Jira refuses: all fields that cannot be set at once, each with a message of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import msgspec

from airflow_provider_jira.sandbox.jira import documents, edit_values
from airflow_provider_jira.sandbox.jira.catalog import COMPONENTS, PRIORITIES, RESOLUTIONS, VERSIONS
from airflow_provider_jira.sandbox.jira.edit_values import choice, listed_values
from airflow_provider_jira.sandbox.jira.errors import Refused, Wrong
from airflow_provider_jira.sandbox.jira.fields import CUSTOM_BY_ID, Custom
from airflow_provider_jira.sandbox.jira.store import Row

if TYPE_CHECKING:
    from airflow_provider_jira.sandbox.jira.site import Site

NO_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
Update = dict[str, list[dict[str, Any]]]
_LISTS = frozenset({"labels", "components", "fixVersions"})
_LIST_KINDS = frozenset({"labels", "multiselect", "multiuser", "multigroup"})
_NO_COLUMN = frozenset({"environment", "timetracking"})
_COLUMNS = {"fixVersions": "versions", "duedate": "due"}


class Edit(msgspec.Struct):
    """What an edit makes of an issue.

    :param row: the issue, not saved yet
    :param description: the new description (document, Markdown); ``None``: as it was
    :param comments: comments that travel with the edit, as they were given
    """

    row: Row
    description: tuple[str | None, str | None] | None = None
    comments: list[Any] = []


def refuse_twice(fields: dict[str, Any], update: Update) -> None:
    """Refuse a field that stands in both parts of a body."""
    if both := sorted(set(fields) & set(update)):
        errors = {name: f"Field '{name}' cannot appear in both 'fields' and 'update'" for name in both}
        raise Refused(400, errors=errors)


def edited(site: Site, row: Row, fields: dict[str, Any], update: Update, screen: Collection[str] | None = None) -> Edit:
    """Apply an edit to an issue that has been read and is not saved yet.

    :param fields: field id -> new value; ``null`` clears
    :param update: field id -> operations (``set``, ``add`` and ``remove`` for lists, ``add`` for comments)
    :param screen: ids of the fields that can be set here; default: all that the project has
    :raises Refused: 400, with a message for every field that cannot be set
    """
    edit, errors = attempted(site, row, fields, update, screen)
    if errors:
        raise Refused(400, errors=errors)
    return edit


def attempted(
    site: Site, row: Row, fields: dict[str, Any], update: Update, screen: Collection[str] | None = None
) -> tuple[Edit, dict[str, str]]:
    """Do what :func:`edited` does, and return the messages instead of raising them."""
    editor = _Editor(site, row)
    wanted = {**{name: [{"set": value}] for name, value in fields.items()}, **update}
    errors = {name: editor.attempt(name, operations, screen) for name, operations in wanted.items()}
    return editor.edit, {name: message for name, message in errors.items() if message}


class _Editor:
    def __init__(self, site: Site, row: Row) -> None:
        self.site = site
        self.row = row
        self.edit = Edit(row)

    def attempt(self, name: str, operations: list[dict[str, Any]], screen: Collection[str] | None) -> str:
        """Do a field's operations; returns why they cannot be done."""
        if screen is not None and name not in screen:
            return NO_SCREEN.format(name)
        try:
            for operation in operations:
                self.apply(name, operation)
        except Wrong as wrong:
            return str(wrong)
        return ""

    def apply(self, name: str, operation: dict[str, Any]) -> None:
        """Do one operation of ``update``."""
        if len(operation) != 1:
            raise Wrong("An operation has exactly one verb.")
        verb, value = next(iter(operation.items()))
        custom = CUSTOM_BY_ID.get(name)
        if name == "comment" and verb == "add":
            self.edit.comments.append(value)
        elif verb == "set":
            self.put(name, self.taken(name, value))
        elif verb in {"add", "remove"} and (custom.kind in _LIST_KINDS if custom else name in _LISTS):
            given = self.taken(name, [value])
            kept = [one for one in self.current(name) if one not in given]
            self.put(name, sorted([*kept, *given]) if verb == "add" else kept)
        else:
            raise Wrong(f"The field '{name}' does not know the operation '{verb}'.")

    def current(self, name: str) -> list[Any]:
        """Return what a field of several values holds."""
        if name in CUSTOM_BY_ID:
            return list(self.row.custom.get(name, []))
        return list(getattr(self.row, _COLUMNS.get(name, name)))

    def put(self, name: str, kept: Any) -> None:
        """Give a field a value in the form in which the store keeps it."""
        if name in CUSTOM_BY_ID or name in _NO_COLUMN:
            self.row.custom.pop(name, None)
            if kept is not None and kept != []:
                self.row.custom[name] = kept
        elif name == "description":
            adf = None if kept is None else msgspec.json.encode(kept["adf"]).decode()
            self.edit.description = adf, None
        else:
            setattr(self.row, _COLUMNS.get(name, name), kept)

    def taken(self, name: str, value: Any) -> Any:
        """Take a value in Jira's form, and return what the store keeps."""
        if name in CUSTOM_BY_ID:
            return self.custom(CUSTOM_BY_ID[name], value)
        take: dict[str, Callable[[Any], Any]] = {
            "summary": edit_values.summary,
            "description": _document,
            "environment": _document,
            "priority": lambda v: PRIORITIES[choice(v, _ids(PRIORITIES))],
            "assignee": lambda v: None if v in (None, {"accountId": None}) else self.person(v),
            "reporter": lambda v: None if v is None else self.person(v),
            "duedate": lambda v: None if v is None else edit_values.day(v),
            "labels": lambda v: edit_values.labels(_or_none_of_them(v)),
            "components": lambda v: sorted(choice(one, _ids(COMPONENTS)) for one in listed_values(_or_none_of_them(v))),
            "fixVersions": lambda v: sorted(choice(one, _ids(VERSIONS)) for one in listed_values(_or_none_of_them(v))),
            "parent": self.parent,
            "timetracking": lambda v: None if v is None else edit_values.time_tracking(v),
        }
        if self.site.switches.resolution_editable:
            take["resolution"] = lambda v: None if v is None else choice(v, _ids(RESOLUTIONS))
        if name not in take:
            raise Wrong(NO_SCREEN.format(name))
        return take[name](value)

    def custom(self, field: Custom, value: Any) -> Any:
        if field.project not in {None, self.row.project}:
            raise Wrong(NO_SCREEN.format(field.id))
        if value is None or value == []:
            return None
        options = _ids(field.options)
        take: dict[str, Callable[[Any], Any]] = {
            "select": lambda v: choice(v, options, "value"),
            "multiselect": lambda v: [choice(one, options, "value") for one in listed_values(v)],
            "cascade": lambda v: edit_values.cascade(v, options),
            "user": self.person,
            "multiuser": lambda v: [self.person(one) for one in listed_values(v)],
            "group": self.group,
            "multigroup": lambda v: [self.group(one) for one in listed_values(v)],
            "version": lambda v: choice(v, _ids(VERSIONS)),
            "textarea": _document,
            "number": edit_values.number,
            "date": edit_values.day,
            "datetime": edit_values.instant,
            "labels": edit_values.labels,
            "sprint": edit_values.sprint,
            "epic": self.epic,
            "url": edit_values.url,
        }
        taken: Callable[[Any], Any] = take.get(field.kind, edit_values.string)
        return taken(value)

    def person(self, value: Any) -> str:
        account = value.get("accountId", value.get("id")) if isinstance(value, dict) else None
        if self.site.people.known(str(account)) is None:
            raise Wrong("Specify a valid value for the user: an object with accountId.")
        return str(account)

    def group(self, value: Any) -> str:
        groups = {group.name: group.id for group in self.site.people.groups()}
        return groups[choice(value, groups, id_key="groupId")]

    def epic(self, value: Any) -> int:
        id_ = self.site.store.id_of(value) if isinstance(value, str) else None
        if id_ is None:
            raise Wrong("Specify the key of an epic.")
        return id_

    def parent(self, value: Any) -> int | None:
        if value in (None, {"none": True}):
            if self.row.type == "Sub-task":
                raise Wrong("A sub-task needs a parent.")
            return None
        text = str(value.get("id") or value.get("key") or "") if isinstance(value, dict) else ""
        id_ = int(text) if text.isdigit() else self.site.store.id_of(text)
        rows = self.site.store.issues([id_]) if id_ is not None else []
        if not rows or rows[0].hidden or rows[0].id == self.row.id:
            raise Wrong("Could not find issue by id or key.")
        if rows[0].project != self.row.project or rows[0].type == "Sub-task" or self.row.type != "Sub-task":
            raise Wrong("The issue cannot be the parent of this issue: only sub-tasks have one, in their own project.")
        return rows[0].id


def _document(value: Any) -> dict[str, Any] | None:
    return None if value is None else {"adf": documents.checked(value), "markdown": None}


def _or_none_of_them(value: Any) -> Any:
    return [] if value is None else value


def _ids(choices: dict[str, int]) -> dict[str, str]:
    return {name: str(id_) for name, id_ in choices.items()}
