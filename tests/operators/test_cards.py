"""Which cards a run is about: its conf's, or all that the trigger has told of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.operators.cards import CardsOperator

START = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)


def run(*extras):
    events = [SimpleNamespace(extra=extra, timestamp=START + timedelta(seconds=at)) for at, extra in enumerate(extras)]
    return CardsOperator(task_id="cards").execute({"triggering_asset_events": {"asset": events} if events else {}})


def told(*cards):
    return {"from_trigger": True, "payload": {"data_card_ids": list(cards)}}


def test_a_run_that_was_started_from_outside_is_about_its_conf():
    assert run() == [{}]


def test_each_card_comes_once_and_as_the_same_event_whenever_it_is_told_of():
    assert run(told("7", "8"), told("7")) == [{"data_card_id": "7"}, {"data_card_id": "8"}]


@pytest.mark.parametrize("extra", [{}, {"payload": None}, told(None), told("7; drop"), told(7), "x"])
def test_an_event_that_names_no_card_starts_nothing_and_is_logged(extra, capsys):
    assert run(extra, told("8")) == [{"data_card_id": "8"}]
    assert "names no data card" in capsys.readouterr().out


def test_more_cards_than_airflow_makes_tasks_for_are_not_dropped(monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "2")
    with pytest.raises(AirflowFailException, match="Raise it and clear this task"):
        run(told("1"), told("2"), told("3"))
