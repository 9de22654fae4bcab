"""Plain words and numbers of YAML: what each means, and which are traps.

YAML 1.1 takes ``on``, ``yes``, ``012`` and ``12:30`` for something other than they look like, YAML 1.2 takes some of
them for something else again, and editors follow the one or the other. Such words are refused unless in quotes.
Dates stay text.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from airflow_provider_jira.model.problems import shown

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_SWITCH_ON = frozenset({"yes", "Yes", "YES", "on", "On", "ON"})
_SWITCH_OFF = frozenset({"no", "No", "NO", "off", "Off", "OFF"})
_WORDS = _NULL | _TRUE | _FALSE | _SWITCH_ON | _SWITCH_OFF
_MEANT = frozenset({("removed_records", "on")})
"""A mapping's key and a key in it that is a word of ours and can mean nothing else there."""
_FIRST_OF_NUMBER = frozenset("+-.0123456789")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,15})\.[0-9]{1,15}")
# What some YAML version reads as a number, though two readers may not agree on which.
_ODD_NUMBER = re.compile(
    r"[-+]?(0b[01_]+|0o[0-7]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


class Trap(NamedTuple):
    """Why a plain scalar cannot be taken as it is.

    :param found: what it would mean
    :param mend: what to write instead
    """

    found: str
    mend: str


def value(text: str) -> tuple[Any, Trap | None]:
    """Read a scalar without quotes in the place of a value.

    :param text: as written
    :returns: the value, or the text itself and why it is none
    """
    if text in _WORDS:
        return _word(text)
    return _number(text) if text[0] in _FIRST_OF_NUMBER else (text, None)


def key_trap(text: str, above: str | None = None) -> Trap | None:
    """Say why a scalar without quotes cannot be a key.

    :param text: as written
    :param above: the key of the mapping that it stands in
    """
    if text not in _WORDS or (above, text) in _MEANT:
        return None
    meaning = "nothing" if text in _NULL else "true" if text in _TRUE | _SWITCH_ON else "false"
    found = f"the key {text or '(empty)'} without quotes means {meaning} in YAML, not the word"
    return Trap(found, f'write it in quotes: "{text}"')


def _word(text: str) -> tuple[Any, Trap | None]:
    if text in _NULL:
        return None, None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE, None
    meaning = "true" if text in _SWITCH_ON else "false"
    found = f"{text} without quotes means {meaning} in YAML, not the word"
    return text, Trap(found, f'write "{text}" for the word, or {meaning} for the truth value')


def _number(text: str) -> tuple[Any, Trap | None]:
    if _INTEGER.fullmatch(text):
        return int(text), None
    if _FLOAT.fullmatch(text) and repr(float(text)) == text:
        return float(text), None
    if _ODD_NUMBER.fullmatch(text):
        found = f"{shown(text)[1:-1]} without quotes is a number that programs read in different ways"
        return text, Trap(found, f"write {shown(text)} with the quotes for text, or the number in plain digits")
    return text, None
