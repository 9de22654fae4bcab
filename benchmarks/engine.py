"""One run of the engine: its steps in their order, in a process of its own.

What a step returns goes through JSON to the next one, as Airflow keeps it. The shares of a step run one after the
other here; Airflow runs several at a time.
"""

from __future__ import annotations

import cProfile
import json
import logging
import pstats
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from airflow_provider_jira import sync
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.sync import Run, Staging
from benchmarks.child import peak_memory, serve
from benchmarks.state import FolderState

_PROFILED = 60


class Steps:
    """The steps of one run, and how long each took.

    :param run: the run
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.seconds: dict[str, float] = {}

    def finish(self) -> dict[str, Any]:
        """Do all of them; returns the report."""
        run = self._run
        plan = self._step("plan", lambda: sync.plan(run))
        extracted = [self._step("extract", partial(sync.extract, run, part)) for part in plan["partitions"]]
        review = self._step("review", lambda: sync.review(run, plan, extracted))
        if review["approval"]:
            raise RuntimeError(f"the run would wait for an administrator: {review['approval']}")
        loaded = self._load(review["shares"])
        related = None
        if run.task.two_waves:
            related = self._step("relate", lambda: sync.relate(run, plan, review))
            loaded += self._load(related["shares"])
        removed = self._step("mark_removed", lambda: sync.mark_removed(run, plan, review))
        report: dict[str, Any] = self._step(
            "commit", lambda: sync.commit(run, plan, extracted, review, loaded, removed, [], related)
        )
        return report

    def _load(self, shares: list[dict[str, Any]]) -> list[Any]:
        return [self._step("load", partial(sync.load, self._run, share)) for share in shares]

    def _step(self, name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = json.loads(json.dumps(work()))
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
        return result


def run_once(question: dict[str, Any]) -> dict[str, Any]:
    """Do one run.

    :param question: ``connector`` (the definition), ``task`` (its id), ``run_id``, ``jira`` and ``esm`` (addresses),
        ``api``, ``folder``; ``profile`` names a file for the profile, or is empty
    :returns: ``report``, ``seconds`` by step, ``memory`` and ``start_memory`` (before the first step), ``cache`` (bytes
        of each text of the task's own) and ``staging`` (bytes); memory in bytes
    """
    logging.getLogger("airflow.task").addHandler(logging.NullHandler())
    logging.getLogger("airflow.task").propagate = False
    connector = Connector.model_validate(question["connector"])
    folder = Path(question["folder"])
    state = FolderState(folder / "state")
    run = Run(
        connector=connector,
        task=next(task for task in connector.scheduled_tasks if task.id == question["task"]),
        run_id=question["run_id"],
        attempt=1,
        jira=JiraSettings(site=question["jira"], email="robot@acme.example", token="sandbox-token"),
        esm=EsmSettings(base_url=question["esm"], login="webapi", password="sandbox-password", api=question["api"]),
        state=state,
        staging=Staging(folder / "staging"),
    )
    start_memory, steps = peak_memory(), Steps(run)
    profile = question["profile"]
    report = _profiled(steps.finish, Path(profile)) if profile else steps.finish()
    return {
        "report": report,
        "seconds": steps.seconds,
        "memory": peak_memory(),
        "start_memory": start_memory,
        "cache": state.sizes(run.key),
        "staging": sum(path.stat().st_size for path in (folder / "staging" / run.key).rglob("*") if path.is_file()),
    }


def _profiled(work: Callable[[], dict[str, Any]], into: Path) -> dict[str, Any]:
    profile = cProfile.Profile()
    report = profile.runcall(work)
    with into.open("w") as file:
        pstats.Stats(profile, stream=file).sort_stats("tottime").print_stats(_PROFILED)
        pstats.Stats(profile, stream=file).sort_stats("cumulative").print_stats(_PROFILED)
    return report


if __name__ == "__main__":
    serve(run_once)
