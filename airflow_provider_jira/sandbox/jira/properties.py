"""Operations on the properties of issues and comments, and how properties travel with other requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Answer, Call
from airflow_provider_jira.sandbox.jira.comment_store import Comment
from airflow_provider_jira.sandbox.jira.errors import Refused, not_found
from airflow_provider_jira.sandbox.jira.property_store import Owner
from airflow_provider_jira.sandbox.jira.site import Site

MAX_KEY = 255
MAX_VALUE = 32_768


class Property(msgspec.Struct):
    """A property as requests carry it."""

    key: str
    value: Any


def refuse_bad(properties: Sequence[Property]) -> None:
    """Refuse properties of which one is not valid, before anything is written."""
    for one in properties:
        _refuse_bad(one.key, len(msgspec.json.encode(one.value).decode()))


def _refuse_bad(key: str, length: int) -> None:
    if not 0 < len(key) <= MAX_KEY:
        raise Refused(400, f"The property key must be between 1 and {MAX_KEY} characters long.")
    if length > MAX_VALUE:
        raise Refused(400, f"The property value must not be longer than {MAX_VALUE} characters.")


def save(site: Site, kind: Owner, owner: int, properties: Sequence[Property]) -> None:
    """Write the properties that travelled with a request."""
    for one in properties:
        site.properties.set(kind, owner, one.key, one.value)


def chosen(site: Site, kind: Owner, owners: Sequence[int], wanted: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return the properties of some owners that are asked for.

    :param wanted: keys, ``*all``, and ``-key`` to leave one out
    """
    keys = [key for text in wanted for key in text.split(",") if key]
    every, out = "*all" in keys, {key[1:] for key in keys if key.startswith("-")}
    found = site.properties.of(kind, owners) if keys else {}
    return {
        owner: {key: value for key, value in held.items() if (every or key in keys) and key not in out}
        for owner, held in found.items()
    }


def keys_of_issue(call: Call) -> dict[str, Any]:
    """``GET /issue/{issueIdOrKey}/properties``."""
    row = call.issue()
    return _keys(call, "issue", row.id, f"issue/{row.id}/properties")


def of_issue(call: Call) -> dict[str, Any]:
    """``GET /issue/{issueIdOrKey}/properties/{propertyKey}``."""
    return _one(call, "issue", call.issue().id)


def set_of_issue(call: Call) -> Answer:
    """``PUT /issue/{issueIdOrKey}/properties/{propertyKey}``: 201 for a new one, 200 for a changed one."""
    row = call.issue()
    if not call.permitted("EDIT_ISSUES", row.project):
        raise Refused(403, "You do not have permission to edit issues in this project.")
    call.site.limits.write(row.id)
    answer = _set(call, "issue", row.id)
    call.site.touch(row, "property")
    return answer


def delete_of_issue(call: Call) -> None:
    """``DELETE /issue/{issueIdOrKey}/properties/{propertyKey}``."""
    row = call.issue()
    if not call.permitted("EDIT_ISSUES", row.project):
        raise not_found()
    call.site.limits.write(row.id)
    _delete(call, "issue", row.id)
    call.site.touch(row, "property")


def keys_of_comment(call: Call) -> dict[str, Any]:
    """``GET /comment/{commentId}/properties``."""
    comment = _comment(call)
    return _keys(call, "comment", comment.id, f"comment/{comment.id}/properties")


def of_comment(call: Call) -> dict[str, Any]:
    """``GET /comment/{commentId}/properties/{propertyKey}``."""
    return _one(call, "comment", _comment(call).id)


def set_of_comment(call: Call) -> Answer:
    """``PUT /comment/{commentId}/properties/{propertyKey}``."""
    comment = _comment(call, "You do not have permission to edit this comment.")
    call.site.limits.write(comment.issue)
    return _set(call, "comment", comment.id)


def delete_of_comment(call: Call) -> None:
    """``DELETE /comment/{commentId}/properties/{propertyKey}``."""
    comment = _comment(call, "You do not have permission to edit this comment.")
    call.site.limits.write(comment.issue)
    _delete(call, "comment", comment.id)


def _comment(call: Call, writing: str | None = None) -> Comment:
    """Find the comment that the path names.

    :param writing: what a caller is told who may see it and not change it
    """
    text = call.path["comment"]
    if not text.isdigit():
        raise Refused(400, f"'{text}' is not the id of a comment.")
    found = call.site.comments.where("id = ?", [int(text)]) if len(text) < 18 else []
    rows = call.site.store.issues([found[0].issue]) if found else []
    if not rows or not call.site.visible(rows[0], call.caller) or not call.site.hears(found[0], rows[0], call.caller):
        raise Refused(404, f"Can not find a comment for the id: {text}.")
    if writing is not None and not call.site.may_change(found[0], rows[0], call.caller):
        raise Refused(403, writing)
    return found[0]


def _keys(call: Call, kind: Owner, owner: int, path: str) -> dict[str, Any]:
    held = call.site.properties.of(kind, [owner]).get(owner, {})
    return {"keys": [{"self": f"{call.base}/rest/api/3/{path}/{key}", "key": key} for key in held]}


def _one(call: Call, kind: Owner, owner: int) -> dict[str, Any]:
    held, key = call.site.properties.of(kind, [owner]).get(owner, {}), call.path["key"]
    if key not in held:
        raise Refused(404, f"The property with key '{key}' does not exist.")
    return {"key": key, "value": held[key]}


def _set(call: Call, kind: Owner, owner: int) -> Answer:
    _refuse_bad(call.path["key"], len(call.raw.decode(errors="replace")))
    new = call.site.properties.set(kind, owner, call.path["key"], call.body(object))
    return Answer(status=201 if new else 200)


def _delete(call: Call, kind: Owner, owner: int) -> None:
    if not call.site.properties.delete(kind, owner, call.path["key"]):
        raise Refused(404, f"The property with key '{call.path['key']}' does not exist.")
