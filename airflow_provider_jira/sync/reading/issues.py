"""Reading issues: ids by search, the issues by id."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import Field, Issue
from airflow_provider_jira.model.definition import GenericTask
from airflow_provider_jira.model.jql import since_jql, sweep_jql
from airflow_provider_jira.model.mapping import Mapping as CardMapping
from airflow_provider_jira.model.tasks import OVERLAP
from airflow_provider_jira.model.window import lower_bound
from airflow_provider_jira.sync.reading.base import Candidate, Reading, Since, Sweep
from airflow_provider_jira.sync.records import Record
from airflow_provider_jira.sync.run import Run


class IssueReading(Reading):
    """The issues that a JQL finds.

    :param task: the run's task
    """

    def __init__(self, run: Run, task: GenericTask) -> None:
        self._run = run
        self._task = task
        self._key_is_id = task.attributes[task.target.key].source == ("id",)
        self._readable: frozenset[int] | None = None

    async def prove(self, jira: JiraClient) -> None:
        """Have the JQL checked."""
        await jira.check_jql(self._task.jql)

    async def fields(self, jira: JiraClient) -> tuple[Field, ...]:
        """List the site's fields."""
        return await jira.fields()

    def mappings(self, fields: tuple[Field, ...]) -> list[CardMapping]:
        """Compile the mapping."""
        (part,) = self._task.parts
        return [CardMapping.compile(part, fields, self._run.stamp, self._run.connector.timezone)]

    async def sweep(self, jira: JiraClient, since: Since | None) -> Sweep:
        """Search for ids."""
        sweep = Sweep(began=await jira.server_time() if self._task.fetch_type == "incremental" else None)
        jql = sweep_jql(self._task.jql)
        if since is not None:
            zone = _zone((await jira.identify()).time_zone)
            overlap = OVERLAP if self._task.overlap is None else self._task.overlap
            jql = since_jql(self._task.jql, lower_bound(since.watermark, overlap, zone))
        async for page in jira.sweep(jql):
            sweep.ids.update(page.ids)
            sweep.warnings.extend(page.warnings)
        if since is None:
            sweep.approximate = await jira.approximate_count(self._task.jql)
            return sweep
        if again := sorted(since.again - sweep.ids):
            matching = await jira.matching(self._task.jql, again)
            sweep.ids |= matching
            sweep.dropped = tuple(sorted(set(again) - matching))
        return sweep

    async def records(
        self,
        jira: JiraClient,
        ids: Sequence[int],
        swept: Mapping[int, Record],  # noqa: ARG002 - a search for ids reads nothing whole
        fields: Sequence[str],
    ) -> AsyncIterator[Sequence[Record]]:
        """Fetch the issues."""
        async for issues in jira.fetch(ids, fields):
            yield [_record(issue) for issue in issues]

    def number(self, part: int, key: str) -> int:  # noqa: ARG002 - issues have one part
        """Take the key for the issue id, where it is mapped from it."""
        return int(key) if self._key_is_id and key.isdecimal() else 0

    async def judge(self, jira: JiraClient, candidates: Sequence[Candidate], projects: Mapping[int, int]) -> list[str]:
        """Fetch the issues by id, and ask which still match."""
        if self._readable is None:
            self._readable = await jira.readable_projects()
        ids = sorted({candidate.record for candidate in candidates if candidate.record})
        returned = {issue.id async for issues in jira.fetch(ids, ["project"]) for issue in issues}
        matching = await jira.matching(self._task.jql, sorted(returned)) if returned else frozenset()
        return [verdict(one.record, returned, matching, self._readable, projects) for one in candidates]

    def label(self, records: Sequence[int], at: int, count: int) -> str:  # noqa: ARG002 - the ids say more
        """Name the first and the last issue."""
        return f"issues {records[0]} to {records[-1]}" if records else "no issues"


def verdict(
    record: int,
    returned: set[int],
    matching: frozenset[int],
    readable: frozenset[int],
    projects: Mapping[int, int],
) -> str:
    """Judge one candidate; pure, so that its table of cases can be read in the tests.

    :param record: record id, 0 where it is not known
    :param returned: of the candidates, the records that Jira returned by id
    :param matching: of these, the ones that match the JQL now
    :param readable: ids of the projects that can be read
    :param projects: record id -> id of the project it was last seen in
    """
    if record in matching:
        return "kept_matching"
    if record in returned:
        return "out_of_scope"
    if not record:
        return "kept_unconfirmed"
    project = projects.get(record, 0)
    possible = {project} if project else set(projects.values()) - {0}
    if not possible:
        return "kept_unconfirmed"
    return "gone" if possible <= readable else "kept_unreadable"


def _record(issue: Issue) -> Record:
    project = int((issue.fields.get("project") or {}).get("id") or 0)
    return Record(issue.id, issue.key, 0, project, issue.fields)


def _zone(name: str | None) -> tzinfo | None:
    """Find the caller's zone; one that this machine does not know is as good as hidden."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
