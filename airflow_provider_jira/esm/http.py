"""One way out to ESM for both APIs: sends a request, gives its answer or a typed error, and keeps count.

What comes back from :meth:`Http.send` is an answer that sending again would not better; what to make of a 400 or a 404
is the caller's business, through :func:`refuse`. No connection, 429, 5xx, a lost answer and a refused token are dealt
with here. At most ``concurrency`` requests are under way; a 429 stops all of them for as long as ESM asked.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NoReturn
from urllib.parse import urlsplit

import anyio
import httpx

from airflow_provider_jira import __version__
from airflow_provider_jira.esm.auth import Auth
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
from airflow_provider_jira.esm.retry import retry_after, retrying
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import Traffic

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


class Http:
    """A connection to one of ESM's APIs.

    :param settings: where ESM is and how hard it may be worked
    :param root: path of the API below the base URL
    :param traffic: where requests are counted
    :param clock: seconds since the epoch
    :param sleep: waits
    :param transport: stands in for the network in tests
    """

    def __init__(
        self,
        settings: EsmSettings,
        root: str,
        traffic: Traffic,
        *,
        clock: Clock,
        sleep: Sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self.root = root.rstrip("/")
        self.traffic = traffic
        self.auth: Auth | None = None
        self._clock = clock
        self._sleep = sleep
        self._resume_at = 0.0
        self._slots = anyio.Semaphore(settings.concurrency)
        self._client = httpx.AsyncClient(
            base_url=settings.base_url,
            transport=transport,
            timeout=httpx.Timeout(settings.timeout, connect=min(10.0, settings.timeout), pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=settings.concurrency + 1),
            headers={"User-Agent": f"airflow-provider-jira/{__version__}"},
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def wait(self, seconds: float) -> None:
        """Wait, and count the wait."""
        self.traffic.waited += seconds
        await self._sleep(seconds)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        content: bytes | None = None,
        content_type: str = "application/json",
        repeatable: bool = True,
        authorized: bool = True,
        final: Callable[[httpx.Response], bool] = lambda _: False,
    ) -> httpx.Response:
        """Send a request until it is answered for good.

        :param method: HTTP method
        :param path: path below the API's root
        :param params: query
        :param content: body
        :param content_type: of the body
        :param repeatable: whether carrying it out twice is the same as once; otherwise it is not sent again once it may
            have been carried out
        :param authorized: whether it carries the ``Authorization`` header
        :param final: says of a 5xx answer that it is an answer all the same
        :returns: an answer below 500 (or one that ``final`` let through), its body read
        :raises EsmError: there is no such answer
        """
        headers = {} if content is None else {"Content-Type": content_type}

        async def once() -> httpx.Response:
            value = (
                await self._authorization() if authorized else None
            )  # before taking a place: logging in needs one, too
            async with self._slots, self._exchange(method, path, params, content, headers, value) as answer:
                await answer.aread()
                if answer.status_code >= 500 and not final(answer):
                    self._failed(answer)
                return answer

        return await self._persistently(once, repeatable=repeatable)

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        final: Callable[[httpx.Response], bool] = lambda _: False,
    ) -> AsyncIterator[httpx.Response]:
        """Get an answer whose body is read piece by piece.

        It takes none of the places that ``send`` has to wait for, so that whoever reads may send meanwhile. A break in
        the middle is not mended.

        :raises EsmError: there is no answer, or it breaks off
        """
        async with AsyncExitStack() as kept:

            async def once() -> httpx.Response:
                value = await self._authorization()
                async with AsyncExitStack() as opened:
                    answer = await opened.enter_async_context(self._exchange("GET", path, params, None, {}, value))
                    if answer.status_code >= 500:
                        await answer.aread()
                        if not final(answer):
                            self._failed(answer)
                    kept.push_async_exit(opened.pop_all())
                    return answer

            yield await self._persistently(once, repeatable=True)

    async def _persistently(self, once: Callable[[], Awaitable[httpx.Response]], *, repeatable: bool) -> httpx.Response:
        tried = 0
        try:
            async for attempt in retrying(repeatable=repeatable, wait=self.wait):
                with attempt:
                    self.traffic.retries += tried > 0
                    tried += 1
                    return await self._renewing(once)
        except EsmError as error:
            error.exhausted = True
            raise
        raise AssertionError  # the loop returns or raises

    async def _authorization(self) -> str | None:
        return None if self.auth is None else await self.auth.authorization()

    async def _renewing(self, once: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Send once, and once more with a new token where ESM refused the one that was used."""
        try:
            return await once()
        except _TokenRefused:
            self.traffic.retries += 1
        try:
            return await once()
        except _TokenRefused as refused:
            raise EsmAuthError(refused.message, method=refused.method, path=refused.path, status=401) from None

    @asynccontextmanager
    async def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        content: bytes | None,
        headers: dict[str, str],
        value: str | None,
    ) -> AsyncIterator[httpx.Response]:
        if value is not None:
            headers = {**headers, "Authorization": value}
        await self._hold()
        self.traffic.requests += 1
        request = self._client.build_request(method, self.root + path, params=params, content=content, headers=headers)
        try:
            answer = await self._client.send(request, stream=True)
            try:
                self._look_at(answer, value)
                yield answer
            finally:
                await answer.aclose()
        except httpx.TransportError as error:
            raise self._lost(error, request) from error

    async def _hold(self) -> None:
        while (left := self._resume_at - self._clock()) > 0:
            await self.wait(left)

    def _look_at(self, answer: httpx.Response, value: str | None) -> None:
        """Judge by the status alone what needs no body."""
        where = _where(answer)
        method, path, status = where
        if status == 429:
            asked = retry_after(answer.headers.get("Retry-After"), self._clock())
            if asked is not None:
                self._resume_at = max(self._resume_at, self._clock() + asked)
            raise EsmRateLimited(
                "ESM asks for fewer requests: lower `concurrency` of the ESM connection, or run at a quieter hour",
                retry_after=asked, method=method, path=path, status=status,
            )  # fmt: skip
        if status == 401 and value is not None:
            sentence = (
                "ESM does not accept the login for this request: correct login and password of the ESM connection; the "
                "user must be a local ESM user whose role may use this API"
            )
            if self.auth is not None and self.auth.refused(value):
                raise _TokenRefused(sentence, method=method, path=path, status=status)
            raise EsmAuthError(sentence, method=method, path=path, status=status)
        if 300 <= status < 400:
            to = urlsplit(answer.headers.get("Location", "")).hostname
            raise EsmProtocolError(
                f"ESM's address redirects to {to or 'another path'}: correct the host of the ESM connection",
                method=method, path=path, status=status,
            )  # fmt: skip

    def _failed(self, answer: httpx.Response) -> NoReturn:
        method, path, status = _where(answer)
        raise EsmUnavailable(
            "ESM failed: try again later, and look into ESM's own log if it stays",
            method=method, path=path, status=status, detail=answer.text,
        )  # fmt: skip

    def _lost(self, error: httpx.TransportError, request: httpx.Request) -> EsmError:
        method, path, host = request.method, request.url.path, request.url.host
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
            cause, lasting = _cause(error)
            return EsmUnreachable(
                f"no connection to ESM at {host}: {cause}; correct the host of the ESM connection, or the network",
                method=method, path=path, retryable=not lasting,
            )  # fmt: skip
        what = "gave no answer in time" if isinstance(error, httpx.TimeoutException) else "broke the connection"
        return EsmUnavailable(f"ESM {what}: try again later", method=method, path=path)


