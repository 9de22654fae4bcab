"""The operators that do one thing in Jira, in any DAG: done once, checked before, nothing personal kept by Airflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from airflow_provider_jira.links.issue import ISSUE_URL, JiraIssueLink
from airflow_provider_jira.operators import issues, people
from airflow_provider_jira.operators.activity import FAILED
from airflow_provider_jira.sandbox.jira.catalog import GLOBAL_PERMISSIONS
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.process import serve_in_thread

SECRET = "Jane's printer"
EMAIL = "jane.doe@acme.example"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_in_thread(create_app(10, 7)) as server:
        body = {"global_permissions": list(GLOBAL_PERMISSIONS), "rate_limits": False}
        httpx.patch(f"{server.url}/_sandbox/switches", json=body).raise_for_status()
        yield server.url


@pytest.fixture(autouse=True)
def world(url, monkeypatch, supervisor):
    """A connection to the sandbox, and Airflow's Variables."""
    fields = {"host": url, "login": "robot@acme.example", "password": "sandbox-token"}
    monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps({"conn_type": "jira_cloud", **fields}))
    yield
    httpx.delete(f"{url}/_sandbox/faults")


class Task:
    """A task in a run, as far as an operator can tell."""

    def __init__(self, kind: Any, run: str = "r", at: int = -1, **arguments: Any) -> None:
        self.made = lambda: kind(task_id="do", jira_conn_id="jira_acme", **arguments)
        self.dag_id, self.task_id, self.run_id, self.map_index = "mine", "do", run, at
        self.xcoms: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[key] = json.loads(json.dumps(value))

    def do(self, **params: Any) -> Any:
        operator, context = self.made(), {"ti": self, "run_id": self.run_id, "params": params}
        operator.render_template_fields(context)
        found = operator.execute(context)
        assert json.loads(json.dumps(found)) == found
        return found


def create(summary=SECRET, **more):
    given = {"project": "SUP", "issue_type": "Bug", "fields": {"Summary": summary}, "run": f"for {summary}", **more}
    return Task(issues.JiraCreateIssueOperator, **given)


def summaries(url):
    return [row["summary"] for row in httpx.get(f"{url}/_sandbox/truth/issues?project=SUP").json()]


def test_an_issue_is_made_once_however_often_the_task_is_tried(url):
    task = create("once")
    first, second = task.do(), task.do()
    assert (first["already"], second["already"]) == (False, True)
    assert first["key"] == second["key"]
    assert summaries(url).count("once") == 1
    assert task.xcoms[ISSUE_URL] == f"{url}/browse/{first['key']}" == first["url"]


@pytest.mark.parametrize(("more", "marked"), [({}, True), ({"mark": None}, False)])
def test_an_issue_carries_the_label_that_a_search_finds_it_by(url, more, marked):
    key = create(f"label {marked}", **more).do()["key"]
    row = next(row for row in httpx.get(f"{url}/_sandbox/truth/issues?project=SUP").json() if row["key"] == key)
    assert [label.startswith("esm-") for label in row["labels"]] == [True] * marked


def test_another_run_is_another_issue_unless_it_says_that_it_is_the_same(url):
    assert create("each", run="a").do()["key"] != create("each", run="b").do()["key"]
    assert create("each", at=1).do()["key"] != create("each", at=2).do()["key"]
    same = [create("same", run=run, once="card-{{ params.card }}").do(card=5)["key"] for run in "ab"]
    assert same[0] == same[1]
    assert create("same", run="c", once="card-{{ params.card }}").do(card=6)["key"] != same[0]


def test_a_lost_answer_is_waited_for_without_a_worker_and_found(url):
    fault = {"match": {"method": "POST", "path": "/rest/api/3/issue$"}, "drop": "after"}
    httpx.post(f"{url}/_sandbox/faults", json=fault).raise_for_status()
    task = create("lost")
    with pytest.raises(TaskDeferred) as waits:
        task.do()
    assert waits.value.method_name == "resume"
    assert task.do()["already"]
    assert summaries(url).count("lost") == 1


def test_what_the_screen_would_refuse_is_said_before_anything_is_sent(url):
    before = len(summaries(url))
    for more, told in (
        ({"fields": {"Summary": "x", "Colour": SECRET}}, "Colour"),
        ({"fields": {}}, "Summary"),
        ({"issue_type": "Bugg"}, "no issue type 'Bugg'"),
        ({"project": "NOPE"}, "NOPE"),
    ):
        with pytest.raises(AirflowFailException, match=told) as refused:
            create(**{"run": told, **more}).do()
        assert SECRET not in str(refused.value)
    assert len(summaries(url)) == before


