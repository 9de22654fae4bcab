"""The folder of definitions -> DAGs: a broken definition takes nothing else down, and a worker builds one DAG only."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.factory import BrokenDefinitions, build_dags, report_errors

EXAMPLE = ("support_tickets", "support_tickets_fresh", "people_and_groups")


def other(folder: Path, name: str = "other") -> Path:
    """Add the definition of another connector."""
    text = (folder / "acme.yaml").read_text().replace("connector: acme", f"connector: {name}")
    (folder / f"{name}.yaml").write_text(text)
    return folder / f"{name}.yaml"


def spoil(file: Path, what: str, by: str) -> None:
    """Make a definition wrong."""
    text = file.read_text()
    assert what in text
    file.write_text(text.replace(what, by, 1))


def why_it_fails(dag) -> str:
    """Run the one task of a DAG that stands in for a broken definition."""
    (task,) = dag.tasks
    with pytest.raises(AirflowFailException) as failed:
        task.execute({})
    return str(failed.value)


@pytest.fixture
def running(monkeypatch):
    """Be a worker that parses for one task, the way Airflow tells it."""

    def on(dag_id: str, task_id: str) -> None:
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", dag_id)
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_TASK_ID", task_id)

    return on


def test_each_task_of_each_definition_becomes_a_dag(folder):
    other(folder)
    assert set(build_dags(folder)) == {
        "acme__support_tickets",
        "acme__by_hand",
        "other__support_tickets",
        "other__by_hand",
    }
    report_errors(folder)


def test_every_kind_of_task_becomes_a_dag(town):
    names = ("tickets", "tickets_fresh", "changes", "people", "groups_only")
    assert set(build_dags(town)) == {f"town__{name}" for name in names}
    report_errors(town)


def test_a_companion_whose_full_task_is_broken_keeps_its_dag_and_says_what_it_misses(town):
    spoil(town / "town.yaml", "jql: project = SUP", "jql: (")
    dags = build_dags(town)
    assert "companion_of" in why_it_fails(dags["town__tickets_fresh"])
    assert "jql" in why_it_fails(dags["town__tickets"])
    assert dags["town__people"].has_task("plan")


def test_a_worker_completes_a_companion_from_the_full_task_of_its_file(town, running):
    running("town__tickets_fresh", "plan")
    (dag,) = build_dags(town).values()
    assert dag.get_task("plan").definition.task.jql == "project = SUP"


def test_the_setting_names_the_folder(folder, monkeypatch):
    monkeypatch.setenv("AIRFLOW__JIRA_CONNECTOR__DEFINITIONS_FOLDER", str(folder))
    assert "acme__support_tickets" in build_dags()
    assert "acme__support_tickets" in build_dags(beside="/nowhere/loader.py")


def test_without_the_setting_the_folder_is_beside_the_dag_file(folder):
    assert "acme__support_tickets" in build_dags(beside=str(folder.parent / "loader.py"))


def test_a_broken_task_keeps_its_dag_which_says_why_and_its_neighbour_works(folder):
    spoil(folder / "acme.yaml", "key: jiraId", "ky: jiraId")
    dags = build_dags(folder)
    broken = dags["acme__support_tickets"]
    assert broken.schedule is None
    assert set(broken.tags) == {"broken", "jira", "acme"}
    assert "acme.yaml:" in broken.doc_md
    assert "ky" in why_it_fails(broken)
    assert dags["acme__by_hand"].has_task("plan")


def test_a_broken_file_takes_no_other_file_down(folder):
    file = other(folder)
    spoil(file, "scheduled_tasks:", "scheduled_tasks: [")
    dags = build_dags(folder)
    assert len(dags["acme__support_tickets"].tasks) > 1
    assert "other.yaml:" in why_it_fails(dags["other__support_tickets"])


def test_one_import_error_lists_every_problem_with_file_and_line(folder):
    spoil(folder / "acme.yaml", "key: jiraId", "ky: jiraId")
    spoil(other(folder), "jira_conn_id: jira_acme", "jira_con_id: jira_acme")
    with pytest.raises(BrokenDefinitions) as shown:
        report_errors(folder)
    text = str(shown.value)
    lines = (folder / "acme.yaml").read_text().split("\n")
    number = next(at for at, line in enumerate(lines, 1) if "ky: jiraId" in line)
    assert f"acme.yaml:{number}: " in text
    assert "other.yaml:2: " in text


def test_warnings_are_no_import_error(folder):
    (folder / "empty.yaml").write_text("connector: empty\njira_conn_id: a\nesm_conn_id: b\n")
    build_dags(folder)
    report_errors(folder)


def test_a_missing_folder_is_no_accident_for_the_dags_and_is_shown(tmp_path):
    assert build_dags(tmp_path / "nowhere") == {}
    with pytest.raises(BrokenDefinitions, match="nowhere"):
        report_errors(tmp_path / "nowhere")


def test_a_worker_builds_the_dag_that_runs_and_reads_no_other_file(folder, running, monkeypatch):
    other(folder)
    read: list[str] = []
    whole = Path.read_bytes

    def noted(self: Path) -> bytes:
        read.append(self.name)
        return whole(self)

    built: list[str] = []
    whole_dag = DAG.__attrs_post_init__

    def noted_dag(self: DAG) -> None:
        built.append(self.dag_id)
        whole_dag(self)

    running("acme__support_tickets", "plan")
    monkeypatch.setattr(Path, "read_bytes", noted)
    monkeypatch.setattr(DAG, "__attrs_post_init__", noted_dag)
    assert set(build_dags(folder)) == {"acme__support_tickets"}
    assert read == ["acme.yaml"]
    assert built == ["acme__support_tickets"]


def test_a_worker_does_not_show_import_errors(folder, running):
    spoil(folder / "acme.yaml", "key: jiraId", "ky: jiraId")
    running("acme__by_hand", "plan")
    report_errors(folder)
    assert set(build_dags(folder)) == {"acme__by_hand"}


@pytest.mark.parametrize("foreign", ["etl", "etl__Load", "someone__else", "acme__gone", "__", "acme__"])
def test_a_worker_that_runs_another_dag_gets_none(folder, running, foreign):
    running(foreign, "plan")
    assert build_dags(folder) == {}


@pytest.mark.parametrize("task_id", ["plan", "extract", "commit"])
def test_a_definition_that_breaks_under_a_running_task_fails_that_task_with_the_reason(folder, running, task_id):
    spoil(folder / "acme.yaml", "key: jiraId", "ky: jiraId")
    running("acme__support_tickets", task_id)
    dag = build_dags(folder)["acme__support_tickets"]
    assert dag.task_ids == [task_id]
    assert "acme.yaml:" in why_it_fails(dag)


def test_a_file_that_cannot_be_read_under_a_running_task_fails_that_task_with_the_reason(folder, running):
    spoil(folder / "acme.yaml", "scheduled_tasks:", "scheduled_tasks: [")
    running("acme__support_tickets", "load")
    assert "acme.yaml:" in why_it_fails(build_dags(folder)["acme__support_tickets"])


def test_a_task_that_the_definition_has_no_more_fails_with_the_reason(folder, running):
    spoil(folder / "acme.yaml", '"5 - Removed"}', '"5 - Removed", on_exceeded: fail}')
    running("acme__support_tickets", "approve")
    assert "acme.yaml was changed" in why_it_fails(build_dags(folder)["acme__support_tickets"])


@pytest.mark.parametrize("task_id", ["relate", "load_related"])
def test_a_second_wave_that_the_definition_needs_no_more_fails_with_the_reason(town, running, task_id):
    running("town__tickets", task_id)
    assert task_id in build_dags(town)["town__tickets"].task_ids
    spoil(town / "town.yaml", "      parent: {source: parent.id, reference: {template: jira_issue, key: jiraId}}\n", "")
    assert "town.yaml was changed" in why_it_fails(build_dags(town)["town__tickets"])


def test_the_example_is_right():
    definitions = Path(__file__).parents[2] / "dags" / "definitions"
    report_errors(definitions)
    events = ("incident_to_jira", "comment_in_jira", "resolve_in_jira", "grant")
    assert set(build_dags(definitions)) == {f"acme__{task}" for task in (*EXAMPLE, "incidents_from_jira", *events)}


@pytest.mark.parametrize("name", ["jira_connector.py", "jira_connector_errors.py"])
def test_airflow_takes_both_files_for_dag_files(name):
    text = (Path(__file__).parents[2] / "dags" / name).read_text().lower()
    assert "dag" in text
    assert "airflow" in text


def test_the_loader_makes_dags_and_the_second_file_the_import_error(folder, monkeypatch):
    import runpy

    dags = folder.parent
    for name in ("jira_connector.py", "jira_connector_errors.py"):
        shutil.copy(Path(__file__).parents[2] / "dags" / name, dags / name)
    assert "acme__support_tickets" in runpy.run_path(str(dags / "jira_connector.py"))
    runpy.run_path(str(dags / "jira_connector_errors.py"))
    spoil(folder / "acme.yaml", "key: jiraId", "ky: jiraId")
    assert "acme__by_hand" in runpy.run_path(str(dags / "jira_connector.py"))
    with pytest.raises(BrokenDefinitions):
        runpy.run_path(str(dags / "jira_connector_errors.py"))
