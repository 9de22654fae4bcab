"""The demo's check of people sees what it is there to see."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest

from airflow_provider_jira.sandbox.demo import check, check_people
from airflow_provider_jira.sandbox.demo.check_people import Truth

ADA: dict[str, Any] = {
    "accountId": "a1",
    "displayName": "Ada",
    "accountType": "atlassian",
    "active": True,
    "emailAddress": "ada@acme.example",
    "emailHidden": False,
    "state": "here",
}
GROUPS: list[dict[str, Any]] = [
    {"groupId": "g1", "name": "sup-agents", "showsId": True},
    {"groupId": "g2", "name": "Jira-Users", "showsId": True},
    {"groupId": "g3", "name": "team-billing", "showsId": True},
    {"groupId": "g4", "name": "jira-servicemanagement-users", "showsId": True},
    {"groupId": "g5", "name": "sup-nameless", "showsId": False},
]
ROLE: dict[str, Any] = {
    "projectId": 10000, "projectKey": "SUP", "roleId": 7, "name": "Developers", "users": [], "groups": [],
}  # fmt: skip


def world(**changes: Any) -> Truth:
    truth = Truth([ADA], GROUPS, {"g1": ["a1"], "g2": [], "g3": ["a1"], "g4": ["a1"], "g5": ["a1"]}, [ROLE])
    return msgspec.structs.replace(truth, **changes)


def holdings(truth: Truth) -> tuple[str, ...]:
    return check_people.accounts(truth)["a1"]["groups"]


def entitlement(id_: str, key: str, name: str) -> dict[str, Any]:
    values = {"groupId": [key], "name": [name], "taskId": ["acme__people_and_groups"]}
    return {"dataCardId": id_, "hidden": False, "deleted": False, "values": values}


ACCOUNT: dict[str, Any] = {
    "dataCardId": "9",
    "hidden": False,
    "deleted": False,
    "values": {
        "accountId": ["a1"],
        "displayName": ["Ada"],
        "email": ["ada@acme.example"],
        "active": ["true"],
        "groups": ["sup-agents"],
        "taskId": ["acme__people_and_groups"],
    },
    "references": {"groups": ["1"]},
}
ENTITLEMENTS = [
    entitlement("1", "g1", "sup-agents"),
    entitlement("2", "g2", "Jira-Users"),
    entitlement("3", "role:10000:7", "SUP: Developers"),
]


def holds(
    accounts: list[dict[str, Any]] | None = None,
    entitlements: list[dict[str, Any]] | None = None,
    gone: tuple[str, ...] = (),
    **changes: Any,
) -> list[bool]:
    comparisons = check_people.compare(
        world(**changes),
        [ACCOUNT] if accounts is None else accounts,
        ENTITLEMENTS if entitlements is None else entitlements,
        gone=gone,
    )
    return [finding.holds for each in comparisons for finding in check.agreement(each, "now")]


def with_value(card: dict[str, Any], attribute: str, texts: list[str]) -> dict[str, Any]:
    changed = copy.deepcopy(card)
    changed["values"][attribute] = texts
    return changed


def test_the_filters_of_the_definition_decide_which_groups_are_entitlements() -> None:
    assert set(check_people.entitlements(world())) == {"g1", "g2", "role:10000:7"}


@pytest.mark.parametrize("change", [{"accountType": "app"}, {"accountType": "customer"}, {"state": "forgotten"}])
def test_apps_customers_and_people_who_have_gone_are_no_accounts(change: dict[str, str]) -> None:
    assert check_people.accounts(world(people=[{**ADA, **change}])) == {}


def test_a_hidden_address_is_expected_nowhere() -> None:
    assert check_people.accounts(world(people=[{**ADA, "emailHidden": True}]))["a1"]["email"] == ()


@pytest.mark.parametrize(
    ("role", "held"),
    [
        ({}, ("g1",)),
        ({"users": ["a1"]}, ("g1", "role:10000:7")),
        ({"groups": ["g3"]}, ("g1", "role:10000:7")),
        ({"groups": ["g2"]}, ("g1",)),
        ({"projectKey": "OPS", "users": ["a1"]}, ("g1",)),
    ],
)
def test_who_is_in_a_group_that_holds_a_role_holds_it_too(role: dict[str, Any], held: tuple[str, ...]) -> None:
    assert holdings(world(roles=[{**ROLE, **role}])) == held


def test_cards_that_say_what_jira_says_agree() -> None:
    assert holds() == [True, True, True, True]


@pytest.mark.parametrize("attribute", ["displayName", "email", "active", "taskId", "accountStatus"])
def test_any_other_value_of_an_account_is_seen(attribute: str) -> None:
    assert holds([with_value(ACCOUNT, attribute, ["something else"])]) == [True, False, True, True]


@pytest.mark.parametrize("cards", [[], ["2"], ["1", "2"], ["1", "1"], ["77"]])
def test_any_other_membership_is_seen_whatever_names_the_card_shows(cards: list[str]) -> None:
    assert holds([{**ACCOUNT, "references": {"groups": cards}}]) == [True, False, True, True]


@pytest.mark.parametrize("attribute", ["name", "taskId", "status"])
def test_any_other_value_of_an_entitlement_is_seen(attribute: str) -> None:
    others = [with_value(ENTITLEMENTS[0], attribute, ["something else"]), *ENTITLEMENTS[1:]]
    assert holds(entitlements=others) == [True, True, True, False]


def test_missing_and_surplus_cards_are_seen() -> None:
    assert holds([])[0] is False
    assert holds([ACCOUNT, ACCOUNT])[0] is False
    assert holds(entitlements=ENTITLEMENTS[:2])[2] is False
    assert holds(entitlements=[*ENTITLEMENTS, entitlement("4", "g3", "team-billing")])[2] is False


def test_the_card_of_a_deleted_group_must_stay_and_say_that_it_is_removed() -> None:
    marked = [*ENTITLEMENTS, with_value(entitlement("4", "g9", "sup-old"), "status", ["5 - Removed"])]
    assert holds(entitlements=marked, gone=("g9",)) == [True] * 4
    assert holds(entitlements=[*ENTITLEMENTS, entitlement("4", "g9", "sup-old")], gone=("g9",)) == [True] * 3 + [False]


def test_references_are_counted_over_all_accounts() -> None:
    assert check_people.memberships(world(roles=[{**ROLE, "users": ["a1"]}])) == 2
