"""Starts over a year: the same ones that Airflow's cron timetable makes, both changes of the clock included."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_jira.model.schedule import PRESETS
from airflow_provider_jira.model.starts import DAY, DAYS, YEAR, cron_of, moment, rhythm, runs_at, starts

UTC = timezone.utc
HELSINKI, NEW_YORK, SYDNEY = "Europe/Helsinki", "America/New_York", "Australia/Sydney"


def airflows(schedule: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    """What Airflow's timetable starts in a span of time."""
    import pendulum
    from airflow.timetables.base import DataInterval, TimeRestriction
    from airflow.timetables.trigger import CronTriggerTimetable

    timetable = CronTriggerTimetable(schedule, timezone=zone)
    restriction = TimeRestriction(earliest=None, latest=None, catchup=True)
    at, found = pendulum.instance(begin - timedelta(minutes=1)), []
    while True:
        told = timetable.next_dagrun_info(last_automated_data_interval=DataInterval.exact(at), restriction=restriction)
        at = told.run_after
        if at >= end:
            return found
        found.append(datetime.fromtimestamp(at.timestamp(), UTC))


def ours(schedule: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    every = (YEAR + timedelta(minutes=minute) for minute in starts(schedule, zone))
    return [each for each in every if begin <= each < end]


CHANGES = [
    (HELSINKI, datetime(2028, 3, 24, tzinfo=UTC)),  # 03:00 -> 04:00 on the 26th
    (HELSINKI, datetime(2028, 10, 27, tzinfo=UTC)),  # 04:00 -> 03:00 on the 29th
    (NEW_YORK, datetime(2028, 3, 10, tzinfo=UTC)),
    (NEW_YORK, datetime(2028, 11, 3, tzinfo=UTC)),
    (SYDNEY, datetime(2028, 3, 31, tzinfo=UTC)),
    (SYDNEY, datetime(2028, 9, 29, tzinfo=UTC)),
    ("America/Havana", datetime(2028, 3, 10, tzinfo=UTC)),  # at midnight: that day has none
    ("America/Havana", datetime(2028, 11, 3, tzinfo=UTC)),
    ("Asia/Kolkata", datetime(2028, 2, 27, tzinfo=UTC)),
    ("UTC", datetime(2028, 2, 27, tzinfo=UTC)),
]


@pytest.mark.parametrize(
    "schedule",
    [
        "30 3 * * *",
        "*/10 3 * * *",
        "30 3,4 * * *",
        "0 */4 * * *",
        "*/10 * * * *",
        "7 * * * *",
        "30 1-23 * * *",
        "0 0 * * *",
        "30 2 * * sun",
        "15 6 1,26,29 * mon",
        "@hourly",
        "@daily",
        "@weekly",
    ],
)
@pytest.mark.parametrize(("zone", "begin"), CHANGES)
def test_starts_are_airflows_around_each_change_of_the_clock(schedule, zone, begin):
    end = begin + timedelta(days=5)
    assert ours(schedule, zone, begin, end) == airflows(cron_of(schedule), zone, begin, end)


minutes = st.lists(st.integers(0, 59), min_size=1, max_size=3, unique=True).map(lambda some: ",".join(map(str, some)))
hours = st.lists(st.integers(0, 23), min_size=1, max_size=4, unique=True).map(lambda some: ",".join(map(str, some)))


@settings(max_examples=60, deadline=None)
@given(minutes, hours | st.sampled_from(["*", "*/3", "1-5"]), st.sampled_from(CHANGES))
def test_any_daily_schedule_starts_when_airflow_starts_it(minute, hour, change):
    zone, begin = change
    schedule, end = f"{minute} {hour} * * *", begin + timedelta(days=4)
    assert ours(schedule, zone, begin, end) == airflows(schedule, zone, begin, end)


@pytest.mark.parametrize(
    ("zone", "day", "walls"),
    [
        (HELSINKI, 26 + 31 + 29, ["00:30", "04:30", "06:30"]),  # 03:30 does not exist on 26 March
        (HELSINKI, 27 + 31 + 29, ["00:30", "03:30", "06:30"]),
    ],
)
def test_a_start_that_the_clock_skips_comes_later_by_the_gap(zone, day, walls):
    found = [moment(minute, zone) for minute in starts("30 0,3,6 * * *", zone)]
    assert [f"{each:%H:%M}" for each in found if each.timetuple().tm_yday == day] == walls


def test_a_start_that_the_clock_shows_twice_is_the_second_one():
    (found,) = [
        each
        for each in (moment(m, HELSINKI) for m in starts("30 3 * * *", HELSINKI))
        if (each.month, each.day) == (10, 29)
    ]
    assert (found.hour, found.fold) == (3, 1)


def test_what_an_hourly_schedule_of_one_day_would_start_in_a_gap_does_not_spill_into_the_day_before():
    # in Havana the clock goes from 00:00 to 01:00 on Sunday, 12 March
    found = [moment(minute, "America/Havana") for minute in starts("30 * * * sun", "America/Havana")]
    assert {each.weekday() for each in found} == {6}
    assert next(each for each in found if (each.month, each.day) == (3, 12)).hour == 1


@pytest.mark.parametrize("schedule", PRESETS)
def test_each_preset_is_the_cron_expression_that_airflow_makes_of_it(schedule):
    try:
        from airflow.sdk.definitions.timetables._cron import CRON_PRESETS as presets  # noqa: N811
    except ImportError:  # Airflow 3.2
        from airflow.utils.dates import cron_presets as presets
    assert cron_of(schedule) == presets[schedule]


@pytest.mark.parametrize(
    ("schedule", "count"),
    [
        ("@hourly", DAYS * 24),
        ("@daily", DAYS),
        ("@weekly", 53),  # the year begins on a Saturday
        ("@monthly", 12),
        ("@quarterly", 4),
        ("@yearly", 1),
        ("0 0 29 2 *", 1),
        ("*/10 * * * *", DAYS * 144),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_a_year_has_every_start_once(schedule, count, zone):
    found = starts(schedule, zone)
    assert list(found) == sorted(set(found))
    assert abs(len(found) - count) <= (zone != "UTC")  # a year in India begins earlier than one in UTC


@pytest.mark.parametrize(
    ("schedule", "closest", "most"),
    [
        ("*/10 * * * *", 10, 144),
        ("*/45 * * * *", 15, 48),
        ("0,5 * * * *", 5, 48),
        ("0 */4 * * *", 240, 6),
        ("0 */7 * * *", 180, 4),
        ("0 0,23 * * *", 60, 2),
        ("30 6 * * *", DAY, 1),
        ("30 6 * * mon-fri", DAY, 1),
        ("0 8,18 * * mon", 600, 2),
        ("0 0 * * sat,mon", 2 * DAY, 1),
        ("@weekly", 7 * DAY, 1),
        ("@yearly", 366 * DAY, 1),
    ],
)
def test_density_is_the_closest_two_starts_and_the_fullest_day(schedule, closest, most):
    found = rhythm(schedule)
    assert (found.closest, found.most) == (closest, most)


@pytest.mark.parametrize(
    ("minute", "running"), [(9, False), (10, True), (14, True), (15, False), (20, True), (99, False)]
)
def test_a_run_is_under_way_from_its_start_for_as_long_as_it_takes(minute, running):
    assert runs_at(minute, (10, 20), 5) is running
