"""When a request is sent again, and how long after.

A request that was certainly not carried out (no connection, 429) is always sent again. One that may have been carried
out is sent again only where doing it twice is the same as doing it once; for the rest the writer looks first. Waits
double from one second, shortened by chance so that parallel loads do not knock together; what ``Retry-After`` asks for
is obeyed instead, up to ten minutes.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from airflow_provider_jira.esm.errors import EsmError, EsmRateLimited, EsmUnavailable, EsmUnreachable

LONGEST_WAIT = 600.0
_TRIES_RATE_LIMITED = 8
_TRIES_UNREACHABLE = 3
_TRIES_UNAVAILABLE = 5
_TRIES_INTERNAL_ERROR = 3  # a 500 is as often one card that ESM chokes on as it is ESM's own trouble


def tries(error: BaseException, *, repeatable: bool) -> int:
    """How often a request that ended so is tried in all.

    :param error: how the last try ended
    :param repeatable: whether carrying the request out twice is the same as once
    """
    if isinstance(error, EsmError) and error.exhausted:
        return 1  # a login inside this request was tried often enough
    if isinstance(error, EsmRateLimited):
        return 1 if (error.retry_after or 0) > LONGEST_WAIT else _TRIES_RATE_LIMITED
    if isinstance(error, EsmUnreachable):
        return _TRIES_UNREACHABLE if error.retryable else 1
    if isinstance(error, EsmUnavailable) and (repeatable or not error.ambiguous):
        return _TRIES_INTERNAL_ERROR if error.status == 500 else _TRIES_UNAVAILABLE
    return 1


def pause(error: BaseException | None, attempt: int) -> float:
    """How long to wait after a try, in seconds.

    :param error: how the try ended
    :param attempt: its number, from 1
    """
    if isinstance(error, EsmRateLimited) and error.retry_after is not None:
        return error.retry_after
    return min(2.0 ** (attempt - 1), 30.0) * random.uniform(0.5, 1.0)  # noqa: S311  # spread, not a secret


def retry_after(header: str | None, now: float) -> float | None:
    """Read a ``Retry-After`` header.

    :param header: seconds, or an HTTP date
    :param now: seconds since the epoch
    :returns: seconds from now, never below 0; ``None`` where the header says nothing
    """
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.fromtimestamp(now, timezone.utc)).total_seconds())


def retrying(*, repeatable: bool, wait: Callable[[float], Awaitable[None]]) -> AsyncRetrying:
    """Build the loop that sends one request until it is answered for good.

    :param repeatable: whether carrying the request out twice is the same as once
    :param wait: waits the given seconds, and keeps count of them
    """

    def give_up(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        return error is None or state.attempt_number >= tries(error, repeatable=repeatable)

    def how_long(state: RetryCallState) -> float:
        return pause(state.outcome.exception() if state.outcome else None, state.attempt_number)

    return AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, EsmError) and tries(error, repeatable=repeatable) > 1),
        stop=give_up,
        wait=how_long,
        sleep=wait,
        reraise=True,
    )
