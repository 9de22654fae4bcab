"""Runs DAGs of the demo through Airflow's scheduler, several at a time, and shows what comes of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from airflow_provider_jira.sandbox.demo.rest import ENDED, RestRefused, TooLate
from airflow_provider_jira.sandbox.demo.show import RunDisplay, report_table
from airflow_provider_jira.sandbox.demo.stage import Stage

_PATIENCE = 300.0
"""Seconds that runs have to end."""

Report = Mapping[str, Any]


class RunFailed(RuntimeError):
    """A run did not end as it should; the message says which, and where its log is."""


def run(console: Console, stage: Stage, title: str, *dag_ids: str) -> dict[str, Report]:
    """Start a run of each DAG at the same time, wait for all of them, and show their reports.

    :param title: what it is about
    :returns: DAG id -> report
    :raises RunFailed: a run failed, or has no report
    """
    airflow = stage.airflow
    console.print(f"\n[bold]{title}[/bold]", highlight=False)
    began = time.monotonic()
    runs = {dag_id: airflow.rest.trigger(dag_id) for dag_id in dag_ids}
    with RunDisplay(console, [_short(dag_id) for dag_id in dag_ids]) as display:
        states = _wait(stage, runs, display)
    airflow.check()
    reports = {dag_id: _report(stage, title, dag_id, run_id, states[dag_id]) for dag_id, run_id in runs.items()}
    shown = {_short(dag_id): report for dag_id, report in reports.items()}
    console.print(report_table(f"Report, {time.monotonic() - began:.0f} s", shown))
    for dag_id, state in states.items():
        if state != "success":
            raise RunFailed(f"{title}: {dag_id} {state}. {_why(stage, dag_id, runs[dag_id])}")
    return reports


def _wait(stage: Stage, runs: Mapping[str, str], display: RunDisplay) -> dict[str, str]:
    until = time.monotonic() + _PATIENCE
    while True:
        states = {}
        for dag_id, run_id in runs.items():
            states[dag_id] = stage.airflow.rest.run_state(dag_id, run_id)
            display.watch(_short(dag_id), states[dag_id], stage.airflow.rest.tasks(dag_id, run_id))
        if all(state in ENDED for state in states.values()):
            return states
        stage.airflow.check()
        if time.monotonic() > until:
            raise TooLate(f"After {_PATIENCE:g} s not every run has ended: {states}")
        time.sleep(0.5)


def _short(dag_id: str) -> str:
    return dag_id.partition("__")[2]


def _report(stage: Stage, title: str, dag_id: str, run_id: str, state: str) -> Report:
    try:
        report: Report = stage.airflow.rest.xcom(dag_id, run_id, "commit")
    except RestRefused as error:
        why = _why(stage, dag_id, run_id)
        raise RunFailed(f"{title}: {dag_id} {state}, without a report. {why}") from error
    return report


def _why(stage: Stage, dag_id: str, run_id: str) -> str:
    rest = stage.airflow.rest
    for task in rest.tasks(dag_id, run_id):
        if task.state == "failed":
            log = rest.log(dag_id, run_id, task.task_id, task.map_index, max(task.try_number, 1))
            return f"{task.task_id} failed:\n" + "\n".join(log.splitlines()[-25:])
    return f"No task failed; Airflow's logs are in {stage.airflow.home / 'logs'}."
