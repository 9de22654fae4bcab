"""A walk ends where Jira says so, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_jira.jira.errors import JiraProtocolError
from airflow_provider_jira.jira.paging import (
    ListShifted,
    cut_short,
    follows,
    until_counted,
    until_empty,
    until_last,
    walk,
)


@dataclass(frozen=True)
class Page:
    next_page_token: str | None
    is_last: bool | None
    records: int = 0


@pytest.mark.parametrize(
    ("token", "is_last", "goes_on", "doubtful"),
    [
        ("t", False, True, False),
        ("t", None, True, False),
        ("t", True, False, False),
        (None, True, False, False),
        (None, None, False, False),
        ("", None, False, False),
        (None, False, False, True),
        ("", False, False, True),
    ],
)
def test_the_end_of_a_list(token: str | None, is_last: bool | None, goes_on: bool, doubtful: bool) -> None:
    page = Page(token, is_last)
    assert follows(page) is goes_on
    assert cut_short(page) is doubtful


def _walked(pages: list[Page]) -> tuple[list[Page], list[str | None]]:
    asked: list[str | None] = []

    async def load(token: str | None) -> Page:
        asked.append(token)
        return pages[len(asked) - 1]

    async def story() -> list[Page]:
        return [page async for page in walk(load)]

    return asyncio.run(story()), asked


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=12), st.sampled_from([True, None]))
def test_short_and_empty_pages_end_nothing(sizes: list[int], end: bool | None) -> None:
    last = len(sizes) - 1
    pages = [Page(None if i == last else f"t{i}", end if i == last else False, size) for i, size in enumerate(sizes)]
    walked, asked = _walked(pages)
    assert walked == pages
    assert asked == [None, *(f"t{i}" for i in range(last))]


def test_a_token_that_comes_back_is_an_error_instead_of_an_endless_walk() -> None:
    with pytest.raises(JiraProtocolError, match="same page token twice, after 3 pages"):
        _walked([Page("a", False), Page("b", False), Page("a", False), Page("b", False)])


# Offset lists.


@dataclass(frozen=True)
class Bean:
    values: list[str]
    is_last: bool
    total: int | None = None


class Moving:
    """A list that changes while it is read: after each page, the next changes come about."""

    def __init__(self, names: list[str], cap: int, changes: list[list[tuple[str, int]]]) -> None:
        self.names = list(names)
        self.stayed = set(names)
        self.cap = cap
        self.changes = iter(changes)
        self.asked: list[int] = []
        self.joined = 0

    def page(self, start: int) -> list[str]:
        self.asked.append(start)
        assert len(self.asked) < 1000, "it would never end"
        return self.names[start : start + self.cap]

    def move(self) -> None:
        for kind, at in next(self.changes, []):
            if kind == "join":
                self.joined += 1
                self.names.insert(at % (len(self.names) + 1), f"new{self.joined}")
            elif self.names:
                self.stayed.discard(self.names.pop(at % len(self.names)))

    async def array(self, start: int) -> list[str]:
        page = self.page(start)
        self.move()
        return page

    async def bean(self, start: int) -> Bean:
        page, total = self.page(start), len(self.names)
        self.move()
        return Bean(page, start + len(page) >= total, total)


def _listed(walked: AsyncIterator[tuple[str, ...]]) -> list[str]:
    async def story() -> list[str]:
        return [entry async for page in walked for entry in page]

    return asyncio.run(story())


def _name(entry: str) -> str:
    return "" if entry == "?" else entry


CHANGES = st.lists(st.lists(st.tuples(st.sampled_from(["join", "leave"]), st.integers(0, 60)), max_size=3), max_size=8)


@pytest.mark.parametrize("kind", ["array", "bean", "counted"])
@settings(max_examples=300, deadline=None)
@given(count=st.integers(0, 60), cap=st.integers(1, 20), changes=CHANGES)
@example(count=3, cap=2, changes=[[("join", 0)], [("leave", 0), ("leave", 0)]])
def test_who_stays_in_a_list_is_found_or_the_list_is_called_moved(
    kind: str, count: int, cap: int, changes: list[list[tuple[str, int]]]
) -> None:
    moving = Moving([f"n{at}" for at in range(count)], cap, changes)
    walked = {
        "array": lambda: until_empty(moving.array, _name),
        "bean": lambda: until_last(moving.bean, _name),
        "counted": lambda: until_counted(moving.bean, _name),
    }[kind]()
    try:
        found = _listed(walked)
    except ListShifted:
        assert any(changes)
    else:
        assert set(found) >= moving.stayed
        assert len(found) == len(set(found))


@given(names=st.lists(st.sampled_from(["?", "a", "b", "c", "d", "e"]), max_size=30), cap=st.integers(1, 9))
def test_entries_without_a_name_are_all_handed_out_and_named_ones_once(names: list[str], cap: int) -> None:
    names = [name if name == "?" else f"{name}{at}" for at, name in enumerate(names)]
    assert _listed(until_empty(Moving(names, cap, []).array, _name)) == names
    assert _listed(until_last(Moving(names, cap, []).bean, _name)) == names
    assert _listed(until_counted(Moving(names, cap, []).bean, _name)) == names


@given(count=st.integers(0, 100), size=st.integers(2, 30))
def test_a_list_that_only_begins_pages_at_certain_places_comes_whole(count: int, size: int) -> None:
    names = [f"n{at}" for at in range(count)]

    async def load(start: int) -> Bean:
        start = start // size * size
        return Bean(names[start : start + size], start + size >= count, count)

    assert _listed(until_last(load, _name)) == names


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ([Bean(["a"], True)], ["a"]),
        ([Bean([], True, 0)], []),
        ([Bean(["a"], True, 1)], ["a"]),
        ([Bean(["a", "b"], True, 1)], ["a", "b"]),
        ([Bean(["a"], True, 2)], None),
        ([Bean([], True, 1)], None),
        ([Bean([], False)], None),
        ([Bean(["a", "b"], False), Bean([], True)], None),
        ([Bean(["a", "b"], False), Bean(["c"], True)], None),
        # nothing came after "b", so it is looked at again, with the page behind it
        ([Bean(["a", "b"], False), Bean(["b"], False), Bean(["c"], True), Bean(["b"], False)], ["a", "b", "c"]),
        ([Bean(["a", "b"], False), Bean(["b"], False), Bean(["c"], True), Bean(["d"], True)], None),
        ([Bean(["a", "b"], False), Bean(["b"], False), Bean([], False), Bean(["b"], False)], None),
        ([Bean(["?", "?"], False), Bean(["?"], True, 3)], ["?", "?", "?"]),
    ],
)
def test_the_end_of_a_page_bean(pages: list[Bean], found: list[str] | None) -> None:
    coming = iter(pages)

    async def load(_: int) -> Bean:
        return next(coming)

    if found is None:
        with pytest.raises(ListShifted):
            _listed(until_last(load, _name))
    else:
        assert _listed(until_last(load, _name)) == found
    assert not list(coming)


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ([Bean([], False, 0)], []),
        ([Bean(["a"], False, 1)], ["a"]),
        ([Bean(["a", "b"], False, 1)], ["a", "b"]),
        # not all may be seen: the list ends before its total, with an empty page
        ([Bean(["a"], False, 2), Bean(["a"], False, 2), Bean([], False, 2), Bean(["a"], False, 2)], ["a"]),
        ([Bean([], False, 2)], []),
        ([Bean(["a"], True), Bean(["a"], True), Bean([], True), Bean(["a"], True)], ["a"]),
        ([Bean(["a", "b"], False, 3), Bean(["c"], False, 2)], None),
        ([Bean(["a", "b"], False, 3), Bean([], False, 3)], None),
    ],
)
def test_the_end_of_a_list_that_says_how_long_it_is(pages: list[Bean], found: list[str] | None) -> None:
    coming = iter(pages)

    async def load(_: int) -> Bean:
        return next(coming)

    if found is None:
        with pytest.raises(ListShifted):
            _listed(until_counted(load, _name))
    else:
        assert _listed(until_counted(load, _name)) == found
    assert not list(coming)
