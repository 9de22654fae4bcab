"""A people run's process is killed at every point, before, between and in its two waves, and nothing is lost or done
twice. What a point is, says ``test_kills.py``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import PEOPLE, Sandbox
from guillotine import Guillotine, dies
from pipeline import World
from test_kills import EVERY, pushed
from test_people import assert_in_step

from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread

BATCH = 6
FAR = 2 * EVERY
"""Kills are as far apart as two in the other file: the second wave is as many requests again."""


@pytest.fixture(scope="module")
def village() -> Iterator[Sandbox]:
    app = create_jira(20, 7, people=14, groups=6, memberships=30)
    with serve_in_thread(app) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        sandbox = Sandbox(served.url, http)
        sandbox.switch(denied_permissions=[], global_permissions=["ADMINISTER", "USER_PICKER"])
        yield sandbox


@pytest.fixture(scope="module")
def esm_beside() -> Iterator[Sandbox]:
    with serve_in_thread(create_esm()) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        yield Sandbox(served.url, http)


def begin(jira: Sandbox, esm: Sandbox, api: str, root: Path) -> World:
    """No cards, no memory."""
    esm.http.delete("/_sandbox/world/cards").raise_for_status()
    settings: dict[str, Any] = {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme"}
    acme = Connector.model_validate({**settings, "scheduled_tasks": [PEOPLE]})
    return World(
        connector=acme,
        task=acme.scheduled_tasks[0],
        jira=JiraSettings(site=jira.url, email="robot@acme.example", token="sandbox-token"),
        esm=EsmSettings(
            base_url=esm.url, login="webapi", password="sandbox-password", api=api, batch_cards=BATCH, concurrency=1
        ),
        root=root,
    )


def test_killed_anywhere_everybody_has_one_card_that_points_at_what_they_hold(
    village: Sandbox, esm_beside: Sandbox, api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_jira.sync.steps.load.BATCH_RECORDS", BATCH)
    guillotine = Guillotine(monkeypatch)
    world = begin(village, esm_beside, api, tmp_path / "count")
    guillotine.points = 0
    count = world.run()["created"]
    total = guillotine.points
    ways = itertools.cycle(["retry", "clear", "next"])
    for at in range(2, total + 1, FAR):
        way = next(ways)
        context = f"killed at point {at} of {total}, then {way}"
        world = begin(village, esm_beside, api, tmp_path / f"{at}")
        pushed(esm_beside)
        killed = world.start()
        with guillotine.falls(at):
            assert dies(killed.finish), f"point {at} of {total} was never reached"
        if way == "clear":
            killed.clear("load", "relate", "load_related", "mark_removed", "commit")
        if way == "next":
            world.run()
        else:
            killed.finish()
        assert count <= pushed(esm_beside) <= count + BATCH, context
        assert_in_step(village, esm_beside)
        report = world.run()
        assert (report["unchanged"], report["waiting"], pushed(esm_beside)) == (count, 0, 0), context
