"""Turns stored issues into Jira's answers.

How the store keeps a custom field's value, by kind: ``select`` ``version`` the name; ``group`` a group id,
``multigroup`` several;
``multiselect`` ``labels`` names; ``cascade`` ``Option`` or ``Option / Sub-option``; ``user`` an account id,
``multiuser`` several; ``textarea`` document and Markdown; ``datetime`` milliseconds; ``sprint`` ids; ``epic`` an issue
id; the others as Jira shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import (
    COMPONENTS,
    ISSUE_TYPES,
    PRIORITIES,
    RESOLUTIONS,
    SPRINTS,
    STATUS_CATEGORIES,
    STATUSES,
    VERSIONS,
    Project,
)
from airflow_provider_jira.sandbox.jira.comment_store import Comment
from airflow_provider_jira.sandbox.jira.directory import Directory
from airflow_provider_jira.sandbox.jira.documents import plain_document
from airflow_provider_jira.sandbox.jira.fields import CUSTOM_BY_ID, EVERYTHING, NAVIGABLE, SYSTEM_BY_ID, Custom
from airflow_provider_jira.sandbox.jira.profiles import mention
from airflow_provider_jira.sandbox.jira.store import Row
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches

PRIORITY_NAMES = {id_: name for name, id_ in PRIORITIES.items()}


def stamp(ms: int, zone: str) -> str:
    """Write a point in time as Jira does: milliseconds, and an offset without colon."""
    at = datetime.fromtimestamp(ms // 1000, ZoneInfo(zone))
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}{at:%z}"


def chosen(wanted: Sequence[str]) -> tuple[str, ...]:
    """Resolve a list of wanted fields; unknown ones are left out, as Jira does.

    :param wanted: ids, ``*all``, ``*navigable``, and ``-id`` to leave one out
    """
    named = [part.strip() for entry in wanted for part in entry.split(",") if part.strip()]
    out = {name[1:] for name in named if name.startswith("-")}
    found: dict[str, None] = {}
    if named and out and len(out) == len(named):
        found.update(dict.fromkeys(NAVIGABLE))
    for name in named:
        if name == "*all":
            found.update(dict.fromkeys(EVERYTHING))
        elif name == "*navigable":
            found.update(dict.fromkeys(NAVIGABLE))
        elif name in CUSTOM_BY_ID or name in SYSTEM_BY_ID:
            found[name] = None
    return tuple(name for name in found if name not in out and name != "issuekey")


class Presenter:
    """Shows issues to one caller.

    :param base: base URL of ``self`` links; the gateway's when the caller came through it
    :param zone: zone of the timestamps
    :param switches: how people are shown
    :param people: people and groups
    :param related: parents and epics by id: key and summary
    :param bodies: issue id -> description as JSON and Markdown
    :param comments: issue id -> comments
    """

    def __init__(
        self,
        base: str,
        zone: str,
        switches: JiraSwitches,
        people: Directory,
        projects: Mapping[str, Project],
        related: Mapping[int, Row],
        bodies: Mapping[int, tuple[str, str | None]],
        comments: Mapping[int, Sequence[Comment]],
    ) -> None:
        self.base = base
        self.zone = zone
        self.switches = switches
        self.people = people
        self.projects = projects
        self.related = related
        self.bodies = bodies
        self.comments = comments

    def link(self, path: str) -> str:
        """Return a ``self`` link."""
        return f"{self.base}/rest/api/3/{path}"

    def issue(
        self,
        row: Row,
        fields: Sequence[str],
        lost: Sequence[str] = (),
        properties: Mapping[int, dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Show an issue.

        :param fields: what :func:`chosen` returned
        :param lost: fields that could not be loaded
        :param properties: issue id -> the properties that are asked for; ``None``: none are
        """
        shown: dict[str, Any] = {"expand": "", "id": str(row.id), "self": self.link(f"issue/{row.id}"), "key": row.key}
        if fields:
            shown["fields"] = {
                name: self.field(row, name)
                for name in fields
                if name not in lost and (name not in CUSTOM_BY_ID or CUSTOM_BY_ID[name].project in {None, row.project})
            }
        return shown if properties is None else {**shown, "properties": properties.get(row.id, {})}

    def field(self, row: Row, name: str) -> Any:
        """Show one field of an issue."""
        custom = CUSTOM_BY_ID.get(name)
        if custom is not None:
            value = row.custom.get(name)
            return None if value is None else self.custom(custom, value)
        return _SYSTEM[name](self, row)

    def person(self, account_id: str | None) -> Any:
        """Show an account."""
        return None if account_id is None else mention(self.people[account_id], self.base, self.switches)

    def group(self, id_: str) -> Any:
        """Show a group by its name of today; one that was deleted is no value any more."""
        group = self.people.group(id_)
        if group is None:
            return None
        return {"name": group.name, "groupId": group.id, "self": self.link(f"group?groupId={group.id}")}

    def comment(self, comment: Comment) -> dict[str, Any]:
        """Show a comment."""
        group = self.people.group(comment.holder or "") if comment.kind == "group" else None
        name = comment.holder if group is None else group.name
        audience = {"visibility": {"type": comment.kind, "value": name, "identifier": comment.holder}}
        return {
            "self": self.link(f"issue/{comment.issue}/comment/{comment.id}"),
            "id": str(comment.id),
            "author": self.person(comment.author),
            "body": plain_document(comment.text) if comment.adf is None else msgspec.Raw(comment.adf.encode()),
            "updateAuthor": self.person(comment.editor or comment.author),
            "created": stamp(comment.created, self.zone),
            "updated": stamp(comment.updated, self.zone),
            **(audience if comment.kind else {}),
            "jsdPublic": comment.public,
        }

    def custom(self, field: Custom, value: Any) -> Any:
        """Show a custom field's value."""
        show: dict[str, Callable[[Any], Any]] = {
            "select": lambda v: self.option(field, v),
            "multiselect": lambda v: [self.option(field, one) for one in v],
            "cascade": lambda v: self.cascade(field, v),
            "user": self.person,
            "multiuser": lambda v: [self.person(one) for one in v],
            "group": self.group,
            "multigroup": lambda v: [shown for one in v if (shown := self.group(one))],
            "version": lambda v: self.named("version", v, VERSIONS[v], archived=False, released=True),
            "textarea": lambda v: v["adf"],
            "datetime": lambda v: stamp(v, self.zone),
            "sprint": lambda v: [
                {
                    "id": one, "name": SPRINTS[one][0], "state": SPRINTS[one][1], "boardId": 1, "goal": "",
                    "startDate": f"2025-{one:02}-01T08:00:00.000Z", "endDate": f"2025-{one:02}-15T08:00:00.000Z",
                }
                for one in v
            ],
            "epic": lambda v: self.related[v].key if v in self.related else None,
        }  # fmt: skip
        return show.get(field.kind, lambda v: v)(value)

    def option(self, field: Custom, name: str) -> dict[str, Any]:
        """Show an option of a select field."""
        id_ = field.options[name]
        return {"self": self.link(f"customFieldOption/{id_}"), "value": name.rpartition(" / ")[2], "id": str(id_)}

    def cascade(self, field: Custom, value: str) -> dict[str, Any]:
        """Show a cascading option."""
        top, _, inner = value.partition(" / ")
        shown = self.option(field, top)
        return {**shown, "child": self.option(field, value)} if inner else shown

    def named(self, kind: str, name: str, id_: int, **more: Any) -> dict[str, Any]:
        """Show a thing that has an id and a name."""
        return {"self": self.link(f"{kind}/{id_}"), "id": str(id_), "name": name, **more}

    def status(self, name: str) -> dict[str, Any]:
        """Show a status with its category."""
        id_, key = STATUSES[name]
        return self.named("status", name, id_, description="", statusCategory=self.category(key))

    def category(self, key: str) -> dict[str, Any]:
        """Show a status category."""
        id_, name, color = STATUS_CATEGORIES[key]
        return {"self": self.link(f"statuscategory/{id_}"), "id": id_, "key": key, "colorName": color, "name": name}

    def project(self, key: str) -> dict[str, Any]:
        """Show a project as other answers mention it."""
        project = self.projects[key]
        return {
            **self.named("project", project.name, project.id),
            "key": key,
            "projectTypeKey": project.kind,
            "simplified": False,
            "avatarUrls": {f"{n}x{n}": f"{self.base}/avatars/project{n}.png" for n in (16, 24, 32, 48)},
        }

    def parent(self, row: Row) -> dict[str, Any] | None:
        """Show the parent of an issue."""
        if row.parent is None or row.parent not in self.related:
            return None
        parent = self.related[row.parent]
        fields = {"summary": parent.summary, "status": self.status(parent.status), "issuetype": self.type(parent.type)}
        return {"id": str(parent.id), "key": parent.key, "self": self.link(f"issue/{parent.id}"), "fields": fields}

    def type(self, name: str) -> dict[str, Any]:
        """Show an issue type."""
        subtask = name == "Sub-task"
        return self.named(
            "issuetype", name, ISSUE_TYPES[name], description="", subtask=subtask, hierarchyLevel=-1 if subtask else 0
        )

    def comment_page(self, row: Row) -> dict[str, Any]:
        """Show the page of comments inside an issue; it holds only the first twenty."""
        every = self.comments.get(row.id, ())
        shown = [self.comment(one) for one in every[:20]]
        return {
            "comments": shown,
            "self": self.link(f"issue/{row.id}/comment"),
            "maxResults": len(shown),
            "total": len(every),
            "startAt": 0,
        }


