"""``POST /issue``: creating an issue, with what Jira asks of one, all or nothing.

It is not idempotent, as on the real site: the same request twice makes two issues. Properties and comments that travel
with it are written together with the issue. Numbers are counted in each project; a refused create leaves no gap unless
a switch says so.
"""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.catalog import ISSUE_TYPES, Project
from airflow_provider_jira.sandbox.jira.comments import keep
from airflow_provider_jira.sandbox.jira.edits import Edit, Update, attempted, refuse_twice
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.properties import Property, refuse_bad
from airflow_provider_jira.sandbox.jira.screens import missing, on_create
from airflow_provider_jira.sandbox.jira.store import Row
from airflow_provider_jira.sandbox.jira.transitions import TransitionBody, perform


class NewIssue(msgspec.Struct):
    """Body of ``POST /issue``; what is more is ignored."""

    fields: dict[str, Any] = {}
    update: Update = {}
    properties: list[Property] = []
    transition: dict[str, Any] | None = None


def create(call: Call) -> dict[str, Any]:
    """``POST /issue``: 201, also where a transition that was asked for besides could not be done."""
    body = call.body(NewIssue)
    refuse_twice(body.fields, body.update)
    project = _project(call, body)
    try:
        refuse_bad(body.properties)
        edit = _made(call, project, body)
        row = edit.row
    except Refused:
        if call.site.switches.refused_creates_count:
            call.site.counters.next_key(project.key)
        raise
    row.id = call.site.counters.next("issue")
    row.key, row.num = call.site.counters.next_key(project.key)
    keep(call, edit, [], body.properties)
    made = {"id": str(row.id), "key": row.key, "self": f"{call.base}/rest/api/3/issue/{row.id}"}
    return made if body.transition is None else {**made, "transition": _moved_on(call, row, body.transition)}


def _moved_on(call: Call, row: Row, transition: dict[str, Any]) -> dict[str, Any]:
    """Do the transition that was asked for besides, and tell what became of it: the issue is there anyway."""
    try:
        perform(call, row, TransitionBody(transition))
    except Refused as refusal:
        return {"status": refusal.status, "errorCollection": refusal.body()}
    return {"status": 200, "errorCollection": {"errorMessages": [], "errors": {}}}


def _project(call: Call, body: NewIssue) -> Project:
    given = body.fields.get("project")
    named = given.get("id", given.get("key")) if isinstance(given, dict) and call.caller is not None else None
    for project in call.site.projects.values():
        if project.readable and str(named) in {str(project.id), project.key}:
            break
    else:
        raise Refused(400, errors={"project": "Specify a valid project ID or key"})
    if not call.permitted("CREATE_ISSUES", project.key) or project.archived:
        message = "You do not have permission to create issues in this project."
        raise Refused(call.site.switches.create_forbidden, errors={"project": message})
    return project


def _made(call: Call, project: Project, body: NewIssue) -> Edit:
    """Make an issue, which has no number yet, of what the request says.

    :raises Refused: 400, with a message for every field that is missing or cannot be set
    """
    given = body.fields.get("issuetype")
    names = {str(id_): name for name, id_ in ISSUE_TYPES.items()} | {name: name for name in ISSUE_TYPES}
    wanted = (given.get("id") or given.get("name") or "") if isinstance(given, dict) else ""
    if str(wanted) not in names:
        raise Refused(400, errors={"issuetype": "Specify a valid issue type"})
    screen = on_create(call.site, call.caller, project.key, names[str(wanted)])
    now = int(call.site.now() * 1000)
    row = Row(
        0, "", 0, project.key, names[str(wanted)], "Open", None, 3, "", call.caller, call.caller or "", None, None,
        now, now - 1, None, None, [], [], [], {},
    )  # fmt: skip
    fields = {name: value for name, value in body.fields.items() if name not in {"project", "issuetype"}}
    edit, errors = attempted(call.site, row, fields, body.update, screen)
    filled = [name for name, value in body.fields.items() if value not in (None, "", [])]
    errors = {**missing(screen, [*filled, *body.update]), **errors}
    if errors:
        raise Refused(400, errors=errors)
    return edit
