"""How a Markdown parser would read delimiters of emphasis where they stand (CommonMark 0.31, section 6.2).

Only delimiters that somebody meant are judged: all other stars, underscores and tildes in a line are escaped. They are
read as a parser reads them, and where text would be set otherwise than meant, the delimiters around it are found
wrong. Versions of CommonMark differ in which characters are punctuation: right is what is right in all of them.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from airflow_provider_jira.model.adf.markdown_escape import is_blank


class Delimiter(NamedTuple):
    """A delimiter as it was written.

    :param start: offset in the line
    :param text: ``*`` ``**`` ``_`` ``__`` ``~~``
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


@dataclass
class _Run:
    """Delimiters of one character side by side: a parser sees them as one.

    :param opens: whether it may open emphasis
    :param closes: whether it may close emphasis
    :param length: characters in it
    :param left: characters in it that are not matched yet
    """

    char: str
    spans: frozenset[int]
    opens: bool
    closes: bool
    length: int
    left: int


class _Pair(NamedTuple):
    """Text that is set in one way: from one run to another.

    :param mark: ``*1`` ``*2`` ``~2``, whatever the character of the first two
    """

    mark: str
    first: int
    last: int


def misread(line: str, delimiters: Sequence[Delimiter]) -> set[int]:
    """Find spans that a parser would, or might, not read as they are meant.

    :param line: the whole line
    :param delimiters: in the order of the line
    :returns: numbers of the spans
    """
    groups = _groups(delimiters)
    wrong: set[int] = set()
    for symbols_are_signs in (True, False) if groups else ():
        runs = [_run(line, group, symbols_are_signs=symbols_are_signs) for group in groups]
        wrong |= _compared(runs, _meant(groups), list(_read(runs)))
    return wrong


def _groups(delimiters: Iterable[Delimiter]) -> list[list[Delimiter]]:
    groups: list[list[Delimiter]] = []
    for delimiter in delimiters:
        last = groups[-1][-1] if groups else None
        if last is not None and last.end == delimiter.start and last.text[0] == delimiter.text[0]:
            groups[-1].append(delimiter)
        else:
            groups.append([delimiter])
    return groups


def _run(line: str, group: Sequence[Delimiter], *, symbols_are_signs: bool) -> _Run:
    start, end = group[0].start, group[-1].end
    char = line[start]
    before = _class(line[start - 1] if start else " ", symbols_are_signs=symbols_are_signs)
    after = _class(line[end] if end < len(line) else " ", symbols_are_signs=symbols_are_signs)
    opens, closes = _flanking(before, after), _flanking(after, before)
    if char == "_":
        opens, closes = opens and (not closes or before == "sign"), closes and (not opens or after == "sign")
    spans = frozenset(delimiter.span for delimiter in group)
    return _Run(char, spans, opens, closes, end - start, end - start)


def _flanking(outside: str, inside: str) -> bool:
    return inside != "blank" and (inside != "sign" or outside != "other")


def _class(char: str, *, symbols_are_signs: bool) -> str:
    """Say what a character counts as: before version 0.31, symbols outside of ASCII were no punctuation."""
    if is_blank(char):
        return "blank"
    category = unicodedata.category(char)[0]
    sign = char in string.punctuation or category == "P" or (category == "S" and symbols_are_signs)
    return "sign" if sign else "other"


def _meant(groups: Sequence[Sequence[Delimiter]]) -> dict[int, _Pair]:
    """Say what each span sets, by its number."""
    opened: dict[int, int] = {}
    pairs: dict[int, _Pair] = {}
    for at, group in enumerate(groups):
        for delimiter in group:
            if delimiter.opens:
                opened[delimiter.span] = at
            else:
                mark = _mark(delimiter.text[0], len(delimiter.text))
                pairs[delimiter.span] = _Pair(mark, opened[delimiter.span], at)
    return pairs


def _mark(char: str, width: int) -> str:
    return f"{'*' if char == '_' else char}{width}"


def _read(runs: Sequence[_Run]) -> Iterator[_Pair]:
    """Match runs as a parser does, and take what is matched off them."""
    for last, closer in enumerate(runs):
        first = last - 1
        while closer.closes and closer.left and first >= 0:
            opener = runs[first]
            if not _match(opener, closer):
                first -= 1
                continue
            for crossed in runs[first + 1 : last]:
                crossed.opens = False
            width = 2 if opener.left >= 2 and closer.left >= 2 else 1
            opener.left -= width
            closer.left -= width
            yield _Pair(_mark(closer.char, width), first, last)


def _match(opener: _Run, closer: _Run) -> bool:
    if opener.char != closer.char or not opener.opens or not opener.left:
        return False
    if closer.char == "~":
        return opener.length == closer.length == 2
    both = opener.closes or closer.opens
    return not both or (opener.length + closer.length) % 3 != 0 or opener.length % 3 == closer.length % 3 == 0


def _compared(runs: Sequence[_Run], meant: dict[int, _Pair], read: Sequence[_Pair]) -> set[int]:
    """Find the spans that are not read, those at whose ends something else is, and those with delimiters left over."""
    wrong = {span for run in runs if run.left for span in run.spans}
    meant_there = _places(meant.values())
    read_there = _places(read)
    for span, pair in meant.items():
        if any((pair.mark, at) not in read_there for at in range(pair.first, pair.last)):
            wrong.add(span)
    for pair in read:
        if any((pair.mark, at) not in meant_there for at in range(pair.first, pair.last)):
            wrong |= runs[pair.first].spans | runs[pair.last].spans
    return wrong


def _places(pairs: Iterable[_Pair]) -> set[tuple[str, int]]:
    return {(pair.mark, at) for pair in pairs for at in range(pair.first, pair.last)}
