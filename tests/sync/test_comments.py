"""Comments of issues reach the worklogs of their cards: each once, the oldest first, and only those that may."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from conftest import FRESH, TASK, Sandbox
from pipeline import World

from airflow_provider_jira.model import marks
from airflow_provider_jira.sandbox.esm.templates import AttributeDef, TemplateDef
from airflow_provider_jira.sync import Stop
from airflow_provider_jira.sync.appending import Appending
from airflow_provider_jira.sync.records import Said

Build = Callable[..., World]
Install = Callable[..., World]
INTERNAL = "internalComments"
TOLD = {"comments": {"attribute": "comments"}}
BOTH = {"comments": {"attribute": "comments", "restricted": INTERNAL}}
AUTH = ("robot@acme.example", "sandbox-token")


@pytest.fixture(autouse=True)
def second_worklog(jira: Sandbox, esm: Sandbox) -> None:
    """The template has a worklog for what not everybody may see in Jira, and people write as fast as they like."""
    jira.switch(issue_write_limits=False)
    template = msgspec.convert(esm.get("templates/jira_issue"), TemplateDef)
    more = (*template.attributes, AttributeDef(INTERNAL, "worklog", name="Internal comments"))
    changed = msgspec.to_builtins(msgspec.structs.replace(template, attributes=more))
    esm.http.put("/_sandbox/templates/jira_issue", json=changed).raise_for_status()


def comment(jira: Sandbox, issue: str, text: str, **more: Any) -> int:
    """Write a comment in Jira."""
    body = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }
    answer = jira.http.post(f"/rest/api/3/issue/{issue}/comment", json={"body": body, **more}, auth=AUTH)
    return int(answer.raise_for_status().json()["id"])


def own(jira: Sandbox, issue: str, text: str) -> int:
    """Write a comment in Jira as an event task does for an entry of a worklog."""
    return comment(jira, issue, text, properties=[{"key": marks.PROPERTY, "value": {"mark": "x"}}])


def said(jira: Sandbox, issue: str) -> list[dict[str, Any]]:
    """All comments of an issue, as Jira has them."""
    found: list[dict[str, Any]] = []
    while True:
        params = {"startAt": len(found), "maxResults": 100}
        page = jira.http.get(f"/rest/api/3/issue/{issue}/comment", params=params, auth=AUTH).json()
        if not page["comments"]:
            return found
        found += page["comments"]


def entries(esm: Sandbox, issue: str, attribute: str = "comments") -> list[str]:
    """The worklog of an issue's card, oldest first."""
    return shown(esm.cards()[issue], attribute)


def shown(card: dict[str, Any], attribute: str = "comments") -> list[str]:
    """A card's worklog, oldest first; ESM shows the newest first."""
    return list(reversed(card["values"].get(attribute, [])))


def ids(esm: Sandbox, issue: str, attribute: str = "comments") -> list[int | None]:
    """Which comments a worklog's entries are."""
    return [marks.comment_of(text) for text in entries(esm, issue, attribute)]


def assert_each_once(jira: Sandbox, esm: Sandbox) -> None:
    """Every comment of every issue of the task is in its card's worklog, once, in order."""
    cards = esm.cards()
    for issue in jira.issues():
        there = [marks.comment_of(text) for text in shown(cards[issue])]
        assert there == [int(each["id"]) for each in said(jira, issue)], issue


def some(jira: Sandbox, count: int = 1) -> list[str]:
    """Some issues of the task, by id."""
    return sorted(jira.issues())[:count]


