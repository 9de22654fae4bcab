"""Reads Atlassian Document Format into the tree of :mod:`.document`, whatever it looks like.

The nodes and marks are those of the JSON Schema that Atlassian publishes (``go.atlassian.com/adf-json-schema``) and
of its developer documentation. What has no counterpart in a text becomes one here, once for all formats: a mention is
its name, a status its label, a date the day, a card its address, media their file name or description, a panel a
quotation under its kind, an expander its title with what it hides. Marks that only decorate (colour, size, alignment,
borders, annotations) are left out.

Jira may send nodes that are newer than this code, and apps may send anything. So nothing is taken for granted: an
unknown node stands for its content, or for the text in its attributes; inline pieces found among blocks become a
paragraph; a document nested deeper than any page gives up its structure there, but not its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

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
    Marks,
    Paragraph,
    Quote,
    Rule,
    Run,
    Table,
)
from airflow_provider_jira.model.adf.nodes import MAX_DEPTH, attrs, content, kind, language, text, whole
from airflow_provider_jira.model.adf.pieces import INLINE, all_text, inlines, leaf, line

_STRONG = Marks(strong=True)
_SPANS = (1, 64)
_ITEMS = {"listItem", "taskItem", "blockTaskItem", "decisionItem"}
_LISTS = {"bulletList", "orderedList", "taskList", "decisionList"}
_CELLS = {"tableCell", "tableHeader"}


def read(document: Any) -> tuple[Block, ...]:
    """Read a document, or any node of one.

    :param document: JSON as Jira sent it
    :returns: its blocks; blocks with nothing in them are left out
    """
    return _blocks([document], 0)


def _blocks(nodes: Iterable[Any], depth: int) -> tuple[Block, ...]:
    """Read nodes where blocks belong; inline pieces in a row become a paragraph."""
    found: list[Block] = []
    loose: list[Inline] = []
    for node in nodes:
        if _is_inline(node):
            loose += inlines([node], depth)
        else:
            found += [*_paragraph(loose), *_block(node, depth)]
            loose = []
    return (*found, *_paragraph(loose))


def _is_inline(node: Any) -> bool:
    """Say whether a node is an inline piece; one of an unknown kind is, where all in it is."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if kind(node) in _READERS:
            return False
        if kind(node) not in INLINE:
            waiting += content(node)
    return True


def _block(node: Any, depth: int) -> Iterable[Block]:
    if depth > MAX_DEPTH:
        return _paragraph([line(all_text(node))])
    return _READERS.get(kind(node), _read_content)(node, depth + 1)


def _paragraph(pieces: Iterable[Inline]) -> list[Block]:
    """Make a paragraph, if there is anything in it; blanks and line breaks around it are dropped."""
    listed = tuple(pieces)
    said = [at for at, piece in enumerate(listed) if isinstance(piece, Run) and piece.text.strip()]
    return [Paragraph(listed[said[0] : said[-1] + 1])] if said else []


# Each reader is given a node and the depth of what is in it, and answers with the blocks that it becomes.


def _read_content(node: Any, depth: int) -> Iterable[Block]:
    return _blocks(content(node), depth)


def _read_paragraph(node: Any, depth: int) -> Iterable[Block]:
    return _paragraph(inlines(content(node), depth))


def _read_heading(node: Any, depth: int) -> Iterable[Block]:
    level = whole(attrs(node).get("level"), 1, 6, 1)
    pieces = (Run(" ") if isinstance(piece, Break) else piece for piece in inlines(content(node), depth))
    return [Heading(level, block.inlines) for block in _paragraph(pieces) if isinstance(block, Paragraph)]


def _read_code(node: Any, depth: int) -> Iterable[Block]:
    words = "".join("\n" if isinstance(piece, Break) else piece.text for piece in inlines(content(node), depth))
    return [Code(language(text(attrs(node).get("language"))), words)]


def _read_quote(node: Any, depth: int) -> Iterable[Block]:
    blocks = _blocks(content(node), depth)
    return [Quote(blocks)] if blocks else []


