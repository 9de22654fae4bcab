"""The demo's check sees what it is there to see: a check that cannot fail would prove nothing."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import yaml

from airflow_provider_jira.sandbox.demo import check
from airflow_provider_jira.sandbox.demo.stage import definition

ISSUE: dict[str, Any] = {
    "id": 10007,
    "key": "SUP-7",
    "project": "SUP",
    "issuetype": "Bug",
    "summary": "Printer on fire",
    "status": "Open",
    "resolution": None,
    "priority": "High",
    "reporter": {"accountId": "a1", "displayName": "Ada"},
    "assignee": None,
    "labels": ["b", "a"],
    "duedate": "2026-03-01",
    "description_markdown": "**Smoke**",
    "custom": {"Support Team": "Hardware", "Contact person": None},
    "hidden": False,
    "archived": False,
}
CARD: dict[str, Any] = {
    "dataCardId": "1",
    "folderCode": "jira_issues",
    "hidden": False,
    "deleted": False,
    "values": {
        "jiraId": ["10007"],
        "jiraKey": ["SUP-7"],
        "subject": ["Printer on fire"],
        "status": ["Open"],
        "description": ["**Smoke**"],
        "team": ["Hardware"],
        "contact": ["Ada"],
        "labels": ["b", "a"],
        "due": ["2026-03-01"],
        "origin": ["jira"],
        "priority": ["2"],
        "taskId": ["acme__support_tickets"],
    },
}
FIELDS = sorted({*check.wanted(ISSUE), "recordStatus"})


def holds(issues: list[dict[str, Any]], cards: list[dict[str, Any]], gone: tuple[str, ...] = ()) -> list[bool]:
    return [finding.holds for finding in check.agreement(check.compare(issues, cards, gone=gone), "now")]


def with_value(attribute: str, texts: list[str]) -> dict[str, Any]:
    card = copy.deepcopy(CARD)
    card["values"][attribute] = texts
    return card


def test_a_card_that_says_what_the_issue_says_agrees() -> None:
    assert holds([ISSUE], [CARD]) == [True, True]


@pytest.mark.parametrize("attribute", [name for name in FIELDS if name != "jiraId"])
def test_any_attribute_with_another_value_is_seen(attribute: str) -> None:
    assert holds([ISSUE], [with_value(attribute, ["something else"])]) == [True, False]


@pytest.mark.parametrize("attribute", sorted(name for name in CARD["values"] if name != "jiraId"))
def test_any_attribute_that_is_missing_is_seen(attribute: str) -> None:
    assert holds([ISSUE], [with_value(attribute, [])]) == [True, False]


def test_an_issue_without_card_is_seen() -> None:
    assert holds([ISSUE], []) == [False, False]


def test_two_cards_of_one_issue_are_seen() -> None:
    assert holds([ISSUE], [CARD, CARD])[0] is False


def test_a_card_without_issue_is_seen() -> None:
    assert holds([ISSUE], [CARD, with_value("jiraId", ["99"])])[0] is False


@pytest.mark.parametrize("other", [{"project": "OPS"}, {"issuetype": "Story"}, {"hidden": True}, {"archived": True}])
def test_a_card_of_an_issue_that_the_jql_does_not_find_is_seen(other: dict[str, Any]) -> None:
    assert holds([{**ISSUE, **other}], [CARD])[0] is False


def test_the_card_of_a_deleted_issue_must_stay_and_say_that_it_is_removed() -> None:
    assert holds([], [with_value("recordStatus", ["5 - Removed"])], gone=("10007",)) == [True, True]
    assert holds([], [CARD], gone=("10007",)) == [True, False]
    assert holds([], [], gone=("10007",))[0] is False


def test_no_issue_at_all_does_not_count_as_agreement() -> None:
    assert holds([], [])[1] is False


@pytest.mark.parametrize(
    ("method", "path", "counts"),
    [
        ("POST", "/rest-api/itsm/v1/users/login", False),
        ("GET", "/rest-api/itsm/v1/dc/jira_issue/data", False),
        ("POST", "/api/itsm/search.ws", False),
        ("PUT", "/rest-api/itsm/v1/dc/jira_issue/data", True),
        ("POST", "/rest-api/itsm/v1/dc/jira_issue/data", True),
        ("DELETE", "/rest-api/itsm/v1/dc/jira_issue/data/1/team", True),
        ("POST", "/api/itsm/dataCardImport.ws", True),
    ],
)
def test_only_requests_that_can_change_a_card_count_as_writes(method: str, path: str, counts: bool) -> None:
    assert bool(check.writes([{"method": method, "path": path}])) is counts


def test_a_count_that_differs_or_is_missing_is_seen() -> None:
    assert check.counts({"created": 2}, "now", created=2).holds
    assert not check.counts({"created": 1}, "now", created=2).holds
    assert not check.counts({}, "now", created=0).holds


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_the_schedule_stays_half_an_hour_away_from_now(minute: int) -> None:
    from croniter import croniter

    now = datetime(2026, 11, 23, 8, minute, tzinfo=timezone.utc)
    task = yaml.safe_load(definition(now))["scheduled_tasks"][0]
    half_an_hour = timedelta(minutes=30)
    assert croniter(task["schedule"], now).get_next(datetime) - now >= half_an_hour
    assert now - croniter(task["schedule"], now).get_prev(datetime) >= half_an_hour


def test_midnight_changes_nothing_in_the_demo() -> None:
    assert yaml.safe_load(definition(datetime.now(timezone.utc)))["scheduled_tasks"][0]["cache"] == {"clear_hours": []}
