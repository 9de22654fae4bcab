"""What the README shows can be copied: its definition is good, is like the example's, and nothing is advised against."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_jira.model.planned import advice_problems
from airflow_provider_jira.model.yaml_file import Loaded, load_folder

ROOT = Path(__file__).parents[2]
TASKS = ["support_tickets", "support_tickets_fresh", "people_and_groups"]
EVENTS = ["incident_to_jira", "comment_in_jira", "resolve_in_jira", "grant"]


def readme() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.split("```yaml\n", 1)[1].split("```", 1)[0]


def example() -> str:
    return (ROOT / "dags" / "definitions" / "acme.yaml").read_text(encoding="utf-8")


def load(folder: Path, text: str) -> tuple[Loaded, list[str]]:
    (folder / "acme.yaml").write_text(text, encoding="utf-8")
    files = load_folder(folder)
    return files[0], [str(problem) for problem in (*files[0].problems, *advice_problems(files))]


@pytest.mark.parametrize(
    ("text", "tasks"), [(readme(), TASKS), (example(), [*TASKS, "incidents_from_jira"])], ids=["readme", "example"]
)
def test_a_definition_that_is_shown_is_good_and_nothing_is_advised_against(
    tmp_path: Path, text: str, tasks: list[str]
) -> None:
    loaded, problems = load(tmp_path, text)
    assert (problems, [task.id for task in loaded.tasks]) == ([], tasks)


def test_the_readme_shows_the_schedules_and_people_of_the_example(tmp_path: Path) -> None:
    shown, whole = (load(tmp_path, text)[0].tasks for text in (readme(), example()))
    assert [task.schedule for task in shown] == [task.schedule for task in whole[:3]]
    assert shown[2] == whole[2]


def test_the_event_tasks_that_are_shown_are_good(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.split("```yaml\nevent_tasks:", 1)[1].split("```", 1)[0]
    head = "connector: acme\njira_conn_id: jira_acme\nesm_conn_id: esm_acme\nevent_tasks:"
    loaded, problems = load(tmp_path, head + shown)
    assert problems == []
    assert loaded.connector is not None
    whole = load(tmp_path, example())[0].connector
    assert whole is not None
    assert [task.id for task in loaded.connector.event_tasks] == [task.id for task in whole.event_tasks] == EVENTS
    assert [task.activity for task in loaded.connector.event_tasks] == [
        "create_issue", "add_comment", "transition_issue", "add_user_to_group",
    ]  # fmt: skip
