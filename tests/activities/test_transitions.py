"""An issue is brought to the status that the card says, over the named hops, with its resolution; never by trying."""

from __future__ import annotations

from typing import Any

import pytest
from office import CARD, Ended, Office, lost_answers

SOLVED = {"status": "07 - Solved", "resolution": "Solved"}


@pytest.fixture
def key(office: Office) -> str:
    """An issue in status Open."""
    fields = {"project": "SUP", "summary": "Printer", "status": {"name": "Open"}}
    return str(office.jira.post("world/issues", fields=fields)["key"])


def issue(office: Office, key: str) -> dict[str, Any]:
    (found,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
    return dict(found)


def resolve(office: Office, key: str, task: str = "resolve", **values: Any) -> Ended:
    card = office.card(subject="Printer", jiraKey=key, **{**SOLVED, **values})
    return office.handle(office.event(task, card))


def moves(office: Office) -> int:
    """How many transitions were asked for since the last call."""
    rows = office.jira.requests()
    return len([row for row in rows if row["method"] == "POST" and row["path"].endswith("/transitions")])


def test_over_the_named_hops_with_the_resolution_on_the_last_screen(office: Office, key: str):
    office.jira.requests()
    ended = resolve(office, key)
    assert (ended.how, ended.values["status"]) == ("completed", "Done")
    assert (issue(office, key)["status"], issue(office, key)["resolution"]) == ("Done", "Done")
    assert moves(office) == 3


def test_hops_that_are_behind_are_passed_over(office: Office, key: str):
    office.jira.post("world/issues", id=issue(office, key)["id"], fields={"status": {"name": "In Review"}})
    office.jira.requests()
    assert resolve(office, key).how == "completed"
    assert moves(office) == 1


def test_the_shortest_way_is_taken_where_there_is_one(office: Office):
    key = office.jira.post("world/issues", fields={"project": "OPS", "summary": "x", "status": {"name": "Open"}})["key"]
    office.jira.requests()
    assert resolve(office, key).how == "completed"
    assert moves(office) == 1


def test_a_status_that_is_there_already_is_done(office: Office, key: str):
    assert resolve(office, key).how == "completed"
    office.jira.requests()
    assert resolve(office, key).how == "completed"
    assert moves(office) == 0


def test_without_a_named_way_nothing_is_tried_and_the_ways_out_are_named(office: Office, key: str):
    office.add(
        id="straight", activity="transition_issue", card=CARD, issue="jiraKey", to={"value": "Done"},
        resolution={"value": "Done"},
    )  # fmt: skip
    office.jira.requests()
    ended = resolve(office, key, "straight")
    assert ended.how == "refused"
    assert all(word in ended.message for word in (key, "'Open'", "'Done'", "In Progress", "via"))
    assert moves(office) == 0
    assert issue(office, key)["status"] == "Open"


def test_no_permission_is_named(office: Office, key: str):
    office.jira.switch(denied_permissions=["TRANSITION_ISSUES"])
    ended = resolve(office, key)
    assert (ended.how, "Transition issues" in ended.message) == ("refused", True)


def test_where_no_screen_has_the_resolution_nothing_is_moved_and_the_screen_is_named(office: Office, key: str):
    office.jira.switch(resolution="none")
    office.jira.post("world/issues", id=issue(office, key)["id"], fields={"status": {"name": "In Review"}})
    ended = resolve(office, key)
    assert ended.how == "refused"
    assert all(word in ended.message for word in ("Resolution", "screen", "'Approve'"))
    assert issue(office, key)["status"] == "In Review"


def test_a_resolution_that_only_an_edit_can_set_is_set_by_one(office: Office, key: str):
    office.jira.switch(resolution="none", resolution_editable=True)
    assert resolve(office, key).how == "completed"
    assert (issue(office, key)["status"], issue(office, key)["resolution"]) == ("Done", "Done")


def test_a_screen_that_asks_for_more_is_named(office: Office, key: str):
    office.jira.switch(required_on_transition={"21": ["duedate"]})
    ended = resolve(office, key)
    assert (ended.how, "Due date" in ended.message) == ("refused", True)


def test_what_a_screen_asks_for_and_the_issue_has_is_for_jira_to_judge(office: Office):
    """Whether a field that is not sent keeps its value there, the workflow decides."""
    fields = {"project": "SUP", "summary": "x", "status": {"name": "Open"}, "duedate": "2026-12-24"}
    key = office.jira.post("world/issues", fields=fields)["key"]
    office.jira.switch(required_on_transition={"21": ["duedate"]})
    office.jira.requests()
    ended = resolve(office, key)
    assert moves(office) == 2
    assert (ended.how, "Due date is required" in ended.message) == ("refused", True)


def test_a_resolution_that_jira_does_not_have_lists_those_that_it_has(office: Office, key: str):
    office.add(
        id="odd", activity="transition_issue", card=CARD, issue="jiraKey", to={"value": "Done"},
        via=["In Progress", "In Review"], resolution={"value": "Vanished"},
    )  # fmt: skip
    ended = resolve(office, key, "odd")
    assert ended.how == "refused"
    assert "Done" in ended.message


@pytest.mark.parametrize("which", [0, 1, 2])
def test_whichever_answer_is_lost_it_arrives_and_moves_no_further(office: Office, key: str, which: int):
    office.jira.requests()
    office.jira.fault(match={"method": "POST", "path": "/transitions$"}, drop="after", skip=which, times=1)
    assert resolve(office, key).how == "completed"
    assert moves(office) == 3
    assert issue(office, key)["status"] == "Done"


def test_somebody_else_moves_it_at_the_same_moment(office: Office, key: str):
    office.jira.fault(match={"method": "POST", "path": "/transitions$"}, status=409, body={"errorMessages": ["x"]})
    assert resolve(office, key).how == "completed"


def test_a_status_without_a_mapping_is_refused_with_the_mend(office: Office, key: str):
    ended = resolve(office, key, status="02 - Solving")
    assert (ended.how, "`map`" in ended.message) == ("refused", True)


class TestNoEcho:
    """The card keeps what it last received from Jira in ``team``."""

    def test_what_the_card_received_from_jira_is_not_sent_back(self, office: Office, key: str):
        """Jira said Done, the card took it, and Jira has been reopened meanwhile."""
        office.add(
            id="echo", activity="transition_issue", card=CARD, issue="jiraKey",
            to={"source": "status", "map": {"07 - Solved": "Done"}, "received": "team"},
            via=["In Progress", "In Review"],
        )  # fmt: skip
        ended = resolve(office, key, "echo", team="Done")
        assert (ended.how, issue(office, key)["status"]) == ("completed", "Open")

    @pytest.mark.parametrize(("conflict", "status"), [("esm", "Done"), ("jira", "In Progress")])
    def test_where_both_changed_the_rule_decides(self, office: Office, key: str, conflict: str, status: str):
        office.add(
            id="both", activity="transition_issue", card=CARD, issue="jiraKey",
            to={"source": "status", "map": {"07 - Solved": "Done"}, "received": "team", "conflict": conflict},
            via=["In Progress", "In Review"], resolution={"value": "Done"},
        )  # fmt: skip
        office.jira.post("world/issues", id=issue(office, key)["id"], fields={"status": {"name": "In Progress"}})
        ended = resolve(office, key, "both", team="Open")
        assert (ended.how, issue(office, key)["status"]) == ("completed", status)


def test_a_comment_goes_with_it_once(office: Office, key: str):
    office.add(
        id="told", activity="transition_issue", card=CARD, issue="jiraKey", to={"value": "Done"},
        via=["In Progress", "In Review"], resolution={"value": "Done"}, comment="solution",
    )  # fmt: skip
    card = office.card(subject="Printer", jiraKey=key, solution="Put the fire out.")
    with lost_answers(office.jira, "POST", "/comment$"):
        assert office.handle(office.event("told", card)).how == "completed"
    office.handle(office.event("told", card, "run_2"))
    assert [comment["text"] for comment in issue(office, key)["comments"]] == ["Put the fire out."]
