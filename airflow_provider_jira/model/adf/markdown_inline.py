"""The inline pieces of Markdown: emphasis, links and code in a line of text, so that any parser reads them as they
were meant.

Marks of a document may begin and end anywhere; Markdown's delimiters may not. Whether ``**`` opens, closes or is
literal depends on the characters on both sides (CommonMark 0.31, "Emphasis and strong emphasis"). So the line is
written with all its marks and read by those rules. What would be read otherwise is written with underscores, and if
that does not help, it loses its marks: text that is not bold is a smaller loss than stars in the text. Underlining,
sub- and superscript have no Markdown and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Union

from airflow_provider_jira.model.adf.document import Break, Inline, Run
from airflow_provider_jira.model.adf.markdown_escape import escaped, escaped_address
from airflow_provider_jira.model.adf.markdown_flanking import Delimiter, misread

HARD_BREAK = "\\\n"

_ROUNDS = 12
"""How often a line is written anew before it loses all its emphasis. A line that a person wrote needs one round, or
two."""

_DELIMITERS = {"strong": "**", "em": "*", "strike": "~~"}
_OTHERS = {"strong": "__", "em": "_"}
_Place = tuple[int, str]
_AUTOLINK = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_LINK = "link "
_ORDER = (_LINK, "strong", "em", "strike")


class _Unit(NamedTuple):
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


class _Span(NamedTuple):
    """Pieces within one mark, none of them blank at its ends. See :class:`_Unit`."""

    mark: str
    content: tuple[Union[_Span, _Unit], ...]
    first: int
    last: int


_Node = Union[_Span, _Unit]


def write(inlines: Sequence[Inline], line_break: str = HARD_BREAK) -> str:
    """Write inline pieces as Markdown, without regard to what a line's beginning may mean.

    :param inlines: see :mod:`.document`
    :param line_break: what a line break becomes
    """
    dropped: set[_Place] = set()
    other: set[_Place] = set()
    for _ in range(_ROUNDS):
        writer = _Writer(_grouped(_units(inlines, dropped)), line_break, other)
        wrong = sorted(misread(writer.line, writer.delimiters))
        if not wrong:
            return writer.line
        _mend([writer.spans[span] for span in wrong], other, dropped)
    dropped = {(at, mark) for at in range(len(inlines)) for mark in _DELIMITERS}
    return _Writer(_grouped(_units(inlines, dropped)), line_break, other).line


def _mend(wrong: Sequence[_Span], other: set[_Place], dropped: set[_Place]) -> None:
    """Have spans written with underscores, one of two that touch; where all are, have them lose their marks."""
    end = -1
    for span in wrong:
        if span.mark in _OTHERS and span.first > end and not _places(span) <= other:
            other |= _places(span)
            end = span.last + 1
    if end < 0:
        dropped |= {place for span in wrong for place in _places(span)}


def _places(span: _Span) -> set[_Place]:
    return {(at, span.mark) for at in range(span.first, span.last + 1)}


def _units(inlines: Sequence[Inline], dropped: set[_Place]) -> list[_Unit]:
    """Cut a line into pieces, and put those together that are set alike."""
    units: list[_Unit] = []
    for at, piece in enumerate(inlines):
        if isinstance(piece, Break):
            unit = _Unit("break", "", frozenset(), at, at)
        else:
            marks = {mark for mark in _DELIMITERS if getattr(piece.marks, mark) and (at, mark) not in dropped}
            kind = "code" if piece.marks.code and not _defines(piece) else "text"
            if piece.marks.link and _is_address(inlines, at):
                kind = "address"
            elif piece.marks.link:
                marks.add(_LINK + piece.marks.link)
            unit = _Unit(kind, piece.text, frozenset(marks), at, at)
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


def _grouped(units: Sequence[_Unit]) -> tuple[_Node, ...]:
    """Nest the pieces in spans, the mark that reaches farthest outermost."""
    nodes: list[_Node] = []
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
            nodes.append(_Span(marks[0], _grouped(core), core[0].first, core[-1].last))
        nodes += _grouped(after)
        start = end
    return tuple(nodes)


def _reach(units: Sequence[_Unit], start: int, mark: str) -> int:
    """Say where a mark ends. It does not reach into a link that it does not hold as a whole."""
    end = _end(units, start, mark)
    link = _link(units[end]) if end < len(units) else None
    if link is None or mark == link or link not in units[end - 1].marks:
        return end
    first = next((at + 1 for at in range(end - 1, start - 1, -1) if link not in units[at].marks), start)
    return end if first == start else first


def _end(units: Sequence[_Unit], start: int, mark: str) -> int:
    return next((at for at in range(start, len(units)) if mark not in units[at].marks), len(units))


def _link(unit: _Unit) -> str | None:
    return next((mark for mark in unit.marks if mark.startswith(_LINK)), None)


def _rank(mark: str) -> int:
    return _ORDER.index(_LINK if mark.startswith(_LINK) else mark)


def _trimmed(units: Sequence[_Unit]) -> tuple[list[_Unit], list[_Unit], list[_Unit]]:
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


class _Writer:
    """Writes a line, and remembers where its delimiters are.

    :ivar line: the Markdown
    :ivar spans: the spans that have delimiters
    """

    def __init__(self, nodes: Iterable[_Node], line_break: str, other: AbstractSet[_Place]) -> None:
        self.delimiters: list[Delimiter] = []
        self.spans: list[_Span] = []
        self._line_break = line_break
        self._other = other
        self._parts: list[str] = []
        self._length = 0
        self._literal = ""
        for node in nodes:
            self._node(node)
        self._flush()
        self.line = "".join(self._parts)

    def _node(self, node: _Node) -> None:
        if isinstance(node, _Span):
            self._span(node)
        elif node.kind == "text":
            self._literal += node.text
        elif node.kind == "code":
            self._markup(_code(node.text))
        elif node.kind == "address":
            self._markup(f"<{node.text}>")
        else:
            self._markup(self._line_break)

    def _span(self, span: _Span) -> None:
        if span.mark.startswith(_LINK):
            self._markup("[")
            for node in span.content:
                self._node(node)
            self._markup(f"]({escaped_address(span.mark.removeprefix(_LINK))})")
            return
        number = len(self.spans)
        self.spans.append(span)
        text = (_OTHERS if (span.first, span.mark) in self._other else _DELIMITERS)[span.mark]
        self._delimiter(text, number, opens=True)
        for node in span.content:
            self._node(node)
        self._delimiter(text, number, opens=False)

    def _delimiter(self, text: str, number: int, *, opens: bool) -> None:
        self._flush()
        self.delimiters.append(Delimiter(self._length, text, number, opens))
        self._put(text)

    def _markup(self, text: str) -> None:
        if text == "[" and self._literal.endswith("!"):
            # An exclamation mark before a link would make an image of it.
            self._flush(self._literal[:-1])
            self._put("\\!")
        self._flush()
        self._put(text)

    def _flush(self, literal: str | None = None) -> None:
        """Write the literal text that has been gathered: only whole can it be escaped, because what is markup depends
        on what is beside it."""
        self._put(escaped(self._literal if literal is None else literal))
        self._literal = ""

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def _code(text: str) -> str:
    """Write code in a line, fenced by more backticks than it holds in a row."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    padded = text.startswith("`") or text.endswith("`") or (text[0] == text[-1] == " " and bool(text.strip()))
    return f"{fence} {text} {fence}" if padded else f"{fence}{text}{fence}"