class _TokenRefused(EsmAuthError):
    """The token that was used is not good any more; another one may be."""


def refuse(answer: httpx.Response, message: str) -> NoReturn:
    """Raise what an answer that the caller has no use for stands for.

    :param message: what was refused, as a sentence without values
    :raises EsmError: always
    """
    method, path, status = _where(answer)
    if status == 403:
        raise EsmPermissionError(
            f"{message}: the ESM user is not allowed to; give its role permission to the template and folder",
            method=method, path=path, status=status, detail=answer.text,
        )  # fmt: skip
    if status >= 400:
        raise EsmRefused(message, method=method, path=path, status=status, detail=answer.text)
    raise EsmProtocolError(
        f"{message}: this status was not expected", method=method, path=path, status=status, detail=answer.text
    )


def _where(answer: httpx.Response) -> tuple[str, str, int]:
    return answer.request.method, answer.request.url.path, answer.status_code


def _cause(error: BaseException) -> tuple[str, bool]:
    """Say why no connection could be made, and whether that will stay so."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, socket.gaierror):
            return "this host name is not known", link.errno == socket.EAI_NONAME
        if isinstance(link, ssl.SSLError):
            return "its certificate cannot be trusted, or it does not speak TLS", True
        if isinstance(link, ConnectionRefusedError):
            return "nothing listens there", False
        link = link.__cause__ or link.__context__
    return "it does not answer" if isinstance(error, httpx.TimeoutException) else "it cannot be reached", False
