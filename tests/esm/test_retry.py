"""What is sent again, how often, and after how long."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.esm.errors import (
    EsmAuthError,
    EsmError,
    EsmProtocolError,
    EsmRateLimited,
    EsmRefused,
    EsmUnavailable,
    EsmUnreachable,
)
from airflow_provider_jira.esm.retry import LONGEST_WAIT, pause, retry_after, tries


@pytest.mark.parametrize(
    ("error", "repeatable", "expected"),
    [
        (EsmUnreachable("x"), False, 3),
        (EsmUnreachable("x", retryable=False), True, 1),
        (EsmUnavailable("x"), True, 5),
        (EsmUnavailable("x", status=503), True, 5),
        (EsmUnavailable("x", status=500), True, 3),
        (EsmUnavailable("x"), False, 1),
        (EsmUnavailable("x", ambiguous=False), False, 5),
        (EsmRateLimited("x"), False, 8),
        (EsmRateLimited("x", retry_after=LONGEST_WAIT), False, 8),
        (EsmRateLimited("x", retry_after=LONGEST_WAIT + 1), True, 1),
        (EsmRefused("x"), True, 1),
        (EsmAuthError("x"), True, 1),
        (EsmProtocolError("x"), True, 1),
        (ValueError("x"), True, 1),
    ],
)
def test_how_often(error: EsmError, repeatable: bool, expected: int) -> None:
    assert tries(error, repeatable=repeatable) == expected


def test_a_spent_error_is_not_retried_again() -> None:
    error = EsmUnavailable("x")
    error.exhausted = True
    assert tries(error, repeatable=True) == 1


@given(st.integers(1, 40))
def test_waits_double_up_to_half_a_minute_and_are_spread(attempt: int) -> None:
    full = min(2.0 ** (attempt - 1), 30.0)
    assert full / 2 <= pause(EsmUnavailable("x"), attempt) <= full


def test_what_esm_asks_for_is_obeyed() -> None:
    assert pause(EsmRateLimited("x", retry_after=42), 1) == 42
    assert pause(EsmRateLimited("x"), 1) <= 1


NOW = 1_772_000_000.0


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("17", 17.0),
        (" 17 ", 17.0),
        ("0", 0.0),
        ("soon", None),
        (format_datetime(datetime.fromtimestamp(NOW + 90, timezone.utc), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW + 90, timezone.utc).replace(tzinfo=None)), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW - 90, timezone.utc), usegmt=True), 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, expected: float | None) -> None:
    assert retry_after(header, NOW) == expected
