"""Which characters may stand in a card's texts: those that XML 1.0 can carry.

One of ESM's APIs is XML. A character that it cannot carry would have the whole batch refused, so such characters are
taken out while the card is made: then both APIs are sent the same text, and the digest is that of what ESM got.
"""

from __future__ import annotations

import re

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Remove what XML 1.0 (production 2, *Char*) does not allow: control characters, lone surrogates, U+FFFE,
    U+FFFF."""
    return _NOT_IN_XML.sub("", text)
