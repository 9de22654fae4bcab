"""Single cards through REST v1, by id.

``GET``, ``PATCH`` of a card and ``POST`` and ``DELETE`` of one attribute (source: the vendor's OpenAPI document). A
``PATCH`` may succeed and refuse attributes in the same answer. Where ESM refuses it as a whole, each attribute is sent
alone, so that one bad value does not keep the others from the card. A worklog's ``POST`` adds an entry each time it is
carried out, so it is sent once.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx
import msgspec

from airflow_provider_jira.esm import eql
from airflow_provider_jira.esm.cards import OpenCard, Refusal, by_id, is_card_id
from airflow_provider_jira.esm.changing import Wanted, entry_text, gone, prove, prove_worklog, texts_in
from airflow_provider_jira.esm.errors import (
    EsmProtocolError,
    EsmRateLimited,
    EsmRefused,
    EsmUnavailable,
)
from airflow_provider_jira.esm.http import Http, refuse
from airflow_provider_jira.esm.rest_answers import (
    complaints_in,
    reasons_of,
    single_of,
)
from airflow_provider_jira.esm.rest_open import entries_of, open_card_of, open_cards_of
from airflow_provider_jira.esm.rest_read import RestReader, template_path
from airflow_provider_jira.esm.rest_single import REFUSED
from airflow_provider_jira.esm.rest_values import elements
from airflow_provider_jira.esm.sentences import entry_refused, no_card, not_a_condition, uncertain
from airflow_provider_jira.esm.store import Template
from airflow_provider_jira.model.card import Entry
from airflow_provider_jira.model.redact import without

_WHOLE = frozenset({400, 422})
"""Statuses that may be one attribute's fault."""


