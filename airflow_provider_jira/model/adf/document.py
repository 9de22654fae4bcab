"""The tree that a rich text document is read into: few kinds of pieces, all of which each text format has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Union

Shift = Literal["sub", "sup"]

MAX_NUMBER = 999_999_999
"""The highest number that an item of a list has in Markdown (CommonMark 0.31, section 5.2)."""


class Marks(NamedTuple):
    """How a piece of text is set.

    :param link: where it leads, ``http``, ``https`` or ``mailto`` only; empty = nowhere
    :param shift: sub- or superscript
    """

    strong: bool = False
    em: bool = False
    strike: bool = False
    underline: bool = False
    code: bool = False
    shift: Shift | None = None
    link: str = ""


class Run(NamedTuple):
    """A piece of text, never empty, in one setting."""

    text: str
    marks: Marks = Marks()


class Break(NamedTuple):
    """A line break within a block."""


Inline = Union[Run, Break]


@dataclass(frozen=True)
class Paragraph:
    """Lines of text."""

    inlines: tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """A heading.

    :param level: 1 to 6
    """

    level: int
    inlines: tuple[Inline, ...]


@dataclass(frozen=True)
class Code:
    """A block of code.

    :param language: as Jira names it, letters, digits and ``+#.-_`` only; may be empty
    """

    language: str
    text: str


@dataclass(frozen=True)
class Quote:
    """A quotation, or another block set apart from its surroundings."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Item:
    """An item of a list.

    :param done: whether its box is ticked; ``None`` = it has no box
    """

    blocks: tuple[Block, ...]
    done: bool | None = None


@dataclass(frozen=True)
class List:
    """A list.

    :param start: number of its first item, 0 to :data:`MAX_NUMBER`; ``None`` = bullets
    """

    start: int | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    :param columns: how many columns it spans, 1 to 64
    :param rows: how many rows it spans, 1 to 64
    """

    blocks: tuple[Block, ...]
    header: bool = False
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Table:
    """A table, row by row. Rows may differ in length."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Rule:
    """A line across the page."""


Block = Union[Paragraph, Heading, Code, Quote, List, Table, Rule]
