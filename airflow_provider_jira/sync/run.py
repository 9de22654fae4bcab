"""One run of a scheduled task: what every step is given.

A step is a function of the run and of what the steps before it returned. What it returns is small and JSON-able
(references, ids, counts, codes), because Airflow keeps it as an XCom; the records themselves wait in the staging
location.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone

from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector, Part, ScheduledTask, dag_id
from airflow_provider_jira.sync.cache import Memory, TaskCache, task_key
from airflow_provider_jira.sync.memories import Loose, Together, together
from airflow_provider_jira.sync.receipts import receipts
from airflow_provider_jira.sync.staging import PlanStaging, Staging, Unreadable
from airflow_provider_jira.sync.state import State


class Stop(Exception):
    """The run must not go on, and trying again cannot help. The text is for the administrator: what, which value, the
    mend."""


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Run:
    """One run of one task.

    :param connector: the definition's connector
    :param task: the definition's task
    :param run_id: Airflow's run id
    :param attempt: which try of the step this is, from 1
    :param jira: how to reach Jira
    :param esm: how to reach ESM
    :param state: where the task's memory is kept
    :param staging: where data waits between the steps
    :param clear_cache: this run counts the cache as empty
    :param accept_removals: this run may mark more records removed than the limit, and after a changed scope
    :param read_everything: this run of an incremental task reads like a full one
    :param default_clear_hours: clear hours (UTC) of tasks that name none
    :param now: the clock
    :param log: where the steps tell what they do
    """

    connector: Connector
    task: ScheduledTask
    run_id: str
    attempt: int
    jira: JiraSettings
    esm: EsmSettings
    state: State
    staging: Staging
    clear_cache: bool = False
    accept_removals: bool = False
    read_everything: bool = False
    default_clear_hours: tuple[int, ...] = (0,)
    now: Callable[[], datetime] = utc_now
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("airflow.task"))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The kinds of records that the task brings in."""
        return self.task.parts

    @property
    def name(self) -> str:
        """The task's DAG id."""
        return dag_id(self.connector.connector, self.task.id)

    @property
    def stamp(self) -> str:
        """The task id on the cards, which is that of the full task where this one is its companion. The connector's
        name is part of it, so that two connectors cannot own one card."""
        return dag_id(self.connector.connector, self.task.stamped)

    @property
    def key(self) -> str:
        """The task's name for texts and folders."""
        return task_key(self.connector.connector, self.task.id)

    @property
    def cache(self) -> TaskCache:
        """The task's memory."""
        return TaskCache(self.state, self.key)

    def together(self, own: Memory) -> Together:
        """Put the task's memory and those of its companions together.

        :param own: the task's own, as read
        """
        others = self.others()
        mine = own.known if own.manifest.place in (None, self.place) else {}
        theirs = (other.known for other in others.values() if other.manifest.place == self.place)
        loose = (pair for key, other in others.items() for pair in self._uncommitted(key, other.manifest.plan))
        return together(mine, theirs, loose)

    @property
    def beside(self) -> tuple[str, ...]:
        """Ids of the tasks that write the same cards: the full task and its companions."""
        tasks = self.connector.scheduled_tasks
        return tuple(task.id for task in tasks if task.stamped == self.task.stamped and task.id != self.task.id)

    def others(self) -> dict[str, Memory]:
        """Read the memories of the tasks that write the same cards, by their keys."""
        keys = (task_key(self.connector.connector, task) for task in self.beside)
        return {key: TaskCache(self.state, key).read() for key in keys}

    def staged_beside(self) -> Iterator[PlanStaging]:
        """Open what the tasks that write the same cards have staged."""
        for key in (task_key(self.connector.connector, task) for task in self.beside):
            for plan in self.staging.plans(key):
                yield self.staging.plan(key, plan)

    def _uncommitted(self, key: str, committed: str | None) -> Iterator[Loose]:
        """Read what a companion has brought in and not committed: its run is under way, or dead."""
        for plan in self.staging.plans(key):
            if plan != committed:
                try:
                    told = list(receipts(self.staging.plan(key, plan)))
                except (Unreadable, FileNotFoundError):
                    continue  # being swept, or damaged: the task itself will say so when it recovers
                began = int(began_at(plan).timestamp())
                yield from (Loose(receipt.id, receipt.digest, began) for receipt in told if not receipt.refused)

    def settled(self, own: Memory) -> frozenset[int]:
        """Tell which comments need not be looked at again, because this task or one beside it has brought them.

        :param own: the task's own memory, as read
        """
        if not any(part.comments for part in self.parts):
            return frozenset()
        mine = own.settled if own.manifest.place == self.place else frozenset[int]()
        keys = (task_key(self.connector.connector, task) for task in self.beside)
        return mine.union(*(TaskCache(self.state, key).settled(self.place) for key in keys))

    @property
    def place(self) -> str:
        """Digest of where records come from and where their cards are: a memory is of one place."""
        targets = (
            text
            for part in self.parts
            for text in (part.name, part.target.template, part.target.key, part.target.task_id_attribute)
        )
        return _digest(self.jira.site, self.esm.base_url, *targets)

    @property
    def scope(self) -> str:
        """Digest of what decides which records the task reads, and which cards it calls its own."""
        targets = (text for part in self.parts for text in (part.name, part.target.template, part.target.key))
        return _digest(self.task.scope(), self.jira.site, self.esm.base_url, *targets)

    @property
    def shape(self) -> str:
        """Digest of the mapping: what cards would say of records that have not changed."""
        rules = (
            f"{part.name} {code} {rule!r}" for part in self.parts for code, rule in sorted(part.attributes.items())
        )
        # A task without comments has the shape that it had before there were any.
        comments = (f"{part.name} {part.comments!r}" for part in self.parts if part.comments)
        return _digest(self.connector.timezone, *rules, *comments)

    def staged(self, plan: str) -> PlanStaging:
        """Open what a plan of this task has staged."""
        return self.staging.plan(self.key, plan)


PLAN_TIME = "%Y%m%dT%H%M%S"
"""How the id of a plan begins."""


def began_at(plan: str) -> datetime:
    """Tell when a run was planned by the id of its plan."""
    return datetime.strptime(plan.partition("-")[0], PLAN_TIME).replace(tzinfo=timezone.utc)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=10).hexdigest()
