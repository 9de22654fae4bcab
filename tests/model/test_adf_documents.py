"""Whatever Jira or an app puts into a document, something readable comes out in each form, and nothing raises."""

from __future__ import annotations

import html as html_module
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.adf.reader import KNOWN

FORMS: tuple[adf.Form, ...] = ("plain", "markdown", "html")


def text(words: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def node(kind: str, *content: Any, **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), **({"attrs": attrs} if attrs else {})}


def leaf(kind: str, **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "attrs": attrs}


def para(*inlines: Any) -> dict[str, Any]:
    return node("paragraph", *(text(inline) if isinstance(inline, str) else inline for inline in inlines))


def doc(*content: Any) -> dict[str, Any]:
    return {"version": 1, **node("doc", *content)}


def visible(rendered: str, form: adf.Form) -> str:
    """Take away what a form adds, roughly, so that words can be looked for."""
    if form == "html":
        return html_module.unescape(re.sub("<[^>]*>", " ", rendered))
    return rendered


# Every node of Atlassian's JSON Schema (full and stage-0), in a place where it may stand, and what must be read of it.
NODES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("blockCard", leaf("blockCard", url="https://x.example/1"), ["https://x.example/1"]),
    ("blockCard", leaf("blockCard", datasource={"id": "d", "views": []}), ["[list of work items]"]),
    ("blockTaskItem", node("taskList", node("blockTaskItem", para("do it"), state="TODO")), ["do it"]),
    ("blockquote", node("blockquote", para("said")), ["said"]),
    ("bodiedExtension", node("bodiedExtension", para("body"), extensionKey="k", extensionType="t"), ["body"]),
    ("bodiedRule", node("bodiedRule", para("section"), localId="1"), ["section"]),
    ("bodiedSyncBlock", node("bodiedSyncBlock", para("synced")), ["synced"]),
    ("bulletList", node("bulletList", node("listItem", para("item"))), ["item"]),
    (
        "caption",
        node("mediaSingle", leaf("media", type="file", alt="plan.png"), node("caption", text("cap"))),
        ["plan.png", "cap"],
    ),
    ("codeBlock", node("codeBlock", text("x = 1"), language="python"), ["x = 1"]),
    ("date", para(leaf("date", timestamp="1790899200000")), ["2026-10-02"]),
    ("decisionItem", node("decisionList", node("decisionItem", text("agreed"), state="DECIDED")), ["agreed"]),
    ("decisionList", node("decisionList", node("decisionItem", text("agreed"), state="DECIDED")), ["agreed"]),
    ("doc", node("doc", para("inside")), ["inside"]),
    ("embedCard", leaf("embedCard", url="https://x.example/video", layout="wide"), ["https://x.example/video"]),
    ("emoji", para(leaf("emoji", shortName=":tada:", text="🎉"), leaf("emoji", shortName=":acme:")), ["🎉", ":acme:"]),
    ("expand", node("expand", para("hidden"), title="Details"), ["Details", "hidden"]),
    ("extension", leaf("extension", extensionKey="toc", extensionType="t"), ["[toc]"]),
    ("extensionFrame", node("multiBodiedExtension", node("extensionFrame", para("frame"))), ["frame"]),
    ("hardBreak", para("one", {"type": "hardBreak"}, "two"), ["one", "two"]),
    ("heading", node("heading", text("Title"), level=2), ["Title"]),
    ("inlineCard", para(leaf("inlineCard", url="https://x.example/2")), ["https://x.example/2"]),
    ("inlineCard", para(leaf("inlineCard", data={"name": "Page", "url": "https://x.example/3"})), ["Page"]),
    (
        "inlineExtension",
        para(leaf("inlineExtension", extensionKey="k", extensionType="t", text="macro text")),
        ["macro text"],
    ),
    (
        "layoutColumn",
        node("layoutSection", node("layoutColumn", para("left")), node("layoutColumn", para("right"))),
        ["left", "right"],
    ),
    ("layoutSection", node("layoutSection", node("layoutColumn", para("left"))), ["left"]),
    ("listItem", node("orderedList", node("listItem", para("item"))), ["item"]),
    (
        "media",
        node("mediaSingle", leaf("media", type="external", url="https://x.example/p.png")),
        ["https://x.example/p.png"],
    ),
    (
        "mediaGroup",
        node("mediaGroup", leaf("media", type="file", alt="a.pdf"), leaf("media", type="file")),
        ["a.pdf", "[attachment]"],
    ),
    ("mediaInline", para(leaf("mediaInline", type="image", id="1", collection="c")), ["[image]"]),
    ("mediaSingle", node("mediaSingle", leaf("media", type="file", alt="plan.png"), layout="center"), ["plan.png"]),
    (
        "mention",
        para(leaf("mention", id="5b1", text="@Ann Lee"), " and ", leaf("mention", id="5b2")),
        ["@Ann Lee", "@5b2"],
    ),
    ("multiBodiedExtension", node("multiBodiedExtension", node("extensionFrame", para("frame"))), ["frame"]),
    ("nestedExpand", node("nestedExpand", para("hidden"), title="More"), ["More", "hidden"]),
    ("orderedList", node("orderedList", node("listItem", para("item")), order=3), ["item"]),
    ("panel", node("panel", para("mind the gap"), panelType="warning"), ["Warning", "mind the gap"]),
    ("paragraph", para("words"), ["words"]),
    ("placeholder", para(leaf("placeholder", text="type here")), ["type here"]),
    ("rule", {"type": "rule"}, []),
    ("status", para(leaf("status", text="IN REVIEW", color="blue")), ["IN REVIEW"]),
    ("syncBlock", leaf("syncBlock", resourceId="r"), ["[synced block]"]),
    ("table", node("table", node("tableRow", node("tableCell", para("cell")))), ["cell"]),
    ("tableCell", node("table", node("tableRow", node("tableCell", para("cell"), colspan=2))), ["cell"]),
    ("tableHeader", node("table", node("tableRow", node("tableHeader", para("head")))), ["head"]),
    ("tableRow", node("table", node("tableRow", node("tableHeader", para("head")))), ["head"]),
    ("taskItem", node("taskList", node("taskItem", text("do it"), state="DONE")), ["do it"]),
    ("taskList", node("taskList", node("taskItem", text("do it"), state="TODO")), ["do it"]),
    ("text", para("words"), ["words"]),
]
MARKS = [
    {"type": "alignment", "attrs": {"align": "center"}},
    {"type": "annotation", "attrs": {"id": "1", "annotationType": "inlineComment"}},
    {"type": "backgroundColor", "attrs": {"color": "#ff0000"}},
    {"type": "border", "attrs": {"size": 1, "color": "#ff0000"}},
    {"type": "breakout", "attrs": {"mode": "wide"}},
    {"type": "code"},
    {"type": "dataConsumer", "attrs": {"sources": ["a"]}},
    {"type": "em"},
    {"type": "fontSize", "attrs": {"fontSize": "small"}},
    {"type": "fragment", "attrs": {"localId": "1"}},
    {"type": "indentation", "attrs": {"level": 2}},
    {"type": "link", "attrs": {"href": "https://x.example"}},
    {"type": "strike"},
    {"type": "strong"},
    {"type": "subsup", "attrs": {"type": "sup"}},
    {"type": "textColor", "attrs": {"color": "#ff0000"}},
    {"type": "underline"},
    {"type": "unheardOf", "attrs": {"x": 1}},
]


