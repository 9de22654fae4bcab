"""Airflow Variables as the tasks' memory."""

from __future__ import annotations

import pytest
from airflow.sdk import Variable

from airflow_provider_jira.activities.line import Line
from airflow_provider_jira.hooks import listing
from airflow_provider_jira.hooks.state import VariableState


def test_what_is_written_is_read_until_it_is_deleted(supervisor):
    state = VariableState()
    assert state.get("jira_connector/ab12/manifest") is None
    state.set("jira_connector/ab12/manifest", "one")
    state.set("jira_connector/ab12/manifest", "two")
    assert state.get("jira_connector/ab12/manifest") == "two"
    state.delete("jira_connector/ab12/manifest")
    assert state.get("jira_connector/ab12/manifest") is None
    assert supervisor.variables == {}


def test_deleting_what_is_not_there_is_no_error(supervisor):
    VariableState().delete("jira_connector/ab12/manifest")


def test_an_administrator_sees_what_the_variables_are_for(supervisor):
    VariableState().set("a/b", "text")
    assert "Jira connector" in supervisor.descriptions["a/b"]


@pytest.mark.parametrize("name", ["", "a?b", "a%2Fb", "a b", "a#b", "ä", "x" * 201])
def test_names_that_airflow_would_cut_or_mix_up_are_refused(supervisor, name):
    state = VariableState()
    for refused in (state.get, state.delete, lambda name: state.set(name, "text")):
        with pytest.raises(ValueError, match="state name"):
            refused(name)
    assert supervisor.variables == {}


LINE = "jira_connector/line/card1/"
LISTS = pytest.mark.skipif(not hasattr(Variable, "keys"), reason="this Airflow's tasks cannot list Variables")


@LISTS
def test_names_are_listed_by_their_beginning_in_order_and_page_by_page(supervisor):
    state = VariableState()
    wanted = [f"jira_connector/line/{number:04}" for number in range(1200)]
    supervisor.variables = dict.fromkeys([*reversed(wanted), "jira_connector/other/1"], "text")
    assert state.names("jira_connector/line/") == wanted


@LISTS
def test_an_underscore_stands_for_itself_even_where_the_database_takes_it_for_any_character(supervisor, monkeypatch):
    monkeypatch.setattr("airflow.sdk.Variable.keys", lambda prefix: ["aXb/1", "a_b/2"])
    assert VariableState().names("a_b/") == ["a_b/2"]


class TestBeforeAirflowCouldList:
    @pytest.fixture(autouse=True)
    def old(self, monkeypatch):
        monkeypatch.delattr(Variable, "keys", raising=False)
        monkeypatch.setattr(listing, "SETTLING", 0)

    def test_the_names_of_a_line_are_listed(self, supervisor):
        state = VariableState()
        for run in ("b", "a"):
            state.set(LINE + run, "text")
        state.set("jira_connector/line/card2/c", "text")
        state.set("jira_connector/ab12/manifest", "text")
        assert state.names(LINE) == [f"{LINE}a", f"{LINE}b"]
        state.delete(f"{LINE}a")
        assert state.names(LINE) == [f"{LINE}b"]

    def test_the_list_goes_with_the_last_name(self, supervisor):
        state = VariableState()
        for run in ("a", "b"):
            state.set(LINE + run, "text")
        for run in ("a", "b"):
            state.delete(LINE + run)
        assert supervisor.variables == {}

    def test_an_addition_that_is_lost_to_another_is_made_again(self, supervisor):
        VariableState().set(f"{LINE}a", "text")
        lost = []

        def meanwhile(_):
            if not lost:  # somebody who had read the list before writes it now
                lost.append(True)
                supervisor.variables[f"{LINE}listed"] = f'["{LINE}a", "{LINE}other"]'

        listing.add(f"{LINE}b", description="", sleep=meanwhile)
        assert listing.names_in(LINE) == [f"{LINE}a", f"{LINE}other", f"{LINE}b"]

    def test_events_stand_in_line(self, supervisor):
        first, second = (
            Line(VariableState(), card="acme/1", dag="acme__create", event="", run=run, now=lambda: 0.0) for run in "ab"
        )
        first.take()
        assert second.ahead().run == "a"
        first.leave()
        assert second.ahead() is None
        second.leave()
        assert supervisor.variables == {}
