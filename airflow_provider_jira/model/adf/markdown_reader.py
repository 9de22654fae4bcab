"""Reads Markdown into the tree of :mod:`.document`: CommonMark with the tables, strike-through and task boxes of
GitHub Flavored Markdown, read by markdown-it-py.

Two things differ from what a web page would make of it. HTML is text, because nobody has looked at what it would do;
only ``<br>`` breaks a line, as tables need it. And a link that leads neither to a page nor to a mailbox stays as it
was written. A text nested deeper than any page (:data:`MAX_NESTING`) is read as plain text: the
parser would leave out what is deeper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from airflow_provider_jira.model.adf import links, nodes, plain_reader
from airflow_provider_jira.model.adf.document import (
    Block,
    Break,
    Cell,
    Code,
    Heading,
    Inline,
    Item,
    List,
    Marks,
    Paragraph,
    Quote,
    Rule,
    Run,
    Table,
)
from airflow_provider_jira.model.adf.pieces import broken
from airflow_provider_jira.model.text import clean

MAX_NESTING = 30
"""Blocks within blocks, an item of a list being two. The reader of documents (:data:`.nodes.MAX_DEPTH`) has room for
all of them."""

_BOX = re.compile(r"\[([ xX])\](?=\s|$)")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_MARKS: dict[str, Callable[[Marks], Marks]] = {
    "strong": lambda marks: marks._replace(strong=True),
    "em": lambda marks: marks._replace(em=True),
    "s": lambda marks: marks._replace(strike=True),
}


class _Markdown(MarkdownIt):
    """The parser, leaving addresses as they are: :mod:`.links` says which may be followed, and loses none."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - the library's name
        return link

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the library's name
        return True


