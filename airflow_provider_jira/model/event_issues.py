"""Event tasks about issues: make one, set its fields, comment on it, bring it to a status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Optional

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from typing_extensions import Self

from airflow_provider_jira.model.attributes import Model
from airflow_provider_jira.model.event_base import EventTask
from airflow_provider_jira.model.event_parts import RESULTS, checked_results
from airflow_provider_jira.model.event_rules import (
    created_findings,
    field_findings,
    field_key,
    transition_findings,
)
from airflow_provider_jira.model.kinds import Code, Text
from airflow_provider_jira.model.problems import Finding, wrong
from airflow_provider_jira.model.value_rule import OptionalRule, Rule, ValueRule


def _fields(fields: dict[str, Any]) -> dict[str, Any]:
    if not fields:
        raise wrong("no field is mapped", "map at least one Jira field, such as {summary: subject}")
    for name in fields:
        if not name.strip():
            raise wrong("the name of a field is empty", "name a Jira field by id or display name")
    return fields


Fields = Annotated[
    dict[str, Rule],
    AfterValidator(_fields),
    Field(json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": r"\S"}}),
]
"""Jira field by id or display name -> its rule."""


IssueResults = Annotated[dict[Code, Literal["key", "id", "url"]], AfterValidator(checked_results), RESULTS]
"""ESM attribute -> what of a new issue it receives."""


class _IssueFields(EventTask):
    """What tasks have that fill an issue's fields."""

    attributes: Fields = Field(
        description="Jira field by id or display name: ESM attribute",
        examples=["{project: {value: SUP}, issueType: {value: Bug}, summary: subject}"],
    )

    def field_rules(self) -> Mapping[str, ValueRule]:
        """The rules of an issue's fields, by the names that the definition gives them."""
        return self.attributes

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return [*super().findings(), *field_findings(self)]


class CreateIssue(_IssueFields):
    """Make an issue for a card."""

    activity: Literal["create_issue"] = Field(description="What is done in Jira", examples=["create_issue"])
    write_back: Optional[IssueResults] = Field(
        default=None, description="ESM attribute: key, id or url of the issue", examples=["{jiraKey: key}"]
    )
    mark: Optional[Text] = Field(
        default="label",
        description="By what the issue is found again when Jira's answer is lost: label, or the display name or id of "
        "a text field that nothing else writes; null: only by probing the project's newest issues",
    )

    @property
    def project(self) -> ValueRule:
        """The rule of the project's key."""
        return self._rule("project")

    @property
    def issue_type(self) -> ValueRule:
        """The rule of the issue type's name or id."""
        return self._rule("issuetype")

    def other_fields(self) -> dict[str, ValueRule]:
        """The rules of all fields but project and issue type, by the names that the definition gives them."""
        return {name: rule for name, rule in self.attributes.items() if field_key(name) not in ("project", "issuetype")}

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return [*super().findings(), *created_findings(self)]

    def _rule(self, key: str) -> ValueRule:
        return next(rule for name, rule in self.attributes.items() if field_key(name) == key)


class UpdateIssue(_IssueFields):
    """Set fields of an issue."""

    NEEDED = ("issue",)

    activity: Literal["update_issue"] = Field(description="What is done in Jira", examples=["update_issue"])
    issue: Rule = Field(description="Key or id of the issue", examples=["jiraKey"])


class CommentVisibility(Model):
    """Who may read a comment: a group, or who has a project role."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["group"]}, {"required": ["role"]}]})

    group: Optional[Text] = Field(default=None, description="Name of the group", examples=["jira-developers"])
    role: Optional[Text] = Field(default=None, description="Name of the project role", examples=["Developers"])

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.group is None) == (self.role is None):
            found = "neither group nor role is given" if self.group is None else "both group and role are given"
            raise wrong(found, "give one: Jira restricts a comment to one group or one project role")
        return self


class AddComment(EventTask):
    """Comment on an issue."""

    NEEDED = ("issue", "comment")
    RICH = ("comment",)

    activity: Literal["add_comment"] = Field(description="What is done in Jira", examples=["add_comment"])
    issue: Rule = Field(description="Key or id of the issue", examples=["jiraKey"])
    comment: Rule = Field(
        description="The comment's text; of a worklog attribute, every entry that is not in Jira yet",
        examples=["comments"],
    )
    visibility: Optional[CommentVisibility] = Field(
        default=None, description="Who may read the comment in Jira; left out: everybody who may read the issue"
    )


class TransitionIssue(EventTask):
    """Bring an issue to a status."""

    NEEDED = ("issue", "to")
    RICH = ("comment",)
    BOTH_WAYS = ("to",)

    activity: Literal["transition_issue"] = Field(description="What is done in Jira", examples=["transition_issue"])
    issue: Rule = Field(description="Key or id of the issue", examples=["jiraKey"])
    to: Rule = Field(description="Name or id of the status", examples=['{source: status, map: {"07 - Solved": Done}}'])
    via: tuple[Text, ...] = Field(
        default=(), description="Statuses to go through, in order, where the workflow has no direct way"
    )
    resolution: OptionalRule = Field(default=None, description="Name or id of the resolution")
    comment: OptionalRule = Field(default=None, description="A comment that is made once the status is reached")

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return [*super().findings(), *transition_findings(self)]
