"""Where the sandbox keeps its data cards: SQLite, in memory or in a file.

One row a card, one row a value. Reading, writing and finding by value stay fast with 100,000 cards, because the first
200 characters of every value are indexed together with its attribute. Nothing here knows rules (unique values, rights,
trash): those are ``saving.py``'s and ``world.py``'s.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

LOOK = 200
"""How many leading characters of a value are indexed."""

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=OFF;
PRAGMA case_sensitive_like=ON;
CREATE TABLE IF NOT EXISTS card (
    id INTEGER PRIMARY KEY, template TEXT NOT NULL, folder TEXT NOT NULL, name TEXT NOT NULL,
    hidden INTEGER NOT NULL, deleted INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS value (
    card INTEGER NOT NULL, attribute TEXT NOT NULL, position INTEGER NOT NULL,
    look TEXT NOT NULL, rest TEXT, number REAL, code TEXT, moment TEXT, target INTEGER,
    PRIMARY KEY (card, attribute, position)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS value_look ON value (attribute, look, card);
CREATE INDEX IF NOT EXISTS value_target ON value (target) WHERE target IS NOT NULL;
CREATE INDEX IF NOT EXISTS card_name ON card (name);
"""


class Cell(NamedTuple):
    """One value of one attribute, whatever the type.

    :param text: the value as people see it (a date in ISO form; of a reference the target's name, empty when written)
    :param number: what comparisons use: the number, or a date's seconds since the epoch
    :param code: a static value's code, an external reference's location, a worklog entry's author
    :param moment: when a worklog entry was written, ISO
    :param target: card id that a reference points at
    """

    text: str
    number: float | None = None
    code: str | None = None
    moment: str | None = None
    target: int | None = None


@dataclass
class StoredCard:
    """A card as stored; ``cells`` holds only attributes that have a value."""

    id: int
    template: str
    folder: str
    name: str
    hidden: bool
    deleted: bool
    cells: dict[str, list[Cell]] = field(default_factory=dict)


