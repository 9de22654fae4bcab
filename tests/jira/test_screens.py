"""What may be set on an issue, where it may go, and what the account may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_jira.jira.errors import JiraIncomplete, JiraProtocolError, JiraRefused
from airflow_provider_jira.jira.records import IssueType, Transition
from airflow_provider_jira.model.screen import ScreenField

from .conftest import Site

Ask = Callable[..., Any]
TYPES = "/rest/api/3/issue/createmeta/SUP/issuetypes"
EDITMETA = "/rest/api/3/issue/10001/editmeta"
WAYS = "/rest/api/3/issue/10001/transitions"
PERMISSIONS = "/rest/api/3/mypermissions"

TEAM = {
    "required": True,
    "schema": {"type": "array", "items": "option", "custom": "com.atlassian.jira:multiselect", "customId": 10010},
    "name": "Support Team",
    "key": "customfield_10010",
    "hasDefaultValue": True,
    "operations": ["add", "set"],
    "allowedValues": [{"id": "1", "value": "North"}, {"id": "2", "value": "South"}],
}
TEAM_SEEN = ScreenField(
    "customfield_10010",
    "Support Team",
    required=True,
    has_default=True,
    type="array",
    items="option",
    custom="com.atlassian.jira:multiselect",
    operations=("add", "set"),
    allowed=({"id": "1", "value": "North"}, {"id": "2", "value": "South"}),
)
SUMMARY = {
    "required": False,
    "schema": {"type": "string", "system": "summary"},
    "name": "Summary",
    "operations": ["set"],
}
SUMMARY_SEEN = ScreenField("summary", "Summary", type="string", system="summary", operations=("set",))


def _kind(at: int) -> dict[str, Any]:
    return {"id": str(at), "name": f"Type {at}", "subtask": at == 2, "iconUrl": "x"}


def test_issue_types_come_page_by_page(site: Site, ask: Ask) -> None:
    pages = [{"issueTypes": [_kind(1), _kind(2)], "total": 3}, {"issueTypes": [_kind(2), _kind(3)], "total": 3}]
    site.answers(TYPES, *[site.ok({"startAt": 0, "maxResults": 2, **page}) for page in pages])
    assert ask(lambda jira: jira.writing.issue_types("SUP")) == (
        IssueType("1", "Type 1"),
        IssueType("2", "Type 2", subtask=True),
        IssueType("3", "Type 3"),
    )
    # the next page begins with the last one of the page before, which shows that the list held still
    assert [dict(one.url.params) for one in site.asked] == [
        {"startAt": "0", "maxResults": "200"},
        {"startAt": "1", "maxResults": "200"},
    ]


def test_a_project_that_takes_no_issue_has_no_types(site: Site, ask: Ask) -> None:
    site.answers(TYPES, site.ok({"issueTypes": [], "total": 0}))
    assert ask(lambda jira: jira.writing.issue_types("SUP")) == ()


def test_a_project_that_is_not_there_is_refused(site: Site, ask: Ask) -> None:
    site.answers(TYPES, site.ok({"errorMessages": ["No project could be found with key 'SUP'."]}, 404))
    with pytest.raises(JiraRefused) as caught:
        ask(lambda jira: jira.writing.issue_types("SUP"))
    assert (caught.value.status, caught.value.path) == (404, TYPES)


def test_a_key_of_a_project_cannot_lead_elsewhere(site: Site, ask: Ask) -> None:
    site.answers("/rest/api/3/issue/createmeta/a/b/issuetypes/c/d", site.ok({"fields": [], "total": 0}))
    assert ask(lambda jira: jira.writing.create_screen("a/b", "c/d")) == ()
    assert site.asked[0].url.raw_path.startswith(b"/rest/api/3/issue/createmeta/a%2Fb/issuetypes/c%2Fd?")


def test_a_list_without_its_length_ends_with_an_empty_page(site: Site, ask: Ask) -> None:
    page = site.ok({"issueTypes": [_kind(1)]})
    site.answers(TYPES, page, page, site.ok({"issueTypes": []}), page)
    assert ask(lambda jira: jira.writing.issue_types("SUP")) == (IssueType("1", "Type 1"),)


def test_a_list_that_moves_is_read_again_and_at_last_given_up(site: Site, ask: Ask) -> None:
    first, moved = site.ok({"issueTypes": [_kind(1)], "total": 2}), site.ok({"issueTypes": [_kind(3)], "total": 2})
    whole = site.ok({"issueTypes": [_kind(1), _kind(3)], "total": 2})
    site.answers(TYPES, first, moved, whole)
    assert [kind.id for kind in ask(lambda jira: jira.writing.issue_types("SUP"))] == ["1", "3"]
    site.answers(TYPES, *[first, moved] * 4)
    with pytest.raises(JiraIncomplete, match="The list of issue types"):
        ask(lambda jira: jira.writing.issue_types("SUP"))


def test_the_create_screen_is_what_jira_says(site: Site, ask: Ask) -> None:
    site.answers(
        f"{TYPES}/10002",
        site.ok(
            {
                "fields": [
                    {**SUMMARY, "fieldId": "summary", "key": "summary"},
                    {**TEAM, "fieldId": "customfield_10010"},
                    {"fieldId": "labels", "name": "", "required": False, "allowedValues": ["a", {"id": "1"}]},
                ],
                "total": 3,
            }
        ),
    )
    assert ask(lambda jira: jira.writing.create_screen("SUP", "10002")) == (
        SUMMARY_SEEN,
        TEAM_SEEN,
        ScreenField("labels", "labels", allowed=({"value": "a"}, {"id": "1"})),
    )


def test_the_edit_screen_is_what_jira_says(site: Site, ask: Ask) -> None:
    site.answers(EDITMETA, site.ok({"fields": {"summary": SUMMARY, "customfield_10010": TEAM}}))
    assert ask(lambda jira: jira.writing.edit_screen(10001)) == (SUMMARY_SEEN, TEAM_SEEN)
    site.answers(EDITMETA, site.ok({"fields": {}}))
    assert ask(lambda jira: jira.writing.edit_screen(10001)) == ()


def test_transitions_are_known_by_where_they_lead(site: Site, ask: Ask) -> None:
    ways = [
        {
            "id": "31",
            "name": "Finish",
            "to": {"id": "10003", "name": "Done", "statusCategory": {"id": 3, "key": "done"}},
            "fields": {"customfield_10010": TEAM},
        },
        {"id": "41", "to": {"id": "10004"}},
    ]
    site.answers(WAYS, site.ok({"expand": "transitions", "transitions": ways}))
    assert ask(lambda jira: jira.writing.transitions(10001)) == (
        Transition("31", "Finish", "10003", "Done", "done", (TEAM_SEEN,)),
        Transition("41", "41", "10004", "10004", "undefined"),
    )
    assert dict(site.asked[0].url.params) == {"expand": "transitions.fields"}


def test_who_may_not_transition_sees_no_way(site: Site, ask: Ask) -> None:
    site.answers(WAYS, site.ok({"transitions": []}))
    assert ask(lambda jira: jira.writing.transitions(10001)) == ()
    site.answers(WAYS, site.ok({}))
    with pytest.raises(JiraProtocolError):
        ask(lambda jira: jira.writing.transitions(10001))


@pytest.mark.parametrize(
    ("where", "params"),
    [({}, {}), ({"project": "SUP"}, {"projectKey": "SUP"}), ({"issue": 10001}, {"issueId": "10001"})],
)
def test_permissions_are_asked_where_they_are_needed(site: Site, ask: Ask, where: Any, params: Any) -> None:
    told = {"CREATE_ISSUES": {"havePermission": True}, "EDIT_ISSUES": {"havePermission": False, "id": "12"}}
    site.answers(PERMISSIONS, site.ok({"permissions": told}))
    keys = ["CREATE_ISSUES", "EDIT_ISSUES"]
    assert ask(lambda jira: jira.writing.permitted(keys, **where)) == {"CREATE_ISSUES": True, "EDIT_ISSUES": False}
    assert dict(site.asked[0].url.params) == {"permissions": "CREATE_ISSUES,EDIT_ISSUES", **params}


def test_a_permission_that_jira_passes_over_is_not_taken_for_lacking(site: Site, ask: Ask) -> None:
    site.answers(PERMISSIONS, site.ok({"permissions": {}}))
    with pytest.raises(JiraProtocolError, match="did not speak of EDIT_ISSUES"):
        ask(lambda jira: jira.writing.permitted(["EDIT_ISSUES"]))
