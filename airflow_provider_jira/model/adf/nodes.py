"""Access to the JSON of a rich text document, which may be anything: what is missing or of another type is empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_jira.model.text import clean

MAX_DEPTH = 40
"""Nodes within nodes. A page that a person wrote has a dozen; Python's stack has room for some hundred."""

Attrs = Mapping[str, Any]


def kind(node: Any) -> str:
    """Name the kind of a node or mark."""
    return text(node.get("type")) if isinstance(node, dict) else ""


def attrs(node: Any) -> Attrs:
    """Take a node's or mark's attributes."""
    found = node.get("attrs") if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def content(node: Any) -> list[Any]:
    """Take the nodes in a node."""
    return listed(node, "content")


def listed(node: Any, name: str) -> list[Any]:
    """Take an array out of a node."""
    found = node.get(name) if isinstance(node, dict) else None
    return found if isinstance(found, list) else []


def text(value: Any) -> str:
    """Take a text, without what XML cannot carry and with ``\\n`` as its only line break; a number counts as text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return clean(value).replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else ""


def language(value: str) -> str:
    """Take the name of a code's language, without what could be taken for markup.

    :param value: as somebody wrote it
    :returns: letters, digits and ``+#.-_``
    """
    return re.sub(r"[^\w+#.-]", "", value, flags=re.ASCII)


def whole(value: Any, low: int, high: int, otherwise: int) -> int:
    """Take a whole number within bounds."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else otherwise
