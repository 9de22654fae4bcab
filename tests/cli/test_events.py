"""``airflow jira-connector events``: what waits, what was refused, and how to let the others go on."""

from __future__ import annotations

import io
from argparse import Namespace

import pytest
from rich.console import Console

from airflow_provider_jira.activities.line import Line, places
from airflow_provider_jira.cli.events import events
from airflow_provider_jira.sync.state import MemoryState


@pytest.fixture
def out():
    return Console(file=io.StringIO(), width=300, highlight=False)


@pytest.fixture
def state():
    """Card 7 of acme has a refused event and one behind it; card 8 of other one that nobody can know of."""
    state = MemoryState()

    def line(card, run):
        return Line(state, card=card, dag="acme__incident_to_jira", event="", run=run, now=lambda: 1_800_000_000.0)

    line("acme/7", "manual__1").refuse("refused", "Team: Jira takes Alpha, Beta")
    line("acme/7", "manual__2").take()
    line("other/8", "manual__3").refuse("unknown", "2 numbers cannot be seen")
    return state


def shown(out, state, connector=None, dismiss=None):
    events(Namespace(connector=connector, dismiss=dismiss), state, out)
    return out.file.getvalue()


def test_each_event_is_a_line_with_its_standing_and_reason(state, out):
    text = shown(out, state)
    lines = [line for line in text.split("\n") if "manual__" in line]
    assert ["manual__1" in lines[0], "manual__2" in lines[1], "manual__3" in lines[2]] == [True] * 3
    assert "refused" in lines[0]
    assert "Team: Jira takes Alpha, Beta" in lines[0]
    assert "2027-01-15 08:00:00" in lines[0]
    assert "under way" in lines[1]
    assert "held: nobody can know" in lines[2]
    assert "clear its run" in text


def test_a_narrow_page_cuts_nothing(state):
    narrow = Console(file=io.StringIO(), width=40, soft_wrap=True, highlight=False)
    (line,) = (line for line in shown(narrow, state).split("\n") if "manual__1" in line)
    for part in ("acme/7", "acme__incident_to_jira", "2027-01-15 08:00:00", "Team: Jira takes Alpha, Beta"):
        assert part in line


def test_only_one_connectors(state, out):
    text = shown(out, state, connector="other")
    assert "manual__3" in text
    assert "manual__1" not in text


def test_nothing_to_list(out):
    assert "No event is under way" in shown(out, MemoryState())


def test_a_dismissed_event_is_gone_and_the_next_is_first(state, out):
    refused = next(name for name, place in places(state).items() if place.run == "manual__1")
    text = shown(out, state, dismiss=refused.rpartition("/")[2][:8])
    assert "Dismissed run manual__1 of acme__incident_to_jira" in text
    assert {place.run for place in places(state).values()} == {"manual__2", "manual__3"}


def test_a_place_that_is_not_there_is_an_error(state, out):
    with pytest.raises(SystemExit, match="No place begins"):
        shown(out, state, dismiss="zzz")


def test_a_beginning_that_fits_several_is_an_error(state, out, monkeypatch):
    monkeypatch.setattr("airflow_provider_jira.cli.events._letters", lambda name: "same")
    with pytest.raises(SystemExit, match="3 places begin"):
        shown(out, state, dismiss="same")
