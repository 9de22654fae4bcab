"""Puts each block where Jira lets it stand.

Markdown nests anything in anything; Jira's documents do not (Atlassian's JSON Schema for ADF): an item of a list
holds paragraphs, lists and code, a quotation the same but no tasks, a task one line and further tasks. What stands
elsewhere becomes paragraphs that say the same: a heading is set strong, a quotation keeps its ``>``, a table its bars,
a box its brackets.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Literal

from airflow_provider_jira.model.adf.document import (
    Block,
    Break,
    Heading,
    Inline,
    Item,
    List,
    Paragraph,
    Quote,
    Rule,
    Run,
    Table,
)

Place = Literal["page", "item", "quote"]


def blocks(given: Sequence[Block], place: Place = "page") -> tuple[Block, ...]:
    """Settle blocks.

    :param given: see :mod:`.document`; the cells of its tables hold paragraphs only
    :param place: what they stand in
    """
    return tuple(settled for block in given for settled in _block(block, place))


def _block(block: Block, place: Place) -> Sequence[Block]:
    if isinstance(block, List):
        return _list(block, place)
    if isinstance(block, Quote):
        if place == "page":
            return [Quote(blocks(block.blocks, "quote"))]
        return [_marked(inner) for inner in blocks(block.blocks, place)]
    return [block if place == "page" else _as_paragraph(block)]


def _as_paragraph(block: Block) -> Block:
    if isinstance(block, Heading):
        return Paragraph(_strong(block.inlines))
    if isinstance(block, Table):
        return Paragraph(_as_lines(block))
    return Paragraph((Run("---"),)) if isinstance(block, Rule) else block


def _marked(block: Block) -> Block:
    """Mark each line of a paragraph as quoted."""
    if not isinstance(block, Paragraph):
        return block
    lines: list[Inline] = [Run("> ")]
    for piece in block.inlines:
        lines += [piece, Run("> ")] if isinstance(piece, Break) else [piece]
    return Paragraph(tuple(lines))


def _strong(inlines: Sequence[Inline]) -> tuple[Inline, ...]:
    """Set a line strong, unless a part of it stands out already: what touches it could not all be written."""
    runs = [piece for piece in inlines if isinstance(piece, Run)]
    if any(run.marks.strong or run.marks.em or run.marks.strike for run in runs):
        return tuple(inlines)
    return tuple(
        Run(piece.text, piece.marks._replace(strong=True)) if isinstance(piece, Run) else piece for piece in inlines
    )


def _as_lines(table: Table) -> tuple[Inline, ...]:
    pieces: list[Inline] = []
    for row in table.rows:
        pieces += [Break()] if pieces else []
        for at, cell in enumerate(row):
            pieces += [Run(" | ")] if at else []
            for block in cell.blocks:
                if isinstance(block, Paragraph):
                    words = (Run(" ") if isinstance(piece, Break) else piece for piece in block.inlines)
                    pieces += _strong(tuple(words)) if cell.header else words
    return tuple(pieces)


def _list(list_: List, place: Place) -> Sequence[Block]:
    """Settle a list. Tasks and other items cannot be in one list: they get one after the other."""
    items = [Item(blocks(item.blocks, "item"), item.done) for item in list_.items]
    found: list[Block] = []
    for boxed, group in groupby(items, key=lambda item: item.done is not None):
        part = tuple(group)
        if boxed and (place == "quote" or not all(_is_task(item) for item in part)):
            part = tuple(_with_box(item) for item in part)
        found.append(List(list_.start, part))
    return found


def _is_task(item: Item) -> bool:
    """Say whether an item is one line, if that, with tasks below it."""
    below = item.blocks[1:] if item.blocks and isinstance(item.blocks[0], Paragraph) else item.blocks
    return all(isinstance(block, List) and all(inner.done is not None for inner in block.items) for block in below)


def _with_box(item: Item) -> Item:
    box = "[x]" if item.done else "[ ]"
    if item.blocks and isinstance(first := item.blocks[0], Paragraph):
        return Item((Paragraph((Run(f"{box} "), *first.inlines)), *item.blocks[1:]))
    return Item((Paragraph((Run(box),)), *item.blocks))
