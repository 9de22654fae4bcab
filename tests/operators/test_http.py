"""The general operator: any endpoint with our connection, answers that are proved, errors without secrets.

The site is a small one that answers by a script, over a real socket, because the http provider sends with requests.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from airflow_provider_jira.jira.errors import JiraError, JiraRateLimited, JiraUnavailable, JiraUnreachable
from airflow_provider_jira.operators.http import JiraHttpOperator
from airflow_provider_jira.sandbox.process import serve_in_thread

# The http provider itself uses a name that Airflow has moved.
pytestmark = pytest.mark.filterwarnings("ignore:The `airflow.utils.operator_helpers.determine_kwargs`")

TOKEN, EMAIL, ACCOUNT = "open-sesame", "robot@acme.example", {"X-AAccountId": "5b10%3Aac-count"}
SECRET = "jane@acme.example"


class Site:
    """Answers what a test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, bytes, dict[str, str]]] = []
        self.answer: Callable[[Request], Response] = lambda _: JSONResponse({}, headers=ACCOUNT)
        self.url = ""
        methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)])

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        self.asked.append((request.method, request.url.path, request.url.query, body, dict(request.headers)))
        return self.answer(request)


@pytest.fixture(scope="module")
def served() -> Iterator[Site]:
    site = Site()
    with serve_in_thread(site.app) as server:
        site.url = server.url
        yield site


@pytest.fixture
def site(served: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    served.asked.clear()
    served.answer = lambda _: JSONResponse({"self": "there"}, headers=ACCOUNT)
    connect(monkeypatch, served.url)
    return served


def connect(monkeypatch: pytest.MonkeyPatch, url: str, **extra: str) -> None:
    fields = {"conn_type": "jira_cloud", "host": url, "login": EMAIL, "password": TOKEN, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps(fields))


def ask(endpoint: str = "issue/SUP-1", **arguments: Any) -> Any:
    operator = JiraHttpOperator(task_id="ask", jira_conn_id="jira_acme", endpoint=endpoint, **arguments)
    return operator.execute({})


def logged(capsys: pytest.CaptureFixture[str]) -> str:
    """What the client's side has logged; the site logs, too."""
    return "\n".join(line for line in capsys.readouterr().out.splitlines() if "uvicorn" not in line)


def test_an_endpoint_is_asked_with_the_connection_s_login(site):
    assert json.loads(ask()) == {"self": "there"}
    [(method, path, _, _, headers)] = site.asked
    assert (method, path) == ("GET", "/rest/api/3/issue/SUP-1")
    assert headers["authorization"] == "Basic " + base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
    assert headers["accept"] == "application/json"


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("issue/SUP-1/watchers", "/rest/api/3/issue/SUP-1/watchers"),
        ("/rest/agile/1.0/board", "/rest/agile/1.0/board"),
        ("/rest/servicedeskapi/info", "/rest/servicedeskapi/info"),
    ],
)
def test_an_endpoint_lies_below_the_api_or_below_the_site(site, endpoint, path):
    ask(endpoint)
    assert site.asked[0][1] == path


@pytest.mark.parametrize("endpoint", ["https://evil.example/x", "//evil.example/x", "http://evil.example"])
def test_an_endpoint_cannot_send_the_token_elsewhere(site, endpoint):
    with pytest.raises(AirflowFailException, match="only what comes after the site"):
        ask(endpoint)
    assert not site.asked


def test_a_scoped_token_goes_through_the_gateway(site, monkeypatch):
    connect(monkeypatch, "https://acme.atlassian.net", auth="scoped", cloud_id="abc-1", gateway=site.url)
    ask()
    assert site.asked[0][1] == "/ex/jira/abc-1/rest/api/3/issue/SUP-1"


def test_a_scoped_token_s_cloud_id_is_asked_for_once_and_without_the_token(site, monkeypatch):
    connect(monkeypatch, site.url, auth="scoped", gateway=site.url)
    site.answer = lambda request: JSONResponse({"cloudId": "xyz-2"}, headers=ACCOUNT)
    pages = iter([{"data": {"startAt": 1}}, None])
    ask(pagination_function=lambda _: next(pages))
    assert [path for _, path, *_ in site.asked] == [
        "/_edge/tenant_info",
        "/ex/jira/xyz-2/rest/api/3/issue/SUP-1",
        "/ex/jira/xyz-2/rest/api/3/issue/SUP-1",
    ]
    assert "authorization" not in site.asked[0][4]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_is_sent_is_json_unless_it_is_text(site, method):
    ask(method=method, data={"fields": {"summary": "Ä"}})
    ask(method=method, data='"5b10"', headers={"Content-Type": "application/json"})
    ask(method=method)
    first, second, third = site.asked
    assert json.loads(first[3]) == {"fields": {"summary": "Ä"}}
    assert first[4]["content-type"] == "application/json"
    assert second[3] == b'"5b10"'
    assert third[3] == b""


def test_what_a_get_is_given_is_its_query(site):
    ask("user/search", data={"query": "x y"})
    assert site.asked[0][2] == "query=x+y"


def test_filter_and_check_are_the_http_operator_s(site):
    assert ask(response_filter=lambda answer: answer.json()["self"]) == "there"
    with pytest.raises(Exception, match="Response check returned False"):
        ask(response_check=lambda answer: False)


