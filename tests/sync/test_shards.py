"""The task cache's shape: what goes in comes out, cuts stay put, and damage is noticed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.sync.shards import (
    MAX_SHARDS,
    SHARD_RECORDS,
    Damaged,
    Known,
    bounds_for,
    cut,
    pack_cards,
    pack_digests,
    unpack,
)

IDS = st.integers(min_value=1, max_value=2**62)
MOMENTS = st.integers(min_value=1, max_value=2**40)
TIMES = st.just((0, 0)) | st.tuples(MOMENTS, MOMENTS).map(lambda two: (min(two), max(two)))
KNOWN = st.builds(
    lambda digest, card_id, project_id, times: Known(digest, card_id, project_id, *times),
    # A digest of nothing but zeros stands for none: one record in 2^64 would be pushed for nothing.
    digest=st.none() | st.binary(min_size=8, max_size=8).filter(any),
    card_id=st.integers(min_value=0, max_value=2**62),
    project_id=st.integers(min_value=0, max_value=2**40),
    times=TIMES,
)


@given(st.dictionaries(IDS, KNOWN, max_size=50))
def test_a_shard_comes_back_as_it_was_packed(known: dict[int, Known]) -> None:
    assert unpack(pack_digests(known), pack_cards(known)) == known


@given(st.dictionaries(IDS, KNOWN, max_size=20))
def test_without_digests_the_cards_are_still_known(known: dict[int, Known]) -> None:
    emptied = {id_: Known(None, entry.card_id, entry.project_id) for id_, entry in known.items()}
    assert unpack(None, pack_cards(known)) == emptied


@given(st.dictionaries(IDS, KNOWN, min_size=1, max_size=20), st.data())
def test_a_changed_character_is_damage_and_never_another_cache(known: dict[int, Known], data: st.DataObject) -> None:
    text = pack_cards(known)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([c for c in "0Aa~" if c != text[at]]))
    changed = text[:at] + other + text[at + 1 :]
    # The last few characters can be written in several ways for the same bytes.
    if at >= len(text) - 5 and base64.b85decode(text) == _bytes_of(changed):
        return
    with pytest.raises(Damaged):
        unpack(None, changed)


def _bytes_of(text: str) -> bytes | None:
    try:
        return base64.b85decode(text)
    except ValueError:
        return None


@pytest.mark.parametrize("text", ["", "0", "not a shard", "é", "{}"])
def test_a_foreign_text_is_damage(text: str) -> None:
    with pytest.raises(Damaged):
        unpack(text, None)


def test_digests_given_as_cards_are_damage() -> None:
    known = {1: Known(b"12345678", 5, 6)}
    with pytest.raises(Damaged, match="bytes for 1 records"):
        unpack(None, pack_digests(known))


@given(
    st.lists(st.integers(1, 10**7), max_size=300, unique=True).map(sorted),
    st.lists(st.integers(1, 10**7), max_size=5, unique=True).map(sorted),
)
def test_bounds_cover_every_id_and_are_few(ids: list[int], old: list[int]) -> None:
    bounds = bounds_for(ids, (0, *old) if old else ())
    assert bounds[0] == 0
    assert list(bounds) == sorted(set(bounds))
    assert len(bounds) <= MAX_SHARDS
    assert [id_ for shard in cut(ids, bounds) for id_ in shard] == ids


@pytest.mark.parametrize("count", [0, 1, SHARD_RECORDS, 10 * SHARD_RECORDS, 200_000, 1_000_000])
def test_shards_are_of_a_size_that_a_task_can_carry(count: int) -> None:
    ids = list(range(1, count + 1))
    sizes = [len(shard) for shard in cut(ids, bounds_for(ids))]
    assert max(sizes) <= 2 * max(SHARD_RECORDS, -(-count // MAX_SHARDS))


def test_old_bounds_stay_when_a_few_records_come_and_go() -> None:
    ids = list(range(1, 20_001))
    bounds = bounds_for(ids)
    assert bounds_for([id_ for id_ in ids if id_ % 50] + list(range(20_001, 20_101)), bounds) == bounds


def test_new_records_split_the_last_shard_and_leave_the_others() -> None:
    ids = list(range(1, 20_001))
    bounds = bounds_for(ids)
    grown = bounds_for(list(range(1, 30_001)), bounds)
    assert grown[: len(bounds)] == bounds
    assert len(grown) > len(bounds)


def test_a_million_records_after_small_beginnings_are_cut_anew() -> None:
    ids = list(range(1, 1_000_001))
    bounds = bounds_for(ids, bounds_for(ids[:5_000]))
    assert max(len(shard) for shard in cut(ids, bounds)) <= 2 * (len(ids) // MAX_SHARDS + 1)


def test_a_hundred_thousand_records_take_a_few_megabytes() -> None:
    known = {100_000 + 3 * n: Known(n.to_bytes(8, "big"), 500_000 + n, 10_000) for n in range(100_000)}
    size = len(pack_digests(known)) + len(pack_cards(known))
    assert size < 3_000_000
