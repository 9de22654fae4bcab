"""How fast Jira is asked: kept before Jira complains, and obeyed after it did.

Atlassian counts bursts per site, endpoint and method, for all apps and tokens of the site together
(https://developer.atlassian.com/cloud/jira/platform/rate-limiting/), so every endpoint and method has a bucket of its
own here, smaller than Jira's, because other tasks and other tools ask too. When Jira says how long to
wait, every request to which that applies waits, not only the one that was told: six that run into the same wall are
six times the trouble. What is not known is waited for by all. What is written to one issue has a budget of its own
(:mod:`~airflow_provider_jira.jira.issue_budget`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from aiolimiter import AsyncLimiter

from airflow_provider_jira.jira.issue_budget import IssueBudget
from airflow_provider_jira.jira.records import Traffic

NEAR_LIMIT_REST = 1.0
"""Seconds that an endpoint rests when Jira says that its bucket is nearly empty."""

Scope = Literal["request", "endpoint", "everything"]


def scope(headers: Mapping[str, str]) -> Scope:
    """Tell what a 429 is about.

    :param headers: of the answer
    :returns: what has to wait: this one request, its endpoint, or everything (also where the reason is new or missing:
        the list of reasons is not closed)
    """
    reason = headers.get("ratelimit-reason", "").strip().lower()
    if reason == "jira-burst-based":
        return "endpoint"
    if reason == "jira-per-issue-on-write":
        return "request"
    return "everything"


class Limits:
    """The buckets and rests of one client. Belongs to one event loop.

    :param traffic: where waiting is booked
    :param clock: monotonic seconds
    :param sleep: waits for so many seconds
    :param rate: requests a second, for each endpoint and method
    """

    def __init__(
        self,
        traffic: Traffic,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        rate: float,
    ) -> None:
        self._traffic = traffic
        self._clock = clock
        self._sleep = sleep
        self._rate = rate
        self._buckets: dict[str, AsyncLimiter] = {}
        self._rests: dict[str, float] = {}
        self._issues = IssueBudget(clock)
        self._all_rest = 0.0
        self._waiting = 0
        self._since = 0.0

    async def turn(self, endpoint: str) -> None:
        """Wait until this endpoint may be asked.

        :param endpoint: method and path, ``POST /rest/api/3/search/jql``
        """
        bucket = self._buckets.setdefault(endpoint, AsyncLimiter(self._rate, 1))
        if bucket.has_capacity() and self._rest(endpoint) <= 0:
            await bucket.acquire()
            return
        with self._booked():
            await bucket.acquire()
            # looked at again after each sleep: somebody else may have been told to wait in the meantime
            while (rest := self._rest(endpoint)) > 0:
                await self._sleep(rest)

    async def turn_to_write(self, issue: int) -> None:
        """Wait until something may be written to an issue, and count it as written.

        :param issue: id of the issue
        """
        while (rest := self._issues.rest(issue)) > 0:
            await self.wait(rest)
        self._issues.spend(issue)

    async def wait(self, seconds: float) -> None:
        """Wait before a repeat, and book it."""
        with self._booked():
            await self._sleep(seconds)

    def rest(self, endpoint: str, seconds: float, of: Scope, issue: int | None = None) -> None:
        """Hold requests back.

        :param endpoint: method and path that Jira complained about
        :param seconds: from now
        :param of: what is held back; ``request`` holds back nothing else
        :param issue: id of the issue that was written to: then ``request`` holds back what is written to that
        """
        until = self._clock() + seconds
        if of == "endpoint":
            self._rests[endpoint] = max(until, self._rests.get(endpoint, 0.0))
        elif of == "everything":
            self._all_rest = max(until, self._all_rest)
        elif issue is not None:
            self._issues.hold(issue, until)

    def heed(self, endpoint: str, headers: Mapping[str, str]) -> None:
        """Take the hint of an answer that came in time: with the bucket nearly empty, the endpoint rests a little."""
        if headers.get("x-ratelimit-nearlimit", "").strip().lower() == "true":
            self.rest(endpoint, NEAR_LIMIT_REST, "endpoint")

    def _rest(self, endpoint: str) -> float:
        return max(self._all_rest, self._rests.get(endpoint, 0.0)) - self._clock()

    @contextmanager
    def _booked(self) -> Iterator[None]:
        # requests wait side by side; what is booked is time that passed, not the sum over those who waited
        if not self._waiting:
            self._since = self._clock()
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._traffic.waited += self._clock() - self._since
