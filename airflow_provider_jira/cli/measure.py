"""Asks Jira how much the tasks of a connector read.

Counts are rough and cost little: issues are counted by Jira, people and groups by listing them. What cannot be counted
is left out and said; it never counts as nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from airflow_provider_jira.jira.errors import JiraError
from airflow_provider_jira.model.definition import GenericTask, PeopleTask, ScheduledTask
from airflow_provider_jira.model.planned import kinds
from airflow_provider_jira.model.sizes import Measured

T = TypeVar("T")


class HasType(Protocol):
    """A person, as far as it is counted."""

    @property
    def account_type(self) -> str: ...


class People(Protocol):
    """Lists of people and groups, page by page."""

    def everyone(self) -> AsyncIterator[Sequence[HasType]]: ...

    def groups(self) -> AsyncIterator[Sequence[Any]]: ...


class Site(Protocol):
    """What of a Jira client is needed to measure."""

    @property
    def people(self) -> People: ...

    async def approximate_count(self, jql: str) -> int: ...


@dataclass
class Sizes:
    """What came of measuring.

    ``of`` holds id of the task -> its size, ``why_not`` what could not be measured and why, a sentence each.
    """

    of: dict[str, Measured] = field(default_factory=dict)
    why_not: list[str] = field(default_factory=list)


async def measure(site: Site, tasks: Sequence[ScheduledTask]) -> Sizes:
    """Measure the tasks of one connector; each thing is counted once, however many tasks read it.

    People are counted by account type, as the task chooses them, whether or not they are active; other filters of
    people and groups are not applied, because all of them have to be read to be filtered. A companion has its full
    task's JQL and so its size.

    :param site: the connector's client
    :param tasks: all scheduled tasks of the connector
    """
    found = Sizes()
    wanted = {kind for task in tasks for kind in kinds(task)}
    people = await _try(found, "users", _by_type(site)) if "users" in wanted else None
    groups = await _try(found, "groups", _groups(site)) if "groups" in wanted else None
    queries = {task.jql: task.id for task in reversed(tasks) if isinstance(task, GenericTask)}
    issues = {
        jql: await _try(found, f"issues of {first}", site.approximate_count(jql)) for jql, first in queries.items()
    }
    for task in tasks:
        reads = kinds(task)
        found.of[task.id] = Measured(
            users=_chosen(task, people) if "users" in reads and people is not None else None,
            groups=groups if "groups" in reads else None,
            issues=issues[task.jql] if isinstance(task, GenericTask) else None,
        )
    return found


async def _try(found: Sizes, what: str, count: Coroutine[Any, Any, T]) -> T | None:
    try:
        return await count
    except JiraError as error:
        found.why_not.append(f"Not counted: {what}. {error}")
        return None


async def _by_type(site: Site) -> Counter[str]:
    count: Counter[str] = Counter()
    async for page in site.people.everyone():
        count.update(person.account_type for person in page)
    return count


async def _groups(site: Site) -> int:
    return sum([len(page) async for page in site.people.groups()])


def _chosen(task: ScheduledTask, people: Counter[str]) -> int:
    return sum(people[each] for each in set(task.users.account_types)) if isinstance(task, PeopleTask) else 0
