"""Making and changing issues: what is sent, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import JiraUncertain
from airflow_provider_jira.jira.records import Created, Visibility

from .conftest import Site

Ask = Callable[..., Any]
ISSUES = "/rest/api/3/issue"
ISSUE = f"{ISSUES}/10001"
DOCUMENT = {"type": "doc", "version": 1, "content": []}
FIELDS = {"project": {"key": "SUP"}, "issuetype": {"id": "10002"}, "summary": "Printer burns"}


@pytest.mark.parametrize(
    ("question", "method", "path", "body", "status", "answer", "told"),
    [
        (
            lambda jira: jira.writing.create(FIELDS, properties={"mark": {"mark": "c-1"}}),
            "POST",
            ISSUES,
            {"fields": FIELDS, "properties": [{"key": "mark", "value": {"mark": "c-1"}}]},
            201,
            {"id": "10001", "key": "SUP-1", "self": "https://acme.atlassian.net/rest/api/3/issue/10001"},
            Created(10001, "SUP-1"),
        ),
        (
            lambda jira: jira.writing.create(FIELDS),
            "POST",
            ISSUES,
            {"fields": FIELDS},
            201,
            {"id": "10001", "key": "SUP-1", "transition": {"status": 200}},
            Created(10001, "SUP-1"),
        ),
        (
            lambda jira: jira.writing.edit(10001, {"summary": "Burnt", "duedate": None}),
            "PUT",
            ISSUE,
            {"fields": {"summary": "Burnt", "duedate": None}},
            204,
            None,
            None,
        ),
        (
            lambda jira: jira.writing.edit(10001, {}, update={"labels": [{"add": "x"}]}, properties={"p": 1}),
            "PUT",
            ISSUE,
            {"update": {"labels": [{"add": "x"}]}, "properties": [{"key": "p", "value": 1}]},
            204,
            None,
            None,
        ),
        (
            lambda jira: jira.writing.transition(
                10001, "31", fields={"resolution": {"name": "Done"}}, update={"comment": [{"add": {"body": DOCUMENT}}]}
            ),
            "POST",
            f"{ISSUE}/transitions",
            {
                "transition": {"id": "31"},
                "fields": {"resolution": {"name": "Done"}},
                "update": {"comment": [{"add": {"body": DOCUMENT}}]},
            },
            204,
            None,
            None,
        ),
        (
            lambda jira: jira.writing.transition(10001, "31"),
            "POST",
            f"{ISSUE}/transitions",
            {"transition": {"id": "31"}},
            204,
            None,
            None,
        ),
        (
            lambda jira: jira.writing.comment(
                10001, DOCUMENT, visibility=Visibility("group", "g-1", "staff"), properties={"p": {"mark": "e-1"}}
            ),
            "POST",
            f"{ISSUE}/comment",
            {
                "body": DOCUMENT,
                "visibility": {"type": "group", "identifier": "g-1"},
                "properties": [{"key": "p", "value": {"mark": "e-1"}}],
            },
            201,
            {"id": "501", "body": DOCUMENT},
            501,
        ),
        (
            lambda jira: jira.writing.comment(10001, DOCUMENT),
            "POST",
            f"{ISSUE}/comment",
            {"body": DOCUMENT},
            201,
            {"id": "501"},
            501,
        ),
        (
            lambda jira: jira.writing.set_property(10001, "a/b", None),
            "PUT",
            f"{ISSUE}/properties/a/b",
            None,
            201,
            None,
            None,
        ),
    ],
)
def test_a_change_is_sent_once_as_jira_wants_it(
    site: Site,
    ask: Ask,
    question: Callable[[JiraClient], Any],
    method: str,
    path: str,
    body: Any,
    status: int,
    answer: Any,
    told: Any,
) -> None:
    site.answers(path, site.ok(answer, status))
    assert ask(question) == told
    (request,) = site.asked
    assert (request.method, request.url.path, json.loads(request.content)) == (method, path, body)
    assert request.headers["content-type"] == "application/json"
    assert "?" not in str(request.url)


def test_the_key_of_a_property_cannot_lead_elsewhere(site: Site, ask: Ask) -> None:
    site.answers(f"{ISSUE}/properties/a/../b", site.ok(None, 200))
    ask(lambda jira: jira.writing.set_property(10001, "a/../b", 1))
    assert site.asked[0].url.raw_path == b"/rest/api/3/issue/10001/properties/a%2F..%2Fb"


def test_an_issue_whose_first_transition_failed_is_no_success(site: Site, ask: Ask) -> None:
    failed = {"status": 400, "errorCollection": {"errorMessages": ["no"], "errors": {}}}
    site.answers(ISSUES, site.ok({"id": "10001", "key": "SUP-1", "transition": failed}, 201))
    with pytest.raises(JiraUncertain, match="SUP-1") as caught:
        ask(lambda jira: jira.writing.create(FIELDS))
    assert (caught.value.method, caught.value.path, caught.value.status) == ("POST", ISSUES, 201)


@pytest.mark.parametrize("body", ["{", "[]", {"id": "10001"}, {"key": "SUP-1"}, {"id": "x", "key": "SUP-1"}, None])
def test_a_create_whose_answer_cannot_be_read_is_uncertain(site: Site, ask: Ask, body: Any) -> None:
    site.answers(ISSUES, site.ok(body, 201))
    with pytest.raises(JiraUncertain, match="seems to have done this"):
        ask(lambda jira: jira.writing.create(FIELDS))
    assert len(site.asked) == 1


def test_what_was_lost_on_the_way_is_not_sent_again(site: Site, ask: Ask) -> None:
    site.answers(ISSUES, httpx.ReadTimeout("late"))
    with pytest.raises(JiraUncertain, match="did not answer in time"):
        ask(lambda jira: jira.writing.create(FIELDS))
    assert len(site.asked) == 1
