"""The sandbox's Jira keeps to Atlassian's OpenAPI document, so that what works here has a chance there.

The document has its traps. Many of its answers are closed (``additionalProperties: false``) while real ones, and
Atlassian's own examples, carry more; so answers are held against it with that taken off, and what they carry more is
listed here. Its issues' ``fields`` are open, so it says nothing of what is in them. Its ``info.version`` differs from
day to day.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator

from airflow_provider_jira.sandbox.jira.catalog import GLOBAL_PERMISSIONS, GROUPS, ROBOT_ID
from airflow_provider_jira.sandbox.jira.people import people
from airflow_provider_jira.sandbox.jira.server import OPERATIONS, create_app
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches
from airflow_provider_jira.sandbox.process import serve_in_thread

pytestmark = pytest.mark.contract
SPECS = os.environ.get("JIRA_CONNECTOR_SPECS")
FILE = "jira-cloud-openapi-v3.json"
ISSUE = "SUP-1"
LOGIN = ("robot@acme.example", "sandbox-token")
EXTRAS = {
    "GET /field": {"untranslatedName"},
    "GET /serverInfo": {"defaultLocale"},
    "GET /issue/createmeta/{project}/issuetypes": {"untranslatedName"},
    "POST /issue/bulkfetch": {"expand", "names"},
    # Here the document is closed around alternatives that it lists itself: nothing at all would be allowed.
    "POST /jql/parse": {"clauses", "operator", "field", "operand", "predicates"},
}
PERSON, LEAVING = (person.account_id for person in people(7)[1:3])
GROUP, ROLE = GROUPS["sup-leads"], "/project/SUP/role/10100"
NEW = {"project": {"key": "SUP"}, "issuetype": {"name": "Bug"}}
DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}
LINK = {"globalId": "esm-1", "relationship": "made from", "object": {"url": "https://esm.example/1", "title": "1"}}
COMMENT = "10070"
"""The one that the fixture adds."""
REQUESTS: list[tuple[str, str, Any]] = [
    ("GET", "/myself", None),
    ("GET", "/serverInfo", None),
    ("GET", "/field", None),
    ("GET", "/project/search?maxResults=2&orderBy=key&status=live", None),
    ("GET", "/mypermissions?permissions=BROWSE_PROJECTS,ADMINISTER&projectKey=SUP", None),
    ("POST", "/permissions/project", {"permissions": ["BROWSE_PROJECTS"]}),
    (
        "POST",
        "/permissions/check",
        {
            "globalPermissions": ["ADMINISTER", "USER_PICKER"],
            "projectPermissions": [{"permissions": ["BROWSE_PROJECTS"], "projects": [10000], "issues": [10002]}],
        },
    ),
    ("GET", "/search/jql?jql=project=SUP&maxResults=2&fields=summary,parent&reconcileIssues=10002", None),
    ("POST", "/search/jql", {"jql": "project = SUP order by id", "maxResults": 2}),
    ("POST", "/search/jql", {"jql": "project = SUP", "fields": ["*all"], "expand": "names,schema"}),
    ("POST", "/search/jql", {"jql": "project = SUP", "fields": ["id"], "maxResults": 5000, "reconcileIssues": [10002]}),
    ("POST", "/search/approximate-count", {"jql": "project = SUP"}),
    (
        "POST",
        "/jql/parse?validation=strict",
        {
            "queries": [
                "project = SUP AND (status in (Open, Done) OR NOT labels is EMPTY) ORDER BY id",
                "project = NOPE",
                "project (",
            ]
        },
    ),
    (
        "POST",
        "/jql/parse?validation=warn",
        {"queries": ["project = NOPE", "status was Open", "created > startOfDay(-1)"]},
    ),
    ("POST", "/issue/bulkfetch", {"issueIdsOrKeys": [ISSUE, "sup-2", "1"], "fields": ["*all"], "expand": ["names"]}),
    ("GET", f"/issue/{ISSUE}?fields=*all", None),
    ("PUT", f"/issue/{ISSUE}?returnIssue=true", {"fields": {"summary": "new"}}),
    ("PUT", f"/issue/{ISSUE}", {"update": {"labels": [{"add": "new"}]}}),
    ("GET", "/issue/createmeta/SUP/issuetypes?startAt=1&maxResults=2", None),
    ("GET", "/issue/createmeta/SUP/issuetypes/10004?maxResults=200", None),
    ("GET", "/issue/createmeta/10001/issuetypes/10007", None),
    (
        "POST",
        "/issue",
        {
            "fields": {**NEW, "summary": "new", "description": DOCUMENT, "customfield_10010": {"value": "Network"}},
            "update": {"labels": [{"add": "esm-1"}]},
            "properties": [{"key": "k", "value": {"mark": "m"}}],
        },
    ),
    ("GET", f"/issue/{ISSUE}/editmeta", None),
    ("GET", "/issue/OPS-1/transitions?expand=transitions.fields", None),
    ("GET", f"/issue/{ISSUE}/transitions?transitionId=1", None),
    (
        "POST",
        "/issue/OPS-1/transitions",
        {
            "transition": {"id": "91"},
            "fields": {"resolution": {"name": "Done"}},
            "update": {"comment": [{"add": {"body": DOCUMENT}}]},
        },
    ),
    ("POST", "/issue", {"fields": {**NEW, "summary": "started"}, "transition": {"id": "11"}}),
    ("POST", "/issue", {"fields": {**NEW, "summary": "not started"}, "transition": {"id": "21"}}),
    ("PUT", f"/issue/{ISSUE}/properties/k", {"any": ["json"]}),
    ("PUT", f"/issue/{ISSUE}/properties/k", {"any": ["json"]}),
    ("GET", f"/issue/{ISSUE}/properties", None),
    ("GET", f"/issue/{ISSUE}/properties/k", None),
    ("GET", f"/issue/{ISSUE}?fields=summary&properties=k", None),
    ("POST", "/issue/bulkfetch", {"issueIdsOrKeys": [ISSUE], "fields": ["summary"], "properties": ["k"]}),
    ("POST", "/search/jql", {"jql": f"key = {ISSUE}", "properties": ["k"]}),
    ("DELETE", f"/issue/{ISSUE}/properties/k", None),
    (
        "POST",
        f"/issue/{ISSUE}/comment?expand=renderedBody",
        {
            "body": DOCUMENT,
            "visibility": {"type": "group", "identifier": GROUP},
            "properties": [{"key": "k", "value": {"mark": "m"}}],
        },
    ),
    ("POST", f"/issue/{ISSUE}/remotelink", LINK),
    ("POST", f"/issue/{ISSUE}/remotelink", LINK),
    ("GET", f"/issue/{ISSUE}/remotelink", None),
    ("GET", f"/issue/{ISSUE}/remotelink?globalId=esm-1", None),
    ("GET", f"/issue/{ISSUE}/comment?maxResults=2&orderBy=-created", None),
    ("GET", f"/issue/{ISSUE}/comment/{COMMENT}", None),
    ("PUT", f"/issue/{ISSUE}/comment/{COMMENT}?notifyUsers=true", {"body": DOCUMENT}),
    ("PUT", f"/comment/{COMMENT}/properties/k", 1),
    ("PUT", f"/comment/{COMMENT}/properties/k", 2),
    ("GET", f"/comment/{COMMENT}/properties", None),
    ("GET", f"/comment/{COMMENT}/properties/k", None),
    ("POST", "/comment/list?expand=properties,renderedBody", {"ids": [10000, int(COMMENT)]}),
    ("DELETE", f"/comment/{COMMENT}/properties/k", None),
    ("POST", "/comment/list", {"ids": [10000, 10001]}),
    ("GET", "/users/search?startAt=0&maxResults=1000", None),
    ("GET", "/users?maxResults=3", None),
    ("GET", f"/user/bulk?accountId={PERSON}&accountId=nobody&maxResults=200", None),
    ("GET", f"/user?accountId={PERSON}&expand=groups,applicationRoles", None),
    ("GET", f"/user/groups?accountId={PERSON}", None),
    ("POST", "/user", {"emailAddress": "new@acme.example", "products": ["jira-software"]}),
    ("GET", "/group/bulk?maxResults=5", None),
    ("GET", f"/group/bulk?groupId={GROUP}&groupId=nothing&groupName=sup-agents", None),
    ("GET", f"/group/member?groupId={GROUP}&includeInactiveUsers=true&maxResults=2&startAt=1", None),
    ("GET", "/group/member?groupname=sup-agents", None),
    ("POST", "/group", {"name": "a new one"}),
    ("DELETE", f"/group/user?groupId={GROUP}&accountId={PERSON}", None),
    ("POST", f"/group/user?groupId={GROUP}", {"accountId": PERSON}),
    ("DELETE", f"/group?groupname=a%20new%20one&swapGroupId={GROUP}", None),
    ("GET", "/role", None),
    ("GET", "/project/SUP/role", None),
    ("GET", f"{ROLE}?excludeInactiveUsers=true", None),
    ("POST", ROLE, {"user": [PERSON], "groupId": [GROUP]}),
    ("DELETE", f"{ROLE}?groupId={GROUP}", None),
    ("DELETE", f"/user?accountId={LEAVING}", None),
]
REFUSED: list[tuple[str, str, Any, int]] = [
    ("POST", "/search/jql", {"jql": "project = NOPE"}, 400),
    ("POST", "/search/jql", {"jql": "order by id"}, 400),
    ("POST", "/search/approximate-count", {"jql": "("}, 400),
    ("POST", "/jql/parse", {"queries": []}, 400),
    ("POST", "/issue/bulkfetch", {"issueIdsOrKeys": []}, 400),
    ("POST", "/permissions/project", {"permissions": ["FLY"]}, 400),
    ("POST", "/permissions/check", {"globalPermissions": ["FLY"]}, 400),
    ("POST", "/permissions/check", {"accountId": "somebody"}, 403),
    ("GET", "/mypermissions?permissions=", None, 400),
    ("GET", "/mypermissions?permissions=EDIT_ISSUES&projectKey=NOPE", None, 404),
    ("GET", "/issue/1", None, 404),
    ("PUT", "/issue/1", {"fields": {}}, 404),
    ("PUT", f"/issue/{ISSUE}", {"fields": {"description": "text"}}, 400),
    ("POST", "/issue", {"fields": {}}, 400),
    ("POST", "/issue", {"fields": {"project": {"key": "SUP"}}}, 400),
    ("POST", "/issue", {"fields": NEW}, 400),
    ("POST", "/issue", {"fields": {**NEW, "summary": "x", "description": "text", "nothing": 1}}, 400),
    ("POST", "/issue", {"fields": {**NEW, "summary": "x"}, "properties": [{"key": "k" * 256, "value": 1}]}, 400),
    ("GET", "/issue/createmeta/NOPE/issuetypes", None, 400),
    ("GET", "/issue/createmeta/SUP/issuetypes/1", None, 400),
    ("GET", "/issue/1/editmeta", None, 404),
    ("GET", "/issue/1/transitions", None, 404),
    ("POST", "/issue/1/transitions", {"transition": {"id": "11"}}, 404),
    ("POST", f"/issue/{ISSUE}/transitions", {}, 400),
    ("POST", f"/issue/{ISSUE}/transitions", {"transition": {"id": "1"}}, 400),
    ("POST", "/issue/OPS-1/transitions", {"transition": {"id": "91"}}, 400),
    ("GET", "/issue/1/properties", None, 404),
    ("GET", "/issue/1/properties/k", None, 404),
    ("GET", f"/issue/{ISSUE}/properties/nothing", None, 404),
    ("PUT", "/issue/1/properties/k", {}, 404),
    ("PUT", f"/issue/{ISSUE}/properties/{'k' * 256}", {}, 400),
    ("DELETE", f"/issue/{ISSUE}/properties/nothing", None, 404),
    ("POST", "/issue/1/comment", {"body": DOCUMENT}, 404),
    ("POST", f"/issue/{ISSUE}/comment", {"body": "text"}, 400),
    ("GET", f"/issue/{ISSUE}/comment/1", None, 404),
    ("PUT", f"/issue/{ISSUE}/comment/1", {"body": DOCUMENT}, 404),
    ("PUT", f"/issue/{ISSUE}/comment/{COMMENT}", {"body": "text"}, 400),
    ("DELETE", f"/issue/{ISSUE}/comment/1", None, 404),
    ("GET", f"/issue/{ISSUE}/remotelink?globalId=nothing", None, 404),
    ("POST", "/issue/1/remotelink", LINK, 404),
    ("POST", f"/issue/{ISSUE}/remotelink", {"object": {"title": "x", "url": ""}}, 400),
    ("GET", "/comment/1/properties", None, 404),
    ("GET", "/comment/1/properties/k", None, 404),
    ("PUT", "/comment/1/properties/k", {}, 404),
    ("DELETE", "/comment/1/properties/k", None, 404),
    ("GET", "/issue/1/comment", None, 404),
    ("GET", f"/issue/{ISSUE}/comment?orderBy=id", None, 400),
    ("POST", "/comment/list", {"ids": []}, 400),
    ("GET", "/user/bulk", None, 400),
    ("GET", "/user?accountId=nobody", None, 404),
    ("GET", "/user/groups?accountId=nobody", None, 404),
    ("POST", "/user", {"emailAddress": "new@acme.example"}, 400),
    ("DELETE", "/user?accountId=nobody", None, 404),
    ("DELETE", f"/user?accountId={ROBOT_ID}", None, 400),
    ("GET", "/group/bulk?accessType=admin", None, 400),
    ("GET", "/group/member", None, 400),
    ("GET", "/group/member?groupId=nothing", None, 404),
    ("POST", "/group", {"name": "SUP-LEADS"}, 400),
    ("DELETE", "/group", None, 400),
    ("DELETE", "/group?groupId=nothing", None, 404),
    ("POST", f"/group/user?groupId={GROUP}", {}, 400),
    ("POST", f"/group/user?groupId={GROUP}", {"accountId": "nobody"}, 404),
    ("DELETE", f"/group/user?groupId={GROUP}&accountId=nobody", None, 404),
    ("DELETE", f"/group/user?groupId={GROUP}", None, 400),
    ("GET", "/project/NOPE/role", None, 404),
    ("GET", "/project/SUP/role/1", None, 404),
    ("POST", ROLE, {}, 400),
    ("POST", ROLE, {"user": ["nobody"]}, 404),
    ("DELETE", ROLE, None, 400),
    ("DELETE", f"{ROLE}?user=nobody", None, 404),
]
FORBIDDEN: list[tuple[str, str, Any, int]] = [
    ("GET", "/users/search", None, 403),
    ("GET", "/users", None, 403),
    ("GET", f"/user?accountId={PERSON}", None, 403),
    ("GET", f"/user/groups?accountId={PERSON}", None, 403),
    ("POST", "/user", {"emailAddress": "new@acme.example", "products": []}, 403),
    ("DELETE", f"/user?accountId={PERSON}", None, 403),
    ("GET", "/group/bulk", None, 403),
    ("GET", f"/group/member?groupId={GROUP}", None, 403),
    ("POST", "/group", {"name": "a new one"}, 403),
    ("DELETE", f"/group?groupId={GROUP}", None, 403),
    ("POST", f"/group/user?groupId={GROUP}", {"accountId": PERSON}, 403),
    ("DELETE", f"/group/user?groupId={GROUP}&accountId={PERSON}", None, 403),
    ("GET", "/role", None, 403),
    ("GET", "/project/SUP/role", None, 401),
    ("GET", ROLE, None, 404),
    ("POST", ROLE, {"user": [PERSON]}, 401),
    ("DELETE", f"{ROLE}?user={PERSON}", None, 404),
]
"""What an account without any permission may not do."""


class Spec:
    """The operations that the sandbox has, and the schemas that these reach."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.operations = {}
        paths = {bare(path): described for path, described in document["paths"].items()}
        for operation in OPERATIONS:
            path = paths[bare(f"/rest/api/3{operation.path}")]
            self.operations[operation.method, operation.path] = path[operation.method.lower()]
        self.schemas: dict[str, Any] = {}
        self._reach(list(self.operations.values()), document["components"]["schemas"])

    def _reach(self, node: Any, schemas: dict[str, Any]) -> None:
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in self.schemas:
                self.schemas[name] = schemas[name]
                self._reach(schemas[name], schemas)
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            self._reach(child, schemas)

    def errors(self, schema: Any, value: Any, *, opened: bool) -> list[Any]:
        root = {"schema": schema, "components": {"schemas": self.schemas}}
        if opened:
            root = copy.deepcopy(root)
            open_up(root)
        # Draft 4 is what OpenAPI 3.0 is built on.
        return list(Draft4Validator({**root, "allOf": [{"$ref": "#/schema"}]}).iter_errors(value))

    def of(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        """Return an operation's name in ``EXTRAS`` and what the document says of it."""
        path = path.partition("?")[0]
        known = [known for _, known in self.operations if re.fullmatch(re.sub(r"{\w+}", "[^/]+", known), path)]
        # What is spelt out goes before what stands for anything: /issue/bulkfetch is no issue.
        found = min((one for one in known if (method, one) in self.operations), key=lambda one: one.count("{"))
        return f"{method} {found}", self.operations[method, found]


def bare(path: str) -> str:
    """Take the names of a path's parameters away."""
    return re.sub(r"{\w+}", "{}", path)


def open_up(node: Any) -> None:
    if isinstance(node, dict) and node.get("additionalProperties") is False:
        del node["additionalProperties"]
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        open_up(child)


@pytest.fixture(scope="module", name="spec")
def _spec() -> Spec:
    if not SPECS and os.environ.get("CI") == "true":
        pytest.fail("JIRA_CONNECTOR_SPECS is not set: CI must check against the vendor's OpenAPI document")
    if not SPECS:
        pytest.skip(f"JIRA_CONNECTOR_SPECS does not name a folder with {FILE}")
    return Spec(json.loads(Path(SPECS, FILE).read_text()))


@pytest.fixture(scope="module", name="jira")
def _jira() -> Iterator[httpx.Client]:
    # All requests are sent twice within a second: more than one issue takes.
    switches = JiraSwitches(global_permissions=GLOBAL_PERMISSIONS, denied_permissions=(), issue_write_limits=False)
    app = create_app(60, switches=switches)
    with serve_in_thread(app) as served:
        base = f"{served.url}/rest/api/3"
        with httpx.Client(base_url=base, auth=LOGIN, trust_env=False) as client:
            id_ = client.get(f"/issue/{ISSUE}").json()["id"]
            comment = client.post(f"{served.url}/_sandbox/world/comments", json={"id": id_, "text": "a comment"})
            assert comment.json()["id"] == COMMENT
            client.post(f"{served.url}/_sandbox/world/members", json={"group": GROUP, "join": [PERSON, ROBOT_ID]})
            yield client
    app.state.site.store.close()


@pytest.fixture(scope="module", name="bare_jira")
def _bare_jira() -> Iterator[httpx.Client]:
    """A site where the account may do nothing."""
    app = create_app(6, switches=JiraSwitches(global_permissions=()))
    with (
        serve_in_thread(app) as served,
        httpx.Client(base_url=f"{served.url}/rest/api/3", auth=LOGIN, trust_env=False) as client,
    ):
        yield client
    app.state.site.store.close()


def named(request: tuple[Any, ...]) -> str:
    return f"{request[0]} {request[1]}"


@pytest.mark.parametrize("request_", REQUESTS, ids=named)
def test_an_answer_fits_the_document_but_for_extras_that_are_known(spec, jira, request_):
    method, path, body = request_
    name, operation = spec.of(method, path)
    answer = jira.request(method, path, json=body)
    assert answer.status_code in {200, 201, 204}, answer.text
    assert str(answer.status_code) in operation["responses"]
    schema = schema_of(operation, answer)
    if schema is None:
        assert answer.content == b""
        return
    assert [error.message for error in spec.errors(schema, answer.json(), opened=True)] == []
    strict = spec.errors(schema, answer.json(), opened=False)
    extras = {name for error in strict for name in extra_names(error)}
    assert extras <= EXTRAS.get(name, set())


def schema_of(operation: dict[str, Any], answer: httpx.Response) -> Any:
    """Return the schema of an answer; ``None`` for one without a body, of which the document says nothing true."""
    content = operation["responses"][str(answer.status_code)].get("content")
    if answer.status_code == 204 or not content:
        return None
    schema = content["application/json"].get("schema")
    if not schema and not answer.content:
        return None
    # The one of an edited issue is not written down.
    return schema or {"$ref": "#/components/schemas/IssueBean"}


def extra_names(error: Any) -> Iterator[str]:
    if error.validator == "additionalProperties":
        yield from set(error.instance) - set(error.schema.get("properties", {}))
    for inner in error.context:
        yield from extra_names(inner)


@pytest.mark.parametrize("request_", REQUESTS, ids=named)
def test_what_the_sandbox_takes_the_document_takes_too(spec, request_):
    method, path, body = request_
    _, operation = spec.of(method, path)
    parameters = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"}
    assert set(httpx.URL(path).params) <= parameters
    if body is not None:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert [error.message for error in spec.errors(schema, body, opened=False)] == []


@pytest.mark.parametrize(
    ("path", "good", "more"),
    [
        ("/search/jql", {"jql": "project = SUP"}, {"startAt": 0}),
        ("/search/jql", {"jql": "project = SUP"}, {"expand": ["names"]}),
        ("/search/jql", {"jql": "project = SUP"}, {"reconcileIssues": ["SUP-1"]}),
        ("/search/approximate-count", {"jql": "project = SUP"}, {"maxResults": 1}),
        ("/jql/parse", {"queries": ["project = SUP"]}, {"validation": "strict"}),
        ("/issue/bulkfetch", {"issueIdsOrKeys": ["1"]}, {"expand": "names"}),
        ("/issue/bulkfetch", {"issueIdsOrKeys": ["1"]}, {"issueIdsOrKeys": [1]}),
        ("/permissions/project", {"permissions": ["BROWSE_PROJECTS"]}, {"projects": [1]}),
        ("/permissions/check", {}, {"projects": [1]}),
        ("/comment/list", {"ids": [1]}, {"ids": ["1"]}),
    ],
)
def test_what_the_document_does_not_take_the_sandbox_refuses(spec, jira, path, good, more):
    schema = spec.operations["POST", path]["requestBody"]["content"]["application/json"]["schema"]
    assert spec.errors(schema, good, opened=False) == []
    assert spec.errors(schema, {**good, **more}, opened=False)
    assert jira.post(path, json=good).status_code == 200
    assert jira.post(path, json={**good, **more}).status_code == 400


@pytest.mark.parametrize("request_", REFUSED, ids=named)
def test_a_refusal_is_one_that_the_document_knows(spec, jira, request_):
    method, path, body, status = request_
    _, operation = spec.of(method, path)
    answer = jira.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    response = operation["responses"][str(status)]
    schema = (
        response.get("content", {})
        .get("application/json", {})
        .get("schema", {"$ref": "#/components/schemas/ErrorCollection"})
    )
    assert [error.message for error in spec.errors(schema, answer.json(), opened=False)] == []
    assert answer.json()["errorMessages"] or answer.json()["errors"]


@pytest.mark.parametrize("request_", FORBIDDEN, ids=named)
def test_what_is_forbidden_is_refused_in_a_way_that_the_document_knows(spec, bare_jira, request_):
    method, path, body, status = request_
    _, operation = spec.of(method, path)
    assert str(status) in operation["responses"]
    answer = bare_jira.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    errors = spec.errors({"$ref": "#/components/schemas/ErrorCollection"}, answer.json(), opened=False)
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method} {o.path}")
def test_login_and_scopes_are_needed_where_the_document_says(spec, operation):
    security = spec.operations[operation.method, operation.path]["security"]
    assert operation.anonymous is ({} in security)
    scopes = next(one["OAuth2"] for one in security if "OAuth2" in one)
    assert scopes == ([operation.scope] if operation.scope else [])


def test_the_list_of_extras_holds_nothing_that_is_not_there(spec, jira):
    seen: dict[str, set[str]] = {}
    for method, path, body in REQUESTS:
        name, operation = spec.of(method, path)
        answer = jira.request(method, path, json=body)
        schema = schema_of(operation, answer)
        if schema is not None:
            for error in spec.errors(schema, answer.json(), opened=False):
                seen.setdefault(name, set()).update(extra_names(error))
    assert {name: extras for name, extras in seen.items() if extras} == EXTRAS
