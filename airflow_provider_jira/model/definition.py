"""The definition file's models: one connector and its tasks, as an administrator writes them.

A model that exists is right as far as it can be without asking Jira or ESM: names are well-formed, the schedule comes,
the key never changes, no attribute is written by two hands. Whatever is wrong is a ``pydantic.ValidationError`` at the
key to blame; :mod:`~airflow_provider_jira.model.yaml_file` turns these into sentences with file and line.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional, Union

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from typing_extensions import Self

from airflow_provider_jira.model.kinds import (
    CODE_PATTERN,
    Code,
    ConnectionId,
    Constant,
    Count,
    Duration,
    Hours,
    Id,
    Jql,
    Percent,
    Place,
    Schedule,
    SourceInput,
    Sources,
    Table,
    Tag,
    Text,
    Zone,
)
from airflow_provider_jira.model.problems import broken_rules, shown, wrong
from airflow_provider_jira.model.rules import (
    attribute_findings,
    dag_id,
    duplicate_findings,
    length_findings,
    task_findings,
)

__all__ = [
    "AttributeRule",
    "Cache",
    "Connector",
    "Defaults",
    "Model",
    "RefusedRecords",
    "RemovedRecords",
    "ScheduledTask",
    "Target",
    "dag_id",
]


class Model(BaseModel):
    """Base of every definition model: unknown keys are errors, values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(Model):
    """Where a task's cards live and what finds them."""

    template: Place = Field(description="Code of the ESM template", examples=["jira_issue"])
    folder: Place = Field(description="Code of the ESM folder that gets new cards", examples=["jira_issues"])
    key: Code = Field(
        description="ESM attribute that finds a card again; mapped from something that never changes",
        examples=["jiraId"],
    )
    task_id_attribute: Code = Field(
        description="ESM attribute that the connector stamps with the task's id; nothing else may write it",
        examples=["taskId"],
    )


class AttributeRule(Model):
    """Where one ESM attribute's value comes from: a Jira source, or a constant."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["source"]}, {"required": ["value"]}],
            "dependentRequired": {key: ["source"] for key in ("as", "map", "default", "when_empty")},
        }
    )

    source: Sources = Field(
        default=(),
        description="Jira field by id or display name, with a path into its value (status.name); of several, the first "
        "that has a value",
        examples=["summary"],
    )
    value: Optional[Constant] = Field(default=None, description="A constant, the same for every record")
    as_: Annotated[
        Optional[Literal["plain", "markdown", "html"]],
        Field(alias="as", description="What rich text is turned into"),
    ] = None
    format: Optional[Literal["date", "datetime"]] = Field(default=None, description="Read the value as date or moment")
    map: Optional[Table] = Field(default=None, description="ESM value for each Jira value")
    default: Optional[Constant] = Field(
        default=None, description="ESM value where `map` has none, or where Jira has no value"
    )
    when_empty: Literal["clear", "keep"] = Field(
        default="clear", description="What becomes of the ESM attribute when Jira has no value"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if findings := attribute_findings(self):
            raise broken_rules(findings)
        return self


def _expand(value: Any) -> Any:
    """Write a short form out: a bare source, or a list of them."""
    if isinstance(value, (str, list, tuple)):
        return {"source": value}
    if isinstance(value, (dict, AttributeRule)):
        return value
    if value is None:
        raise wrong("nothing says where the value comes from", "name a Jira field, such as summary")
    raise wrong(f"{shown(value)} is not a Jira source", f"for a constant write {{value: {shown(value)}}}")


def _filled(attributes: dict[str, AttributeRule]) -> dict[str, AttributeRule]:
    if not attributes:
        raise wrong("no attribute is mapped", "map at least the key, such as {jiraId: id}")
    return attributes


Attribute = Annotated[AttributeRule, BeforeValidator(_expand, json_schema_input_type=Union[SourceInput, AttributeRule])]
"""One attribute's rule, or its short form: a source, or a list of sources."""

