"""No issue is written to more often than Jira takes, and no other issue waits for that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.jira import issue_budget
from airflow_provider_jira.jira.issue_budget import SLACK, IssueBudget

from .conftest import Site

# Atlassian's page on rate limits, written down again so that nobody changes them unseen
ALLOWED = ((20, 2.0), (100, 30.0))
Run = Callable[[Coroutine[Any, Any, Any]], Any]
WRITES = [
    lambda jira, issue: jira.writing.edit(issue, {"summary": "x"}),
    lambda jira, issue: jira.writing.comment(issue, {"type": "doc"}),
    lambda jira, issue: jira.writing.transition(issue, "31"),
    lambda jira, issue: jira.writing.set_property(issue, "p", 1),
]
PATHS = ["", "/comment", "/transitions", "/properties/p"]


def _most(times: list[float], seconds: float) -> int:
    """Count how many there are at most in any window of so many seconds."""
    return max((sum(1 for other in times if at <= other < at + seconds) for at in times), default=0)


def _site(site: Site, *issues: int) -> Site:
    for issue in issues:
        for path in PATHS:
            site.answers(f"/rest/api/3/issue/{issue}{path}", site.ok({"id": "1", "key": "SUP-1"}, 201))
    return site


def test_all_kinds_of_writing_to_one_issue_count_together(site: Site, run: Run) -> None:
    async def story() -> None:
        async with _site(site, 7).client() as jira:
            await asyncio.gather(*(WRITES[at % 4](jira, 7) for at in range(130)))

    run(story())
    assert len(site.at) == 130
    for writes, seconds in ALLOWED:
        assert _most(site.at, seconds) == writes
    # and no slower than that: 20, 20 … up to 100, the rest half a minute after
    assert site.at[99] - site.at[0] < 4 * (2 + SLACK) + 0.5
    assert site.at[129] - site.at[0] < 30 + 2 + 2 * SLACK + 1.0


def test_other_issues_do_not_wait(site: Site, run: Run) -> None:
    async def story() -> float:
        async with _site(site, 7, 8).client() as jira:
            loop = asyncio.get_running_loop()
            busy = [asyncio.create_task(WRITES[at % 4](jira, 7)) for at in range(60)]
            await asyncio.sleep(0.5)
            start = loop.time()
            await WRITES[0](jira, 8)
            waited = loop.time() - start
            await asyncio.gather(*busy)
            return waited

    assert run(story()) < 0.1


def test_what_jira_says_of_one_issue_holds_back_that_issue_only(site: Site, run: Run) -> None:
    _site(site, 7, 8)
    limited = site.raw(429, None, Retry_After="9", RateLimit_Reason="jira-per-issue-on-write")
    site.answers("/rest/api/3/issue/7", limited, site.ok(None, 204))

    async def story() -> None:
        async with site.client() as jira:
            first = asyncio.create_task(WRITES[0](jira, 7))
            await asyncio.sleep(1)
            await asyncio.gather(WRITES[1](jira, 7), WRITES[1](jira, 8), jira.writing.read(8, []), first)

    run(story())
    later = {
        request.url.path + request.method: at - site.at[0] for request, at in zip(site.asked, site.at, strict=True)
    }
    assert later["/rest/api/3/issue/7/commentPOST"] >= 9
    assert later["/rest/api/3/issue/8/commentPOST"] < 2
    assert later["/rest/api/3/issue/8GET"] < 2


def test_waiting_is_booked(site: Site, run: Run) -> None:
    async def story() -> float:
        async with _site(site, 7).client() as jira:
            for _ in range(21):
                await WRITES[0](jira, 7)
            return jira.traffic.waited

    assert run(story()) == pytest.approx(2 + SLACK, abs=0.3)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=300))
def test_however_writers_come_the_budget_holds(pauses: list[float]) -> None:
    now = 0.0
    budget = IssueBudget(lambda: now)
    written = []
    for pause in pauses:
        now += pause
        now += max(0.0, budget.rest(7))
        budget.spend(7)
        written.append(now)
    for writes, seconds in ALLOWED:
        assert _most(written, seconds) <= writes
    assert all(before <= after for before, after in pairwise(written))


def test_issues_that_rest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issue_budget, "_TIDY", 5)
    now = 0.0
    budget = IssueBudget(lambda: now)
    budget.hold(1, 10.0)
    budget.hold(2, 100.0)
    for issue in range(5):
        budget.spend(issue)
    now = 29.0
    budget.spend(5)
    assert set(budget._written) == {0, 1, 2, 3, 4, 5}
    now = 40.0
    for _ in range(20):
        budget.spend(9)
    assert set(budget._written) == {5, 9}
    assert set(budget._held) == {2}
    assert budget.rest(9) == pytest.approx(2 + SLACK)
    assert budget.rest(2) == 60.0
    assert budget.rest(3) <= 0
