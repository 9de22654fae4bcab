"""Some records by their ids, as many at once as an address holds.

Jira leaves out what does not exist, without a word. That somebody does not exist is therefore concluded only from an
answer that leaves no doubt: where a record came whose id cannot be told, or fewer than Jira itself counted, the same
is asked in halves, down to a single id. So is what Jira refuses: how many ids it takes at once is written nowhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

from airflow_provider_jira.jira.connection import Connection, about
from airflow_provider_jira.jira.errors import JiraProtocolError, JiraRefused
from airflow_provider_jira.jira.paging import LastPage, until_last
from airflow_provider_jira.jira.steady import whole

MOST_IDS = 100
"""Ids that are asked for at once, if their characters fit."""

LONGEST_QUERY = 6000
"""Characters that the ids may fill in an address: many servers on the way take no more than eight thousand."""

Entry = TypeVar("Entry")
Entry_co = TypeVar("Entry_co", covariant=True)


class Load(Protocol[Entry_co]):
    """Loads a page of the records with some ids."""

    def __call__(self, ids: tuple[str, ...], start: int) -> Awaitable[LastPage[Entry_co]]:
        """Load the page that begins with so many records passed over."""


class LookUp(Generic[Entry]):
    """Looks up one kind of records.

    :param connection: to the site
    :param parameter: what the ids are called in the address
    :param path: that is asked
    :param load: asks for some ids
    :param name: the id of a record, ``""`` where it cannot be told
    """

    def __init__(
        self, connection: Connection, parameter: str, path: str, load: Load[Entry], name: Callable[[Entry], str]
    ) -> None:
        self._connection = connection
        self._parameter = parameter
        self._path = path
        self._load = load
        self._name = name

    def portions(self, ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Divide ids into as many as one address holds; each comes once, and empty ones name nobody."""
        portion: list[str] = []
        length = 0
        for id_ in dict.fromkeys(filter(None, ids)):
            added = len(f"&{self._parameter}={quote(id_, safe='')}")
            if portion and (len(portion) == MOST_IDS or length + added > LONGEST_QUERY):
                yield tuple(portion)
                portion, length = [], 0
            portion.append(id_)
            length += added
        if portion:
            yield tuple(portion)

    async def some(self, ids: tuple[str, ...]) -> dict[str, Entry | None]:
        """Look up one portion.

        :returns: id -> record; ``None``: there is one, and Jira does not tell its id. What does not exist is absent
        :raises JiraRefused: Jira does not take even a single one of the ids
        :raises JiraProtocolError: a record came that was not asked for
        :raises JiraIncomplete: the answer's pages never fitted together
        """
        pages = _Pages(partial(self._load, ids))
        walk = partial(until_last, pages.load, self._name)
        try:
            entries = await whole(self._connection, walk, "GET", self._path, "What was looked up by id")
        except JiraRefused as refused:
            if refused.status not in {400, 414} or len(ids) == 1:
                raise
            return await self._in_halves(ids)
        found: dict[str, Entry | None] = {name: entry for entry in entries if (name := self._name(entry))}
        if strangers := found.keys() - set(ids):
            with about("GET", self._path):
                raise JiraProtocolError(
                    f"Jira returned {len(strangers)} records that were not asked for, {min(strangers)} among them."
                )
        missing = tuple(id_ for id_ in ids if id_ not in found)
        nameless = len(entries) - len(found)
        if nameless >= len(missing):
            return {**found, **dict.fromkeys(missing)}
        if len(ids) > 1 and (nameless or pages.total > len(found)):
            found.update(await self._in_halves(missing))
        return found

    async def _in_halves(self, ids: tuple[str, ...]) -> dict[str, Entry | None]:
        found: dict[str, Entry | None] = {}
        middle = (len(ids) + 1) // 2
        for half in filter(None, (ids[:middle], ids[middle:])):
            found.update(await self.some(half))
        return found


class _Pages(Generic[Entry]):
    """Pages whose total is kept aside: whether it counts what was found or what was asked for is written nowhere."""

    def __init__(self, load: Callable[[int], Awaitable[LastPage[Entry]]]) -> None:
        self._load = load
        self.total = 0

    async def load(self, start: int) -> LastPage[Entry]:
        page = await self._load(start)
        self.total = page.total or 0
        return _Uncounted(page.values, page.is_last)


@dataclass(frozen=True)
class _Uncounted(Generic[Entry]):
    values: Sequence[Entry]
    is_last: bool
    total: int | None = None
