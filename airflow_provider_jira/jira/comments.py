"""The comments of an issue, with their properties, and new ones.

The list of an issue's comments has no properties, and the one way that gives them wants ids; so both are asked. What
does not fit together is read again: a comment whose properties are not known could be one of our own, and must not be
taken for somebody else's. Comments that the account may not see are absent without a word.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from airflow_provider_jira.jira import writing_shapes as shapes
from airflow_provider_jira.jira.answers import Needs
from airflow_provider_jira.jira.comment_reading import COMMENTS, CommentReading
from airflow_provider_jira.jira.paging import ListShifted
from airflow_provider_jira.jira.part import Part
from airflow_provider_jira.jira.records import Comment, Visibility
from airflow_provider_jira.jira.steady import whole

_TO_COMMENT = Needs("the project permission 'Add comments'", ("write:jira-work",))


class Comments(Part):
    """Reads and writes comments."""

    async def comments(self, issue: int) -> tuple[Comment, ...]:
        """Read all comments of an issue that the account may see.

        :param issue: id of the issue
        :returns: the oldest first
        :raises JiraRefused: there is no such issue, or the account may not see it (404)
        :raises JiraIncomplete: comments came and went each time that the list was read
        """
        walk = partial(self._all, CommentReading(self._connection), issue)
        path = COMMENTS.format(issueIdOrKey=issue)
        return tuple(await whole(self._connection, walk, "GET", path, "The list of comments"))

    async def comment(
        self,
        issue: int,
        body: Mapping[str, Any],
        *,
        visibility: Visibility | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> int:
        """Write a comment.

        :param issue: id of the issue
        :param body: an Atlassian Document
        :param visibility: who alone may read it
        :param properties: kept with the comment, written in the same request
        :returns: id of the comment
        :raises JiraRefused: Jira does not take it: the document, the visibility; 404: no such issue, or not to be seen;
            413: the issue holds as many comments as it can
        :raises JiraUncertain: nobody knows whether it was written
        """
        path = COMMENTS.format(issueIdOrKey=issue)
        sent: dict[str, Any] = {"body": dict(body)}
        if visibility is not None:
            sent["visibility"] = {"type": visibility.type, "identifier": visibility.identifier}
        if properties:
            sent["properties"] = [{"key": key, "value": value} for key, value in properties.items()]
        answer = await self._connection.change(
            "POST", path, needs=_TO_COMMENT, body=sent, endpoint=COMMENTS, issue=issue
        )
        return self._connection.outcome(answer, path, shapes.MADE_COMMENT).id

    async def _all(self, reading: CommentReading, issue: int) -> AsyncIterator[tuple[Comment, ...]]:
        ids = [id_ async for page in reading.listed(issue) for id_ in page]
        found = {comment.id: comment for comment in await reading.with_properties(ids)}
        if len(found) < len(ids):
            raise ListShifted
        yield tuple(found[id_] for id_ in ids)
