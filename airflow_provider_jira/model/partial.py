"""Checks the rules between keys also where some keys are wrong, so that all mistakes of a task are told at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from airflow_provider_jira.model.attributes import Attribute, AttributeRule, Comments, RemovedRecords, Target
from airflow_provider_jira.model.problems import Finding
from airflow_provider_jira.model.rules import part_findings
from airflow_provider_jira.model.tasks import PEOPLE_TYPES, Part, PartName

_ATTRIBUTE: TypeAdapter[AttributeRule] = TypeAdapter(Attribute)
_COMMENTS = TypeAdapter(Comments)
_REMOVED = TypeAdapter(RemovedRecords)
_TARGET = TypeAdapter(Target)

_T = TypeVar("_T")


def rule_findings(task: Any) -> list[Finding]:
    """Check the rules between those keys of a task that are right.

    :param task: the task as the file holds it
    """
    return [found.below(*part.path) for part in _parts(task) for found in part_findings(part)]


def _parts(task: Any) -> Iterator[Part]:
    if not isinstance(task, dict):
        return
    if task.get("mapping_type") in PEOPLE_TYPES:
        yield from _part(task.get("access"), "entitlements", ("access",), "groupId")
        yield from _part(task.get("identity"), "accounts", ("identity",), "accountId")
    else:
        yield from _part(task, "issues", (), "id")


def _part(section: Any, name: PartName, path: tuple[str, ...], key_source: str) -> Iterator[Part]:
    if not isinstance(section, dict) or not isinstance(section.get("attributes"), dict):
        return
    target = _valid(_TARGET, section.get("target"))
    if target is None:
        return
    # A wrong rule is told of elsewhere; here one stands in for it to which no rule between keys objects.
    harmless = AttributeRule(source=(key_source,))
    attributes = {code: _valid(_ATTRIBUTE, rule) or harmless for code, rule in section["attributes"].items()}
    removed = _valid(_REMOVED, section.get("removed_records"))
    comments = _valid(_COMMENTS, section.get("comments")) if name == "issues" else None
    yield Part(name, path, key_source, target, attributes, removed, comments=comments)


def _valid(adapter: TypeAdapter[_T], value: Any) -> _T | None:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return None
