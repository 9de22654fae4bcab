"""Who gets in, who is taken for a visitor without being told, and by which address."""

from __future__ import annotations

import base64

import pytest

from airflow_provider_jira.sandbox.jira.catalog import CLOUD_ID, ROBOT_ID
from airflow_provider_jira.sandbox.jira.server import OPERATIONS

BAD = ("robot@acme.example", "expired")
NEEDS_LOGIN = {
    ("GET", "/myself"),
    ("GET", "/user/bulk"),
    ("GET", "/group/bulk"),
    ("GET", "/group/member"),
    ("POST", "/group"),
    ("DELETE", "/group"),
    ("POST", "/group/user"),
    ("DELETE", "/group/user"),
    ("GET", "/role"),
}
SAYS_SO = {
    ("GET", "/user"),
    ("GET", "/user/groups"),
    ("POST", "/user"),
    ("DELETE", "/user"),
    ("GET", "/project/{project}/role"),
    ("POST", "/project/{project}/role/{role}"),
}

SAYS_OTHERWISE = {
    ("POST", "/issue"): 400,
    ("GET", "/issue/createmeta/{project}/issuetypes"): 400,
    ("GET", "/issue/createmeta/{project}/issuetypes/{type}"): 400,
    ("DELETE", "/issue/{issue}/comment/{comment}"): 405,
}


@pytest.mark.parametrize("header", [None, "Basic !!", "Bearer x", "Basic " + base64.b64encode(b"\xff\xfe").decode()])
def test_a_login_that_cannot_be_read_is_a_wrong_one(jira, header):
    request = jira.http.build_request(
        "GET", "/rest/api/3/project/search", headers={"Authorization": header} if header else {}
    )
    answer = jira.http.send(request, auth=None)
    assert answer.status_code == 200
    assert answer.json()["values"] == []
    assert ("X-Seraph-LoginReason" in answer.headers) is (header is not None)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method} {o.path}")
def test_a_bad_token_is_a_silent_visitor_where_an_operation_needs_no_login(jira, operation):
    path = operation.path.replace("{issue}", str(jira.ids("project = SUP")[0]))
    path = path.replace("{project}", "SUP").replace("{role}", "10002").replace("{comment}", "10000")
    path = path.replace("{type}", "10004").replace("{key}", "a-key")
    bodies = {
        "/search/jql": {"jql": "project = SUP"},
        "/search/approximate-count": {"jql": "project = SUP"},
        "/jql/parse": {"queries": ["labels = x"]},
        "/issue/bulkfetch": {"issueIdsOrKeys": ["10001"]},
        "/permissions/project": {"permissions": ["BROWSE_PROJECTS"]},
        "/permissions/check": {},
        "/comment/list": {"ids": [10000]},
        "/issue": {"fields": {"project": {"key": "SUP"}, "issuetype": {"id": "10004"}, "summary": "x"}},
    }
    query = {"jql": "project = SUP", "permissions": "BROWSE_PROJECTS"} if operation.method == "GET" else {}
    body = bodies.get(operation.path) if operation.method == "POST" else None
    answer = jira.ask(operation.method, path, body, params=query, auth=BAD)
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert "X-AAccountId" not in answer.headers
    if (operation.method, operation.path) in NEEDS_LOGIN:
        assert answer.status_code == 401
        assert answer.headers["Content-Type"].startswith("text/plain")
    elif (operation.method, operation.path) in SAYS_SO:
        assert answer.status_code == 401
        assert answer.json()["errorMessages"]
    elif (operation.method, operation.path) in SAYS_OTHERWISE:
        assert answer.status_code == SAYS_OTHERWISE[operation.method, operation.path]
    else:
        assert answer.status_code in {200, 404, 410}
        assert ROBOT_ID not in answer.text
        assert "SUP-1" not in answer.text


def test_a_visitor_finds_nothing_or_is_refused_as_switched(jira):
    answer = jira.ask("POST", "/search/jql", {"jql": "project = SUP"}, auth=BAD)
    assert answer.json() == {"issues": [], "isLast": True}
    jira.turn(anonymous_search="refuse")
    answer = jira.ask("POST", "/search/jql", {"jql": "project = SUP"}, auth=BAD)
    assert answer.status_code == 400
    assert "cannot be viewed by anonymous users" in answer.json()["errorMessages"][0]


def test_a_visitor_has_no_permission_and_is_not_told_why(jira):
    answer = jira.ask("GET", "/mypermissions", params={"permissions": "BROWSE_PROJECTS,USER_PICKER"}, auth=BAD)
    assert answer.status_code == 200
    assert [one["havePermission"] for one in answer.json()["permissions"].values()] == [False, False]


def test_every_answer_to_the_account_names_it_percent_encoded(jira):
    for answer in (
        jira.ask("GET", "/myself"),
        jira.ask("GET", "/issue/1"),
        jira.ask("POST", "/search/jql", {"jql": "("}),
    ):
        assert answer.headers["X-AAccountId"] == ROBOT_ID.replace(":", "%3A")
        assert "X-Seraph-LoginReason" not in answer.headers
        assert answer.headers["Atl-Traceid"]


def test_the_gateway_takes_the_scoped_token_and_links_lead_through_it(jira, gateway):
    path, login = gateway
    assert jira.http.get("/_edge/tenant_info", auth=None).json() == {"cloudId": CLOUD_ID}
    answer = jira.http.get(f"{path}/myself", auth=login)
    assert answer.json()["accountId"] == ROBOT_ID
    assert answer.json()["self"].startswith(f"http://jira.example/ex/jira/{CLOUD_ID}/rest/api/3/user?")
    info = jira.http.get(f"{path}/serverInfo", auth=login).json()
    assert info["baseUrl"] == "http://jira.example"


def test_each_token_is_good_at_its_own_address_only(jira, gateway):
    path, scoped = gateway
    assert jira.ask("GET", "/project/search", auth=scoped).status_code == 401
    classic = jira.http.get(f"{path}/project/search")
    assert (classic.status_code, classic.json()["code"]) == (401, 401)
    assert jira.http.get(f"{path}/project/search", auth=None).status_code == 401
    other = path.replace(CLOUD_ID, "another-site")
    assert jira.http.get(f"{other}/myself", auth=scoped).status_code == 404


def test_a_scoped_token_does_only_what_its_scopes_say(jira, gateway):
    path, login = gateway
    jira.turn(scopes=["read:jira-user"])
    assert jira.http.get(f"{path}/myself", auth=login).status_code == 200
    answer = jira.http.get(f"{path}/field", auth=login)
    assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized; scope does not match")


def test_what_the_sandbox_does_not_have_is_said(jira):
    answer = jira.ask("GET", "/worklog/updated")
    assert answer.status_code == 404
    assert "/rest/api/3/worklog/updated" in answer.json()["errorMessages"][0]
    assert jira.ask("DELETE", "/myself").status_code == 405
