"""The client against a Jira that behaves like the real one, in every position of its unknown behaviours.

The server's clock for its limits is the client's: it moves when the client waits, so that waiting costs nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from airflow_provider_jira.jira import client as client_module
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import (
    JiraAuthError,
    JiraIncomplete,
    JiraPermissionError,
    JiraProtocolError,
    JiraUnavailable,
    JiraUnreachable,
    JqlRefused,
)
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.sandbox.jira.catalog import CLOUD_ID, PROJECTS, ROBOT_ID
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches
from airflow_provider_jira.sandbox.process import serve_in_thread, start_server

ISSUES = 260
JQL = "project = SUP AND issuetype in (Bug, Task)"
ORDERED = f"({JQL}) ORDER BY id ASC"


class Desk:
    """A sandbox Jira in a thread, and somebody who asks it through the client."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = 0.0
        self.settings = self.settings_with()

    def settings_with(self, token: str = "sandbox-token", **more: Any) -> JiraSettings:
        return JiraSettings(self.url, "robot@acme.example", token, gateway=self.url, **more)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.url}/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def switch(self, **positions: Any) -> None:
        self.control("PATCH", "switches", positions)

    def fault(self, path: str, **fault: Any) -> None:
        self.control("POST", "faults", {"match": {"path": path}, **fault})

    def matching_ids(self) -> set[int]:
        rows = self.control("GET", "truth/issues?project=SUP")
        rows = rows if isinstance(rows, list) else rows["issues"]
        return {int(row["id"]) for row in rows if row["issuetype"] in {"Bug", "Task"}}

    def ask(self, question: Callable[[JiraClient], Any], settings: JiraSettings | None = None) -> Any:
        async def sleep(seconds: float) -> None:
            self.clock += seconds
            await asyncio.sleep(0)

        async def story() -> Any:
            async with JiraClient(
                settings or self.settings,
                clock=lambda: self.clock,
                sleep=sleep,
                jitter=lambda low, high: (low + high) / 2,
                now=lambda: datetime.fromtimestamp(time.time(), timezone.utc),
            ) as jira:
                await jira.identify()
                answer = question(jira)
                if hasattr(answer, "__aiter__"):
                    return [piece async for piece in answer]
                return await answer

        return asyncio.run(story())

    def swept(self) -> set[int]:
        return {id_ for page in self.ask(lambda jira: jira.sweep(ORDERED)) for id_ in page.ids}


@pytest.fixture(scope="module")
def served() -> Iterator[Desk]:
    clock: list[Desk] = []
    app = create_app(ISSUES, 7, monotonic=lambda: clock[0].clock if clock else 0.0)
    with serve_in_thread(app) as server:
        desk = Desk(server.url)
        clock.append(desk)
        yield desk


