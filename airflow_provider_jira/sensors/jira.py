"""Sensors on Jira: an issue's status, the results of JQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_jira.sensors.polling import PollingSensor
from airflow_provider_jira.triggers.jira import JiraIssueStatusTrigger, JiraJqlTrigger


class JiraIssueStatusSensor(PollingSensor):
    """Waits until an issue has one of some statuses.

    XCom: ``issue_id``, ``issue_key``, ``issue_status``, ``issue_category``.

    :param issue: id or key of the issue (templated)
    :param statuses: names, in any case, or ids of statuses; one of them is enough (templated)
    :param category: key of a status category: ``new``, ``indeterminate`` or ``done``; the same on every site and in
        every language (templated)
    :param jira_conn_id: id of a connection of type ``jira_cloud`` (templated)
    :param arguments: as for :class:`~airflow_provider_jira.sensors.polling.PollingSensor`
    """

    template_fields: Sequence[str] = ("issue", "statuses", "category", "jira_conn_id")

    def __init__(
        self,
        *,
        issue: str | int,
        statuses: str | Sequence[str] = (),
        category: str | None = None,
        jira_conn_id: str = "jira_default",
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self.issue = issue
        self.statuses = statuses
        self.category = category
        self.jira_conn_id = jira_conn_id

    def trigger(self, **waiting: Any) -> JiraIssueStatusTrigger:
        """Make the trigger that asks."""
        return JiraIssueStatusTrigger(
            jira_conn_id=self.jira_conn_id,
            issue=self.issue,
            statuses=[self.statuses] if isinstance(self.statuses, str) else self.statuses,
            category=self.category,
            **waiting,
        )


class JiraJqlSensor(PollingSensor):
    """Waits until JQL has results, as Jira's search index knows them (which is usually seconds late).

    XCom: ``issue_ids``, the first hundred by id.

    :param jql: the question (templated)
    :param at_least: how many issues there have to be
    :param jira_conn_id: id of a connection of type ``jira_cloud`` (templated)
    :param arguments: as for :class:`~airflow_provider_jira.sensors.polling.PollingSensor`
    """

    template_fields: Sequence[str] = ("jql", "jira_conn_id")

    def __init__(self, *, jql: str, at_least: int = 1, jira_conn_id: str = "jira_default", **arguments: Any) -> None:
        super().__init__(**arguments)
        self.jql = jql
        self.at_least = at_least
        self.jira_conn_id = jira_conn_id

    def trigger(self, **waiting: Any) -> JiraJqlTrigger:
        """Make the trigger that asks."""
        return JiraJqlTrigger(jira_conn_id=self.jira_conn_id, jql=self.jql, at_least=self.at_least, **waiting)
