"""What the tests of the Jira client share: a loop whose time flies, and a site that answers by a script."""

from __future__ import annotations

import asyncio
import json
import selectors
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timezone
from typing import Any, TypeVar

import httpx
import pytest

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.settings import JiraSettings

T = TypeVar("T")
ACCOUNT = "5b10:ac-count"
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)


class _Jump(selectors.SelectSelector):
    now = 1000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        self.now += 1e-6  # computing takes time too; a clock that stands still would let timers fire for ever
        if not ready:
            assert timeout is not None, "the test waits for something that never happens"
            self.now += timeout
        return ready


class FastForward(asyncio.SelectorEventLoop):
    """Time passes only when everybody waits, and then at once."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


@pytest.fixture
def run() -> Iterator[Callable[[Coroutine[Any, Any, T]], T]]:
    """Run a coroutine to its end without waiting for any of its waits."""
    loop = FastForward()
    yield loop.run_until_complete
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


class Site:
    """A Jira that answers what it was told, path by path, in order; the last answer of a path repeats.

    ``asked`` holds the requests, ``at`` the time of each.
    """

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.at: list[float] = []
        self.script: dict[str, list[Any]] = {}
        self.settings = JiraSettings("https://acme.atlassian.net", "robot@acme.example", "s3cret-t0ken")

    def answers(self, path: str, *answers: Any) -> Site:
        self.script[path] = list(answers)
        return self

    def ok(self, body: Any, status: int = 200, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
        """An answer to the account of the connection."""
        return self.raw(status, body, **{"X_AAccountId": "5b10%3Aac-count", "Atl_Traceid": "abc123", **headers})

    def raw(self, status: int, body: Any = None, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
        """An answer as given; names of headers with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, str):
            return lambda _: httpx.Response(status, text=body, headers=sent)
        content = b"" if body is None else json.dumps(body).encode()
        return lambda _: httpx.Response(
            status, content=content, headers={"Content-Type": "application/json;charset=UTF-8", **sent}
        )

    def client(self, settings: JiraSettings | None = None) -> JiraClient:
        return JiraClient(
            settings or self.settings,
            transport=httpx.MockTransport(self._answer),
            clock=lambda: asyncio.get_running_loop().time(),
            sleep=asyncio.sleep,
            now=lambda: NOW,
            jitter=lambda low, high: (low + high) / 2,
        )

    def bodies(self, path: str = "") -> list[Any]:
        return [json.loads(request.content) for request in self.asked if request.url.path.endswith(path)]

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0)
        waiting = self.script[request.url.path]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        response = answer(request)
        answered: httpx.Response = response if isinstance(response, httpx.Response) else await response
        return answered


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def ask(site: Site, run: Callable[..., Any]) -> Callable[..., Any]:
    """Open a client of the site, ask one thing of it, close it; lists what comes in pieces."""

    def asked(question: Callable[[JiraClient], Any], settings: JiraSettings | None = None) -> Any:
        async def story() -> Any:
            async with site.client(settings) as jira:
                answer = question(jira)
                if hasattr(answer, "__aiter__"):
                    return [piece async for piece in answer]
                return await answer

        return run(story())

    return asked
