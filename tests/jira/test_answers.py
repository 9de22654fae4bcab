"""An answer is believed only if it proves to be for the connection's account; else it is one typed error."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest

from airflow_provider_jira.jira.client import COUNT, FIELD, MYSELF, PARSE, SEARCH
from airflow_provider_jira.jira.errors import (
    JiraAuthError,
    JiraError,
    JiraGone,
    JiraPermissionError,
    JiraProtocolError,
    JiraRateLimited,
    JiraRefused,
    JiraUnavailable,
    JiraUnreachable,
    JqlRefused,
)
from airflow_provider_jira.jira.settings import JiraSettings

Ask = Callable[..., Any]
EMPTY = {"issues": [], "isLast": True}
ME = {"accountId": "5b10:ac-count", "timeZone": "Europe/Helsinki", "displayName": "Robot", "emailAddress": "x@y"}
NAMED = {"X_AAccountId": "5b10%3Aac-count"}


def _count(jira: Any) -> Any:
    return jira.approximate_count("project = SUP")


def _sweep(jira: Any) -> Any:
    return jira.sweep("project = SUP ORDER BY id ASC")


# The anonymous answer: status 200, nothing in it, and only the headers tell.


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"X_Seraph_LoginReason": "AUTHENTICATED_FAILED"}, "AUTHENTICATED_FAILED"),
        ({"X_Seraph_LoginReason": "AUTHENTICATED_FAILED", **NAMED}, "AUTHENTICATED_FAILED"),
        ({"X_Seraph_LoginReason": "authenticated_failed"}, "AUTHENTICATED_FAILED"),
        ({"X_Seraph_LoginReason": "OK, AUTHENTICATED_FAILED", **NAMED}, "AUTHENTICATED_FAILED"),
        ({"X_Seraph_LoginReason": "AUTHENTICATION_DENIED"}, "CAPTCHA"),
        ({"X_Authentication_Denied_Reason": "CAPTCHA_CHALLENGE; login-url=https://x", **NAMED}, "CAPTCHA"),
        ({"X_Seraph_LoginReason": "AUTHORISATION_FAILED", **NAMED}, "AUTHORISATION_FAILED"),
        ({"X_Seraph_LoginReason": "OUT"}, "OUT"),
        ({"X_Seraph_LoginReason": "%$", **NAMED}, "unknown"),
        ({}, "anonymous visitor"),
        ({"X_AAccountId": ""}, "anonymous visitor"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_an_empty_answer_to_nobody_is_never_taken_for_no_issues(
    site: Any, ask: Ask, status: int, headers: dict[str, str], says: str
) -> None:
    site.answers(SEARCH, site.raw(status, EMPTY, **headers))
    with pytest.raises(JiraAuthError, match=says) as raised:
        ask(_sweep)
    assert (raised.value.method, raised.value.path, raised.value.status) == ("POST", SEARCH, status)
    assert len(site.asked) == 1


@pytest.mark.parametrize("headers", [NAMED, {"X_Seraph_LoginReason": "OK", **NAMED}])
def test_an_answer_to_the_account_is_believed(site: Any, ask: Ask, headers: dict[str, str]) -> None:
    site.answers(SEARCH, site.raw(200, EMPTY, **headers))
    assert [page.ids for page in ask(_sweep)] == [()]


def test_every_answer_has_to_be_for_the_account_that_was_identified(site: Any, run: Callable[..., Any]) -> None:
    site.answers(MYSELF, site.ok(ME)).answers(COUNT, site.ok({"count": 1}), site.ok({"count": 1}, X_AAccountId="zz-9"))

    async def story() -> None:
        async with site.client() as jira:
            assert (await jira.identify()).account_id == "5b10:ac-count"
            assert await _count(jira) == 1
            with pytest.raises(JiraAuthError, match="another account") as raised:
                await _count(jira)
            assert "zz-9" not in str(raised.value)

    run(story())


def test_an_account_that_differs_between_header_and_profile_is_not_believed(site: Any, ask: Ask) -> None:
    site.answers(MYSELF, site.ok({**ME, "accountId": "somebody-else"}))
    with pytest.raises(JiraAuthError, match="another account"):
        ask(lambda jira: jira.identify())


def test_the_account_is_compared_unencoded(site: Any, ask: Ask) -> None:
    site.answers(MYSELF, site.ok({**ME, "accountId": "5b10:ac-count"}, X_AAccountId="5b10:ac-count"))
    identity = ask(lambda jira: jira.identify())
    assert (identity.account_id, identity.time_zone) == ("5b10:ac-count", "Europe/Helsinki")


# A token that Jira does not take, and what mends it.


@pytest.mark.parametrize("body", [None, "<html>Unauthorized</html>", {"code": 401, "message": "scope does not match"}])
def test_401_names_the_settings_to_mend(site: Any, ask: Ask, body: Any) -> None:
    site.answers(MYSELF, site.raw(401, body))
    with pytest.raises(JiraAuthError) as raised:
        ask(lambda jira: jira.identify())
    text = str(raised.value)
    assert "auth: scoped" in text
    assert "password of the Jira connection" in text
    assert raised.value.retryable is False


def test_401_with_the_complaint_of_jira_says_the_same_in_its_words(site: Any, ask: Ask) -> None:
    site.answers(MYSELF, site.raw(401, None, X_Seraph_LoginReason="AUTHENTICATED_FAILED"))
    with pytest.raises(JiraAuthError, match=r"AUTHENTICATED_FAILED.*auth: scoped"):
        ask(lambda jira: jira.identify())


def test_401_at_the_gateway_speaks_of_scopes(site: Any, ask: Ask) -> None:
    settings = JiraSettings("https://acme.atlassian.net", "a@b.c", "tok", auth="scoped", cloud_id="c-1")
    site.answers(f"/ex/jira/c-1{MYSELF}", site.raw(401, {"code": 401, "message": "Unauthorized"}))
    with pytest.raises(JiraAuthError, match=r"read:jira-work.*auth: basic") as raised:
        ask(lambda jira: jira.identify(), settings)
    assert raised.value.path == MYSELF


def test_a_token_noted_as_expired_is_called_expired(site: Any, ask: Ask) -> None:
    settings = JiraSettings("https://acme.atlassian.net", "a@b.c", "tok", token_expires_on=date(2026, 3, 1))
    site.answers(MYSELF, site.raw(401))
    with pytest.raises(JiraAuthError, match="expired on 2026-03-01"):
        ask(lambda jira: jira.identify(), settings)


# The other answers.


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (403, {"errorMessages": ["secret plans"]}, JiraPermissionError, "does not let this account"),
        (404, {"errorMessages": ["secret plans"]}, JiraRefused, "refuses the request"),
        (410, {"errorMessages": ["use /rest/api/3/search/jql"]}, JiraGone, "newer version of this provider"),
        (413, None, JiraRefused, "refuses the request"),
        (408, None, JiraUnavailable, "cannot answer"),
        (500, "<html>oops</html>", JiraUnavailable, "cannot answer"),
        (503, None, JiraUnavailable, "cannot answer"),
        (400, {"errorMessages": ["Bad thing"], "errors": {"jql": "worse"}}, JiraRefused, "Bad thing; jql: worse"),
        (400, [], JiraRefused, "refuses the request"),
        (400, "no json", JiraRefused, "refuses the request"),
        (400, {"message": "Nope", "errorMessages": [1, ""]}, JiraRefused, "Nope"),
    ],
)
def test_a_status_becomes_one_error(
    site: Any, ask: Ask, status: int, body: Any, kind: type[JiraError], says: str
) -> None:
    site.answers(FIELD, site.ok(body, status) if not isinstance(body, str) else site.raw(status, body, **NAMED))
    with pytest.raises(JiraError, match=says) as raised:
        ask(lambda jira: jira.fields())
    assert type(raised.value) is kind
    assert raised.value.status == status
    assert "secret plans" not in str(raised.value)


def test_an_error_carries_the_trace_id(site: Any, ask: Ask) -> None:
    site.answers(FIELD, site.ok(None, 403, Atl_Traceid="7a1b"))
    with pytest.raises(JiraPermissionError, match="GET /rest/api/3/field, HTTP 403, trace 7a1b") as raised:
        ask(lambda jira: jira.fields())
    assert raised.value.trace == "7a1b"


def test_an_outage_needs_no_proof_of_the_account(site: Any, ask: Ask) -> None:
    site.answers(FIELD, site.raw(503))
    with pytest.raises(JiraUnavailable):
        ask(lambda jira: jira.fields())
    assert len(site.asked) == 4


@pytest.mark.parametrize(("reason", "told"), [("jira-burst-based", "jira-burst-based"), ("", "no reason given")])
def test_a_limit_that_lasts_is_called_by_its_reason(site: Any, ask: Ask, reason: str, told: str) -> None:
    site.answers(FIELD, site.raw(429, None, Retry_After="60", RateLimit_Reason=reason))
    with pytest.raises(JiraRateLimited, match=told) as raised:
        ask(lambda jira: jira.fields())
    assert raised.value.retryable is True
    assert site.at[-1] - site.at[0] == pytest.approx(3 * 60.5, abs=0.1)


@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>Welcome to nginx</html>", {}),
        (404, "<html>Your site is unavailable</html>", {}),
        (404, {"message": "no such tenant"}, {}),
        (405, "", {}),
        (302, None, {"Location": "https://login.example.com/sso?token=1"}),
        (301, None, {"Location": "https://new.atlassian.net/rest/api/3/myself"}),
    ],
)
def test_a_host_that_is_no_jira_is_called_the_wrong_host(site: Any, ask: Ask, answer: Any) -> None:
    status, body, headers = answer
    site.answers(MYSELF, site.raw(status, body, **headers))
    with pytest.raises(JiraUnreachable, match=r"correct the host of the Jira connection") as raised:
        ask(lambda jira: jira.identify())
    assert raised.value.retryable is False
    assert "token=" not in str(raised.value)
    assert len(site.asked) == 1, "the token must not follow a redirect"


def test_a_redirect_to_nowhere_is_one_too(site: Any, ask: Ask) -> None:
    site.answers(MYSELF, site.raw(304, None, Location="x"))
    with pytest.raises(JiraError):
        ask(lambda jira: jira.identify())


def test_a_wrong_cloud_id_is_called_so(site: Any, ask: Ask) -> None:
    settings = JiraSettings("https://acme.atlassian.net", "a@b.c", "tok", auth="scoped", cloud_id="c-1")
    site.answers(f"/ex/jira/c-1{MYSELF}", site.raw(404, {"code": 404, "message": "Not found"}))
    with pytest.raises(JiraUnreachable, match="cloud_id in the extra"):
        ask(lambda jira: jira.identify(), settings)


def _caused(error: httpx.TransportError, cause: BaseException) -> httpx.TransportError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "says", "retryable"),
    [
        (_caused(httpx.ConnectError("x"), socket.gaierror(-2, "Name unknown")), "cannot be found", True),
        (httpx.ConnectTimeout("x"), "did not answer in time", True),
        (httpx.ReadTimeout("x"), "did not answer in time", True),
        (httpx.ProxyError("x"), "through the proxy", True),
        (httpx.RemoteProtocolError("x"), "broke off", True),
        (_caused(httpx.ConnectError("x"), ssl.SSLCertVerificationError(1, "self-signed")), "SSL_CERT_FILE", False),
    ],
)
def test_no_answer_at_all_names_the_host(site: Any, ask: Ask, error: Exception, says: str, retryable: bool) -> None:
    site.answers(MYSELF, error)
    with pytest.raises(JiraUnreachable, match=says) as raised:
        ask(lambda jira: jira.identify())
    assert "acme.atlassian.net" in str(raised.value)
    assert (raised.value.method, raised.value.path, raised.value.status) == ("GET", MYSELF, None)
    assert raised.value.retryable is retryable
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "<html>",
        '{"issues": {}}',
        '{"issues": [{"id": "SUP-1"}]}',
        '{"isLast": true}',
        "{}",
        "null",
        '{"issues": null}',
    ],
)
def test_an_answer_that_is_none_is_no_empty_list(site: Any, ask: Ask, body: str) -> None:
    site.answers(SEARCH, site.raw(200, body, Content_Type="application/json", **NAMED))
    with pytest.raises(JiraProtocolError, match="cannot be read") as raised:
        ask(_sweep)
    assert raised.value.retryable is True
    assert "SUP-1" not in str(raised.value)


def test_a_nest_too_deep_to_read_is_an_error_of_the_answer(site: Any, ask: Ask) -> None:
    deep = '{"issues": [' + '{"x":' * 100_000 + "1" + "}" * 100_000 + "]}"
    site.answers(SEARCH, site.raw(200, deep, **NAMED))
    with pytest.raises(JiraProtocolError):
        ask(_sweep)


# Nothing secret gets out.


def test_no_error_holds_token_e_mail_or_query(site: Any, ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    words = ["no user robot@acme.example", "token s3cret-t0ken", "long " * 200]
    site.answers(PARSE, site.raw(503), site.ok({"errorMessages": words}, 400))
    with caplog.at_level("DEBUG"), pytest.raises(JqlRefused) as raised:
        ask(lambda jira: jira.check_jql("assignee = someone"))
    told = f"{raised.value} {raised.value.messages} {caplog.text}"
    assert "no user …" in told
    assert "robot@" not in told
    assert "s3cret" not in told
    assert "validation" not in str(raised.value)
    assert max(len(message) for message in raised.value.messages) <= 300


def test_no_error_holds_what_the_answer_held(site: Any, ask: Ask) -> None:
    site.answers(FIELD, site.ok([{"id": ["the salary of Ann"]}]))
    with pytest.raises(JiraProtocolError) as raised:
        ask(lambda jira: jira.fields())
    assert "Ann" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert not isinstance(raised.value, msgspec.MsgspecError)
