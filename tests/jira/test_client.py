"""What the client asks of Jira, and that it returns all of the answer or raises."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_jira.jira.client import (
    BULK_FETCH,
    COUNT,
    FETCHES_AT_A_TIME,
    FIELD,
    MYSELF,
    PARSE,
    PERMITTED_PROJECTS,
    SEARCH,
    JiraClient,
)
from airflow_provider_jira.jira.errors import (
    JiraAuthError,
    JiraIncomplete,
    JiraProtocolError,
    JiraRateLimited,
    JiraUnreachable,
    JqlRefused,
)
from airflow_provider_jira.jira.records import Field, Issue
from airflow_provider_jira.jira.settings import JiraSettings

Ask = Callable[..., Any]
JQL = "project = SUP OR labels = x ORDER BY created DESC"


def test_the_surface_is_what_a_run_needs() -> None:
    public = {name for name in dir(JiraClient) if not name.startswith("_")}
    asks = {"approximate_count", "check_jql", "fetch", "fields", "identify", "matching", "readable_projects", "sweep"}
    assert public == {*asks, "comments", "people", "people_writing", "server_time", "traffic", "writing"}


def test_it_can_be_made_from_settings_alone() -> None:
    defaults = inspect.signature(JiraClient).parameters["now"].default
    assert defaults().tzinfo is timezone.utc
    assert JiraClient(JiraSettings("acme.atlassian.net", "a@b", "t")).traffic.requests == 0


# identify, fields, readable projects


def test_it_logs_in_with_the_token_and_keeps_no_session(site: Any, run: Callable[..., Any]) -> None:
    site.answers(MYSELF, site.ok({"accountId": "5b10:ac-count"}, Set_Cookie="JSESSIONID=1; Path=/"))

    async def story() -> None:
        async with site.client() as jira:
            assert (await jira.identify()).time_zone is None
            await jira.identify()

    run(story())
    for request in site.asked:
        assert request.headers["authorization"] == httpx.BasicAuth("robot@acme.example", "s3cret-t0ken")._auth_header
        assert "cookie" not in request.headers
        assert request.headers["user-agent"].startswith("airflow-provider-jira/")


def test_fields_are_read_as_far_as_they_are_understood(site: Any, ask: Ask) -> None:
    site.answers(
        FIELD,
        site.ok(
            [
                {"id": "summary", "key": "summary", "name": "Summary", "custom": False, "schema": {"type": "string"}},
                {
                    "id": "customfield_10010",
                    "name": "Support Team",
                    "custom": True,
                    "schema": {"type": "array", "items": "option", "custom": "x:multiselect", "customId": 10010},
                    "scope": {"type": "PROJECT"},
                },
                {"id": "thumbnail", "custom": None, "schema": None, "new": {"key": 1}},
                {"name": "no id, so it cannot be asked for"},
            ]
        ),
    )
    assert ask(lambda jira: jira.fields()) == (
        Field("summary", "Summary", False, "string"),
        Field("customfield_10010", "Support Team", True, "array", "option", "x:multiselect"),
        Field("thumbnail", "thumbnail"),
    )


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"projects": [{"id": 10000, "key": "SUP"}, {"id": "10001"}]}, {10000, 10001}),
        ({"projects": []}, set()),
        ({}, set()),
    ],
)
def test_readable_projects_are_known_by_number(site: Any, ask: Ask, body: Any, ids: set[int]) -> None:
    site.answers(PERMITTED_PROJECTS, site.ok(body))
    assert ask(lambda jira: jira.readable_projects()) == ids
    assert site.bodies() == [{"permissions": ["BROWSE_PROJECTS"]}]


# check_jql, approximate_count


def test_a_good_jql_is_checked_strictly_as_it_was_written(site: Any, ask: Ask) -> None:
    site.answers(PARSE, site.ok({"queries": [{"query": JQL, "structure": {}, "warnings": ["slow"]}]}))
    ask(lambda jira: jira.check_jql(JQL))
    assert site.bodies() == [{"queries": [JQL]}]
    assert site.asked[0].url.params["validation"] == "strict"


def test_a_jql_that_jira_refuses_is_refused_in_its_words(site: Any, ask: Ask) -> None:
    words = ["The value 'SUPP' does not exist for the field 'project'.", "Another."]
    site.answers(PARSE, site.ok({"queries": [{"query": JQL, "errors": words}]}))
    with pytest.raises(JqlRefused, match=r"'SUPP' does not exist.*Correct `jql`") as raised:
        ask(lambda jira: jira.check_jql(JQL))
    assert raised.value.messages == tuple(words)
    assert raised.value.path == PARSE


@pytest.mark.parametrize("jql", ["", "   ", "ORDER BY key", "project = SUP)", 'summary ~ "open'])
def test_a_jql_that_cannot_be_wrapped_is_refused_before_jira_is_asked(site: Any, ask: Ask, jql: str) -> None:
    with pytest.raises(JqlRefused, match="Correct `jql`"):
        ask(lambda jira: jira.check_jql(jql))
    assert site.asked == []


@pytest.mark.parametrize("queries", [[], [{"query": "a"}, {"query": "b"}]])
def test_a_verdict_that_belongs_to_no_query_is_none(site: Any, ask: Ask, queries: list[Any]) -> None:
    site.answers(PARSE, site.ok({"queries": queries}))
    with pytest.raises(JiraProtocolError, match="queries where one was sent"):
        ask(lambda jira: jira.check_jql(JQL))


def test_a_jql_without_a_word_of_reason_is_still_refused(site: Any, ask: Ask) -> None:
    site.answers(COUNT, site.ok({}, 400))
    with pytest.raises(JqlRefused, match="does not say why"):
        ask(lambda jira: jira.approximate_count(JQL))


def test_the_count_is_asked_without_order(site: Any, ask: Ask) -> None:
    site.answers(COUNT, site.ok({"count": 4998}))
    assert ask(lambda jira: jira.approximate_count(JQL)) == 4998
    assert site.bodies() == [{"jql": "(project = SUP OR labels = x)"}]


# sweep


def _page(ids: list[int], token: str | None = None, **more: Any) -> dict[str, Any]:
    page: dict[str, Any] = {"issues": [{"id": str(id_), "self": "x"} for id_ in ids], **more}
    return page if token is None else {**page, "nextPageToken": token}


def test_a_sweep_follows_the_tokens_through_short_and_empty_pages(site: Any, ask: Ask) -> None:
    site.answers(
        SEARCH,
        site.ok(_page([1, 2], "t1", isLast=False)),
        site.ok(_page([], "t2", isLast=False)),
        site.ok(_page([3], "t3")),
        site.ok(_page([4, 5], isLast=True)),
    )
    assert [page.ids for page in ask(lambda jira: jira.sweep("(a = b) ORDER BY id ASC"))] == [(1, 2), (), (3,), (4, 5)]
    same = {"jql": "(a = b) ORDER BY id ASC", "fields": ["id"], "maxResults": 5000}
    assert site.bodies() == [
        same,
        {**same, "nextPageToken": "t1"},
        {**same, "nextPageToken": "t2"},
        {**same, "nextPageToken": "t3"},
    ]


@pytest.mark.parametrize("end", [{"isLast": True}, {}, {"nextPageToken": None}, {"nextPageToken": "", "isLast": True}])
def test_a_sweep_ends_with_the_last_page(site: Any, ask: Ask, end: dict[str, Any]) -> None:
    site.answers(SEARCH, site.ok({"issues": [{"id": "7"}], **end}))
    (page,) = ask(lambda jira: jira.sweep(JQL))
    assert (page.ids, page.warnings) == ((7,), ())


def test_a_last_page_that_still_carries_a_token_is_the_last(site: Any, ask: Ask) -> None:
    site.answers(SEARCH, site.ok(_page([1], "t", isLast=True)))
    assert len(ask(lambda jira: jira.sweep(JQL))) == 1


def test_a_sweep_hands_on_what_jira_warns_of(site: Any, ask: Ask) -> None:
    warnings = [{"type": "TRUNCATED", "message": "too many", "details": {"limit": 1}}, {"message": "odd"}, {}]
    site.answers(SEARCH, site.ok(_page([1], isLast=True, warnings=warnings)))
    assert ask(lambda jira: jira.sweep(JQL))[0].warnings == ("TRUNCATED: too many", "odd", "a warning without text")


def test_a_sweep_that_leads_nowhere_says_that_it_may_lack_its_end(site: Any, ask: Ask) -> None:
    site.answers(SEARCH, site.ok(_page([1], isLast=False)))
    assert ask(lambda jira: jira.sweep(JQL))[0].warnings == ("more issues follow, but Jira did not say where",)


def test_a_sweep_in_circles_is_an_error_that_names_its_request(site: Any, ask: Ask) -> None:
    site.answers(SEARCH, site.ok(_page([1], "t", isLast=False)))
    with pytest.raises(JiraProtocolError, match="same page token twice") as raised:
        ask(lambda jira: jira.sweep(JQL))
    assert raised.value.path == SEARCH


def test_a_page_that_fails_is_asked_for_again_with_the_same_token(site: Any, ask: Ask) -> None:
    site.answers(SEARCH, site.ok(_page([1], "t1")), site.raw(502), site.raw(429), site.ok(_page([2], isLast=True)))
    assert [page.ids for page in ask(lambda jira: jira.sweep(JQL))] == [(1,), (2,)]
    assert [body.get("nextPageToken") for body in site.bodies()] == [None, "t1", "t1", "t1"]


def test_a_token_that_is_not_taken_twice_starts_the_sweep_over(site: Any, ask: Ask) -> None:
    refused = site.ok({"errorMessages": ["The token has been used already."]}, 400)
    site.answers(
        SEARCH,
        site.ok(_page([1], "t1")),
        httpx.ReadTimeout("slow"),
        refused,
        site.ok(_page([1], "t2")),
        site.ok(_page([2])),
    )
    pages = ask(lambda jira: jira.sweep(JQL))
    assert {id_ for page in pages for id_ in page.ids} == {1, 2}
    assert [body.get("nextPageToken") for body in site.bodies()] == [None, "t1", "t1", None, "t2"]


def test_a_token_that_is_never_taken_is_not_called_a_wrong_jql(site: Any, ask: Ask) -> None:
    def answer(request: httpx.Request) -> Any:
        later = "nextPageToken" in json.loads(request.content)
        return (site.ok({"errorMessages": ["Bad token."]}, 400) if later else site.ok(_page([1], "t1")))(request)

    site.answers(SEARCH, answer)
    with pytest.raises(JiraProtocolError, match=r"page token any more \(Bad token\.\).*HTTP 400") as raised:
        ask(lambda jira: jira.sweep(JQL))
    assert raised.value.retryable is True
    assert len(site.asked) == 8


def test_a_sweep_that_loses_its_login_midway_is_an_error_not_an_end(site: Any, ask: Ask) -> None:
    lost = site.raw(200, {"issues": [], "isLast": True}, X_Seraph_LoginReason="AUTHENTICATED_FAILED")
    site.answers(SEARCH, site.ok(_page([1], "t1")), lost)
    with pytest.raises(JiraAuthError):
        ask(lambda jira: jira.sweep(JQL))


# fetch


def _issues(request: httpx.Request, without: frozenset[int] = frozenset()) -> list[dict[str, Any]]:
    asked = sorted(int(id_) for id_ in json.loads(request.content)["issueIdsOrKeys"])
    return [
        {"id": str(id_), "key": f"SUP-{id_}", "self": "x", "fields": {"summary": f"no {id_}"}}
        for id_ in asked
        if id_ not in without
    ]


def _fetching(site: Any, without: frozenset[int] = frozenset(), **more: Any) -> Any:
    return lambda request: site.ok({"expand": "names", "issues": _issues(request, without), **more})(request)


def test_issues_are_fetched_by_the_hundred(site: Any, ask: Ask) -> None:
    site.answers(BULK_FETCH, _fetching(site, issueErrors=[]))
    batches = ask(lambda jira: jira.fetch(range(1, 251), ["summary", "project"]))
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert batches[2][0] == Issue(201, "SUP-201", {"summary": "no 201"})
    assert [len(body["issueIdsOrKeys"]) for body in site.bodies()] == [100, 100, 50]
    assert site.bodies()[0]["fields"] == ["summary", "project"]
    assert site.bodies()[0].keys() == {"issueIdsOrKeys", "fields"}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ids=st.lists(st.integers(1, 400), max_size=700), hidden=st.frozensets(st.integers(1, 400), max_size=50))
def test_every_issue_comes_once_except_those_that_jira_does_not_show(
    site: Any, run: Callable[..., Any], ids: list[int], hidden: frozenset[int]
) -> None:
    site.answers(BULK_FETCH, _fetching(site, hidden))

    async def story() -> list[int]:
        async with site.client() as jira:
            return [issue.id async for issues in jira.fetch(ids, ["project"]) for issue in issues]

    found = run(story())
    assert sorted(found) == sorted(set(ids) - hidden)


def test_an_issue_named_twice_is_fetched_once(site: Any, ask: Ask) -> None:
    site.answers(BULK_FETCH, _fetching(site))
    batches = ask(lambda jira: jira.fetch([*range(1, 121), *range(1, 121)], ["summary"]))
    assert [issue.id for batch in batches for issue in batch] == list(range(1, 121))


def test_nothing_to_fetch_asks_nothing(site: Any, ask: Ask) -> None:
    assert ask(lambda jira: jira.fetch([], ["summary"])) == []
    assert site.asked == []


def test_a_few_fetches_run_side_by_side_and_never_more(site: Any, ask: Ask) -> None:
    busy: list[int] = [0, 0]

    async def slowly(request: httpx.Request) -> httpx.Response:
        busy[0] += 1
        busy[1] = max(busy)
        await asyncio.sleep(1)
        busy[0] -= 1
        answer: httpx.Response = _fetching(site)(request)
        return answer

    site.answers(BULK_FETCH, slowly)
    batches = ask(lambda jira: jira.fetch(range(2000), ["summary"]))
    assert [batch[0].id for batch in batches] == list(range(0, 2000, 100))
    assert busy[1] == FETCHES_AT_A_TIME


def test_issues_that_could_not_be_loaded_are_asked_for_again(site: Any, ask: Ask) -> None:
    site.answers(
        BULK_FETCH,
        _fetching(site, frozenset({2, 3}), issueErrors=[{"id": "2", "errorMessage": "secret"}]),
        _fetching(site, frozenset({3})),
    )
    ((*issues,),) = ask(lambda jira: jira.fetch([1, 2, 3], ["summary"]))
    assert [issue.id for issue in issues] == [1, 2]
    assert [body["issueIdsOrKeys"] for body in site.bodies()] == [["1", "2", "3"], ["2", "3"]]
    assert site.at[1] - site.at[0] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("named", [{"id": "2"}, {"errorMessage": "no id"}, {"id": "SUP-2"}])
def test_issues_that_cannot_be_loaded_are_never_left_out_in_silence(
    site: Any, run: Callable[..., Any], named: Any
) -> None:
    site.answers(BULK_FETCH, _fetching(site, frozenset({2}), issueErrors=[named]))

    async def story() -> int:
        async with site.client() as jira:
            with pytest.raises(JiraIncomplete, match=r"could not load 1 issues.*id 2\)") as raised:
                [batch async for batch in jira.fetch([1, 2, 3], ["summary"])]
            assert raised.value.path == BULK_FETCH
            assert raised.value.retryable is True
            retries: int = jira.traffic.retries
            return retries

    assert run(story()) == 3
    assert len(site.asked) == 4


def test_an_error_about_an_issue_that_was_returned_all_the_same_is_none(site: Any, ask: Ask) -> None:
    site.answers(BULK_FETCH, _fetching(site, issueErrors=[{"id": "1"}]))
    assert [len(batch) for batch in ask(lambda jira: jira.fetch([1], ["summary"]))] == [1]


def test_an_issue_that_was_not_asked_for_is_an_error(site: Any, ask: Ask) -> None:
    site.answers(BULK_FETCH, site.ok({"issues": [{"id": "9", "key": "SUP-9", "fields": {}}]}))
    with pytest.raises(JiraProtocolError, match="not asked for, 9 among them"):
        ask(lambda jira: jira.fetch([1], ["summary"]))


@pytest.mark.parametrize(
    "issue", [{"id": "1", "key": "SUP-1"}, {"id": "1", "fields": {}}, {"key": "SUP-1", "fields": {}}]
)
def test_an_issue_without_its_parts_is_an_error(site: Any, ask: Ask, issue: Any) -> None:
    site.answers(BULK_FETCH, site.ok({"issues": [issue]}))
    with pytest.raises(JiraProtocolError, match="missing required field"):
        ask(lambda jira: jira.fetch([1], ["summary"]))


def test_the_first_batch_that_fails_ends_the_reading(site: Any, ask: Ask) -> None:
    site.answers(BULK_FETCH, _fetching(site), site.ok(None, 403))
    with pytest.raises(Exception, match="does not let this account"):
        ask(lambda jira: jira.fetch(range(5000), ["summary"]))
    assert len(site.asked) < 20


def test_a_reader_that_gives_up_leaves_nothing_running(site: Any, run: Callable[..., Any]) -> None:
    async def slowly(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(50)
        raise AssertionError("somebody still waits for this")

    site.answers(BULK_FETCH, _fetching(site), slowly)

    async def story() -> None:
        async with site.client() as jira:
            reading = jira.fetch(range(3000), ["summary"])
            await reading.__anext__()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(story())
    assert len(site.asked) <= FETCHES_AT_A_TIME + 1


def test_a_limit_met_by_one_request_holds_back_the_others(site: Any, ask: Ask) -> None:
    site.answers(BULK_FETCH, _fetching(site), _fetching(site), site.raw(429, None, Retry_After="30"), _fetching(site))
    ask(lambda jira: jira.fetch(range(1200), ["summary"]))
    told = site.at[2]
    assert len([at for at in site.at if at < told + 30]) == FETCHES_AT_A_TIME
    assert len(site.asked) == 13


def test_what_it_cost_is_booked(site: Any, run: Callable[..., Any]) -> None:
    site.answers(FIELD, site.raw(503, None, Retry_After="10"), site.ok([]))

    async def story() -> Any:
        async with site.client() as jira:
            await jira.fields()
            return jira.traffic

    traffic = run(story())
    assert (traffic.requests, traffic.retries) == (2, 1)
    assert traffic.waited == pytest.approx(10.5, abs=0.01)


def test_a_limit_for_an_hour_is_left_to_the_scheduler(site: Any, ask: Ask) -> None:
    site.answers(FIELD, site.raw(429, None, Retry_After="3600"))
    with pytest.raises(JiraRateLimited):
        ask(lambda jira: jira.fields())
    assert len(site.asked) == 1


# matching


def _matching(site: Any, matches: set[int]) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["reconcileIssues"]
        response: httpx.Response = site.ok(_page(sorted(matches.intersection(asked)), isLast=True))(request)
        return response

    return answer


def test_matching_asks_by_fifties_with_the_index_brought_up_to_date(site: Any, ask: Ask) -> None:
    site.answers(SEARCH, _matching(site, {1, 60, 120, 999}))
    assert ask(lambda jira: jira.matching(JQL, [*range(120, 0, -1), 5])) == {1, 60, 120}
    assert [len(body["reconcileIssues"]) for body in site.bodies()] == [50, 50, 20]
    for body in site.bodies():
        listed = ",".join(str(id_) for id_ in body["reconcileIssues"])
        assert body["jql"] == f"id in ({listed}) AND (project = SUP OR labels = x)"
        assert body["fields"] == ["id"]


def test_matching_reads_all_pages_and_believes_only_what_it_asked_about(site: Any, ask: Ask) -> None:
    site.answers(SEARCH, site.ok(_page([1], "t")), site.ok(_page([2, 77], isLast=True)))
    assert ask(lambda jira: jira.matching(JQL, [1, 2, 3])) == {1, 2}


@pytest.mark.parametrize("doubt", [{"warnings": [{"type": "TRUNCATED"}], "isLast": True}, {"isLast": False}])
def test_nothing_follows_from_an_answer_that_may_lack_something(site: Any, ask: Ask, doubt: dict[str, Any]) -> None:
    site.answers(SEARCH, site.ok(_page([1], **doubt)))
    with pytest.raises(JiraIncomplete, match="may lack issues"):
        ask(lambda jira: jira.matching(JQL, [1, 2]))


def _refusing(site: Any, gone: set[int]) -> Any:
    """Refuses to search among issues that do not exist, like some sites do; all others match."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["reconcileIssues"]
        refused = site.ok({"errorMessages": ["An issue does not exist for field 'id'."]}, 400)
        response: httpx.Response = (refused if gone.intersection(asked) else site.ok(_page(asked, isLast=True)))(
            request
        )
        return response

    return answer


