"""The JSON Schema: accepts what the models accept, and refuses the mistakes that an editor can see."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.model.later import LATER_KEYS
from airflow_provider_jira.model.schema import definition_schema

SCHEMA = definition_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

GOOD = {
    "connector": "acme",
    "jira_conn_id": "jira_acme",
    "esm_conn_id": "esm_acme",
    "timezone": "Europe/Helsinki",
    "defaults": {"owner": "iam", "retries": 2, "retry_delay": "5m"},
    "scheduled_tasks": [
        {
            "id": "support_tickets",
            "mapping_type": "generic",
            "fetch_type": "full",
            "schedule": None,
            "jql": "project = SUP",
            "target": {
                "template": "jira_issue",
                "folder": "jira_issues",
                "key": "jiraId",
                "task_id_attribute": "taskId",
            },
            "attributes": {
                "jiraId": "id",
                "contact": ["Contact person", "reporter.displayName"],
                "team": {"source": "Support Team", "when_empty": "keep"},
                "person": {"source": ["a", "b"]},
                "origin": {"value": {"code": "jira"}},
                "points": {"value": 5},
                "due": {"source": "duedate", "format": "date"},
                "since": {"value": "2026-09-27", "format": "date"},
                "text": {"source": "description", "as": "markdown"},
                "priority": {
                    "source": "priority.name",
                    "map": {"High": {"code": "second"}, "Low": "1"},
                    "default": "3",
                },
            },
            "removed_records": {"attribute": "recordStatus", "value": "5 - Removed", "max_percent": 10},
            "refused_records": {"max": 0},
            "cache": {"clear_hours": [0, 12]},
            "tags": ["x"],
            "description": "What it is for",
        }
    ],
    "event_tasks": [
        {
            "id": "make",
            "activity": "create_issue",
            "card": {"template": "incident", "key": "number"},
            "poll": {"filter": "$status$ = '02' and $jiraKey$ is null", "every": 60},
            "attributes": {
                "project": {"value": "SUP"},
                "issueType": {"value": ["Bug"]},
                "summary": "subject",
                "reporter": ["customer.accountId", "manager.accountId"],
                "priority": {"source": "urgency", "map": {"1": "High", "2": 3}, "default": "Low"},
                "Points": {"value": 3.5},
                "description": {"source": "text", "as": "markdown"},
            },
            "write_back": {"jiraKey": "key", "jiraUrl": "url"},
            "mark": "label",
            "on_completed": {"set": {"jiraSync": "01 - Sent", "state": {"code": "sent"}}},
            "on_exception": {"set": {"jiraSync": "09 - Failed"}, "attribute": "trouble"},
            "retries": 3,
        },
        {
            "id": "say",
            "activity": "add_comment",
            "allow_values_in_conf": True,
            "issue": {"source": "jiraKey"},
            "comment": {"source": "solution", "as": "plain"},
            "visibility": {"group": "jira-developers"},
        },
        {
            "id": "change",
            "activity": "update_issue",
            "card": {"template": "incident"},
            "poll": {"filter": "$a$ = 1 and $jiraSync$ is null", "every": "2m"},
            "issue": "jiraKey",
            "attributes": {
                "summary": {"source": "subject", "received": "jiraSummary", "conflict": "jira", "when_empty": "keep"}
            },
            "on_completed": {"set": {"jiraSync": 1}},
        },
        {
            "id": "invite",
            "activity": "create_user",
            "card": {"template": "account"},
            "email": "email",
            "products": ["jira-software"],
            "write_back": {"accountId": "accountId"},
        },
    ],
}


def test_the_schema_is_a_schema_and_is_json():
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_a_good_file_passes_schema_and_models():
    VALIDATOR.validate(GOOD)
    Connector.model_validate(GOOD)


def changed(path, value):
    data = copy.deepcopy(GOOD)
    at = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return data


TASK = ("scheduled_tasks", 0)
EVENT = ("event_tasks", 0)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("timezon",), "UTC"),
        (("connector",), "Acme"),
        (("connector",), "a__b"),
        (("jira_conn_id",), "a b"),
        (("defaults", "retries"), "2"),
        (("defaults", "retries"), -1),
        (("defaults", "retry_delay"), 300),
        ((*TASK, "id"), 5),
        ((*TASK, "jql"), "  "),
        ((*TASK, "schedule"), 5),
        ((*TASK, "fetch_type"), "sometimes"),
        ((*TASK, "mapping_type"), "identity"),
        ((*TASK, "target", "key"), "a$b"),
        ((*TASK, "target", "folder"), "a/b"),
        ((*TASK, "attributes"), {}),
        ((*TASK, "attributes", "bad code"), "id"),
        ((*TASK, "attributes", "x"), 5),
        ((*TASK, "attributes", "x"), ""),
        ((*TASK, "attributes", "x"), []),
        ((*TASK, "attributes", "x"), ["a", "a"]),
        ((*TASK, "attributes", "x"), {}),
        ((*TASK, "attributes", "x"), {"source": "a", "value": "b"}),
        ((*TASK, "attributes", "x"), {"value": "b", "map": {"a": "b"}}),
        ((*TASK, "attributes", "x"), {"source": "a", "map": {}}),
        ((*TASK, "attributes", "x"), {"source": "a", "as": "markdwn"}),
        ((*TASK, "attributes", "x"), {"value": {"code": 5}}),
        ((*TASK, "attributes", "x"), {"value": {"code": "a", "b": "c"}}),
        ((*TASK, "attributes", "x"), {"value": ["a"]}),
        ((*TASK, "removed_records", "max_percent"), 101),
        ((*TASK, "removed_records", "on_exceeded"), "ask"),
        ((*TASK, "cache", "clear_hours"), [24]),
        ((*TASK, "cache", "clear_hours"), [0, 0]),
        ((*TASK, "tags"), "x"),
        ((*EVENT, "activity"), "close_issue"),
        ((*EVENT, "issue"), "jiraKey"),
        ((*EVENT, "card"), {}),
        ((*EVENT, "card", "key"), "a$b"),
        ((*EVENT, "poll", "every"), 4),
        ((*EVENT, "poll", "every"), 1.5),
        ((*EVENT, "poll", "filter"), ""),
        ((*EVENT, "attributes"), {}),
        ((*EVENT, "attributes", "summary"), "a b"),
        ((*EVENT, "attributes", "summary"), "a.b.c.d.e"),
        ((*EVENT, "attributes", "summary"), ["a", "a"]),
        ((*EVENT, "attributes", "summary"), []),
        ((*EVENT, "attributes", "summary"), {"source": "a", "value": "b"}),
        ((*EVENT, "attributes", "summary"), {"value": "a", "map": {"b": "c"}}),
        ((*EVENT, "attributes", "summary"), {"value": []}),
        ((*EVENT, "attributes", "summary"), {"value": {"code": "a"}}),
        ((*EVENT, "attributes", "summary"), {"source": "a", "map": {}}),
        ((*EVENT, "attributes", "summary"), {"source": "a", "as": "html"}),
        ((*EVENT, "attributes", "summary"), {"source": "a", "format": "date"}),
        ((*EVENT, "write_back"), {"jiraKey": "accountId"}),
        ((*EVENT, "write_back"), {}),
        ((*EVENT, "write_back"), {"a b": "key"}),
        ((*EVENT, "on_completed"), {}),
        ((*EVENT, "on_completed", "set"), {}),
        ((*EVENT, "on_completed", "set", "jiraSync"), ["a"]),
        (("event_tasks", 1, "allow_values_in_conf"), "yes"),
        (("event_tasks", 1, "visibility"), {"group": "a", "role": "b"}),
        (("event_tasks", 1, "visibility"), {}),
        (("event_tasks", 3, "products"), ["jira"]),
        (("event_tasks", 3, "groups"), "a"),
    ],
)
def test_a_mistake_that_an_editor_can_see_is_refused_by_both(path, value):
    data = changed(path, value)
    assert not VALIDATOR.is_valid(data)
    with pytest.raises(ValidationError):
        Connector.model_validate(data)


@pytest.mark.parametrize("name", sorted(LATER_KEYS["GenericTask"]))
def test_what_comes_later_is_not_offered_yet(name):
    assert not VALIDATOR.is_valid(changed((*TASK, name), {}))


def test_every_key_is_described():
    bare = [
        f"{model}.{key}"
        for model, schema in {"Connector": SCHEMA, **SCHEMA["$defs"]}.items()
        for key, value in schema["properties"].items()
        if not value.get("description") and "$ref" not in value and model != "Coded"
    ]
    assert bare == []


scalars = st.none() | st.booleans() | st.integers(-5, 30) | st.sampled_from(["", "x", "id", "keep", "5m", "1"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["source", "value", "as", "map", "code", "default", "format", "set", "group", "every", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=4,
)


def paths(data, path=()):
    yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths(value, (*path, key))


@given(st.sampled_from([each for each in paths(GOOD) if each]), values)
def test_an_editor_never_marks_what_the_models_accept(path, value):
    data = changed(path, value)
    try:
        Connector.model_validate(data)
    except ValidationError:
        return
    VALIDATOR.validate(data)


def test_the_example_in_the_repository_passes_if_there_is_one():
    import yaml

    folder = Path(__file__).parents[2] / "dags" / "definitions"
    for file in folder.glob("*.y*ml"):
        VALIDATOR.validate(yaml.safe_load(file.read_text(encoding="utf-8")))
