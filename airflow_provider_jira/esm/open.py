"""Opens ESM through whichever API the settings name."""

from __future__ import annotations

import time

import anyio
import httpx

from airflow_provider_jira.esm.http import Clock, Sleep
from airflow_provider_jira.esm.rest_store import RestStore
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.esm.xml_store import XmlStore


def open_store(
    settings: EsmSettings,
    *,
    clock: Clock = time.time,
    sleep: Sleep = anyio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
) -> CardStore:
    """Make the store; nothing is sent before it is used.

    :param settings: one ESM connection
    :param clock: seconds since the epoch
    :param sleep: waits the given seconds
    :param transport: stands in for the network in tests
    :returns: to be used as an async context manager
    """
    store = RestStore if settings.api == "rest" else XmlStore
    return store(settings, clock=clock, sleep=sleep, transport=transport)
