"""Operations on an issue's status: the transitions that there are now, and doing one.

Who lacks a permission is shown no transitions, and is told that the one he asks for is not valid: Jira does not say
more.
"""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.catalog import RESOLUTIONS
from airflow_provider_jira.sandbox.jira.comments import keep, prepared
from airflow_provider_jira.sandbox.jira.edit_values import choice
from airflow_provider_jira.sandbox.jira.edits import Edit, Update, attempted, refuse_twice
from airflow_provider_jira.sandbox.jira.errors import Refused, Wrong
from airflow_provider_jira.sandbox.jira.properties import Property, refuse_bad
from airflow_provider_jira.sandbox.jira.screens import Slot, described, missing
from airflow_provider_jira.sandbox.jira.store import Row
from airflow_provider_jira.sandbox.jira.values import Presenter
from airflow_provider_jira.sandbox.jira.workflow import Transition, leaving, screen


def every(call: Call) -> dict[str, Any]:
    """``GET /issue/{issueIdOrKey}/transitions``: empty also for who may not do any, and for an unknown id."""
    row, wanted = call.issue(), call.query.get("transitionId")
    show = call.site.presenter(call.base, [], ())
    expanded = "transitions.fields" in call.query.get("expand", "").split(",")
    found = [one for one in _available(call, row) if wanted in {None, one.id}]
    return {
        "expand": "transitions",
        "transitions": [_shown(call, show, row, one, expanded=expanded) for one in found],
    }


def _available(call: Call, row: Row) -> list[Transition]:
    if not call.permitted("TRANSITION_ISSUES", row.project):
        return []
    resolves = call.permitted("RESOLVE_ISSUES", row.project)
    return [one for one in leaving(row.status, row.project) if resolves or not one.done]


def _shown(call: Call, show: Presenter, row: Row, one: Transition, *, expanded: bool) -> dict[str, Any]:
    slots = screen(one, call.site.switches)
    shown = {
        "id": one.id,
        "name": one.name,
        "to": show.status(one.to),
        "hasScreen": bool(slots),
        "isGlobal": not one.origins,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": one.done,
        "looped": one.to == row.status,
    }
    fields = {id_: described(show, slot, row.project) for id_, slot in slots.items()}
    return {**shown, "fields": fields} if expanded else shown


class TransitionBody(msgspec.Struct):
    """Body of ``POST /issue/{issueIdOrKey}/transitions``."""

    transition: Any = None
    fields: dict[str, Any] = {}
    update: Update = {}
    properties: list[Property] = []


def do(call: Call) -> None:
    """``POST /issue/{issueIdOrKey}/transitions``."""
    row, body = call.issue(), call.body(TransitionBody)
    call.site.limits.write(row.id)
    perform(call, row, body)


def perform(call: Call, row: Row, body: TransitionBody) -> None:
    """Do one transition with the fields of its screen; all of it or nothing.

    :raises Refused: 400; 409 where another one has just been done; 413 where the issue has too many comments
    """
    if not isinstance(body.transition, dict) or not body.transition.get("id"):
        raise Refused(400, "Missing 'transition' identifier")
    id_ = str(body.transition["id"])
    one = next((one for one in _available(call, row) if one.id == id_), None)
    if one is None:
        raise Refused(400, f"Transition id '{id_}' is not valid for this issue.")
    refuse_twice(body.fields, body.update)
    refuse_bad(body.properties)
    _refuse_conflict(call, row)
    edit = _edited(call, row, one, body)
    comments = [prepared(call, row, given) for given in edit.comments]
    keep(call, edit, comments, body.properties)
    call.site.transitioned[row.id] = call.site.now()


def _refuse_conflict(call: Call, row: Row) -> None:
    last = call.site.transitioned.get(row.id)
    if last is not None and call.site.now() - last < call.site.switches.transition_conflict:
        raise Refused(409, "The issue could not be updated because another update was made at the same time.")


def _edited(call: Call, row: Row, one: Transition, body: TransitionBody) -> Edit:
    slots, fields, update = screen(one, call.site.switches), dict(body.fields), dict(body.update)
    before = row.resolution
    resolution, told = _resolution(slots, fields, update)
    edit, errors = attempted(call.site, row, fields, update, slots)
    filled = [name for name, value in body.fields.items() if value not in (None, "", [])]
    if errors := {**missing(slots, [*filled, *body.update]), **errors, **told}:
        raise Refused(400, errors=errors)
    row.status = one.to
    if not one.done:
        row.resolution = row.resolved = None
    else:
        row.resolution = resolution or before
        if call.site.switches.resolution == "post_function":
            row.resolution = "Done"
        row.resolved = int(call.site.now() * 1000) if row.resolution else None
    return edit


def _resolution(slots: dict[str, Slot], fields: dict[str, Any], update: Update) -> tuple[str | None, dict[str, str]]:
    """Take the resolution out of what is given, as it can be set here though an edit may not set it.

    :returns: its name, and what is wrong with it: field -> message
    """
    if "resolution" not in slots:
        return None, {}
    given = fields.pop("resolution", None)
    for operation in update.pop("resolution", []):
        given = operation.get("set")
    if given is None:
        return None, {}
    try:
        return choice(given, {name: str(id_) for name, id_ in RESOLUTIONS.items()}), {}
    except Wrong as wrong:
        return None, {"resolution": str(wrong)}
