"""From definitions to what advice looks at, and from advice to lines of definition files.

Tasks of people are read by the names of their parts (``users``, ``groups``, ``identity``, ``access``), so that a
definition without them is read as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from airflow_provider_jira.model.advice import (
    Advice,
    Kind,
    Owned,
    Planned,
    companion_advice,
    shared_advice,
    size_advice,
)
from airflow_provider_jira.model.definition import Connector, ScheduledTask
from airflow_provider_jira.model.jql import condition, tokens
from airflow_provider_jira.model.problems import Problem
from airflow_provider_jira.model.together import same_minute_advice, together_advice
from airflow_provider_jira.model.yaml_file import Loaded

_PARTS: dict[str, tuple[tuple[str, Kind], ...]] = {
    "identity": (("identity", "users"),),
    "access": (("access", "groups"),),
    "identity_and_access": (("identity", "users"), ("access", "groups")),
}
"""Mapping type -> the task's keys that have a target, and the filters of the records that go there."""

_OWNS_NOTHING = frozenset({"incremental"})


def planned(connector: Connector) -> tuple[Planned, ...]:
    """Take from a connector what advice needs to know.

    :param connector: its definition
    """
    return tuple(
        Planned(
            connector=connector.connector,
            task=task.id,
            fetch_type=task.fetch_type,
            schedule=task.schedule,
            timezone=connector.timezone,
            companion_of=getattr(task, "companion_of", None),
            owned=_owned(connector, task),
        )
        for task in connector.scheduled_tasks
    )


def kinds(task: ScheduledTask) -> tuple[Kind, ...]:
    """Say what a task reads.

    :param task: a scheduled task
    """
    return tuple(kind for _, kind in _PARTS.get(task.mapping_type, ())) or ("issues",)


def jql_text(jql: str) -> str:
    """Write JQL so that two spellings of the same text are one: no order, blanks and case only where they count.

    :param jql: a condition that can be read, with or without an order
    """
    pieces = [each for each in tokens(condition(jql)) if each.kind != "space"]
    return " ".join(each.text if each.kind == "quoted" else each.text.casefold() for each in pieces)


def advice_beforehand(tasks: Sequence[Planned]) -> list[Advice]:
    """Give all the advice that needs no measuring.

    :param tasks: scheduled tasks of all connectors
    """
    return [
        *size_advice(tasks, {}),
        *companion_advice(tasks),
        *shared_advice(tasks),
        *same_minute_advice(tasks),
        *together_advice(tasks, {}),
    ]


def advice_problems(files: Iterable[Loaded]) -> list[Problem]:
    """Give the same advice as warnings at the lines of schedules; hints are left out.

    This takes long for a DAG processor: it is no part of loading.

    :param files: definition files
    """
    connectors = [(file, file.connector) for file in files if file.connector is not None]
    places = {
        task.name: (file.path, *file.schedules[task.task])
        for file, connector in connectors
        for task in planned(connector)
    }
    advice = advice_beforehand([task for _, connector in connectors for task in planned(connector)])
    return [
        Problem(*places[each.task], each.found, each.mend, "warning") for each in advice if each.severity == "warning"
    ]


def _owned(connector: Connector, task: ScheduledTask) -> tuple[Owned, ...]:
    if task.fetch_type in _OWNS_NOTHING:
        return ()
    sides = (connector.jira_conn_id, connector.esm_conn_id)
    if parts := _PARTS.get(task.mapping_type):
        return tuple(
            Owned((*sides, getattr(task, part).target.template), kind, _scope(getattr(task, kind, None)))
            for part, kind in parts
        )
    return (Owned((*sides, task.target.template), "issues", jql_text(task.jql)),)


def _scope(chosen: Any) -> str:
    """Write a filter of people or groups as text; one that leaves everything at its default is none."""
    changed = chosen.model_dump_json(exclude_defaults=True) if isinstance(chosen, BaseModel) else "{}"
    return "" if changed == "{}" else changed
