"""Events of cards through a real Airflow: started by REST, by themselves, twenty times at once; refused and mended.

One desk for all tests of the file; every test has cards of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from desk import Desk

from airflow_provider_jira.sandbox.demo.rest import RestRefused

pytestmark = pytest.mark.airflow

ISSUE, COMMENT = "desk__issue", "desk__comment"
WATCHERS = ("desk__watched_issue", "desk__watched_group")
EVERY = 5
"""Seconds between two polls."""


@pytest.fixture(scope="module", autouse=True)
def polls(desk: Desk) -> Callable[[], tuple[int, float]]:
    """Count the polls since the first test: how many, in how many seconds."""
    since, began = desk.esm.get("/requests", since=0)["next"], time.monotonic()

    def counted() -> tuple[int, float]:
        rows = desk.esm.get("/requests", since=since)["requests"]
        return sum("'watched'" in row["query"].get("filter", "") for row in rows), time.monotonic() - began

    return counted


def started(desk: Desk, dag: str, card: str, run: str = "", **conf: Any) -> str:
    """Start a run as a workflow of ESM does."""
    return desk.start(dag, {"data_card_id": card, **conf}, run or f"{dag}-{card}")


def test_a_run_that_a_workflow_starts_makes_an_issue_and_writes_it_back(desk: Desk) -> None:
    card = desk.card(subject="Printer", description="It **burns**.")
    run = started(desk, ISSUE, card)
    assert desk.rest.wait(ISSUE, run) == "success"
    (issue,), says = desk.made_for()[card], desk.cards()[card]
    assert (issue["summary"], issue["labels"]) == ("Printer", [f"esm-{card}"])
    url = f"{desk.jira.url}/browse/{issue['key']}"
    assert (says["jiraKey"], says["jiraUrl"], says["jiraSync"]) == ([issue["key"]], [url], ["01 - Sent"])
    states = {task.task_id: task.state for task in desk.rest.tasks(ISSUE, run)}
    assert states == {"receive": "success", "write": "success", "completed": "success", "exception": "skipped"}
    links = desk.rest.call("GET", f"/dags/{ISSUE}/dagRuns/{run}/taskInstances/write/links")["extra_links"]
    assert links == {"Jira issue": url}
    with pytest.raises(RestRefused, match="got 409"):
        started(desk, ISSUE, card)


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        ({}, "data_card_id: No value passed"),
        ({"data_card_id": 20001}, "data_card_id: 20001 is not of type 'string'"),
        ({"data_card_id": "INC-1"}, "data_card_id: 'INC-1' does not match"),
        ({"data_card_id": "20001", "event": "a b"}, "event: 'a b' does not match"),
    ],
)
def test_a_conf_that_is_wrong_is_refused_before_anything_runs(desk: Desk, conf: Mapping[str, Any], told: str) -> None:
    with pytest.raises(RestRefused) as refused:
        desk.rest.trigger(ISSUE, conf)
    assert "got 400" in str(refused.value)
    assert told in str(refused.value)


def test_a_key_that_nobody_knows_fails_the_run_which_airflow_itself_lets_in(desk: Desk) -> None:
    card = desk.card(subject="Printer")
    run = started(desk, ISSUE, card, data_card="7")
    assert desk.rest.wait(ISSUE, run) == "failed"
    word = desk.rest.xcom(ISSUE, run, "receive", key="refusal")
    assert 'unknown key "data_card": did you mean data_card_id?' in word["message"]
    assert card not in desk.made_for()


def test_a_card_that_begins_to_match_starts_a_run_of_every_task_that_watches(desk: Desk) -> None:
    card = desk.card(subject="Printer", team="nobody's")
    desk.change(card, team="watched")
    for dag in WATCHERS:
        (run,) = runs_of(desk, dag)
        assert desk.rest.wait(dag, run) == "success"
    (issue,), says = desk.made_for()[card], desk.cards()[card]
    assert (says["jiraKey"], says["solution"]) == ([issue["key"]], ["group made"])
    assert says["incidentId"][0] in {group["name"] for group in desk.jira.get("/truth/groups")}


def runs_of(desk: Desk, dag: str) -> list[str]:
    """Wait until a task has started by itself, and return all its runs."""
    for _ in range(300):
        if rows := desk.rest.call("GET", f"/dags/{dag}/dagRuns")["dag_runs"]:
            return [row["dag_run_id"] for row in rows]
        desk.airflow.check()
        time.sleep(0.5)
    raise AssertionError(f"{dag} has not started by itself")


def test_twenty_triggers_at_the_same_moment_make_one_issue(desk: Desk) -> None:
    card = desk.card(subject="Printer")
    began = time.monotonic()
    # One call after the other, within a second: SQLite, which keeps this Airflow's database, does not bear twenty
    # callers at once (seen on 3.3.2: locked until the scheduler gives up). What runs at the same time are the tasks.
    runs = [started(desk, ISSUE, card, f"trigger-{nth}") for nth in range(20)]
    called = time.monotonic() - began
    assert {desk.rest.wait(ISSUE, run) for run in runs} == {"success"}
    (issue,) = desk.made_for()[card]
    assert desk.cards()[card]["jiraKey"] == [issue["key"]]
    results = [desk.rest.xcom(ISSUE, run, "write") for run in runs]
    assert {result["values"]["key"] for result in results} == {issue["key"]}
    assert sum(not result["already"] for result in results) == 1
    print(f"twenty triggers in {called:.1f} s, all ended after {time.monotonic() - began:.0f} s")  # noqa: T201 - what -s is for


def test_a_refused_event_holds_back_what_comes_after_it_until_it_is_mended_and_cleared(desk: Desk) -> None:
    rest, card = desk.rest, desk.card(description="A summary is missing.")
    refused = started(desk, ISSUE, card)
    assert rest.wait(ISSUE, refused) == "failed"
    says = desk.cards()[card]
    assert says["jiraSync"] == ["09 - Failed"]
    assert "summary" in says["provisioningException"][0]
    desk.say(card, "Any news?")
    later = started(desk, COMMENT, card)
    rest.wait_for_task(COMMENT, later, "write", ["deferred"])
    listed = {line.split()[3]: line for line in desk.events().splitlines() if f"desk/{card}" in line}
    assert refused in listed[ISSUE]
    assert says["provisioningException"][0] in listed[ISSUE]
    assert rest.run_state(COMMENT, later) == "running"
    desk.change(card, subject="Printer")
    assert rest.clear(ISSUE, refused, ["receive"]) == 4
    assert rest.wait(ISSUE, refused) == "success"
    assert rest.wait(COMMENT, later) == "success"
    (issue,), says = desk.made_for()[card], desk.cards()[card]
    assert (says["jiraKey"], says["jiraSync"]) == ([issue["key"]], ["01 - Sent"])
    assert "provisioningException" not in says
    assert ["Any news?" in comment["text"] for comment in issue["comments"]] == [True]
    assert f"desk/{card}" not in desk.events()


def test_a_deferred_sensor_wakes_up_when_the_issue_gets_there(desk: Desk) -> None:
    issue = desk.jira.post("/world/issues", {"fields": {"project": "SUP", "summary": "Printer"}})
    run = desk.rest.trigger("wakes", {"issue": issue["key"]})
    desk.rest.wait_for_task("wakes", run, "in_progress", ["deferred"])
    desk.jira.post("/world/issues", {"id": issue["id"], "fields": {"status": {"name": "In Progress"}}})
    assert desk.rest.wait("wakes", run) == "success"
    assert desk.rest.xcom("wakes", run, "in_progress")["issue_status"] == "In Progress"


def test_all_that_time_a_card_was_told_of_once_and_two_tasks_that_ask_the_same_asked_once(desk: Desk, polls) -> None:
    assert [len(runs_of(desk, dag)) for dag in WATCHERS] == [1, 1]
    asked, seconds = polls()
    assert seconds / EVERY / 4 < asked <= seconds / EVERY + 1
