"""Fixtures of the sandbox's own tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from starlette.types import ASGIApp

from airflow_provider_jira.sandbox.esm.server import create_app
from airflow_provider_jira.sandbox.esm.switches import Switches

REST = "/rest-api/itsm/v1"
WEBAPI = "/api/itsm"
START = 1_700_000_000.0


class Loopback(httpx.BaseTransport):
    """Hands requests straight to an application, without a network."""

    def __init__(self, app: ASGIApp) -> None:
        self._inner = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            answer = await self._inner.handle_async_request(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(ask())


class EsmDesk:
    """One sandbox ESM, and someone who sits before it with both APIs open.

    ``rest`` and friends log in as ``login``; ``xml`` parses.
    """

    def __init__(self, **switches: Any) -> None:
        self.time = START
        self.app = create_app(switches=Switches(**switches), clock=lambda: self.time)
        self.http = httpx.Client(transport=Loopback(self.app), base_url="http://esm.example")
        self.auth = ("webapi", "sandbox-password")

    def turn(self, **switches: Any) -> None:
        answer = self.http.patch("/_sandbox/switches", json=switches)
        assert answer.status_code == 200, answer.text

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def log_in(self) -> httpx.Response:
        return self.http.post(f"{REST}/users/login", data={"login": self.auth[0], "password": self.auth[1]})

    def rest(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        headers = {"Authorization": self.log_in().headers["Authorization"]}
        return self.http.request(method, f"{REST}{path}", json=body, params=query, headers=headers)

    def make(self, values: dict[str, Any], template: str = "jira_issue", folder: str = "jira_issues") -> str:
        """Create one card through REST and return its id."""
        answer = self.rest("POST", f"/dc/{template}/data", {"folderCode": folder, "data": data(values)})
        assert answer.status_code == 201, answer.text
        assert answer.json()["meta"]["errors"] == []
        return str(answer.json()["dataCard"]["dataCardId"])

    def listed(self, condition: str = "", template: str = "jira_issue", **query: Any) -> list[str]:
        """Return ids of the cards that a filter finds through REST, in the order of the answer."""
        answer = self.rest("GET", f"/dc/{template}/data", filter=condition, **{"limit": 200, **query})
        assert answer.status_code == 200, answer.text
        return [card["dataCardId"] for card in answer.json()["data"]]

    def values(self, card_id: str, attribute: str, template: str = "jira_issue") -> list[Any]:
        element = self.rest("GET", f"/dc/{template}/data/{card_id}/{attribute}").json()
        return [value.get("value", value.get("name")) for value in element["values"]]

    def search(self, query: str) -> ET.Element:
        answer = self.http.get(f"{WEBAPI}/search.ws", params={"query": query}, auth=self.auth)
        assert answer.status_code == 200, answer.text
        return ET.fromstring(answer.text)

    def import_(self, *entities: dict[str, Any], template: str = "jira_issue", **flags: str) -> httpx.Response:
        """Import entities; an attribute's value is a text, several texts, or nothing."""
        root = ET.Element("entityset")
        for values in entities:
            entity = ET.SubElement(root, "entity")
            ET.SubElement(entity, "template", code=template)
            for code, given in values.items():
                attribute = ET.SubElement(entity, "attribute", code=code)
                for text in [given] if isinstance(given, str) else given:
                    ET.SubElement(attribute, "value").text = text
        params = {"folderCode": "jira_issues", "createDataCards": "true", "updateDataCards": "true", **flags}
        body = ET.tostring(root)
        return self.http.post(f"{WEBAPI}/dataCardImport.ws", params=params, content=body, auth=self.auth)

    def counts(self, *entities: dict[str, Any], **flags: str) -> tuple[int, int]:
        """Import entities and return how many were created and updated."""
        answer = self.import_(*entities, **flags)
        assert answer.status_code == 200, answer.text
        report = ET.fromstring(answer.text)
        assert report.tag == "entity-import-report", answer.text
        return int(report.findtext("entities-created", "")), int(report.findtext("entities-updated", ""))

    def truth(self, template: str = "jira_issue") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.control("GET", f"truth/cards?template={template}")
        return rows


def data(values: dict[str, Any]) -> dict[str, Any]:
    """Return REST ``data``: lists become several values, dicts are values as they are."""
    return {
        code: {
            "values": [
                item if isinstance(item, dict) else {"value": item}
                for item in (given if isinstance(given, list) else [given])
            ]
        }
        for code, given in values.items()
    }


@pytest.fixture(name="esm_data")
def _esm_data() -> Callable[[dict[str, Any]], dict[str, Any]]:
    return data


@pytest.fixture(name="open_esm")
def _open_esm() -> Iterator[Callable[..., EsmDesk]]:
    desks: list[EsmDesk] = []

    def open_esm(**switches: Any) -> EsmDesk:
        desks.append(EsmDesk(**switches))
        return desks[-1]

    yield open_esm
    for desk in desks:
        desk.http.close()
        desk.app.state.world.cards.close()


@pytest.fixture(name="esm")
def _esm(open_esm: Callable[..., EsmDesk]) -> EsmDesk:
    return open_esm()
