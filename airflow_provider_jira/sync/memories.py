"""What a task and its companions know together of the cards that they write in turn.

A full task and its incremental companion write the same cards, each with a memory and a commit of its own, because
Airflow gives no lock and Variables have no compare-and-set: two writers of one memory would lose each other's flips.
So each *reads* the others' memories instead. Of one record, the memory counts whose run came later. Runs that
overlapped may have written in either order, and the slower one may have put an older value over a newer one; of such a
record nothing is believed, it is read and pushed again. Neither is what one task knows of a record that ESM has refused
to another since: what the card says now is not what the first had written. Nor what a run has written that has not been
committed: it is under way, or dead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from airflow_provider_jira.sync.shards import Known

CLOCKS_APART = 60
"""Seconds by which the clocks of two workers may differ before an order of runs is taken for another."""


class Loose(NamedTuple):
    """What a run that has not been committed had accepted.

    :param began: when it began, in seconds since 1970
    """

    record: int
    digest: bytes | None
    began: int


@dataclass(frozen=True)
class Together:
    """Memories put together.

    :param known: record id -> what is known of it
    :param unsure: records of which two overlapping runs left different values, or which ESM has refused to another
        task since
    """

    known: dict[int, Known]
    unsure: frozenset[int]


def together(
    own: Mapping[int, Known],
    others: Iterable[Mapping[int, Known]],
    uncommitted: Iterable[Loose] = (),
) -> Together:
    """Put a task's memory and those of its companions together.

    :param own: the task's own; a record without digest in it has to be pushed, whatever the others know
    :param others: the companions'; without digest they know nothing of a record, unless a run tried and was refused:
        such a record has a time, which clearing the cache takes away
    :param uncommitted: what companions' runs have brought in that have not ended, or never will
    """
    known, unsure = dict(own), set[int]()
    for other in others:
        for record, theirs in other.items():
            mine = known.get(record)
            if mine is None:
                known[record] = theirs
            elif theirs.digest is not None or theirs.since:
                known[record] = later = _later(mine, theirs)
                if mine.digest is not None and later.digest is None:
                    unsure.add(record)
    for loose in uncommitted:
        mine = known.get(loose.record)
        # What was accepted after that run began is judged when it is committed, or recovered.
        if mine and mine.digest not in (None, loose.digest) and mine.since <= loose.began + CLOCKS_APART:
            known[loose.record] = Known(None, mine.card_id, mine.project_id)
            unsure.add(loose.record)
    return Together(known, frozenset(unsure))


def _later(mine: Known, theirs: Known) -> Known:
    card, project = mine.card_id or theirs.card_id, mine.project_id or theirs.project_id
    if mine.digest is None:
        return Known(None, card, project)
    if mine.digest == theirs.digest:
        later = max(mine, theirs, key=lambda one: one.since)
        return Known(later.digest, card, project, later.since, later.until)
    if mine.until + CLOCKS_APART < theirs.since:
        return Known(theirs.digest, card, project, theirs.since, theirs.until)
    if theirs.until + CLOCKS_APART < mine.since:
        return Known(mine.digest, card, project, mine.since, mine.until)
    return Known(None, card, project)
