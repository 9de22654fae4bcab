"""From what a card holds to what Jira shall get: one rule at a time, as texts.

Jira's fields want numbers, choices, people and documents; which of these a text becomes only the field's screen knows
(:mod:`~airflow_provider_jira.model.field_values`). A static value is known by the text that people see, or by its code;
a reference by the name of the card it points at, unless the path leads through it.
"""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_jira.model.card import Shown
from airflow_provider_jira.model.text import clean
from airflow_provider_jira.model.value_rule import ValueRule


class Unmapped(ValueError):
    """A card holds a value that the rule's ``map`` does not name, and there is no default.

    :ivar source: path of the attribute that holds it; the value itself is said nowhere
    """

    def __init__(self, source: str) -> None:
        """Say where.

        :param source: see above
        """
        super().__init__(f"the card's value of {source} is not in map; add it there, or give a default")
        self.source = source


def texts(rule: ValueRule, card: Mapping[str, tuple[Shown, ...]]) -> tuple[str, ...] | None:
    """Find the values that a rule takes from a card.

    :param rule: the rule
    :param card: path -> what ESM shows there; a path that is not in it holds nothing
    :returns: the values, each once, in ESM's order; none = Jira's field is cleared; ``None`` = it is left as it is,
        because ESM has no value and the rule says ``when_empty: keep``
    :raises Unmapped: a value is not in the rule's ``map``
    """
    if rule.value is not None:
        return (rule.value,) if isinstance(rule.value, str) else tuple(dict.fromkeys(rule.value))
    for source in rule.source:
        if found := [each for each in card.get(source, ()) if _known_by(each)]:
            return tuple(dict.fromkeys(_mapped(each, source, rule) for each in found))
    if rule.default is not None:
        return (rule.default,)
    return None if rule.when_empty == "keep" else ()


def _known_by(shown: Shown) -> str:
    """Text by which a value is known; of nothing but blanks is none."""
    text = clean(shown.text)
    return text if text.strip() else (shown.code or "")


def _mapped(shown: Shown, source: str, rule: ValueRule) -> str:
    text = _known_by(shown)
    if rule.map is None:
        return text
    for known_by in (text, shown.code):
        if known_by is not None and known_by in rule.map:
            return rule.map[known_by]
    if rule.default is None:
        raise Unmapped(source)
    return rule.default
