"""Advice about schedules: every row of the recommended sequence, tasks that meet, and tasks that should not be alone."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_jira.model.advice import (
    Owned,
    Planned,
    companion_advice,
    shared_advice,
    size_advice,
)
from airflow_provider_jira.model.schedule import PRESETS
from airflow_provider_jira.model.sizes import TABLE, Limit, Measured, row_of, span
from airflow_provider_jira.model.starts import starts
from airflow_provider_jira.model.together import minutes_of_run, same_minute_advice, together_advice

HELSINKI = "Europe/Helsinki"


def full(name: str, schedule: str | None = "0 6 * * *", **more) -> Planned:
    return Planned("acme", name, "full", schedule, **more)


def fresh(name: str, schedule: str | None = "*/10 * * * *", of: str | None = "all", **more) -> Planned:
    return Planned("acme", name, "incremental", schedule, companion_of=of, **more)


def codes(advice) -> list[tuple[str, str]]:
    return [(each.task.removeprefix("acme__"), each.code) for each in advice]


# users below, groups below; the densest schedule that is right and one that is just too dense:
# of a full task alone, of a full task with partial load, of an incremental task
ROWS = [
    (500, 1_000, ("*/30 * * * *", "*/29 * * * *"), ("0 */6 * * *", "0 */5 * * *"), ("*/10 * * * *", "*/9 * * * *")),
    (2_000, 2_000, ("0 * * * *", "0,59 * * * *"), ("0 */6 * * *", "0 */5 * * *"), ("*/15 * * * *", "*/14 * * * *")),
    (5_000, 3_000, ("0 */4 * * *", "0 */3 * * *"), ("0 */12 * * *", "0 */8 * * *"), ("*/15 * * * *", "*/14 * * * *")),
    (10_000, 5_000, ("0 6,18 * * *", "0 */8 * * *"), ("0 6,7 * * *", "0 */8 * * *"), ("5,35 * * * *", "*/20 * * * *")),
    (50_000, 7_000, ("@daily", "0 */12 * * *"), ("@daily", "0 0,12 * * *"), ("@hourly", "*/30 * * * *")),
]


def sizes_of_row(at: int) -> list[Measured]:
    """Sizes that just belong to a row: its largest, its smallest, and users and groups on different rows."""
    users, groups, *_ = ROWS[at]
    below_users, below_groups = ROWS[at - 1][:2] if at else (0, 0)
    return [
        Measured(users - 1, groups - 1),
        Measured(below_users, 0),
        Measured(0, below_groups),
        Measured(users - 1, 0),
        Measured(0, groups - 1),
        Measured(users=users - 1),
        Measured(groups=groups - 1),
        Measured(issues=users - 1),
        Measured(issues=below_users),
    ]


@pytest.mark.parametrize(("at", "size"), [(at, size) for at in range(len(ROWS)) for size in sizes_of_row(at)])
def test_each_row_of_the_table_is_kept(at, size):
    assert row_of(size) is TABLE[at]
    _, _, alone, accompanied, incremental = ROWS[at]

    def too_dense(*tasks: Planned) -> set[str]:
        found = size_advice(tasks, {task.name: size for task in tasks})
        return {each.task.removeprefix("acme__") for each in found if each.code == "too_dense"}

    for dense, schedules in enumerate(zip(alone, accompanied, incremental, strict=True)):
        by_itself, with_partial, often = schedules
        assert too_dense(full("all", by_itself)) == ({"all"} if dense else set())
        pair = too_dense(full("all", with_partial), fresh("new", often))
        assert pair == ({"all", "new"} if dense else set())


@pytest.mark.parametrize(
    "size", [Measured(50_000, 0), Measured(0, 7_000), Measured(issues=50_000), Measured(10**6, 10**6)]
)
def test_beyond_the_table_a_task_is_looked_at_by_itself(size):
    tasks = (full("all", "* * * * *"), fresh("new", "* * * * *"))
    found = size_advice(tasks, {task.name: size for task in tasks})
    assert [each for each in codes(found) if each[1] != "large_import"] == [
        ("all", "own_measure"),
        ("new", "own_measure"),
    ]
    assert {each.severity for each in found} == {"hint"}


def test_of_users_and_groups_the_one_in_the_larger_row_wins():
    task = full("all", "0 */3 * * *")
    for size, dense in [(Measured(100, 100), False), (Measured(100, 2_500), True), (Measured(2_500, 100), True)]:
        assert bool(size_advice([task], {task.name: size})) is dense


def test_too_dense_says_how_often_it_runs_and_how_often_it_may():
    task = full("all", "*/45 * * * *")
    (found,) = size_advice([task], {task.name: Measured(700, 40)})
    assert found.text == (
        'schedule "*/45 * * * *" starts as close as 15 minutes apart, where at most every hour is recommended for '
        "a full task of 700 users and 40 groups; run it more rarely"
    )
    pair = [full("all", "0 */4 * * *"), fresh("new", "@hourly")]
    (found,) = size_advice(pair, {"acme__all": Measured(issues=400)})
    assert found.found == (
        'schedule "0 */4 * * *" starts 6 times a day, where at most 4 times a day is recommended for a full task with '
        "an incremental companion of 400 issues"
    )


@pytest.mark.parametrize(
    ("tasks", "found"),
    [
        ([full("all", "*/30 * * * *")], []),
        ([full("all", "*/29 * * * *")], [("all", "too_dense")]),
        ([full("all", "0 */5 * * *"), fresh("new")], [("all", "too_dense")]),
        ([full("all", "0 */6 * * *"), fresh("new", "*/9 * * * *")], [("new", "too_dense")]),
    ],
)
def test_a_task_of_unknown_size_is_held_against_the_smallest(tasks, found):
    advice = size_advice(tasks, {})
    assert codes(advice) == found
    assert all("of even the smallest size" in each.text for each in advice)


@pytest.mark.parametrize("task", [full("all", None), fresh("new", None)])
def test_a_task_that_is_only_started_by_hand_has_no_density(task):
    assert size_advice([task], {task.name: Measured(issues=9_000)}) == []


@pytest.mark.parametrize(
    "companion",
    [fresh("new", None), fresh("new", of="other"), fresh("new", of=None), replace(fresh("new"), connector="acne")],
)
def test_partial_load_is_used_only_with_a_scheduled_companion_of_this_very_task(companion):
    tasks = [full("all", "*/30 * * * *"), companion]
    assert size_advice(tasks, {}) == []


def test_the_changes_of_the_clock_do_not_make_a_schedule_denser():
    task = full("all", "0 */4 * * *", timezone=HELSINKI)  # once a year there are three hours between two of them
    assert min(later - at for at, later in itertools.pairwise(starts("0 */4 * * *", HELSINKI))) == 180
    assert size_advice([task], {task.name: Measured(users=4_000)}) == []


@pytest.mark.parametrize("schedule", PRESETS)
def test_presets_are_read_as_what_they_stand_for(schedule):
    task = full("all", schedule)
    found = size_advice([task], {task.name: Measured(issues=4_000)})
    assert codes(found) == ([("all", "too_dense")] if schedule == "@hourly" else [])


@pytest.mark.parametrize(
    ("size", "large"),
    [
        (Measured(issues=10_000), False),
        (Measured(issues=10_001), True),
        (Measured(6_000, 4_000), False),
        (Measured(6_000, 4_001), True),
        (Measured(), False),
    ],
)
def test_above_ten_thousand_records_there_is_more_to_do(size, large):
    tasks = [full("all", None), fresh("new", None)]
    found = [each for each in size_advice(tasks, {task.name: size for task in tasks}) if each.code == "large_import"]
    assert codes(found) == ([("all", "large_import")] if large else [])
    assert all(word in each.mend for each in found for word in ("ERROR", "workflows", "staging_path", "clear_hours"))


def test_an_incremental_task_is_questioned_where_the_full_one_could_run_as_often():
    tasks = [full("all", "0 */6 * * *"), fresh("new", "*/30 * * * *")]
    assert codes(size_advice(tasks, {"acme__new": Measured(issues=499)})) == [("new", "incremental_not_needed")]
    assert size_advice(tasks, {"acme__new": Measured(issues=500)}) == []


class TestCompanions:
    @pytest.mark.parametrize(
        ("tasks", "severity"),
        [
            ([full("all"), fresh("new")], None),
            ([full("all")], None),
            ([fresh("new")], "warning"),
            ([full("all"), fresh("new", of=None)], "warning"),
            ([replace(full("all"), connector="acne"), fresh("new")], "warning"),
            ([fresh("all"), fresh("new")], "warning"),
            ([full("all", None), fresh("new")], "hint"),
        ],
    )
    def test_an_incremental_task_needs_a_full_one_behind_it(self, tasks, severity):
        found = [each for each in companion_advice(tasks) if each.task == "acme__new"]
        assert [(each.code, each.severity) for each in found] == ([("no_full_task", severity)] if severity else [])


ISSUES = Owned(("jira", "esm", "ticket"), "issues", "project = sup")
USERS = Owned(("jira", "esm", "account"), "users")


class TestSharedRecords:
    @pytest.mark.parametrize(
        ("first", "second", "shared"),
        [
            ([ISSUES], [ISSUES], "issues"),
            ([ISSUES], [replace(ISSUES, scope="project = x")], None),
            ([ISSUES], [replace(ISSUES, place=("jira", "esm", "other"))], None),
            ([ISSUES], [replace(ISSUES, place=("jira", "other", "ticket"))], None),
            ([USERS], [USERS], "users"),
            ([USERS], [replace(USERS, scope="members_of")], "users"),
            ([replace(USERS, scope="a")], [replace(USERS, scope="b")], None),
            ([USERS], [replace(USERS, kind="groups")], None),
            ([USERS, replace(USERS, kind="groups")], [replace(USERS, kind="groups"), USERS], "groups and users"),
            ([], [], None),
        ],
    )
    def test_two_full_tasks_over_the_same_records_are_named(self, first, second, shared):
        tasks = [full("one", None, owned=tuple(first)), Planned("acne", "two", "full", None, owned=tuple(second))]
        found = shared_advice(tasks)
        assert [(each.task, each.code, each.others) for each in found] == (
            [("acne__two", "shared_records", ("acme__one",))] if shared else []
        )
        assert all(f"read the same {shared} into" in each.found for each in found)

    def test_a_companion_shares_by_intent(self):
        assert shared_advice([full("all", owned=(ISSUES,)), fresh("new", owned=(ISSUES,))]) == []


def met(*tasks: Planned) -> list[str]:
    return [each.found for each in same_minute_advice(tasks)]


class TestSameMinute:
    @pytest.mark.parametrize(
        ("first", "second", "told"),
        [
            ("30 6 * * *", "30 6 * * *", "collide at 06:30 on every day: acme__a, acme__b"),
            ("30 6 * * *", "30 */6 * * *", "collide at 06:30 on every day: acme__a, acme__b"),
            ("30 6 * * *", "31 6 * * *", None),
            ("30 6 * * *", None, None),
            ("30 6 * * mon", "30 6 * * mon,tue", "collide at 06:30 on every Monday: acme__a, acme__b"),
            ("30 6 * * 1-5", "*/30 6 * * *", "collide at 06:30 on Monday to Friday: acme__a, acme__b"),
            ("30 6 * * mon", "30 6 * * tue", None),
            ("0 */8 * * *", "@hourly", "collide at 00:00, 08:00, 16:00 on every day: acme__a, acme__b"),
            ("@daily", "@weekly", "collide at 00:00 on every Sunday: acme__a, acme__b"),
            (
                "@daily",
                "@monthly",
                "collide at 00:00 on 12 days of the year (the first around 1 January): acme__a, acme__b",
            ),
            ("@hourly", "@hourly", "collide at 00:00, 01:00 and 22 more times on every day: acme__a, acme__b"),
        ],
    )
    def test_two_tasks_that_meet_are_named_with_their_times(self, first, second, told):
        assert met(full("a", first), full("b", second)) == ([told] if told else [])

    def test_tasks_of_several_connectors_in_several_zones_meet(self):
        there = Planned("acne", "b", "full", "30 5 * * *", "Europe/Stockholm")
        (told,) = met(full("a", "30 6 * * *", timezone=HELSINKI), there)
        assert told == "collide at 06:30 (Europe/Helsinki) on every day: acme__a, acne__b"
        assert met(full("a", "30 6 * * *", timezone=HELSINKI), replace(there, schedule="30 6 * * *")) == []

    def test_zones_that_change_on_different_days_meet_between_their_changes(self):
        # seven hours apart all year, but for the weeks in which only New York has changed its clock
        (told,) = met(full("a", "30 12 * * *", timezone=HELSINKI), full("b", "30 6 * * *", timezone="America/New_York"))
        assert told == (
            "collide at 12:30 (Europe/Helsinki) on 21 days of the year (the first around 12 March): acme__a, acme__b"
        )

    @pytest.mark.parametrize(
        ("first", "second", "told"),
        [
            # the clock goes from 03:00 to 04:00: what was to start at 03:30 starts at 04:30
            (
                "30 3 * * *",
                "30 4 * * *",
                ["collide at 04:30 on one day of the year (around 26 March): acme__a, acme__b"],
            ),
            (
                "30 3 * * *",
                "30 3 * * *",
                [
                    "collide at 03:30 on every day and at 04:30 on one day of the year (around 26 March): acme__a, acme__b"
                ],
            ),
            # the clock goes from 04:00 back to 03:00: 03:30 comes twice, and only the second one, 01:30 UTC, counts
            (
                "30 3 29 10 *",
                "30 3 29 10 *",
                ["collide at 03:30 on one day of the year (around 29 October): acme__a, acme__b"],
            ),
            ("30 3 * * *", "45 3 * * *", []),
        ],
    )
    def test_the_days_on_which_the_clock_is_set(self, first, second, told):
        assert met(full("a", first, timezone=HELSINKI), full("b", second, timezone=HELSINKI)) == told

    @pytest.mark.parametrize(("utc", "count"), [("30 0 29 10 *", 0), ("30 1 29 10 *", 1)])
    def test_of_a_time_that_comes_twice_the_second_one_is_met(self, utc, count):
        assert len(met(full("a", "30 3 * * *", timezone=HELSINKI), full("b", utc))) == count

    def test_a_schedule_of_every_hour_meets_both_hours_that_the_clock_shows_as_one(self):
        # 03:30 twice on 29 October in Helsinki is 00:30 and 01:30 UTC: a task at 00:30 UTC meets the hourly one anyway
        hourly, utc = full("a", "30 * * * *", timezone=HELSINKI), full("b", "30 0,1 29 10 *")
        (told,) = met(hourly, utc)
        assert told == "collide at 03:30 (Europe/Helsinki) on one day of the year (around 29 October): acme__a, acme__b"
        (found,) = same_minute_advice([hourly, utc])
        assert found.severity == "hint"

    def test_a_pair_inside_a_larger_group_is_told_of_if_it_meets_by_itself(self):
        a, b, c = full("a", "0 6,12 * * *"), full("b", "0 6,12 * * *"), full("c", "0 6 * * *")
        assert met(a, b, c) == [
            "collide at 06:00 on every day: acme__a, acme__b, acme__c",
            "collide at 06:00, 12:00 on every day: acme__a, acme__b",
        ]

    def test_each_of_a_group_but_one_is_offered_a_minute_of_its_own(self):
        (found,) = same_minute_advice([full(name, "@daily") for name in "abcd"])
        assert found.mend == (
            "let them start apart, for instance move "
            'acme__a to "1 0 * * *", acme__b to "2 0 * * *", acme__c to "3 0 * * *"'
        )

    def test_a_task_without_a_free_minute_is_offered_none(self):
        (found,) = same_minute_advice([full("a", "0 6 * * *"), full("b", "* * * * *")])
        assert found.mend == "let them start apart"

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([0, 5, 30]), st.sampled_from(["*", "6", "*/6"]), st.sampled_from(["UTC", HELSINKI])
            ),
            min_size=2,
            max_size=4,
        )
    )
    def test_two_tasks_are_named_together_just_if_they_start_together(self, some):
        tasks = [
            full(f"t{at}", f"{minute} {hour} * * *", timezone=zone) for at, (minute, hour, zone) in enumerate(some)
        ]
        named = [{each.task, *each.others} for each in same_minute_advice(tasks)]
        for one, two in itertools.combinations(tasks, 2):
            together = not set(starts(str(one.schedule), one.timezone)).isdisjoint(
                starts(str(two.schedule), two.timezone)
            )
            assert any({one.name, two.name} <= group for group in named) is together

    @pytest.mark.parametrize(
        "schedules", [("0 */4 * * *", "*/10 * * * *"), ("@daily",) * 5, ("*/10 * * * *", "*/15 * * * *")]
    )
    def test_who_follows_the_advice_has_no_task_that_meets_another(self, schedules):
        tasks = {f"t{at}": full(f"t{at}", schedule) for at, schedule in enumerate(schedules)}
        for _ in schedules:
            for advice in same_minute_advice(list(tasks.values()))[:1]:
                for told in advice.mend.removeprefix("let them start apart, for instance move ").split('", '):
                    name, cron = told.rstrip('"').split(' to "')
                    tasks[name.removeprefix("acme__")] = full(name.removeprefix("acme__"), cron)
        assert same_minute_advice(list(tasks.values())) == []


class TestTogether:
    @pytest.mark.parametrize(("count", "warned"), [(6, False), (7, True)])
    def test_more_than_six_that_start_in_one_window_are_too_many(self, count, warned):
        tasks = [full(f"t{at}", f"{at} 6 * * *") for at in range(count)]
        found = together_advice(tasks, {})
        assert [each.code for each in found] == (["many_together"] if warned else [])
        if warned:
            assert found[0].found.startswith(
                "up to 7 tasks run together (taken to run 10 minutes each), first at 06:06 (UTC), more than 6 on every day: "
                "acme__t0, acme__t1"
            )

    def test_tasks_that_end_before_the_next_begin_do_not_run_together(self):
        assert together_advice([full(f"t{at}", f"{at * 5} 6 * * *") for at in range(12)], {}) == []

    def test_sizes_lengthen_runs(self):
        tasks = [full(f"t{at}", f"{at * 5} 6 * * *") for at in range(8)]
        sizes = {task.name: Measured(issues=60_000) for task in tasks}
        (found,) = together_advice(tasks, sizes)
        assert "up to 8 tasks run together (by the guessed length of their runs), first at 06:35" in found.found

    def test_a_task_does_not_run_beside_itself(self):
        tasks = [full(f"t{at}", "* * * * *") for at in range(6)]
        assert together_advice(tasks, {task.name: Measured(issues=10**6) for task in tasks}) == []

    def test_one_day_is_told_as_one_day(self):
        tasks = [full(f"t{at}", "0 6 29 2 *") for at in range(7)]
        (found,) = together_advice(tasks, {})
        assert "on one day of the year (around 29 February)" in found.found

    @pytest.mark.parametrize(
        ("fetch_type", "size", "minutes"),
        [
            ("full", Measured(), 10),
            ("full", Measured(issues=0), 1),
            ("full", Measured(issues=1), 2),
            ("full", Measured(1_000, 1_000), 3),
            ("incremental", Measured(issues=50_000), 2),
        ],
    )
    def test_the_guess_of_a_runs_length(self, fetch_type, size, minutes):
        assert minutes_of_run(fetch_type, size) == minutes


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (Limit(every=10), "every 10 minutes"),
        (Limit(every=60), "every hour"),
        (Limit(every=240), "every 4 hours"),
        (Limit(a_day=1), "once a day"),
        (Limit(a_day=2), "twice a day"),
        (Limit(a_day=4), "4 times a day"),
        (Limit(), "by its own measurements"),
    ],
)
def test_limits_are_told_as_people_say_them(limit, told):
    assert str(limit) == told


@pytest.mark.parametrize(
    ("minutes", "told"), [(1, "1 minute"), (90, "90 minutes"), (60, "1 hour"), (1440, "1 day"), (2880, "2 days")]
)
def test_spans_are_told_in_their_largest_whole_unit(minutes, told):
    assert span(minutes) == told
