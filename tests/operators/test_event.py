"""An event run's tasks, in a run as Airflow keeps it, against both sandboxes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskDeferred

from airflow_provider_jira.esm.errors import EsmUnavailable
from airflow_provider_jira.links.issue import ISSUE_URL
from airflow_provider_jira.model.yaml_file import load_file
from airflow_provider_jira.operators.definition import EventDefinition
from airflow_provider_jira.operators.event import (
    REFUSAL,
    CompletedOperator,
    ExceptionOperator,
    ReceiveOperator,
    WriteOperator,
)
from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread

TASKS = """\
connector: acme
jira_conn_id: jira_acme
esm_conn_id: esm_acme
event_tasks:
  - id: incident_to_jira
    activity: create_issue
    card: {template: incident}
    attributes:
      project: {value: SUP}
      issueType: {source: team}
      summary: subject
    write_back: {jiraKey: key, jiraUrl: url}
    on_completed: {set: {jiraSync: "01 - Sent"}}
    on_exception: {set: {jiraSync: "09 - Failed"}, attribute: provisioningException}
"""
KINDS = {"receive": ReceiveOperator, "write": WriteOperator, "completed": CompletedOperator}
SECRET = "Jane's printer is on fire"


class Sandboxes:
    def __init__(self, jira: str, esm: str) -> None:
        self.jira, self.esm = jira, esm

    def card(self, **values: str) -> str:
        body = {"template": "incident", "values": {code: [text] for code, text in values.items()}}
        made: str = httpx.post(f"{self.esm}/_sandbox/world/card", json=body).json()["dataCardId"]
        return made

    def values(self, card: str) -> dict[str, list[str]]:
        cards = httpx.get(f"{self.esm}/_sandbox/truth/cards?template=incident").json()
        return next(dict(each["values"]) for each in cards if each["dataCardId"] == card)

    def summaries(self) -> list[str]:
        issues = httpx.get(f"{self.jira}/_sandbox/truth/issues?project=SUP").json()
        return [each["summary"] for each in issues]


@pytest.fixture(scope="module")
def servers() -> Iterator[Sandboxes]:
    with serve_in_thread(create_jira(10, 7)) as jira, serve_in_thread(create_esm()) as esm:
        yield Sandboxes(jira.url, esm.url)


@pytest.fixture
def world(servers, monkeypatch, supervisor):
    """Both sandboxes, connections to them, and Airflow's Variables."""
    jira = {"host": servers.jira, "login": "robot@acme.example", "password": "sandbox-token"}
    esm = {"host": servers.esm, "login": "webapi", "password": "sandbox-password"}
    monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps({"conn_type": "jira_cloud", **jira}))
    monkeypatch.setenv("AIRFLOW_CONN_ESM_ACME", json.dumps({"conn_type": "efecte_esm", **esm}))
    return servers


@pytest.fixture
def definition(tmp_path) -> EventDefinition:
    """A task that makes issues."""
    file = tmp_path / "acme.yaml"
    file.write_text(TASKS)
    loaded = load_file(file)
    assert loaded.connector is not None
    return EventDefinition(loaded.connector, loaded.event_tasks[0])


class Run:
    """The part of a run that Airflow keeps; one card's steps of it."""

    def __init__(self, definition: EventDefinition, conf: Any, name: str = "r", at: int = -1) -> None:
        self.dag_id, self.run_id, self.map_index, self.try_number = definition.dag_id, name, at, 1
        self.definition, self.conf = definition, conf
        self.states: dict[str, str] = {}
        self.xcoms: dict[tuple[str, str], Any] = {}
        self.card = conf if at >= 0 else None
        self.running = ""

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[self.running, key] = json.loads(json.dumps(value))

    def xcom_pull(self, *, task_ids: str, map_indexes: int, key: str = "return_value") -> Any:
        assert map_indexes == self.map_index
        return self.xcoms.get((task_ids, key))

    def get_task_states(self, *, dag_id: str, run_ids: list[str]) -> dict[str, Any]:
        suffix = f"_{self.map_index}" if self.map_index >= 0 else ""
        return {self.run_id: {f"{name}{suffix}": state for name, state in self.states.items()}}

    def do(self, step: str) -> Any:
        group = "card." if self.map_index >= 0 else ""
        kind = {**KINDS, "exception": ExceptionOperator}[step]
        operator = kind(task_id=f"{group}{step}", definition=self.definition, card=self.card)
        self.running = operator.task_id
        dag_run = SimpleNamespace(conf=None if self.map_index >= 0 else self.conf)
        context = {"ti": self, "run_id": self.run_id, "dag_run": dag_run, "params": {}}
        try:
            result = operator.execute(context)
        except TaskDeferred:
            self.states[self.running] = "deferred"
            raise
        except AirflowSkipException:
            self.states[self.running] = "skipped"
            raise
        except BaseException:
            self.states[self.running] = "failed"
            raise
        self.states[self.running] = "success"
        self.xcom_push("return_value", result)
        return result


def through(run: Run) -> Run:
    for step in KINDS:
        run.do(step)
    return run


@pytest.mark.parametrize("at", [-1, 3], ids=["one card", "one of several"])
def test_a_run_makes_an_issue_and_tells_the_card(world, definition, at):
    card = world.card(incidentId=f"I-{at}", subject=f"{SECRET} {at}", team="Bug")
    run = through(Run(definition, {"data_card_id": card}, at=at))
    values = world.values(card)
    assert values["jiraSync"] == ["01 - Sent"]
    write = "card.write" if at >= 0 else "write"
    assert run.xcoms[write, ISSUE_URL] == values["jiraUrl"][0]
    assert run.xcoms[write, "return_value"]["values"]["key"] == values["jiraKey"][0]
    assert world.summaries().count(f"{SECRET} {at}") == 1


