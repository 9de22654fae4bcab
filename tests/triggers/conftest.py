"""Sandboxes to wait for, and time that passes only where a trigger waits: a test says what happens meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread
from airflow_provider_jira.triggers.events import EsmCardEventTrigger
from airflow_provider_jira.triggers.polling import PollingTrigger

START = 1_772_000_000.0


class Sandbox:
    """A server's handles that a real one does not have."""

    def __init__(self, url: str) -> None:
        self.url = url

    def do(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.url}/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def asked(self, path: str) -> int:
        return sum(1 for row in self.do("GET", "requests")["requests"] if path in row["path"])


class Jira(Sandbox):
    def issue(self, id_: int | None = None, **fields: Any) -> int:
        made = self.do("POST", "world/issues", {"id": id_, "fields": fields})
        return int(made["id"])


class Esm(Sandbox):
    def card(self, id_: str | None = None, **values: Any) -> str:
        body = {"template": "incident", "values": {code: [text] for code, text in values.items()}}
        made: str = self.do("POST", "world/card", body if id_ is None else {**body, "dataCardId": id_})["dataCardId"]
        return made


@pytest.fixture
def jira(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jira]:
    with serve_in_thread(create_jira(20, 7)) as server:
        fields = {"host": server.url, "login": "robot@acme.example", "password": "sandbox-token"}
        monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps({"conn_type": "jira_cloud", **fields}))
        yield Jira(server.url)


@pytest.fixture(params=["rest", "webapi"])
def esm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Esm]:
    with serve_in_thread(create_esm()) as server:
        fields = {"host": server.url, "login": "webapi", "password": "sandbox-password"}
        extra = {"api": request.param}
        monkeypatch.setenv("AIRFLOW_CONN_ESM_ACME", json.dumps({"conn_type": "efecte_esm", **fields, "extra": extra}))
        yield Esm(server.url)


class Meanwhile:
    """What happens while a trigger waits, pause by pause; after the last one nothing happens.

    ``pauses`` holds how long each was, ``now`` the time.
    """

    def __init__(self) -> None:
        self.acts: list[Callable[[], Any]] = []
        self.pauses: list[float] = []
        self.now = START

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        assert len(self.pauses) < 200, "the trigger waits for something that never happens"
        if self.acts:
            await asyncio.to_thread(self.acts.pop(0))


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    story = Meanwhile()
    for kind in (PollingTrigger, EsmCardEventTrigger):
        monkeypatch.setattr(kind, "pause", lambda _, seconds: story.pause(seconds))
        monkeypatch.setattr(kind, "now", lambda _: story.now)
    return story


def ended(trigger: PollingTrigger) -> dict[str, Any]:
    """Run a trigger as the triggerer does, remade from what the database holds; returns its one event."""

    async def run() -> list[Any]:
        path, arguments = trigger.serialize()
        module, _, name = path.rpartition(".")
        kind = getattr(__import__(module, fromlist=[name]), name)
        return [event.payload async for event in kind(**json.loads(json.dumps(arguments))).run()]

    [event] = asyncio.run(run())
    return dict(event)


@pytest.fixture(name="ended")
def _ended() -> Callable[[PollingTrigger], dict[str, Any]]:
    return ended
