"""Incidents in the sandbox ESM, and what the tests of single cards do with them."""

from __future__ import annotations

from typing import Any

from airflow_provider_jira.esm.cards import OpenCard, Refusal
from airflow_provider_jira.model.card import Entry, Value

from .conftest import Esm, using

KEY = "incidentId"


def incident(esm: Esm, number: int = 1, **values: list[str]) -> str:
    return esm.make("incident", {KEY: [f"INC-{number}"], "subject": [f"subject {number}"], **values})


def read(
    esm: Esm, api: str, card_id: str, *attributes: str, template: str = "incident", **settings: Any
) -> OpenCard | None:
    return using(esm.store(api, **settings), lambda store: store.read(template, card_id, attributes))


def change(esm: Esm, api: str, card_id: str, **values: tuple[Value, ...]) -> tuple[Refusal, ...]:
    return using(esm.store(api), lambda store: store.change("incident", card_id, values, key=KEY))


def matching(esm: Esm, api: str, condition: str, most: int = 100, **settings: Any) -> list[str]:
    found = using(esm.store(api, **settings), lambda store: store.matching("incident", condition, most=most))
    return [card.card_id for card in found]


def worklog(esm: Esm, api: str, card_id: str) -> tuple[Entry, ...]:
    return using(esm.store(api), lambda store: store.worklog("incident", card_id, "comments"))


def add(esm: Esm, api: str, card_id: str, text: str) -> None:
    using(esm.store(api), lambda store: store.add_entry("incident", card_id, "comments", text, key=KEY))


def truth(esm: Esm, card_id: str, template: str = "incident") -> dict[str, Any]:
    (card,) = [card for card in esm.do("GET", "/truth/cards", template=template) if card["dataCardId"] == card_id]
    values: dict[str, Any] = card["values"]
    return values
