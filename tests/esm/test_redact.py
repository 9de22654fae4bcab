"""What ESM says about a card goes out without the card's values."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from airflow_provider_jira.esm.redact import redact
from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static
from airflow_provider_jira.model.redact import without

CARD = Card(
    "10001",
    {
        "jiraId": ("10001",),
        "subject": ("Printer of Anna Korhonen\nburns",),
        "labels": ("abc", "x"),
        "due": (Day("2026-03-05"), Instant("2026-03-05T10:00:00Z")),
        "priority": (Static("highest"),),
        "points": (12345,),
        "contact": (Link("777001", "anna7"), Reference("account", "email", "bert@example.com")),
    },
)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("no value at all", "no value at all"),
        ("bad: Printer of Anna Korhonen burns", "bad: …"),
        ("bad: Printer of Anna Korhonen\n  burns!", "bad: …!"),
        ("bad: Printer of Anna Kor...", "bad: …..."),
        ("near 'Anna Korhonen'", "near '…'"),
        ("PRINTER OF ANNA KORHONEN BURNS", "…"),
        ("10001 and 12345 on 2026-03-05", "… and … on …"),
        ("code: highest", "code: …"),
        ("x marks abc", "x marks …"),
        ("no card with anna7 or Bert@Example.com", "no card with … or …"),
        ("no card 777001 of account by email", "no card 777001 of account by email"),
        ("", ""),
    ],
)
def test_values_and_pieces_of_them_are_gone(message: str, shown: str) -> None:
    assert redact(message, CARD) == shown


def test_a_message_is_one_line_of_at_most_300_characters() -> None:
    shown = redact("word " * 1000 + "\nend", Card("k", {}))
    assert len(shown) == 300
    assert "\n" not in shown
    assert shown.endswith("…")


@given(st.text(min_size=3), st.text(), st.text())
def test_no_value_survives_whole(value: str, before: str, after: str) -> None:
    line = " ".join(value.split())
    assume(len(line) >= 3 and "…" not in line)
    shown = without(f"{before}{value}{after}", [value])
    assert line not in shown


@given(st.text(alphabet="abcdefgh ", min_size=8, max_size=60), st.data())
def test_no_piece_of_eight_characters_survives(value: str, data: st.DataObject) -> None:
    value = " ".join(value.split())
    assume(len(value) >= 8)
    start = data.draw(st.integers(0, len(value) - 8))
    piece = value[start : start + 8].strip()
    assume(len(piece) == 8)
    assert piece not in without(f"[{piece}]", [value])
