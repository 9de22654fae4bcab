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

from airflow_provider_jira.model.adf.document import Inline
from airflow_provider_jira.model.adf.markdown_escape import escaped, escaped_address
from airflow_provider_jira.model.adf.markdown_flanking import Delimiter, misread
from airflow_provider_jira.model.adf.spans import LINK, Node, Place, Span, nested

HARD_BREAK = "\\\n"

_ROUNDS = 24
"""How often a line is written anew before it loses all its emphasis. A line that a person wrote needs one round, or
two."""

_DELIMITERS = {"strong": "**", "em": "*", "strike": "~~"}
_OTHERS = {"strong": "__", "em": "_"}


def write(inlines: Sequence[Inline], line_break: str = HARD_BREAK) -> str:
    """Write inline pieces as Markdown, without regard to what a line's beginning may mean.

    :param inlines: see :mod:`.document`
    :param line_break: what a line break becomes
    """
    dropped: set[Place] = set()
    other: set[Place] = set()
    for _ in range(_ROUNDS):
        writer = _Writer(nested(inlines, dropped), line_break, other)
        wrong = sorted(misread(writer.line, writer.delimiters))
        if not wrong:
            return writer.line
        _mend([writer.spans[span] for span in wrong], other, dropped)
    dropped = {(at, mark) for at in range(len(inlines)) for mark in _DELIMITERS}
    return _Writer(nested(inlines, dropped), line_break, other).line


def _mend(wrong: Sequence[Span], other: set[Place], dropped: set[Place]) -> None:
    """Have spans written with underscores, one of two that touch. Where that has not helped, the innermost lose their
    marks, and the others begin anew."""
    end = -1
    for span in wrong:
        if span.mark in _OTHERS and span.first > end and not _places(span) <= other:
            other |= _places(span)
            end = span.last + 1
    if end < 0:
        within = [span for at, span in enumerate(wrong) if not any(_holds(span, inner) for inner in wrong[at + 1 :])]
        dropped |= {place for span in within for place in _places(span)}
        other.clear()


def _holds(span: Span, other: Span) -> bool:
    return span.first <= other.first and other.last <= span.last


def _places(span: Span) -> set[Place]:
    return {(at, span.mark) for at in range(span.first, span.last + 1)}


class _Writer:
    """Writes a line, and remembers where its delimiters are.

    :ivar line: the Markdown
    :ivar spans: the spans that have delimiters
    """

    def __init__(self, nodes: Iterable[Node], line_break: str, other: AbstractSet[Place]) -> None:
        self.delimiters: list[Delimiter] = []
        self.spans: list[Span] = []
        self._line_break = line_break
        self._other = other
        self._parts: list[str] = []
        self._length = 0
        self._literal = ""
        for node in nodes:
            self._node(node)
        self._flush()
        self.line = "".join(self._parts)

    def _node(self, node: Node) -> None:
        if isinstance(node, Span):
            self._span(node)
        elif node.kind == "text":
            self._literal += node.text
        elif node.kind == "code":
            self._markup(_code(node.text))
        elif node.kind == "address":
            self._markup(f"<{node.text}>")
        else:
            self._markup(self._line_break)

    def _span(self, span: Span) -> None:
        if span.mark.startswith(LINK):
            self._markup("[")
            for node in span.content:
                self._node(node)
            self._markup(f"]({escaped_address(span.mark.removeprefix(LINK))})")
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
