"""The demo's check sees what it is there to see: a check that cannot fail would prove nothing."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from airflow_provider_jira.model.planned import advice_problems
from airflow_provider_jira.model.yaml_file import load_folder
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
    "assignee": {"accountId": "a2", "displayName": "Grace"},
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
        "assigneeName": ["Grace"],
        "assignee": ["Grace, as her card is called"],
        "labels": ["b", "a"],
        "due": ["2026-03-01"],
        "origin": ["jira"],
        "priority": ["2"],
        "taskId": ["acme__support_tickets"],
    },
    "references": {"assignee": ["12"]},
}
ACCOUNTS: list[dict[str, Any]] = [
    {"dataCardId": "11", "values": {"accountId": ["a1"]}},
    {"dataCardId": "12", "values": {"accountId": ["a2"]}},
]
FIELDS = sorted({*check.wanted(ISSUE), "recordStatus"})


def holds(issues: list[dict[str, Any]], cards: list[dict[str, Any]], gone: tuple[str, ...] = ()) -> list[bool]:
    compared = check.compare(issues, cards, accounts=ACCOUNTS, gone=gone)
    return [finding.holds for finding in check.agreement(compared, "now")]


def with_value(attribute: str, texts: list[str]) -> dict[str, Any]:
    card = copy.deepcopy(CARD)
    card["values"][attribute] = texts
    return card


def test_a_card_that_says_what_the_issue_says_agrees() -> None:
    assert holds([ISSUE], [CARD]) == [True, True]


@pytest.mark.parametrize("attribute", [name for name in FIELDS if name not in {"jiraId", "assignee"}])
def test_any_attribute_with_another_value_is_seen(attribute: str) -> None:
    assert holds([ISSUE], [with_value(attribute, ["something else"])]) == [True, False]


@pytest.mark.parametrize("attribute", sorted(name for name in CARD["values"] if name not in {"jiraId", "assignee"}))
def test_any_attribute_that_is_missing_is_seen(attribute: str) -> None:
    assert holds([ISSUE], [with_value(attribute, [])]) == [True, False]


@pytest.mark.parametrize("cards", [[], ["11"], ["12", "11"], ["99"]])
def test_a_reference_to_another_card_is_seen_whatever_name_it_shows(cards: list[str]) -> None:
    assert holds([ISSUE], [{**CARD, "references": {"assignee": cards}}]) == [True, False]


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


def test_a_word_in_a_report_that_differs_is_seen() -> None:
    assert check.counts({"mode": "incremental"}, "now", mode="incremental").holds
    assert not check.counts({"mode": "full"}, "now", mode="incremental").holds


@pytest.mark.parametrize(
    ("after", "keys"),
    [
        ([CARD], set()),
        ([with_value("subject", ["Else"])], {"10007"}),
        ([{**CARD, "hidden": True}], {"10007"}),
        ([{**CARD, "references": {"assignee": ["11"]}}], {"10007"}),
        ([with_value("assignee", ["Grace under another name"])], set()),
        ([], {"10007"}),
        ([CARD, {**with_value("jiraId", ["8"]), "dataCardId": "2"}], {"8"}),
    ],
)
def test_a_card_has_changed_when_it_says_or_points_at_something_else(after: list[Any], keys: set[str]) -> None:
    assert check.changed([CARD], after, "jiraId") == keys


def test_a_card_that_changed_for_no_reason_is_seen_and_one_that_should_have() -> None:
    assert check.exactly("now", {"1"}, ["1"], "one").holds
    assert not check.exactly("now", {"1", "2"}, ["1"], "one").holds
    assert not check.exactly("now", set(), ["1"], "one").holds


def test_a_log_with_a_write_or_with_nothing_in_it_is_no_silence() -> None:
    read = {"method": "GET", "path": "/rest-api/itsm/v1/dc/jira_issue/data"}
    assert check.silence("now", [read]).holds
    assert not check.silence("now", [read, {**read, "method": "POST"}]).holds
    assert not check.silence("now", []).holds


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_the_schedules_stay_nearly_half_an_hour_away_from_now(minute: int) -> None:
    from croniter import croniter

    now = datetime(2026, 11, 23, 8, minute, tzinfo=timezone.utc)
    away = timedelta(minutes=25)
    for task in yaml.safe_load(definition(now))["scheduled_tasks"]:
        assert croniter(task["schedule"], now).get_next(datetime) - now >= away
        assert now - croniter(task["schedule"], now).get_prev(datetime) >= away


def test_midnight_changes_nothing_in_the_demo() -> None:
    tasks = yaml.safe_load(definition(datetime.now(timezone.utc)))["scheduled_tasks"]
    assert [task["cache"] for task in tasks] == [{"clear_hours": []}] * 4


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_the_demo_s_definition_is_good_and_nothing_is_advised_against(minute: int, tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(definition(datetime(2026, 11, 23, 8, minute, tzinfo=timezone.utc)))
    loaded = load_folder(tmp_path)
    problems = [*loaded[0].problems, *advice_problems(loaded)]
    assert ([str(problem) for problem in problems], len(loaded[0].tasks)) == ([], 4)
