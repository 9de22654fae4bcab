"""What every REST call goes through: login, template, card, and errors as ``ApiException``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from airflow_provider_jira.sandbox.esm import rest_answers
from airflow_provider_jira.sandbox.esm.cards import StoredCard
from airflow_provider_jira.sandbox.esm.eql import EqlError
from airflow_provider_jira.sandbox.esm.saving import CardRefused
from airflow_provider_jira.sandbox.esm.templates import TemplateDef
from airflow_provider_jira.sandbox.esm.users import User
from airflow_provider_jira.sandbox.esm.values import ValueRefused
from airflow_provider_jira.sandbox.esm.world import World


class Refused(Exception):
    """The call ends with this status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Call:
    """One authenticated call.

    :raises Refused: 401 without a good token
    """

    def __init__(self, world: World, request: Request) -> None:
        self.world = world
        self.request = request
        self.user = self._user()

    def _user(self) -> User:
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        login = self.world.tokens.login(token.strip()) if scheme.lower() == "bearer" else None
        user = self.world.users.get(login) if login is not None else None
        if user is None or not user.rest:
            raise Refused(401, "JWT token is missing, not valid or expired")
        return user

    @property
    def url(self) -> str:
        return str(self.request.url.replace(query=""))

    def template(self) -> TemplateDef:
        """Return the template that the path names.

        :raises Refused: 404
        """
        code = self.request.path_params["template"]
        template = self.world.template(code, self.user)
        if template is None:
            raise Refused(404, f"Template {code} not found")
        return template

    def card(self) -> tuple[TemplateDef, StoredCard]:
        """Return the card that the path names, in the trash or not.

        :raises Refused: 404 when there is none, it is of another template, or the user may not read its folder
        """
        template = self.template()
        return template, self.card_of(template, self.request.path_params["card"])

    def card_of(self, template: TemplateDef, card_id: str) -> StoredCard:
        """Return a card of the template by id.

        :raises Refused: 404
        """
        card = self.world.cards.get(int(card_id)) if card_id.isdecimal() else None
        if card is None or card.template != template.code or not self.user.reads(card.folder):
            raise Refused(404, f"Data card {card_id} not found from template {template.code}")
        return card

    async def json(self) -> Any:
        """Return the body.

        :raises Refused: 400 when it is not JSON
        """
        try:
            return msgspec.json.decode(await self.request.body())
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refused(400, "Invalid JSON.") from error

    def flag(self, name: str) -> bool:
        return self.request.query_params.get(name, "").lower() == "true"

    def selected(self) -> set[str] | None:
        """Return the codes of ``selectedAttributes``; ``None`` when it is not given."""
        given = self.request.query_params.get("selectedAttributes", "")
        return {code.strip() for code in given.split(",") if code.strip()} or None

    def show(self, cards: list[StoredCard], selected: set[str] | None) -> list[dict[str, Any]]:
        """Return full cards as JSON."""
        target_ids = {cell.target for card in cards for cells in card.cells.values() for cell in cells if cell.target}
        targets = {target.id: target for target in self.world.cards.load(list(target_ids), [])}
        return [rest_answers.full_card(self.world, self.user, card, targets, selected) for card in cards]

    def meta(self, handled: int, saved: int, created: list[int], **more: Any) -> dict[str, Any]:
        references = [
            {"dataCard": rest_answers.card_info(card), "errors": []} for card in self.world.cards.load(created, [])
        ]
        return rest_answers.meta(self.world, self.url, handled, saved, createdReferences=references, **more)


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return JSON."""
    return Response(msgspec.json.encode(body), status, headers, "application/json")


Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(world: World, work: Callable[[Call], Awaitable[Response]]) -> Endpoint:
    """Make an endpoint of a function: log in first, and answer with an ``ApiException`` when it raises."""

    async def serve(request: Request) -> Response:
        try:
            return await work(Call(world, request))
        except Refused as error:
            status, message = error.status, str(error)
        except CardRefused as error:
            status, message = error.status, str(error)
        except ValueRefused as error:
            status, message = {"Forbidden": 403, "Not Found": 404}.get(error.error, 400), str(error)
        except EqlError as error:
            status, message = 400, str(error)
        url = str(request.url.replace(query=""))
        return answer(rest_answers.api_exception(world, status, message, url), status)

    return serve
