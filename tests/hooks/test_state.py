"""Airflow Variables as the tasks' memory."""

from __future__ import annotations

import pytest

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


def test_names_are_listed_by_their_beginning_in_order_and_page_by_page(supervisor):
    state = VariableState()
    wanted = [f"jira_connector/line/{number:04}" for number in range(1200)]
    supervisor.variables = dict.fromkeys([*reversed(wanted), "jira_connector/other/1"], "text")
    assert state.names("jira_connector/line/") == wanted


def test_an_underscore_stands_for_itself_even_where_the_database_takes_it_for_any_character(supervisor, monkeypatch):
    monkeypatch.setattr("airflow.sdk.Variable.keys", lambda prefix: ["aXb/1", "a_b/2"])
    assert VariableState().names("a_b/") == ["a_b/2"]
