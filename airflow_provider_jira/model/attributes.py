"""Attribute rules and targets: which Jira value goes into which ESM attribute of which card.

Used by every kind of task alike; what kinds there are is in :mod:`~airflow_provider_jira.model.tasks`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional, Union

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from typing_extensions import Self

from airflow_provider_jira.model.kinds import (
    CODE_PATTERN,
    Code,
    Constant,
    Count,
    Percent,
    Place,
    SourceInput,
    Sources,
    Table,
    Text,
)
from airflow_provider_jira.model.problems import broken_rules, shown, wrong
from airflow_provider_jira.model.rules import attribute_findings


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


class ReferenceRule(Model):
    """Which card an attribute points at: the one whose key attribute has the value that the source gives."""

    template: Place = Field(description="Code of the template of the cards pointed at", examples=["account"])
    key: Code = Field(description="Their ESM attribute that holds the source's value", examples=["accountId"])


_BESIDE_SOURCE = ("as", "map", "default", "when_empty", "reference", "received", "conflict")


class AttributeRule(Model):
    """Where one ESM attribute's value comes from: a Jira source, or a constant."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["source"]}, {"required": ["value"]}],
            "dependentRequired": {key: ["source"] for key in _BESIDE_SOURCE},
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
    reference: Optional[ReferenceRule] = Field(
        default=None, description="The attribute points at another card: the one that has the value as its key"
    )
    received: Optional[Code] = Field(
        default=None,
        description="Attribute that brings the same source as it is: what the card says and did not receive was "
        "changed in ESM, and stays unless Jira has changed as well",
    )
    conflict: Literal["esm", "jira"] = Field(
        default="jira", description="Whose value stays where both sides changed since the last one was received"
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

Fate = Literal["gone", "out_of_scope"]


def _fates(fates: tuple[Fate, ...]) -> tuple[Fate, ...]:
    if not fates:
        raise wrong("the list is empty, so nothing would ever be marked", "name gone, out_of_scope, or both")
    return tuple(dict.fromkeys(fates))


class RemovedRecords(Model):
    """What a card gets when its record is gone from Jira, and how many at once are believed."""

    attribute: Code = Field(description="ESM attribute that gets the value; not mapped", examples=["recordStatus"])
    value: Text = Field(description="What it gets", examples=["5 - Removed"])
    returned_value: Optional[Text] = Field(
        default=None,
        description="What the attribute gets when a record comes back; left out: the card stays marked",
        examples=["1 - Active"],
    )
    on: Annotated[tuple[Fate, ...], AfterValidator(_fates)] = Field(
        default=("gone", "out_of_scope"),
        description="Which records count: gone from Jira (or hidden), or out of what the task reads",
    )
    max_percent: Percent = Field(default=10, description="More than this share of the task's cards is not believed")
    max_count: Count = Field(default=500, description="More cards than this are not believed")
    on_exceeded: Literal["approve", "fail"] = Field(
        default="approve", description="What happens then: ask an administrator in Airflow, or fail the run"
    )


class Comments(Model):
    """Where the comments of an issue go in ESM."""

    attribute: Code = Field(
        description="ESM worklog attribute that gets each comment once, oldest first; not mapped",
        examples=["comments"],
    )
    as_: Annotated[
        Literal["plain", "markdown"], Field(alias="as", description="What the comments' rich text is turned into")
    ] = "plain"
    restricted: Optional[Code] = Field(
        default=None,
        description="Worklog attribute for comments that not everybody may see in Jira; left out: they stay in Jira",
        examples=["internalComments"],
    )

    @property
    def attributes(self) -> tuple[str, ...]:
        """Codes of the worklogs that get comments."""
        return (self.attribute,) if self.restricted is None else (self.attribute, self.restricted)
