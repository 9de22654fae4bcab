"""What people changed in ESM since Jira's value came is not written over: ``received`` and ``conflict``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pipeline import World
from sides import Sandbox

Build = Callable[..., World]


def told(conflict: str = "jira") -> dict[str, Any]:
    """A task whose subject is held against ``team``, which brings the summary as it is."""
    return {
        "jql": "project = SUP AND labels = both",
        "attributes": {
            "jiraId": "id",
            "subject": {"source": "summary", "received": "team", "conflict": conflict},
            "team": "summary",
        },
    }


@pytest.fixture
def issue(jira: Sandbox) -> str:
    return str(jira.post("world/issues", fields={"project": "SUP", "summary": "Printer", "labels": ["both"]})["id"])


def in_jira(jira: Sandbox, issue: str, summary: str) -> None:
    jira.post("world/issues", id=issue, fields={"summary": summary})


def in_esm(esm: Sandbox, issue: str, subject: str) -> None:
    esm.post("world/card", template="jira_issue", find={"jiraId": issue}, values={"subject": [subject]})


def says(esm: Sandbox, issue: str) -> tuple[str, str]:
    """What the card says, and what it received."""
    values = esm.cards()[issue]["values"]
    return values["subject"][0], values["team"][0]


@pytest.mark.parametrize("conflict", ["esm", "jira"])
class TestOneSide:
    def test_a_change_in_jira_alone_comes(self, build: Build, jira: Sandbox, esm: Sandbox, issue: str, conflict: str):
        world = build(**told(conflict))
        world.run()
        assert says(esm, issue) == ("Printer", "Printer")
        in_jira(jira, issue, "Burning printer")
        assert world.run()["left_to_esm"] == 0
        assert says(esm, issue) == ("Burning printer", "Burning printer")

    def test_a_change_in_esm_alone_stays_though_everything_is_pushed(
        self, build: Build, esm: Sandbox, issue: str, conflict: str
    ):
        world = build(**told(conflict))
        world.run()
        in_esm(esm, issue, "My printer")
        report = world.run(clear_cache=True)
        assert (report["updated"], report["left_to_esm"]) == (1, 1)
        assert says(esm, issue) == ("My printer", "Printer")


@pytest.mark.parametrize(("conflict", "stays"), [("esm", "My printer"), ("jira", "Burning printer")])
def test_where_both_changed_the_rule_decides(
    build: Build, jira: Sandbox, esm: Sandbox, issue: str, conflict: str, stays: str
):
    world = build(**told(conflict))
    world.run()
    in_esm(esm, issue, "My printer")
    in_jira(jira, issue, "Burning printer")
    report = world.run()
    assert says(esm, issue) == (stays, "Burning printer")
    assert report["left_to_esm"] == (conflict == "esm")
    # the next run has nothing to say, and undoes nothing
    assert world.run()["updated"] == 0
    assert says(esm, issue) == (stays, "Burning printer")


def test_a_mapped_value_is_compared_as_it_was_mapped(build: Build, jira: Sandbox, esm: Sandbox, issue: str):
    rule = {"source": "summary", "map": {"Printer": "1", "Burning printer": "2"}, "default": "3"}
    attributes = {
        "jiraId": "id",
        "subject": "summary",
        "priority": {**rule, "received": "team", "conflict": "esm"},
        "team": "summary",
    }
    world = build(jql="project = SUP AND labels = both", attributes=attributes)
    world.run()
    assert esm.cards()[issue]["values"]["priority"] == ["1"]
    in_jira(jira, issue, "Burning printer")
    world.run()
    assert esm.cards()[issue]["values"]["priority"] == ["2"]
    esm.post("world/card", template="jira_issue", find={"jiraId": issue}, values={"priority": ["5"]})
    in_jira(jira, issue, "Printer")
    assert world.run()["left_to_esm"] == 1
    assert esm.cards()[issue]["values"]["priority"] == ["5"]


def test_a_card_that_never_received_anything_is_written(build: Build, esm: Sandbox, issue: str):
    esm.post("world/card", template="jira_issue", values={"jiraId": [issue], "subject": ["Mine"]})
    assert build(**told("esm")).run()["left_to_esm"] == 0
    assert says(esm, issue) == ("Printer", "Printer")
