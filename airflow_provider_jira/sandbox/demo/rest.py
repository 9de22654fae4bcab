"""Airflow through its public REST API: what a person does in the UI, for the demo and for tests.

Everything is plain polling: Airflow says nothing by itself. Answers that are not a success raise :class:`RestRefused`
with Airflow's own words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import httpx
import msgspec
from typing_extensions import Self

ENDED = frozenset({"success", "failed"})
WAITING = frozenset({"awaiting_input", "deferred"})
"""States of a task that has asked an administrator: the first in Airflow 3.3, the other before."""

_A_PERSON = 3.0
"""Seconds that a person takes at least to read what is asked."""


class RestRefused(RuntimeError):
    """Airflow refused a request, or answered what it should not."""


class TooLate(RuntimeError):
    """Something did not happen in the time it was given."""


class TaskView(msgspec.Struct, frozen=True):
    """One task instance as the REST API shows it.

    :param map_index: -1 for a task that is not mapped
    :param state: Airflow's word; ``None`` before it is scheduled
    :param pid: process id of the process that runs the task's code, while it runs
    :param duration: seconds
    """

    task_id: str
    map_index: int
    state: str | None
    rendered_map_index: str | None = None
    try_number: int = 0
    pid: int | None = None
    duration: float | None = None
    start_date: str | None = None


Watcher = Callable[[str, tuple[TaskView, ...]], None]
"""Called with the run's state and its task instances, each time they are looked at."""


