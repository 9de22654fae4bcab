"""All comments of an issue, with what is kept beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from airflow_provider_jira.jira import comment_reading
from airflow_provider_jira.jira.errors import JiraIncomplete, JiraRefused
from airflow_provider_jira.jira.records import Comment, Visibility

from .conftest import Site

Ask = Callable[..., Any]
PAGES = "/rest/api/3/issue/10001/comment"
LIST = "/rest/api/3/comment/list"
DOCUMENT = {"type": "doc", "version": 1, "content": []}
AT = "2026-09-27T10:03:11.123+0200"


def _raw(id_: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(id_),
        "author": {"accountId": "a-1", "displayName": "Anna"},
        "body": DOCUMENT,
        "created": AT,
        **more,
    }


class Thread:
    """An issue with comments; the list of ids and the details are two answers, as at Jira."""

    def __init__(self, site: Site, ids: list[int], page: int = 100, details: int = 1000) -> None:
        self.site, self.ids, self.page, self.details = site, ids, page, details
        self.hidden: list[int] = []
        site.answers(PAGES, self._paged)
        site.answers(LIST, self._detailed)

    def _paged(self, request: httpx.Request) -> httpx.Response:
        start = int(request.url.params["startAt"])
        shown = [_raw(id_) for id_ in self.ids[start : start + self.page]]
        body = {"startAt": start, "maxResults": self.page, "total": len(self.ids), "comments": shown}
        return self.site.ok(body)(request)

    def _detailed(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["ids"]
        assert len(asked) <= 1000
        shown = [id_ for id_ in sorted(asked, reverse=True) if id_ in self.ids and id_ not in self.hidden]
        values = [_raw(id_, properties=[{"key": "p", "value": {"mark": id_}}]) for id_ in shown[: self.details]]
        return self.site.ok({"values": values, "isLast": len(shown) <= self.details, "total": len(shown)})(request)


def _ids(found: Any) -> list[int]:
    assert all(comment.properties == {"p": {"mark": comment.id}} for comment in found)
    return [comment.id for comment in found]


@pytest.mark.parametrize(("many", "page", "details"), [(0, 100, 1000), (1, 100, 1), (250, 100, 1000), (25, 7, 4)])
def test_all_comments_come_with_their_properties_the_oldest_first(
    site: Site, ask: Ask, many: int, page: int, details: int
) -> None:
    Thread(site, list(range(500, 500 + many)), page, details)
    found = ask(lambda jira: jira.writing.comments(10001))
    assert _ids(found) == list(range(500, 500 + many))
    for request in site.asked:
        if request.url.path == LIST:
            assert dict(request.url.params) == {"expand": "properties"}
        else:
            assert request.url.params["orderBy"] == "created"


def test_the_oldest_comes_first_whatever_its_id(site: Site, ask: Ask) -> None:
    # one that was brought over from elsewhere can be older than its id
    Thread(site, [7, 3, 9, 1])
    assert _ids(ask(lambda jira: jira.writing.comments(10001))) == [7, 3, 9, 1]


def test_no_more_than_jira_takes_are_asked_for_by_id(site: Site, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comment_reading, "AT_A_TIME", 10)
    Thread(site, list(range(25)))
    assert _ids(ask(lambda jira: jira.writing.comments(10001))) == list(range(25))
    assert [len(body["ids"]) for body in site.bodies(LIST)] == [10, 10, 5]


def test_a_comment_that_vanishes_in_between_is_gone(site: Site, ask: Ask) -> None:
    thread = Thread(site, [1, 2, 3])

    def vanish(request: httpx.Request) -> httpx.Response:
        thread.ids = [1, 3]
        site.answers(LIST, thread._detailed)
        return thread._detailed(request)

    site.answers(LIST, vanish)
    assert _ids(ask(lambda jira: jira.writing.comments(10001))) == [1, 3]


def test_a_comment_whose_properties_stay_unknown_is_not_handed_out_without(site: Site, ask: Ask) -> None:
    Thread(site, [1, 2, 3]).hidden = [2]
    with pytest.raises(JiraIncomplete, match="The list of comments"):
        ask(lambda jira: jira.writing.comments(10001))


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (
            {"id": "1", "author": {"accountId": "a-1", "displayName": "Anna"}, "body": DOCUMENT, "created": AT},
            Comment(1, "a-1", "Anna", DOCUMENT, AT, AT),
        ),
        (
            {
                "id": "1",
                "author": None,
                "body": "plain",
                "created": AT,
                "updated": "2026-10-01T00:00:00.000+0200",
                "jsdPublic": False,
                "visibility": {"type": "group", "value": "staff", "identifier": "g-1"},
                "properties": [],
            },
            Comment(
                1,
                None,
                "",
                "plain",
                AT,
                "2026-10-01T00:00:00.000+0200",
                Visibility("group", "g-1", "staff"),
                public=False,
            ),
        ),
        (
            {
                "id": "1",
                "author": {"accountId": "unknown"},
                "jsdPublic": True,
                "visibility": {"type": "role", "value": "Developers", "identifier": None},
                "properties": [{"key": "k"}],
            },
            Comment(1, None, "", "", "", "", Visibility("role", "Developers", "Developers"), True, {"k": None}),
        ),
    ],
)
def test_a_comment_is_handed_out_as_it_is(site: Site, ask: Ask, raw: dict[str, Any], seen: Comment) -> None:
    site.answers(PAGES, site.ok({"comments": [raw], "total": 1}))
    site.answers(LIST, site.ok({"values": [raw], "isLast": True}))
    assert ask(lambda jira: jira.writing.comments(10001)) == (seen,)


def test_comments_of_an_issue_that_is_not_there_are_refused(site: Site, ask: Ask) -> None:
    site.answers(PAGES, site.ok({"errorMessages": ["Issue does not exist"]}, 404))
    with pytest.raises(JiraRefused) as caught:
        ask(lambda jira: jira.writing.comments(10001))
    assert caught.value.status == 404
