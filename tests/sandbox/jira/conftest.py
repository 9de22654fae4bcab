"""Someone who sits before a sandbox Jira, without a network between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from airflow_provider_jira.sandbox.jira.catalog import CLOUD_ID, GLOBAL_PERMISSIONS
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches

API = "/rest/api/3"
LOGIN = ("robot@acme.example", "sandbox-token")
SCOPED = ("robot@acme.example", "sandbox-scoped-token")
START = 1_780_000_000.0


class Loopback(httpx.BaseTransport):
    """Hands requests straight to an application."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            answer = await self._inner.handle_async_request(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(ask())


class Desk:
    """One sandbox Jira.

    :param time: its clock, in seconds since 1970; also that of its limits
    """

    def __init__(
        self,
        issues: int = 40,
        seed: int = 7,
        data: str = ":memory:",
        *,
        people: int = 60,
        groups: int = 12,
        memberships: int = 150,
        **switches: Any,
    ) -> None:
        self.time = START
        self.app = create_app(
            issues,
            seed,
            people=people,
            groups=groups,
            memberships=memberships,
            data=data,
            switches=JiraSwitches(**switches),
            now=lambda: self.time,
            monotonic=lambda: self.time,
        )
        self.http = httpx.Client(transport=Loopback(self.app), base_url="http://jira.example", auth=LOGIN)

    def close(self) -> None:
        self.http.close()
        self.app.state.site.store.close()

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return self.http.request(method, f"{API}{path}", json=body, **more)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.ask("POST", path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refusal(self, method: str, path: str, body: Any = None, **query: Any) -> list[str]:
        """Return the messages of a 400."""
        answer = self.ask(method, path, body, params=query)
        assert answer.status_code == 400, answer.text
        return [*answer.json()["errorMessages"], *answer.json()["errors"].values()]

    def page(self, jql: str, **body: Any) -> Any:
        return self.post("/search/jql", {"jql": jql, **body})

    def pages(self, jql: str, **body: Any) -> list[Any]:
        """Walk a search to its end."""
        found = [self.page(jql, **body)]
        while found[-1].get("nextPageToken"):
            found.append(self.page(jql, nextPageToken=found[-1]["nextPageToken"], **body))
        return found

    def ids(self, jql: str, **body: Any) -> list[int]:
        """Return the ids that a search finds, in its order."""
        pages = self.pages(jql, **{"maxResults": 5000, **body})
        return [int(issue["id"]) for page in pages for issue in page["issues"]]

    def truth(self, **query: Any) -> dict[int, dict[str, Any]]:
        rows = self.control("GET", "truth/issues", **query)
        return {int(row["id"]): row for row in rows}

    def everyone(self, size: int = 1000) -> list[dict[str, Any]]:
        """Read all people."""
        found: list[dict[str, Any]] = []
        while page := self.get("/users/search", startAt=len(found), maxResults=size):
            found += page
        return found

    def values(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Read all pages of page beans."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, startAt=len(found), **query)
            found += page["values"]
            if page["isLast"]:
                assert len(found) == page["total"]
                return found

    def known(self, what: str) -> Any:
        """Return the truth about ``people``, ``groups``, ``memberships`` or ``roles``."""
        return self.control("GET", f"truth/{what}")

    def world(self, name: str, /, **body: Any) -> Any:
        return self.control("POST", f"world/{name}", body)

    def turn(self, **switches: Any) -> None:
        self.control("PATCH", "switches", switches)

    def control(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self.http.request(method, f"/_sandbox/{path}", json=body, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(name="open_jira")
def _open_jira() -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def open_jira(*args: Any, **switches: Any) -> Desk:
        desks.append(Desk(*args, **switches))
        return desks[-1]

    yield open_jira
    for desk in desks:
        desk.close()


@pytest.fixture(name="jira")
def _jira(open_jira: Callable[..., Desk]) -> Desk:
    return open_jira()


@pytest.fixture(name="admins_jira")
def _admins_jira(open_jira: Callable[..., Desk]) -> Desk:
    """A site whose administrator asks."""
    return open_jira(global_permissions=GLOBAL_PERMISSIONS, denied_permissions=())


@pytest.fixture(name="gateway")
def _gateway() -> tuple[str, tuple[str, str]]:
    """Path and login of the gateway for scoped tokens."""
    return f"/ex/jira/{CLOUD_ID}{API}", SCOPED


@pytest.fixture(scope="session", name="desk_class")
def _desk_class() -> type[Desk]:
    """For worlds that outlive a test; whoever makes one closes it."""
    return Desk
