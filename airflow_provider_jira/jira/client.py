"""The Jira Cloud client: the few questions that a run asks.

Promises that what it returns was answered by Jira to the account of the connection, whole: a page that is missing, an
issue that Jira could not load, an anonymous answer is an error, never a shorter list. Issues that do not exist or may
not be seen are left out by Jira without a word, and so here: absent does not mean deleted. Everything here reads, so
everything may be sent again; no repeat can do harm. What fails raises a
:class:`~airflow_provider_jira.jira.errors.JiraError`.

Paths and shapes are those of Atlassian's OpenAPI document for the Jira Cloud platform REST API v3
(https://developer.atlassian.com/cloud/jira/platform/rest/v3/).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timezone
from types import TracebackType

import anyio
import httpx
from typing_extensions import Self

from airflow_provider_jira.jira import shapes
from airflow_provider_jira.jira.comment_reading import CommentReading
from airflow_provider_jira.jira.connection import Connection, about
from airflow_provider_jira.jira.errors import JiraIncomplete, JiraProtocolError, JqlRefused
from airflow_provider_jira.jira.people import People
from airflow_provider_jira.jira.people_writing import PeopleWriting
from airflow_provider_jira.jira.records import Field, Identity, IdPage, Issue, Traffic
from airflow_provider_jira.jira.retry import TRIES, Jitter, spread
from airflow_provider_jira.jira.roles import PERMITTED_PROJECTS
from airflow_provider_jira.jira.searching import SEARCH, Searches, doubts
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.jira.side_by_side import end
from airflow_provider_jira.jira.writing import Writing
from airflow_provider_jira.model.jql import JqlBroken, bounded, within

SWEEP_PAGE = 5000
"""Issues a page when only ids are asked for: what Jira gives at most."""

FETCH_CHUNK = 100
"""Issues a bulk fetch; newer sites take more under conditions, all take this many."""

FETCHES_AT_A_TIME = 6
RECONCILED_AT_A_TIME = 50
"""Issues that a search brings up to date in the index before it answers: what Jira takes at most."""

MYSELF = "/rest/api/3/myself"
FIELD = "/rest/api/3/field"
PARSE = "/rest/api/3/jql/parse"
COUNT = "/rest/api/3/search/approximate-count"
BULK_FETCH = "/rest/api/3/issue/bulkfetch"
SERVER_INFO = "/rest/api/3/serverInfo"


class JiraClient:
    """A connection to one Jira Cloud site; use as an async context manager, in one event loop.

    :param settings: how to reach the site, and as whom
    :param transport: what carries requests; for tests
    :param clock: monotonic seconds
    :param sleep: waits for so many seconds
    :param now: aware time of day
    :param jitter: draws a number between two, to spread waiting times
    """

    def __init__(
        self,
        settings: JiraSettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        jitter: Jitter = spread,
    ) -> None:
        self._connection = Connection(settings, transport=transport, clock=clock, sleep=sleep, now=now, jitter=jitter)
        self._fetches: set[asyncio.Task[tuple[Issue, ...]]] = set()
        self._searches = Searches(self._connection, shapes.HITS)
        self._people = People(self._connection)
        self._comments = CommentReading(self._connection)
        self._writing = Writing(self._connection)
        self._people_writing = PeopleWriting(self._connection, self._people)

    @property
    def people(self) -> People:
        """What can be asked about people and groups."""
        return self._people

    @property
    def comments(self) -> CommentReading:
        """What can be asked about the comments of many issues."""
        return self._comments

    @property
    def writing(self) -> Writing:
        """What can be done to issues, and what has to be known for it."""
        return self._writing

    @property
    def people_writing(self) -> PeopleWriting:
        """What can be done to people, groups and memberships."""
        return self._people_writing

    @property
    def traffic(self) -> Traffic:
        """What talking to Jira has cost so far."""
        return self._connection.traffic

    async def __aenter__(self) -> Self:
        await self._connection.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # fetches that their reader has given up may still be under way
        await end(self._fetches)
        await self._people.close()
        await self._connection.close()

    async def identify(self) -> Identity:
        """Learn who the connection is at Jira; every later answer has to be for the same account.

        :raises JiraAuthError: Jira does not know who asks
        """
        me = await self._connection.call("GET", MYSELF, shapes.MYSELF)
        with about("GET", MYSELF):
            self._connection.proof.same(me.account_id)
        return Identity(me.account_id, me.time_zone)

    async def server_time(self) -> datetime:
        """Read Jira's own clock.

        :returns: aware, as late as the answer was written
        :raises JiraProtocolError: Jira tells no time
        """
        answer = await self._connection.call("GET", SERVER_INFO, shapes.SERVER_INFO)
        if (moment := answer.moment()) is None:
            with about("GET", SERVER_INFO):
                raise JiraProtocolError(f"Jira tells a time that is none: {answer.server_time[:40]!r}.")
        return moment

    async def fields(self) -> tuple[Field, ...]:
        """List the site's fields, system and custom ones, in Jira's order."""
        return tuple(field.known() for field in await self._connection.call("GET", FIELD, shapes.FIELDS) if field.id)

    async def check_jql(self, jql: str) -> None:
        """Have a JQL checked: that it restricts anything and can be wrapped; by Jira, its grammar, names and values.

        :raises JqlRefused: it would not be taken; ``messages`` says why
        """
        with about("POST", PARSE):
            try:
                bounded(jql)
            except JqlBroken as broken:
                raise self._connection.judge.jql_refused([str(broken)]) from None
            answer = await self._connection.call(
                "POST", PARSE, shapes.PARSED, body={"queries": [jql]}, params={"validation": "strict"}, about_jql=True
            )
            if len(answer.queries) != 1:
                raise JiraProtocolError(f"Jira judged {len(answer.queries)} queries where one was sent.")
            if errors := answer.queries[0].errors:
                raise self._connection.judge.jql_refused(errors)

    async def sweep(self, jql: str) -> AsyncIterator[IdPage]:
        """List the ids of all issues that match, as Jira's search index has them.

        :param jql: bounded, and ordered so that pages do not shift: ``(…) ORDER BY id ASC``
        :returns: pages of up to 5,000 ids. A page with warnings means that the list may not be whole. An id can come
            twice: a walk whose token was lost starts over
        :raises JqlRefused: Jira does not take the JQL
        """
        async for page in self._searches.pages({"jql": jql, "fields": ["id"], "maxResults": SWEEP_PAGE}):
            yield IdPage(tuple(hit.id for hit in page.issues), doubts(page))

    async def approximate_count(self, jql: str) -> int:
        """Ask how many issues match, roughly. Good for plausibility and progress, never for completeness.

        :param jql: an order in it is left out
        :raises JqlRefused: Jira does not take the JQL
        """
        body = {"jql": bounded(jql)}
        return (await self._connection.call("POST", COUNT, shapes.COUNT, body=body, about_jql=True)).count

    async def fetch(self, ids: Sequence[int], fields: Sequence[str]) -> AsyncIterator[tuple[Issue, ...]]:
        """Read issues by id, a hundred at a time, several requests side by side.

        :param ids: issue ids, any number
        :param fields: ids of the fields to read
        :returns: batches in the order of ``ids``, ascending within a batch. Issues that do not exist or may not be seen
            are absent
        :raises JiraIncomplete: Jira could not load some issues, several times
        """
        distinct = list(dict.fromkeys(ids))
        under_way: deque[asyncio.Task[tuple[Issue, ...]]] = deque()
        try:
            for start in range(0, len(distinct), FETCH_CHUNK):
                task = asyncio.create_task(self._fetch(distinct[start : start + FETCH_CHUNK], list(fields)))
                self._fetches.add(task)
                task.add_done_callback(self._fetches.discard)
                under_way.append(task)
                if len(under_way) == FETCHES_AT_A_TIME:
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            await end(under_way)

    async def matching(self, jql: str, ids: Sequence[int]) -> frozenset[int]:
        """Tell which issues match a JQL now, the index brought up to date for them first.

        :param jql: an order in it is left out
        :param ids: issue ids, any number
        :raises JqlRefused: Jira does not take the JQL
        :raises JiraIncomplete: Jira warns that its answer may lack something
        """
        found: set[int] = set()
        distinct = sorted(set(ids))
        for start in range(0, len(distinct), RECONCILED_AT_A_TIME):
            found |= await self._matching(jql, distinct[start : start + RECONCILED_AT_A_TIME])
        return frozenset(found)

    async def readable_projects(self) -> frozenset[int]:
        """List the ids of the projects whose issues the account may read."""
        body = {"permissions": ["BROWSE_PROJECTS"]}
        answer = await self._connection.call("POST", PERMITTED_PROJECTS, shapes.PROJECTS, body=body)
        return frozenset(project.id for project in answer.projects)

    async def _fetch(self, chunk: list[int], fields: list[str]) -> tuple[Issue, ...]:
        found: dict[int, Issue] = {}
        failed: tuple[int, ...] = ()
        for attempt in range(TRIES):
            if attempt:
                await self._connection.before_repeat(attempt)
            missing = [id_ for id_ in chunk if id_ not in found]
            body = {"issueIdsOrKeys": [str(id_) for id_ in missing], "fields": fields}
            answer = await self._connection.call("POST", BULK_FETCH, shapes.ISSUES, body=body)
            if strangers := {issue.id for issue in answer.issues}.difference(missing):
                with about("POST", BULK_FETCH):
                    raise JiraProtocolError(
                        f"Jira returned {len(strangers)} issues that were not asked for, {min(strangers)} among them."
                    )
            found.update((issue.id, issue) for issue in answer.issues)
            failed = answer.failed(missing=[id_ for id_ in missing if id_ not in found])
            if not failed:
                return tuple(found[id_] for id_ in sorted(found))
        with about("POST", BULK_FETCH):
            raise JiraIncomplete(
                f"Jira could not load {len(failed)} issues of a batch, {TRIES} times in a row (one has the id "
                f"{failed[0]}). If it stays so, look at that issue in Jira, or leave it out by the JQL."
            )

    async def _matching(self, jql: str, ids: list[int]) -> set[int]:
        body = {"jql": within(jql, ids), "fields": ["id"], "maxResults": len(ids), "reconcileIssues": ids}
        try:
            pages = [page async for page in self._searches.pages(body)]
        except JqlRefused:
            return await self._matching_singly(jql, ids)
        if told := [doubt for page in pages for doubt in doubts(page)]:
            with about("POST", SEARCH):
                raise JiraIncomplete(
                    "Jira warns that its answer may lack issues, so nothing follows from what it lacks: "
                    + "; ".join(told)
                )
        return {hit.id for page in pages for hit in page.issues}.intersection(ids)

    async def _matching_singly(self, jql: str, ids: list[int]) -> set[int]:
        """Find out why a query was refused: Jira refuses one that names a single id which does not exist any more."""
        await self.check_jql(jql)
        if len(ids) > 1:
            middle = len(ids) // 2
            return await self._matching(jql, ids[:middle]) | await self._matching(jql, ids[middle:])
        if await self._fetch(ids, ["project"]):
            with about("POST", SEARCH):
                raise self._connection.judge.jql_refused(
                    [f"the query is good by itself, but not together with the existing issue {ids[0]}"]
                )
        return set()
