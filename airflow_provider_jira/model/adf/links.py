"""Addresses in texts: which of them a link may lead to, how they are written in a link, where they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SAFE = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
_UNFIT = re.compile(r"[\s<>\"\\`]")
_BARE = re.compile(r"(?<![^\W_])https?://[^\s<>\"\\`|]+", re.IGNORECASE)
_TRAILING = ".,:;!?'*_~"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def safe(address: str) -> str:
    """Let only addresses pass that lead to a page or a mailbox: a script in a link would run in the reader's page.

    :param address: as somebody wrote it
    :returns: the address without blanks around it, or nothing
    """
    return address.strip() if _SAFE.fullmatch(address.strip()) else ""


def quoted(address: str) -> str:
    """Write what cannot stand in an address (blanks, quotes, angle brackets, backslashes) as per cent and number.

    :param address: as somebody wrote it
    """
    return _UNFIT.sub(lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), address.strip())


def bare(text: str) -> Iterator[tuple[int, int]]:
    """Find the addresses of pages that stand in a text.

    The signs that end a sentence, and a bracket that the address did not open, are not part of it.

    :param text: one line
    :returns: from where to where
    """
    for match in _BARE.finditer(text):
        address = match.group()
        while address:
            last = address[-1]
            unopened = last in _BRACKETS and address.count(last) > address.count(_BRACKETS[last])
            if last not in _TRAILING and not unopened:
                break
            address = address[:-1]
        if len(address) > len("https://"):
            yield match.start(), match.start() + len(address)
