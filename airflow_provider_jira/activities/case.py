"""One event with its card read: what a definition's rules give for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.outcome import Refused
from airflow_provider_jira.activities.the_card import Said
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.model.event_values import Unmapped, texts
from airflow_provider_jira.model.value_rule import ValueRule


def once_key(dag: str, card_id: str | None, event: str | None) -> str:
    """Say what makes two events the same.

    :param dag: DAG id of the event task
    :param card_id: ESM's id of the card
    :param event: what the run calls the event; without, a task has one event a card
    """
    return "\n".join((dag, card_id or "", event or ""))


@dataclass(frozen=True)
class Case:
    """What the functions here are given.

    :param key: what makes the event the same event
    :param card_id: ESM's id of the card
    :param about: ids that marks carry
    :param zone: the connector's time zone
    """

    desk: Desk
    store: CardStore
    said: Said
    key: str
    card_id: str | None
    about: Mapping[str, str]
    zone: tzinfo

    def one(self, rule: ValueRule, name: str) -> str:
        """Take the one value of an argument.

        :raises Refused: there is none, or several
        """
        found = self.given(rule) or ()
        if len(found) != 1:
            has = "nothing" if not found else f"{len(found)} values"
            raise Refused(
                "issue_missing" if name == "issue" and not found else "field_wrong",
                f"The card gives {has} for `{name}`, where one value is needed: fill the attribute, or correct the "
                "rule.",
            )
        return found[0]

    def many(self, rule: ValueRule) -> tuple[str, ...]:
        """Take all values of an argument."""
        return self.given(rule) or ()

    def given(self, rule: ValueRule) -> tuple[str, ...] | None:
        """Take the values of a rule; ``None``: what Jira has is kept.

        :raises Refused: the card says something that the rule's ``map`` does not name
        """
        try:
            return texts(rule, self.said)
        except Unmapped as unmapped:
            raise Refused("field_wrong", f"There is no `map` for this: {unmapped}.") from None
