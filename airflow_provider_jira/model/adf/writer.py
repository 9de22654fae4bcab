"""Writes the tree of :mod:`.document` as a document that Jira takes.

What Atlassian's JSON Schema asks for and the tree does not say is seen to here: a cell and an item have a paragraph
in them even if it is empty, an item begins with one or with code (older versions of the schema know no other
beginning), lists of tasks and tasks have ids. Ids follow from place and words, so that writing a text twice gives the
same document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from airflow_provider_jira.model.adf import plain
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

Node = dict[str, Any]


def write(blocks: Sequence[Block]) -> Node:
    """Write a document.

    :param blocks: see :mod:`.document`; settled (:mod:`.settle`)
    :returns: the document as JSON
    """
    return {"type": "doc", "version": 1, "content": _Writer().blocks(blocks)}


class _Writer:
    """Writes one document, and counts the ids in it."""

    def __init__(self) -> None:
        self._ids = 0

    def blocks(self, given: Iterable[Block]) -> list[Node]:
        return [self._block(block) for block in given]

    def _block(self, block: Block) -> Node:
        if isinstance(block, Paragraph):
            return _paragraph(block.inlines)
        if isinstance(block, Heading):
            return {"type": "heading", "attrs": {"level": block.level}, "content": _inlines(block.inlines)}
        if isinstance(block, Code):
            return _code(block)
        if isinstance(block, Quote):
            return {"type": "blockquote", "content": self.blocks(block.blocks)}
        if isinstance(block, List):
            return self._list(block)
        return self._table(block) if isinstance(block, Table) else {"type": "rule"}

    def _list(self, list_: List) -> Node:
        if list_.items[0].done is not None:
            return self._tasks(list_)
        items = [{"type": "listItem", "content": self._in_item(item.blocks)} for item in list_.items]
        if list_.start is None:
            return {"type": "bulletList", "content": items}
        return {"type": "orderedList", "attrs": {"order": list_.start}, "content": items}

    def _in_item(self, blocks: Sequence[Block]) -> list[Node]:
        begins = bool(blocks) and isinstance(blocks[0], (Paragraph, Code))
        return [*([] if begins else [_paragraph(())]), *self.blocks(blocks)]

    def _tasks(self, list_: List) -> Node:
        local_id = self._id("")
        content: list[Node] = []
        for item in list_.items:
            words = item.blocks[0].inlines if item.blocks and isinstance(item.blocks[0], Paragraph) else ()
            content.append(self._task(item, words))
            content += self.blocks(block for block in item.blocks if isinstance(block, List))
        return {"type": "taskList", "attrs": {"localId": local_id}, "content": content}

    def _task(self, item: Item, words: Sequence[Inline]) -> Node:
        attrs = {"localId": self._id(plain.words(words)), "state": "DONE" if item.done else "TODO"}
        return {"type": "taskItem", "attrs": attrs, "content": _inlines(words)}

    def _id(self, words: str) -> str:
        self._ids += 1
        return str(uuid5(NAMESPACE_OID, f"{self._ids}:{words}"))

    def _table(self, table: Table) -> Node:
        rows = [{"type": "tableRow", "content": [self._cell(cell) for cell in row]} for row in table.rows]
        return {"type": "table", "content": rows}

    def _cell(self, cell: Cell) -> Node:
        content = self.blocks(cell.blocks) or [_paragraph(())]
        return {"type": "tableHeader" if cell.header else "tableCell", "content": content}


def _paragraph(inlines: Sequence[Inline]) -> Node:
    return {"type": "paragraph", "content": _inlines(inlines)}


def _code(block: Code) -> Node:
    content = [{"type": "text", "text": block.text}] if block.text else []
    attrs = {"attrs": {"language": block.language}} if block.language else {}
    return {"type": "codeBlock", **attrs, "content": content}


def _inlines(inlines: Sequence[Inline]) -> list[Node]:
    return [
        {"type": "hardBreak"}
        if isinstance(piece, Break)
        else {"type": "text", "text": piece.text, **({"marks": marks} if (marks := _marks(piece.marks)) else {})}
        for piece in inlines
    ]


def _marks(marks: Marks) -> list[Node]:
    named: list[Node] = [{"type": name} for name in ("strong", "em", "strike", "code") if getattr(marks, name)]
    return [*named, {"type": "link", "attrs": {"href": marks.link}}] if marks.link else named
