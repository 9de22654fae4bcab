"""What ESM does not have: looking into the sandbox and changing it from outside, under ``/_sandbox/``.

* ``GET /_sandbox/truth/cards?template=...`` every card, hidden and trashed ones included; a card with references has
  the ids of the cards pointed at under ``references``, besides their names under ``values``; one with worklog entries
  has them under ``worklogs``, the oldest first
* ``POST /_sandbox/world/card`` make or change one card past every rule; ``POST /_sandbox/world/cards`` several;
  ``DELETE /_sandbox/world/cards`` remove all; ``POST /_sandbox/world/entry`` write into a worklog as somebody else
* ``GET/PUT /_sandbox/templates/{code}``, ``PUT /_sandbox/folders/{code}``, ``PATCH /_sandbox/users/{login}``
* ``POST /_sandbox/clock`` put the clock forward; ``DELETE /_sandbox/tokens`` forget every token issued

The request log, faults and switches are those that both sandbox servers share (``sandbox/control.py``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from airflow_provider_jira.sandbox.esm.cards import Cell, StoredCard
from airflow_provider_jira.sandbox.esm.dates import from_iso
from airflow_provider_jira.sandbox.esm.rest_call import answer
from airflow_provider_jira.sandbox.esm.saving import generated_cells
from airflow_provider_jira.sandbox.esm.templates import TemplateDef
from airflow_provider_jira.sandbox.esm.users import User
from airflow_provider_jira.sandbox.esm.values import plain_cell
from airflow_provider_jira.sandbox.esm.world import World

_BATCH = 1000


class CardChange(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_sandbox/world/card``: one card to find or make, and what to change.

    :param card_id: the card to change; where neither it nor ``find`` is given, a new card is made
    :param find: attribute code -> text: change the one card of the template that has these values
    :param folder: folder of a new card, or where to move a known one; default: the template's first
    :param values: attribute code -> display texts (ISO dates); a reference's texts are card ids
    :param duplicate: make a second card with the same values, unique ones included
    :param destroy: remove the card for good
    """

    template: str
    card_id: str | None = msgspec.field(default=None, name="dataCardId")
    find: dict[str, str] | None = None
    folder: str | None = None
    values: dict[str, list[str]] = {}
    hidden: bool | None = None
    deleted: bool | None = None
    duplicate: bool = False
    destroy: bool = False