# The types of Atlassian's JSON Schema, @atlaskit/adf-schema 57.7.22: full, and what stage-0 has more.
SCHEMA_NODES = """
blockCard blockTaskItem blockquote bodiedExtension bodiedSyncBlock bulletList caption codeBlock date decisionItem
decisionList doc embedCard emoji expand extension hardBreak heading inlineCard inlineExtension layoutColumn
layoutSection listItem media mediaGroup mediaInline mediaSingle mention nestedExpand orderedList panel paragraph
placeholder rule status syncBlock table tableCell tableHeader tableRow taskItem taskList text
bodiedRule extensionFrame multiBodiedExtension
"""
SCHEMA_MARKS = """
alignment annotation backgroundColor border breakout code dataConsumer em fontSize fragment indentation link strike
strong subsup textColor underline
"""


def test_every_node_of_the_published_schema_is_tried_and_known() -> None:
    assert {kind for kind, _, _ in NODES} == set(SCHEMA_NODES.split()) == KNOWN


def test_every_mark_of_the_published_schema_is_tried() -> None:
    assert {mark["type"] for mark in MARKS} >= set(SCHEMA_MARKS.split())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("kind", "block", "words"), NODES, ids=[f"{kind}-{at}" for at, (kind, _, _) in enumerate(NODES)]
)
def test_every_node_gives_its_words_in_every_form(
    kind: str, block: dict[str, Any], words: list[str], form: adf.Form
) -> None:
    rendered = adf.render(doc(para("before"), block, para("after")), form)
    shown = html_module.unescape(rendered) if form == "html" else rendered.replace("\\", "")

    places = [shown.index(word) for word in ["before", *words, "after"]]
    assert places == sorted(places)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mark", MARKS, ids=[mark["type"] for mark in MARKS])
