"""What the demo prints of events says what happened."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from airflow_provider_jira.sandbox.demo.event_runs import BY_ITSELF, Ended, EventRun, sentence
from airflow_provider_jira.sandbox.demo.show_events import cards_table, runs_table, talk_table


def printed(thing: object) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=140).print(thing)
    return out.getvalue().splitlines()


def line_with(lines: list[str], word: str) -> str:
    (line,) = (line for line in lines if word in line)
    return line


def test_every_run_is_a_line_with_its_end_and_what_it_did() -> None:
    lines = printed(
        runs_table(
            "Runs",
            [
                Ended(EventRun("acme__incident_to_jira", "card-7", "a workflow calls", "7"), "success", "made SUP-2"),
                Ended(EventRun("acme__incident_to_jira", f"{BY_ITSELF}2026", "card 8"), "failed", "no subject"),
            ],
        )
    )
    for part in ("incident_to_jira", "a workflow calls", "success", "made SUP-2"):
        assert part in line_with(lines, "card-7")
    for part in ("(Airflow's own)", "failed", "no subject"):
        assert part in line_with(lines, "card 8")


def test_a_card_shows_what_was_and_what_is_where_they_differ() -> None:
    was = {"values": {"status": ["New"], "subject": ["Smoke"], "error": ["none"]}}
    now = {"values": {"status": ["Solved"], "subject": ["Smoke"], "key": ["SUP-2"]}}
    codes = ["status", "subject", "key", "error"]
    lines = printed(cards_table("Cards", {"7": "called for"}, {"7": was}, {"7": now}, codes))
    assert "called for" in "".join(lines[:5])
    assert "New → Solved" in line_with(lines, "status")
    assert "→" not in line_with(lines, "subject")
    assert "(empty) → SUP-2" in line_with(lines, "key")
    assert "none → (empty)" in line_with(lines, "error")


def test_both_sides_of_a_talk_stand_beside_each_other() -> None:
    card: dict[str, Any] = {"dataCardId": "7", "worklogs": {"comments": [{"author": "Eeva", "text": "It burns."}]}}
    issue = {
        "key": "SUP-2",
        "comments": [
            {"author": {"displayName": "Grace"}, "text": "Water."},
            {"author": {"displayName": "Ada"}, "text": "More."},
        ],
    }
    lines = printed(talk_table("Said", card, issue))
    assert "Grace: Water." in line_with(lines, "Eeva: It burns.")
    assert "Ada: More." in "".join(lines)


@pytest.mark.parametrize(
    ("values", "already", "notes", "said"),
    [
        ({"key": "SUP-2"}, False, [], "made SUP-2"),
        ({"key": "SUP-2"}, True, [], "found SUP-2, made nothing"),
        ({"key": "SUP-2", "status": "Done"}, False, [], "SUP-2 is Done"),
        ({"key": "SUP-2", "comments": "1"}, False, [], "1 comment said on SUP-2"),
        ({"key": "SUP-2", "comments": "0"}, True, [], "0 comments said on SUP-2"),
        ({"key": "SUP-2"}, True, ["The card names it already."], "The card names it already."),
        ({"accountId": "a"}, False, [], "done"),
    ],
)
def test_what_a_run_did_is_a_sentence(values: dict[str, str], already: bool, notes: list[str], said: str) -> None:
    assert sentence({"values": values, "already": already, "notes": notes}) == said
