"""What a definition file holds, once it is read: tasks that can run, tasks that cannot, and every problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from airflow_provider_jira.model.definition import Connector, EventTask, ScheduledTask
from airflow_provider_jira.model.problems import Problem


@dataclass(frozen=True)
class Broken:
    """A task that cannot run but is known by name.

    :param task_id: id of the task
    :param dag_id: id of its DAG
    :param problems: why it cannot run, at least one
    """

    task_id: str
    dag_id: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Loaded:
    """What a definition file holds.

    :param path: the file
    :param connector_id: id of the connector; ``None`` where the file does not tell
    :param connector: the connector with its good tasks; ``None`` where its own keys have a problem
    :param tasks: the scheduled tasks that can run
    :param event_tasks: the event tasks that can run
    :param broken: the tasks that cannot, of either kind, each once; no id of theirs is an id of a task that can
    :param problems: all problems of the file by line, those of ``broken`` and all warnings included
    :param schedules: id of each of ``tasks`` -> line and key of its schedule, or of the task where it has none
    """

    path: Path
    connector_id: str | None = None
    connector: Connector | None = None
    tasks: tuple[ScheduledTask, ...] = ()
    event_tasks: tuple[EventTask, ...] = ()
    broken: tuple[Broken, ...] = ()
    problems: tuple[Problem, ...] = ()
    schedules: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep something from running."""
        return tuple(each for each in self.problems if each.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not."""
        return tuple(each for each in self.problems if each.severity == "warning")
