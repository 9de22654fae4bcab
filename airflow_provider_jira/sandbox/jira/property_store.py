"""Where the properties of issues and comments live: any JSON under a key. No search looks into them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from airflow_provider_jira.sandbox.jira.store import Store, listed

_SCHEMA = """
CREATE TABLE property (kind TEXT, owner INTEGER, key TEXT, value TEXT, PRIMARY KEY (kind, owner, key)) WITHOUT ROWID;
CREATE INDEX property_key ON property (kind, key);
"""
Owner = Literal["issue", "comment"]


class Properties:
    """All properties of a site.

    :param store: the database
    """

    def __init__(self, store: Store) -> None:
        self._db = store.db
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'property'").fetchone():
            self._db.executescript(_SCHEMA)

    def of(self, kind: Owner, owners: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return the properties of some owners: id -> key -> value; who has none is absent."""
        sql = f"SELECT owner, key, value FROM property WHERE kind = ? AND owner IN ({listed(owners)}) ORDER BY key"
        found: dict[int, dict[str, Any]] = {}
        for owner, key, value in self._db.execute(sql, (kind,)):
            found.setdefault(owner, {})[key] = msgspec.json.decode(value)
        return found

    def set(self, kind: Owner, owner: int, key: str, value: Any) -> bool:
        """Set a property; returns whether it is new."""
        new = key not in self.of(kind, [owner]).get(owner, {})
        text = msgspec.json.encode(value).decode()
        self._db.execute("INSERT OR REPLACE INTO property VALUES (?, ?, ?, ?)", (kind, owner, key, text))
        return new

    def delete(self, kind: Owner, owner: int, key: str) -> bool:
        """Delete a property; returns whether there was one."""
        sql = "DELETE FROM property WHERE kind = ? AND owner = ? AND key = ?"
        return self._db.execute(sql, (kind, owner, key)).rowcount > 0

    def delete_of(self, kind: Owner, owners: Iterable[int]) -> None:
        """Delete all properties of some owners."""
        self._db.execute(f"DELETE FROM property WHERE kind = ? AND owner IN ({listed(owners)})", (kind,))

    def named(self, kind: Owner, key: str) -> list[tuple[int, Any]]:
        """Return every owner of a property with its value, ascending."""
        sql = "SELECT owner, value FROM property WHERE kind = ? AND key = ? ORDER BY owner"
        return [(owner, msgspec.json.decode(value)) for owner, value in self._db.execute(sql, (kind, key))]
