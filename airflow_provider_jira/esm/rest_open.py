"""Single cards in REST's answers: every value with what can be known of it, and the entries of a worklog.

Source: the vendor's OpenAPI document, schemas ``RESTDataCard``, ``RESTPaginatedDataCardsInfo`` and the value elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from airflow_provider_jira.esm.cards import OpenCard
from airflow_provider_jira.esm.rest_answers import body_of, strange
from airflow_provider_jira.esm.rest_values import plain, text_of
from airflow_provider_jira.model.card import Entry, Shown

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def open_card_of(answer: httpx.Response, template: str, attributes: Sequence[str]) -> OpenCard:
    """Read one card.

    :param template: template code
    :param attributes: attribute codes to show
    """
    card = body_of(answer)
    if not isinstance(card, dict) or not card.get("dataCardId"):
        raise strange(answer, "is no data card")
    return _open(card, template, attributes)


def open_cards_of(answer: httpx.Response, template: str) -> list[OpenCard]:
    """Read a page of cards, without their values."""
    body = body_of(answer)
    data = body.get("data") if isinstance(body, dict) else body
    if not isinstance(data, list) or not all(isinstance(card, dict) and card.get("dataCardId") for card in data):
        raise strange(answer, "is no page of data cards")
    return [_open(card, template, ()) for card in data]


def entries_of(answer: httpx.Response, attribute: str) -> tuple[Entry, ...]:
    """Read the entries of a card's worklog, the oldest first.

    The vendor's example has the newest first and promises nothing; where every entry has a moment, the moments decide.

    :param attribute: code of the worklog attribute
    """
    card = body_of(answer)
    if not isinstance(card, dict):
        raise strange(answer, "is no data card")
    entries = [
        Entry(plain(value.get("author") or ""), text, plain(value.get("date") or ""))
        for value in _elements(card, attribute)
        if (text := text_of(value)) is not None
    ]
    entries.reverse()
    if all(_MOMENT.fullmatch(entry.written_at) for entry in entries):
        entries.sort(key=lambda entry: entry.written_at)
    return tuple(entries)


def _open(card: Mapping[str, Any], template: str, attributes: Sequence[str]) -> OpenCard:
    return OpenCard(
        str(card["dataCardId"]),
        plain(card.get("name") or ""),
        template,
        card.get("hidden") is True,
        card.get("deleted") is True,
        {code: tuple(_shown(_elements(card, code))) for code in attributes},
    )


def _elements(card: Mapping[str, Any], attribute: str) -> list[Mapping[str, Any]]:
    data = card.get("data")
    element = data.get(attribute) if isinstance(data, Mapping) else None
    values = element.get("values") if isinstance(element, Mapping) else None
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def _shown(elements: Sequence[Mapping[str, Any]]) -> list[Shown]:
    shown = []
    for element in elements:
        text, code, card_id = text_of(element), element.get("code"), element.get("dataCardId")
        if text or card_id:  # an empty text is no value: the Web API cannot tell it from none
            template = element.get("templateCode")
            shown.append(
                Shown(
                    text or "",
                    None if code is None else str(code),
                    str(card_id) if card_id else None,
                    str(template) if card_id and template else None,
                )
            )
    return shown
