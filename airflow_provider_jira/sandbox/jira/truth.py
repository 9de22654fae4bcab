"""The ground truth: issues as people know them, for tests and the demo to compare with.

It is written from the store and not from Jira's answers, so that a mistake in those cannot hide itself.
"""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import SPRINTS
from airflow_provider_jira.sandbox.jira.fields import CUSTOM, Custom
from airflow_provider_jira.sandbox.jira.store import Row
from airflow_provider_jira.sandbox.jira.values import PRIORITY_NAMES, Presenter, stamp


class Truth(msgspec.Struct):
    """An issue as people know it.

    :param parent: id of the parent, whether or not that issue is still there
    :param description_markdown: absent (``None``) also where the description was written as a document by an edit
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
    custom: dict[str, Any]
    created: str
    updated: str
    hidden: bool
    archived: bool


def truth(row: Row, show: Presenter) -> Truth:
    """Say what an issue is."""
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
        description_markdown=show.bodies.get(row.id, ("", None))[1],
        custom={
            field.label: _plain(field, row.custom[field.id], show)
            for field in CUSTOM
            if field.id in row.custom and not (field.kind == "group" and show.group(row.custom[field.id]) is None)
        },
        created=stamp(row.created, "UTC"),
        updated=stamp(row.updated, "UTC"),
        hidden=row.hidden,
        archived=row.archived,
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
    if field.kind == "textarea":
        return value["markdown"]
    if field.kind == "datetime":
        return stamp(value, "UTC")
    if field.kind == "sprint":
        return [SPRINTS[one][0] for one in value]
    if field.kind == "epic":
        return show.related[value].key if value in show.related else None
    return value
