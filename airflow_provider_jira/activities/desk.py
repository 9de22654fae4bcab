"""What an activity works with: Jira, a memory, a clock."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.sync.state import State


@dataclass(frozen=True)
class Desk:
    """What an activity works with.

    :param jira: the client, open, and known to Jira
    :param site: address of the site, for links that people follow
    :param state: where the outbox is kept
    :param now: seconds since 1970
    :param log: where activities tell what they do, without values
    """

    jira: JiraClient
    site: str
    state: State
    now: Callable[[], float] = time.time
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("airflow.task"))

    def url(self, key: str) -> str:
        """Name the page of an issue.

        :param key: its key
        """
        return f"{self.site.rstrip('/')}/browse/{key}"


@asynccontextmanager
async def open_desk(
    settings: JiraSettings,
    state: State,
    *,
    now: Callable[[], float] = time.time,
    log: logging.Logger | None = None,
) -> AsyncIterator[Desk]:
    """Open Jira, and see that it knows who asks: many of its calls answer anybody.

    :param settings: how to reach Jira
    :param state: where the outbox is kept
    :param now: seconds since 1970
    :param log: where activities tell what they do
    :raises JiraAuthError: Jira does not know who asks
    """
    async with JiraClient(settings) as jira:
        await jira.identify()
        yield Desk(jira, settings.site, state, now, log or logging.getLogger("airflow.task"))