def _when(ms: int | None, presenter: Presenter) -> str | None:
    return None if ms is None else stamp(ms, presenter.zone)


_SYSTEM: dict[str, Callable[[Presenter, Row], Any]] = {
    "summary": lambda _, row: row.summary,
    "issuetype": lambda show, row: show.type(row.type),
    "project": lambda show, row: show.project(row.project),
    "status": lambda show, row: show.status(row.status),
    "statusCategory": lambda show, row: show.category(STATUSES[row.status][1]),
    "resolution": lambda show, row: (
        None
        if row.resolution is None
        else show.named("resolution", row.resolution, RESOLUTIONS[row.resolution], description="")
    ),
    "resolutiondate": lambda show, row: _when(row.resolved, show),
    "priority": lambda show, row: show.named("priority", PRIORITY_NAMES[row.priority], row.priority),
    "assignee": lambda show, row: show.person(row.assignee),
    "reporter": lambda show, row: show.person(row.reporter),
    "creator": lambda show, row: show.person(row.creator),
    "labels": lambda _, row: row.labels,
    "components": lambda show, row: [show.named("component", name, COMPONENTS[name]) for name in row.components],
    "fixVersions": lambda show, row: [
        show.named("version", name, VERSIONS[name], archived=False, released=True) for name in row.versions
    ],
    "created": lambda show, row: _when(row.created, show),
    "updated": lambda show, row: _when(row.updated, show),
    "duedate": lambda _, row: row.due,
    "parent": lambda show, row: show.parent(row),
    "description": lambda show, row: msgspec.Raw(show.bodies[row.id][0].encode()) if row.id in show.bodies else None,
    "comment": lambda show, row: show.comment_page(row),
    "timetracking": lambda _, row: row.custom.get("timetracking", {}),
    "environment": lambda _, row: row.custom.get("environment", {}).get("adf"),
}
