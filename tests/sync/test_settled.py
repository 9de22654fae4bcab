"""The list of comments that need not be looked at again: kept apart from the cache, and never believed too much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.sync.cache import Memory, TaskCache, task_key
from airflow_provider_jira.sync.shards import Damaged, Known, pack_digests, pack_ids, unpack_ids
from airflow_provider_jira.sync.state import MemoryState

KEY = task_key("acme", "support_tickets")
PLACE = "here"
MANY = frozenset(range(10_000, 18_000))


def keep(cache: TaskCache, ids: frozenset[int], generation: str, place: str = PLACE) -> bool:
    return cache.commit(
        cache.read(),
        generation=generation,
        known={5: Known(b"12345678", 50, 1)},
        ledger={},
        bounds=(0,),
        plan=generation,
        as_of="2026-01-01T00:00:00+00:00",
        scope="s",
        place=place,
        watermark=None,
        still_mine=lambda: True,
        comments=ids,
    )


@given(st.frozensets(st.integers(0, 2**53)))
def test_ids_come_back_as_they_were(ids: frozenset[int]) -> None:
    assert unpack_ids(pack_ids(ids)) == ids


@pytest.mark.parametrize("text", ["", "nothing", pack_ids([1, 2])[:-3], pack_digests({1: Known(b"12345678", 1, 1)})])
def test_what_is_no_list_of_ids_is_called_damaged(text: str) -> None:
    with pytest.raises(Damaged):
        unpack_ids(text)


def test_a_hundred_thousand_ids_take_little_room() -> None:
    assert len(pack_ids(range(1_000_000, 1_300_000, 3))) < 100_000


@pytest.mark.parametrize("cards", [False, True])
def test_clearing_the_cache_and_even_the_cards_leaves_the_list(cards: bool) -> None:
    state = MemoryState()
    keep(TaskCache(state, KEY), MANY, "g1")
    TaskCache(state, KEY).clear(generation="c1", cards=cards)
    memory = TaskCache(state, KEY).read()
    assert memory.settled == MANY
    assert all(known.digest is None for known in memory.known.values())


def test_only_the_last_text_is_written_again_when_ids_are_added() -> None:
    state = MemoryState()
    keep(TaskCache(state, KEY), MANY, "g1")
    first = {name: text for name, text in state.texts.items() if "/g1/s" in name}
    keep(TaskCache(state, KEY), MANY | {20_000}, "g2")
    kept = [name for name in first if name in state.texts]
    assert len(first) > 2
    assert len(kept) == len(first) - 1
    assert TaskCache(state, KEY).read().settled == MANY | {20_000}


def test_a_commit_that_says_nothing_of_comments_leaves_the_list() -> None:
    state = MemoryState()
    cache = TaskCache(state, KEY)
    keep(cache, MANY, "g1")
    base: Memory = cache.read()
    cache.commit(
        base, generation="g2", known={}, ledger={}, bounds=(0,), plan="g2", as_of="2026-01-01T00:00:00+00:00", scope="s",
        place=PLACE, watermark=None, still_mine=lambda: True,
    )  # fmt: skip
    assert cache.read().settled == MANY


def test_a_missing_text_costs_its_own_ids_and_is_said_and_the_next_commit_mends_it() -> None:
    state = MemoryState()
    cache = TaskCache(state, KEY)
    keep(cache, MANY, "g1")
    state.delete(f"jira_connector/{KEY}/g1/s01")
    memory = cache.read()
    assert 0 < len(memory.settled) < len(MANY)
    (note,) = memory.notes
    assert "the worklogs are asked instead" in note
    assert cache.settled(PLACE) == memory.settled
    keep(cache, memory.settled, "g2")
    assert cache.read().notes == []
    assert not any("/g1/" in name for name in state.texts)


def test_of_another_place_nothing_is_known() -> None:
    state = MemoryState()
    keep(TaskCache(state, KEY), MANY, "g1")
    assert TaskCache(state, KEY).settled("elsewhere") == frozenset()
    assert TaskCache(state, task_key("acme", "other")).settled(PLACE) == frozenset()
