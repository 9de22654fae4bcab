"""HTML says with elements what the document said with nodes and marks."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_jira.model import adf


def text(words: str, *marks: str | dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "text",
        "text": words,
        "marks": [{"type": mark} if isinstance(mark, str) else mark for mark in marks],
    }


def node(kind: str, *content: dict[str, Any], **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), "attrs": attrs}


def para(*inlines: dict[str, Any] | str) -> dict[str, Any]:
    return node("paragraph", *(text(inline) if isinstance(inline, str) else inline for inline in inlines))


LINK = {"type": "link", "attrs": {"href": "https://x.example/?a=1&b=2"}}
SUB = {"type": "subsup", "attrs": {"type": "sub"}}
SUP = {"type": "subsup", "attrs": {"type": "sup"}}
CASES = [
    ("text", [para('a < b & "c"')], "<p>a &lt; b &amp; &quot;c&quot;</p>"),
    (
        "marks",
        [para(*(text(m[0], m) for m in ("strong", "em", "underline", "code")), text("x", "strike"))],
        "<p><strong>s</strong><em>e</em><u>u</u><code>c</code><s>x</s></p>",
    ),
    (
        "marks within marks",
        [para(text("a", "code", "strong", "em"))],
        "<p><strong><em><code>a</code></em></strong></p>",
    ),
    ("shifts", [para("H", text("2", SUB), "O", text("2", SUP))], "<p>H<sub>2</sub>O<sup>2</sup></p>"),
    ("link", [para(text("a", LINK, "em"))], '<p><a href="https://x.example/?a=1&amp;b=2"><em>a</em></a></p>'),
    ("line break", [para("a", {"type": "hardBreak"}, "b")], "<p>a<br>b</p>"),
    ("heading", [node("heading", text("T"), level=3)], "<h3>T</h3>"),
    ("rule", [node("rule")], "<hr>"),
    (
        "code",
        [node("codeBlock", text("a<b"), language='c++ "x')],
        '<pre><code class="language-c++x">a&lt;b</code></pre>',
    ),
    ("code without language", [node("codeBlock", text("a"))], "<pre><code>a</code></pre>"),
    ("quote", [node("blockquote", para("a"))], "<blockquote><p>a</p></blockquote>"),
    (
        "panel",
        [node("panel", para("a"), panelType="note")],
        "<blockquote><p><strong>Note</strong></p><p>a</p></blockquote>",
    ),
    (
        "bullets",
        [node("bulletList", node("listItem", para("a"), node("orderedList", node("listItem", para("b")))))],
        "<ul><li>a<ol><li>b</li></ol></li></ul>",
    ),
    (
        "numbers",
        [node("orderedList", node("listItem", para("a"), para("b")), order=4)],
        '<ol start="4"><li><p>a</p><p>b</p></li></ol>',
    ),
    (
        "tasks",
        [node("taskList", node("taskItem", text("a"), state="DONE"), node("taskItem", text("b"), state="TODO"))],
        "<ul><li>☑ a</li><li>☐ b</li></ul>",
    ),
    (
        "table",
        [
            node(
                "table",
                node("tableRow", node("tableHeader", para("h"), colspan=2, rowspan=1)),
                node("tableRow", node("tableCell", para("a"), rowspan=3), node("tableCell", para("b"), para("c"))),
            )
        ],
        '<table><tbody><tr><th colspan="2">h</th></tr><tr><td rowspan="3">a</td><td><p>b</p><p>c</p></td></tr></tbody></table>',
    ),
    (
        "spans beyond reason",
        [node("table", node("tableRow", node("tableCell", para("a"), colspan=10**9, rowspan=-1)))],
        "<table><tbody><tr><td>a</td></tr></tbody></table>",
    ),
    ("nothing", [], ""),
]


@pytest.mark.parametrize(("blocks", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_thing_has_its_element(blocks: list[dict[str, Any]], expected: str) -> None:
    assert adf.render(node("doc", *blocks), "html") == expected
