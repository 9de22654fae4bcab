"""A run's process is killed at every point where it changes or asks anything, and nothing is lost or done twice."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import Sandbox, connector
from guillotine import Guillotine, dies
from pipeline import Pipeline, World

from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread

ISSUES, BATCH = 24, 6
EVERY = int(os.environ.get("KILL_EVERY", "5"))
"""Every how many points there is a kill; 1 = at all of them, which takes minutes."""
GONE = ("990001", "990002")


@pytest.fixture(scope="module")
def quiet_jira() -> Iterator[Sandbox]:
    with serve_in_thread(create_jira(ISSUES, 7)) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        sandbox = Sandbox(served.url, http)
        sandbox.switch(unknown_issue="ignore")
        yield sandbox


@pytest.fixture(scope="module")
def busy_esm() -> Iterator[Sandbox]:
    with serve_in_thread(create_esm()) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        yield Sandbox(served.url, http)


@pytest.fixture
def guillotine(monkeypatch: pytest.MonkeyPatch) -> Guillotine:
    monkeypatch.setattr("airflow_provider_jira.sync.steps.load.BATCH_RECORDS", BATCH)
    return Guillotine(monkeypatch)


def fresh(jira: Sandbox, esm: Sandbox, api: str, root: Path, origin: str) -> World:
    attributes = {"jiraId": "id", "subject": "summary", "status": "status.name", "origin": {"value": origin}}
    acme = connector(attributes=attributes)
    return World(
        connector=acme,
        task=acme.scheduled_tasks[0],
        jira=JiraSettings(site=jira.url, email="robot@acme.example", token="sandbox-token"),
        esm=EsmSettings(
            base_url=esm.url, login="webapi", password="sandbox-password", api=api, batch_cards=BATCH, concurrency=1
        ),
        root=root,
    )


def prepare(jira: Sandbox, esm: Sandbox, api: str, root: Path, story: str) -> World:
    """Begin with nothing (every card is to be created), or with cards to update and two to mark removed."""
    esm.http.delete("/_sandbox/world/cards").raise_for_status()
    if story == "first":
        return fresh(jira, esm, api, root, "jira")
    before = fresh(jira, esm, api, root, "esm")
    before.run()
    for id_ in GONE:
        values = {"jiraId": [id_], "taskId": ["acme__support_tickets"]}
        esm.post("world/card", template="jira_issue", values=values)
    now = fresh(jira, esm, api, root, "jira")
    now.state, now.time, now.runs = before.state, before.time, before.runs
    return now


def pushed(esm: Sandbox) -> int:
    """How many cards ESM was sent since the last call."""
    count = 0
    for row in esm.writes():
        body = row["body"]
        if isinstance(body, list):
            count += len(body)
        elif isinstance(body, str):
            count += len(re.findall("<entity>", body))
        elif row["method"] in {"POST", "PATCH"}:
            count += 1
    return count


def go_on(world: World, killed: Pipeline, way: str) -> None:
    """What happens after a kill: Airflow's retry, an admin who clears the task, or only the next run."""
    if way == "retry":
        killed.finish()
    elif way == "clear":
        killed.clear("load", "mark_removed", "commit")
        killed.finish()
    else:
        world.run()


@pytest.mark.parametrize(("story", "first_point"), [("first", 1), ("later", 3)])
def test_killed_anywhere_nothing_is_lost_or_done_twice(
    quiet_jira: Sandbox,
    busy_esm: Sandbox,
    api: str,
    tmp_path: Path,
    guillotine: Guillotine,
    story: str,
    first_point: int,
) -> None:
    world = prepare(quiet_jira, busy_esm, api, tmp_path / "count", story)
    guillotine.points = 0
    world.run()
    total = guillotine.points
    marked = 2 if story == "later" else 0
    ways = itertools.cycle(["retry", "clear", "next"])
    issues = quiet_jira.issues()
    for at in range(min(first_point, EVERY), total + 1, EVERY):
        way = next(ways)
        world = prepare(quiet_jira, busy_esm, api, tmp_path / f"{at}", story)
        pushed(busy_esm)
        killed = world.start()
        with guillotine.falls(at):
            assert dies(killed.finish), f"point {at} of {total} was never reached"
        go_on(world, killed, way)
        sent = pushed(busy_esm)
        context = f"killed at point {at} of {total}, then {way}"
        assert ISSUES + marked <= sent <= ISSUES + marked + BATCH + marked, context
        cards = busy_esm.cards()
        for id_, issue in issues.items():
            assert cards[id_]["values"]["subject"] == [issue["summary"]], context
            assert cards[id_]["values"]["origin"] == ["jira"], context
        for id_ in GONE[:marked]:
            assert cards[id_]["values"]["recordStatus"] == ["5 - Removed"], context
        assert len(cards) == ISSUES + marked, context
        report = world.run()
        assert (report["unchanged"], report["created"], report["updated"], pushed(busy_esm)) == (ISSUES, 0, 0, 0), (
            context
        )
        assert not any(name.endswith("intent") for name in world.state.texts), context  # type: ignore[attr-defined]
