"""From definition files to advice and back to their lines."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from airflow_provider_jira.model.advice import Owned
from airflow_provider_jira.model.planned import advice_problems, jql_text, kinds, planned
from airflow_provider_jira.model.yaml_file import load_folder

FILE = """\
connector: {connector}
jira_conn_id: jira_acme
esm_conn_id: esm_acme
timezone: Europe/Helsinki
scheduled_tasks:
"""
TASK = """\
  - id: {id}
    mapping_type: generic
    fetch_type: full
    schedule: {schedule}
    jql: {jql}
    target: {{template: {template}, folder: tickets, key: jiraId, task_id_attribute: taskId}}
    attributes: {{jiraId: id}}
"""


@pytest.fixture
def problems(tmp_path):
    """Write files of ``connector=[task, …]``, and list the advice about them."""

    def written(**connectors: list[dict[str, str]]) -> list[str]:
        for connector, tasks in connectors.items():
            text = FILE.format(connector=connector)
            for at, task in enumerate(tasks):
                text += TASK.format(
                    **{"id": f"t{at}", "jql": f"project = {connector}{at}", "template": "ticket", **task}
                )
            (tmp_path / f"{connector}.yaml").write_text(text)
        return [str(problem) for problem in advice_problems(load_folder(tmp_path))]

    return written


def test_schedules_that_fit_are_not_told_of(problems):
    assert problems(acme=[{"schedule": '"0 6 * * *"'}, {"schedule": '"20 6 * * *"'}, {"schedule": "null"}]) == []


def test_a_schedule_that_is_too_dense_for_any_size_is_told_at_its_line(problems):
    (told,) = problems(acme=[{"schedule": '"0 6 * * *"'}, {"schedule": '"5-59/10 * * * *"'}])
    assert told.startswith(
        'acme.yaml:16: warning: scheduled_tasks[1].schedule: schedule "5-59/10 * * * *" starts as close'
    )


def test_tasks_of_two_files_that_meet_are_told_once(problems):
    (told,) = problems(acme=[{"schedule": '"30 6 * * *"'}], acne=[{"schedule": '"30 6 * * *"'}])
    assert told == (
        "acme.yaml:9: warning: scheduled_tasks[0].schedule: collide at 06:30 on every day: acme__t0, acne__t0; let them "
        'start apart, for instance move acme__t0 to "31 6 * * *"'
    )


def test_what_happens_on_a_day_or_two_of_the_year_is_a_hint_and_no_warning(problems):
    assert problems(acme=[{"schedule": '"30 3 * * *"'}, {"schedule": '"30 4 * * *"'}]) == []


def test_many_that_start_in_one_window_are_told(problems):
    told = problems(acme=[{"schedule": f'"{at} 6 * * *"'} for at in range(7)])
    assert [each for each in told if "up to 7 tasks run together" in each] == told
    assert len(told) == 1


def test_two_tasks_over_the_same_issues_are_told_even_if_only_by_hand(problems):
    same = {"schedule": "null", "jql": "project = SUP  ORDER BY key"}
    (told,) = problems(acme=[same], acne=[{**same, "jql": "PROJECT = sup"}])
    assert told.startswith(
        "acne.yaml:9: warning: scheduled_tasks[0].schedule: acne__t0 and acme__t0 read the same issues"
    )
    assert problems(acme=[same], acne=[{**same, "template": "other"}]) == []


def test_broken_tasks_and_files_are_passed_over(problems, tmp_path):
    (tmp_path / "broken.yaml").write_text("connector: [")
    dense = {"schedule": '"*/5 * * * *"'}
    (told,) = problems(acme=[dense, {**dense, "template": '""'}])
    assert told.startswith("acme.yaml:9: ")


def test_a_task_without_schedule_is_told_at_the_task(tmp_path):
    text = FILE.format(connector="acme")
    for id_ in ("a", "b"):
        text += TASK.format(id=id_, schedule="null", jql="project = SUP", template="ticket").replace(
            "    schedule: null\n", ""
        )
    (tmp_path / "acme.yaml").write_text(text)
    (problem,) = advice_problems(load_folder(tmp_path))
    assert (problem.line, problem.key) == (12, "scheduled_tasks[1]")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("project = SUP", "  PROJECT =  sup order by key ASC", True),
        ("project=SUP", "project = SUP", True),
        ('summary ~ "a  B"', 'summary ~ "a B"', False),
        ('summary ~ "a"', 'summary ~ "A"', False),
        ("project = SUP", "project = SUPP", False),
    ],
)
def test_jql_is_the_same_in_another_spelling(one, other, same):
    assert (jql_text(one) == jql_text(other)) is same


class Chosen(BaseModel):
    """A filter of people or groups, as a definition holds it."""

    include: str = ""


def people(mapping_type: str, **more: Any) -> SimpleNamespace:
    target = (
        SimpleNamespace(target=SimpleNamespace(template="account")),
        SimpleNamespace(target=SimpleNamespace(template="ent")),
    )
    parts = {"identity": target[0], "access": target[1], "users": Chosen(), "groups": None}
    own = {"id": "p", "mapping_type": mapping_type, "fetch_type": "full", "schedule": "@daily"}
    task = SimpleNamespace(**{**own, **parts, **more})
    return SimpleNamespace(connector="c", timezone="UTC", jira_conn_id="j", esm_conn_id="e", scheduled_tasks=(task,))


USERS, GROUPS = Owned(("j", "e", "account"), "users"), Owned(("j", "e", "ent"), "groups")


@pytest.mark.parametrize(
    ("mapping_type", "more", "owned"),
    [
        ("identity", {}, (USERS,)),
        ("access", {}, (GROUPS,)),
        ("identity_and_access", {}, (USERS, GROUPS)),
        ("access", {"groups": Chosen(include="^a")}, (Owned(GROUPS.place, "groups", '{"include":"^a"}'),)),
        ("identity", {"fetch_type": "incremental"}, ()),
    ],
)
def test_a_task_of_people_owns_what_its_mapping_type_says(mapping_type, more, owned):
    connector = people(mapping_type, **more)
    assert planned(connector)[0].owned == owned
    assert kinds(connector.scheduled_tasks[0]) == tuple(each.kind for each in owned) or more


def test_a_companion_is_known_as_one():
    connector = people("identity", fetch_type="incremental", companion_of="all")
    assert planned(connector)[0].companion_of == "all"
