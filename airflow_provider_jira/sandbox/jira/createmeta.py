"""``createmeta`` and ``editmeta``: what a project lets the caller create, and which fields can be set."""

from __future__ import annotations

from typing import Any

from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.catalog import ISSUE_TYPES, Project
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.screens import described, on_create, on_edit

MAX_PAGE = 200


def issue_types(call: Call) -> dict[str, Any]:
    """``GET /issue/createmeta/{projectIdOrKey}/issuetypes``: none where the caller may not create issues."""
    project = _project(call)
    show = call.site.presenter(call.base, [], ())
    names = list(ISSUE_TYPES) if call.permitted("CREATE_ISSUES", project.key) else []
    return _page(call, "issueTypes", [{**show.type(name), "untranslatedName": name} for name in names])


def fields(call: Call) -> dict[str, Any]:
    """``GET /issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}``."""
    project, text = _project(call), call.path["type"]
    name = next((name for name, id_ in ISSUE_TYPES.items() if str(id_) == text), None)
    if name is None or not call.permitted("CREATE_ISSUES", project.key):
        raise Refused(400, f"The issue type with id '{text}' cannot be created in project {project.key}.")
    show = call.site.presenter(call.base, [], ())
    slots = on_create(call.site, call.caller, project.key, name)
    return _page(
        call, "fields", [{"fieldId": id_, **described(show, slot, project.key, name)} for id_, slot in slots.items()]
    )


def edit(call: Call) -> dict[str, Any]:
    """``GET /issue/{issueIdOrKey}/editmeta``: no fields where the caller may not edit the issue."""
    row = call.issue()
    show = call.site.presenter(call.base, [], ())
    editable = call.permitted("EDIT_ISSUES", row.project)
    slots = on_edit(call.site, call.caller, row.project, row.type) if editable else {}
    return {"fields": {id_: described(show, slot, row.project) for id_, slot in slots.items()}}


def _project(call: Call) -> Project:
    text = call.path["project"]
    for project in call.site.projects.values():
        if text.upper() in {project.key, str(project.id)} and project.readable and call.caller is not None:
            return project
    raise Refused(400, f"No project could be found with key or id '{text}'.")


def _page(call: Call, name: str, every: list[dict[str, Any]]) -> dict[str, Any]:
    start, most = call.page(50, MAX_PAGE)
    return {"startAt": start, "maxResults": most, "total": len(every), name: every[start : start + most]}
