"""The demo's checks of events see what they are there to see."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from airflow_provider_jira.sandbox.demo import check_events as check
from airflow_provider_jira.sandbox.demo.check import Finding

OLD: dict[str, Any] = {"id": "1", "key": "SUP-1", "summary": "Printer on fire"}
ISSUE: dict[str, Any] = {
    "id": "2",
    "key": "SUP-2",
    "project": "SUP",
    "issuetype": "Bug",
    "summary": "Printer on fire",
    "description_text": "Smoke everywhere.",
    "status": "Done",
    "resolution": "Fixed",
    "reporter": {"accountId": "a1", "displayName": "Ada"},
    "labels": ["from-esm", "esm-7"],
    "updated": "2026-11-23T08:00:00.000+0000",
    "comments": [
        {"author": {"displayName": "Robot"}, "text": "Eeva:\nIt burns."},
        {"author": {"displayName": "Grace"}, "text": "Water is on its way."},
    ],
}
CARD: dict[str, Any] = {
    "dataCardId": "7",
    "values": {
        "subject": ["Printer on fire"],
        "description": ["**Smoke** everywhere."],
        "jiraId": ["2"],
        "jiraKey": ["SUP-2"],
        "jiraUrl": ["https://acme.example/browse/SUP-2"],
    },
    "worklogs": {
        "comments": [
            {"author": "Eeva", "text": "It burns.", "date": "…"},
            {"author": "webapi", "text": "[Jira comment 9 · Grace]\nWater is on its way.", "date": "…"},
        ]
    },
}
FAILED: dict[str, Any] = {
    "dataCardId": "8",
    "values": {"jiraSync": ["09 - Failed"], "provisioningException": ["summary: a value is needed"]},
}
ADA, NINA = {"accountId": "a1", "emailAddress": "ada@x"}, {"accountId": "a2", "emailAddress": "nina@x"}
HIRED: dict[str, Any] = {"dataCardId": "9", "values": {"email": ["nina@x"], "accountId": ["a2"]}}


def changed(row: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A card that says something else; ``None``: that has no such value."""
    other = copy.deepcopy(row)
    other["values"].update(values)
    other["values"] = {code: texts for code, texts in other["values"].items() if texts is not None}
    return other


def without(row: dict[str, Any], *, entry: int | None = None, comment: int | None = None) -> dict[str, Any]:
    other = copy.deepcopy(row)
    if entry is not None:
        del other["worklogs"]["comments"][entry]
    if comment is not None:
        del other["comments"][comment]
    return other


def twice(row: dict[str, Any]) -> dict[str, Any]:
    """Everything that was said, said once more."""
    other = copy.deepcopy(row)
    if "comments" in other:
        other["comments"] *= 2
    else:
        other["worklogs"]["comments"] *= 2
    return other


def holds(*findings: Finding) -> list[bool]:
    return [finding.holds for finding in findings]


@pytest.mark.parametrize(
    ("states", "good"),
    [
        (["success"], True),
        (["success", "success"], True),
        (["success", "failed"], False),
        (["failed"], False),
        ([], False),
    ],
)
def test_a_run_that_ends_in_another_way_is_seen_and_so_is_none_at_all(states: list[str], good: bool) -> None:
    assert check.ended("now", states, "success").holds is good


@pytest.mark.parametrize(
    ("answer", "good"),
    [("POST /x got 409: taken", True), ("POST /x got 404: 409 of them", False), ("started", False)],
)
def test_a_second_call_that_is_taken_or_fails_otherwise_is_seen(answer: str, good: bool) -> None:
    assert check.refused("now", answer, 409).holds is good


def test_a_card_with_one_new_issue_of_its_own_is_good() -> None:
    assert holds(*check.one_issue_each("now", [CARD], [OLD], [OLD, ISSUE])) == [True, True]


@pytest.mark.parametrize(
    "after",
    [[OLD], [OLD, ISSUE, {**ISSUE, "id": "3", "key": "SUP-3"}], [OLD, ISSUE, {**ISSUE, "id": "3", "summary": "Else"}]],
    ids=["no issue", "two issues", "one of nobody's"],
)
def test_an_issue_too_few_or_too_many_is_seen(after: list[dict[str, Any]]) -> None:
    assert check.one_issue_each("now", [CARD], [OLD], after)[0].holds is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"jiraKey": ["SUP-1"]},
        {"jiraKey": None},
        {"jiraId": ["1"]},
        {"jiraUrl": None},
        {"jiraUrl": ["https://x/SUP-22"]},
    ],
)
def test_a_card_that_names_another_issue_or_none_is_seen(wrong: dict[str, Any]) -> None:
    assert holds(*check.one_issue_each("now", [changed(CARD, **wrong)], [OLD], [OLD, ISSUE])) == [True, False]


def test_no_card_at_all_does_not_count_as_agreement() -> None:
    assert holds(*check.one_issue_each("now", [], [OLD], [OLD])) == [False, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"project": "OPS"},
        {"issuetype": "Task"},
        {"reporter": None},
        {"reporter": {"accountId": "a2", "displayName": "Grace"}},
        {"labels": ["esm-7"]},
        {"description_text": None},
        {"description_text": "**Smoke** everywhere."},
    ],
)
def test_a_field_that_does_not_say_what_the_card_says_is_seen(wrong: dict[str, Any]) -> None:
    assert check.holds_fields("now", CARD, ISSUE, reporter="a1").holds
    assert not check.holds_fields("now", CARD, {**ISSUE, **wrong}, reporter="a1").holds


