"""How often one issue may be written to: 20 times in 2 seconds and 100 times in 30, by all of Jira's clients together
(https://developer.atlassian.com/cloud/jira/platform/rate-limiting/).

Fields, comments, transitions and properties of an issue count together; other issues do not wait. Times of writing are
kept, not a leaking bucket (aiolimiter, as for the endpoints): a bucket that holds 20 and leaks 20 in two seconds lets
up to 40 through in two, and one of half the size would make a short burst wait that Jira takes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

ALLOWED = ((20, 2.0), (100, 30.0))
"""Writes, and the seconds in which there may be so many."""

SLACK = 0.25
"""Seconds that are waited beyond: what was sent apart may arrive closer together."""

_MOST = max(writes for writes, _ in ALLOWED)
_LONGEST = max(seconds for _, seconds in ALLOWED) + SLACK
_TIDY = 1000


class IssueBudget:
    """What may be written to which issue, and when. Belongs to one client.

    :param clock: monotonic seconds
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._written: dict[int, deque[float]] = {}
        self._held: dict[int, float] = {}

    def rest(self, issue: int) -> float:
        """Tell how many seconds have to pass before the issue may be written to; nothing or less: now."""
        free = self._held.get(issue, 0.0)
        written = self._written.get(issue, ())
        for writes, seconds in ALLOWED:
            if len(written) >= writes:
                free = max(free, written[-writes] + seconds + SLACK)
        return free - self._clock()

    def spend(self, issue: int) -> None:
        """Count a write, now."""
        if len(self._written) >= _TIDY:
            self._forget()
        self._written.setdefault(issue, deque(maxlen=_MOST)).append(self._clock())

    def hold(self, issue: int, until: float) -> None:
        """Let nothing be written to an issue for a while, because Jira says so.

        :param issue: id of the issue
        :param until: on this budget's clock
        """
        self._held[issue] = max(until, self._held.get(issue, 0.0))

    def _forget(self) -> None:
        now = self._clock()
        self._written = {issue: times for issue, times in self._written.items() if now - times[-1] < _LONGEST}
        self._held = {issue: until for issue, until in self._held.items() if until > now}
