"""A change is made once: sent again where Jira cannot have acted on it, uncertain where it may have, and otherwise not
done, in words that do not quote what was sent."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import (
    JiraAuthError,
    JiraError,
    JiraGone,
    JiraPermissionError,
    JiraRateLimited,
    JiraRefused,
    JiraUncertain,
    JiraUnreachable,
)
from airflow_provider_jira.jira.retry import TRIES
from airflow_provider_jira.jira.settings import JiraSettings

from .conftest import Site

Ask = Callable[..., Any]
ISSUES = "/rest/api/3/issue"
DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "text", "text": "Anna Korhonen is ill"}]}
FIELDS = {
    "project": {"key": "SUP"},
    "summary": "Printer of Anna Korhonen burns",
    "description": DOCUMENT,
    "points": 40815,
}


def create(jira: JiraClient) -> Any:
    return jira.writing.create(FIELDS)


def refused(site: Site, ask: Ask, *answers: Any, question: Callable[[JiraClient], Any] = create) -> JiraError:
    site.answers(ISSUES, *answers)
    with pytest.raises(JiraError) as caught:
        ask(question)
    assert (caught.value.method, caught.value.path) == ("POST", ISSUES)
    return caught.value


LOST = [
    httpx.ReadTimeout("x"),
    httpx.WriteTimeout("x"),
    httpx.ReadError("x"),
    httpx.WriteError("x"),
    httpx.CloseError("x"),
    httpx.RemoteProtocolError("x"),
    httpx.LocalProtocolError("x"),
    httpx.DecodingError("x"),
]


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
def test_a_lost_answer_leaves_it_open_and_nothing_is_sent_again(site: Site, ask: Ask, error: Exception) -> None:
    told = refused(site, ask, error)
    assert isinstance(told, JiraUncertain)
    assert not told.retryable
    assert "Look in Jira whether it was done" in str(told)
    assert len(site.asked) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520])
def test_a_failing_jira_leaves_it_open_and_nothing_is_sent_again(site: Site, ask: Ask, status: int) -> None:
    told = refused(site, ask, site.raw(status, "<html>", Retry_After="1"))
    assert isinstance(told, JiraUncertain)
    assert told.status == status
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")],
    ids=lambda error: type(error).__name__,
)
def test_what_never_left_is_sent_again_and_then_not_done(site: Site, ask: Ask, error: Exception) -> None:
    made = site.ok({"id": "1", "key": "SUP-1"}, 201)
    site.answers(ISSUES, error, error, made)
    assert ask(create).key == "SUP-1"
    site.asked.clear()
    told = refused(site, ask, error)
    assert isinstance(told, JiraUnreachable)
    assert len(site.asked) == TRIES


def test_what_a_proxy_did_not_pass_on_is_not_done(site: Site, ask: Ask) -> None:
    assert isinstance(refused(site, ask, httpx.ProxyError("x")), JiraUnreachable)
    assert len(site.asked) == 1


def test_a_distrusted_certificate_is_not_done_and_not_tried_again(site: Site, ask: Ask) -> None:
    error = httpx.ConnectError("x")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert isinstance(refused(site, ask, error), JiraUnreachable)
    assert len(site.asked) == 1


def test_a_lost_answer_after_a_refused_connection_leaves_it_open(site: Site, ask: Ask) -> None:
    told = refused(site, ask, httpx.ConnectError("x"), site.raw(429), httpx.ReadError("x"), site.ok({}, 201))
    assert isinstance(told, JiraUncertain)
    assert len(site.asked) == 3


def test_too_many_requests_are_none_and_sent_again(site: Site, ask: Ask) -> None:
    site.answers(ISSUES, site.raw(429, None, Retry_After="5"), site.ok({"id": "1", "key": "SUP-1"}, 201))
    assert ask(create).key == "SUP-1"
    assert site.at[1] - site.at[0] >= 5
    site.asked.clear()
    told = refused(site, ask, site.raw(429, None, Retry_After="5", RateLimit_Reason="jira-burst-based"))
    assert isinstance(told, JiraRateLimited)
    assert told.retryable
    assert len(site.asked) == TRIES


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda site: site.raw(201, {"id": "1", "key": "SUP-1"}), "anonymous visitor"),
        (lambda site: site.ok({"id": "1"}, 201, X_Seraph_LoginReason="AUTHENTICATED_FAILED"), "AUTHENTICATED_FAILED"),
        (lambda site: site.raw(200, "<html>Please log in</html>"), "no Jira Cloud site"),
    ],
)
def test_a_success_that_cannot_be_believed_may_have_been_one(
    site: Site, ask: Ask, answer: Callable[[Site], Any], says: str
) -> None:
    told = refused(site, ask, answer(site))
    assert isinstance(told, JiraUncertain)
    assert says in told.message
    assert "Look in Jira" in told.message


def test_a_success_for_somebody_else_may_have_been_one(site: Site, ask: Ask) -> None:
    site.answers("/rest/api/3/myself", site.ok({"accountId": "5b10:ac-count"}))

    async def story(jira: JiraClient) -> Any:
        await jira.identify()
        return await jira.writing.create(FIELDS)

    told = refused(site, ask, site.ok({"id": "1", "key": "S-1"}, 201, X_AAccountId="other"), question=story)
    assert isinstance(told, JiraUncertain)
    assert "another account" in told.message


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (lambda site: site.raw(400, {"errorMessages": ["no"]}), JiraAuthError, "anonymous visitor"),
        (lambda site: site.raw(401), JiraAuthError, "does not accept the API token"),
        (lambda site: site.raw(403, None, X_Seraph_LoginReason="AUTHENTICATION_DENIED"), JiraAuthError, "CAPTCHA"),
        (lambda site: site.ok({}, 401), JiraPermissionError, "'Create issues'"),
        (lambda site: site.ok({}, 403), JiraPermissionError, "'Create issues'"),
        (lambda site: site.raw(404, {}), JiraUnreachable, "No Jira Cloud site"),
        (lambda site: site.raw(302, None, Location="https://elsewhere.example/"), JiraUnreachable, "elsewhere.example"),
        (lambda site: site.ok({}, 410), JiraGone, "newer version"),
        (lambda site: site.ok(None, 422), JiraRefused, "refuses the request."),
        (lambda site: site.ok({"errorMessages": ["Too large"]}, 413), JiraRefused, "Too large"),
    ],
)
def test_a_no_says_that_it_was_not_done_and_what_would_mend_it(
    site: Site, ask: Ask, answer: Callable[[Site], Any], kind: type[JiraError], says: str
) -> None:
    told = refused(site, ask, answer(site))
    assert type(told) is kind
    assert says in told.message
    assert not told.retryable
    assert len(site.asked) == 1


def test_a_scoped_token_is_told_the_scope_that_it_lacks(site: Site, ask: Ask) -> None:
    settings = JiraSettings("https://acme.atlassian.net", "a@b.example", "s3cret", auth="scoped", cloud_id="c-1")
    site.answers("/ex/jira/c-1/rest/api/3/issue", site.raw(401, {"code": 401, "message": "scope does not match"}))
    with pytest.raises(JiraAuthError, match="write:jira-work"):
        ask(create, settings)


def test_two_changes_at_once_can_be_made_one_after_the_other(site: Site, ask: Ask) -> None:
    told = refused(site, ask, site.ok({"errorMessages": ["conflict"]}, 409))
    assert isinstance(told, JiraRefused)
    assert told.retryable


def test_what_jira_says_about_each_field_is_kept(site: Site, ask: Ask) -> None:
    body = {"errorMessages": ["Two fields are wrong."], "errors": {"summary": "is required", "duedate": 7}}
    told = refused(site, ask, site.ok(body, 400))
    assert isinstance(told, JiraRefused)
    assert told.fields == {"summary": "is required"}
    assert told.messages == ("Two fields are wrong.", "summary: is required")
    assert "summary: is required" in str(told)


@pytest.mark.parametrize("body", ["[]", "<html>", {"errors": [], "errorMessages": {}}, {"errors": None}])
def test_a_no_in_another_form_is_a_no_without_words(site: Site, ask: Ask, body: Any) -> None:
    told = refused(site, ask, site.ok(body, 400))
    assert isinstance(told, JiraRefused)
    assert (told.messages, dict(told.fields)) == ((), {})


@pytest.mark.parametrize(
    "quoted",
    [
        "Printer of Anna Korhonen burns",
        "PRINTER OF ANNA KORHONEN BURNS",
        "of Anna Korhonen b",
        "Anna Korhonen",
        "40815",
    ],
)
@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_no_error_quotes_what_was_sent(site: Site, ask: Ask, quoted: str, status: int) -> None:
    body = {"errorMessages": [f"Not good: '{quoted}'."], "errors": {"summary": f"'{quoted}' is wrong"}}
    told = refused(site, ask, site.ok(body, status))
    assert isinstance(told, JiraRefused)
    assert quoted not in " ".join([str(told), *told.messages, *told.fields.values()])
    assert told.messages == ("Not good: '…'.", "summary: '…' is wrong")
    assert dict(told.fields) == {"summary": "'…' is wrong"}


def test_no_error_tells_the_token_or_the_login(site: Site, ask: Ask) -> None:
    told = refused(site, ask, site.ok({"errorMessages": ["robot@acme.example with s3cret-t0ken may not"]}, 400))
    assert isinstance(told, JiraRefused)
    assert told.messages == ("… with … may not",)