# Tokens of escaped characters stay apart (no ``text_join``): ``\<br>`` is no line break.
_PARSER = (
    _Markdown("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    .enable(["table", "strikethrough"])
    .disable("text_join")
)


def read(text: str) -> tuple[Block, ...]:
    """Read Markdown.

    :param text: Markdown; what XML cannot carry is left out
    :returns: its blocks, which may be empty
    """
    tokens = _PARSER.parse(clean(text))
    if any(token.nesting == 1 and token.level >= MAX_NESTING - 1 for token in tokens):
        return plain_reader.read(text)
    return _Reader(tokens).blocks("")


class _Reader:
    """Goes through the parser's tokens once."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = iter(tokens)

    def blocks(self, end: str) -> tuple[Block, ...]:
        """Read blocks up to the token that ends them."""
        found: list[Block] = []
        for token in self._tokens:
            if token.type == end:
                break
            found.append(_READERS[token.type](self, token))
        return tuple(found)

    def paragraph(self, _opening: Token) -> Block:
        return Paragraph(self._line("paragraph_close"))

    def heading(self, opening: Token) -> Block:
        inlines = self._line("heading_close")
        return Heading(int(opening.tag[1]), tuple(Run(" ") if isinstance(piece, Break) else piece for piece in inlines))

    def code(self, token: Token) -> Block:
        named = token.info.split()
        return Code(nodes.language(named[0]) if named else "", token.content.removesuffix("\n"))

    def rule(self, _token: Token) -> Block:
        return Rule()

    def quote(self, _opening: Token) -> Block:
        return Quote(self.blocks("blockquote_close"))

    def list_(self, opening: Token) -> Block:
        written = opening.attrGet("start")
        start = None if opening.type == "bullet_list_open" else 1 if written is None else int(written)
        items: list[Item] = []
        for token in self._tokens:
            if token.type in {"bullet_list_close", "ordered_list_close"}:
                break
            items.append(self._item(boxed=start is None))
        return List(start, tuple(items))

    def _item(self, *, boxed: bool) -> Item:
        found: list[Block] = []
        done = None
        for token in self._tokens:
            if token.type == "list_item_close":
                break
            if boxed and not found and token.type == "paragraph_open":
                inline = next(self._tokens)
                done = _take_box(inline)
                next(self._tokens)
                found.append(Paragraph(tuple(_inlines(inline.children or ()))))
            else:
                found.append(_READERS[token.type](self, token))
        return Item(tuple(found), done)

    def table(self, _opening: Token) -> Block:
        rows: list[tuple[Cell, ...]] = []
        cells: list[Cell] = []
        for token in self._tokens:
            if token.type == "table_close":
                break
            if token.type in {"th_open", "td_open"}:
                header = token.type == "th_open"
                cells.append(Cell((Paragraph(self._line(f"{token.tag}_close")),), header=header))
            elif token.type == "tr_close":
                rows.append(tuple(cells))
                cells = []
        return Table(tuple(rows))

    def _line(self, end: str) -> tuple[Inline, ...]:
        found: list[Inline] = []
        for token in self._tokens:
            if token.type == end:
                break
            found += _inlines(token.children or ())
        return tuple(found)


_READERS: dict[str, Callable[[_Reader, Token], Block]] = {
    "paragraph_open": _Reader.paragraph,
    "heading_open": _Reader.heading,
    "fence": _Reader.code,
    "code_block": _Reader.code,
    "hr": _Reader.rule,
    "blockquote_open": _Reader.quote,
    "bullet_list_open": _Reader.list_,
    "ordered_list_open": _Reader.list_,
    "table_open": _Reader.table,
}


def _take_box(inline: Token) -> bool | None:
    """Take the box off the first line of an item.

    :returns: whether it is ticked; ``None``: there is none
    """
    box = _BOX.match(inline.content)
    first = inline.children[0] if inline.children else None
    if box is None or first is None or first.type != "text" or not first.content.startswith(box.group()):
        return None
    first.content = first.content.removeprefix(box.group()).lstrip()
    return box.group(1) != " "


def _inlines(tokens: Sequence[Token]) -> Iterator[Inline]:
    """Read the tokens of a line."""
    around = [Marks()]
    address, said = "", ""
    for token in tokens:
        marks = around[-1]
        name, _, part = token.type.rpartition("_")
        if token.type == "link_open":
            address, said = str(token.attrGet("href") or ""), ""
            link = links.safe(links.quoted(address))
            around.append(marks._replace(link=link))
            if not link:
                yield Run("<" if token.markup == "autolink" else "[", marks)
        elif token.type == "link_close":
            link = around.pop().link
            if not link:
                yield Run(">" if token.markup == "autolink" else f"]({_in_a_line(address)})", around[-1])
            elif not said.strip():
                yield Run(_in_a_line(address), marks)
        elif name in _MARKS:
            if part == "open":
                around.append(_MARKS[name](marks))
            else:
                around.pop()
        else:
            for piece in _pieces(token, marks):
                said += piece.text if isinstance(piece, Run) else " "
                yield piece


def _in_a_line(words: str) -> str:
    return nodes.text(words).replace("\n", " ")


def _pieces(token: Token, marks: Marks) -> Iterator[Inline]:
    if token.type == "softbreak":
        yield Run(" ", marks)
    elif token.type == "hardbreak":
        yield Break()
    elif token.type == "code_inline":
        yield Run(nodes.text(token.content), marks._replace(code=True))
    elif token.type == "image":
        yield from _image(token, marks)
    elif token.type == "text":
        for at, words in enumerate(_LINE_BREAK.split(token.content)):
            if at:
                yield Break()
            yield from broken(nodes.text(words), marks)
    else:
        yield from broken(nodes.text(token.content), marks)


def _image(token: Token, marks: Marks) -> Iterator[Run]:
    """Make a link of an image: showing it would need an upload."""
    said = " ".join("".join(child.content for child in token.children or ()).split())
    address = str(token.attrGet("src") or "")
    link = marks.link or links.safe(links.quoted(address))
    if link:
        yield Run(said or _in_a_line(address), marks._replace(link=link))
    elif address.startswith("data:"):
        yield Run(f"[{said or 'image'}]", marks)
    else:
        yield Run(f"![{said}]({_in_a_line(address)})", marks)
