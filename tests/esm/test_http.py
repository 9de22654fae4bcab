"""The way out: what becomes of answers and of their absence, and how many requests are under way."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from typing import Any

import httpx
import pytest

from airflow_provider_jira.esm.errors import (
    EsmAuthError,
    EsmError,
    EsmPermissionError,
    EsmProtocolError,
    EsmRateLimited,
    EsmRefused,
    EsmUnavailable,
    EsmUnreachable,
)
from airflow_provider_jira.esm.http import Http, refuse
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import Traffic

from .conftest import Script, Time

LOGIN = httpx.Response(200, json={"token": "Bearer token-one"})
OK = httpx.Response(200, json={"message": "ok"})


def ask(script: Script, **settings: Any) -> None:
    async def main() -> None:
        async with script.store(**settings) as store:
            await store.prove_identity()

    asyncio.run(main())


def caused(error: httpx.TransportError, cause: BaseException) -> httpx.TransportError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "sentence", "tried", "retryable"),
    [
        (caused(httpx.ConnectError("x"), socket.gaierror(socket.EAI_NONAME, "x")), "this host name is not", 1, False),
        (caused(httpx.ConnectError("x"), socket.gaierror(socket.EAI_AGAIN, "x")), "this host name is not", 3, True),
        (caused(httpx.ConnectError("x"), ssl.SSLError("x")), "its certificate cannot be trusted", 1, False),
        (caused(httpx.ConnectError("x"), ConnectionRefusedError()), "nothing listens there", 3, True),
        (httpx.ConnectTimeout("x"), "it does not answer", 3, True),
        (httpx.ConnectError("x"), "it cannot be reached", 3, True),
        (httpx.ProxyError("x"), "it cannot be reached", 3, True),
    ],
)  # fmt: skip
def test_no_connection_names_the_host_and_the_cause(
    script: Script, error: httpx.TransportError, sentence: str, tried: int, retryable: bool
) -> None:
    script.on("POST", "/users/login", error)
    with pytest.raises(EsmUnreachable, match=f"no connection to ESM at esm.example: {sentence}") as caught:
        ask(script)
    assert caught.value.retryable is retryable
    assert len(script.seen) == tried


@pytest.mark.parametrize("error", [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x")])
def test_a_lost_answer_to_a_read_is_asked_for_again(script: Script, error: httpx.TransportError) -> None:
    script.on("POST", "/users/login", LOGIN).on("GET", "/echo/jwt", error, error, OK)
    ask(script)
    assert len(script.paths("GET")) == 3
    assert 0.5 <= script.time.waits[0] <= 1 <= script.time.waits[1] <= 2


def test_answers_that_stay_away_are_an_error_that_may_pass(script: Script) -> None:
    script.on("POST", "/users/login", LOGIN).on("GET", "/echo/jwt", httpx.ReadTimeout("x"))
    with pytest.raises(EsmUnavailable, match="gave no answer in time") as caught:
        ask(script)
    assert caught.value.retryable
    assert caught.value.ambiguous
    assert len(script.paths("GET")) == 5


def test_a_login_that_stays_away_is_not_tried_for_ever(script: Script) -> None:
    script.on("POST", "/users/login", httpx.Response(503))
    with pytest.raises(EsmUnavailable):
        ask(script)
    assert len(script.seen) == 5


def test_a_token_that_is_refused_twice_is_the_logins_fault(script: Script) -> None:
    script.on("POST", "/users/login", LOGIN, httpx.Response(200, json={"token": "token-two"}))
    script.on("GET", "/echo/jwt", httpx.Response(401, json={"code": 401}))
    with pytest.raises(EsmAuthError, match="role may use this API") as caught:
        ask(script)
    assert [request.headers.get("Authorization") for request in script.seen if request.method == "GET"] == [
        "Bearer token-one",
        "Bearer token-two",
    ]
    assert "token" not in str(caught.value)
    assert caught.value.status == 401
    assert type(caught.value) is EsmAuthError


def test_an_expired_token_costs_one_more_login(script: Script) -> None:
    script.on("POST", "/users/login", LOGIN).on("GET", "/echo/jwt", httpx.Response(401), OK)
    ask(script)
    assert len(script.paths("POST")) == 2


def test_a_redirect_is_followed_nowhere(script: Script) -> None:
    script.on("POST", "/users/login", httpx.Response(302, headers={"Location": "https://sso.example/x?secret=1"}))
    with pytest.raises(EsmProtocolError, match=r"redirects to sso\.example: correct the host") as caught:
        ask(script)
    assert "secret" not in str(caught.value)
    assert len(script.seen) == 1


def test_a_redirect_within_the_host_is_told_so(script: Script) -> None:
    script.on("POST", "/users/login", httpx.Response(301, headers={"Location": "/login"}))
    with pytest.raises(EsmProtocolError, match="redirects to another path"):
        ask(script)


def test_a_limit_stops_for_as_long_as_asked(script: Script) -> None:
    script.on("POST", "/users/login", LOGIN)
    script.on("GET", "/echo/jwt", httpx.Response(429, headers={"Retry-After": "90"}), OK)
    ask(script)
    assert script.time.waits == [90]


def test_a_limit_longer_than_a_task_should_wait_is_left_to_the_next_try(script: Script) -> None:
    script.on("POST", "/users/login", LOGIN).on(
        "GET", "/echo/jwt", httpx.Response(429, headers={"Retry-After": "7200"})
    )
    with pytest.raises(EsmRateLimited, match="ESM asks for fewer requests") as caught:
        ask(script)
    assert caught.value.retryable
    assert caught.value.retry_after == 7200
    assert script.time.waits == []


def test_a_limit_without_a_time_is_waited_out_longer_and_longer(script: Script) -> None:
    script.on("POST", "/users/login", LOGIN).on("GET", "/echo/jwt", *[httpx.Response(429)] * 4, OK)
    ask(script)
    assert len(script.time.waits) == 4
    assert script.time.waits[3] >= 4


def test_every_request_waits_while_esm_wants_to_be_left_alone() -> None:
    time = Time()
    start = time.now
    sent: list[tuple[str, float]] = []
    first_waits, second_is_under_way = asyncio.Event(), asyncio.Event()

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append((request.url.path, time.now - start))
        if request.url.path.endswith("/b"):
            second_is_under_way.set()
        return httpx.Response(429, headers={"Retry-After": "60"}) if len(sent) == 1 else httpx.Response(200)

    async def sleep(seconds: float) -> None:
        """Let the first wait end only when the second request was sent or waits, too."""
        time.waits.append(seconds)
        first_waits.set()
        if len(time.waits) > 1:
            second_is_under_way.set()
        await second_is_under_way.wait()
        time.now = start + 60

    async def main() -> None:
        http = make(handler, time, sleep=sleep)
        first = asyncio.create_task(http.send("GET", "/a"))
        await first_waits.wait()
        await asyncio.gather(first, http.send("GET", "/b"))
        await http.close()

    asyncio.run(main())
    assert sorted(sent) == [("/root/a", 0), ("/root/a", 60), ("/root/b", 60)]


def make(handler: Any, time: Time, sleep: Any = None, **settings: Any) -> Http:
    return Http(
        EsmSettings(**{"base_url": "https://esm.example", "login": "u", "password": "p", **settings}),
        "/root/",
        Traffic(),
        clock=time,
        sleep=sleep or time.sleep,
        transport=httpx.MockTransport(handler),
    )


@pytest.mark.parametrize("concurrency", [1, 3])
def test_never_more_requests_are_under_way_than_allowed(concurrency: int) -> None:
    under_way = most = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return httpx.Response(200)

    async def main() -> Traffic:
        http = make(handler, Time(), concurrency=concurrency)
        await asyncio.gather(*[http.send("GET", f"/{n}") for n in range(12)])
        await http.close()
        return http.traffic

    assert asyncio.run(main()).requests == 12
    assert most == concurrency


def test_a_request_that_may_have_been_carried_out_is_not_repeated_unasked() -> None:
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise httpx.ReadError("x")

    async def main() -> None:
        http = make(handler, Time())
        with pytest.raises(EsmUnavailable, match="broke the connection") as caught:
            await http.send("POST", "/x", content=b"{}", repeatable=False)
        assert caught.value.ambiguous
        await http.close()

    asyncio.run(main())
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, EsmRefused), (404, EsmRefused), (409, EsmRefused), (403, EsmPermissionError), (204, EsmProtocolError)],
)
def test_an_answer_that_nobody_can_use_is_typed_and_keeps_its_words_apart(status: int, kind: type[EsmError]) -> None:
    response = httpx.Response(
        status,
        content=b"private" if status != 204 else b"",
        request=httpx.Request("GET", "https://esm.example/p?filter=q"),
    )
    with pytest.raises(kind, match="It failed") as caught:
        refuse(response, "It failed")
    assert "private" not in str(caught.value)
    assert "filter" not in str(caught.value)
    assert (caught.value.method, caught.value.path, caught.value.status) == ("GET", "/p", status)


def test_a_stream_that_fails_to_open_is_opened_again_and_one_that_breaks_is_an_error() -> None:
    answers = [httpx.Response(503), httpx.Response(200, content=b"abc")]

    async def broken() -> Any:
        yield b"ab"
        raise httpx.ReadError("x")

    async def read(http: Http) -> bytes:
        async with http.stream("/x") as answer:
            return b"".join([chunk async for chunk in answer.aiter_bytes()])

    async def main() -> None:
        http = make(lambda _: answers.pop(0), Time())
        assert await read(http) == b"abc"
        assert http.traffic.retries == 1
        answers.append(httpx.Response(200, content=broken()))
        with pytest.raises(EsmUnavailable, match="broke the connection"):
            await read(http)
        await http.close()

    asyncio.run(main())


def test_the_login_form_is_in_the_body_and_nowhere_else(script: Script) -> None:
    script.on("POST", "/users/login", LOGIN).on("GET", "/echo/jwt", OK)
    ask(script)
    login = script.seen[0]
    assert login.content == b"login=webapi&password=Secr3t%21"
    assert login.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in login.headers
    assert "Secr3t" not in str(login.url)
    assert script.seen[1].headers["Authorization"] == "Bearer token-one"


def test_a_proof_that_is_not_answered_is_told_so(script: Script) -> None:
    script.on("POST", "/users/login", LOGIN).on("GET", "/echo/jwt", httpx.Response(404, content=json.dumps({})))
    with pytest.raises(EsmRefused, match="takes the login and does not answer"):
        ask(script)
