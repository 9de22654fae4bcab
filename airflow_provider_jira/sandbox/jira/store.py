"""Where the sandbox's issues live: SQLite, in memory or in a file.

There are two tables of issues with the same columns. ``issue`` is the truth, which reads by id see. ``indexed`` is what
searches see; a change reaches it when its lag is over. A deleted issue stays in the index that long, too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.catalog import Project

COLUMNS = (
    "id", "key", "num", "project", "type", "status", "resolution", "priority", "summary", "reporter", "creator",
    "assignee", "parent", "created", "updated", "resolved", "due", "labels", "components", "versions",
    "custom", "hidden", "archived",
)  # fmt: skip
_INTEGERS = {"id", "num", "priority", "parent", "created", "updated", "resolved", "hidden", "archived"}
_JSON = ("labels", "components", "versions", "custom")
_COLUMN_SQL = ", ".join(
    f"{name} {'INTEGER' if name in _INTEGERS else 'TEXT'}{' PRIMARY KEY' if name == 'id' else ''}" for name in COLUMNS
)
_SCHEMA = f"""
CREATE TABLE issue ({_COLUMN_SQL});
CREATE TABLE indexed ({_COLUMN_SQL});
CREATE TABLE body (issue INTEGER PRIMARY KEY, adf TEXT, markdown TEXT);
CREATE TABLE moved (key TEXT PRIMARY KEY, issue INTEGER);
CREATE TABLE pending (issue INTEGER, due REAL);
CREATE TABLE project (key TEXT PRIMARY KEY, data TEXT);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);
"""
_VERSION = 2
_INDEXES = """
CREATE UNIQUE INDEX issue_key ON issue (key);
CREATE INDEX indexed_updated ON indexed (updated);
CREATE INDEX issue_hidden ON issue (id) WHERE hidden;
"""


class Row(msgspec.Struct):
    """One issue.

    :param num: the number in its key
    :param project: project key
    :param type: issue type's name; so are ``status`` and ``resolution``
    :param priority: id, 1 is highest
    :param reporter: account id; so are ``creator`` and ``assignee``
    :param parent: issue id
    :param created: milliseconds since 1970; so are ``updated`` and ``resolved``
    :param due: ``YYYY-MM-DD``
    :param versions: fix versions
    :param custom: field id -> value as :mod:`~airflow_provider_jira.sandbox.jira.values` keeps it
    :param hidden: behind a security level that the connection's account does not have
    :param archived: left out of searches, readable by id
    """

    id: int
    key: str
    num: int
    project: str
    type: str
    status: str
    resolution: str | None
    priority: int
    summary: str
    reporter: str | None
    creator: str
    assignee: str | None
    parent: int | None
    created: int
    updated: int
    resolved: int | None
    due: str | None
    labels: list[str]
    components: list[str]
    versions: list[str]
    custom: dict[str, Any]
    hidden: bool = False
    archived: bool = False


class Store:
    """The database.

    :param path: file, or ``:memory:``
    :raises ValueError: the file holds a world that this version cannot read
    """

    def __init__(self, path: str = ":memory:") -> None:
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = MEMORY")
        self.db.execute("PRAGMA synchronous = OFF")
        self.empty = self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if self.empty:
            self.db.executescript(f"{_SCHEMA}PRAGMA user_version = {_VERSION};")
        elif self.db.execute("PRAGMA user_version").fetchone() != (_VERSION,):
            raise ValueError(f"{path} holds a world of another version of the sandbox: delete it, or name another file")

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def fill(
        self,
        issues: Iterable[tuple[Row, str | None, str | None]],
        projects: Sequence[Project],
    ) -> None:
        """Fill an empty database.

        :param issues: with the description's document (JSON) and Markdown
        """
        self.db.execute("BEGIN")
        marks = ", ".join("?" * len(COLUMNS))
        for row, adf, markdown in issues:
            self.db.execute(f"INSERT INTO issue VALUES ({marks})", _packed(row))
            if adf is not None:
                self.db.execute("INSERT INTO body VALUES (?, ?, ?)", (row.id, adf, markdown))
        self.db.execute("INSERT INTO indexed SELECT * FROM issue")
        for project in projects:
            self.save_project(project)
        self.db.execute("COMMIT")
        self.db.executescript(_INDEXES)
        self.empty = False

    def projects(self) -> dict[str, Project]:
        """Return the projects by key."""
        rows = self.db.execute("SELECT data FROM project ORDER BY rowid")
        return {project.key: project for project in (msgspec.json.decode(data, type=Project) for (data,) in rows)}

    def save_project(self, project: Project) -> None:
        """Keep a project."""
        self.db.execute(
            "INSERT OR REPLACE INTO project VALUES (?, ?)", (project.key, msgspec.json.encode(project).decode())
        )

    def meta(self, name: str) -> str | None:
        """Return a remembered value."""
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        """Remember a value."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def issues(self, ids: Sequence[int]) -> list[Row]:
        """Return the true issues with these ids, ascending; absent ones are left out."""
        rows = self.db.execute(f"SELECT * FROM issue WHERE id IN ({listed(ids)}) ORDER BY id")
        return [_unpacked(row) for row in rows]

    def where(self, condition: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return the true issues that fulfil a condition, ascending by id."""
        return [_unpacked(row) for row in self.db.execute(f"SELECT * FROM issue WHERE {condition} ORDER BY id", values)]

    def id_of(self, key: str) -> int | None:
        """Find an issue by its key (any case), also one that it had before it moved."""
        for table, column in (("issue", "id"), ("moved", "issue")):
            row = self.db.execute(f"SELECT {column} FROM {table} WHERE key = ?", (key.upper(),)).fetchone()
            if row is not None:
                return int(row[0])
        return None

    def bodies(self, ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
        """Return descriptions: issue id -> document (JSON) and Markdown, where it is known."""
        rows = self.db.execute(f"SELECT issue, adf, markdown FROM body WHERE issue IN ({listed(ids)})")
        return {issue: (adf, markdown) for issue, adf, markdown in rows}

    def set_body(self, issue: int, adf: str | None, markdown: str | None) -> None:
        """Change a description; ``adf`` ``None`` takes it away."""
        if adf is None:
            self.db.execute("DELETE FROM body WHERE issue = ?", (issue,))
        else:
            self.db.execute("INSERT OR REPLACE INTO body VALUES (?, ?, ?)", (issue, adf, markdown))

    def save(self, row: Row, due: float) -> None:
        """Write an issue.

        :param due: server time (seconds) at which the index has it
        """
        marks = ", ".join("?" * len(COLUMNS))
        self.db.execute(f"INSERT OR REPLACE INTO issue VALUES ({marks})", _packed(row))
        self.db.execute("INSERT INTO pending VALUES (?, ?)", (row.id, due))

    def delete(self, id_: int, due: float) -> None:
        """Delete an issue with its description; the index follows at ``due``."""
        self.db.execute("DELETE FROM issue WHERE id = ?", (id_,))
        self.db.execute("DELETE FROM body WHERE issue = ?", (id_,))
        self.db.execute("DELETE FROM moved WHERE issue = ?", (id_,))
        self.db.execute("INSERT INTO pending VALUES (?, ?)", (id_, due))

    def index(self, now: float) -> None:
        """Bring into the index what is due."""
        if self.db.execute("SELECT 1 FROM pending WHERE due <= ? LIMIT 1", (now,)).fetchone() is None:
            return
        due = "SELECT issue FROM pending WHERE due <= ?"
        self.db.execute(f"DELETE FROM indexed WHERE id IN ({due})", (now,))
        self.db.execute(f"INSERT INTO indexed SELECT * FROM issue WHERE id IN ({due})", (now,))
        self.db.execute("DELETE FROM pending WHERE due <= ?", (now,))


def listed(ids: Iterable[int]) -> str:
    """Write numbers for ``IN (...)``; they go into the text because there may be thousands."""
    return ",".join(str(int(id_)) for id_ in ids)


def _packed(row: Row) -> tuple[Any, ...]:
    values = msgspec.structs.asdict(row)
    for name in _JSON:
        values[name] = msgspec.json.encode(values[name]).decode()
    return tuple(values.values())


def _unpacked(values: tuple[Any, ...]) -> Row:
    named = dict(zip(COLUMNS, values, strict=True))
    for name in _JSON:
        named[name] = msgspec.json.decode(named[name])
    return Row(**{**named, "hidden": bool(named["hidden"]), "archived": bool(named["archived"])})
