"""Takes a card's values out of what ESM says about it.

ESM quotes the value it does not like, whole, cut short, or a piece of it. Whatever leaves this package may be logged
and shown to people who must not see issue texts, so the values are taken out here, the only place that still knows
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static

GONE = "…"
_SHORTEST = 3
_PIECE = 8
_LONGEST_MESSAGE = 300


def redact(message: str, card: Card) -> str:
    """Replace every value of a card of three characters and more, and every piece of one of eight and more, by ``…``.

    :param message: what ESM said
    :param card: the card it said it about
    :returns: one line of at most 300 characters
    """
    return without(message, texts_of(card))


def without(message: str, texts: Iterable[str]) -> str:
    """Replace texts, and longer pieces of them, by ``…``.

    :param message: what ESM said
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


def texts_of(card: Card) -> list[str]:
    """List what a card's values look like when ESM quotes them."""
    texts = [card.key]
    for values in card.values.values():
        for value in values:
            if isinstance(value, Static):
                texts.append(value.code)
            elif isinstance(value, (Day, Instant)):
                texts.append(value.iso)
            elif isinstance(value, (Reference, Link)):
                texts.append(value.key)
            else:
                texts.append(str(value))
    return texts


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
