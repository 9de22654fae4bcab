"""A read is sent again where that can help, after the wait that Jira asks for; nothing else is."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.jira.limits import Limits
from airflow_provider_jira.jira.records import Traffic
from airflow_provider_jira.jira.retry import LONGEST_WAIT, Sender, asked_wait, backoff, distrust, spread

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)
Answer = httpx.Response | Exception


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:20 GMT"}, 20.0),
        ({"retry-after": "Mon, 02 Mar 2026 09:00:00 GMT"}, 0.0),
        ({"beta-retry-after": "9"}, 9.0),
        ({"retry-after": "7", "x-ratelimit-reset": "2026-03-02T11:00:00Z"}, 7.0),
        ({"x-ratelimit-reset": "2026-03-02T10:00:30Z"}, 30.0),
        ({"x-ratelimit-reset": "2026-03-02T10:01Z"}, 60.0),
        ({"x-ratelimit-reset": "2026-03-02T12:01+0200"}, 60.0),
        ({"x-ratelimit-reset": "2026-03-02T12:01:00.123+02:00"}, 60.0),
        ({"x-ratelimit-reset": "2026-03-02T10:01"}, 60.0),
        ({"x-ratelimit-reset": "2026-03-02T09:59Z"}, None),
        ({"x-ratelimit-reset": "in a minute"}, None),
        ({"x-ratelimit-reset": "2026-03-02T10:01:00Z", "date": "Mon, 02 Mar 2026 10:00:50 GMT"}, 10.0),
        ({"x-ratelimit-reset": "2026-03-02T10:01:00Z", "date": "Mon, 02 Mar 2026 10:00:50 -0000"}, 10.0),
        ({"x-ratelimit-reset": "2026-03-02T10:01:00Z", "date": "today"}, 60.0),
    ],
)
def test_what_an_answer_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers, NOW) == seconds


@given(st.text(max_size=40), st.sampled_from(["retry-after", "x-ratelimit-reset", "date"]))
def test_a_header_that_makes_no_sense_does_no_harm(text: str, name: str) -> None:
    seconds = asked_wait({"x-ratelimit-reset": "2026-03-02T10:01:00Z", name: text}, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(1, 40), st.floats(0, 1))
def test_without_a_word_from_jira_waits_double_up_to_half_a_minute(attempt: int, part: float) -> None:
    wait = backoff(attempt, lambda low, high: low + (high - low) * part)
    plain = min(30.0, 2.0**attempt)
    assert plain * 0.7 <= wait <= plain * 1.3 + 1e-9


@given(st.floats(0, 10), st.floats(10, 20))
def test_waits_are_spread_within_their_bounds(low: float, high: float) -> None:
    assert low <= spread(low, high) <= high


class Wire:
    """Answers in order, and notes when it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.waiting = list(answers)
        self.traffic = Traffic()
        self.at: list[float] = []

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.at.append(round(asyncio.get_running_loop().time() - self._start, 2))
        answer = self.waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def send(self, *, read: bool = True) -> httpx.Response:
        loop = asyncio.get_running_loop()
        self._start = loop.time()
        limits = Limits(self.traffic, clock=loop.time, sleep=asyncio.sleep, rate=20)
        async with httpx.AsyncClient(transport=httpx.MockTransport(self._answer)) as http:
            sender = Sender(http, limits, self.traffic, now=lambda: NOW, jitter=lambda low, high: (low + high) / 2)
            request = http.build_request("POST", "https://acme.atlassian.net/rest/api/3/x", json={"a": 1})
            return await sender.send(request, "/rest/api/3/x", read=read)


OK = httpx.Response(200)


def _answers(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    "trouble",
    [
        *(_answers(status) for status in (408, 429, 500, 502, 503, 504)),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("cut"),
        httpx.PoolTimeout("full"),
    ],
    ids=str,
)
def test_a_read_is_sent_again_after(run: Callable[..., Any], trouble: Answer) -> None:
    wire = Wire(trouble, OK)
    assert run(wire.send()).status_code == 200
    assert wire.at == [0.0, 2.0]
    assert (wire.traffic.requests, wire.traffic.retries) == (2, 1)
    assert wire.traffic.waited == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 409, 410, 413, 422, 501])
