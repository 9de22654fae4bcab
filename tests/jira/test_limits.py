"""Limits are kept before Jira complains, and obeyed by everybody concerned after it did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from airflow_provider_jira.jira.client import FIELD, MYSELF
from airflow_provider_jira.jira.limits import Limits, scope
from airflow_provider_jira.jira.records import Traffic

SEARCH, FETCH = "POST /search", "POST /fetch"


def _limits(traffic: Traffic, rate: float = 10) -> Limits:
    return Limits(traffic, clock=lambda: asyncio.get_running_loop().time(), sleep=asyncio.sleep, rate=rate)


async def _times(limits: Limits, endpoint: str, count: int) -> list[float]:
    """When each of so many simultaneous requests got its turn, in seconds from now."""
    loop = asyncio.get_running_loop()
    start = loop.time()

    async def one() -> float:
        await limits.turn(endpoint)
        return round(loop.time() - start, 3)

    return sorted(await asyncio.gather(*(one() for _ in range(count))))


def test_a_burst_passes_and_the_rest_keeps_the_rate(run: Callable[..., Any]) -> None:
    traffic = Traffic()

    async def story() -> list[float]:
        return await _times(_limits(traffic), SEARCH, 30)

    times = run(story())
    assert times[:10] == [0.0] * 10
    assert times[-1] == pytest.approx(2.0, abs=0.01)
    assert traffic.waited == pytest.approx(2.0, abs=0.01)


def test_endpoints_have_buckets_of_their_own(run: Callable[..., Any]) -> None:
    traffic = Traffic()

    async def story() -> list[float]:
        limits = _limits(traffic)
        await _times(limits, SEARCH, 10)
        return await _times(limits, FETCH, 10)

    assert run(story()) == [0.0] * 10
    assert traffic.waited == 0


def test_a_resting_endpoint_holds_back_its_own_requests_only(run: Callable[..., Any]) -> None:
    async def story() -> tuple[list[float], list[float]]:
        limits = _limits(Traffic())
        limits.rest(SEARCH, 7, "endpoint")
        limits.rest(SEARCH, 3, "endpoint")
        return await _times(limits, FETCH, 1), await _times(limits, SEARCH, 1)

    assert run(story()) == ([0.0], [7.0])


def test_a_rest_of_everything_holds_back_everybody(run: Callable[..., Any]) -> None:
    async def story() -> list[float]:
        limits = _limits(Traffic())
        limits.rest(SEARCH, 7, "everything")
        return await _times(limits, FETCH, 2)

    assert run(story()) == [7.0, 7.0]


def test_a_rest_of_one_request_holds_back_nobody_else(run: Callable[..., Any]) -> None:
    async def story() -> list[float]:
        limits = _limits(Traffic())
        limits.rest(SEARCH, 7, "request")
        return await _times(limits, SEARCH, 1)

    assert run(story()) == [0.0]


def test_a_rest_prolonged_meanwhile_is_kept_to_its_end(run: Callable[..., Any]) -> None:
    async def story() -> list[float]:
        limits = _limits(Traffic())
        limits.rest(SEARCH, 5, "everything")
        asyncio.get_running_loop().call_later(4, limits.rest, SEARCH, 6, "everything")
        return await _times(limits, SEARCH, 1)

    assert run(story()) == [10.0]


def test_time_waited_side_by_side_is_booked_once(run: Callable[..., Any]) -> None:
    traffic = Traffic()

    async def story() -> None:
        limits = _limits(traffic)

        async def later() -> None:
            await asyncio.sleep(3)
            await limits.wait(5)

        await asyncio.gather(limits.wait(5), limits.wait(3), later())
        await asyncio.sleep(100)
        await limits.wait(2)

    run(story())
    assert traffic.waited == pytest.approx(10, abs=0.01)


@pytest.mark.parametrize(("hint", "rests"), [("true", 1.0), ("TRUE ", 1.0), ("false", 0.0), ("", 0.0)])
def test_an_endpoint_near_its_limit_rests_a_little(run: Callable[..., Any], hint: str, rests: float) -> None:
    async def story() -> tuple[list[float], list[float]]:
        limits = _limits(Traffic())
        limits.heed(SEARCH, {"x-ratelimit-nearlimit": hint})
        return await _times(limits, FETCH, 1), await _times(limits, SEARCH, 1)

    assert run(story()) == ([0.0], [rests])


@pytest.mark.parametrize(
    ("reason", "concerned"),
    [
        ("jira-burst-based", "endpoint"),
        ("Jira-Burst-Based", "endpoint"),
        ("jira-per-issue-on-write", "request"),
        ("jira-quota-tenant-based", "everything"),
        ("jira-quota-global-based", "everything"),
        ("jira-cost-based", "everything"),
        ("something-new", "everything"),
        (None, "everything"),
    ],
)
def test_who_has_to_wait_follows_from_the_reason(reason: str | None, concerned: str) -> None:
    assert scope({} if reason is None else {"ratelimit-reason": reason}) == concerned


def test_a_connection_asks_no_faster_than_its_setting(site: Any, run: Callable[..., Any]) -> None:
    site.answers(MYSELF, site.ok({"accountId": "5b10:ac-count"}))
    site.answers(FIELD, site.ok([]))

    async def story() -> None:
        async with site.client(msgspec.structs.replace(site.settings, requests_per_second=4)) as jira:
            await asyncio.gather(*(jira.fields() for _ in range(12)))

    run(story())
    assert site.at[-1] - site.at[0] == pytest.approx(2.0, abs=0.1), "4 at once, and 8 more at 4 a second"
