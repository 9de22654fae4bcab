"""A DAG that waits for an issue, which its conf names, to be in progress."""

from __future__ import annotations

from airflow.sdk import DAG, Param

from airflow_provider_jira.sensors.jira import JiraIssueStatusSensor

with DAG("wakes", schedule=None, params={"issue": Param("", type="string")}):
    JiraIssueStatusSensor(
        task_id="in_progress", issue="{{ params.issue }}", category="indeterminate", jira_conn_id="jira_acme",
        poke_interval=5,
    )  # fmt: skip
