"""Reading through REST: templates, cards by key, cards by owner.

Pages run downwards by id. The link to the next page is never used, because whether it repeats the filter is not
documented; this client repeats its own parameters and moves ``filterId``. An empty list may come as a 404, which an
unknown template also gives; the two are told apart by asking for the template.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from airflow_provider_jira.esm import eql
from airflow_provider_jira.esm.cards import OpenCard
from airflow_provider_jira.esm.concurrent import each
from airflow_provider_jira.esm.errors import EsmPermissionError, EsmProtocolError, EsmRefused, UnknownTemplate
from airflow_provider_jira.esm.http import Http, refuse
from airflow_provider_jira.esm.rest_answers import body_of, card_of, page_of, reasons_of, strange, template_of
from airflow_provider_jira.esm.store import FoundCard, Template
from airflow_provider_jira.esm.visibility import Visibility
from airflow_provider_jira.model.definition import Target
from airflow_provider_jira.model.redact import without

C = TypeVar("C", FoundCard, OpenCard)


class RestReader:
    """Reads cards and templates.

    :param http: the way to REST v1, logged in
    """

    def __init__(self, http: Http) -> None:
        self._http = http
        self._templates: dict[str, Template] = {}
        self._visibility = Visibility(self._shows_any)
        self.keyed: set[Target] = set()
        """Targets whose cards were seen to be found by their key right after they were created."""

    async def template(self, code: str) -> Template:
        """Read a template's metadata, once.

        :raises UnknownTemplate: there is none, or the user may not see it
        """
        if code not in self._templates:
            answer = await self._http.send("GET", f"/dc/{quote(code, safe='')}")
            if answer.status_code in {400, 404}:
                raise UnknownTemplate(
                    f"ESM has no template {code!r}, or does not show it to this user: correct `target.template` (codes "
                    "are case-sensitive), or give the user's role permission to it",
                    method="GET", path=answer.request.url.path, status=answer.status_code,
                )  # fmt: skip
            if answer.status_code != 200:
                refuse(answer, f"ESM does not describe template {code!r}")
            self._templates[code] = template_of(answer)
        return self._templates[code]

    async def spelling(self, template: str) -> tuple[str, str] | None:
        """Give ESM's words for no and yes in a condition on ``entity.deleted``, ``None`` where it has none."""
        return await self._visibility.spelling(template)

    async def find(
        self, target: Target, keys: Sequence[str], attributes: Sequence[str]
    ) -> Mapping[str, tuple[FoundCard, ...]]:
        """Look cards up by key; see :meth:`~airflow_provider_jira.esm.store.CardStore.find`."""
        clause = await self._visibility.clause(target.template)
        left = eql.attribute(target.key)
        wanted = list(dict.fromkeys(keys))

        async def look(part: tuple[list[str], str]) -> list[FoundCard]:
            asked, condition = part
            found: list[FoundCard] = []
            async for page in self._pages(target, f"({condition}){clause}", attributes, asked, until_empty=False):
                found.extend(page)
            return found

        parts = list(eql.conditions(left, wanted, self._http.settings.lookup_keys))
        cards: dict[str, dict[str, FoundCard]] = {}
        for page in await each(look, parts, self._http.settings.concurrency):
            for card in page:
                cards.setdefault(card.key, {})[card.card_id] = card
        _prove_key_readable(cards, wanted, target)
        return {key: tuple(cards[key].values()) for key in wanted if key in cards}

    async def owned(self, target: Target, task_id: str, attributes: Sequence[str]) -> AsyncIterator[FoundCard]:
        """Read a task's cards, a page at a time; see :meth:`~airflow_provider_jira.esm.store.CardStore.owned`."""
        stamp = target.task_id_attribute
        clause = await self._visibility.clause(target.template)
        condition = f"{eql.equals(eql.attribute(stamp), task_id)}{clause}"
        pages = self._pages(target, condition, [stamp, *attributes], [task_id], until_empty=True)
        async for page in pages:
            for card in page:
                # ESM may compare without regard to case; a card of another task must never be taken for one of this
                if not card.deleted and card.values.get(stamp) == (task_id,):
                    yield card

    async def card(self, target: Target, card_id: str, attributes: Sequence[str]) -> FoundCard | None:
        """Read one card by ESM's id.

        :returns: ``None`` where ESM does not know it
        """
        path = f"{data_path(target)}/{quote(card_id, safe='')}"
        params = {"selectedAttributes": ",".join(codes_of(target.key, attributes))}
        answer = await self._http.send("GET", path, params=params)
        if answer.status_code in {400, 404}:
            return None
        if answer.status_code != 200:
            refuse(answer, f"ESM does not show data card {card_id}")
        return card_of(answer, target.key)

    async def is_empty(self, target: Target, card_id: str, attribute: str) -> bool:
        """Say whether an attribute of a card holds nothing."""
        card = await self.card(target, card_id, [attribute])
        return card is not None and not card.values.get(attribute)

    def _pages(
        self, target: Target, condition: str, attributes: Sequence[str], values: Sequence[str], *, until_empty: bool
    ) -> AsyncIterator[list[FoundCard]]:
        codes = codes_of(target.key, attributes)
        return self.pages(
            target.template, condition, codes, values, lambda answer: page_of(answer, target.key),
            until_empty=until_empty,
        )  # fmt: skip

    async def pages(
        self,
        template: str,
        condition: str,
        attributes: Sequence[str],
        values: Sequence[str],
        cards_of: Callable[[httpx.Response], list[C]],
        *,
        until_empty: bool,
    ) -> AsyncIterator[list[C]]:
        """Page through the cards of a condition.

        :param attributes: codes of the attributes to read
        :param values: texts in the condition, kept out of error messages
        :param cards_of: reads one page
        :param until_empty: whether a page that is not full may still have one after it
        """
        limit = self._http.settings.page_cards
        below = 0
        while True:
            params: dict[str, str | int] = {
                "limit": limit,
                "filter": condition,
                "dataCards": "true",
                "selectedAttributes": ",".join(attributes),
            }
            if below:
                params["filterId"] = below
            answer = await self._list(template, params, values)
            page = cards_of(answer) if answer is not None else []
            if not page or answer is None:
                return
            lowest = _lowest(answer, [card.card_id for card in page])
            if below and lowest >= below:
                raise EsmProtocolError(
                    f"a page of template {template!r} repeats cards at or above id {below}: reading it would "
                    "not end; tell the maker of ESM",
                    method="GET", path=answer.request.url.path, status=200,
                )  # fmt: skip
            yield page
            if lowest <= 1 or (len(page) < limit and not until_empty):
                return
            below = lowest

    async def _list(
        self, template: str, params: Mapping[str, str | int], values: Sequence[str]
    ) -> httpx.Response | None:
        """Ask for one page; ``None`` where there are no cards."""
        path = template_path(template)
        answer = await self._http.send("GET", path, params=params)
        if answer.status_code == 404:
            await self.template(template)
            return None
        if answer.status_code == 400:
            told = "; ".join(complaint.message for complaint in reasons_of(answer))
            raise EsmRefused(
                f"ESM refuses to list template {template!r}: {without(told, values)}",
                method="GET", path=answer.request.url.path, status=400, detail=answer.text,
            )  # fmt: skip
        if answer.status_code != 200:
            refuse(answer, f"ESM does not list template {template!r}")
        return answer

    async def _shows_any(self, template: str, condition: str) -> bool:
        params: dict[str, str | int] = {"limit": 1}
        if condition:
            params["filter"] = condition
        answer = await self._list(template, params, ())
        if answer is None:
            return False
        body: Any = body_of(answer)
        data = body.get("data") if isinstance(body, dict) else body
        if not isinstance(data, list):
            raise strange(answer, "is no page of data cards")
        return bool(data)


def data_path(target: Target) -> str:
    """The path below which a target's cards are."""
    return template_path(target.template)


def template_path(template: str) -> str:
    """The path below which a template's cards are.

    :param template: template code
    """
    return f"/dc/{quote(template, safe='')}/data"


def codes_of(key: str, attributes: Sequence[str]) -> list[str]:
    """List what ``selectedAttributes`` shall name.

    :raises ValueError: no attribute can be called so
    """
    codes = list(dict.fromkeys([key, *attributes]))
    for code in codes:
        eql.attribute(code)
    return codes


def _lowest(answer: httpx.Response, card_ids: Sequence[str]) -> int:
    if not all(card_id.isdecimal() for card_id in card_ids):
        raise strange(answer, "holds data card ids that are no numbers")
    return min(map(int, card_ids))


def _prove_key_readable(cards: Mapping[str, object], keys: Sequence[str], target: Target) -> None:
    """A card that was found by a key which it does not show: taking it for missing would create it a second time."""
    if "" in cards and "" not in keys:
        raise EsmPermissionError(
            f"ESM finds cards by attribute {target.key!r} of template {target.template!r} but does not show it: give "
            "the ESM user's role permission to read it"
        )
