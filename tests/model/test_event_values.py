"""Rule and card -> the texts for Jira: which source counts, what a map makes of it, and what becomes of nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model.card import Shown
from airflow_provider_jira.model.event_values import Unmapped, texts
from airflow_provider_jira.model.value_rule import ValueRule

CARD = {
    "subject": (Shown("Printer is on fire"),),
    "status": (Shown("07 - Solved", code="solved"),),
    "coded": (Shown("", code="second"),),
    "labels": (Shown("b"), Shown("a"), Shown("b")),
    "customer": (Shown("Ada Lovelace", card_id="7"),),
    "customer.accountId": (Shown("acc:1"),),
    "blank": (Shown(" \n"),),
    "empty": (),
    "control": (Shown("a\x00b"),),
}
SOLVED = {"07 - Solved": "Done"}


def rule(**written: Any) -> ValueRule:
    return ValueRule.model_validate(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"source": "subject"}, ("Printer is on fire",)),
        ({"source": "labels"}, ("b", "a")),
        ({"source": "customer"}, ("Ada Lovelace",)),
        ({"source": "customer.accountId"}, ("acc:1",)),
        ({"source": "coded"}, ("second",)),
        ({"source": "control"}, ("ab",)),
        ({"source": ["empty", "blank", "subject", "labels"]}, ("Printer is on fire",)),
        ({"source": "empty"}, ()),
        ({"source": "blank"}, ()),
        ({"source": "unread"}, ()),
        ({"source": "empty", "when_empty": "keep"}, None),
        ({"source": "subject", "when_empty": "keep"}, ("Printer is on fire",)),
        ({"source": "empty", "default": "x"}, ("x",)),
        ({"source": "status", "map": SOLVED}, ("Done",)),
        ({"source": "status", "map": {"solved": "Done"}}, ("Done",)),
        ({"source": "status", "map": {"solved": "by code", "07 - Solved": "by text"}}, ("by text",)),
        ({"source": "coded", "map": {"second": "2"}}, ("2",)),
        ({"source": "subject", "map": SOLVED, "default": "Open"}, ("Open",)),
        ({"source": "empty", "map": SOLVED, "default": "Open"}, ("Open",)),
        ({"source": "empty", "map": SOLVED}, ()),
        ({"source": "labels", "map": {"a": "same", "b": "same"}}, ("same",)),
        ({"value": "SUP"}, ("SUP",)),
        ({"value": ["a", "b", "a"]}, ("a", "b")),
    ],
)
def test_what_a_rule_takes_from_a_card(written, expected):
    assert texts(rule(**written), CARD) == expected


@pytest.mark.parametrize("source", ["subject", "labels", "status"])
def test_a_value_that_the_map_does_not_name_is_refused_and_not_quoted(source):
    with pytest.raises(Unmapped) as refused:
        texts(rule(source=["empty", source], map={"a": "x", "Solved": "y"}), CARD)
    assert refused.value.source == source
    assert source in str(refused.value)
    assert not any(each.text in str(refused.value).replace("labels", "") for each in CARD[source] if len(each.text) > 1)


SHOWN = st.builds(Shown, st.text(max_size=4), st.none() | st.text(max_size=3))


@given(st.dictionaries(st.sampled_from("abc"), st.lists(SHOWN, max_size=3).map(tuple)), st.booleans())
def test_whatever_a_card_holds_no_value_is_blank_or_given_twice(card, keep):
    found = texts(rule(source=["a", "b"], when_empty="keep" if keep else "clear"), card)
    if found is None:
        assert keep
    else:
        assert all(each for each in found)
        assert len(set(found)) == len(found)
