"""The task cache and its manifest: what a run may leave out, and how a commit is one flip.

Every task has one *manifest*, a small JSON text under a fixed name. It names the texts that hold the shards and the
ledger. New texts are written under new names first; the manifest is replaced last, so a reader sees the old memory or
the new one, never a mixture, whenever the writer dies. The names about to be written and removed are noted in an
*intent* before, so that the next commit can remove what a dead one left.

A manifest is known by its *version*, a digest of its text. A commit replaces only the manifest that its plan read: if
the cache was cleared meanwhile, or another run came first, it changes nothing. Clearing writes a manifest without
digests, so that a run under way notices. A damaged or foreign text counts as cleared, and the reader says so.

Ids of comments that have gone to ESM are kept apart from all that, cut by their own bounds: no clearing touches them.

Names hold a hash of the task instead of its name: Airflow masks the values of Variables with some words in their names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timezone

import msgspec

from airflow_provider_jira.sync import settled
from airflow_provider_jira.sync.settled import SettledRef
from airflow_provider_jira.sync.shards import Damaged, Known, cut, pack_cards, pack_digests, unpack
from airflow_provider_jira.sync.state import State

_PREFIX = "jira_connector"
_CLEARED = "cleared "
_UNREADABLE = (ValueError, msgspec.DecodeError)  # msgspec's errors are ValueErrors from 0.20 on only


class LedgerEntry(msgspec.Struct, frozen=True):
    """One record that waits: refused by the mapping or by ESM, or pointing at a card that is not there.

    It is read again in every run until it is accepted whole.

    :param code: short stable word, as in :class:`~airflow_provider_jira.esm.cards.Refusal`
    :param attribute: ESM attribute to blame, where one is
    :param message: a sentence without values
    :param plan: the last plan that met it, so that folding one plan's receipts twice counts one run
    :param runs: in how many runs it has been refused so far
    :param record: how Jira calls it where it is no issue: an account id or the id of a group
    """

    code: str
    attribute: str | None
    message: str
    plan: str = ""
    runs: int = 1
    record: str = ""


class ShardRef(msgspec.Struct, frozen=True):
    """Where one shard's texts are. ``None`` = there is none (cleared, or nothing known)."""

    low: int
    digests: str | None
    cards: str | None
    count: int


class Manifest(msgspec.Struct, frozen=True):
    """One state of a task's memory.

    :param generation: prefix of the names written with it
    :param plan: plan that committed it, or the clearing; ``None`` = never committed
    :param as_of: when that plan was made (ISO, UTC): the clear hours count from here
    :param scope: digest of what the task reads (JQL and so on) at the last full run; ``None`` = never committed
    :param place: digest of where the records come from and where their cards are
    :param watermark: of an incremental task: up to where Jira has been read (ISO, UTC); clearing never moves it
    :param cleared_at: when it was cleared last, in seconds since 1970; what has no digest has none since then
    :param beside: tasks that write the same cards, as the definition had them
    :param shape: digest of the mapping of the last run
    :param settled: comments that are in ESM, or came from there
    """

    generation: str
    plan: str | None = None
    as_of: str | None = None
    scope: str | None = None
    place: str | None = None
    watermark: str | None = None
    shards: tuple[ShardRef, ...] = ()
    ledger: str | None = None
    cleared_at: int = 0
    beside: tuple[str, ...] = ()
    shape: str = ""
    format: int = 1
    settled: tuple[SettledRef, ...] = ()


class Memory(msgspec.Struct):
    """A task's memory as read at one moment.

    :param version: identifies the manifest that was read
    :param manifest: that manifest; an empty one where there was none
    :param known: record id -> what is known of it
    :param ledger: record id -> why it waits
    :param notes: what was damaged and is treated as cleared
    :param settled: ids of comments that are in ESM, or came from there. Of a comment that is not among them nothing
        is known
    """

    version: str
    manifest: Manifest
    known: dict[int, Known]
    ledger: dict[int, LedgerEntry]
    notes: list[str]
    settled: frozenset[int] = frozenset()

    @property
    def bounds(self) -> tuple[int, ...]:
        """Lower bounds of the shards."""
        return tuple(shard.low for shard in self.manifest.shards)

    @property
    def cleared(self) -> bool:
        """Whether the last to write it was a clearing, not a run."""
        return (self.manifest.plan or "").startswith(_CLEARED)