@pytest.fixture
def desk(served: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    # a small page makes a walk of some length out of a small world
    monkeypatch.setattr(client_module, "SWEEP_PAGE", 40)
    yield served
    served.control("DELETE", "faults")
    fresh = JiraSwitches()
    served.switch(**{name: getattr(fresh, name) for name in JiraSwitches.__struct_fields__})


# The whole, however it is cut.


@pytest.mark.parametrize("end_mark", ["absent", "null"])
@pytest.mark.parametrize("short_pages", ["full", "some", "empty"])
def test_a_sweep_finds_every_issue_once(desk: Desk, short_pages: str, end_mark: str) -> None:
    desk.switch(short_pages=short_pages, end_mark=end_mark)
    pages = desk.ask(lambda jira: jira.sweep(ORDERED))
    ids = [id_ for page in pages for id_ in page.ids]
    assert len(pages) > 5
    assert ids == sorted(desk.matching_ids())
    assert len(ids) == ISSUES
    assert not any(page.warnings for page in pages)


@pytest.mark.parametrize("replay", ["once", "latest", "always"])
@pytest.mark.parametrize("trouble", [{"drop": "after"}, {"drop": "before"}, {"status": 503}, {"status": 429}])
def test_a_sweep_survives_lost_answers(desk: Desk, replay: str, trouble: dict[str, Any]) -> None:
    desk.switch(replay=replay)
    desk.fault("/search/jql$", skip=2, times=1, **trouble)
    assert desk.swept() == desk.matching_ids()


def test_tokens_that_live_too_short_end_in_an_error_not_in_a_short_list(desk: Desk) -> None:
    desk.switch(walk_life=-1)
    with pytest.raises(JiraProtocolError, match="expired"):
        desk.swept()


def test_warnings_of_the_search_reach_the_run(desk: Desk) -> None:
    desk.switch(warnings=["The result was truncated."])
    pages = desk.ask(lambda jira: jira.sweep(ORDERED))
    assert pages[0].warnings == ("SEARCH_WARNING: The result was truncated.",)
    with pytest.raises(JiraIncomplete, match="truncated"):
        desk.ask(lambda jira: jira.matching(JQL, [min(desk.matching_ids())]))


@pytest.mark.parametrize("bulkfetch_max", [100, 1000])
def test_every_issue_is_fetched_with_its_fields(desk: Desk, bulkfetch_max: int) -> None:
    desk.switch(bulkfetch_max=bulkfetch_max)
    ids = sorted(desk.matching_ids())
    issues = [one for batch in desk.ask(lambda jira: jira.fetch(ids, ["summary", "project"])) for one in batch]
    assert [issue.id for issue in issues] == ids
    assert {issue.key.partition("-")[0] for issue in issues} == {"SUP"}
    assert all(issue.fields["summary"] and issue.fields["project"]["id"] == "10000" for issue in issues)


def test_issues_that_fail_to_load_for_a_while_are_fetched_all_the_same(desk: Desk) -> None:
    ids = sorted(desk.matching_ids())
    desk.switch(failed_fetches={str(ids[0]): 2, str(ids[150]): 1})
    batches = desk.ask(lambda jira: jira.fetch(ids, ["summary"]))
    assert [issue.id for batch in batches for issue in batch] == ids


def test_an_issue_that_never_loads_is_an_error(desk: Desk) -> None:
    first = min(desk.matching_ids())
    desk.switch(failed_fetches={str(first): 99})
    with pytest.raises(JiraIncomplete, match=f"id {first}"):
        desk.ask(lambda jira: jira.fetch([first], ["summary"]))


def test_an_issue_that_may_not_be_seen_is_absent(desk: Desk) -> None:
    first, second, *_ = sorted(desk.matching_ids())
    desk.control("POST", "world/hide", {"ids": [first]})
    try:
        batches = desk.ask(lambda jira: jira.fetch([first, second, 999_999_999], ["summary"]))
        assert [issue.id for batch in batches for issue in batch] == [second]
    finally:
        desk.control("POST", "world/hide", {"ids": [first], "on": False})


@pytest.mark.parametrize("unknown_issue", ["refuse", "ignore"])
def test_matching_lives_with_both_ways_of_naming_an_issue_that_is_not_there(desk: Desk, unknown_issue: str) -> None:
    desk.switch(unknown_issue=unknown_issue)
    ids = sorted(desk.matching_ids())[:70]
    story = desk.ask(lambda jira: jira.matching("issuetype = Bug ORDER BY key", [*ids, 999_999_999]))
    assert story == desk.ask(lambda jira: jira.matching("issuetype = Bug", ids))
    assert story
    assert story < set(ids)


def test_matching_sees_what_the_index_has_not_seen_yet(desk: Desk) -> None:
    first = min(desk.matching_ids())
    desk.switch(index_frozen=True)
    desk.control("POST", "world/issues", {"id": first, "fields": {"labels": ["brand-new"]}})
    assert desk.ask(lambda jira: jira.matching("labels = brand-new", [first])) == {first}
    assert desk.ask(lambda jira: jira.sweep("labels = brand-new ORDER BY id"))[0].ids == ()


# What is asked beside.


def test_the_rest_of_what_a_run_needs_to_know(desk: Desk) -> None:
    identity = desk.ask(lambda jira: jira.identify())
    assert (identity.account_id, identity.time_zone) == (ROBOT_ID, "America/New_York")
    fields = {field.id: field for field in desk.ask(lambda jira: jira.fields())}
    assert fields["summary"].type == "string"
    assert fields["customfield_10010"].name == "Support Team"
    assert fields["customfield_10010"].custom_type
    assert desk.ask(lambda jira: jira.approximate_count(f"{JQL} ORDER BY key")) == ISSUES
    assert desk.ask(lambda jira: jira.readable_projects()) == {id_ for id_, *_ in PROJECTS}
    desk.ask(lambda jira: jira.check_jql(f"{JQL} ORDER BY created"))


def test_a_hidden_profile_hides_only_the_zone(desk: Desk) -> None:
    desk.switch(profile_time_zone=None)
    assert desk.ask(lambda jira: jira.identify()).account_id == ROBOT_ID


def test_a_project_that_may_not_be_read_is_not_among_the_readable(desk: Desk) -> None:
    desk.control("POST", "world/project", {"key": "HR", "readable": False})
    try:
        assert desk.ask(lambda jira: jira.readable_projects()) == {10000, 10001}
    finally:
        desk.control("POST", "world/project", {"key": "HR", "readable": True})


@pytest.mark.parametrize(
    ("jql", "says"),
    [("project = NOPE", "NOPE"), ("project = ", ""), ("ORDER BY key", "condition"), ("statsu = Open", "statsu")],
)
def test_a_wrong_jql_is_refused_before_a_run_with_the_name_of_what_is_wrong(desk: Desk, jql: str, says: str) -> None:
    with pytest.raises(JqlRefused, match="Correct `jql`") as raised:
        desk.ask(lambda jira: jira.check_jql(jql))
    assert says in str(raised.value)


# A token that does not work.


@pytest.mark.parametrize("anonymous_search", ["empty", "refuse"])
@pytest.mark.parametrize("name", ["sweep", "fetch", "fields", "count", "parse", "projects", "matching", "identify"])
def test_a_bad_token_is_an_error_whatever_is_asked(desk: Desk, name: str, anonymous_search: str) -> None:
    desk.switch(anonymous_search=anonymous_search)
    questions: dict[str, Callable[[JiraClient], Any]] = {
        "sweep": lambda jira: jira.sweep(ORDERED),
        "fetch": lambda jira: jira.fetch([10_000], ["summary"]),
        "fields": lambda jira: jira.fields(),
        "count": lambda jira: jira.approximate_count(JQL),
        "parse": lambda jira: jira.check_jql(JQL),
        "projects": lambda jira: jira.readable_projects(),
        "matching": lambda jira: jira.matching(JQL, [10_000]),
        "identify": lambda jira: jira.identify(),
    }

    async def story() -> None:
        async with JiraClient(desk.settings_with("expired")) as jira:
            answer = questions[name](jira)
            if hasattr(answer, "__aiter__"):
                [piece async for piece in answer]
            else:
                await answer

    with pytest.raises(JiraAuthError, match="password of the Jira connection"):
        asyncio.run(story())


def test_a_scoped_token_works_through_the_gateway(desk: Desk) -> None:
    settings = desk.settings_with("sandbox-scoped-token", auth="scoped")
    since = desk.control("GET", "requests")["next"]
    assert desk.ask(lambda jira: jira.approximate_count(JQL), settings) == ISSUES
    paths = [one["path"] for one in desk.control("GET", f"requests?since={since}")["requests"]]
    assert paths[0] == "/_edge/tenant_info"
    assert all(path.startswith(f"/ex/jira/{CLOUD_ID}/") for path in paths[1:])


@pytest.mark.parametrize(
    ("token", "more", "scopes", "error", "says"),
    [
        ("sandbox-scoped-token", {}, None, JiraAuthError, "auth: scoped"),
        ("sandbox-token", {"auth": "scoped"}, None, JiraAuthError, "auth: basic"),
        ("sandbox-scoped-token", {"auth": "scoped"}, ["read:jira-user"], JiraAuthError, "read:jira-work"),
        ("sandbox-scoped-token", {"auth": "scoped", "cloud_id": "wrong"}, None, JiraUnreachable, "cloud_id"),
    ],
)
def test_a_token_at_the_wrong_door_is_told_the_right_one(
    desk: Desk, token: str, more: dict[str, Any], scopes: list[str] | None, error: type[Exception], says: str
) -> None:
    if scopes:
        desk.switch(scopes=scopes)
    with pytest.raises(error, match=says):
        desk.ask(lambda jira: jira.fields(), desk.settings_with(token, **more))


# Limits and outages.


@pytest.mark.parametrize("retry_after", ["both", "reset", "nothing"])
def test_a_full_bucket_is_waited_for_however_jira_says_it(desk: Desk, retry_after: str) -> None:
    desk.switch(rate_depth=2, rate_per_second={"GET": 1, "POST": 1}, retry_after=retry_after)
    ids = sorted(desk.matching_ids())
    batches = desk.ask(lambda jira: jira.fetch([*ids, *range(1, 300)], ["summary"]))
    assert [issue.id for batch in batches for issue in batch][: len(ids)] == ids


def test_an_outage_that_lasts_is_an_error_that_a_retry_may_mend(desk: Desk) -> None:
    desk.fault("/field$", times=None, status=503, headers={"Retry-After": "1"})
    with pytest.raises(JiraUnavailable) as raised:
        desk.ask(lambda jira: jira.fields())
    assert raised.value.retryable is True


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 403, "body": "no"}, JiraPermissionError),
        ({"status": 200, "body": "<html>Log in</html>"}, JiraUnreachable),
        ({"status": 200, "body": {"issues": []}}, JiraAuthError),
        ({"drop": "before", "times": None}, JiraUnreachable),
    ],
)
def test_a_failure_is_one_error_of_the_tree(desk: Desk, fault: dict[str, Any], error: type[Exception]) -> None:
    desk.fault("/field$", **fault)
    with pytest.raises(error):
        desk.ask(lambda jira: jira.fields())


def test_nobody_home_is_unreachable() -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(JiraUnreachable, match="refuses the connection"):
        Desk(url).ask(lambda jira: jira.fields())


# As a process of its own, over a real connection.


def test_a_jira_in_another_process_is_read_whole() -> None:
    with start_server("jira", "--issues", "450", "--seed", "11") as server:
        desk = Desk(server.url)
        ids = sorted(desk.swept())
        batches = desk.ask(lambda jira: jira.fetch(ids, ["summary"]))
        assert len(ids) == 450
        assert [issue.id for batch in batches for issue in batch] == ids
