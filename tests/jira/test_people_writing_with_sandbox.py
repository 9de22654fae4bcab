"""People and groups are made and changed at a Jira that behaves like the real one, held against its truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import JiraError, JiraPermissionError, JiraRefused, JiraUncertain
from airflow_provider_jira.sandbox.jira.catalog import GLOBAL_PERMISSIONS, ROBOT_ID
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.process import serve_in_thread

from .test_people_with_sandbox import Office

MAIL = "anna.new@acme.example"
GONE = "bert.gone@acme.example"


class Reception(Office):
    """The office, and the truth about who was made and put where."""

    def people(self) -> dict[str, dict[str, Any]]:
        return {row["accountId"]: row for row in self.truth("people")}

    def somebody(self, **wanted: Any) -> dict[str, Any]:
        """Take the first person who is so."""
        wanted = {"state": "here", "accountType": "atlassian", "active": True, **wanted}
        return next(
            row
            for row in self.truth("people")
            if row["accountId"] != ROBOT_ID and all(row[name] == value for name, value in wanted.items())
        )

    def members(self, group: str) -> set[str]:
        return set(self.truth("memberships").get(group, ()))

    def refuses(self, question: Callable[[JiraClient], Any]) -> JiraError:
        with pytest.raises(JiraError) as caught:
            self.ask(question)
        return caught.value


@pytest.fixture
def reception() -> Iterator[Reception]:
    receptions: list[Reception] = []
    app = create_app(
        5, 7, people=60, groups=12, memberships=80, monotonic=lambda: receptions[0].clock if receptions else 0.0
    )
    with serve_in_thread(app) as server:
        receptions.append(Reception(server.url))
        receptions[0].switch(global_permissions=GLOBAL_PERMISSIONS)
        yield receptions[0]


# People.


def test_somebody_is_made_and_making_them_again_finds_them(reception: Reception) -> None:
    before = reception.people().keys()
    made = reception.ask(lambda jira: jira.people_writing.create_user(MAIL, ["jira-software"]))
    assert reception.people().keys() - before == {made}
    assert reception.ask(lambda jira: jira.people_writing.create_user(MAIL.upper(), ["jira-software"])) == made
    assert reception.ask(lambda jira: jira.people_writing.user(made)).account_id == made


def test_a_lost_answer_to_an_invitation_can_be_cleared_up_by_asking_again(reception: Reception) -> None:
    before = reception.people().keys()
    reception.fault("/user$", drop="after", times=1)
    told = reception.refuses(lambda jira: jira.people_writing.create_user(MAIL, ["jira-software"]))
    assert isinstance(told, JiraUncertain)
    assert MAIL not in str(told)
    made = reception.ask(lambda jira: jira.people_writing.create_user(MAIL, ["jira-software"]))
    assert reception.people().keys() - before == {made}


def test_each_reason_not_to_make_somebody_is_another_sentence(reception: Reception) -> None:
    gone = reception.ask(lambda jira: jira.people_writing.create_user(GONE, []))
    assert reception.ask(lambda jira: jira.people_writing.delete_user(gone)) is True

    def refuses(email: str, *products: str) -> JiraError:
        return reception.refuses(lambda jira: jira.people_writing.create_user(email, products))

    told = {
        "without access to Jira": refuses(GONE),
        "does not take the e-mail address": refuses("anna"),
        "does not know all of the `products` ('jira-chat')": refuses(MAIL, "jira-chat"),
    }
    reception.switch(licences_left=0)
    told["No licence is left"] = refuses(MAIL, "jira-software")
    reception.switch(global_permissions=[name for name in GLOBAL_PERMISSIONS if name != "SYSTEM_ADMIN"])
    told["organization admin"] = refuses(MAIL)
    for sentence, error in told.items():
        assert sentence in error.message
        assert [other for other in told if other in error.message] == [sentence]
        assert MAIL not in str(error)
        assert GONE not in str(error)
    assert isinstance(told["organization admin"], JiraPermissionError)


def test_an_account_without_a_product_is_made_once_and_then_refused(reception: Reception) -> None:
    assert reception.ask(lambda jira: jira.people_writing.create_user(MAIL, [])) in reception.people()
    reception.switch(bare_invitations="refuse")
    told = reception.refuses(lambda jira: jira.people_writing.create_user(MAIL, []))
    assert isinstance(told, JiraRefused)
    assert "without access to Jira" in told.message
    assert MAIL not in str(told)


def test_somebody_is_taken_off_the_site_once(reception: Reception) -> None:
    gone = reception.somebody()["accountId"]
    assert reception.ask(lambda jira: jira.people_writing.delete_user(gone)) is True
    assert reception.people()[gone]["state"] == "removed"
    assert reception.ask(lambda jira: jira.people_writing.delete_user(gone)) is False
    assert reception.ask(lambda jira: jira.people_writing.delete_user("712020:nobody")) is False
    assert reception.ask(lambda jira: jira.people_writing.user("712020:nobody")) is None


def test_who_cannot_be_taken_off_the_site_stays(reception: Reception) -> None:
    told = reception.refuses(lambda jira: jira.people_writing.delete_user(ROBOT_ID))
    assert isinstance(told, JiraRefused)
    assert "does not let go" in told.message
    assert ROBOT_ID not in str(told)


# Groups.


def test_a_group_is_made_found_and_deleted(reception: Reception) -> None:
    made = reception.ask(lambda jira: jira.people_writing.create_group("jira-new"))
    assert reception.ask(lambda jira: jira.people_writing.group_named("JIRA-new")) == made
    told = reception.refuses(lambda jira: jira.people_writing.create_group("Jira-New"))
    assert isinstance(told, JiraRefused)
    assert "exists already" in told.message
    assert reception.ask(lambda jira: jira.people_writing.delete_group(made.group_id, None)) is True
    assert reception.ask(lambda jira: jira.people_writing.group_named("jira-new")) is None
    assert reception.ask(lambda jira: jira.people_writing.delete_group(made.group_id, None)) is False


def test_a_lost_answer_to_a_new_group_is_cleared_up_by_its_name(reception: Reception) -> None:
    reception.fault("/group$", drop="after", times=1)
    assert isinstance(reception.refuses(lambda jira: jira.people_writing.create_group("jira-new")), JiraUncertain)
    assert reception.ask(lambda jira: jira.people_writing.group_named("jira-new")).name == "jira-new"


def test_a_group_is_kept_where_the_one_that_takes_over_is_not_there(reception: Reception) -> None:
    one, other = (
        reception.ask(lambda jira, name=name: jira.people_writing.create_group(name)) for name in ("a1", "b1")
    )
    told = reception.refuses(lambda jira: jira.people_writing.delete_group(one.group_id, "gone"))
    assert isinstance(told, JiraRefused)
    assert "swap_group" in told.message
    assert reception.ask(lambda jira: jira.people_writing.delete_group(one.group_id, other.group_id)) is True
    assert reception.ask(lambda jira: jira.people_writing.delete_group(one.group_id, "gone")) is False


# Memberships.


def test_a_membership_comes_and_goes_once(reception: Reception) -> None:
    group = reception.ask(lambda jira: jira.people_writing.create_group("jira-new")).group_id
    who = reception.somebody()["accountId"]

    def add() -> Any:
        return reception.ask(lambda jira: jira.people_writing.add_member(group, who))

    def remove() -> Any:
        return reception.ask(lambda jira: jira.people_writing.remove_member(group, who))

    assert (add(), reception.members(group), add()) == (True, {who}, False)
    assert (remove(), reception.members(group), remove()) == (True, set(), False)


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_to_a_membership_can_be_cleared_up_by_asking_again(reception: Reception, drop: str) -> None:
    group = reception.ask(lambda jira: jira.people_writing.create_group("jira-new")).group_id
    who = reception.somebody()["accountId"]
    reception.fault("/group/user$", drop=drop, times=1)
    assert isinstance(reception.refuses(lambda jira: jira.people_writing.add_member(group, who)), JiraUncertain)
    assert reception.ask(lambda jira: jira.people_writing.add_member(group, who)) is (drop == "before")
    assert reception.members(group) == {who}


def test_who_is_missing_is_said(reception: Reception) -> None:
    group = reception.ask(lambda jira: jira.people_writing.create_group("jira-new")).group_id
    who = reception.somebody()["accountId"]
    for wanted, sentence in (((group, "712020:nobody"), "no account"), (("gone", who), "no group")):
        told = reception.refuses(lambda jira, wanted=wanted: jira.people_writing.add_member(*wanted))
        assert isinstance(told, JiraRefused)
        assert sentence in told.message
        assert reception.ask(lambda jira, wanted=wanted: jira.people_writing.remove_member(*wanted)) is False


def test_a_group_that_another_system_keeps_is_left_alone(reception: Reception) -> None:
    group = reception.ask(lambda jira: jira.people_writing.create_group("jira-scim")).group_id
    reception.world("groups", id=group, external=True)
    who = reception.somebody()["accountId"]
    for question in (
        lambda jira: jira.people_writing.add_member(group, who),
        lambda jira: jira.people_writing.remove_member(group, who),
        lambda jira: jira.people_writing.delete_group(group, None),
    ):
        told = reception.refuses(question)
        assert isinstance(told, JiraRefused)
        assert "change it there" in told.message


def test_who_is_no_site_admin_changes_nothing(reception: Reception) -> None:
    who, groups = reception.somebody()["accountId"], reception.truth("groups")
    reception.switch(global_permissions=["USER_PICKER", "ADMINISTER"])
    for question in (
        lambda jira: jira.people_writing.delete_user(who),
        lambda jira: jira.people_writing.create_group("jira-new"),
        lambda jira: jira.people_writing.delete_group(groups[0]["groupId"], None),
        lambda jira: jira.people_writing.add_member(groups[0]["groupId"], who),
        lambda jira: jira.people_writing.remove_member(groups[0]["groupId"], who),
    ):
        told = reception.refuses(question)
        assert isinstance(told, JiraPermissionError)
        assert "site admin" in told.message
    assert reception.truth("groups") == groups
