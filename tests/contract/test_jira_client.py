"""What the Jira client sends is what Atlassian's OpenAPI document allows: each path, parameter and body.

The document is found through ``JIRA_CONNECTOR_SPECS``. Its request schemas are closed, so a misspelt key, a list where
a string is wanted, or a leftover of the old search is caught here.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from openapi_schema_validator import OAS30WriteValidator

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.comment_reading import CommentReading
from airflow_provider_jira.jira.people import People
from airflow_provider_jira.jira.people_writing import PeopleWriting
from airflow_provider_jira.jira.records import Visibility
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.jira.writing import Writing

pytestmark = pytest.mark.contract
SPECS = os.environ.get("JIRA_CONNECTOR_SPECS")
JQL = "project = SUP OR labels in (a, b) ORDER BY created DESC"

DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}
FIELDS = {"project": {"key": "SUP"}, "issuetype": {"id": "10002"}, "summary": "x", "description": DOCUMENT}
MARK = {"airflow-provider-jira": {"mark": "c-1"}}

CALLS: dict[str, Callable[[JiraClient], Any]] = {
    "identify": lambda jira: jira.identify(),
    "fields": lambda jira: jira.fields(),
    "check_jql": lambda jira: jira.check_jql(JQL),
    "sweep": lambda jira: jira.sweep(JQL),
    "approximate_count": lambda jira: jira.approximate_count(JQL),
    "fetch": lambda jira: jira.fetch(range(10_000, 10_150), ["summary", "customfield_10010"]),
    "matching": lambda jira: jira.matching(JQL, range(10_000, 10_070)),
    "readable_projects": lambda jira: jira.readable_projects(),
    "server_time": lambda jira: jira.server_time(),
    "comments.ids": lambda jira: jira.comments.ids(10_001),
    "comments.with_properties": lambda jira: jira.comments.with_properties([1]),
    "people.everyone": lambda jira: jira.people.everyone(),
    "people.groups": lambda jira: jira.people.groups(),
    "people.members": lambda jira: jira.people.members(["g-1", "g-2"]),
    "people.roles": lambda jira: jira.people.roles(["SUP"]),
    "people.by_id": lambda jira: jira.people.by_id([f"712020:{at}" for at in range(150)]),
    "people.groups_by_id": lambda jira: jira.people.groups_by_id([f"g-{at}" for at in range(3)]),
    "people.may_browse": lambda jira: jira.people.may_browse(),
    "people_writing.user": lambda jira: jira.people_writing.user("712020:a"),
    "people_writing.create_user": lambda jira: jira.people_writing.create_user("a@b.example", ["jira-software"]),
    "people_writing.delete_user": lambda jira: jira.people_writing.delete_user("712020:a"),
    "people_writing.group_named": lambda jira: jira.people_writing.group_named("team"),
    "people_writing.create_group": lambda jira: jira.people_writing.create_group("team"),
    "people_writing.delete_group": lambda jira: jira.people_writing.delete_group("g-1", "g-2"),
    "people_writing.add_member": lambda jira: jira.people_writing.add_member("g-1", "712020:a"),
    "people_writing.remove_member": lambda jira: jira.people_writing.remove_member("g-1", "712020:a"),
    "writing.issue_types": lambda jira: jira.writing.issue_types("SUP"),
    "writing.create_screen": lambda jira: jira.writing.create_screen("SUP", "10002"),
    "writing.edit_screen": lambda jira: jira.writing.edit_screen("SUP-1"),
    "writing.create": lambda jira: jira.writing.create(FIELDS, properties=MARK),
    "writing.edit": lambda jira: jira.writing.edit(
        10_001, {"summary": "y", "duedate": None}, update={"labels": [{"add": "x"}]}, properties=MARK
    ),
    "writing.read": lambda jira: jira.writing.read("SUP-1", ["summary", "status"], list(MARK)),
    "writing.read_many": lambda jira: jira.writing.read_many([*range(150), "SUP-1"], ["summary"], list(MARK)),
    "writing.search": lambda jira: jira.writing.search("labels = x", ["labels"], list(MARK), most=200),
    "writing.newest_number": lambda jira: jira.writing.newest_number("SUP"),
    "writing.transitions": lambda jira: jira.writing.transitions(10_001),
    "writing.transition": lambda jira: jira.writing.transition(
        10_001,
        "31",
        fields={"resolution": {"name": "Done"}},
        update={"comment": [{"add": {"body": DOCUMENT}}]},
    ),
    "writing.comments": lambda jira: jira.writing.comments(10_001),
    "writing.comment": lambda jira: jira.writing.comment(
        10_001, DOCUMENT, visibility=Visibility("group", "g-1"), properties=MARK
    ),
    "writing.set_property": lambda jira: jira.writing.set_property(10_001, "airflow-provider-jira", {"mark": "c-1"}),
    "writing.permitted": lambda jira: jira.writing.permitted(["USER_PICKER"], project="SUP", issue=10_001),
}

ANSWERS: dict[str, Any] = {
    "/rest/api/3/myself": {"accountId": "a-1"},
    "/rest/api/3/field": [],
    "/rest/api/3/jql/parse": {"queries": [{"query": JQL}]},
    "/rest/api/3/search/approximate-count": {"count": 1},
    "/rest/api/3/issue/bulkfetch": {"issues": []},
    "/rest/api/3/permissions/project": {"projects": [{"id": 10000, "key": "SUP"}]},
    "/rest/api/3/serverInfo": {"serverTime": "2026-03-31T16:43:50.000+0000"},
    "/rest/api/3/user/bulk": {"values": [], "isLast": True, "total": 0},
    "/rest/api/3/mypermissions": {"permissions": {"USER_PICKER": {"havePermission": True}}},
    "/rest/api/3/project/SUP/role": {"Developers": "https://acme.atlassian.net/rest/api/3/project/10000/role/10100"},
    "/rest/api/3/project/SUP/role/10100": {"name": "Developers", "actors": []},
    "/rest/api/3/user": {"accountId": "a-1"},
    "/rest/api/3/group": {"groupId": "g-1", "name": "team"},
    "/rest/api/3/group/user": {},
    "/rest/api/3/issue": {"id": "10001", "key": "SUP-1"},
    "/rest/api/3/issue/10001": {"id": "10001", "key": "SUP-1"},
    "/rest/api/3/issue/SUP-1": {"id": "10001", "key": "SUP-1"},
    "/rest/api/3/issue/SUP-1/editmeta": {"fields": {}},
    "/rest/api/3/issue/10001/transitions": {"transitions": []},
    "/rest/api/3/issue/10001/properties/airflow-provider-jira": None,
    "/rest/api/3/issue/10001/comment": {"comments": [{"id": "1"}], "total": 1, "id": "1"},
    "/rest/api/3/comment/list": {"values": [{"id": "1"}], "isLast": True},
    "/rest/api/3/issue/createmeta/SUP/issuetypes": {"issueTypes": [{"id": "10002", "name": "Bug"}], "total": 1},
    "/rest/api/3/issue/createmeta/SUP/issuetypes/10002": {"fields": [{"fieldId": "summary"}], "total": 1},
}
# offset lists, of two pages each, so that the request for a later one is seen too
LISTS: dict[str, Any] = {
    "/rest/api/3/users/search": {"accountId": "a-1"},
    "/rest/api/3/group/member": {"accountId": "a-1"},
    "/rest/api/3/group/bulk": {"groupId": "g-1", "name": "team"},
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Atlassian's document."""
    if not SPECS:
        if os.environ.get("CI") == "true":
            pytest.fail("JIRA_CONNECTOR_SPECS is not set; in CI the contract tests are required")
        pytest.skip("JIRA_CONNECTOR_SPECS does not name the folder with the OpenAPI documents")
    text = (Path(SPECS) / "jira-cloud-openapi-v3.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def _answer(request: httpx.Request) -> httpx.Response:
    path = request.url.path
    if path == "/rest/api/3/search/jql":
        # two pages, so that the request for a later one is seen too
        first = "nextPageToken" not in json.loads(request.content)
        body: Any = {"issues": [], "nextPageToken": "t"} if first else {"issues": [], "isLast": True}
    elif path in LISTS:
        first = request.url.params["startAt"] == "0"
        values = [LISTS[path]] if first else []
        body = values if path.endswith("search") else {"values": [LISTS[path]], "isLast": not first}
    else:
        body = ANSWERS[path]
    return httpx.Response(200, json=body, headers={"X-AAccountId": "a-1"})


def _sent(call: Callable[[JiraClient], Any]) -> list[httpx.Request]:
    requests: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return _answer(request)

    async def story() -> None:
        settings = JiraSettings("https://acme.atlassian.net", "robot@acme.example", "token")
        async with JiraClient(settings, transport=httpx.MockTransport(note)) as jira:
            answer: Awaitable[Any] | AsyncIterator[Any] = call(jira)
            if isinstance(answer, AsyncIterator):
                async for _ in answer:
                    pass
            else:
                await answer

    asyncio.run(story())
    return requests


def problems(document: dict[str, Any], request: httpx.Request) -> list[str]:
    """Hold one request against the document."""
    operation, variables = _operation(document, request)
    if operation is None:
        return [f"no operation {request.method} {request.url.path}"]
    found = ["deprecated operation"] if operation.get("deprecated") else []
    in_path = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "path"}
    for name, value in variables.items():
        found += _violations(document, in_path[name]["schema"], _read(value, in_path[name]["schema"]))
    known = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"}
    for name in request.url.params:
        if name not in known:
            found.append(f"unknown parameter {name}")
            continue
        schema, values = known[name]["schema"], request.url.params.get_list(name)
        if schema["type"] == "array":
            found += _violations(document, schema, [_read(value, schema["items"]) for value in values])
        else:
            found += [f"repeated parameter {name}"] * (len(values) > 1)
            found += _violations(document, schema, _read(values[0], schema))
    found += [
        f"missing parameter {name}"
        for name, one in known.items()
        if one.get("required") and name not in request.url.params
    ]
    if "requestBody" not in operation:
        return [*found, "a body where none is wanted"] if request.content else found
    content = operation["requestBody"]["content"]
    if request.headers.get("content-type") not in content:
        return [*found, f"content type {request.headers.get('content-type')}"]
    return found + _violations(document, content["application/json"]["schema"], json.loads(request.content))


