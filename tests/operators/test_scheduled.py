"""The operators of a run, one after the other against the sandbox, with JSON between them as Airflow keeps it."""

from __future__ import annotations

import json

import httpx
import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.operators.scheduled import (
    CommitOperator,
    ExtractOperator,
    LoadOperator,
    MarkRemovedOperator,
    PlanOperator,
    ReviewOperator,
)
from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread

ISSUES = 40


@pytest.fixture
def installation(monkeypatch, tmp_path, supervisor):
    """Connections to a Jira and an ESM of the test's own, and a home for the staging."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    with serve_in_thread(create_jira(ISSUES, 7)) as jira, serve_in_thread(create_esm()) as esm:
        sides = {
            "JIRA_ACME": ("jira_cloud", jira.url, "robot@acme.example", "sandbox-token"),
            "ESM_ACME": ("efecte_esm", esm.url, "webapi", "sandbox-password"),
        }
        for name, (kind, host, login, password) in sides.items():
            fields = {"conn_type": kind, "host": host, "login": login, "password": password}
            monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(fields))
        yield esm.url


def do_all(run, definition, **params):
    """Execute the steps in their order; returns the report."""
    given = {"definition": definition}
    partitions = run.do(PlanOperator(task_id="plan", **given), **params)
    for at, partition in enumerate(partitions):
        run.do(ExtractOperator(task_id="extract", partition=partition, **given), at, **params)
    shares = run.do(ReviewOperator(task_id="review", **given), **params)
    for at, share in enumerate(shares):
        run.do(LoadOperator(task_id="load", share=share, **given), at, **params)
    run.do(MarkRemovedOperator(task_id="mark_removed", **given), **params)
    return run.do(CommitOperator(task_id="commit", **given), **params)


def test_a_run_of_the_operators_brings_every_issue_and_the_next_one_brings_nothing(
    installation, airflow_run, definition
):
    report = do_all(airflow_run(), definition)
    assert (report["read"], report["created"], report["failure"]) == (ISSUES, ISSUES, None)
    again = do_all(airflow_run(), definition)
    assert (again["read"], again["created"], again["updated"], again["unchanged"]) == (ISSUES, 0, 0, ISSUES)
    everything = do_all(airflow_run(), definition, clear_cache=True)
    assert everything["updated"] == ISSUES


def test_partitions_and_shares_name_themselves_for_the_ui(installation, airflow_run, definition):
    run = airflow_run()
    do_all(run, definition)
    for task in ("plan", "review"):
        assert all(each["label"] for each in run.xcoms[task, -1, "return_value"])


def test_no_value_of_an_issue_is_in_an_xcom(installation, airflow_run, definition):
    run = airflow_run()
    do_all(run, definition)
    kept = json.dumps([value for _, value in run.xcoms.items()])
    cards = httpx.get(f"{installation}/_sandbox/truth/cards?template=jira_issue").json()
    subjects = [card["values"]["subject"][0] for card in cards]
    assert len(subjects) == ISSUES
    assert [text for text in subjects if text in kept] == []


def test_commit_of_a_run_that_failed_keeps_the_report_and_then_fails_with_its_sentence(
    installation, airflow_run, definition
):
    run = airflow_run({"plan": "failed", "extract": "upstream_failed"})
    with pytest.raises(AirflowFailException, match="plan failed") as failed:
        run.do(CommitOperator(task_id="commit", definition=definition))
    report = run.xcoms["commit", -1, "return_value"]
    assert report["failed_tasks"] == ["plan"]
    assert report["failure"] == str(failed.value)


def test_a_wrong_token_fails_plan_at_once_and_without_the_token(installation, airflow_run, definition, monkeypatch):
    import os

    fields = json.loads(os.environ["AIRFLOW_CONN_JIRA_ACME"]) | {"password": "a-wrong-token"}
    monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps(fields))
    with pytest.raises(AirflowFailException) as failed:
        airflow_run().do(PlanOperator(task_id="plan", definition=definition))
    assert "token" in str(failed.value)
    assert "a-wrong-token" not in str(failed.value)


def test_both_connections_can_be_tested(installation):
    from airflow_provider_jira.hooks.esm import EfecteEsmHook
    from airflow_provider_jira.hooks.jira import JiraCloudHook

    for hook in (JiraCloudHook("jira_acme"), EfecteEsmHook("esm_acme")):
        good, text = hook.test_connection()
        assert good, text
        assert "sandbox" not in text
        assert "@" not in text
