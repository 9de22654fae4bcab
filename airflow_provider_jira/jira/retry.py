"""Once more, or not.

A read is sent up to four times: after a 429, a 5xx, a 408, a time-out, a lost or refused connection. Between two
tries it waits as long as Jira asks (``Retry-After`` in seconds; on some answers of the gateway only
``X-RateLimit-Reset``, a time, now and then without seconds), else 2 to 30 seconds, doubling, spread so that many
clients do not come back at once (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/). It does not
wait longer than five minutes: then the answer is given back as it is, and Airflow's own retry comes later.

A request that is no read is sent again only where Jira cannot have acted on it: after a 429, or where no connection
came about. A certificate that does not fit is not tried again: waiting does not mend it.
"""

from __future__ import annotations

import logging
import random
import re
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, retry_if_result, stop_after_attempt
from tenacity.stop import stop_base

from airflow_provider_jira.jira.limits import Limits, scope
from airflow_provider_jira.jira.records import Traffic

TRIES = 4
LONGEST_WAIT = 300.0
"""Seconds that a task waits at most between two tries."""

LONGEST_HESITATION = 60.0
"""Seconds that a write waits at most, all tries together, before it is sent."""

_FIRST_WAIT = 2.0
_LONGEST_BACKOFF = 30.0
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Jitter = Callable[[float, float], float]
log = logging.getLogger(__name__)


def spread(low: float, high: float) -> float:
    """Draw a number between two."""
    return random.uniform(low, high)  # noqa: S311 - spreads waiting times, guards nothing


def backoff(attempt: int, jitter: Jitter = spread) -> float:
    """Tell how long to wait after a failed try where Jira does not say.

    :param attempt: the try that failed, from 1
    :param jitter: draws a number between two
    :returns: seconds
    """
    return min(_FIRST_WAIT * 2.0 ** (attempt - 1), _LONGEST_BACKOFF) * jitter(0.7, 1.3)


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how long an answer asks to wait.

    :param headers: of the answer
    :param now: the current time, aware; used where the answer does not tell its own, because the two clocks may differ
    :returns: seconds, or ``None`` where the answer does not say, or not in a way that can be understood
    """
    for name in ("retry-after", "beta-retry-after"):
        seconds = _seconds(headers.get(name, ""), now)
        if seconds is not None:
            return seconds
    reset = _moment(headers.get("x-ratelimit-reset", ""))
    if reset is None:
        return None
    left = (reset - (_http_date(headers.get("date", "")) or now)).total_seconds()
    return left if left > 0 else None


def _seconds(text: str, now: datetime) -> float | None:
    text = text.strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    # HTTP also allows a date here
    moment = _http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _moment(text: str) -> datetime | None:
    # Python 3.10 reads neither "Z" nor one or two digits of a second's fraction
    text = re.sub(r"\.\d+", "", text.strip())
    text = re.sub(r"[Zz]$", "+00:00", text)
    try:
        moment = datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def distrust(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Find out whether the other side's certificate was the trouble.

    :returns: the exception that says so, if there is one behind ``error``
    """
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def not_sent(error: httpx.RequestError) -> bool:
    """Tell whether a failed request cannot have reached Jira: no connection came about, or a proxy gave none."""
    return isinstance(error, (*_NO_CONNECTION, httpx.ProxyError))


class Sender:
    """Sends requests, keeping the limits, and again where that helps.

    It knows only HTTP: an answer comes back as it is, whatever its status, and httpx's own exceptions after the last
    try.

    :param http: the client that sends
    :param limits: of the client
    :param traffic: where requests and repeats are counted
    :param now: aware time of day
    :param jitter: draws a number between two
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        limits: Limits,
        traffic: Traffic,
        *,
        now: Callable[[], datetime],
        jitter: Jitter = spread,
    ) -> None:
        self._http = http
        self._limits = limits
        self._traffic = traffic
        self._now = now
        self._jitter = jitter

    async def send(
        self,
        request: httpx.Request,
        path: str,
        *,
        auth: httpx.Auth | None = None,
        read: bool = True,
        issue: int | None = None,
    ) -> httpx.Response:
        """Send one request; the answer's body has been read.

        :param request: what to send
        :param path: path below the site, variables in it unfilled: what limits and logs go by
        :param auth: who asks
        :param read: whether sending it twice does no harm
        :param issue: id of the issue that it changes, where it changes one
        :raises httpx.TransportError: no answer came, at the last try
        """
        endpoint = f"{request.method} {path}"

        async def once() -> httpx.Response:
            if issue is not None:
                await self._limits.turn_to_write(issue)
            await self._limits.turn(endpoint)
            self._traffic.requests += 1
            response = await self._http.send(request, auth=auth)
            self._limits.heed(endpoint, response.headers)
            return response

        def again(state: RetryCallState) -> None:
            self._traffic.retries += 1
            seconds = state.upcoming_sleep
            response, told = _answer(state), "gave no answer"
            if response is not None:
                told = f"answered {response.status_code}"
                if response.status_code == 429:
                    self._limits.rest(endpoint, seconds, scope(response.headers), issue)
            log.info("%s %s; try %d of %d in %.1f s", endpoint, told, state.attempt_number + 1, TRIES, seconds)

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: _worth_it(error, read=read))
            | retry_if_result(
                lambda answer: answer.status_code == 429 or (read and answer.status_code in _TRANSIENT),
            ),
            stop=stop_after_attempt(TRIES) | (_TooLong() if read else _TooLongAltogether()),
            wait=self._pause,
            sleep=self._limits.wait,
            before_sleep=again,
            retry_error_callback=_last,
        )
        return await retrying(once)

    def _pause(self, state: RetryCallState) -> float:
        response = _answer(state)
        asked = None if response is None else asked_wait(response.headers, self._now())
        if asked is None:
            return backoff(state.attempt_number, self._jitter)
        return asked + self._jitter(0.0, 1.0)


class _TooLongAltogether(stop_base):
    """A write that comes late may find that somebody has given it up and looks for what became of it."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        return retry_state.idle_for + retry_state.upcoming_sleep > LONGEST_HESITATION


class _TooLong(stop_base):
    def __call__(self, retry_state: RetryCallState) -> bool:
        return retry_state.upcoming_sleep > LONGEST_WAIT


def _worth_it(error: BaseException, *, read: bool) -> bool:
    if distrust(error):
        return False
    if isinstance(error, _NO_CONNECTION):
        return True
    return read and isinstance(error, (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError))


def _answer(state: RetryCallState) -> httpx.Response | None:
    outcome = state.outcome
    if outcome is None or outcome.failed:
        return None
    response: httpx.Response = outcome.result()
    return response


async def _last(state: RetryCallState) -> httpx.Response:
    assert state.outcome is not None  # noqa: S101 - for the type checker: tenacity calls this after a try
    response: httpx.Response = state.outcome.result()
    return response
