"""What an operator is built from: one scheduled task of one connector."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from airflow_provider_jira.model.definition import Connector, ScheduledTask, dag_id


@dataclass(frozen=True)
class Definition:
    """One scheduled task with the connector it belongs to.

    Airflow keeps a mapped operator's arguments as texts in its database. The text of this one is short, and another
    one as soon as anything in the definition changes, so that the change shows as a new version of the DAG.

    :param connector: the connector
    :param task: the task
    """

    connector: Connector
    task: ScheduledTask

    def __str__(self) -> str:
        content = (
            self.connector.model_dump_json(exclude={"scheduled_tasks", "event_tasks"}) + self.task.model_dump_json()
        )
        mark = hashlib.blake2b(content.encode(), digest_size=6).hexdigest()
        return f"{dag_id(self.connector.connector, self.task.id)} {mark}"
