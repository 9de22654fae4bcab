"""The XML Web API: ``search.ws`` and ``dataCardImport.ws``, with HTTP Basic.

Import matches an entity to a card by the template's unique attributes, reports only how many cards were created and
updated, and never which. Errors are an ``<error>`` document whose HTTP status is a switch.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from airflow_provider_jira.sandbox.esm import xml_cards
from airflow_provider_jira.sandbox.esm.cards import Cell, StoredCard
from airflow_provider_jira.sandbox.esm.eql import EqlError, Query, read_query, required_template
from airflow_provider_jira.sandbox.esm.saving import CardRefused, Saver
from airflow_provider_jira.sandbox.esm.templates import AttributeDef, TemplateDef
from airflow_provider_jira.sandbox.esm.users import User
from airflow_provider_jira.sandbox.esm.values import ValueRefused
from airflow_provider_jira.sandbox.esm.world import World

PATHS = ("/api/itsm", "/ws")
"""Where the services are in the cloud, and the path that ESM's own log shows."""

_LOAD_BATCH = 1000


def routes(world: World) -> list[Route]:
    """Return the API's routes."""

    async def search(request: Request) -> Response:
        return _guarded(world, request, lambda user: _search(world, user, request.query_params.get("query", "")))

    async def data_card_import(request: Request) -> Response:
        body = await request.body()
        return _guarded(world, request, lambda user: _Import(world, user, request).run(body))

    return [
        route
        for path in PATHS
        for route in (
            Route(f"{path}/search.ws", search, methods=["GET"]),
            Route(f"{path}/dataCardImport.ws", data_card_import, methods=["POST"]),
        )
    ]


class _Failed(Exception):
    """The call ends with an ``<error>``."""

    def __init__(self, code: str, description: str, details: str) -> None:
        super().__init__(description)
        self.code = code
        self.details = details


def _guarded(world: World, request: Request, work: Callable[[User], bytes]) -> Response:
    user = _user(world, request)
    if user is None:
        return Response("Unauthorized", 401, {"WWW-Authenticate": 'Basic realm="ESM"'}, "text/plain")
    if not user.webapi:
        return Response("Forbidden", 403, media_type="text/plain")
    status = 200
    try:
        body = work(user)
    except _Failed as failure:
        body = xml_cards.error(failure.code, str(failure), failure.details)
        status = world.switches.webapi_error_status
    except EqlError as failure:
        body = xml_cards.error("efe-3001", "Invalid query", str(failure))
        status = world.switches.webapi_error_status
    return Response(body, status, media_type="application/xml")


def _user(world: World, request: Request) -> User | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    user = world.users.get(login)
    return user if user is not None and user.password == password else None


def _search(world: World, user: User, text: str) -> bytes:
    query = read_query(text, world.switches.eql_quote)
    code = required_template(query.condition)
    attributes = _attributes_in_scope(world, user, code)
    compiler = world.compiler(attributes)
    sql, parameters = world.visible(user, query.condition)
    if user.hidden_templates:
        sql += f" AND card.template NOT IN ({', '.join('?' * len(user.hidden_templates))})"
        parameters += user.hidden_templates
    if query.condition is not None:
        condition, values = compiler.condition(query.condition)
        sql, parameters = f"{sql} AND ({condition})", [*parameters, *values]
    order, values = _order(query, compiler.order)
    ids = world.cards.select(sql, [*parameters, *values], order=order)
    if not ids:
        return xml_cards.HEAD + b"<result/>"
    parts = [
        xml_cards.entity_set(world, user, world.cards.load(ids[start : start + _LOAD_BATCH])).encode()
        for start in range(0, len(ids), _LOAD_BATCH)
    ]
    return b"".join([xml_cards.HEAD, b"<entityset>\n", *parts, b"</entityset>"])


