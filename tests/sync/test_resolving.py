"""References are looked up once in a share, but for those whose card is not there: it may be, by the next batch."""

from __future__ import annotations

import asyncio
from typing import Any

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.model.card import Card, Link, Reference
from airflow_provider_jira.sync.references import resolve

HERE, LATER = (Reference("entitlement", "groupId", key) for key in ("g-1", "g-2"))
CARDS = [Card("a-1", {"groups": (HERE,)}), Card("a-2", {"groups": (HERE, LATER)})]


def _entitlement(esm: Any, key: str) -> None:
    esm.post("world/card", template="entitlement", values={"groupId": [key], "name": [key]})


def test_what_was_found_is_not_asked_for_again_and_what_was_not_is(esm: Any, api: str) -> None:
    settings = EsmSettings(base_url=esm.url, login="webapi", password="sandbox-password", api=api)
    links: dict[Reference, Link] = {}

    async def story() -> tuple[list[int], list[int], list[int]]:
        async with open_store(settings) as store:

            async def missing(cards: list[Card]) -> list[int]:
                told = await resolve(store, cards, links)
                return [at for at, one in enumerate(told) if one.code]

            first = await missing(CARDS)
            _entitlement(esm, "g-2")
            second = await missing(CARDS)
            esm.requests()
            return first, second, await missing(CARDS)

    _entitlement(esm, "g-1")
    assert asyncio.run(story()) == ([1], [], [])
    assert esm.requests() == []
    assert set(links) == {HERE, LATER}
