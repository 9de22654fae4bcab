"""Choices: the one of a field's allowed values that a text names.

A text names a value by what people see (an option's value, a version's name), or by its id; upper and lower case count
only where two values differ in nothing else. A choice is sent to Jira by id wherever Jira gave one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from airflow_provider_jira.model.misfit import Misfit
from airflow_provider_jira.model.problems import listed, shown

_SEEN = ("value", "name", "key", "displayName")
_IDS = ("id", "groupId", "accountId")
_MOST_TOLD = 15
_MOST_CUTS = 20
_CUT = re.compile(r"[>/]")


def chosen(text: str, allowed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Find the allowed value that a text names.

    :param text: what people see, or an id
    :param allowed: values as Jira gives them
    :returns: the value as Jira takes it
    :raises Misfit: none is named so, or several are; the text says which there are
    """
    return _sent(_find(text.strip(), allowed))


def nested(texts: Sequence[str], allowed: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Find a choice of two levels.

    :param texts: both levels, or one text: the upper level, or both with ``>`` or ``/`` between them
    :param allowed: values of the upper level, each with its ``children``; ``None`` where Jira gives none
    :returns: the choice as Jira takes it
    :raises Misfit: there is no such choice
    """
    if allowed is None:
        upper_text, _, lower = texts[0].partition(" > ") if len(texts) == 1 else (texts[0], "", texts[1])
        return {"value": upper_text, "child": {"value": lower}} if lower else {"value": upper_text}
    told: Misfit | None = None
    for parent, child in _readings(texts):
        try:
            upper = _find(parent, allowed)
        except Misfit as misfit:
            told = told or misfit
            continue
        if child is None:
            return _sent(upper)
        try:
            return {**_sent(upper), "child": chosen(child, upper.get("children") or ())}
        except Misfit as misfit:  # the upper level is right, so this says more than what came before
            told = Misfit(misfit.code, f"{misfit.found} below {shown(_texts(upper, (*_SEEN, *_IDS))[0])}")
    raise told or Misfit("not_allowed", "has no such value")


def _readings(texts: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    if len(texts) > 1:
        yield texts[0].strip(), texts[1].strip()
        return
    text = texts[0].strip()
    yield text, None
    for _, cut in zip(range(_MOST_CUTS), _CUT.finditer(text), strict=False):
        yield text[: cut.start()].strip(), text[cut.end() :].strip()


def _find(text: str, allowed: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    if not allowed:
        raise Misfit("not_allowed", "has no values to choose from in this project")
    plain = text.casefold()
    for found in (
        [each for each in allowed if text in _texts(each, _SEEN)],
        [each for each in allowed if text in _texts(each, _IDS)],
        [each for each in allowed if plain in map(str.casefold, _texts(each, _SEEN))],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = listed(_texts(each, _IDS)[0] for each in found if _texts(each, _IDS))
            raise Misfit("ambiguous_value", f"has {len(found)} values that are called so: give the id, one of {ids}")
    raise Misfit("not_allowed", f"has no such value: it has {_told(allowed)}")


def _texts(value: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    return [str(value[key]).strip() for key in keys if isinstance(value.get(key), (str, int))]


def _sent(value: Mapping[str, Any]) -> dict[str, str]:
    for key in (*_IDS, *_SEEN):
        if isinstance(value.get(key), (str, int)):
            return {key: str(value[key])}
    raise Misfit("not_allowed", "has a value that Jira gives neither id nor name")


def _told(allowed: Sequence[Mapping[str, Any]]) -> str:
    names = [shown(texts[0]) for each in allowed if (texts := _texts(each, ("value", "name", "key")))]
    more = "" if len(names) <= _MOST_TOLD else f" and {len(names) - _MOST_TOLD} more"
    return f"{listed(names[:_MOST_TOLD])}{more}"
