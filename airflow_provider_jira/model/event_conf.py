"""The conf of an event task's run: which card it is about, which event of that card, and values where they are allowed.

Conf comes from outside (an ESM workflow, a form, a poll) and stays in Airflow's database. So it holds a card's id and
an event's, and values only where the definition says ``allow_values_in_conf``. What is wrong with it is said by key,
never by value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from airflow_provider_jira.model.card import Shown
from airflow_provider_jira.model.event_base import EventTask
from airflow_provider_jira.model.problems import did_you_mean, listed, shown
from airflow_provider_jira.model.values import as_text

CARD = "data_card_id"
EVENT = "event"
VALUES = "values"

CARD_PATTERN = "^[0-9]{1,20}$"
EVENT_PATTERN = "^[A-Za-z0-9_.:-]{1,64}$"

_MOST_VALUES = 1000


class ConfKey(msgspec.Struct, frozen=True):
    """One key of a run's conf.

    :param name: the key
    :param required: whether every run has to be given it; what is not required is ``null`` where it is not given
    :param schema: its JSON Schema, draft 2020-12, title and description included
    """

    name: str
    required: bool
    schema: dict[str, Any]


class RunConf(msgspec.Struct, frozen=True):
    """A conf that is right.

    :param card_id: ESM's id of the card, digits; ``None`` where values are given instead
    :param event: id of the event, by which a repeated start is known; ``None`` where the caller gave none
    :param values: path -> what a card would show there
    """

    card_id: str | None = None
    event: str | None = None
    values: dict[str, tuple[Shown, ...]] | None = None


class ConfRefused(ValueError):
    """A run was started with a conf that it cannot use. The text names each key to blame and the mend, and no value."""


def conf_keys(task: EventTask) -> tuple[ConfKey, ...]:
    """Describe the conf of a task's runs, for typed params and the form made of them.

    A run that starts by itself has no conf, so with ``poll`` nothing can be required of it.

    :param task: the task
    """
    required = task.card is not None and not task.allow_values_in_conf and task.poll is None
    keys = []
    if task.card is not None:
        text = f"ESM's id of the {task.card.template} card that this run is about: digits"
        keys.append(ConfKey(CARD, required, _text("Data card id", text, CARD_PATTERN, required=required)))
    text = "Id of what happened to the card, the same when it is sent again; left out: the card's one event"
    keys.append(ConfKey(EVENT, False, _text("Event", text, EVENT_PATTERN, required=False)))
    if task.allow_values_in_conf:
        one: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
        value = {"anyOf": [one, {"type": "array", "items": one, "maxItems": _MOST_VALUES}]}
        schema = {
            "type": ["null", "object"],
            "title": "Values",
            "description": "Instead of a card: ESM attribute (as the definition names it): its value, or a list",
            "properties": dict.fromkeys(task.paths(), value),
            "additionalProperties": False,
        }
        keys.append(ConfKey(VALUES, False, schema))
    return tuple(keys)


def _text(title: str, description: str, pattern: str, *, required: bool) -> dict[str, Any]:
    kind: Any = "string" if required else ["null", "string"]
    return {"type": kind, "title": title, "description": description, "pattern": pattern}


def read_conf(task: EventTask, conf: Mapping[str, Any]) -> RunConf:
    """Read a run's conf, unknown keys and the choice between card and values included.

    :param task: the task
    :param conf: what the run was started with; ``null`` counts as not given
    :raises ConfRefused: it cannot be used
    """
    known = [key.name for key in conf_keys(task)]
    problems = [
        f"unknown key {shown(name)}: {did_you_mean(name, known, f'the keys are {listed(known)}')}"
        for name in conf
        if name not in known
    ]
    given = {name: value for name, value in conf.items() if name in known and value is not None}
    for name, pattern, mend in (
        (CARD, CARD_PATTERN, "write the id in digits, as a text"),
        (EVENT, EVENT_PATTERN, "write 1 to 64 letters, digits and _ . : -"),
    ):
        value = given.get(name)
        if value is not None and not (isinstance(value, str) and _full(pattern, value)):
            problems.append(f"{name} is none: {mend}")
    values = _values(task, given.get(VALUES), problems)
    if given.get(CARD) is None and values is None:
        wanted = " or ".join(name for name in known if name != EVENT)
        problems.append(f"neither card nor values: give {wanted}" if len(known) > 2 else f"{wanted} is missing")
    if given.get(CARD) is not None and values is not None:
        problems.append(f"both {CARD} and {VALUES} are given: give one")
    if problems:
        raise ConfRefused("This run's conf cannot be used. " + "; ".join(problems) + ".")
    return RunConf(given.get(CARD), given.get(EVENT), values)


def _full(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern.strip("^$"), text) is not None


def _values(task: EventTask, given: Any, problems: list[str]) -> dict[str, tuple[Shown, ...]] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        problems.append(f"{VALUES} is no object: give attribute: value")
        return None
    paths = task.paths()
    read: dict[str, tuple[Shown, ...]] = {}
    for path, value in given.items():
        each = value if isinstance(value, (list, tuple)) else [value]
        if path not in paths:
            mend = did_you_mean(str(path), paths, f"the attributes are {listed(paths)}")
            problems.append(f"{VALUES}: this task reads no attribute {shown(str(path))}: {mend}")
        elif len(each) > _MOST_VALUES or not all(_is_plain(one) for one in each):
            problems.append(f"{VALUES}.{path}: give one text or number, or a list of at most {_MOST_VALUES}")
        else:
            read[path] = tuple(Shown(as_text(one)) for one in each if one is not None)
    return read


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value))
