"""A run that brings comments is killed at many points, and in the end each comment stands in its worklog once.

What is counted is what ESM holds: an answered request whose run died before it could write anything down is the moment
at which a comment would come twice.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import FRESH, TASK, Sandbox
from guillotine import Guillotine, dies
from pipeline import World
from test_kills import go_on

from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model import marks
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread

ISSUES, BATCH, TALKED = 16, 4, 5
EVERY = int(os.environ.get("KILL_EVERY", "5"))
"""Every how many points there is a kill; 1 = at all of them, which takes minutes."""


@pytest.fixture(scope="module")
def talking_jira() -> Iterator[Sandbox]:
    """A Jira in which a few issues have three comments each, and nothing changes any more."""
    with serve_in_thread(create_jira(ISSUES, 7)) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        sandbox = Sandbox(served.url, http)
        for issue, turn in itertools.product(sorted(sandbox.issues())[:TALKED], range(3)):
            sandbox.post("world/comments", id=issue, text=f"Turn {turn}")
        yield sandbox


@pytest.fixture(scope="module")
def quiet_esm() -> Iterator[Sandbox]:
    with serve_in_thread(create_esm()) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        yield Sandbox(served.url, http)


@pytest.fixture
def guillotine(monkeypatch: pytest.MonkeyPatch) -> Guillotine:
    monkeypatch.setattr("airflow_provider_jira.sync.steps.load.BATCH_RECORDS", BATCH)
    return Guillotine(monkeypatch)


def fresh(jira: Sandbox, esm: Sandbox, api: str, root: Path, *, comments: bool = True) -> World:
    attributes = {"jiraId": "id", "subject": "summary"}
    task = {**TASK, "attributes": attributes, **({"comments": {"attribute": "comments"}} if comments else {})}
    settings = {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme"}
    acme = Connector.model_validate({**settings, "scheduled_tasks": [task, FRESH]})
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
    """Begin with nothing, or with cards that only lack their comments."""
    esm.http.delete("/_sandbox/world/cards").raise_for_status()
    now = fresh(jira, esm, api, root)
    if story == "only comments":
        before = fresh(jira, esm, api, root, comments=False)
        before.run()
        now.state, now.time, now.runs = before.state, before.time, before.runs
    return now


def spoken(jira: Sandbox) -> dict[str, list[int]]:
    """The comments of each issue by its id, the oldest first."""
    auth = ("robot@acme.example", "sandbox-token")
    found = {}
    for issue in jira.issues():
        page = jira.http.get(f"/rest/api/3/issue/{issue}/comment", auth=auth).json()
        assert page["total"] == len(page["comments"])
        found[issue] = [int(each["id"]) for each in page["comments"]]
    return found


def written(esm: Sandbox) -> dict[str, list[int | None]]:
    """The comments in each card's worklog, the oldest first."""
    return {
        issue: [marks.comment_of(text) for text in reversed(card["values"].get("comments", []))]
        for issue, card in esm.cards().items()
    }


@pytest.mark.parametrize("story", ["everything", "only comments"])
def test_killed_anywhere_each_comment_comes_once(
    talking_jira: Sandbox, quiet_esm: Sandbox, api: str, tmp_path: Path, guillotine: Guillotine, story: str
) -> None:
    wanted = spoken(talking_jira)
    world = prepare(talking_jira, quiet_esm, api, tmp_path / "count", story)
    guillotine.points = 0
    world.run()
    total = guillotine.points
    ways = itertools.cycle(["retry", "clear", "next", "companion"])
    for at in range(min(2, EVERY), total + 1, EVERY):
        way = next(ways)
        world = prepare(talking_jira, quiet_esm, api, tmp_path / f"{at}", story)
        killed = world.start()
        with guillotine.falls(at):
            assert dies(killed.finish), f"point {at} of {total} was never reached"
        if way == "companion":
            world.of("fresh").run()
            world.of("support_tickets").run()
        else:
            go_on(world, killed, way)
        context = f"killed at point {at} of {total}, then {way}"
        assert written(quiet_esm) == wanted, context
        again = world.run()
        assert (again["comments"]["appended"], again["failure"]) == (0, None), context
        assert written(quiet_esm) == wanted, context
