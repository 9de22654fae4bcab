"""When a list ends, one rule for each kind of list.

The one rule of Jira's token paging: a walk ends with the page that says so or that gives no token. Nothing else ends
it: not a short page, not an empty one
(https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/). A token that was seen before
would lead round in circles, and is an error.

Offset lists come in three kinds: bare arrays, which end with an empty page (:func:`until_empty`), page beans, which
end with the page that says so (:func:`until_last`), and lists that only say how long they are (:func:`until_counted`).
All can move while they are read (:class:`Trail`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

from airflow_provider_jira.jira.errors import JiraProtocolError


class TokenPage(Protocol):
    """A page of a token walk."""

    @property
    def next_page_token(self) -> str | None:
        """Leads to the next page."""

    @property
    def is_last(self) -> bool | None:
        """Whether there is no next page."""


Page = TypeVar("Page", bound=TokenPage)


def follows(page: TokenPage) -> bool:
    """Tell whether another page follows."""
    return not page.is_last and bool(page.next_page_token)


def cut_short(page: TokenPage) -> bool:
    """Tell whether a page says that more follows, yet leads nowhere: the walk has ended and may lack its end."""
    return page.is_last is False and not page.next_page_token


async def walk(load: Callable[[str | None], Awaitable[Page]]) -> AsyncIterator[Page]:
    """Load page after page. Tokens come strictly one from the other, so there is nothing to do in parallel.

    :param load: loads the page that a token leads to, the first one for ``None``
    :raises JiraProtocolError: a token came a second time
    """
    token: str | None = None
    seen: set[str] = set()
    while True:
        page = await load(token)
        yield page
        if not follows(page):
            return
        token = page.next_page_token or ""
        if token in seen:
            raise JiraProtocolError(
                f"Jira gave the same page token twice, after {len(seen) + 1} pages: the list would never end. "
                f"If it happens again, report it to Atlassian."
            )
        seen.add(token)


class ListShifted(Exception):
    """A list moved while it was read, so that something in it may have been passed over: read it again."""


Entry = TypeVar("Entry")
Entry_co = TypeVar("Entry_co", covariant=True)


class LastPage(Protocol[Entry_co]):
    """A page of an offset list that tells its end: what Atlassian calls a page bean."""

    @property
    def values(self) -> Sequence[Entry_co]:
        """What is on the page."""

    @property
    def is_last(self) -> bool:
        """Whether there is no next page."""

    @property
    def total(self) -> int | None:
        """How many there are on all pages."""


class CountedPage(Protocol[Entry_co]):
    """A page of an offset list that does not tell its end."""

    @property
    def values(self) -> Sequence[Entry_co]:
        """What is on the page."""

    @property
    def total(self) -> int | None:
        """How many there are on all pages, if Jira says so."""


class Trail(Generic[Entry]):
    """How far an offset list has been read, and whether it held still meanwhile.

    Somebody who leaves a list moves all later ones to the front, and whoever stood first on the next page is passed
    over. So each page begins with the last entry of the page before: where that is not on it, the list has moved. The
    page that begins right behind it, where nothing came after it, shows nothing of it; then it is looked at once more.
    Somebody who joins moves the later ones back: they come twice, and are handed out once.

    :param name: tells entries apart; an entry without a name (``""``) is one of its own
    """

    def __init__(self, name: Callable[[Entry], str]) -> None:
        self.start = 0
        self.passed = 0
        self._name = name
        self._seen: set[str] = set()
        self._nameless = 0
        self._anchor = ""
        self._anchored_at = 0

    @property
    def to_confirm(self) -> int | None:
        """Where the last entry of the page before has to be seen again, because the page at ``start`` lies behind."""
        return self._anchored_at if self._anchor and self.start == self.passed else None

    @property
    def found(self) -> int:
        """How many different entries have been seen."""
        return len(self._seen) + self._nameless

    def confirm(self, page: Sequence[Entry]) -> None:
        """Look at the page that begins at ``to_confirm``.

        :raises ListShifted: the list has moved to the front
        """
        if self._anchor not in map(self._name, page):
            raise ListShifted

    def take(self, page: Sequence[Entry]) -> tuple[Entry, ...]:
        """Take in the page that begins at ``start``, and move ``start`` to where the next one begins.

        :returns: the entries that have not been handed out before
        :raises ListShifted: the list has moved to the front
        """
        names = [self._name(entry) for entry in page]
        before = 0
        if self.start < self.passed:
            if self._anchor not in names:
                raise ListShifted
            # somebody joined, or Jira begins pages only at certain places: what counts is what comes after
            before = names.index(self._anchor)
        fresh = []
        for at, (entry, name) in enumerate(zip(page, names, strict=True), self.start - before):
            if name in self._seen or (not name and at < self.passed):
                continue
            fresh.append(entry)
            if name:
                self._seen.add(name)
            else:
                self._nameless += 1
        end = self.start - before + len(page)
        named = [at for at, name in enumerate(names) if name]
        if end > self.passed and named:
            self._anchor, self.start = names[named[-1]], end - len(page) + named[-1]
            self._anchored_at = self.start
        else:
            # nothing to hold on to, or nothing came after it: go on right behind
            self.start = max(end, self.passed)
        self.passed = max(end, self.passed)
        return tuple(fresh)


async def until_empty(
    load: Callable[[int], Awaitable[Sequence[Entry]]], name: Callable[[Entry], str]
) -> AsyncIterator[tuple[Entry, ...]]:
    """Walk through an offset list that ends with an empty page. A short page ends nothing.

    :param load: loads the page that begins with so many entries passed over
    :param name: see :class:`Trail`
    :raises ListShifted: the list moved
    """
    trail = Trail(name)
    while True:
        page = await load(trail.start)
        if (at := trail.to_confirm) is not None:
            trail.confirm(await load(at))
        if not page and trail.start == trail.passed:
            return
        if fresh := trail.take(page):
            yield fresh


async def until_last(
    load: Callable[[int], Awaitable[LastPage[Entry]]], name: Callable[[Entry], str]
) -> AsyncIterator[tuple[Entry, ...]]:
    """Walk through an offset list that ends with the page that says so. A short page ends nothing, nor does an empty
    one, and a list that is shorter than its own total has not been read whole.

    :param load: loads the page that begins with so many entries passed over
    :param name: see :class:`Trail`
    :raises ListShifted: the list moved, or came out short
    """
    trail = Trail(name)
    while True:
        beginning = trail.start == trail.passed
        page = await load(trail.start)
        if (at := trail.to_confirm) is not None:
            trail.confirm((await load(at)).values)
        if fresh := trail.take(page.values):
            yield fresh
        if page.is_last:
            if page.total is not None and trail.found < page.total:
                raise ListShifted
            return
        if beginning and not page.values:
            raise ListShifted


async def until_counted(
    load: Callable[[int], Awaitable[CountedPage[Entry]]], name: Callable[[Entry], str]
) -> AsyncIterator[tuple[Entry, ...]]:
    """Walk through an offset list that only says how long it is. It ends where so many have been passed, or with an
    empty page: a list of which not all may be seen can be shorter than it says.

    :param load: loads the page that begins with so many entries passed over
    :param name: see :class:`Trail`
    :raises ListShifted: the list moved
    """
    trail = Trail(name)
    while True:
        beginning = trail.start == trail.passed
        page = await load(trail.start)
        if (at := trail.to_confirm) is not None:
            trail.confirm((await load(at)).values)
        if fresh := trail.take(page.values):
            yield fresh
        if (beginning and not page.values) or (page.total is not None and trail.passed >= page.total):
            return
