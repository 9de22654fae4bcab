"""The data card that an event is about: what it says, followed through its references, and what is written to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from airflow_provider_jira.activities.outcome import Refused
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.model.card import Entry, Shown, Value
from airflow_provider_jira.model.event_parts import EventCard

Found = dict[str, tuple[Shown, ...]]
Said = Mapping[str, tuple[Shown, ...]]
"""Path -> what stands there: ``subject``, ``customer.accountId``."""


async def read_card(store: CardStore, card: EventCard, card_id: str, paths: Iterable[str]) -> Found:
    """Read what a card says at some paths.

    :param card: where it lives
    :param card_id: ESM's id
    :param paths: attribute codes, with a dot through each reference: ``customer.accountId``
    :returns: path -> values; of a multi-value reference those of all cards that it points at, in its order
    :raises Refused: there is no such card, or the WebAPI user may not see it
    """
    return await _read(store, card.template, card_id, sorted(set(paths)), {})


async def _read(
    store: CardStore, template: str, card_id: str, paths: Sequence[str], known: dict[tuple[str, str], Said]
) -> Found:
    firsts = dict.fromkeys(path.partition(".")[0] for path in paths)
    found = await store.read(template, card_id, list(firsts))
    if found is None or found.deleted:
        where = "is in the trash" if found is not None else "does not exist, or is not shown to the WebAPI user"
        raise Refused("card_missing", f"Data card {card_id} of template {template!r} {where}.")
    said: Found = {}
    for first in firsts:
        values = found.values.get(first, ())
        below = [path.partition(".")[2] for path in paths if path.startswith(f"{first}.")]
        if first in paths:
            said[first] = values
        for rest in below:
            said[f"{first}.{rest}"] = ()
        if below:
            for value in values:
                if value.card_id is None:
                    raise Refused(
                        "definition",
                        f"Attribute {first!r} of template {template!r} is no reference, so there is no "
                        f"{first}.{below[0]}: correct the source in the definition.",
                    )
                at = (value.template or "", value.card_id)
                if at not in known:
                    known[at] = await _through(store, first, value.template or template, value.card_id, below, known)
                for rest in below:
                    said[f"{first}.{rest}"] += known[at].get(rest, ())
    return said


async def _through(
    store: CardStore,
    attribute: str,
    template: str,
    card_id: str,
    paths: Sequence[str],
    known: dict[tuple[str, str], Said],
) -> Found:
    """Read a card that a reference points at; where that is not there, the card which points at it still is."""
    try:
        return await _read(store, template, card_id, paths, known)
    except Refused as refused:
        if refused.code != "card_missing":
            raise
        raise Refused(
            "reference_missing",
            f"{refused.message} Attribute {attribute!r} points at it: restore it, or let it point elsewhere.",
        ) from None


async def read_entries(store: CardStore, card: EventCard, card_id: str, attribute: str) -> tuple[Entry, ...]:
    """Read what was written into an attribute, entry by entry; a text is one entry without author.

    :param attribute: code of a worklog or of a text attribute
    """
    described = (await store.describe(card.template, [attribute])).attributes.get(attribute)
    if described is not None and described.type in ("worklog", None):
        return await store.worklog(card.template, card_id, attribute)
    said = await read_card(store, card, card_id, [attribute])
    return tuple(Entry("", value.text, "") for value in said[attribute])


async def prove_attributes(store: CardStore, card: EventCard, attributes: Iterable[str]) -> None:
    """See that the attributes exist which the event will be written back to, before anything is done in Jira.

    :raises Refused: some do not
    """
    codes = sorted(set(attributes))
    described = await store.describe(card.template, codes)
    if lacking := [code for code in codes if code not in described.attributes]:
        raise Refused(
            "definition",
            f"Template {card.template!r} has no attribute {', '.join(map(repr, lacking))}: correct the definition, or "
            "add the attribute in ESM.",
        )


async def write_card(store: CardStore, card: EventCard, card_id: str, values: Mapping[str, Sequence[Value]]) -> None:
    """Set attributes of a card.

    :param values: attribute code -> values; none clears
    :raises Refused: ESM does not take some
    """
    if not values:
        return
    given = {code: tuple(each) for code, each in values.items()}
    refusals = await store.change(card.template, card_id, given, key=card.key)
    if refusals:
        told = "; ".join(refusal.message for refusal in refusals)
        raise Refused("esm_refused", f"ESM does not take what is written back to data card {card_id}. {told}")