def test_an_issue_that_vanished_meanwhile_does_not_hide_the_others(site: Any, ask: Ask) -> None:
    gone = {3, 44}
    site.answers(SEARCH, _refusing(site, gone)).answers(PARSE, site.ok({"queries": [{"query": JQL}]}))
    site.answers(BULK_FETCH, _fetching(site, frozenset(gone)))
    assert ask(lambda jira: jira.matching(JQL, range(1, 51))) == set(range(1, 51)) - gone


def test_an_issue_that_exists_is_never_called_out_of_scope_because_of_a_refusal(site: Any, ask: Ask) -> None:
    site.answers(SEARCH, _refusing(site, {3})).answers(PARSE, site.ok({"queries": [{"query": JQL}]}))
    site.answers(BULK_FETCH, _fetching(site))
    with pytest.raises(JqlRefused, match="existing issue 3"):
        ask(lambda jira: jira.matching(JQL, [1, 2, 3]))


def test_a_jql_that_is_wrong_by_itself_is_refused_at_once(site: Any, ask: Ask) -> None:
    site.answers(SEARCH, site.ok({}, 400)).answers(
        PARSE, site.ok({"queries": [{"query": JQL, "errors": ["no project SUP"]}]})
    )
    with pytest.raises(JqlRefused, match="no project SUP"):
        ask(lambda jira: jira.matching(JQL, range(50)))
    assert len(site.asked) == 2