class Cards:
    """The card table.

    :param path: SQLite file, or ``:memory:``
    """

    def __init__(self, path: str = ":memory:") -> None:
        # One thread at a time uses it (the server's event loop), though not always the thread that made it.
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(_SCHEMA)
        (highest,) = self._db.execute("SELECT coalesce(max(id), 20000) FROM card").fetchone()
        self._next_id = int(highest) + 1

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything written inside, or nothing when the block raises. Blocks may be nested."""
        self._db.execute("SAVEPOINT change")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO change")
            self._db.execute("RELEASE change")
            raise
        self._db.execute("RELEASE change")

    def add(self, template: str, folder: str, *, hidden: bool = False, deleted: bool = False) -> int:
        """Make an empty card and return its id. Ids rise, with gaps, as in a database that others use too."""
        card_id = self._next_id
        self._next_id += 1 + card_id * 7919 % 3
        row = (card_id, template, folder, "", hidden, deleted)
        self._db.execute("INSERT INTO card VALUES (?, ?, ?, ?, ?, ?)", row)
        return card_id

    def put(self, card_id: int, attribute: str, cells: Sequence[Cell]) -> None:
        """Make ``cells`` the attribute's only values."""
        self._db.execute("DELETE FROM value WHERE card = ? AND attribute = ?", (card_id, attribute))
        self._db.executemany(
            "INSERT INTO value VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    card_id,
                    attribute,
                    position,
                    cell.text[:LOOK],
                    cell.text if len(cell.text) > LOOK else None,
                    cell.number,
                    cell.code,
                    cell.moment,
                    cell.target,
                )
                for position, cell in enumerate(cells)
            ],
        )

    def change(
        self,
        card_id: int,
        *,
        name: str | None = None,
        folder: str | None = None,
        hidden: bool | None = None,
        deleted: bool | None = None,
    ) -> None:
        """Change what is given of the card itself."""
        changes = {"name": name, "folder": folder, "hidden": hidden, "deleted": deleted}
        given = {column: value for column, value in changes.items() if value is not None}
        if given:
            columns = ", ".join(f"{column} = ?" for column in given)
            self._db.execute(f"UPDATE card SET {columns} WHERE id = ?", (*given.values(), card_id))

    def destroy(self, card_id: int) -> None:
        """Remove the card for good, as emptying the trash does."""
        self._db.execute("DELETE FROM value WHERE card = ? OR target = ?", (card_id, card_id))
        self._db.execute("DELETE FROM card WHERE id = ?", (card_id,))

    def destroy_all(self) -> None:
        self._db.execute("DELETE FROM value")
        self._db.execute("DELETE FROM card")

    def get(self, card_id: int, attributes: Sequence[str] | None = None) -> StoredCard | None:
        return next(iter(self.load([card_id], attributes)), None)

    def load(self, card_ids: Sequence[int], attributes: Sequence[str] | None = None) -> list[StoredCard]:
        """Read cards in the order of ``card_ids``; ids without a card are left out.

        :param attributes: codes of the attributes to read; ``None`` for all
        """
        if not card_ids:
            return []
        marks = ", ".join("?" * len(card_ids))
        found = {
            row[0]: StoredCard(row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5]))
            for row in self._db.execute(f"SELECT * FROM card WHERE id IN ({marks})", card_ids)
        }
        condition, parameters = "", list[object](card_ids)
        if attributes is not None:
            condition = f" AND attribute IN ({', '.join('?' * len(attributes))})"
            parameters += attributes
        rows = self._db.execute(
            "SELECT value.card, attribute, look, rest, number, code, moment, value.target, target.name FROM value "
            f"LEFT JOIN card target ON target.id = value.target WHERE value.card IN ({marks}){condition} "
            "ORDER BY value.card, attribute, position",
            parameters,
        )
        for card_id, attribute, look, rest, number, code, moment, target, target_name in rows:
            text = target_name if target is not None else look if rest is None else rest
            found[card_id].cells.setdefault(attribute, []).append(Cell(text or "", number, code, moment, target))
        return [found[card_id] for card_id in card_ids if card_id in found]

    def select(
        self,
        condition: str,
        parameters: Iterable[object],
        below: int = 0,
        limit: int = -1,
        order: str = "card.id DESC",
    ) -> list[int]:
        """Return ids of the cards that meet an SQL condition.

        :param parameters: of the condition, then of the order
        :param below: only ids lower than this; 0 for no bound
        :param limit: how many; -1 for all
        """
        bound = "card.id < ? AND " if below else ""
        values = [*([below] if below else []), *parameters, limit]
        query = f"SELECT card.id FROM card WHERE {bound}({condition}) ORDER BY {order} LIMIT ?"
        return [row[0] for row in self._db.execute(query, values)]

    def plan(self, condition: str, parameters: Iterable[object]) -> list[str]:
        """Return SQLite's plan for a condition, one line a step."""
        query = f"EXPLAIN QUERY PLAN SELECT card.id FROM card WHERE {condition} ORDER BY card.id DESC"
        return [str(row[3]) for row in self._db.execute(query, list(parameters))]

    def count(self, condition: str, parameters: Iterable[object]) -> int:
        query = f"SELECT count(*) FROM card WHERE {condition}"
        return int(self._db.execute(query, list(parameters)).fetchone()[0])

    def at_least(self, attribute: str, look: str, number: int) -> bool:
        """Whether at least so many values of an attribute begin with ``look``."""
        inner = "SELECT 1 FROM value WHERE attribute = ? AND look = ? LIMIT ?"
        (found,) = self._db.execute(f"SELECT count(*) FROM ({inner})", (attribute, look, number)).fetchone()
        return int(found) >= number

    def having(self, template: str, attribute: str, text: str) -> list[StoredCard]:
        """Return the template's cards (without values) that have ``text`` as a value of the attribute."""
        rows = self._db.execute(
            "SELECT DISTINCT card.* FROM value JOIN card ON card.id = value.card "
            "WHERE attribute = ? AND look = ? AND coalesce(rest, look) = ? AND template = ? ORDER BY card.id",
            (attribute, text[:LOOK], text, template),
        )
        return [StoredCard(row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5])) for row in rows]
