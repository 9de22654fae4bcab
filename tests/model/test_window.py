"""The window of an incremental run: never later than what has been read, in any zone and on any night."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model.jql import JqlBroken, since_jql
from airflow_provider_jira.model.window import advanced, lower_bound, moment

HELSINKI, NEW_YORK, LORD_HOWE = (
    ZoneInfo("Europe/Helsinki"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("watermark", "overlap", "zone", "bound"),
    [
        ("2026-06-01T10:03:59.999", 0, HELSINKI, "2026-06-01 13:03"),
        ("2026-06-01T10:03:00", 0, HELSINKI, "2026-06-01 13:03"),
        ("2026-06-01T10:03:11", 15, HELSINKI, "2026-06-01 12:48"),
        ("2026-06-01T10:03:11", 15, NEW_YORK, "2026-06-01 05:48"),
        ("2026-06-01T10:03:11", 15, timezone.utc, "2026-06-01 09:48"),
        # Clocks are set forward: 03:00 becomes 04:00, no local time is skipped by the arithmetic.
        ("2026-03-29T00:59:30", 0, HELSINKI, "2026-03-29 02:59"),
        ("2026-03-29T01:00:30", 0, HELSINKI, "2026-03-29 04:00"),
        ("2026-03-29T01:10:00", 15, HELSINKI, "2026-03-29 02:55"),
        # Clocks are set back: 03:00 to 04:00 comes twice, so a bound in it moves before it.
        ("2026-10-24T23:59:00", 0, HELSINKI, "2026-10-25 02:59"),
        ("2026-10-25T00:00:00", 0, HELSINKI, "2026-10-25 02:59"),
        ("2026-10-25T00:30:00", 0, HELSINKI, "2026-10-25 02:59"),
        ("2026-10-25T01:30:00", 0, HELSINKI, "2026-10-25 02:59"),
        ("2026-10-25T01:59:59", 0, HELSINKI, "2026-10-25 02:59"),
        ("2026-10-25T02:00:00", 0, HELSINKI, "2026-10-25 04:00"),
        ("2026-10-25T02:10:00", 15, HELSINKI, "2026-10-25 02:59"),
        ("2026-11-01T06:30:00", 0, NEW_YORK, "2026-11-01 00:59"),
        # Half an hour comes twice on Lord Howe Island.
        ("2026-04-04T15:10:00", 0, LORD_HOWE, "2026-04-05 01:29"),
        # The profile hides its zone: early enough for the whole world.
        ("2026-06-01T10:03:11", 15, None, "2026-05-31 21:48"),
    ],
)
def test_the_bound_in_words(watermark: str, overlap: int, zone: ZoneInfo | None, bound: str) -> None:
    assert lower_bound(utc(watermark), timedelta(minutes=overlap), zone) == bound


ZONES = ["Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(0, 180),
    st.sampled_from([*ZONES, None]),
    st.sampled_from(ZONES),
    st.sampled_from([0, 1]),
)
def test_the_bound_is_never_late_whatever_jira_takes_a_repeated_hour_for(
    watermark: datetime, overlap: int, told: str | None, real: str, fold: int
) -> None:
    start = watermark.replace(tzinfo=timezone.utc) - timedelta(minutes=overlap)
    zone = ZoneInfo(told) if told else None
    text = lower_bound(watermark.replace(tzinfo=timezone.utc), timedelta(minutes=overlap), zone)
    read_as = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone or ZoneInfo(real), fold=fold)
    read = read_as.astimezone(timezone.utc)
    assert read <= start
    assert zone is None or start - read < timedelta(hours=2, minutes=2)


@pytest.mark.parametrize(
    ("watermark", "newest", "began", "after"),
    [
        (None, None, "12:00", None),
        (None, "11:00", "12:00", "11:00"),
        (None, "12:30", "12:00", "12:00"),
        ("10:00", None, "12:00", "10:00"),
        ("10:00", "09:00", "12:00", "10:00"),
        ("10:00", "11:59", "12:00", "11:59"),
        ("10:00", "12:01", "12:00", "12:00"),
        ("12:05", "12:30", "12:00", "12:05"),
    ],
)
def test_the_watermark_follows_what_was_read_and_never_passes_the_search(
    watermark: str | None, newest: str | None, began: str, after: str | None
) -> None:
    def at(text: str | None) -> datetime | None:
        return None if text is None else utc(f"2026-06-01T{text}:00")

    assert advanced(at(watermark), at(newest), utc(f"2026-06-01T{began}:00")) == at(after)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-27T10:03:11.123+0200",
        "2026-09-27T10:03:11.123+02:00",
        "2026-09-27T08:03:11.123Z",
        "2026-09-27T03:33:11.123-0430",
    ],
)
def test_jiras_moments_are_read_with_their_offset(text: str) -> None:
    assert moment(text) == utc("2026-09-27T08:03:11.123")


@pytest.mark.parametrize("text", ["", "2026-09-27", "2026-09-27T10:03:11", "soon"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"(Invalid isoformat|has no offset)"):
        moment(text)


def test_jql_for_what_has_changed_lists_the_oldest_change_first() -> None:
    assert since_jql("a = 1 OR b = 2 order by key", "2026-06-01 10:00") == (
        '(a = 1 OR b = 2) AND updated >= "2026-06-01 10:00" ORDER BY updated ASC, id ASC'
    )
    with pytest.raises(JqlBroken):
        since_jql("a = (", "2026-06-01 10:00")
