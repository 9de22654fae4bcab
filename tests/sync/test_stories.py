"""A task's life, told run by run: what comes into ESM, what is left alone, what is marked, what waits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta

import httpx
import msgspec
import pytest
from conftest import Sandbox
from pipeline import World

from airflow_provider_jira import sync
from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.process import serve_in_thread
from airflow_provider_jira.sync import Stop

PRIORITIES = {"Highest": "1", "High": "2"}


def wanted(issue: dict) -> dict[str, list[str]]:
    """What the card of an issue must say, written down by hand from the issue."""
    person = issue["custom"].get("Contact person") or issue["reporter"]
    texts = {
        "jiraId": str(issue["id"]),
        "jiraKey": issue["key"],
        "subject": issue["summary"],
        "status": issue["status"],
        "resolution": issue["resolution"],
        "description": issue["description_markdown"],
        "contact": person["displayName"],
        "assigneeName": (issue["assignee"] or {}).get("displayName"),
        "due": issue["duedate"],
        "origin": "jira",
        "priority": PRIORITIES.get(issue["priority"], "3"),
        "taskId": "acme__support_tickets",
    }
    return {**{code: [text] if text else [] for code, text in texts.items()}, "labels": issue["labels"]}


def assert_in_step(jira: Sandbox, esm: Sandbox) -> None:
    """Every issue has its card, and the card says what the issue says."""
    issues, cards = jira.issues(), esm.cards()
    assert set(issues) <= set(cards)
    for id_, issue in issues.items():
        expected = wanted(issue)
        assert {code: cards[id_]["values"].get(code, []) for code in expected} == expected


def statuses(esm: Sandbox, ids: list[str]) -> list[list[str]]:
    cards = esm.cards()
    return [cards[id_]["values"].get("recordStatus", []) for id_ in ids]


def test_the_first_run_creates_every_card_and_the_second_writes_nothing(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    first = world.run()
    assert (first["created"], first["updated"], first["refused"], first["failure"]) == (60, 0, 0, None)
    assert_in_step(jira, esm)
    esm.requests()
    second = world.run()
    assert (second["created"], second["updated"], second["unchanged"], second["failure"]) == (0, 0, 60, None)
    assert esm.writes() == []


def test_changed_issues_are_updated_and_deleted_ones_marked_removed(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    changed = jira.post("world/change", count=5, seed=1, jql=world.task.jql)["ids"]
    deleted = jira.post("world/delete", count=3, seed=2, jql=world.task.jql, **{"except": changed})["ids"]
    report = world.run()
    assert (report["created"], report["updated"], report["unchanged"], report["marked_removed"]) == (0, 5, 52, 3)
    assert_in_step(jira, esm)
    assert statuses(esm, deleted) == [["5 - Removed"]] * 3
    esm.requests()
    again = world.run()
    assert (again["marked_removed"], again["unchanged"]) == (0, 57)
    assert esm.writes() == []


def test_a_field_that_became_empty_is_empty_in_esm(world: World, jira: Sandbox, esm: Sandbox) -> None:
    some = next(id_ for id_, issue in jira.issues().items() if issue["assignee"] and issue["labels"])
    world.run()
    jira.post("world/issues", id=some, fields={"assignee": None, "labels": [], "duedate": None, "description": None})
    assert world.run()["updated"] == 1
    assert_in_step(jira, esm)


def test_a_new_issue_gets_its_card(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    fields = {"project": "SUP", "issuetype": {"name": "Bug"}, "summary": "A new <one> & 'its' \"quotes\" ✓"}
    jira.post("world/issues", fields=fields)
    report = world.run()
    assert (report["created"], report["unchanged"]) == (1, 60)
    assert_in_step(jira, esm)


def test_an_issue_that_left_the_jql_is_marked_and_one_that_the_index_lost_is_kept(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    moved, other = list(jira.issues())[:2]
    jira.post("world/move", ids=[moved], project="OPS")
    report = world.run()
    assert report["marked_removed"] == 1
    assert statuses(esm, [moved, other]) == [["5 - Removed"], []]


def test_a_card_whose_record_the_index_has_not_got_yet_is_kept(world: World, jira: Sandbox, esm: Sandbox) -> None:
    fields = {"project": "SUP", "issuetype": {"name": "Bug"}, "summary": "late"}
    world.run()
    jira.switch(index_frozen=True)
    late = str(jira.post("world/issues", fields=fields)["id"])
    values = {"jiraId": [late], "taskId": ["acme__support_tickets"]}
    esm.post("world/card", template="jira_issue", values=values)
    report = world.run()
    assert report["kept"] == {"kept_matching": 1}
    assert statuses(esm, [late]) == [[]]


def test_cards_of_a_project_that_cannot_be_read_are_never_marked(
    build: Callable[..., World], jira: Sandbox, esm: Sandbox
) -> None:
    world = build(
        jql="issuetype in (Bug, Task)",
        removed_records={"attribute": "recordStatus", "value": "5 - Removed", "max_percent": 100},
    )
    first = world.run()
    ops = [str(row["id"]) for row in jira.get("truth/issues?project=OPS") if row["issuetype"] in {"Bug", "Task"}]
    assert ops
    jira.post("world/project", key="OPS", readable=False)
    report = world.run()
    assert report["kept"] == {"kept_unreadable": len(ops)}
    assert statuses(esm, ops) == [[]] * len(ops)
    jira.post("world/project", key="OPS", readable=True)
    assert world.run()["unchanged"] == first["created"]


def test_hidden_issues_are_marked_because_jira_does_not_tell_them_from_deleted_ones(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    hidden = list(jira.issues())[:2]
    jira.post("world/hide", ids=hidden)
    assert world.run()["marked_removed"] == 2
    assert statuses(esm, hidden) == [["5 - Removed"]] * 2


def test_a_mass_removal_asks_first_and_marks_after_approval(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    gone = jira.post("world/delete", count=20, seed=3, jql=world.task.jql)["ids"]
    run = world.start()
    approval = run.review()["approval"]
    assert approval["subject"] == "acme__support_tickets: mark 20 of 60 cards as removed?"
    assert "`max_percent: 20`" in approval["body"]
    assert statuses(esm, gone) == [[]] * 20
    assert run.finish()["marked_removed"] == 20


def test_a_mass_removal_that_nobody_may_approve_stops_the_run_before_it_writes(
    build: Callable[..., World], jira: Sandbox, esm: Sandbox
) -> None:
    limits = {"attribute": "recordStatus", "value": "5 - Removed", "max_count": 2, "on_exceeded": "fail"}
    world = build(removed_records=limits)
    world.run()
    jira.post("world/change", count=5, seed=1, jql=world.task.jql)
    jira.post("world/delete", count=3, seed=3, jql=world.task.jql)
    esm.requests()
    run = world.start()
    with pytest.raises(Stop, match=r"3 of 60 cards .* `max_count: 2`.*accept_removals"):
        run.review()
    assert esm.writes() == []
    run.failed.append("review")
    assert run.commit()["failure"].startswith("review failed")
    assert world.run(accept_removals=True)["marked_removed"] == 3


def test_a_changed_jql_asks_before_it_marks_anything(build: Callable[..., World], jira: Sandbox) -> None:
    world = build()
    world.run()
    narrowed = build(
        jql="project = SUP AND issuetype = Bug",
        removed_records={"attribute": "recordStatus", "value": "5 - Removed", "max_percent": 100},
    )
    narrowed.state, narrowed.time = world.state, world.time
    run = narrowed.start()
    assert "has changed since its last full run" in run.review()["approval"]["body"]
    assert run.finish()["marked_removed"] > 0
    assert narrowed.start().review()["approval"] is None


def test_without_removed_records_nothing_is_marked(build: Callable[..., World], jira: Sandbox, esm: Sandbox) -> None:
    world = build(removed_records=None)
    world.run()
    gone = jira.post("world/delete", count=3, seed=2, jql=world.task.jql)["ids"]
    assert world.run()["marked_removed"] == 0
    assert statuses(esm, gone) == [[]] * 3


def test_a_returned_record_is_written_again_and_its_status_left_to_people(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    some = list(jira.issues())[:1]
    jira.post("world/hide", ids=some)
    world.run()
    jira.post("world/hide", ids=some, on=False)
    report = world.run()
    assert (report["created"], report["updated"]) == (0, 1)
    assert statuses(esm, some) == [["5 - Removed"]]


def test_the_first_run_after_a_clear_hour_pushes_everything_and_the_next_does_not(
    build: Callable[..., World], esm: Sandbox
) -> None:
    world = build(cache={"clear_hours": [14]})
    world.run()
    assert world.run()["pushes"] == "differences"
    world.time += timedelta(hours=3)
    report = world.run()
    assert (report["pushes"], report["updated"], report["created"]) == ("everything", 60, 0)
    assert world.run()["unchanged"] == 60


def test_a_task_without_clear_hours_takes_the_installations(build: Callable[..., World]) -> None:
    world = build(cache={})
    world.run()
    assert world.run(default_clear_hours=(20,))["pushes"] == "differences"
    world.time += timedelta(hours=14)
    assert world.run(default_clear_hours=(0,))["pushes"] == "everything"


def test_a_run_by_hand_can_count_the_cache_as_empty(world: World) -> None:
    world.run()
    assert world.run(clear_cache=True)["updated"] == 60


def test_a_cache_cleared_during_a_run_stays_cleared(world: World) -> None:
    world.run()
    run = world.start()
    run.load()
    run.run.cache.clear(generation="by-hand")
    report = run.finish()
    assert "cleared" in report["notes"][-1]
    assert report["failure"] is None
    assert world.run()["updated"] == 60


def test_a_refused_card_waits_in_the_ledger_and_does_not_hold_the_others(
    build: Callable[..., World], jira: Sandbox, esm: Sandbox
) -> None:
    world = build(refused_records={"max": 1})
    poison = next(iter(jira.issues()))
    jira.post("world/issues", id=poison, fields={"summary": "POISON for ESM"})
    first = world.run()
    assert (first["created"], first["refused"], first["waiting"], first["failure"]) == (59, 1, 1, None)
    named = first["refused_records"][0]
    assert str(named["id"]) == poison
    assert "POISON" not in named["message"]
    second = world.run()
    assert (second["unchanged"], second["refused"], second["refused_records"][0]["runs"]) == (59, 1, 2)
    jira.post("world/issues", id=poison, fields={"summary": "harmless"})
    third = world.run()
    assert (third["created"], third["refused"], third["waiting"]) == (1, 0, 0)
    assert_in_step(jira, esm)


def test_more_refused_cards_than_allowed_end_the_run_as_failed(world: World, jira: Sandbox) -> None:
    jira.post("world/issues", id=next(iter(jira.issues())), fields={"summary": "POISON"})
    report = world.run()
    assert "1 records were refused, and `refused_records: max` is 0" in report["failure"]
    assert report["created"] == 59


def test_a_record_that_the_mapping_refuses_is_named_and_waits(
    build: Callable[..., World], jira: Sandbox, esm: Sandbox
) -> None:
    attributes = {"jiraId": "id", "priority": {"source": "priority.name", "map": {"Highest": "1", "High": "2"}}}
    world = build(attributes=attributes, refused_records={"max": 1000})
    expected = [id_ for id_, issue in jira.issues().items() if issue["priority"] not in {*PRIORITIES, None}]
    report = world.run()
    assert sorted(str(row["id"]) for row in report["refused_records"]) == sorted(expected)[:50]
    assert {(row["code"], row["attribute"]) for row in report["refused_records"]} == {("not_in_map", "priority")}
    assert (report["refused"], report["waiting"], report["created"]) == (
        len(expected),
        len(expected),
        60 - len(expected),
    )
    assert world.run()["waiting"] == len(expected)


def test_a_card_that_somebody_deleted_in_esm_is_made_again_when_its_record_changes(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    some = next(iter(jira.issues()))
    esm.post("world/card", template="jira_issue", find={"jiraId": some}, destroy=True)
    jira.post("world/issues", id=some, fields={"summary": "changed"})
    assert world.run()["created"] == 1
    assert_in_step(jira, esm)


def test_two_cards_with_one_key_are_reported_and_none_of_them_is_written(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    some = next(iter(jira.issues()))
    esm.post("world/card", template="jira_issue", find={"jiraId": some}, duplicate=True)
    jira.post("world/issues", id=some, fields={"summary": "changed"})
    report = world.run(clear_cache=True)
    assert [row["code"] for row in report["refused_records"]] == ["duplicate_key"]
    assert report["updated"] == 59


def test_own_cards_that_are_no_longer_visible_stop_the_run(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    esm.http.delete("/_sandbox/world/cards").raise_for_status()
    esm.requests()
    with pytest.raises(Stop, match=r"has written 60 cards .* shows none of them"):
        world.start().plan()
    assert esm.writes() == []


def test_a_read_that_jira_calls_incomplete_stops_before_anything_is_written(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    jira.switch(warnings=["The result set was truncated."])
    esm.requests()
    with pytest.raises(Stop, match="truncated"):
        world.start().review()
    assert esm.writes() == []


def test_a_read_that_falls_far_short_of_jiras_own_estimate_stops(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    jira.fault(match={"path": "approximate-count"}, status=200, body={"count": 900}, headers=_signed(jira))
    esm.requests()
    with pytest.raises(Stop, match="estimates 900 records for this JQL and showed 60"):
        world.start().review()
    assert esm.writes() == []


def _signed(jira: Sandbox) -> dict[str, str]:
    """The headers by which an answer proves who was asked."""
    auth = httpx_basic()
    answer = jira.http.get("/rest/api/3/myself", auth=auth)
    return {"X-AAccountId": answer.headers["X-AAccountId"]}


def httpx_basic() -> tuple[str, str]:
    return ("robot@acme.example", "sandbox-token")


def test_an_empty_jira_is_read_and_reported(build: Callable[..., World]) -> None:
    report = build(jql="project = SUP AND issuetype = Bug AND created < '2000-01-01'").run()
    assert (report["read"], report["created"], report["failure"]) == (0, 0, None)


def test_damaged_memory_counts_as_cleared_and_is_said(world: World, esm: Sandbox) -> None:
    world.run()
    state = world.state.texts  # type: ignore[attr-defined]
    name = next(name for name in state if "/d0" in name)
    state[name] = "damaged"
    report = world.run()
    assert "damaged" in report["notes"][0]
    assert report["unchanged"] == 60, "the last run's receipts restore what they can"
    state[next(name for name in state if "/d0" in name)] = "damaged"
    shutil.rmtree(world.root)
    report = world.run()
    assert "damaged" in report["notes"][0]
    assert (report["updated"], report["created"]) == (60, 0)
    assert world.run()["notes"] == []


def test_reports_count_what_was_asked_of_both_sides(world: World, jira: Sandbox, esm: Sandbox) -> None:
    jira.requests(), esm.requests()
    report = world.run()
    assert report["requests"] == {"jira": len(jira.requests()), "esm": len(esm.requests())}


def test_values_stay_out_of_xcoms_and_state(world: World, jira: Sandbox) -> None:
    run = world.start()
    run.finish()
    told = repr(run.xcoms) + repr(world.state.texts)  # type: ignore[attr-defined]
    for issue in jira.issues().values():
        assert issue["summary"] not in told
        assert issue["reporter"]["displayName"] not in told
    assert "sandbox-token" not in told
    assert "sandbox-password" not in told


@pytest.mark.parametrize("empty_list", ["200", "404"])
@pytest.mark.parametrize("short_pages", ["full", "some", "empty"])
def test_stories_end_the_same_with_every_habit_of_paging(
    world: World, jira: Sandbox, esm: Sandbox, short_pages: str, empty_list: str
) -> None:
    jira.switch(short_pages=short_pages, end_mark="null")
    esm.switch(empty_list=empty_list)
    assert world.run()["created"] == 60
    assert world.run()["unchanged"] == 60
    assert_in_step(jira, esm)


def test_records_that_disappear_while_they_are_read_are_counted_and_not_marked(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    jira.switch(index_frozen=True)
    gone = jira.post("world/delete", count=2, seed=4, jql=world.task.jql)["ids"]
    report = world.run()
    assert (report["vanished"], report["marked_removed"], report["failure"]) == (2, 0, None)
    assert "2 records disappeared" in report["notes"][-1]
    assert statuses(esm, gone) == [[]] * 2
    jira.switch(index_frozen=False)
    assert world.run()["marked_removed"] == 2


def test_a_read_that_loses_many_records_stops_before_anything_is_written(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    jira.switch(index_frozen=True)
    jira.post("world/delete", count=30, seed=4, jql=world.task.jql)
    esm.requests()
    with pytest.raises(Stop, match="did not return 30 of them"):
        world.start().review()
    assert esm.writes() == []


def test_a_card_that_cannot_be_marked_ends_the_run_as_failed_and_is_tried_again(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    (gone,) = jira.post("world/delete", count=1, seed=4, jql=world.task.jql)["ids"]
    run = world.start()
    run.review()
    esm.post("world/card", template="jira_issue", find={"jiraId": gone}, deleted=True)
    report = run.finish()
    assert "1 cards could not be marked removed" in report["failure"]
    esm.post("world/card", template="jira_issue", find={"jiraId": gone}, deleted=False)
    assert world.run()["marked_removed"] == 1


def test_a_record_that_waits_and_then_disappears_waits_no_longer(build: Callable[..., World], jira: Sandbox) -> None:
    world = build(refused_records={"max": 1})
    poison = next(iter(jira.issues()))
    jira.post("world/issues", id=poison, fields={"summary": "POISON"})
    assert world.run()["waiting"] == 1
    jira.post("world/move", ids=[poison], project="OPS")
    assert world.run()["waiting"] == 0


def test_a_run_whose_plan_failed_still_has_a_report(world: World) -> None:
    run = world.start()
    run.failed.append("plan")
    report = run.commit()
    assert (report["read"], report["pushes"], report["failed_tasks"]) == (0, "nothing", ["plan"])
    assert report["failure"].startswith("plan failed")


def test_a_connection_that_points_to_another_esm_begins_anew(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    with serve_in_thread(create_esm()) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        other = Sandbox(served.url, http)
        other.post("world/card", template="jira_issue", values={"jiraId": ["1"], "taskId": ["acme__support_tickets"]})
        world.esm = msgspec.structs.replace(world.esm, base_url=served.url)
        report = world.run()
        assert (report["created"], report["unchanged"]) == (60, 0)
        assert "starts anew" in report["notes"][0]
        assert_in_step(jira, other)
        assert world.run()["unchanged"] == 60


def test_cards_that_are_marked_already_do_not_widen_the_limit(world: World, jira: Sandbox) -> None:
    world.run()
    jira.post("world/delete", count=50, seed=3, jql=world.task.jql)
    assert world.run(accept_removals=True)["marked_removed"] == 50
    jira.post("world/delete", count=5, seed=4, jql=world.task.jql)
    assert "mark 5 of 10 cards" in world.start().review()["approval"]["subject"]


def test_shares_that_nobody_loaded_end_the_run_as_failed(world: World) -> None:
    run = world.start()
    run.review()
    run.step("mark_removed", lambda r: sync.mark_removed(r, run.plan(), run.review()))
    assert "1 shares were never loaded" in run.commit()["failure"]
    assert world.run()["created"] == 60


def test_staging_that_cannot_be_read_is_swept_and_said(world: World) -> None:
    world.run()
    (plan,) = (world.root / world.start().run.key).iterdir()
    next((plan / "receipts").rglob("*.00000")).write_bytes(b"damaged")
    report = world.run()
    assert "cannot be read" in report["notes"][0]
    assert report["unchanged"] == 60


def test_what_a_dead_run_had_marked_is_not_remembered_as_in_step(world: World, jira: Sandbox) -> None:
    world.run()
    (gone,) = jira.post("world/delete", count=1, seed=4, jql=world.task.jql)["ids"]
    world.start().mark_removed()
    world.start().plan()
    assert int(gone) not in world.start().run.cache.read().known


def test_the_package_offers_the_steps_and_little_else() -> None:
    assert sync.__all__ == [
        "MemoryState", "Run", "Staging", "State", "Stop", "commit", "extract", "load", "mark_removed", "plan", "relate",
        "review",
    ]  # fmt: skip
