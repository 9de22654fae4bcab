"""A search by JQL, page after page.

Tokens of pages come one from the other. Where Jira no longer takes one that it gave, the search begins anew, so an
issue can come twice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from airflow_provider_jira.jira.connection import Connection, about
from airflow_provider_jira.jira.errors import JiraProtocolError, JqlRefused
from airflow_provider_jira.jira.paging import TokenPage, cut_short, walk
from airflow_provider_jira.jira.retry import TRIES
from airflow_provider_jira.jira.shapes import Warned

SEARCH = "/rest/api/3/search/jql"


class FoundPage(TokenPage, Protocol):
    """A page of a search."""

    @property
    def warnings(self) -> tuple[Warned, ...] | None:
        """What Jira warns of."""


Page = TypeVar("Page", bound=FoundPage)


class Searches(Generic[Page]):
    """Searches of one kind.

    :param connection: to the site
    :param decoder: what a page looks like
    """

    def __init__(self, connection: Connection, decoder: msgspec.json.Decoder[Page]) -> None:
        self._connection = connection
        self._decoder = decoder

    async def pages(self, body: dict[str, Any]) -> AsyncGenerator[Page, None]:
        """Walk through a search; from its beginning again where Jira no longer takes the token that it gave.

        :param body: of the request, without a token
        :raises JqlRefused: Jira does not take the JQL
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                with about("POST", SEARCH):
                    async for page in walk(partial(self._page, body)):
                        yield page
            except _TokenLost:
                if attempt == TRIES:
                    raise
            else:
                return
            await self._connection.before_repeat(attempt)

    async def _page(self, body: dict[str, Any], token: str | None) -> Page:
        # everything but the token has to stay the same during a walk
        paged = body if token is None else {**body, "nextPageToken": token}
        try:
            return await self._connection.call("POST", SEARCH, self._decoder, body=paged, about_jql=True)
        except JqlRefused as refused:
            if token is None:
                raise
            # the JQL was good a page ago: it is the token, which not every site takes twice when an answer was lost
            raise _TokenLost(
                f"Jira does not take its own page token any more ({'; '.join(refused.messages) or 'no reason given'}).",
                status=refused.status,
                trace=refused.trace,
            ) from None


class _TokenLost(JiraProtocolError):
    """A walk cannot go on where it is."""


def doubts(page: FoundPage) -> tuple[str, ...]:
    """Say why a page may not show everything."""
    told = tuple(warning.told() for warning in page.warnings or ())
    return (*told, "more issues follow, but Jira did not say where") if cut_short(page) else told
