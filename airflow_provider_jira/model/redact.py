"""Takes values out of what the other side says about them.

ESM and Jira quote the value they do not like, whole, cut short, or a piece of it. Whatever leaves the clients may be
logged and shown to people who must not see card and issue texts, so the values are taken out while it is still known
which they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

GONE = "…"
_SHORTEST = 3
_PIECE = 8
_LONGEST_MESSAGE = 300
_NO_VALUES = frozenset({"type", "version"})


def without(message: str, texts: Iterable[str]) -> str:
    """Replace texts of three characters and more, and pieces of eight and more of them, by ``…``.

    :param message: what the other side said
    :param texts: what must not be in it
    :returns: one line of at most 300 characters
    """
    line = _one_line(message)[: 4 * _LONGEST_MESSAGE]
    hidden = [False] * len(line)
    for text in {_one_line(text) for text in texts}:
        if len(text) < _SHORTEST:
            continue
        for start in _occurrences(line, text):
            hidden[start : start + len(text)] = [True] * len(text)
        _hide_pieces(line, text, hidden)
    shown = "".join("\0" if gone else char for char, gone in zip(line, hidden, strict=True))
    shown = re.sub("\0+", GONE, shown)
    return shown if len(shown) <= _LONGEST_MESSAGE else shown[: _LONGEST_MESSAGE - 1] + GONE


def texts_in(value: Any) -> Iterator[str]:
    """List the texts that a JSON value consists of, as somebody who quotes it would write them.

    Names of keys are no values, nor is what says the kind of a node of an Atlassian Document (``type``, ``version``).

    :param value: of strings, numbers, lists and objects, nested as deep as may be
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _NO_VALUES:
                yield from texts_in(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from texts_in(inner)


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


def _occurrences(line: str, text: str) -> Iterable[int]:
    start = line.casefold().find(text.casefold()) if len(line.casefold()) == len(line) else line.find(text)
    folded, needle = (line.casefold(), text.casefold()) if len(line.casefold()) == len(line) else (line, text)
    while start >= 0:
        yield start
        start = folded.find(needle, start + 1)


def _hide_pieces(line: str, text: str, hidden: list[bool]) -> None:
    if len(text) <= _PIECE:
        return
    for start in range(len(line) - _PIECE + 1):
        if line[start : start + _PIECE] in text:
            hidden[start : start + _PIECE] = [True] * _PIECE
