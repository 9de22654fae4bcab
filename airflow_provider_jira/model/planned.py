"""From definitions to what advice looks at, and from advice to lines of definition files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_jira.model.advice import (
    Advice,
    Kind,
    Owned,
    Planned,
    companion_advice,
    shared_advice,
    size_advice,
)
from airflow_provider_jira.model.definition import CompanionTask, Connector, GenericTask, PeopleTask, ScheduledTask
from airflow_provider_jira.model.jql import condition, tokens
from airflow_provider_jira.model.problems import Problem
from airflow_provider_jira.model.together import same_minute_advice, together_advice
from airflow_provider_jira.model.yaml_file import Loaded

_KINDS: dict[str, Kind] = {"issues": "issues", "accounts": "users", "entitlements": "groups"}
"""Name of a task's part -> what its records are counted as."""


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
            companion_of=task.companion_of if isinstance(task, CompanionTask) else None,
            owned=_owned(connector, task),
        )
        for task in connector.scheduled_tasks
    )


def kinds(task: ScheduledTask) -> tuple[Kind, ...]:
    """Say what a task reads.

    :param task: a scheduled task
    """
    return tuple(_KINDS[part.name] for part in task.parts)


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
    if task.fetch_type == "incremental":
        return ()
    return tuple(
        Owned(
            (connector.jira_conn_id, connector.esm_conn_id, part.target.template),
            _KINDS[part.name],
            _scope(task, _KINDS[part.name]),
        )
        for part in task.parts
    )


def _scope(task: ScheduledTask, kind: Kind) -> str:
    """Write what a task takes of a kind of records as text; a filter that leaves everything at its default is none."""
    if isinstance(task, GenericTask):
        return jql_text(task.jql)
    if isinstance(task, PeopleTask):
        changed = (task.users if kind == "users" else task.groups).model_dump_json(exclude_defaults=True)
        return "" if changed == "{}" else changed
    return ""
