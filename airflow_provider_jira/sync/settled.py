"""Which comments need not be looked at again: they are in ESM, or came from there.

Jira's ids of comments, and nothing else, cut into texts like the shards, by bounds of their own. Ids only grow, so all
but the last text stay as they are from run to run; a hundred thousand ids take about as many bytes.

The list saves work and decides nothing: of a comment that is not in it, the worklog of its card tells whether it is
there. So a text that is damaged or missing costs requests, and nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec

from airflow_provider_jira.sync.shards import Damaged, bounds_for, cut, pack_ids, unpack_ids


class SettledRef(msgspec.Struct, frozen=True):
    """Where the text is with the ids from ``low`` on."""

    low: int
    ids: str
    count: int


def read(refs: Iterable[SettledRef], text: Callable[[str], str], notes: list[str]) -> frozenset[int]:
    """Read the ids.

    :param refs: where they are
    :param text: reads the text with a name, or raises :class:`~airflow_provider_jira.sync.shards.Damaged`
    :param notes: gets a sentence for each text that is damaged; its ids are left out
    """
    return frozenset[int]().union(*(_read(ref, text, notes) for ref in refs))


def _read(ref: SettledRef, text: Callable[[str], str], notes: list[str]) -> frozenset[int]:
    try:
        return unpack_ids(text(ref.ids))
    except Damaged as damage:
        notes.append(
            f"The list of comments that are in ESM was damaged from comment {ref.low} on ({damage}): the worklogs are "
            "asked instead."
        )
        return frozenset()


def texts(
    old: Sequence[SettledRef], before: Collection[int], ids: Collection[int], generation: str, *, anew: bool
) -> tuple[tuple[SettledRef, ...], dict[str, str]]:
    """Cut ids into texts.

    :param old: the texts in force
    :param before: the ids in them
    :param ids: the ids to be kept
    :param generation: how the names of new texts begin
    :param anew: whether texts are written again although their ids are the same
    :returns: where all ids are, and the texts that have to be written, by name
    """
    if not ids:
        return (), {}
    kept = {ref.low: ref for ref in old}
    was = dict(zip(kept, cut(before, tuple(kept)), strict=True)) if kept else {}
    bounds = bounds_for(sorted(ids), tuple(kept))
    refs, new = [], {}
    for at, (low, part) in enumerate(zip(bounds, cut(sorted(ids), bounds), strict=True)):
        if low in kept and not anew and part == sorted(was[low]):
            refs.append(kept[low])
            continue
        name = f"{generation}/s{at:02}"
        new[name] = pack_ids(part)
        refs.append(SettledRef(low, name, len(part)))
    return tuple(refs), new
