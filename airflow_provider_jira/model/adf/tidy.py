"""Brings the tree of :mod:`.document` into one form, so that equal texts give equal documents.

Marks end where words do (no text format marks a blank at the end), code carries no mark but a link (Jira refuses
others), pieces set alike are one piece, addresses of pages become links, and what has nothing in it is left out.
A tidy tree that is written as Markdown and read again is the same tree, but for marks that Markdown has no way to
write (:mod:`.markdown_flanking`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

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

_BLANKS = " \t"
_WITHOUT: dict[str, Callable[[Marks], Marks]] = {
    "link": lambda marks: marks._replace(link=""),
    "strong": lambda marks: marks._replace(strong=False),
    "em": lambda marks: marks._replace(em=False),
    "strike": lambda marks: marks._replace(strike=False),
}


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
    for mark in _WITHOUT:
        pieces = _unmarked_blanks(pieces, mark)
    return tuple(linked(_merged(pieces)))


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


def _unmarked_blanks(pieces: Sequence[Inline], mark: str) -> list[Inline]:
    """Take a mark off the blanks at both ends of each stretch that has it."""
    crossed = _crossed_links(pieces, mark)
    found: list[Inline] = []
    stretch: list[int] = []
    for at, piece in enumerate(pieces):
        if stretch and _goes_on(pieces, stretch[-1], at, mark) and not _leaves(crossed, stretch[-1], at):
            stretch.append(at)
            continue
        found += _bare_ends([pieces[place] for place in stretch], mark)
        stretch = [at] if _setting(piece, mark) else []
        found += [] if stretch else [piece]
    return [*found, *_bare_ends([pieces[place] for place in stretch], mark)]


def _goes_on(pieces: Sequence[Inline], before: int, at: int, mark: str) -> bool:
    """Say whether a piece is set as the one before it is; a line break is, if it stands between two that are."""
    if isinstance(pieces[at], Break) and isinstance(pieces[before], Run) and at + 1 < len(pieces):
        return _setting(pieces[at + 1], mark) == _setting(pieces[before], mark)
    last = before - 1 if isinstance(pieces[before], Break) else before
    setting = _setting(pieces[at], mark)
    return bool(setting) and setting == _setting(pieces[last], mark)


def _crossed_links(pieces: Sequence[Inline], mark: str) -> dict[int, int]:
    """Find links of which only a part has a mark: no text format lets the mark go on across their ends.

    :returns: for each piece that is in one, the number of its first piece
    """
    groups: list[list[int]] = []
    for at, piece in enumerate(pieces):
        if groups and _goes_on(pieces, groups[-1][-1], at, "link") and groups[-1][-1] == at - 1:
            groups[-1].append(at)
        elif isinstance(piece, Run) and piece.marks.link:
            groups.append([at])
    runs = [[at for at in group if isinstance(pieces[at], Run)] for group in groups]
    mixed = [of for of in runs if not all(_setting(pieces[at], mark) for at in of)] if mark != "link" else []
    return {at: of[0] for of in mixed for at in of}


def _leaves(crossed: Mapping[int, int], before: int, at: int) -> bool:
    return crossed.get(before) != crossed.get(at)


def _setting(piece: Inline, mark: str) -> object:
    return getattr(piece.marks, mark) if isinstance(piece, Run) else None


def _bare_ends(stretch: Sequence[Inline], mark: str) -> list[Inline]:
    pieces = list(stretch)
    before: list[Inline] = []
    behind: list[Inline] = []
    while pieces and _is_blank(pieces[0]):
        before.append(_bare(pieces.pop(0), mark))
    while pieces and _is_blank(pieces[-1]):
        behind.insert(0, _bare(pieces.pop(), mark))
    if pieces and isinstance(first := pieces[0], Run) and not first.marks.code:
        kept = first.text.lstrip()
        before.append(_bare(Run(first.text[: len(first.text) - len(kept)], first.marks), mark))
        pieces[0] = Run(kept, first.marks)
    if pieces and isinstance(last := pieces[-1], Run) and not last.marks.code:
        kept = last.text.rstrip()
        behind.insert(0, _bare(Run(last.text[len(kept) :], last.marks), mark))
        pieces[-1] = Run(kept, last.marks)
    return [*before, *pieces, *behind]


def _is_blank(piece: Inline) -> bool:
    return isinstance(piece, Break) or (not piece.marks.code and not piece.text.strip())


def _bare(piece: Inline, mark: str) -> Inline:
    if isinstance(piece, Break):
        return piece
    return Run(piece.text, _WITHOUT[mark](piece.marks))
