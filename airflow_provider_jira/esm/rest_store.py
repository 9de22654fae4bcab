"""ESM through REST API v1."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from urllib.parse import urlencode

import httpx
from typing_extensions import Self

from airflow_provider_jira.esm.auth import TokenAuth
from airflow_provider_jira.esm.batch import Batch
from airflow_provider_jira.esm.cards import OpenCard, Refusal
from airflow_provider_jira.esm.changing import carry_out
from airflow_provider_jira.esm.http import Clock, Http, Sleep, refuse
from airflow_provider_jira.esm.rest_cards import RestCards
from airflow_provider_jira.esm.rest_read import RestReader
from airflow_provider_jira.esm.rest_write import RestWriter
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import CardStore, CardWrite, FoundCard, Outcome, Template, Traffic
from airflow_provider_jira.model.card import Entry, Value
from airflow_provider_jira.model.definition import Target


class RestStore(CardStore):
    """Cards through REST v1; see :class:`~airflow_provider_jira.esm.store.CardStore`.

    :param settings: where ESM is
    :param clock: seconds since the epoch
    :param sleep: waits
    :param transport: stands in for the network in tests
    """

    def __init__(
        self,
        settings: EsmSettings,
        *,
        clock: Clock,
        sleep: Sleep,
        transport: httpx.AsyncBaseTransport | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        super().__init__()
        self.traffic = traffic or Traffic()
        self._settings = settings
        self._http = Http(settings, settings.api_path, self.traffic, clock=clock, sleep=sleep, transport=transport)
        self._http.auth = TokenAuth(self._login, clock)
        self._reader = RestReader(self._http)
        self._cards = RestCards(self._http, self._reader)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def _login(self) -> httpx.Response:
        form = urlencode({"login": self._settings.login, "password": self._settings.password})
        return await self._http.send(
            "POST",
            "/users/login",
            content=form.encode(),
            content_type="application/x-www-form-urlencoded",
            authorized=False,
        )

    async def prove_identity(self) -> None:
        """Log in, and have the token checked."""
        answer = await self._http.send("GET", "/echo/jwt", params={"message": "ok"})
        if answer.status_code != 200:
            refuse(answer, "ESM takes the login and does not answer to it")

    async def describe(self, template: str, attributes: Sequence[str]) -> Template:  # noqa: ARG002  # REST tells all
        """Read the template's metadata."""
        return await self._reader.template(template)

    async def find(
        self, target: Target, keys: Sequence[str], attributes: Sequence[str] = ()
    ) -> Mapping[str, tuple[FoundCard, ...]]:
        """Look cards up by key, some fifty a request."""
        return await self._reader.find(target, keys, attributes)

    def owned(self, target: Target, task_id: str, attributes: Sequence[str] = ()) -> AsyncIterator[FoundCard]:
        """Read the task's cards, page by page."""
        return self._reader.owned(target, task_id, attributes)

    async def write(self, target: Target, writes: Sequence[CardWrite], *, create: bool = True) -> tuple[Outcome, ...]:
        """Write cards in bulk."""
        if not writes:
            return ()
        batch = Batch(writes, await self._reader.template(target.template), target.task_id_attribute, create=create)
        return await RestWriter(self._http, self._reader, target, batch).write()

    @property
    def login(self) -> str:
        """Give the login."""
        return self._settings.login

    async def read(self, template: str, card_id: str, attributes: Sequence[str]) -> OpenCard | None:
        """Read one card by id."""
        return await self._cards.read(template, card_id, attributes)

    async def matching(
        self, template: str, condition: str, *, most: int, named: str = "filter"
    ) -> tuple[OpenCard, ...]:
        """Page through the cards of a condition."""
        return await self._cards.matching(template, condition, most=most, named=named)

    async def change(
        self,
        template: str,
        card_id: str,
        values: Mapping[str, tuple[Value, ...]],
        *,
        key: str | None = None,  # noqa: ARG002  # REST finds a card by its id
    ) -> tuple[Refusal, ...]:
        """Set attributes of one card by id."""
        metadata = await self._reader.template(template)
        known = [code for code in values if code in metadata.attributes]
        card = await self._cards.read(template, card_id, known)
        return await carry_out(self, metadata, card, values, self._cards.set)

    async def worklog(self, template: str, card_id: str, attribute: str) -> tuple[Entry, ...]:
        """Read a worklog."""
        return await self._cards.worklog(template, card_id, attribute)

    async def add_entry(
        self,
        template: str,
        card_id: str,
        attribute: str,
        text: str,
        *,
        key: str | None = None,  # noqa: ARG002  # REST finds a card by its id
    ) -> None:
        """Append an entry to a worklog."""
        await self._cards.add_entry(template, card_id, attribute, text)
