"""Checks the rules between keys also where some keys are wrong, so that all mistakes of a task are told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from airflow_provider_jira.model.definition import Attribute, AttributeRule, RemovedRecords, Target
from airflow_provider_jira.model.problems import Finding
from airflow_provider_jira.model.rules import task_findings

_ATTRIBUTE: TypeAdapter[AttributeRule] = TypeAdapter(Attribute)
_REMOVED = TypeAdapter(RemovedRecords)
_TARGET = TypeAdapter(Target)

_T = TypeVar("_T")


@dataclass(frozen=True)
class _Parts:
    target: Target
    attributes: dict[str, AttributeRule]
    removed_records: RemovedRecords | None


def rule_findings(task: Any) -> list[Finding]:
    """Check the rules between those keys of a task that are right.

    :param task: the task as the file holds it
    """
    if not isinstance(task, dict) or not isinstance(task.get("attributes"), dict):
        return []
    target = _valid(_TARGET, task.get("target"))
    if target is None:
        return []
    # A wrong rule is told of elsewhere; here one stands in for it to which no rule between keys objects.
    harmless = AttributeRule(source=("id",))
    attributes = {code: _valid(_ATTRIBUTE, rule) or harmless for code, rule in task["attributes"].items()}
    return task_findings(_Parts(target, attributes, _valid(_REMOVED, task.get("removed_records"))))


def _valid(adapter: TypeAdapter[_T], value: Any) -> _T | None:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return None
