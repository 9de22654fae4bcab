"""Keeping two runs over the same cards from adding comments to one card at the same moment.

A full task and its companion may both be under way, and both may find a comment missing in a worklog before either has
added it. Nothing they share has compare-and-set, but for this reading and writing suffice: a run first writes down
which records it is about to add comments to, then reads what the others have written down, and leaves alone what is on
another's list. Of two that meet, at least the later reader sees the other; if both do, both leave the card to their
next runs.

A list is emptied when its batch is done. That of a dead run stops counting after a while, long enough for the longest
time that one card can take.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from airflow_provider_jira.sync.run import Run
from airflow_provider_jira.sync.staging import PlanStaging, Unreadable

FOLDER = "appending"
LASTS = 30 * 60
"""Seconds after which a list counts as that of a dead run."""

RENEWED = 60
"""Seconds after which a living run writes its list again, before it goes on to the next card."""


class Claim(msgspec.Struct, frozen=True):
    """What a run is about to add comments to.

    :param at: when it said so, in seconds since 1970
    """

    at: float
    records: list[int]


class Claims:
    """The list of one share of a run.

    :param staged: staging of the run's plan
    :param name: tells the plan's shares apart
    """

    def __init__(self, run: Run, staged: PlanStaging, name: str) -> None:
        self._run = run
        self._staged = staged
        self._name = f"{FOLDER}/{name}"
        self._claim = Claim(0, [])

    def take(self, records: Collection[int]) -> frozenset[int]:
        """Claim records, instead of those claimed before.

        :returns: those of them that another run has claimed; of all others this run may write the worklogs
        """
        self._write(records)
        others = frozenset(id_ for claim in self._others() for id_ in claim.records)
        return others.intersection(records)

    def renew(self) -> None:
        """Say that the run is still at it."""
        if self._now() - self._claim.at >= RENEWED:
            self._write(self._claim.records)

    def drop(self) -> None:
        """Claim nothing any more."""
        self._write(())

    def _write(self, records: Collection[int]) -> None:
        if records or self._claim.records:
            self._claim = Claim(self._now(), sorted(records))
            self._staged.write(self._name, self._claim)

    def _others(self) -> Iterator[Claim]:
        for plan in self._run.staged_beside():
            for name in plan.names(FOLDER):
                try:
                    claim = plan.read(name, Claim)
                except (Unreadable, FileNotFoundError):
                    continue  # being swept: that run has ended
                if claim.at > self._now() - LASTS:
                    yield claim

    def _now(self) -> float:
        return self._run.now().timestamp()