class AirflowRest:
    """One logged-in client of one Airflow.

    :param url: base URL, ``http://127.0.0.1:8080``
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._login = {"username": user, "password": password}
        # Airflow closes a connection after 5 idle seconds, which is when httpx would still take it for a good one.
        limits = httpx.Limits(keepalive_expiry=2)
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False, limits=limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """Send one request to ``/api/v2`` and return its JSON (``None`` where there is none).

        :param path: after ``/api/v2``
        :param arguments: as for :meth:`httpx.Client.request`
        :raises RestRefused: the answer is not a success
        """
        if "Authorization" not in self._http.headers:
            token = self._checked(self._http.post("/auth/token", json=self._login)).json()["access_token"]
            self._http.headers["Authorization"] = f"Bearer {token}"
        answer = self._checked(self._http.request(method, f"/api/v2{path}", **arguments))
        return answer.json() if answer.content else None

    @staticmethod
    def _checked(answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        request = answer.request
        raise RestRefused(f"{request.method} {request.url.path} got {answer.status_code}: {answer.text[:2000]}")

    def healthy(self, components: Sequence[str] = ("metadatabase", "scheduler", "dag_processor")) -> bool:
        """Tell whether the components are all up; asks without a login."""
        try:
            answer = self._http.get("/api/v2/monitor/health", timeout=5)
        except httpx.TransportError:
            return False
        if not answer.is_success:
            return False
        health = answer.json()
        return all((health.get(name) or {}).get("status") == "healthy" for name in components)

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """Read a DAG's details; ``None`` where Airflow does not know it (yet)."""
        try:
            found: dict[str, Any] = self.call("GET", f"/dags/{dag_id}")
        except RestRefused as refused:
            if " got 404: " in str(refused):
                return None
            raise
        return found

    def import_errors(self) -> dict[str, str]:
        """Read what the UI shows as import errors: file -> text."""
        rows = self.call("GET", "/importErrors", params={"limit": 100})["import_errors"]
        return {row["filename"]: row["stack_trace"] for row in rows}

    def wait_for_dag(self, dag_id: str, timeout: float = 60) -> None:
        """Wait until the DAG can be triggered.

        :param timeout: seconds
        :raises TooLate: with the import errors that may be why
        """
        until = time.monotonic() + timeout
        while not ((dag := self.dag(dag_id)) and not dag.get("is_stale") and not dag.get("has_import_errors")):
            if time.monotonic() > until:
                raise TooLate(f"Airflow does not know the DAG {dag_id} after {timeout:g} s: {self.import_errors()}")
            time.sleep(0.5)

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, run_id: str | None = None) -> str:
        """Start a run, as "Trigger" in the UI does, and return its run id."""
        body = {"logical_date": None, "conf": dict(conf or {}), **({"dag_run_id": run_id} if run_id else {})}
        return str(self.call("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Read a run's state."""
        return str(self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def runs(self, dag_id: str) -> dict[str, str]:
        """Read the DAG's runs, the oldest first: run id -> state."""
        rows = self.call("GET", f"/dags/{dag_id}/dagRuns", params={"limit": 100, "order_by": "run_after"})["dag_runs"]
        return {str(row["dag_run_id"]): str(row["state"]) for row in rows}

    def tasks(self, dag_id: str, run_id: str) -> tuple[TaskView, ...]:
        """Read a run's task instances."""
        rows = self.call("GET", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", params={"limit": 1000})
        return msgspec.convert(rows["task_instances"], tuple[TaskView, ...])

    def wait(self, dag_id: str, run_id: str, timeout: float = 300, watcher: Watcher | None = None) -> str:
        """Wait until a run has ended.

        :param timeout: seconds
        :param watcher: shown every look
        :returns: ``success`` or ``failed``
        """
        until = time.monotonic() + timeout
        while True:
            state = self.run_state(dag_id, run_id)
            if watcher:
                watcher(state, self.tasks(dag_id, run_id))
            if state in ENDED:
                return state
            if time.monotonic() > until:
                states = {f"{task.task_id}[{task.map_index}]": task.state for task in self.tasks(dag_id, run_id)}
                raise TooLate(f"{dag_id} {run_id} is still {state} after {timeout:g} s: {states}")
            time.sleep(0.5)

    def wait_for_task(
        self,
        dag_id: str,
        run_id: str,
        task_id: str,
        states: Sequence[str],
        timeout: float = 120,
    ) -> TaskView:
        """Wait until an instance of a task is in one of the states, and return it.

        :param timeout: seconds
        """
        until = time.monotonic() + timeout
        while True:
            seen = [task for task in self.tasks(dag_id, run_id) if task.task_id == task_id]
            for task in seen:
                if task.state in states:
                    return task
            if time.monotonic() > until:
                raise TooLate(f"{task_id} is {[task.state for task in seen]} after {timeout:g} s, not {states}.")
            time.sleep(0.1)

    def xcom(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, key: str = "return_value") -> Any:
        """Read what a task handed on, as the JSON it is."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        return self.call("GET", path, params={"map_index": map_index, "deserialize": False, "stringify": False})[
            "value"
        ]

    def log(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, attempt: int = 1) -> str:
        """Read a task's log as text, one line an event."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{attempt}"
        events = self.call("GET", path, params={"map_index": map_index, "full_content": True})["content"]
        return "\n".join(_as_text(event) for event in events)

    def clear(self, dag_id: str, run_id: str, task_ids: Sequence[str], *, downstream: bool = True) -> int:
        """Clear tasks of a run, as "Clear" in the UI does, and return how many instances will run again."""
        body = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": list(task_ids),
            "include_downstream": downstream,
            "only_failed": False,
            "reset_dag_runs": True,
        }
        return int(self.call("POST", f"/dags/{dag_id}/clearTaskInstances", json=body)["total_entries"])

    def decide(
        self, dag_id: str, run_id: str, task_id: str, option: Literal["Approve", "Reject"], timeout: float = 300
    ) -> None:
        """Answer an approval, as often as Airflow asks, until its task has ended.

        Airflow asks once more when the answer comes within the moment in which the task's process ends: it takes that
        end for the death of the task that the answer has woken, and tries it again, which costs one of its tries. No
        person is so quick, and so this is not, either.

        :param timeout: seconds
        """
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        until = time.monotonic() + timeout
        while True:
            (task,) = [task for task in self.tasks(dag_id, run_id) if task.task_id == task_id]
            if task.state in ENDED:
                return
            if task.state in WAITING and not self.call("GET", path)["response_received"]:
                time.sleep(_A_PERSON)
                self.call("PATCH", path, json={"chosen_options": [option], "params_input": {}})
            if time.monotonic() > until:
                raise TooLate(f"{task_id} is still {task.state} after {timeout:g} s.")
            time.sleep(0.5)


def _as_text(event: Any) -> str:
    """Write one event of a log as a line, and the exceptions it carries by type and message."""
    if not isinstance(event, dict):
        return str(event)
    exceptions = [f"{each['exc_type']}: {each['exc_value']}" for each in event.get("error_detail") or ()]
    return " ".join([str(event.get("level") or ""), str(event.get("event") or ""), *exceptions]).strip()
