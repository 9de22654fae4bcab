"""Which fields stand on which screen for whom, and how ``createmeta``, ``editmeta`` and transitions tell of them.

A field that the caller may not set is on no screen at all, which is how Jira hides a missing permission: the reporter
needs ``MODIFY_REPORTER``, the assignee ``ASSIGN_ISSUES``. ``Resolved on site``, ``Epic Link`` and ``Estimated cost``
are on the edit screens only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import COMPONENTS, ISSUE_TYPES, PRIORITIES, RESOLUTIONS, VERSIONS
from airflow_provider_jira.sandbox.jira.fields import CUSTOM, CUSTOM_BY_ID, SYSTEM_BY_ID, Custom, System

if TYPE_CHECKING:
    from airflow_provider_jira.sandbox.jira.site import Site
    from airflow_provider_jira.sandbox.jira.values import Presenter

_SYSTEM = (
    "summary", "description", "priority", "assignee", "reporter", "labels", "components", "fixVersions", "duedate",
    "environment", "timetracking",
)  # fmt: skip
_EDIT_ONLY = frozenset({"customfield_10016", "customfield_10025", "customfield_10026"})
_NEEDS = {"reporter": "MODIFY_REPORTER", "assignee": "ASSIGN_ISSUES"}
_DEFAULTED = frozenset({"priority", "reporter"})
_OFFERED = frozenset({"user", "multiuser", "labels"})


class Slot(msgspec.Struct, frozen=True):
    """One field on a screen.

    :param id: field id
    :param required: whether it must have a value
    :param filled: whether Jira gives it one where none is given
    """

    id: str
    required: bool = False
    filled: bool = False


def on_create(site: Site, caller: str | None, project: str, type_: str) -> dict[str, Slot]:
    """Return the fields of a create screen.

    :param project: project key
    :param type_: issue type's name
    """
    wanted = {"summary", "reporter", *site.switches.required_on_create.get(project, ())}
    system = ["project", "issuetype", *_SYSTEM]
    if type_ == "Sub-task":
        wanted.add("parent")
        system.append("parent")
    wanted |= {"project", "issuetype"}
    ids = [*system, *(field.id for field in _customs(project) if field.id not in _EDIT_ONLY)]
    return {
        id_: Slot(id_, required=id_ in wanted, filled=id_ in _DEFAULTED)
        for id_ in ids
        if _permitted(site, caller, project, id_)
    }


def on_edit(site: Site, caller: str | None, project: str, type_: str) -> dict[str, Slot]:
    """Return the fields that can be edited."""
    system = [*_SYSTEM, "comment"]
    if type_ == "Sub-task":
        system.append("parent")
    if site.switches.resolution_editable:
        system.append("resolution")
    ids = [*system, *(field.id for field in _customs(project))]
    return {
        id_: Slot(id_, required=id_ in {"summary", "parent"}, filled=id_ in _DEFAULTED)
        for id_ in ids
        if _permitted(site, caller, project, id_)
    }


def _customs(project: str) -> list[Custom]:
    return [field for field in CUSTOM if field.project in {None, project}]


def _permitted(site: Site, caller: str | None, project: str, id_: str) -> bool:
    needed = _NEEDS.get(id_)
    return needed is None or site.may(caller, needed, project)


def described(show: Presenter, slot: Slot, project: str, type_: str | None = None) -> dict[str, Any]:
    """Describe a field of a screen as ``editmeta`` and transitions do.

    :param project: project key
    :param type_: on a create screen: the issue type's name
    """
    field: Custom | System = CUSTOM_BY_ID.get(slot.id) or SYSTEM_BY_ID[slot.id]
    kind = field.kind if isinstance(field, Custom) else slot.id
    schema = field.schema()
    found: dict[str, Any] = {
        "required": slot.required,
        "schema": schema,
        "name": field.name,
        "key": slot.id,
        "hasDefaultValue": slot.filled,
        "operations": _operations(slot.id, schema["type"]),
    }
    if slot.id == "priority":
        found["defaultValue"] = show.named("priority", "Medium", PRIORITIES["Medium"])
    if kind in _OFFERED or slot.id in {"assignee", "reporter"}:
        found["autoCompleteUrl"] = show.link(f"{'label/suggest' if kind == 'labels' else 'user/search'}?query=")
    allowed = _allowed(show, slot.id, project, type_)
    return found if allowed is None else {**found, "allowedValues": allowed}


def _operations(id_: str, type_: str) -> list[str]:
    if id_ == "comment":
        return ["add", "edit", "remove"]
    if type_ == "array" and id_ != "customfield_10020":
        return ["add", "set", "remove"]
    return ["set"]


def _allowed(show: Presenter, id_: str, project: str, type_: str | None) -> list[Any] | None:
    def named(kind: str, choices: dict[str, int]) -> Callable[[], list[Any]]:
        return lambda: [show.named(kind, name, number) for name, number in choices.items()]

    lists: dict[str, Callable[[], list[Any]]] = {
        "priority": named("priority", PRIORITIES),
        "components": named("component", COMPONENTS),
        "fixVersions": named("version", VERSIONS),
        "resolution": named("resolution", RESOLUTIONS),
        "project": lambda: [show.project(project)],
        "issuetype": lambda: [show.type(name) for name in ([type_] if type_ else ISSUE_TYPES)],
    }
    custom = CUSTOM_BY_ID.get(id_)
    if custom is None:
        return lists[id_]() if id_ in lists else None
    if custom.kind == "version":
        return lists["fixVersions"]()
    return _options(show, custom) if custom.options else None


def _options(show: Presenter, field: Custom) -> list[Any]:
    tops = [name for name in field.options if " / " not in name]
    if field.kind != "cascade":
        return [show.option(field, name) for name in tops]
    return [
        {
            **show.option(field, top),
            "children": [show.option(field, name) for name in field.options if name.startswith(f"{top} / ")],
        }
        for top in tops
    ]


def missing(slots: dict[str, Slot], given: Sequence[str]) -> dict[str, str]:
    """Say which required fields have no value: field id -> message.

    :param given: ids of the fields that have one
    """
    return {
        slot.id: _lacking(slot.id)
        for slot in slots.values()
        if slot.required and not slot.filled and slot.id not in given
    }


def _lacking(id_: str) -> str:
    special = {
        "summary": "You must specify a summary of the issue.",
        "project": "Specify a valid project ID or key",
        "issuetype": "Specify a valid issue type",
        "parent": "Issue type is a sub-task but parent issue key or id not specified.",
    }
    field: Custom | System = CUSTOM_BY_ID.get(id_) or SYSTEM_BY_ID[id_]
    return special.get(id_, f"{field.name} is required.")