def _attributes_in_scope(world: World, user: User, code: str | None) -> dict[str, AttributeDef | None]:
    """Return the attributes that a query may name: the template's that it demands, else every template's."""
    if code is not None and world.template(code, user) is None:
        if world.switches.search_unknown_template == "error":
            raise EqlError(f"there is no template with code {code}")
        return {}
    templates = [world.template(known, user) for known in ([code] if code is not None else world.templates)]
    return {
        attribute.code: attribute if user.sees(template.code, attribute.code) else None
        for template in templates
        if template is not None
        for attribute in template.attributes
    }


def _order(query: Query, expression: Callable[..., tuple[str, list[object]]]) -> tuple[str, list[object]]:
    parts, parameters = [], list[object]()
    for operand, descending in query.order:
        sql, values = expression(operand)
        parts.append(f"{sql} {'DESC' if descending else 'ASC'}")
        parameters += values
    return ", ".join([*parts, "card.id"]), parameters


class _Import:
    """One call of ``dataCardImport.ws``."""

    def __init__(self, world: World, user: User, request: Request) -> None:
        flags = request.query_params
        self._world = world
        self._user = user
        self._folder = flags.get("folderCode", "")
        self._creates = flags.get("createDataCards") == "true"
        self._updates = flags.get("updateDataCards") == "true"
        self._clears = flags.get("removeEmptyValues") == "true"
        replaces = world.switches.import_worklog == "replace"
        self._saver = Saver(world, user, create_references=True, replaces_entries=replaces)
        self._counts = {"entities-created": 0, "entities-updated": 0, "entities-skipped": 0, "entities-failed": 0}

    def run(self, body: bytes) -> bytes:
        try:
            entities = xml_cards.read_entities(body)
        except xml_cards.XmlError as error:
            raise _Failed("efe-1002", "Invalid document", str(error)) from error
        if self._folder not in self._world.folders:
            raise _Failed("efe-1003", "Unknown folder", f"there is no folder with code {self._folder}")
        for number, entity in enumerate(entities, start=1):
            try:
                self._counts[self._entity(entity)] += 1
            except (CardRefused, ValueRefused) as error:  # noqa: PERF203 - one entity's trouble, by switch
                self._counts["entities-failed"] += 1
                if self._world.switches.import_failure == "error":
                    raise _Failed("efe-2001", "Import failed", f"entity {number}: {error}") from error
                if self._world.switches.import_failure == "abort":
                    break
        shown = 4 if self._world.switches.import_report == "full" else 2
        return xml_cards.import_report(dict(list(self._counts.items())[:shown]))

    def _entity(self, entity: xml_cards.Entity) -> str:
        """Save one entity and return the counter that it belongs to."""
        template = self._world.template(entity.template, self._user)
        if template is None:
            raise CardRefused(f"there is no template with code {entity.template}")
        card = self._match(template, entity)
        if not (self._creates if card is None else self._updates):
            return "entities-skipped"
        with self._world.cards.transaction():
            cells: dict[str, list[Cell]] = {}
            for code, texts in entity.attributes:
                attribute = self._saver.attribute(template, code)
                if texts or self._clears:
                    cells[code] = self._saver.reader.xml(attribute, texts)
            if card is None:
                self._saver.create(template, self._folder, cells)
                return "entities-created"
            moves = self._world.switches.import_folder == "every"
            self._saver.modify(template, card, cells, self._folder if moves else None)
            return "entities-updated"

    def _match(self, template: TemplateDef, entity: xml_cards.Entity) -> StoredCard | None:
        """Return the card that has the entity's unique value; ``None`` when there is none yet."""
        unique = [
            (code, text)
            for code, texts in entity.attributes
            if (attribute := template.attribute(code)) is not None and attribute.unique
            for text in texts
        ]
        if not unique:
            raise CardRefused("the entity has no value of a unique attribute")
        found = {card.id: card for code, text in unique for card in self._world.cards.having(template.code, code, text)}
        if not self._world.switches.unique_counts_trashed:
            found = {card_id: card for card_id, card in found.items() if not card.deleted}
        if len(found) > 1:
            raise CardRefused(f"{len(found)} data cards have the entity's unique value")
        return next(iter(found.values()), None)
