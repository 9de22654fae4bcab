"""Documents are taken as Jira takes them: what may stand in what, no empty texts, not too long."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_jira.model import adf
from airflow_provider_jira.sandbox.jira import documents, prose
from airflow_provider_jira.sandbox.jira.errors import Wrong

PIECES = (
    "# h\n", "- a\n", "  - b\n", "1. x\n", "> q\n", "> - l\n", "> # h\n", "```py\ncode\n```\n", "```\n```\n", "`c`",
    "**b**", "*e*", "~~s~~", "[t](http://a.b)", "[](http://a)", "| a | b |\n|---|---|\n| 1 | 2 |\n", "---\n", "\n",
    "\n\n", "text ", "a\\\nb", "- [ ] t\n", "-\n", "**`c`**", "[**b** `c`](http://a)", "# \n", "- # h\n",
)  # fmt: skip
MARKDOWN = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def text(words="x", *marks):
    return {"type": "text", "text": words, **({"marks": [{"type": mark} for mark in marks]} if marks else {})}


def node(kind, *content, **attrs):
    return {"type": kind, **({"attrs": attrs} if attrs else {}), **({"content": list(content)} if content else {})}


def doc(*content):
    return {"type": "doc", "version": 1, "content": list(content)}


GOOD = [
    doc(),
    doc(node("paragraph")),
    doc(node("paragraph", text("a", "strong", "em"), node("hardBreak"), text("b", "code"))),
    doc(node("heading", text(), level=6)),
    doc(node("codeBlock", text("a\nb"), language="sql"), node("rule")),
    doc(node("bulletList", node("listItem", node("paragraph", text()), node("orderedList", node("listItem", node("paragraph")))))),
    doc(node("table", node("tableRow", node("tableHeader", node("paragraph")), node("tableCell", node("blockquote", node("paragraph")))))),
    doc(node("paragraph", node("mention", id="a:1"), node("emoji", shortName=":x:"), node("inlineCard", url="https://a.example"))),
    doc(node("panel", node("paragraph"), panelType="info"), node("expand", node("paragraph"), title="more")),
    doc(node("taskList", node("taskItem", text(), localId="1", state="TODO"), localId="2")),
]  # fmt: skip
BAD = [
    "text",
    None,
    ["x"],
    {"type": "paragraph", "content": []},
    {"type": "doc", "version": 1},
    {"type": "doc", "version": 2, "content": []},
    {"type": "doc", "content": []},
    doc(text()),
    doc("text"),
    doc(node("nothing")),
    doc(node("listItem", node("paragraph"))),
    doc(node("bulletList")),
    doc(node("bulletList", node("paragraph"))),
    doc(node("blockquote", node("heading", text(), level=1))),
    doc(node("blockquote", node("blockquote", node("paragraph")))),
    doc(node("paragraph", node("paragraph"))),
    doc(node("paragraph", text(""))),
    doc(node("paragraph", text("x", "bold"))),
    doc(node("paragraph", text("x", "code", "strong"))),
    doc(node("paragraph", text("x", "em", "em"))),
    doc(node("paragraph", text("x", "link"))),
    doc(node("heading", text())),
    doc(node("heading", text(), level=7)),
    doc(node("codeBlock", text("x", "strong"))),
    doc(node("codeBlock", node("hardBreak"))),
    doc(node("paragraph", node("mention", text="@x"))),
    doc(node("paragraph", node("date", timestamp=1))),
    doc(node("blockCard")),
    doc(node("paragraph", text("x" * 32_768))),
]


@pytest.mark.parametrize("document", GOOD)
def test_a_document_is_taken_as_it_is(document):
    assert documents.checked(document) is document


@pytest.mark.parametrize("value", BAD)
def test_what_is_no_document_is_refused(value):
    with pytest.raises(Wrong):
        documents.checked(value)


@settings(deadline=None)  # the first one loads the reader of Markdown
@given(MARKDOWN)
def test_what_this_connector_makes_of_a_text_is_taken(markdown):
    for made in (adf.from_markdown(markdown), adf.from_plain(markdown)):
        assert documents.checked(made) is made


def test_the_worlds_own_texts_are_taken():
    for block in prose.blocks(random.Random(1), 200):
        documents.checked(msgspec.json.decode(prose.joined(block).adf))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1), max_size=5))
def test_a_plain_text_says_the_same_as_a_document(lines):
    assert documents.plain(documents.plain_document("\n".join(lines))) == "\n".join(lines)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (GOOD[2], "a\nb"),
        (GOOD[4], "a\nb"),
        (GOOD[7], ":x:https://a.example"),
        (doc(node("table", node("tableRow", *[node("tableCell", node("paragraph", text(one))) for one in "ab"]))), "a b"),
        (doc(node("paragraph", text("a")), node("bulletList", node("listItem", node("paragraph", text("b"))))), "a\nb"),
    ],
)  # fmt: skip
def test_a_document_says_in_plain_words_what_it_shows(document, words):
    assert documents.plain(document).strip() == words
