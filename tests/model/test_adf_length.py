"""A text that is too long for Jira is cut where it must be, and says so; any other is left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.adf.length import LIMIT

LONG = {
    "one paragraph": "word " * 20_000,
    "one long word": "x" * 100_000,
    "characters that Java counts twice": "\U0001f600" * 20_000,
    "many paragraphs": "word\n\n" * 10_000,
    "a log": "```\n" + "error\n" * 10_000 + "```",
    "a table": "| a | b |\n|-|-|\n" + "| c | d |\n" * 5_000,
    "lists": "- a\n  - b\n    1. c\n" * 3_000,
    "tasks": "- [ ] a\n  - [x] b\n" * 3_000,
    "rules": "---\n" * 20_000,
    "quotes": "> a\n> b<br>c\n\n" * 5_000,
}


def length(document: dict[str, Any]) -> int:
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


@pytest.mark.parametrize("source", LONG.values(), ids=LONG)
def test_a_document_that_is_too_long_is_cut_and_says_so(source: str) -> None:
    whole = adf.from_markdown(source)
    cut = adf.shortened(whole)
    shown, was = adf.render(cut, "plain"), adf.render(whole, "plain")
    beginning, _, note = shown.rpartition("\n\n")

    assert not adf.fits(whole)
    assert adf.fits(cut)
    assert note.startswith("[Shortened: ")
    assert was.startswith(beginning.rstrip("->[] 0123456789.|\n"))
    assert length(cut) > LIMIT * 0.45


def test_the_note_counts_what_is_shown() -> None:
    cut = adf.shortened(adf.from_plain("x" * 40_000))
    words, note = (block["content"][0]["text"] for block in cut["content"])

    assert note == f"[Shortened: {len(words)} of 40000 characters. The text is longer than Jira takes.]"
    assert LIMIT - 20 < length(cut) <= LIMIT


@given(st.text(max_size=200))
def test_a_document_that_fits_is_left_alone(source: str) -> None:
    document = adf.from_plain(source)

    assert adf.shortened(document) is document


@pytest.mark.parametrize("over", [0, 1])
def test_the_limit_itself_fits(over: int) -> None:
    around = length(adf.from_plain("x")) - 1
    document = adf.from_plain("x" * (LIMIT - around + over))

    assert adf.fits(document) is (over == 0)
    assert (adf.shortened(document) is document) is (over == 0)
