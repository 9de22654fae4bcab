"""Where the remote links of issues live."""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.store import Store

_SCHEMA = """
CREATE TABLE link (id INTEGER PRIMARY KEY, issue INTEGER, global_id TEXT, data TEXT, UNIQUE (issue, global_id));
"""


class Link(msgspec.Struct):
    """One remote link.

    :param global_id: what finds it again on its issue
    :param data: the rest, as it was given
    """

    id: int
    issue: int
    global_id: str
    data: dict[str, Any]


class Links:
    """All remote links of a site.

    :param store: the database
    """

    def __init__(self, store: Store) -> None:
        self._db = store.db
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'link'").fetchone():
            self._db.executescript(_SCHEMA)

    def of(self, issue: int) -> list[Link]:
        """Return the links of an issue, oldest first."""
        rows = self._db.execute("SELECT * FROM link WHERE issue = ? ORDER BY id", (issue,))
        return [Link(id_, owner, global_id, msgspec.json.decode(data)) for id_, owner, global_id, data in rows]

    def save(self, link: Link) -> None:
        """Keep a new or changed link."""
        text = msgspec.json.encode(link.data).decode()
        values = (link.id, link.issue, link.global_id, text)
        self._db.execute("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?)", values)

    def delete_of(self, issue: int) -> None:
        """Delete an issue's links."""
        self._db.execute("DELETE FROM link WHERE issue = ?", (issue,))
