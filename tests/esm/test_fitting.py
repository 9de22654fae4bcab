"""Values fit their attributes before they are sent, or are refused by name and without the value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_jira.esm.fitting import StaticText, Unfit, fit, number_text
from airflow_provider_jira.esm.store import Attribute, Template
from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static, Value

STATICS = {"02 - Solving": "solving", "3": None, "05.03.2026": "d", "4.5": "x"}
TEMPLATE = Template(
    "t",
    {
        attribute.code: attribute
        for attribute in (
            Attribute("text", "string", False),
            Attribute("texts", "string", True),
            Attribute("unsaid", "string", None),
            Attribute("number", "number", False),
            Attribute("date", "date", False),
            Attribute("static", "static-value", False, STATICS),
            Attribute("open", "static-value", False),
            Attribute("ref", "reference", True),
            Attribute("ref1", "reference", False),
            Attribute("file", "external-reference", True),
            Attribute("log", "worklog", True),
            Attribute("untyped"),
        )
    },
    ("f",),
)  # fmt: skip


def fitted(code: str, *values: Value, template: Template | None = TEMPLATE) -> tuple[Any, ...]:
    return fit(Card("k", {code: values}), template)[code]


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("text", "a", "a"),
        ("text", 7, 7),
        ("text", True, "true"),
        ("text", Day("2026-03-05"), Day("2026-03-05")),
        ("number", 7, 7),
        ("number", 0.5, 0.5),
        ("number", " 12 ", 12),
        ("number", "-1.5", -1.5),
        ("number", "1e3", 1000.0),
        ("date", Day("2026-03-05"), Day("2026-03-05")),
        ("date", "2026-03-05", Day("2026-03-05")),
        ("date", "2026-03-05T10:20:30Z", Instant("2026-03-05T10:20:30Z")),
        ("static", "02 - Solving", StaticText("02 - Solving", "solving")),
        ("static", Static("solving"), StaticText("02 - Solving", "solving")),
        ("static", 3, StaticText("3", None)),
        ("static", 3.0, StaticText("3", None)),
        ("static", Day("2026-03-05"), StaticText("05.03.2026", "d")),
        ("static", 4.5, StaticText("4.5", "x")),
        ("open", "whatever", StaticText("whatever", None)),
        ("untyped", "a", "a"),
        ("ref", Link("7", "a"), Link("7", "a")),
        ("untyped", Link("7", "a"), Link("7", "a")),
    ],
)
def test_what_fits(code: str, value: Value, expected: Any) -> None:
    assert fitted(code, value) == (expected,)


@pytest.mark.parametrize(
    ("code", "values", "why"),
    [
        ("nope", ("Secret",), "does not exist in template 't'"),
        ("text", ("Secret", "b"), "holds one value, 2 are given"),
        ("text", (Static("Secret"),), "name it by its text"),
        ("untyped", (Static("Secret"),), "name it by its text"),
        ("number", ("Secret",), "holds numbers"),
        ("number", (True,), "holds numbers"),
        ("number", ("nan",), "holds numbers"),
        ("number", ("inf",), "holds numbers"),
        ("number", (Day("2026-03-05"),), "holds numbers"),
        ("date", ("Secret",), "holds dates"),
        ("date", ("2026-02-30",), "holds dates"),
        ("date", ("2026-03-05T25:00:00Z",), "holds dates"),
        ("date", ("2026-03-05T10:00:00",), "holds dates"),
        ("date", (5,), "holds dates"),
        ("static", ("Secret",), "no static value with the text given"),
        ("static", (Static("Secret"),), "no static value with the code given"),
        ("static", (Instant("2026-03-05T10:20:30Z"),), "no static value"),
        ("open", (Static("Secret"),), "no static value with the code given"),
        ("ref", ("Secret",), "points at data cards"),
        ("ref", (Link("7", "a"), 7), "points at data cards"),
        ("ref", (Static("Secret"),), "points at data cards"),
        ("ref", (Reference("account", "accountId", "Secret"),), "'accountId' of template 'account'"),
        ("ref1", (Link("7", "Secret"), Link("8", "Secret")), "holds one value, 2 are given"),
        ("untyped", (Reference("account", "accountId", "Secret"),), "was not found"),
        ("text", (Reference("account", "accountId", "Secret"),), "was not found"),
        ("text", (Link("7", "Secret"),), "is of type string and cannot point at a data card"),
        ("static", (Link("7", "Secret"),), "is of type static-value and cannot point"),
        ("number", (Link("7", "7"),), "cannot point"),
        ("date", (Link("7", "2026-03-05"),), "cannot point"),
        ("log", (Link("7", "Secret"),), "is of type worklog"),
        ("file", ("Secret",), "is of type external-reference"),
        ("log", ("Secret",), "is of type worklog"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(code: str, values: tuple[Value, ...], why: str) -> None:
    with pytest.raises(Unfit) as caught:
        fitted(code, *values)
    refusal = caught.value.refusal()
    assert (refusal.code, refusal.attribute) == ("attribute_refused", code)
    assert why in refusal.message
    assert "Secret" not in refusal.message


def test_a_template_that_cannot_be_read_takes_all_but_codes() -> None:
    assert fitted("whatever", "a", 1, False, template=None) == ("a", 1, "false")
    assert fitted("whatever", Link("7", "a"), template=None) == (Link("7", "a"),)
    for value in (Static("x"), Reference("t", "k", "x")):
        with pytest.raises(Unfit):
            fitted("whatever", value, template=None)


def test_a_card_is_pointed_at_once() -> None:
    assert fitted("ref", Link("7", "a"), Link("8", "b"), Link("7", "a")) == (Link("7", "a"), Link("8", "b"))
    assert fitted("ref1", Link("7", "a"), Link("7", "a")) == (Link("7", "a"),)
    assert fitted("texts", "a", "a") == ("a", "a")


def test_empty_texts_are_no_values() -> None:
    assert fitted("texts", "", "a", "") == ("a",)
    assert fitted("text", "") == ()
    assert fitted("unsaid", "a", "b") == ("a", "b")
    assert fitted("ref") == ()


@given(st.one_of(st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False)))
@example(5.960464477539063e-08)
@example(1e15)
def test_a_number_is_written_plainly_and_read_back_as_itself(value: float) -> None:
    text = number_text(value)
    assert "e" not in text.lower()
    assert float(text) == float(value)
    assert not text.endswith(".0")


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_has_no_decimals(value: int) -> None:
    assert number_text(float(value)) == number_text(value) == str(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_given_as_text_is_the_number(value: float) -> None:
    assert float(fitted("number", repr(value))[0]) == value
    assert json.dumps(fitted("number", repr(value))[0])
