"""Conditions hold no character that may mean something, and always find at least what was asked for."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_jira.esm import eql
from airflow_provider_jira.esm.errors import EsmRefused
from airflow_provider_jira.sandbox.esm.eql import Compare, EqlError, Joined, read_filter


@pytest.mark.parametrize("code", ["jiraId", "a_b", "a-b.c:d", "ätt"])
def test_an_attribute_stands_between_dollars(code: str) -> None:
    assert eql.attribute(code) == f"${code}$"


@pytest.mark.parametrize("code", ["", "a$b", "a'b", "a b", "a,b", "#a", "a/b", "a?b", "a&b", "a=b", "a(b", "a\n"])
def test_what_no_attribute_can_be_called_is_no_attribute(code: str) -> None:
    with pytest.raises(ValueError, match="no attribute code"):
        eql.attribute(code)


def finds(text: str, condition: str, quote: str) -> bool:
    """Whether a card with this text meets the condition, by the sandbox's reading of it."""
    read = read_filter(condition, quote)  # type: ignore[arg-type]
    assert isinstance(read, Compare)
    pattern = str(read.constant)
    if read.operator == "=":
        return text == pattern
    parts = [".*" if part == "%" else "." if part == "_" else re.escape(part) for part in re.split("([%_])", pattern)]
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


@given(st.text(), st.sampled_from(["doubled", "backslash"]))
@example("it's", "doubled")
@example("it's", "backslash")
@example("a\\", "backslash")
@example("\\'", "doubled")
@example("'' OR $a$ = ''", "doubled")
@example("#now#$x$", "backslash")
def test_every_text_is_found_however_esm_reads_quotes(text: str, quote: str) -> None:
    assert finds(text, eql.equals("$k$", text), quote)


@given(st.text())
def test_no_literal_holds_a_character_that_may_mean_something(text: str) -> None:
    literal = eql.equals("k", text).split(" ", 2)[2]
    assert literal[0] == literal[-1] == "'"
    assert not set(literal[1:-1]) & set("'\"\\$#\n\r\t\0")


@given(st.lists(st.text(max_size=300), unique=True, max_size=120), st.integers(1, 60))
def test_every_value_is_in_exactly_one_condition_and_none_is_too_long(texts: list[str], most: int) -> None:
    parts = list(eql.conditions("$k$", texts, most))
    assert [text for some, _ in parts for text in some] == texts
    for some, condition in parts:
        assert 1 <= len(some) <= most
        assert len(some) == 1 or len(quote_plus(condition, errors="replace")) <= eql.CONDITION_BYTES
        read = read_filter(condition)
        assert len(read.items if isinstance(read, Joined) else [read]) == len(some)


@pytest.mark.parametrize(
    "condition",
    [
        "$a$ = ')'",
        "$a)$ = '('",
        "($a$ = 'x' or ($b$ = 'y'))",
        " $a$ is null ",
        "$a$ = 'it''s ('",
        "$a$ = '$'",
        r"$a$ = 'it\'s ('",
    ],
)
def test_an_admins_condition_is_put_into_parentheses(condition: str) -> None:
    assert eql.enclosed(condition, "filter") == f"({condition.strip()})"


@pytest.mark.parametrize(
    "condition", ["", " ", "$a$ = '1') or ($b$ = '2'", "($a$ = '1'", ")(", "$a$ = 'x", "$a$ = 'it's'"]
)
def test_a_condition_that_would_not_stay_in_them_is_refused_by_its_name(condition: str) -> None:
    with pytest.raises(EsmRefused, match="`filter`"):
        eql.enclosed(condition, "filter")


@pytest.mark.parametrize(
    ("condition", "speaks"),
    [
        ("entity.hidden = true", True), ("$a$ = 'x' and HIDDEN = 0", True), ("not (hidden = 1)", True),
        ("$hidden$ = '1'", False), ("$a$ = 'hidden'", False), ("$a$ = 'it''s hidden'", False),
        ("$a$ is null", False), (r"$a$ = 'it\'s hidden'", False), ("unhidden = 1", False),
    ],
)  # fmt: skip
def test_a_property_is_told_from_a_value_and_from_an_attribute(condition: str, speaks: bool) -> None:
    assert eql.speaks_of("hidden", condition) is speaks


def test_fifty_numeric_keys_fit_one_condition() -> None:
    assert len(list(eql.conditions("$jiraId$", [str(10_000_000 + n) for n in range(50)], 50))) == 1


def test_the_sandbox_would_notice_a_quote() -> None:
    with pytest.raises(EqlError):
        read_filter("$k$ = 'it's'")
