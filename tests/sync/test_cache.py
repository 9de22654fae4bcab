"""The manifest: one flip, old texts removed, clearing noticed, damage survived."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from airflow_provider_jira.sync.cache import LedgerEntry, Memory, TaskCache, task_key
from airflow_provider_jira.sync.shards import Known
from airflow_provider_jira.sync.state import NAME, MemoryState

KEY = task_key("acme", "support_tickets")
TWO = {5: Known(b"12345678", 50, 1), 5_000: Known(b"abcdefgh", 51, 1)}
BOUNDS = (0, 1_000)
WAITS = {7: LedgerEntry("attribute_refused", "status", "no such value", "p1")}


class Dies(Exception):
    """The process ends here."""


class DyingState(MemoryState):
    """A state whose process dies at the n-th change."""

    def __init__(self, texts: dict[str, str], changes: int) -> None:
        super().__init__()
        self.texts = texts
        self.left = changes

    def _live(self) -> None:
        if self.left == 0:
            raise Dies
        self.left -= 1

    def set(self, name: str, value: str) -> None:
        self._live()
        super().set(name, value)

    def delete(self, name: str) -> None:
        self._live()
        super().delete(name)


def commit(cache: TaskCache, known: dict[int, Known], generation: str, base: Memory | None = None, **changes) -> bool:
    base = base or cache.read()
    settings = {
        "ledger": base.ledger, "bounds": BOUNDS, "plan": generation, "as_of": "2026-01-01T00:00:00+00:00", "scope": "s", "place": "p", "watermark": None,
        "still_mine": lambda: True, **changes,
    }  # fmt: skip
    return cache.commit(base, generation=generation, known=known, **settings)


def test_what_was_committed_is_read_back() -> None:
    state = MemoryState()
    assert commit(TaskCache(state, KEY), TWO, "g1", ledger=WAITS)
    memory = TaskCache(state, KEY).read()
    assert (memory.known, memory.ledger, memory.bounds, memory.notes) == (TWO, WAITS, BOUNDS, [])
    assert memory.manifest.scope == "s"


def test_nothing_is_known_before_the_first_commit() -> None:
    cache = TaskCache(MemoryState(), KEY)
    assert (cache.version(), cache.manifest(), cache.read().known) == ("none", None, {})


def test_only_shards_that_changed_are_written_and_old_texts_go() -> None:
    state = MemoryState()
    cache = TaskCache(state, KEY)
    commit(cache, TWO, "g1", ledger=WAITS)
    commit(cache, {**TWO, 5: Known(b"changed!", 50, 1)}, "g2", ledger={})
    written = sorted(name.split("/", 2)[2] for name in state.texts)
    assert written == ["g1/c01", "g1/d01", "g2/c00", "g2/d00", "manifest"]
    assert cache.read().ledger == {}


@pytest.mark.parametrize("changes", range(13))
def test_a_writer_that_dies_anywhere_leaves_the_old_memory_or_the_new_and_no_litter(changes: int) -> None:
    state = MemoryState()
    commit(TaskCache(state, KEY), TWO, "g1", ledger=WAITS)
    new = {5: Known(b"changed!", 50, 1), 6_000: Known(b"newcomer", 52, 1)}
    dying = DyingState(state.texts, changes)
    try:
        commit(TaskCache(dying, KEY), new, "g2", ledger={})
        died = False
    except Dies:
        died = True
    assert died == (changes < 12)
    memory = TaskCache(state, KEY).read()
    assert (memory.known, memory.ledger) in ((TWO, WAITS), (new, {}))
    assert memory.notes == []
    commit(TaskCache(state, KEY), TWO, "g3", ledger={})
    assert TaskCache(state, KEY).read().known == TWO
    manifest = TaskCache(state, KEY).manifest()
    assert manifest is not None
    named = {name for shard in manifest.shards for name in (shard.digests, shard.cards)}
    assert {name.split("/", 2)[2] for name in state.texts} == {*named, "manifest"}


def test_a_flip_that_is_no_longer_mine_changes_nothing() -> None:
    state = MemoryState()
    cache = TaskCache(state, KEY)
    commit(cache, TWO, "g1")
    before = cache.read()
    answers = iter([True, False])
    assert not commit(cache, {}, "g2", still_mine=lambda: next(answers))
    assert cache.read().known == before.known
    assert cache.version() == before.version


def test_committing_what_is_there_already_writes_nothing() -> None:
    state = MemoryState()
    commit(TaskCache(state, KEY), TWO, "g1")
    texts = dict(state.texts)
    assert commit(TaskCache(state, KEY), TWO, "g2", plan="g1")
    assert state.texts == texts


def test_clearing_empties_the_digests_only_and_is_seen_by_a_run_under_way() -> None:
    state = MemoryState()
    cache = TaskCache(state, KEY)
    commit(cache, TWO, "g1", ledger=WAITS)
    version = cache.version()
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
    at = int(noon.timestamp())
    assert cache.clear(generation="g2", at=noon) == 2
    memory = cache.read()
    assert memory.known == {5: Known(None, 50, 1, at, at), 5_000: Known(None, 51, 1, at, at)}
    assert memory.ledger == WAITS
    assert memory.manifest.as_of == "2026-01-01T00:00:00+00:00"
    assert memory.version != version
    assert not any("/d" in name for name in state.texts)


def test_clearing_before_the_first_commit_is_seen_too() -> None:
    cache = TaskCache(MemoryState(), KEY)
    assert cache.clear(generation="g1") == 0
    assert cache.version() != "none"


def test_clearing_with_cards_forgets_the_cards_as_well() -> None:
    cache = TaskCache(MemoryState(), KEY)
    commit(cache, TWO, "g1")
    assert cache.clear(generation="g2", cards=True) == 2
    assert cache.read().known == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"generation": "x", "format": 2}', "hello"])
def test_a_foreign_manifest_counts_as_cleared_and_is_said(text: str) -> None:
    state = MemoryState()
    cache = TaskCache(state, KEY)
    commit(cache, TWO, "g1")
    state.set(next(name for name in state.texts if name.endswith("manifest")), text)
    memory = cache.read()
    assert memory.known == {}
    assert "damaged" in memory.notes[0]
    assert commit(cache, TWO, "g2", memory)
    assert cache.read().known == TWO


@pytest.mark.parametrize("damage", [None, "", "nonsense"])
@pytest.mark.parametrize("part", ["g1/d00", "g1/c00", "g1/ledger", "intent"])
def test_a_damaged_text_costs_its_own_part_only_and_is_mended_by_the_next_commit(part: str, damage: str | None) -> None:
    state = MemoryState()
    cache = TaskCache(state, KEY)
    commit(cache, TWO, "g1", ledger=WAITS)
    name = f"jira_connector/{KEY}/{part}"
    if damage is None:
        state.delete(name)
    else:
        state.set(name, damage)
    memory = cache.read()
    assert memory.known[5_000] == TWO[5_000]
    assert bool(memory.notes) == (part != "intent")
    assert commit(cache, TWO, "g2", ledger=WAITS)
    assert (cache.read().known, cache.read().ledger, cache.read().notes) == (TWO, WAITS, [])


def test_names_say_nothing_and_fit_every_store() -> None:
    state = MemoryState()
    cache = TaskCache(state, task_key("token", "password_secret"))
    commit(cache, TWO, "20260101T000000-abcdef.1", ledger=WAITS)
    assert all(NAME.fullmatch(name) for name in state.texts)
    assert not any(word in name for name in state.texts for word in ("token", "password", "secret"))


def test_a_name_that_not_every_store_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="characters"):
        MemoryState().set("a name with spaces", "x")
    with pytest.raises(ValueError, match="characters"):
        MemoryState().get("percent%2F")
