"""Incremental tasks: everything that changed, once, whatever the clocks, the zones and the index do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import httpx
import msgspec
import pytest
from conftest import FRESH, TASK, Sandbox, longest_subject
from pipeline import Killed, World

from airflow_provider_jira import sync
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread
from airflow_provider_jira.sync.steps import load as load_step

Install = Callable[..., World]
JQL = TASK["jql"]


@pytest.fixture
def world(install: Install) -> World:
    """A full task that has run, and its incremental companion that has not."""
    made = install(TASK, FRESH)
    made.run()
    return made.of("fresh")


@pytest.fixture
def fresh(world: World) -> World:
    """The same after the companion's first run."""
    world.run()
    return world


def change(jira: Sandbox, count: int = 1, seed: int = 1) -> list[str]:
    return [str(id_) for id_ in jira.post("world/change", count=count, seed=seed, jql=JQL)["ids"]]


def assert_in_step(jira: Sandbox, esm: Sandbox) -> None:
    cards = esm.cards()
    for id_, issue in jira.issues().items():
        assert cards[id_]["values"]["subject"] == [issue["summary"]]
        assert cards[id_]["values"]["status"] == [issue["status"]]


def pushed(esm: Sandbox) -> int:
    return len(esm.writes())


def test_the_first_run_reads_everything_and_later_ones_what_has_changed(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    first = world.run()
    assert (first["mode"], first["read"], first["unchanged"], first["failure"]) == ("full", 60, 60, None)
    changed = change(jira, 3)
    second = world.run()
    assert (second["mode"], second["updated"], second["failure"]) == ("incremental", 3, None)
    assert second["read"] < 60
    assert_in_step(jira, esm)
    assert len(changed) == 3


def test_a_companion_writes_the_full_tasks_cards(fresh: World, jira: Sandbox, esm: Sandbox) -> None:
    id_ = jira.post("world/issues", fields={"summary": "new", "issuetype": "Bug"})["id"]
    assert fresh.run()["created"] == 1
    assert esm.cards()[str(id_)]["values"]["taskId"] == ["acme__support_tickets"]
    report = fresh.of("support_tickets").run()
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, 61)


def test_what_one_of_the_pair_has_pushed_the_other_does_not_push_again(
    fresh: World, jira: Sandbox, esm: Sandbox
) -> None:
    change(jira, 3)
    assert fresh.run()["updated"] == 3
    esm.requests()
    assert fresh.of("support_tickets").run()["updated"] == 0
    assert pushed(esm) == 0
    change(jira, 2, seed=8)
    assert fresh.run()["updated"] == 2, "the full one pushes"
    esm.requests()
    report = fresh.of("fresh").run()
    assert (report["updated"], pushed(esm)) == (0, 0)


def test_a_change_that_is_taken_back_in_between_is_not_missed(fresh: World, jira: Sandbox, esm: Sandbox) -> None:
    (id_,) = jira.issues().keys() & {next(iter(jira.issues()))}
    before = jira.issues()[id_]["summary"]
    jira.post("world/issues", id=id_, fields={"summary": "changed"})
    assert fresh.run()["updated"] == 1
    jira.post("world/issues", id=id_, fields={"summary": before})
    assert fresh.of("support_tickets").run()["updated"] == 1
    assert_in_step(jira, esm)


def test_an_incremental_run_marks_nothing_removed_not_even_when_it_reads_everything(
    fresh: World, jira: Sandbox, esm: Sandbox
) -> None:
    (gone,) = jira.post("world/delete", count=1, seed=4, jql=JQL)["ids"]
    for everything in (False, True):
        report = fresh.run(read_everything=everything)
        assert (report["mode"], report["marked_removed"]) == ("full" if everything else "incremental", 0)
    assert "recordStatus" not in esm.cards()[str(gone)]["values"]
    assert fresh.of("support_tickets").run()["marked_removed"] == 1


