"""A record on its way from Jira to its card: the one form in which issues, people, groups and project roles go through
the steps."""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.esm.store import CardWrite
from airflow_provider_jira.model.card import Card


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One record as Jira has it.

    :param id: issue id, or the number that stands for an account id or an entitlement's id
    :param name: how Jira calls it: issue key, account id, id of the entitlement
    :param part: which of the task's parts it belongs to
    :param project_id: id of its Jira project; 0 = it has none
    :param fields: field id -> value as Jira encodes it
    :param holds: ids of the entitlements that a person holds
    """

    id: int
    name: str
    part: int
    project_id: int
    fields: dict[str, Any]
    holds: list[str] = []


class Said(msgspec.Struct, frozen=True, array_like=True):
    """One comment as it will stand in ESM.

    :param id: Jira's id of the comment
    :param attribute: the worklog that gets it
    :param text: the whole entry
    """

    id: int
    attribute: str
    text: str


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """One record that ESM does not have as it is now, or not with all its comments.

    :param id: record id
    :param name: how Jira calls it where it is no issue
    :param part: which of the task's parts it belongs to
    :param accepted: digest of what ESM has accepted; ``None`` = not known
    :param card_id: ESM's card id, 0 where it is not known
    :param project_id: id of the record's Jira project
    :param said: its comments that ESM may not have, the oldest first
    """

    id: int
    name: str
    part: int
    accepted: bytes | None
    card_id: int
    project_id: int
    card: Card
    said: list[Said] = []

    def write(self, card: Card, card_id: int) -> CardWrite:
        """Say it as the ESM client takes it.

        :param card: the card with its references resolved
        :param card_id: ESM's card id as it is known by now, 0 where it is not
        """
        return CardWrite(card, str(card_id) if card_id else None)
