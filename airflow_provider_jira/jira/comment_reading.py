"""Reading the comments of many issues: which there are, and what some of them say, together with their properties.

What an issue itself says of its comments may be cut short, and says nothing of properties. So ids come from the issue's
own list, and what has not been read before from the list by ids, up to a thousand at once. A comment that was deleted
in between, or that the account may not see, is absent.

Shapes: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from functools import partial

from airflow_provider_jira.jira import writing_shapes as shapes
from airflow_provider_jira.jira.connection import about
from airflow_provider_jira.jira.errors import JiraProtocolError, JiraRefused
from airflow_provider_jira.jira.paging import until_counted
from airflow_provider_jira.jira.part import Part
from airflow_provider_jira.jira.records import Comment
from airflow_provider_jira.jira.steady import whole

PAGE = 100
"""Comments a page: what Jira gives at most."""

AT_A_TIME = 1000
"""Comments that can be asked for by id at once."""

COMMENTS = "/rest/api/3/issue/{issueIdOrKey}/comment"
COMMENT_LIST = "/rest/api/3/comment/list"


class CommentReading(Part):
    """What can be asked about comments."""

    async def ids(self, issue: int) -> tuple[int, ...]:
        """List the ids of an issue's comments, the oldest first.

        :param issue: issue id; one that does not exist or may not be seen has none
        :raises JiraIncomplete: comments came and went each time that the list was read
        """
        path = COMMENTS.format(issueIdOrKey=issue)
        try:
            found = await whole(self._connection, partial(self.listed, issue), "GET", path, "The list of comments")
        except JiraRefused as refused:
            if refused.status != 404:
                raise
            return ()
        return tuple(found)

    async def listed(self, issue: int) -> AsyncIterator[tuple[int, ...]]:
        """List the ids of an issue's comments, page by page, the oldest first.

        :param issue: issue id
        :raises JiraRefused: the issue does not exist or may not be seen (404)
        :raises ListShifted: the list moved meanwhile
        """
        path = COMMENTS.format(issueIdOrKey=issue)
        async for page in until_counted(partial(self._page, path), lambda one: str(one.id)):
            yield tuple(one.id for one in page)

    async def _page(self, path: str, start: int) -> shapes.CommentPage:
        params = {"orderBy": "created", "startAt": str(start), "maxResults": str(PAGE)}
        return await self._connection.call("GET", path, shapes.COMMENTS, params=params, endpoint=COMMENTS)

    async def with_properties(self, ids: Iterable[int]) -> tuple[Comment, ...]:
        """Read comments by id, together with their properties.

        :param ids: any number
        :returns: in no order; comments that do not exist or may not be seen are absent
        """
        distinct = list(dict.fromkeys(ids))
        found: list[Comment] = []
        for start in range(0, len(distinct), AT_A_TIME):
            found += await self._some(distinct[start : start + AT_A_TIME])
        return tuple(found)

    async def _some(self, ids: list[int]) -> list[Comment]:
        found: dict[int, Comment] = {}
        missing = ids
        while missing:
            answer = await self._connection.call(
                "POST", COMMENT_LIST, shapes.COMMENT_LIST, body={"ids": missing}, params={"expand": "properties"}
            )
            if strangers := {comment.id for comment in answer.values}.difference(missing):
                with about("POST", COMMENT_LIST):
                    raise JiraProtocolError(
                        f"Jira returned {len(strangers)} comments that were not asked for, {min(strangers)} among them."
                    )
            if not answer.values:
                break
            # The answer is a page, and there is no way to ask for its next one but by what it lacks.
            found.update((comment.id, comment.known()) for comment in answer.values)
            missing = [id_ for id_ in missing if id_ not in found]
        return list(found.values())