def test_every_mark_leaves_its_text_readable(mark: dict[str, Any], form: adf.Form) -> None:
    assert "words" in visible(adf.render(doc(para("some ", text("words", mark))), form), form)
    assert "words" in visible(adf.render(doc({**para("words"), "marks": [mark]}), form), form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("unknown", "words"),
    [
        (node("newBlock", para("inside")), "inside"),
        (para(node("newInline", text("inside"))), "inside"),
        (leaf("newLeaf", text="its text"), "its text"),
        (para(leaf("newLeaf", title="its title")), "its title"),
        (leaf("newCard", url="https://x.example/4"), "https://x.example/4"),
        (text("loose text"), "loose text"),
        (node("listItem", para("loose item")), "loose item"),
        (node("tableRow", node("tableCell", para("loose cell"))), "loose cell"),
        (node("tableCell", para("looser cell")), "looser cell"),
        (node("table", para("no row")), "no row"),
        (node("bulletList", text("no item")), "no item"),
        (para(node("codeBlock", text("block in a line"))), "block in a line"),
        (node("heading", text("odd level"), level="7"), "odd level"),
        (para(leaf("date", timestamp="no time")), "no time"),
        (para(leaf("date", timestamp="9" * 30)), "9" * 30),
        (para(leaf("emoji", shortName=7)), "7"),
    ],
)
def test_what_is_unknown_or_out_of_place_gives_its_text(unknown: dict[str, Any], words: str, form: adf.Form) -> None:
    assert words in visible(adf.render(doc(para("a"), unknown), form), form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "kind", ["blockquote", "bulletList", "newThing", "table", "paragraph", "expand", "layoutSection", "taskList"]
)
def test_a_document_of_any_depth_keeps_its_text(kind: str, form: adf.Form) -> None:
    nested = para("at the bottom")
    for _ in range(3000):
        nested = node(kind, nested)

    assert "at the bottom" in visible(adf.render(doc(nested), form), form)


KINDS = st.one_of(st.sampled_from([*sorted(KNOWN), "newThing", "strong", "link", "subsup"]), st.text(max_size=3))
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["type", "content", "attrs", "marks", "text", "url", "href", "level"]), inner, max_size=5
        ),
        st.fixed_dictionaries(
            {"type": KINDS},
            optional={
                "content": st.lists(inner, max_size=4),
                "marks": st.lists(inner, max_size=2),
                "text": inner,
                "attrs": st.dictionaries(
                    st.sampled_from(
                        ["text", "url", "href", "type", "level", "order", "colspan", "timestamp", "data", "state"]
                    ),
                    inner,
                ),
            },
        ),
    ),
    max_leaves=25,
)


