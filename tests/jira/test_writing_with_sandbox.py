"""Issues are made, changed and commented on at a Jira that behaves like the real one, held against its truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import (
    JiraAuthError,
    JiraError,
    JiraPermissionError,
    JiraRefused,
    JiraUncertain,
    JqlRefused,
)
from airflow_provider_jira.jira.records import Created, Transition, Visibility
from airflow_provider_jira.model.marks import PROPERTY, label
from airflow_provider_jira.sandbox.jira.catalog import ISSUE_TYPES, ROBOT_ID, ROLES
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.process import serve_in_thread

from .test_with_sandbox import Desk

BUG = str(ISSUE_TYPES["Bug"])
MARK = {PROPERTY: {"mark": "incident:4711:create"}}


def document(text: str) -> dict[str, Any]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def fields(**more: Any) -> dict[str, Any]:
    return {"project": {"key": "SUP"}, "issuetype": {"id": BUG}, "summary": "Printer burns", **more}


class Studio(Desk):
    """The desk, and the truth about what was written."""

    def issues(self) -> dict[int, dict[str, Any]]:
        return {int(row["id"]): row for row in self.control("GET", "truth/issues?project=SUP")}

    def made(self, **more: Any) -> Created:
        created: Created = self.ask(lambda jira: jira.writing.create(fields(**more), properties=MARK))
        return created

    def refuses(self, question: Callable[[JiraClient], Any]) -> JiraError:
        with pytest.raises(JiraError) as caught:
            self.ask(question)
        return caught.value


@pytest.fixture
def studio() -> Iterator[Studio]:
    studios: list[Studio] = []
    app = create_app(20, 7, monotonic=lambda: studios[0].clock if studios else 0.0)
    with serve_in_thread(app) as server:
        studios.append(Studio(server.url))
        yield studios[0]


# Making an issue.


def test_an_issue_is_made_with_its_mark_and_read_back_at_once(studio: Studio) -> None:
    studio.switch(index_lag=600)
    made = studio.made(labels=[label("4711")], description=document("It smells."))
    truth = studio.issues()[made.id]
    assert (truth["key"], truth["summary"], truth["labels"]) == (made.key, "Printer burns", ["esm-4711"])
    assert truth["properties"] == MARK
    wanted = (["summary", "labels"], [PROPERTY])
    one = studio.ask(lambda jira: jira.writing.read(made.key, *wanted))
    (many,) = studio.ask(lambda jira: jira.writing.read_many([made.id, "SUP-99999", 1], *wanted))
    assert one == many
    assert (one.id, one.key, one.properties) == (made.id, made.key, MARK)
    assert one.fields == {"summary": "Printer burns", "labels": ["esm-4711"]}


def test_the_index_finds_the_label_late_and_the_numbers_find_it_at_once(studio: Studio) -> None:
    before = studio.ask(lambda jira: jira.writing.newest_number("SUP"))
    studio.switch(index_frozen=True)
    made = [studio.made(labels=[label("4711")]) for _ in range(3)][-1]

    def search() -> Any:
        return studio.ask(lambda jira: jira.writing.search("labels = esm-4711", ["labels"], [PROPERTY], most=10))

    assert search() == ()
    assert studio.ask(lambda jira: jira.writing.newest_number("SUP")) == before + 3 == int(made.key[4:])
    studio.switch(index_frozen=False)
    assert [issue.properties for issue in search()] == [MARK] * 3


def test_a_lost_answer_to_a_create_is_one_issue_and_no_claim(studio: Studio) -> None:
    before = studio.issues().keys()
    studio.fault("/issue$", drop="after", times=1)
    told = studio.refuses(lambda jira: jira.writing.create(fields(), properties=MARK))
    assert isinstance(told, JiraUncertain)
    (new,) = studio.issues().keys() - before
    number = studio.ask(lambda jira: jira.writing.newest_number("SUP"))
    found = studio.ask(lambda jira: jira.writing.read(f"SUP-{number}", [], [PROPERTY]))
    assert (found.id, found.properties) == (new, MARK)


@pytest.mark.parametrize("fault", [{"drop": "before"}, {"status": 503}, {"status": 500, "body": "<html>"}])
def test_a_create_that_never_came_about_is_uncertain_too(studio: Studio, fault: dict[str, Any]) -> None:
    before = studio.issues().keys()
    studio.fault("/issue$", times=1, **fault)
    assert isinstance(studio.refuses(lambda jira: jira.writing.create(fields())), JiraUncertain)
    assert studio.issues().keys() == before


def test_what_is_wrong_with_which_field_is_said(studio: Studio) -> None:
    told = studio.refuses(
        lambda jira: jira.writing.create(
            fields(summary="", description="plain text of Anna", labels=["two words"], customfield_99999="x")
        )
    )
    assert isinstance(told, JiraRefused)
    assert {"summary", "description", "customfield_99999"} <= told.fields.keys()
    assert "Atlassian Document" in told.fields["description"]
    assert "Anna" not in str(told)
    assert "two words" not in str(told)


@pytest.mark.parametrize(("forbidden", "kind"), [(400, JiraRefused), (403, JiraPermissionError)])
def test_who_may_not_create_is_told_so(studio: Studio, forbidden: int, kind: type[JiraError]) -> None:
    studio.switch(denied_in={"SUP": ["CREATE_ISSUES"]}, create_forbidden=forbidden)
    assert isinstance(studio.refuses(lambda jira: jira.writing.create(fields())), kind)
    assert studio.ask(lambda jira: jira.writing.permitted(["CREATE_ISSUES", "EDIT_ISSUES"], project="SUP")) == {
        "CREATE_ISSUES": False,
        "EDIT_ISSUES": True,
    }
    assert studio.ask(lambda jira: jira.writing.issue_types("SUP")) == ()


def test_a_wrong_token_makes_nothing(studio: Studio) -> None:
    before = studio.issues()
    wrong = studio.settings_with("wrong")

    async def story() -> None:
        async with JiraClient(wrong) as jira:
            await jira.writing.create(fields())

    with pytest.raises(JiraAuthError):
        asyncio.run(story())
    assert studio.issues() == before


# What may be set.


def test_the_create_screen_tells_what_a_create_needs(studio: Studio) -> None:
    types = {kind.name: kind for kind in studio.ask(lambda jira: jira.writing.issue_types("SUP"))}
    assert types.keys() == ISSUE_TYPES.keys()
    assert [name for name, kind in types.items() if kind.subtask] == ["Sub-task"]
    screen = {field.id: field for field in studio.ask(lambda jira: jira.writing.create_screen("SUP", types["Bug"].id))}
    assert {"project", "issuetype", "summary"} <= {id_ for id_, field in screen.items() if field.required}
    assert screen["summary"].system == "summary"
    assert any(field.custom and field.allowed for field in screen.values())


def test_a_project_that_is_not_there_is_told(studio: Studio) -> None:
    assert isinstance(studio.refuses(lambda jira: jira.writing.issue_types("NOPE")), JiraRefused)
    assert isinstance(studio.refuses(lambda jira: jira.writing.newest_number("NOPE")), JqlRefused)


def test_the_edit_screen_follows_the_permission(studio: Studio) -> None:
    made = studio.made()
    assert "summary" in {field.id for field in studio.ask(lambda jira: jira.writing.edit_screen(made.id))}
    studio.switch(denied_in={"SUP": ["EDIT_ISSUES"]})
    assert studio.ask(lambda jira: jira.writing.edit_screen(made.id)) == ()
    assert studio.ask(lambda jira: jira.writing.permitted(["EDIT_ISSUES"], issue=made.id)) == {"EDIT_ISSUES": False}


# Changing one.


def test_an_issue_is_changed_and_cleared(studio: Studio) -> None:
    made = studio.made(duedate="2026-12-24", labels=["vip"])
    studio.ask(
        lambda jira: jira.writing.edit(
            made.id, {"summary": "Burnt", "duedate": None}, update={"labels": [{"add": "esm-1"}]}, properties={"p": [1]}
        )
    )
    truth = studio.issues()[made.id]
    assert (truth["summary"], truth["duedate"], sorted(truth["labels"])) == ("Burnt", None, ["esm-1", "vip"])
    assert truth["properties"] == {**MARK, "p": [1]}
    studio.ask(lambda jira: jira.writing.set_property(made.id, PROPERTY, {"mark": "other"}))
    assert studio.issues()[made.id]["properties"][PROPERTY] == {"mark": "other"}


def test_an_issue_that_is_not_there_is_not_changed(studio: Studio) -> None:
    for question in (
        lambda jira: jira.writing.edit(1, {"summary": "x"}),
        lambda jira: jira.writing.set_property(1, "p", 1),
        lambda jira: jira.writing.comment(1, document("x")),
        lambda jira: jira.writing.comments(1),
        lambda jira: jira.writing.edit_screen(1),
        lambda jira: jira.writing.transitions(1),
        lambda jira: jira.writing.transition(1, "11"),
    ):
        told = studio.refuses(question)
        assert isinstance(told, JiraRefused)
        assert told.status == 404
    assert studio.ask(lambda jira: jira.writing.read(1, ["summary"])) is None


def test_an_issue_that_moved_is_found_under_both_keys(studio: Studio) -> None:
    made = studio.made()
    moved = studio.control("POST", "world/move", {"ids": [made.id], "project": "OPS"})["keys"][str(made.id)]
    for key in (made.key, moved):
        assert studio.ask(lambda jira, key=key: jira.writing.read(key, [])).key == moved


def test_one_issue_is_written_to_no_faster_than_jira_takes(studio: Studio) -> None:
    made = studio.made()

    async def busy(jira: JiraClient) -> float:
        for at in range(60):
            await jira.writing.edit(made.id, {"summary": f"Turn {at}"})
            await jira.writing.set_property(made.id, "turn", at)
        return jira.traffic.retries

    assert studio.ask(busy) == 0
    assert studio.issues()[made.id]["summary"] == "Turn 59"
    assert studio.clock > 30


# Comments.


def test_comments_come_back_whole_with_what_marks_them(studio: Studio) -> None:
    made = studio.made()
    studio.switch(issue_write_limits=False)

    async def write(jira: JiraClient) -> list[int]:
        return [
            await jira.writing.comment(made.id, document(f"Turn {at}"), properties={PROPERTY: {"mark": f"e-{at}"}})
            for at in range(130)
        ]

    ids = studio.ask(write)
    studio.control("POST", "world/comments", {"id": made.id, "text": "by somebody"})
    found = studio.ask(lambda jira: jira.writing.comments(made.id))
    assert [comment.id for comment in found[:-1]] == ids
    assert [comment.properties for comment in found] == [*({PROPERTY: {"mark": f"e-{at}"}} for at in range(130)), {}]
    assert found[0].body == document("Turn 0")
    assert (found[0].author_id, found[0].visibility) == (ROBOT_ID, None)


def test_a_comment_for_some_stays_with_them(studio: Studio) -> None:
    made = studio.made()
    role = next(str(id_) for id_, (name, _) in ROLES.items() if name == "Developers")
    studio.control("POST", "world/roles", {"role": int(role), "users": [ROBOT_ID]})
    studio.ask(lambda jira: jira.writing.comment(made.id, document("Psst"), visibility=Visibility("role", role)))
    (comment,) = studio.ask(lambda jira: jira.writing.comments(made.id))
    assert comment.visibility is not None
    assert comment.visibility.type == "role"
    studio.control("POST", "world/roles", {"role": int(role), "users": [ROBOT_ID], "on": False})
    assert studio.ask(lambda jira: jira.writing.comments(made.id)) == ()
    assert len(studio.issues()[made.id]["comments"]) == 1


def test_a_lost_answer_to_a_comment_is_one_comment(studio: Studio) -> None:
    made = studio.made()
    studio.fault("/comment$", drop="after", times=1)
    told = studio.refuses(lambda jira: jira.writing.comment(made.id, document("Once"), properties=MARK))
    assert isinstance(told, JiraUncertain)
    (comment,) = studio.ask(lambda jira: jira.writing.comments(made.id))
    assert comment.properties == MARK


def test_a_comment_that_is_no_document_or_one_too_many_is_refused(studio: Studio) -> None:
    made = studio.made()
    told = studio.refuses(lambda jira: jira.writing.comment(made.id, {"type": "paragraph", "text": "Anna's words"}))
    assert isinstance(told, JiraRefused)
    assert "Anna" not in str(told)
    studio.switch(most_comments=0)
    full = studio.refuses(lambda jira: jira.writing.comment(made.id, document("x")))
    assert isinstance(full, JiraRefused)
    assert full.status == 413


# From one status to another.


def _ways(studio: Studio, issue: int) -> dict[str, Transition]:
    return {way.to_name: way for way in studio.ask(lambda jira: jira.writing.transitions(issue))}


def _go(studio: Studio, issue: int, to: str, **what: Any) -> None:
    way = _ways(studio, issue)[to]
    studio.ask(lambda jira: jira.writing.transition(issue, way.id, **what))


def test_an_issue_goes_its_way_status_by_status(studio: Studio) -> None:
    made = studio.made()
    for to in ("In Progress", "In Review"):
        _go(studio, made.id, to)
    done = _ways(studio, made.id)["Done"]
    assert done.to_category == "done"
    screen = {field.id: field for field in done.fields}
    assert screen["resolution"].required
    assert "Fixed" in {one["name"] for one in screen["resolution"].allowed or ()}
    words = {"comment": [{"add": {"body": document("Extinguished.")}}]}
    _go(studio, made.id, "Done", fields={"resolution": {"name": "Fixed"}}, update=words)
    truth = studio.issues()[made.id]
    assert (truth["status"], truth["resolution"]) == ("Done", "Fixed")
    assert [comment["text"] for comment in truth["comments"]] == ["Extinguished."]


def test_a_way_that_is_not_open_and_a_field_that_is_not_on_the_screen_are_refused(studio: Studio) -> None:
    made = studio.made()
    closed = studio.refuses(lambda jira: jira.writing.transition(made.id, "31"))
    assert isinstance(closed, JiraRefused)
    assert "not valid for this issue" in closed.message
    start = _ways(studio, made.id)["In Progress"]
    told = studio.refuses(
        lambda jira: jira.writing.transition(made.id, start.id, fields={"resolution": {"name": "Fixed"}})
    )
    assert isinstance(told, JiraRefused)
    assert "resolution" in told.fields
    assert "screen" in told.fields["resolution"]
    assert studio.issues()[made.id]["status"] == "Open"


def test_who_may_not_transition_sees_no_way(studio: Studio) -> None:
    made = studio.made()
    studio.switch(denied_in={"SUP": ["TRANSITION_ISSUES"]})
    assert _ways(studio, made.id) == {}


def test_two_transitions_at_once_are_one_that_can_be_tried_again(studio: Studio) -> None:
    made = studio.made()
    studio.switch(transition_conflict=600)
    _go(studio, made.id, "In Progress")
    told = studio.refuses(lambda jira: jira.writing.transition(made.id, "21"))
    assert isinstance(told, JiraRefused)
    assert (told.status, told.retryable) == (409, True)


def test_a_lost_answer_to_a_transition_leaves_it_open(studio: Studio) -> None:
    made = studio.made()
    studio.fault("/transitions$", drop="after", skip=1, times=1)
    way = _ways(studio, made.id)["In Progress"]
    assert isinstance(studio.refuses(lambda jira: jira.writing.transition(made.id, way.id)), JiraUncertain)
    assert studio.issues()[made.id]["status"] == "In Progress"
