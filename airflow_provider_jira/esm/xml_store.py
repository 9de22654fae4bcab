"""ESM through the XML Web API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType

import httpx
from typing_extensions import Self

from airflow_provider_jira.esm import eql
from airflow_provider_jira.esm.auth import BasicAuth
from airflow_provider_jira.esm.cards import OpenCard, Refusal
from airflow_provider_jira.esm.changing import Wanted, carry_out, prove, prove_worklog
from airflow_provider_jira.esm.errors import EsmError, EsmRefused, UnknownTemplate
from airflow_provider_jira.esm.http import Clock, Http, Sleep
from airflow_provider_jira.esm.rest_store import RestStore
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import Attribute, CardStore, CardWrite, FoundCard, Outcome, Template, Traffic
from airflow_provider_jira.esm.xml_cards import XmlCards, needs_key
from airflow_provider_jira.esm.xml_read import NO_CARD, XmlReader, of_template
from airflow_provider_jira.esm.xml_write import XmlWriter
from airflow_provider_jira.model.card import Entry, Value
from airflow_provider_jira.model.definition import Target


class XmlStore(CardStore):
    """Cards through the Web API; see :class:`~airflow_provider_jira.esm.store.CardStore`.

    The Web API says nothing of templates. Where the same user may use REST (which is licensed apart), the metadata
    comes from there; otherwise each attribute is tried in a query.

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
    ) -> None:
        super().__init__()
        self.traffic = Traffic()
        self._http = Http(settings, settings.webapi_path, self.traffic, clock=clock, sleep=sleep, transport=transport)
        self._http.auth = BasicAuth(settings.login, settings.password)
        self._reader = XmlReader(self._http)
        self._cards = XmlCards(self._http, self._reader)
        self._rest = RestStore(settings, clock=clock, sleep=sleep, transport=transport, traffic=self.traffic)
        self._metadata: dict[str, Template | None] = {}
        self._probed: dict[str, dict[str, Attribute]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()
        await self._rest.__aexit__(kind, error, trace)

    async def prove_identity(self) -> None:
        """Ask for nothing, to see that ESM answers this user."""
        await self._reader.search(NO_CARD, (), ())

    async def describe(self, template: str, attributes: Sequence[str]) -> Template:
        """Read the template's metadata through REST, or find out which of the attributes exist."""
        metadata = await self._template(template)
        return metadata or await self._probe(template, attributes)

    async def find(
        self, target: Target, keys: Sequence[str], attributes: Sequence[str] = ()
    ) -> Mapping[str, tuple[FoundCard, ...]]:
        """Look cards up by key, some fifty a request."""
        return await self._reader.find(target, keys, attributes)

    def owned(self, target: Target, task_id: str, attributes: Sequence[str] = ()) -> AsyncIterator[FoundCard]:
        """Read the task's cards out of one long answer."""
        return self._reader.owned(target, task_id, attributes)

    async def write(self, target: Target, writes: Sequence[CardWrite], *, create: bool = True) -> tuple[Outcome, ...]:
        """Import cards."""
        if not writes:
            return ()
        metadata = await self._template(target.template)
        return await XmlWriter(self._http, self._reader, target, metadata).write(writes, create=create)

    @property
    def login(self) -> str:
        """Give the login."""
        return self._http.settings.login

    async def read(self, template: str, card_id: str, attributes: Sequence[str]) -> OpenCard | None:
        """Search one card by id."""
        known = await self._known(template, attributes)
        prove(known, attributes)
        sight = await self._cards.look(template, card_id, attributes)
        return None if sight is None else self._cards.open(sight, known, attributes)

    async def matching(
        self, template: str, condition: str, *, most: int, named: str = "filter"
    ) -> tuple[OpenCard, ...]:
        """Search the cards of a condition."""
        await self._template(template)
        return await self._cards.matching(template, condition, most=most, named=named)

    async def change(
        self, template: str, card_id: str, values: Mapping[str, tuple[Value, ...]], *, key: str | None = None
    ) -> tuple[Refusal, ...]:
        """Import one card by its unique attribute, and look at it by id."""
        if key is None:
            raise needs_key(template)
        known = await self._known(template, [*values, key])
        prove(known, [key])
        codes = [code for code in values if code in known.attributes]
        sight = await self._cards.look(template, card_id, [*codes, key])

        async def send(_: OpenCard, wanted: Wanted) -> Sequence[Refusal]:
            return [] if sight is None else await self._cards.set(sight, known, wanted, key)

        card = None if sight is None else self._cards.open(sight, known, codes)
        return await carry_out(self, known, card, values, send)

    async def worklog(self, template: str, card_id: str, attribute: str) -> tuple[Entry, ...]:
        """Read the texts of a worklog."""
        prove_worklog(await self._known(template, [attribute]), attribute)
        return await self._cards.worklog(template, card_id, attribute)

    async def add_entry(
        self, template: str, card_id: str, attribute: str, text: str, *, key: str | None = None
    ) -> None:
        """Import one entry of a worklog."""
        if key is None:
            raise needs_key(template)
        known = await self._known(template, [attribute, key])
        prove(known, [key])
        prove_worklog(known, attribute)
        await self._cards.add_entry(known, card_id, attribute, text, key)

    async def _known(self, template: str, attributes: Sequence[str]) -> Template:
        """Give the template's metadata, or what trying these attributes tells, once."""
        metadata = await self._template(template)
        if metadata is not None:
            return metadata
        probed = self._probed.setdefault(template, {})
        if unseen := [code for code in dict.fromkeys(attributes) if code not in probed]:
            probed.update((await self._probe(template, unseen)).attributes)
        return Template(template, probed, None)

    async def _template(self, code: str) -> Template | None:
        """Read a template's metadata, once; ``None`` where REST is not for this user."""
        if code not in self._metadata:
            try:
                self._metadata[code] = await self._rest.describe(code, ())
            except UnknownTemplate:
                raise
            except EsmError:  # whatever keeps REST from answering, the Web API may work all the same
                self._metadata[code] = None
        return self._metadata[code]

    async def _probe(self, template: str, attributes: Sequence[str]) -> Template:
        """Try each attribute in a query that finds nothing: ESM refuses one that it does not know."""
        existing = {}
        for code in attributes:
            where = f"{of_template(template)} AND {NO_CARD} AND {eql.attribute(code)} IS NULL"
            try:
                await self._reader.search(where, (), ())
            except EsmRefused:
                continue
            existing[code] = Attribute(code)
        if attributes and not existing:
            raise UnknownTemplate(
                f"ESM has no template {template!r}, or none of its attributes are known: correct `target.template` "
                "(codes are case-sensitive), or give the user's role permission to it",
            )
        return Template(template, existing, None)
