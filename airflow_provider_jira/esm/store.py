"""One interface for both of ESM's APIs: what a run needs of the place where data cards live.

ESM has two APIs that differ in everything a writer cares about (``docs/decisions``): REST v1 wants card ids and has no
upsert, the XML Web API upserts by a unique attribute but reports only counts. A run must not know which one it talks
to. ``CardStore`` is that line. Its promises, the same for both:

* every card given to ``write`` gets exactly one outcome, in the order given; nothing is dropped;
* a card is created only if a look-up by key found none, hidden and trashed cards included;
* two cards with one key are refused by name, never guessed between;
* a reference is written as the id that its key was resolved to, and counts as written only if it points there;
* an outcome holds no attribute values: messages are redacted before they leave this package.

What it says of single cards by id (:mod:`.cards`) is for event tasks.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Literal, Union

import msgspec
from typing_extensions import Self

from airflow_provider_jira.esm.cards import OpenCards, Refusal
from airflow_provider_jira.esm.errors import UnknownAttribute, UnknownTemplate
from airflow_provider_jira.model.card import Card, Link, Reference
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
        REST makes no difference) has no texts; of a reference the texts are the names of the cards pointed at
    :param links: of the reference attributes among them: ESM's ids of the cards pointed at
    """

    card_id: str
    key: str
    hidden: bool = False
    deleted: bool = False
    values: dict[str, tuple[str, ...]] = {}
    links: dict[str, tuple[str, ...]] = {}


class Unresolved(msgspec.Struct, frozen=True):
    """Why a reference points at no card that could be told.

    :param reason: ``missing``: no card has this key, or only cards in the trash have it, or the user may not see it;
        ``ambiguous``: several have it
    :param card_ids: ids of the cards that stand in the way: those in the trash, or the several
    """

    reason: Literal["missing", "ambiguous"]
    card_ids: tuple[str, ...] = ()


Found = Union[Link, Unresolved]
"""What became of a reference that was looked up."""


class CardWrite(msgspec.Struct, frozen=True):
    """One card to write.

    :param card: what it shall say
    :param card_id: ESM's id where it is known from earlier; a hint, looked up anew when ESM does not know it any more
    """

    card: Card
    card_id: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What became of one card.

    :param key: the card's key
    :param status: ``refused`` also when the card was saved but an attribute was not: ESM does not hold what was asked
        for
    :param card_id: ESM's id, where there is a card now
    :param refusals: why, when refused
    :param previous_owner: the task id that ``target.task_id_attribute`` held before, if it is not the one in the card
        given. It is looked at in the look-up by key with which every write begins (with a known card id, too) whenever
        the card given says something about that attribute. ``None``: same owner, none, or not visible to the user; a
        card that did not exist before; a card refused before the look-up, or because of what the look-up found. With a
        later refusal it is given, and whether ESM took the new stamp is as open as the rest of that card
    """

    key: str
    status: Literal["created", "updated", "refused"]
    card_id: str | None
    refusals: tuple[Refusal, ...] = ()
    previous_owner: str | None = None


class Traffic(msgspec.Struct):
    """What talking to one side cost: requests sent, those sent again, seconds spent waiting because of limits."""

    requests: int = 0
    retries: int = 0
    waited: float = 0.0


class CardStore(OpenCards):
    """ESM through one of its APIs. Use as an async context manager.

    Every method raises a subclass of :class:`~airflow_provider_jira.esm.errors.EsmError` when ESM as a whole cannot be
    used; trouble with one card is an :class:`Outcome`, never an exception.
    """

    traffic: Traffic

    def __init__(self) -> None:
        self._links: dict[Reference, Link] = {}
        self._referable: set[tuple[str, str]] = set()

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

    async def resolve(self, references: Iterable[Reference]) -> Mapping[Reference, Found]:
        """Find the cards that references point at, in bulk.

        A hidden card is a good target, one in the trash is none. What was found is remembered as long as this store
        lives; what was not is looked up anew when asked for again, because a later write may have created it.

        :param references: any number, of any templates; each needs looking up only once, however often it is given
        :returns: every reference given -> its link, or why there is none
        :raises UnknownTemplate: a template that references point into does not exist
        :raises UnknownAttribute: the template does not have the key attribute
        """
        wanted = dict.fromkeys(references)
        groups: dict[tuple[str, str], list[str]] = {}
        for reference in wanted:
            if reference not in self._links and reference.key:  # no card can be found by an empty key
                groups.setdefault((reference.template, reference.key_attribute), []).append(reference.key)
        found: dict[Reference, Found] = {}
        for (template, attribute), keys in groups.items():
            await self._prove_referable(template, attribute)
            target = Target(template=template, folder=template, key=attribute, task_id_attribute=attribute)
            cards = await self.find(target, keys)
            found.update((Reference(template, attribute, key), pointed_at(key, cards.get(key, ()))) for key in keys)
        self._links.update((reference, link) for reference, link in found.items() if isinstance(link, Link))
        missing = Unresolved("missing")
        return {reference: self._links.get(reference) or found.get(reference, missing) for reference in wanted}

    async def _prove_referable(self, template: str, attribute: str) -> None:
        """See once that there is something to look up: ESM may answer a query about nothing with no cards."""
        if (template, attribute) in self._referable:
            return
        try:
            described = await self.describe(template, [attribute])
        except UnknownTemplate as error:
            raise UnknownTemplate(
                f"references point into template {template!r} by its attribute {attribute!r}, and ESM has no such "
                "template, or shows neither to this user: correct `reference` in the definition (codes are "
                "case-sensitive), or give the user's role permission to read them",
                method=error.method, path=error.path, status=error.status,
            ) from None  # fmt: skip
        if attribute not in described.attributes:
            raise UnknownAttribute(
                f"references point into template {template!r} by its attribute {attribute!r}, which it does not have: "
                "correct `reference` in the definition, or add the attribute in ESM"
            )
        self._referable.add((template, attribute))


def pointed_at(key: str, cards: Sequence[FoundCard]) -> Found:
    """Tell which card a key points at.

    :param key: what the cards were looked up by
    :param cards: every card that has it
    """
    live = [card.card_id for card in cards if not card.deleted]
    if len(live) == 1:
        return Link(live[0], key)
    if live:
        return Unresolved("ambiguous", tuple(sorted(live)))
    return Unresolved("missing", tuple(sorted(card.card_id for card in cards)))
