"""Keeps literal text literal in Markdown.

A character is escaped where CommonMark (version 0.31, or GitHub Flavored Markdown for ``~`` and tables) could read it
as markup, and not elsewhere: people will see these texts in ESM unrendered, too, and ``snake_case`` or ``2 * 3`` need
no backslash.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable

_ESCAPABLE = frozenset(string.punctuation)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_IN_WORD = re.compile(r"(?<=[^\W_])_+(?=[^\W_])")
"""Underscores with a letter or digit on both sides, as in ``snake_case``, are no markup."""

_LINE_START = re.compile(r"(?:#{1,6}|[-+*])(?=[ \t]|$)|>|\d{1,9}(?=[.)](?:[ \t]|$))")
_UNDERLINE = re.compile(r"[-=|: \t]*[-=][-=|: \t]*")


def escaped(text: str) -> str:
    """Escape text that stands in a line, without line breaks. What is at its ends is taken to touch markup.

    :param text: literal text
    """
    in_words = {at for match in _IN_WORD.finditer(text) for at in range(*match.span())}

    def judged(match: re.Match[str]) -> str:
        char, at = match.group(), match.start()
        return f"\\{char}" if at not in in_words and _JUDGES[char](text, at) else char

    return _SUSPECT.sub(judged, text)


def is_blank(char: str) -> bool:
    """Say whether a character is what CommonMark calls Unicode whitespace (section 2.1); Python's idea of it is wider.

    :param char: one character, or none
    """
    return char != "" and (char in "\t\n\f\r" or unicodedata.category(char) == "Zs")


def escaped_line(line: str) -> str:
    """Escape what would make a block of a line: a heading, an item, a quotation, the underline of a heading.

    :param line: a whole line of a paragraph, :func:`escaped` already, without blanks around it
    """
    if _UNDERLINE.fullmatch(line):
        return f"\\{line}"
    match = _LINE_START.match(line)
    if match is None:
        return line
    if match.group().isdigit():
        return f"{match.group()}\\{line[match.end() :]}"
    return f"\\{line}"


def escaped_address(link: str) -> str:
    """Write an address so that it can stand in ``[text](address)``. Parentheses that belong together may stay.

    :param link: without blanks, quotes and angle brackets
    """
    quoted = re.sub(r"[\\`]", lambda match: f"%{ord(match.group()):02X}", link)
    if not _balanced(quoted):
        quoted = re.sub(r"[()]", r"\\\g<0>", quoted)
    return _ENTITY.sub(lambda match: f"&amp;{match.group()[1:]}", quoted)


def _balanced(link: str) -> bool:
    """Say whether parentheses nest, and no deeper than every parser counts (CommonMark 0.31, section 6.3: three)."""
    depth = 0
    for char in link:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if not 0 <= depth <= 3:
            return False
    return depth == 0


def _always(_text: str, _at: int) -> bool:
    return True


def _backslash(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    return not after or after in _ESCAPABLE


def _star(text: str, at: int) -> bool:
    return not (is_blank(text[at - 1 : at]) and is_blank(text[at + 1 : at + 2]))


def _tilde(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    return not is_blank(text[at - 1 : at]) or not after or after == "~"


def _angle(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    return not after or after.isalpha() or after in "/!?"


def _ampersand(text: str, at: int) -> bool:
    return _ENTITY.match(text, at) is not None


_JUDGES: dict[str, Callable[[str, int], bool]] = {
    "`": _always,
    "[": _always,
    "]": _always,
    "\\": _backslash,
    "*": _star,
    "_": _always,
    "~": _tilde,
    "<": _angle,
    "&": _ampersand,
}
_SUSPECT = re.compile(f"[{re.escape(''.join(_JUDGES))}]")
