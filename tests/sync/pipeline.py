"""Runs the steps of the engine in their order, as Airflow would, and dies where a story wants it to.

What a step returns goes through JSON on its way to the next one, because Airflow keeps it as an XCom.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from airflow_provider_jira import sync
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector, ScheduledTask
from airflow_provider_jira.sync import MemoryState, Run, Staging, State


class Killed(BaseException):
    """The task's process was killed: nothing of the code may catch this."""


@dataclass
class World:
    """One installation: a task with its memory and staging, and a clock that moves an hour from run to run."""

    connector: Connector
    task: ScheduledTask
    jira: JiraSettings
    esm: EsmSettings
    root: Path
    state: State = field(default_factory=MemoryState)
    time: datetime = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)
    runs: int = 0

    def start(self, **changes: Any) -> Pipeline:
        """Begin a new run."""
        self.runs += 1
        self.time += timedelta(hours=1)
        run = Run(
            connector=self.connector,
            task=self.task,
            run_id=f"manual__{self.runs}",
            attempt=1,
            jira=self.jira,
            esm=self.esm,
            state=self.state,
            staging=Staging(self.root),
            now=lambda: self.time,
            log=logging.getLogger("airflow.task"),
        )
        return Pipeline(replace(run, **changes))

    def run(self, **changes: Any) -> dict[str, Any]:
        """Do a whole run without accident; returns its report."""
        return self.start(**changes).finish()

    def of(self, task_id: str) -> World:
        """Go on with another task of the connector."""
        self.task = next(task for task in self.connector.scheduled_tasks if task.id == task_id)
        return self


@dataclass
class Pipeline:
    """One run. Each property of it is a step's XCom, computed once."""

    run: Run
    xcoms: dict[str, Any] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def step(self, name: str, work: Callable[[Run], Any]) -> Any:
        """Do one step, or take what it returned before."""
        if name not in self.xcoms:
            self.tries[name] = self.tries.get(name, 0) + 1
            result = work(replace(self.run, attempt=self.tries[name]))
            self.xcoms[name] = json.loads(json.dumps(result))
        return self.xcoms[name]

    def plan(self) -> dict[str, Any]:
        return self.step("plan", sync.plan)

    def extract(self) -> list[dict[str, Any]]:
        parts = self.plan()["partitions"]
        return [
            self.step(f"extract.{at}", lambda run, part=part: sync.extract(run, part)) for at, part in enumerate(parts)
        ]

    def review(self) -> dict[str, Any]:
        return self.step("review", lambda run: sync.review(run, self.plan(), self.extract()))

    def load(self) -> list[dict[str, Any]]:
        self.review()
        shares = self.review()["shares"]
        return [
            self.step(f"load.{at}", lambda run, share=share: sync.load(run, share)) for at, share in enumerate(shares)
        ]

    def relate(self) -> dict[str, Any] | None:
        self.load()
        if not self.run.task.two_waves:
            return None
        return self.step("relate", lambda run: sync.relate(run, self.plan(), self.review()))

    def load_related(self) -> list[dict[str, Any]]:
        related = self.relate() or {"shares": []}
        return [
            self.step(f"load_related.{at}", lambda run, share=share: sync.load(run, share))
            for at, share in enumerate(related["shares"])
        ]

    def mark_removed(self) -> dict[str, Any]:
        self.load_related()
        return self.step("mark_removed", lambda run: sync.mark_removed(run, self.plan(), self.review()))

    def commit(self) -> dict[str, Any]:
        """Do the commit with whatever is there, as Airflow does when steps before it failed for good."""

        def have(prefix: str) -> list[Any]:
            return [self.xcoms[name] for name in sorted(self.xcoms) if name.startswith(prefix)]

        return self.step(
            "commit",
            lambda run: sync.commit(
                run,
                self.xcoms.get("plan"),
                have("extract."),
                self.xcoms.get("review"),
                [*have("load."), *have("load_related.")],
                self.xcoms.get("mark_removed"),
                self.failed,
                self.xcoms.get("relate"),
            ),
        )

    def finish(self) -> dict[str, Any]:
        """Do whatever is left to do."""
        self.mark_removed()
        return self.commit()

    def clear(self, *names: str) -> None:
        """Clear tasks and all after them, as an admin does in the UI."""
        for name in [kept for kept in self.xcoms if kept.partition(".")[0] in names]:
            del self.xcoms[name]
