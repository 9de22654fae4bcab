"""The ground truth: issues as people know them, for tests and the demo to compare with.

It is written from the store and not from Jira's answers, so that a mistake in those cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira import documents
from airflow_provider_jira.sandbox.jira.catalog import SPRINTS
from airflow_provider_jira.sandbox.jira.comment_store import Comment
from airflow_provider_jira.sandbox.jira.fields import CUSTOM, EVERYTHING, Custom
from airflow_provider_jira.sandbox.jira.site import Site
from airflow_provider_jira.sandbox.jira.store import Row, listed
from airflow_provider_jira.sandbox.jira.values import PRIORITY_NAMES, Presenter, stamp


class Truth(msgspec.Struct):
    """An issue as people know it.

    :param parent: id of the parent, whether or not that issue is still there
    :param description_markdown: absent (``None``) also where the description was written as a document, by a request
    :param description_text: what such a document says, a line a paragraph, without its form
    :param properties: key -> value
    :param comments: oldest first, also those that the connection's account may not see
    :param custom: display name -> value in plain words; a field without a value is absent
    """

    id: str
    key: str
    project: str
    issuetype: str
    summary: str
    status: str
    resolution: str | None
    priority: str
    reporter: dict[str, str] | None
    assignee: dict[str, str] | None
    parent: str | None
    labels: list[str]
    components: list[str]
    duedate: str | None
    description_markdown: str | None
    description_text: str | None
    custom: dict[str, Any]
    created: str
    updated: str
    hidden: bool
    archived: bool
    properties: dict[str, Any]
    comments: list[dict[str, Any]]


def every(site: Site, rows: Sequence[Row]) -> list[Truth]:
    """Say what issues are, in the order in which they were created."""
    show, ids = site.presenter("", rows, EVERYTHING), [row.id for row in rows]
    comments: dict[int, list[Comment]] = {}
    for comment in site.comments.where(f"issue IN ({listed(ids)})"):
        comments.setdefault(comment.issue, []).append(comment)
    told = site.properties.of("comment", [comment.id for of_one in comments.values() for comment in of_one])
    held = site.properties.of("issue", ids)
    return [
        truth(
            row,
            show,
            held.get(row.id, {}),
            [_said(comment, show, told.get(comment.id, {})) for comment in comments.get(row.id, ())],
        )
        for row in rows
    ]


def _said(comment: Comment, show: Presenter, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(comment.id),
        "author": _known(comment.author, show),
        "text": comment.text,
        "created": stamp(comment.created, "UTC"),
        "updated": stamp(comment.updated, "UTC"),
        "visibility": comment.kind and {"type": comment.kind, "identifier": comment.holder},
        "public": comment.public,
        "properties": properties,
    }


def truth(row: Row, show: Presenter, properties: dict[str, Any], comments: list[dict[str, Any]]) -> Truth:
    """Say what an issue is."""
    document, markdown = show.bodies.get(row.id, (None, None))
    return Truth(
        id=str(row.id),
        key=row.key,
        project=row.project,
        issuetype=row.type,
        summary=row.summary,
        status=row.status,
        resolution=row.resolution,
        priority=PRIORITY_NAMES[row.priority],
        reporter=_known(row.reporter, show),
        assignee=_known(row.assignee, show),
        parent=None if row.parent is None else str(row.parent),
        labels=row.labels,
        components=row.components,
        duedate=row.due,
        description_markdown=markdown,
        description_text=documents.plain(msgspec.json.decode(document)) if document and markdown is None else None,
        custom={
            field.label: _plain(field, row.custom[field.id], show)
            for field in CUSTOM
            if field.id in row.custom and not (field.kind == "group" and show.group(row.custom[field.id]) is None)
        },
        created=stamp(row.created, "UTC"),
        updated=stamp(row.updated, "UTC"),
        hidden=row.hidden,
        archived=row.archived,
        properties=properties,
        comments=comments,
    )


def _known(account_id: str | None, show: Presenter) -> dict[str, str] | None:
    return None if account_id is None else {"accountId": account_id, "displayName": show.people[account_id].name}


def _plain(field: Custom, value: Any, show: Presenter) -> Any:
    if field.kind == "user":
        return _known(value, show)
    if field.kind == "multiuser":
        return [_known(one, show) for one in value]
    if field.kind == "group":
        return show.group(value)["name"]
    if field.kind == "multigroup":
        return [shown["name"] for one in value if (shown := show.group(one))]
    if field.kind == "textarea":
        return value["markdown"]
    if field.kind == "datetime":
        return stamp(value, "UTC")
    if field.kind == "sprint":
        return [SPRINTS[one][0] for one in value]
    if field.kind == "epic":
        return show.related[value].key if value in show.related else None
    return value