def test_every_comment_comes_once_oldest_first_and_names_its_author(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    (issue,) = some(jira)
    first, second = comment(jira, issue, "It smokes."), comment(jira, issue, "Now it burns.")
    world = build(**TOLD)
    report = world.run()
    assert_each_once(jira, esm)
    total = sum(len(said(jira, issue)) for issue in jira.issues())
    assert report["comments"] == {"appended": total, "there": 0, "restricted": 0, "own": 0}
    assert (report["created"], report["failure"]) == (60, None)
    author = said(jira, issue)[-1]["author"]["displayName"]
    assert entries(esm, issue)[-2:] == [
        f"[Jira comment {first} · {author}]\nIt smokes.",
        f"[Jira comment {second} · {author}]\nNow it burns.",
    ]
    esm.writes()
    again = world.run()
    assert (again["unchanged"], again["comments"]["appended"], esm.writes()) == (60, 0, [])


def test_a_new_comment_comes_though_nothing_else_has_changed(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    world = build(**TOLD)
    world.run()
    esm.writes()
    (issue,) = some(jira)
    new = comment(jira, issue, "One more thing.")
    report = world.run()
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, 60)
    assert report["comments"]["appended"] == 1
    assert ids(esm, issue)[-1] == new
    assert len(esm.writes()) == 1
    assert_each_once(jira, esm)


def test_a_task_that_does_not_speak_of_comments_brings_none(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    (issue,) = some(jira)
    comment(jira, issue, "Not for you.")
    report = build().run()
    assert (report["comments"], entries(esm, issue)) == ({}, [])


def test_comments_come_when_a_task_begins_to_speak_of_them(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    before = build()
    before.run()
    (issue,) = some(jira)
    comment(jira, issue, "I have been here all the time.")
    now = build(**TOLD)
    now.state = before.state
    assert now.run()["failure"] is None
    assert_each_once(jira, esm)


def test_a_companion_reads_everything_once_when_its_task_begins_to_speak_of_comments(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    before = install(TASK, FRESH).of("fresh")
    before.run()
    assert before.run()["mode"] == "incremental"
    now = install({**TASK, **TOLD}, FRESH).of("fresh")
    now.state, now.time = before.state, before.time
    assert now.run()["mode"] == "full"
    assert_each_once(jira, esm)
    assert now.run()["mode"] == "incremental"


def test_all_of_many_comments_come_in_order(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    (issue,) = some(jira)
    written = [comment(jira, issue, f"Number {at}") for at in range(150)]
    world = build(**TOLD)
    world.run()
    assert ids(esm, issue)[-150:] == written
    assert_each_once(jira, esm)
    comment(jira, issue, "And one.")
    assert world.run()["comments"]["appended"] == 1
    assert_each_once(jira, esm)


def test_markdown_is_kept_where_the_task_says_so(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    (issue,) = some(jira)
    bold = {"type": "text", "text": "never", "marks": [{"type": "strong"}]}
    body = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [bold]}]}
    comment(jira, issue, "", body=body)
    build(comments={"attribute": "comments", "as": "markdown"}).run()
    assert entries(esm, issue)[-1].endswith("]\n**never**")


def test_what_came_from_esm_does_not_go_back(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    (issue,) = some(jira)
    world = build(**TOLD)
    world.run()
    mine, theirs = own(jira, issue, "From a card."), comment(jira, issue, "From a person.")
    report = world.run()
    assert (report["comments"]["own"], report["comments"]["appended"]) == (1, 1)
    assert mine not in ids(esm, issue)
    assert theirs in ids(esm, issue)
    jira.requests()
    assert world.run()["comments"] == {"appended": 0, "there": 0, "restricted": 0, "own": 0}
    assert not [row for row in jira.requests() if row["path"].endswith("/comment/list")], "it is known by now"


RESTRICTED = [
    {"visibility": {"type": "role", "identifier": "Administrators", "value": "Administrators"}},
    {"properties": [{"key": "sd.public.comment", "value": {"internal": True}}]},
]


@pytest.mark.parametrize("more", RESTRICTED)
def test_restricted_comments_stay_in_jira_and_are_counted_until_they_have_a_place(
    build: Build, jira: Sandbox, esm: Sandbox, more: dict[str, Any]
) -> None:
    (issue,) = some(jira)
    secret, told = comment(jira, issue, "Between us.", **more), comment(jira, issue, "For all.")
    world = build(**TOLD)
    report = world.run()
    assert report["comments"]["restricted"] == 1
    assert secret not in ids(esm, issue)
    assert told in ids(esm, issue)
    assert world.run()["comments"]["restricted"] == 1
    now = build(**BOTH)
    now.state = world.state
    report = now.run()
    assert report["comments"] == {"appended": 1, "there": 0, "restricted": 0, "own": 0}
    assert ids(esm, issue, INTERNAL) == [secret]
    assert secret not in ids(esm, issue)


def forget_settled(world: World) -> int:
    """Delete the Variables that hold which comments were sent."""
    names = [name for name in world.state.texts if re.search(r"/s\d\d$", name)]  # type: ignore[attr-defined]
    for name in names:
        world.state.delete(name)
    return len(names)


def forget_everything(world: World) -> int:
    """Delete every Variable."""
    names = list(world.state.texts)  # type: ignore[attr-defined]
    for name in names:
        world.state.delete(name)
    return len(names)


@pytest.mark.parametrize("lose", [forget_settled, forget_everything])
def test_a_lost_list_of_what_was_sent_makes_nothing_come_twice(
    build: Build, jira: Sandbox, esm: Sandbox, lose: Callable[[World], int]
) -> None:
    world = build(**BOTH)
    (issue,) = some(jira)
    comment(jira, issue, "Between us.", **RESTRICTED[0])
    first = world.run()
    assert lose(world)
    shutil.rmtree(world.root)  # the last run's receipts would restore it
    report = world.run()
    assert (report["comments"]["appended"], report["comments"]["there"]) == (0, first["comments"]["appended"])
    assert len(ids(esm, issue, INTERNAL)) == 1
    later = world.run()
    assert (later["comments"]["there"], later["comments"]["appended"]) == (0, 0), "the list is whole again"


@pytest.mark.parametrize("cards", [False, True])
def test_a_cleared_cache_keeps_the_list_of_what_was_sent(
    build: Build, jira: Sandbox, esm: Sandbox, cards: bool
) -> None:
    world = build(**TOLD)
    world.run()
    world.start().run.cache.clear(generation="c1", cards=cards, at=world.time)
    report = world.run()
    assert (report["pushes"], report["updated"]) == ("everything", 60)
    assert report["comments"] == {"appended": 0, "there": 0, "restricted": 0, "own": 0}
    assert_each_once(jira, esm)
    assert world.run(clear_cache=True)["comments"]["appended"] == 0
    assert_each_once(jira, esm)


def test_a_full_task_and_its_companion_bring_each_comment_once_between_them(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    world = install({**TASK, **TOLD}, FRESH)
    world.run()
    first, *_ = issues = some(jira, 3)
    for turn in range(4):
        for issue in issues:
            comment(jira, issue, f"Turn {turn}")
        jira.post("world/change", count=2, seed=turn, jql=f"id in ({', '.join(issues)})")
        world.of("fresh" if turn % 2 == 0 else "support_tickets").run()
    world.of("support_tickets").run()
    assert_each_once(jira, esm)
    forget_everything(world)
    shutil.rmtree(world.root)
    world.of("fresh").run()
    world.of("support_tickets").run()
    assert_each_once(jira, esm)
    assert len(entries(esm, first)) >= 4


def test_what_the_companion_has_brought_is_not_asked_about_by_the_full_task(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    world = install({**TASK, **TOLD}, FRESH)
    world.run()
    world.of("fresh").run()
    (issue,) = some(jira)
    comment(jira, issue, "Quick!")
    jira.post("world/issues", id=issue, fields={"summary": "It moved"})
    assert world.of("fresh").run()["comments"]["appended"] == 1
    jira.requests()
    assert world.of("support_tickets").run()["comments"] == {"appended": 0, "there": 0, "restricted": 0, "own": 0}
    assert not [row for row in jira.requests() if row["path"].endswith("/comment/list")]
    assert_each_once(jira, esm)


def test_of_two_runs_at_the_same_card_one_leaves_it_to_its_next(
    install: Install, jira: Sandbox, esm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The companion comes to a card when the full task has looked and not yet added: the worst moment."""
    world = install({**TASK, **TOLD}, FRESH)
    world.run()
    world.of("fresh").run()
    issue, other = some(jira, 2)
    for text in ("One", "Two", "Three"):
        comment(jira, issue, text)
    jira.post("world/issues", id=issue, fields={"summary": "Busy"})
    jira.post("world/issues", id=other, fields={"summary": "Not busy"})
    full, fresh = world.of("support_tickets").start(), world.of("fresh").start()
    full.review()
    fresh.review()
    add = Appending._add
    meeting = [lambda: asyncio.to_thread(fresh.finish)]

    async def late(self: Appending, card_id: str, one: Said) -> None:
        if meeting:
            await meeting.pop()()
        await add(self, card_id, one)

    monkeypatch.setattr(Appending, "_add", late)
    report = full.finish()
    left = fresh.commit()
    assert (report["comments"]["appended"], left["comments"]["appended"]) == (3, 0)
    assert (report["failure"], left["failure"], left["waiting"]) == (None, None, 1)
    assert "1 cards were just getting comments from another run; the next run looks again." in left["notes"]
    assert left["pointing_nowhere"] == 0
    assert_each_once(jira, esm)
    assert world.run()["waiting"] == 0
    assert_each_once(jira, esm)


ADDS = "Jira comment"
"""What a request's body holds that adds a comment."""


def test_a_lost_answer_is_looked_into_and_nothing_is_sent_again(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    world = build(**TOLD)
    world.run()
    issue, other = some(jira, 2)
    lost = [comment(jira, issue, "Heard?"), comment(jira, issue, "Still there?")]
    comment(jira, other, "Me too.")
    esm.fault(match={"body": ADDS}, drop="after", times=2)
    report = world.run()
    assert (report["comments"]["appended"], report["failure"]) == (3, None)
    assert ids(esm, issue)[-2:] == lost
    assert_each_once(jira, esm)


def test_a_request_that_never_arrived_is_no_comment_and_the_next_run_sends_it(
    build: Build, jira: Sandbox, esm: Sandbox
) -> None:
    world = build(**TOLD)
    world.run()
    (issue,) = some(jira)
    first, second = comment(jira, issue, "Heard?"), comment(jira, issue, "Still there?")
    esm.fault(match={"body": ADDS}, drop="before")
    report = world.run()
    assert [(each["id"], each["code"]) for each in report["refused_records"]] == [(int(issue), "comment_uncertain")]
    assert "1 records were refused" in report["failure"]
    assert not {first, second} & set(ids(esm, issue)), "a later one never overtakes"
    assert world.run()["failure"] is None
    assert_each_once(jira, esm)


def test_a_comment_that_esm_refuses_is_a_refusal_of_its_record_and_comes_later(
    build: Build, api: str, jira: Sandbox, esm: Sandbox
) -> None:
    world = build(**TOLD)
    world.run()
    issue, other = some(jira, 2)
    comment(jira, issue, "Secret words")
    comment(jira, other, "Welcome")
    if api == "rest":
        esm.fault(match={"body": "Secret"}, status=400, body={"error": "Secret words"}, times=None)
    else:
        body = "<error>Secret words</error>"
        esm.fault(match={"body": "Secret"}, status=200, headers={"Content-Type": "text/xml"}, body=body, times=None)
    report = world.run()
    (refused,) = report["refused_records"]
    assert (refused["id"], refused["code"]) == (int(issue), "comment_refused")
    assert "Secret" not in json.dumps(report), "no value of a comment is told"
    assert (report["comments"]["appended"], report["refused"]) == (1, 1)
    esm.mend()
    assert world.run()["failure"] is None
    assert_each_once(jira, esm)


def test_a_comment_refused_in_a_cleared_run_is_told_although_its_card_was_accepted_before(
    build: Build, jira: Sandbox, esm: Sandbox
) -> None:
    world = build(**TOLD)
    started = world.start()
    started.mark_removed()
    (issue,) = some(jira)
    comment(jira, issue, "Too late?")
    esm.fault(match={"body": "Too late"}, drop="before")
    started.clear("extract", "review", "load", "mark_removed")
    report = started.finish()
    assert [(each["id"], each["code"]) for each in report["refused_records"]] == [(int(issue), "comment_uncertain")]
    assert world.run()["failure"] is None
    assert_each_once(jira, esm)


def test_a_refused_card_gets_its_comments_when_it_is_accepted(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    issue, _ = some(jira, 2)
    comment(jira, issue, "Wait for me.")
    world = build(**TOLD)
    esm.post("world/card", template="jira_issue", values={"jiraId": [issue], "taskId": ["x"]}, deleted=True)
    report = world.run()
    assert [each["id"] for each in report["refused_records"]] == [int(issue)]
    esm.post("world/card", template="jira_issue", find={"jiraId": issue}, deleted=False)
    assert world.run()["failure"] is None
    assert_each_once(jira, esm)


def test_comments_wait_while_an_attribute_of_their_card_is_refused(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    world = build(**TOLD)
    world.run()
    (issue,) = some(jira)
    new = comment(jira, issue, "After you.")
    jira.post("world/issues", id=issue, fields={"summary": "After me"})
    esm.http.patch("/_sandbox/users/webapi", json={"read_only_attributes": {"jira_issue": ["subject"]}})
    report = world.run()
    assert [each["id"] for each in report["refused_records"]] == [int(issue)]
    assert new not in ids(esm, issue)
    esm.http.patch("/_sandbox/users/webapi", json={"read_only_attributes": {}})
    assert world.run()["failure"] is None
    assert_each_once(jira, esm)


def test_a_card_that_was_destroyed_comes_back_and_gets_what_it_had_not(
    build: Build, jira: Sandbox, esm: Sandbox
) -> None:
    world = build(**TOLD)
    world.run()
    (issue,) = some(jira)
    new = comment(jira, issue, "Anybody here?")
    esm.post("world/card", template="jira_issue", find={"jiraId": issue}, destroy=True)
    assert world.run()["refused_records"][0]["code"] == "not_found"
    assert world.run()["failure"] is None
    assert ids(esm, issue) == [new]


def test_a_comment_that_was_edited_is_not_told_twice(build: Build, jira: Sandbox, esm: Sandbox) -> None:
    (issue,) = some(jira)
    new = comment(jira, issue, "Frist")
    world = build(**TOLD)
    world.run()
    words = [{"type": "text", "text": "First"}]
    body = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": words}]}
    path = f"/rest/api/3/issue/{issue}/comment/{new}"
    jira.http.put(path, json={"body": body}, auth=AUTH).raise_for_status()
    assert world.run()["comments"]["appended"] == 0
    assert ids(esm, issue).count(new) == 1


def test_an_attribute_that_is_no_worklog_is_refused_before_anything_is_written(
    build: Build, api: str, esm: Sandbox
) -> None:
    if api != "rest":
        pytest.skip("the Web API does not tell what an attribute is")
    with pytest.raises(Stop, match="attribute 'team' is of type string: `comments` needs a worklog"):
        build(comments={"attribute": "team"}).run()
    with pytest.raises(Stop, match="has no attribute 'nowhere'"):
        build(comments={"attribute": "nowhere"}).run()
    assert esm.cards() == {}


def test_a_worklog_that_the_user_may_not_touch_holds_the_comments_back_until_it_may(
    build: Build, jira: Sandbox, esm: Sandbox
) -> None:
    world = build(**TOLD)
    world.run()
    (issue,) = some(jira)
    comment(jira, issue, "Locked out")
    esm.http.patch("/_sandbox/users/webapi", json={"hidden_attributes": {"jira_issue": ["comments"]}})
    report = world.run()
    assert [(each["id"], each["code"]) for each in report["refused_records"]] == [(int(issue), "comment_refused")]
    esm.http.patch("/_sandbox/users/webapi", json={"hidden_attributes": {}})
    assert world.run()["failure"] is None
    assert_each_once(jira, esm)


def test_entries_that_do_not_show_are_not_sent_again_and_no_more_are_added(
    build: Build, api: str, jira: Sandbox, esm: Sandbox
) -> None:
    if api != "rest":
        pytest.skip("the client of the Web API looks by itself whether an entry shows")
    world = build(**TOLD)
    world.run()
    issues = some(jira, 4)
    for issue in issues:
        comment(jira, issue, "Into the dark")
        comment(jira, issue, "And again")
    esm.requests()
    esm.fault(match={"method": "POST", "body": ADDS}, status=200, body={"code": 200, "message": "done"}, times=None)
    report = world.run()
    sent = [row for row in esm.writes() if ADDS in json.dumps(row["body"])]
    assert {each["code"] for each in report["refused_records"]} == {"comment_unseen"}
    assert (len(sent), report["refused"], report["comments"]["appended"]) == (1, len(issues), 1)
    assert "give the WebAPI user permission to read the attribute" in report["refused_records"][0]["message"]
    world.run()
    again = [row for row in esm.writes() if ADDS in json.dumps(row["body"])]
    assert len(again) == 1
    assert again[0]["body"] != sent[0]["body"]


def test_no_word_of_a_comment_is_in_xcoms_variables_or_logs(
    build: Build, jira: Sandbox, esm: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    (issue,) = some(jira)
    comment(jira, issue, "xyzzy")
    author = said(jira, issue)[-1]["author"]["displayName"]
    world = build(**TOLD)
    with caplog.at_level(logging.DEBUG):
        started = world.start()
        started.finish()
    assert any("xyzzy" in entry for entry in entries(esm, issue))
    kept = json.dumps([started.xcoms, world.state.texts], ensure_ascii=False)  # type: ignore[attr-defined]
    for word in ("xyzzy", author):
        assert word not in kept
        assert word not in caplog.text
