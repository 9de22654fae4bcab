"""The models: short forms, types, and every refusal with its mend."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from pydantic import ValidationError

from airflow_provider_jira.model.definition import AttributeRule, Connector, Defaults, GenericTask, dag_id

TARGET = {"template": "jira_issue", "folder": "jira_issues", "key": "jiraId", "task_id_attribute": "taskId"}
TASK = {
    "id": "support_tickets",
    "mapping_type": "generic",
    "fetch_type": "full",
    "schedule": "0 */4 * * *",
    "jql": "project = SUP AND issuetype in (Bug, Task)",
    "target": TARGET,
    "attributes": {"jiraId": "id", "subject": "summary"},
    "removed_records": {"attribute": "recordStatus", "value": "5 - Removed"},
}


def task(**changes):
    """The valid task with some of its keys changed; ``a__b`` reaches into ``a``, None as a whole removes nothing."""
    data = copy.deepcopy(TASK)
    for name, value in changes.items():
        at, *path = name.split("__")
        where = data
        for step in path:
            where, at = where[at], step
        where[at] = value
    return data


def refusal(data, model=GenericTask):
    with pytest.raises(ValidationError) as refused:
        model.model_validate(data)
    return str(refused.value)


def rule(value):
    return GenericTask.model_validate(task(attributes__x=value)).attributes["x"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("key", {"source": ("key",)}),
        (["Contact person", "reporter.displayName"], {"source": ("Contact person", "reporter.displayName")}),
        ({"source": "summary"}, {"source": ("summary",)}),
        ({"source": ["a", "b"]}, {"source": ("a", "b")}),
        ({"value": "jira"}, {"value": "jira"}),
        ({"value": {"code": "x"}}, {"value": {"code": "x"}}),
        ({"value": 5}, {"value": 5}),
        ({"value": False}, {"value": False}),
        ({"value": "2026-09-27", "format": "date"}, {"value": "2026-09-27", "format": "date"}),
        ({"source": "description", "as": "markdown"}, {"source": ("description",), "as": "markdown"}),
        ({"source": "duedate", "format": "date"}, {"source": ("duedate",), "format": "date"}),
        (
            {"source": "priority.name", "map": {"Highest": "1", "High": {"code": "second"}}, "default": 3},
            {"source": ("priority.name",), "map": {"Highest": "1", "High": {"code": "second"}}, "default": 3},
        ),
        ({"source": "x", "map": None, "default": None}, {"source": ("x",)}),
    ],
)
def test_a_short_form_means_its_long_form(written, meant):
    made = rule(written)
    assert made.model_dump(by_alias=True, exclude_defaults=True) == meant


def test_a_constant_keeps_the_type_that_was_written():
    assert [rule({"value": each}).value for each in (1, True, 1.5, "1")] == [1, True, 1.5, "1"]
    assert type(rule({"value": True}).value) is bool
    assert type(rule({"value": 1}).value) is int


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({}, "neither source nor value"),
        ({"as": "plain"}, "neither source nor value"),
        ({"source": "a", "value": "b"}, "both source and value"),
        ({"value": None}, "the value is empty"),
        ({"value": ""}, "the text is empty"),
        ({"value": ["a"]}, "a list cannot be a value"),
        ({"value": {"cod": "x"}}, "did you mean code?"),
        ({"value": {"code": 5}}, 'write it in quotes: {code: "5"}'),
        ({"value": {"code": ""}}, "is not the code of a static value"),
        ({"value": {}}, "is not the code of a static value"),
        ({"value": {"code": "x", "value": "y"}}, 'unknown key "value" in a value'),
        ({"value": float("inf")}, "not a number that ESM can hold"),
        ({"value": "a", "as": "plain"}, "as stands beside value"),
        ({"value": "a", "map": {"b": "c"}}, "map stands beside value"),
        ({"value": "a", "default": "b"}, "default stands beside value"),
        ({"value": "a", "when_empty": "keep"}, "when_empty stands beside value"),
        ({"value": "soon", "format": "date"}, '"soon" is no date'),
        ({"value": "2026-02-30", "format": "date"}, '"2026-02-30" is no date'),
        ({"source": "x", "format": "date", "default": 5}, "5 is no date"),
        ({"source": "x", "format": "datetime", "map": {"a": "2026-09-27T25:00:00Z"}}, "is no date"),
        ({"source": "a", "as": "markdown", "format": "date"}, "as is for rich text, format is for dates"),
        ({"source": "a", "default": "b", "when_empty": "keep"}, "has no effect beside default"),
        ({"source": "a", "map": {}}, "the table is empty"),
        ({"source": "a", "map": {"b": None}}, "the value is empty"),
        ({"source": "a", "map": {"b": ["c"]}}, "a list cannot be a value"),
        ({"source": []}, "list of sources is empty"),
        ([], "list of sources is empty"),
        ("", "name of a source is empty"),
        (["a", "  "], "name of a source is empty"),
        (["a", "a"], '"a" is given twice'),
        (["a", 5], "valid string"),
        (5, "for a constant write {value: 5}"),
        (True, "for a constant write {value: true}"),
        (None, "nothing says where the value comes from"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(written, told):
    assert told in refusal(task(attributes__x=written))


def test_a_date_constant_may_be_a_moment():
    assert rule({"value": "2026-09-27T10:03:11.123+0200", "format": "datetime"}).value == "2026-09-27T10:03:11.123+0200"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("key", "can change"),
        ("Key", "can change"),
        ("issuekey", "can change"),
        ("summary", "can change"),
        ("Summary", "can change"),
        ("status", "can change"),
        ("status.id", "can change"),
        ("assignee.accountId", "can change"),
        ("reporter.emailAddress", "can change"),
        ("created", "be the same for two"),
        ("Issue Type", "can change"),
        ("fixVersions.name", "can change"),
        ("parent.key", "can change"),
        ("Support Team.name", "a name can change"),
        ("customfield_10011.displayName", "a displayName can change"),
        ("customfield_10011.emailAddress", "a emailAddress can change"),
        ("customfield_10010.value", "a value can change"),
        ("ID", "write id, exactly so"),
        (["id", "key"], "several sources"),
        ({"value": "x"}, "every record would be the same card"),
        ({"source": "id", "map": {"1": "2"}}, "map cannot stand on the key"),
        ({"source": "id", "default": "0"}, "default cannot stand on the key"),
        ({"source": "id", "when_empty": "keep"}, "when_empty: keep cannot stand on the key"),
        ({"source": "id", "as": "plain"}, "as cannot stand on the key"),
        ({"source": "id", "format": "date"}, "format cannot stand on the key"),
    ],
)
def test_a_key_that_can_change_is_refused(source, told):
    text = refusal(task(attributes__jiraId=source))
    assert told in text
    assert "attributes.jiraId" in text


@pytest.mark.parametrize("source", ["id", "External id", "customfield_10020", "Contact person.accountId"])
def test_a_key_that_need_not_change_is_accepted(source):
    assert GenericTask.model_validate(task(attributes__jiraId=source)).attributes["jiraId"].source == (source,)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"attributes": {}}, "no attribute is mapped"),
        ({"attributes": {"subject": "summary"}}, 'the key attribute "jiraId" is not mapped'),
        ({"attributes": {"jiraID": "id"}}, "did you mean jiraID?"),
        ({"target__task_id_attribute": "jiraId"}, "cannot hold both the key and the task id"),
        ({"attributes__taskId": "key"}, "is the task id attribute"),
        ({"attributes__recordStatus": "status.name"}, "is also mapped in attributes"),
        ({"removed_records__attribute": "jiraId"}, "is the key of the cards"),
        ({"removed_records__attribute": "taskId"}, "is the task id attribute"),
        ({"attributes__bad code": "key"}, "cannot be the code of an ESM attribute"),
        ({"target__key": "a$b"}, "cannot be the code of an ESM attribute"),
        ({"target__folder": "a/b"}, "cannot be the code of an ESM template or folder"),
        ({"target__template": ".."}, "cannot be the code of an ESM template or folder"),
        ({"id": "Support-Tickets"}, "such as support_tickets"),
        ({"id": "a__b"}, "single underscores, a letter first"),
        ({"id": "a_"}, "cannot be an id"),
        ({"id": "_a"}, "cannot be an id"),
        ({"id": "1a"}, "cannot be an id"),
        ({"id": "a\n"}, "cannot be an id"),
        ({"id": ""}, "cannot be an id"),
        ({"id": "a" * 201}, "cannot be an id"),
        ({"jql": ""}, "no condition"),
        ({"jql": "  \n"}, "no condition"),
        ({"jql": "ORDER BY created DESC"}, "no condition"),
        ({"jql": "order  by key"}, "no condition"),
        ({"jql": "project = A) OR (project = B"}, "parenthesis"),
        ({"jql": 'summary ~ "a'}, "quote"),
        ({"schedule": "every day"}, "no cron expression"),
        ({"removed_records__max_percent": 100.5}, "less than or equal to 100"),
        ({"removed_records__max_percent": -1}, "greater than or equal to 0"),
        ({"removed_records__max_percent": True}, "valid number"),
        ({"removed_records__max_percent": float("nan")}, "finite"),
        ({"removed_records__max_count": -1}, "greater than or equal to 0"),
        ({"removed_records__max_count": "5"}, "valid integer"),
        ({"removed_records__on_exceeded": "ask"}, "'approve' or 'fail'"),
        ({"removed_records__value": " "}, "the text is empty"),
        ({"refused_records": {"max": -1}}, "greater than or equal to 0"),
        ({"cache": {"clear_hours": [24]}}, "less than or equal to 23"),
        ({"cache": {"clear_hours": [-1]}}, "greater than or equal to 0"),
        ({"cache": {"clear_hours": [3, 0, 3]}}, "hour 3 is given twice"),
        ({"cache": {"clear_hours": [True]}}, "valid integer"),
        ({"cache": {"clear_hours": 3}}, "valid tuple"),
        ({"tags": [""]}, "cannot be a tag"),
        ({"tags": ["x" * 101]}, "cannot be a tag"),
        ({"owner": ""}, "the text is empty"),
        ({"retries": -1}, "greater than or equal to 0"),
        ({"retries": 1.0}, "valid integer"),
        ({"mapping_type": "identity"}, "'generic'"),
        ({"fetch_type": "sometimes"}, "'full' or 'incremental'"),
        ({"fetch_typ": "full"}, "Extra inputs"),
    ],
)
def test_a_task_that_cannot_be_meant_is_refused(changes, told):
    assert told in refusal(task(**changes))


def test_all_broken_rules_of_a_task_are_told_at_once():
    text = refusal(task(attributes__taskId="key", attributes__recordStatus="status", attributes__jiraId="key"))
    assert "is the task id attribute" in text
    assert "is also mapped" in text
    assert "can change" in text


def test_a_task_names_every_attribute_that_it_touches():
    assert GenericTask.model_validate(TASK).parts[0].esm_attributes() == {"jiraId", "subject", "taskId", "recordStatus"}
    without = GenericTask.model_validate({**TASK, "removed_records": None})
    assert without.parts[0].esm_attributes() == {"jiraId", "subject", "taskId"}


def test_what_is_left_out_has_its_default():
    made = GenericTask.model_validate({**TASK, "schedule": None})
    assert made.schedule is None
    assert made.removed_records is not None
    assert (made.removed_records.max_percent, made.removed_records.max_count) == (10, 500)
    assert made.removed_records.on_exceeded == "approve"
    assert made.refused_records.max == 0
    assert made.cache.clear_hours is None
    assert (made.description, made.tags, made.owner, made.retries) == (None, (), None, None)


def test_no_clear_hours_are_something_else_than_none_given():
    assert GenericTask.model_validate(task(cache={"clear_hours": []})).cache.clear_hours == ()


def connector(**changes):
    return {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme", **changes}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"connector": "Acme"}, "such as acme"),
        ({"jira_conn_id": "a b"}, "cannot be the id of an Airflow connection"),
        ({"esm_conn_id": ""}, "cannot be the id of an Airflow connection"),
        ({"timezone": "Helsinki/Europe"}, "unknown time zone"),
        ({"defaults": {"retry_delay": "soon"}}, "90s, 5m, 2h or 1d"),
        ({"defaults": {"retry_delay": 300}}, "valid timedelta"),
        ({"defaults": {"retries": "2"}}, "valid integer"),
        ({"defaults": {"ownr": "x"}}, "Extra inputs"),
        ({"scheduled_tasks": [TASK, {**TASK, "id": "other"}, TASK]}, '2 tasks have the id "support_tickets"'),
        ({"connector": "a" * 190}, ""),
    ],
)
def test_a_connector_that_cannot_be_meant_is_refused(changes, told):
    if changes.get("connector") == "a" * 190:
        changes, told = {**changes, "scheduled_tasks": [TASK]}, "at most 200"
    assert told in refusal(connector(**changes), Connector)


def test_a_dag_id_may_have_two_hundred_characters_and_no_more():
    longest = "a" * (200 - len("__support_tickets"))
    made = Connector.model_validate(connector(connector=longest, scheduled_tasks=[TASK]))
    assert len(dag_id(made.connector, made.scheduled_tasks[0].id)) == 200
    assert "201 characters" in refusal(connector(connector=f"{longest}a", scheduled_tasks=[TASK]), Connector)


def test_a_task_takes_the_connectors_defaults_unless_it_has_its_own():
    made = Connector.model_validate(
        connector(
            defaults={"owner": "iam", "retries": 2, "retry_delay": "5m"},
            scheduled_tasks=[TASK, {**TASK, "id": "b", "owner": "desk", "retries": 0}],
        )
    )
    first, second = made.scheduled_tasks
    assert made.settings(first) == Defaults(owner="iam", retries=2, retry_delay=timedelta(minutes=5))
    assert made.settings(second) == Defaults(owner="desk", retries=0, retry_delay=timedelta(minutes=5))


def test_a_definition_never_changes_after_reading():
    made = Connector.model_validate(connector())
    with pytest.raises(ValidationError):
        made.timezone = "Europe/Helsinki"  # type: ignore[misc]
    assert made.timezone == "UTC"


def test_a_rule_survives_being_dumped_and_read_again():
    made = GenericTask.model_validate(TASK)
    assert GenericTask.model_validate(made.model_dump(by_alias=True, exclude_unset=True)) == made
    assert AttributeRule.model_validate({"source": ("a",)}) == AttributeRule(source=("a",))
