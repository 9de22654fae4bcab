"""The kinds of scheduled tasks beside a full one over issues: what they may say, and what is refused with its reason."""

from __future__ import annotations

import copy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from airflow_provider_jira.model.definition import CompanionTask, Connector, GenericTask, PeopleTask
from airflow_provider_jira.model.selection import Names, Users
from airflow_provider_jira.model.yaml_file import Loaded, load_file

FULL = {
    "id": "tickets",
    "mapping_type": "generic",
    "fetch_type": "full",
    "schedule": None,
    "jql": "project = SUP",
    "target": {"template": "jira_issue", "folder": "jira_issues", "key": "jiraId", "task_id_attribute": "taskId"},
    "attributes": {
        "jiraId": "id",
        "assignee": {"source": "assignee.accountId", "reference": {"template": "account", "key": "accountId"}},
    },
    "removed_records": {"attribute": "recordStatus", "value": "5 - Removed"},
}
FRESH = {
    "id": "tickets_fresh",
    "mapping_type": "generic",
    "fetch_type": "incremental",
    "companion_of": "tickets",
    "schedule": "*/10 * * * *",
    "overlap": "20m",
}
BOTH_WAYS = {"source": "summary", "received": "plain"}
PEOPLE = {
    "id": "people",
    "mapping_type": "identity_and_access",
    "fetch_type": "full",
    "users": {"account_types": ["atlassian"], "exclude": ["^svc-"]},
    "groups": {"include": "^(jira|sup)-", "exclude": ["^jira-servicemanagement-"]},
    "project_roles": {"projects": ["SUP"]},
    "identity": {
        "target": {"template": "account", "folder": "accounts", "key": "accountId", "task_id_attribute": "taskId"},
        "attributes": {"accountId": "accountId", "displayName": "displayName"},
        "memberships": "groups",
        "removed_records": {"attribute": "accountStatus", "value": "5 - Removed"},
    },
    "access": {
        "target": {
            "template": "entitlement",
            "folder": "entitlements",
            "key": "groupId",
            "task_id_attribute": "taskId",
        },
        "attributes": {"groupId": "groupId", "name": "name"},
        "removed_records": {"attribute": "status", "value": "5 - Removed"},
    },
}
HEAD = {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme"}


def changed(task: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Change some keys; ``a__b`` reaches into ``a``; ``...`` removes."""
    data = copy.deepcopy(task)
    for name, value in changes.items():
        at, *path = name.split("__")
        where = data
        for step in path:
            where, at = where[at], step
        if value is ...:
            where.pop(at)
        else:
            where[at] = value
    return data


def load(tmp_path: Path, *tasks: dict[str, Any]) -> Loaded:
    file = tmp_path / "acme.yaml"
    file.write_text(yaml.safe_dump({**HEAD, "scheduled_tasks": list(tasks)}, sort_keys=False))
    return load_file(file)


def told(tmp_path: Path, *tasks: dict[str, Any]) -> list[str]:
    return [f"{each.key}: {each.found}; {each.mend}" for each in load(tmp_path, *tasks).problems]


def test_a_companion_takes_what_it_reads_and_writes_from_its_full_task(tmp_path: Path) -> None:
    loaded = load(tmp_path, FRESH, FULL)
    assert loaded.problems == ()
    fresh, full = loaded.tasks
    assert isinstance(fresh, CompanionTask)
    assert isinstance(full, GenericTask)
    assert (fresh.jql, fresh.target, fresh.attributes) == (full.jql, full.target, full.attributes)
    assert (fresh.id, fresh.stamped, full.stamped) == ("tickets_fresh", "tickets", "tickets")
    assert fresh.overlap == timedelta(minutes=20)
    assert fresh.parts[0].removed_records is None


def test_a_connector_that_is_made_at_once_completes_its_companions_too() -> None:
    made = Connector.model_validate({**HEAD, "scheduled_tasks": [FULL, FRESH]})
    assert isinstance(made.scheduled_tasks[1], CompanionTask)
    with pytest.raises(ValueError, match="no good task"):
        Connector.model_validate({**HEAD, "scheduled_tasks": [FRESH]})


@pytest.mark.parametrize(
    ("tasks", "problem"),
    [
        ([FRESH], 'scheduled_tasks[0].companion_of: this connector has no good task "tickets"; '),
        ([changed(FULL, id="ticket"), FRESH], 'no good task "tickets"; did you mean ticket?'),
        ([changed(FULL, jql="("), FRESH], 'scheduled_tasks[1].companion_of: this connector has no good task "tickets"'),
        (
            [changed(FULL, fetch_type="incremental", removed_records=...), FRESH],
            '"tickets" is no task of mapping_type generic and fetch_type full',
        ),
        ([changed(PEOPLE, id="tickets"), FRESH], "is no task of mapping_type generic"),
        ([FRESH, changed(FRESH, id="again", companion_of="tickets_fresh"), FULL], "is no task of mapping_type generic"),
        ([FULL, changed(FRESH, jql="x = 1")], "jql stands beside companion_of, whose task decides it"),
        ([FULL, changed(FRESH, removed_records=FULL["removed_records"])], "removed_records stands beside companion_of"),
        ([FULL, changed(FRESH, comments={"attribute": "comments"})], "comments stands beside companion_of"),
        ([FULL, changed(FRESH, fetch_type="full")], "fetch_type cannot be"),
    ],
)
def test_a_companion_of_nothing_that_could_lead_it_is_refused(
    tmp_path: Path, tasks: list[dict[str, Any]], problem: str
) -> None:
    assert problem in "\n".join(told(tmp_path, *tasks))


def test_a_broken_companion_leaves_its_full_task_whole(tmp_path: Path) -> None:
    loaded = load(tmp_path, FULL, changed(FRESH, companion_of="nothing"))
    assert [task.id for task in loaded.tasks] == ["tickets"]
    assert [each.dag_id for each in loaded.broken] == ["acme__tickets_fresh"]


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        (changed(FULL, fetch_type="incremental"), "removed_records: an incremental run reads only what has changed"),
        (changed(FULL, overlap="5m"), "overlap: a full run reads everything"),
        (changed(FULL, attributes__assignee__format="date"), "a reference is found by a plain key"),
        (changed(FULL, attributes__jiraId={"source": "id", "reference": {"template": "a", "key": "b"}}), "reference"),
        (changed(PEOPLE, fetch_type="incremental"), "Jira does not tell which people, groups or memberships changed"),
        (changed(PEOPLE, identity=...), '"identity" is missing; mapping_type identity_and_access needs it'),
        (changed(PEOPLE, mapping_type="access"), "identity: mapping_type access has no identity"),
        (changed(PEOPLE, mapping_type="identity", access=...), "memberships point at entitlement cards"),
        (
            changed(PEOPLE, mapping_type="identity", access=..., identity__memberships=...),
            "groups has no effect with mapping_type identity",
        ),
        (changed(PEOPLE, mapping_type="access", identity=...), "users has no effect with mapping_type access"),
        (changed(PEOPLE, access__target__template="account"), "both cards of template"),
        (changed(PEOPLE, identity__memberships="displayName"), "is also mapped in attributes"),
        (changed(PEOPLE, identity__memberships="accountStatus"), "also gets the removed status"),
        (changed(PEOPLE, identity__memberships="taskId"), "is the task id attribute"),
        (changed(PEOPLE, identity__attributes__accountId="emailAddress"), "use accountId, the one thing of a person"),
        (changed(PEOPLE, access__attributes__groupId="name"), "use groupId, the one thing of a group"),
        (changed(PEOPLE, identity__removed_records__attribute="displayName"), "is also mapped"),
        (changed(PEOPLE, groups__include="("), "is no regular expression"),
        (changed(PEOPLE, users__account_types=["robots"]), "account_types"),
        (changed(PEOPLE, project_roles={}), "projects"),
        (changed(PEOPLE, jql="x = 1"), "jql is no key of this mapping_type; remove it, or write mapping_type: generic"),
        (changed(FULL, users={}), "users is no key of this mapping_type; remove it, or write mapping_type: identity_"),
        (changed(FULL, removed_records__on=[]), "nothing would ever be marked"),
        (
            changed(FULL, comments={"attribute": "jiraId"}),
            'comments.attribute: attribute "jiraId" is the key of the cards',
        ),
        (
            changed(FULL, comments={"attribute": "taskId"}),
            'comments.attribute: attribute "taskId" is the task id attribute',
        ),
        (changed(FULL, comments={"attribute": "assignee"}), "is also mapped in attributes"),
        (changed(FULL, comments={"attribute": "recordStatus"}), "also gets the removed status"),
        (
            changed(FULL, comments={"attribute": "comments", "restricted": "comments"}),
            'comments.restricted: attribute "comments" already gets the comments that everybody may see',
        ),
        (changed(FULL, comments={"attribute": "comments", "restricted": "assignee"}), "comments.restricted: attribute"),
        (changed(FULL, comments={"attribute": "comments", "as": "html"}), "write one of plain, markdown"),
        (changed(FULL, comments={"attribute": "assignee"}, jql=5), "is also mapped in attributes"),
        (changed(PEOPLE, comments={"attribute": "c"}), "comments is no key of this mapping_type"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(tmp_path: Path, task: dict[str, Any], problem: str) -> None:
    assert problem in "\n".join(told(tmp_path, task))


def test_a_companion_takes_the_comments_of_its_full_task(tmp_path: Path) -> None:
    comments = {"attribute": "comments", "as": "markdown", "restricted": "internalComments"}
    for task in load(tmp_path, changed(FULL, comments=comments), FRESH).tasks:
        (part,) = task.parts
        assert part.comments is not None
        assert (part.comments.attributes, part.comments.as_) == (("comments", "internalComments"), "markdown")
        assert {"comments", "internalComments"} <= part.esm_attributes()


def test_people_have_two_parts_and_entitlements_come_first(tmp_path: Path) -> None:
    (task,) = load(tmp_path, PEOPLE).tasks
    assert isinstance(task, PeopleTask)
    assert [(part.name, part.path, part.memberships) for part in task.parts] == [
        ("entitlements", ("access",), None),
        ("accounts", ("identity",), "groups"),
    ]
    assert task.two_waves
    assert task.parts[1].esm_attributes() == {"accountId", "displayName", "groups", "accountStatus", "taskId"}


def test_cards_that_point_at_cards_of_their_own_template_need_two_waves() -> None:
    assert not GenericTask.model_validate(FULL).two_waves
    parent = {"source": "parent.id", "reference": {"template": "jira_issue", "key": "jiraId"}}
    assert GenericTask.model_validate(changed(FULL, attributes__parent=parent)).two_waves


PERSON = {
    "accountId": "abc",
    "accountType": "atlassian",
    "active": True,
    "displayName": "Aino Virtanen",
    "emailAddress": "aino@acme.example",
}


@pytest.mark.parametrize(
    ("users", "person", "taken"),
    [
        ({}, {}, True),
        ({}, {"accountType": "app"}, False),
        ({}, {"accountType": "customer"}, False),
        ({}, {"accountType": "unknown"}, False),
        ({"account_types": ["atlassian", "app"]}, {"accountType": "app"}, True),
        ({}, {"active": False}, True),
        ({"include_inactive": False}, {"active": False}, False),
        ({"include_inactive": False}, {}, True),
        ({"exclude": ["^svc-"]}, {"displayName": "SVC-backup"}, False),
        ({"exclude": "virta"}, {}, False),
        ({"exclude": ["@acme"]}, {}, False),
        ({"exclude": ["@acme"]}, {"emailAddress": None}, True),
        ({"exclude": ["^abc$"]}, {}, False),
        ({"include": ["@other", "^Aino"]}, {}, True),
        ({"include": ["@other"]}, {}, False),
        ({"include": ["^Aino"], "exclude": ["nen$"]}, {}, False),
        ({"exclude": ["x"]}, {"displayName": None, "emailAddress": ""}, True),
    ],
)
def test_people_are_taken_by_type_activity_and_names(
    users: dict[str, Any], person: dict[str, Any], taken: bool
) -> None:
    assert Users.model_validate(users).take_person({**PERSON, **person}) is taken


@pytest.mark.parametrize(
    ("names", "name", "taken"),
    [
        ({}, "anything", True),
        ({"include": "^(jira|sup)-"}, "jira-users", True),
        ({"include": "^(jira|sup)-"}, "JIRA-users", True),
        ({"include": "^(jira|sup)-"}, "my-jira-users", False),
        ({"exclude": ["^jira-servicemanagement-"]}, "jira-servicemanagement-users", False),
    ],
)
def test_groups_are_taken_by_name(names: dict[str, Any], name: str, taken: bool) -> None:
    assert Names.model_validate(names).take([name]) is taken


def test_the_key_on_needs_no_quotes_where_it_is_meant(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    text = yaml.safe_dump({**HEAD, "scheduled_tasks": [changed(FULL, removed_records__on=["gone"])]}, sort_keys=False)
    assert "'on':" in text
    file.write_text(text.replace("'on':", "on:"))
    (task,) = load_file(file).tasks
    assert isinstance(task, GenericTask)
    assert task.removed_records is not None
    assert task.removed_records.on == ("gone",)
    file.write_text(text.replace("'on':", "on:").replace("removed_records", "removed_record"))
    assert any("without quotes means true" in each.found for each in load_file(file).problems)


def test_a_reference_by_a_persons_name_or_address_is_warned_of(tmp_path: Path) -> None:
    by_mail = {"source": "assignee.emailAddress", "reference": {"template": "account", "key": "email"}}
    loaded = load(tmp_path, changed(FULL, attributes__assignee=by_mail))
    assert len(loaded.tasks) == 1
    (warning,) = loaded.warnings
    assert "looked up by a emailAddress" in str(warning)


def test_an_overlap_longer_than_a_week_is_refused(tmp_path: Path) -> None:
    assert "write 7d or less" in "\n".join(told(tmp_path, FULL, changed(FRESH, overlap="8d")))
    assert told(tmp_path, FULL, changed(FRESH, overlap="7d")) == []


def test_a_returned_value_that_is_the_removed_value_is_refused(tmp_path: Path) -> None:
    assert (
        "would be written in every run"
        in told(tmp_path, changed(FULL, removed_records__returned_value="5 - Removed"))[0]
    )


@pytest.mark.parametrize(
    ("rule", "plain", "told"),
    [
        (BOTH_WAYS, None, 'attribute "plain" is not mapped'),
        (BOTH_WAYS, "status.name", '"plain" does not bring the same source'),
        (BOTH_WAYS, {"source": "summary", "map": {"a": "b"}}, '"plain" does not bring the same source'),
        ({**BOTH_WAYS, "as": "markdown"}, "summary", '"plain" does not bring the same source'),
        ({**BOTH_WAYS, "received": "subject"}, "summary", '"subject" cannot be held against this'),
        ({**BOTH_WAYS, "format": "date"}, "summary", "received compares texts"),
        ({"source": "summary", "conflict": "esm"}, "summary", "conflict needs received"),
        ({"value": "x", "received": "plain"}, "summary", "received stands beside value"),
    ],
)
def test_what_an_attribute_is_held_against_is_the_same_source_as_it_is(rule: Any, plain: Any, told: str) -> None:
    attributes = {"jiraId": "id", "subject": rule} | ({} if plain is None else {"plain": plain})
    with pytest.raises(ValueError, match=told):
        GenericTask.model_validate({**FULL, "attributes": attributes})


def test_a_conflict_is_for_jira_unless_the_rule_says_otherwise() -> None:
    attributes = {"jiraId": "id", "subject": BOTH_WAYS, "plain": "summary"}
    assert GenericTask.model_validate({**FULL, "attributes": attributes}).attributes["subject"].conflict == "jira"
