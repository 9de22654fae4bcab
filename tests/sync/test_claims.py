"""Two runs never write the worklogs of one card at the same moment, and a dead one does not stop the other for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from conftest import FRESH, TASK
from pipeline import World

from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.sync.claims import LASTS, RENEWED, Claims
from airflow_provider_jira.sync.run import Run

Of = Callable[[str], Claims]


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.fromisoformat("2026-03-02T10:00:00+00:00"))


@pytest.fixture
def of(tmp_path: Path, clock: Clock) -> Of:
    """Make the claims of a task's run."""
    other = {**TASK, "id": "stranger"}
    settings = {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme"}
    acme = Connector.model_validate({**settings, "scheduled_tasks": [TASK, FRESH, other]})
    world = World(
        connector=acme,
        task=acme.scheduled_tasks[0],
        jira=JiraSettings(site="http://127.0.0.1:1", email="a@b.c", token="t"),
        esm=EsmSettings(base_url="http://127.0.0.1:1", login="a", password="b"),
        root=tmp_path,
    )

    def make(task: str, share: str = "001/1.00") -> Claims:
        run: Run = replace(world.of(task).start().run, now=clock)
        return Claims(run, run.staged(f"20260302T100000-{task}"), share)

    return make


def test_what_another_run_has_claimed_is_told(of: Of) -> None:
    full, fresh = of("support_tickets"), of("fresh")
    assert full.take([1, 2, 3]) == frozenset()
    assert fresh.take([3, 4]) == {3}
    assert full.take([4, 5]) == {4}, "the other one's claim stands, although it was told no"


def test_a_batch_that_is_done_is_claimed_no_more(of: Of) -> None:
    full, fresh = of("support_tickets"), of("fresh")
    full.take([1, 2])
    full.take([3])
    assert fresh.take([1, 2]) == frozenset()
    full.drop()
    assert fresh.take([3]) == frozenset()


def test_shares_of_one_run_and_tasks_over_other_cards_do_not_matter(of: Of) -> None:
    of("support_tickets").take([1])
    assert of("support_tickets").take([1]) == frozenset()
    assert of("stranger").take([1]) == frozenset()


def test_a_claim_lasts_as_long_as_it_is_renewed(of: Of, clock: Clock) -> None:
    full, fresh = of("support_tickets"), of("fresh")
    full.take([1])
    for _ in range(3):
        clock.forward(LASTS - RENEWED)
        full.renew()
    assert fresh.take([1]) == {1}


def test_the_claim_of_a_dead_run_ends_by_itself(of: Of, clock: Clock) -> None:
    of("support_tickets").take([1])
    clock.forward(LASTS + 1)
    assert of("fresh").take([1]) == frozenset()


def test_a_claim_is_not_written_again_for_every_card(of: Of, clock: Clock, tmp_path: Path) -> None:
    full = of("support_tickets")
    full.take([1])
    (file,) = (path for path in tmp_path.rglob("1.00"))
    before = file.stat().st_mtime_ns
    clock.forward(RENEWED - 1)
    full.renew()
    assert file.stat().st_mtime_ns == before


def test_a_damaged_claim_is_passed_over(of: Of, tmp_path: Path) -> None:
    of("support_tickets").take([1])
    (file,) = (path for path in tmp_path.rglob("1.00"))
    file.write_bytes(b"no claim")
    assert of("fresh").take([1]) == frozenset()
