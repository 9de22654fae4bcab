"""What goes to Jira comes back: Markdown made into a document and written as Markdown again is the same document."""

from __future__ import annotations

from typing import Any

from adf_rules import faults
from adf_texts import PAGES, SIGNS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.adf import reader, tidy

Node = dict[str, Any]


def again(document: Node) -> Node:
    return adf.from_markdown(adf.render(document, "markdown"))


@settings(max_examples=80, deadline=None)
@given(PAGES)
@example("-\n  -\n    -\n    - b")
@example(">     a  \n>     b")
@example("*a*b**c**_d_")
@example("[a](<https://x.example/)>)")
@example("| | |\n|-|-|\n| a\\|b | `c\\|d` |")
@example("- [ ] a\n\n  b\n- [x] c\n- d\n  - [ ] e")
@example("> - # a\n>   > b\n>   > | c |\n>   > |---|\n>   > | d |")
@example("- # ~~*word <br>,*,~~")
@example("*![alt](https://x.example/p.png)* ***\\\n word* word**")
@example("- # [`a` b ](https://x.example/) c")
@example("- # _<https://x.example/>_**word**")
@example("999999999. a\n1. b")
def test_markdown_keeps_the_document(source: str) -> None:
    document = adf.from_markdown(source)
    written = adf.render(document, "markdown")

    assert adf.from_markdown(written) == document
    assert adf.render(again(document), "markdown") == written


@settings(max_examples=80, deadline=None)
@given(PAGES | SIGNS | st.text())
def test_jira_takes_every_document(source: str) -> None:
    for document in (adf.from_markdown(source), adf.from_plain(source)):
        assert faults(document) == []
        assert faults(adf.shortened(document, 400)) == []
        assert adf.fits(adf.shortened(document, 400), 400)


@settings(max_examples=80, deadline=None)
@given(SIGNS | st.text())
@example("€**;**&#10;")
def test_whatever_is_written_keeps_its_words_and_settles(source: str) -> None:
    """Between words and symbols like ``€`` parsers disagree about stars; there, marks may be lost, but no words."""
    document = adf.from_markdown(source)

    assert adf.render(again(document), "plain") == adf.render(document, "plain")
    assert again(again(document)) == again(document)


# Documents as Jira's editor makes them: what it adds of its own (ids, layouts, widths) says nothing in a text.

SAID = st.sampled_from(
    ["word", "päivitys", "a_b", "2 * 3", "*", "# no", "<b>", "[x]", "1.", "日本語", "a|b", "`", "C:\\x"]
)
MARKS = st.frozensets(st.sampled_from(["strong", "em", "strike"]), max_size=3).map(
    lambda names: [{"type": name} for name in sorted(names)]
)
LINKS = st.sampled_from(["https://x.example/a_(b)", "https://x.example/päivä?a=1&b=(", "mailto:ann@x.example"]).map(
    lambda address: [{"type": "link", "attrs": {"href": address}}]
)
SETTINGS = MARKS | LINKS | st.just([{"type": "code"}])


def node(kind: str, content: list[Node], **attrs: Any) -> Node:
    return {"type": kind, "attrs": {"localId": "1f3b", **attrs}, "content": content}


def line(runs: list[tuple[str, list[Node]]]) -> list[Node]:
    return [
        piece
        for words, marks in runs
        for piece in (
            {"type": "text", "text": words, **({"marks": marks} if marks else {})},
            {"type": "text", "text": " "},
        )
    ]


RUNS = st.lists(st.tuples(SAID, SETTINGS), min_size=1, max_size=4).map(line)
PARAGRAPHS = st.tuples(RUNS, st.just([]) | RUNS).map(
    lambda lines: node("paragraph", [*lines[0], *([{"type": "hardBreak"}] if lines[1] else []), *lines[1]])
)
CODE = st.tuples(st.sampled_from(["python", "c++", ""]), st.text(alphabet="ab\n `#", min_size=1, max_size=9)).map(
    lambda of: node("codeBlock", [{"type": "text", "text": of[1]}], **({"language": of[0]} if of[0] else {}))
)
TASKS = st.lists(st.tuples(RUNS, st.sampled_from(["TODO", "DONE"])), min_size=1, max_size=3).map(
    lambda tasks: node("taskList", [node("taskItem", words, state=state) for words, state in tasks])
)
TABLES = st.lists(st.tuples(PARAGRAPHS, PARAGRAPHS), min_size=2, max_size=3).map(
    lambda rows: node(
        "table",
        [
            node("tableRow", [node("tableCell" if at else "tableHeader", [cell], colwidth=[120]) for cell in row])
            for at, row in enumerate(rows)
        ],
        layout="default",
        isNumberColumnEnabled=False,
    )
)


def lists(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    items = st.lists(st.tuples(PARAGRAPHS, st.lists(inner, max_size=2)), min_size=1, max_size=3).map(
        lambda found: [node("listItem", [first, *more]) for first, more in found]
    )
    bullets = items.map(lambda content: node("bulletList", content))
    return bullets | st.tuples(items, st.integers(0, 12)).map(lambda of: node("orderedList", of[0], order=of[1]))


LISTS = st.recursive(PARAGRAPHS | CODE | TASKS, lists, max_leaves=4)
BLOCKS = st.one_of(
    LISTS,
    CODE,
    TABLES,
    st.tuples(RUNS, st.integers(1, 6)).map(lambda of: node("heading", of[0], level=of[1])),
    st.lists(PARAGRAPHS | CODE, min_size=1, max_size=3).map(lambda content: node("blockquote", content)),
    st.just({"type": "rule"}),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(BLOCKS, max_size=4))
def test_markdown_keeps_what_was_written_in_jira(blocks: list[Node]) -> None:
    document = {"type": "doc", "version": 1, "content": blocks}

    assert reader.read(again(document)) == tidy.blocks(reader.read(document))
