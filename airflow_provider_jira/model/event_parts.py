"""What event tasks have around their activity: the card, how they start by themselves, what runs leave on the card."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Optional, Union

from pydantic import AfterValidator, BeforeValidator, Field

from airflow_provider_jira.model.attributes import Model
from airflow_provider_jira.model.eql_condition import Condition
from airflow_provider_jira.model.kinds import CODE_PATTERN, Code, Constant, Place
from airflow_provider_jira.model.problems import shown, wrong
from airflow_provider_jira.model.schedule import duration

SHORTEST_POLL = timedelta(seconds=5)
LONGEST_POLL = timedelta(days=1)


def _every(value: Any) -> Any:
    if isinstance(value, str):
        value = duration(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        value = timedelta(seconds=max(min(value, 10**6), -1))
    elif not isinstance(value, timedelta):
        raise wrong(f"{shown(value)} is no duration", "write seconds, or a number and a unit: 60, 90s, 5m, 2h")
    if value < SHORTEST_POLL:
        raise wrong("polling more often than every 5 seconds is a load on ESM", "write 5 or more")
    if value > LONGEST_POLL:
        raise wrong("polling less often than once a day is no polling", "write 1d or less")
    return value


Every = Annotated[
    timedelta,
    BeforeValidator(
        _every, json_schema_input_type=Union[Annotated[int, Field(ge=5, le=86400)], Annotated[str, Field(min_length=2)]]
    ),
]
"""Seconds, or a duration written ``90s``, ``5m``, ``2h``."""


def _settings(table: dict[str, Any]) -> dict[str, Any]:
    if not table:
        raise wrong("no attribute is set", 'write attribute: value, such as {jiraSync: "01 - Sent"}, or remove set')
    return table


Settings = Annotated[
    dict[Code, Constant],
    AfterValidator(_settings),
    Field(json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": CODE_PATTERN}}),
]
"""ESM attribute -> the constant it gets: text, number, or ``{code: …}`` (see :func:`~.values.fixed`)."""


class EventCard(Model):
    """Which cards the task is about. A run's conf names one of them by ``data_card_id``."""

    template: Place = Field(description="Code of the ESM template", examples=["incident"])
    key: Optional[Code] = Field(
        default=None,
        description="An attribute that holds another value on every card; needed where ESM is reached by its XML Web "
        "API, which cannot write a card by its id",
        examples=["incidentId"],
    )


class Poll(Model):
    """Starts the task by itself for every card that begins to match a condition."""

    filter: Condition = Field(
        description="EQL condition without template, as in ESM's list filters",
        examples=["$status$ = '02 - Solving' and $jiraKey$ is null"],
    )
    every: Every = Field(default=timedelta(seconds=60), description="How often ESM is asked: seconds, or 90s, 5m, 2h")


class OnCompleted(Model):
    """What the card gets when the run is done."""

    set: Settings = Field(description="ESM attribute: value", examples=['{jiraSync: "01 - Sent"}'])


class OnException(Model):
    """What the card gets when the run has failed for good."""

    set: Optional[Settings] = Field(
        default=None, description="ESM attribute: value", examples=['{jiraSync: "09 - Failed"}']
    )
    attribute: Optional[Code] = Field(
        default=None, description="ESM attribute that receives the error's text", examples=["provisioningException"]
    )


def checked_results(table: dict[str, Any]) -> dict[str, Any]:
    """Refuse a ``write_back`` that says nothing."""
    if not table:
        raise wrong("no attribute is named", "write ESM attribute: result, or remove write_back")
    return table


RESULTS = Field(json_schema_extra={"minProperties": 1, "propertyNames": {"pattern": CODE_PATTERN}})
"""What ``write_back`` looks like, for JSON Schema."""
