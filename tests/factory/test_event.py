"""The DAG of an event task: its steps, its exits, what its runs may be given, and what starts it."""

from __future__ import annotations

import json

import pytest
from airflow.sdk import Param, TriggerRule

from airflow_provider_jira.factory import build_dags, report_errors
from airflow_provider_jira.factory.build import BrokenDefinitions

try:
    from airflow.serialization.serialized_objects import DagSerialization
except ImportError:  # one name until 3.1, the other since
    from airflow.serialization.serialized_objects import SerializedDAG as DagSerialization

pytestmark = pytest.mark.filterwarnings("ignore:.*airflow.* is deprecated")

ACME = """\
connector: acme
jira_conn_id: jira_acme
esm_conn_id: esm_acme
defaults: {owner: iam-team, retries: 4}
event_tasks:
  - id: incident_to_jira
    activity: create_issue
    card: {template: incident}
    poll: {filter: "$status$ = '02 - Solving' and $jiraKey$ is null", every: 30}
    attributes:
      project: {value: SUP}
      issueType: {value: Bug}
      summary: subject
      description: {source: description, as: markdown}
      Support Team: {source: team}
      reporter: {source: customer.accountId}
    write_back: {jiraKey: key, jiraUrl: url}
    on_completed: {set: {jiraSync: "01 - Sent"}}
    on_exception: {set: {jiraSync: "09 - Failed"}, attribute: provisioningException}
  - id: resolve_in_jira
    activity: transition_issue
    card: {template: incident}
    issue: jiraKey
    to: {source: status, map: {"07 - Solved": Done}}
    via: [In Review]
    resolution: {source: resolution, map: {Solved: Done}}
    retries: 1
  - id: grant
    activity: add_user_to_group
    card: {template: account}
    user: accountId
    groups: {source: groups.groupId}
    membership_failures: membershipFailures
    allow_values_in_conf: true
"""


@pytest.fixture
def acme(tmp_path):
    """A folder with event tasks."""
    (tmp_path / "acme.yaml").write_text(ACME)
    return tmp_path


@pytest.fixture
def dags(acme):
    """The DAGs of it."""
    return build_dags(acme)


def upstream(dag):
    return {task.task_id: set(task.upstream_task_ids) for task in dag.tasks}


def test_every_event_task_becomes_a_dag(dags):
    assert set(dags) == {"acme__incident_to_jira", "acme__resolve_in_jira", "acme__grant"}


def test_a_run_is_received_written_and_leaves_by_one_of_two_exits(dags):
    dag = dags["acme__resolve_in_jira"]
    assert upstream(dag) == {
        "receive": set(),
        "write": {"receive"},
        "completed": {"write"},
        "exception": {"write", "completed"},
    }
    rules = {task.task_id: task.trigger_rule for task in dag.tasks}
    assert rules == {
        "receive": TriggerRule.ALL_SUCCESS,
        "write": TriggerRule.ALL_SUCCESS,
        "completed": TriggerRule.ALL_SUCCESS,
        "exception": TriggerRule.ONE_FAILED,
    }


def test_a_task_that_starts_by_itself_does_the_same_for_each_card(dags):
    assert upstream(dags["acme__incident_to_jira"]) == {
        "cards": set(),
        "card.receive": {"cards"},
        "card.write": {"cards", "card.receive"},
        "card.completed": {"cards", "card.write"},
        "card.exception": {"cards", "card.write", "card.completed"},
    }


def test_only_a_task_with_a_poll_starts_by_itself_and_its_poll_is_named_by_its_dag(dags):
    assert dags["acme__resolve_in_jira"].schedule is None
    [asset] = dags["acme__incident_to_jira"].schedule
    [watcher] = asset.watchers
    assert watcher.trigger.serialize()[1] == {
        "esm_conn_id": "esm_acme",
        "template": "incident",
        "filter": "$status$ = '02 - Solving' and $jiraKey$ is null",
        "every": 30.0,
        "listener": "acme__incident_to_jira",
    }
    assert asset.name == "acme__incident_to_jira.cards"


def test_many_runs_go_on_at_a_time_and_none_is_caught_up_with(dags):
    for dag in dags.values():
        assert dag.max_active_runs >= 16
        assert dag.catchup is False


def test_owner_retries_and_tags_are_the_definition_s(dags):
    write = dags["acme__resolve_in_jira"].get_task("write")
    assert (write.owner, write.retries) == ("iam-team", 1)
    assert dags["acme__incident_to_jira"].get_task("card.write").retries == 4
    # What this one does not hand on would wait for somebody to clear it, so a hitch must not end it.
    assert dags["acme__incident_to_jira"].get_task("cards").retries == 5
    assert dags["acme__grant"].tags == {"acme", "add_user_to_group", "event", "jira"}