def test_a_final_answer_is_not_asked_for_again(run: Callable[..., Any], status: int) -> None:
    wire = Wire(_answers(status))
    assert run(wire.send()).status_code == status
    assert (wire.traffic.requests, wire.traffic.retries, wire.traffic.waited) == (1, 0, 0.0)


def test_after_four_tries_the_last_answer_stands(run: Callable[..., Any]) -> None:
    wire = Wire(_answers(503), httpx.ReadTimeout("slow"), _answers(429), _answers(502), OK)
    assert run(wire.send()).status_code == 502
    assert wire.at == [0.0, 2.0, 6.0, 14.0]
    assert (wire.traffic.requests, wire.traffic.retries) == (4, 3)


def test_after_four_tries_the_last_exception_stands(run: Callable[..., Any]) -> None:
    wire = Wire(_answers(503), _answers(503), _answers(503), httpx.ReadTimeout("slow"))
    with pytest.raises(httpx.ReadTimeout):
        run(wire.send())
    assert len(wire.at) == 4


def test_jira_says_how_long_to_wait(run: Callable[..., Any]) -> None:
    wire = Wire(
        _answers(429, Retry_After="20"),
        _answers(503, Retry_After="5"),
        _answers(429, X_RateLimit_Reset="2026-03-02T10:01Z"),
        OK,
    )
    run(wire.send())
    assert wire.at == [0.0, 20.5, 26.0, 86.5]


def test_a_wait_longer_than_a_task_may_wait_is_left_to_the_scheduler(run: Callable[..., Any]) -> None:
    wire = Wire(_answers(429, Retry_After=str(int(LONGEST_WAIT) + 1)), OK)
    assert run(wire.send()).status_code == 429
    assert wire.traffic.waited == 0


def test_a_write_does_not_come_later_than_a_minute(run: Callable[..., Any]) -> None:
    """Who gives it up and looks for what became of it does so after a minute."""
    wire = Wire(_answers(429, Retry_After="40"), _answers(429, Retry_After="40"), OK)
    assert run(wire.send(read=False)).status_code == 429
    assert wire.at == [0.0, 40.5]


@pytest.mark.parametrize(
    ("trouble", "again"),
    [
        (_answers(429), True),
        (httpx.ConnectError("refused"), True),
        (httpx.ConnectTimeout("slow"), True),
        (_answers(503), False),
        (httpx.ReadTimeout("slow"), False),
        (httpx.RemoteProtocolError("cut"), False),
    ],
    ids=str,
)
def test_a_write_is_sent_again_only_where_jira_cannot_have_done_it(
    run: Callable[..., Any], trouble: Answer, again: bool
) -> None:
    wire = Wire(trouble, OK)
    if again:
        assert run(wire.send(read=False)) is OK
    elif isinstance(trouble, Exception):
        with pytest.raises(type(trouble)):
            run(wire.send(read=False))
    else:
        assert run(wire.send(read=False)) is trouble
    assert len(wire.at) == 1 + again


def _untrusted() -> httpx.ConnectError:
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError(1, "self-signed certificate")
    return error


def test_a_certificate_that_does_not_fit_is_not_tried_again(run: Callable[..., Any]) -> None:
    wire = Wire(_untrusted(), OK)
    with pytest.raises(httpx.ConnectError) as raised:
        run(wire.send())
    assert distrust(raised.value)
    assert len(wire.at) == 1


def test_a_body_that_breaks_off_is_read_again(run: Callable[..., Any]) -> None:
    class Torn(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b'{"issues":'
            raise httpx.ReadError("reset")

    wire = Wire(httpx.Response(200, stream=Torn()), httpx.Response(200, json={"issues": []}))
    assert run(wire.send()).json() == {"issues": []}
