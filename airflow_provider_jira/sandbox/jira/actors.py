"""Who holds which project role: people directly, and whole groups."""

from __future__ import annotations

from typing import Literal

import msgspec

from airflow_provider_jira.sandbox.jira.store import Store

_SCHEMA = """
CREATE TABLE actor (
    number INTEGER PRIMARY KEY, project TEXT, role INTEGER, kind TEXT, holder TEXT,
    UNIQUE (project, role, kind, holder)
);
"""
Kind = Literal["user", "group"]


class Actor(msgspec.Struct, frozen=True):
    """One holder of a role in a project.

    :param id: 0 before it is kept
    :param project: project key
    :param holder: account id or group id
    """

    id: int
    project: str
    role: int
    kind: Kind
    holder: str


class Actors:
    """All holders of a site's project roles.

    :param store: where they are kept
    """

    def __init__(self, store: Store) -> None:
        self._db = store.db
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'actor'").fetchone():
            self._db.executescript(_SCHEMA)

    def of(self, project: str, role: int) -> list[Actor]:
        """Return the holders of a role in a project."""
        rows = self._db.execute("SELECT * FROM actor WHERE project = ? AND role = ? ORDER BY number", (project, role))
        return [Actor(*row) for row in rows]

    def add(self, project: str, role: int, kind: Kind, holder: str) -> bool:
        """Give a role to someone; returns whether that is new."""
        sql = "INSERT OR IGNORE INTO actor (project, role, kind, holder) VALUES (?, ?, ?, ?)"
        return self._db.execute(sql, (project, role, kind, holder)).rowcount > 0

    def remove(self, project: str, role: int, kind: Kind, holder: str) -> bool:
        """Take a role away from someone; returns whether he had it."""
        sql = "DELETE FROM actor WHERE project = ? AND role = ? AND kind = ? AND holder = ?"
        return self._db.execute(sql, (project, role, kind, holder)).rowcount > 0

    def forget_group(self, id_: str) -> None:
        """Take all roles away from a group, as happens when it is deleted."""
        self._db.execute("DELETE FROM actor WHERE kind = 'group' AND holder = ?", (id_,))
