"""A walk ends where Jira says so, and nowhere else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.jira.errors import JiraProtocolError
from airflow_provider_jira.jira.paging import cut_short, follows, walk


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
