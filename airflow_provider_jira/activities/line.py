"""The line of a card: one writer at a time, in the order in which the events came.

Two runs must not write for one card at the same moment, and Airflow's Variables, which are all the shared memory that
a task has, know no compare-and-set. Lamport's bakery needs none
(https://lamport.azurewebsites.net/pubs/bakery.pdf): every run writes only a name of its own, takes a number higher than
all that it sees, and goes when nobody has a lower one; who is just taking a number is waited for. It holds as long as
one write is seen by every read after it, which the one database behind the Variables promises.

A place outlives its process. A run that is killed finds its place again when it is tried again. Where an event was
refused, a place of the event's own is left instead of the run's, so that later events of the same card wait until the
refusal is mended or dismissed (events of other cards do not). Every later try of the very same event, by the same run
or another, draws a number like anybody else, and goes in the stead of the refused place: before all that has been
waiting behind it. Two tries keep apart by their own numbers. That place is only ever taken away by a try whose turn it
is, and before its own one; so whoever sees it after having seen nobody before knows that nobody behind it has gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from airflow_provider_jira.sync.state import State

ROOT = "jira_connector/line/"

Standing = Literal["waiting", "refused", "unknown"]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run's place in the line of a card.

    :param card: what the line is of: connector and card, ``acme/12345``
    :param dag: DAG id of the event task
    :param event: which event: two runs of one event are tries of the same thing
    :param run: Airflow's run, with the map index where it handles several events
    :param since: when it came, seconds since 1970
    :param number: its number; ``None`` while it is being drawn
    :param standing: ``refused`` and ``unknown`` wait for a person
    :param reason: why, where it was refused; without values of the card
    :param at: of a refused place: name of the run's place that it came from, which decides between equal numbers
    """

    card: str
    dag: str
    event: str
    run: str
    since: float
    number: int | None = None
    standing: Standing = "waiting"
    reason: str = ""
    at: str = ""


class Line:
    """The line of one card, as one run sees it.

    :param state: where places are kept
    :param card: what the line is of
    :param dag: DAG id of the event task
    :param event: which event the run handles
    :param run: who stands in line; the same for every try of one run
    :param now: seconds since 1970
    """

    def __init__(self, state: State, *, card: str, dag: str, event: str, run: str, now: Callable[[], float]) -> None:
        self._state = state
        self._now = now
        self._card, self._dag, self._event, self._run = card, dag, event, run
        self._prefix = f"{ROOT}{_short(card)}/"
        self._name = self._prefix + _short(f"{dag}\n{run}")
        self._refused = self._prefix + _short(f"refused\n{card}\n{dag}\n{event}")

    def take(self) -> Place:
        """Stand in line, or find the place that this run has had before.

        :returns: the run's place, with its number
        """
        own = self._read(self._name)
        if own is None or own.number is None:
            own = self._new() if own is None else own
            self._write(own)  # with no number: whoever looks now waits until it is drawn
            highest = max((other.number or 0 for _, other in self._others()), default=0)
            own = msgspec.structs.replace(own, number=highest + 1)
            self._write(own)
        return own

    def ahead(self) -> Place | None:
        """Say who has to go first.

        :returns: the first place before the run's own; ``None``: it is this run's turn
        """
        own = self.take()
        rank = (own.number or 0, self._name)
        while True:
            refused = self._read(self._refused)
            stead = min(rank, rank if refused is None else _rank(self._refused, refused))
            before = []
            for name, other in self._others():
                if other.number is None:
                    before.append((0, other))
                elif name != self._refused and (
                    _rank(name, other) < stead
                    # another try of the same event, that came before
                    or (self._is_same(other) and _rank(name, other) < rank)
                ):
                    before.append((other.number, other))
            if before:
                return min(before, key=lambda pair: pair[0])[1]
            if stead == rank or self._read(self._refused) is not None:
                return None
            # another try has gone and taken the place with it, so those behind it may have gone, too

    def refuse(self, standing: Standing, reason: str) -> None:
        """Keep the event's place until a person has seen to it.

        :param standing: ``refused`` or ``unknown``
        :param reason: why, without values of the card
        """
        own, refused = self._read(self._name), self._read(self._refused)
        if refused is None and (own is None or own.number is None):
            own = self.take()
        places = [] if refused is None else [(_rank(self._refused, refused), refused)]
        places += [] if own is None or own.number is None else [((own.number, self._name), own)]
        (number, at), place = min(places, key=lambda pair: pair[0])
        kept = msgspec.structs.replace(
            place, run=self._run, number=number, at=at, standing=standing, reason=reason
        )  # fmt: skip
        self._write(kept, self._refused)
        self._state.delete(self._name)

    def leave(self) -> None:
        """Give the place up: the event is done, whoever was refused for it before."""
        self._state.delete(self._refused)
        self._state.delete(self._name)

    def _is_same(self, other: Place) -> bool:
        return (other.dag, other.event) == (self._dag, self._event)

    def _new(self) -> Place:
        return Place(self._card, self._dag, self._event, self._run, self._now())

    def _others(self) -> Iterator[tuple[str, Place]]:
        for name in self._state.names(self._prefix):
            if name != self._name and (place := self._read(name)) is not None:
                yield name, place

    def _read(self, name: str) -> Place | None:
        text = self._state.get(name)
        return None if text is None else msgspec.json.decode(text, type=Place)

    def _write(self, place: Place, name: str | None = None) -> None:
        self._state.set(name or self._name, msgspec.json.encode(place).decode())


def places(state: State) -> dict[str, Place]:
    """List all places of all lines, those of one card in their order.

    :param state: where places are kept
    :returns: name -> place; the name is what :func:`dismiss` takes
    """
    found = ((name, state.get(name)) for name in state.names(ROOT))
    read = {name: msgspec.json.decode(text, type=Place) for name, text in found if text is not None}
    return dict(sorted(read.items(), key=lambda pair: (pair[1].card, pair[1].number or 0, pair[0])))


def dismiss(state: State, name: str) -> None:
    """Give up a place in somebody else's name, so that the events behind it go on.

    :param name: as :func:`places` lists it
    """
    state.delete(name)


def _rank(name: str, place: Place) -> tuple[int, str]:
    return place.number or 0, place.at or name


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
