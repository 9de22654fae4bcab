"""The values of single fields as Jira takes them (Jira reference, 5.6), turned into what the store keeps."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from airflow_provider_jira.sandbox.jira.catalog import SPRINTS
from airflow_provider_jira.sandbox.jira.errors import Wrong

_SECONDS = {"w": 5 * 8 * 3600, "d": 8 * 3600, "h": 3600, "m": 60}


def summary(value: Any) -> str:
    """Take a summary: one line, never empty."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong("You must specify a summary of the issue.")
    if len(value) > 255 or "\n" in value:
        raise Wrong("The summary is invalid because it contains newline characters or is longer than 255.")
    return value


def choice(value: Any, choices: dict[str, str], key: str = "name", id_key: str = "id") -> str:
    """Find a choice that is given by its id or its name.

    :param choices: name -> id
    :returns: its name
    """
    if isinstance(value, dict):
        for name, id_ in choices.items():
            if value.get(id_key) == id_ or (id_key not in value and value.get(key) == name):
                return name
    raise Wrong(f"Specify a valid '{id_key}' or '{key}'.")


def cascade(value: Any, options: dict[str, str]) -> str:
    """Take a cascading option.

    :param options: ``Option`` or ``Option / Sub-option`` -> id
    """
    top = choice(value, {name: id_ for name, id_ in options.items() if " / " not in name}, "value")
    if value.get("child") is None:
        return top
    inner = {name.partition(" / ")[2]: id_ for name, id_ in options.items() if name.startswith(f"{top} / ")}
    return f"{top} / {choice(value['child'], inner, 'value')}"


def listed_values(value: Any) -> list[Any]:
    """Take a list."""
    if not isinstance(value, list):
        raise Wrong("data was not an array")
    return value


def labels(value: Any) -> list[str]:
    """Take labels: words without spaces."""
    for label in listed_values(value):
        if not isinstance(label, str) or not label or any(letter.isspace() for letter in label):
            raise Wrong(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > 255:
            raise Wrong(f"The label '{label}' is too long: 255 characters are allowed.")
    return sorted(dict.fromkeys(value))


def string(value: Any) -> str:
    """Take a line of text."""
    if not isinstance(value, str) or len(value) > 255:
        raise Wrong("Operation value must be a string of at most 255 characters")
    return value


def url(value: Any) -> str:
    """Take a URL."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://", "mailto:", "ftp://")):
        raise Wrong("Not a valid URL")
    return value


def number(value: Any) -> float:
    """Take a number; digits in a text are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Wrong("Operation value must be a number")
    return float(value)


def day(value: Any) -> str:
    """Take a date."""
    try:
        return f"{datetime.strptime(value, '%Y-%m-%d'):%Y-%m-%d}"  # noqa: DTZ007 - a day has no zone
    except (TypeError, ValueError):
        raise Wrong("Error parsing date string: the form is yyyy-MM-dd") from None


def instant(value: Any) -> int:
    """Take a point in time, as milliseconds since 1970."""
    try:
        return int(datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000)
    except (TypeError, ValueError):
        raise Wrong("Error parsing time: the form is yyyy-MM-dd'T'HH:mm:ss.SSSZ") from None


def sprint(value: Any) -> list[int]:
    """Take a sprint: one number, though it is shown as a list."""
    if not isinstance(value, int) or value not in SPRINTS:
        raise Wrong("Specify the number of one sprint.")
    return [value]


def time_tracking(value: Any) -> dict[str, Any]:
    """Take estimates, written like ``1w 2d 4h 30m``; a day has eight hours, and a week five days."""
    names = {"originalEstimate", "remainingEstimate"}
    if not isinstance(value, dict) or not value or set(value) - names:
        raise Wrong("Specify 'originalEstimate' or 'remainingEstimate'.")
    kept: dict[str, Any] = {}
    for name, text in value.items():
        parts = text.split() if isinstance(text, str) else []
        if not parts or not all(re.fullmatch(r"\d+[wdhm]", part) for part in parts):
            raise Wrong(f"The {name} specified is not valid.")
        kept[name] = text
        kept[f"{name}Seconds"] = sum(int(part[:-1]) * _SECONDS[part[-1]] for part in parts)
    return kept
