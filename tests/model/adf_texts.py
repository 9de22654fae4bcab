"""Markdown as people and programs write it: every construct, in every spelling, within every other.

Marks do not touch other words here. Where they do, Markdown cannot always write what it could read (``*a.*![b](c)`` in
a link, whose image is only its words), and a mark may be lost: SIGNS is for what holds even there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count

from hypothesis import strategies as st

WORDS = st.sampled_from(
    [
        "word", "päivitys", "日本語", "snake_case", "2 * 3", "a*b", "C:\\temp", "a<b", "AT&T;", "x|y", "[x]", "#1", "1.",
        "-", "+", "(so)", "\"it's\"", "e.g.,", "100 %", "~5", "!", "\\*", "\\_", "\\\\", "\\<br>", "&amp;", "&lt;i>",
        "&nbsp;", "<b>bold</b>", "<!-- x -->", "@ann", ":smile:", "$x$", "{a}", "``", "===", "a  b", "\\|",
    ]
)  # fmt: skip
SITES = st.sampled_from(
    [
        "https://x.example/",
        "http://x.example/a_(b)?c=*d*&amp;e=1",
        "mailto:ann@x.example",
        "/browse/A-1",
        "<https://a b>",
    ]
)
CODES = st.sampled_from(["`x = 1`", "`` a`b ``", "` a `", "`*no*`", "`<br>`", "`a\\|b`"])
BREAKS = st.sampled_from(["\\\n", "  \n", "\n", "<br>", "<br />"])
ADDRESSES = st.sampled_from(
    [
        "<https://x.example/a?b=c>",
        "<ann@x.example>",
        "https://x.example/a_b.",
        "(http://x.example/?q=[1])",
        "<ftp://a.b>",
    ]
)
ATOMS = st.one_of(WORDS, WORDS, CODES, ADDRESSES, BREAKS, st.just("![alt *text*](https://x.example/p.png)"))


def _joined(parts: Sequence[str]) -> str:
    return "".join(parts)


def _lines(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    spaced = st.tuples(inner, st.sampled_from([" ", " ", ", "])).map(_joined)
    return st.lists(spaced, min_size=1, max_size=4).map(_joined)


def _marked(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    line = _lines(inner)
    delimited = st.tuples(st.sampled_from(["*", "_", "**", "__", "~~", "***"]), line).map(
        lambda pair: f"{pair[0]}{pair[1].strip()}{pair[0]}"
    )
    linked = st.tuples(line, SITES).map(lambda pair: f"[{pair[0]}]({pair[1]})")
    return st.one_of(inner, delimited, linked)


LINES = _lines(st.recursive(ATOMS, _marked, max_leaves=6)).map(str.strip)
ONE_LINE = LINES.map(lambda line: line.replace("\\\n", "<br>").replace("\n", " "))
CELLS = ONE_LINE.map(lambda line: line.replace("\\|", "|").replace("|", "\\|"))


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *body])


TABLES = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(CELLS | st.just(""), min_size=width, max_size=width), min_size=1, max_size=3)
).map(_table)  # fmt: skip
CODE_TEXTS = st.lists(
    st.sampled_from(["x = 1", "  two", "", "# no", "- no", "tab\tbed", "a ", "| a |"]), max_size=3
).map("\n".join)
LEAVES = st.one_of(
    LINES,
    st.tuples(st.integers(1, 6), ONE_LINE).map(lambda pair: f"{'#' * pair[0]} {pair[1]}"),
    st.tuples(LINES, st.sampled_from(["===", "---"])).map(lambda pair: f"{pair[0]}\n{pair[1]}"),
    st.tuples(st.sampled_from(["```", "~~~~", "```python", "```c++ x"]), CODE_TEXTS).map(
        lambda pair: f"{pair[0]}\n{pair[1]}\n{pair[0].rstrip('pythonc+ x')}"
    ),
    CODE_TEXTS.map(lambda code: "\n".join(f"    {line}" for line in code.split("\n"))),
    st.sampled_from(["---", "***", "_ _ _"]),
    TABLES,
)


def _page(blocks: Sequence[str]) -> str:
    return "\n\n".join(blocks)


def _item(marker: str, text: str) -> str:
    return f"{marker} {text.replace(chr(10), chr(10) + ' ' * (len(marker) + 1))}"


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    page = st.lists(inner, min_size=1, max_size=3).map(_page)
    items = st.lists(page | st.just(""), min_size=1, max_size=3)
    boxed = st.lists(
        st.tuples(st.sampled_from(["[ ] ", "[x] ", "[X] ", ""]), page).map(_joined), min_size=1, max_size=3
    )
    between = st.sampled_from(["\n", "\n\n"])
    bullets = st.tuples(st.sampled_from("-*+"), items | boxed, between).map(
        lambda of: of[2].join(_item(of[0], text) for text in of[1])
    )
    numbers = st.tuples(st.sampled_from([0, 1, 7, 99]), st.sampled_from(".)"), items, between).map(
        lambda of: of[3].join(_item(f"{of[0] + at}{of[1]}", text) for at, text in enumerate(of[2]))
    )
    quotes = page.map(lambda text: "\n".join(f"> {line}" for line in text.split("\n")))
    return st.one_of(bullets, numbers, quotes)


def _numbered(text: str) -> str:
    """Let no two links lead to one place: side by side they would be one link, and marks cannot begin in its midst."""
    numbers = count(1)
    return re.sub(r"x\.example|a b>", lambda match: f"{next(numbers)}.{match.group()}", text)


PAGES = st.lists(st.recursive(LEAVES, _nested, max_leaves=5), max_size=3).map(_page).map(_numbered)
SIGNS = st.lists(
    st.sampled_from([*"*_`~[]()<>!#\\&|+-=.:;1 \t\n\u00a0\u3000€é", "ab", "```\n", "- [x] ", "<br>", "> "]), max_size=16
).map("".join)
"""Signs in any order, which mean something to a parser now and then."""
