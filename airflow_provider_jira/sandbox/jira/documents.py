"""Atlassian's document format as Jira takes it: what may stand in what, and what a document says in plain words.

Jira refuses a document as a whole and hardly says why: text where a document is wanted is told apart, everything else
is ``INVALID_INPUT``. Written down here from the format's public description; attributes are checked only where a wrong
one is a common mistake (heading levels, mentions, links, dates).
"""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_jira.sandbox.jira.errors import Wrong

MOST_LETTERS = 32_767
_INLINE = frozenset(
    {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "inlineExtension", "placeholder",
     "mediaInline"}
)  # fmt: skip
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
_MEDIA = frozenset({"mediaSingle", "mediaGroup"})
_CARDS = frozenset({"blockCard", "embedCard"})
_COMMON = frozenset({"paragraph", "codeBlock"}) | _MEDIA
_CELL = _COMMON | _LISTS | _CARDS | {"panel", "blockquote", "rule", "heading", "extension", "nestedExpand"}
_BLOCKS = (_CELL - {"nestedExpand"}) | {"table", "expand", "bodiedExtension"}
_CONTENT: dict[str, frozenset[str]] = {
    "doc": _BLOCKS | {"layoutSection"},
    "paragraph": _INLINE,
    "heading": _INLINE,
    "codeBlock": frozenset({"text"}),
    "blockquote": _COMMON | {"bulletList", "orderedList", "extension"},
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": _COMMON | {"bulletList", "orderedList", "taskList", "extension"},
    "taskList": frozenset({"taskItem", "taskList", "blockTaskItem"}),
    "taskItem": _INLINE,
    "blockTaskItem": frozenset({"paragraph", "extension"}),
    "decisionList": frozenset({"decisionItem"}),
    "decisionItem": _INLINE,
    "panel": _COMMON | _LISTS | {"heading", "blockCard", "rule", "extension"},
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableCell", "tableHeader"}),
    "tableCell": _CELL,
    "tableHeader": _CELL,
    "expand": _CELL | {"table"},
    "nestedExpand": _CELL - {"nestedExpand"},
    "bodiedExtension": _BLOCKS,
    "layoutSection": frozenset({"layoutColumn"}),
    "layoutColumn": _BLOCKS,
    "mediaSingle": frozenset({"media", "caption"}),
    "mediaGroup": frozenset({"media"}),
    "caption": _INLINE,
}
_NEVER_EMPTY = frozenset(
    {"blockquote", "bulletList", "orderedList", "listItem", "taskList", "decisionList", "panel", "table", "expand",
     "nestedExpand", "layoutSection", "mediaSingle", "mediaGroup"}
)  # fmt: skip
_LEAVES = (_INLINE | _CARDS | {"rule", "media", "extension"}) - {"text"}
_MARKS = frozenset(
    {"strong", "em", "underline", "strike", "code", "link", "subsup", "textColor", "backgroundColor", "annotation"}
)
_BESIDE_CODE = frozenset({"code", "link", "annotation"})
_ATTRIBUTES: dict[str, tuple[str, type]] = {
    "mention": ("id", str),
    "emoji": ("shortName", str),
    "status": ("text", str),
    "date": ("timestamp", str),
}
_LINES = frozenset({"paragraph", "heading", "codeBlock", "taskItem", "decisionItem", "tableRow", "caption"})


def checked(value: Any) -> dict[str, Any]:
    """Accept a document only.

    :raises Wrong: it is text or something else, or not a valid document, or too long
    """
    if not isinstance(value, dict) or value.get("type") != "doc" or not isinstance(value.get("content"), list):
        raise Wrong("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
    if value.get("version") != 1:
        raise Wrong("INVALID_INPUT")
    _check_children(value)
    if len(plain(value)) > MOST_LETTERS:
        raise Wrong("The entered text is too long. It exceeds the allowed limit of 32,767 characters.")
    return value


def _check_children(node: dict[str, Any]) -> None:
    content, kind = node.get("content", []), node["type"]
    if not isinstance(content, list) or (not content and kind in _NEVER_EMPTY):
        raise Wrong("INVALID_INPUT")
    for child in content:
        if not isinstance(child, dict) or child.get("type") not in _CONTENT[kind]:
            raise Wrong("INVALID_INPUT")
        _check(child, inside=kind)


def _check(node: dict[str, Any], *, inside: str) -> None:
    kind, attrs = node["type"], node.get("attrs", {})
    if not isinstance(attrs, dict) or not _has_attributes(kind, attrs):
        raise Wrong("INVALID_INPUT")
    if kind == "text":
        _check_text(node, inside=inside)
    elif kind not in _LEAVES:
        _check_children(node)


def _has_attributes(kind: str, attrs: dict[str, Any]) -> bool:
    if kind == "heading":
        return attrs.get("level") in range(1, 7)
    if kind in {"inlineCard", "blockCard"}:
        return "url" in attrs or "data" in attrs
    name, type_ = _ATTRIBUTES.get(kind, ("", object))
    return not name or isinstance(attrs.get(name), type_)


def _check_text(node: dict[str, Any], *, inside: str) -> None:
    marks = node.get("marks", [])
    kinds = [mark.get("type") for mark in marks]
    if not isinstance(node.get("text"), str) or not node["text"] or set(kinds) - _MARKS or len(set(kinds)) < len(kinds):
        raise Wrong("INVALID_INPUT")
    if (kinds and inside == "codeBlock") or ("code" in kinds and set(kinds) - _BESIDE_CODE):
        raise Wrong("INVALID_INPUT")
    if any(mark["type"] == "link" and not mark.get("attrs", {}).get("href") for mark in marks):
        raise Wrong("INVALID_INPUT")


def plain(node: dict[str, Any]) -> str:
    """Say what a document says: one line for a paragraph, a heading, a row of a table."""
    return re.sub(r"\n+", "\n", _plain(node)).strip("\n")


def _plain(node: dict[str, Any]) -> str:
    kind, attrs = node.get("type"), node.get("attrs", {})
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "hardBreak":
        return "\n"
    if not node.get("content"):
        return str(next((attrs[name] for name in ("text", "shortName", "url", "timestamp") if attrs.get(name)), ""))
    inner = "".join(_plain(child) for child in node["content"])
    if kind in {"tableCell", "tableHeader"}:
        return f"{' '.join(inner.split())} "
    return f"{inner}\n" if kind in _LINES else inner


def plain_document(text: str) -> dict[str, Any]:
    """Make a document of a text: one paragraph for a line."""
    lines = text.split("\n") if text else []
    content = [{"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []} for line in lines]
    return {"type": "doc", "version": 1, "content": content}
