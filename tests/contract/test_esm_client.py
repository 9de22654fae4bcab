"""Every request of the ESM client through REST is one that the vendor's OpenAPI document allows.

The requests are those of a whole life of cards against the sandbox, trouble included, as they went over the wire. The
document's own slips are mended before, each on its line below.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jsonschema
import pytest

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import CardStore, CardWrite
from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static, Value
from airflow_provider_jira.model.definition import Target
from airflow_provider_jira.sandbox.esm.server import create_app
from airflow_provider_jira.sandbox.process import serve_in_thread

pytestmark = pytest.mark.contract

TARGET = Target(template="jira_issue", folder="jira_issues", key="jiraId", task_id_attribute="taskId")
ACCOUNTS = Target(template="account", folder="accounts", key="accountId", task_id_attribute="taskId")
ROOT = "/rest-api/itsm/v1"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    folder = os.environ.get("JIRA_CONNECTOR_SPECS")
    if not folder:
        if os.environ.get("CI") == "true":
            pytest.fail("JIRA_CONNECTOR_SPECS is not set: in CI the contract with ESM must be checked")
        pytest.skip("JIRA_CONNECTOR_SPECS names no folder with esm-openapi-v1.json")
    read: dict[str, Any] = json.loads((Path(folder) / "esm-openapi-v1.json").read_text())
    schemas = read["components"]["schemas"]
    # `data` is required and used in the examples, but declared nowhere; its elements are those of an update of one
    written = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/WrittenValue"}}
    for name in ("RESTDataCardCreateRequest", "RESTDataCardModifyRequest"):
        schemas[name]["properties"]["data"] = {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "required": ["values"],
                "properties": {"values": written},
                "additionalProperties": False,
            },
        }
        schemas[name]["additionalProperties"] = False
    # the one value element that is meant must match exactly one of five shapes that overlap
    schemas["RESTDataCardElementUpdateRequest"] = {
        "type": "object", "required": ["values"], "properties": {"values": written}, "additionalProperties": False
    }  # fmt: skip
    # a value is declared an object, with an example that says what it is: string, number or date; a reference's example
    # holds the id alone
    schemas["WrittenValue"] = {
        "type": "object",
        "oneOf": [{"required": ["value"]}, {"required": ["dataCardId"]}],
        "properties": {
            "value": {"type": ["string", "number"]},
            "code": {"type": "string"},
            "dataCardId": {"type": "string", "pattern": "^[0-9]+$"},
        },
        "additionalProperties": False,
    }
    return read


class Recorder(httpx.AsyncHTTPTransport):
    """Sends requests on, and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return await super().handle_async_request(request)


def write_of(key: str, card_id: str | None = None, /, **values: Value | tuple[Value, ...]) -> CardWrite:
    said = {code: value if isinstance(value, tuple) else (value,) for code, value in values.items()}
    return CardWrite(Card(key, {"jiraId": (key,), "taskId": ("acme__t",), **said}), card_id)


async def event(store: CardStore, link: Link) -> None:
    """What an event task does with a card."""
    (card, *_) = await store.matching("jira_issue", "$subject$ = 'new' and $resolution$ is null", most=2)
    assert await store.read("jira_issue", card.card_id, []) is not None
    values: dict[str, tuple[Value, ...]] = {
        "jiraKey": ("SUP-1",), "due": (Day("2026-03-06"),), "storyPoints": (2,), "origin": (Static("jira"),),
        "created": (Instant("2026-03-06T10:00:00Z"),), "labels": ("a", "b"), "assignee": (link,), "priority": (),
    }  # fmt: skip
    assert await store.change("jira_issue", card.card_id, values) == ()
    await store.change("jira_issue", card.card_id, {"subject": ("POISON",), "team": ("t",)})
    await store.add_entry("jira_issue", card.card_id, "comments", "[Jira comment 1]\ntwo lines")
    assert len(await store.worklog("jira_issue", card.card_id, "comments")) == 1


@pytest.fixture(scope="module")
def requests() -> list[httpx.Request]:
    """What goes over the wire in the life of some cards."""
    recorder = Recorder()

    async def life(url: str) -> None:
        settings = EsmSettings(base_url=url, login="webapi", password="sandbox-password", page_cards=3)
        async with open_store(settings, transport=recorder) as store:
            await store.prove_identity()
            await store.describe("jira_issue", [])
            full = {
                "subject": "ä'\"\\$#%", "labels": ("a", "b"), "due": Day("2026-03-05"), "storyPoints": 0.5,
                "created": Instant("2026-03-05T10:00:00Z"), "priority": "3", "origin": Static("jira"), "team": "t",
            }  # fmt: skip
            keys = [*map(str, range(8)), "it's"]
            await store.write(TARGET, [write_of(key, **full) for key in keys])
            await store.write(
                TARGET, [write_of(key, "1", team=(), labels=(), subject="new") for key in keys], create=False
            )
            await store.write(TARGET, [write_of("1", subject="POISON"), write_of("new", origin="esm"), write_of("2")])
            await store.write(ACCOUNTS, [CardWrite(Card("a1", {"accountId": ("a1",)}))])
            found = await store.resolve([Reference("account", "accountId", key) for key in ("a1", "a2")])
            (link,) = [link for link in found.values() if isinstance(link, Link)]
            for assignee in ((link,), ()):
                outcomes = await store.write(TARGET, [write_of(key, assignee=assignee) for key in keys])
                assert {outcome.status for outcome in outcomes} == {"updated"}
            await store.find(TARGET, [str(n) for n in range(120)], ["recordStatus"])
            assert len([card async for card in store.owned(TARGET, "acme__t", ["recordStatus"])]) == 10
            await event(store, link)

    with serve_in_thread(create_app()) as served:
        asyncio.run(life(served.url))
    return recorder.seen


