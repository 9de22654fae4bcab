"""Event tasks: what the design shows loads as it is written, and what a task needs of ESM can be asked of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.model.event_tasks import EVENT_TASKS, CreateIssue, EventTask
from airflow_provider_jira.model.yaml_file import load_file

HEAD = "connector: acme\njira_conn_id: jira_acme\nesm_conn_id: esm_acme\ndefaults: {owner: iam-team, retries: 2}\n"
DESIGN = """\
event_tasks:
  - id: incident_to_jira           # DAG id: acme__incident_to_jira
    activity: create_issue         # create_issue update_issue add_comment transition_issue
                                   # create_user delete_user create_group delete_group add_user_to_group remove_user_from_group
    card: {template: incident}     # conf carries data_card_id; values straight in conf only with allow_values_in_conf: true
    poll: {filter: "$status$ = '02 - Solving' and $jiraKey$ is null", every: 60}   # optional: start by itself
    attributes:                    # Jira field: ESM attribute
      project: {value: SUP}
      issueType: {value: Bug}
      summary: subject
      description: {source: description, as: markdown}
      Support Team: {source: team}
      reporter: {source: customer.accountId}                   # through a reference
    write_back: {jiraKey: key, jiraUrl: url}                   # ESM attribute: result
    on_completed: {set: {jiraSync: "01 - Sent"}}
    on_exception: {set: {jiraSync: "09 - Failed"}, attribute: provisioningException}
  - id: resolve_in_jira
    activity: transition_issue
    card: {template: incident}
    issue: jiraKey
    to: {source: status, map: {"07 - Solved": Done}}
    via: [In Review]               # hops, where the workflow needs them; never found by trying
    resolution: {source: resolution, map: {Solved: Done}}
  - id: grant
    activity: add_user_to_group
    card: {template: account}
    user: accountId
    groups: {source: groups.groupId}                           # one or several
    membership_failures: membershipFailures                    # the ones that failed; "already a member" is no failure
"""

CARD = {"card": {"template": "incident"}}
SMALLEST: dict[str, dict[str, Any]] = {
    "create_issue": {"attributes": {"project": {"value": "SUP"}, "issueType": {"value": "Bug"}, "summary": "subject"}},
    "update_issue": {"issue": "jiraKey", "attributes": {"summary": "subject"}},
    "add_comment": {"issue": "jiraKey", "comment": "solution"},
    "transition_issue": {"issue": "jiraKey", "to": "status"},
    "create_user": {"email": "email"},
    "delete_user": {"user": "accountId"},
    "create_group": {"name": "name"},
    "delete_group": {"group": "groupId"},
    "add_user_to_group": {"user": "accountId", "groups": "groups.groupId"},
    "remove_user_from_group": {"user": "accountId", "groups": "groups.groupId"},
}


def task(activity: str, **more: Any) -> EventTask:
    written = {"id": "one", "activity": activity, **CARD, **SMALLEST[activity], **more}
    head = yaml.safe_load(HEAD)
    (read,) = Connector.model_validate({**head, "event_tasks": [written]}).event_tasks
    return read


def test_the_designs_definitions_load_as_they_are_written(tmp_path):
    (tmp_path / "acme.yaml").write_text(HEAD + DESIGN, encoding="utf-8")
    loaded = load_file(tmp_path / "acme.yaml")
    assert [str(each) for each in loaded.problems] == []
    assert loaded.broken == ()
    assert loaded.tasks == ()
    assert loaded.connector is not None
    assert loaded.connector.event_tasks == loaded.event_tasks
    create, resolve, grant = loaded.event_tasks
    assert isinstance(create, CreateIssue)
    assert create.project.value == "SUP"
    assert create.issue_type.value == "Bug"
    assert list(create.other_fields()) == ["summary", "description", "Support Team", "reporter"]
    assert create.poll is not None
    assert create.poll.every == timedelta(minutes=1)
    assert create.paths() == ("subject", "description", "team", "customer.accountId")
    assert create.results() == {"jiraKey": "key", "jiraUrl": "url"}
    assert create.written_codes() == ("jiraKey", "jiraUrl", "jiraSync", "provisioningException")
    assert create.attribute_codes() == frozenset(
        ["subject", "description", "team", "customer", "jiraKey", "jiraUrl", "jiraSync", "provisioningException"]
    )
    assert list(resolve.rules()) == ["issue", "to", "resolution"]
    assert resolve.rules()["to"].map == {"07 - Solved": "Done"}
    assert grant.written_codes() == ("membershipFailures",)
    assert loaded.connector.event_settings(create).owner == "iam-team"


def test_every_activity_of_the_design_is_a_kind_of_task():
    assert set(EVENT_TASKS) == set(SMALLEST)
    for activity, kind in EVENT_TASKS.items():
        assert type(task(activity)) is kind


def test_a_task_has_settings_of_its_own():
    head = {
        **yaml.safe_load(HEAD),
        "event_tasks": [{"id": "one", "activity": "delete_user", **CARD, "user": "a", "retries": 0}],
    }
    connector = Connector.model_validate(head)
    assert connector.event_settings(connector.event_tasks[0]).retries == 0
    assert connector.event_settings(connector.event_tasks[0]).owner == "iam-team"


def test_rules_are_named_by_their_place_in_the_definition():
    made = task("update_issue", attributes={"issue": "a", "Support Team": ["b", "c.d"]})
    assert {place: rule.source for place, rule in made.rules().items()} == {
        "issue": ("jiraKey",),
        "attributes.issue": ("a",),
        "attributes.Support Team": ("b", "c.d"),
    }
    assert made.paths() == ("jiraKey", "a", "b", "c.d")


def test_what_was_received_is_read_with_the_source():
    rule = {"source": "subject", "received": "jiraSummary", "conflict": "jira"}
    made = task("update_issue", attributes={"summary": rule}, card={"template": "incident", "key": "number"})
    assert made.paths() == ("jiraKey", "subject", "jiraSummary")
    assert made.attribute_codes() == {"jiraKey", "subject", "jiraSummary", "number"}


@pytest.mark.parametrize(
    ("written", "constants"),
    [
        ({"value": "a"}, ("a",)),
        ({"value": 5}, ("5",)),
        ({"value": 5.0}, ("5",)),
        ({"value": 0.25}, ("0.25",)),
        ({"value": True}, ("true",)),
        ({"value": ["a", 1]}, ("a", "1")),
        ({"source": "a", "map": {"1": 2, "x": "y"}, "default": 3}, ("2", "y", "3")),
    ],
)
def test_constants_are_texts(written, constants):
    assert task("delete_user", user=written).rules()["user"].constants == constants


@pytest.mark.parametrize(
    ("written", "seconds"), [(5, 5), (60, 60), ("5s", 5), ("2m", 120), ("1d", 86400), (86400, 86400)]
)
def test_polling_is_told_in_seconds_or_as_a_duration(written, seconds):
    made = task("delete_user", poll={"filter": "$a$ = 'b'", "every": written})
    assert made.poll is not None
    assert made.poll.every == timedelta(seconds=seconds)


def test_an_activity_that_there_is_not_is_refused_by_the_connector_as_well():
    with pytest.raises(ValidationError, match="activity"):
        Connector.model_validate({**yaml.safe_load(HEAD), "event_tasks": [{"id": "one", "activity": "close_issue"}]})
