"""Operations on remote links: what elsewhere an issue belongs to. The one write of Jira's that can be repeated."""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Answer, Call
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.link_store import Link

MAX_GLOBAL_ID = 255


class NewLink(msgspec.Struct):
    """Body of ``POST /issue/{issueIdOrKey}/remotelink``."""

    object: dict[str, Any]
    globalId: str | None = None  # noqa: N815 - Jira's spelling
    relationship: str | None = None
    application: dict[str, Any] | None = None


def every(call: Call) -> Any:
    """``GET /issue/{issueIdOrKey}/remotelink``: all of them, or the one with a ``globalId``."""
    found, wanted = call.site.links.of(call.issue().id), call.query.get("globalId")
    if wanted is None:
        return [_shown(call, link) for link in found]
    for link in found:
        if link.global_id == wanted:
            return _shown(call, link)
    raise Refused(404, f"The remote issue link with global id '{wanted}' does not exist.")


def _shown(call: Call, link: Link) -> dict[str, Any]:
    return {"id": link.id, "self": _self(call, link), "globalId": link.global_id, **link.data}


def _self(call: Call, link: Link) -> str:
    return f"{call.base}/rest/api/3/issue/{link.issue}/remotelink/{link.id}"


def save(call: Call) -> Answer:
    """``POST /issue/{issueIdOrKey}/remotelink``: 201 for a new one; 200 for one that is written anew as a whole."""
    row, body = call.issue(), call.body(NewLink)
    if not call.permitted("LINK_ISSUES", row.project):
        raise Refused(403, "You do not have permission to link issues.")
    call.site.limits.write(row.id)
    if lacking := [name for name in ("url", "title") if not body.object.get(name)]:
        raise Refused(400, errors={name: f"'{name}' is required." for name in lacking})
    if body.globalId is not None and not 0 < len(body.globalId) <= MAX_GLOBAL_ID:
        raise Refused(400, errors={"globalId": f"'globalId' must be between 1 and {MAX_GLOBAL_ID} characters long."})
    known = {link.global_id: link.id for link in call.site.links.of(row.id)}
    new = body.globalId not in known
    id_ = call.site.counters.next("link") if body.globalId is None or new else known[body.globalId]
    parts = {"application": body.application, "relationship": body.relationship, "object": body.object}
    data = {name: value for name, value in parts.items() if value is not None}
    link = Link(id_, row.id, body.globalId or f"sandbox-link-{id_}", data)
    call.site.links.save(link)
    call.site.touch(row, "link")
    return Answer(201 if new else 200, {"id": link.id, "self": _self(call, link)})
