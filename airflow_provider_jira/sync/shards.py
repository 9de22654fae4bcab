"""The task cache's shape: what is known of each record, cut into shards by record id.

A shard holds, for the records of one range of ids, five columns: the digest of what ESM last accepted with the time in
which it did, the id of the data card, and the id of the Jira project. Digests and times are one text and the rest
another, because clearing the cache empties the digests only. Columns are packed arrays, compressed: 100,000 records
take about 1 MB and a fifth of a second.

Everything here is pure.
"""

from __future__ import annotations

import base64
import binascii
import sys
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise

import msgspec

DIGEST_BYTES = 8
SHARD_RECORDS = 2_500
"""Records that a shard is cut for: small enough to hydrate within a task's patience, large enough to keep partitions
few."""
MAX_SHARDS = 32
_FORMAT = 1


class Known(msgspec.Struct, frozen=True):
    """What is known of one record.

    :param digest: digest of the card as ESM last accepted it; ``None`` = must be pushed
    :param card_id: ESM's data card id; 0 = not known
    :param project_id: id of the Jira project the issue was last seen in; 0 = not known
    :param since: when the run began that had the digest accepted, or the record refused, in seconds since 1970
    :param until: when that run was committed; it was in between
    """

    digest: bytes | None = None
    card_id: int = 0
    project_id: int = 0
    since: int = 0
    until: int = 0


_NOTHING = Known()
_REFUSED = bytes(DIGEST_BYTES)
"""Stands where a record has a time and no digest: a run tried, and was refused."""


class Damaged(ValueError):
    """A stored text is not a shard: cut off, overwritten, or from another version."""


def bounds_for(ids: Sequence[int], old: Sequence[int] = ()) -> tuple[int, ...]:
    """Choose the lower bounds of the shards.

    Old bounds are kept as long as they still cut well, so that shards without changes need not be written again:
    Jira's ids only grow, so the last shard is the one that fills up and is split.

    :param ids: all record ids, ascending
    :param old: lower bounds in force until now
    :returns: ascending lower bounds, the first one 0; at most :data:`MAX_SHARDS`
    """
    size = max(SHARD_RECORDS, -(-len(ids) // MAX_SHARDS))
    fresh = (0, *(ids[at] for at in range(size, len(ids), size)))
    if not old:
        return fresh
    kept = tuple(old)
    counts = [0] * len(kept)
    for id_ in ids:
        counts[bisect_right(kept, id_) - 1] += 1
    tail = counts[-1]
    if tail > 2 * size:
        start = len(ids) - tail
        kept = (*kept, *(ids[at] for at in range(start + size, len(ids), size)))
    return fresh if len(kept) > MAX_SHARDS or max(counts[:-1], default=0) > 2 * size else kept


def cut(ids: Iterable[int], bounds: Sequence[int]) -> list[list[int]]:
    """Sort record ids into the shards that the bounds make."""
    shards: list[list[int]] = [[] for _ in bounds]
    for id_ in ids:
        shards[bisect_right(bounds, id_) - 1].append(id_)
    return shards


def pack_digests(known: Mapping[int, Known]) -> str:
    """Encode the digests of a shard and their times; records with neither are left out."""
    rows = sorted((id_, entry) for id_, entry in known.items() if entry.digest is not None or entry.since)
    digests = b"".join(entry.digest or _REFUSED for _, entry in rows)
    since = array("q", (entry.since for _, entry in rows))
    lasted = array("q", (entry.until - entry.since for _, entry in rows))
    return _pack([id_ for id_, _ in rows], digests + _bytes(_deltas(since)) + _bytes(lasted))


def pack_cards(known: Mapping[int, Known]) -> str:
    """Encode the card ids and project ids of a shard."""
    ids = sorted(known)
    cards = array("q", (known[id_].card_id for id_ in ids))
    projects = array("q", (known[id_].project_id for id_ in ids))
    return _pack(ids, _bytes(_deltas(cards)) + _bytes(projects))


def unpack(digests: str | None, cards: str | None) -> dict[int, Known]:
    """Decode a shard.

    :param digests: what :func:`pack_digests` gave, or ``None`` where the cache was cleared
    :param cards: what :func:`pack_cards` gave
    :raises Damaged: either text is not what was packed
    """
    known: dict[int, Known] = {}
    if cards is not None:
        ids, body = _unpack(cards, 16)
        middle = 8 * len(ids)
        columns = zip(ids, accumulate(_array(body[:middle])), _array(body[middle:]), strict=True)
        known = {id_: Known(None, card, project) for id_, card, project in columns}
    if digests is not None:
        ids, body = _unpack(digests, DIGEST_BYTES + 16)
        times = body[DIGEST_BYTES * len(ids) :]
        middle = 8 * len(ids)
        columns_of = zip(ids, accumulate(_array(times[:middle])), _array(times[middle:]), strict=True)
        for at, (id_, since, lasted) in enumerate(columns_of):
            old = known.get(id_, _NOTHING)
            digest = body[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES]
            accepted = None if digest == _REFUSED else digest
            known[id_] = Known(accepted, old.card_id, old.project_id, since, since + lasted)
    return known


def pack_ids(ids: Iterable[int]) -> str:
    """Encode ids of which nothing else is known."""
    return _pack(sorted(ids), b"")


def unpack_ids(text: str) -> frozenset[int]:
    """Decode what :func:`pack_ids` gave.

    :raises Damaged: it is something else
    """
    return frozenset(_unpack(text, 0)[0])


def _pack(ids: Sequence[int], body: bytes) -> str:
    head = bytes([_FORMAT]) + len(ids).to_bytes(4, "little")
    data = zlib.compress(head + _bytes(_deltas(array("q", ids))) + body, 6)
    return base64.b85encode(data + binascii.crc32(data).to_bytes(4, "little")).decode("ascii")


def _unpack(text: str, width: int) -> tuple[list[int], bytes]:
    try:
        data = base64.b85decode(text)
        if binascii.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
            raise Damaged("its check sum does not fit")
        raw = zlib.decompress(data[:-4])
    except (ValueError, zlib.error) as error:
        raise Damaged(f"it cannot be decoded: {type(error).__name__}") from error
    if not raw or raw[0] != _FORMAT:
        raise Damaged("it has another format")
    count = int.from_bytes(raw[1:5], "little")
    if len(raw) != 5 + count * (8 + width):
        raise Damaged(f"it has {len(raw)} bytes for {count} records")
    return list(accumulate(_array(raw[5 : 5 + 8 * count]))), raw[5 + 8 * count :]


def _deltas(column: array[int]) -> array[int]:
    """Differences compress far better than ids that only grow."""
    return array("q", (column[0], *(b - a for a, b in pairwise(column)))) if column else column


def _bytes(column: array[int]) -> bytes:
    if sys.byteorder == "big":
        column = array("q", column)
        column.byteswap()
    return column.tobytes()


def _array(data: bytes) -> array[int]:
    column = array("q")
    column.frombytes(data)
    if sys.byteorder == "big":
        column.byteswap()
    return column
