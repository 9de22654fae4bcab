"""Turns pydantic's validation errors into findings that an administrator can act on.

pydantic says what a program expects; a finding says what was found and what to write instead: near names for a misspelt
key, the allowed words, the bound that was passed. What a later version will know is called so, and then not called
missing or wrong as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from airflow_provider_jira.model.event_tasks import EVENT_TASKS, EventTask
from airflow_provider_jira.model.later import LATER_KEYS
from airflow_provider_jira.model.problems import (
    MISSING,
    RULES,
    WRONG,
    Finding,
    KeyPath,
    did_you_mean,
    listed,
    shown,
)
from airflow_provider_jira.model.tasks import Companion, GenericTask, PeopleTask

_UNKNOWN = "unknown key"
_A_LATER_VERSION = "comes in a later version"


def findings(error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """Translate all errors of one validation.

    :param error: as raised
    :param model: the model that was validated
    :returns: at least one finding; paths are relative to the validated data
    """
    found: list[Finding] = []
    for detail in error.errors(include_url=False):
        found.extend(_finding(detail, model))
    # A misspelt key is one mistake, not a missing one as well.
    meant = {(each.path[:-1], each.mend) for each in found if each.found.startswith(_UNKNOWN)}
    return [
        each
        for each in found
        if not (each.found.endswith(MISSING) and (each.path[:-1], f"did you mean {each.path[-1]}?") in meant)
    ]


def _finding(detail: ErrorDetails, model: type[BaseModel]) -> Iterator[Finding]:
    path: KeyPath = tuple(detail["loc"])
    context: dict[str, Any] = detail.get("ctx") or {}
    if detail["type"] == RULES:
        yield from (each.below(*path) for each in context["findings"])
    elif detail["type"] == WRONG:
        yield Finding(path, context["found"], context["mend"])
    elif detail["type"] == "extra_forbidden":
        yield _unknown(path, model)
    elif detail["type"] == "missing":
        name = str(path[-1])
        yield Finding(path, f"{shown(name)} {MISSING}", f"add {name}: {_about(path, model)}")
    elif detail["type"] == "literal_error":
        yield _word(path, detail["input"], context)
    else:
        yield Finding(path, *_wording(detail["type"], detail["input"], context, detail["msg"]))


def _unknown(path: KeyPath, model: type[BaseModel]) -> Finding:
    name = str(path[-1])
    owner = _model_at(path[:-1], model)
    if owner is Companion and name in GenericTask.model_fields:
        found = f"{name} stands beside companion_of, whose task decides it"
        return Finding(path, found, "remove it, or remove companion_of")
    if name in LATER_KEYS.get(owner.__name__, ()):
        return Finding(path, f"{name} {_A_LATER_VERSION}", "remove it for now")
    if others := _activities_with(name, owner):
        return Finding(path, f"{name} is no key of this activity", f"remove it; it belongs to {listed(others)}")
    if wanted := _elsewhere(name, owner):
        return Finding(path, f"{name} is no key of this mapping_type", f"remove it, or write mapping_type: {wanted}")
    known = [field.alias or key for key, field in owner.model_fields.items()]
    return Finding(path, f"{_UNKNOWN} {shown(name)}", did_you_mean(name, known, f"the keys here are {listed(known)}"))


def _elsewhere(name: str, owner: type[BaseModel]) -> str | None:
    """Name the mapping type that has a key which this task's has not."""
    if owner is PeopleTask and name in GenericTask.model_fields:
        return "generic"
    if owner in (GenericTask, Companion) and name in PeopleTask.model_fields:
        return "identity_and_access"
    return None


def _activities_with(name: str, owner: type[BaseModel]) -> list[str]:
    """Name the activities that have a key which this task's has not."""
    if not issubclass(owner, EventTask):
        return []
    return [activity for activity, model in EVENT_TASKS.items() if name in model.model_fields]


def _word(path: KeyPath, value: Any, context: dict[str, Any]) -> Finding:
    key = str(path[-1])
    words = [word for word in str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ") if word]
    instead = f"write {words[0]}" if len(words) == 1 else f"write one of {listed(words)}"
    found = f"{key} cannot be {shown(value)}"
    mend = did_you_mean(value, words, instead) if isinstance(value, str) else instead
    if key == "activity" and mend != instead:  # a near word may be the wrong guess, and nobody knows all ten by heart
        mend = f"{mend} There are {listed(words)}"
    return Finding(path, found, mend)


def _quoted(value: Any) -> str:
    if isinstance(value, (int, float)):
        return f'write it in quotes: "{shown(value)}"'
    return "write one text"


_Wording = Callable[[Any, dict[str, Any]], tuple[str, str]]
_WORDINGS: dict[str, _Wording] = {
    "string_type": lambda value, _: (f"{shown(value)} is not text", _quoted(value)),
    "bool_type": lambda value, _: (f"{shown(value)} is not true or false", "write true or false without quotes"),
    "int_type": lambda value, _: (f"{shown(value)} is not a whole number", "write a whole number without quotes"),
    "float_type": lambda value, _: (f"{shown(value)} is not a number", "write a number without quotes"),
    "time_delta_type": lambda value, _: (f"{shown(value)} is no duration", "write a number and a unit: 90s, 5m, 2h"),
    "greater_than_equal": lambda value, limit: (f"{shown(value)} is too low", f"write {limit['ge']:g} or more"),
    "less_than_equal": lambda value, limit: (f"{shown(value)} is too high", f"write {limit['le']:g} or less"),
    "tuple_type": lambda value, _: (f"{shown(value)} is not a list", "write a list: [one, two], or lines with - "),
    "dict_type": lambda value, _: (f"{shown(value)} is not a mapping", "write key: value lines below it, indented"),
    "model_type": lambda value, _: (f"{shown(value)} is not a mapping", "write key: value lines below it, indented"),
}


def _wording(kind: str, value: Any, context: dict[str, Any], message: str) -> tuple[str, str]:
    word = _WORDINGS.get(kind)
    if word is not None:
        return word(value, context)
    return f"{shown(value)} is not accepted", message[:1].lower() + message[1:]


def _about(path: KeyPath, model: type[BaseModel]) -> str:
    """Describe a missing key: an example and what it is for."""
    owner = _model_at(path[:-1], model)
    field = next((each for key, each in owner.model_fields.items() if (each.alias or key) == path[-1]), None)
    if field is None:
        return "…"
    example = str((field.examples or ["…"])[0])
    return f"{example} ({field.description})" if field.description else example


def _model_at(path: KeyPath, model: type[BaseModel]) -> type[BaseModel]:
    """Find the model whose keys stand at a path."""
    current = model
    for step in path:
        field = next((each for key, each in current.model_fields.items() if (each.alias or key) == step), None)
        if field is not None:  # a position in a list, or a key that its author chose, leads to no other model
            current = _inner_model(field) or current
    return current


def _inner_model(field: FieldInfo) -> type[BaseModel] | None:
    def search(annotation: Any) -> type[BaseModel] | None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation
        return next((each for each in map(search, get_args(annotation)) if each is not None), None)

    return search(field.annotation)
