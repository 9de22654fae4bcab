"""What a run may believe: of its memory, of another task's, of what ESM shows, of a read that may not be whole.

Most of these stories end with an issue that went from A to B and back to A, because then a memory that is one step
behind looks right.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest
from conftest import FRESH, PEOPLE, TASK, Sandbox, longest_subject
from pipeline import World

from airflow_provider_jira import sync
from airflow_provider_jira.jira.people import People
from airflow_provider_jira.jira.records import UNKNOWN
from airflow_provider_jira.sync import Stop

Install = Callable[..., World]


def moved_to(world: World, other: World) -> World:
    """Go on with another definition of the same tasks."""
    other.state, other.time, other.runs, other.root = world.state, world.time, world.runs, world.root
    return other


class Issue:
    """One issue that is A or B, and its card."""

    def __init__(self, jira: Sandbox, esm: Sandbox) -> None:
        self.jira, self.esm = jira, esm
        self.id = next(iter(jira.issues()))

    def set(self, summary: str) -> None:
        self.jira.post("world/issues", id=self.id, fields={"summary": summary})

    def hide(self, on: bool) -> None:
        self.jira.post("world/hide", ids=[self.id], on=on)

    @property
    def card(self) -> str:
        return str(self.esm.cards()[self.id]["values"]["subject"][0])

    @property
    def status(self) -> list[str]:
        return list(self.esm.cards()[self.id]["values"]["recordStatus"])


@pytest.fixture
def issue(jira: Sandbox, esm: Sandbox) -> Issue:
    made = Issue(jira, esm)
    made.set("A")
    return made


@pytest.fixture
def pair(install: Install, issue: Issue) -> World:
    """A full task and its companion, both of which have run."""
    world = install(TASK, FRESH)
    world.run()
    world.of("fresh").run()
    return world


def test_a_record_that_was_marked_and_came_back_is_not_what_the_companion_remembers(pair: World, issue: Issue) -> None:
    issue.set("C")
    pair.of("fresh").run()
    issue.set("B")
    pair.of("support_tickets").run()
    issue.hide(True)
    assert pair.run()["marked_removed"] == 1
    issue.set("C")
    issue.hide(False)
    pair.of("fresh").run()
    pair.of("support_tickets").run()
    assert issue.card == "C"


def test_a_record_that_the_companion_forgot_is_not_what_the_full_task_remembers(pair: World, issue: Issue) -> None:
    issue.set("C")
    pair.of("support_tickets").run()
    issue.set("B")
    pair.of("fresh").run()
    issue.hide(True)
    assert pair.run(read_everything=True)["mode"] == "full"
    issue.set("C")
    issue.hide(False)
    assert issue.card == "B"
    pair.of("support_tickets").run()
    assert issue.card == "C"
    assert pair.run()["updated"] == 0


def test_a_marked_card_whose_record_is_back_and_refused_keeps_its_mark(
    install: Install, jira: Sandbox, esm: Sandbox, issue: Issue
) -> None:
    removed = {**TASK["removed_records"], "returned_value": "1 - Active"}
    world = install({**TASK, "removed_records": removed, "refused_records": {"max": 1}})
    world.run()
    jira.post("world/move", ids=[issue.id], project="OPS")
    assert world.run()["marked_removed"] == 1
    jira.post("world/move", ids=[issue.id], project="SUP")
    longest_subject(esm, 200)
    issue.set("x" * 201)
    report = world.run()
    assert (report["waiting"], report["returned"], issue.status) == (1, 0, ["5 - Removed"])
    longest_subject(esm, None)
    report = world.run()
    assert (report["waiting"], report["returned"], issue.status) == (0, 1, ["1 - Active"])


@pytest.mark.parametrize("staging", ["kept", "lost"])
def test_what_a_cleared_companion_had_written_is_not_what_the_full_task_remembers(
    pair: World, issue: Issue, staging: str
) -> None:
    issue.set("B")
    assert pair.of("fresh").run()["updated"] == 1
    pair.start().run.cache.clear(generation="by-hand", at=pair.time)
    if staging == "lost":  # where it is kept, the companion's receipts tell the same
        shutil.rmtree(pair.root)
    issue.set("A")
    pair.of("support_tickets").run()
    assert issue.card == "A"
    assert pair.run()["updated"] == 0


def test_what_a_companion_had_written_that_is_not_there_any_more_is_pushed_again(
    pair: World, install: Install, issue: Issue
) -> None:
    issue.set("B")
    assert pair.of("fresh").run()["updated"] == 1
    issue.set("A")
    alone = moved_to(pair, install(TASK))
    assert alone.run()["pushes"] == "everything"
    assert issue.card == "A"
    assert alone.run()["pushes"] == "differences"


@pytest.mark.parametrize("dies", [True, False])
def test_what_was_written_under_another_definition_is_not_believed_afterwards(
    install: Install, issue: Issue, dies: bool
) -> None:
    world = install(TASK)
    world.run()
    issue.set("B")
    run = world.start()
    run.load()
    other = moved_to(world, install({**TASK, "jql": "project = SUP"}))
    if not dies:
        run.run = other.start().run
        run.finish()
    issue.set("A")
    other.run(accept_removals=True)
    assert issue.card == "A"


def test_staging_of_a_dead_run_that_cannot_be_read_pushes_everything(install: Install, issue: Issue) -> None:
    world = install(TASK)
    world.run()
    issue.set("B")
    run = world.start()
    run.load()
    folder = world.root / run.run.key / run.plan()["plan"]
    next((folder / "receipts").rglob("*.00000")).write_bytes(b"damaged")
    issue.set("A")
    assert world.run()["pushes"] == "everything"
    assert issue.card == "A"


def test_what_vanishes_while_it_is_read_is_searched_for_again_by_incremental_runs(
    pair: World, jira: Sandbox, issue: Issue
) -> None:
    other = list(jira.issues())[1]
    jira.switch(clock_offset=1000)
    issue.set("B")
    jira.switch(clock_offset=3000)
    jira.post("world/issues", id=other, fields={"summary": "changed later"})
    run = pair.of("fresh").start()
    run.plan()
    issue.hide(True)
    run.extract()
    issue.hide(False)
    assert run.finish()["vanished"] == 1
    pair.run()
    assert issue.card == "B"


def test_a_changed_mapping_makes_an_incremental_task_read_everything_once(install: Install, esm: Sandbox) -> None:
    task = {key: value for key, value in TASK.items() if key != "removed_records"} | {"fetch_type": "incremental"}
    world = install(task)
    world.run()
    changed = moved_to(world, install({**task, "attributes": {**TASK["attributes"], "origin": {"value": "esm"}}}))
    report = changed.run()
    assert (report["mode"], report["updated"]) == ("full", 60)
    assert {card["values"]["origin"][0] for card in esm.cards().values()} == {"esm"}
    assert changed.run()["mode"] == "incremental"


def test_another_task_id_attribute_begins_anew_instead_of_missing_its_cards(install: Install, esm: Sandbox) -> None:
    world = install(TASK)
    world.run()
    target = {**TASK["target"], "task_id_attribute": "team"}
    report = moved_to(world, install({**TASK, "target": target})).run(accept_removals=True)
    assert (report["failure"], report["updated"]) == (None, 60)
    assert {card["values"]["team"][0] for card in esm.cards().values()} == {"acme__support_tickets"}


@pytest.mark.parametrize("step", ["extract", "mark_removed"])
def test_a_step_that_was_set_to_success_by_hand_ends_no_run_in_silence(
    install: Install, jira: Sandbox, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_jira.sync.shards.SHARD_RECORDS", 20)
    world = install(TASK)
    world.run()
    jira.post("world/delete", count=2, seed=3, jql=TASK["jql"])
    run = world.start()
    if step == "extract":
        parts = run.extract()[1:]
        with pytest.raises(Stop, match="1 of 3 partitions were not read"):
            sync.review(run.run, run.plan(), parts)
    else:
        run.load()
        assert "2 cards whose records were not found were never looked at again" in run.commit()["failure"]


def people(**changes: Any) -> dict[str, Any]:
    task = copy.deepcopy(PEOPLE)
    for name, value in changes.items():
        *path, last = name.split("__")
        at = task
        for key in path:
            at = at[key]
        at[last] = value
    return task


def members_told(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[str, frozenset[str]], frozenset[str] | None]
) -> None:
    """Let Jira tell something else of who is in which group; ``None`` = that the group is not there."""
    members = People.members

    async def told(self: People, ids: Iterable[str]) -> AsyncIterator[tuple[str, frozenset[str]]]:
        async for group, inside in members(self, ids):
            if (changed := change(group, inside)) is not None:
                yield group, changed

    monkeypatch.setattr(People, "members", told)


def test_members_without_a_face_for_a_moment_cost_nobody_a_group(
    install: Install, esm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = install(people())
    world.run()
    members_told(monkeypatch, lambda _, inside: frozenset([UNKNOWN]) if len(inside) > 10 else inside)
    esm.requests()
    with pytest.raises(Stop, match="identity service"):
        world.start().plan()
    assert esm.writes() == []


def test_a_group_that_is_listed_and_does_not_show_its_members_is_not_empty(
    install: Install, jira: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = install(people())
    world.run()
    group = next(row["groupId"] for row in jira.get("truth/groups") if row["name"] == "jira-users-acme")
    members_told(monkeypatch, lambda id_, inside: None if id_ == group else inside)
    with pytest.raises(Stop, match=f"lists the groups {group} and does not show who is in them"):
        world.start().plan()


def test_a_marked_person_whom_jira_does_not_know_just_now_is_not_back(
    install: Install, jira: Sandbox, esm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_jira.sync.reading.people.FEW", 1000)
    removed = {**PEOPLE["identity"]["removed_records"], "returned_value": "1 - Active"}
    world = install(people(users={"include_inactive": False}, identity__removed_records=removed))
    world.run()
    someone = next(
        row["accountId"] for row in jira.get("truth/people") if row["active"] and row["accountType"] == "atlassian"
    )
    jira.post("world/people", id=someone, active=False)
    assert world.run()["marked_removed"] == 1
    jira.switch(identity_outage="profile")
    assert world.run()["returned"] == 0
    assert esm.cards("account", "accountId")[someone]["values"]["accountStatus"] == ["5 - Removed"]


def test_the_limit_is_a_share_of_the_parts_own_cards(install: Install, jira: Sandbox) -> None:
    world = install(people(access__removed_records__max_percent=20, groups={}))
    world.run()
    some = [row["groupId"] for row in jira.get("truth/groups")][:6]
    jira.post("world/groups/delete", ids=some)
    assert "max_percent: 20" in world.start().review()["approval"]["body"]


def test_a_part_that_must_fail_is_not_outvoted_by_one_that_may_ask(install: Install, jira: Sandbox) -> None:
    world = install(people(access__removed_records__max_count=0, identity__removed_records__max_count=0,
                           access__removed_records__on_exceeded="fail"))  # fmt: skip
    world.run()
    jira.post("world/groups/delete", ids=[jira.get("truth/groups")[0]["groupId"]])
    with pytest.raises(Stop, match="max_count: 0"):
        world.start().review()


def test_cards_of_one_part_that_esm_hides_stop_the_run(install: Install, esm: Sandbox) -> None:
    world = install(people())
    world.run()
    esm.http.patch("/_sandbox/users/webapi", json={"hidden_attributes": {"account": ["taskId"]}})
    with pytest.raises(Stop, match="account"):
        world.start().review()
