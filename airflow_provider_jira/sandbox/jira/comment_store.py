"""Where comments live, and who they are kept for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from airflow_provider_jira.sandbox.jira.store import Store

_SCHEMA = """
CREATE TABLE comment (
    id INTEGER PRIMARY KEY, issue INTEGER, author TEXT, created INTEGER, updated INTEGER, text TEXT,
    adf TEXT, editor TEXT, kind TEXT, holder TEXT, public INTEGER
);
CREATE INDEX comment_issue ON comment (issue);
"""
Audience = Literal["group", "role"]


class Comment(msgspec.Struct):
    """One comment.

    :param author: account id; so is ``editor``, who changed it last
    :param text: what it says in plain words
    :param adf: its document (JSON); ``None``: one paragraph for every line of the text
    :param kind: what it is kept for, if anything: a ``group`` or a ``role``
    :param holder: group id, or name of the role
    :param public: in a service project: whether customers see it
    """

    id: int
    issue: int
    author: str
    created: int
    updated: int
    text: str
    adf: str | None = None
    editor: str | None = None
    kind: Audience | None = None
    holder: str | None = None
    public: bool = True


class Comments:
    """All comments of a site.

    :param store: the database
    """

    def __init__(self, store: Store) -> None:
        self._db = store.db
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'comment'").fetchone():
            self._db.executescript(_SCHEMA)

    def save(self, comments: Iterable[Comment]) -> None:
        """Keep new or changed comments."""
        marks = ", ".join("?" * len(Comment.__struct_fields__))
        self._db.executemany(f"INSERT OR REPLACE INTO comment VALUES ({marks})", map(msgspec.structs.astuple, comments))

    def where(self, condition: str, values: Sequence[object] = ()) -> list[Comment]:
        """Return the comments that fulfil a condition, oldest first."""
        rows = self._db.execute(f"SELECT * FROM comment WHERE {condition} ORDER BY created, id", values)
        return [_read(row) for row in rows]

    def delete(self, id_: int) -> None:
        """Delete one comment."""
        self._db.execute("DELETE FROM comment WHERE id = ?", (id_,))

    def delete_of(self, issue: int) -> None:
        """Delete an issue's comments."""
        self._db.execute("DELETE FROM comment WHERE issue = ?", (issue,))

    def count(self, issue: int) -> int:
        """Return how many comments an issue has, seen or not."""
        return int(self._db.execute("SELECT count(*) FROM comment WHERE issue = ?", (issue,)).fetchone()[0])

    def hand_over(self, group: str, other: str) -> None:
        """Keep for another group what was kept for one that is deleted."""
        self._db.execute("UPDATE comment SET holder = ? WHERE kind = 'group' AND holder = ?", (other, group))


def _read(row: tuple[Any, ...]) -> Comment:
    comment = Comment(*row)
    comment.public = bool(comment.public)
    return comment
