"""Markdown becomes a document that Jira takes, and that says what the Markdown said."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_jira.model import adf

Node = dict[str, Any]


def text(words: str, *marks: str, link: str = "") -> Node:
    listed: list[Node] = [{"type": mark} for mark in marks]
    if link:
        listed.append({"type": "link", "attrs": {"href": link}})
    return {"type": "text", "text": words, **({"marks": listed} if listed else {})}


def node(kind: str, *content: Node, **attrs: Any) -> Node:
    return {"type": kind, **({"attrs": attrs} if attrs else {}), "content": list(content)}


def para(*inlines: Node | str) -> Node:
    return node("paragraph", *(text(inline) if isinstance(inline, str) else inline for inline in inlines))


def item(*content: Node | str) -> Node:
    return node("listItem", *(para(block) if isinstance(block, str) else block for block in content))


def cells(kind: str, *content: Node) -> Node:
    return node("tableRow", *(node(kind, block) for block in content))


BREAK = {"type": "hardBreak"}
RULE = {"type": "rule"}
CASES: list[tuple[str, str, list[Node]]] = [
    ("nothing", "", []),
    ("a paragraph", "a\nb", [para("a b")]),
    ("line breaks", "a\\\nb  \nc<br>d<BR />e", [para("a", BREAK, "b", BREAK, "c", BREAK, "d", BREAK, "e")]),
    (
        "marks",
        "**a** *b* ~~c~~ `d` __e__ _f_",
        [
            para(
                text("a", "strong"), " ", text("b", "em"), " ", text("c", "strike"), " ",
                text("d", "code"), " ", text("e", "strong"), " ", text("f", "em"),
            )
        ],
    ),
    ("marks within marks", "**a *b* c**", [para(text("a ", "strong"), text("b", "strong", "em"), text(" c", "strong"))]),
    ("marks in a row", "**a**_b_", [para(text("a", "strong"), text("b", "em"))]),
    ("code takes no mark", "***a `b` c***", [para(text("a", "strong", "em"), " ", text("b", "code"), " ", text("c", "strong", "em"))]),
    ("code may be a link", "[**`a`**](https://x.example)", [para(text("a", "code", link="https://x.example"))]),
    ("headings", "# a\n\n### b\nc\n---", [node("heading", text("a"), level=1), node("heading", text("b"), level=3), node("heading", text("c"), level=2)]),
    ("code block", "```python x\na\n\n  b\n```", [node("codeBlock", text("a\n\n  b"), language="python")]),
    ("indented code", "    a", [node("codeBlock", text("a"))]),
    ("empty code block", "```\n```", [node("codeBlock")]),
    ("quote", "> a\n>\n> - b", [node("blockquote", para("a"), node("bulletList", item("b")))]),
    ("rule", "***", [RULE]),
    ("bullets", "- a\n- b\n\n  c", [node("bulletList", item("a"), item("b", "c"))]),
    ("numbers", "7. a\n8. b", [node("orderedList", item("a"), item("b"), order=7)]),
    ("a number that is no number of an item", "2026112301. a", [para("2026112301. a")]),
    ("list in a list", "- a\n  1. b", [node("bulletList", item("a", node("orderedList", item("b"), order=1)))]),
    ("an item has a paragraph, even if there is nothing in it", "-\n- - a", [node("bulletList", item(para()), item(para(), node("bulletList", item("a"))))]),
    ("an item may begin with code", "- ```\n  a\n  ```", [node("bulletList", item(node("codeBlock", text("a"))))]),
    (
        "table",
        "| a | b |\n| :-- | --: |\n| **c** | |",
        [node("table", cells("tableHeader", para("a"), para("b")), cells("tableCell", para(text("c", "strong")), para()))],
    ),
    ("table without header", "| | |\n|-|-|\n| a | b\\|c<br>d |", [node("table", cells("tableCell", para("a"), para("b|c", BREAK, "d")))]),
    ("heading in an item", "- # a", [node("bulletList", item(para(text("a", "strong"))))]),
    ("heading with marks in an item", "- # a *b*", [node("bulletList", item(para("a ", text("b", "em"))))]),
    ("rule in an item", "- a\n\n  ---", [node("bulletList", item("a", "---"))]),
    ("table in a quote", "> | a | b |\n> |-|-|\n> | c | d |", [node("blockquote", para(text("a", "strong"), " | ", text("b", "strong"), BREAK, "c | d"))]),
    ("quote in an item", "- a\n  > b\n  > c\\\n  > d", [node("bulletList", item("a", para("> b c", BREAK, "> d")))]),
    ("quote in a quote", "> a\n> > b\n> > > c", [node("blockquote", para("a"), para("> b"), para("> > c"))]),
    ("tasks in a quote", "> - [X] a", [node("blockquote", node("bulletList", item("[x] a")))]),
    ("tasks that are more than a line", "- [ ] a\n\n  b", [node("bulletList", item("[ ] a", "b"))]),
    ("a task of code", "- [ ]\n\n  ```\n  a\n  ```", [node("bulletList", item("[ ]", node("codeBlock", text("a"))))]),
    ("a box that is none", "- \\[x] a\n- [y] b\n- [x]c", [node("bulletList", item("[x] a"), item("[y] b"), item("[x]c"))]),
    ("a number has no box", "1. [x] a", [node("orderedList", item("[x] a"), order=1)]),
    ("html is text", "<b>a</b>\n\n<div>\n*b*\n</div>", [para("<b>a</b>"), para("<div> ", text("b", "em"), " </div>")]),
    ("no break", "a\\<br>b `<br>`", [para("a<br>b ", text("<br>", "code"))]),
    ("characters by name", "&lt;b&gt; &auml; &#10;a", [para("<b> ä", BREAK, "a")]),
    ("link", "[a](https://x.example/b_(c) 'title')", [para(text("a", link="https://x.example/b_(c)"))]),
    ("link by name", "[a][b]\n\n[b]: <https://x.example/a b>", [para(text("a", link="https://x.example/a%20b"))]),
    ("bare address", "see (https://x.example/b_(c)).", [para("see (", text("https://x.example/b_(c)", link="https://x.example/b_(c)"), ").")]),
    ("address in brackets", "<https://x.example> <a@x.example>", [para(text("https://x.example", link="https://x.example"), " ", text("a@x.example", link="mailto:a@x.example"))]),
    ("address in code", "`https://x.example`", [para(text("https://x.example", "code"))]),
    ("no address", "xhttps://x.example https:// http://.", [para("xhttps://x.example https:// http://.")]),
    ("link without text", "[](https://x.example)[ ](/a)", [para(text("https://x.example", link="https://x.example"), "[ ](/a)")]),
    ("link that is not followed", "[a](javascript:b) [c](/d) [e](f:e)", [para("[a](javascript:b) [c](/d) [e](f:e)")]),
    ("address in brackets that is not followed", "<f:e>*.*", [para("<f:e>", text(".", "em"))]),
    ("link that is not followed, beside a mark", "*a.*[b](/c)", [para(text("a.", "em"), "[b](/c)")]),
    ("image", "![a *b*](https://x.example/c.png) ![](d.png)", [para(text("a b", link="https://x.example/c.png"), " ![](d.png)")]),
    ("image in a text", "![a](data:image/png;base64,AAAA) ![](data:x)", [para("[a] [image]")]),
    ("image in a link", "[![a](b.png)](https://x.example)", [para(text("a", link="https://x.example"))]),
    ("blanks at the ends of marks", "[ a ](https://x.example)*&nbsp;b*", [para(text("a", link="https://x.example"), " \u00a0", text("b", "em"))]),
    ("what XML cannot carry", "a\x00\x0bb\r\nc", [para("ab c")]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_thing_becomes_what_jira_has_for_it(source: str, expected: list[Node]) -> None:
    assert adf.from_markdown(source) == {"type": "doc", "version": 1, "content": expected}


def test_tasks_and_other_items_become_lists_of_their_own() -> None:
    document = adf.from_markdown("- [x] a\n- [ ] b\n  - [ ] c\n- d")
    tasks, bullets = document["content"]

    assert bullets == node("bulletList", item("d"))
    assert tasks["type"] == "taskList"
    assert [child["type"] for child in tasks["content"]] == ["taskItem", "taskItem", "taskList"]
    assert [child["attrs"]["state"] for child in tasks["content"][:2]] == ["DONE", "TODO"]
    assert tasks["content"][2]["content"][0]["content"] == [text("c")]


def test_every_task_has_an_id_of_its_own_and_always_the_same() -> None:
    source = "- [x] a\n- [x] a\n\nb\n\n- [x] a"
    first, _, second = adf.from_markdown(source)["content"]
    ids = [found["attrs"]["localId"] for found in (first, *first["content"], second, *second["content"])]

    assert len(set(ids)) == 5
    assert adf.from_markdown(source) == adf.from_markdown(source)


@pytest.mark.parametrize("marker", ["> ", "- ", "1. "])
@pytest.mark.parametrize("times", [28, 33, 3000])
def test_a_text_nested_deeper_than_any_page_keeps_its_words(marker: str, times: int) -> None:
    assert "at the bottom" in adf.render(adf.from_markdown(marker * times + "at the bottom"), "plain")
