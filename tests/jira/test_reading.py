"""Issues as they are now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from airflow_provider_jira.jira.errors import (
    JiraIncomplete,
    JiraProtocolError,
    JiraRefused,
    JiraUnreachable,
    JqlRefused,
)
from airflow_provider_jira.jira.records import IssueNow
from airflow_provider_jira.jira.retry import TRIES

from .conftest import Site

Ask = Callable[..., Any]
ISSUE = "/rest/api/3/issue/SUP-1"
FETCH = "/rest/api/3/issue/bulkfetch"
SEARCH = "/rest/api/3/search/jql"
RAW = {"id": "10001", "key": "SUP-1", "expand": "x", "fields": {"summary": "a"}, "properties": {"p": {"mark": "c-1"}}}
SEEN = IssueNow(10001, "SUP-1", {"summary": "a"}, {"p": {"mark": "c-1"}})


def _issues(*ids: int, **more: Any) -> dict[str, Any]:
    return {"issues": [{"id": str(id_), "key": f"SUP-{id_}", "fields": {}} for id_ in ids], **more}


def test_one_issue_is_read_from_the_database(site: Site, ask: Ask) -> None:
    site.answers(ISSUE, site.ok(RAW))
    assert ask(lambda jira: jira.writing.read("SUP-1", ["summary", "status"], ["p", "q"])) == SEEN
    assert site.asked[0].method == "GET"
    assert dict(site.asked[0].url.params) == {"fields": "summary,status,key", "properties": "p,q"}


def test_an_issue_without_anything_asked_for_is_there_all_the_same(site: Site, ask: Ask) -> None:
    site.answers("/rest/api/3/issue/10001", site.ok({"id": "10001", "key": "SUP-1"}))
    assert ask(lambda jira: jira.writing.read(10001, [])) == IssueNow(10001, "SUP-1", {}, {})
    assert dict(site.asked[0].url.params) == {"fields": "key"}


def test_an_issue_that_is_gone_or_hidden_is_none(site: Site, ask: Ask) -> None:
    site.answers(
        ISSUE, site.ok({"errorMessages": ["Issue does not exist or you do not have permission to see it."]}, 404)
    )
    assert ask(lambda jira: jira.writing.read("SUP-1", ["summary"])) is None


@pytest.mark.parametrize(("answer", "kind"), [((400, True), JiraRefused), ((404, False), JiraUnreachable)])
def test_nothing_else_is_taken_for_a_missing_issue(site: Site, ask: Ask, answer: Any, kind: type[Exception]) -> None:
    status, known = answer
    site.answers(ISSUE, site.ok({}, status) if known else site.raw(status, {}))
    with pytest.raises(kind):
        ask(lambda jira: jira.writing.read("SUP-1", ["summary"]))


def test_a_read_is_sent_again_however_it_was_lost(site: Site, ask: Ask) -> None:
    site.answers(ISSUE, httpx.ReadError("x"), site.raw(503), site.ok(RAW))
    assert ask(lambda jira: jira.writing.read("SUP-1", ["summary"])) == SEEN


def test_many_issues_are_read_a_hundred_at_a_time_each_once(site: Site, ask: Ask) -> None:
    asked = [*range(1, 151), 7, "SUP-7", "8"]
    site.answers(FETCH, site.ok(_issues(*range(1, 101))), site.ok(_issues(7, *range(101, 150))))
    found = ask(lambda jira: jira.writing.read_many(asked, ["summary"], ["p"]))
    assert [issue.id for issue in found] == list(range(1, 150))
    first, second = site.bodies()
    assert first == {
        "issueIdsOrKeys": [str(at) for at in range(1, 101)],
        "fields": ["summary", "key"],
        "properties": ["p"],
    }
    assert second["issueIdsOrKeys"] == [*(str(at) for at in range(101, 151)), "SUP-7"]


def test_no_issues_need_no_question(site: Site, ask: Ask) -> None:
    assert ask(lambda jira: jira.writing.read_many([], ["summary"])) == ()
    assert site.asked == []


def test_issues_that_jira_cannot_load_are_asked_for_again(site: Site, ask: Ask) -> None:
    failing = _issues(1, issueErrors=[{"id": "2", "errorMessage": "later"}])
    site.answers(FETCH, site.ok(failing), site.ok(_issues(1, 2, issueErrors=[])))
    assert [issue.id for issue in ask(lambda jira: jira.writing.read_many([1, 2], []))] == [1, 2]
    site.answers(FETCH, site.ok(failing))
    site.asked.clear()
    with pytest.raises(JiraIncomplete, match="could not load 1 issues of 2"):
        ask(lambda jira: jira.writing.read_many([1, 2], []))
    assert len(site.asked) == TRIES


def test_more_issues_than_were_asked_for_are_no_answer(site: Site, ask: Ask) -> None:
    site.answers(FETCH, site.ok(_issues(1, 2)))
    with pytest.raises(JiraProtocolError, match="2 issues where 1 were asked for"):
        ask(lambda jira: jira.writing.read_many([1], []))


@pytest.mark.parametrize(
    "question",
    [
        lambda jira: jira.writing.read("SUP-1", [], list("abcdef")),
        lambda jira: jira.writing.read_many([1], [], list("abcdef")),
        lambda jira: jira.writing.search("a = b", [], list("abcdef"), most=1),
    ],
)
def test_more_properties_than_jira_gives_are_refused_here(site: Site, ask: Ask, question: Any) -> None:
    with pytest.raises(ValueError, match="at most 5"):
        ask(question)
    assert site.asked == []


def test_a_search_ends_where_enough_was_found(site: Site, ask: Ask) -> None:
    pages = [site.ok(_issues(3, 1, nextPageToken="t", isLast=False)), site.ok(_issues(1, 2, 4, nextPageToken="u"))]
    site.answers(SEARCH, *pages)
    found = ask(lambda jira: jira.writing.search("labels = x", ["labels"], ["p"], most=3))
    assert [issue.id for issue in found] == [3, 1, 2]
    first = {"jql": "labels = x", "fields": ["labels", "key"], "maxResults": 3, "properties": ["p"]}
    assert site.bodies() == [first, {**first, "nextPageToken": "t"}]


def test_a_search_asks_for_no_more_than_a_hundred_a_page(site: Site, ask: Ask) -> None:
    site.answers(SEARCH, site.ok({"issues": [RAW], "isLast": True}))
    assert ask(lambda jira: jira.writing.search("labels = x", [], most=1000)) == (SEEN,)
    assert site.bodies() == [{"jql": "labels = x", "fields": ["key"], "maxResults": 100}]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ({"warnings": [{"type": "LIMIT", "message": "too many arguments"}], "isLast": True}, "too many arguments"),
        ({"isLast": False}, "did not say where"),
    ],
)
def test_a_search_that_may_lack_something_proves_nothing(site: Site, ask: Ask, page: Any, says: str) -> None:
    site.answers(SEARCH, site.ok(_issues(1, **page)))
    with pytest.raises(JiraIncomplete, match=says):
        ask(lambda jira: jira.writing.search("labels = x", [], most=5))


def test_a_jql_that_jira_does_not_take_is_said_so(site: Site, ask: Ask) -> None:
    site.answers(SEARCH, site.ok({"errorMessages": ["The value 'X' does not exist for the field 'project'."]}, 400))
    with pytest.raises(JqlRefused, match="'X' does not exist"):
        ask(lambda jira: jira.writing.newest_number("X"))


class Numbers:
    """A project some of whose numbers have issues; the index knows those up to a number."""

    def __init__(self, site: Site, there: dict[int, str], indexed: int, key: str = "SUP") -> None:
        self.there = there
        self.key = key
        self.indexed = max((number for number, key in there.items() if number <= indexed), default=0)
        site.answers(SEARCH, lambda request: self._found(site, request))
        site.answers(FETCH, lambda request: self._fetched(site, request))

    def _found(self, site: Site, request: httpx.Request) -> Any:
        shown = [{"id": str(self.indexed), "key": f"{self.key}-{self.indexed}"}] if self.indexed else []
        return site.ok({"issues": shown, "isLast": True})(request)

    def _fetched(self, site: Site, request: httpx.Request) -> Any:
        asked = site.bodies()[-1]["issueIdsOrKeys"]
        assert len(asked) <= 100
        numbers = [int(key.rpartition("-")[2]) for key in asked if key.startswith(f"{self.key}-")]
        return site.ok({"issues": [{"id": str(n), "key": self.there[n]} for n in numbers if n in self.there]})(request)


@pytest.mark.parametrize(
    ("numbers", "indexed", "newest", "fetches"),
    [
        ([], 0, 0, 1),
        ([1, 2, 3], 3, 3, 1),
        ([1, 2, 3], 0, 3, 2),
        ([*range(1, 251)], 20, 250, 4),
        ([1, 100, 101, 200], 1, 200, 3),
        ([1, 101], 0, 101, 3),
        ([1, 250], 1, 1, 1),
    ],
)
def test_the_newest_number_is_looked_for_beyond_the_index(
    site: Site, ask: Ask, numbers: list[int], indexed: int, newest: int, fetches: int
) -> None:
    Numbers(site, {number: f"SUP-{number}" for number in numbers}, indexed)
    assert ask(lambda jira: jira.writing.newest_number("SUP")) == newest
    assert len(site.bodies(FETCH)) == fetches
    assert site.bodies(SEARCH)[0]["jql"] == 'project = "SUP" ORDER BY key DESC'


def test_an_issue_that_moved_away_is_passed_over_and_looked_behind(site: Site, ask: Ask) -> None:
    there = {1: "SUP-1", **{number: f"OPS-{number + 500}" for number in range(2, 102)}, 150: "SUP-150"}
    Numbers(site, there, 1)
    assert ask(lambda jira: jira.writing.newest_number("SUP")) == 150


def test_a_project_that_was_renamed_is_tried_under_its_current_key(site: Site, ask: Ask) -> None:
    Numbers(site, {number: f"NEW-{number}" for number in (1, 2, 3)}, 1, key="NEW")
    assert ask(lambda jira: jira.writing.newest_number("OLD")) == 3


def test_a_project_cannot_be_a_piece_of_jql(site: Site, ask: Ask) -> None:
    Numbers(site, {}, 0)
    ask(lambda jira: jira.writing.newest_number('a" or "\\'))
    assert site.bodies(SEARCH)[0]["jql"] == 'project = "a\\" or \\"\\\\" ORDER BY key DESC'


def test_a_key_that_is_none_stands_for_no_number(site: Site, ask: Ask) -> None:
    site.answers(SEARCH, site.ok({"issues": [{"id": "1", "key": "SUP-x"}], "isLast": True}))
    site.answers(FETCH, site.ok({"issues": []}))
    assert ask(lambda jira: jira.writing.newest_number("SUP")) == 0
