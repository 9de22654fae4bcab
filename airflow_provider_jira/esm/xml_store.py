"""ESM through the XML Web API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType

import httpx
from typing_extensions import Self

from airflow_provider_jira.esm import eql
from airflow_provider_jira.esm.auth import BasicAuth
from airflow_provider_jira.esm.errors import EsmError, EsmRefused, UnknownTemplate
from airflow_provider_jira.esm.http import Clock, Http, Sleep
from airflow_provider_jira.esm.rest_store import RestStore
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import Attribute, CardStore, CardWrite, FoundCard, Outcome, Template, Traffic
from airflow_provider_jira.esm.xml_read import NO_CARD, XmlReader, of_template
from airflow_provider_jira.esm.xml_write import XmlWriter
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
        self._rest = RestStore(settings, clock=clock, sleep=sleep, transport=transport, traffic=self.traffic)
        self._metadata: dict[str, Template | None] = {}

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