def _read_panel(node: Any, depth: int) -> Iterable[Block]:
    blocks = _blocks(content(node), depth)
    named = text(attrs(node).get("panelType"))
    label = _title(named.capitalize()) if named in {"info", "note", "tip", "warning", "error", "success"} else []
    return [Quote((*label, *blocks))] if blocks else []


def _read_expand(node: Any, depth: int) -> Iterable[Block]:
    return [*_title(text(attrs(node).get("title"))), *_blocks(content(node), depth)]


def _title(words: str) -> list[Block]:
    return _paragraph([line(words, _STRONG)])


def _read_list(node: Any, depth: int) -> Iterable[Block]:
    start = whole(attrs(node).get("order"), 0, MAX_NUMBER, 1) if kind(node) == "orderedList" else None
    items: list[Item] = []
    for child in content(node):
        if kind(child) in _LISTS and items:
            above = items.pop()
            items.append(Item((*above.blocks, *_block(child, depth)), above.done))
        else:
            items.append(_item(child, depth))
    return [List(start, tuple(items))] if any(item.blocks for item in items) else []


def _item(node: Any, depth: int) -> Item:
    done = attrs(node).get("state") == "DONE" if kind(node) in {"taskItem", "blockTaskItem"} else None
    if kind(node) in _ITEMS and depth <= MAX_DEPTH:
        return Item(_blocks(content(node), depth + 1), done)
    return Item(_blocks([node], depth), done)


def _read_loose_item(node: Any, depth: int) -> Iterable[Block]:
    item = _item(node, depth)
    return [List(None, (item,))] if item.blocks else []


def _read_table(node: Any, depth: int) -> Iterable[Block]:
    rows = tuple(row for child in content(node) if (row := tuple(_cells(child, depth))))
    return [Table(rows)] if rows else []


def _read_loose_row(node: Any, depth: int) -> Iterable[Block]:
    return _read_table({"content": [node]}, depth)


def _cells(row: Any, depth: int) -> Iterator[Cell]:
    for node in content(row) if kind(row) == "tableRow" and depth < MAX_DEPTH else [row]:
        wraps = kind(node) in _CELLS and depth < MAX_DEPTH
        yield Cell(
            _blocks(content(node) if wraps else [node], depth + 2),
            header=kind(node) == "tableHeader",
            columns=whole(attrs(node).get("colspan"), *_SPANS, 1),
            rows=whole(attrs(node).get("rowspan"), *_SPANS, 1),
        )


def _read_rule(_node: Any, _depth: int) -> Iterable[Block]:
    return [Rule()]


def _read_media(node: Any, depth: int) -> Iterable[Block]:
    """Read a frame around media: each of them, and the caption, on a line of its own."""
    lines: list[Inline] = []
    for child in content(node):
        pieces = inlines([child], depth)
        lines += [Break(), *pieces] if lines and pieces else pieces
    return _paragraph(lines)


def _read_macro(node: Any, depth: int) -> Iterable[Block]:
    """Read what is in the node; where it lies elsewhere, the name or address of it."""
    link, words = leaf(node)
    return _blocks(content(node), depth) or _paragraph([line(words, Marks(link=link))])


_READERS: dict[str, Callable[[Any, int], Iterable[Block]]] = {
    **dict.fromkeys(("doc", "layoutSection", "layoutColumn", "extensionFrame", "bodiedRule", *_CELLS), _read_content),
    **dict.fromkeys(("paragraph", "caption"), _read_paragraph),
    **dict.fromkeys(("expand", "nestedExpand"), _read_expand),
    **dict.fromkeys(_LISTS, _read_list),
    **dict.fromkeys(_ITEMS, _read_loose_item),
    **dict.fromkeys(("mediaSingle", "mediaGroup"), _read_media),
    **dict.fromkeys(("blockCard", "embedCard", "syncBlock", "bodiedSyncBlock"), _read_macro),
    **dict.fromkeys(("extension", "bodiedExtension", "multiBodiedExtension"), _read_macro),
    "heading": _read_heading,
    "codeBlock": _read_code,
    "blockquote": _read_quote,
    "panel": _read_panel,
    "table": _read_table,
    "tableRow": _read_loose_row,
    "rule": _read_rule,
}

KNOWN = frozenset(_READERS) | INLINE
"""Every kind of node that is read for what it is."""
