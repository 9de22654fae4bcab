"""Waits for ESM: for a data card to match a filter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from airflow_provider_jira.hooks.esm import EfecteEsmHook
from airflow_provider_jira.triggers.polling import Look, PollingTrigger, Seen, made

if TYPE_CHECKING:
    from airflow_provider_jira.esm.store import CardStore

MOST_SHOWN = 100
"""How many ids an event carries at most."""


class EsmCardTrigger(PollingTrigger):
    """Waits until data cards match a filter.

    What is seen: ``data_card_ids``, the first of them by id. Cards in the trash do not count.

    :param esm_conn_id: id of a connection of type ``efecte_esm``
    :param template: code of the template
    :param filter: an EQL condition on its attributes, such as ``$status$ = '02 - Solving' and $jiraKey$ is null``
    :param at_least: how many cards there have to be
    :param waiting: ``poke_interval`` and ``deadline`` of :class:`PollingTrigger`
    """

    def __init__(
        self,
        *,
        esm_conn_id: str,
        template: str,
        filter: str,  # noqa: A002 - what definitions call it
        at_least: int = 1,
        **waiting: Any,
    ) -> None:
        super().__init__(**waiting)
        if at_least < 1:
            raise ValueError(f"at_least is {at_least}: write 1 or more")
        self.esm_conn_id = esm_conn_id
        self.template = template
        self.filter = filter
        self.at_least = at_least

    @override
    def arguments(self) -> dict[str, Any]:
        return {
            "esm_conn_id": self.esm_conn_id,
            "template": self.template,
            "filter": self.filter,
            "at_least": self.at_least,
        }

    @override
    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Look]:
        async with await open_store_of(self.esm_conn_id) as store:

            async def look() -> Seen | None:
                cards = await store.matching(self.template, self.filter, most=max(self.at_least, MOST_SHOWN))
                ids = [card.card_id for card in cards]
                return {"data_card_ids": ids[:MOST_SHOWN]} if len(ids) >= self.at_least else None

            yield look


async def open_store_of(conn_id: str) -> CardStore:
    """Make the store of a connection, from within the triggerer; use it as an async context manager.

    :raises ConnectionProblem: the connection cannot be used as it is
    """
    return await made(EfecteEsmHook(conn_id).store)