class RestCards:
    """Reads and changes single cards.

    :param http: the way to REST v1, logged in
    :param reader: knows the templates
    """

    def __init__(self, http: Http, reader: RestReader) -> None:
        self._http = http
        self._reader = reader

    async def read(self, template: str, card_id: str, attributes: Sequence[str]) -> OpenCard | None:
        """Read a card; see :meth:`~airflow_provider_jira.esm.cards.OpenCards.read`."""
        metadata = await self._reader.template(template)
        prove(metadata, attributes)
        answer = await self._get(metadata, card_id, attributes)
        return None if answer is None else open_card_of(answer, template, attributes)

    async def matching(self, template: str, condition: str, *, most: int, named: str) -> tuple[OpenCard, ...]:
        """Find cards; see :meth:`~airflow_provider_jira.esm.cards.OpenCards.matching`."""
        metadata = await self._reader.template(template)
        where, with_hidden = eql.enclosed(condition, named), eql.speaks_of("hidden", condition)
        if (spelling := await self._reader.spelling(template)) is not None:
            where += f" AND entity.deleted = {spelling[0]}"
            where += "" if with_hidden else f" AND entity.hidden = {spelling[0]}"
        lowest: list[OpenCard] = []
        try:
            pages = self._reader.pages(
                template, where, _few(metadata, ()), (), lambda answer: open_cards_of(answer, template),
                until_empty=False,
            )  # fmt: skip
            async for page in pages:
                fine = [card for card in page if not card.deleted and (with_hidden or not card.hidden)]
                lowest = sorted([*lowest, *fine], key=by_id)[:most]
        except EsmRefused as error:
            raise not_a_condition(named, template, error) from None
        return tuple(lowest)

    async def set(self, card: OpenCard, wanted: Wanted) -> list[Refusal]:
        """Write attributes of a card.

        :returns: what ESM did not take
        """
        refusals = await self._patch(card, {code: some for code, some in wanted.items() if some})
        if any(refusal.attribute is None for refusal in refusals):
            return refusals
        for code in (code for code, some in wanted.items() if not some):
            path = f"{_card_path(card.template, card.card_id)}/{quote(code, safe='')}"
            answer = await self._http.send("DELETE", path)
            if answer.status_code != 200 and not await self._is_empty(card, code):
                told = _told(answer, [value.text for value in card.values.get(code, ())])
                why = f"attribute {code!r} could not be cleared: {told}"
                refusals.append(Refusal("attribute_refused", code, why))
        return refusals

    async def worklog(self, template: str, card_id: str, attribute: str) -> tuple[Entry, ...]:
        """Read a worklog; see :meth:`~airflow_provider_jira.esm.cards.OpenCards.worklog`."""
        metadata = await self._reader.template(template)
        prove_worklog(metadata, attribute)
        answer = await self._get(metadata, card_id, [attribute])
        if answer is None:
            raise no_card(template, card_id)
        return entries_of(answer, attribute)

    async def add_entry(self, template: str, card_id: str, attribute: str, text: str) -> None:
        """Append an entry; see :meth:`~airflow_provider_jira.esm.cards.OpenCards.add_entry`."""
        prove_worklog(await self._reader.template(template), attribute)
        if not is_card_id(card_id):
            raise no_card(template, card_id)
        path = f"{_card_path(template, card_id)}/{quote(attribute, safe='')}"
        body = {"values": elements((entry_text(text),))}
        try:
            answer = await self._http.send("POST", path, content=msgspec.json.encode(body), repeatable=False)
            if answer.status_code == 404:
                raise no_card(template, card_id)
            if answer.status_code in {401, 403}:
                refuse(answer, f"ESM does not let this user write attribute {attribute!r} of template {template!r}")
            said = complaints_in(answer) if answer.status_code == 200 else reasons_of(answer)
        except EsmRateLimited:
            raise
        except (EsmUnavailable, EsmProtocolError) as error:
            raise uncertain(template, card_id, attribute, error) from error
        if said:
            told = "; ".join(without(complaint.message, [text]) for complaint in said)
            raise entry_refused(template, card_id, attribute, told, answer)

    async def _get(self, metadata: Template, card_id: str, attributes: Sequence[str]) -> httpx.Response | None:
        if not is_card_id(card_id):
            return None
        params = {"selectedAttributes": ",".join(_few(metadata, attributes))}
        answer = await self._http.send("GET", _card_path(metadata.code, card_id), params=params)
        if answer.status_code in {400, 404}:
            return None
        if answer.status_code != 200:
            refuse(answer, f"ESM does not show data card {card_id}")
        return answer

    async def _patch(self, card: OpenCard, wanted: Wanted) -> list[Refusal]:
        if not wanted:
            return []
        data = {code: {"values": elements(some)} for code, some in wanted.items()}
        answer = await self._http.send(
            "PATCH",
            _card_path(card.template, card.card_id),
            content=msgspec.json.encode({"dataCardId": card.card_id, "data": data}),
        )
        if answer.status_code in _WHOLE and len(wanted) > 1:
            return [refusal for code, some in wanted.items() for refusal in await self._patch(card, {code: some})]
        if answer.status_code in REFUSED:
            return [_refusal(answer, wanted)]
        if answer.status_code not in {200, 201}:
            refuse(answer, f"ESM does not take data cards of template {card.template!r}")
        told, texts = single_of(answer), texts_in(wanted)
        if told.saved is False and not told.errors:
            return [Refusal("card_refused", None, "ESM says success, and that it saved nothing")]
        return [
            Refusal(
                "attribute_refused" if complaint.attribute else "card_refused",
                complaint.attribute,
                without(complaint.message, texts),
            )
            for complaint in dict.fromkeys(told.errors)
        ]

    async def _is_empty(self, card: OpenCard, attribute: str) -> bool:
        now = await self.read(card.template, card.card_id, [attribute])
        return now is not None and not now.values[attribute]


def _card_path(template: str, card_id: str) -> str:
    return f"{template_path(template)}/{card_id}"


def _few(metadata: Template, attributes: Sequence[str]) -> list[str]:
    """The attributes to ask for; where none are wanted one, because none given means all of them."""
    codes = list(dict.fromkeys(attributes)) or list(metadata.attributes)[:1]
    for code in codes:
        eql.attribute(code)
    return codes


def _refusal(answer: httpx.Response, wanted: Wanted) -> Refusal:
    """Say why ESM refused a change as a whole."""
    if answer.status_code == 404:
        return gone()
    told = _told(answer, texts_in(wanted))
    if answer.status_code == 403:
        why = "ESM does not let this user write the card: give its role permission to the template and folder"
        return Refusal("card_refused", None, f"{why} ({told})")
    if answer.status_code in _WHOLE:
        return Refusal("attribute_refused", next(iter(wanted)), told)
    return Refusal("card_refused", None, told)


def _told(answer: httpx.Response, texts: Sequence[str]) -> str:
    return "; ".join(without(complaint.message, texts) for complaint in reasons_of(answer))
