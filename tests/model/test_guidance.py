"""What the original connector's documentation says of definitions, held here; ``docs/guidance.md`` is the list."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from airflow_provider_jira.model.definition import Connector

HEAD = {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme"}
REMOVED = {"attribute": "status", "value": "5 - Removed"}


def target(template: str) -> dict[str, str]:
    return {"template": template, "folder": "cards", "key": "key", "task_id_attribute": "taskId"}


PARTS: dict[str, dict[str, Any]] = {
    "generic": {"jql": "project = SUP", "target": target("ticket"), "attributes": {"key": "id"}},
    "identity": {"identity": {"target": target("account"), "attributes": {"key": "accountId"}}},
    "access": {"access": {"target": target("entitlement"), "attributes": {"key": "groupId"}}},
}
PARTS["identity_and_access"] = {**PARTS["identity"], **PARTS["access"]}
PEOPLE = ("identity", "access", "identity_and_access")


def task(mapping_type: str, fetch_type: str = "full", **more: Any) -> dict[str, Any]:
    return {
        "id": "one",
        "mapping_type": mapping_type,
        "fetch_type": fetch_type,
        **PARTS[mapping_type],
        **more,
    }


def read(*tasks: dict[str, Any]) -> Connector:
    return Connector.model_validate({**HEAD, "scheduled_tasks": tasks})


@pytest.mark.parametrize("fetch_type", ["Full", "partial", "both", "", None])
def test_a_task_reads_everything_or_what_has_changed_and_nothing_else(fetch_type: Any) -> None:
    for known in ("full", "incremental"):
        assert read(task("generic", known)).scheduled_tasks[0].fetch_type == known
    with pytest.raises(ValidationError, match="fetch_type"):
        read(task("generic", fetch_type))


@pytest.mark.parametrize("mapping_type", PARTS)
def test_every_mapping_type_can_be_read_in_full(mapping_type: str) -> None:
    assert read(task(mapping_type)).scheduled_tasks[0].fetch_type == "full"


@pytest.mark.parametrize("mapping_type", PEOPLE)
def test_people_groups_and_memberships_are_never_read_incrementally(mapping_type: str) -> None:
    with pytest.raises(ValidationError, match="Jira does not tell which people, groups or memberships changed"):
        read(task(mapping_type, "incremental"))


def test_only_a_full_task_may_mark_cards_removed() -> None:
    assert read(task("generic", removed_records=REMOVED)).scheduled_tasks[0].parts[0].removed_records
    with pytest.raises(ValidationError, match="an incremental run reads only what has changed"):
        read(task("generic", "incremental", removed_records=REMOVED))


def test_accounts_entitlements_and_any_other_cards_have_a_removed_status_each() -> None:
    people = task("identity_and_access")
    people["identity"] = {**people["identity"], "removed_records": {"attribute": "accountStatus", "value": "Deleted"}}
    people["access"] = {**people["access"], "removed_records": REMOVED}
    tickets = task("generic", id="two", removed_records={"attribute": "recordStatus", "value": "Gone"})
    marks = {
        part.name: (part.removed_records.attribute, part.removed_records.value)
        for each in read(people, tickets).scheduled_tasks
        for part in each.parts
        if part.removed_records
    }
    assert marks == {
        "accounts": ("accountStatus", "Deleted"),
        "entitlements": ("status", "5 - Removed"),
        "issues": ("recordStatus", "Gone"),
    }


def test_attribute_and_value_of_the_removed_status_have_no_default() -> None:
    for missing in REMOVED:
        given = {key: value for key, value in REMOVED.items() if key != missing}
        with pytest.raises(ValidationError, match=missing):
            read(task("generic", removed_records=given))


def test_two_tasks_of_one_connector_cannot_have_one_name() -> None:
    assert len(read(task("generic"), task("access", id="two")).scheduled_tasks) == 2
    with pytest.raises(ValidationError, match="one"):
        read(task("generic"), task("access"))


def test_a_task_over_issues_needs_a_query() -> None:
    without = task("generic")
    del without["jql"]
    for wrong in (without, {**without, "jql": ""}, {**without, "jql": "  "}):
        with pytest.raises(ValidationError, match="jql"):
            read(wrong)


@pytest.mark.parametrize("mapping_type", PARTS)
def test_which_keys_a_task_has_depends_on_its_mapping_type(mapping_type: str) -> None:
    whole = task(mapping_type)
    assert read(whole)
    for other in PARTS.values():
        foreign = {key: value for key, value in other.items() if key not in whole}
        for key, value in foreign.items():
            with pytest.raises(ValidationError):
                read({**whole, key: value})
    for needed in PARTS[mapping_type]:
        with pytest.raises(ValidationError):
            read({key: value for key, value in whole.items() if key != needed})


def test_a_connector_names_the_connections_that_its_tasks_use() -> None:
    for missing in ("jira_conn_id", "esm_conn_id"):
        with pytest.raises(ValidationError, match=missing):
            Connector.model_validate({key: value for key, value in HEAD.items() if key != missing})
