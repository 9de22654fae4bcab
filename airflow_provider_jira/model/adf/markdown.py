"""Rich text as Markdown: CommonMark, with tables, strike-through and task boxes as in GitHub Flavored Markdown.

One spelling for each thing, so that equal documents give equal texts: ``#`` headings, ``-`` bullets, ``1.`` numbers,
``**strong**``, ``*em*``, fenced code, a backslash at the end of a line for a line break, what is in an item indented
to where the item's text begins, a blank line between blocks. Literal text comes back literally when the Markdown is
rendered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from airflow_provider_jira.model.adf import plain
from airflow_provider_jira.model.adf.document import (
    MAX_NUMBER,
    Block,
    Break,
    Cell,
    Code,
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
from airflow_provider_jira.model.adf.markdown_escape import escaped_line
from airflow_provider_jira.model.adf.markdown_inline import HARD_BREAK, write

_BLANKS = " \t"
_ACROSS = re.compile(r"([-*])[ \t]+(?:\1[ \t]+)+\1[ \t]*(?:\n|$)")
_COLUMNS = 100
"""Columns that spanning cells may fill. A few bytes of a document must not become megabytes of empty cells."""


def render(blocks: Sequence[Block]) -> str:
    """Render blocks as Markdown.

    :param blocks: see :mod:`.document`
    :returns: Markdown without a line break at its end
    """
    return "\n\n".join(_rendered(blocks))


def _rendered(blocks: Sequence[Block]) -> list[str]:
    """Render each block. Lists side by side get other markers, or they would become
    one."""
    texts: list[str] = []
    before: Block | None = None
    other = False
    for block in blocks:
        side_by_side = isinstance(block, List) and isinstance(before, List) and _numbered(block) is _numbered(before)
        other = side_by_side and not other
        texts.append(_list(block, other=other) if isinstance(block, List) else _block(block))
        before = block
    return texts


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        lines = (line.strip(_BLANKS) for line in write(block.inlines).split(HARD_BREAK))
        return HARD_BREAK.join(escaped_line(line) for line in lines)
    if isinstance(block, Heading):
        text = write(block.inlines).strip(_BLANKS)
        # A heading may end in number signs as it began, and a parser takes those away.
        return f"{'#' * block.level} {re.sub(r'#$', lambda _: chr(92) + '#', text)}"
    if isinstance(block, Code):
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
        return f"{fence}{block.language}\n{block.text}\n{fence}" if block.text else f"{fence}{block.language}\n{fence}"
    if isinstance(block, Quote):
        return "\n".join(f"> {line}" if line else ">" for line in render(block.blocks).split("\n"))
    if isinstance(block, Table):
        return _table(block)
    return "---"


def _numbered(list_: List) -> bool:
    return list_.start is not None


def _list(list_: List, *, other: bool) -> str:
    start = list_.start
    bullet, dot = ("*", ")") if other else ("-", ".")
    items = [
        _item(item, bullet if start is None else f"{min(start + at, MAX_NUMBER)}{dot}")
        for at, item in enumerate(list_.items)
    ]
    loose = any(not isinstance(block, List) for item in list_.items for block in item.blocks[1:])
    return ("\n\n" if loose else "\n").join(items)


def _item(item: Item, marker: str) -> str:
    blocks = item.blocks
    texts = _rendered(blocks)
    if blocks and isinstance(blocks[0], Rule):
        # A bullet and a line of hyphens would together be a line across the page.
        texts[0] = "___"
    if item.done is not None:
        box = "[x]" if item.done else "[ ]"
        first = blocks and isinstance(blocks[0], Paragraph)
        texts[:1] = [f"{box} {texts[0]}"] if first else [box, *texts[:1]]
    text = texts[0] if texts else ""
    tight = len(blocks) == 2 and isinstance(blocks[0], Paragraph) and _may_follow_text(blocks[1])
    text = ("\n" if tight else "\n\n").join(texts)
    indent = " " * (len(marker) + 1)
    written = f"{marker} {_indented(text, indent)}".rstrip(_BLANKS)
    # Bullets of nothing but items within items would together be a line across the page.
    return f"{marker}\n{indent}{_indented(text, indent)}" if _ACROSS.match(written) else written


def _may_follow_text(block: Block) -> bool:
    """Say whether a block is a list that is seen as one right below a line of text."""
    return isinstance(block, List) and block.start in {None, 1} and bool(block.items[0].blocks)


def _indented(text: str, indent: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(indent + line if line else line for line in rest)])


def _table(table: Table) -> str:
    rows = _grid(table)
    width = max(len(row) for row in rows)
    has_header = all(cell.header for cell in table.rows[0])
    header, body = (rows[0], rows[1:]) if has_header else ([], rows)
    lines = [[*header, *[""] * (width - len(header))], ["---"] * width, *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _grid(table: Table) -> list[list[str]]:
    """Lay cells out in columns; where a cell spans several places, all but its first are empty."""
    taken: dict[int, int] = {}
    rows = []
    for row in table.rows:
        texts: list[str] = []

        def skip_taken(texts: list[str] = texts) -> None:
            while taken.get(len(texts), 0):
                taken[len(texts)] -= 1
                texts.append("")

        for cell in row:
            skip_taken()
            for column in range(max(1, min(cell.columns, _COLUMNS - len(texts)))):
                taken[len(texts)] = cell.rows - 1
                texts.append("" if column else _cell(cell))
        skip_taken()
        rows.append(texts)
    return rows


def _cell(cell: Cell) -> str:
    """Write a cell in one line. What a line cannot hold is there as plain text."""
    texts = []
    for block in cell.blocks:
        inlines = block.inlines if isinstance(block, (Paragraph, Heading)) else _lines(plain.render([block]))
        texts.append(write(inlines, "<br>").strip(_BLANKS))
    return "<br>".join(texts).replace("|", "\\|")


def _lines(text: str) -> tuple[Inline, ...]:
    pieces: list[Inline] = []
    for line in text.split("\n"):
        pieces += [Break(), Run(line)] if pieces else [Run(line)]
    return tuple(piece for piece in pieces if isinstance(piece, Break) or piece.text)
