"""The conf of a run: what its schema lets through is what the run reads, and no value is quoted when it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from airflow_provider_jira.model.card import Shown
from airflow_provider_jira.model.event_conf import ConfRefused, RunConf, conf_keys, read_conf
from airflow_provider_jira.model.event_tasks import EventTask, UpdateIssue

CARD = {"card": {"template": "incident"}}
BOTH = {**CARD, "allow_values_in_conf": True}
VALUES = {"allow_values_in_conf": True}
POLLED = {**CARD, "poll": {"filter": "$a$ is null"}}


def task(**more: Any) -> EventTask:
    return UpdateIssue.model_validate(
        {"id": "one", "activity": "update_issue", "issue": "jiraKey", "attributes": {"summary": ["subject", "a.b"]}}
        | more
    )


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        (CARD, {"data_card_id": True, "event": False}),
        (BOTH, {"data_card_id": False, "event": False, "values": False}),
        (VALUES, {"event": False, "values": False}),
        (POLLED, {"data_card_id": False, "event": False}),
    ],
)
def test_which_keys_a_run_has(written, keys):
    described = conf_keys(task(**written))
    assert {key.name: key.required for key in described} == keys
    for key in described:
        Draft202012Validator.check_schema(key.schema)
        assert json.loads(json.dumps(key.schema)) == key.schema
        assert key.schema["title"]
        assert key.schema["description"]
        # What is not required is null where it is not given.
        assert Draft202012Validator(key.schema).is_valid(None) is not key.required


@pytest.mark.parametrize(
    ("written", "conf", "read"),
    [
        (CARD, {"data_card_id": "123"}, RunConf("123")),
        (CARD, {"data_card_id": "123", "event": None}, RunConf("123")),
        (CARD, {"data_card_id": "123", "event": "wf-7:2026.a_b"}, RunConf("123", "wf-7:2026.a_b")),
        (BOTH, {"data_card_id": "1", "values": None}, RunConf("1")),
        (
            BOTH,
            {"values": {"jiraKey": "SUP-1", "subject": ["a", 5, 2.0, True, None]}},
            RunConf(
                values={"jiraKey": (Shown("SUP-1"),), "subject": (Shown("a"), Shown("5"), Shown("2"), Shown("true"))}
            ),
        ),
        (VALUES, {"values": {"a.b": None}}, RunConf(values={"a.b": ()})),
        (VALUES, {"values": {}}, RunConf(values={})),
    ],
)
def test_a_good_conf_is_read(written, conf, read):
    assert read_conf(task(**written), conf) == read


@pytest.mark.parametrize(
    ("written", "conf", "told"),
    [
        (CARD, {}, "data_card_id is missing"),
        (CARD, {"data_card_id": None}, "data_card_id is missing"),
        (CARD, {"data_card_id": 123}, "data_card_id is none: write the id in digits, as a text"),
        (CARD, {"data_card_id": "secret"}, "data_card_id is none: write the id in digits"),
        (CARD, {"data_card_id": "12\n"}, "data_card_id is none"),
        (CARD, {"data_card_id": "1", "event": "secret text"}, "event is none: write 1 to 64 letters, digits"),
        (CARD, {"data_card_id": "1", "event": "a" * 65}, "event is none"),
        (CARD, {"datacard_id": "1"}, 'unknown key "datacard_id": did you mean data_card_id?'),
        (CARD, {"data_card_id": "1", "values": {"subject": "secret"}}, 'unknown key "values": the keys are data_card'),
        (BOTH, {}, "neither card nor values: give data_card_id or values"),
        (BOTH, {"data_card_id": "1", "values": {}}, "both data_card_id and values are given: give one"),
        (VALUES, {"data_card_id": "1"}, 'unknown key "data_card_id"'),
        (VALUES, {}, "values is missing"),
        (VALUES, {"values": "secret"}, "values is no object: give attribute: value"),
        (VALUES, {"values": {"subjekt": "secret"}}, 'reads no attribute "subjekt": did you mean subject?'),
        (VALUES, {"values": {"zzz": "secret"}}, "the attributes are jiraKey, subject, a.b"),
        (VALUES, {"values": {"subject": {"a": "secret"}}}, "values.subject: give one text or number, or a list"),
        (VALUES, {"values": {"subject": [["secret"]]}}, "values.subject: give one text or number, or a list"),
        (VALUES, {"values": {"subject": float("nan")}}, "values.subject: give one text or number, or a list"),
    ],
)
def test_a_conf_that_cannot_be_used_is_refused_by_key_and_never_by_value(written, conf, told):
    with pytest.raises(ConfRefused) as refused:
        read_conf(task(**written), conf)
    assert told in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("values", [{"x": "1"}, {"subject": {"a": 1}}, {"subject": [["a"]]}, "a", 5, ["subject"]])
def test_values_that_a_run_cannot_read_do_not_pass_the_form_either(values):
    schema = next(key.schema for key in conf_keys(task(**VALUES)) if key.name == "values")
    assert Draft202012Validator(schema).is_valid({"subject": ["a", 1, None], "a.b": True})
    assert not Draft202012Validator(schema).is_valid(values)


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["1", "12", "a.b", "x:1"])
NAMES = st.sampled_from(["subject", "jiraKey", "a.b", "x"])
CONFS = st.fixed_dictionaries(
    {},
    optional={
        "data_card_id": SCALARS,
        "event": SCALARS,
        "values": SCALARS
        | st.dictionaries(NAMES, SCALARS | st.lists(SCALARS | st.lists(SCALARS), max_size=2), max_size=2),
    },
)


@given(st.sampled_from([CARD, BOTH, VALUES, POLLED]), CONFS)
def test_what_a_run_reads_has_passed_the_schema(written, conf):
    """Airflow holds conf against the schema when a run is made; the run itself must not be stricter but for choices."""
    made = task(**written)
    keys = {key.name: key for key in conf_keys(made)}
    passes = all(
        name in keys and Draft202012Validator(keys[name].schema).is_valid(value) for name, value in conf.items()
    )
    try:
        read_conf(made, conf)
    except ConfRefused as refused:
        words = ("neither card nor values", "both data_card_id", "is missing")
        assert not passes or any(word in str(refused) for word in words)  # noqa: PT017 - one of two outcomes
    else:
        assert passes
