"""What is wrong with event tasks, said with file, line, key, finding and mend; a broken one leaves its neighbours whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from airflow_provider_jira.model.loaded import Loaded
from airflow_provider_jira.model.yaml_file import load_file

HEAD = """\
connector: acme
jira_conn_id: jira_acme
esm_conn_id: esm_acme
event_tasks:
"""
CREATE = """\
  - id: make
    activity: create_issue
    card: {template: incident, key: number}
    poll: {filter: "$status$ = '02' and $jiraKey$ is null", every: 60}
    attributes:
      project: {value: SUP}
      issueType: {value: Bug}
      summary: subject
      reporter: {source: customer.accountId}
      priority: {source: urgency, map: {"1": High}, default: Low}
    write_back: {jiraKey: key, jiraUrl: url}
    mark: label
    on_completed: {set: {jiraSync: "01 - Sent"}}
    on_exception: {set: {jiraSync: "09 - Failed"}, attribute: trouble}
"""
MOVE = """\
  - id: move
    activity: transition_issue
    card: {template: incident}
    issue: jiraKey
    to: {source: status, map: {"07": Done, "08": Closed}, received: jiraStatus}
    via: [In Review]
    resolution: {source: resolution, map: {Solved: Done}}
    comment: {source: solution, as: markdown}
"""
UPDATE = """\
  - id: update
    activity: update_issue
    card: {template: incident}
    issue: jiraKey
    attributes: {summary: {source: subject, received: jiraSummary, conflict: jira}}
"""
COMMENT = """\
  - id: say
    activity: add_comment
    card: {template: incident}
    issue: jiraKey
    comment: comments
    visibility: {role: Developers}
"""
USER = """\
  - id: invite
    activity: create_user
    card: {template: account}
    email: email
    products: [jira-software]
    write_back: {accountId: accountId}
"""
DROP = """\
  - id: drop
    activity: delete_group
    card: {template: entitlement}
    group: groupId
    swap_group: {value: everybody}
"""
GRANT = """\
  - id: grant
    activity: add_user_to_group
    card: {template: account}
    user: accountId
    groups: groups.groupId
    membership_failures: failures
