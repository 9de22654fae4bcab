"""How a Markdown parser would read delimiters of emphasis where they stand (CommonMark 0.31, section 6.2).

Only delimiters that somebody meant are judged: all other stars and tildes in a line are escaped. A run of delimiters
that only opens, or only closes, is always read as meant as long as spans nest; one between two letters may be read
either way, and is believed only where no other reading is possible.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from airflow_provider_jira.model.adf.markdown_escape import is_blank


class Delimiter(NamedTuple):
    """A delimiter as it was written.

    :param start: offset in the line
    :param text: ``*`` ``**`` ``~~``
    :param span: number of the span that it opens or closes
    :param opens: whether it opens it
    """

    start: int
    text: str
    span: int
    opens: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def misread(line: str, delimiters: Sequence[Delimiter]) -> list[Delimiter]:
    """Find delimiters that a parser would, or might, not read as they are meant.

    :param line: the whole line
    :param delimiters: in the order of the line
    """
    wrong: list[Delimiter] = []
    open_spans = {"*": 0, "~": 0}
    for run in _runs(delimiters):
        first, last = run[0], run[-1]
        char = first.text[0]
        opens, closes = _flanks(line, first.start, last.end)
        mixed = [delimiter for delimiter in run if delimiter.opens is not first.opens]
        if mixed:
            wrong += mixed
        elif first.opens:
            # What may also close does so if it can: only where nothing is open, it opens.
            if False in opens or (True in closes and open_spans[char]):
                wrong += run
        elif False in closes:
            wrong += run
        open_spans[char] += sum(1 if delimiter.opens else -1 for delimiter in run)
    return wrong


def _runs(delimiters: Iterable[Delimiter]) -> list[list[Delimiter]]:
    """Put delimiters of one character side by side together: a parser sees them as one."""
    runs: list[list[Delimiter]] = []
    for delimiter in delimiters:
        last = runs[-1][-1] if runs else None
        if last is not None and last.end == delimiter.start and last.text[0] == delimiter.text[0]:
            runs[-1].append(delimiter)
        else:
            runs.append([delimiter])
    return runs


def _flanks(line: str, start: int, end: int) -> tuple[set[bool], set[bool]]:
    """Say whether a run may open, and may close. Two answers where versions of CommonMark differ."""
    befores = _classes(line[start - 1] if start else " ")
    afters = _classes(line[end] if end < len(line) else " ")
    pairs = list(product(befores, afters))
    return {_flanking(before, after) for before, after in pairs}, {_flanking(after, before) for before, after in pairs}


def _flanking(outside: str, inside: str) -> bool:
    return inside != "blank" and (inside != "sign" or outside != "other")


def _classes(char: str) -> set[str]:
    """Say what a character counts as: before version 0.31, symbols outside of ASCII were no punctuation."""
    if is_blank(char):
        return {"blank"}
    category = unicodedata.category(char)[0]
    if char in string.punctuation or category == "P":
        return {"sign"}
    return {"sign", "other"} if category == "S" else {"other"}
