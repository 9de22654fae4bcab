"""Dates in JQL are read in the caller's zone, at the granularity of a minute; answers are in the site's zone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_jira.sandbox.jira.jql.dates import Clock
from airflow_provider_jira.sandbox.jira.jql.reader import JqlError
from airflow_provider_jira.sandbox.jira.jql.tree import Call, Word

NOW = datetime(2026, 5, 20, 14, 30, 45, tzinfo=timezone.utc)  # a Wednesday


def utc(text):
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "zone", "wanted"),
    [
        ("2026-05-20 10:03", "UTC", "2026-05-20T10:03:00"),
        ("2026/05/20 10:03", "Europe/Helsinki", "2026-05-20T07:03:00"),
        ("2026-05-20", "America/New_York", "2026-05-20T04:00:00"),
        ("2026-01-20", "America/New_York", "2026-01-20T05:00:00"),
        ("-15m", "Europe/Helsinki", "2026-05-20T14:15:00"),
        ("-1h 30m", "UTC", "2026-05-20T13:00:00"),
        ("+1d", "UTC", "2026-05-21T14:30:00"),
        ("2w", "UTC", "2026-06-03T14:30:00"),
    ],
)
def test_a_date_is_read_in_the_callers_zone(text, zone, wanted):
    assert Clock(NOW, zone).instant(Word(text, quoted=True), "updated") == utc(wanted)


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("startOfDay", (), "2026-05-19T21:00:00"),
        ("startOfDay", ("-1",), "2026-05-18T21:00:00"),
        ("startOfDay", ("+2h",), "2026-05-19T23:00:00"),
        ("startOfWeek", (), "2026-05-16T21:00:00"),
        ("startOfMonth", (), "2026-04-30T21:00:00"),
        ("startOfYear", (), "2025-12-31T22:00:00"),
        ("endOfDay", (), "2026-05-20T20:59:59.999"),
        ("endOfMonth", (), "2026-05-31T20:59:59.999"),
        ("endOfYear", (), "2026-12-31T21:59:59.999"),
        ("now", (), "2026-05-20T14:30:45"),
    ],
)
def test_functions_of_time_are_of_the_callers_zone(name, arguments, wanted):
    found = Clock(NOW, "Europe/Helsinki").instant(Call(name, arguments), "updated")
    assert found == pytest.approx(utc(wanted), abs=1)


@pytest.mark.parametrize("text", ["yesterday", "2026-05-20 10:03:11", "2026-05-20T10:03", "20.5.2026", "-5x", ""])
def test_other_forms_are_refused(text):
    with pytest.raises(JqlError, match="invalid"):
        Clock(NOW, "UTC").instant(Word(text, quoted=True), "updated")
    with pytest.raises(JqlError, match="offset"):
        Clock(NOW, "UTC").instant(Call("startOfDay", (text or "x",)), "updated")


@pytest.mark.parametrize(("fold", "wanted"), [(0, "2026-10-25T00:30:00"), (1, "2026-10-25T01:30:00")])
def test_the_repeated_hour_means_what_is_switched(fold, wanted):
    clock = Clock(NOW, "Europe/Helsinki", repeated_hour=fold)
    assert clock.instant(Word("2026-10-25 03:30"), "updated") == utc(wanted)


@pytest.mark.parametrize(("precision", "wanted"), [(60_000, 1_780_000_020_000), (1, 1_780_000_050_123)])
def test_epoch_milliseconds_are_as_precise_as_switched(precision, wanted):
    clock = Clock(NOW, "Europe/Helsinki", precision_ms=precision)
    assert clock.instant(Word("1780000050123"), "updated") == wanted
    with pytest.raises(JqlError):
        clock.instant(Word("1780000050123", quoted=True), "updated")


@pytest.mark.parametrize("hidden", [False, True])
def test_a_site_compares_in_the_profiles_zone_and_in_its_own_where_that_is_hidden(open_jira, hidden):
    jira = open_jira(profile_time_zone=None if hidden else "America/New_York")
    id_ = jira.ids("project = SUP order by id")[0]
    jira.world("issues", id=id_, fields={"summary": "touched"})
    at = datetime.fromtimestamp(jira.time, ZoneInfo("Europe/Helsinki" if hidden else "America/New_York"))
    assert jira.ids(f'updated >= "{at:%Y-%m-%d %H:%M}"') == [id_]
    assert jira.ids(f'updated >= "{at + timedelta(minutes=1):%Y-%m-%d %H:%M}"') == []
    assert ("timeZone" in jira.get("/myself")) is not hidden


def test_two_changes_in_one_minute_cannot_be_told_apart_by_a_date(jira):
    first, second = jira.ids("project = SUP order by id")[:2]
    jira.time = 1_780_000_020.0  # a whole minute
    jira.world("issues", id=first, fields={"summary": "a"})
    jira.time += 59
    jira.world("issues", id=second, fields={"summary": "b"})
    assert jira.ids(f"updated >= {int(jira.time * 1000)} order by id") == [first, second]
    jira.turn(epoch_precision="millisecond")
    assert jira.ids(f"updated >= {int(jira.time * 1000)} order by id") == [second]


def test_answers_carry_milliseconds_and_the_sites_offset_without_colon(jira):
    jira.time += 0.0625
    id_ = jira.world("issues", fields={"summary": "new"})["id"]
    assert jira.get(f"/issue/{id_}")["fields"]["created"] == "2026-05-28T23:26:40.062+0300"
    jira.time -= 0.0625
    info = jira.get("/serverInfo")
    assert (info["serverTime"], info["serverTimeZone"]) == ("2026-05-28T23:26:40.000+0300", "Europe/Helsinki")
    jira.turn(clock_offset=90, site_time_zone="UTC")
    assert jira.get("/serverInfo")["serverTime"] == "2026-05-28T20:28:10.000+0000"
