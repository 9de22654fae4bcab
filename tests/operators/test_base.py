"""The operators' common part: what a run is made of, and which errors end the retries."""

from __future__ import annotations

import json
import logging

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.esm.errors import EsmAuthError, EsmUnavailable
from airflow_provider_jira.hooks.config import ConfigProblem
from airflow_provider_jira.hooks.connection import ConnectionProblem
from airflow_provider_jira.jira.errors import JiraAuthError, JiraUnreachable, JqlRefused
from airflow_provider_jira.operators.base import StepOperator, build_run, final_errors
from airflow_provider_jira.operators.definition import Definition
from airflow_provider_jira.operators.handed import NothingHanded
from airflow_provider_jira.sync import Stop


class Task:
    """The part of Airflow's running task that an operator reads."""

    try_number = 3


@pytest.fixture
def context():
    """The part of Airflow's context that an operator reads."""
    return {"run_id": "manual__1", "ti": Task(), "params": {"clear_cache": True, "accept_removals": False}}


@pytest.fixture
def connections(monkeypatch, tmp_path):
    """Both connections, and a home for the staging."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    jira = {"host": "https://acme.atlassian.net", "login": "robot@acme.example", "password": "open-sesame"}
    esm = {"host": "https://acme.efectecloud.com", "login": "webapi", "password": "open-sesame"}
    monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps({"conn_type": "jira_cloud", **jira}))
    monkeypatch.setenv("AIRFLOW_CONN_ESM_ACME", json.dumps({"conn_type": "efecte_esm", **esm}))


def test_a_run_is_made_of_definition_connections_settings_and_parameters(definition, context, connections, monkeypatch):
    monkeypatch.setenv("AIRFLOW__JIRA_CONNECTOR__CACHE_CLEAR_HOURS", "6")
    run = build_run(definition, context)
    assert (run.connector, run.task) == (definition.connector, definition.task)
    assert (run.run_id, run.attempt) == ("manual__1", 3)
    assert (run.jira.site, run.esm.base_url) == ("https://acme.atlassian.net", "https://acme.efectecloud.com")
    assert (run.clear_cache, run.accept_removals, run.default_clear_hours) == (True, False, (6,))


@pytest.mark.parametrize("given", [{}, {"clear_cache": False}])
def test_without_parameters_a_run_does_the_ordinary(definition, context, connections, given):
    run = build_run(definition, {**context, "params": given})
    assert (run.clear_cache, run.accept_removals) == (False, False)


def test_requests_are_not_logged_because_their_urls_hold_keys(definition, context, connections):
    logging.getLogger("httpx").setLevel(logging.INFO)
    build_run(definition, context)
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)


@pytest.mark.parametrize(
    "error",
    [
        Stop("the template has no attribute 'x'"),
        ConnectionProblem("connection 'a' …"),
        ConfigProblem("staging_path …"),
        NothingHanded("clear plan"),
        JiraAuthError("bad token"),
        JqlRefused("bad JQL"),
        EsmAuthError("bad password"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_another_try_cannot_mend_ends_the_retries_with_its_own_words(error):
    with pytest.raises(AirflowFailException) as failed, final_errors():
        raise error
    assert str(failed.value) == str(error)


@pytest.mark.parametrize(
    "error",
    [JiraUnreachable("no answer"), EsmUnavailable("503"), RuntimeError("a defect"), TimeoutError()],
    ids=lambda error: type(error).__name__,
)
def test_every_other_error_is_left_to_airflow_s_retries(error):
    with pytest.raises(type(error)) as raised, final_errors():
        raise error
    assert raised.value is error


def test_what_one_error_says_of_itself_counts_more_than_its_kind():
    with pytest.raises(AirflowFailException), final_errors():
        raise JiraUnreachable("there is no such host", retryable=False)


def test_staged_data_that_is_gone_is_explained():
    with pytest.raises(AirflowFailException, match="Start a new run"), final_errors():
        raise FileNotFoundError("/staging/x")


def test_an_operator_that_cannot_read_its_connection_fails_at_once_with_the_sentence(
    definition, context, connections, monkeypatch
):
    monkeypatch.delenv("AIRFLOW_CONN_JIRA_ACME")

    class Step(StepOperator):
        def step(self, run, handed, context):
            raise AssertionError

    with pytest.raises(AirflowFailException, match="no connection 'jira_acme'"):
        Step(task_id="step", definition=definition).execute(context)


def test_an_operator_returns_what_its_step_returns(definition, context, connections):
    class Step(StepOperator):
        def step(self, run, handed, context):
            return [run.stamp]

    assert Step(task_id="step", definition=definition).execute(context) == ["acme__support_tickets"]


def test_a_definition_s_text_is_short_and_changes_with_the_definition(definition):
    assert str(definition).startswith("acme__support_tickets ")
    assert len(str(definition)) < 60
    task = definition.task.model_copy(update={"jql": "project = OPS"})
    connector = definition.connector.model_copy(update={"esm_conn_id": "other"})
    texts = {str(definition), str(Definition(definition.connector, task)), str(Definition(connector, definition.task))}
    assert len(texts) == 3


def test_a_definition_s_text_stays_when_only_another_task_of_the_connector_changes(definition):
    other = definition.task.model_copy(update={"id": "other"})
    connector = definition.connector.model_copy(update={"scheduled_tasks": (definition.task, other)})
    assert str(Definition(connector, definition.task)) == str(definition)
