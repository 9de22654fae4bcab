"""What the original connector's documentation promises of runs, told as stories; ``docs/guidance.md`` is the list."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from conftest import TASK, Sandbox
from pipeline import World

from airflow_provider_jira.sync import Stop

Build = Callable[..., World]
JQL = TASK["jql"]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the run itself has logged since the last call."""
    lines = [record.getMessage() for record in caplog.records if record.name == "airflow.task"]
    caplog.clear()
    return lines


def test_a_full_run_reads_everything_every_time_though_nothing_has_changed(world: World) -> None:
    for at in range(3):
        report = world.run()
        assert (report["mode"], report["read"], report["unchanged"]) == ("full", 60, 60 if at else 0)


def test_each_of_several_clear_hours_makes_one_run_push_everything(build: Build) -> None:
    world = build(cache={"clear_hours": [6, 12]})
    assert world.time.hour == 10
    pushes = {}
    for _ in range(8):  # a run each three hours: at 13:00, 16:00 …
        world.time += timedelta(hours=2)
        report = world.run()
        pushes[world.time.hour] = report["pushes"]
    assert [hour for hour, pushed in pushes.items() if pushed == "everything"] == [7]
    world.time += timedelta(hours=2)
    assert (world.run()["pushes"], world.time.hour) == ("everything", 13)


def test_what_is_unchanged_is_not_saved_so_that_it_starts_no_automation_in_esm(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    (changed,) = jira.post("world/change", count=1, seed=1, jql=JQL)["ids"]
    before = esm.cards()
    esm.requests()
    assert world.run()["updated"] == 1
    assert len(esm.writes()) == 1
    after = esm.cards()
    assert [id_ for id_ in after if after[id_] != before[id_]] == [str(changed)]


def test_the_log_of_a_run_does_not_grow_with_its_records(
    build: Build, jira: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    few = build(jql=f"{JQL} AND id in ({', '.join(list(jira.issues())[:3])})")
    assert few.run()["created"] == 3
    lines = told(caplog)
    assert lines
    many = build()
    assert many.run(clear_cache=True)["read"] == 60
    assert len(told(caplog)) <= len(lines) + 1
    jira.post("world/delete", count=30, seed=2, jql=JQL)
    assert many.run(accept_removals=True)["marked_removed"] == 30
    assert len(told(caplog)) <= len(lines) + 2


def test_every_card_says_which_task_brought_it(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    cards = esm.cards()
    assert set(cards) == set(jira.issues())
    assert {tuple(card["values"]["taskId"]) for card in cards.values()} == {("acme__support_tickets",)}


def test_a_task_marks_only_cards_that_it_brought_itself(
    install: Callable[..., World], jira: Sandbox, esm: Sandbox
) -> None:
    bugs, rest = (
        {**TASK, "id": kind.lower(), "jql": f"project = SUP AND issuetype = {kind}"} for kind in ("Bug", "Task")
    )
    world = install(bugs, rest)
    world.run()
    world.of("task").run()
    mine, theirs = (
        next(id_ for id_, issue in jira.issues().items() if issue["issuetype"] == kind) for kind in ("Bug", "Task")
    )
    esm.post("world/card", template="jira_issue", values={"jiraId": ["77"], "subject": ["made by hand"]})
    jira.post("world/hide", ids=[mine, theirs])
    assert world.of("bug").run()["marked_removed"] == 1
    marked = [id_ for id_, card in esm.cards().items() if card["values"].get("recordStatus")]
    assert marked == [mine]
    assert world.of("task").run()["marked_removed"] == 1


def test_the_log_says_how_many_cards_were_marked_removed(
    world: World, jira: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world.run()
    jira.post("world/delete", count=4, seed=2, jql=JQL)
    told(caplog)
    world.run()
    lines = told(caplog)
    assert any(line.startswith("4 cards marked removed.") for line in lines)
    assert any("4 marked removed" in line for line in lines[-5:]), "the report, too"


def test_a_card_that_is_marked_already_is_not_marked_again(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    jira.post("world/delete", count=4, seed=2, jql=JQL)
    assert world.run()["marked_removed"] == 4
    esm.requests()
    assert world.run()["marked_removed"] == 0
    assert esm.writes() == []


def test_cards_of_an_earlier_connector_become_the_tasks_own_in_its_first_run(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    some = list(jira.issues())[:2]
    for id_ in some:
        esm.post("world/card", template="jira_issue", values={"jiraId": [id_], "taskId": ["datasource-12"]})
    report = world.run()
    assert (report["created"], report["updated"], report["taken_over"]) == (58, 2, {"datasource-12": 2})
    assert {tuple(esm.cards()[id_]["values"]["taskId"]) for id_ in some} == {("acme__support_tickets",)}
    jira.post("world/hide", ids=some)
    assert world.run()["marked_removed"] == 2


def test_a_removed_status_that_the_template_does_not_have_stops_the_run(build: Build, esm: Sandbox, api: str) -> None:
    wrong: dict[str, Any] = {"attribute": "recordStatsu", "value": "5 - Removed"}
    with pytest.raises(Stop, match="has no attribute 'recordStatsu'"):
        build(removed_records=wrong).start().plan()
    if api == "rest":  # the XML Web API tells no static values
        with pytest.raises(Stop, match="has no static value '6 - Gone'; it has: '1 - Active', '5 - Removed'"):
            build(removed_records={"attribute": "recordStatus", "value": "6 - Gone"}).start().plan()
    assert esm.writes() == []


def test_a_token_that_soon_expires_is_warned_of_in_the_log_and_the_report_of_every_run(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.jira = msgspec.structs.replace(world.jira, token_expires_on=world.time.date() + timedelta(days=12))
    for _ in range(2):
        report = world.run()
        assert "expires in 12 days" in report["notes"][-1]
        assert any(record.levelno == logging.WARNING for record in caplog.records if "12 days" in record.getMessage())
        caplog.clear()
    world.jira = msgspec.structs.replace(world.jira, token_expires_on=date(2099, 1, 1))
    assert world.run()["notes"] == []
