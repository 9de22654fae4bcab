"""Takes a card's values out of what ESM says about it, here, the only place that still knows them."""

from __future__ import annotations

from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static
from airflow_provider_jira.model.redact import without


def redact(message: str, card: Card) -> str:
    """Replace every value of a card of three characters and more, and every piece of one of eight and more, by ``…``.

    :param message: what ESM said
    :param card: the card it said it about
    :returns: one line of at most 300 characters
    """
    return without(message, texts_of(card))


def texts_of(card: Card) -> list[str]:
    """List what a card's values look like when ESM quotes them."""
    texts = [card.key]
    for values in card.values.values():
        for value in values:
            if isinstance(value, Static):
                texts.append(value.code)
            elif isinstance(value, (Day, Instant)):
                texts.append(value.iso)
            elif isinstance(value, (Reference, Link)):
                texts.append(value.key)
            else:
                texts.append(str(value))
    return texts