"""
ALL = {"make": CREATE, "move": MOVE, "update": UPDATE, "say": COMMENT, "invite": USER, "drop": DROP, "grant": GRANT}


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def write_and_load(text: str) -> Loaded:
        (tmp_path / "acme.yaml").write_text(text, encoding="utf-8")
        return load_file(tmp_path / "acme.yaml")

    return write_and_load


def texts(loaded: Loaded) -> list[str]:
    return [str(each) for each in loaded.problems]


def test_good_tasks_are_good(load):
    loaded = load(HEAD + "".join(ALL.values()))
    assert texts(loaded) == []
    assert [task.id for task in loaded.event_tasks] == list(ALL)


KEYS = "the keys here are id, activity, card"
CASES: list[tuple[str, str, str, str]] = [
    # activity
    ("make", "create_issue", "create_isue", '6: event_tasks[0].activity: activity cannot be "create_isue"; did you mean create_issue?'),
    ("make", "create_issue", "close", '6: event_tasks[0].activity: activity cannot be "close"; write one of create_issue, update_issue, add_comment, transition_issue, create_user, delete_user, create_group, delete_group, add_user_to_group, remove_user_from_group'),
    ("make", "    activity: create_issue\n", "", '5: event_tasks[0].activity: "activity" is missing; add activity: create_issue (What is done in Jira)'),
    ("make", "activity:", "activty:", '6: event_tasks[0].activty: unknown key "activty"; did you mean activity?'),
    ("make", "create_issue", "[create_issue]", "6: event_tasks[0].activity: activity cannot be a list"),
    ("make", "- id: make\n", "- make\n  - id: make\n", '5: event_tasks[0]: "make" is not a mapping'),
    # keys
    ("make", "write_back:", "writeback:", '15: event_tasks[0].writeback: unknown key "writeback"; did you mean write_back?'),
    ("make", "mark: label", "zzz: 1", f'16: event_tasks[0].zzz: unknown key "zzz"; {KEYS}'),
    ("make", "mark: label", "issue: jiraKey", "16: event_tasks[0].issue: issue is no key of this activity; remove it; it belongs to update_issue, add_comment, transition_issue"),
    ("move", "    issue: jiraKey\n", "", '5: event_tasks[0].issue: "issue" is missing; add issue: jiraKey (Key or id of the issue)'),
    ("make", "{jiraKey: key,", "{jiraKey: kee,", '15: event_tasks[0].write_back.jiraKey: jiraKey cannot be "kee"; did you mean key?'),
    ("make", "{jiraKey: key, jiraUrl: url}", "{}", "15: event_tasks[0].write_back: no attribute is named; write ESM attribute: result"),
    ("invite", "{accountId: accountId}", "{accountId: key}", '10: event_tasks[0].write_back.accountId: accountId cannot be "key"; write accountId'),
    ("invite", "[jira-software]", "[jira]", '9: event_tasks[0].products[0]: 0 cannot be "jira"'),
    ("invite", "[jira-software]", "[jira-core, jira-core]", '9: event_tasks[0].products[1]: product "jira-core" is given twice; remove one'),
    # the card and what else is read
    ("make", "    card: {template: incident, key: number}\n", "", "5: event_tasks[0]: neither a card nor values in conf are read, so there is nothing to send; add card: {template: incident}, or allow_values_in_conf: true"),
    ("make", "card: {template: incident, key: number}", "allow_values_in_conf: true", "8: event_tasks[0].poll: poll needs a card, and this task has none; add card"),
    ("make", "card: {template: incident, key: number}", "allow_values_in_conf: true", "15: event_tasks[0].write_back: write_back needs a card"),
    ("make", "card: {template: incident, key: number}", "allow_values_in_conf: true", "17: event_tasks[0].on_completed: on_completed needs a card"),
    ("make", "card: {template: incident, key: number}", "allow_values_in_conf: true", "18: event_tasks[0].on_exception: on_exception needs a card"),
    ("grant", "card: {template: account}", "allow_values_in_conf: true", "10: event_tasks[0].membership_failures: membership_failures needs a card"),
    ("update", "card: {template: incident}", "allow_values_in_conf: true", "9: event_tasks[0].attributes.summary.received: received is an attribute of a card, and this task has none"),
    ("move", "card: {template: incident}", "allow_values_in_conf: true", "9: event_tasks[0].to.received: received is an attribute of a card"),
    ("make", "card: {template: incident, key: number}", 'allow_values_in_conf: "yes"', "7: event_tasks[0].allow_values_in_conf: \"yes\" is not true or false; write true or false without quotes"),
    # paths and rules
    ("make", "summary: subject", "summary: a.b.c.d.e", '12: event_tasks[0].attributes.summary: "a.b.c.d.e" leads through 4 references; at most 3 are followed'),
    ("make", "summary: subject", "summary: a b", '12: event_tasks[0].attributes.summary: "a b" is no ESM attribute; write its code, or codes with dots'),
    ("make", "summary: subject", "summary: a..b", '12: event_tasks[0].attributes.summary: "a..b" is no ESM attribute'),
    ("make", "summary: subject", "summary: []", "12: event_tasks[0].attributes.summary: the list of sources is empty; name at least one ESM attribute"),
    ("make", "summary: subject", "summary: [a, a]", '12: event_tasks[0].attributes.summary: source "a" is given twice'),
    ("make", "summary: subject", "summary: [a, 5]", "12: event_tasks[0].attributes.summary: 5 is not text"),
    ("make", "summary: subject", "summary: 5", "12: event_tasks[0].attributes.summary: 5 is not an ESM attribute; for a constant write {value: 5}"),
    ("make", "summary: subject", "summary:", "12: event_tasks[0].attributes.summary: nothing says where the value comes from; name an ESM attribute"),
    ("make", "summary: subject", "summary: {}", "12: event_tasks[0].attributes.summary: neither source nor value is given; give one: source for what ESM holds"),
    ("make", "summary: subject", "summary: {source: a, value: b}", "12: event_tasks[0].attributes.summary: both source and value are given"),
    ("make", "{value: Bug}", "{value: Bug, default: Task}", "11: event_tasks[0].attributes.issueType.default: default stands beside value, but a constant is taken as it is; remove default"),
    ("make", "{value: Bug}", "{value: }", "11: event_tasks[0].attributes.issueType.value: the value is empty; write a text or a number"),
    ("make", "{value: Bug}", "{value: []}", "11: event_tasks[0].attributes.issueType.value: the list of values is empty"),
    ("make", "{value: Bug}", "{value: [[a]]}", "11: event_tasks[0].attributes.issueType.value: a list cannot be a value; write a text, a number, or a list of them"),
    ("make", "{value: Bug}", "{value: {code: x}}", "11: event_tasks[0].attributes.issueType.value: a mapping cannot be a value"),
    ("make", "{value: Bug}", "{value: [Bug, Task]}", "11: event_tasks[0].attributes.issueType.value: 2 values are given, and an issue has one issuetype; write one"),
    ("make", 'map: {"1": High}', "map: {}", "14: event_tasks[0].attributes.priority.map: the table is empty; write what becomes of each ESM value"),
    ("make", 'map: {"1": High}', "map: x", '14: event_tasks[0].attributes.priority.map: "x" is not a mapping'),
    ("make", '{"1": High}', '{"1": [High]}', "14: event_tasks[0].attributes.priority.map: a list cannot be a value"),
    ("make", "default: Low", "default: Low, when_empty: keep", "14: event_tasks[0].attributes.priority.when_empty: when_empty: keep has no effect beside default"),
    ("make", "map:", "mapp:", '14: event_tasks[0].attributes.priority.mapp: unknown key "mapp"; did you mean map?'),
    ("update", "conflict: jira", "conflict: us", '9: event_tasks[0].attributes.summary.conflict: conflict cannot be "us"; write one of esm, jira'),
    ("update", "received: jiraSummary, ", "", "9: event_tasks[0].attributes.summary.conflict: conflict needs received: without it nobody can tell which side changed"),
    ("update", "received: jiraSummary", "received: subject", '9: event_tasks[0].attributes.summary.received: received is "subject", the source itself, so nothing would ever be sent'),
    ("make", "summary: subject", "summary: {source: subject, received: x}", "12: event_tasks[0].attributes.summary.received: received stands at a value that goes one way, from ESM to Jira; remove it; it is for the fields of update_issue"),
    ("move", "issue: jiraKey", "issue: {source: jiraKey, conflict: esm, received: x}", "8: event_tasks[0].issue.conflict: conflict stands at a value that goes one way"),
    ("move", "issue: jiraKey", "issue: {source: jiraKey, when_empty: keep}", "8: event_tasks[0].issue.when_empty: when_empty has no effect: without a value here the run cannot do its work"),
    ("move", "issue: jiraKey", "issue: {source: jiraKey, as: plain}", "8: event_tasks[0].issue.as: as is for texts with paragraphs, and this is none; remove it"),
    ("make", "summary: subject", "summary: {source: subject, as: markdown}", "12: event_tasks[0].attributes.summary.as: as is for texts with paragraphs"),
    ("make", "summary: subject", "summary: {source: subject, when_empty: clear}", "12: event_tasks[0].attributes.summary.when_empty: when_empty has no effect: without a value"),
    ("make", "customer.accountId}", "customer.accountId, when_empty: keep}", "13: event_tasks[0].attributes.reporter.when_empty: when_empty: keep has no effect: a new issue has nothing to keep"),
    ("move", "map: {Solved: Done}", "received: x", "11: event_tasks[0].resolution.received: received stands at a value that goes one way"),
    # an issue's fields
    ("make", "      summary: subject\n", "", '9: event_tasks[0].attributes.summary: "summary" is missing; add summary: subject, with the ESM attribute'),
    ("make", "      project: {value: SUP}\n", "", '9: event_tasks[0].attributes.project: "project" is missing; add project: {value: SUP}'),
    ("make", "      issueType: {value: Bug}\n", "", '9: event_tasks[0].attributes.issueType: "issueType" is missing; add issueType: {value: Bug}'),
    ("make", "reporter:", "status:", '13: event_tasks[0].attributes.status: "status" cannot be set as a field; use activity transition_issue'),
    ("make", "reporter:", "Comment:", '13: event_tasks[0].attributes.Comment: "Comment" cannot be set as a field; use activity add_comment'),
    ("make", "reporter:", "created:", '13: event_tasks[0].attributes.created: "created" cannot be set as a field; remove it: Jira fills it'),
    ("make", "reporter:", "attachment:", '13: event_tasks[0].attributes.attachment: "attachment" cannot be set as a field; remove it: it is no field'),
    ("make", "reporter:", "Issue Type:", '13: event_tasks[0].attributes["Issue Type"]: "Issue Type" and "issueType" are the same field; remove one'),
    ("make", "reporter:", '" ":', "9: event_tasks[0].attributes: the name of a field is empty"),
    ("update", "{summary:", "{project:", "9: event_tasks[0].attributes.project: an issue's project cannot be changed by an update; remove it"),
    ("update", "{summary: {source: subject, received: jiraSummary, conflict: jira}}", "{}", "9: event_tasks[0].attributes: no field is mapped; map at least one Jira field"),
    ("make", "mark: label", "mark: Priority", '16: event_tasks[0].mark: "Priority" is also filled in attributes; name a text field that nothing else writes, or write label'),
    # statuses
    ("move", "[In Review]", "[In Review, done]", '10: event_tasks[0].via[1]: "done" is where to leads, and no step on the way; remove it from via'),
    ("move", "[In Review]", "[In Review, In Work, in review]", '10: event_tasks[0].via[2]: status "in review" is given twice, so an issue would go in a circle'),
    # comments and groups
    ("say", "{role: Developers}", "{}", "10: event_tasks[0].visibility: neither group nor role is given; give one"),
    ("say", "{role: Developers}", "{role: a, group: b}", "10: event_tasks[0].visibility: both group and role are given; give one"),
    ("drop", "{value: everybody}", "groupId", "9: event_tasks[0].swap_group: swap_group is the group that is deleted; name the group that takes over"),
    # what is written to the card
    ("make", '{jiraSync: "01 - Sent"}', "{jiraKey: x}", '17: event_tasks[0].on_completed.set.jiraKey: attribute "jiraKey" is also written by write_back.jiraKey; name an attribute that nothing else writes'),
    ("make", "attribute: trouble", "attribute: jiraSync", '18: event_tasks[0].on_exception.attribute: attribute "jiraSync" is also written by on_exception.set.jiraSync'),
    ("make", "attribute: trouble", "attribute: jiraUrl", '18: event_tasks[0].on_exception.attribute: attribute "jiraUrl" is also written by write_back.jiraUrl'),
    ("grant", "failures: failures", "failures: failures\n    on_exception: {attribute: failures}", '11: event_tasks[0].on_exception.attribute: attribute "failures" is also written by membership_failures'),
    ("make", "key: number", "key: jiraKey", '7: event_tasks[0].card.key: the key "jiraKey" is written by this task, so the card would be found no more; name'),
    ("make", '{set: {jiraSync: "01 - Sent"}}', "{set: {}}", "17: event_tasks[0].on_completed.set: no attribute is set; write attribute: value"),
    ("make", '{set: {jiraSync: "09 - Failed"}, attribute: trouble}', "{}", "18: event_tasks[0].on_exception: on_exception says nothing; give set, or attribute, or remove it"),
    ("make", '{jiraSync: "01 - Sent"}', "{jiraSync: [a]}", "17: event_tasks[0].on_completed.set.jiraSync: a list cannot be a value; write one text, one number, or {code"),
    # polling
    ("make", "every: 60", "every: 4", "8: event_tasks[0].poll.every: polling more often than every 5 seconds is a load on ESM; write 5 or more"),
    ("make", "every: 60", "every: 2d", "8: event_tasks[0].poll.every: polling less often than once a day is no polling; write 1d or less"),
    ("make", "every: 60", "every: soon", '8: event_tasks[0].poll.every: "soon" is no duration; write a whole number and a unit'),
    ("make", "every: 60", "every: 1.5", "8: event_tasks[0].poll.every: 1.5 is no duration; write seconds, or a number and a unit"),
    ("make", "every: 60", "every: true", "8: event_tasks[0].poll.every: true is no duration"),
    ("make", "$status$ = '02' and $jiraKey$ is null", " ", "8: event_tasks[0].poll.filter: the filter is empty, so every card of the template would match"),
    ("make", "$status$ = '02'", "select entity from entity", "8: event_tasks[0].poll.filter: the filter is a whole query; write only what stands after where"),
    ("make", "= '02'", "= '02", "8: event_tasks[0].poll.filter: a quote in the filter is not closed; write a condition such as"),
    ("make", "= '02'", "= '02')", "8: event_tasks[0].poll.filter: a parenthesis in the filter is closed but not opened"),
    ("make", "$status$ = '02'", "($status$ = '(02)'", "8: event_tasks[0].poll.filter: a parenthesis in the filter is not closed"),
    ("make", "is null", "is null order by $a$", "8: event_tasks[0].poll.filter: the filter has an order; remove order by"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "told"), CASES)
def test_a_mistake_is_told_with_line_key_finding_and_mend(load, name, before, after, told):
    assert ALL[name].count(before) == 1, before
    broken = ALL[name].replace(before, after)
    neighbour = COMMENT if name != "say" else DROP
    loaded = load(HEAD + broken + neighbour)
    assert any(text.startswith(f"acme.yaml:{told}") for text in texts(loaded)), texts(loaded)
    assert not any("is not accepted" in text for text in texts(loaded))
    assert [task.id for task in loaded.event_tasks if task.id != name] == ["say" if name != "say" else "drop"]
    if "- make" not in after:
        assert [(each.task_id, each.dag_id) for each in loaded.broken] == [(name, f"acme__{name}")]


@pytest.mark.parametrize("after", ["create_isue", "close", "", "5"])
def test_of_a_task_whose_activity_is_not_known_nothing_else_is_said(load, after):
    assert len(texts(load(HEAD + CREATE.replace("create_issue", after)))) == 1


def test_all_mistakes_between_keys_are_told_at_once(load):
    broken = CREATE.replace("key: number", "key: jiraKey").replace("reporter", "status").replace("trouble", "jiraSync")
    assert [each.key for each in load(HEAD + broken).problems] == [
        "event_tasks[0].card.key",
        "event_tasks[0].attributes.status",
        "event_tasks[0].on_exception.attribute",
    ]


@pytest.mark.parametrize("attribute", ["status", "subject", "number", "jira"])
def test_a_filter_that_a_done_card_still_matches_is_a_warning(load, attribute):
    loaded = load(HEAD + CREATE.replace("$jiraKey$ is null", f"${attribute}$ is not null"))
    (told,) = texts(loaded)
    assert told.startswith(
        "acme.yaml:8: warning: event_tasks[0].poll.filter: the filter names no attribute that this task writes, so a card "
        "still matches when it is done; set one of its attributes in write_back or on_completed"
    )
    assert [task.id for task in loaded.event_tasks] == ["make"]


def test_event_tasks_and_scheduled_tasks_share_their_ids(load):
    scheduled = """\
