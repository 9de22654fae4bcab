"""The text that Airflow keeps of a task: another one when the task or what it shares changes, and only then."""

from __future__ import annotations

from typing import Any

from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.operators.definition import Definition

TASK = {
    "id": "tickets",
    "mapping_type": "generic",
    "fetch_type": "full",
    "jql": "project = SUP",
    "target": {"template": "t", "folder": "f", "key": "k", "task_id_attribute": "i"},
    "attributes": {"k": "id"},
}
DELETE = {"id": "drop", "activity": "delete_user", "card": {"template": "account"}, "user": "accountId"}


def text(**changed: Any) -> str:
    head = {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme"}
    connector = Connector.model_validate({**head, "scheduled_tasks": [TASK], **changed})
    return str(Definition(connector, connector.scheduled_tasks[0]))


def test_a_change_beside_a_task_is_no_new_version_of_its_dag() -> None:
    other = {**TASK, "id": "others"}
    assert text(event_tasks=[DELETE], scheduled_tasks=[TASK, other]) == text()
    assert text(timezone="Europe/Helsinki") != text()
    assert text(scheduled_tasks=[{**TASK, "jql": "project = OPS"}]) != text()
