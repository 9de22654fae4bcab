"""One interface for both of ESM's APIs: what a run needs of the place where data cards live.

ESM has two APIs that differ in everything a writer cares about (``docs/decisions``): REST v1 wants card ids and has no
upsert, the XML Web API upserts by a unique attribute but reports only counts. A run must not know which one it talks
to. ``CardStore`` is that line. Its promises, the same for both:

* every card given to ``write`` gets exactly one outcome, in the order given; nothing is dropped;
* a card is created only if a look-up by key found none, hidden and trashed cards included;
* two cards with one key are refused by name, never guessed between;
* an outcome holds no attribute values: messages are redacted before they leave this package.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Literal

import msgspec
from typing_extensions import Self

from airflow_provider_jira.model.card import Card
from airflow_provider_jira.model.definition import Target


class Attribute(msgspec.Struct, frozen=True):
    """One attribute of a template.

    :param code: attribute code
    :param type: ``string`` ``number`` ``date`` ``static-value`` ``reference`` ``external-reference`` ``worklog``, or
        ``None`` where the API in use cannot tell
    :param multi_value: whether it holds several values; ``None`` where the API in use cannot tell
    :param static_values: value -> code (code may be ``None``) of a static-value attribute
    :param targets: template codes that a reference may point at
    """

    code: str
    type: str | None = None
    multi_value: bool | None = None
    static_values: dict[str, str | None] = {}
    targets: tuple[str, ...] = ()


class Template(msgspec.Struct, frozen=True):
    """What could be learned of a template.

    :param code: template code
    :param attributes: attribute code -> attribute
    :param folders: folder codes that the template may be created in; ``None`` where the API in use cannot tell
    """

    code: str
    attributes: dict[str, Attribute]
    folders: tuple[str, ...] | None


class FoundCard(msgspec.Struct, frozen=True):
    """A card as ESM shows it.

    :param card_id: ESM's data card id, digits
    :param key: value of the key attribute
    :param hidden: hidden by ESM (closed tickets, for instance)
    :param deleted: in the trash
    :param values: the attributes asked for, as display texts; an attribute that is empty (or that the user may not see:
        REST makes no difference) has no texts
    """

    card_id: str
    key: str
    hidden: bool = False
    deleted: bool = False
    values: dict[str, tuple[str, ...]] = {}


class CardWrite(msgspec.Struct, frozen=True):
    """One card to write.

    :param card: what it shall say
    :param card_id: ESM's id where it is known from earlier; a hint, looked up anew when ESM does not know it any more
    """

    card: Card
    card_id: str | None = None


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


class Outcome(msgspec.Struct, frozen=True):
    """What became of one card.

    :param key: the card's key
    :param status: ``refused`` also when the card was saved but an attribute was not: ESM does not hold what was asked
        for
    :param card_id: ESM's id, where there is a card now
    :param refusals: why, when refused
    """

    key: str
    status: Literal["created", "updated", "refused"]
    card_id: str | None
    refusals: tuple[Refusal, ...] = ()


class Traffic(msgspec.Struct):
    """What talking to one side cost: requests sent, those sent again, seconds spent waiting because of limits."""

    requests: int = 0
    retries: int = 0
    waited: float = 0.0


class CardStore(ABC):
    """ESM through one of its APIs. Use as an async context manager.

    Every method raises a subclass of :class:`~airflow_provider_jira.esm.errors.EsmError` when ESM as a whole cannot be
    used; trouble with one card is an :class:`Outcome`, never an exception.
    """

    traffic: Traffic

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @abstractmethod
    async def prove_identity(self) -> None:
        """Log in, and show that the login is good for this API."""

    @abstractmethod
    async def describe(self, template: str, attributes: Sequence[str]) -> Template:
        """Read what the template is, at least as far as ``attributes`` are concerned.

        :param template: template code
        :param attributes: attribute codes that matter to the caller (an API without metadata probes just these; the
            ones that do not exist are left out of the answer)
        :raises UnknownTemplate: there is no such template, or the user may not see it
        """

    @abstractmethod
    async def find(
        self, target: Target, keys: Sequence[str], attributes: Sequence[str] = ()
    ) -> Mapping[str, tuple[FoundCard, ...]]:
        """Look cards up by key, hidden and trashed ones included.

        :param keys: any number; requests are cut to size inside
        :param attributes: attribute codes to read besides the key
        :returns: key -> cards with that key; a key without card is absent
        """

    @abstractmethod
    def owned(self, target: Target, task_id: str, attributes: Sequence[str] = ()) -> AsyncIterator[FoundCard]:
        """Read every card that carries this task id and is not in the trash.

        :param task_id: value of ``target.task_id_attribute``
        :param attributes: attribute codes to read besides the key
        """

    @abstractmethod
    async def write(self, target: Target, writes: Sequence[CardWrite], *, create: bool = True) -> tuple[Outcome, ...]:
        """Write one batch of cards (upsert by the target's key).

        :param writes: cards of distinct keys, any number; requests are cut to size inside
        :param create: whether a missing card may be created; with ``False`` it is refused as ``not_found``
        :returns: one outcome a card, in the same order
        """
