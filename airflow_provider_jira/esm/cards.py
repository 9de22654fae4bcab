"""One data card at a time, by ESM's own id: what an event task needs of ESM, the same through both of its APIs.

A scheduled run writes many cards that it knows by key; an event names one card by id, wants to see what is on it, and
to say something back. :class:`OpenCards` is that half of :class:`~airflow_provider_jira.esm.store.CardStore`. Its
promises:

* what is read is what ESM shows, value by value; an attribute that the template does not have is an error, because it
  would look the same as an empty one;
* ``change`` may be repeated: it says what the card shall hold, and sends nothing that the card holds already;
* ``add_entry`` may not be repeated, and is never sent twice: when nobody can tell whether ESM carried it out, it raises
  :class:`~airflow_provider_jira.esm.errors.EsmUncertain`;
* refusals and errors hold no attribute values.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import msgspec

from airflow_provider_jira.model.card import Entry, Shown, Value

_CARD_ID = re.compile("[0-9]{1,18}")


class OpenCard(msgspec.Struct, frozen=True):
    """One card as ESM shows it.

    :param card_id: ESM's data card id, digits
    :param name: what people see the card called
    :param template: template code
    :param hidden: hidden by ESM (closed tickets, for instance)
    :param deleted: in the trash
    :param values: attribute code -> values, of the attributes asked for; none where the attribute is empty, or hidden
        from the user (ESM makes no difference)
    """

    card_id: str
    name: str
    template: str
    hidden: bool = False
    deleted: bool = False
    values: dict[str, tuple[Shown, ...]] = {}


class Refusal(msgspec.Struct, frozen=True):
    """Why ESM did not take a card, or one attribute of it.

    :param code: short stable word for reports: ``attribute_refused`` ``card_refused`` ``duplicate_key`` ``in_trash``
        ``not_found``
    :param attribute: attribute code, where one is to blame
    :param message: a sentence for an admin, without attribute values
    """

    code: str
    attribute: str | None
    message: str


class OpenCards(ABC):
    """Reads and changes single cards.

    Every method raises a subclass of :class:`~airflow_provider_jira.esm.errors.EsmError` when ESM as a whole cannot be
    used, :class:`~airflow_provider_jira.esm.errors.UnknownTemplate` where there is no such template, and
    :class:`~airflow_provider_jira.esm.errors.UnknownAttribute` where it does not have an attribute that is named.
    """

    @property
    @abstractmethod
    def login(self) -> str:
        """Name that this store logs in with. ESM may sign what it writes with it, or with the user's display name."""

    @abstractmethod
    async def read(self, template: str, card_id: str, attributes: Sequence[str]) -> OpenCard | None:
        """Read one card, be it hidden or in the trash.

        :param template: template code; a card of another template is none
        :param card_id: ESM's id
        :param attributes: attribute codes to read; each is a key of the answer's ``values``
        :returns: ``None`` where there is no such card, or the user may not see it
        """

    @abstractmethod
    async def matching(
        self, template: str, condition: str, *, most: int, named: str = "filter"
    ) -> tuple[OpenCard, ...]:
        """Find the cards that meet an admin's condition.

        A card in the trash is never among them; a hidden one is closed, and among them only where the condition itself
        speaks of ``hidden``. Those with the lowest ids come first, so that none waits for ever behind newer ones; ESM
        has no order to ask for, so all ids are read, two hundred a request through REST.

        :param condition: EQL, as in ``$status$ = '02 - Solving' and $jiraKey$ is null``
        :param most: how many cards at most
        :param named: what the condition is called in the definition, for the error's text
        :returns: cards by rising id, ``values`` empty
        :raises EsmRefused: ESM does not understand the condition
        """

    @abstractmethod
    async def change(
        self, template: str, card_id: str, values: Mapping[str, tuple[Value, ...]], *, key: str | None = None
    ) -> tuple[Refusal, ...]:
        """Set attributes of a card that is there. May be repeated.

        What fits is written even where another value does not fit, so that an issue key reaches the card whatever
        stands beside it. Attributes that show the value already are not sent.

        :param values: attribute code -> values; none = clear. A :class:`~airflow_provider_jira.model.card.Reference` is
            resolved first
        :param key: code of an attribute that ESM holds unique in this template; the Web API finds a card only by one
        :returns: what ESM does not hold now, and why; none = all of it is there
        :raises EsmRefused: the Web API is in use and ``key`` is not given
        """

    @abstractmethod
    async def worklog(self, template: str, card_id: str, attribute: str) -> tuple[Entry, ...]:
        """Read a worklog.

        :param attribute: code of a worklog attribute
        :returns: its entries, the oldest first. Through the Web API, which shows texts only, author and time are empty
        :raises UnknownCard: there is no such card
        """

    @abstractmethod
    async def add_entry(
        self, template: str, card_id: str, attribute: str, text: str, *, key: str | None = None
    ) -> None:
        """Append an entry to a worklog. Not to be repeated.

        :param attribute: code of a worklog attribute
        :param text: as it shall stand there, lines and all; what XML cannot carry is left out by the Web API
        :param key: as for :meth:`change`
        :raises ValueError: there is nothing in the text
        :raises EsmUncertain: it was sent, and no answer says whether ESM did it
        :raises EsmRefused: ESM did not take it
        :raises UnknownCard: there is no such card
        """


def is_card_id(text: str) -> bool:
    """Whether a card can have this id: it stands in paths and conditions as it is.

    :param text: what somebody gave as one
    """
    return _CARD_ID.fullmatch(text) is not None


def by_id(card: OpenCard) -> tuple[int, str]:
    """Sort cards by the number that their id is."""
    return len(card.card_id), card.card_id
