"""What Jira takes as a document: the part of Atlassian's JSON Schema for ADF that this connector writes.

Written down from the schema of @atlaskit/adf-schema 57.7.22 and stricter in one thing: an item of a list begins with a
paragraph or with code, because older versions of the schema know no other beginning.
"""

from __future__ import annotations

import re
from typing import Any

INLINE = {"text", "hardBreak"}
ITEM = {"paragraph", "bulletList", "orderedList", "taskList", "codeBlock"}
CELL = {"paragraph", "blockquote", "orderedList", "bulletList", "rule", "heading", "codeBlock", "taskList"}
CONTENT = {
    "doc": CELL | {"table"},
    "paragraph": INLINE,
    "heading": INLINE,
    "codeBlock": {"text"},
    "blockquote": {"paragraph", "orderedList", "bulletList", "codeBlock"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": ITEM,
    "taskList": {"taskItem", "taskList"},
    "taskItem": INLINE,
    "table": {"tableRow"},
    "tableRow": {"tableCell", "tableHeader"},
    "tableCell": CELL,
    "tableHeader": CELL,
}
NEVER_EMPTY = {"blockquote", "bulletList", "orderedList", "listItem", "taskList", "table", "tableCell", "tableHeader"}
ATTRS = {
    "heading": {"level"},
    "orderedList": {"order"},
    "codeBlock": {"language"},
    "taskList": {"localId"},
    "taskItem": {"localId", "state"},
}
OPTIONAL = {"codeBlock"}
KEYS = {"text": {"type", "text"}, "hardBreak": {"type"}, "rule": {"type"}, "doc": {"type", "version", "content"}}
BESIDE_CODE = {"code", "link"}
MARKS = {"strong", "em", "strike", "code", "link"}


def faults(node: dict[str, Any], path: str = "") -> list[str]:
    """Name what Jira would refuse in a document."""
    kind = node["type"]
    here = f"{path}/{kind}"
    content = node.get("content", [])
    inner = [child["type"] for child in content]
    found = [f"{here}: holds {child}" for child in inner if child not in CONTENT.get(kind, set())]
    if kind in NEVER_EMPTY and not content:
        found.append(f"{here}: empty")
    if kind == "listItem" and inner and inner[0] not in {"paragraph", "codeBlock"}:
        found.append(f"{here}: begins with {inner[0]}")
    if kind == "taskList" and inner and inner[0] != "taskItem":
        found.append(f"{here}: begins with {inner[0]}")
    if kind == "codeBlock" and any("marks" in child for child in content):
        found.append(f"{here}: marks in code")
    keys = set(node) - {"marks", "attrs"}
    if keys != KEYS.get(kind, {"type", "content"}):
        found.append(f"{here}: has {sorted(keys)}")
    found += [f"{here}: {fault}" for fault in (*_of_attrs(kind, node.get("attrs")), *_of_text(node))]
    return found + [fault for child in content for fault in faults(child, here)]


def _of_attrs(kind: str, attrs: dict[str, Any] | None) -> list[str]:
    if set(attrs or {}) != ATTRS.get(kind, set()) and not (attrs is None and kind in OPTIONAL):
        return [f"attributes {attrs}"]
    right = {
        "level": lambda value: value in range(1, 7),
        "order": lambda value: type(value) is int and value >= 0,
        "language": lambda value: re.fullmatch(r"[\w+#.-]+", value),
        "localId": lambda value: len(value) == 36,
        "state": lambda value: value in {"TODO", "DONE"},
    }
    return [f"{name} is {value!r}" for name, value in (attrs or {}).items() if not right[name](value)]


def _of_text(node: dict[str, Any]) -> list[str]:
    if node["type"] != "text":
        return ["marks"] if "marks" in node else []
    marks = [mark["type"] for mark in node.get("marks", [])]
    found = [] if node["text"] else ["empty"]
    if len(set(marks)) != len(marks) or not set(marks) <= MARKS or ("marks" in node and not marks):
        found.append(f"marks {marks}")
    if "code" in marks and not set(marks) <= BESIDE_CODE:
        found.append(f"code beside {marks}")
    links = [mark["attrs"]["href"] for mark in node.get("marks", []) if mark["type"] == "link"]
    return found + [
        f"leads to {link}" for link in links if not re.fullmatch(r"(?i)(https?://|mailto:)[^\s<>\"]+", link)
    ]