@pytest.mark.parametrize(
    "headers", [{}, {**ACCOUNT, "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}], ids=["nobody", "failed"]
)
@pytest.mark.parametrize("options", [{}, {"extra_options": {"check_response": False}}], ids=["checked", "unchecked"])
def test_an_answer_as_to_an_anonymous_visitor_is_an_error_although_its_status_says_200(site, headers, options):
    site.answer = lambda _: JSONResponse({"issues": []}, headers=headers)
    with pytest.raises(AirflowFailException, match="API token"):
        ask(**options)


def test_pages_have_to_be_answered_to_one_account(site):
    accounts = iter(["one", "another"])
    site.answer = lambda _: JSONResponse({}, headers={"X-AAccountId": next(accounts)})
    with pytest.raises(AirflowFailException, match="another account"):
        ask(pagination_function=lambda _: {"data": {"startAt": 50}})


@pytest.mark.parametrize(
    ("status", "body", "parts"),
    [
        (400, {"errorMessages": ["no such field"]}, ["no such field", "HTTP 400"]),
        (401, {}, ["API token", "HTTP 401"]),
        (403, {}, ["does not let this account", "HTTP 403"]),
        (404, {"errorMessages": [f"no {SECRET}"]}, ["HTTP 404"]),
        (410, {}, ["removed this part"]),
    ],
)
def test_a_refusal_is_one_sentence_that_names_the_request_and_is_not_retried(site, status, body, parts, capsys):
    site.answer = lambda _: JSONResponse(body, status, headers=ACCOUNT)
    with pytest.raises(AirflowFailException) as refused:
        ask(f"user/search?query={SECRET}")
    assert all(part in str(refused.value) for part in [*parts, "GET /rest/api/3/user/search"])
    assert not any(text in logged(capsys) + str(refused.value) for text in (TOKEN, EMAIL, SECRET))


@pytest.mark.parametrize(("status", "kind"), [(429, JiraRateLimited), (503, JiraUnavailable), (500, JiraUnavailable)])
def test_what_passes_by_itself_is_left_to_airflow_s_retries(site, status, kind):
    site.answer = lambda _: Response(status_code=status)
    with pytest.raises(kind, match="at the moment"):
        ask()
    assert len(site.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_write_whose_outcome_is_not_known_is_not_tried_again(site, method):
    site.answer = lambda _: Response(status_code=502)
    with pytest.raises(AirflowFailException, match="before it said whether"):
        ask(method=method)
    with pytest.raises(JiraUnavailable):
        ask(method=method, repeatable=True)
    with pytest.raises(AirflowFailException, match="before it said whether"):
        ask(method="PUT", repeatable=False)


def test_what_was_sent_is_not_quoted_back(site, capsys):
    site.answer = lambda _: JSONResponse({"errorMessages": [f"{SECRET} is no address"]}, 400, headers=ACCOUNT)
    for given in ({"data": {"emailAddress": SECRET}}, {"data": SECRET}, {"endpoint": f"user?x={SECRET}"}):
        with pytest.raises(AirflowFailException, match="is no address") as refused:
            ask(**{"endpoint": "user", "method": "POST", **given})
        assert SECRET not in str(refused.value) + logged(capsys)


def test_a_write_that_jira_did_not_take_may_be_tried_again(site):
    site.answer = lambda _: Response(status_code=429)
    with pytest.raises(JiraRateLimited, match="Nothing was done"):
        ask(method="POST")


def test_a_post_that_was_never_sent_may_be_tried_again_and_tells_no_query(site, monkeypatch, capsys):
    connect(monkeypatch, "http://127.0.0.1:9")
    with pytest.raises(JiraUnreachable, match="refuses the connection") as lost:
        ask(f"user/search?query={SECRET}", method="POST")
    assert SECRET not in str(lost.value) + logged(capsys)
    assert lost.value.retryable


def test_a_post_whose_answer_is_lost_is_not_tried_again(site):
    def drop(request: Request) -> Response:
        async def broken() -> Any:
            yield b"{"
            raise ConnectionResetError

        from starlette.responses import StreamingResponse

        return StreamingResponse(broken(), headers={**ACCOUNT, "Content-Length": "10"})

    site.answer = drop
    with pytest.raises(AirflowFailException, match="after it was asked"):
        ask(method="POST")


def test_an_attachment_is_fetched_from_where_jira_sends_on_to_and_the_token_stays(site):
    with serve_in_thread(Starlette(routes=[Route("/file", lambda _: Response(b"bytes"))])) as media:
        elsewhere = media.url.replace("127.0.0.1", "localhost")
        site.answer = lambda _: RedirectResponse(f"{elsewhere}/file", 303, headers=ACCOUNT)
        assert ask("attachment/content/1") == "bytes"


def test_a_redirect_that_is_not_jira_s_own_says_that_the_address_is_wrong(site):
    with serve_in_thread(Starlette(routes=[Route("/login", lambda _: Response(b"Log in"))])) as portal:
        elsewhere = portal.url.replace("127.0.0.1", "localhost")
        site.answer = lambda _: RedirectResponse(f"{elsewhere}/login", 302)
        with pytest.raises(AirflowFailException, match="correct the host"):
            ask()


def test_it_cannot_be_deferred_and_says_what_can():
    with pytest.raises(ValueError, match="JiraJqlSensor"):
        JiraHttpOperator(task_id="ask", endpoint="issue/SUP-1", deferrable=True)


def test_a_missing_connection_fails_at_once(site, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_JIRA_ACME")
    with pytest.raises(AirflowFailException, match="no connection 'jira_acme'"):
        ask()


def test_every_error_it_hands_on_is_the_client_s_kind(site):
    site.answer = lambda _: Response(status_code=503)
    with pytest.raises(JiraError) as failed:
        ask()
    assert (failed.value.method, failed.value.path, failed.value.status) == ("GET", "/rest/api/3/issue/SUP-1", 503)
