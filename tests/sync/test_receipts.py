"""Receipts folded into a memory: acceptances stand, refusals wait, twice is once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.sync.cache import LedgerEntry
from airflow_provider_jira.sync.receipts import LEFT_ALONE, Receipt, fold
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


def test_a_refused_comment_counts_although_the_card_was_accepted() -> None:
    silent = Receipt(5, None, "refused", 50, 2, "comment_refused", None, "no", settled=[7], appended=1)
    folded = fold({5: OLD}, {}, [ACCEPTED, silent], "p")
    assert (folded.known[5].digest, folded.known[5].card_id) == (None, 50)
    assert folded.ledger[5].code == "comment_refused"
    assert (folded.settled, folded.appended) == ({7}, 1), "what was added before is added"


def test_comments_of_all_batches_count_whatever_became_of_their_records() -> None:
    told = [
        Receipt(5, b"newdigst", "created", 50, settled=[1, 2], appended=2),
        Receipt(5, b"newdigst", "unchanged", 50, settled=[3], appended=0),
        Receipt(6, None, "refused", 51, code="comment_refused", settled=[4], appended=1),
    ]
    folded = fold({}, {}, told, "p")
    assert (folded.settled, folded.appended) == ({1, 2, 3, 4}, 3)


def test_a_record_whose_comments_were_left_alone_waits_with_its_digest() -> None:
    left = Receipt(5, b"newdigst", "updated", 50, code=LEFT_ALONE)
    folded = fold({}, {}, [left], "p")
    assert folded.known[5].digest == b"newdigst"
    assert folded.ledger[5].code == LEFT_ALONE
    assert (left.waits, left.points_nowhere) == (True, False)
    assert fold(folded.known, folded.ledger, [ACCEPTED], "p2").ledger == {}


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