def _operation(document: dict[str, Any], request: httpx.Request) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Find the operation that a request is for, and what stands in its path's variables; a path without wins."""
    for template in sorted(document["paths"], key=lambda path: path.count("{")):
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
        if match := re.fullmatch(pattern, request.url.path):
            return document["paths"][template].get(request.method.lower()), match.groupdict()
    return None, {}


def _read(value: str, schema: dict[str, Any]) -> Any:
    """Read a value of the address as what the document says that it is, if it can be read so."""
    if schema["type"] == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if schema["type"] == "boolean" and value in {"true", "false"}:
        return value == "true"
    return value


def _violations(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    whole = {**schema, "components": document["components"]}
    return [error.message for error in OAS30WriteValidator(whole).iter_errors(value)]


def test_every_call_of_the_client_is_held_against_the_document() -> None:
    public = {
        f"{prefix}{name}"
        for prefix, kind in (
            ("", JiraClient),
            ("comments.", CommentReading),
            ("people.", People),
            ("people_writing.", PeopleWriting),
            ("writing.", Writing),
        )
        for name, value in inspect.getmembers(kind)
        if not name.startswith("_") and (inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value))
    }
    # what is listed page by page is what ``comments.ids`` asks
    assert public == {*CALLS, "comments.listed", "people.close"}


