"""From definition files to advice and back to their lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_jira.model.advice import Owned
from airflow_provider_jira.model.definition import Connector
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


TICKET, ACCOUNT, ENTITLEMENT = (
    {"template": template, "folder": "cards", "key": "key", "task_id_attribute": "taskId"}
    for template in ("ticket", "account", "ent")
)
PARTS = {
    "identity": {"target": ACCOUNT, "attributes": {"key": "accountId"}},
    "access": {"target": ENTITLEMENT, "attributes": {"key": "groupId"}},
}
ISSUES = {
    "id": "all",
    "mapping_type": "generic",
    "fetch_type": "full",
    "jql": "project  = SUP ORDER BY key",
    "target": TICKET,
    "attributes": {"key": "id"},
}
FRESH = {"id": "fresh", "mapping_type": "generic", "fetch_type": "incremental", "companion_of": "all"}


def people(mapping_type: str, **more: Any) -> dict[str, Any]:
    """A task over people, groups or both, as a file says it."""
    parts = {name: part for name, part in PARTS.items() if name in mapping_type.split("_and_")}
    return {"id": "p", "mapping_type": mapping_type, "fetch_type": "full", **parts, **more}


def connector(*tasks: dict[str, Any]) -> Connector:
    return Connector.model_validate(
        {"connector": "c", "jira_conn_id": "j", "esm_conn_id": "e", "scheduled_tasks": tasks}
    )


USERS, GROUPS = Owned(("j", "e", "account"), "users"), Owned(("j", "e", "ent"), "groups")


@pytest.mark.parametrize(
    ("task", "owned"),
    [
        (people("identity"), (USERS,)),
        (people("access"), (GROUPS,)),
        (people("identity_and_access"), (USERS, GROUPS)),
        (
            people("identity_and_access", users={"include_inactive": True}, groups={"include": "^a"}),
            (USERS, Owned(GROUPS.place, "groups", '{"include":["^a"]}')),
        ),
        (
            people("identity", users={"account_types": ["app"]}),
            (Owned(USERS.place, "users", '{"account_types":["app"]}'),),
        ),
        (ISSUES, (Owned(("j", "e", "ticket"), "issues", "project = sup"),)),
    ],
)
def test_a_full_task_owns_what_its_mapping_type_and_its_filters_say(
    task: dict[str, Any], owned: tuple[Owned, ...]
) -> None:
    made = connector(task)
    assert set(planned(made)[0].owned) == set(owned)
    assert set(kinds(made.scheduled_tasks[0])) == {each.kind for each in owned}


def test_a_companion_is_known_as_one_and_owns_nothing_of_its_own() -> None:
    full, fresh = planned(connector(ISSUES, FRESH))
    assert (full.companion_of, fresh.companion_of) == (None, "all")
    assert (fresh.fetch_type, fresh.owned) == ("incremental", ())


def test_an_incremental_task_that_stands_alone_owns_nothing_either() -> None:
    (alone,) = planned(connector({**ISSUES, "fetch_type": "incremental"}))
    assert (alone.companion_of, alone.owned) == (None, ())


@pytest.mark.parametrize(
    ("full", "fresh", "told"),
    [
        ("7 */6 * * *", "2-59/15 * * * *", []),
        ("7 */6 * * *", "7-59/15 * * * *", ["collide at 00:07, 06:07 and 2 more times on every day: c__t0, c__fresh"]),
        (
            "7 */4 * * *",
            "2-59/15 * * * *",
            ["at most 4 times a day is recommended for a full task with an incremental"],
        ),
    ],
)
def test_a_full_task_is_held_against_its_companion(
    problems: Any, tmp_path: Path, full: str, fresh: str, told: list[str]
) -> None:
    assert problems(c=[{"schedule": f'"{full}"'}]) == []
    companion = {**FRESH, "companion_of": "t0", "schedule": fresh}
    with (tmp_path / "c.yaml").open("a") as file:
        file.write(f"  - {json.dumps(companion)}\n")
    found = [str(problem) for problem in advice_problems(load_folder(tmp_path))]
    assert len(found) == len(told)
    for text, problem in zip(told, found, strict=True):
        assert text in problem
