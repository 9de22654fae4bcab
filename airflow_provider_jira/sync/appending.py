"""Adding comments to the worklogs of cards, each once.

ESM gives entries no id and cannot be asked to add one only if it is not there. So the card's worklogs are read right
before, and an entry that begins with the line of a comment is that comment, whoever brought it: an earlier try that
was killed, a request whose answer was lost, the other task over the same cards. Comments go in the order of their ids,
and the first that ESM does not take ends the card's turn, so that none overtakes an older one.

Reading back is what everything here stands on, and an attribute that the user may not read looks like an empty one. So
the first entry that is added to an attribute is looked at again; where it does not show, nothing more is added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import anyio
import msgspec

from airflow_provider_jira.esm.cards import Refusal
from airflow_provider_jira.esm.concurrent import each
from airflow_provider_jira.esm.errors import EsmPermissionError, EsmRefused, EsmUncertain, UnknownCard
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.model import marks
from airflow_provider_jira.model.definition import Part
from airflow_provider_jira.sync.records import Said


class Turn(msgspec.Struct, frozen=True):
    """A card, and the comments that it may lack.

    :param card_id: ESM's id of the card, digits
    :param said: the oldest first
    """

    card_id: str
    said: Sequence[Said]


class Added(msgspec.Struct, frozen=True):
    """What became of one card's comments.

    :param settled: ids of those that its worklogs hold now
    :param appended: how many of them were added now
    :param refusal: why the others were not
    """

    settled: list[int]
    appended: int
    refusal: Refusal | None = None


class Appending:
    """Adds comments to cards of one part, over one store.

    :param part: says which worklogs there are
    :param at_once: how many cards at once
    :param before: done before each card
    """

    def __init__(self, store: CardStore, part: Part, at_once: int, before: Callable[[], None] = lambda: None) -> None:
        self._before = before
        self._store = store
        self._target = part.target
        self._attributes = part.comments.attributes if part.comments else ()
        self._at_once = at_once
        self._shows: dict[str, bool] = {}
        self._first: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)

    async def add(self, turns: Sequence[Turn]) -> list[Added]:
        """Add what cards lack.

        :param turns: of distinct cards
        :returns: in the same order
        :raises EsmError: ESM cannot be used
        """
        return await each(self._turn, turns, self._at_once)

    async def _turn(self, turn: Turn) -> Added:
        self._before()
        settled: list[int] = []
        appended = 0
        try:
            there = await self._there(turn.card_id)
            for said in turn.said:
                if said.id not in there and appended:  # time has passed since the last look
                    there = await self._there(turn.card_id)
                if said.id not in there:
                    await self._append(turn.card_id, said)
                    appended += 1
                settled.append(said.id)
        except (EsmRefused, EsmPermissionError) as refused:
            message = f"ESM refused a comment: {refused.message}"
            return Added(settled, appended, Refusal("comment_refused", None, message))
        except UnknownCard:
            message = "the card is not there any more, so its comments could not be added; the next run writes it anew"
            return Added([], appended, Refusal("not_found", None, message))
        except _NotSeen as unseen:
            # What ESM took and does not show must not be sent again.
            taken = [unseen.taken] if unseen.taken else []
            return Added([*settled, *taken], appended + len(taken), unseen.refusal)
        return Added(settled, appended)

    async def _there(self, card_id: str) -> set[int]:
        """Read which comments a card's worklogs hold: all of them, because what is restricted may change."""
        found: set[int] = set()
        for attribute in self._attributes:
            entries = await self._store.worklog(self._target.template, card_id, attribute)
            found.update(id_ for one in entries if (id_ := marks.comment_of(one.text)) is not None)
        return found

    async def _append(self, card_id: str, said: Said) -> None:
        if said.attribute in self._shows:
            await self._add(card_id, said)
            return
        async with self._first[said.attribute]:
            known = said.attribute in self._shows
            await self._add(card_id, said)
            if not known:
                self._shows[said.attribute] = said.id in await self._there(card_id)
                self._prove_shown(said.attribute, said.id)

    async def _add(self, card_id: str, said: Said) -> None:
        self._prove_shown(said.attribute, 0)
        target = self._target
        try:
            await self._store.add_entry(target.template, card_id, said.attribute, said.text, key=target.key)
        except EsmUncertain:
            if said.id in await self._there(card_id):
                return
            message = "no answer says whether ESM took a comment, and it does not show yet; the next run looks again"
            raise _NotSeen(Refusal("comment_uncertain", said.attribute, message)) from None

    def _prove_shown(self, attribute: str, taken: int) -> None:
        if self._shows.get(attribute, True):
            return
        message = (
            f"ESM takes entries for {attribute!r} and does not show them: give the WebAPI user permission to read the "
            "attribute. No more comments are added, because which are there already could not be told"
        )
        raise _NotSeen(Refusal("comment_unseen", attribute, message), taken)


class _NotSeen(Exception):
    """A comment that was sent, or would be, does not show in the worklog.

    :param taken: its id, where ESM said that it took it; else 0
    """

    def __init__(self, refusal: Refusal, taken: int = 0) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.taken = taken
