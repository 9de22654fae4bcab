"""Two tasks' memories put together: the later run counts, and where no order is sure nothing is believed."""

from __future__ import annotations

import pytest

from airflow_provider_jira.sync.memories import CLOCKS_APART, together
from airflow_provider_jira.sync.shards import Known

A, B = b"aaaaaaaa", b"bbbbbbbb"
APART = CLOCKS_APART + 1


def known(digest: bytes | None, since: int, until: int, card: int = 7) -> Known:
    return Known(digest, card, 1, since, until)


@pytest.mark.parametrize(
    ("mine", "theirs", "digest", "unsure"),
    [
        pytest.param(known(A, 0, 10), known(B, 10 + APART, 99), B, False, id="theirs is later"),
        pytest.param(known(A, 10 + APART, 99), known(B, 0, 10), A, False, id="mine is later"),
        pytest.param(known(A, 0, 50), known(B, 40, 99), None, True, id="they overlapped"),
        pytest.param(known(A, 0, 10), known(B, 10 + CLOCKS_APART, 99), None, True, id="nearer than clocks agree"),
        pytest.param(known(A, 0, 50), known(A, 40, 99), A, False, id="they agree, whatever the order"),
        pytest.param(known(None, 0, 10), known(B, 500, 600), None, False, id="mine has to be pushed"),
        pytest.param(known(A, 0, 10), known(None, 0, 0), A, False, id="theirs was cleared"),
    ],
)
def test_the_later_run_counts(mine: Known, theirs: Known, digest: bytes | None, unsure: bool) -> None:
    both = together({1: mine}, [{1: theirs}])
    assert (both.known[1].digest, both.unsure) == (digest, frozenset({1} if unsure else ()))


def test_what_only_the_other_knows_is_known() -> None:
    assert together({}, [{1: known(A, 0, 10)}]).known == {1: known(A, 0, 10)}


@pytest.mark.parametrize("digest", [A, B])
def test_a_card_id_that_either_knows_is_kept(digest: bytes) -> None:
    both = together({1: known(A, 0, 10, card=7)}, [{1: known(digest, 500, 600, card=0)}])
    assert both.known[1].card_id == 7
    both = together({1: known(A, 500, 600, card=0)}, [{1: known(digest, 0, 10, card=7)}])
    assert both.known[1].card_id == 7
