"""Digests of cards: what tells a changed record from one that ESM already has.

A digest outlives processes, machines and releases: it lies in the task cache until the record changes. So the
encoding below is written out here, instead of being borrowed from a library whose next release may encode differently
and have every card of every site pushed once more. Equal cards have equal digests whatever the order of their
attributes; the order of an attribute's values counts. Texts, numbers, dates, static codes and references that look
alike are told apart.
"""

from __future__ import annotations

import hashlib

from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static, Value

SIZE = 8
"""Bytes in a digest. A changed record is missed if its digests collide: once in 2^64 changes."""


def digest(card: Card) -> bytes:
    """Digest a card.

    :returns: :data:`SIZE` bytes
    """
    parts = [_sized(card.key)]
    for code in sorted(card.values):
        values = card.values[code]
        parts += [_sized(code), b"%d;" % len(values), *(_encoded(value) for value in values)]
    return hashlib.blake2b(b"".join(parts), digest_size=SIZE).digest()


def _encoded(value: Value) -> bytes:
    if isinstance(value, str):
        return b"x" + _sized(value)
    if isinstance(value, Static):
        return b"s" + _sized(value.code)
    if isinstance(value, Day):
        return b"d" + _sized(value.iso)
    if isinstance(value, Instant):
        return b"t" + _sized(value.iso)
    if isinstance(value, (Reference, Link)):
        return _pointer(value)
    return (b"f" if isinstance(value, float) else b"i") + _sized(repr(value))


def _pointer(value: Reference | Link) -> bytes:
    if isinstance(value, Link):
        return b"l" + _sized(value.card_id) + _sized(value.key)
    return b"r" + _sized(value.template) + _sized(value.key_attribute) + _sized(value.key)


def _sized(text: str) -> bytes:
    """Encode a text with its length, so that no two rows of texts look alike once they are put together."""
    encoded = text.encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(encoded), encoded)
