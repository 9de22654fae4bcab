"""The world in a test's hands: ``/_sandbox/truth…`` shows it, ``/_sandbox/world/…`` changes it.

Changes made here are changes like any other: ``updated`` moves, and the search index follows after its lag. Which
issues are picked depends only on the seed given and on the issues that there are.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from airflow_provider_jira.sandbox.control import as_json
from airflow_provider_jira.sandbox.jira import prose
from airflow_provider_jira.sandbox.jira.catalog import (
    ISSUE_TYPES,
    LABELS,
    PRIORITIES,
    RESOLUTIONS,
    ROBOT_ID,
    STATUSES,
)
from airflow_provider_jira.sandbox.jira.edits import edited
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.generate import Maker
from airflow_provider_jira.sandbox.jira.jql.clauses import compile_query
from airflow_provider_jira.sandbox.jira.jql.reader import JqlError, read
from airflow_provider_jira.sandbox.jira.site import CallersNames, Site
from airflow_provider_jira.sandbox.jira.store import Row
from airflow_provider_jira.sandbox.jira.truth import every

Body = TypeVar("Body")
Ids = list[int | str]


class Pick(msgspec.Struct, forbid_unknown_fields=True):
    """Which issues, by chance.

    :param count: how many
    :param seed: decides which
    :param jql: only among these; default: all that the connection's account can see
    :param except_: ids not to pick
    """

    count: int = 1
    seed: int = 0
    jql: str | None = None
    except_: Ids = msgspec.field(default_factory=list, name="except")


class Named(msgspec.Struct, forbid_unknown_fields=True):
    """Some issues by id, and whether something shall be so (``hidden``, ``archived``) or no longer."""

    ids: Ids
    on: bool = True


class Move(msgspec.Struct, forbid_unknown_fields=True):
    """Issues to move to another project, where they get new keys; their ids stay."""

    ids: Ids
    project: str = "OPS"


class ProjectChange(msgspec.Struct, forbid_unknown_fields=True):
    """A project, and what is to be said of it."""

    key: str
    readable: bool | None = None
    archived: bool | None = None


class Direct(msgspec.Struct, forbid_unknown_fields=True):
    """One issue to create (no ``id``) or change.

    :param fields: as for ``PUT /issue``; besides, ``status`` and ``resolution`` as ``{"name": …}``, ``parent`` as
        ``{"id": …}``, ``issuetype`` and ``project`` (on creation), and ``description`` also as plain text
    """

    id: int | str | None = None
    fields: dict[str, Any] = {}


class World:
    """The control calls of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def routes(self) -> list[Route]:
        """Return the routes below ``/_sandbox/``."""
        calls: list[tuple[str, type[Any], Callable[[Any], Any]]] = [
            ("change", Pick, self.change),
            ("delete", Pick, self.delete),
            ("hide", Named, lambda body: self.flag(body, "hidden")),
            ("archive", Named, lambda body: self.flag(body, "archived")),
            ("move", Move, self.move),
            ("project", ProjectChange, self.project),
            ("issues", Direct, self.issue),
            ("index", dict, self.index),
        ]
        return [
            *(Route(f"/_sandbox/world/{name}", posted(type_, work), methods=["POST"]) for name, type_, work in calls),
            Route("/_sandbox/truth/issues", self.truth),
        ]

    async def truth(self, request: Request) -> Response:
        """``GET /_sandbox/truth/issues?project=SUP``: every issue as it is, hidden ones included."""
        project = request.query_params.get("project")
        rows = self.site.store.where("project = ?", [project]) if project else self.site.store.where("1")
        return as_json(every(self.site, rows))

    def change(self, body: Pick) -> dict[str, list[str]]:
        """Change some issues: the summary always, so that it shows, and something else besides."""
        maker = self._maker(body)
        for row in (picked := self._picked(body)):
            before = row.summary
            while row.summary == before:
                row.summary = prose.summary(maker.rng)
            self._something_else(maker, row)
            self.site.save(row)
        return {"ids": [str(row.id) for row in picked]}

    def _something_else(self, maker: Maker, row: Row) -> None:
        rng = maker.rng
        kind = rng.choice(("status", "assignee", "priority", "labels", "description"))
        if kind == "status":
            _set_status(row, rng.choice([name for name in STATUSES if name != row.status]))
        elif kind == "assignee":
            row.assignee = rng.choice(
                [person.account_id for person in maker.staff if person.account_id != row.assignee]
            )
        elif kind == "priority":
            row.priority = rng.choice([id_ for id_ in PRIORITIES.values() if id_ != row.priority])
        elif kind == "labels":
            row.labels = sorted(set(row.labels) ^ {rng.choice(LABELS)})
        else:
            text = maker.description()
            self.site.store.set_body(row.id, text.adf, text.markdown)

    def delete(self, body: Pick) -> dict[str, list[str]]:
        """Delete some issues."""
        picked = self._picked(body)
        for row in picked:
            self.site.delete(row)
        return {"ids": [str(row.id) for row in picked]}

    def flag(self, body: Named, name: str) -> dict[str, list[str]]:
        """Hide issues behind a security level, or archive them; or take that back."""
        rows = self._rows(body.ids)
        for row in rows:
            setattr(row, name, body.on)
            self.site.store.save(row, self.site.due())
        return {"ids": [str(row.id) for row in rows]}

    def move(self, body: Move) -> dict[str, Any]:
        """Move issues; their old keys go on finding them."""
        if body.project not in self.site.projects:
            raise Refused(400, f"there is no project {body.project}; there are {', '.join(self.site.projects)}")
        keys = {}
        for row in self._rows(body.ids):
            self.site.store.db.execute("INSERT OR REPLACE INTO moved VALUES (?, ?)", (row.key, row.id))
            row.project = body.project
            row.key, row.num = self.site.counters.next_key(body.project)
            keys[str(row.id)] = row.key
            self.site.save(row)
        return {"ids": list(keys), "keys": keys}

    def project(self, body: ProjectChange) -> Any:
        """Make a project unreadable or archived, or take that back."""
        project = self.site.projects.get(body.key)
        if project is None:
            raise Refused(400, f"there is no project {body.key}; there are {', '.join(self.site.projects)}")
        if body.readable is not None:
            project.readable = body.readable
        if body.archived is not None:
            project.archived = body.archived
        self.site.store.save_project(project)
        return project

    def issue(self, body: Direct) -> dict[str, Any]:
        """Create or change one issue."""
        fields = dict(body.fields)
        row = self._rows([body.id])[0] if body.id is not None else self._created(fields)
        described = fields.pop("description", ...)
        if (status := fields.pop("status", None)) is not None:
            _set_status(row, _known(status, STATUSES))
        if "resolution" in fields:
            resolution = fields.pop("resolution")
            row.resolution = None if resolution is None else _known(resolution, RESOLUTIONS)
        if "parent" in fields:
            parent = fields.pop("parent")
            row.parent = None if parent is None else self._rows([parent["id"]])[0].id
        bodies = edited(self.site, row, fields, {}).description
        if described is not ...:
            bodies = _description(described)
        if bodies is not None:
            self.site.store.set_body(row.id, *bodies)
        self.site.save(row)
        return {"id": str(row.id), "key": row.key}

    def _created(self, fields: dict[str, Any]) -> Row:
        project = _known(fields.pop("project", "SUP"), self.site.projects)
        kind = _known(fields.pop("issuetype", "Task"), ISSUE_TYPES)
        id_, now = self.site.counters.next("issue"), int(self.site.now() * 1000)
        key, number = self.site.counters.next_key(project)
        fields.setdefault("summary", f"Issue {id_}")
        return Row(
            id_, key, number, project, kind, "Open", None, 3, "", ROBOT_ID, ROBOT_ID,
            None, None, now, now, None, None, [], [], [], {},
        )  # fmt: skip

    def index(self, _: dict[str, Any]) -> dict[str, Any]:
        """Bring every change into the search index at once, whatever its lag."""
        self.site.store.index(float("inf"))
        return {}

    def _picked(self, body: Pick) -> list[Row]:
        names = CallersNames(self.site, ROBOT_ID)
        try:
            compiled = compile_query(read(body.jql or "project is not EMPTY"), names, self.site.clock())
        except JqlError as error:
            raise Refused(400, *error.messages) from None
        sql = f"SELECT i.id FROM issue i WHERE {compiled.where} AND NOT i.hidden ORDER BY i.id"
        found = self.site.store.db.execute(sql, compiled.values)
        left_out = {int(id_) for id_ in body.except_}
        ids = [id_ for (id_,) in found if id_ not in left_out]
        if len(ids) < body.count:
            raise Refused(400, f"{body.count} issues are asked for, and there are only {len(ids)} to pick from")
        picked = sorted(random.Random(f"pick {body.seed}").sample(ids, body.count))
        return self.site.store.issues(picked)

    def _maker(self, body: Pick) -> Maker:
        maker = Maker(self.site.seed, tuple(self.site.people.values()))
        maker.rng = random.Random(f"change {body.seed} {body.count}")
        return maker

    def _rows(self, ids: Ids) -> list[Row]:
        rows = self.site.store.issues(sorted({int(id_) for id_ in ids}))
        if missing := {int(id_) for id_ in ids} - {row.id for row in rows}:
            raise Refused(400, f"there are no issues with these ids: {', '.join(str(id_) for id_ in sorted(missing))}")
        return rows


def posted(type_: type[Body], work: Callable[[Body], Any]) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a control call.

    :param type_: of its body
    :param work: does it; what it refuses is answered as ``{"error": …}``
    """

    async def answer(request: Request) -> Response:
        try:
            return as_json(work(msgspec.json.decode(await request.body() or b"{}", type=type_)))
        except msgspec.MsgspecError as error:
            return as_json({"error": str(error)}, 400)
        except Refused as refusal:
            return as_json({"error": " ".join([*refusal.messages, *refusal.errors.values()])}, refusal.status)

    return answer


def _set_status(row: Row, status: str) -> None:
    row.status = status
    done = STATUSES[status][1] == "done"
    row.resolution = (row.resolution or "Done") if done else None


def _known(value: Any, choices: dict[str, Any]) -> str:
    name = value.get("name") if isinstance(value, dict) else value
    if name not in choices:
        raise Refused(400, f"there is no {name!r}; there are {', '.join(choices)}")
    return str(name)


def _description(value: Any) -> tuple[str | None, str | None]:
    if value is None:
        return None, None
    if isinstance(value, str):
        text = prose.joined(prose.paragraph(value))
        return text.adf, text.markdown
    return msgspec.json.encode(value).decode(), None
