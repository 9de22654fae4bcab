"""Comments are listed whole, however Jira cuts the list, and read with what marks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from airflow_provider_jira.jira.comment_reading import AT_A_TIME, COMMENT_LIST
from airflow_provider_jira.jira.errors import JiraProtocolError, JiraRefused
from airflow_provider_jira.jira.records import Comment, Visibility

Ask = Callable[..., Any]
LIST = "/rest/api/3/issue/10001/comment"
BODY = {"type": "doc", "version": 1, "content": []}


def pages(site: Any, ids: list[int], cap: int = 100) -> Callable[[httpx.Request], httpx.Response]:
    """A list of comments of which a page holds no more than ``cap``."""

    def answer(request: httpx.Request) -> httpx.Response:
        start, most = int(request.url.params["startAt"]), min(int(request.url.params["maxResults"]), cap)
        rows = [{"id": str(id_)} for id_ in ids[start : start + most]]
        body = {"startAt": start, "maxResults": most, "total": len(ids), "comments": rows}
        response: httpx.Response = site.ok(body)(request)
        return response

    return answer


@pytest.mark.parametrize(("count", "cap"), [(0, 100), (1, 100), (100, 100), (150, 100), (205, 20)])
def test_all_comments_of_an_issue_are_listed_however_short_the_pages(site: Any, ask: Ask, count: int, cap: int) -> None:
    ids = list(range(20_000, 20_000 + count))
    site.answers(LIST, pages(site, ids, cap))
    assert ask(lambda jira: jira.comments.ids(10001)) == tuple(ids)
    assert {request.url.params["orderBy"] for request in site.asked} == {"created"}


def test_a_comment_deleted_while_the_list_is_read_makes_it_be_read_again(site: Any, ask: Ask) -> None:
    before, after = list(range(1, 201)), list(range(2, 201))
    site.answers(LIST, pages(site, before), pages(site, after))
    assert ask(lambda jira: jira.comments.ids(10001)) == tuple(after)


def test_an_issue_that_is_gone_has_no_comments(site: Any, ask: Ask) -> None:
    site.answers(LIST, site.ok({"errorMessages": ["Issue does not exist."]}, 404))
    assert ask(lambda jira: jira.comments.ids(10001)) == ()


def test_any_other_refusal_is_an_error(site: Any, ask: Ask) -> None:
    site.answers(LIST, site.ok({"errorMessages": ["no"]}, 400))
    with pytest.raises(JiraRefused):
        ask(lambda jira: jira.comments.ids(10001))


ROW = {
    "id": "7",
    "author": {"accountId": "abc", "displayName": "Aino"},
    "body": BODY,
    "created": "2026-03-02T10:00:00.000+0200",
    "updated": "2026-03-02T11:00:00.000+0200",
}
PLAIN = Comment(7, "abc", "Aino", BODY, ROW["created"], ROW["updated"], None, None, {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "change"),
    [
        ({}, {}),
        ({"author": None}, {"author_id": None, "author_name": ""}),
        ({"jsdPublic": False}, {"public": False}),
        ({"jsdPublic": True}, {"public": True}),
        (
            {"visibility": {"type": "role", "value": "Admins", "identifier": "10002"}},
            {"visibility": Visibility("role", "10002", "Admins")},
        ),
        (
            {"visibility": {"type": "group", "value": "staff"}},
            {"visibility": Visibility("group", "staff", "staff")},
        ),
        (
            {"properties": [{"key": "airflow-provider-jira", "value": {"mark": "x"}}, {"key": "other"}]},
            {"properties": {"airflow-provider-jira": {"mark": "x"}, "other": None}},
        ),
    ],
)
def test_what_marks_a_comment_is_read(site: Any, ask: Ask, more: dict[str, Any], change: dict[str, Any]) -> None:
    site.answers(COMMENT_LIST, site.ok({"values": [{**ROW, **more}], "isLast": True}))
    (read,) = ask(lambda jira: jira.comments.with_properties([7]))
    assert {name: getattr(read, name) for name in Comment.__struct_fields__} == {
        **{name: getattr(PLAIN, name) for name in Comment.__struct_fields__},
        **change,
    }
    assert site.asked[-1].url.params["expand"] == "properties"


def test_a_thousand_comments_are_asked_for_at_once_and_each_only_once(site: Any, ask: Ask) -> None:
    site.answers(COMMENT_LIST, site.ok({"values": []}))
    assert ask(lambda jira: jira.comments.with_properties([*range(1, 2002), 5])) == ()
    sent = [body["ids"] for body in site.bodies(COMMENT_LIST)]
    assert [len(ids) for ids in sent] == [AT_A_TIME, AT_A_TIME, 1]
    assert sorted(id_ for ids in sent for id_ in ids) == list(range(1, 2002))


def test_nothing_is_asked_about_no_comments(site: Any, ask: Ask) -> None:
    assert ask(lambda jira: jira.comments.with_properties([])) == ()
    assert site.asked == []


def test_comments_that_were_not_asked_for_are_no_answer(site: Any, ask: Ask) -> None:
    site.answers(COMMENT_LIST, site.ok({"values": [ROW]}))
    with pytest.raises(JiraProtocolError, match="7 among them"):
        ask(lambda jira: jira.comments.with_properties([8]))


def test_what_an_answer_lacks_is_asked_for_until_nothing_comes(site: Any, ask: Ask) -> None:
    rows = [{**ROW, "id": str(id_)} for id_ in (7, 8)]
    site.answers(COMMENT_LIST, *(site.ok({"values": part}) for part in (rows[:1], rows[1:], [])))
    assert [one.id for one in ask(lambda jira: jira.comments.with_properties([7, 8, 9]))] == [7, 8]
    assert [body["ids"] for body in site.bodies(COMMENT_LIST)] == [[7, 8, 9], [8, 9], [9]]
