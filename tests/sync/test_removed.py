"""The removed status in detail: which fates count, what becomes of cards whose record is back, who is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import TASK, Sandbox
from pipeline import World

from airflow_provider_jira.sync import Stop

Build = Callable[..., World]
JQL = TASK["jql"]


def removed(**changes: Any) -> dict[str, Any]:
    return {**TASK["removed_records"], "max_percent": 50, **changes}


def status(esm: Sandbox, id_: str) -> list[str]:
    return list(esm.cards()[id_]["values"].get("recordStatus", []))


def one_of_each(jira: Sandbox) -> tuple[str, str]:
    """Delete an issue, and move one out of the task's view."""
    deleted, moved = list(jira.issues())[:2]
    jira.post("world/delete", count=1, jql=f"id = {deleted}")
    jira.post("world/move", ids=[moved], project="OPS")
    return deleted, moved


@pytest.mark.parametrize(
    ("on", "marked"),
    [
        (["gone"], (["5 - Removed"], [])),
        (["out_of_scope"], ([], ["5 - Removed"])),
        (["gone", "out_of_scope"], (["5 - Removed"], ["5 - Removed"])),
    ],
)
def test_only_the_fates_that_are_named_count(
    build: Build, jira: Sandbox, esm: Sandbox, on: list[str], marked: tuple[list[str], list[str]]
) -> None:
    world = build(removed_records=removed(on=on))
    world.run()
    deleted, moved = one_of_each(jira)
    report = world.run()
    assert (status(esm, deleted), status(esm, moved)) == marked
    assert report["marked_removed"] == len([each for each in marked if each])
    esm.requests()
    assert world.run()["marked_removed"] == 0
    assert esm.writes() == []


def test_cards_that_would_not_be_marked_anyway_ask_nobody(build: Build, jira: Sandbox) -> None:
    world = build(removed_records=removed(on=["gone"], max_count=1))
    world.run()
    jira.post("world/move", ids=list(jira.issues())[:5], project="OPS")
    assert world.start().review()["approval"] is None
    gone = [str(id_) for id_ in jira.post("world/delete", count=2, seed=3, jql=JQL)["ids"]]
    assert "mark 2 of 60" in world.start().review()["approval"]["subject"]
    assert len(gone) == 2


def test_a_card_whose_record_is_back_stays_marked_and_is_said(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    world = build(removed_records=removed())
    world.run()
    moved = next(iter(jira.issues()))
    jira.post("world/move", ids=[moved], project="OPS")
    assert world.run()["marked_removed"] == 1
    jira.post("world/move", ids=[moved], project="SUP")
    report = world.run()
    assert (report["returned"], status(esm, moved)) == (0, ["5 - Removed"])
    assert "1 cards keep the removed status though their records are back" in " ".join(report["notes"])


def test_a_card_whose_record_is_back_gets_the_returned_value_on_request(
    build: Build, jira: Sandbox, esm: Sandbox
) -> None:
    world = build(removed_records=removed(returned_value="1 - Active"))
    world.run()
    moved = next(iter(jira.issues()))
    jira.post("world/move", ids=[moved], project="OPS")
    assert world.run()["marked_removed"] == 1
    jira.post("world/move", ids=[moved], project="SUP")
    report = world.run()
    assert (report["returned"], report["failure"]) == (1, None)
    assert status(esm, moved) == ["1 - Active"]
    esm.requests()
    assert world.run()["returned"] == 0
    assert esm.writes() == []


def test_a_returned_value_that_esm_does_not_know_stops_the_run(build: Build) -> None:
    with pytest.raises(Stop, match="has no static value '1 - Activ'"):
        build(removed_records=removed(returned_value="1 - Activ")).start().plan()


def test_a_record_whose_fate_changes_before_the_marking_is_judged_by_the_later_look(
    build: Build, jira: Sandbox, esm: Sandbox
) -> None:
    world = build(removed_records=removed(on=["gone"]))
    world.run()
    id_ = next(iter(jira.issues()))
    jira.post("world/hide", ids=[id_], on=True)
    run = world.start()
    assert run.review()["candidates"] == 1
    jira.post("world/hide", ids=[id_], on=False)
    jira.post("world/move", ids=[id_], project="OPS")
    report = run.finish()
    assert (report["marked_removed"], report["kept"]) == (0, {"kept_by_rule": 1})
    assert status(esm, id_) == []
