"""Markdown says what the document said: a Markdown parser gives back its texts literally, and its marks and blocks."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.adf import markdown_inline
from airflow_provider_jira.sandbox.jira import prose

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SIMPLE_MARKS = ("strong", "em", "strike", "code", "underline")


def text(words: str, *marks: str, link: str = "") -> dict[str, Any]:
    listed: list[dict[str, Any]] = [{"type": mark} for mark in marks]
    if link:
        listed.append({"type": "link", "attrs": {"href": link}})
    return {"type": "text", "text": words, **({"marks": listed} if listed else {})}


def node(kind: str, *content: dict[str, Any], **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), **({"attrs": attrs} if attrs else {})}


def doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, **node("doc", *content)}


def para(*inlines: dict[str, Any] | str) -> dict[str, Any]:
    return node("paragraph", *(text(inline) if isinstance(inline, str) else inline for inline in inlines))


def markdown(*blocks: dict[str, Any]) -> str:
    return adf.render(doc(*blocks), "markdown")


BREAK = {"type": "hardBreak"}


def squeezed(words: str) -> str:
    return " ".join(words.split())


def parsed_texts(source: str) -> list[str]:
    """Parse Markdown, and list the texts of its blocks."""
    texts = []
    for token in PARSER.parse(source):
        if token.type == "inline":
            texts.append(squeezed("".join(_leaf(child) for child in token.children or ())))
        elif token.type in {"fence", "code_block", "html_block"}:
            texts.append(f"{token.type}:{token.content}")
    return [words for words in texts if words]


def _leaf(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"} or (token.type == "html_inline" and token.content == "<br>"):
        return "\n"
    return "" if token.type == "link_open" else token.content


def parsed_marks(source: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Parse Markdown, and list its words with the marks that they are in."""
    names = {"strong": "strong", "em": "em", "s": "strike", "link": "link"}
    for token in PARSER.parse(source):
        marks: list[str] = []
        for child in token.children or ():
            if child.type.endswith("_open"):
                marks.append(names[child.type.removesuffix("_open")])
            elif child.type.endswith("_close"):
                marks.remove(names[child.type.removesuffix("_close")])
            else:
                code = {"code"} if child.type == "code_inline" else set()
                for word in child.content.split():
                    yield word, frozenset(marks) | code


