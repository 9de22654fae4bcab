"""References through the Web API: imported by the unique value of the card pointed at, judged by its id.

ESM may find another card by that value, create one, or leave the reference out, and count the card as saved all the
same. So what an attribute points at after an import is compared with what was meant, id by id. The order does not
count. Source: the vendor's "Web API description" page and documents exchanged by working clients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from airflow_provider_jira.esm.cards import Refusal
from airflow_provider_jira.esm.fitting import Fitted
from airflow_provider_jira.esm.xml_values import carries
from airflow_provider_jira.model.card import Link

_NAMED = 5
"""How many cards a sentence names."""


def unwritable(values: Mapping[str, Sequence[Fitted]]) -> list[Refusal]:
    """Refuse the references whose key XML cannot carry: ESM would look for another one.

    :param values: attribute code -> fitted values
    """
    refusals = []
    for code, some in values.items():
        ids = [link.card_id for link in links_in(some) if not link.key.strip() or not carries(link.key)]
        if ids:
            why = f"points at {_cards(ids)} by a key that XML cannot carry"
            refusals.append(Refusal("attribute_refused", code, f"attribute {code!r} {why}"))
    return refusals


def links_in(values: Sequence[Fitted]) -> list[Link]:
    """The links among an attribute's values."""
    return [value for value in values if isinstance(value, Link)]


def astray(values: Sequence[Fitted], shown: Sequence[str]) -> str | None:
    """Say what is wrong with the cards that an attribute points at after the import.

    :param values: what was written
    :param shown: ids of the cards that it points at
    :returns: the rest of a sentence that begins with the attribute; ``None`` where nothing is wrong
    """
    meant = {link.card_id for link in links_in(values)}
    if not meant or meant == set(shown):
        return None
    if not shown:
        return "holds a text instead of a reference after the import: it is no reference attribute in ESM"
    lost, strange = sorted(meant - set(shown)), sorted(set(shown) - meant)
    parts = [f"does not point at {_cards(lost)}"] if lost else []
    parts += [f"points at {_cards(strange)} instead"] if strange else []
    return f"{' and '.join(parts)} after the import: `reference.key` must be the attribute that ESM holds unique there"


def _cards(ids: Sequence[str]) -> str:
    """Name cards by id, a few of them."""
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"data card{'s' if len(ids) > 1 else ''} {', '.join(ids[:_NAMED])}{more}"
