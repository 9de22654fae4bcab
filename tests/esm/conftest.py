"""What the tests of the ESM client share: a sandbox ESM for each test, a scripted one, and time that costs nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import httpx
import pytest

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import CardStore, CardWrite
from airflow_provider_jira.model.card import Card, Value
from airflow_provider_jira.model.definition import Target
from airflow_provider_jira.sandbox.esm.server import create_app
from airflow_provider_jira.sandbox.process import serve_in_thread

TARGET = Target(template="jira_issue", folder="jira_issues", key="jiraId", task_id_attribute="taskId")
TASK = "acme__support_tickets"
PASSWORD = "sandbox-password"


class Time:
    """A clock that only waiting moves; ``waits`` holds what was waited for."""

    def __init__(self) -> None:
        self.now = 1_772_000_000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class Esm:
    """A sandbox ESM and the handles on it that a real one does not have."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.time = Time()
        self._control = httpx.Client(base_url=f"{url}/_sandbox", timeout=30)

    def settings(self, api: str, **changes: Any) -> EsmSettings:
        return EsmSettings(**{"base_url": self.url, "login": "webapi", "password": PASSWORD, "api": api, **changes})

    def store(self, api: str, **changes: Any) -> CardStore:
        return open_store(self.settings(api, **changes), clock=self.time, sleep=self.time.sleep)

    def do(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self._control.request(method, path, json=body, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def switch(self, **settings: Any) -> None:
        self.do("PATCH", "/switches", settings)

    def fault(self, method: str, path: str, **fault: Any) -> None:
        self.do("POST", "/faults", {"match": {"method": method, "path": path}, **fault})

    def put(self, key: str, **change: Any) -> str:
        """Make a card past every rule; returns its id."""
        values = {"jiraId": [key], "taskId": [TASK], **change.pop("values", {})}
        body = {"template": "jira_issue", "values": values, **change}
        made: str = self.do("POST", "/world/card", body)["dataCardId"]
        return made

    def make(self, template: str, values: dict[str, list[str]], **change: Any) -> str:
        """Make a card of any template past every rule; returns its id."""
        body = {"template": template, "values": values, **change}
        made: str = self.do("POST", "/world/card", body)["dataCardId"]
        return made

    def make_many(self, template: str, cards: list[dict[str, list[str]]]) -> list[str]:
        bodies = [{"template": template, "values": values} for values in cards]
        made: list[str] = self.do("POST", "/world/cards", bodies)["ids"]
        return made

    def pointed(self, template: str, key: str, attribute: str) -> dict[str, list[str]]:
        """Key -> ids of the cards that an attribute of the card really points at."""
        return {
            "".join(card["values"].get(key, [])): card.get("references", {}).get(attribute, [])
            for card in self.do("GET", "/truth/cards", template=template)
        }

    def change(self, card_id: str, **change: Any) -> str:
        body = {"template": "jira_issue", "dataCardId": card_id, **change}
        made: str = self.do("POST", "/world/card", body)["dataCardId"]
        return made

    def truth(self) -> dict[str, list[dict[str, Any]]]:
        """Key -> the cards with it, as they really are."""
        cards: dict[str, list[dict[str, Any]]] = {}
        for card in self.do("GET", "/truth/cards", template="jira_issue"):
            cards.setdefault("".join(card["values"].get("jiraId", [])), []).append(card)
        return cards

    def requests(self, method: str = ".*", path: str = "") -> list[dict[str, Any]]:
        return [
            row
            for row in self.do("GET", "/requests")["requests"]
            if re.fullmatch(method, row["method"]) and re.search(path, row["path"])
        ]

    def writes(self) -> list[dict[str, Any]]:
        """The requests that can change a card."""
        return [row for row in self.requests("PUT|POST|PATCH|DELETE") if not row["path"].endswith("/login")]

    def template(self, code: str, **attributes: dict[str, Any]) -> None:
        """Change attributes of a template."""
        definition = self.do("GET", f"/templates/{code}")
        for attribute in definition["attributes"]:
            attribute.update(attributes.get(attribute["code"], {}))
        self.do("PUT", f"/templates/{code}", definition)

    def close(self) -> None:
        self._control.close()


R = TypeVar("R")


def using(store: CardStore, work: Callable[[CardStore], Coroutine[Any, Any, R]]) -> R:
    """Open a store, do something with it, and close it."""

    async def main() -> R:
        async with store:
            return await work(store)

    return asyncio.run(main())


@pytest.fixture
def esm() -> Iterator[Esm]:
    with serve_in_thread(create_app()) as served:
        held = Esm(served.url)
        yield held
        held.close()


@pytest.fixture(params=["rest", "webapi"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def write_of(key: str, card_id: str | None = None, /, **values: Value | tuple[Value, ...]) -> CardWrite:
    """A card with this key and the task's stamp; ``()`` clears."""
    said = {code: value if isinstance(value, tuple) else (value,) for code, value in values.items()}
    return CardWrite(Card(key, {"jiraId": (key,), "taskId": (TASK,), **said}), card_id)


class Script:
    """A scripted ESM behind ``httpx.MockTransport``: each request is answered by the first rule that fits.

    A rule is a method, a pattern for the path, and answers given in turn; the last one repeats. An answer is a
    response, an exception to raise, or a function of the request.
    """

    def __init__(self) -> None:
        self.rules: list[tuple[str, str, list[Any]]] = []
        self.seen: list[httpx.Request] = []
        self.time = Time()

    def on(self, method: str, path: str, *answers: Any) -> Script:
        self.rules.append((method, path, list(answers)))
        return self

    def paths(self, method: str) -> list[str]:
        return [request.url.path for request in self.seen if request.method == method]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        for method, path, answers in self.rules:
            if method == request.method and re.search(path, request.url.path):
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if isinstance(answer, Exception):
                    raise answer
                if callable(answer):
                    answer = answer(request)
                # a response belongs to one request only
                return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        raise AssertionError(f"the script has no answer to {request.method} {request.url.path}")

    def store(self, api: str = "rest", **changes: Any) -> CardStore:
        settings = EsmSettings(
            **{"base_url": "https://esm.example", "login": "webapi", "password": "Secr3t!", "api": api, **changes}
        )
        return open_store(
            settings, clock=self.time, sleep=self.time.sleep, transport=httpx.MockTransport(self.__call__)
        )


@pytest.fixture
def script() -> Script:
    return Script()