CASES = [
    ("heading", [node("heading", text("A title"), level=2)], "## A title"),
    ("heading whose level has a fraction of zero", [node("heading", text("A"), level=3.0)], "### A"),
    ("heading without a possible level", [node("heading", text("A"), level=9)], "# A"),
    ("heading that ends in number signs", [node("heading", text("C #"), level=1)], "# C \\#"),
    (
        "strong, em, strike",
        [para(text("a", "strong"), " ", text("b", "em"), " ", text("c", "strike"))],
        "**a** *b* ~~c~~",
    ),
    (
        "nested emphasis",
        [para(text("all ", "strong"), text("of", "strong", "em"), text(" it", "strong"))],
        "**all *of* it**",
    ),
    ("the mark that reaches farther is outside", [para(text("a ", "strong", "em"), text("b", "em"))], "***a** b*"),
    ("code with blanks at its ends", [para(text(" a ", "code"))], "`  a  `"),
    ("code of blanks", [para("x", text("  ", "code"), "x")], "x`  `x"),
    ("blanks at the ends of emphasis", [para("x", text(" y ", "strong"), "z")], "x **y** z"),
    ("emphasis within a word", [para("un", text("believ", "em"), "able")], "un*believ*able"),
    ("emphasis that cannot be written", [para(text("Note:", "strong"), "this")], "Note:this"),
    ("emphasis that only underscores can write", [para(text("a.", "strong"), text("b", "em"))], "__a.__*b*"),
    ("emphasis side by side", [para(text("a", "strong"), text("b", "em"), text("c", "strong"))], "**a***b***c**"),
    ("emphasis in emphasis in a word", [para("x", text("a", "em"), text("b", "em", "strong"), "c")], "x*a**b***c"),
    (
        "the innermost mark is given up first",
        [para("x", text("a.", "strong", "em"), text("b", "strong"), text("c", "em"))],
        "x**a.b***c*",
    ),
    ("emphasis of nothing", [para("a", text("  ", "strong"), "b")], "a  b"),
    ("emphasis over a line break", [para(text("a", "em"), BREAK, text("b", "em"))], "*a\\\nb*"),
    ("code", [para("say ", text("a*b", "code"))], "say `a*b`"),
    ("code with backticks", [para(text("a``b`", "code"))], "``` a``b` ```"),
    ("link", [para(text("here", link="https://x.example/a(1)"))], "[here](https://x.example/a(1))"),
    (
        "link with one parenthesis",
        [para(text("here", link="https://x.example/a)1"))],
        "[here](https://x.example/a\\)1)",
    ),
    ("strong link", [para(text("here", "strong", link="https://x.example"))], "[**here**](https://x.example)"),
    ("link that is its own text", [para(text("https://x.example", link="https://x.example"))], "<https://x.example>"),
    (
        "link whose text only begins with its address",
        [para(text("https://x.example", link="https://x.example"), text(" page", "em", link="https://x.example"))],
        "[https://x.example *page*](https://x.example)",
    ),
    ("link to a script", [para(text("here", link="javascript:alert(1)"))], "here"),
    (
        "exclamation mark before a link",
        [para("so!", text("here", link="https://x.example"))],
        "so\\![here](https://x.example)",
    ),
    ("mail", [para(text("Ann", link="mailto:ann@x.example"))], "[Ann](mailto:ann@x.example)"),
    ("underline, colour and shift are left out", [para(text("H", "underline"), text("2", "subsup"))], "H2"),
    ("line break", [para("a", BREAK, "b")], "a\\\nb"),
    ("line break in a text", [para("a\nb\r\nc")], "a\\\nb\\\nc"),
    ("line breaks around a paragraph", [para(BREAK, "a", BREAK)], "a"),
    ("rule", [para("a"), node("rule"), para("b")], "a\n\n---\n\nb"),
    ("code block", [node("codeBlock", text("x = 1\n\ny"), language="python")], "```python\nx = 1\n\ny\n```"),
    ("code block with fences in it", [node("codeBlock", text("```\n````"))], "`````\n```\n````\n`````"),
    ("empty code block", [node("codeBlock")], "```\n```"),
    ("quote", [node("blockquote", para("a"), para("b"))], "> a\n>\n> b"),
    ("blanks in quoted code", [node("blockquote", node("codeBlock", text("a \n\n ")))], "> ```\n> a \n>\n>  \n> ```"),
    ("panel", [node("panel", para("mind"), panelType="warning")], "> **Warning**\n>\n> mind"),
    ("custom panel", [node("panel", para("mind"), panelType="custom")], "> mind"),
    ("expander", [node("expand", para("more"), title="Details")], "**Details**\n\nmore"),
    ("bullets", [node("bulletList", node("listItem", para("a")), node("listItem", para("b")))], "- a\n- b"),
    (
        "numbers from five",
        [node("orderedList", node("listItem", para("a")), node("listItem", para("b")), order=9)],
        "9. a\n10. b",
    ),
    (
        "list in a list",
        [
            node(
                "orderedList",
                node("listItem", para("a"), node("bulletList", node("listItem", para("b")))),
                node("listItem", para("c")),
            )
        ],
        "1. a\n   - b\n2. c",
    ),
    (
        "list that cannot begin right below a text",
        [node("bulletList", node("listItem", para("a"), node("orderedList", node("listItem", para("b")), order=4)))],
        "- a\n\n  4. b",
    ),
    (
        "code in an item",
        [
            node(
                "bulletList",
                node("listItem", para("a"), node("codeBlock", text("x\n\ny"))),
                node("listItem", para("b")),
            )
        ],
        "- a\n\n  ```\n  x\n\n  y\n  ```\n\n- b",
    ),
    ("rule in an item", [node("bulletList", node("listItem", node("rule")))], "- ___"),
    (
        "nothing but items within items, which together would be a rule",
        [
            node(
                "bulletList",
                node(
                    "listItem",
                    node(
                        "bulletList",
                        node("listItem", node("bulletList", node("listItem"), node("listItem", para("a")))),
                    ),
                ),
            )
        ],
        "-\n  - -\n    - a",
    ),
    ("empty item", [node("bulletList", node("listItem"), node("listItem", para("b")))], "-\n- b"),
    (
        "lists side by side stay apart",
        [node("orderedList", node("listItem", para(word))) for word in "abc"],
        "1. a\n\n1) b\n\n1. c",
    ),
    (
        "tasks",
        [
            node(
                "taskList",
                node("taskItem", text("a"), state="DONE"),
                node("taskItem", text("b"), state="TODO"),
                node("taskList", node("taskItem", text("c"), state="TODO")),
            )
        ],
        "- [x] a\n- [ ] b\n  - [ ] c",
    ),
    (
        "task that begins with code",
        [node("blockTaskItem", node("codeBlock", text("x")), state="TODO")],
        "- [ ]\n\n  ```\n  x\n  ```",
    ),
    ("decisions", [node("decisionList", node("decisionItem", text("yes"), state="DECIDED"))], "- yes"),
    (
        "table",
        [
            node(
                "table",
                node("tableRow", node("tableHeader", para("h1")), node("tableHeader", para("h2"))),
                node("tableRow", node("tableCell", para("a|b")), node("tableCell", para("c"), para("d"))),
            )
        ],
        "| h1 | h2 |\n| --- | --- |\n| a\\|b | c<br>d |",
    ),
    (
        "table without header, with cells that span",
        [
            node(
                "table",
                node("tableRow", node("tableCell", para("a"), rowspan=2), node("tableCell", para("b"), colspan=2)),
                node("tableRow", node("tableCell", para("c")), node("tableCell", para("d"))),
            )
        ],
        "|  |  |  |\n| --- | --- | --- |\n| a | b |  |\n|  | c | d |",
    ),
    (
        "list in a cell",
        [node("table", node("tableRow", node("tableHeader", node("bulletList", node("listItem", para("*a"))))))],
        "| - \\*a |\n| --- |",
    ),
    ("nothing", [], ""),
    ("empty paragraphs", [para(), para(" "), para("a"), para()], "a"),
]


