"""When a list ends.

The one rule of Jira's token paging: a walk ends with the page that says so or that gives no token. Nothing else ends
it: not a short page, not an empty one
(https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/). A token that was seen before
would lead round in circles, and is an error.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

from airflow_provider_jira.jira.errors import JiraProtocolError


class TokenPage(Protocol):
    """A page of a token walk."""

    @property
    def next_page_token(self) -> str | None:
        """Leads to the next page."""

    @property
    def is_last(self) -> bool | None:
        """Whether there is no next page."""


Page = TypeVar("Page", bound=TokenPage)


def follows(page: TokenPage) -> bool:
    """Tell whether another page follows."""
    return not page.is_last and bool(page.next_page_token)


def cut_short(page: TokenPage) -> bool:
    """Tell whether a page says that more follows, yet leads nowhere: the walk has ended and may lack its end."""
    return page.is_last is False and not page.next_page_token


async def walk(load: Callable[[str | None], Awaitable[Page]]) -> AsyncIterator[Page]:
    """Load page after page. Tokens come strictly one from the other, so there is nothing to do in parallel.

    :param load: loads the page that a token leads to, the first one for ``None``
    :raises JiraProtocolError: a token came a second time
    """
    token: str | None = None
    seen: set[str] = set()
    while True:
        page = await load(token)
        yield page
        if not follows(page):
            return
        token = page.next_page_token or ""
        if token in seen:
            raise JiraProtocolError(
                f"Jira gave the same page token twice, after {len(seen) + 1} pages: the list would never end. "
                f"If it happens again, report it to Atlassian."
            )
        seen.add(token)
