"""Who and which groups there are on the site, and who is in which.

It is a mapping of people by account id, those who have gone included, so that issues go on finding them. Everything is
held in memory, ready to be paged through (a page of a large group's members costs no more than one of a small group's),
and written through to the issues' database, so that a world in a file is there again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from airflow_provider_jira.sandbox.jira.people import Person
from airflow_provider_jira.sandbox.jira.store import Store

_SCHEMA = """
CREATE TABLE person (number INTEGER PRIMARY KEY, id TEXT UNIQUE, data TEXT);
CREATE TABLE people_group (id TEXT PRIMARY KEY, data TEXT);
CREATE TABLE membership (people_group TEXT, person TEXT, PRIMARY KEY (people_group, person)) WITHOUT ROWID;
"""
_SAVE_PERSON = (
    "INSERT INTO person (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data"  # keeps the order
)


class Group(msgspec.Struct, frozen=True):
    """One group.

    :param id: what is known of it for good; its name can change
    :param external: looked after by another directory, so that Jira refuses to change who is in it
    :param shows_id: a few of a real site's records do not
    """

    id: str
    name: str
    external: bool = False
    shows_id: bool = True


class Directory(Mapping[str, Person]):
    """People and groups of one site.

    :param store: where they are kept
    """

    def __init__(self, store: Store) -> None:
        self._db = store.db
        self._people: dict[str, Person] = {}
        self._order: list[str] = []
        self._groups: dict[str, Group] = {}
        self._sorted: list[Group] | None = None
        self._members: dict[str, list[tuple[str, str]]] = {}
        self._active: dict[str, list[str]] = {}
        self._groups_of: dict[str, set[str]] = {}
        self.empty = not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'person'").fetchone()
        if self.empty:
            self._db.executescript(_SCHEMA)
        self._load()

    def fill(self, people: Sequence[Person], groups: Sequence[Group], memberships: Mapping[str, Sequence[str]]) -> None:
        """Fill an empty directory.

        :param memberships: group id -> account ids
        """
        self._db.execute("BEGIN")
        self._db.executemany(_SAVE_PERSON, ((person.account_id, _text(person)) for person in people))
        self._db.executemany("INSERT INTO people_group VALUES (?, ?)", ((group.id, _text(group)) for group in groups))
        rows = ((group, person) for group, members in memberships.items() for person in members)
        self._db.executemany("INSERT INTO membership VALUES (?, ?)", rows)
        self._db.execute("COMMIT")
        self.empty = False
        self._load()

    def _load(self) -> None:
        for id_, data in self._db.execute("SELECT id, data FROM person ORDER BY number"):
            self._people[id_] = msgspec.json.decode(data, type=Person)
            self._groups_of[id_] = set()
        self._order = list(self._people)
        for id_, data in self._db.execute("SELECT id, data FROM people_group ORDER BY rowid"):
            self._groups[id_] = msgspec.json.decode(data, type=Group)
            self._members[id_] = []
        names = {id_: person.user_name for id_, person in self._people.items()}
        for group, person in self._db.execute("SELECT people_group, person FROM membership"):
            self._members[group].append((names[person], person))
            self._groups_of[person].add(group)
        for members in self._members.values():
            members.sort()

    def __getitem__(self, account_id: str) -> Person:
        return self._people[account_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)

    def known(self, account_id: str) -> Person | None:
        """Return a person who has an account on the site, active or not; nobody who has gone."""
        person = self._people.get(account_id)
        return None if person is None or person.state != "here" else person

    def page(self, start: int, most: int, *, forgotten: bool = True) -> list[Person]:
        """Return some people in the order in which they came.

        :param forgotten: whether those are among them who have no profile any more
        """
        if forgotten:
            return [self._people[id_] for id_ in self._order[start : start + most]]
        every = [person for person in self._people.values() if not person.gone]
        return every[start : start + most]

    def save(self, person: Person) -> None:
        """Keep a new or changed person."""
        self._db.execute(_SAVE_PERSON, (person.account_id, _text(person)))
        if person.account_id not in self._people:
            self._order.append(person.account_id)
            self._groups_of[person.account_id] = set()
        self._people[person.account_id] = person
        for group in self._groups_of[person.account_id]:
            self._active.pop(group, None)

    def leave_all(self, account_id: str) -> None:
        """Take a person out of every group."""
        for group in self.groups_of(account_id):
            self.leave(group.id, account_id)

    def group(self, id_: str) -> Group | None:
        """Return a group."""
        return self._groups.get(id_)

    def group_named(self, name: str) -> Group | None:
        """Find a group by its name; by one that differs in case only if there is none of that very name."""
        found = [group for group in self._groups.values() if group.name.casefold() == name.casefold()]
        return next((group for group in found if group.name == name), found[0] if found else None)

    def groups(self) -> list[Group]:
        """Return all groups, ordered by name."""
        if self._sorted is None:
            self._sorted = sorted(self._groups.values(), key=lambda group: (group.name.casefold(), group.id))
        return self._sorted

    def groups_of(self, account_id: str) -> list[Group]:
        """Return the groups that a person is in, ordered by name."""
        found = [self._groups[id_] for id_ in self._groups_of.get(account_id, ())]
        return sorted(found, key=lambda group: (group.name.casefold(), group.id))

    def members(self, group: str, start: int, most: int, *, inactive: bool) -> tuple[list[str], int]:
        """Return a page of a group's members, ordered by a name that nobody sees.

        :param inactive: whether inactive ones are among them
        :returns: account ids, and how many there are in all
        """
        if inactive:
            every = self._members[group]
            return [id_ for _, id_ in every[start : start + most]], len(every)
        if group not in self._active:
            self._active[group] = [id_ for _, id_ in self._members[group] if self._people[id_].active]
        return self._active[group][start : start + most], len(self._active[group])

    def is_member(self, group: str, account_id: str) -> bool:
        """Say whether a person is in a group."""
        return group in self._groups_of.get(account_id, ())

    def save_group(self, group: Group) -> None:
        """Keep a new or changed group."""
        self._db.execute(
            "INSERT INTO people_group VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
            (group.id, _text(group)),
        )
        self._groups[group.id] = group
        self._members.setdefault(group.id, [])
        self._sorted = None

    def delete_group(self, id_: str) -> None:
        """Delete a group; nobody is in it any more."""
        for _, person in self._members.pop(id_):
            self._groups_of[person].discard(id_)
        del self._groups[id_]
        self._active.pop(id_, None)
        self._sorted = None
        self._db.execute("DELETE FROM people_group WHERE id = ?", (id_,))
        self._db.execute("DELETE FROM membership WHERE people_group = ?", (id_,))

    def join(self, group: str, account_id: str) -> bool:
        """Put a person into a group; returns whether that is new."""
        if group in self._groups_of[account_id]:
            return False
        self._db.execute("INSERT INTO membership VALUES (?, ?)", (group, account_id))
        insort(self._members[group], (self._people[account_id].user_name, account_id))
        self._groups_of[account_id].add(group)
        self._active.pop(group, None)
        return True

    def leave(self, group: str, account_id: str) -> bool:
        """Take a person out of a group; returns whether he was in it."""
        if group not in self._groups_of[account_id]:
            return False
        self._db.execute("DELETE FROM membership WHERE people_group = ? AND person = ?", (group, account_id))
        members = self._members[group]
        del members[bisect_left(members, (self._people[account_id].user_name, account_id))]
        self._groups_of[account_id].discard(group)
        self._active.pop(group, None)
        return True

    def memberships(self) -> Iterable[tuple[str, list[str]]]:
        """Return every group's id and its members' account ids, both ascending."""
        return ((id_, sorted(person for _, person in self._members[id_])) for id_ in sorted(self._members))


def _text(value: Person | Group) -> str:
    return msgspec.json.encode(value).decode()
