"""A private Airflow runs what it is given, and is gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from airflow_provider_jira.sandbox.demo.rest import RestRefused, TooLate
from airflow_provider_jira.sandbox.demo.world import AirflowDied, AirflowWorld

pytestmark = pytest.mark.airflow

DAGS = """
import os, time
from airflow.sdk import dag, task

@dag(schedule=None, catchup=False)
def small():
    @task
    def numbers(params=None):
        return [1, 2, 3]

    @task
    def double(number):
        return 2 * number

    double.expand(number=numbers())

@dag(schedule=None, catchup=False)
def long():
    @task(retries=0)
    def wait():
        print("the task waits")
        time.sleep(120)

    wait()

small()
long()
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowWorld]:
    base = tmp_path_factory.mktemp("world")
    dags = base / "dags"
    dags.mkdir()
    (dags / "dags.py").write_text(DAGS)
    (dags / "broken.py").write_text("import airflow, dag_that_is_nowhere")
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "True"
    try:
        world = AirflowWorld(base / "home", dags, {"AIRFLOW_VAR_GREETING": "hello"})
    finally:
        del os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"]
    with world:
        world.rest.wait_for_dag("small")
        world.rest.wait_for_dag("long")
        yield world


def test_a_run_ends_and_its_results_can_be_read(world: AirflowWorld) -> None:
    seen: list[str] = []
    run_id = world.rest.trigger("small", run_id="one")
    assert run_id == "one"
    assert world.rest.wait("small", run_id, watcher=lambda state, tasks: seen.append(state)) == "success"
    assert seen[-1] == "success"
    assert world.rest.xcom("small", run_id, "numbers") == [1, 2, 3]
    assert world.rest.xcom("small", run_id, "double", map_index=2) == 6
    assert "Returned value was: [1, 2, 3]" in world.rest.log("small", run_id, "numbers")


def test_cleared_tasks_run_again(world: AirflowWorld) -> None:
    run_id = world.rest.trigger("small")
    world.rest.wait("small", run_id)
    assert world.rest.clear("small", run_id, ["numbers"], downstream=False) == 1
    assert world.rest.wait("small", run_id) == "success"
    tries = {(task.task_id, task.map_index): task.try_number for task in world.rest.tasks("small", run_id)}
    assert tries[("numbers", -1)] == 2
    assert tries[("double", 0)] == 1


def test_a_task_can_be_killed_where_it_runs(world: AirflowWorld) -> None:
    run_id = world.rest.trigger("long")
    task = world.rest.wait_for_task("long", run_id, "wait", ["running"])
    assert world.kill_task("long", run_id, task.task_id)
    assert world.rest.wait("long", run_id) == "failed"
    assert not world.kill_task("long", run_id, task.task_id)


def test_what_airflow_refuses_is_said_in_its_own_words(world: AirflowWorld) -> None:
    with pytest.raises(RestRefused, match="404"):
        world.rest.trigger("unknown")
    with pytest.raises(TooLate, match="dag_that_is_nowhere"):
        world.rest.wait_for_dag("unknown", timeout=0)


def test_broken_files_are_shown(world: AirflowWorld) -> None:
    assert list(world.rest.import_errors()) == ["broken.py"]


def test_it_takes_nothing_from_the_caller_s_own_airflow_and_gives_what_it_is_told(world: AirflowWorld) -> None:
    assert world.airflow("config", "get-value", "core", "load_examples").stdout.strip() == "False"
    assert world.airflow("variables", "get", "greeting").stdout.strip() == "hello"


def test_it_listens_on_loopback_only(world: AirflowWorld) -> None:
    listening = {
        connection.laddr.ip
        for process in world.processes()
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_nothing_is_left_when_a_program_dies_or_the_world_is_stopped(world: AirflowWorld) -> None:
    """The last one here: it ends the world."""
    run_id = world.rest.trigger("long")
    world.rest.wait_for_task("long", run_id, "wait", ["running"])
    processes = world.processes()
    assert len(processes) > 5
    next(process for process in processes if "dag-processor" in " ".join(process.cmdline())).kill()
    _, left = psutil.wait_procs(processes, timeout=20)
    assert not left
    with pytest.raises(AirflowDied, match="dag-processor"):
        world.check()
    world.stop()
    with pytest.raises(AirflowDied, match="not been started"):
        world.check()


def test_a_database_that_cannot_be_made_is_told_with_its_log(tmp_path: Path) -> None:
    world = AirflowWorld(
        tmp_path / "home", tmp_path, {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:////nowhere/at/all.db"}
    )
    with pytest.raises(AirflowDied, match="unable to open database file"):
        world.start()
    assert world.processes() == []
