"""References between cards: what a mapping names by key is found in ESM before a batch is written.

A reference whose card is not there (or is there twice) is left out of what is written, and said: the record waits in
the ledger, is looked at in every run, and is written again as soon as one more of its references can be resolved, and
not before. What a card would say without the missing ones has a digest of its own, which is what tells that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from airflow_provider_jira.esm.store import CardStore, Found
from airflow_provider_jira.model.card import Card, Link, Reference, Value
from airflow_provider_jira.model.digest import digest

_WHY = {
    "missing": "points at a card of template {!r} that ESM does not have (looked up by {!r})",
    "ambiguous": "points at cards of template {!r} of which ESM has several with one {!r}",
}


@dataclass(frozen=True)
class Resolved:
    """A card whose references are links, as far as their cards are there.

    :param card: what can be written
    :param digest: digest of it; that of the whole card where nothing is missing
    :param attribute: the first attribute that lacks a card, ``None`` where none does
    :param code: ``reference_missing`` or ``reference_ambiguous``; empty where nothing is missing
    :param message: a sentence about it, without values
    """

    card: Card
    digest: bytes
    attribute: str | None = None
    code: str = ""
    message: str = ""


def references(cards: Iterable[Card]) -> list[Reference]:
    """List what cards point at, each once."""
    found = (value for card in cards for values in card.values.values() for value in values)
    return list(dict.fromkeys(value for value in found if isinstance(value, Reference)))


async def resolve(store: CardStore, cards: Sequence[Card]) -> list[Resolved]:
    """Resolve the references of some cards, in bulk.

    :raises EsmError: ESM cannot be used, or a reference's template or key attribute does not exist
    """
    named = references(cards)
    found = await store.resolve(named) if named else {}
    return [resolved(card, found) for card in cards]


def resolved(card: Card, found: Mapping[Reference, Found]) -> Resolved:
    """Put links in the place of references.

    :param found: every reference of the card -> its link, or why there is none
    """
    accepted: dict[str, tuple[Value, ...]] = {}
    written: dict[str, tuple[Value, ...]] = {}
    missing: list[tuple[str, str, str]] = []
    for code, values in card.values.items():
        kept: list[Value] = []
        links: list[Value] = []
        for value in values:
            if not isinstance(value, Reference):
                kept.append(value)
                links.append(value)
                continue
            there = found[value]
            if isinstance(there, Link):
                kept.append(value)
                links.append(there)
            else:
                missing.append((code, there.reason, _WHY[there.reason].format(value.template, value.key_attribute)))
        accepted[code], written[code] = tuple(kept), tuple(links)
    mark = digest(Card(card.key, accepted))
    if not missing:
        return Resolved(Card(card.key, written), mark)
    attribute, why, text = missing[0]
    more = f" ({len(missing)} such references)" if len(missing) > 1 else ""
    return Resolved(
        Card(card.key, written), mark, attribute, f"reference_{why}", f"attribute {attribute!r} {text}{more}"
    )
