"""Waits for Jira: for an issue to reach a status, or for JQL to have results.

An issue is read itself, so that what is seen is so. JQL is answered by Jira's search index, which is usually seconds
late: what is seen was so, what is not yet seen may be so already.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from airflow_provider_jira.hooks.jira import JiraCloudHook
from airflow_provider_jira.triggers.polling import Look, PollingTrigger, Seen, made

if TYPE_CHECKING:
    from airflow_provider_jira.jira.client import JiraClient

MOST_SHOWN = 100
"""How many ids an event carries at most."""

CATEGORIES = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}
"""Jira's status categories by key, with their usual names; keys are the same on every site, in every language."""


class JiraIssueStatusTrigger(PollingTrigger):
    """Waits until an issue has one of some statuses.

    What is seen: ``issue_id``, ``issue_key``, ``issue_status`` (its name), ``issue_category`` (its category's key).

    :param jira_conn_id: id of a connection of type ``jira_cloud``
    :param issue: id or key of the issue
    :param statuses: names (in any case) or ids of statuses
    :param category: key of a status category: ``new``, ``indeterminate`` or ``done``
    :param waiting: ``poke_interval`` and ``deadline`` of :class:`PollingTrigger`
    """

    def __init__(
        self,
        *,
        jira_conn_id: str,
        issue: str | int,
        statuses: Sequence[str] = (),
        category: str | None = None,
        **waiting: Any,
    ) -> None:
        super().__init__(**waiting)
        if category is not None and category not in CATEGORIES:
            raise ValueError(f"category is {category!r}: write {', '.join(CATEGORIES)}, or leave it out")
        if not statuses and category is None:
            raise ValueError("there is no status to wait for: name statuses, or a category")
        self.jira_conn_id = jira_conn_id
        self.issue = issue
        self.statuses = tuple(statuses)
        self.category = category

    @override
    def arguments(self) -> dict[str, Any]:
        return {
            "jira_conn_id": self.jira_conn_id,
            "issue": self.issue,
            "statuses": list(self.statuses),
            "category": self.category,
        }

    @override
    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Look]:
        async with await _client(self.jira_conn_id) as jira:

            async def look() -> Seen | None:
                return await self._seen(jira)

            yield look

    async def _seen(self, jira: JiraClient) -> Seen | None:
        from airflow_provider_jira.jira.errors import JiraRefused  # noqa: PLC0415 - only where something is asked

        found = await jira.writing.read_many([self.issue], ["status"])
        if not found:
            raise JiraRefused(
                f"There is no issue {self.issue}, or the account of the Jira connection may not see it: correct the "
                "issue, or give the account the permission to browse its project."
            )
        issue = found[0]
        status = issue.fields.get("status") or {}
        name, category = str(status.get("name")), str((status.get("statusCategory") or {}).get("key"))
        wanted = {each.casefold() for each in self.statuses}
        if category != self.category and not wanted & {name.casefold(), str(status.get("id"))}:
            return None
        return {"issue_id": issue.id, "issue_key": issue.key, "issue_status": name, "issue_category": category}


class JiraJqlTrigger(PollingTrigger):
    """Waits until JQL has results.

    What is seen: ``issue_ids``, the first of them by id.

    :param jira_conn_id: id of a connection of type ``jira_cloud``
    :param jql: the question; an order in it is left out
    :param at_least: how many issues there have to be
    :param waiting: ``poke_interval`` and ``deadline`` of :class:`PollingTrigger`
    """

    def __init__(self, *, jira_conn_id: str, jql: str, at_least: int = 1, **waiting: Any) -> None:
        super().__init__(**waiting)
        if at_least < 1:
            raise ValueError(f"at_least is {at_least}: write 1 or more")
        self.jira_conn_id = jira_conn_id
        self.jql = jql
        self.at_least = at_least

    @override
    def arguments(self) -> dict[str, Any]:
        return {"jira_conn_id": self.jira_conn_id, "jql": self.jql, "at_least": self.at_least}

    @override
    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Look]:
        async with await _client(self.jira_conn_id) as jira:

            async def look() -> Seen | None:
                return await self._seen(jira)

            yield look

    async def _seen(self, jira: JiraClient) -> Seen | None:
        from airflow_provider_jira.model.jql import sweep_jql  # noqa: PLC0415 - only where something is asked

        # A walk whose token was lost starts over, so an id may come twice.
        found: dict[int, None] = {}
        async for page in jira.sweep(sweep_jql(self.jql)):
            found.update(dict.fromkeys(page.ids))
            if len(found) >= max(self.at_least, MOST_SHOWN):
                break
        return {"issue_ids": list(found)[:MOST_SHOWN]} if len(found) >= self.at_least else None


async def _client(conn_id: str) -> JiraClient:
    return await made(JiraCloudHook(conn_id).client)
