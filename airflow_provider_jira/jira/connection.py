"""One request after another to one site: addressed, paced, sent, proved, judged, decoded.

What comes out is an answer that can be believed, or a :class:`~airflow_provider_jira.jira.errors.JiraError` that
carries the request it is about. The client above only says what to ask.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timezone
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, TypeVar

import anyio
import httpx
import msgspec

from airflow_provider_jira import __version__
from airflow_provider_jira.jira.answers import Judge, Needs, no_answer, no_answer_to_change, read, unbelievable
from airflow_provider_jira.jira.auth import TENANT_INFO, Proof, Tenant, api_base, credentials
from airflow_provider_jira.jira.errors import JiraError
from airflow_provider_jira.jira.limits import Limits
from airflow_provider_jira.jira.records import Traffic
from airflow_provider_jira.jira.retry import Jitter, Sender, backoff, not_sent, spread
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.redact import texts_in

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_TENANT = msgspec.json.Decoder(Tenant)
T = TypeVar("T")


class about:  # noqa: N801 - reads as the preposition it is: with about("GET", path)
    """Names the request in every Jira error that leaves the block.

    :param method: HTTP method
    :param path: path below the site, without query
    :param response: the answer, where there is one
    """

    def __init__(self, method: str, path: str, response: httpx.Response | None = None) -> None:
        self._method = method
        self._path = path
        self._response = response

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, JiraError) or error.method is not None:
            return
        error.method, error.path = self._method, self._path
        if self._response is not None:
            headers = self._response.headers
            error.status = self._response.status_code
            error.trace = (headers.get("atl-traceid") or headers.get("x-arequestid") or "")[:80] or None


class Connection:
    """Carries requests to one site, for one account, in one event loop.

    :param settings: how to reach the site, and as whom
    :param transport: what carries requests; for tests
    :param clock: monotonic seconds
    :param sleep: waits for so many seconds
    :param now: aware time of day
    :param jitter: draws a number between two, to spread waiting times
    """

    def __init__(
        self,
        settings: JiraSettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        jitter: Jitter = spread,
    ) -> None:
        self.traffic = Traffic()
        self.proof = Proof(settings, lambda: now().date())
        self.judge = Judge(settings, self.proof)
        self._settings = settings
        self._transport = transport
        self._now = now
        self._jitter = jitter
        self._limits = Limits(self.traffic, clock=clock, sleep=sleep, rate=settings.requests_per_second)
        self._base: str | None = None

    async def open(self) -> None:
        """Make ready; sends nothing yet."""
        self._finding = asyncio.Lock()
        self._http = httpx.AsyncClient(
            transport=self._transport,
            timeout=_TIMEOUT,
            headers={"Accept": "application/json", "User-Agent": f"airflow-provider-jira/{__version__}"},
            # a session cookie would go on answering for a token that has expired
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=not self._settings.loopback,
        )
        self._sender = Sender(self._http, self._limits, self.traffic, now=self._now, jitter=self._jitter)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        decoder: msgspec.json.Decoder[T],
        *,
        body: dict[str, Any] | None = None,
        params: Mapping[str, str | Sequence[str]] | None = None,
        about_jql: bool = False,
        needs: Needs | None = None,
        endpoint: str | None = None,
    ) -> T:
        """Ask Jira one question that changes nothing.

        :param method: HTTP method
        :param path: path of the API, ``/rest/api/3/…``
        :param decoder: what the answer looks like
        :param body: sent as JSON
        :param params: the query; it may be logged on the way, so nothing personal belongs there
        :param about_jql: whether a 400 speaks of the JQL
        :param needs: what an account needs to be answered, where that is more than to be let in
        :param endpoint: the path as Jira's limits count it, with its variables unfilled
            (``/rest/api/3/project/{projectIdOrKey}/role``), where that differs from ``path``
        :raises JiraError: there is no answer that can be believed
        """
        base = await self._address()
        request = self._http.build_request(method, base + path, json=body, params=params)
        response = await self._send(request, path, credentials(self._settings), endpoint)
        with about(method, path, response):
            self.judge.judge(response, about_jql=about_jql, needs=needs)
            return read(response, decoder)

    async def change(
        self,
        method: str,
        path: str,
        *,
        needs: Needs,
        body: Any = msgspec.UNSET,
        params: Mapping[str, str] | None = None,
        endpoint: str | None = None,
        issue: int | None = None,
    ) -> httpx.Response:
        """Have Jira change something, once: it is sent again only where Jira cannot have acted on it.

        :param method: HTTP method
        :param path: path of the API, ``/rest/api/3/…``
        :param needs: what an account needs to do that
        :param body: sent as JSON; no error quotes what is in it
        :param params: the query; it may be logged on the way, so nothing personal belongs there
        :param endpoint: as for :meth:`call`
        :param issue: id of the issue that is changed, where one is
        :returns: an answer that reports success
        :raises JiraUncertain: nobody knows whether it was done
        :raises JiraError: it was not done
        """
        base = await self._address()
        content, headers = None, {}
        if body is not msgspec.UNSET:
            content, headers = msgspec.json.encode(body), {"Content-Type": "application/json"}
        request = self._http.build_request(method, base + path, content=content, headers=headers, params=params)
        auth = credentials(self._settings)
        try:
            response = await self._sender.send(request, endpoint or path, auth=auth, read=False, issue=issue)
        except (httpx.TransportError, httpx.DecodingError) as error:
            tell = no_answer if not_sent(error) else no_answer_to_change
            with about(method, path):
                raise tell(error, request.url.host) from None
        sent = [*texts_in(params or {}), *(texts_in(body) if content else ())]
        with about(method, path, response):
            try:
                self.judge.judge(response, needs=needs, sent=sent)
            except JiraError as error:
                if response.is_success:
                    raise unbelievable(error) from None
                raise
        return response

    def outcome(self, response: httpx.Response, path: str, decoder: msgspec.json.Decoder[T]) -> T:
        """Read what a successful change has made.

        :param response: as :meth:`change` returned it
        :param path: of the request
        :param decoder: what the answer looks like
        :raises JiraUncertain: the answer cannot be read
        """
        with about(response.request.method, path, response):
            try:
                return read(response, decoder)
            except JiraError as error:
                raise unbelievable(error) from None

    async def before_repeat(self, attempt: int) -> None:
        """Wait before asking again for what a good answer lacked.

        :param attempt: how often it was asked already
        """
        self.traffic.retries += 1
        await self._limits.wait(backoff(attempt, self._jitter))

    async def _address(self) -> str:
        async with self._finding:
            if self._base is None:
                cloud_id = self._settings.cloud_id
                if self._settings.auth == "scoped" and cloud_id is None:
                    cloud_id = await self._ask_cloud_id()
                self._base = api_base(self._settings, cloud_id)
            return self._base

    async def _ask_cloud_id(self) -> str:
        request = self._http.build_request("GET", self._settings.site + TENANT_INFO)
        response = await self._send(request, TENANT_INFO, None)
        with about("GET", TENANT_INFO, response):
            self.judge.public(response)
            return read(response, _TENANT).cloud_id

    async def _send(
        self, request: httpx.Request, path: str, auth: httpx.Auth | None, endpoint: str | None = None
    ) -> httpx.Response:
        try:
            return await self._sender.send(request, endpoint or path, auth=auth)
        except (httpx.TransportError, httpx.DecodingError) as error:
            with about(request.method, path):
                raise no_answer(error, request.url.host) from None
