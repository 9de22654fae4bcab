"""What the earlier tasks of a run left for this one: XComs of those that succeeded, and which ones failed.

An XCom of a task that was cleared and has not succeeded since is still there (Airflow removes it only when the task
starts again), so the state of a task decides whether its XCom counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PLANNED, REVIEWED, RELATED = "planned", "reviewed", "related"
"""Keys under which plan, review and relate leave all that they found. Their return values are the lists that are mapped
over."""

_MAPPED = re.compile(r"(?P<task>extract|load|load_related)_(?P<index>\d+)")


class NothingHanded(LookupError):
    """A task that this one builds on has left no result. Trying again cannot help."""


class Handed:
    """The run as the running task sees it.

    :param context: Airflow's context
    """

    def __init__(self, context: Any) -> None:
        self._ti = context["ti"]

    def planned(self) -> dict[str, Any]:
        """What plan found."""
        return self._needed("plan", PLANNED)

    def reviewed(self) -> dict[str, Any]:
        """What review found."""
        return self._needed("review", REVIEWED)

    def extracted(self, planned: dict[str, Any]) -> list[dict[str, Any]]:
        """What each extract found, in the order of the partitions.

        :raises NothingHanded: one has left nothing; a read that looks complete and is not would be taken for removals
        """
        count = len(planned["partitions"])
        found = self._at("extract", list(range(count)))
        if len(found) != count:
            raise NothingHanded(
                f"{count - len(found)} of the {count} extract tasks of this run have left nothing. Clear extract "
                "with its downstream tasks, or start a new run."
            )
        return found

    def states(self) -> dict[str, str]:
        """Read the state of every task of this run; mapped ones are called ``load[3]``."""
        answer = self._ti.get_task_states(dag_id=self._ti.dag_id, run_ids=[self._ti.run_id])
        return {_readable(name): str(state) for name, state in answer.get(self._ti.run_id, {}).items()}

    def everything(self) -> Everything:
        """Gather what the tasks that succeeded have left, for the task that runs whatever became of them."""
        states = self.states()
        planned = self._one("plan", PLANNED) if states.get("plan") == "success" else None
        reviewed = self._one("review", REVIEWED) if states.get("review") == "success" else None
        related = self._one("relate", RELATED) if states.get("relate") == "success" else None
        removed = self._one("mark_removed") if states.get("mark_removed") == "success" else None
        return Everything(
            planned=planned,
            extracted=self._succeeded("extract", states, planned),
            reviewed=reviewed,
            loaded=[
                *self._succeeded("load", states, reviewed),
                *self._succeeded("load_related", states, related),
            ],
            related=related,
            removed=removed,
            failed=sorted(name for name, state in states.items() if state == "failed"),
        )

    def _succeeded(self, task: str, states: dict[str, str], before: dict[str, Any] | None) -> list[dict[str, Any]]:
        if before is None:
            return []
        indexes = sorted(
            int(name[len(task) + 1 : -1])
            for name, state in states.items()
            if name.startswith(f"{task}[") and state == "success"
        )
        return self._at(task, indexes)

    def _at(self, task: str, indexes: list[int]) -> list[dict[str, Any]]:
        if not indexes:
            return []
        found = self._ti.xcom_pull(task_ids=[task], map_indexes=indexes)
        return [each for each in found if each is not None]

    def _one(self, task: str, key: str = "return_value") -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._ti.xcom_pull(task_ids=task, key=key, map_indexes=-1)
        return found

    def _needed(self, task: str, key: str) -> dict[str, Any]:
        found = self._one(task, key)
        if found is None:
            raise NothingHanded(
                f"Task {task} of this run has left nothing (XCom {key!r}). Clear {task} with its downstream tasks, "
                "or start a new run."
            )
        return found


@dataclass(frozen=True)
class Everything:
    """All that a run's tasks have left.

    :param loaded: of both waves
    :param related: ``None`` also where there is no second wave
    :param failed: tasks that failed, mapped ones as ``load[3]``
    """

    planned: dict[str, Any] | None
    extracted: list[dict[str, Any]]
    reviewed: dict[str, Any] | None
    loaded: list[dict[str, Any]]
    related: dict[str, Any] | None
    removed: dict[str, Any] | None
    failed: list[str]


def _readable(name: str) -> str:
    """Airflow joins task id and map index with an underscore; our task ids end in no number, so it can be told
    apart."""
    match = _MAPPED.fullmatch(name)
    return f"{match['task']}[{match['index']}]" if match else name
