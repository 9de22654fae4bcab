"""From one status to another.

A status is not a field: it changes by a transition, and which ones there are depends on the status that the issue has
and on what the account may do (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_jira.jira import writing_shapes as shapes
from airflow_provider_jira.jira.answers import Needs
from airflow_provider_jira.jira.part import Part
from airflow_provider_jira.jira.records import Transition

TRANSITIONS = "/rest/api/3/issue/{issueIdOrKey}/transitions"

_TO_TRANSITION = Needs("the project permission 'Transition issues'", ("write:jira-work",))


class Transitions(Part):
    """Reads and makes transitions."""

    async def transitions(self, issue: int) -> tuple[Transition, ...]:
        """List the ways out of an issue's current status, with the fields of their screens.

        :param issue: id of the issue
        :returns: in Jira's order; none where the workflow has none, and where the account may not transition issues
        :raises JiraRefused: there is no such issue, or the account may not see it
        """
        path = TRANSITIONS.format(issueIdOrKey=issue)
        params = {"expand": "transitions.fields"}
        answer = await self._connection.call("GET", path, shapes.WAYS_OUT, params=params, endpoint=TRANSITIONS)
        return tuple(way.known() for way in answer.transitions)

    async def transition(
        self,
        issue: int,
        transition_id: str,
        *,
        fields: Mapping[str, Any] | None = None,
        update: Mapping[str, Any] | None = None,
    ) -> None:
        """Take one way out of an issue's current status.

        :param issue: id of the issue
        :param transition_id: as :meth:`transitions` lists it
        :param fields: what to set on its screen
        :param update: field id -> operations, ``{"comment": [{"add": {"body": …}}]}``
        :raises JiraRefused: the way is not open (any more), a field is wrong or not on its screen; 409: somebody took
            another way at the same moment (look again)
        :raises JiraUncertain: nobody knows whether it was done
        """
        body: dict[str, Any] = {"transition": {"id": transition_id}}
        if fields:
            body["fields"] = dict(fields)
        if update:
            body["update"] = dict(update)
        path = TRANSITIONS.format(issueIdOrKey=issue)
        await self._connection.change("POST", path, needs=_TO_TRANSITION, body=body, endpoint=TRANSITIONS, issue=issue)
