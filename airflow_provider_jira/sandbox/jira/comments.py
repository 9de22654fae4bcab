"""Operations on comments: a page of an issue's, some by id, and writing them.

A comment that is kept for a group or a role is absent, without a word, for whoever is in neither; so is its number in
``total``. Whether customers of a service project see a comment (``jsdPublic``) cannot be said by these operations; the
property ``sd.public.comment`` of a new comment is the way around.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira import documents
from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.catalog import ROLES
from airflow_provider_jira.sandbox.jira.comment_store import Audience, Comment
from airflow_provider_jira.sandbox.jira.edits import Edit
from airflow_provider_jira.sandbox.jira.errors import Refused, Wrong
from airflow_provider_jira.sandbox.jira.properties import Property, refuse_bad, save
from airflow_provider_jira.sandbox.jira.store import Row, listed

MAX_COMMENTS = 100
_INTERNAL = "sd.public.comment"


class Visibility(msgspec.Struct):
    """Who may see a comment; given by its id or its name."""

    type: Audience
    identifier: str | None = None
    value: str | None = None


class NewComment(msgspec.Struct):
    """Body of ``POST`` and ``PUT …/comment``, and a comment that travels with an edit; what is more is ignored."""

    body: Any = None
    visibility: Visibility | None = None
    properties: list[Property] = []


class Prepared(msgspec.Struct):
    """A comment that can be kept, and its properties."""

    comment: Comment
    properties: list[Property]


def page(call: Call) -> dict[str, Any]:
    """``GET /issue/{issueIdOrKey}/comment``; the page does not say whether it is the last."""
    row = call.issue()
    order = call.query.get("orderBy", "created")
    if order.lstrip("+-") != "created":
        raise Refused(400, f"'{order}' is not a valid value for 'orderBy'.")
    start, most = call.number("startAt", 0), min(call.number("maxResults", MAX_COMMENTS), MAX_COMMENTS)
    every = call.site.comments.where("issue = ?", [row.id])
    found = [comment for comment in every if call.site.hears(comment, row, call.caller)]
    if order.startswith("-"):
        found.reverse()
    return {
        "startAt": start,
        "maxResults": most,
        "total": len(found),
        "comments": _shown(call, found[start : start + most]),
    }


class ListBody(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /comment/list``."""

    ids: list[int]


def some(call: Call) -> dict[str, Any]:
    """``POST /comment/list``: only here comments can be had with their properties."""
    ids = call.body(ListBody).ids
    if not 0 < len(ids) <= 1000:
        raise Refused(400, "Between 1 and 1000 comment ids are needed.")
    found = call.site.comments.where(f"id IN ({listed(ids)})")
    rows = {row.id: row for row in call.site.store.issues(sorted({comment.issue for comment in found}))}
    seen = [
        comment
        for comment in found
        if call.site.visible(rows[comment.issue], call.caller)
        and call.site.hears(comment, rows[comment.issue], call.caller)
    ]
    values = _shown(call, seen)
    if "properties" in _expanded(call):
        held = call.site.properties.of("comment", [comment.id for comment in seen])
        for comment, value in zip(seen, values, strict=True):
            value["properties"] = [{"key": k, "value": v} for k, v in held.get(comment.id, {}).items()]
    return {"startAt": 0, "maxResults": 1_048_576, "total": len(seen), "isLast": True, "values": values}


def one(call: Call) -> dict[str, Any]:
    """``GET /issue/{issueIdOrKey}/comment/{id}``."""
    return _shown(call, [_asked(call, call.issue())])[0]


def add(call: Call) -> dict[str, Any]:
    """``POST /issue/{issueIdOrKey}/comment``."""
    row, given = call.issue(), call.body(object)
    call.site.limits.write(row.id)
    made = prepared(call, row, given)
    _keep(call, row, made)
    return _shown(call, [made.comment])[0]


def change(call: Call) -> dict[str, Any]:
    """``PUT /issue/{issueIdOrKey}/comment/{id}``: properties that it does not name stay."""
    row = call.issue()
    comment, given = _asked(call, row), call.body(NewComment)
    call.site.limits.write(row.id)
    if not call.site.may_change(comment, row, call.caller):
        raise Refused(400, "You do not have permission to edit this comment.")
    refuse_bad(given.properties)
    document = _document(given.body)
    comment.kind, comment.holder = _audience(call, row, given.visibility)
    comment.adf, comment.text = msgspec.json.encode(document).decode(), documents.plain(document)
    comment.updated, comment.editor = int(call.site.now() * 1000), call.caller
    call.site.comments.save([comment])
    save(call.site, "comment", comment.id, given.properties)
    call.site.touch(row, "comment_edit")
    return _shown(call, [comment])[0]


