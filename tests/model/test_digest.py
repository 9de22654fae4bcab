"""A digest tells cards apart by what they say, and by nothing else."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static, Value
from airflow_provider_jira.model.digest import SIZE, digest

EVERYTHING = Card(
    "1", {"a": ("x", "é"), "b": (), "c": (1, 1.5, Static("s"), Day("2026-01-02"), Instant("2026-01-02T03:04:05Z"))}
)


def test_a_digest_of_today_is_that_of_every_release() -> None:
    # Task caches hold these bytes: another encoding would push every card of every site once more.
    assert digest(EVERYTHING).hex() == "f55ca32cb3bf6239"
    assert len(digest(EVERYTHING)) == SIZE


def test_another_process_with_other_hashes_gives_the_same_digest() -> None:
    program = (
        "from airflow_provider_jira.model.card import *\n"
        "from airflow_provider_jira.model.digest import digest\n"
        f"print(digest({EVERYTHING!r}).hex())"
    )
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == digest(EVERYTHING).hex()


def test_the_digest_of_references_is_that_of_every_release_too() -> None:
    assert (
        digest(Card("1", {"a": (Reference("account", "accountId", "x"), Link("7", "x"))})).hex() == "635b1a0cd52e7a50"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("1",), (1,)),
        ((1,), (1.0,)),
        (("x",), (Static("x"),)),
        (("2026-01-02",), (Day("2026-01-02"),)),
        ((Day("2026-01-02"),), (Instant("2026-01-02"),)),
        (("a", "b"), ("b", "a")),
        (("a", "b"), ("ab",)),
        (("a",), ("a", "a")),
        ((), ("",)),
        (("",), ("", "")),
        (("a1:b",), ("a", "b")),
        (("true",), (True,)),
        ((0.0,), (-0.0,)),
        (("a",), (Reference("t", "k", "a"),)),
        (("7",), (Link("7", "a"),)),
        ((Reference("t", "k", "a"),), (Link("t", "k"), "a")),
        ((Reference("t", "k", "a"),), (Reference("u", "k", "a"),)),
        ((Reference("t", "k", "a"),), (Reference("t", "l", "a"),)),
        ((Reference("t", "k", "a"),), (Reference("t", "k", "b"),)),
        ((Reference("t", "ka", ""),), (Reference("t", "k", "a"),)),
        ((Link("7", "a"),), (Link("8", "a"),)),
        ((Link("7", "a"),), (Link("7", "b"),)),
        ((Link("7", "1a"),), (Link("71", "a"),)),
    ],
)
def test_values_that_look_alike_are_told_apart(one: tuple[Value, ...], other: tuple[Value, ...]) -> None:
    assert digest(Card("1", {"a": one})) != digest(Card("1", {"a": other}))


def test_an_attribute_left_alone_differs_from_one_cleared() -> None:
    assert digest(Card("1", {})) != digest(Card("1", {"a": ()}))
    assert digest(Card("1", {"a": (), "b": ("x",)})) != digest(Card("1", {"a": ("x",), "b": ()}))
    assert digest(Card("1", {"a": ()})) != digest(Card("2", {"a": ()}))


VALUES = st.one_of(
    st.text(),
    st.integers(),
    st.floats(allow_nan=False),
    st.builds(Static, st.text(max_size=3)),
    st.builds(Day, st.dates().map(str)),
    st.builds(Instant, st.datetimes().map(str)),
    st.builds(Reference, st.text(max_size=2), st.text(max_size=2), st.text(max_size=2)),
    st.builds(Link, st.text(max_size=2), st.text(max_size=2)),
)
ATTRIBUTES = st.dictionaries(st.text(max_size=3), st.lists(VALUES, max_size=3).map(tuple), max_size=4)
CARDS = st.builds(Card, st.text(max_size=3), ATTRIBUTES)


def said(card: Card) -> tuple[str, dict[str, list[tuple[type, str]]]]:
    """What a card says, types included."""
    return card.key, {code: [(type(value), repr(value)) for value in values] for code, values in card.values.items()}


@given(CARDS, CARDS)
def test_digests_are_equal_exactly_when_cards_say_the_same(one: Card, other: Card) -> None:
    assert (digest(one) == digest(other)) is (said(one) == said(other))


@given(CARDS, st.randoms())
def test_the_order_of_attributes_does_not_matter(card: Card, random: Random) -> None:
    codes = list(card.values)
    random.shuffle(codes)

    assert digest(Card(card.key, {code: card.values[code] for code in codes})) == digest(card)


def test_characters_that_no_encoding_has_do_not_raise() -> None:
    assert digest(Card("\ud800", {"a": ("\udfff", 2**200)})) != digest(Card("\ud801", {"a": ("\udfff", 2**200)}))
