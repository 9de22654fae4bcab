"""A value becomes what people know it by, a date becomes that date, and what is neither is refused."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model.card import Day, Instant, Static, Value
from airflow_provider_jira.model.text import clean
from airflow_provider_jira.model.values import Unusable, as_day, as_instant, as_text, fixed, plain_values

HELSINKI = ZoneInfo("Europe/Helsinki")
NEW_YORK = ZoneInfo("America/New_York")
UTC = ZoneInfo("UTC")

DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "so", "marks": [{"type": "strong"}]}]}],
}
USER = {"self": "…", "accountId": "5b1", "displayName": "Ann Lee", "emailAddress": "ann@x.example", "active": True}

TEXTS: list[tuple[str, Any, list[str | int | float]]] = [
    ("text", " a ", [" a "]),
    ("empty text", "", []),
    ("blank text", " \n\t", []),
    ("control characters", "a\x00b\x1fc", ["abc"]),
    ("only control characters", "\x01\x02", []),
    ("line breaks stay", "a\nb\tc\r\n", ["a\nb\tc\r\n"]),
    ("whole number", 5, [5]),
    ("zero", 0, [0]),
    ("number as Jira sent it", 5.0, [5.0]),
    ("fraction", 0.25, [0.25]),
    ("true", True, ["true"]),
    ("false", False, ["false"]),
    ("null", None, []),
    ("labels", ["a", "b", ""], ["a", "b"]),
    ("array in an array", [["a"], [], [["b"]]], ["a", "b"]),
    ("option", {"self": "…", "id": "10500", "value": "First line"}, ["First line"]),
    ("cascading option", {"value": "A", "id": "1", "child": {"value": "A1", "id": "2"}}, ["A / A1"]),
    ("cascading option has two levels", {"value": "A", "child": {"value": "B", "child": {"value": "C"}}}, ["A / B"]),
    ("cascading option without child", {"value": "A", "id": "1"}, ["A"]),
    ("cascading option with an empty child", {"value": "A", "child": {"value": ""}}, ["A"]),
    ("option whose value is a number", {"id": "1", "value": 3}, ["3"]),
    ("person", USER, ["Ann Lee"]),
    ("persons", [USER, {"accountId": "5b2", "displayName": "Bo"}], ["Ann Lee", "Bo"]),
    ("person with an old user name", {"name": "ann", "key": "ann", "displayName": "Ann Lee"}, ["Ann Lee"]),
    ("group", {"name": "jira-users", "groupId": "g", "self": "…"}, ["jira-users"]),
    ("project", {"id": "1", "key": "SUP", "name": "Support"}, ["Support"]),
    ("status", {"name": "Open", "id": "1", "statusCategory": {"key": "new"}}, ["Open"]),
    ("parent", {"id": "1", "key": "SUP-7", "fields": {"summary": "x"}}, ["SUP-7"]),
    ("sprint", [{"id": 1, "name": "Sprint 1", "state": "active"}], ["Sprint 1"]),
    ("rich text", DOCUMENT, ["so"]),
    ("rich text without content", {"type": "doc", "version": 1, "content": []}, []),
    ("empty object", {}, []),
    ("named by nothing", {"name": None, "id": "1"}, []),
    ("named by blanks", {"displayName": " ", "name": "", "key": "K"}, ["K"]),
]


@pytest.mark.parametrize(("raw", "expected"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_a_value_becomes_the_text_by_which_people_know_it(raw: Any, expected: list[Any]) -> None:
    found = plain_values(raw, None)

    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


@pytest.mark.parametrize(
    ("form", "text"), [(None, "so"), ("plain", "so"), ("markdown", "**so**"), ("html", "<p><strong>so</strong></p>")]
)
def test_rich_text_becomes_what_the_definition_says_and_other_text_passes(form: Any, text: str) -> None:
    assert plain_values([DOCUMENT, "a*b<"], form) == [text, "a*b<"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"id": "1", "self": "…"}, "not_scalar"),
        ({"type": {"name": "Blocks"}, "outwardIssue": {"key": "A-1"}}, "not_scalar"),
        ({"name": {"en": "x"}}, "not_scalar"),
        ({"value": ["x"]}, "not_scalar"),
        ([{"votes": 1}], "not_scalar"),
        ({"value": "A", "child": {"id": "2"}}, "not_scalar"),
        (object(), "not_scalar"),
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
    ],
)
def test_what_has_no_text_is_refused(raw: Any, code: str) -> None:
    with pytest.raises(Unusable) as refused:
        plain_values(raw, None)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a\x00", "a"),
        ("", ""),
        (3, 3),
        (3.5, 3.5),
        (True, "true"),
        (False, "false"),
        ({"code": "x"}, Static("x")),
        ({"code": 7}, Static("7")),
    ],
)
def test_what_the_definition_says_becomes_a_value(written: Any, expected: Value) -> None:
    assert fixed(written) == expected
    assert type(fixed(written)) is type(expected)


@pytest.mark.parametrize(
    "written", [None, [], ["a"], {}, {"value": "x"}, {"code": "x", "value": "y"}, {"code": None}, math.nan]
)
def test_what_is_no_value_in_a_definition_is_refused(written: Any) -> None:
    with pytest.raises(Unusable, match="not_scalar"):
        fixed(written)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (3.5, "3.5"),
        (1e22, "10000000000000000000000"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_a_value_is_written_as_an_administrator_would_type_it(value: Any, text: str) -> None:
    assert as_text(value) == text


DAYS = [
    ("bare date", "2026-10-15", HELSINKI, "2026-10-15"),
    ("bare date, west", "2026-10-15", NEW_YORK, "2026-10-15"),
    ("the same day", "2026-09-27T10:03:11.123+0200", HELSINKI, "2026-09-27"),
    ("the next day there", "2026-09-27T23:30:00.000+0200", HELSINKI, "2026-09-28"),
    ("the day before there", "2026-09-27T01:00:00.000+0200", NEW_YORK, "2026-09-26"),
    ("offset with colon", "2026-09-27T22:30:00+00:00", HELSINKI, "2026-09-28"),
    ("Z", "2026-09-27T22:30:00.000Z", HELSINKI, "2026-09-28"),
    ("no seconds", "2026-09-27T21:30-02:30", UTC, "2026-09-28"),
    ("no offset: there", "2026-09-27 23:30:00", HELSINKI, "2026-09-27"),
    ("winter", "2026-12-31T22:30:00.000+0000", HELSINKI, "2027-01-01"),
    ("leap day", "2028-02-29", UTC, "2028-02-29"),
    ("blanks around", " 2026-10-15 ", UTC, "2026-10-15"),
]
INSTANTS = [
    ("Jira's own form", "2026-09-27T10:03:11.123+0200", HELSINKI, "2026-09-27T08:03:11Z"),
    ("fractions are dropped, not rounded", "2026-09-27T10:03:11.999Z", HELSINKI, "2026-09-27T10:03:11Z"),
    ("west", "2026-09-27T22:03:11.000-0330", HELSINKI, "2026-09-28T01:33:11Z"),
    ("offset with colon", "2026-09-27T10:03:11+05:45", UTC, "2026-09-27T04:18:11Z"),
    ("bare date: midnight there, summer", "2026-07-01", HELSINKI, "2026-06-30T21:00:00Z"),
    ("bare date: midnight there, winter", "2026-12-01", HELSINKI, "2026-11-30T22:00:00Z"),
    ("no offset: there", "2026-12-01T12:00:00", NEW_YORK, "2026-12-01T17:00:00Z"),
    ("the hour that comes twice: the first", "2026-10-25T03:30:00", HELSINKI, "2026-10-25T00:30:00Z"),
    ("the hour that comes twice, with offset", "2026-10-25T03:30:00.000+0200", HELSINKI, "2026-10-25T01:30:00Z"),
    ("year 2", "0002-01-01T00:00:00Z", UTC, "0002-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("text", "zone", "expected"), [case[1:] for case in DAYS], ids=[case[0] for case in DAYS])
def test_a_moment_falls_on_the_day_that_the_definitions_zone_has_then(text: str, zone: ZoneInfo, expected: str) -> None:
    assert as_day(text, zone) == Day(expected)


@pytest.mark.parametrize(
    ("text", "zone", "expected"), [case[1:] for case in INSTANTS], ids=[case[0] for case in INSTANTS]
)
def test_a_moment_is_the_same_moment_in_utc(text: str, zone: ZoneInfo, expected: str) -> None:
    assert as_instant(text, zone) == Instant(expected)


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2026-13-01", "2026-02-30", "2026-1-5", "26-01-05", "2026-01-05T25:00:00Z", "2026-01-05T10:00:60Z", "2026-01-05T10",
     "2026-01-05T10:00:00+2", "2026-01-05T10:00:00+9900", "2026-01-05x", "20260105", "2026-01-05T1\u0660:00:00Z", "0000-01-01", 20260105, 1.5,
     Static("2026-01-05")],
)  # fmt: skip
def test_what_is_no_date_is_refused(value: Any) -> None:
    for read in (as_day, as_instant):
        with pytest.raises(Unusable, match="not_a_date"):
            read(value, UTC)


@pytest.mark.parametrize(
    ("text", "zone"), [("9999-12-31T23:59:59-1200", HELSINKI), ("0001-01-01T00:00:00+1200", NEW_YORK)]
)
def test_a_moment_outside_of_the_calendar_is_refused(text: str, zone: ZoneInfo) -> None:
    for read in (as_day, as_instant):
        with pytest.raises(Unusable, match="not_a_date"):
            read(text, zone)


MOMENTS = st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001
OFFSETS = st.integers(min_value=-14 * 60, max_value=14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, OFFSETS, st.sampled_from([HELSINKI, NEW_YORK, UTC]))
def test_in_whatever_offset_jira_writes_a_moment_it_is_read_the_same(
    moment: datetime, offset: timezone, zone: ZoneInfo
) -> None:
    there = moment.astimezone(offset)
    written = f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond // 1000:03}{there:%z}"

    assert as_instant(written, zone) == Instant(moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z")
    assert as_day(written, zone) == Day(moment.astimezone(zone).date().isoformat())


@given(st.text())
def test_any_text_is_a_date_or_refused_as_none(text: str) -> None:
    try:
        assert as_day(text, UTC).iso in text
    except Unusable as unusable:
        assert unusable.code == "not_a_date"  # noqa: PT017 - either outcome is right


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_cleaned_text_is_what_xml_can_carry_and_nothing_else_is_lost(text: str) -> None:
    def carried(char: str) -> bool:
        code = ord(char)
        return char in "\t\n\r" or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000

    assert clean(text) == "".join(char for char in text if carried(char))
