"""How long a document may be, and how one that is longer is cut, so that a text does not have a whole issue refused.

Jira takes 32,767 characters in a text area, in a description and in a comment, and does not say what it counts in a
document. So the strictest reading is kept: all of the document's JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

LIMIT = 32_767
"""Characters that a document may have."""

Node = dict[str, Any]


def fits(document: Node, limit: int = LIMIT) -> bool:
    """Say whether a document is short enough for Jira.

    :param document: as :func:`~airflow_provider_jira.model.adf.from_markdown` makes it
    :param limit: in UTF-16 code units, which is how Java counts characters
    """
    return _length(document) <= limit


def shortened(document: Node, limit: int = LIMIT) -> Node:
    """Cut a document that is too long for Jira, and say so in its last paragraph.

    :param document: as :func:`~airflow_provider_jira.model.adf.from_markdown` makes it
    :param limit: in UTF-16 code units; at least 300
    :returns: the same document if it fits; else its beginning and a note
    """
    if fits(document, limit):
        return document
    whole = _weight(document)

    def cut(kept: int) -> Node:
        content = (_beginning(document, kept) or {}).get("content", [])
        return {**document, "content": [*content, _note(kept, whole)]}

    return cut(_highest(whole, lambda kept: fits(cut(kept), limit)))


def _length(document: Node) -> int:
    return len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le")) // 2


def _highest(above: int, holds: Callable[[int], bool]) -> int:
    """Find the highest number below another for which something holds that holds for none higher; 0 is not tried."""
    low = 0
    while above - low > 1:
        middle = (low + above) // 2
        low, above = (middle, above) if holds(middle) else (low, middle)
    return low


def _weight(node: Node) -> int:
    """Count the characters of all texts; what else stands in a line or has nothing in it counts as one."""
    if "text" in node:
        return len(node["text"])
    return sum(_weight(child) for child in node["content"]) if node.get("content") else 1


def _beginning(node: Node, kept: int) -> Node | None:
    """Keep the beginning of a node.

    :param kept: how much of it, see :func:`_weight`
    :returns: nothing if none of it is kept
    """
    if kept <= 0:
        return None
    if "text" in node:
        return {**node, "text": node["text"][:kept]}
    content: list[Node] = []
    for child in node.get("content", []):
        beginning = _beginning(child, kept)
        if beginning is None:
            break
        content.append(beginning)
        kept -= _weight(child)
    return {**node, "content": content} if "content" in node else node


def _note(kept: int, whole: int) -> Node:
    words = f"[Shortened: {kept} of {whole} characters. The text is longer than Jira takes.]"
    return {"type": "paragraph", "content": [{"type": "text", "text": words, "marks": [{"type": "em"}]}]}
