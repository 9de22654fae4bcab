"""Schedules, time zones, durations and clear hours: what is accepted, what is refused with which mend, and when a cache
counts as cleared."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from airflow_provider_jira.model.schedule import (
    PRESETS,
    checked_schedule,
    checked_timezone,
    cleared_between,
    duration,
)

UTC = timezone.utc


@pytest.mark.parametrize(
    ("schedule", "kept"),
    [
        ("0 */4 * * *", "0 */4 * * *"),
        ("  0   6 * * mon-fri ", "0 6 * * mon-fri"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("0 0 1,15 jan-mar *", "0 0 1,15 jan-mar *"),
        ("0 0 * * thu", "0 0 * * thu"),
        *((preset, preset) for preset in PRESETS),
    ],
)
def test_a_schedule_that_airflow_follows_is_kept(schedule, kept):
    assert checked_schedule(schedule) == kept


def test_the_presets_are_airflows_own():
    try:
        from airflow.sdk.definitions.timetables._cron import CRON_PRESETS as presets  # noqa: N811
    except ImportError:  # Airflow 3.2
        from airflow.utils.dates import cron_presets as presets

    assert set(PRESETS) == set(presets)


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ("", "five fields"),
        ("0 0 * *", "five fields"),
        ("0 0 * * * *", "five fields"),
        ("61 * * * *", "no cron expression"),
        ("0 24 * * *", "no cron expression"),
        ("a b c d e", "no cron expression"),
        ("R R * * *", "no cron expression"),
        ("0 R(1-5) * * *", "no cron expression"),
        ("H H * * *", "no cron expression"),
        ("0 0 31 2 *", "never comes"),
        ("@dayly", "did you mean @daily?"),
        ("@once", "the presets are @hourly"),
        ("none", "or null for only by hand"),
    ],
)
def test_a_schedule_that_airflow_cannot_follow_is_refused_with_a_mend(schedule, told):
    with pytest.raises(PydanticCustomError, match=re.escape(told)):
        checked_schedule(schedule)


@given(st.text(alphabet="0123456789*/,-# LWRH@abcmonju?\n", max_size=20) | st.text(max_size=20))
def test_no_text_makes_the_schedule_check_fall_over(text):
    try:
        kept = checked_schedule(text)
    except PydanticCustomError:
        return
    assert kept in PRESETS or len(kept.split()) == 5
    assert checked_schedule(kept) == kept


@pytest.mark.parametrize("name", ["UTC", "Europe/Helsinki", "America/Argentina/Buenos_Aires"])
def test_a_known_time_zone_is_kept(name):
    assert checked_timezone(name) == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Europe/Helsinky", "did you mean Europe/Helsinki?"),
        ("europe/helsinki", "did you mean Europe/Helsinki?"),
        ("Europe", "unknown time zone"),
        ("", "unknown time zone"),
        ("../../etc/passwd", "unknown time zone"),
        ("/etc/passwd", "unknown time zone"),
        ("a\0b", "unknown time zone"),
        ("+02:00", "write an IANA name"),
        ("x" * 5000, "unknown time zone"),
    ],
)
def test_an_unknown_time_zone_is_refused(name, told):
    with pytest.raises(PydanticCustomError, match=re.escape(told)):
        checked_timezone(name)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86400), (" 0s ", 0)])
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["5", "m", "5 m", "-5m", "1.5h", "5M", "PT5M", "", "\u0665m", "9999999d"])
def test_another_duration_is_refused(text):
    with pytest.raises(PydanticCustomError, match="90s, 5m, 2h or 1d"):
        duration(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "last", "now", "cleared"),
    [
        ((0,), "2026-03-01 22:00", "2026-03-01 23:59:59", False),
        ((0,), "2026-03-01 22:00", "2026-03-02 00:00", True),
        ((0,), "2026-03-02 00:00", "2026-03-02 04:00", False),  # that hour was seen by the run that began at it
        ((0,), "2026-03-02 00:10", "2026-03-02 23:00", False),
        ((0,), "2026-03-02 00:10", "2026-03-03 00:10", True),
        ((6, 18), "2026-03-02 07:00", "2026-03-02 17:59", False),
        ((6, 18), "2026-03-02 07:00", "2026-03-02 18:00", True),
        ((6, 18), "2026-03-02 05:59:59.999999", "2026-03-02 06:00", True),
        ((), "2020-01-01 00:00", "2026-01-01 00:00", False),
        ((5,), "2020-01-01 06:00", "2026-01-01 04:00", True),
        ((0,), "2026-03-02 00:00", "2026-03-01 00:00", False),  # a clock that was set back clears nothing
        ((0,), "2026-03-02 00:00", "2026-03-02 00:00", False),
    ],
)
def test_a_cache_is_cleared_once_for_each_clear_hour_that_began_since(hours, last, now, cleared):
    assert cleared_between(hours, at(last), at(now)) is cleared


def test_clear_hours_are_utc_whatever_zone_the_moments_come_in():
    helsinki = timezone(timedelta(hours=2))
    last = datetime(2026, 3, 2, 1, 30, tzinfo=helsinki)  # 23:30 UTC
    assert cleared_between((0,), last, last + timedelta(minutes=30))
    assert not cleared_between((2,), last, last + timedelta(minutes=90))


def test_moments_without_a_time_zone_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        cleared_between((0,), datetime(2026, 1, 1), at("2026-01-02 00:00"))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        cleared_between((0,), at("2026-01-02 00:00"), datetime(2026, 1, 3))  # noqa: DTZ001


moments = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.sets(st.integers(0, 23), max_size=4), moments, st.timedeltas(timedelta(0), timedelta(hours=60)))
def test_clear_hours_agree_with_looking_at_every_hour(hours, last, span):
    now = last + span
    begins = [last.replace(minute=0, second=0, microsecond=0) + timedelta(hours=step) for step in range(63)]
    assert cleared_between(hours, last, now) == any(last < each <= now and each.hour in hours for each in begins)


@given(st.sets(st.integers(0, 23)), moments, st.lists(st.timedeltas(timedelta(0), timedelta(hours=9)), max_size=6))
def test_no_clear_hour_is_lost_or_counted_twice_between_runs(hours, start, spans):
    runs = [start]
    for span in spans:
        runs.append(runs[-1] + span)
    steps = sum(cleared_between(hours, last, now) for last, now in pairwise(runs))
    assert (steps > 0) == cleared_between(hours, runs[0], runs[-1])
