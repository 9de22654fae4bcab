"""Making issues and changing them, and what has to be known for it.

Promises that nothing is done twice from here: a change is sent again only where Jira cannot have acted on it (too many
requests, no connection). Where no answer says whether it was done, that is a
:class:`~airflow_provider_jira.jira.errors.JiraUncertain`, and every other error says that it was not done. Jira knows
no key of the caller's that would make a second create harmless, so looking first is the caller's business; the mark
that it can look for travels in the same request as the issue (``properties``, a label among ``fields``).

No more is written to one issue than Jira takes in 2 and in 30 seconds. What Jira says about a change is quoted without
the values that were sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from airflow_provider_jira.jira import writing_shapes as shapes
from airflow_provider_jira.jira.answers import Needs
from airflow_provider_jira.jira.comments import Comments
from airflow_provider_jira.jira.connection import about
from airflow_provider_jira.jira.errors import JiraUncertain
from airflow_provider_jira.jira.reading import ISSUE, Reading
from airflow_provider_jira.jira.records import Created
from airflow_provider_jira.jira.screens import Screens
from airflow_provider_jira.jira.transitions import Transitions

ISSUES = "/rest/api/3/issue"
PROPERTY = "/rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}"

_SCOPES = ("write:jira-work",)
_TO_CREATE = Needs("the project permission 'Create issues'", _SCOPES)
_TO_EDIT = Needs("the project permission 'Edit issues'", _SCOPES)


class Writing(Reading, Screens, Comments, Transitions):
    """Makes and changes issues of one site."""

    async def create(self, fields: Mapping[str, Any], *, properties: Mapping[str, Any] | None = None) -> Created:
        """Make an issue.

        :param fields: field id -> value as Jira encodes it; ``project``, ``issuetype`` and ``summary`` at least
        :param properties: issue properties, written with the issue or not at all
        :raises JiraRefused: Jira does not take it; ``fields`` says what is wrong with which field
        :raises JiraUncertain: nobody knows whether there is an issue now
        """
        body: dict[str, Any] = {"fields": dict(fields)}
        if properties:
            body["properties"] = _listed(properties)
        answer = await self._connection.change("POST", ISSUES, needs=_TO_CREATE, body=body)
        made = self._connection.outcome(answer, ISSUES, shapes.MADE_ISSUE)
        if not made.whole:
            with about("POST", ISSUES, answer):
                raise JiraUncertain(
                    f"Jira made the issue {made.key} and failed in its first transition: look at the issue in Jira."
                )
        return made.known()

    async def edit(
        self,
        issue: int,
        fields: Mapping[str, Any],
        *,
        update: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Change an issue.

        :param issue: id of the issue
        :param fields: field id -> new value as Jira encodes it; ``None`` clears
        :param update: field id -> operations, ``{"labels": [{"add": "x"}]}``; none of the fields in ``fields``
        :param properties: issue properties to set
        :raises JiraRefused: Jira does not take it; ``fields`` says what is wrong with which field; 404: no such issue,
            or not to be seen; 409: it was changed at the same moment (read it again)
        :raises JiraUncertain: nobody knows whether it was done
        """
        body: dict[str, Any] = {}
        if fields:
            body["fields"] = dict(fields)
        if update:
            body["update"] = dict(update)
        if properties:
            body["properties"] = _listed(properties)
        path = ISSUE.format(issueIdOrKey=issue)
        await self._connection.change("PUT", path, needs=_TO_EDIT, body=body, endpoint=ISSUE, issue=issue)

    async def set_property(self, issue: int, key: str, value: Any) -> None:
        """Set an issue property, which nobody sees in Jira.

        :param issue: id of the issue
        :param key: of the property, at most 255 characters
        :param value: any JSON of at most 32,768 characters
        :raises JiraRefused: Jira does not take it; 404: no such issue, or not to be seen
        :raises JiraUncertain: nobody knows whether it was done
        """
        path = PROPERTY.format(issueIdOrKey=issue, propertyKey=quote(key, safe=""))
        await self._connection.change("PUT", path, needs=_TO_EDIT, body=value, endpoint=PROPERTY, issue=issue)


def _listed(properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in properties.items()]
