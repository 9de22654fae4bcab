"""The limits that a Jira site keeps: a burst bucket for every endpoint and method, and writes to one issue."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import msgspec

from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches

_WRITE_WINDOWS = ((20, 2.0), (100, 30.0))
_NEAR = 0.2


class _Bucket(msgspec.Struct):
    tokens: float
    at: float


class Limits:
    """Counts requests. Times come from ``monotonic``, so that tests need not wait.

    :param switches: rates and depths
    :param monotonic: seconds, never going back
    :param now: server time, seconds since 1970
    """

    def __init__(self, switches: JiraSwitches, monotonic: Callable[[], float], now: Callable[[], float]) -> None:
        self.switches = switches
        self.monotonic = monotonic
        self.now = now
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._writes: dict[int, deque[float]] = defaultdict(deque)

    def spend(self, method: str, endpoint: str) -> dict[str, str]:
        """Take a request out of its bucket.

        :returns: the headers that every answer carries
        :raises Refused: 429, the bucket is empty
        """
        if not self.switches.rate_limits:
            return {}
        rate, depth, now = self.switches.rate_per_second.get(method, 50.0), self.switches.rate_depth, self.monotonic()
        bucket = self._buckets.setdefault((method, endpoint), _Bucket(depth, now))
        bucket.tokens = min(float(depth), bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.tokens < 1:
            wait = (1 - bucket.tokens) / rate if rate else 60.0
            raise self._too_many(
                "jira-burst-based", wait, {"X-RateLimit-Limit": str(depth), "X-RateLimit-Remaining": "0"}
            )
        bucket.tokens -= 1
        headers = {"X-RateLimit-Limit": str(depth), "X-RateLimit-Remaining": str(int(bucket.tokens))}
        if bucket.tokens < depth * _NEAR:
            headers["X-RateLimit-NearLimit"] = "true"
        return headers

    def write(self, issue: int) -> None:
        """Count a write to an issue.

        :raises Refused: 429, there were too many
        """
        if not self.switches.issue_write_limits:
            return
        now, writes = self.monotonic(), self._writes[issue]
        while writes and now - writes[0] >= _WRITE_WINDOWS[-1][1]:
            writes.popleft()
        for most, window in _WRITE_WINDOWS:
            recent = [at for at in writes if now - at < window]
            if len(recent) >= most:
                raise self._too_many("jira-per-issue-on-write", window - (now - recent[0]), {})
        writes.append(now)

    def _too_many(self, reason: str, wait: float, headers: dict[str, str]) -> Refused:
        seconds = max(1, int(-(-wait // 1)))
        reset = datetime.fromtimestamp(self.now(), timezone.utc) + timedelta(seconds=wait)
        if self.switches.retry_after == "both":
            headers["Retry-After"] = str(seconds)
        if self.switches.retry_after != "nothing":
            # Real answers leave the seconds out at times, so the reset is only known to the minute, rounded up.
            headers["X-RateLimit-Reset"] = f"{reset + timedelta(seconds=60):%Y-%m-%dT%H:%MZ}"
        headers["RateLimit-Reason"] = reason
        return Refused(429, "Rate limit exceeded.", headers=headers)
