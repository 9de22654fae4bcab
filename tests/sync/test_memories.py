"""What a task and its companion know together of a record, case by case."""

from __future__ import annotations

import pytest

from airflow_provider_jira.sync.memories import together
from airflow_provider_jira.sync.shards import Known

OLD, NEW = b"old-----", b"new-----"


def known(digest: bytes | None, since: int = 0, until: int = 0) -> dict[int, Known]:
    return {5: Known(digest, 50, 1, since, until)}


@pytest.mark.parametrize(
    ("own", "other", "digest", "unsure"),
    [
        pytest.param(known(OLD, 1000, 1010), known(NEW, 2000, 2010), NEW, False, id="the later one counts"),
        pytest.param(known(NEW, 2000, 2010), known(OLD, 1000, 1010), NEW, False, id="the later one is its own"),
        pytest.param(known(OLD, 1000, 2005), known(NEW, 2000, 2010), None, True, id="both at once: nobody knows"),
        pytest.param(known(OLD, 1000, 1010), known(NEW, 1060, 1070), None, True, id="so near that clocks may lie"),
        pytest.param(known(OLD, 1000, 2005), known(OLD, 2000, 2010), OLD, False, id="both at once, the same value"),
        pytest.param(known(None), known(NEW, 2000, 2010), None, False, id="what it does not know it has to push"),
        pytest.param(known(OLD, 1000, 1010), known(None), OLD, False, id="the other's cache was cleared"),
        pytest.param(known(OLD, 1000, 1010), known(None, 2000, 2010), None, True, id="refused to the other since"),
        pytest.param(known(NEW, 3000, 3010), known(None, 2000, 2010), NEW, False, id="refused to the other before"),
        pytest.param({}, known(NEW, 2000, 2010), NEW, False, id="only the other knows"),
    ],
)
def test_of_two_memories_the_later_run_counts(
    own: dict[int, Known], other: dict[int, Known], digest: bytes | None, unsure: bool
) -> None:
    both = together(own, [other])
    assert both.known[5].digest == digest
    assert (5 in both.unsure) == unsure
