"""The sandbox ESM answers as the vendor's OpenAPI document says.

The document itself has two slips that every real answer would trip over, put right here and nowhere else: a ``value``
is declared an object although its example says text, number or date, and a value element must match exactly one of
five shapes that overlap.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator

from airflow_provider_jira.sandbox.esm.rest_api import PATH
from airflow_provider_jira.sandbox.esm.server import create_app

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module", name="document")
def _document() -> dict[str, Any]:
    folder = os.environ.get("JIRA_CONNECTOR_SPECS")
    if not folder:
        reason = "JIRA_CONNECTOR_SPECS names no folder with esm-openapi-v1.json"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    document: dict[str, Any] = json.loads((Path(folder) / "esm-openapi-v1.json").read_text())
    schemas = document["components"]["schemas"]
    schemas["Attribute"]["properties"]["value"] = {}
    schemas["RESTStaticValueInfo"]["properties"]["value"] = {}
    schemas["RESTValueElement"]["anyOf"] = schemas["RESTValueElement"].pop("oneOf")
    return document


def _closed(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas with every object closed: what the document does not name, the sandbox may not send."""
    schemas = copy.deepcopy(document["components"]["schemas"])
    page = schemas["RESTPaginatedDataCardsInfo"]["properties"]["data"]["items"]
    page.clear()
    page["anyOf"] = [
        {"$ref": "#/components/schemas/RESTDataCardInfoElement"},
        {"$ref": "#/components/schemas/RESTDataCard"},
    ]
    schemas["RESTDataCardResponse"]["properties"]["dataCard"] = {
        "anyOf": [{"$ref": "#/components/schemas/RESTPaginatedData"}, {"$ref": "#/components/schemas/RESTDataCard"}]
    }
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return schemas