@pytest.mark.parametrize(
    "zone", ["Europe/Helsinki", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", None]
)
def test_changes_are_found_in_every_profile_zone(fresh: World, jira: Sandbox, esm: Sandbox, zone: str | None) -> None:
    jira.switch(profile_time_zone=zone, site_time_zone="Asia/Kathmandu")
    change(jira, 2)
    assert fresh.run()["updated"] == 2
    assert_in_step(jira, esm)


@pytest.mark.parametrize("year", [2020, 2035])
def test_the_clock_of_this_machine_takes_no_part(install: Install, jira: Sandbox, esm: Sandbox, year: int) -> None:
    world = install(TASK, FRESH)
    world.time = datetime(year, 1, 1, tzinfo=timezone.utc)
    world.run()
    world.of("fresh").run()
    for at in range(2):
        jira.switch(clock_offset=20_000 * (at + 1))
        change(jira, 2, seed=at)
        assert world.run()["updated"] == 2
    assert_in_step(jira, esm)


def test_what_the_index_shows_late_is_found_by_the_overlap(fresh: World, jira: Sandbox, esm: Sandbox) -> None:
    late, early = list(jira.issues())[:2]
    jira.switch(clock_offset=1000, index_lag=200)
    jira.post("world/issues", id=late, fields={"summary": "changed first, shown last"})
    jira.switch(clock_offset=1100, index_lag=0)
    jira.post("world/issues", id=early, fields={"summary": "changed last, shown first"})
    assert fresh.run()["updated"] == 1
    jira.switch(clock_offset=1300)
    assert fresh.run()["updated"] == 1
    assert_in_step(jira, esm)


def test_two_changes_at_one_instant_with_a_run_between_them_are_both_found(install: Install, esm: Sandbox) -> None:
    noon = datetime(2030, 5, 1, 12, 0, tzinfo=timezone.utc).timestamp()
    app = create_jira(60, 7, now=lambda: noon)
    with serve_in_thread(app) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        jira = Sandbox(served.url, http)
        world = install(TASK, {**FRESH, "overlap": "0s"})
        world.jira = msgspec.structs.replace(world.jira, site=served.url)
        first, second = list(jira.issues())[:2]
        jira.post("world/issues", id=first, fields={"summary": "changed at noon"})
        world.of("fresh").run()
        jira.post("world/issues", id=second, fields={"summary": "changed at noon, too"})
        assert world.run()["updated"] == 1
        assert_in_step(jira, esm)


def test_an_issue_that_changes_all_the_time_moves_nothing_past_the_others(
    fresh: World, jira: Sandbox, esm: Sandbox
) -> None:
    hot, other = list(jira.issues())[:2]
    for at in range(4):
        jira.switch(clock_offset=2000 + 400 * at)
        run = fresh.start()
        run.plan()
        jira.post("world/issues", id=hot, fields={"summary": f"hot {at}"})
        jira.post("world/issues", id=other, fields={"summary": f"changed while being read {at}"})
        jira.switch(clock_offset=2000 + 400 * at + 390)
        jira.post("world/issues", id=hot, fields={"summary": f"hotter {at}"})
        run.finish()
    fresh.run()
    assert_in_step(jira, esm)


def test_a_refused_record_does_not_hold_the_watermark_and_is_read_again_until_accepted(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    world = install(TASK, {**FRESH, "refused_records": {"max": 1}})
    world.run()
    world.of("fresh").run()
    refused, good = list(jira.issues())[:2]
    longest_subject(esm, 200)
    jira.post("world/issues", id=refused, fields={"summary": "x" * 201})
    before = world.run()
    assert before["waiting"] == 1
    jira.switch(clock_offset=10_000)
    jira.post("world/issues", id=good, fields={"summary": "good"})
    report = world.run()
    assert (report["updated"], report["waiting"]) == (1, 1)
    assert report["watermark"] > before["watermark"]
    longest_subject(esm, None)
    jira.switch(clock_offset=20_000)
    report = world.run()
    assert (report["updated"], report["waiting"]) == (1, 0), "it has not changed since, and is read all the same"
    assert_in_step(jira, esm)


def test_a_waiting_record_that_leaves_the_tasks_view_waits_no_longer(install: Install, jira: Sandbox) -> None:
    world = install(TASK, {**FRESH, "refused_records": {"max": 1}})
    world.run()
    world.of("fresh").run()
    poison = next(iter(jira.issues()))
    jira.post("world/issues", id=poison, fields={"summary": "POISON"})
    assert world.run()["waiting"] == 1
    jira.post("world/move", ids=[poison], project="OPS")
    assert world.run()["waiting"] == 0


def test_a_run_that_failed_moves_no_watermark(
    fresh: World, jira: Sandbox, esm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at, id_ in enumerate(list(jira.issues())[:2]):
        jira.switch(clock_offset=1000 * (at + 1))
        jira.post("world/issues", id=id_, fields={"summary": f"changed {at}"})
    run = fresh.start()
    run.review()

    def dies(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(load_step, "_write_batch", dies)
        with pytest.raises(Killed):
            run.load()
    run.failed.append("load[0]")
    assert run.commit()["failure"].startswith("load[0] failed")
    jira.switch(clock_offset=10_000)
    assert fresh.run()["updated"] == 2
    assert_in_step(jira, esm)


def test_clearing_the_cache_moves_no_watermark_and_the_next_run_pushes_what_it_reads(
    fresh: World, jira: Sandbox
) -> None:
    watermark = fresh.run()["watermark"]
    assert watermark is not None
    fresh.start().run.cache.clear(generation="by-hand")
    report = fresh.run()
    assert (report["mode"], report["pushes"]) == ("incremental", "everything")
    assert report["updated"] == report["read"] > 0
    assert report["watermark"] == watermark


def test_clearing_the_full_tasks_cache_pushes_everything_whatever_the_companion_knows(
    fresh: World, jira: Sandbox
) -> None:
    jira.post("world/issues", fields={"summary": "known to the companion only", "issuetype": "Bug"})
    assert fresh.run()["created"] == 1
    fresh.of("support_tickets").start().run.cache.clear(generation="by-hand")
    assert fresh.run()["updated"] == 61


def test_an_issue_that_changed_in_nothing_that_is_mapped_is_not_pushed(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    world = install(
        {**{key: value for key, value in TASK.items() if key != "removed_records"}, "fetch_type": "incremental"}
    )
    world.run()
    touched, changed = list(jira.issues())[:2]
    jira.switch(clock_offset=1000)
    jira.post("world/issues", id=changed, fields={"summary": "changed"})
    assert world.run()["updated"] == 1
    jira.switch(clock_offset=2000)
    jira.post("world/issues", id=touched, fields={"parent": {"id": changed}})
    esm.requests()
    report = world.run()
    assert (report["read"], report["updated"]) == (2, 0), "the newest of the run before is always read again"
    assert pushed(esm) == 0


def test_a_changed_jql_makes_the_companion_read_everything(install: Install, jira: Sandbox, esm: Sandbox) -> None:
    world = install(TASK, FRESH)
    world.run()
    world.of("fresh").run()
    wider = install({**TASK, "jql": "project = SUP"}, FRESH)
    wider.state, wider.time, wider.runs = world.state, world.time, world.runs
    report = wider.of("fresh").run()
    assert report["mode"] == "full"
    assert "has changed" in report["notes"][0]
    assert len(esm.cards()) == len(jira.get("truth/issues?project=SUP"))


def test_overlapping_runs_of_the_pair_leave_nothing_stale(fresh: World, jira: Sandbox, esm: Sandbox) -> None:
    id_, other = list(jira.issues())[:2]
    jira.post("world/issues", id=id_, fields={"summary": "old"})
    slow = fresh.of("support_tickets").start()
    slow.review()
    jira.post("world/issues", id=id_, fields={"summary": "new"})
    assert fresh.of("fresh").run()["updated"] == 1
    jira.switch(clock_offset=40_000)
    jira.post("world/issues", id=other, fields={"summary": "long after"})
    assert fresh.run()["updated"] == 1
    slow.finish()
    assert esm.cards()[id_]["values"]["subject"] == ["old"], "the slow one has put the older value over the newer one"
    jira.switch(clock_offset=50_000)
    assert fresh.run()["updated"] == 1
    assert_in_step(jira, esm)


def test_what_a_dead_full_run_has_brought_in_is_not_taken_for_what_the_companion_remembers(
    fresh: World, jira: Sandbox, esm: Sandbox
) -> None:
    id_, other = list(jira.issues())[:2]
    before = jira.issues()[id_]["summary"]
    jira.switch(clock_offset=1000)
    jira.post("world/issues", id=id_, fields={"summary": "in between"})
    fresh.of("support_tickets").start().load()  # and dies
    jira.switch(clock_offset=1010)
    jira.post("world/issues", id=id_, fields={"summary": before})
    fresh.of("fresh").run()
    assert_in_step(jira, esm)
    jira.switch(clock_offset=9000)
    jira.post("world/issues", id=other, fields={"summary": "long after"})
    assert fresh.run()["updated"] == 1
    assert_in_step(jira, esm)


def test_two_full_tasks_over_one_record_are_reported_when_a_card_changes_hands(install: Install, jira: Sandbox) -> None:
    world = install(TASK, {**TASK, "id": "rival", "jql": "project = SUP AND issuetype = Bug"})
    world.run()
    report = world.of("rival").run()
    bugs = sum(issue["issuetype"] == "Bug" for issue in jira.issues().values())
    assert report["taken_over"] == {"acme__support_tickets": bugs}
    assert f"{bugs} cards belonged to task acme__support_tickets until now." in report["notes"]
    back = world.of("support_tickets").run()
    assert f"{bugs} cards that this task has written are not its own any more" in " ".join(back["notes"])
    assert back["marked_removed"] == 0


def test_the_steps_of_an_incremental_run_are_those_of_every_run(fresh: World) -> None:
    run = fresh.start()
    assert run.plan()["mode"] == "incremental"
    assert run.review()["candidates"] == 0
    assert run.finish()["mode"] == "incremental"
    assert sync.relate.__name__ == "relate"
