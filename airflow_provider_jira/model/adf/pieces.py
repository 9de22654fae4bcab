"""Reads the inline pieces of a rich text document: texts with their marks, and what stands between them.

What is all attributes (a mention, a date, a card) becomes the text, and where there is one the link, that a person
sees in Jira.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow_provider_jira.model.adf import links
from airflow_provider_jira.model.adf.document import Break, Inline, Marks, Run
from airflow_provider_jira.model.adf.nodes import MAX_DEPTH, Attrs, attrs, content, kind, listed, text

PLAIN = Marks()

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def inlines(nodes: Iterable[Any], depth: int, around: Marks = PLAIN) -> list[Inline]:
    """Read nodes where inline pieces belong; what is no inline piece gives up its own, from a line of its own on.

    :param nodes: JSON
    :param depth: how many nodes there are around these
    :param around: marks of the node around these
    """
    found: list[Inline] = []
    for node in nodes:
        pieces = list(_inline(node, depth, around))
        if found and pieces and kind(node) not in INLINE and content(node):
            found.append(Break())
        found += (piece for piece in pieces if isinstance(piece, Break) or piece.text)
    return found


def _inline(node: Any, depth: int, around: Marks) -> Iterable[Inline]:
    if depth > MAX_DEPTH:
        return [line(all_text(node))]
    marks = _marked(node, around)
    if kind(node) == "text":
        return broken(text(node.get("text")), marks)
    if kind(node) == "hardBreak":
        return [Break()]
    if kind(node) not in INLINE and content(node):
        return inlines(content(node), depth + 1, marks)
    link, words = leaf(node)
    return [line(words, marks._replace(link=link or marks.link))]


def broken(words: str, marks: Marks) -> Iterator[Inline]:
    """Cut a text at its line breaks."""
    for at, piece in enumerate(words.split("\n")):
        if at:
            yield Break()
        if piece:
            yield Run(piece, marks)


def line(words: str, marks: Marks = PLAIN) -> Run:
    """Make one line of a text."""
    return Run(words.replace("\n", " "), marks)


_SET: dict[str, Callable[[Marks], Marks]] = {
    "strong": lambda marks: marks._replace(strong=True),
    "em": lambda marks: marks._replace(em=True),
    "strike": lambda marks: marks._replace(strike=True),
    "underline": lambda marks: marks._replace(underline=True),
    "code": lambda marks: marks._replace(code=True),
}


def _marked(node: Any, around: Marks) -> Marks:
    """Add a node's own marks to those of the node around it. Marks that only decorate are left out."""
    marks = around
    for mark in listed(node, "marks"):
        name = kind(mark)
        if name in _SET:
            marks = _SET[name](marks)
        elif name == "subsup" and attrs(mark).get("type") in ("sub", "sup"):
            marks = marks._replace(shift=attrs(mark)["type"])
        elif name == "link":
            marks = marks._replace(link=links.safe(text(attrs(mark).get("href"))) or marks.link)
    return marks


def leaf(node: Any) -> tuple[str, str]:
    """Read a node that is all attributes.

    :returns: a safe link, or nothing, and the text
    """
    return _LEAVES.get(kind(node), _unknown)(attrs(node))


def _mention(given: Attrs) -> tuple[str, str]:
    name = text(given.get("text")) or text(given.get("id"))
    return "", f"@{name.removeprefix('@')}" if name else ""


def _emoji(given: Attrs) -> tuple[str, str]:
    return "", text(given.get("text")) or text(given.get("shortName"))


def _date(given: Attrs) -> tuple[str, str]:
    written = text(given.get("timestamp"))
    try:
        return "", (_EPOCH + timedelta(milliseconds=int(written))).date().isoformat()
    except (ValueError, OverflowError):
        return "", written


def _card(given: Attrs) -> tuple[str, str]:
    data = given.get("data")
    inside: Attrs = data if isinstance(data, dict) else {}
    url = text(given.get("url")) or text(inside.get("url"))
    otherwise = "[list of work items]" if "datasource" in given else "[card]"
    return links.safe(url), text(inside.get("name")) or url or otherwise


def _media(given: Attrs) -> tuple[str, str]:
    link = links.safe(text(given.get("url")))
    otherwise = "[image]" if given.get("type") in ("image", "external") else "[attachment]"
    return link, text(given.get("alt")) or link or otherwise


def _macro(given: Attrs) -> tuple[str, str]:
    return "", text(given.get("text")) or f"[{text(given.get('extensionKey')) or 'macro'}]"


def _synced(_given: Attrs) -> tuple[str, str]:
    return "", "[synced block]"


def _label(given: Attrs) -> tuple[str, str]:
    return "", text(given.get("text"))


def _unknown(given: Attrs) -> tuple[str, str]:
    link = links.safe(text(given.get("url")))
    names = (given.get(name) for name in ("text", "title", "alt", "name", "shortName"))
    return link, next((words for name in names if (words := text(name))), link)


_LEAVES: dict[str, Callable[[Attrs], tuple[str, str]]] = {
    "mention": _mention,
    "emoji": _emoji,
    "date": _date,
    "status": _label,
    "placeholder": _label,
    **dict.fromkeys(("inlineCard", "blockCard", "embedCard"), _card),
    **dict.fromkeys(("media", "mediaInline"), _media),
    **dict.fromkeys(("inlineExtension", "extension", "bodiedExtension", "multiBodiedExtension"), _macro),
    **dict.fromkeys(("syncBlock", "bodiedSyncBlock"), _synced),
}

INLINE = frozenset({"text", "hardBreak", "mention", "emoji", "date", "status", "placeholder", "inlineCard", "media",
                    "mediaInline", "inlineExtension"})  # fmt: skip
"""Kinds of nodes that stand in a line."""


def all_text(node: Any) -> str:
    """Gather all texts of a node, however deep it is nested."""
    found: list[str] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        found.append(text(node.get("text")) if kind(node) == "text" else leaf(node)[1])
        waiting += reversed(content(node))
    return " ".join(words for words in found if words)
