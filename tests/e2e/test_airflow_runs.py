"""The whole way: a real Airflow schedules the tasks, which read the sandbox's Jira and write its ESM.

One world for all tests of the file, so their order is the story: a first run whose load is killed, the same load
cleared, a run without changes, a mass removal that an administrator approves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from airflow_provider_jira.sandbox.demo import check
from airflow_provider_jira.sandbox.demo.stage import DAG_ID, Stage, set_stage

pytestmark = pytest.mark.airflow

ISSUES = 400
SCOPE = "project = SUP AND issuetype in (Bug, Task)"
WRITES = r"/dc/jira_issue/data$|dataCardImport"


@pytest.fixture(scope="module", params=["rest", "webapi"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("e2e")
    with set_stage(folder, issues=ISSUES, api=request.param) as stage:
        definition = folder / "definitions" / "acme.yaml"
        definition.write_text(definition.read_text().replace("retries: 2", "retries: 2, retry_delay: 1s"))
        stage.airflow.start()
        stage.airflow.rest.wait_for_dag(DAG_ID)
        yield stage


def finish(stage: Stage, run_id: str) -> tuple[str, Mapping[str, Any]]:
    rest = stage.airflow.rest
    return rest.wait(DAG_ID, run_id), rest.xcom(DAG_ID, run_id, "commit")


def assert_in_step(stage: Stage, gone: list[str] | None = None) -> None:
    compared = check.compare(
        stage.jira.get("/truth/issues", project="SUP"),
        stage.esm.get("/truth/cards", template="jira_issue"),
        gone=gone or [],
    )
    assert [finding for finding in check.agreement(compared, "now") if not finding.holds] == []


def writes(stage: Stage, since: int) -> list[str]:
    return check.writes(stage.esm.get("/requests", since=since)["requests"])


def test_a_load_that_is_killed_is_tried_again_and_brings_every_card_once(stage: Stage) -> None:
    rest = stage.airflow.rest
    stage.esm.post("/faults", {"match": {"path": WRITES}, "skip": 2, "times": 1, "delay": 30})
    run_id = rest.trigger(DAG_ID, run_id="killed")
    rest.wait_for_task(DAG_ID, run_id, "load", ["running"])
    wait_for_writes(stage, 2)
    assert stage.airflow.kill_task(DAG_ID, run_id, "load", 0)
    state, report = finish(stage, run_id)
    assert (state, report["failure"]) == ("success", None)
    assert {task.try_number for task in rest.tasks(DAG_ID, run_id) if task.task_id == "load"} == {2}
    assert report["created"] + report["updated"] == ISSUES
    assert_in_step(stage)


def wait_for_writes(stage: Stage, count: int) -> None:
    """Wait until ESM has answered that many writes; the one after them hangs."""
    for _ in range(600):
        if len(writes(stage, 0)) >= count:
            return
        stage.airflow.check()
        stage.airflow.rest.run_state(DAG_ID, "killed")
    raise AssertionError(f"ESM has not had {count} writes")


def test_a_cleared_load_pushes_nothing_again(stage: Stage) -> None:
    mark = stage.esm.get("/requests", since=0)["next"]
    assert stage.airflow.rest.clear(DAG_ID, "killed", ["load"]) >= 2
    state, report = finish(stage, "killed")
    assert (state, report["failure"], report["created"] + report["updated"]) == ("success", None, ISSUES)
    assert writes(stage, mark) == []


def test_a_run_without_changes_writes_nothing(stage: Stage) -> None:
    mark = stage.esm.get("/requests", since=0)["next"]
    state, report = finish(stage, stage.airflow.rest.trigger(DAG_ID))
    assert (state, report["unchanged"]) == ("success", ISSUES)
    assert writes(stage, mark) == []


@pytest.mark.approval
def test_a_mass_removal_waits_for_an_administrator_and_goes_on_when_approved(stage: Stage) -> None:
    rest = stage.airflow.rest
    gone = stage.jira.post("/world/delete", {"count": 50, "seed": 5, "jql": SCOPE})["ids"]
    run_id = rest.trigger(DAG_ID)
    rest.wait_for_task(DAG_ID, run_id, "approve", ["awaiting_input", "deferred"])
    assert rest.run_state(DAG_ID, run_id) == "running"
    rest.decide(DAG_ID, run_id, "approve", "Approve")
    state, report = finish(stage, run_id)
    assert (state, report["marked_removed"]) == ("success", 50)
    assert_in_step(stage, gone)


@pytest.mark.approval
def test_a_rejected_removal_marks_nothing_and_ends_the_run_as_failed(stage: Stage) -> None:
    rest = stage.airflow.rest
    before = stage.esm.get("/truth/cards", template="jira_issue")
    stage.jira.post("/world/delete", {"count": 60, "seed": 6, "jql": SCOPE})
    run_id = rest.trigger(DAG_ID)
    rest.wait_for_task(DAG_ID, run_id, "approve", ["awaiting_input", "deferred"])
    rest.decide(DAG_ID, run_id, "approve", "Reject")
    state, report = finish(stage, run_id)
    assert state == "failed"
    assert "approve failed" in report["failure"]
    assert stage.esm.get("/truth/cards", template="jira_issue") == before
