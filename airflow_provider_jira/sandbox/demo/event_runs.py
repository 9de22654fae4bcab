"""Starts events as ESM's workflows do, over Airflow's REST API, waits for their runs, and says what each did.

What a run did is read from what its ``write`` step left in Airflow; what is *true* is for the checks to say.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec
from rich.console import Console

from airflow_provider_jira.sandbox.demo.rest import ENDED, RestRefused, TooLate
from airflow_provider_jira.sandbox.demo.stage import Stage

_PATIENCE = 300.0
"""Seconds that runs have to end."""

_CALLS = 8
"""How often a run is asked for."""

BY_ITSELF = "asset_triggered__"
"""How the ids begin of runs that Airflow starts because a card began to match."""


class EventRun(msgspec.Struct, frozen=True):
    """One run of an event task.

    :param about: the card and what is special about the run, in words
    :param card: id of the card; ``None`` where the run was started by itself
    """

    dag_id: str
    run_id: str
    about: str
    card: str | None = None


class Ended(msgspec.Struct, frozen=True):
    """How a run ended.

    :param state: ``success`` or ``failed``
    :param did: what it says that it did, or why it could not
    """

    run: EventRun
    state: str
    did: str


def start(stage: Stage, *runs: EventRun) -> tuple[EventRun, ...]:
    """Start runs, one right after the other: the call that the README shows, once for each.

    Not in parallel: SQLite, which keeps this Airflow's database, does not bear many writers, and answers may be errors
    even so. A caller may try again as often as it likes: the run id says which run is meant, so there is no second one.

    :raises RestRefused: Airflow does not take one
    """
    for run in runs:
        attempt = 0
        while not _started(stage, run, attempt):
            attempt += 1
            time.sleep(attempt / 2)
    return runs


def _started(stage: Stage, run: EventRun, attempt: int) -> bool:
    try:
        stage.airflow.rest.trigger(run.dag_id, {"data_card_id": run.card}, run.run_id)
    except (RestRefused, httpx.TransportError) as error:
        told = str(error)
        if attempt and " got 409:" in told:
            return True  # a call before has started it, though its answer did not say so
        if attempt == _CALLS - 1 or (isinstance(error, RestRefused) and " got 5" not in told):
            raise
        return False
    return True


def refusal(stage: Stage, run: EventRun) -> str:
    """Start a run once more under its own id, and return what Airflow says to that."""
    try:
        stage.airflow.rest.trigger(run.dag_id, {"data_card_id": run.card}, run.run_id)
    except RestRefused as refused:
        return str(refused)
    return "started"


def wait_for_itself(stage: Stage, dag_id: str, about: str) -> EventRun:
    """Wait until a run of the DAG has begun that nobody started.

    :raises TooLate: none does
    """
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        for run_id in stage.airflow.rest.runs(dag_id):
            if run_id.startswith(BY_ITSELF):
                return EventRun(dag_id, run_id, about)
        stage.airflow.check()
        time.sleep(0.5)
    raise TooLate(f"After {_PATIENCE:g} s no run of {dag_id} has begun by itself.")


def wait(console: Console, stage: Stage, runs: Sequence[EventRun]) -> list[Ended]:
    """Wait for runs to end, and read what they did.

    :raises TooLate: not all of them end
    """
    rest, until = stage.airflow.rest, time.monotonic() + _PATIENCE
    states: dict[EventRun, str] = {}
    with console.status("") as status:
        while len(states) < len(runs):
            for run in runs:
                if run not in states and (state := rest.run_state(run.dag_id, run.run_id)) in ENDED:
                    states[run] = state
            status.update(f"{len(states)} of {len(runs)} runs have ended …")
            stage.airflow.check()
            if time.monotonic() > until:
                missing = ", ".join(run.run_id for run in runs if run not in states)
                raise TooLate(f"After {_PATIENCE:g} s these runs have not ended: {missing}")
            time.sleep(0.3)
    return [Ended(run, states[run], _did(stage, run, states[run])) for run in runs]


def _did(stage: Stage, run: EventRun, state: str) -> str:
    rest = stage.airflow.rest
    step = "write" if state == "success" else "failed"
    for task in rest.tasks(run.dag_id, run.run_id):
        name = task.task_id.rpartition(".")[2]
        if step == "write" and name == "write":
            return sentence(rest.xcom(run.dag_id, run.run_id, task.task_id, task.map_index))
        if step == "failed" and task.state == "failed" and name != "exception":
            return _why(stage, run, task.task_id, task.map_index)
    return ""


def _why(stage: Stage, run: EventRun, task_id: str, map_index: int) -> str:
    try:
        word = stage.airflow.rest.xcom(run.dag_id, run.run_id, task_id, map_index, key="refusal")
    except RestRefused:
        return f"its task {task_id} was ended from outside"
    return str(word["message"])


def sentence(result: Mapping[str, Any]) -> str:
    """Say what a ``write`` step did.

    :param result: its XCom: ``values``, ``notes``, ``already``
    """
    values, notes = result["values"], " ".join(result["notes"])
    if notes:
        return notes
    if "comments" in values:
        count = int(values["comments"])
        return f"{count} {'comment' if count == 1 else 'comments'} said on {values['key']}"
    if "status" in values:
        return f"{values['key']} is {values['status']}"
    if "key" in values:
        return f"found {values['key']}, made nothing" if result["already"] else f"made {values['key']}"
    return "done"