def operation(document: dict[str, Any], request: httpx.Request) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Find the operation that a request is of: its path template, the path's parameters, the operation."""
    assert request.url.path.startswith(ROOT)
    path = request.url.path.removeprefix(ROOT)
    fitting = []
    for template, operations in document["paths"].items():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        match = re.fullmatch(pattern, path)
        if match and request.method.lower() in operations:
            fitting.append((template, match.groupdict(), operations[request.method.lower()]))
    assert fitting, f"{request.method} {path} is in no path of the document"
    return min(fitting, key=lambda found: len(found[1]))


def typed(text: str, schema: dict[str, Any]) -> Any:
    if schema["type"] == "integer":
        assert re.fullmatch("[0-9]+", text)
        return int(text)
    if schema["type"] == "boolean":
        assert text in {"true", "false"}
        return text == "true"
    return text


def check(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    defs = json.loads(json.dumps(document["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/"))
    whole = {**json.loads(json.dumps(schema).replace("#/components/schemas/", "#/$defs/")), "$defs": defs}
    jsonschema.Draft202012Validator(whole).validate(value)


def violations(document: dict[str, Any], request: httpx.Request) -> None:
    """Hold one request against its operation.

    :raises AssertionError: it has a parameter or body that is not declared, or lacks one that is required
    :raises jsonschema.ValidationError: a value does not fit its schema
    """
    _, in_path, declared = operation(document, request)
    parameters = {parameter["name"]: parameter for parameter in declared.get("parameters", [])}
    given = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    for name, text in {**given, **in_path}.items():
        assert name in parameters, f"{request.method} {request.url.path} has no parameter {name}"
        check(typed(text, parameters[name]["schema"]), parameters[name]["schema"], document)
    missing = [
        name for name, parameter in parameters.items()
        if parameter.get("required") and name not in given and name not in in_path
    ]  # fmt: skip
    assert not missing, f"{request.method} {request.url.path} lacks {missing}"
    body = declared.get("requestBody")
    if body is None:
        assert not request.content, f"{request.method} {request.url.path} takes no body"
        return
    kind = request.headers["Content-Type"]
    assert kind in body["content"], f"{request.method} {request.url.path} does not take {kind}"
    form = kind == "application/x-www-form-urlencoded"
    value = dict(parse_qsl(request.content.decode())) if form else json.loads(request.content)
    check(value, body["content"][kind]["schema"], document)


def test_every_request_is_one_that_the_document_allows(document: dict[str, Any], requests: list[httpx.Request]) -> None:
    for request in requests:
        violations(document, request)


def test_every_kind_of_request_was_among_them(document: dict[str, Any], requests: list[httpx.Request]) -> None:
    assert {(request.method, operation(document, request)[0]) for request in requests} == {
        ("POST", "/users/login"),
        ("GET", "/echo/jwt"),
        ("GET", "/dc/{templateCode}"),
        ("GET", "/dc/{templateCode}/data"),
        ("PUT", "/dc/{templateCode}/data"),
        ("POST", "/dc/{templateCode}/data"),
        ("GET", "/dc/{templateCode}/data/{dataCardId}"),
        ("PATCH", "/dc/{templateCode}/data/{dataCardId}"),
        ("POST", "/dc/{templateCode}/data/{dataCardId}/{attributeCode}"),
        ("DELETE", "/dc/{templateCode}/data/{dataCardId}/{attributeCode}"),
    }


def test_all_but_the_login_carry_the_token_and_it_carries_none(requests: list[httpx.Request]) -> None:
    for request in requests:
        is_login = request.url.path.endswith("/users/login")
        assert request.headers.get("Authorization", "").startswith("Bearer ") is not is_login


ITEM: dict[str, Any] = {"data": {"a": {"values": [{"value": "x"}]}}}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/dc/t/data", None),  # no limit
        ("GET", "/dc/t/data?limit=201", None),
        ("GET", "/dc/t/data?limit=5&offset=1", None),
        ("GET", "/dc/t/data?limit=5&dataCards=True", None),
        ("PUT", "/dc/t/data", {"folderCode": "f", **ITEM}),  # no array
        ("PUT", "/dc/t/data", [ITEM]),  # neither create nor modify
        ("PUT", "/dc/t/data", [{"folderCode": "f"}]),
        ("PUT", "/dc/t/data", [{"folderCode": "f", "data": {"a": {"values": []}}}]),
        ("PUT", "/dc/t/data", [{"folderCode": "f", "data": {"a": {"values": [{"value": None}]}}}]),
        ("PUT", "/dc/t/data", [{"folderCode": "f", "data": {"a": {"values": [{"dataCardId": 7}]}}}]),
        ("PATCH", "/dc/t/data/1", ITEM),
        ("GET", "/dc/t/data/1?attributes=a", None),
        ("POST", "/dc/t/data/1/a", {"value": "x"}),
        ("PUT", "/dc/t/data/1", {"dataCardId": "1", **ITEM}),  # there is no such operation
        ("POST", "/echo", None),
    ],
)
def test_a_request_that_the_document_does_not_allow_would_be_noticed(
    document: dict[str, Any], method: str, path: str, body: Any
) -> None:
    request = httpx.Request(method, f"https://esm.example{ROOT}{path}", json=body)
    with pytest.raises((AssertionError, jsonschema.ValidationError)):
        violations(document, request)
