"""The REST calls for one card, one attribute, and the bulk import."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from airflow_provider_jira.sandbox.esm import rest_answers
from airflow_provider_jira.sandbox.esm.rest_call import Call, Refused, answer
from airflow_provider_jira.sandbox.esm.saving import CardRefused, Saver
from airflow_provider_jira.sandbox.esm.templates import AttributeDef, TemplateDef
from airflow_provider_jira.sandbox.esm.values import ValueRefused


async def read(call: Call) -> Response:
    """``GET /dc/{template}/data/{card}``."""
    _, card = call.card()
    return answer(call.show([card], call.selected())[0])


async def create(call: Call) -> Response:
    """``POST /dc/{template}/data``: 201, attributes that were refused listed in ``meta.errors``."""
    template = call.template()
    body = _request(await call.json())
    if not isinstance(body.get("folderCode"), str):
        raise Refused(400, "folderCode is mandatory")
    saver = Saver(call.world, call.user, create_references=call.flag("createEmptyReferences"))
    cells, refused = saver.read(template, body["data"], modify=False)
    card_id = saver.create(template, body["folderCode"], cells)
    return _saved(call, card_id, refused, saver, 201)


async def modify(call: Call) -> Response:
    """``PATCH /dc/{template}/data/{card}``; another ``folderCode`` moves the card."""
    template, card = call.card()
    body = _request(await call.json())
    if body.get("dataCardId") != str(card.id):
        raise Refused(400, "dataCardId is mandatory and must be the one in the path")
    saver = Saver(call.world, call.user, create_references=call.flag("createEmptyReferences"))
    cells, refused = saver.read(template, body["data"], modify=True)
    saver.modify(template, card, cells, body.get("folderCode"))
    return _saved(call, card.id, refused, saver, 200)


def _saved(call: Call, card_id: int, refused: list[ValueRefused], saver: Saver, status: int) -> Response:
    meta = call.meta(1, 1, saver.created_references, errors=rest_answers.errors(refused))
    card: dict[str, Any] = {"dataCardId": str(card_id)}
    if call.flag("dataCards"):
        card = call.show(call.world.cards.load([card_id]), None)[0]
    return answer({"meta": meta, "dataCard": card}, status)


async def trash(call: Call) -> Response:
    """``DELETE /dc/{template}/data/{card}``: into the trash, 409 when it is there already."""
    _, card = call.card()
    if not call.user.writes(card.folder):
        raise Refused(403, f"No permission to delete data cards of folder {card.folder}")
    if card.deleted:
        raise Refused(409, f"Data card {card.id} is already in the trashcan")
    call.world.cards.change(card.id, deleted=True)
    return answer(rest_answers.api_response(call.world, f"Data card {card.id} moved to the trashcan"))


async def read_attribute(call: Call) -> Response:
    """``GET /dc/{template}/data/{card}/{attribute}``."""
    template, card = call.card()
    attribute = template.attribute(call.request.path_params["attribute"])
    if attribute is None:
        raise Refused(403, f"Attribute {call.request.path_params['attribute']} not found")
    shown = call.show([card], {attribute.code})[0]
    return answer(shown["data"][attribute.code])


async def replace_attribute(call: Call) -> Response:
    """``PUT /dc/{template}/data/{card}/{attribute}``."""
    return await _change_attribute(call, "replace")


async def add_to_attribute(call: Call) -> Response:
    """``POST /dc/{template}/data/{card}/{attribute}``: only to an empty attribute, or one of several values."""
    return await _change_attribute(call, "add")


async def clear_attribute(call: Call) -> Response:
    """``DELETE /dc/{template}/data/{card}/{attribute}``."""
    return await _change_attribute(call, "clear")


async def _change_attribute(call: Call, how: str) -> Response:
    template, card = call.card()
    saver = Saver(call.world, call.user)
    attribute: AttributeDef = saver.attribute(template, call.request.path_params["attribute"])
    cells = [] if how == "clear" else saver.reader.rest(attribute, await call.json())
    present = card.cells.get(attribute.code, [])
    if how == "add" and present and not attribute.several:
        raise Refused(400, f"Attribute {attribute.title} has a value already and holds only one")
    if how == "add" and attribute.type != "worklog":
        cells = [*present, *cells]
    saver.modify(template, card, {attribute.code: cells})
    return answer(rest_answers.api_response(call.world, f"Attribute {attribute.code} of data card {card.id} updated"))


def _request(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise Refused(400, "data is mandatory and must be an object")
    return body


class _BatchRefused(Exception):
    """Rolls a batch back."""

    def __init__(self, cause: CardRefused) -> None:
        super().__init__(str(cause))


async def bulk(call: Call) -> Response:
    """``PUT /dc/{template}/data``: creates and modifies, mixed; what a card that cannot be saved does is a switch."""
    template = call.template()
    body = await call.json()
    if not isinstance(body, list):
        raise Refused(400, "the body must be an array of data cards")
    limit = call.world.switches.bulk_limit
    if limit is not None and len(body) > limit:
        raise Refused(400, f"at most {limit} data cards in one request")
    for item in body:
        request = _request(item)
        if not isinstance(request.get("dataCardId", ""), str) or not isinstance(request.get("folderCode", ""), str):
            raise Refused(400, "dataCardId and folderCode must be texts")
        if "dataCardId" not in request and "folderCode" not in request:
            raise Refused(400, "a data card needs dataCardId or folderCode")
    saver = Saver(call.world, call.user)
    try:
        with call.world.cards.transaction():
            results = _import(call, template, saver, body)
    except _BatchRefused as error:
        raise Refused(400, str(error)) from error
    saved = sum(1 for _, _, good in results if good)
    meta = call.meta(len(results), saved, saver.created_references)
    order = call.world.switches.bulk_order
    if order == "reversed":
        results.reverse()
    elif order == "modified_first":
        results.sort(key=lambda result: not result[0])
    return answer({"meta": meta, "data": [item for _, item, _ in results]})


def _import(
    call: Call, template: TemplateDef, saver: Saver, body: list[dict[str, Any]]
) -> list[tuple[bool, dict[str, Any], bool]]:
    """Return (is a modify, answer item, was saved) of each card handled."""
    results: list[tuple[bool, dict[str, Any], bool]] = []
    for item in body:
        is_modify = "dataCardId" in item
        card_id: int | None = None
        try:
            if is_modify:
                card = call.card_of(template, item["dataCardId"])
                card_id = card.id
                cells, refused = saver.read(template, item["data"], modify=True)
                saver.modify(template, card, cells, item.get("folderCode"))
            else:
                cells, refused = saver.read(template, item["data"], modify=False)
                card_id = saver.create(template, item["folderCode"], cells)
            results.append((is_modify, _item(call, card_id, rest_answers.errors(refused)), True))
        except (CardRefused, Refused) as error:
            if call.world.switches.bulk_failure == "refuse_batch":
                raise _BatchRefused(CardRefused(str(error))) from error
            results.append((is_modify, _item(call, card_id, _card_errors(error)), False))
            if call.world.switches.bulk_failure == "abort":
                break
    return results


def _item(call: Call, card_id: int | None, errors: list[dict[str, Any]]) -> dict[str, Any]:
    if card_id is not None:
        card = call.world.cards.load([card_id], [])[0]
        return {"dataCard": rest_answers.card_info(card), "errors": errors}
    if call.world.switches.bulk_failed_card == "null":
        return {"dataCard": None, "errors": errors}
    return {"errors": errors}


def _card_errors(error: CardRefused | Refused) -> list[dict[str, Any]]:
    if isinstance(error, CardRefused) and error.cause is not None:
        return rest_answers.errors([error.cause])
    word = {403: "Forbidden", 404: "Not Found"}.get(error.status, "Bad Request")
    return [{"message": str(error), "error": word}]
