"""Settings: what they mean, and one clear sentence where they cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_jira.hooks import config


@pytest.mark.parametrize(
    ("text", "hours"),
    [("0", (0,)), ("12,0", (0, 12)), (" 6 , 6 ", (6,)), ("[0, 12]", (0, 12)), ("", ()), ("[]", ()), ("23", (23,))],
)
def test_clear_hours_are_hours_of_the_day(configure, text, hours):
    configure(cache_clear_hours=text)
    assert config.cache_clear_hours() == hours


def test_without_the_setting_the_cache_is_cleared_at_midnight():
    assert config.cache_clear_hours() == (0,)


@pytest.mark.parametrize("text", ["24", "-1", "noon", "0;12", "0.5"])
def test_what_is_no_hour_is_named(configure, text):
    configure(cache_clear_hours=text)
    with pytest.raises(config.ConfigProblem, match="cache_clear_hours") as refused:
        config.cache_clear_hours()
    assert repr(text) in str(refused.value)


def test_definitions_are_beside_the_dag_file_unless_the_setting_names_another_folder(configure, tmp_path):
    configure("core", dags_folder=tmp_path / "dags")
    assert config.definitions_folder() == tmp_path / "dags" / "definitions"
    assert config.definitions_folder("/bundle/loader.py") == Path("/bundle/definitions")
    configure(definitions_folder=tmp_path / "elsewhere")
    assert config.definitions_folder() == tmp_path / "elsewhere"
    assert config.definitions_folder("/bundle/loader.py") == tmp_path / "elsewhere"


def test_staging_is_a_folder_in_airflows_home_unless_told_otherwise(configure, monkeypatch, tmp_path):
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    config.staging().plan("task", "plan").write("x", 1)
    assert (tmp_path / "jira_connector" / "staging" / "task" / "plan" / "x").is_file()
    for named in (str(tmp_path / "named"), f"file://{tmp_path}/named"):
        configure(staging_path=named)
        config.staging().plan("task", "plan").write("y", 1)
        (tmp_path / "named" / "task" / "plan" / "y").unlink()


def test_staging_may_be_in_an_object_store(configure):
    configure(staging_path="memory://bucket/jira")
    configure("core", executor="CeleryExecutor")
    staged = config.staging().plan("task", "plan")
    staged.write("part/x", [1, 2])
    assert staged.read("part/x", list[int]) == [1, 2]
    assert config.staging().plans("task") == ["plan"]
    staged.remove()
    assert not staged.exists("part/x")


@pytest.mark.parametrize(
    "executor", ["CeleryExecutor", "KubernetesExecutor", "LocalExecutor,CeleryExecutor", "my.module.EdgeExecutor"]
)
def test_a_folder_is_refused_where_tasks_may_run_on_several_machines(configure, executor):
    configure("core", executor=executor)
    with pytest.raises(config.ConfigProblem, match="staging_shared"):
        config.staging()


@pytest.mark.parametrize(
    "executor", ["LocalExecutor", "airflow.executors.local_executor.LocalExecutor", "team_a=LocalExecutor"]
)
def test_a_folder_is_good_where_one_machine_runs_all_tasks(configure, executor):
    configure("core", executor=executor)
    assert config.staging()


def test_a_folder_that_all_machines_share_is_good_when_the_setting_says_so(configure):
    configure("core", executor="CeleryExecutor")
    configure(staging_shared=True)
    assert config.staging()
