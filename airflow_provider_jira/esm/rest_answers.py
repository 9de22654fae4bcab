"""Reading what REST v1 answers, with as little faith as the document allows.

The order of a bulk answer's items, what stands for a card that failed, whether the metadata is in upper case: none of
it is promised, so nothing here leans on it. An answer that cannot be read at all is an
:class:`~airflow_provider_jira.esm.errors.EsmProtocolError`.
Source: the vendor's OpenAPI document; for the variations, clients published by others.
"""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from airflow_provider_jira.esm.errors import EsmProtocolError
from airflow_provider_jira.esm.rest_values import links, plain, texts
from airflow_provider_jira.esm.store import Attribute, FoundCard, Template


class Complaint(msgspec.Struct, frozen=True):
    """What ESM says about one attribute, in an answer that may be a success all the same.

    :param attribute: attribute code, where ESM names one
    :param message: ESM's words, unredacted
    """

    attribute: str | None
    message: str


class BulkAnswer(msgspec.Struct):
    """Answer to a bulk write.

    :param cards: card id -> errors, of the items that name a card
    :param saved: how many cards ESM counts as saved; ``None`` where it does not count
    :param not_saved: how many it counts as not saved
    :param nameless: how many items have errors and name no card
    :param stray: errors that belong to no item
    """

    cards: dict[str, tuple[Complaint, ...]]
    saved: int | None = None
    not_saved: int | None = None
    nameless: int = 0
    stray: tuple[Complaint, ...] = ()

    def agrees(self, fine: int, faulty: int, doubtful: int) -> bool:
        """Whether the rest of the answer allows what its items say.

        A card with a refused attribute may be counted either way.

        :param fine: cards that seem to be saved as asked
        :param faulty: cards with refused attributes
        :param doubtful: cards that the answer does not settle
        """
        if self.stray or self.nameless > doubtful:
            return False
        if self.saved is not None and self.saved < fine:
            return False
        return self.not_saved is None or self.not_saved <= faulty + doubtful


class SingleAnswer(msgspec.Struct):
    """Answer to a write of one card.

    :param card_id: the card's id, where ESM names it
    :param saved: whether ESM counts it as saved; ``None`` where it does not count
    :param errors: attributes that were not taken
    """

    card_id: str | None
    saved: bool | None
    errors: tuple[Complaint, ...]


def body_of(answer: httpx.Response) -> Any:
    """Decode a JSON body.

    :raises EsmProtocolError: it is none
    """
    try:
        return msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise strange(answer, "is not JSON") from None


def strange(answer: httpx.Response, what: str) -> EsmProtocolError:
    """Make the error for an answer that ESM does not give."""
    return EsmProtocolError(
        f"the answer {what}: correct the host or `api_path` of the ESM connection, or ask who sits between",
        method=answer.request.method,
        path=answer.request.url.path,
        status=answer.status_code,
    )


def template_of(answer: httpx.Response) -> Template:
    """Read ``GET /dc/{templateCode}``."""
    body = body_of(answer)
    attributes = body.get("attributes") if isinstance(body, dict) else None
    if not isinstance(attributes, dict) or not isinstance(body.get("code"), str):
        raise strange(answer, "describes no template")
    folders = body.get("allowedFolders")
    return Template(
        body["code"],
        {code: _attribute(code, told) for code, told in attributes.items() if isinstance(told, dict)},
        tuple(str(folder["folderCode"]) for folder in folders if isinstance(folder, dict) and "folderCode" in folder)
        if isinstance(folders, list)
        else None,
    )


def _attribute(code: str, told: dict[str, Any]) -> Attribute:
    statics: dict[str, str | None] = {}
    for static in told.get("values") or ():
        if isinstance(static, dict) and static.get("value") is not None:
            code_of = None if static.get("code") is None else str(static["code"])
            value = static["value"]
            for text in value.values() if isinstance(value, dict) else [value]:
                statics.setdefault(plain(text), code_of)
    type_, several = told.get("type"), told.get("multiValue")
    return Attribute(
        code,
        type_.lower().replace("_", "-") if isinstance(type_, str) else None,
        several if isinstance(several, bool) else None,
        statics,
        tuple(str(target) for target in told.get("target") or ()),
    )


