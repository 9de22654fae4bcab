"""The definition file's models: one connector and its tasks, as an administrator writes them.

A model that exists is right as far as it can be without asking Jira or ESM: names are well-formed, the schedule comes,
the key never changes, no attribute is written by two hands. Whatever is wrong is a ``pydantic.ValidationError`` at the
key to blame; :mod:`~airflow_provider_jira.model.yaml_file` turns these into sentences with file and line.
"""

from __future__ import annotations

from typing import Annotated, Optional, Union

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from typing_extensions import Self

from airflow_provider_jira.model.attributes import (
    AttributeRule,
    Comments,
    Model,
    ReferenceRule,
    RemovedRecords,
    Target,
)
from airflow_provider_jira.model.companions import companion_findings, completed
from airflow_provider_jira.model.event_tasks import AnyEventTask, EventTask
from airflow_provider_jira.model.kinds import ConnectionId, Duration, Id, Text, Zone
from airflow_provider_jira.model.problems import KeyPath, broken_rules
from airflow_provider_jira.model.rules import dag_id, duplicate_findings, length_findings
from airflow_provider_jira.model.tasks import (
    Cache,
    Companion,
    CompanionTask,
    GenericTask,
    Part,
    PeopleTask,
    RefusedRecords,
    ScheduledTask,
    kind_of,
)

__all__ = [
    "AttributeRule",
    "Cache",
    "Comments",
    "CompanionTask",
    "Connector",
    "Defaults",
    "EventTask",
    "GenericTask",
    "Model",
    "Part",
    "PeopleTask",
    "ReferenceRule",
    "RefusedRecords",
    "RemovedRecords",
    "ScheduledTask",
    "Target",
    "dag_id",
]


class Defaults(Model):
    """Airflow settings of the tasks."""

    owner: Optional[Text] = Field(default=None, description="Owner that Airflow shows", examples=["service-desk"])
    retries: Optional[Annotated[int, Field(strict=True, ge=0, le=100)]] = Field(
        default=None, description="How often Airflow tries a failed step again"
    )
    retry_delay: Optional[Duration] = Field(
        default=None, description="How long Airflow waits before that: 90s, 5m, 2h", examples=["5m"]
    )


def _completed(tasks: tuple[ScheduledTask, ...]) -> tuple[ScheduledTask, ...]:
    known = {task.id: task for task in tasks}
    if findings := [found.below(at) for at, task in enumerate(tasks) for found in companion_findings(task, known)]:
        raise broken_rules(findings)
    return completed(tasks)


_Task = Annotated[
    Union[
        Annotated[GenericTask, Tag("GenericTask")],
        Annotated[Companion, Tag("Companion")],
        Annotated[PeopleTask, Tag("PeopleTask")],
    ],
    Discriminator(kind_of),
]


class Connector(Model):
    """One Jira Cloud connection, one ESM connection, and the tasks between them."""

    connector: Id = Field(description="Id of the connector, the same as the file's name", examples=["acme"])
    jira_conn_id: ConnectionId = Field(description="Airflow connection of type jira_cloud", examples=["jira_acme"])
    esm_conn_id: ConnectionId = Field(description="Airflow connection of type efecte_esm", examples=["esm_acme"])
    timezone: Zone = Field(default="UTC", description="IANA time zone of the schedules")
    defaults: Defaults = Field(default=Defaults(), description="Airflow settings of all tasks")
    scheduled_tasks: Annotated[tuple[_Task, ...], AfterValidator(_completed)] = Field(
        default=(), description="Tasks that read Jira and write ESM"
    )
    event_tasks: tuple[AnyEventTask, ...] = Field(default=(), description="Tasks that read an ESM card and write Jira")

    @model_validator(mode="after")
    def _check(self) -> Self:
        ids: list[tuple[KeyPath, str]] = [
            (("scheduled_tasks", at, "id"), task.id) for at, task in enumerate(self.scheduled_tasks)
        ]
        ids += [(("event_tasks", at, "id"), task.id) for at, task in enumerate(self.event_tasks)]
        if findings := [*duplicate_findings(ids), *length_findings(self.connector, ids)]:
            raise broken_rules(findings)
        return self

    def settings(self, task: ScheduledTask) -> Defaults:
        """Airflow settings of a task: its own where it has them, else the connector's.

        :param task: one of the connector's tasks
        """
        return self._with(task.owner, task.retries)

    def event_settings(self, task: EventTask) -> Defaults:
        """Airflow settings of an event task: its own where it has them, else the connector's.

        :param task: one of the connector's event tasks
        """
        return self._with(task.owner, task.retries)

    def _with(self, owner: str | None, retries: int | None) -> Defaults:
        own = {"owner": owner, "retries": retries}
        return self.defaults.model_copy(update={key: value for key, value in own.items() if value is not None})
