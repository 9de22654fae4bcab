"""Nests the marks of a line, as delimiters or elements need it: a document's marks may begin and end anywhere.

The mark that reaches farthest is outermost, one that crosses its end is split there, and a link is never split. Blanks
at the ends of a mark lose it, because delimiters do not work beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Union

from airflow_provider_jira.model.adf.document import Break, Inline, Marks, Run

MARKS = ("strong", "em", "strike")
LINK = "link "
Place = tuple[int, str]
"""A mark of a piece: the piece's number in its line, and ``strong`` ``em`` ``strike``."""

_AUTOLINK = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_ORDER = (LINK, *MARKS)


class Unit(NamedTuple):
    """A piece of the line.

    :param kind: ``text`` ``code`` ``address`` ``break``
    :param marks: ``strong`` ``em`` ``strike`` and ``link ADDRESS``
    :param first: number of the first piece of the document that is in it
    :param last: number of the last one
    """

    kind: str
    text: str
    marks: frozenset[str]
    first: int
    last: int

    @property
    def blank(self) -> bool:
        return self.kind == "break" or (self.kind == "text" and not self.text.strip())


class Span(NamedTuple):
    """Pieces within one mark, none of them blank at its ends. See :class:`Unit`."""

    mark: str
    content: tuple[Union[Span, Unit], ...]
    first: int
    last: int


Node = Union[Span, Unit]

_PLAIN = Marks()
_SET: dict[str, Callable[[Marks], Marks]] = {
    "strong": lambda marks: marks._replace(strong=True),
    "em": lambda marks: marks._replace(em=True),
    "strike": lambda marks: marks._replace(strike=True),
}


def nested(inlines: Sequence[Inline], dropped: AbstractSet[Place] = frozenset()) -> tuple[Node, ...]:
    """Nest a line's marks.

    :param inlines: see :mod:`.document`
    :param dropped: marks that are to be left out
    """
    return _grouped(_units(inlines, dropped))


def flat(nodes: Sequence[Node], marks: Marks = _PLAIN) -> Iterator[Inline]:
    """Make pieces of a line of what is nested again.

    :param marks: those around the nodes
    """
    for node in nodes:
        if isinstance(node, Span):
            yield from flat(node.content, _SET[node.mark](marks) if node.mark in _SET else _led(marks, node.mark))
        elif node.kind == "break":
            yield Break()
        else:
            led = marks._replace(link=node.text) if node.kind == "address" else marks
            yield Run(node.text, led._replace(code=node.kind == "code"))


def _led(marks: Marks, link: str) -> Marks:
    return marks._replace(link=link.removeprefix(LINK))


def _units(inlines: Sequence[Inline], dropped: AbstractSet[Place]) -> list[Unit]:
    """Cut a line into pieces, and put those together that are set alike."""
    units: list[Unit] = []
    for at, piece in enumerate(inlines):
        if isinstance(piece, Break):
            unit = Unit("break", "", frozenset(), at, at)
        else:
            marks = {mark for mark in MARKS if getattr(piece.marks, mark) and (at, mark) not in dropped}
            kind = "code" if piece.marks.code and not _defines(piece) else "text"
            if piece.marks.link and _is_address(inlines, at):
                kind = "address"
            elif piece.marks.link:
                marks.add(LINK + piece.marks.link)
            unit = Unit(kind, piece.text, frozenset(marks), at, at)
        last = units[-1] if units else None
        if last is not None and last.kind == unit.kind in {"text", "code"} and last.marks == unit.marks:
            units[-1] = last._replace(text=last.text + unit.text, last=at)
        else:
            units.append(unit)
    for at in range(1, len(units) - 1):
        if units[at].kind == "break":
            units[at] = units[at]._replace(marks=units[at - 1].marks & units[at + 1].marks)
    return units


def _defines(piece: Run) -> bool:
    """Say whether linked code would, at the beginning of a line, be taken for the definition of a link's address."""
    return bool(piece.marks.link) and re.search(r"\](?::|$)", piece.text) is not None


def _is_address(inlines: Sequence[Inline], at: int) -> bool:
    """Say whether a piece is a link that shows nothing but its address."""
    piece = inlines[at]
    if not isinstance(piece, Run) or piece.marks.code or piece.text != piece.marks.link:
        return False
    beside = [other for other in (*inlines[max(at - 1, 0) : at], *inlines[at + 1 : at + 2]) if isinstance(other, Run)]
    return bool(_AUTOLINK.fullmatch(piece.text)) and all(other.marks.link != piece.marks.link for other in beside)


def _grouped(units: Sequence[Unit]) -> tuple[Node, ...]:
    """Nest the pieces in spans, the mark that reaches farthest outermost."""
    nodes: list[Node] = []
    start = 0
    while start < len(units):
        marks = sorted(units[start].marks, key=lambda mark: (-_reach(units, start, mark), _rank(mark)))
        if not marks:
            nodes.append(units[start])
            start += 1
            continue
        end = _reach(units, start, marks[0])
        within = [unit._replace(marks=unit.marks - {marks[0]}) for unit in units[start:end]]
        before, core, after = _trimmed(within)
        nodes += _grouped(before)
        if core:
            nodes.append(Span(marks[0], _grouped(core), core[0].first, core[-1].last))
        nodes += _grouped(after)
        start = end
    return tuple(nodes)


def _reach(units: Sequence[Unit], start: int, mark: str) -> int:
    """Say where a mark ends. It does not reach into a link that it does not hold as a whole."""
    end = _end(units, start, mark)
    link = _link(units[end]) if end < len(units) else None
    if link is None or mark == link or link not in units[end - 1].marks:
        return end
    first = next((at + 1 for at in range(end - 1, start - 1, -1) if link not in units[at].marks), start)
    return end if first == start else first


def _end(units: Sequence[Unit], start: int, mark: str) -> int:
    return next((at for at in range(start, len(units)) if mark not in units[at].marks), len(units))


def _link(unit: Unit) -> str | None:
    return next((mark for mark in unit.marks if mark.startswith(LINK)), None)


def _rank(mark: str) -> int:
    return _ORDER.index(LINK if mark.startswith(LINK) else mark)


def _trimmed(units: Sequence[Unit]) -> tuple[list[Unit], list[Unit], list[Unit]]:
    """Take blanks and line breaks off both ends: delimiters do not work beside them."""
    said = [at for at, unit in enumerate(units) if not unit.blank]
    start, end = (said[0], said[-1] + 1) if said else (len(units), len(units))
    before, core, after = list(units[:start]), list(units[start:end]), list(units[end:])
    if core and core[0].kind == "text":
        text = core[0].text
        blanks = len(text) - len(text.lstrip())
        before += [core[0]._replace(text=text[:blanks])] if blanks else []
        core[0] = core[0]._replace(text=text[blanks:])
    if core and core[-1].kind == "text":
        text = core[-1].text
        stop = len(text.rstrip())
        after[:0] = [core[-1]._replace(text=text[stop:])] if stop < len(text) else []
        core[-1] = core[-1]._replace(text=text[:stop])
    bare = frozenset[str]()
    return [unit._replace(marks=bare) for unit in before], core, [unit._replace(marks=bare) for unit in after]
