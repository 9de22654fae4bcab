"""Writes that were announced and never came, or were announced by a process that was then held up."""

from __future__ import annotations

import pytest
from office import Clock, Office, lost_answers

from airflow_provider_jira.activities import NotYet
from airflow_provider_jira.activities.add_comment import PATIENCE
from airflow_provider_jira.activities.once import LEASE, ROOT
from airflow_provider_jira.model.marks import PROPERTY
from airflow_provider_jira.sync.state import MemoryState

ISSUE = r"/rest/api/3/issue$"
ROBOT = ("robot@acme.example", "sandbox-token")


class HeldUp(MemoryState):
    """The process is stopped right after it has announced what it is about to send."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def set(self, name: str, value: str) -> None:
        super().set(name, value)
        if name.startswith(ROOT):
            self.clock.time += LEASE + 1


def commented(office: Office) -> tuple[str, str]:
    key = str(office.jira.post("world/issues", fields={"project": "SUP", "summary": "Printer"})["key"])
    card = office.card(subject="Printer", jiraKey=key)
    office.esm.post("world/entry", template="incident", dataCardId=card, attribute="comments", text="Hello")
    return card, key


@pytest.mark.parametrize("task", ["create", "comment"])
def test_whoever_was_held_up_sends_nothing(office: Office, task: str):
    card = commented(office)[0] if task == "comment" else office.card(subject="Printer")
    office.state = HeldUp(office.clock)
    office.jira.requests()
    with pytest.raises(NotYet, match="held up"):
        office.handle(office.event(task, card), patience=0)
    assert not [
        row
        for row in office.jira.requests()
        if row["method"] == "POST" and row["path"].endswith(("/issue", "/comment"))
    ]
    assert not office.made_for(card)


def test_a_comment_that_never_came_is_sent_once_it_cannot_be_under_way(office: Office):
    card, key = commented(office)
    office.jira.fault(match={"method": "POST", "path": "/comment$"}, drop="before", times=1)
    began = office.clock.time
    assert office.handle(office.event("comment", card)).how == "completed"
    assert office.clock.time - began > PATIENCE
    (issue,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
    assert len(issue["comments"]) == 1


def test_what_jira_said_no_to_is_tried_again_at_once(office: Office):
    card = office.card(subject="Printer")
    account = {"X-AAccountId": office.jira.http.get("/rest/api/3/myself", auth=ROBOT).json()["accountId"]}
    said = {"errorMessages": ["no"]}
    office.jira.fault(match={"method": "POST", "path": ISSUE}, status=400, headers=account, body=said)
    assert office.handle(office.event("create", card)).how == "refused"
    again = office.handle(office.event("create", card))
    assert (again.how, again.waited) == ("completed", [])


def test_without_permission_to_edit_comments_are_said_once_all_the_same(office: Office):
    card, key = commented(office)
    office.jira.switch(denied_permissions=["EDIT_ISSUES"])
    for run in ("run_1", "run_2"):
        ended = office.handle(office.event("comment", card, run))
        assert (ended.how, "Edit issues" in " ".join(ended.notes)) == ("completed", True)
    (issue,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
    assert len(issue["comments"]) == 1


def test_an_issue_that_was_moved_away_since_accounts_for_no_number(office: Office):
    """Ours may be hidden: that another one is in another project now says nothing of which number it had."""
    card = office.card(subject="Printer")
    event = office.event("create", card)
    with lost_answers(office.jira, "POST", ISSUE), pytest.raises(NotYet):
        office.handle(event, patience=0)
    (issue,) = office.made_for(card)
    office.jira.post("world/hide", ids=[issue["id"]])
    other = office.jira.post("world/issues", fields={"project": "SUP", "summary": "another"})["id"]
    office.jira.post("world/move", ids=[other], project="OPS")
    assert office.handle(event).how == "unknown"
    assert len(office.made_for(card)) == 1


def test_two_issues_with_the_mark_of_one_event_are_shown_and_none_is_chosen(office: Office):
    card = office.card(subject="Printer")
    office.handle(office.event("create", card))
    (issue,) = office.made_for(card)
    path = f"/rest/api/3/issue/{issue['key']}/properties/{PROPERTY}"
    mark = office.jira.http.get(path, auth=ROBOT).json()["value"]
    twin = office.jira.post("world/issues", fields={"project": "SUP", "summary": "x", "labels": [f"esm-{card}"]})["key"]
    office.jira.http.put(path.replace(issue["key"], twin), json=mark, auth=ROBOT).raise_for_status()
    office.change(card, jiraKey=[])
    ended = office.handle(office.event("create", card, "run_2"))
    assert (ended.how, twin in ended.message, issue["key"] in ended.message) == ("unknown", True, True)
