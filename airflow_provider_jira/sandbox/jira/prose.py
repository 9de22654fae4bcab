"""Texts: every block is written twice from one thought, as a node of Atlassian's document format and as Markdown.

The Markdown is in one fixed style, so that a renderer can be compared with it letter by letter: ATX headings, ``-``
and ``1.`` lists whose inner lists are indented to the text, ``**strong**``, ``*em*``, backticks, fences with a
language, ``>``, ``[text](url)``, a backslash for a hard break, pipe tables, one empty line between blocks, none at
the end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

Node = dict[str, Any]
_WORDS = (
    "invoice", "printer", "queue", "login", "server", "päivitys", "cluster", "Straße", "mailbox", "order",
    "customer", "token", "screen", "report", "after", "before", "fails", "works", "slowly", "again", "since",
    "Tuesday", "nightly", "backup", "żółty", "network", "cable", "restart", "once", "every", "hour", "phone", "日本語",
    "total", "missing", "wrong",
)  # fmt: skip
_RUN_TOGETHER = frozenset({"bulletList", "orderedList", "blockquote", "table"})
_CODES = ("curl -I localhost", "SELECT 1", "ERR-4711", "x = y + 1", "/var/log/app.log")
_LANGUAGES = {"python": "print('ready')\nfor item in []:\n    pass", "sql": "select *\nfrom orders\nwhere id = 7"}


class Block(msgspec.Struct, frozen=True):
    """One block of a text.

    :param kind: the node's type
    :param adf: the node as JSON
    :param markdown: the same in Markdown
    """

    kind: str
    adf: str
    markdown: str


class Text(msgspec.Struct, frozen=True):
    """A whole text.

    :param adf: the document as JSON
    :param markdown: the same in Markdown
    """

    adf: str
    markdown: str


def joined(*blocks: Block) -> Text:
    """Make a text of blocks."""
    adf = ",".join(block.adf for block in blocks)
    return Text(
        f'{{"type":"doc","version":1,"content":[{adf}]}}',
        "\n\n".join(block.markdown for block in blocks),
    )


def apart(blocks: Sequence[Block]) -> list[Block]:
    """Leave out blocks that Markdown would run together with the one before them: two lists, two quotes, two tables."""
    kept: list[Block] = []
    for block in blocks:
        if not kept or block.kind != kept[-1].kind or block.kind not in _RUN_TOGETHER:
            kept.append(block)
    return kept


def paragraph(text: str) -> Block:
    """Make a paragraph of plain words.

    :param text: without anything that means something in Markdown
    """
    return _block(_paragraph([_text(text)]), text)


def blocks(rng: random.Random, count: int) -> tuple[Block, ...]:
    """Make up blocks of every kind."""
    kinds: tuple[Callable[[random.Random], Block], ...] = (
        _rich, _rich, _rich, _heading, _bullets, _numbers, _code, _quote, _table, _broken_lines,
    )  # fmt: skip
    return tuple(kinds[at % len(kinds)](rng) for at in range(count))


def _block(node: Node, markdown: str) -> Block:
    return Block(node["type"], msgspec.json.encode(node).decode(), markdown)


def _text(text: str, mark: Node | None = None) -> Node:
    return {"type": "text", "text": text, **({"marks": [mark]} if mark else {})}


def _paragraph(inline: list[Node]) -> Node:
    return {"type": "paragraph", "content": inline}


def _words(rng: random.Random, least: int = 3, most: int = 9) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(rng.randint(least, most)))


def _marked(rng: random.Random) -> tuple[Node, str]:
    kind = rng.randrange(4)
    words = _words(rng, 1, 3)
    if kind == 0:
        return _text(words, {"type": "strong"}), f"**{words}**"
    if kind == 1:
        return _text(words, {"type": "em"}), f"*{words}*"
    if kind == 2:
        code = rng.choice(_CODES)
        return _text(code, {"type": "code"}), f"`{code}`"
    url = f"https://acme.example/{rng.randrange(1000)}"
    return _text(words, {"type": "link", "attrs": {"href": url}}), f"[{words}]({url})"


def _rich(rng: random.Random) -> Block:
    node, markdown = _marked(rng)
    before, after = _words(rng), _words(rng)
    return _block(_paragraph([_text(f"{before} "), node, _text(f" {after}.")]), f"{before} {markdown} {after}.")


def _heading(rng: random.Random) -> Block:
    level, words = rng.randint(1, 4), _words(rng, 1, 4)
    node = {"type": "heading", "attrs": {"level": level}, "content": [_text(words)]}
    return _block(node, f"{'#' * level} {words}")


def _list(rng: random.Random, kind: str, depth: int = 0) -> tuple[Node, str]:
    items, lines = [], []
    for number in range(1, rng.randint(2, 4) + 1):
        bullet = "- " if kind == "bulletList" else f"{number}. "
        words = _words(rng, 1, 5)
        content = [_paragraph([_text(words)])]
        lines.append(f"{bullet}{words}")
        if depth < 2 and rng.random() < 0.25:
            inner, markdown = _list(rng, rng.choice(["bulletList", "orderedList"]), depth + 1)
            content.append(inner)
            lines.extend(f"{' ' * len(bullet)}{line}" for line in markdown.split("\n"))
        items.append({"type": "listItem", "content": content})
    node: Node = {"type": kind, "content": items}
    if kind == "orderedList":
        node["attrs"] = {"order": 1}
    return node, "\n".join(lines)


def _bullets(rng: random.Random) -> Block:
    return _block(*_list(rng, "bulletList"))


def _numbers(rng: random.Random) -> Block:
    return _block(*_list(rng, "orderedList"))


def _code(rng: random.Random) -> Block:
    language, code = rng.choice(list(_LANGUAGES.items()))
    node = {"type": "codeBlock", "attrs": {"language": language}, "content": [_text(code)]}
    return _block(node, f"```{language}\n{code}\n```")


def _quote(rng: random.Random) -> Block:
    words = _words(rng)
    return _block({"type": "blockquote", "content": [_paragraph([_text(words)])]}, f"> {words}")


def _table(rng: random.Random) -> Block:
    columns = rng.randint(2, 3)
    rows, lines = [], []
    for number in range(rng.randint(2, 4)):
        cells = [_words(rng, 1, 2) for _ in range(columns)]
        kind = "tableCell" if number else "tableHeader"
        content = [{"type": kind, "attrs": {}, "content": [_paragraph([_text(cell)])]} for cell in cells]
        rows.append({"type": "tableRow", "content": content})
        lines.append(f"| {' | '.join(cells)} |")
        if not number:
            lines.append(f"| {' | '.join(['---'] * columns)} |")
    node = {"type": "table", "attrs": {"isNumberColumnEnabled": False, "layout": "default"}, "content": rows}
    return _block(node, "\n".join(lines))


def _broken_lines(rng: random.Random) -> Block:
    first, second = _words(rng), _words(rng)
    return _block(_paragraph([_text(first), {"type": "hardBreak"}, _text(second)]), f"{first}\\\n{second}")


def summary(rng: random.Random) -> str:
    """Make up an issue's summary; some need care where markup or quoting is concerned."""
    words = _words(rng, 3, 8)
    return rng.choice(_SUMMARIES).format(words[0].upper() + words[1:])


_SUMMARIES = ("{}", "{}", "{}", "{}", "{} & more", "{} <urgent>", 'About "{}"', "{}: 50 % off", "Don't: {}", "{} 🚧")
