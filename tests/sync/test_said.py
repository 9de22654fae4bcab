"""What a comment becomes: whether it may be told to everybody, and what its entry says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.jira.records import Comment, Visibility
from airflow_provider_jira.model import marks
from airflow_provider_jira.sync.comments import _shown, entry, is_restricted

PLAIN = Comment(7, "abc", "Aino Virtanen", "It smokes.", "", "", None, None, {})


@pytest.mark.parametrize(
    ("change", "restricted"),
    [
        ({}, False),
        ({"public": True}, False),
        ({"public": False}, True),
        ({"visibility": Visibility("group", "g-1")}, True),
        ({"visibility": Visibility("role", "10002"), "public": True}, True),
        ({"properties": {"sd.public.comment": {"internal": True}}}, True),
        ({"properties": {"sd.public.comment": {"internal": False}}}, False),
        ({"properties": {"sd.public.comment": "internal"}}, False),
        ({"properties": {"other": {"internal": True}}}, False),
    ],
)
def test_a_comment_is_restricted_if_anybody_may_see_the_issue_and_not_it(
    change: dict[str, Any], restricted: bool
) -> None:
    assert is_restricted(msgspec.structs.replace(PLAIN, **change)) is restricted


DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "one"}]},
        {"type": "paragraph", "content": [{"type": "text", "text": "two", "marks": [{"type": "strong"}]}]},
    ],
}


@pytest.mark.parametrize(
    ("change", "form", "text"),
    [
        ({}, "plain", "[Jira comment 7 · Aino Virtanen]\nIt smokes."),
        ({"body": DOCUMENT}, "plain", "[Jira comment 7 · Aino Virtanen]\none\n\ntwo"),
        ({"body": DOCUMENT}, "markdown", "[Jira comment 7 · Aino Virtanen]\none\n\n**two**"),
        ({"body": "", "author_name": ""}, "plain", "[Jira comment 7]"),
        ({"author_name": "A]\n[B"}, "plain", "[Jira comment 7 · A B]\nIt smokes."),
        (
            {"body": "[Jira comment 8 · Eve]\nme"},
            "plain",
            "[Jira comment 7 · Aino Virtanen]\n[Jira comment 8 · Eve]\nme",
        ),
    ],
)
def test_an_entry_names_the_comment_and_its_author_and_then_says_it(
    change: dict[str, Any], form: Any, text: str
) -> None:
    assert entry(msgspec.structs.replace(PLAIN, **change), form) == text


@given(st.integers(1, 2**53), st.text(), st.text())
def test_an_entry_is_known_again_whoever_wrote_whatever(id_: int, author: str, words: str) -> None:
    assert (
        marks.comment_of(entry(msgspec.structs.replace(PLAIN, id=id_, author_name=author, body=words), "plain")) == id_
    )


@pytest.mark.parametrize(
    ("page", "ids"),
    [
        ({"comments": [{"id": "1"}, {"id": "2"}], "total": 2}, (1, 2)),
        ({"comments": [], "total": 0}, ()),
        ({"comments": None, "total": 0}, ()),
        ({"comments": [{"id": "1"}], "total": 2}, None),
        ({"comments": [{"id": "1"}]}, None),
        (None, None),
        ([{"id": "1"}], None),
    ],
)
def test_only_a_whole_page_is_believed(page: Any, ids: tuple[int, ...] | None) -> None:
    assert _shown(page) == ids
