"""What an attribute points at after an import is compared with what was meant, card by card."""

from __future__ import annotations

import pytest

from airflow_provider_jira.esm.fitting import Fitted
from airflow_provider_jira.esm.xml_links import astray, links_in, unwritable
from airflow_provider_jira.model.card import Link

ONE, TWO = Link("1", "secret-one"), Link("2", "secret-two")


@pytest.mark.parametrize(
    ("written", "shown"),
    [((), ()), (("text",), ()), ((ONE,), ("1",)), ((ONE, TWO), ("2", "1")), ((ONE,), ("1", "1"))],
)
def test_what_points_where_it_should(written: tuple[Fitted, ...], shown: tuple[str, ...]) -> None:
    assert astray(written, shown) is None


@pytest.mark.parametrize(
    ("written", "shown", "said"),
    [
        ((ONE,), (), "holds a text instead of a reference"),
        ((ONE, TWO), ("1",), "does not point at data card 2 after"),
        ((ONE,), ("1", "9"), "points at data card 9 instead after"),
        ((ONE, TWO), ("9",), "does not point at data cards 1, 2 and points at data card 9 instead"),
        ((ONE,), ("2", "3", "4", "5", "6", "7", "8"), "points at data cards 2, 3, 4, 5, 6 and 2 more instead"),
    ],
)
def test_what_does_not_is_named_by_id(written: tuple[Fitted, ...], shown: tuple[str, ...], said: str) -> None:
    problem = astray(written, shown)
    assert problem is not None
    assert said in problem
    assert "secret" not in problem


def test_what_xml_cannot_carry_is_refused_by_attribute() -> None:
    values: dict[str, tuple[Fitted, ...]] = {"good": (ONE, "a\x00b"), "bad": (TWO, Link("3", "a\x00b"), Link("4", " "))}
    (refusal,) = unwritable(values)
    assert (refusal.code, refusal.attribute) == ("attribute_refused", "bad")
    assert "data cards 3, 4 by a key" in refusal.message
    assert links_in(values["good"]) == [ONE]
