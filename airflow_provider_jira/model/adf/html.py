"""Rich text as HTML: elements only, no attributes but links' addresses, spans of cells and a code's language.

All text is escaped, and links lead to pages and mailboxes only (the reader lets no others pass), so that what
somebody wrote in Jira can do nothing in a page of ESM but be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from airflow_provider_jira.model.adf.document import (
    Block,
    Break,
    Cell,
    Code,
    Heading,
    Inline,
    Item,
    List,
    Marks,
    Paragraph,
    Quote,
    Table,
)


def render(blocks: Sequence[Block]) -> str:
    """Render blocks as HTML, without line breaks between elements.

    :param blocks: see :mod:`.document`
    """
    return "".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{_words(block.inlines)}</p>"
    if isinstance(block, Heading):
        return f"<h{block.level}>{_words(block.inlines)}</h{block.level}>"
    if isinstance(block, Quote):
        return f"<blockquote>{render(block.blocks)}</blockquote>"
    if isinstance(block, List):
        return _list(block)
    if isinstance(block, Table):
        rows = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in block.rows)
        return f"<table><tbody>{rows}</tbody></table>"
    return _code(block) if isinstance(block, Code) else "<hr>"


def _code(block: Code) -> str:
    language = f' class="language-{escape(block.language)}"' if block.language else ""
    return f"<pre><code{language}>{escape(block.text)}</code></pre>"


def _list(list_: List) -> str:
    items = "".join(f"<li>{_item(item)}</li>" for item in list_.items)
    if list_.start is None:
        return f"<ul>{items}</ul>"
    return f'<ol start="{list_.start}">{items}</ol>' if list_.start != 1 else f"<ol>{items}</ol>"


def _item(item: Item) -> str:
    box = "" if item.done is None else "☑ " if item.done else "☐ "
    return box + _unwrapped(item.blocks)


def _cell(cell: Cell) -> str:
    name = "th" if cell.header else "td"
    columns = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    rows = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    return f"<{name}{columns}{rows}>{_unwrapped(cell.blocks)}</{name}>"


def _unwrapped(blocks: Sequence[Block]) -> str:
    """Render blocks, the first of them without a paragraph of its own where lists are all that follows it."""
    if blocks and isinstance(blocks[0], Paragraph) and all(isinstance(block, List) for block in blocks[1:]):
        return _words(blocks[0].inlines) + render(blocks[1:])
    return render(blocks)


def _words(inlines: Iterable[Inline]) -> str:
    return "".join("<br>" if isinstance(piece, Break) else _set(escape(piece.text), piece.marks) for piece in inlines)


def _set(text: str, marks: Marks) -> str:
    elements = {
        "code": marks.code,
        "sub": marks.shift == "sub",
        "sup": marks.shift == "sup",
        "u": marks.underline,
        "s": marks.strike,
        "em": marks.em,
        "strong": marks.strong,
    }
    for name, wanted in elements.items():
        if wanted:
            text = f"<{name}>{text}</{name}>"
    return f'<a href="{escape(marks.link)}">{text}</a>' if marks.link else text
