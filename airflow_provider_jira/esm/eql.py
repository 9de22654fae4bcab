"""Conditions in EQL, ESM's query language, made of values that nobody has checked.

How a quote is written inside a literal is not documented. So no literal ever holds one: a value with a character that
might mean something inside quotes (a quote, a backslash, ``$`` round attribute codes, ``#`` round macros, control
characters) is asked for with ``LIKE`` and ``%`` in that character's place, which finds more cards than were meant, and
the caller drops those by comparing the values itself. Source of the syntax: the vendor's "EQL editor" and "REST API
Interface Description" pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from urllib.parse import quote_plus

from airflow_provider_jira.esm.errors import EsmRefused

_RISKY = re.compile(r"['\"\\$#\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_QUOTED = tuple(re.compile(rf"{literal}|\$[^$']*\$") for literal in (r"'[^']*'", r"'(?:[^'\\]|\\.)*'"))
"""Literals and attribute names, by either way in which a quote inside a literal may be written."""
_CODE = re.compile(r"[^\s'\"$#,\\/?&=()<>%]+")

CONDITION_BYTES = 4000
"""How long a condition may get, URL-encoded: well below the 8 kB at which common web servers stop reading a URL."""


def attribute(code: str) -> str:
    """Write an attribute's name.

    :param code: attribute code
    :raises ValueError: no attribute can be called so
    """
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no attribute code: it holds a character that codes cannot have")
    return f"${code}$"


def equals(left: str, text: str) -> str:
    """Write a condition that holds for every card with this value, and for few others.

    :param left: an attribute as :func:`attribute` wrote it, or a property such as ``template.code``
    :param text: the value
    """
    if _RISKY.search(text):
        return f"{left} LIKE '{_RISKY.sub('%', text)}'"
    return f"{left} = '{text}'"


def conditions(left: str, texts: Sequence[str], most: int) -> Iterator[tuple[list[str], str]]:
    """Cut many values into conditions of a length that fits a URL.

    :param left: as for :func:`equals`
    :param texts: values
    :param most: values a condition
    :returns: pairs of the values and the condition that finds their cards
    """
    taken: list[str] = []
    parts: list[str] = []
    length = 0
    for text in texts:
        part = equals(left, text)
        size = len(quote_plus(f"{part} OR ", errors="replace"))
        if taken and (len(taken) == most or length + size > CONDITION_BYTES):
            yield taken, " OR ".join(parts)
            taken, parts, length = [], [], 0
        taken.append(text)
        parts.append(part)
        length += size
    if taken:
        yield taken, " OR ".join(parts)


def enclosed(condition: str, named: str) -> str:
    """Put an admin's condition into parentheses, so that more can be asked for beside it.

    :param condition: as the definition has it
    :param named: what it is called there
    :raises EsmRefused: it does not stay inside parentheses
    """
    if _bare(condition) is None:
        raise EsmRefused(f"`{named}` is no condition: its parentheses or quotes do not come in pairs")
    if not condition.strip():
        raise EsmRefused(f"`{named}` is empty: it must be a condition, as in `$status$ = '02 - Solving'`")
    return f"({condition.strip()})"


def speaks_of(word: str, condition: str) -> bool:
    """Whether a condition names a property, such as ``hidden`` in ``entity.hidden = true``.

    :param word: the property's last word
    :param condition: as the definition has it
    """
    return re.search(rf"\b{re.escape(word)}\b", _bare(condition) or "", re.IGNORECASE) is not None


def _bare(condition: str) -> str | None:
    """Take literals and attribute names out of a condition; ``None`` where what is left has no pairs."""
    for quoted in _QUOTED:
        bare = quoted.sub(" ", condition)
        depths = list(accumulate((char == "(") - (char == ")") for char in bare))
        if "'" not in bare and (not depths or (min(depths) >= 0 and depths[-1] == 0)):
            return bare
    return None
