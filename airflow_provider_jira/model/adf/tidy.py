"""Brings the tree of :mod:`.document` into one form, so that equal texts give equal documents.

Marks end where words do (no text format marks a blank at the end), code carries no mark but a link (Jira refuses
others), pieces set alike are one piece, addresses of pages become links, and what has nothing in it is left out.
A tidy tree that is written as Markdown and read again is the same tree, but for marks that Markdown has no way to
write (:mod:`.markdown_flanking`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_jira.model.adf import links
from airflow_provider_jira.model.adf.document import (
    Block,
    Break,
    Cell,
    Heading,
    Inline,
    Item,
    List,
    Marks,
    Paragraph,
    Quote,
    Run,
    Table,
)
from airflow_provider_jira.model.adf.spans import flat, nested

_BLANKS = " \t"


def blocks(given: Sequence[Block]) -> tuple[Block, ...]:
    """Tidy blocks, and leave out the empty ones.

    :param given: see :mod:`.document`
    """
    return tuple(tidied for block in given if (tidied := _block(block)) is not None)


def _block(block: Block) -> Block | None:
    if isinstance(block, (Paragraph, Heading)):
        words = inlines(block.inlines)
        kept = Heading(block.level, words) if isinstance(block, Heading) else Paragraph(words)
        return kept if words else None
    if isinstance(block, Quote):
        quoted = blocks(block.blocks)
        return Quote(quoted) if quoted else None
    if isinstance(block, List):
        items = tuple(Item(blocks(item.blocks), item.done) for item in block.items)
        return List(block.start, items) if any(item.blocks for item in items) else None
    if isinstance(block, Table):
        return _table(block)
    return block


def _table(table: Table) -> Table | None:
    """Tidy a table. Markdown's tables cannot be without a header: one that says nothing is none."""
    rows = [tuple(_cell(cell) for cell in row) for row in table.rows]
    if rows and all(cell.header and not cell.blocks for cell in rows[0]):
        del rows[0]
    return Table(tuple(rows)) if any(cell.blocks for row in rows for cell in row) else None


def _cell(cell: Cell) -> Cell:
    return Cell(blocks(cell.blocks), cell.header, cell.columns, cell.rows)


def inlines(given: Sequence[Inline]) -> tuple[Inline, ...]:
    """Tidy the pieces of a line; without words in it, it is empty.

    :param given: see :mod:`.document`
    """
    pieces = _trimmed(_merged([_as_code(piece) for piece in given]))
    before: list[Inline] = []
    while pieces != before:  # a mark that has lost blanks may end where another can go on
        before, pieces = pieces, _merged(flat(nested(pieces)))
    return tuple(linked(pieces))


def linked(pieces: Sequence[Inline]) -> list[Inline]:
    """Make links of the addresses of pages that stand in a text, each in one setting as a whole.

    :param pieces: see :mod:`.document`
    """
    text = "".join("\n" if isinstance(piece, Break) else piece.text for piece in pieces)
    found: list[Inline] = []
    start = 0
    addresses = list(links.bare(text))
    for piece in pieces:
        if isinstance(piece, Break):
            found.append(piece)
            start += 1
            continue
        end = start + len(piece.text)
        at = start
        free = not piece.marks.code and not piece.marks.link
        for first, last in addresses if free else []:
            if start <= first and last <= end:
                link = piece.marks._replace(link=text[first:last])
                found += [Run(text[at:first], piece.marks), Run(text[first:last], link)]
                at = last
        found.append(Run(text[at:end], piece.marks))
        start = end
    return _merged(found)


def _as_code(piece: Inline) -> Inline:
    if isinstance(piece, Run) and piece.marks.code:
        return Run(piece.text, Marks(code=True, link=piece.marks.link))
    return piece


def _merged(pieces: Iterable[Inline]) -> list[Inline]:
    """Put pieces together that are set alike."""
    found: list[Inline] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, Break):
            found.append(piece)
        elif isinstance(last, Run) and last.marks == piece.marks:
            found[-1] = Run(last.text + piece.text, last.marks)
        elif piece.text:
            found.append(piece)
    return found


def _trimmed(pieces: Sequence[Inline]) -> list[Inline]:
    """Take blanks off both ends of the whole and of each line."""
    said = [at for at, piece in enumerate(pieces) if isinstance(piece, Run) and piece.text.strip()]
    if not said:
        return []
    lines: list[list[Run]] = [[]]
    for piece in pieces[said[0] : said[-1] + 1]:
        if isinstance(piece, Break):
            lines.append([])
        else:
            lines[-1].append(piece)
    lines[0] = _cut_before(lines[0], None)
    lines[-1] = _cut_behind(lines[-1], None)
    found: list[Inline] = []
    for at, line in enumerate(lines):
        found += [Break()] if at else []
        found += _cut_behind(_cut_before(line, _BLANKS), _BLANKS)
    return found


def _cut_before(line: Sequence[Run], blanks: str | None) -> list[Run]:
    for at, run in enumerate(line):
        kept = run.text if run.marks.code else run.text.lstrip(blanks)
        if kept:
            return [Run(kept, run.marks), *line[at + 1 :]]
    return []


def _cut_behind(line: Sequence[Run], blanks: str | None) -> list[Run]:
    for at in range(len(line) - 1, -1, -1):
        run = line[at]
        kept = run.text if run.marks.code else run.text.rstrip(blanks)
        if kept:
            return [*line[:at], Run(kept, run.marks)]
    return []