@pytest.mark.parametrize(("blocks", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_thing_has_one_spelling(blocks: list[dict[str, Any]], expected: str) -> None:
    assert markdown(*blocks) == expected


LITERAL = [
    "# no heading", "#", "####### x", "> no quote", "- no item", "+ no item", "* no item", "1. no item",
    "12) no item", "1.no item", "---", "- - -", "***", "___", "===", "~~~", "```", "    no code", "\ttab", "*a*",
    "**a**", "a_b_c", "_a_", "__a__", "snake_case_name", "~~a~~", "~a~", "a * b * c", "2 * 3", "`a`", "``", "\\",
    "\\\\", "a\\*b", "C:\\temp\\new", "\\#", "[a](b)", "[a]", "[a]: b", "![a](b)", "<b>", "<!-- x -->",
    "<https://x.example>", "a < b", "a<b", "a <", "&amp;", "&#35;", "&", "AT&T;", "a & b;", "a\\", "a  ", "  a", "!",
    "a|b", "|", ":-:", "| --- |", "https://x.example/a_b_c?d=e&f=g*h*", "x\\\ny", "(1) x", "1\\. x", "{a}", "$a$",
    "^a^", ":smile:", "@ann", "www.x.example", "\u00a0a", "a\u2028b", "*\u00a0a*", "€*a*€",
]  # fmt: skip


@pytest.mark.parametrize("words", LITERAL)
def test_a_text_that_looks_like_markup_comes_back_as_it_was(words: str) -> None:
    item = node("bulletList", node("listItem", para(words)))
    cell = node("table", node("tableRow", node("tableHeader", para(words)), node("tableHeader", para("x"))))
    expected = squeezed(words)

    assert parsed_texts(markdown(para(words))) == [expected]
    assert parsed_texts(markdown(para("before", BREAK, words))) == [f"before {expected}"]
    assert parsed_texts(markdown(node("heading", text(words), level=1))) == [expected]
    assert parsed_texts(markdown(item)) == [expected]
    assert parsed_texts(markdown(node("blockquote", para(words)))) == [expected]
    assert parsed_texts(markdown(cell)) == [expected, "x"]


@pytest.mark.parametrize(
    "words", ["snake_case", "2 * 3", "a < b", "AT&T", "C:\\temp", "~5", "a/b", "x.y", "(a)", "50 %", "a-b", "#12"]
)
def test_a_text_that_cannot_be_markup_is_left_without_backslashes(words: str) -> None:
    assert markdown(para(f"so {words} it is")) == f"so {words} it is"


SIGNS = "*_`~[]()<>!#\\&|+-=.:;1 \t\n€é"
WORDS = st.one_of(st.text(alphabet=SIGNS + "ab", min_size=1, max_size=8), st.text(min_size=1, max_size=8))
LINKS = st.sampled_from(["", "", "", "https://x.example/", "https://x.example/a_(b)?c=1&amp;", "mailto:a@x.example"])
INLINES = st.one_of(
    st.builds(
        lambda words, marks, link: text(words, *marks, link=link), WORDS, st.sets(st.sampled_from(SIMPLE_MARKS)), LINKS
    ),
    st.just(BREAK),
)
LINES = st.lists(INLINES, min_size=1, max_size=6)


def literal(inlines: list[dict[str, Any]]) -> str:
    joined = "".join(" " if inline is BREAK else inline["text"] for inline in inlines)
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", joined)


@given(LINES)
@example([text("a", "strong"), text("b", "em"), text("c", "strong")])
@example([text("a", "em"), text("b", "em", "strong"), text("c", "strong")])
@example([text("a", "strike"), text("b", "strike", "em"), text("~")])
@example([text("`"), text("a", "code"), text("`")])
@example([text("<"), text("b>", "strong")])
@example([text("\\"), text("a", "em")])
@example([text("0\x85", "strike", "strong")])
@example([text("a"), text("€", "strong")])
@example([text("a", "strong"), text(".", "em")])
@example([text("a", "strong", "em"), text(".", "strong"), text(".", "strong", "em"), text(".", "strong")])
@example([text("]:", "code", "em", link="https://x.example/")])
@example([BREAK, text("1\n ")])
def test_no_text_is_lost_or_read_as_markup_however_it_is_marked(line: list[dict[str, Any]]) -> None:
    expected = [squeezed(literal(line))]
    expected = [words for words in expected if words]

    assert [squeezed(words) for words in parsed_texts(markdown(para(*line)))] == expected
    assert [squeezed(words) for words in parsed_texts(markdown(node("heading", *line, level=3)))] == expected


def test_a_line_whose_marks_cannot_be_sorted_out_is_left_with_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown_inline, "_ROUNDS", 1)
    line = [text("a.", "strong"), text("b*", "em"), text("d", link="https://x.example")]

    assert markdown(para(*line)) == "a.b\\*[d](https://x.example)"


def test_cells_that_span_beyond_reason_do_not_fill_a_card_with_empty_cells() -> None:
    row = node("tableRow", *(node("tableCell", para("a"), colspan=64, rowspan=64) for _ in range(20)))

    assert len(markdown(node("table", *[row] * 20))) < 50_000


@given(st.lists(LINES, min_size=1, max_size=4), st.lists(LINES, min_size=1, max_size=4))
def test_lists_and_tables_keep_every_text_too(
    first: list[list[dict[str, Any]]], second: list[list[dict[str, Any]]]
) -> None:
    inner = node("orderedList", *(node("listItem", para(*line)) for line in second))
    outer = node("bulletList", *(node("listItem", para(*line), inner) for line in first))
    table = node("table", *(node("tableRow", node("tableCell", para(*line))) for line in first))
    inner_texts = [squeezed(literal(line)) for line in second]
    outer_texts = [words for line in first for words in (squeezed(literal(line)), *inner_texts)]

    assert parsed_texts(markdown(outer)) == [words for words in outer_texts if words]
    assert parsed_texts(markdown(table)) == [words for line in first if (words := squeezed(literal(line)))]


@given(st.text(alphabet="`~ab\n \t-#", max_size=20))
def test_code_keeps_every_character(code: str) -> None:
    block = node("codeBlock", text(code))

    assert parsed_texts(markdown(block)) == [f"fence:{code}\n" if code else "fence:"]
    assert parsed_texts(markdown(para("x"), block, para("y"))) == ["x", f"fence:{code}\n" if code else "fence:", "y"]


MARKED_WORDS = st.lists(
    st.tuples(st.text(alphabet="abcd*_\\", min_size=1, max_size=3), st.frozensets(st.sampled_from(SIMPLE_MARKS[:4]))),
    min_size=1,
    max_size=7,
)


@given(MARKED_WORDS)
def test_marks_of_whole_words_come_back_as_they_were(words: list[tuple[str, frozenset[str]]]) -> None:
    line = [piece for word, marks in words for piece in (text(word, *marks), text(" "))]

    assert list(parsed_marks(markdown(para(*line)))) == words


@given(LINES)
def test_no_mark_appears_that_was_not_there(line: list[dict[str, Any]]) -> None:
    given_marks = {mark["type"] for inline in line for mark in inline.get("marks", ())}

    assert {mark for _, marks in parsed_marks(markdown(para(*line))) for mark in marks} <= given_marks


@pytest.mark.parametrize("seed", range(40))
def test_the_texts_of_the_sandbox_come_out_letter_by_letter(seed: int) -> None:
    import json

    written = prose.joined(*prose.blocks(random.Random(seed), 30))

    assert adf.render(json.loads(written.adf), "markdown") == written.markdown