Attributes = Annotated[
    dict[Code, Attribute],
    AfterValidator(_filled),
    Field(json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": CODE_PATTERN}}),
]
"""ESM attribute -> its rule."""


class RemovedRecords(Model):
    """What a card gets when its record is gone from Jira, and how many at once are believed."""

    attribute: Code = Field(description="ESM attribute that gets the value; not mapped", examples=["recordStatus"])
    value: Text = Field(description="What it gets", examples=["5 - Removed"])
    max_percent: Percent = Field(default=10, description="More than this share of the task's cards is not believed")
    max_count: Count = Field(default=500, description="More cards than this are not believed")
    on_exceeded: Literal["approve", "fail"] = Field(
        default="approve", description="What happens then: ask an administrator in Airflow, or fail the run"
    )


class RefusedRecords(Model):
    """How many records ESM or the mapping may refuse before the run counts as failed."""

    max: Count = Field(default=0, description="More refused records than this end the run as failed")


class Cache(Model):
    """When the task cache counts as empty, so that the next run pushes everything."""

    clear_hours: Optional[Hours] = Field(
        default=None, description="UTC hours, 0 to 23; [] never; left out: Airflow's [jira_connector] cache_clear_hours"
    )


class Defaults(Model):
    """Airflow settings of the tasks."""

    owner: Optional[Text] = Field(default=None, description="Owner that Airflow shows", examples=["service-desk"])
    retries: Optional[Annotated[int, Field(strict=True, ge=0, le=100)]] = Field(
        default=None, description="How often Airflow tries a failed step again"
    )
    retry_delay: Optional[Duration] = Field(
        default=None, description="How long Airflow waits before that: 90s, 5m, 2h", examples=["5m"]
    )


class ScheduledTask(Model):
    """A task that reads Jira on a schedule and writes ESM."""

    id: Id = Field(description="Id of the task; the DAG id is connector__task", examples=["support_tickets"])
    mapping_type: Literal["generic"] = Field(description="generic: issues to one template", examples=["generic"])
    fetch_type: Literal["full"] = Field(description="full: every run reads all that the JQL finds", examples=["full"])
    schedule: Optional[Schedule] = Field(
        default=None, description="Cron expression or preset in the connector's time zone; null: only by hand"
    )
    jql: Jql = Field(description="Which issues", examples=["project = SUP"])
    target: Target = Field(
        description="Where the cards live", examples=["{template: …, folder: …, key: …, task_id_attribute: …}"]
    )
    attributes: Attributes = Field(
        description="ESM attribute: Jira source", examples=["{jiraId: id, subject: summary}"]
    )
    removed_records: Optional[RemovedRecords] = Field(
        default=None, description="What cards get whose record is gone from Jira; left out: nothing is marked"
    )
    refused_records: RefusedRecords = RefusedRecords()
    cache: Cache = Cache()
    description: Optional[Text] = Field(default=None, description="What the task is for; shown in Airflow")
    tags: tuple[Tag, ...] = Field(default=(), description="Further tags of the DAG")
    owner: Optional[Text] = Field(default=None, description="Instead of the connector's default")
    retries: Optional[Annotated[int, Field(strict=True, ge=0, le=100)]] = Field(
        default=None, description="Instead of the connector's default"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if errors := [each for each in task_findings(self) if each.severity == "error"]:
            raise broken_rules(errors)
        return self

    def esm_attributes(self) -> frozenset[str]:
        """Codes of all ESM attributes that the task touches: mapped, task id, removed status."""
        removed = () if self.removed_records is None else (self.removed_records.attribute,)
        return frozenset((*self.attributes, self.target.task_id_attribute, *removed))


class Connector(Model):
    """One Jira Cloud connection, one ESM connection, and the tasks between them."""

    connector: Id = Field(description="Id of the connector, the same as the file's name", examples=["acme"])
    jira_conn_id: ConnectionId = Field(description="Airflow connection of type jira_cloud", examples=["jira_acme"])
    esm_conn_id: ConnectionId = Field(description="Airflow connection of type efecte_esm", examples=["esm_acme"])
    timezone: Zone = Field(default="UTC", description="IANA time zone of the schedules")
    defaults: Defaults = Field(default=Defaults(), description="Airflow settings of all tasks")
    scheduled_tasks: tuple[ScheduledTask, ...] = Field(default=(), description="Tasks that read Jira and write ESM")

    @model_validator(mode="after")
    def _check(self) -> Self:
        ids = [(("scheduled_tasks", at, "id"), task.id) for at, task in enumerate(self.scheduled_tasks)]
        if findings := [*duplicate_findings(ids), *length_findings(self.connector, ids)]:
            raise broken_rules(findings)
        return self

    def settings(self, task: ScheduledTask) -> Defaults:
        """Airflow settings of a task: its own where it has them, else the connector's.

        :param task: one of the connector's tasks
        """
        own = {"owner": task.owner, "retries": task.retries}
        return self.defaults.model_copy(update={key: value for key, value in own.items() if value is not None})
