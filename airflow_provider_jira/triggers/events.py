"""Starts runs by itself: an event for the data cards that begin to match a filter.

What is polled is a state (which cards match now), not a queue, so nothing can be lost in between: a poll that fails is
made up for by the next one, and a triggerer that starts anew, or a DAG that is switched on again, is told of every
card that matches then.

A card that goes on matching is told of again, each time after twice as long. Airflow may leave an event lying: where
two come shortly after one another, it makes a run of the first, and the second waits for a third (seen on 3.3.2). That
a card is told of twice does no harm: event tasks do their work once.

Tasks that ask the same of the same ESM share one poll where Airflow can do that (3.3 and later); on Airflow 3.2 each
of them polls by itself. Each keeps its own memory of the cards it was told of, so that a task that is new, or was
paused, is not left out because another one has seen its cards already.

Trouble never ends the watching: it is logged, the connection is read again, and the next poll is later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Hashable
from typing import Any

import anyio
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from airflow_provider_jira.triggers.esm import open_store_of
from airflow_provider_jira.triggers.polling import LEAST_INTERVAL, told

MOST_CARDS = 5000
"""How many matching cards are looked at, those with the lowest ids first."""

MOST_AT_ONCE = 500
"""How many cards are told of after one poll; the others after the next ones. One run is about all that were told of
since the run before, and Airflow makes at most ``[core] max_map_length`` (1024) tasks for it."""

LONGEST_PAUSE = 300.0
"""Seconds between two polls at most while there is trouble (unless they are always that far apart)."""

FIRST_REMINDER = 120.0
LAST_REMINDER = 86400.0
"""Seconds after which a card that still matches is told of again: at first, and at last. Not more often, because a card
that is held back behind a refused event would gather runs that wait."""

Snapshot = tuple[str, ...]
"""Ids of the cards that match at one moment, ascending."""

log = logging.getLogger(__name__)


class EsmCardEventTrigger(BaseEventTrigger):
    """Tells of data cards that begin to match a filter: ``{"data_card_ids": […]}``, an event a poll that has news.

    A card is told of again when it has stopped matching and begins anew, and as a reminder while it goes on matching.

    :param esm_conn_id: id of a connection of type ``efecte_esm``
    :param template: code of the template
    :param filter: an EQL condition on its attributes. What the run writes should make the card stop matching
    :param every: seconds between two polls, 5 at least
    :param listener: who is told, such as a DAG id; listeners share a poll, not their memories
    """

    def __init__(
        self,
        *,
        esm_conn_id: str,
        template: str,
        filter: str,  # noqa: A002 - what definitions call it
        every: float = 60.0,
        listener: str = "",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Airflow's own
        self.esm_conn_id = esm_conn_id
        self.template = template
        self.filter = filter
        self.every = max(float(every), LEAST_INTERVAL)
        self.listener = listener

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Name the class and its arguments, for Airflow's database."""
        return f"{EsmCardEventTrigger.__module__}.{EsmCardEventTrigger.__qualname__}", {
            "esm_conn_id": self.esm_conn_id,
            "template": self.template,
            "filter": self.filter,
            "every": self.every,
            "listener": self.listener,
        }

    def shared_stream_key(self) -> Hashable:
        """Tell which poll this is: the same for all tasks that ask the same, equally often."""
        return ("esm cards", self.esm_conn_id, self.template, self.filter, self.every)

    @classmethod
    async def open_shared_stream(cls, kwargs: dict[str, Any]) -> AsyncIterator[Snapshot]:
        """Poll, for ever.

        :param kwargs: arguments of one of the triggers that share the poll
        :returns: what matches, poll by poll; polls without an answer are left out
        """
        poll = cls(**kwargs)
        pause = poll.every
        while True:
            try:
                async with await open_store_of(poll.esm_conn_id) as store:
                    while True:
                        cards = await store.matching(poll.template, poll.filter, most=MOST_CARDS)
                        pause = poll.every
                        if len(cards) == MOST_CARDS:
                            log.warning(
                                "%d cards or more match; only those with the lowest ids are told of. Narrow `filter` "
                                "of the poll on template %r, so that a card stops matching once it is done.",
                                MOST_CARDS,
                                poll.template,
                            )
                        yield tuple(card.card_id for card in cards)
                        await poll.pause(pause)
            except Exception as error:  # noqa: BLE001 - whatever it is, watching has to go on
                log.error("The cards of template %r could not be polled: %s", poll.template, told(error))  # noqa: TRY400
            pause = max(poll.every, min(2 * pause, LONGEST_PAUSE))
            await poll.pause(pause)

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Snapshot]) -> AsyncIterator[TriggerEvent]:
        """Tell of the cards of each poll that did not match in the poll before, or that are due once more.

        :param shared_stream: what matches, poll by poll
        """
        due: dict[str, float] = {}
        pauses: dict[str, float] = {}
        async for matching in shared_stream:
            now = self.now()
            news = [card_id for card_id in matching if due.get(card_id, now) <= now][:MOST_AT_ONCE]
            pauses = {card_id: pauses[card_id] for card_id in matching if card_id in pauses}
            for card_id in news:
                pauses[card_id] = min(2 * pauses.get(card_id, FIRST_REMINDER / 2), LAST_REMINDER)
                due[card_id] = now + pauses[card_id]
            due = {card_id: due[card_id] for card_id in pauses}
            if news:
                yield TriggerEvent({"data_card_ids": news})  # type: ignore[no-untyped-call] # as above

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll by itself, where Airflow shares no polls."""
        _, arguments = self.serialize()
        async for event in self.filter_shared_stream(self.open_shared_stream(arguments)):
            yield event

    def now(self) -> float:
        """Tell the time: seconds, from no moment in particular."""
        return time.monotonic()

    async def pause(self, seconds: float) -> None:
        """Wait between two polls."""
        await anyio.sleep(seconds)
