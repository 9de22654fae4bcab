"""What a change of one card comes down to, before either API puts it into its own words.

References become links, every value is fitted to its attribute, and what the card shows already is left out: ESM keeps
a history record of every write, and a change that is repeated after a lost answer shall leave none behind. A value that
does not fit is refused by itself; the others go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from airflow_provider_jira.esm.cards import OpenCard, Refusal
from airflow_provider_jira.esm.errors import UnknownAttribute
from airflow_provider_jira.esm.fitting import Fitted, StaticText, Unfit, fit, number_text
from airflow_provider_jira.esm.store import CardStore, Found, Template, Unresolved
from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Shown, Value

Wanted = Mapping[str, tuple[Fitted, ...]]
"""Attribute code -> fitted values; none = clear."""

WORKLOG = "worklog"


async def carry_out(
    store: CardStore,
    template: Template,
    card: OpenCard | None,
    values: Mapping[str, tuple[Value, ...]],
    send: Callable[[OpenCard, Wanted], Awaitable[Sequence[Refusal]]],
) -> tuple[Refusal, ...]:
    """Change a card; see :meth:`~airflow_provider_jira.esm.cards.OpenCards.change`.

    :param store: resolves references
    :param template: what is known of the template
    :param card: the card with the attributes to change as it is now, ``None`` where there is none
    :param values: as they were given
    :param send: writes what is left to write
    :returns: what ESM does not hold now
    """
    if card is None:
        return (gone(),)
    if card.deleted:
        return (Refusal("in_trash", None, f"data card {card.card_id} is in the trash: restore it"),)
    found = await store.resolve(value for some in values.values() for value in some if isinstance(value, Reference))
    refusals: list[Refusal] = []
    wanted: dict[str, tuple[Fitted, ...]] = {}
    for code, some in values.items():
        try:
            fitted = fit(Card("", {code: tuple(_linked(code, value, found) for value in some)}), template)[code]
        except Unfit as unfit:
            refusals.append(unfit.refusal())
            continue
        if not _shows(fitted, card.values.get(code, ())):
            wanted[code] = fitted
    if wanted:
        refusals += await send(card, wanted)
    return tuple(refusals)


def gone() -> Refusal:
    """Make the refusal for a card that is not there."""
    return Refusal("not_found", None, "ESM has no data card with this id in this template, or hides it from this user")


def texts_in(wanted: Wanted) -> list[str]:
    """List what the values look like when ESM quotes them."""
    return [_text(value) for some in wanted.values() for value in some]


def prove(template: Template, attributes: Iterable[str]) -> None:
    """See that a template has attributes: one that it does not have would look empty.

    :raises UnknownAttribute: it does not
    """
    missing = [code for code in attributes if code not in template.attributes]
    if missing:
        names = " and ".join(map(repr, missing))
        raise UnknownAttribute(
            f"ESM's template {template.code!r} has no attribute {names}, or hides it from this user: correct the "
            "definition (codes are case-sensitive), or add the attribute in ESM"
        )


def prove_worklog(template: Template, attribute: str) -> None:
    """See that an attribute holds entries, as far as the metadata tells.

    :raises UnknownAttribute: it does not exist, or is of another type
    """
    prove(template, [attribute])
    type_ = template.attributes[attribute].type
    if type_ not in {None, WORKLOG}:
        raise UnknownAttribute(
            f"attribute {attribute!r} of ESM's template {template.code!r} is of type {type_} and holds no entries: "
            "name an attribute of type worklog in the definition"
        )


def entry_text(text: str) -> str:
    """See that there is something in an entry: an empty value would clear the worklog instead.

    :raises ValueError: there is not
    """
    if not text.strip():
        raise ValueError("an entry without text cannot be added to a worklog")
    return text


def _linked(code: str, value: Value, found: Mapping[Reference, Found]) -> Value:
    if not isinstance(value, Reference):
        return value
    target = found[value]
    if isinstance(target, Unresolved) and target.reason == "ambiguous":
        ids = " and ".join(target.card_ids)
        raise Unfit(code, f"is given a reference that data cards {ids} answer to: keep one of them")
    return value if isinstance(target, Unresolved) else target


def _shows(wanted: Sequence[Fitted], shown: Sequence[Shown]) -> bool:
    """Whether a card shows exactly these values, in whatever order."""
    now = sorted(value.card_id or value.text for value in shown)
    return now == sorted(value.card_id if isinstance(value, Link) else _text(value) for value in wanted)


def _text(value: Fitted) -> str:
    if isinstance(value, StaticText):
        return value.text
    if isinstance(value, (Day, Instant)):
        return value.iso
    if isinstance(value, Link):
        return value.key
    return value if isinstance(value, str) else number_text(value)