def page_of(answer: httpx.Response, key: str) -> list[FoundCard]:
    """Read a page of whole cards.

    :param answer: to ``GET /dc/{t}/data`` with ``dataCards=true``
    :param key: the key attribute's code
    """
    body = body_of(answer)
    data = body.get("data") if isinstance(body, dict) else body
    if not isinstance(data, list):
        raise strange(answer, "is no page of data cards")
    return [_card(answer, element, key) for element in data]


def card_of(answer: httpx.Response, key: str) -> FoundCard:
    """Read one whole card.

    :param answer: to ``GET /dc/{t}/data/{id}``
    :param key: the key attribute's code
    """
    return _card(answer, body_of(answer), key)


def _card(answer: httpx.Response, card: Any, key: str) -> FoundCard:
    if not isinstance(card, dict) or "dataCardId" not in card or not isinstance(card.get("data"), dict):
        raise strange(answer, "holds no whole data cards")
    values = {code: shown for code, element in card["data"].items() if (shown := texts(element))}
    return FoundCard(
        card_id=str(card["dataCardId"]),
        key=next(iter(values.get(key, ())), ""),
        hidden=card.get("hidden") is True,
        deleted=card.get("deleted") is True,
        values=values,
        links={code: ids for code, element in card["data"].items() if (ids := links(element))},
    )


def bulk_of(answer: httpx.Response) -> BulkAnswer:
    """Read the answer to a bulk ``PUT``."""
    body = body_of(answer)
    if not isinstance(body, dict):
        raise strange(answer, "is no list of saved data cards")
    cards: dict[str, tuple[Complaint, ...]] = {}
    told: set[Complaint] = set()
    nameless = 0
    for item in body.get("data") or ():
        if not isinstance(item, dict):
            continue
        card, errors = item.get("dataCard"), _errors(item)
        if isinstance(card, dict) and card.get("dataCardId"):
            card_id = str(card["dataCardId"])
            cards[card_id] = cards.get(card_id, ()) + errors
        elif errors:
            nameless += 1
        told.update(errors)
    meta = _meta(body)
    stray = tuple(complaint for complaint in _errors(meta) if complaint not in told)
    return BulkAnswer(cards, _count(meta, "saved"), _count(meta, "notSaved"), nameless, stray)


def single_of(answer: httpx.Response) -> SingleAnswer:
    """Read the answer to a ``POST`` or ``PATCH`` of one card."""
    body = body_of(answer)
    if not isinstance(body, dict):
        raise strange(answer, "is no saved data card")
    card = body.get("dataCard")
    meta = _meta(body)
    card_id = str(card["dataCardId"]) if isinstance(card, dict) and card.get("dataCardId") else None
    saved, not_saved = _count(meta, "saved"), _count(meta, "notSaved")
    counted = None if saved is None else saved > 0 or not not_saved
    return SingleAnswer(card_id, counted, (*_errors(meta), *_errors(body)))


def reasons_of(answer: httpx.Response) -> tuple[Complaint, ...]:
    """Read why a card was refused, from an answer that need not even be JSON."""
    try:
        body = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict):
        return (Complaint(None, f"HTTP {answer.status_code}"),)
    meta = _meta(body)
    errors = (*_errors(meta), *_errors(body))
    if errors:
        return errors
    message = body.get("message") or body.get("error") or f"HTTP {answer.status_code}"
    return (Complaint(None, str(message)),)


def complaints_in(answer: httpx.Response) -> tuple[Complaint, ...]:
    """Read what ESM has to say against a success.

    :raises EsmProtocolError: it is no success of ESM's
    """
    body = body_of(answer)
    if not isinstance(body, dict):
        raise strange(answer, "is not ESM's")
    return (*_errors(_meta(body)), *_errors(body))


def _meta(body: dict[str, Any]) -> dict[str, Any]:
    meta = body.get("meta")
    return meta if isinstance(meta, dict) else {}


def _errors(holder: dict[str, Any]) -> tuple[Complaint, ...]:
    errors = holder.get("errors")
    if not isinstance(errors, list):
        return ()
    return tuple(
        Complaint(
            str(error["attributeCode"]) if error.get("attributeCode") else None,
            str(error.get("message") or error.get("error") or "no reason given"),
        )
        for error in errors
        if isinstance(error, dict)
    )


def _count(meta: dict[str, Any], which: str) -> int | None:
    result = meta.get("importResult")
    count = result.get(f"{which}DataCards") if isinstance(result, dict) else None
    return count if isinstance(count, int) else None
