"""Runs of events are started once, however unsure Airflow's answers are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from airflow_provider_jira.sandbox.demo import event_runs
from airflow_provider_jira.sandbox.demo.event_runs import EventRun, start
from airflow_provider_jira.sandbox.demo.rest import AirflowRest, RestRefused

RUN = EventRun("acme__incident_to_jira", "card-7", "a workflow calls", "7")


def answering(monkeypatch: pytest.MonkeyPatch, *answers: int) -> tuple[Any, list[str]]:
    """An Airflow that gives these answers, 0 being none, and what it was asked for."""
    waiting, asked = list(answers), []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/token":
            return httpx.Response(201, json={"access_token": "t"})
        asked.append(request.content.decode())
        if not (status := waiting.pop(0)):
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return httpx.Response(status, json={"dag_run_id": "card-7"})

    monkeypatch.setattr(event_runs.time, "sleep", lambda _: None)
    rest = AirflowRest("http://airflow.example", "u", "p")
    rest._http = httpx.Client(base_url=rest.url, transport=httpx.MockTransport(answer))
    return SimpleNamespace(airflow=SimpleNamespace(rest=rest)), asked


@pytest.mark.parametrize("answers", [(200,), (500, 200), (0, 200), (500, 409), (0, 0, 409)])
def test_a_call_without_an_answer_is_repeated_until_the_run_is_there(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[int, ...]
) -> None:
    stage, asked = answering(monkeypatch, *answers)
    assert start(stage, RUN) == (RUN,)
    assert len(asked) == len(answers)
    assert all('"card-7"' in body and '"data_card_id"' in body for body in asked)


@pytest.mark.parametrize("answers", [(409,), (400,), (404,), (500, 422)])
def test_what_airflow_refuses_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch, answers: tuple[int, ...]) -> None:
    stage, asked = answering(monkeypatch, *answers)
    with pytest.raises(RestRefused):
        start(stage, RUN)
    assert len(asked) == len(answers)


def test_an_airflow_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, asked = answering(monkeypatch, *[500] * event_runs._CALLS)
    with pytest.raises(RestRefused, match="500"):
        start(stage, RUN)
    assert len(asked) == event_runs._CALLS
