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
from airflow_provider_jira.jira.paging import ListShifted, until_counted
from airflow_provider_jira.jira.part import Part
from airflow_provider_jira.jira.records import Comment, Visibility
from airflow_provider_jira.jira.steady import whole

PAGE = 100
"""Comments a page: what Jira gives at most."""

AT_A_TIME = 1000
"""Comments that can be asked for by id at once."""

COMMENTS = "/rest/api/3/issue/{issueIdOrKey}/comment"
COMMENT_LIST = "/rest/api/3/comment/list"

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
        path = COMMENTS.format(issueIdOrKey=issue)
        found = await whole(self._connection, partial(self._all, path), "GET", path, "The list of comments")
        return tuple(sorted((one.known() for one in found), key=lambda comment: comment.id))

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

    async def _all(self, path: str) -> AsyncIterator[tuple[shapes.CommentDetails, ...]]:
        ids = [one.id async for page in until_counted(partial(self._page, path), _id) for one in page]
        for start in range(0, len(ids), AT_A_TIME):
            yield await self._with_properties(ids[start : start + AT_A_TIME])

    async def _page(self, path: str, start: int) -> shapes.CommentPage:
        params = {"orderBy": "created", "startAt": str(start), "maxResults": str(PAGE)}
        return await self._connection.call("GET", path, shapes.COMMENTS, params=params, endpoint=COMMENTS)

    async def _with_properties(self, ids: list[int]) -> tuple[shapes.CommentDetails, ...]:
        found: dict[int, shapes.CommentDetails] = {}
        while missing := [id_ for id_ in ids if id_ not in found]:
            # the answer is a page, and there is no way to ask for its next one
            answer = await self._connection.call(
                "POST", COMMENT_LIST, shapes.COMMENT_LIST, body={"ids": missing}, params={"expand": "properties"}
            )
            fresh = {one.id: one for one in answer.values if one.id in missing}
            if not fresh:
                raise ListShifted
            found |= fresh
        return tuple(found[id_] for id_ in ids)


def _id(comment: shapes.CommentDetails) -> str:
    return str(comment.id)
