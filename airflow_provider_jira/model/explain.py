"""A task's mapping in words, for the documentation of its DAG."""

from __future__ import annotations

from typing import Any, NamedTuple

from airflow_provider_jira.model.card import Static
from airflow_provider_jira.model.definition import AttributeRule, ScheduledTask
from airflow_provider_jira.model.values import Unusable, as_text, fixed


class Row(NamedTuple):
    """One attribute's line in a task's documentation.

    :param attribute: ESM attribute code
    :param source: where it comes from in Jira; empty where it does not come from there
    :param transformation: what is done on the way; empty where nothing is
    """

    attribute: str
    source: str
    transformation: str


def explain(task: ScheduledTask) -> list[Row]:
    """Say in words what a task's mapping does, from the definition alone.

    :returns: one row an attribute, in the definition's order, the task id stamp last
    """
    rows = [
        Row(code, ", else ".join(rule.source) if rule.value is None else "", _transformation(rule))
        for code, rule in task.attributes.items()
    ]
    return [*rows, Row(task.target.task_id_attribute, "", "the id of this task, on every card")]


def _transformation(rule: AttributeRule) -> str:
    steps = []
    if rule.value is not None:
        steps.append(f"always {_in_words(rule.value)}")
    if rule.as_ is not None:
        steps.append({"plain": "as plain text", "markdown": "as Markdown", "html": "as HTML"}[rule.as_])
    if rule.map is not None:
        pairs = (f"{as_text(key)} → {_in_words(target)}" for key, target in rule.map.items())
        steps.append(", ".join(pairs))
    if rule.default is not None:
        steps.append(f"{'nothing' if rule.map is None else 'anything else, and nothing,'} → {_in_words(rule.default)}")
    if rule.format is not None:
        steps.append({"date": "as a date", "datetime": "as a date and time"}[rule.format])
    if rule.when_empty == "keep":
        steps.append("left as it is in ESM when empty in Jira")
    return "; ".join(steps)


def _in_words(written: Any) -> str:
    try:
        value = fixed(written)
    except Unusable:
        return repr(written)
    return f"code {value.code}" if isinstance(value, Static) else as_text(value)
