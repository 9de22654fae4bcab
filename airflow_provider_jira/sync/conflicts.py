"""What people changed in ESM since Jira's value came is not written over by accident.

An attribute with ``received`` has a second one beside it that brings the same source as it is. So the card itself says
which value of Jira's it last received, and three values can be compared: what the card says, what it received, what
Jira has now. Where only ESM changed, its value stays: an event task will bring it to Jira. Where both changed, the
definition's ``conflict`` says whose stays. What was received is brought in either case, so that the next comparison is
with what Jira had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from airflow_provider_jira.esm.store import CardStore, Template
from airflow_provider_jira.model.attributes import AttributeRule
from airflow_provider_jira.model.card import Card, Static, Value
from airflow_provider_jira.model.tasks import Part
from airflow_provider_jira.model.values import as_text, fixed


class Conflicts:
    """Compares what is about to be written with what the cards say.

    :param store: ESM
    :param part: whose attributes
    """

    def __init__(self, store: CardStore, part: Part) -> None:
        self._store = store
        self._part = part
        self._rules = {code: rule for code, rule in part.attributes.items() if rule.received is not None}
        self._template: Template | None = None

    async def settled(self, cards: Sequence[Card]) -> list[frozenset[str]]:
        """Say which attributes stay as ESM has them.

        :param cards: what is about to be written
        :returns: attribute codes, a set for each card
        """
        if not self._rules or not cards:
            return [frozenset()] * len(cards)
        codes = sorted({*self._rules, *(str(rule.received) for rule in self._rules.values())})
        if self._template is None:
            self._template = await self._store.describe(self._part.target.template, codes)
        found = await self._store.find(self._part.target, [card.key for card in cards], codes)
        says = {key: same[0].values for key, same in found.items() if len(same) == 1}
        return [self._staying(card, says[card.key]) if card.key in says else frozenset() for card in cards]

    def _staying(self, card: Card, says: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
        return frozenset(code for code, rule in self._rules.items() if self._stays(code, rule, card, says))

    def _stays(self, code: str, rule: AttributeRule, card: Card, says: Mapping[str, tuple[str, ...]]) -> bool:
        received = says.get(str(rule.received), ())
        before = self._mapped(code, rule, received)
        if not received or before is None or code not in card.values or says.get(code, ()) == before:
            return False  # nothing to compare with, or ESM changed nothing
        coming = tuple(as_text(value) for value in card.values.get(str(rule.received), ()))
        return coming == received or rule.conflict == "esm"

    def _mapped(self, code: str, rule: AttributeRule, received: tuple[str, ...]) -> tuple[str, ...] | None:
        """Say what the card said right after it received something; ``None`` where that cannot be told."""
        if rule.map is None:
            return received
        table = {as_text(key): value for key, value in rule.map.items()}
        made = [table.get(text, rule.default) for text in received]
        shown = [None if each is None else self._shown(code, fixed(each)) for each in made]
        return None if None in shown else tuple(dict.fromkeys(str(each) for each in shown))

    def _shown(self, code: str, value: Value) -> str | None:
        """Say how ESM shows a value: a static value by its text, where the API in use tells it."""
        if not isinstance(value, Static):
            return as_text(value)
        attribute = None if self._template is None else self._template.attributes.get(code)
        statics = {} if attribute is None else attribute.static_values
        return next((text for text, each in statics.items() if each == value.code), None)


def without(card: Card, codes: frozenset[str]) -> Card:
    """Leave attributes out of what is written.

    :param codes: attribute codes
    """
    if not codes:
        return card
    return Card(card.key, {code: values for code, values in card.values.items() if code not in codes})
