"""What cannot be done is refused with the thing, and the mend, before or after Jira is asked; nothing is guessed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from office import ACCOUNT, CARD, Ended, Office


@pytest.fixture
def person(office: Office) -> str:
    return str(office.jira.post("world/people", name="Ann Example")["id"])


def account(office: Office, **values: Any) -> str:
    return office.card("account", **{"accountId": f"card-{uuid.uuid4()}", **values})


def ends(office: Office, data_card: str, /, **task: Any) -> Ended:
    office.add(id="this", **task)
    return office.handle(office.event("this", data_card))


def create(**more: Any) -> dict[str, Any]:
    fields = {"project": {"value": "SUP"}, "issueType": {"value": "Bug"}, "summary": "subject"}
    return {"activity": "create_issue", "card": CARD, "attributes": {**fields, **more.pop("fields", {})}, **more}


class TestTheCard:
    def test_values_are_followed_through_references_to_all_cards_they_point_at(self, office: Office):
        customer = account(office, displayName="Ann Example")
        watchers = [account(office, displayName=name) for name in ("Bo", "Cy")]
        card = office.card(subject="Printer", customer=customer, watchers=watchers)
        fields = {"labels": "watchers.displayName", "description": "customer.displayName"}
        assert ends(office, card, **create(fields=fields)).how == "completed"
        (issue,) = office.made_for(card)
        assert {"Bo", "Cy"} < set(issue["labels"])

    def test_a_path_through_what_is_no_reference_is_named(self, office: Office):
        card = office.card(subject="Printer", team="Alpha")
        ended = ends(office, card, **create(fields={"description": "team.displayName"}))
        assert (ended.how, "'team'" in ended.message) == ("refused", True)

    def test_a_reference_to_a_card_in_the_trash_is_named_and_the_card_hears_of_it(self, office: Office):
        customer = account(office, displayName="Ann Example")
        card = office.card(subject="Printer", customer=customer)
        office.esm.post("world/card", template="account", dataCardId=customer, deleted=True)
        exits = {"on_exception": {"attribute": "provisioningException"}}
        ended = ends(office, card, **create(fields={"description": "customer.displayName"}), **exits)
        assert (ended.how, "'customer'" in ended.message, "restore" in ended.message) == ("refused", True, True)
        assert office.says(card)["provisioningException"] == [ended.message]

    def test_an_attribute_to_write_back_to_that_is_not_there_is_named_before_anything_is_made(self, office: Office):
        card = office.card(subject="Printer")
        ended = ends(office, card, **create(write_back={"jiraNumber": "key"}))
        assert (ended.how, "'jiraNumber'" in ended.message) == ("refused", True)
        assert office.made_for(card) == []

    def test_what_esm_does_not_take_back_is_named_and_mended_by_the_same_run(self, office: Office):
        card = office.card(subject="Printer")
        ended = ends(office, card, **create(on_completed={"set": {"jiraSync": "no such value"}}))
        assert ended.how == "refused"
        assert card in ended.message
        assert len(office.made_for(card)) == 1

    @pytest.mark.parametrize("texts", [("First.",), ("First.", "Second.")])
    def test_a_text_attribute_is_said_as_often_as_it_says_something_new(self, office: Office, texts: tuple[str, ...]):
        key = office.jira.post("world/issues", fields={"project": "SUP", "summary": "Printer"})["key"]
        card = office.card(subject="Printer", jiraKey=key)
        for text in texts:
            office.change(card, solution=text)
            task = {"activity": "add_comment", "card": CARD, "issue": "jiraKey", "comment": "solution"}
            assert ends(office, card, **task).how == "completed"
        (issue,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
        assert [comment["text"] for comment in issue["comments"]] == list(texts)


class TestTheProject:
    def test_an_issue_type_that_is_not_there_lists_those_that_are(self, office: Office):
        ended = ends(office, office.card(subject="x"), **create(fields={"issueType": {"value": "Wish"}}))
        assert (ended.how, "'Wish'" in ended.message, "Bug" in ended.message) == ("refused", True, True)

    def test_an_issue_type_is_found_in_any_case(self, office: Office):
        assert (
            ends(office, office.card(subject="x"), **create(fields={"issueType": {"value": "bUG"}})).how == "completed"
        )

    def test_a_project_in_which_nothing_may_be_made_names_the_permission(self, office: Office):
        office.jira.switch(denied_permissions=["CREATE_ISSUES"])
        ended = ends(office, office.card(subject="x"), **create())
        assert (ended.how, "Create issues" in ended.message) == ("refused", True)


class TestPeople:
    def test_no_group_is_named(self, office: Office, person: str):
        ended = office.handle(office.event("grant", account(office, accountId=person)))
        assert (ended.how, "`groups`" in ended.message) == ("refused", True)

    def test_a_group_that_is_not_there_is_the_one_that_failed(self, office: Office, person: str):
        task = {
            "activity": "add_user_to_group",
            "card": ACCOUNT,
            "user": "accountId",
            "groups": {"value": "no such group"},
        }
        ended = ends(office, account(office, accountId=person), **task, membership_failures="membershipFailures")
        assert (ended.how, "no such group" in ended.message) == ("refused", True)

    def test_a_group_is_not_swapped_with_itself(self, office: Office):
        name = f"group-{uuid.uuid4()}"
        group = office.jira.post("world/groups", name=name)["id"]
        task = {"activity": "delete_group", "card": ACCOUNT, "group": {"value": group}, "swap_group": {"value": name}}
        ended = ends(office, account(office), **task)
        assert (ended.how, "same" in ended.message) == ("refused", True)
        assert group in {row["groupId"] for row in office.jira.get("truth/groups")}

    def test_an_account_id_that_is_blank_is_named(self, office: Office):
        task = {"activity": "delete_user", "card": ACCOUNT, "user": {"value": "x", "as": "plain"}}
        task["user"] = {"source": "displayName"}
        ended = ends(office, account(office), **task)
        assert (ended.how, "`user`" in ended.message) == ("refused", True)


def test_another_resolution_than_the_one_wanted_is_told_where_no_screen_lets_it_change(office: Office):
    fields = {"project": "SUP", "summary": "Printer", "status": {"name": "Done"}, "resolution": {"name": "Won't Do"}}
    key = office.jira.post("world/issues", fields=fields)["key"]
    office.jira.switch(resolution="none")
    card = office.card(subject="Printer", jiraKey=key, status="07 - Solved", resolution="Solved")
    ended = office.handle(office.event("resolve", card))
    assert ended.how == "completed"
    assert "no screen lets change" in ended.notes[0]