@pytest.mark.parametrize("dag", ["acme__incident_to_jira", "acme__resolve_in_jira", "acme__grant"])
def test_airflow_keeps_the_dag_and_reads_it_back(dags, dag):
    kept = DagSerialization.serialize_dag(dags[dag])
    assert set(DagSerialization.deserialize_dag(json.loads(json.dumps(kept))).task_dict) == set(dags[dag].task_dict)


def given(dag, conf):
    """Let Airflow check a conf as it does when a run is started."""
    kept = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    return kept.params.deep_merge(conf).validate()


@pytest.mark.parametrize(
    ("dag", "conf"),
    [
        ("acme__resolve_in_jira", {"data_card_id": "123"}),
        ("acme__resolve_in_jira", {"data_card_id": "123", "event": "solved-1"}),
        ("acme__incident_to_jira", {}),
        ("acme__grant", {"values": {"accountId": "5b10", "groups.groupId": ["a", "b"]}}),
    ],
)
def test_airflow_takes_a_conf_that_is_right(dags, dag, conf):
    assert given(dags[dag], conf).items() >= conf.items()


@pytest.mark.parametrize(
    ("dag", "conf"),
    [
        ("acme__resolve_in_jira", {}),
        ("acme__resolve_in_jira", {"data_card_id": None}),
        ("acme__resolve_in_jira", {"data_card_id": "SUP-1"}),
        ("acme__resolve_in_jira", {"data_card_id": 123}),
        ("acme__resolve_in_jira", {"data_card_id": "123", "event": "x y"}),
        ("acme__incident_to_jira", {"data_card_id": "x"}),
        ("acme__grant", {"values": {"nothing": "x"}}),
    ],
)
def test_airflow_refuses_a_conf_that_is_not(dags, dag, conf):
    with pytest.raises(Exception, match="Invalid input for param"):
        given(dags[dag], conf)


def test_values_can_be_given_only_where_the_definition_allows_it(dags):
    assert "values" in dags["acme__grant"].params
    assert "values" not in dags["acme__resolve_in_jira"].params


def test_the_form_explains_each_key(dags):
    for dag in dags.values():
        for name in dag.params:
            param = dag.params.get_param(name)
            assert isinstance(param, Param)
            assert param.description
            assert param.schema["title"]


def test_a_broken_event_task_keeps_its_dag_and_its_neighbours_run(acme):
    file = acme / "acme.yaml"
    file.write_text(ACME.replace("activity: transition_issue", "activity: transition_isue"))
    dags = build_dags(acme)
    assert [task.task_id for task in dags["acme__resolve_in_jira"].tasks] == ["broken_definition"]
    assert "cannot run" in dags["acme__resolve_in_jira"].doc_md
    assert dags["acme__grant"].has_task("write")
    with pytest.raises(BrokenDefinitions, match=r"acme.yaml:\d+.*transition_isue"):
        report_errors(acme)


@pytest.mark.parametrize(
    ("dag", "said"),
    [
        ("acme__incident_to_jira", "## ESM `incident` → Jira: create issue"),
        ("acme__incident_to_jira", "by itself for each card that begins to match `$status$ = '02 - Solving'"),
        ("acme__incident_to_jira", "asked every 30 s"),
        ("acme__incident_to_jira", "| `project` | always `SUP` |"),
        ("acme__incident_to_jira", "| `description` | `description` | as markdown text |"),
        ("acme__incident_to_jira", "| `Support Team` | `team` |  |"),
        ("acme__incident_to_jira", "| Writes back | `jiraKey` = key, `jiraUrl` = url |"),
        ("acme__incident_to_jira", "| Completed | the card gets `jiraSync` = `01 - Sent` |"),
        ("acme__incident_to_jira", "the reason goes to `provisioningException`; the run is failed"),
        ("acme__incident_to_jira", "- **cards**:"),
        ("acme__resolve_in_jira", "| Goes through | `In Review` |"),
        ("acme__resolve_in_jira", "| *to* | `status` | 1 value translated |"),
        ("acme__resolve_in_jira", "POST /api/v2/dags/acme__resolve_in_jira/dagRuns"),
        ("acme__resolve_in_jira", "connection `jira_acme`"),
        ("acme__grant", "| Groups that failed | go to `membershipFailures`"),
        ("acme__grant", "values in the conf (`values`), which stay in Airflow's database"),
    ],
)
def test_the_page_says(dags, dag, said):
    assert said in dags[dag].doc_md


def test_the_page_of_a_task_without_a_poll_has_no_list_of_cards(dags):
    assert "**cards**" not in dags["acme__resolve_in_jira"].doc_md


def test_the_call_on_the_page_is_one_that_the_dag_takes(dags):
    page = dags["acme__resolve_in_jira"].doc_md
    body = json.loads(page[page.index('{"logical_date"') :].partition("```")[0])
    assert given(dags["acme__resolve_in_jira"], body["conf"])
