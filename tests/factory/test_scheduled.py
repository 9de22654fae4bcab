"""The DAG of one scheduled task: what runs after what, when it starts, what it is given."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from airflow.sdk import TriggerRule

from airflow_provider_jira.factory import build_dags
from airflow_provider_jira.factory.scheduled import PARALLEL

try:
    from airflow.serialization.serialized_objects import DagSerialization
except ImportError:  # one name until 3.1, the other since
    from airflow.serialization.serialized_objects import SerializedDAG as DagSerialization

# Reading a DAG as the scheduler does makes the oldest standard providers import names that Airflow has since moved.
pytestmark = pytest.mark.filterwarnings("ignore:.*airflow.* is deprecated")


@pytest.fixture
def support(folder):
    """The DAG with everything in it."""
    return build_dags(folder)["acme__support_tickets"]


@pytest.fixture
def by_hand(folder):
    """The DAG with as little as possible in it."""
    return build_dags(folder)["acme__by_hand"]


def upstream(dag):
    return {task.task_id: set(task.upstream_task_ids) for task in dag.tasks}


def test_the_steps_follow_each_other(by_hand):
    assert upstream(by_hand) == {
        "plan": set(),
        "extract": {"plan"},
        "review": {"extract"},
        "load": {"review"},
        "mark_removed": {"load"},
        "commit": {"mark_removed"},
    }


def test_an_approval_stands_before_everything_that_writes(support):
    assert upstream(support) == {
        "plan": set(),
        "extract": {"plan"},
        "review": {"extract"},
        "approve": {"review"},
        "load": {"review", "approve"},
        "mark_removed": {"load", "approve"},
        "commit": {"mark_removed"},
    }


def test_cards_that_point_at_each_other_are_written_in_two_waves(town):
    assert upstream(build_dags(town)["town__tickets"]) == {
        "plan": set(),
        "extract": {"plan"},
        "review": {"extract"},
        "load": {"review"},
        "relate": {"load"},
        "load_related": {"relate"},
        "mark_removed": {"load_related"},
        "commit": {"mark_removed"},
    }


def test_an_approval_stands_before_the_second_wave_too(town):
    assert upstream(build_dags(town)["town__people"]) == {
        "plan": set(),
        "extract": {"plan"},
        "review": {"extract"},
        "approve": {"review"},
        "load": {"review", "approve"},
        "relate": {"load", "approve"},
        "load_related": {"relate"},
        "mark_removed": {"load_related", "approve"},
        "commit": {"mark_removed"},
    }


@pytest.mark.parametrize(
    ("task", "second_wave"),
    [("tickets", True), ("tickets_fresh", True), ("changes", False), ("people", True), ("groups_only", False)],
)
def test_only_a_task_whose_cards_point_at_its_own_cards_has_a_second_wave(town, task, second_wave):
    tasks = set(build_dags(town)[f"town__{task}"].task_ids)
    assert tasks >= {"plan", "extract", "review", "load", "mark_removed", "commit"}
    assert tasks & {"relate", "load_related"} == ({"relate", "load_related"} if second_wave else set())


@pytest.mark.parametrize(
    ("task", "asks"), [("people", True), ("tickets", False), ("tickets_fresh", False), ("groups_only", False)]
)
def test_somebody_is_asked_where_one_part_of_the_task_says_so(town, task, asks):
    assert build_dags(town)[f"town__{task}"].has_task("approve") is asks


WRITERS = {"load", "relate", "load_related", "mark_removed"}


def ends(dag, failing=(), empty=()):
    """How each task of a run ends, by its trigger rule.

    A mapped task without anything to map over is skipped as soon as that is known, whatever else it waits for.
    """
    states = {}
    for task in dag.topological_sort():
        before = {states[name] for name in task.upstream_task_ids}
        stopped = bool(before & {"failed", "upstream_failed"}) and task.trigger_rule != TriggerRule.ALL_DONE
        source = task.expand_input.value.popitem()[1].operator.task_id if task.is_mapped else None
        if task.task_id in empty and states[source] == "success":
            states[task.task_id] = "skipped"
        elif stopped:
            states[task.task_id] = "upstream_failed"
        elif "skipped" in before and task.trigger_rule == TriggerRule.ALL_SUCCESS:
            states[task.task_id] = "skipped"
        else:
            states[task.task_id] = "failed" if task.task_id in failing else "success"
    return states


@pytest.mark.parametrize("empty", [(), ("load",), ("extract",), ("extract", "load"), ("load", "load_related")])
@pytest.mark.parametrize("name", ["acme__support_tickets", "town__people"])
def test_after_a_rejected_approval_nothing_that_writes_runs_however_little_there_is(folder, town, name, empty):
    dag = {**build_dags(folder), **build_dags(town)}[name]
    states = ends(dag, failing=("approve",), empty=empty)
    assert {task: states[task] for task in WRITERS & set(states) if states[task] == "success"} == {}
    assert states["commit"] == "success"


@pytest.mark.parametrize("empty", [(), ("load",), ("extract", "load"), ("load_related",), ("load", "load_related")])
@pytest.mark.parametrize("name", ["acme__support_tickets", "town__people", "town__tickets", "town__changes"])
def test_nothing_to_write_in_one_wave_stops_neither_the_other_nor_the_marking(folder, town, name, empty):
    dag = {**build_dags(folder), **build_dags(town)}[name]
    states = ends(dag, empty=empty)
    assert {task for task, state in states.items() if state != "success"} == set(empty) & set(states)


@pytest.mark.parametrize("failing", ["plan", "extract", "review", "load", "relate", "load_related"])
def test_after_a_failure_nothing_is_marked_and_commit_runs(town, failing):
    dag = build_dags(town)["town__people"]
    states = ends(dag, failing=(failing,))
    assert (states[failing], states["mark_removed"], states["commit"]) == ("failed", "upstream_failed", "success")
    assert states["load_related"] != "success"


def test_the_second_wave_is_mapped_over_what_relate_returns(town):
    task = build_dags(town)["town__people"].get_task("load_related")
    expanded = task.expand_input.value["share"]
    assert (expanded.operator.task_id, expanded.key) == ("relate", "return_value")
    assert task.partial_kwargs["map_index_template"] == "{{ task.share['label'] }}"
    assert task.partial_kwargs["max_active_tis_per_dagrun"] == PARALLEL


@pytest.mark.parametrize("name", ["tickets", "tickets_fresh", "changes", "people", "groups_only"])
def test_the_scheduler_reads_back_every_kind_of_dag(town, name):
    dag = build_dags(town)[f"town__{name}"]
    _, seen = scheduler_s_view(dag)
    assert upstream(seen) == upstream(dag)


def test_where_the_run_shall_fail_instead_nobody_is_asked(folder):
    file = folder / "acme.yaml"
    file.write_text(file.read_text().replace('"5 - Removed"}', '"5 - Removed", on_exceeded: fail}'))
    assert "approve" not in upstream(build_dags(folder)["acme__support_tickets"])


def test_a_failure_stops_everything_after_it_but_commit_and_nothing_to_write_stops_nothing(support):
    assert {task.task_id: task.trigger_rule for task in support.tasks} == {
        "plan": TriggerRule.ALL_SUCCESS,
        "extract": TriggerRule.ALL_SUCCESS,
        "review": TriggerRule.NONE_FAILED,
        "approve": TriggerRule.ALL_SUCCESS,
        "load": TriggerRule.ALL_SUCCESS,
        "mark_removed": TriggerRule.NONE_FAILED,
        "commit": TriggerRule.ALL_DONE,
    }


def test_extract_and_load_are_mapped_over_what_plan_and_review_return(support):
    for name, argument, source in (("extract", "partition", "plan"), ("load", "share", "review")):
        task = support.get_task(name)
        expanded = task.expand_input.value[argument]
        assert (expanded.operator.task_id, expanded.key) == (source, "return_value")
        assert task.partial_kwargs["map_index_template"] == "{{ task." + argument + "['label'] }}"


def test_runs_never_overlap_and_are_never_made_up_for(support):
    assert support.max_active_runs == 1
    assert support.catchup is False


def test_what_can_be_chosen_by_hand_is_two_switches_that_are_off(support):
    assert {name: support.params[name] for name in support.params} == {"clear_cache": False, "accept_removals": False}
    for name in support.params:
        param = support.params.get_param(name)
        assert param.schema["type"] == "boolean"
        assert param.schema["title"]
        assert param.description
        with pytest.raises(Exception, match="not of type 'boolean'"):
            param.resolve("yes")


@pytest.mark.parametrize(
    ("task", "choices"),
    [
        ("tickets", {"clear_cache", "accept_removals"}),
        ("people", {"clear_cache", "accept_removals"}),
        ("tickets_fresh", {"clear_cache", "read_everything"}),
        ("changes", {"clear_cache", "read_everything"}),
    ],
)
def test_a_full_run_may_accept_removals_and_an_incremental_one_may_read_everything(town, task, choices):
    params = build_dags(town)[f"town__{task}"].params
    assert {name: params[name] for name in params} == dict.fromkeys(choices, False)


def test_tags_find_the_dag_by_connector_and_kind(support):
    assert set(support.tags) == {"jira", "acme", "generic", "full"}


def test_tags_tell_people_and_incremental_tasks_from_others(town):
    dags = build_dags(town)
    assert set(dags["town__people"].tags) == {"jira", "town", "identity_and_access", "full"}
    assert set(dags["town__tickets_fresh"].tags) == {"jira", "town", "generic", "incremental"}


def test_owner_retries_and_delay_come_from_the_definition(support):
    for task in support.tasks:
        assert (task.owner, task.retries, task.retry_delay) == ("iam-team", 3, timedelta(minutes=5))


def test_a_task_s_own_settings_win_and_missing_ones_are_sensible(folder):
    file = folder / "acme.yaml"
    text = file.read_text().replace(
        "  - id: by_hand", "  - id: by_hand\n    owner: me\n    retries: 0\n    tags: [night]"
    )
    file.write_text(text)
    task = build_dags(folder)["acme__by_hand"].get_task("load")
    assert (task.owner, task.retries, task.retry_delay) == ("me", 0, timedelta(minutes=5))
    file.write_text(text.replace("defaults: {owner: iam-team, retries: 3, retry_delay: 5m}\n", ""))
    dag = build_dags(folder)["acme__support_tickets"]
    assert {(task.retries, task.retry_delay) for task in dag.tasks} == {(2, timedelta(minutes=1))}
    assert "night" in build_dags(folder)["acme__by_hand"].tags


def scheduler_s_view(dag):
    """The DAG as the scheduler reads it back from the database."""
    stored = json.loads(json.dumps(DagSerialization.to_dict(dag), default=str))
    return stored, DagSerialization.from_dict(stored)


def next_start(dag):
    from airflow.timetables.base import TimeRestriction

    _, seen = scheduler_s_view(dag)
    info = seen.timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(seen.start_date, None, catchup=False)
    )
    return info.run_after if info else None


@pytest.mark.parametrize(
    ("schedule", "timezone", "hours"),
    [
        ('"0 */4 * * *"', "Europe/Helsinki", {0, 4, 8, 12, 16, 20}),
        ('"0 9 * * *"', "Asia/Tokyo", {9}),
        ('"@daily"', "America/New_York", {0}),
    ],
)
def test_the_schedule_is_read_in_the_connector_s_zone(folder, schedule, timezone, hours):
    from zoneinfo import ZoneInfo

    file = folder / "acme.yaml"
    text = file.read_text().replace('"0 */4 * * *"', schedule).replace("Europe/Helsinki", timezone)
    file.write_text(text)
    start = next_start(build_dags(folder)["acme__support_tickets"])
    local = start.astimezone(ZoneInfo(timezone))
    assert (local.hour in hours, local.minute) == (True, 0)


@pytest.mark.parametrize("minutes_ago", [0.1, 2, 5, 23, 25, 239])
def test_a_new_dag_starts_at_the_next_time_not_at_one_that_has_passed(support, monkeypatch, minutes_ago):
    from airflow.timetables import trigger

    start = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)  # 12:00 in Helsinki
    monkeypatch.setattr(trigger, "utcnow", lambda: start + timedelta(minutes=minutes_ago))
    assert next_start(support) == start + timedelta(hours=4)


def test_without_a_schedule_the_dag_starts_by_hand_only(by_hand):
    assert next_start(by_hand) is None


def test_the_database_gets_the_same_text_each_time_and_another_for_another_definition(folder):
    def stored():
        return json.dumps(scheduler_s_view(build_dags(folder)["acme__support_tickets"])[0], sort_keys=True)

    first = stored()
    assert stored() == first
    file = folder / "acme.yaml"
    file.write_text(file.read_text().replace('Highest: "1"', 'Highest: "2"'))
    assert stored() != first


def test_what_the_database_gets_does_not_grow_with_the_connector(folder):
    def size():
        return len(json.dumps(scheduler_s_view(build_dags(folder)["acme__by_hand"])[0]))

    before = size()
    file = folder / "acme.yaml"
    text = file.read_text()
    tail = text[text.index("  - id: by_hand") :]
    file.write_text(text + "".join(tail.replace("by_hand", f"more_{at}") for at in range(20)))
    assert len(build_dags(folder)) == 22
    assert size() == before
