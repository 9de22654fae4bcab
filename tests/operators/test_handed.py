"""What a task takes from the tasks before it: results of those that succeeded, never a left-over."""

from __future__ import annotations

import pytest

from airflow_provider_jira.operators.handed import Handed, NothingHanded


@pytest.fixture
def handed(airflow_run):
    """What a task sees of a run with these states and XComs."""
    return lambda states=None, xcoms=None: Handed({"ti": airflow_run(states, xcoms)})


PLANNED = {"partitions": [{}, {}, {}]}
REVIEWED = {"shares": [{}, {}], "approval": None}
GOOD = {
    ("plan", -1, "planned"): PLANNED,
    ("extract", 0, "return_value"): {"at": 0},
    ("extract", 1, "return_value"): {"at": 1},
    ("extract", 2, "return_value"): {"at": 2},
    ("review", -1, "reviewed"): REVIEWED,
    ("load", 0, "return_value"): {"share": 0},
    ("load", 1, "return_value"): {"share": 1},
    ("mark_removed", -1, "return_value"): {"verdicts": {}},
}
DONE = {
    "plan": "success",
    "extract_0": "success",
    "extract_1": "success",
    "extract_2": "success",
    "review": "success",
    "approve": "success",
    "load_0": "success",
    "load_1": "success",
    "mark_removed": "success",
    "commit": "running",
}


def test_review_gets_every_partition_in_order(handed):
    assert handed(xcoms=GOOD).extracted(PLANNED) == [{"at": 0}, {"at": 1}, {"at": 2}]


def test_a_partition_of_an_earlier_longer_plan_is_not_taken_for_one_of_this_plan(handed):
    assert handed(xcoms=GOOD).extracted({"partitions": [{}, {}]}) == [{"at": 0}, {"at": 1}]


def test_a_partition_without_result_stops_review_because_its_records_would_look_removed(handed):
    lost = {key: value for key, value in GOOD.items() if key != ("extract", 1, "return_value")}
    with pytest.raises(NothingHanded, match="1 of the 3 extract tasks"):
        handed(xcoms=lost).extracted(PLANNED)


@pytest.mark.parametrize(("ask", "task"), [(Handed.planned, "plan"), (Handed.reviewed, "review")])
def test_a_task_whose_predecessor_left_nothing_says_what_to_clear(handed, ask, task):
    with pytest.raises(NothingHanded, match=f"Clear {task} with its downstream tasks"):
        ask(handed())


def test_commit_gets_everything_of_a_good_run(handed):
    left = handed(DONE, GOOD).everything()
    assert (left.planned, left.reviewed, left.removed, left.failed) == (PLANNED, REVIEWED, {"verdicts": {}}, [])
    assert left.extracted == [{"at": 0}, {"at": 1}, {"at": 2}]
    assert left.loaded == [{"share": 0}, {"share": 1}]


@pytest.mark.parametrize(
    ("states", "failed", "planned", "extracted", "reviewed", "loaded", "removed"),
    [
        pytest.param({"plan": "failed"}, ["plan"], False, 0, False, 0, False, id="plan failed"),
        pytest.param(
            {"plan": "success", "extract_0": "success", "extract_1": "failed", "extract_2": "success"},
            ["extract[1]"], True, 2, False, 0, False, id="one partition failed",
        ),
        pytest.param(
            {**DONE, "approve": "failed", "load": "upstream_failed", "mark_removed": "upstream_failed"}
            | {"load_0": "removed", "load_1": "removed"},
            ["approve"], True, 3, True, 0, False, id="rejected",
        ),
        pytest.param(
            {**DONE, "load_0": "success", "load_1": "failed", "mark_removed": "upstream_failed"},
            ["load[1]"], True, 3, True, 1, False, id="one share failed",
        ),
        pytest.param(
            {**{name: state for name, state in DONE.items() if not name.startswith("load")}, "load": "skipped"},
            [], True, 3, True, 0, True, id="nothing to write",
        ),
        pytest.param({}, [], False, 0, False, 0, False, id="nobody knows"),
    ],
)  # fmt: skip
def test_commit_gets_what_succeeded_and_the_names_of_what_failed(
    handed, states, failed, planned, extracted, reviewed, loaded, removed
):
    left = handed(states, GOOD).everything()
    assert left.failed == failed
    assert (left.planned is not None, left.reviewed is not None, left.removed is not None) == (
        planned,
        reviewed,
        removed,
    )
    assert (len(left.extracted), len(left.loaded)) == (extracted, loaded)


def test_results_come_in_the_order_of_the_shares_in_whatever_order_airflow_names_them(handed):
    states = {"plan": "success", "review": "success"} | {f"load_{at}": "success" for at in reversed(range(12))}
    xcoms = {("review", -1, "reviewed"): REVIEWED} | {("load", at, "return_value"): {"share": at} for at in range(12)}
    assert [each["share"] for each in handed(states, xcoms).everything().loaded] == list(range(12))


RELATED = {"shares": [{}, {}, {}]}
TWO_WAVES = {
    **GOOD,
    ("relate", -1, "related"): RELATED,
    ("load_related", 0, "return_value"): {"share": 10},
    ("load_related", 1, "return_value"): {"share": 11},
    ("load_related", 2, "return_value"): {"share": 12},
}
BOTH_DONE = {**DONE, "relate": "success"} | {f"load_related_{at}": "success" for at in range(3)}


def test_commit_gets_both_waves_the_first_before_the_second(handed):
    left = handed(dict(reversed(BOTH_DONE.items())), TWO_WAVES).everything()
    assert [each["share"] for each in left.loaded] == [0, 1, 10, 11, 12]
    assert (left.related, left.failed) == (RELATED, [])


@pytest.mark.parametrize(
    ("states", "shares", "related", "failed"),
    [
        pytest.param({"load_related_1": "failed"}, [0, 1, 10, 12], True, ["load_related[1]"], id="a share failed"),
        pytest.param(
            {"relate": "failed"} | {f"load_related_{at}": "removed" for at in range(3)},
            [0, 1], False, ["relate"], id="relate failed",
        ),
        pytest.param({"relate": "running"}, [0, 1], False, [], id="relate was cleared, its shares are left over"),
        pytest.param(
            {"load_1": "failed", "relate": "upstream_failed"} | {f"load_related_{at}": "removed" for at in range(3)},
            [0], False, ["load[1]"], id="the first wave failed",
        ),
        pytest.param(
            {"load_0": "removed", "load_1": "removed", "load": "skipped"},
            [10, 11, 12], True, [], id="the first wave had nothing to write",
        ),
    ],
)  # fmt: skip
def test_what_is_left_of_a_second_wave_counts_by_the_states_of_its_tasks(handed, states, shares, related, failed):
    left = handed({**BOTH_DONE, **states}, TWO_WAVES).everything()
    assert [each["share"] for each in left.loaded] == shares
    assert (left.related is not None, left.failed) == (related, failed)


def test_a_run_without_second_wave_has_nothing_related(handed):
    assert handed(DONE, GOOD).everything().related is None


def test_mapped_tasks_are_told_apart_though_one_name_begins_like_the_other(handed):
    states = {"load_0": "success", "load_related_0": "failed", "load_related": "skipped", "extract_11": "success"}
    assert handed(states).states() == {
        "load[0]": "success",
        "load_related[0]": "failed",
        "load_related": "skipped",
        "extract[11]": "success",
    }