@pytest.mark.parametrize("name", CALLS)
def test_every_request_is_one_that_the_document_describes(document: dict[str, Any], name: str) -> None:
    requests = _sent(CALLS[name])
    assert requests
    assert {str(request.url): problems(document, request) for request in requests} == {
        str(request.url): [] for request in requests
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/rest/api/3/search/jql", {"jql": "a = b", "startAt": 0}),
        ("POST", "/rest/api/3/search/jql", {"jql": "a = b", "expand": ["names"]}),
        ("POST", "/rest/api/3/search/jql", {"jql": "a = b", "reconcileIssues": ["SUP-1"]}),
        ("POST", "/rest/api/3/search/jql", {"jql": "a = b", "nextPageToken": None}),
        ("POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": [10_000]}),
        ("POST", "/rest/api/3/issue/bulkfetch", {"fields": ["summary"]}),
        ("POST", "/rest/api/3/permissions/project", {}),
        ("POST", "/rest/api/3/jql/parse?validation=loose", {"queries": ["a = b"]}),
        ("POST", "/rest/api/3/jql/parse?strict=1", {"queries": ["a = b"]}),
        ("POST", "/rest/api/3/search", {"jql": "a = b"}),
        ("GET", "/rest/api/3/search/nothing", None),
        ("GET", "/rest/api/3/myself", {"a": 1}),
        ("GET", "/rest/api/3/user/bulk", None),
        ("GET", "/rest/api/3/users/search?query=x", None),
        ("GET", "/rest/api/3/users/search?maxResults=many", None),
        ("GET", "/rest/api/3/users/search?startAt=0&startAt=1", None),
        ("GET", "/rest/api/3/group/member?groupId=g&includeInactiveUsers=True", None),
        ("GET", "/rest/api/3/group/bulk?groupId=g&groupId=g", None),
        ("GET", "/rest/api/3/group?groupId=g", None),
        ("GET", "/rest/api/3/project/SUP/role/Developers", None),
        ("POST", "/rest/api/3/user", {"emailAddress": "a@b.example"}),
        ("POST", "/rest/api/3/group", {"groupname": "team"}),
        ("DELETE", "/rest/api/3/group/user?groupId=g", None),
        ("POST", "/rest/api/3/comment/list", {"ids": ["one"]}),
        ("POST", "/rest/api/3/issue", {"properties": {"airflow-provider-jira": 1}}),
        ("PUT", "/rest/api/3/issue/10001", {"properties": [{"name": "p", "value": 1}]}),
        ("POST", "/rest/api/3/issue/10001/comment", {"visibility": {"type": "users"}}),
        ("GET", "/rest/api/3/issue/10001/comment?orderBy=id", None),
        ("GET", "/rest/api/3/issue/createmeta/SUP/issuetypes?maxResults=500", None),
        ("GET", "/rest/api/3/issue/createmeta?projectKeys=SUP", None),
    ],
)
def test_the_mistakes_that_others_made_would_be_found(
    document: dict[str, Any], method: str, path: str, body: Any
) -> None:
    request = httpx.Request(method, f"https://acme.atlassian.net{path}", **({} if body is None else {"json": body}))
    assert problems(document, request)
