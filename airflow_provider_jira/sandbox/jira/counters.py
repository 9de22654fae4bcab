"""Numbers that are never given out twice: ids, and the numbers in issue keys, whatever is deleted or refused later."""

from __future__ import annotations

from airflow_provider_jira.sandbox.jira.store import Store

_SCHEMA = """
CREATE TABLE counter (name TEXT PRIMARY KEY, last INTEGER);
INSERT INTO counter SELECT 'issue', ifnull(max(id), 10000) FROM issue;
INSERT INTO counter SELECT 'comment', ifnull(max(id), 9999) FROM comment;
INSERT INTO counter SELECT 'key ' || project, max(num) FROM issue GROUP BY project;
"""


class Counters:
    """All counters of a site. They begin after the highest number that a filled database holds.

    :param store: where they are kept
    """

    def __init__(self, store: Store) -> None:
        self._db = store.db
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'counter'").fetchone():
            self._db.executescript(_SCHEMA)

    def next(self, name: str) -> int:
        """Take the next number.

        :param name: ``issue``, ``comment``, ``link``, or ``key`` and a project's key
        """
        sql = "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last"
        return int(self._db.execute(sql, (name,)).fetchone()[0])

    def next_key(self, project: str) -> tuple[str, int]:
        """Take the next issue key of a project, and the number in it."""
        number = self.next(f"key {project}")
        return f"{project}-{number}", number
