"""The whole way: a real Airflow schedules the tasks, which read the sandbox's Jira and write its ESM.

One world for all tests of the file, so their order is the story: people whose second wave is killed, issues whose load
is killed, the same load cleared, a run without changes, a mass removal that an administrator approves and one that is
rejected, and the incremental companion beside all that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from airflow_provider_jira.sandbox.demo import check, check_people
from airflow_provider_jira.sandbox.demo.chapters import look
from airflow_provider_jira.sandbox.demo.stage import FRESH, PEOPLE, TICKETS, Stage, set_stage

pytestmark = pytest.mark.airflow

ISSUES = 400
SCOPE = "project = SUP AND issuetype in (Bug, Task)"
WRITES = r"/dc/jira_issue/data$|dataCardImport"
ACCOUNT_WRITES = {"path": r"/dc/account/data$|dataCardImport", "body": "accountId"}


@pytest.fixture(scope="module", params=["rest", "webapi"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("e2e")
    with set_stage(folder, issues=ISSUES, people=80, groups=12, api=request.param) as stage:
        stage.airflow.start()
        for dag_id in (PEOPLE, TICKETS, FRESH):
            stage.airflow.rest.wait_for_dag(dag_id)
        yield stage


def finish(stage: Stage, run_id: str, dag_id: str = TICKETS) -> tuple[str, Mapping[str, Any]]:
    rest = stage.airflow.rest
    return rest.wait(dag_id, run_id), rest.xcom(dag_id, run_id, "commit")


def compared(stage: Stage, gone: Sequence[str] = ()) -> check.Comparison:
    seen = look(stage)
    return check.compare(seen.issues, seen.tickets, accounts=seen.accounts, gone=gone)


def assert_in_step(*comparisons: check.Comparison) -> None:
    findings = [finding for comparison in comparisons for finding in check.agreement(comparison, "now")]
    assert [finding for finding in findings if not finding.holds] == []


def writes(stage: Stage, since: int) -> list[str]:
    return check.writes(stage.esm.get("/requests", since=since)["requests"])


def test_a_second_wave_that_is_killed_is_tried_again_and_brings_every_account_with_its_groups_once(
    stage: Stage,
) -> None:
    rest = stage.airflow.rest
    # REST takes these accounts in several requests; the XML Web API in one, which hangs before it does anything.
    before = 1 if stage.api == "rest" else 0
    stage.esm.post("/faults", {"match": ACCOUNT_WRITES, "skip": before, "times": 1, "delay": 30})
    run_id = rest.trigger(PEOPLE, run_id="people")
    rest.wait_for_task(PEOPLE, run_id, "load_related", ["running"])
    wait_for_account_writes(stage, before + 1)
    assert stage.airflow.kill_task(PEOPLE, run_id, "load_related", 0)
    state, report = finish(stage, run_id, PEOPLE)
    assert (state, report["failure"], report["waiting"]) == ("success", None, 0)
    tries = {task.task_id: task.try_number for task in rest.tasks(PEOPLE, run_id)}
    assert (tries["load"], tries["load_related"]) == (1, 2)
    seen = look(stage)
    people, entitlements = len(check_people.accounts(seen.truth)), len(check_people.entitlements(seen.truth))
    assert report["parts"]["entitlements"] == {"created": entitlements, "updated": 0, "refused": 0}
    assert sum(report["parts"]["accounts"].values()) == people
    assert check_people.memberships(seen.truth) > people
    assert_in_step(*check_people.compare(seen.truth, seen.accounts, seen.entitlements))


def wait_for_account_writes(stage: Stage, count: int) -> None:
    """Wait until ESM has been asked for that many; the last of them hangs."""
    for _ in range(600):
        rows = stage.esm.get("/requests", since=0)["requests"]
        asked = [row for row in rows if re.search(ACCOUNT_WRITES["path"], row["path"])]
        if sum(ACCOUNT_WRITES["body"] in str(row.get("body")) for row in asked) >= count:
            return
        stage.airflow.check()
        stage.airflow.rest.run_state(PEOPLE, "people")
    raise AssertionError(f"ESM has not been asked to write accounts {count} times")


def test_a_load_that_is_killed_is_tried_again_and_brings_every_card_once(stage: Stage) -> None:
    rest = stage.airflow.rest
    stage.esm.post("/faults", {"match": {"path": WRITES}, "skip": 2, "times": 1, "delay": 30})
    run_id = rest.trigger(TICKETS, run_id="killed")
    rest.wait_for_task(TICKETS, run_id, "load", ["running"])
    wait_for_writes(stage, 2)
    assert stage.airflow.kill_task(TICKETS, run_id, "load", 0)
    state, report = finish(stage, run_id)
    assert (state, report["failure"]) == ("success", None)
    assert {task.try_number for task in rest.tasks(TICKETS, run_id) if task.task_id == "load"} == {2}
    assert report["created"] + report["updated"] == ISSUES
    assert_in_step(compared(stage))


def wait_for_writes(stage: Stage, count: int) -> None:
    """Wait until ESM has answered that many writes; the one after them hangs."""
    for _ in range(600):
        if len(writes(stage, 0)) >= count:
            return
        stage.airflow.check()
        stage.airflow.rest.run_state(TICKETS, "killed")
    raise AssertionError(f"ESM has not had {count} writes")


def test_a_cleared_load_pushes_nothing_again(stage: Stage) -> None:
    mark = stage.esm.get("/requests", since=0)["next"]
    assert stage.airflow.rest.clear(TICKETS, "killed", ["load"]) >= 2
    state, report = finish(stage, "killed")
    assert (state, report["failure"], report["created"] + report["updated"]) == ("success", None, ISSUES)
    assert writes(stage, mark) == []


def test_a_run_without_changes_writes_nothing(stage: Stage) -> None:
    mark = stage.esm.get("/requests", since=0)["next"]
    state, report = finish(stage, stage.airflow.rest.trigger(TICKETS))
    assert (state, report["unchanged"]) == ("success", ISSUES)
    assert writes(stage, mark) == []


@pytest.mark.approval
def test_a_mass_removal_waits_for_an_administrator_and_goes_on_when_approved(stage: Stage) -> None:
    rest = stage.airflow.rest
    gone = stage.jira.post("/world/delete", {"count": 50, "seed": 5, "jql": SCOPE})["ids"]
    run_id = rest.trigger(TICKETS)
    rest.wait_for_task(TICKETS, run_id, "approve", ["awaiting_input", "deferred"])
    assert rest.run_state(TICKETS, run_id) == "running"
    rest.decide(TICKETS, run_id, "approve", "Approve")
    state, report = finish(stage, run_id)
    assert (state, report["marked_removed"]) == ("success", 50)
    assert_in_step(compared(stage, gone))


@pytest.mark.approval
def test_a_rejected_removal_marks_nothing_and_ends_the_run_as_failed(stage: Stage) -> None:
    rest = stage.airflow.rest
    before = stage.esm.get("/truth/cards", template="jira_issue")
    stage.jira.post("/world/delete", {"count": 60, "seed": 6, "jql": SCOPE})
    run_id = rest.trigger(TICKETS)
    rest.wait_for_task(TICKETS, run_id, "approve", ["awaiting_input", "deferred"])
    rest.decide(TICKETS, run_id, "approve", "Reject")
    state, report = finish(stage, run_id)
    assert state == "failed"
    assert "approve failed" in report["failure"]
    assert stage.esm.get("/truth/cards", template="jira_issue") == before


def test_the_companion_reads_everything_first_and_finds_nothing_to_write(stage: Stage) -> None:
    mark = stage.esm.get("/requests", since=0)["next"]
    state, report = finish(stage, stage.airflow.rest.trigger(FRESH), FRESH)
    inside = sum(map(check.in_scope, stage.jira.get("/truth/issues", project="SUP")))
    assert (state, report["mode"], report["read"], report["unchanged"]) == ("success", "full", inside, inside)
    assert report["watermark"]
    assert writes(stage, mark) == []


def test_then_it_brings_over_what_has_changed_under_its_full_task_s_stamp_and_removes_nothing(stage: Stage) -> None:
    deleted = stage.jira.post("/world/delete", {"count": 3, "seed": 8, "jql": SCOPE})["ids"]
    changed = stage.jira.post("/world/change", {"count": 5, "seed": 9, "jql": SCOPE})["ids"]
    before = look(stage).tickets
    state, report = finish(stage, stage.airflow.rest.trigger(FRESH), FRESH)
    assert (state, report["mode"], report["updated"], report["created"]) == ("success", "incremental", 5, 0)
    assert report["read"] < 10
    seen = look(stage)
    assert check.changed(before, seen.tickets, "jiraId") == set(changed)
    found = compared(stage)
    assert (found.differences, found.without_card) == ((), ())
    assert set(deleted) <= set(found.without_record)
    assert {text for card in seen.tickets for text in card["values"]["taskId"]} == {TICKETS}