def test_an_attribute_that_says_something_else_is_seen() -> None:
    assert check.says("now", CARD, jiraKey="SUP-2", team=None).holds
    assert not check.says("now", CARD, jiraKey="SUP-1").holds
    assert not check.says("now", CARD, jiraKey=None).holds
    assert not check.says("now", CARD, team="Hardware").holds


@pytest.mark.parametrize(
    "wrong",
    [
        {"jiraSync": ["01 - Sent"]},
        {"provisioningException": None},
        {"provisioningException": ["no"]},
        {"jiraKey": ["SUP-2"]},
    ],
)
def test_a_card_that_hides_why_nothing_became_of_it_is_seen(wrong: dict[str, Any]) -> None:
    assert check.tells_why("now", FAILED, "summary").holds
    assert not check.tells_why("now", changed(FAILED, **wrong), "summary").holds


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("aa acme/8 refused card-8", True),
        ("aa acme/8 under way card-8", False),
        ("No event is under way, refused or held back.", False),
        ("aa acme/8 refused card-8\nbb acme/8 refused card-8", False),
    ],
)
def test_a_list_that_leaves_a_refused_event_out_is_seen(text: str, good: bool) -> None:
    assert check.listed("now", text, "card-8").holds is good


@pytest.mark.parametrize("issue", [without(ISSUE, comment=0), twice(ISSUE)], ids=["lost", "doubled"])
def test_a_comment_that_was_lost_or_doubled_in_jira_is_seen(issue: dict[str, Any]) -> None:
    assert check.said_once("now", ISSUE, "It burns.", "Eeva").holds
    assert not check.said_once("now", issue, "It burns.", "Eeva").holds
    assert not check.said_once("now", issue, "It burns.", None).holds


@pytest.mark.parametrize("card", [without(CARD, entry=1), twice(CARD), FAILED], ids=["lost", "doubled", "no worklog"])
def test_a_comment_that_was_lost_or_doubled_in_esm_is_seen(card: dict[str, Any]) -> None:
    assert check.told_once("now", CARD, "Water is on its way.", "Grace").holds
    assert not check.told_once("now", card, "Water is on its way.", "Grace").holds


def test_a_comment_without_its_author_is_seen() -> None:
    assert not check.said_once("now", ISSUE, "It burns.", "Aino").holds
    assert not check.told_once("now", CARD, "Water is on its way.", "Aino").holds


def test_where_esm_does_not_tell_who_wrote_no_name_is_looked_for() -> None:
    assert check.said_once("now", ISSUE, "It burns.", None).holds


def test_an_echo_on_either_side_is_seen() -> None:
    assert check.nothing_more_said("now", CARD, ISSUE, 2).holds
    assert not check.nothing_more_said("now", twice(CARD), ISSUE, 2).holds
    assert not check.nothing_more_said("now", CARD, twice(ISSUE), 2).holds
    assert not check.nothing_more_said("now", CARD, without(ISSUE, comment=0), 2).holds


def test_an_issue_in_another_status_or_resolution_is_seen() -> None:
    assert check.issue_is("now", ISSUE, "Done", "Fixed").holds
    assert not check.issue_is("now", ISSUE, "Done", "Done").holds
    assert not check.issue_is("now", ISSUE, "Open", "Fixed").holds


@pytest.mark.parametrize("wrong", [{"updated": "later"}, {"status": "Open"}, {"comments": []}, {"more": 1}])
def test_an_issue_that_was_touched_at_all_is_seen(wrong: dict[str, Any]) -> None:
    assert check.untouched("now", ISSUE, copy.deepcopy(ISSUE)).holds
    assert not check.untouched("now", ISSUE, {**ISSUE, **wrong}).holds


@pytest.mark.parametrize(
    ("card", "after"),
    [
        (HIRED, [ADA]),
        (HIRED, [ADA, NINA, {**NINA, "accountId": "a3"}]),
        (HIRED, [ADA, {**NINA, "emailAddress": "other@x"}]),
        (changed(HIRED, accountId=["a1"]), [ADA, NINA]),
        (changed(HIRED, accountId=None), [ADA, NINA]),
    ],
    ids=["nobody", "two", "another", "names another", "names nobody"],
)
def test_an_account_too_few_too_many_or_of_somebody_else_is_seen(card: dict[str, Any], after: list[Any]) -> None:
    assert check.account_made("now", HIRED, [ADA], [ADA, NINA]).holds
    assert not check.account_made("now", card, [ADA], after).holds


@pytest.mark.parametrize("groups", [{}, {"g1": ["a2"]}, {"g1": ["a2"], "g2": ["a2"], "g3": ["a2"]}])
def test_a_membership_too_few_or_too_many_is_seen(groups: dict[str, list[str]]) -> None:
    assert check.members("now", {"g1": ["a1", "a2"], "g2": ["a2"], "g3": ["a1"]}, "a2", ["g1", "g2"]).holds
    assert not check.members("now", groups, "a2", ["g1", "g2"]).holds
