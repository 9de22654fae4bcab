"""The demo's check of people: do accounts and entitlements say what Jira's people, groups and project roles say?

Written by hand from the sandbox's ground truth and the demo's definition (``acme.yaml``), as
:mod:`~airflow_provider_jira.sandbox.demo.check` is for issues.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.demo.check import Card, Comparison, Values, hold, keys_of

TASK = "acme__people_and_groups"
PROJECT = "SUP"
_TAKEN = re.compile("^(jira|sup)-", re.IGNORECASE)
_LEFT_OUT = re.compile("^jira-servicemanagement-", re.IGNORECASE)

Row = Mapping[str, Any]


class Truth(msgspec.Struct, frozen=True):
    """Rows of the sandbox's ``/_sandbox/truth/people``, ``groups``, ``memberships`` and ``roles``.

    :param memberships: group id -> account ids
    """

    people: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    memberships: dict[str, list[str]]
    roles: list[dict[str, Any]]


def entitlements(truth: Truth) -> dict[str, Values]:
    """Say what the cards of groups and roles should hold: key -> values."""
    named = {group["groupId"]: group["name"] for group in truth.groups if _group_in_scope(group)}
    named.update({_key(role): f"{role['projectKey']}: {role['name']}" for role in _roles(truth)})
    return {key: {"groupId": (key,), "name": (name,), "taskId": (TASK,)} for key, name in named.items()}


def accounts(truth: Truth) -> dict[str, Values]:
    """Say what the cards of people should hold, the entitlements they point at included: account id -> values."""
    holds = _holds(truth)
    return {
        person["accountId"]: {
            "accountId": (person["accountId"],),
            "displayName": (person["displayName"],),
            "email": () if person["emailHidden"] or not person["emailAddress"] else (person["emailAddress"],),
            "active": ("true" if person["active"] else "false",),
            "groups": tuple(sorted(holds.get(person["accountId"], ()))),
            "taskId": (TASK,),
        }
        for person in truth.people
        if person["accountType"] == "atlassian" and person["state"] == "here"
    }


def compare(
    truth: Truth, account_cards: Sequence[Card], entitlement_cards: Sequence[Card], *, gone: Collection[str] = ()
) -> tuple[Comparison, Comparison]:
    """Hold every card against its person, group or role.

    :param truth: as it is now
    :param account_cards: all cards of people
    :param entitlement_cards: all cards of groups and roles
    :param gone: ids of groups that were deleted from Jira after they had a card
    :returns: of the people, of the groups and roles
    """
    keys = keys_of(entitlement_cards, "groupId")
    people = hold(accounts(truth), account_cards, key="accountId", status="accountStatus", pointed={"groups": keys})
    groups = hold(entitlements(truth), entitlement_cards, key="groupId", status="status", pointed={}, gone=gone)
    return people, groups


def memberships(truth: Truth) -> int:
    """Count who holds what, over all people that have a card."""
    return sum(len(values["groups"]) for values in accounts(truth).values())


def _holds(truth: Truth) -> dict[str, set[str]]:
    holds: dict[str, set[str]] = {}
    for group in truth.groups:
        if _group_in_scope(group):
            for person in truth.memberships.get(group["groupId"], ()):
                holds.setdefault(person, set()).add(group["groupId"])
    for role in _roles(truth):
        through = (person for group in role["groups"] for person in truth.memberships.get(group, ()))
        for person in (*role["users"], *through):
            holds.setdefault(person, set()).add(_key(role))
    return holds


def _group_in_scope(group: Row) -> bool:
    return bool(group["showsId"] and _TAKEN.search(group["name"]) and not _LEFT_OUT.search(group["name"]))


def _roles(truth: Truth) -> list[dict[str, Any]]:
    return [role for role in truth.roles if role["projectKey"] == PROJECT]


def _key(role: Row) -> str:
    return f"role:{role['projectId']}:{role['roleId']}"
