"""Comments in a test's hands, and a quick look at who was marked with what.

* ``POST /_sandbox/world/comments`` comments on an issue as somebody; ``…/comments/change`` and ``…/comments/delete``
  do what they say, whoever wrote the comment;
* ``GET /_sandbox/truth/marks?key=K&label=P``: ids of the issues and comments by what their property ``K`` says (its
  ``mark`` where it is an object that has one, else the whole value as JSON), and of the issues by their labels that
  begin with ``P``. Deleted ones are not among them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from airflow_provider_jira.sandbox.control import as_json
from airflow_provider_jira.sandbox.jira import documents
from airflow_provider_jira.sandbox.jira.catalog import ROBOT_ID, ROLES
from airflow_provider_jira.sandbox.jira.comment_store import Comment
from airflow_provider_jira.sandbox.jira.controls import posted
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.property_store import Owner
from airflow_provider_jira.sandbox.jira.site import Site
from airflow_provider_jira.sandbox.jira.store import Row


class NewComment(msgspec.Struct, forbid_unknown_fields=True):
    """A comment to add to an issue.

    :param id: of the issue
    :param text: plain text, one paragraph for a line
    :param body: a document instead of a text; it is not checked
    :param author: account id; default: the connection's own account
    :param internal: not for customers
    :param group: id or name of the group that it is kept for
    :param role: name of the project role that it is kept for
    :param properties: key -> value
    """

    id: int | str
    text: str = ""
    body: dict[str, Any] | None = None
    author: str = ROBOT_ID
    internal: bool = False
    group: str | None = None
    role: str | None = None
    properties: dict[str, Any] = {}


class CommentChange(msgspec.Struct, forbid_unknown_fields=True):
    """A comment, and what it shall say from now on."""

    id: int | str
    text: str = ""
    body: dict[str, Any] | None = None
    editor: str = ROBOT_ID


class Ids(msgspec.Struct, forbid_unknown_fields=True):
    """Some comments by id."""

    ids: list[int | str]


class CommentWorld:
    """The control calls of one site's comments."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def routes(self) -> list[Route]:
        """Return the routes below ``/_sandbox/``."""
        calls: list[tuple[str, type[Any], Callable[[Any], Any]]] = [
            ("comments", NewComment, self.add),
            ("comments/change", CommentChange, self.change),
            ("comments/delete", Ids, self.delete),
        ]
        return [
            *(Route(f"/_sandbox/world/{name}", posted(type_, work), methods=["POST"]) for name, type_, work in calls),
            Route("/_sandbox/truth/marks", self.marks),
        ]

    def add(self, body: NewComment) -> dict[str, str]:
        """Add a comment."""
        row, now = self._row(int(body.id)), int(self.site.now() * 1000)
        self._person(body.author)
        comment = Comment(self.site.counters.next("comment"), row.id, body.author, now, now, body.text)
        comment.public = not body.internal
        _say(comment, body.text, body.body)
        if body.group is not None:
            group = self.site.people.group(body.group) or self.site.people.group_named(body.group)
            if group is None:
                raise Refused(400, f"there is no group {body.group}")
            comment.kind, comment.holder = "group", group.id
        elif body.role is not None:
            if body.role not in {name for name, _ in ROLES.values()}:
                raise Refused(400, f"there is no role {body.role}")
            comment.kind, comment.holder = "role", body.role
        self.site.comments.save([comment])
        for key, value in body.properties.items():
            self.site.properties.set("comment", comment.id, key, value)
        self.site.touch(row, "comment")
        return {"id": str(comment.id)}

    def change(self, body: CommentChange) -> dict[str, str]:
        """Let a comment say something else."""
        comment = self._comment(int(body.id))
        self._person(body.editor)
        _say(comment, body.text, body.body)
        comment.updated, comment.editor = max(comment.updated + 1, int(self.site.now() * 1000)), body.editor
        self.site.comments.save([comment])
        self.site.touch(self._row(comment.issue), "comment_edit")
        return {"id": str(comment.id)}

    def delete(self, body: Ids) -> dict[str, list[str]]:
        """Delete comments with their properties."""
        comments = [self._comment(int(id_)) for id_ in body.ids]
        for comment in comments:
            self.site.comments.delete(comment.id)
            self.site.properties.delete_of("comment", [comment.id])
            self.site.touch(self._row(comment.issue), "comment_delete")
        return {"ids": [str(comment.id) for comment in comments]}

    async def marks(self, request: Request) -> Response:
        """``GET /_sandbox/truth/marks``."""
        key, prefix = request.query_params.get("key", ""), request.query_params.get("label")
        labels: dict[str, list[str]] = {}
        if prefix is not None:
            sql = (
                "SELECT e.value, i.id FROM issue i, json_each(i.labels) e WHERE substr(e.value, 1, ?) = ? ORDER BY i.id"
            )
            for label, id_ in self.site.store.db.execute(sql, (len(prefix), prefix)):
                labels.setdefault(label, []).append(str(id_))
        return as_json(
            {"issues": self._marked("issue", key), "comments": self._marked("comment", key), "labels": labels}
        )

    def _marked(self, kind: Owner, key: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for owner, value in self.site.properties.named(kind, key):
            mark = value.get("mark") if isinstance(value, dict) else None
            text = mark if isinstance(mark, str) else msgspec.json.encode(value).decode()
            found.setdefault(text, []).append(str(owner))
        return found

    def _row(self, id_: int) -> Row:
        rows = self.site.store.issues([id_])
        if not rows:
            raise Refused(400, f"there is no issue with the id {id_}")
        return rows[0]

    def _comment(self, id_: int) -> Comment:
        found = self.site.comments.where("id = ?", [id_])
        if not found:
            raise Refused(400, f"there is no comment with the id {id_}")
        return found[0]

    def _person(self, id_: str) -> None:
        if id_ not in self.site.people:
            raise Refused(400, f"there is no account {id_}")


def _say(comment: Comment, text: str, body: dict[str, Any] | None) -> None:
    comment.text = text if body is None else documents.plain(body)
    comment.adf = None if body is None else msgspec.json.encode(body).decode()