def test_an_issue_is_changed_commented_on_and_resolved(url):
    key = create("story").do()["key"]
    changed = Task(issues.JiraUpdateIssueOperator, issue=key, fields={"Summary": "{{ params.text }}"})
    assert changed.do(text="new story")["already"] is False
    assert changed.do(text="new story")["already"] is True
    assert "new story" in summaries(url)
    said = Task(issues.JiraAddCommentOperator, issue="{{ params.key }}", comment="*{{ params.text }}*", markdown=True)
    assert said.do(key=key, text=SECRET)["comments"] == "1"
    assert said.do(key=key, text=SECRET)["comments"] == "0"
    moved = Task(
        issues.JiraTransitionIssueOperator,
        issue=key,
        to="Done",
        via=["In Progress", "In Review"],
        resolution="Done",
        comment="over",
    )
    assert moved.do()["status"] == "Done"
    assert moved.do()["status"] == "Done"
    row = next(row for row in httpx.get(f"{url}/_sandbox/truth/issues?project=SUP").json() if row["key"] == key)
    assert row["status"] == "Done"
    assert moved.xcoms[ISSUE_URL].endswith(f"/browse/{key}")


def test_people_and_groups_come_and_go(url):
    person = Task(people.JiraCreateUserOperator, email_address="{{ params.who }}").do(who=EMAIL)
    assert set(person) == {"accountId", "already"}
    group = Task(people.JiraCreateGroupOperator, group="printers").do()
    assert Task(people.JiraCreateGroupOperator, group="printers").do()["already"]
    put = Task(people.JiraAddUserToGroupOperator, user=person["accountId"], groups=["printers"])
    assert [put.do()["already"] for _ in range(2)] == [False, True]
    taken = Task(people.JiraRemoveUserFromGroupOperator, user=person["accountId"], groups=group["groupId"])
    assert [taken.do()["already"] for _ in range(2)] == [False, True]
    gone = Task(people.JiraDeleteGroupOperator, group="printers")
    assert [gone.do()["already"] for _ in range(2)] == [False, True]
    left = Task(people.JiraDeleteUserOperator, user=person["accountId"])
    assert [left.do()["already"] for _ in range(2)] == [False, True]


def test_groups_that_failed_are_named_and_the_others_are_done(url):
    person = Task(people.JiraCreateUserOperator, email_address="joe@acme.example").do()
    Task(people.JiraCreateGroupOperator, group="real").do()
    task = Task(people.JiraAddUserToGroupOperator, user=person["accountId"], groups=["nowhere", "real"])
    with pytest.raises(AirflowFailException, match="nowhere"):
        task.do()
    assert task.xcoms[FAILED] == ["nowhere"]
    assert Task(people.JiraAddUserToGroupOperator, user=person["accountId"], groups="real").do()["already"]


KINDS = {
    issues.JiraCreateIssueOperator: {"project": "SUP", "issue_type": "Bug", "fields": {"summary": SECRET}},
    issues.JiraUpdateIssueOperator: {"issue": "SUP-1", "fields": {"summary": SECRET}},
    issues.JiraAddCommentOperator: {"issue": "SUP-1", "comment": SECRET},
    issues.JiraTransitionIssueOperator: {"issue": "SUP-1", "to": "Done", "comment": SECRET},
    people.JiraCreateUserOperator: {"email_address": EMAIL},
    people.JiraDeleteUserOperator: {"user": "5b10"},
    people.JiraCreateGroupOperator: {"group": "x"},
    people.JiraDeleteGroupOperator: {"group": "x", "swap_group": "y"},
    people.JiraAddUserToGroupOperator: {"user": "5b10", "groups": ["x"]},
    people.JiraRemoveUserFromGroupOperator: {"user": "5b10", "groups": ["x"]},
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_people_wrote_is_not_among_what_airflow_keeps_of_a_task(kind):
    operator = kind(task_id="do", **KINDS[kind])
    kept = json.dumps({name: getattr(operator, name) for name in operator.template_fields})
    assert SECRET not in kept
    assert EMAIL not in kept
    assert all(hasattr(operator, name) for name in operator.rendered_late)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.__module__.endswith("issues")])
def test_operators_on_issues_lead_to_the_issue(kind):
    assert any(isinstance(link, JiraIssueLink) for link in kind(task_id="do", **KINDS[kind]).operator_extra_links)


def test_what_is_rendered_late_still_makes_a_task_wait_for_the_one_before():
    with DAG("mine", schedule=None):
        before = people.JiraCreateGroupOperator(task_id="before", group="x")
        after = issues.JiraAddCommentOperator(task_id="after", issue="SUP-1", comment=before.output)
    assert after.upstream_task_ids == {"before"}


def test_a_comment_is_for_one_group_or_one_role():
    with pytest.raises(ValueError, match="not both"):
        issues.JiraAddCommentOperator(task_id="do", issue="SUP-1", comment="x", group="a", role="b")


def test_a_missing_connection_fails_at_once(monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_JIRA_ACME")
    with pytest.raises(AirflowFailException, match="no connection 'jira_acme'"):
        create().do()
