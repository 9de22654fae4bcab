"""Receipts folded into a memory: acceptances stand, refusals wait, twice is once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.sync.cache import LedgerEntry
from airflow_provider_jira.sync.receipts import Receipt, fold
from airflow_provider_jira.sync.shards import Known

OLD = Known(b"olddigst", 50, 1)
REFUSED = Receipt(5, b"newdigst", "refused", 0, 2, "attribute_refused", "status", "no such value")
ACCEPTED = Receipt(5, b"newdigst", "updated", 50, 2)


def test_an_accepted_record_is_known_as_it_was_sent() -> None:
    folded = fold({5: OLD}, {5: LedgerEntry("x", None, "x")}, [ACCEPTED], "p")
    assert folded.known == {5: Known(b"newdigst", 50, 2)}
    assert folded.ledger == {}


def test_a_refused_record_loses_its_digest_keeps_its_card_and_waits() -> None:
    folded = fold({5: OLD}, {}, [REFUSED], "p")
    assert folded.known == {5: Known(None, 50, 2)}
    assert folded.ledger == {5: LedgerEntry("attribute_refused", "status", "no such value", "p", 1)}


def test_an_acceptance_stands_against_a_refusal_of_the_same_card() -> None:
    assert fold({}, {}, [ACCEPTED, REFUSED], "p").latest[5] is ACCEPTED
    assert fold({}, {}, [REFUSED, ACCEPTED], "p").latest[5] == ACCEPTED


def test_a_newer_card_that_is_refused_takes_the_older_ones_place() -> None:
    newer = Receipt(5, b"thirddig", "refused", 0, 2, "card_refused", None, "no")
    assert fold({}, {}, [ACCEPTED, newer], "p").known[5].digest is None


def test_runs_are_counted_once_a_plan() -> None:
    first = fold({}, {}, [REFUSED], "p1").ledger
    again = fold({}, first, [REFUSED], "p1").ledger
    second = fold({}, again, [REFUSED], "p2").ledger
    assert [first[5].runs, again[5].runs, second[5].runs] == [1, 1, 2]


RECEIPTS = st.lists(
    st.builds(
        Receipt,
        id=st.integers(1, 5),
        digest=st.sampled_from([b"aaaaaaaa", b"bbbbbbbb"]),
        status=st.sampled_from(["created", "updated", "refused"]),
        card_id=st.integers(0, 3),
        project_id=st.integers(0, 2),
    ),
    max_size=12,
)


@given(RECEIPTS)
def test_folding_twice_is_folding_once(told: list[Receipt]) -> None:
    once = fold({}, {}, told, "p")
    twice = fold(once.known, once.ledger, told, "p")
    assert (twice.known, twice.ledger) == (once.known, once.ledger)


@given(RECEIPTS)
def test_every_record_told_of_is_known_with_a_digest_or_waits(told: list[Receipt]) -> None:
    folded = fold({}, {}, told, "p")
    for receipt in told:
        assert (folded.known[receipt.id].digest is None) == (receipt.id in folded.ledger)
