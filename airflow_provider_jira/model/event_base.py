"""What all event tasks have: a card or values to read, a start, two exits, rules that say where values come from.

What a task needs of ESM are its *rules*: for each argument of its activity, and for each Jira field of an issue, where
the value comes from. Everything after the definition works on rules and paths; only what does the activity asks which
kind of task they came from (:mod:`~airflow_provider_jira.model.event_tasks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Optional

from pydantic import Field, model_validator
from typing_extensions import Self

from airflow_provider_jira.model.attributes import Model
from airflow_provider_jira.model.event_parts import EventCard, OnCompleted, OnException, Poll
from airflow_provider_jira.model.event_rules import event_findings
from airflow_provider_jira.model.kinds import Id, Tag, Text
from airflow_provider_jira.model.problems import Finding, broken_rules
from airflow_provider_jira.model.value_rule import ValueRule

Activity = Literal[
    "create_issue",
    "update_issue",
    "add_comment",
    "transition_issue",
    "create_user",
    "delete_user",
    "create_group",
    "delete_group",
    "add_user_to_group",
    "remove_user_from_group",
]


class EventTask(Model):
    """What all event tasks have.

    :cvar NEEDED: arguments and fields without a value of which the activity cannot be done
    :cvar RICH: arguments that are texts with paragraphs
    :cvar BOTH_WAYS: arguments that a scheduled task can bring back from Jira
    """

    NEEDED: ClassVar[tuple[str, ...]] = ()
    RICH: ClassVar[tuple[str, ...]] = ()
    BOTH_WAYS: ClassVar[tuple[str, ...]] = ()

    id: Id = Field(description="Id of the task; the DAG id is connector__task", examples=["incident_to_jira"])
    activity: Activity = Field(description="What is done in Jira", examples=["create_issue"])
    card: Optional[EventCard] = Field(
        default=None, description="The ESM card that is read and written back to", examples=["{template: incident}"]
    )
    allow_values_in_conf: Annotated[bool, Field(strict=True)] = Field(
        default=False,
        description="Whether a run may be given values instead of a card; they stand in Airflow's database then",
    )
    poll: Optional[Poll] = Field(
        default=None, description="Start by itself for cards that match; left out: only when called"
    )
    on_completed: Optional[OnCompleted] = Field(default=None, description="What the card gets when the run is done")
    on_exception: Optional[OnException] = Field(
        default=None, description="What the card gets when the run has failed for good"
    )
    description: Optional[Text] = Field(default=None, description="What the task is for; shown in Airflow")
    tags: tuple[Tag, ...] = Field(default=(), description="Further tags of the DAG")
    owner: Optional[Text] = Field(default=None, description="Instead of the connector's default")
    retries: Optional[Annotated[int, Field(strict=True, ge=0, le=100)]] = Field(
        default=None, description="Instead of the connector's default"
    )

    def arguments(self) -> dict[str, ValueRule]:
        """The rules of the activity's arguments that are given, by name: ``issue``, ``to``, ``comment``, …"""
        given = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in given if isinstance(value, ValueRule)}

    def field_rules(self) -> Mapping[str, ValueRule]:
        """The rules of an issue's fields, by the names that the definition gives them; none where no issue is made."""
        return {}

    def rules(self) -> dict[str, ValueRule]:
        """All rules by their place in the definition: arguments by name, fields as ``attributes.NAME``."""
        return self.arguments() | {f"attributes.{name}": rule for name, rule in self.field_rules().items()}

    def results(self) -> Mapping[str, str]:
        """What is written back: ESM attribute -> which result of the activity."""
        found: Mapping[str, str] = getattr(self, "write_back", None) or {}
        return found

    def paths(self) -> tuple[str, ...]:
        """Every ESM path that has to be read before the activity can be done, each once."""
        return tuple(dict.fromkeys(path for rule in self.rules().values() for path in rule.paths))

    def written_codes(self) -> tuple[str, ...]:
        """Codes of the attributes of the card that a run may write, each once."""
        failures = getattr(self, "membership_failures", None)
        codes = [*self.results(), *(() if failures is None else (failures,))]
        if self.on_completed is not None:
            codes += self.on_completed.set
        if self.on_exception is not None:
            codes += self.on_exception.set or ()
            codes += () if self.on_exception.attribute is None else (self.on_exception.attribute,)
        return tuple(dict.fromkeys(codes))

    def attribute_codes(self) -> frozenset[str]:
        """Codes of all attributes of the card's own template that the task reads or writes, its key included."""
        key = () if self.card is None or self.card.key is None else (self.card.key,)
        return frozenset((*(path.partition(".")[0] for path in self.paths()), *self.written_codes(), *key))

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return list(event_findings(self))

    @model_validator(mode="after")
    def _check(self) -> Self:
        if errors := [each for each in self.findings() if each.severity == "error"]:
            raise broken_rules(errors)
        return self
