"""One Jira and one ESM for all event stories of a module; every test has cards and a memory of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

# at the end: other folders have modules of their own, and a conftest
sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "sync"))

from office import Clock, Office
from sides import Sandbox

from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.jira.catalog import GLOBAL_PERMISSIONS
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread


@pytest.fixture(scope="module")
def clock() -> Clock:
    """The time of Jira and of the machine that runs the tasks."""
    return Clock()


@pytest.fixture(scope="module")
def jira_side(clock: Clock) -> Iterator[Sandbox]:
    app = create_jira(20, 7, now=clock)
    with serve_in_thread(app) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        side = Sandbox(served.url, http)
        side.switch(global_permissions=list(GLOBAL_PERMISSIONS), denied_permissions=[], rate_limits=False)
        yield side


@pytest.fixture(scope="module")
def esm_side() -> Iterator[Sandbox]:
    with serve_in_thread(create_esm()) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        yield Sandbox(served.url, http)


@pytest.fixture(params=["rest", "webapi"])
def api(request: pytest.FixtureRequest) -> str:
    """Which of ESM's APIs is used."""
    return str(request.param)


@pytest.fixture
def office(jira_side: Sandbox, esm_side: Sandbox, clock: Clock, api: str) -> Iterator[Office]:
    """An installation with event tasks."""
    switches = jira_side.http.get("/_sandbox/switches").json()
    yield Office(jira_side, esm_side, clock, api)
    for side in (jira_side, esm_side):
        side.mend()
    jira_side.http.patch("/_sandbox/switches", json=switches).raise_for_status()