def test_xcoms_hold_ids_and_nothing_that_people_wrote(world, definition):
    card = world.card(incidentId="I-x", subject=SECRET, team="Bug")
    run = through(Run(definition, {"data_card_id": card}))
    assert SECRET not in json.dumps(list(run.xcoms.values()))


def test_every_step_may_be_done_again(world, definition):
    card = world.card(incidentId="I-again", subject="again", team="Bug")
    run = Run(definition, {"data_card_id": card})
    for step in ("receive", "receive", "write", "write", "completed"):
        run.do(step)
    through(Run(definition, {"data_card_id": card}, name="second"))
    assert world.summaries().count("again") == 1


def test_the_exit_exception_tells_the_card_and_fails_with_the_reason(world, definition):
    card = world.card(incidentId="I-2", subject="refused", team="No such type")
    run = Run(definition, {"data_card_id": card})
    run.do("receive")
    with pytest.raises(AirflowFailException, match="no issue type"):
        run.do("write")
    assert run.xcoms["write", REFUSAL]["code"] == "field_wrong"
    with pytest.raises(AirflowFailException, match="no issue type"):
        run.do("exception")
    values = world.values(card)
    assert values["jiraSync"] == ["09 - Failed"]
    assert "no issue type" in values["provisioningException"][0]
    assert run.xcoms["exception", "written"] == ["jiraSync", "provisioningException"]


def test_a_step_that_was_killed_after_all_its_tries_is_told_too(world, definition):
    card = world.card(incidentId="I-3", subject="killed", team="Bug")
    run = Run(definition, {"data_card_id": card}, at=0)
    run.do("receive")
    run.states["card.write"] = "failed"
    with pytest.raises(AirflowFailException, match="ended from outside"):
        run.do("exception")
    assert world.values(card)["jiraSync"] == ["09 - Failed"]


def test_trouble_that_passes_is_retried_and_its_last_word_is_kept(world, definition, monkeypatch):
    def out(*_):
        raise EsmUnavailable("ESM is out")

    card = world.card(incidentId="I-4", subject="out", team="Bug")
    run = Run(definition, {"data_card_id": card})
    monkeypatch.setattr("airflow_provider_jira.activities.perform", out)
    with pytest.raises(EsmUnavailable):
        run.do("write")
    assert run.xcoms["write", REFUSAL] == {"code": "failed", "message": "ESM is out", "failed": []}


def test_what_nobody_foresaw_is_told_by_its_kind_only(world, definition, monkeypatch):
    def broken(*_):
        raise RuntimeError(SECRET)

    run = Run(definition, {"data_card_id": "1"})
    monkeypatch.setattr("airflow_provider_jira.activities.perform", broken)
    with pytest.raises(RuntimeError):
        run.do("write")
    assert SECRET not in run.xcoms["write", REFUSAL]["message"]


def test_an_event_waits_for_the_one_before_without_a_worker_and_goes_on_by_itself(world, definition):
    card = world.card(incidentId="I-5", subject="line", team="Bug")
    first = Run(definition, {"data_card_id": card, "event": "a"}, name="first")
    second = Run(definition, {"data_card_id": card, "event": "b"}, name="second")
    first.do("receive")
    second.do("receive")
    now = datetime.now(timezone.utc)
    with pytest.raises(TaskDeferred) as waits:
        second.do("write")
    assert waits.value.method_name == "resume"
    assert waits.value.trigger.moment >= now + timedelta(seconds=5), "Airflow takes a quicker one for a failure"
    first.do("write")
    first.do("completed")
    second.do("write")


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        ({}, "data_card_id"),
        (None, "data_card_id"),
        ({"data_card_id": "1", "data_card": "2"}, "unknown key"),
        ({"data_card_id": SECRET}, "digits"),
    ],
)
def test_a_conf_that_cannot_be_used_fails_the_run_at_once_and_is_not_quoted(world, definition, conf, told):
    run = Run(definition, conf)
    with pytest.raises(AirflowFailException, match=told) as refused:
        run.do("receive")
    assert SECRET not in str(refused.value)
    with pytest.raises(AirflowFailException, match=told):
        run.do("exception")


def test_a_missing_connection_fails_at_once(world, definition, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_ESM_ACME")
    with pytest.raises(AirflowFailException, match="no connection 'esm_acme'"):
        Run(definition, {"data_card_id": "1"}).do("receive")


def test_a_card_that_is_not_there_is_said_to_be_missing(world, definition):
    run = Run(definition, {"data_card_id": "999999"})
    with pytest.raises(AirflowFailException, match="999999"):
        run.do("receive")
    with pytest.raises(AirflowFailException, match="999999"):
        run.do("exception")


def test_an_exception_that_airflow_starts_for_a_card_without_one_is_skipped_or_waits(world, definition):
    run = Run(definition, {"data_card_id": "1"}, at=1)
    run.states = {"card.receive": "success", "card.write": "running"}
    with pytest.raises(TaskDeferred):
        run.do("exception")
    run.states |= {"card.write": "success", "card.completed": "success"}
    with pytest.raises(AirflowSkipException):
        run.do("exception")


def test_a_result_that_is_gone_is_said_to_be(world, definition):
    with pytest.raises(AirflowFailException, match="Clear it"):
        Run(definition, {"data_card_id": "1"}).do("completed")


def test_requests_are_not_logged_because_their_urls_hold_ids(world, definition):
    import logging

    logging.getLogger("httpx").setLevel(logging.INFO)
    with pytest.raises(AirflowFailException):
        Run(definition, {}).do("receive")
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
