"""Sensors: they look first, wait in the triggerer until a moment, and end in the right way."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator

import httpx
import pytest
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferred,
)

from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread
from airflow_provider_jira.sensors.esm import EsmCardSensor
from airflow_provider_jira.sensors.jira import JiraIssueStatusSensor, JiraJqlSensor

NEVER = "project = SUP and summary ~ nothingofthekind"


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    with serve_in_thread(create_jira(20, 7)) as jira, serve_in_thread(create_esm()) as esm:
        body = {"template": "incident", "values": {"incidentId": ["I-1"], "subject": ["printer"]}}
        card = httpx.post(f"{esm.url}/_sandbox/world/card", json=body).json()["dataCardId"]
        yield {"jira": jira.url, "esm": esm.url, "card": card}


@pytest.fixture(autouse=True)
def connections(servers, monkeypatch):
    jira = {"host": servers["jira"], "login": "robot@acme.example", "password": "sandbox-token"}
    esm = {"host": servers["esm"], "login": "webapi", "password": "sandbox-password"}
    monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps({"conn_type": "jira_cloud", **jira}))
    monkeypatch.setenv("AIRFLOW_CONN_ESM_ACME", json.dumps({"conn_type": "efecte_esm", **esm}))


def jql(text, **arguments):
    return JiraJqlSensor(task_id="wait", jira_conn_id="jira_acme", jql=text, **arguments)


def test_what_is_there_already_costs_no_triggerer(servers):
    found = jql("project = SUP order by created").execute({})
    assert len(found["issue_ids"]) >= 20
    issue = found["issue_ids"][0]
    status = httpx.get(f"{servers['jira']}/_sandbox/truth/issues?project=SUP").json()
    name = next(row for row in status if int(row["id"]) == issue)["status"]
    sensor = JiraIssueStatusSensor(task_id="wait", jira_conn_id="jira_acme", issue=str(issue), statuses=name.upper())
    assert sensor.execute({})["issue_status"] == name
    cards = EsmCardSensor(task_id="wait", esm_conn_id="esm_acme", template="incident", filter="$subject$ = 'printer'")
    assert cards.execute({}) == {"data_card_ids": [servers["card"]]}


@pytest.mark.parametrize(
    "sensor",
    [
        jql(NEVER, timeout=120, poke_interval=30),
        EsmCardSensor(
            task_id="wait",
            esm_conn_id="esm_acme",
            template="incident",
            filter="$subject$ = 'x'",
            timeout=120,
            poke_interval=30,
        ),
    ],
    ids=["jql", "cards"],
)
def test_it_waits_in_the_triggerer_until_a_moment_by_default(sensor):
    before = time.time()
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute({})
    trigger = deferred.value.trigger
    assert before + 120 <= trigger.deadline <= time.time() + 120
    assert trigger.poke_interval == 30
    assert deferred.value.method_name == "execute_complete"
    assert deferred.value.timeout.total_seconds() > 120  # Airflow's own end is a backstop behind ours
    path, arguments = trigger.serialize()
    assert json.loads(json.dumps(arguments)) == arguments
    assert not {"sandbox-token", "sandbox-password"} & set(map(str, arguments.values()))
    assert path.startswith("airflow_provider_jira.triggers.")
    assert asyncio.run(trigger.once()) is None  # what it waits for is what the sensor looked for


def test_what_was_seen_becomes_the_xcom():
    seen = {"status": "seen", "issue_ids": [1, 2]}
    assert jql(NEVER).execute_complete({}, seen) == {"issue_ids": [1, 2]}


def test_a_deadline_that_has_passed_fails_without_a_retry_and_tells_the_last_trouble():
    with pytest.raises(AirflowSensorTimeout, match=r"within 120 seconds.*no answer: Jira is out"):
        jql(NEVER, timeout=120).execute_complete({}, {"status": "timeout", "message": "Jira is out"})


def test_a_soft_sensor_is_skipped_instead():
    sensor = jql(NEVER, soft_fail=True)
    with pytest.raises(AirflowSkipException):
        sensor.resume_execution("execute_complete", {"event": {"status": "timeout", "message": ""}}, {})


@pytest.mark.parametrize(("final", "kind"), [(True, AirflowFailException), (False, AirflowException)])
def test_an_error_of_the_trigger_is_retried_only_where_that_can_help(final, kind):
    with pytest.raises(AirflowException, match="no connection") as failed:
        jql(NEVER).execute_complete({}, {"status": "failed", "message": "no connection", "final": final})
    assert type(failed.value) is kind


def test_an_ending_that_is_none_is_an_error():
    with pytest.raises(AirflowException, match="'huh'"):
        jql(NEVER).execute_complete({}, {"status": "huh"})


@pytest.mark.parametrize(
    ("sensor", "told"),
    [
        (jql("nosuchfield = 1"), "JQL"),
        (jql("project = 'SUP"), "JQL"),
        (jql(NEVER, at_least=0), "1 or more"),
        (JiraJqlSensor(task_id="wait", jql=NEVER, jira_conn_id="jira_nowhere"), "'jira_nowhere'"),
        (
            JiraIssueStatusSensor(task_id="wait", issue="SUP-9999", category="done", jira_conn_id="jira_acme"),
            "SUP-9999",
        ),
        (JiraIssueStatusSensor(task_id="wait", issue="SUP-1", jira_conn_id="jira_acme"), "no status"),
        (EsmCardSensor(task_id="wait", esm_conn_id="esm_acme", template="nope", filter="$a$ = '1'"), "nope"),
    ],
    ids=["field", "quote", "least", "connection", "issue", "status", "template"],
)
def test_what_waiting_cannot_mend_fails_at_once_before_it_defers(sensor, told):
    with pytest.raises(AirflowFailException, match=told):
        sensor.execute({})


def test_without_a_triggerer_it_looks_by_itself():
    with pytest.raises(AirflowSensorTimeout):
        jql(NEVER, deferrable=False, timeout=0, poke_interval=0).execute({})
    assert jql("project = SUP", deferrable=False).execute({})["issue_ids"]


@pytest.mark.parametrize("kind", [JiraIssueStatusSensor, JiraJqlSensor, EsmCardSensor])
def test_every_templated_field_is_one_that_the_sensor_has(kind):
    given = {
        JiraIssueStatusSensor: {"issue": "{{ x }}", "category": "done"},
        JiraJqlSensor: {"jql": "x"},
        EsmCardSensor: {"template": "x", "filter": "y"},
    }[kind]
    sensor = kind(task_id="wait", **given)
    assert all(hasattr(sensor, name) for name in sensor.template_fields)
    assert set(given) <= set(sensor.template_fields)