# the gateway


def _scoped(cloud_id: str | None = None) -> JiraSettings:
    return JiraSettings("https://acme.atlassian.net", "a@b.c", "scoped-t", auth="scoped", cloud_id=cloud_id)


def test_a_scoped_token_goes_to_the_gateway_and_never_to_the_site(site: Any, run: Callable[..., Any]) -> None:
    site.answers("/_edge/tenant_info", site.raw(200, {"cloudId": "c-42", "more": 1}))
    site.answers(f"/ex/jira/c-42{FIELD}", site.ok([]))

    async def story() -> None:
        async with site.client(_scoped()) as jira:
            await asyncio.gather(jira.fields(), jira.fields(), jira.fields())

    run(story())
    first, *others = site.asked
    assert str(first.url) == "https://acme.atlassian.net/_edge/tenant_info"
    assert "authorization" not in first.headers
    assert {str(request.url) for request in others} == {f"https://api.atlassian.com/ex/jira/c-42{FIELD}"}
    assert len(others) == 3


def test_a_known_cloud_id_is_not_asked_for(site: Any, ask: Ask) -> None:
    site.answers(f"/ex/jira/c-1{FIELD}", site.ok([]))
    ask(lambda jira: jira.fields(), _scoped("c-1"))
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, {"message": "x"}, JiraUnreachable),
        (200, "<html>", JiraUnreachable),
        (200, {"cloud": 1}, JiraProtocolError),
        (302, None, JiraUnreachable),
    ],
)
def test_a_site_that_tells_no_cloud_id_is_no_site(site: Any, ask: Ask, status: int, body: Any, error: Any) -> None:
    site.answers("/_edge/tenant_info", site.raw(status, body, Location="https://x.example/"))
    with pytest.raises(error) as raised:
        ask(lambda jira: jira.sweep(JQL), _scoped())
    assert raised.value.path == "/_edge/tenant_info"


# the wire itself


def test_the_clock_of_the_settings_is_the_clock_of_today(site: Any, ask: Ask) -> None:
    assert site.client()._connection._now() == datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(("address", "env"), [("http://127.0.0.1:1", False), ("https://acme.atlassian.net", True)])
def test_a_proxy_stands_between_unless_jira_is_on_this_machine(
    run: Callable[..., Any], address: str, env: bool
) -> None:
    async def story() -> bool:
        async with JiraClient(JiraSettings(address, "a@b", "t")) as jira:
            trusts: bool = jira._connection._http.trust_env
            return trusts

    assert run(story()) is env
