"""Users, groups and memberships: "already so" is done, what fails is named, each trouble in words of its own."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from office import ACCOUNT, Ended, Office, lost_answers

ENTITLEMENT = {"template": "entitlement", "key": "groupId"}


@pytest.fixture
def person(office: Office) -> str:
    return str(office.jira.post("world/people", name="Ann Example")["id"])


def group(office: Office, name: str, **more: Any) -> tuple[str, str]:
    """Make a group: its id in Jira, and its card."""
    made = office.jira.post("world/groups", name=name, **more)["id"]
    return made, office.card("entitlement", groupId=made, name=name)


def account(office: Office, person: str, *groups: str, **values: Any) -> str:
    return office.card("account", accountId=person, displayName="Ann Example", groups=list(groups), **values)


def members(office: Office, group: str) -> list[str]:
    return list(office.jira.get("truth/memberships").get(group, []))


def test_a_person_is_put_into_groups_and_taken_out(office: Office, person: str, api: str):
    (one, card_one), (two, card_two) = group(office, f"one-{api}"), group(office, f"two-{api}")
    card = account(office, person, card_one, card_two)
    assert office.handle(office.event("grant", card)).how == "completed"
    assert [person in members(office, each) for each in (one, two)] == [True, True]
    assert office.handle(office.event("revoke", card, "run_2")).how == "completed"
    assert [person in members(office, each) for each in (one, two)] == [False, False]


def test_already_so_is_no_failure_and_is_told(office: Office, person: str, api: str):
    _, card_one = group(office, f"again-{api}")
    card = account(office, person, card_one, provisioningException="an old error", membershipFailures=["old"])
    office.handle(office.event("grant", card))
    says = office.says(card, "account")
    assert not says.get("provisioningException")
    assert not says.get("membershipFailures")
    ended = office.handle(office.event("grant", card, "run_2"))
    assert ended.how == "completed"
    assert "already a member" in office.says(card, "account")["provisioningException"][0]
    office.handle(office.event("revoke", card, "run_3"))
    assert office.handle(office.event("revoke", card, "run_4")).how == "completed"
    assert "not a member" in office.says(card, "account")["provisioningException"][0]


def test_the_groups_that_failed_stand_on_the_card_and_the_others_are_done(office: Office, person: str, api: str):
    good, card_good = group(office, f"good-{api}")
    scim, card_scim = group(office, f"scim-{api}", external=True)
    gone = office.card("entitlement", groupId=f"00000000-0000-0000-0000-00000000000{len(api)}", name="gone")
    card = account(office, person, card_good, card_scim, gone)
    ended = office.handle(office.event("grant", card))
    assert ended.how == "refused"
    assert person in members(office, good)
    failed = office.says(card, "account")["membershipFailures"]
    assert sorted(failed) == sorted([scim, f"00000000-0000-0000-0000-00000000000{len(api)}"])
    assert "2 of 3 groups" in office.says(card, "account")["provisioningException"][0]


def test_a_lost_answer_is_asked_again(office: Office, person: str, api: str):
    one, card_one = group(office, f"lost-{api}")
    with lost_answers(office.jira, "POST", "/group/user"):
        assert office.handle(office.event("grant", account(office, person, card_one))).how == "completed"
    assert members(office, one) == [person]


def invite(office: Office, email: str | None, **more: Any) -> Ended:
    office.add(
        id="invite_them", activity="create_user", card=ACCOUNT, email="email",
        write_back={"displayName": "accountId"},
        on_exception={"attribute": "provisioningException"}, **{"products": ["jira-software"], **more},
    )  # fmt: skip
    values = {} if email is None else {"email": email}
    card = office.card("account", accountId=f"card-{uuid.uuid4()}", **values)
    ended = office.handle(office.event("invite_them", card))
    if ended.how == "completed":
        assert office.says(card, "account")["displayName"] == [ended.values["accountId"]]
    else:
        assert office.says(card, "account")["provisioningException"] == [ended.message]
    return ended


def test_a_person_is_invited_and_again_is_the_same_person(office: Office, api: str):
    first = invite(office, f"new-{api}@example.com")
    again = invite(office, f"new-{api}@example.com")
    assert (first.how, again.how) == ("completed", "completed")
    assert first.values["accountId"] == again.values["accountId"]


def test_each_trouble_with_an_invitation_is_told_apart(office: Office, api: str):
    """Without the right, with an account that is shut out, without licence, without address."""
    shut_out = f"out-{api}@example.com"
    made = office.jira.post("world/people", name="Shut Out", email=shut_out)["id"]
    office.jira.post("world/people/delete", ids=[made], how="removed")
    told = {"exists": invite(office, shut_out).message}
    office.jira.switch(licences_left=0)
    told["licence"] = invite(office, f"late-{api}@example.com").message
    office.jira.switch(licences_left=None)
    told["address"] = invite(office, None).message
    office.jira.switch(global_permissions=["USER_PICKER", "ADMINISTER"])
    told["right"] = invite(office, f"other-{api}@example.com").message
    assert len(set(told.values())) == 4
    assert "organization" in told["right"].lower()
    assert "licen" in told["licence"].lower()
    assert "access" in told["exists"].lower()
    assert "`email`" in told["address"]


def test_a_group_is_made_once_and_deleted_once_with_a_swap(office: Office, api: str):
    office.add(id="make", activity="create_group", card=ENTITLEMENT, name="name", write_back={"name": "name"})
    card = office.card("entitlement", groupId=f"card-{api}", name=f"new-group-{api}")
    first = office.handle(office.event("make", card))
    again = office.handle(office.event("make", card, "run_2"))
    assert first.values["groupId"] == again.values["groupId"]
    assert again.notes
    heir, _ = group(office, f"heir-{api}")
    office.add(
        id="drop", activity="delete_group", card=ENTITLEMENT, group="name", swap_group={"value": heir},
    )  # fmt: skip
    office.jira.requests()
    assert office.handle(office.event("drop", card, "run_3")).how == "completed"
    (asked,) = [row for row in office.jira.requests() if row["method"] == "DELETE" and row["path"].endswith("/group")]
    assert asked["query"]["swapGroupId"] == heir
    assert first.values["groupId"] not in {row["groupId"] for row in office.jira.get("truth/groups")}
    assert office.handle(office.event("drop", card, "run_4")).how == "completed"


def test_a_user_is_removed_from_the_site_once(office: Office, person: str):
    office.add(id="leave", activity="delete_user", card=ACCOUNT, user="accountId")
    card = account(office, person)
    assert office.handle(office.event("leave", card)).how == "completed"
    again = office.handle(office.event("leave", card, "run_2"))
    assert (again.how, bool(again.notes)) == ("completed", True)
