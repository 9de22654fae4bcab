"""Rich text as plain text: lines that read well without any markup being understood.

Blocks are a blank line apart; items of a list are marked ``-``, ``1.`` or with a box, quotations ``>``. A link is
followed by its address where that says more than its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_jira.model.adf.document import (
    Block,
    Break,
    Code,
    Heading,
    Inline,
    List,
    Paragraph,
    Quote,
    Run,
    Table,
)


def render(blocks: Sequence[Block]) -> str:
    """Render blocks as plain text.

    :param blocks: see :mod:`.document`
    """
    return "\n\n".join(text for block in blocks if (text := _block(block))).strip("\n")


def words(inlines: Iterable[Inline]) -> str:
    """Render inline pieces as plain text. A link that is set in several ways has its address after the last of them."""
    pieces = [piece for piece in inlines if isinstance(piece, Break) or piece.text]
    written: list[str] = []
    linked = ""
    for at, piece in enumerate(pieces):
        if isinstance(piece, Break):
            written.append("\n")
            continue
        linked += piece.text
        written.append(piece.text)
        after = pieces[at + 1] if at + 1 < len(pieces) else None
        if not isinstance(after, Run) or after.marks.link != piece.marks.link:
            address = piece.marks.link
            if address and address.removeprefix("mailto:") not in {linked.strip(), linked.strip() + "/"}:
                written.append(f" ({address.removeprefix('mailto:')})")
            linked = ""
    return "\n".join(line.strip() for line in "".join(written).split("\n"))


def _block(block: Block) -> str:
    if isinstance(block, (Paragraph, Heading)):
        return words(block.inlines)
    if isinstance(block, Code):
        return block.text.strip("\n")
    if isinstance(block, Quote):
        return "\n".join(f"> {line}".rstrip() for line in render(block.blocks).split("\n"))
    if isinstance(block, List):
        return "\n".join(_item(block, at) for at in range(len(block.items)))
    if isinstance(block, Table):
        rows = (" | ".join(_in_a_line(cell.blocks) for cell in row) for row in block.rows)
        return "\n".join(row.rstrip() for row in rows)
    return "---"


def _in_a_line(blocks: Sequence[Block]) -> str:
    return " ".join(line for line in render(blocks).split("\n") if line)


def _item(list_: List, at: int) -> str:
    item = list_.items[at]
    marker = "- " if list_.start is None else f"{list_.start + at}. "
    box = "" if item.done is None else "[x] " if item.done else "[ ] "
    tight = all(isinstance(block, List) for block in item.blocks[1:])
    text = ("\n" if tight else "\n\n").join(written for block in item.blocks if (written := _block(block)))
    indent = " " * len(marker)
    return (marker + box + "\n".join(indent + line if line else "" for line in text.split("\n")).lstrip(" ")).rstrip()
