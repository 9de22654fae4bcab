"""Reading issues by id, editing one, and reading comments."""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.edits import edited
from airflow_provider_jira.sandbox.jira.errors import Refused, not_found
from airflow_provider_jira.sandbox.jira.fields import names, schemas
from airflow_provider_jira.sandbox.jira.store import Row, listed
from airflow_provider_jira.sandbox.jira.values import chosen

MAX_COMMENTS = 100
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
    show = call.site.presenter(call.base, rows, fields)
    lost = call.site.switches.lost_fields
    answer: dict[str, Any] = {
        "expand": "names,schema",
        "issues": [show.issue(row, fields, lost.get(str(row.id), ())) for row in rows],
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
    row = _found(call)
    fields = chosen(call.query.getlist("fields") or ["*all"])
    show = call.site.presenter(call.base, [row], fields)
    return show.issue(row, fields, call.site.switches.lost_fields.get(str(row.id), ()))


def _found(call: Call) -> Row:
    row = call.site.find(call.path["issue"], call.caller)
    if row is None:
        raise not_found()
    return row


class EditBody(msgspec.Struct):
    """Body of ``PUT /issue/{issueIdOrKey}``."""

    fields: dict[str, Any] = {}
    update: dict[str, list[dict[str, Any]]] = {}


def edit_issue(call: Call) -> dict[str, Any] | None:
    """``PUT /issue/{issueIdOrKey}``."""
    row, body = _found(call), call.body(EditBody)
    call.site.limits.write(row.id)
    if call.query.get("notifyUsers", "true").lower() == "false":
        raise Refused(400, "To discard the user notification either admin or project admin permissions are required.")
    if both := sorted(set(body.fields) & set(body.update)):
        raise Refused(400, errors={both[0]: f"Field '{both[0]}' cannot appear in both 'fields' and 'update'"})
    row, bodies = edited(call.site, row, body.fields, body.update)
    if bodies is not None:
        call.site.store.set_body(row.id, *bodies)
    row.updated = max(row.updated + 1, int(call.site.now() * 1000))
    call.site.store.save(row, call.site.due())
    if not call.flag("returnIssue"):
        return None
    fields = chosen(["*all"])
    return call.site.presenter(call.base, [row], fields).issue(row, fields)


def issue_comments(call: Call) -> dict[str, Any]:
    """``GET /issue/{issueIdOrKey}/comment``; the page does not say whether it is the last."""
    row = _found(call)
    order = call.query.get("orderBy", "created")
    if order.lstrip("+-") != "created":
        raise Refused(400, f"'{order}' is not a valid value for 'orderBy'.")
    start, most = call.number("startAt", 0), min(call.number("maxResults", MAX_COMMENTS), MAX_COMMENTS)
    found = call.site.store.comments("issue = ?", [row.id])
    if order.startswith("-"):
        found.reverse()
    show = call.site.presenter(call.base, [], ())
    return {
        "startAt": start,
        "maxResults": most,
        "total": len(found),
        "comments": [show.comment(comment) for comment in found[start : start + most]],
    }


class CommentListBody(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /comment/list``."""

    ids: list[int]


def list_comments(call: Call) -> dict[str, Any]:
    """``POST /comment/list``."""
    ids = call.body(CommentListBody).ids
    if not 0 < len(ids) <= 1000:
        raise Refused(400, "Between 1 and 1000 comment ids are needed.")
    found = call.site.store.comments(f"id IN ({listed(ids)})")
    rows = {row.id: row for row in call.site.store.issues(sorted({comment.issue for comment in found}))}
    seen = [comment for comment in found if call.site.visible(rows[comment.issue], call.caller)]
    show = call.site.presenter(call.base, [], ())
    return {
        "startAt": 0,
        "maxResults": 1_048_576,
        "total": len(seen),
        "isLast": True,
        "values": [show.comment(comment) for comment in seen],
    }
