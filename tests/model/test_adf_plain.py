"""Plain text reads well without any markup being understood."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_jira.model import adf


def text(words: str, link: str = "", *marks: str) -> dict[str, Any]:
    listed: list[dict[str, Any]] = [{"type": mark} for mark in marks]
    if link:
        listed.append({"type": "link", "attrs": {"href": link}})
    return {"type": "text", "text": words, "marks": listed}


def node(kind: str, *content: dict[str, Any], **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), "attrs": attrs}


def para(*inlines: dict[str, Any] | str) -> dict[str, Any]:
    return node("paragraph", *(text(inline) if isinstance(inline, str) else inline for inline in inlines))


BREAK = {"type": "hardBreak"}
CASES = [
    ("marks are left out", [para(text("a", "", "strong"), " * ", text("b", "", "code"))], "a * b"),
    ("blocks", [node("heading", text("T"), level=1), para("a"), node("rule"), para("b")], "T\n\na\n\n---\n\nb"),
    ("line breaks", [para("a ", BREAK, " b")], "a\nb"),
    ("link", [para("see ", text("this", "https://x.example"), ".")], "see this (https://x.example)."),
    (
        "link in pieces",
        [para(text("a", "https://x.example"), text("b", "https://x.example", "em"))],
        "ab (https://x.example)",
    ),
    (
        "two links",
        [para(text("a", "https://a.example"), text("b", "https://b.example"))],
        "a (https://a.example)b (https://b.example)",
    ),
    ("link that is its own text", [para(text("https://x.example", "https://x.example"))], "https://x.example"),
    ("mail that is its own text", [para(text("a@x.example", "mailto:a@x.example"))], "a@x.example"),
    ("mail", [para(text("Ann", "mailto:a@x.example"))], "Ann (a@x.example)"),
    ("link before a break", [para(text("a", "https://x.example"), BREAK, "b")], "a (https://x.example)\nb"),
    ("quote", [node("blockquote", para("a"), para("b"))], "> a\n>\n> b"),
    ("panel", [node("panel", para("a"), panelType="info")], "> Info\n>\n> a"),
    ("code", [node("codeBlock", text("if x:\n    y"))], "if x:\n    y"),
    (
        "lists",
        [
            node(
                "orderedList",
                node(
                    "listItem", para("a"), node("bulletList", node("listItem", para("b")), node("listItem", para("c")))
                ),
                node("listItem", para("d"), para("e")),
                order=9,
            )
        ],
        "9. a\n   - b\n   - c\n10. d\n\n    e",
    ),
    (
        "tasks",
        [node("taskList", node("taskItem", text("a"), state="DONE"), node("taskItem", text("b"), state="TODO"))],
        "- [x] a\n- [ ] b",
    ),
    ("empty item", [node("bulletList", node("listItem"), node("listItem", para("b")))], "-\n- b"),
    (
        "table",
        [
            node(
                "table",
                node("tableRow", node("tableHeader", para("h")), node("tableHeader", para("i"))),
                node("tableRow", node("tableCell", para("a"), para("b")), node("tableCell")),
            )
        ],
        "h | i\na b |",
    ),
    ("nothing", [para(), node("bulletList", node("listItem"))], ""),
]


@pytest.mark.parametrize(("blocks", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_thing_reads_well(blocks: list[dict[str, Any]], expected: str) -> None:
    assert adf.render(node("doc", *blocks), "plain") == expected
