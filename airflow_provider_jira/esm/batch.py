"""The bookkeeping of one write, the same for both APIs: which card is where, and what became of it.

A card starts as a :class:`Job`. The look-up by key decides what it is: a card to create, a card to modify, or one to
refuse. Every job ends with exactly one outcome; :meth:`Batch.outcomes` fails loudly if one has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

from airflow_provider_jira.esm.cards import Refusal
from airflow_provider_jira.esm.errors import EsmError
from airflow_provider_jira.esm.fitting import Fitted, Unfit, fit
from airflow_provider_jira.esm.store import CardWrite, FoundCard, Outcome, Template
from airflow_provider_jira.model.card import Card


@dataclass(eq=False)
class Job:
    """One card on its way.

    :param card: what the card shall say
    :param values: the same, fitted to the template; none = clear
    :param hint: ESM's id as it was known earlier
    :param card_id: ESM's id, ``None`` while there is no card
    :param is_new: the look-up found no card, so whatever card there is now was created by this write
    :param before: the attributes' texts as the look-up found them
    :param previous_owner: what the task id attribute held then, if it is not what the card says
    """

    card: Card
    values: Mapping[str, tuple[Fitted, ...]]
    hint: str | None = None
    card_id: str | None = None
    is_new: bool = True
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    previous_owner: str | None = None

    @property
    def key(self) -> str:
        """The card's key."""
        return self.card.key

    def found(self, card: FoundCard, *, is_new: bool) -> None:
        """Take note of the card that has this key."""
        self.card_id, self.is_new = card.card_id, is_new
        if not is_new:
            self.before = card.values

    def owned_before(self, card: FoundCard, stamp: str) -> None:
        """Take note of whose card this was; to be asked before anything is written to it.

        :param stamp: the task id attribute's code
        """
        if stamp in self.card.values:
            now = {str(value) for value in self.card.values[stamp]}
            self.previous_owner = next((text for text in card.values.get(stamp, ()) if text not in now), None)


class Batch:
    """The jobs of one write and their outcomes.

    :param writes: cards of distinct keys
    :param template: the template's metadata, ``None`` where it cannot be read
    :param stamp: the task id attribute's code
    :param create: whether missing cards may be created
    """

    def __init__(self, writes: Sequence[CardWrite], template: Template | None, stamp: str, *, create: bool) -> None:
        self.create = create
        self._stamp = stamp
        self.jobs: list[Job] = []
        self._order = [write.card.key for write in writes]
        self._outcomes: dict[str, Outcome] = {}
        if len(set(self._order)) != len(self._order):
            raise ValueError("one write holds two cards with the same key: they cannot both be what the card shall say")
        for write in writes:
            try:
                self.jobs.append(Job(write.card, fit(write.card, template), write.card_id))
            except Unfit as unfit:
                self._outcomes[write.card.key] = Outcome(write.card.key, "refused", write.card_id, (unfit.refusal(),))
                continue
            if not write.card.key:
                self.refuse(self.jobs.pop(), Refusal("card_refused", None, "the card's key is empty"))

    def to_read(self, jobs: Sequence[Job]) -> list[str]:
        """The attributes whose content before the write matters: what shall be cleared, and whose card it was."""
        cleared = {code for job in jobs for code, values in job.values.items() if not values}
        return sorted(cleared | {self._stamp for job in jobs if self._stamp in job.values})

    def saved(self, job: Job) -> None:
        """Note that ESM holds what was asked for."""
        self._outcomes[job.key] = Outcome(
            job.key, "created" if job.is_new else "updated", job.card_id, previous_owner=_owner(job)
        )

    def refuse(self, job: Job, *refusals: Refusal) -> None:
        """Note that ESM does not."""
        self._outcomes[job.key] = Outcome(job.key, "refused", job.card_id or job.hint, refusals, _owner(job))

    def is_open(self, job: Job) -> bool:
        """Whether the job has no outcome yet."""
        return job.key not in self._outcomes

    def is_saved(self, job: Job) -> bool:
        """Whether the job ended well."""
        return self._outcomes[job.key].status != "refused"

    def outcomes(self) -> tuple[Outcome, ...]:
        """Give one outcome a card, in the order given."""
        return tuple(self._outcomes[key] for key in self._order)

    def place(self, job: Job, found: Sequence[FoundCard], *, is_new: bool = False) -> bool:
        """Decide by what a look-up found; refuses the job where there is nothing to write to.

        A card in the trash beside one that is not is what remains when somebody has tidied up: it does not count.

        :param is_new: whether a card that is there now was not before this write
        :returns: whether the job may go on
        """
        chosen = choose(found)
        if isinstance(chosen, FoundCard):
            if not is_new and chosen.card_id != job.card_id:  # seen again, it may show this write's own stamp
                job.owned_before(chosen, self._stamp)
            job.found(chosen, is_new=is_new)
            return True
        if chosen is None and (self.create or is_new):
            return True
        if chosen is None:
            job.hint = None  # whatever card that was, it is no more
            chosen = Refusal("not_found", None, "ESM has no card with this key, and none may be created")
        self.refuse(job, chosen)
        return False


def choose(found: Sequence[FoundCard]) -> Union[FoundCard, Refusal, None]:
    """Pick the card that a key means.

    :param found: every card with the key
    :returns: the card, ``None`` where there is none, or why nobody can tell
    """
    live = [card for card in found if not card.deleted]
    if len(live) == 1:
        return live[0]
    if live:
        ids = " and ".join(sorted(card.card_id for card in live))
        return Refusal(
            "duplicate_key", None, f"data cards {ids} have the same key: keep one, move the others to the trash"
        )
    if found:
        ids = " and ".join(sorted(card.card_id for card in found))
        return Refusal(
            "in_trash", None, f"data card {ids} with this key is in the trash: restore it, or delete it for good"
        )
    return None


def _owner(job: Job) -> str | None:
    return None if job.is_new else job.previous_owner


def halves(jobs: Sequence[Job]) -> tuple[Sequence[Job], Sequence[Job]]:
    """Cut in two."""
    middle = len(jobs) // 2
    return jobs[:middle], jobs[middle:]


class Strikes:
    """Tells one card that ESM chokes on from an ESM that is of no use.

    A single card that ends in 403 or 500 is refused, and the work goes on. When that happens to several in a row and
    nothing was ever saved, it is not the cards.
    """

    LIMIT = 3

    def __init__(self) -> None:
        self._in_a_row = 0
        self._any_saved = False

    def saved(self) -> None:
        """A card was saved."""
        self._any_saved = True

    def failed(self, error: EsmError) -> None:
        """A single card ended in an error of ESM's.

        :raises EsmError: the same one, when it is not the card's
        """
        self._in_a_row += 1
        if self._in_a_row >= self.LIMIT and not self._any_saved:
            raise error