class Checked:
    """A client that checks every answer against the document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._paths = {
            re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"): (path, operations)
            for path, operations in sorted(document["paths"].items(), key=lambda item: "{" in item[0].split("/")[-1])
        }
        self._components = {"schemas": _closed(document)}
        self._app = create_app()
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://esm.example")

    def __call__(self, method: str, path: str, body: Any = None, expect: int = 200, **more: Any) -> Any:
        answer = asyncio.run(self._http.request(method, f"{PATH}{path}", json=body, **more))
        template, operation = self._operation(method, path)
        status = str(answer.status_code)
        assert answer.status_code == expect, answer.text
        assert status in operation["responses"], f"{method} {template} does not answer {status}"
        media = operation["responses"][status].get("content", {}).get("application/json")
        if media:
            schema = {**media["schema"], "components": self._components}
            problems = [
                f"{error.json_path}: {error.message}" for error in OAS30Validator(schema).iter_errors(answer.json())
            ]
            assert problems == [], f"{method} {path}"
        if "authorization" in answer.headers:
            self._http.headers["Authorization"] = answer.headers["authorization"]
        return answer.json()

    def _operation(self, method: str, path: str) -> tuple[str, Any]:
        for pattern, (template, operations) in self._paths.items():
            if pattern.fullmatch(path) and method.lower() in operations:
                return template, operations[method.lower()]
        raise AssertionError(f"{method} {path} is not in the vendor's document")

    def restrict(self) -> None:
        """Let the user only read."""
        body = {"folders": {"incident_management": "read"}}
        answer = asyncio.run(self._http.patch("/_sandbox/users/webapi", json=body))
        assert answer.status_code == 200


def _values(*values: Any) -> dict[str, Any]:
    return {"values": [value if isinstance(value, dict) else {"value": value} for value in values]}


LOGIN = {"login": "webapi", "password": "sandbox-password"}
INCIDENTS = "/dc/incident/data"


def test_a_card_of_every_type_through_its_whole_life(document):
    ask = Checked(document)
    ask("POST", "/users/login", data=LOGIN)
    ask("GET", "/echo", params={"message": "x"})
    ask("GET", "/echo/jwt", params={"message": "x"})
    ask("GET", "/dc")
    for code in ("jira_issue", "incident", "account", "entitlement"):
        ask("GET", f"/dc/{code}")
    account = {"folderCode": "accounts", "data": {"accountId": _values("a1"), "displayName": _values("Aino")}}
    aino = ask("POST", "/dc/account/data", account, expect=201)["dataCard"]["dataCardId"]
    link = {"name": "site", "location": "https://jira.example"}
    data = {
        "subject": _values("one"),
        "status": _values({"value": "01 - New", "code": "new"}),
        "customer": _values({"dataCardId": aino}),
        "link": _values(link, link),
        "comments": _values("second", "first"),
        "jiraSync": _values("nonsense"),
    }
    create = {"folderCode": "incident_management", "data": data}
    made = ask("POST", INCIDENTS, create, expect=201, params={"dataCards": "true"})
    assert len(made["meta"]["errors"]) == 1
    card = made["dataCard"]["dataCardId"]
    modify = {"dataCardId": card, "data": {"subject": _values("two"), "customer": _values()}}
    ask("PATCH", f"{INCIDENTS}/{card}", modify)
    bulk = ask("PUT", INCIDENTS, [create, modify, {"dataCardId": "1", "data": {}}])
    assert [len(item["errors"]) for item in bulk["data"]] == [1, 0, 1]
    ask("GET", f"{INCIDENTS}/{card}")
    for attribute in data:
        ask("GET", f"{INCIDENTS}/{card}/{attribute}")
    for query in ({"limit": 1}, {"limit": 2, "dataCards": "true"}, {"limit": 1, "filter": "$subject$ = 'nothing'"}):
        ask("GET", INCIDENTS, params=query)
        ask("GET", f"{INCIDENTS}/stream", params=query)
    ask("PUT", f"{INCIDENTS}/{card}/subject", _values("three"))
    ask("POST", f"{INCIDENTS}/{card}/link", _values(link))
    ask("DELETE", f"{INCIDENTS}/{card}/link")
    ask("DELETE", f"{INCIDENTS}/{card}")
    issue = {
        "storyPoints": _values(2.5),
        "due": _values("2026-03-24"),
        "created": _values("2026-03-24T10:57:57Z"),
        "labels": _values("a", "b"),
        "origin": _values("esm"),
    }
    ask("POST", "/dc/jira_issue/data", {"folderCode": "jira_issues", "data": issue}, expect=201)
    ask("GET", "/dc/jira_issue/data", params={"limit": 200, "dataCards": "true"})


def test_refusals_have_the_documented_status_and_shape(document):
    ask = Checked(document)
    ask("POST", "/users/login", data={**LOGIN, "password": "wrong"}, expect=401)
    for path in ("/dc", "/dc/incident", INCIDENTS, f"{INCIDENTS}/stream", f"{INCIDENTS}/1", "/echo/jwt"):
        ask("GET", path, expect=401)
    ask("POST", "/users/login", data=LOGIN)
    for path in ("/dc/nope", "/dc/nope/data", f"{INCIDENTS}/1"):
        ask("GET", path, expect=404)
    create = {"folderCode": "incident_management", "data": {"subject": _values("one")}}
    card = ask("POST", INCIDENTS, create, expect=201)["dataCard"]["dataCardId"]
    modify = {"dataCardId": card, "data": {"subject": _values("two")}}
    path = f"{INCIDENTS}/{card}"
    ask("POST", INCIDENTS, {"folderCode": "incident_management"}, expect=400)
    ask("PUT", INCIDENTS, {}, expect=400)
    ask("PATCH", path, {}, expect=400)
    ask("PUT", f"{path}/subject", _values(1), expect=400)
    ask("POST", f"{path}/subject", _values("x"), expect=400)
    ask("POST", "/dc/nope/data", create, expect=404)
    ask("PUT", "/dc/nope/data", [], expect=404)
    for method, body in (("PATCH", modify), ("DELETE", None)):
        ask(method, f"{INCIDENTS}/1", body, expect=404)
    for method in ("PUT", "POST", "DELETE"):
        ask(method, f"{path}/nope", _values("x"), expect=404)
    ask("GET", f"{path}/nope", expect=403)
    ask.restrict()
    ask("POST", INCIDENTS, create, expect=403)
    ask("PATCH", path, modify, expect=403)
    ask("DELETE", path, expect=403)
    for method in ("PUT", "POST", "DELETE"):
        ask(method, f"{path}/description", _values("x"), expect=403)


def test_deleting_twice_is_the_documented_conflict(document):
    ask = Checked(document)
    ask("POST", "/users/login", data=LOGIN)
    create = {"folderCode": "incident_management", "data": {"subject": _values("one")}}
    card = ask("POST", INCIDENTS, create, expect=201)["dataCard"]["dataCardId"]
    ask("DELETE", f"{INCIDENTS}/{card}")
    ask("DELETE", f"{INCIDENTS}/{card}", expect=409)


def test_every_documented_operation_but_files_is_served(document):
    app = create_app()
    served = {
        (method, re.sub(r"\{\w+\}", "{}", route.path.removeprefix(PATH)))
        for route in app.routes
        if route.path.startswith(PATH)
        for method in route.methods - {"HEAD"}
    }
    documented = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, operations in document["paths"].items()
        for method in operations
        if "/file" not in path
    }
    assert served == documented
