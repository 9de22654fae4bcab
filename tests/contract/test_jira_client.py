"""What the Jira client sends is what Atlassian's OpenAPI document allows: each path, parameter and body.

The document is found through ``JIRA_CONNECTOR_SPECS``. Its request schemas are closed, so a misspelt key, a list where
a string is wanted, or a leftover of the old search is caught here.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from openapi_schema_validator import OAS30WriteValidator

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.settings import JiraSettings

pytestmark = pytest.mark.contract
SPECS = os.environ.get("JIRA_CONNECTOR_SPECS")
JQL = "project = SUP OR labels in (a, b) ORDER BY created DESC"

CALLS: dict[str, Callable[[JiraClient], Any]] = {
    "identify": lambda jira: jira.identify(),
    "fields": lambda jira: jira.fields(),
    "check_jql": lambda jira: jira.check_jql(JQL),
    "sweep": lambda jira: jira.sweep(JQL),
    "approximate_count": lambda jira: jira.approximate_count(JQL),
    "fetch": lambda jira: jira.fetch(range(10_000, 10_150), ["summary", "customfield_10010"]),
    "matching": lambda jira: jira.matching(JQL, range(10_000, 10_070)),
    "readable_projects": lambda jira: jira.readable_projects(),
}

ANSWERS: dict[str, Any] = {
    "/rest/api/3/myself": {"accountId": "a-1"},
    "/rest/api/3/field": [],
    "/rest/api/3/jql/parse": {"queries": [{"query": JQL}]},
    "/rest/api/3/search/approximate-count": {"count": 1},
    "/rest/api/3/issue/bulkfetch": {"issues": []},
    "/rest/api/3/permissions/project": {"projects": []},
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
    operation = document["paths"].get(request.url.path, {}).get(request.method.lower())
    if operation is None:
        return [f"no operation {request.method} {request.url.path}"]
    found = ["deprecated operation"] if operation.get("deprecated") else []
    known = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"}
    for name, value in request.url.params.multi_items():
        if name not in known:
            found.append(f"unknown parameter {name}")
        else:
            found += _violations(document, known[name]["schema"], value)
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


def _violations(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    whole = {**schema, "components": document["components"]}
    return [error.message for error in OAS30WriteValidator(whole).iter_errors(value)]


def test_every_call_of_the_client_is_held_against_the_document() -> None:
    public = {
        name
        for name, value in inspect.getmembers(JiraClient)
        if not name.startswith("_") and (inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value))
    }
    assert public == set(CALLS)


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
    ],
)
def test_the_mistakes_that_others_made_would_be_found(
    document: dict[str, Any], method: str, path: str, body: Any
) -> None:
    request = httpx.Request(method, f"https://acme.atlassian.net{path}", **({} if body is None else {"json": body}))
    assert problems(document, request)