class NewEntry(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_sandbox/world/entry``: what somebody writes into a card's worklog.

    :param card_id: the card
    :param author: name that signs it
    :param at: ISO moment; default: now
    """

    template: str
    card_id: str = msgspec.field(name="dataCardId")
    attribute: str
    text: str
    author: str = "Eeva Esimerkki"
    at: str | None = None


def routes(world: World) -> list[Route]:
    """Return the controls' routes."""
    controls = _Controls(world)
    table: tuple[tuple[str, str, Callable[[Request], Awaitable[Response]]], ...] = (
        ("GET", "truth/cards", controls.truth),
        ("POST", "world/card", controls.change_card),
        ("POST", "world/cards", controls.change_cards),
        ("DELETE", "world/cards", controls.remove_cards),
        ("POST", "world/entry", controls.add_entry),
        ("GET", "templates/{code}", controls.template),
        ("PUT", "templates/{code}", controls.replace_template),
        ("PUT", "folders/{code}", controls.replace_folder),
        ("PATCH", "users/{login}", controls.change_user),
        ("POST", "clock", controls.advance),
        ("DELETE", "tokens", controls.revoke),
    )
    return [Route(f"/_sandbox/{path}", _guarded(work), methods=[method]) for method, path, work in table]


def _guarded(work: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            return await work(request)
        except (msgspec.MsgspecError, LookupError, ValueError) as error:
            return answer({"error": f"{type(error).__name__}: {error}"}, 400)

    return serve


class _Controls:
    def __init__(self, world: World) -> None:
        self._world = world

    async def truth(self, request: Request) -> Response:
        template = self._world.templates[request.query_params["template"]]
        ids = self._world.cards.select("template = ?", [template.code])
        ids.reverse()
        return StreamingResponse(self._rows(ids), media_type="application/json")

    async def _rows(self, ids: list[int]) -> AsyncIterator[bytes]:
        yield b"["
        for start in range(0, len(ids), _BATCH):
            rows = [msgspec.json.encode(_truth(card)) for card in self._world.cards.load(ids[start : start + _BATCH])]
            yield (b"," if start else b"") + b",".join(rows)
        yield b"]"

    async def change_card(self, request: Request) -> Response:
        change = msgspec.json.decode(await request.body(), type=CardChange)
        template = self._world.templates[change.template]
        with self._world.cards.transaction():
            card_id = self._change(template, change)
        return answer({"dataCardId": str(card_id)})

    def _change(self, template: TemplateDef, change: CardChange) -> int:
        cards = self._world.cards
        card_id = self._found(template, change)
        if change.destroy and card_id is not None:
            cards.destroy(card_id)
            return card_id
        if change.duplicate and card_id is not None:
            original = cards.load([card_id])[0]
            card_id = cards.add(template.code, original.folder)
            for code, cells in original.cells.items():
                cards.put(card_id, code, cells)
            cards.change(card_id, name=original.name)
        if card_id is None:
            card_id = cards.add(template.code, change.folder or template.folders[0])
            for code, cells in generated_cells(template, card_id).items():
                cards.put(card_id, code, cells)
        for code, texts in change.values.items():
            cards.put(card_id, code, [self._cell(template, code, text) for text in texts])
        primary = change.values.get(template.primary)
        name = None if primary is None else "".join(primary[:1])
        cards.change(card_id, name=name, folder=change.folder, hidden=change.hidden, deleted=change.deleted)
        return card_id

    def _found(self, template: TemplateDef, change: CardChange) -> int | None:
        if change.card_id is not None:
            card = self._world.cards.get(int(change.card_id), [])
            if card is None or card.template != template.code:
                raise LookupError(f"there is no card {change.card_id} of template {template.code}")
            return card.id
        if change.find is None:
            return None
        sets = [
            {card.id for card in self._world.cards.having(template.code, code, text)}
            for code, text in change.find.items()
        ]
        found = set.intersection(*sets)
        if len(found) != 1:
            raise LookupError(f"{len(found)} cards of template {template.code} have these values")
        return found.pop()

    def _cell(self, template: TemplateDef, code: str, text: str) -> Cell:
        attribute = template.attribute(code)
        if attribute is None:
            raise LookupError(f"template {template.code} has no attribute {code}")
        if attribute.type == "reference":
            return Cell("", target=int(text))
        return plain_cell(attribute, text, self._world.switches.timezone, "sandbox", self._world.now())

    async def change_cards(self, request: Request) -> Response:
        changes = msgspec.json.decode(await request.body(), type=list[CardChange])
        with self._world.cards.transaction():
            ids = [str(self._change(self._world.templates[change.template], change)) for change in changes]
        return answer({"ids": ids})

    async def add_entry(self, request: Request) -> Response:
        entry = msgspec.json.decode(await request.body(), type=NewEntry)
        template = self._world.templates[entry.template]
        card_id = self._found(template, CardChange(entry.template, card_id=entry.card_id))
        attribute = template.attribute(entry.attribute)
        if card_id is None or attribute is None or attribute.type != "worklog":
            raise LookupError(f"template {template.code} has no worklog {entry.attribute}")
        moment = self._world.timestamp() if entry.at is None else from_iso(entry.at)
        card = self._world.cards.load([card_id], [attribute.code])[0]
        cells = [Cell(entry.text, code=entry.author, moment=moment), *card.cells.get(attribute.code, [])]
        self._world.cards.put(card_id, attribute.code, cells)
        return answer({"entries": len(cells)})

    async def remove_cards(self, _: Request) -> Response:
        self._world.cards.destroy_all()
        return answer({})

    async def template(self, request: Request) -> Response:
        return answer(self._world.templates[request.path_params["code"]])

    async def replace_template(self, request: Request) -> Response:
        template = msgspec.json.decode(await request.body(), type=TemplateDef)
        if template.code != request.path_params["code"]:
            raise ValueError("the code in the body is not the one in the path")
        self._world.templates[template.code] = template
        return answer(template)

    async def replace_folder(self, request: Request) -> Response:
        name = msgspec.json.decode(await request.body(), type=dict[str, str])["name"]
        self._world.folders[request.path_params["code"]] = name
        return answer({"code": request.path_params["code"], "name": name})

    async def change_user(self, request: Request) -> Response:
        login: str = request.path_params["login"]
        known = self._world.users.get(login, User(login, ""))
        changes = msgspec.json.decode(await request.body(), type=dict[str, Any])
        user = msgspec.convert({**msgspec.structs.asdict(known), **changes, "login": login}, User)
        self._world.users[login] = user
        return answer(user)

    async def advance(self, request: Request) -> Response:
        self._world.advance(msgspec.json.decode(await request.body(), type=dict[str, float])["advance"])
        return answer({"now": self._world.timestamp()})

    async def revoke(self, _: Request) -> Response:
        self._world.tokens.revoke()
        return answer({})


def _truth(card: StoredCard) -> dict[str, Any]:
    pointed = {
        code: [str(cell.target) for cell in cells if cell.target is not None] for code, cells in card.cells.items()
    }
    worklogs = {
        code: [{"author": cell.code, "text": cell.text, "date": cell.moment} for cell in reversed(cells)]
        for code, cells in card.cells.items()
        if cells[0].moment is not None
    }
    return {
        "dataCardId": str(card.id),
        "folderCode": card.folder,
        "hidden": card.hidden,
        "deleted": card.deleted,
        "values": {code: [cell.text for cell in cells] for code, cells in card.cells.items()},
        **({"references": references} if (references := {code: ids for code, ids in pointed.items() if ids}) else {}),
        **({"worklogs": worklogs} if worklogs else {}),
    }
