"""Fields of an issue are brought to what the card says: only what differs, nothing that just came from Jira."""

from __future__ import annotations

from typing import Any

import pytest
from office import CARD, Ended, Office, lost_answers


@pytest.fixture
def key(office: Office) -> str:
    fields = {"project": "SUP", "summary": "Printer", "labels": ["fire"]}
    return str(office.jira.post("world/issues", fields=fields)["key"])


def issue(office: Office, key: str) -> dict[str, Any]:
    (found,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
    return dict(found)


def update(office: Office, key: str, task: str = "update", **values: Any) -> Ended:
    card = office.card(jiraKey=key, **values)
    return office.handle(office.event(task, card))


def edits(office: Office) -> list[Any]:
    """The edits since the last call."""
    return [row["body"] for row in office.jira.requests() if row["method"] == "PUT" and "/issue/" in row["path"]]


def test_only_what_differs_is_sent(office: Office, key: str):
    office.jira.requests()
    assert update(office, key, subject="Printer", labels=["fire", "urgent"]).how == "completed"
    assert edits(office) == [{"fields": {"labels": ["fire", "urgent"]}}]
    assert issue(office, key)["labels"] == ["fire", "urgent"]


def test_nothing_is_sent_where_nothing_differs(office: Office, key: str):
    office.jira.requests()
    assert update(office, key, subject="Printer", labels=["fire"]).how == "completed"
    assert edits(office) == []


def test_an_empty_attribute_clears_the_field(office: Office, key: str):
    assert update(office, key, subject="Printer").how == "completed"
    assert issue(office, key)["labels"] == []


def test_a_lost_answer_is_looked_at_not_repeated(office: Office, key: str):
    office.jira.requests()
    with lost_answers(office.jira, "PUT", "/issue/"):
        assert update(office, key, subject="Burning printer", labels=["fire"]).how == "completed"
    assert len(edits(office)) == 1
    assert issue(office, key)["summary"] == "Burning printer"


def test_an_issue_that_is_gone_is_refused(office: Office):
    ended = update(office, "SUP-99999", subject="x")
    assert (ended.how, "SUP-99999" in ended.message) == ("refused", True)


def test_a_card_without_issue_is_refused(office: Office):
    card = office.card(subject="x")
    ended = office.handle(office.event("update", card))
    assert (ended.how, "`issue`" in ended.message) == ("refused", True)


def test_what_is_no_key_of_an_issue_is_not_asked_for_and_not_repeated(office: Office):
    office.jira.requests()
    ended = update(office, "Ann Example, 040 1234567", subject="x")
    assert (ended.how, "neither a key" in ended.message, "Ann" in ended.message) == ("refused", True, False)
    assert not any("Ann" in row["path"] for row in office.jira.requests())


def test_labels_that_came_in_another_order_are_not_sent_back(office: Office, key: str):
    rule = {"source": "labels", "received": "link"}
    office.add(id="labels", activity="update_issue", card=CARD, issue="jiraKey", attributes={"labels": rule})
    update(office, key, "labels", labels=["b", "a"], link=["a", "b"])
    assert issue(office, key)["labels"] == ["fire"]


def both_ways(conflict: str) -> dict[str, Any]:
    """The card keeps in ``team`` what it last received as the summary."""
    rule = {"source": "subject", "received": "team", "conflict": conflict}
    # in another spelling than Jira's, which finds the field all the same
    return {"id": "both", "activity": "update_issue", "card": CARD, "issue": "jiraKey", "attributes": {"SUMMARY": rule}}


@pytest.mark.parametrize("conflict", ["esm", "jira"])
class TestBothWays:
    @pytest.fixture(autouse=True)
    def task(self, office: Office, conflict: str) -> None:
        office.add(**both_ways(conflict))

    def test_what_was_just_received_is_not_sent_back(self, office: Office, key: str, conflict: str):
        """Jira has moved on since: an echo would undo that."""
        update(office, key, "both", subject="Old printer", team="Old printer")
        assert issue(office, key)["summary"] == "Printer"

    def test_a_change_in_esm_alone_is_sent(self, office: Office, key: str, conflict: str):
        update(office, key, "both", subject="My printer", team="Printer")
        assert issue(office, key)["summary"] == "My printer"

    def test_where_both_changed_the_rule_decides(self, office: Office, key: str, conflict: str):
        ended = update(office, key, "both", subject="My printer", team="Old printer")
        assert issue(office, key)["summary"] == ("My printer" if conflict == "esm" else "Printer")
        assert bool(ended.notes) == (conflict == "jira")


def test_a_day_is_the_day_in_the_connectors_zone(office: Office, key: str):
    """Half past eleven in the evening of the 14th in UTC is the 15th in Helsinki."""
    office.add(id="due", activity="update_issue", card=CARD, issue="jiraKey", attributes={"Due date": "started"})
    office.connector = office.connector.model_copy(update={"timezone": "Europe/Helsinki"})
    assert update(office, key, "due", subject="x", started="2026-10-14T23:30:00Z").how == "completed"
    assert issue(office, key)["duedate"] == "2026-10-15"
