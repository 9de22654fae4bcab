"""The operators of a run, one after the other against the sandbox, with JSON between them as Airflow keeps it."""

from __future__ import annotations

import json
from typing import NamedTuple

import httpx
import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.operators.scheduled import (
    CommitOperator,
    ExtractOperator,
    LoadOperator,
    MarkRemovedOperator,
    PlanOperator,
    RelateOperator,
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
        yield Installation(jira.url, esm.url)


class Installation(NamedTuple):
    """Where its Jira and its ESM are."""

    jira: str
    esm: str

    def truth(self, side, what):
        return httpx.get(f"{getattr(self, side)}/_sandbox/truth/{what}").raise_for_status().json()

    def change(self, what, **body):
        return httpx.post(f"{self.jira}/_sandbox/world/{what}", json=body).raise_for_status().json()


def do_all(run, definition, **params):
    """Execute the steps in their order; returns the report."""
    given = {"definition": definition}
    do_until_load(run, definition, **params)
    if definition.task.two_waves:
        related = run.do(RelateOperator(task_id="relate", **given), **params)
        for at, share in enumerate(related):
            run.do(LoadOperator(task_id="load_related", share=share, **given), at, **params)
    run.do(MarkRemovedOperator(task_id="mark_removed", **given), **params)
    return run.do(CommitOperator(task_id="commit", **given), **params)


def do_until_load(run, definition, **params):
    """Execute the steps of the first wave."""
    given = {"definition": definition}
    partitions = run.do(PlanOperator(task_id="plan", **given), **params)
    for at, partition in enumerate(partitions):
        run.do(ExtractOperator(task_id="extract", partition=partition, **given), at, **params)
    shares = run.do(ReviewOperator(task_id="review", **given), **params)
    for at, share in enumerate(shares):
        run.do(LoadOperator(task_id="load", share=share, **given), at, **params)


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
    cards = installation.truth("esm", "cards?template=jira_issue")
    subjects = [card["values"]["subject"][0] for card in cards]
    assert len(subjects) == ISSUES
    assert [text for text in subjects if text in kept] == []


def accounts(installation):
    return {card["values"]["accountId"][0]: card for card in installation.truth("esm", "cards?template=account")}


def members(installation):
    """Account id of each card -> ids of the groups whose cards it points at."""
    cards = installation.truth("esm", "cards?template=entitlement")
    groups = {card["dataCardId"]: card["values"]["groupId"][0] for card in cards}
    return {
        account: {groups[each] for each in card.get("references", {}).get("groups", [])}
        for account, card in accounts(installation).items()
    }


def test_people_come_with_their_groups_and_who_is_in_which(installation, airflow_run, people):
    report = do_all(airflow_run(), people)
    there = {each["accountId"] for each in installation.truth("jira", "people") if each["accountType"] == "atlassian"}
    groups = installation.truth("jira", "memberships")
    assert set(accounts(installation)) == there
    assert members(installation) == {
        person: {group for group, inside in groups.items() if person in inside} for person in there
    }
    assert (report["failure"], report["pointing_nowhere"], report["waiting"]) == (None, 0, 0)
    assert report["parts"]["accounts"]["created"] == len(there)
    assert report["parts"]["entitlements"]["created"] == len(groups)
    again = do_all(airflow_run(), people)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, len(there) + len(groups))


def test_no_name_and_no_address_of_anybody_is_in_an_xcom_or_in_the_name_of_a_variable(
    installation, airflow_run, people, supervisor
):
    run = airflow_run()
    do_all(run, people)
    kept = json.dumps([[*run.xcoms.values()], [*supervisor.variables], [*supervisor.descriptions.values()]])
    persons = installation.truth("jira", "people")
    values = {each[name] for each in persons for name in ("displayName", "emailAddress") if each[name]}
    values |= {each["name"] for each in installation.truth("jira", "groups")}
    assert len(values) > 10
    assert sorted(value for value in values if value in kept) == []
    assert "@" not in kept


def test_a_second_wave_that_failed_is_named_and_the_next_run_does_it_and_nothing_else(
    installation, airflow_run, people
):
    run = airflow_run()
    do_until_load(run, people)
    shares = run.do(RelateOperator(task_id="relate", definition=people))
    assert shares
    assert all(each["label"] for each in shares)
    groups = len(installation.truth("esm", "cards?template=entitlement"))
    assert (groups, accounts(installation)) == (len(installation.truth("jira", "groups")), {})
    run.states |= {"load_related_0": "failed", "mark_removed": "upstream_failed"}
    with pytest.raises(AirflowFailException, match="load_related"):
        run.do(CommitOperator(task_id="commit", definition=people))
    assert run.xcoms["commit", -1, "return_value"]["failed_tasks"] == ["load_related[0]"]
    report = do_all(airflow_run(), people)
    assert report["failure"] is None
    assert (report["created"], report["unchanged"]) == (len(accounts(installation)), groups)
    assert any(members(installation).values())


def test_relate_without_a_review_says_what_to_clear(installation, airflow_run, people):
    run = airflow_run()
    run.do(PlanOperator(task_id="plan", definition=people))
    with pytest.raises(AirflowFailException, match="Clear review with its downstream tasks"):
        run.do(RelateOperator(task_id="relate", definition=people))


def test_an_incremental_run_brings_what_has_changed_and_by_hand_everything(
    installation, airflow_run, definition, fresh, people
):
    do_all(airflow_run(), people)  # whom the issues' assignees point at: else every such issue is read again
    do_all(airflow_run(), definition)
    first = do_all(companion_run(airflow_run), fresh)
    assert (first["mode"], first["read"], first["updated"], first["failure"]) == ("full", ISSUES, 0, None)
    some = min(installation.truth("jira", "issues?project=SUP"), key=lambda each: each["updated"])
    installation.change("issues", id=some["id"], fields={"summary": "changed lately"})
    second = do_all(companion_run(airflow_run), fresh)
    assert (second["mode"], second["updated"], second["read"] < ISSUES / 2) == ("incremental", 1, True)
    everything = do_all(companion_run(airflow_run), fresh, read_everything=True)
    # Runs less than a minute apart may have overlapped: what they disagree about is pushed again, so that is not held.
    assert (everything["read"], everything["created"], everything["marked_removed"]) == (ISSUES, 0, 0)


def companion_run(airflow_run):
    run = airflow_run()
    run.dag_id = "acme__support_tickets_fresh"
    return run


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
        assert "expires" not in text


def test_the_connection_s_test_warns_of_a_token_that_soon_expires(installation, monkeypatch):
    import os
    from datetime import datetime, timezone

    from airflow_provider_jira.hooks.jira import JiraCloudHook

    today = datetime.now(timezone.utc).date().isoformat()
    fields = json.loads(os.environ["AIRFLOW_CONN_JIRA_ACME"]) | {"extra": json.dumps({"token_expires_on": today})}
    monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps(fields))
    good, text = JiraCloudHook("jira_acme").test_connection()
    assert good, text
    assert f"on {today} (token_expires_on): make a new API token" in text
