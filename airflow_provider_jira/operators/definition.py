"""What an operator is built from: one task of one connector.

Airflow keeps a mapped operator's arguments as texts in its database. The text of a definition is short, and another
one as soon as anything in the definition changes, so that the change shows as a new version of the DAG.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from airflow_provider_jira.model.definition import Connector, EventTask, ScheduledTask, dag_id

_TASKS = {"scheduled_tasks", "event_tasks"}


@dataclass(frozen=True)
class Definition:
    """One scheduled task with the connector it belongs to.

    :param connector: the connector
    :param task: the task
    """

    connector: Connector
    task: ScheduledTask

    def __str__(self) -> str:
        return _text(self.connector, self.task)


@dataclass(frozen=True)
class EventDefinition:
    """One event task with the connector it belongs to.

    :param connector: the connector
    :param task: the task
    """

    connector: Connector
    task: EventTask

    @property
    def dag_id(self) -> str:
        """Id of the task's DAG."""
        return dag_id(self.connector.connector, self.task.id)

    def __str__(self) -> str:
        return _text(self.connector, self.task)


def _text(connector: Connector, task: ScheduledTask | EventTask) -> str:
    content = connector.model_dump_json(exclude=_TASKS) + task.model_dump_json()
    mark = hashlib.blake2b(content.encode(), digest_size=6).hexdigest()
    return f"{dag_id(connector.connector, task.id)} {mark}"
