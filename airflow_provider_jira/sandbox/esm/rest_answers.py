"""The JSON bodies of the REST API, as the vendor's OpenAPI document shapes them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from airflow_provider_jira.sandbox.esm.cards import Cell, StoredCard
from airflow_provider_jira.sandbox.esm.templates import AttributeDef, TemplateDef
from airflow_provider_jira.sandbox.esm.users import User
from airflow_provider_jira.sandbox.esm.values import ValueRefused
from airflow_provider_jira.sandbox.esm.world import World

_WORDS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


def api_response(world: World, message: str) -> dict[str, Any]:
    """Return an ``ApiResponse``."""
    return {"code": 200, "message": message, "timestamp": world.timestamp()}


def api_exception(world: World, status: int, message: str, url: str) -> dict[str, Any]:
    """Return an ``ApiException``."""
    error = _WORDS.get(status, "Error")
    return {"code": status, "message": message, "error": error, "url": url, "timestamp": world.timestamp()}


def template_element(template: TemplateDef) -> dict[str, Any]:
    """Return one row of the template list."""
    return {"name": template.name, "templateCode": template.code, "url": f"/dc/{template.code}"}


def template_info(world: World, user: User, template: TemplateDef) -> dict[str, Any]:
    """Return a ``RESTTemplateInfo``. Which attribute is unique or mandatory is not in it: ESM does not tell."""
    localised = world.switches.metadata_style == "localised"
    return {
        "name": template.name,
        "code": template.code,
        "allowedFolders": [
            {"folderName": world.folders[code], "folderCode": code}
            for code in template.folders
            if code in world.folders and user.reads(code)
        ],
        "attributes": {
            attribute.code: _attribute_info(attribute, localised=localised) for attribute in template.attributes
        },
    }


def _attribute_info(attribute: AttributeDef, *, localised: bool) -> dict[str, Any]:
    return {
        "name": attribute.title,
        "multiValue": attribute.multi,
        "type": attribute.type.upper() if localised else attribute.type,
        "file": False,
        "values": [
            {
                **({} if static.code is None else {"code": static.code}),
                "value": {"en": static.value} if localised else static.value,
            }
            for static in attribute.statics
        ],
        "target": list(attribute.targets),
    }


def card_url(card: StoredCard) -> str:
    return f"/dc/{card.template}/data/{card.id}"


def card_info(card: StoredCard) -> dict[str, Any]:
    """Return a ``RESTDataCardInfoElement``."""
    return {"dataCardId": str(card.id), "name": card.name, "url": card_url(card)}


def full_card(
    world: World, user: User, card: StoredCard, targets: dict[int, StoredCard], selected: Collection[str] | None
) -> dict[str, Any]:
    """Return a ``RESTDataCard``.

    :param targets: the cards that references point at
    :param selected: codes of the attributes to show; ``None`` for all
    """
    template = world.templates[card.template]
    return {
        "name": card.name,
        "dataCardId": str(card.id),
        "templateName": template.name,
        "templateCode": template.code,
        "templateId": str(template.id),
        "folderName": world.folders.get(card.folder, card.folder),
        "folderCode": card.folder,
        "deleted": card.deleted,
        "hidden": card.hidden,
        "data": {
            attribute.code: element(world, user, card, attribute, targets)
            for attribute in template.attributes
            if selected is None or attribute.code in selected
        },
    }


def element(
    world: World, user: User, card: StoredCard, attribute: AttributeDef, targets: dict[int, StoredCard]
) -> dict[str, Any]:
    """Return a ``RESTDataCardElement``; without values also when the user may not see the attribute."""
    cells = card.cells.get(attribute.code, []) if user.sees(card.template, attribute.code) else []
    values = [_value(world, attribute, cell, targets) for cell in cells]
    return {"name": attribute.title, "type": attribute.type, "values": values}


def _value(world: World, attribute: AttributeDef, cell: Cell, targets: dict[int, StoredCard]) -> dict[str, Any]:
    if attribute.type == "number":
        return {"value": json.loads(cell.text)}
    if attribute.type == "static-value":
        return {"value": cell.text, "code": cell.code}
    if attribute.type == "external-reference":
        return {"name": cell.text, "location": cell.code}
    if attribute.type == "worklog":
        return {"author": cell.code, "value": cell.text, "date": cell.moment}
    if attribute.type == "reference" and cell.target is not None:
        target = targets[cell.target]
        return {
            "name": target.name,
            "dataCardId": str(target.id),
            "templateName": world.templates[target.template].name,
            "templateCode": target.template,
            "url": card_url(target),
            "deleted": target.deleted,
            "hidden": target.hidden,
        }
    return {"value": cell.text}


def errors(refused: Iterable[ValueRefused]) -> list[dict[str, Any]]:
    """Return ``RESTError`` objects for refused attributes."""
    return [
        {
            "attributeCode": error.attribute,
            **({"attributeType": error.type} if error.type else {}),
            "message": str(error),
            "error": error.error,
        }
        for error in refused
    ]


def meta(world: World, url: str, handled: int, saved: int, **more: Any) -> dict[str, Any]:
    """Return a ``RESTMetaData``."""
    result = {"handledDataCards": handled, "savedDataCards": saved, "notSavedDataCards": handled - saved}
    return {
        "timestamp": world.timestamp(),
        "url": url,
        "errors": [],
        "createdReferences": [],
        "importResult": result,
        **more,
    }