def task_key(connector: str, task: str) -> str:
    """Name a task for texts and folders: a hash that says nothing and cannot look like a secret."""
    return hashlib.blake2b(f"{connector}__{task}".encode(), digest_size=10).hexdigest()


class TaskCache:
    """One task's memory in a state store.

    :param state: where it is kept
    :param key: the task's :func:`task_key`
    """

    def __init__(self, state: State, key: str) -> None:
        self._state = state
        self._base = f"{_PREFIX}/{key}"

    def version(self) -> str:
        """Identify the manifest that is in force."""
        return _version(self._state.get(f"{self._base}/manifest"))

    def manifest(self) -> Manifest | None:
        """Read the manifest alone; ``None`` where there is none or it is damaged."""
        return _manifest(self._state.get(f"{self._base}/manifest"))

    def read(self) -> Memory:
        """Read everything. What is damaged counts as cleared and is noted."""
        text = self._state.get(f"{self._base}/manifest")
        manifest = _manifest(text)
        memory = Memory(_version(text), manifest or Manifest(generation=""), {}, {}, [])
        if text is not None and manifest is None:
            memory.notes.append("The task cache's manifest was damaged: it counts as cleared.")
        for shard in memory.manifest.shards:
            memory.known.update(self._shard(shard, memory.notes))
        if at := memory.manifest.cleared_at:
            forgotten = [id_ for id_, entry in memory.known.items() if entry.digest is None and not entry.since]
            for id_ in forgotten:
                memory.known[id_] = msgspec.structs.replace(memory.known[id_], since=at, until=at)
        if memory.manifest.ledger is not None:
            try:
                entries = msgspec.json.decode(self._text(memory.manifest.ledger), type=dict[str, LedgerEntry])
                memory.ledger = {int(id_): entry for id_, entry in entries.items()}
            except (Damaged, *_UNREADABLE):
                memory.notes.append("The ledger of refused records was damaged: it starts anew.")
        memory.settled = settled.read(memory.manifest.settled, self._text, memory.notes)
        return memory

    def settled(self, place: str) -> frozenset[int]:
        """Read only the ids of comments that need not be looked at again; what is damaged is left out.

        :param place: where the records come from and where their cards are; of another place nothing is known
        """
        manifest = self.manifest()
        if manifest is None or manifest.place != place:
            return frozenset()
        return settled.read(manifest.settled, self._text, [])

    def _shard(self, shard: ShardRef, notes: list[str]) -> dict[int, Known]:
        try:
            cards = None if shard.cards is None else self._text(shard.cards)
            digests = None if shard.digests is None else self._text(shard.digests)
            return unpack(digests, cards)
        except Damaged as damage:
            notes.append(
                f"The task cache from record {shard.low} on was damaged ({damage}): what the last "
                "run's receipts do not restore counts as cleared."
            )
            return {}

    def _text(self, name: str) -> str:
        text = self._state.get(f"{self._base}/{name}")
        if text is None:
            raise Damaged("it is missing")
        return text

    def commit(
        self,
        base: Memory,
        *,
        generation: str,
        known: Mapping[int, Known],
        ledger: Mapping[int, LedgerEntry],
        bounds: Sequence[int],
        plan: str,
        as_of: str,
        scope: str | None,
        place: str,
        watermark: str | None,
        still_mine: Callable[[], bool],
        beside: Sequence[str] = (),
        shape: str = "",
        comments: Collection[int] | None = None,
    ) -> bool:
        """Replace the memory in one flip.

        :param base: the memory that ``known`` was made from; shards that equal its shards are not written again
        :param generation: name of the new generation; must not have been used by another commit
        :param still_mine: asked right before the flip; ``False`` leaves everything as it was
        :param comments: those that need not be looked at again; ``None`` = those of ``base``
        :returns: whether the flip was made
        """
        shards: list[ShardRef] = []
        texts: dict[str, str] = {}
        old = {shard.low: shard for shard in base.manifest.shards}
        before = dict(zip(base.bounds, cut(sorted(base.known), base.bounds), strict=True)) if base.bounds else {}
        for at, (low, ids) in enumerate(zip(bounds, cut(sorted(known), bounds), strict=True)):
            rows = {id_: known[id_] for id_ in ids}
            if low in old and rows == {id_: base.known[id_] for id_ in before[low]} and not base.notes:
                shards.append(old[low])
                continue
            digests, cards = f"{generation}/d{at:02}", f"{generation}/c{at:02}"
            texts[digests], texts[cards] = pack_digests(rows), pack_cards(rows)
            shards.append(ShardRef(low, digests, cards, len(rows)))
        ledger_name = base.manifest.ledger
        if dict(ledger) != base.ledger or base.notes:
            ledger_name = f"{generation}/ledger" if ledger else None
            if ledger_name:
                texts[ledger_name] = msgspec.json.encode({str(id_): entry for id_, entry in ledger.items()}).decode()
        cleared_at = base.manifest.cleared_at
        kept = base.settled if comments is None else comments
        refs, lists = settled.texts(base.manifest.settled, base.settled, kept, generation, anew=bool(base.notes))
        manifest = Manifest(
            generation,
            plan,
            as_of,
            scope,
            place,
            watermark,
            tuple(shards),
            ledger_name,
            cleared_at,
            tuple(beside),
            shape,
            settled=refs,
        )
        return self._flip(base, manifest, {**texts, **lists}, still_mine)

    def _flip(self, base: Memory, manifest: Manifest, texts: Mapping[str, str], still_mine: Callable[[], bool]) -> bool:
        if not still_mine():
            return False
        if msgspec.structs.replace(manifest, generation=base.manifest.generation) == base.manifest:
            return True
        doomed = {*self._intended(), *_names(base.manifest)}
        self._state.set(f"{self._base}/intent", json.dumps(sorted({*doomed, *texts})))
        for name, text in texts.items():
            self._state.set(f"{self._base}/{name}", text)
        if not still_mine():
            return False
        self._state.set(f"{self._base}/manifest", msgspec.json.encode(manifest).decode())
        for name in sorted(doomed - _names(manifest)):
            self._state.delete(f"{self._base}/{name}")
        self._state.delete(f"{self._base}/intent")
        return True

    def clear(self, *, generation: str, cards: bool = False, at: datetime | None = None) -> int:
        """Empty the digests. Card ids and ledger stay; a run under way will notice and change nothing.

        :param generation: a new name, so that the version changes even when there was nothing to clear
        :param cards: forget the card ids as well; the next run looks every card up by its key
        :param at: now
        :returns: how many records were known
        """
        memory = self.read()
        old = memory.manifest.shards
        shards = () if cards else tuple(ShardRef(shard.low, None, shard.cards, shard.count) for shard in old)
        cleared = msgspec.structs.replace(
            memory.manifest,
            generation=generation,
            plan=f"{_CLEARED}{generation}",
            shards=shards,
            cleared_at=int((at or datetime.now(timezone.utc)).timestamp()),
        )
        self._flip(memory, cleared, {}, lambda: True)
        return sum(shard.count for shard in old)

    def _intended(self) -> list[str]:
        text = self._state.get(f"{self._base}/intent")
        try:
            return msgspec.json.decode(text or "[]", type=list[str])
        except _UNREADABLE:
            return []


def _names(manifest: Manifest) -> set[str]:
    names = {name for shard in manifest.shards for name in (shard.digests, shard.cards)} | {manifest.ledger}
    return {name for name in names if name is not None} | {ref.ids for ref in manifest.settled}


def _version(text: str | None) -> str:
    return "none" if text is None else hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def _manifest(text: str | None) -> Manifest | None:
    try:
        manifest = msgspec.json.decode(text or "null", type=Manifest)
    except _UNREADABLE:
        return None
    return manifest if manifest.format == 1 else None