scheduled_tasks:
  - id: make
    mapping_type: generic
    fetch_type: full
    jql: project = SUP
    target: {template: t, folder: f, key: k, task_id_attribute: i}
    attributes: {k: id}
"""
    loaded = load(HEAD + CREATE + COMMENT + scheduled)
    assert [text.partition("; ")[0] for text in texts(loaded)] == [
        'acme.yaml:5: event_tasks[0].id: 2 tasks have the id "make"',
        'acme.yaml:26: scheduled_tasks[0].id: 2 tasks have the id "make"',
    ]
    assert [each.dag_id for each in loaded.broken] == ["acme__make"]
    assert (loaded.tasks, [task.id for task in loaded.event_tasks]) == ((), ["say"])


def test_a_broken_connector_breaks_event_tasks_and_keeps_their_names(load):
    loaded = load(HEAD.replace("jira_conn_id", "jira_con_id") + CREATE + GRANT)
    assert (loaded.connector, loaded.event_tasks) == (None, ())
    assert [each.dag_id for each in loaded.broken] == ["acme__make", "acme__grant"]


def test_what_each_exit_writes_is_no_clash(load):
    text = CREATE.replace('{jiraSync: "01 - Sent"}', '{jiraSync: "01 - Sent", trouble: none}')
    assert texts(load(HEAD + text)) == []


@pytest.mark.parametrize("data", [{"event_tasks": {}}, {"event_tasks": "x"}])
def test_a_list_that_is_none_is_told(load, data):
    (told,) = texts(load(HEAD.partition("event_tasks")[0] + yaml.safe_dump(data)))
    assert "is not a list; write the tasks below it, each beginning with - id:" in told