@given(JUNK)
def test_nothing_raises_whatever_is_in_the_document(junk: Any) -> None:
    for form in FORMS:
        assert isinstance(adf.render(junk, form), str)
        assert isinstance(adf.render(doc(junk), form), str)


CONTAINERS = sorted(
    KNOWN
    - {
        "text",
        "hardBreak",
        "rule",
        "mention",
        "emoji",
        "date",
        "status",
        "placeholder",
        "inlineCard",
        "media",
        "mediaInline",
        "inlineExtension",
    }
)
WORDS = st.from_regex(r"\A[a-z]{3,6}\Z")
TREES = st.recursive(
    st.builds(text, WORDS),
    lambda inner: st.builds(
        lambda kind, content: node(kind, *content),
        st.sampled_from([*CONTAINERS, "newThing"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


def words_of(tree: dict[str, Any]) -> list[str]:
    return [tree["text"]] if tree["type"] == "text" else [word for child in tree["content"] for word in words_of(child)]


@given(st.lists(TREES, max_size=4))
def test_all_words_come_out_in_their_order_however_nodes_are_nested(trees: list[dict[str, Any]]) -> None:
    expected = "".join(word for tree in trees for word in words_of(tree))
    for form in FORMS:
        shown = visible(adf.render(doc(*trees), form), form).replace("\\", "").replace("<br>", "")
        shown = re.sub(r"\[(card|macro|synced block)\]", "", shown)
        assert "".join(re.findall("[a-z]+", shown)) == expected


class _Elements(HTMLParser):
    """Collects elements, attributes and text, and fails on elements that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def elements(source: str) -> _Elements:
    parser = _Elements()
    parser.feed(source)
    parser.close()
    assert not parser.open
    return parser


NASTY = st.text(alphabet="<>&\"'/=ab :javscript", max_size=12)


@given(NASTY, NASTY, NASTY)
def test_html_holds_nothing_that_was_written_as_text(words: str, href: str, title: str) -> None:
    link = {"type": "link", "attrs": {"href": href, "title": title}}
    block = node("codeBlock", text(words), language=title)
    image = node("mediaSingle", leaf("media", type="external", url=href, alt=title))
    parsed = elements(adf.render(doc(para(text(words, link)), block, image, para(leaf("mention", text=title))), "html"))

    assert {name for name, _ in parsed.attributes} <= {"href", "class"}
    assert all(
        value is not None and re.match("https?://|mailto:", value)
        for name, value in parsed.attributes
        if name == "href"
    )
    assert words.strip() in "".join(parsed.texts)


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        " javascript:x",
        "data:text/html,x",
        "vbscript:x",
        "/browse/A-1",
        "#a",
        "http:",
        "file:///etc",
        'https://x.example/" onclick="x',
        "java\nscript:x",
        "\x01javascript:x",
        "",
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_links_that_lead_nowhere_safe_are_text_only(href: str, form: adf.Form) -> None:
    assert adf.render(doc(para(text("words", {"type": "link", "attrs": {"href": href}}))), form) in {
        "words",
        "<p>words</p>",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (doc(), True),
        ({"type": "doc", "version": 1}, True),
        ({"type": "doc", "content": "x"}, False),
        ({"type": "document"}, False),
        ("doc", False),
        (None, False),
    ],
)
def test_a_document_is_told_from_other_values(value: Any, expected: bool) -> None:
    assert adf.is_document(value) is expected


@pytest.mark.parametrize("form", FORMS)
def test_characters_that_xml_cannot_carry_are_gone(form: adf.Form) -> None:
    block = node("codeBlock", text("a\x00b\ud800c\ufffed\x0be"))
    rendered = adf.render(doc(para("<\x01b>"), block), form)

    assert "abcde" in rendered
    assert not re.search("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", rendered)
