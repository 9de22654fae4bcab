"""Reading issues by id, and editing one."""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.comments import keep, prepared
from airflow_provider_jira.sandbox.jira.edits import edited, refuse_twice
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.fields import names, schemas
from airflow_provider_jira.sandbox.jira.properties import Property, refuse_bad
from airflow_provider_jira.sandbox.jira.properties import chosen as chosen_properties
from airflow_provider_jira.sandbox.jira.screens import on_edit
from airflow_provider_jira.sandbox.jira.values import chosen

MAX_PROPERTIES = 5
_EXPENSIVE = frozenset(
    {"changelog", "editmeta", "operations", "renderedFields", "transitions", "versionedRepresentations"}
)
_NEVER_MANY = frozenset({"comment", "worklog", "attachment"})


class BulkFetchBody(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /issue/bulkfetch``; here ``expand`` is a list."""

    issueIdsOrKeys: list[str]  # noqa: N815 - Jira's spelling
    fields: list[str] | None = None
    expand: list[str] = []
    fieldsByKeys: bool = False  # noqa: N815
    properties: list[str] = []


def bulk_fetch(call: Call) -> dict[str, Any]:
    """``POST /issue/bulkfetch``: ascending by id; what is absent or not visible is left out without a word."""
    body = call.body(BulkFetchBody)
    most = _most(call, body)
    if not 0 < len(body.issueIdsOrKeys) <= most:
        raise Refused(400, f"Between 1 and {most} issue ids or keys are needed, {len(body.issueIdsOrKeys)} were given.")
    if len(body.properties) > MAX_PROPERTIES:
        raise Refused(400, f"At most {MAX_PROPERTIES} properties can be requested.")
    ids = {id_ for text in body.issueIdsOrKeys if (id_ := _id(call, text)) is not None}
    rows = [row for row in call.site.store.issues(sorted(ids)) if call.site.visible(row, call.caller)]
    errors = []
    for row in list(rows):
        left = call.site.switches.failed_fetches.get(str(row.id), 0)
        if left > 0:
            call.site.switches.failed_fetches[str(row.id)] = left - 1
            errors.append({"id": str(row.id), "errorMessage": "The issue could not be loaded. Try again later."})
            rows.remove(row)
    fields = chosen(["*navigable"] if body.fields is None else body.fields)
    show = call.site.presenter(call.base, rows, fields, call.caller)
    held = chosen_properties(call.site, "issue", [row.id for row in rows], body.properties) if body.properties else None
    lost = call.site.switches.lost_fields
    answer: dict[str, Any] = {
        "expand": "names,schema",
        "issues": [show.issue(row, fields, lost.get(str(row.id), ()), held) for row in rows],
        "issueErrors": errors,
    }
    if "names" in body.expand:
        answer["names"] = names(list(fields))
    if "schema" in body.expand:
        answer["schema"] = schemas(list(fields))
    return answer


def _most(call: Call, body: BulkFetchBody) -> int:
    wanted = body.fields or ["*navigable"]
    simple = (
        not any(name.startswith("*") for name in wanted)
        and not all(name.startswith("-") for name in wanted)
        and len(wanted) <= 100
        and not _NEVER_MANY & set(wanted)
        and not _EXPENSIVE & set(body.expand)
    )
    return call.site.switches.bulkfetch_max if simple else 100


def _id(call: Call, text: str) -> int | None:
    if text.isdigit():
        return int(text) if len(text) < 18 else None
    return call.site.store.id_of(text)


def get_issue(call: Call) -> dict[str, Any]:
    """``GET /issue/{issueIdOrKey}``; a key from before a move finds the issue, too."""
    row = call.issue()
    fields = chosen(call.query.getlist("fields") or ["*all"])
    show = call.site.presenter(call.base, [row], fields, call.caller)
    wanted = call.query.getlist("properties")
    held = chosen_properties(call.site, "issue", [row.id], wanted) if wanted else None
    return show.issue(row, fields, call.site.switches.lost_fields.get(str(row.id), ()), held)


class EditBody(msgspec.Struct):
    """Body of ``PUT /issue/{issueIdOrKey}``; a transition in it is ignored."""

    fields: dict[str, Any] = {}
    update: dict[str, list[dict[str, Any]]] = {}
    properties: list[Property] = []


def edit_issue(call: Call) -> dict[str, Any] | None:
    """``PUT /issue/{issueIdOrKey}``."""
    row, body = call.issue(), call.body(EditBody)
    call.site.limits.write(row.id)
    if call.query.get("notifyUsers", "true").lower() == "false":
        raise Refused(400, "To discard the user notification either admin or project admin permissions are required.")
    if not call.permitted("EDIT_ISSUES", row.project):
        raise Refused(400, "You do not have permission to edit issues in this project.")
    refuse_twice(body.fields, body.update)
    refuse_bad(body.properties)
    edit = edited(call.site, row, body.fields, body.update, on_edit(call.site, call.caller, row.project, row.type))
    comments = [prepared(call, row, given) for given in edit.comments]
    keep(call, edit, comments, body.properties)
    if not call.flag("returnIssue"):
        return None
    fields = chosen(["*all"])
    return call.site.presenter(call.base, [row], fields, call.caller).issue(row, fields)
