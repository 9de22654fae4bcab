"""A token's last day: who is warned of it, and when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from airflow_provider_jira.jira.auth import WARN_DAYS, expiry_warning
from airflow_provider_jira.jira.settings import JiraSettings

LAST = date(2027, 3, 1)


def warned(left: int, last: date | None = LAST) -> str | None:
    settings = JiraSettings("https://acme.atlassian.net", "a@b.example", "s3cret", token_expires_on=last)
    return expiry_warning(settings, LAST - timedelta(days=left))


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (WARN_DAYS, "expires in 30 days, on 2027-03-01"),
        (2, "expires in 2 days, on 2027-03-01"),
        (1, "expires tomorrow, on 2027-03-01"),
        (0, "expires today, on 2027-03-01"),
        (-1, "expired on 2027-03-01 (token_expires_on), yet Jira takes it"),
        (-400, "write the real day there"),
    ],
)
def test_a_token_is_warned_of_from_a_month_before_its_last_day(left: int, said: str) -> None:
    text = warned(left)
    assert text is not None
    assert said in text
    assert "token_expires_on" in text
    assert "s3cret" not in text
    assert "a@b" not in text


@pytest.mark.parametrize(("left", "last"), [(WARN_DAYS + 1, LAST), (365, LAST), (0, None)])
def test_while_there_is_time_or_nobody_noted_the_day_nothing_is_said(left: int, last: date | None) -> None:
    assert warned(left, last) is None
