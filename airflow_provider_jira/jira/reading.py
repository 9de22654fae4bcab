"""Issues as they are now: from Jira's database by id or key, from its index by JQL.

The index is behind by seconds, now and then by minutes; what was just written is therefore read by id or key
(https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile). Issues that do not exist or may not be seen
are absent in every answer, and Jira does not say which of the two it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from urllib.parse import quote

from airflow_provider_jira.jira import writing_shapes as shapes
from airflow_provider_jira.jira.connection import about
from airflow_provider_jira.jira.errors import JiraIncomplete, JiraProtocolError, JiraRefused
from airflow_provider_jira.jira.part import Part
from airflow_provider_jira.jira.records import IssueNow
from airflow_provider_jira.jira.retry import TRIES
from airflow_provider_jira.jira.searching import SEARCH, Searches, doubts

MOST_PROPERTIES = 5
"""Properties that can be asked for at once."""

AT_A_TIME = 100
"""Issues a bulk fetch, and issues a page of a search that asks for more than ids."""

ISSUE = "/rest/api/3/issue/{issueIdOrKey}"
BULK_FETCH = "/rest/api/3/issue/bulkfetch"


class Reading(Part):
    """Reads issues, and what is kept beside their fields."""

    async def read(self, issue: int | str, fields: Sequence[str], properties: Sequence[str] = ()) -> IssueNow | None:
        """Read one issue from the database.

        :param issue: id or key; a key that it had before does, too
        :param fields: ids of the fields to read
        :param properties: keys of issue properties to read, at most 5
        :returns: the issue with its current key; ``None``: there is none, or it may not be seen
        """
        path = ISSUE.format(issueIdOrKey=quote(str(issue), safe=""))
        params = {"fields": ",".join(_with_key(fields))}
        if properties:
            params["properties"] = ",".join(_few(properties))
        try:
            return await self._connection.call("GET", path, shapes.ISSUE, params=params, endpoint=ISSUE)
        except JiraRefused as refused:
            if refused.status == 404:
                return None
            raise

    async def read_many(
        self, issues: Sequence[int | str], fields: Sequence[str], properties: Sequence[str] = ()
    ) -> tuple[IssueNow, ...]:
        """Read some issues from the database.

        :param issues: ids and keys, any number
        :param fields: ids of the fields to read
        :param properties: keys of issue properties to read, at most 5
        :returns: issues in ascending order of id, each once, with their current keys. Those that do not exist or may
            not be seen are absent
        :raises JiraIncomplete: Jira could not load some issues, several times
        """
        asked = list(dict.fromkeys(str(issue) for issue in issues))
        found: dict[int, IssueNow] = {}
        for start in range(0, len(asked), AT_A_TIME):
            some = await self._some(asked[start : start + AT_A_TIME], fields, properties)
            found.update((issue.id, issue) for issue in some)
        return tuple(found[id_] for id_ in sorted(found))

    async def search(
        self, jql: str, fields: Sequence[str], properties: Sequence[str] = (), *, most: int
    ) -> tuple[IssueNow, ...]:
        """Find issues by JQL, as Jira's index has them.

        :param jql: bounded: Jira refuses to search without a restriction
        :param fields: ids of the fields to read
        :param properties: keys of issue properties to read, at most 5
        :param most: more than so many are not read
        :returns: issues in the order that the JQL asks for, each once
        :raises JqlRefused: Jira does not take the JQL
        :raises JiraIncomplete: Jira warns that its answer may lack something
        """
        body = {"jql": jql, "fields": _with_key(fields), "maxResults": min(most, AT_A_TIME)}
        if properties:
            body["properties"] = _few(properties)
        found: dict[int, IssueNow] = {}
        async with aclosing(Searches(self._connection, shapes.FOUND).pages(body)) as pages:
            async for page in pages:
                found.update((issue.id, issue) for issue in page.issues)
                if len(found) >= most:
                    break
                if told := doubts(page):
                    with about("POST", SEARCH):
                        raise JiraIncomplete(
                            "Jira warns that its answer may lack issues, so nothing follows from what it lacks: "
                            + "; ".join(told)
                        )
        return tuple(found.values())[:most]

    async def newest_number(self, project: str) -> int:
        """Tell the highest number that an issue of a project has, including those that the index does not have yet.

        From the newest issue that a search finds, the next numbers are tried in blocks of a hundred, until a whole
        block shows nothing. Numbers of issues that were deleted, moved away or hidden are not seen; where they leave a
        gap of more than a hundred, what lies behind it is seen as late as the index has it.

        :param project: key of the project, or one that it had before
        :returns: the number in the newest issue's key; 0: the project shows no issue
        :raises JqlRefused: there is no such project, or it may not be seen
        """
        quoted = project.replace("\\", "\\\\").replace('"', '\\"')
        newest = await self.search(f'project = "{quoted}" ORDER BY key DESC', [], most=1)
        highest = 0
        for issue in newest:
            # the project may have been renamed: issues have its current key
            project, highest = _parts(issue.key)
        block = highest
        while found := await self.read_many([f"{project}-{block + at}" for at in range(1, AT_A_TIME + 1)], []):
            # an issue that has moved away shows the key that it has now
            numbers = [number for here, number in (_parts(issue.key) for issue in found) if here == project]
            highest = max([highest, *numbers])
            block += AT_A_TIME
        return highest

    async def _some(self, asked: list[str], fields: Sequence[str], properties: Sequence[str]) -> tuple[IssueNow, ...]:
        body = {"issueIdsOrKeys": asked, "fields": _with_key(fields)}
        if properties:
            body["properties"] = _few(properties)
        for attempt in range(TRIES):
            if attempt:
                await self._connection.before_repeat(attempt)
            answer = await self._connection.call("POST", BULK_FETCH, shapes.ISSUES, body=body)
            if len(answer.issues) > len(asked):
                break
            if not answer.issue_errors:
                return answer.issues
        with about("POST", BULK_FETCH):
            if len(answer.issues) > len(asked):
                raise JiraProtocolError(f"Jira returned {len(answer.issues)} issues where {len(asked)} were asked for.")
            raise JiraIncomplete(
                f"Jira could not load {len(answer.issue_errors or ())} issues of {len(asked)}, {TRIES} times in a row. "
                f"If it stays so, look at these issues in Jira."
            )


def _with_key(fields: Sequence[str]) -> list[str]:
    """Ask for the key, too: a search that is asked for nothing else leaves it out."""
    return list(dict.fromkeys([*fields, "key"]))


def _few(properties: Sequence[str]) -> list[str]:
    if len(properties) > MOST_PROPERTIES:
        raise ValueError(f"{len(properties)} properties: Jira gives at most {MOST_PROPERTIES} at once; ask for fewer.")
    return list(properties)


def _parts(key: str) -> tuple[str, int]:
    """Take an issue key apart into the project's key and the number; number 0 where it is no issue key."""
    project, _, number = key.rpartition("-")
    return project, int(number) if number.isascii() and number.isdigit() else 0