def delete(call: Call) -> None:
    """``DELETE /issue/{issueIdOrKey}/comment/{id}``."""
    if call.caller is None:
        raise Refused(405, "You do not have permission to delete this comment.")
    row = call.issue()
    comment = _asked(call, row)
    call.site.limits.write(row.id)
    if not call.site.may_change(comment, row, call.caller, "DELETE"):
        raise Refused(400, "You do not have permission to delete this comment.")
    call.site.comments.delete(comment.id)
    call.site.properties.delete_of("comment", [comment.id])
    call.site.touch(row, "comment_delete")


def prepared(call: Call, row: Row, given: Any) -> Prepared:
    """Make a comment of what a request says; nothing is written yet.

    :raises Refused: 400, it cannot be; 413, the issue has too many
    """
    try:
        wanted = msgspec.convert(given, NewComment)
    except msgspec.ValidationError as error:
        raise Refused(400, f"Invalid request payload: {error}.") from None
    if not call.permitted("ADD_COMMENTS", row.project):
        raise Refused(400, "You do not have the permission to comment on this issue.")
    refuse_bad(wanted.properties)
    document = _document(wanted.body)
    kind, holder = _audience(call, row, wanted.visibility)
    if call.site.comments.count(row.id) >= call.site.switches.most_comments:
        raise Refused(413, "The issue has reached the limit of comments that one issue can have.")
    now = int(call.site.now() * 1000)
    comment = Comment(
        id=0,
        issue=row.id,
        author=call.caller or "",
        created=now,
        updated=now,
        text=documents.plain(document),
        adf=msgspec.json.encode(document).decode(),
        kind=kind,
        holder=holder,
        public=not _is_internal(wanted.properties, call.site.projects[row.project].kind),
    )
    return Prepared(comment, wanted.properties)


def keep(call: Call, edit: Edit, comments: Sequence[Prepared], properties: Sequence[Property]) -> None:
    """Write an edit with all that travels with it.

    :param properties: of the issue
    """
    if edit.description is not None:
        call.site.store.set_body(edit.row.id, *edit.description)
    call.site.save(edit.row)
    save(call.site, "issue", edit.row.id, properties)
    for one_ in comments:
        _keep(call, edit.row, one_)


def _keep(call: Call, row: Row, made: Prepared) -> None:
    made.comment.id, made.comment.issue = call.site.counters.next("comment"), row.id
    call.site.comments.save([made.comment])
    save(call.site, "comment", made.comment.id, made.properties)
    call.site.touch(row, "comment")


def _document(value: Any) -> dict[str, Any]:
    try:
        document = documents.checked(value)
    except Wrong as wrong:
        raise Refused(400, errors={"comment": str(wrong)}) from None
    if not document["content"]:
        raise Refused(400, errors={"comment": "Comment body can not be empty!"})
    return document


def _audience(call: Call, row: Row, wanted: Visibility | None) -> tuple[Audience | None, str | None]:
    """Find the group or role that a comment shall be kept for; the caller has to be in it."""
    if wanted is None:
        return None, None
    named = wanted.identifier or wanted.value or ""
    if wanted.type == "group":
        people = call.site.people
        group = people.group(named) or people.group_named(wanted.value or "")
        if group is None:
            raise Refused(400, errors={"commentLevel": f"Group: {named} does not exist."})
        if not people.is_member(group.id, call.caller or ""):
            raise Refused(400, errors={"commentLevel": f"You are currently not a member of the group: {group.name}."})
        return "group", group.id
    role = next((name for id_, (name, _) in ROLES.items() if named in {name, str(id_)}), None)
    if role is None:
        raise Refused(400, errors={"commentLevel": f"Role: {named} does not exist."})
    if not call.site.holds(call.caller or "", role, row.project):
        raise Refused(400, errors={"commentLevel": f"You are currently not a member of the project role: {role}."})
    return "role", role


def _is_internal(properties: Sequence[Property], kind: str) -> bool:
    return kind == "service_desk" and any(
        one.key == _INTERNAL and isinstance(one.value, dict) and one.value.get("internal") is True for one in properties
    )


def _asked(call: Call, row: Row) -> Comment:
    text = call.path["comment"]
    found = call.site.comments.where("id = ?", [int(text)]) if text.isdigit() and len(text) < 18 else []
    if not found or found[0].issue != row.id or not call.site.hears(found[0], row, call.caller):
        raise Refused(404, f"Can not find a comment for the id: {text}.")
    return found[0]


def _expanded(call: Call) -> set[str]:
    return {part.strip() for part in call.query.get("expand", "").split(",")}


def _shown(call: Call, comments: Sequence[Comment]) -> list[dict[str, Any]]:
    show = call.site.presenter(call.base, [], ())
    values = [show.comment(comment) for comment in comments]
    if "renderedBody" in _expanded(call):
        for comment, value in zip(comments, values, strict=True):
            value["renderedBody"] = "".join(f"<p>{html.escape(line)}</p>" for line in comment.text.split("\n"))
    return values
