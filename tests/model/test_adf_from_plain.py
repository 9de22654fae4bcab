"""Plain text becomes a document that shows it as it was, and nothing in it is taken for markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.text import clean

Node = dict[str, Any]
BREAK = {"type": "hardBreak"}


def text(words: str, link: str = "") -> Node:
    marks = {"marks": [{"type": "link", "attrs": {"href": link}}]} if link else {}
    return {"type": "text", "text": words, **marks}


def para(*inlines: Node | str) -> Node:
    content = [text(inline) if isinstance(inline, str) else inline for inline in inlines]
    return {"type": "paragraph", "content": content}


SITE = "https://x.example/a_b?c=(d)"
CASES: list[tuple[str, str, list[Node]]] = [
    ("nothing", "", []),
    ("blanks", " \n\t\n ", []),
    ("lines", "a\nb\r\nc\rd", [para("a", BREAK, "b", BREAK, "c", BREAK, "d")]),
    ("paragraphs", "\na \n \n\n b\n", [para("a"), para(" b")]),
    ("no markup", "# *a* [b](c) <br>\n- d\n> e", [para("# *a* [b](c) <br>", BREAK, "- d", BREAK, "> e")]),
    ("an address", f"see {SITE}, and\n<{SITE}>", [para("see ", text(SITE, SITE), ", and", BREAK, "<", text(SITE, SITE), ">")]),
    ("two addresses", f"{SITE} {SITE}", [para(text(SITE, SITE), " ", text(SITE, SITE))]),
    ("no address", "https:// ftp://x.example xhttp://x", [para("https:// ftp://x.example xhttp://x")]),
    ("what XML cannot carry", "a\x00\x0b\ufffeb", [para("ab")]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_lines_stay_lines(source: str, expected: list[Node]) -> None:
    assert adf.from_plain(source) == {"type": "doc", "version": 1, "content": expected}


@given(st.text(alphabet="ab \n\t#*_`<>[]()|:/.-1é日", max_size=60) | st.text() | st.just(f"a {SITE}.\n\n{SITE}"))
def test_every_line_comes_back(source: str) -> None:
    document = adf.from_plain(source)
    shown = adf.render(document, "plain").split("\n")
    written = [line.strip() for line in re.split("\r\n|\r|\n", clean(source))]

    assert [line for line in shown if line] == [line for line in written if line]
    assert all(node["type"] == "paragraph" and node["content"] for node in document["content"])
