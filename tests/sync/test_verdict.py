"""The second look: what becomes of a card whose record was not in a complete read."""

from __future__ import annotations

import pytest

from airflow_provider_jira.sync.reading.issues import verdict

IN_SUP = {7: 100, 8: 100, 9: 200}


@pytest.mark.parametrize(
    ("record", "returned", "matching", "readable", "projects", "expected"),
    [
        pytest.param(7, {7}, {7}, {100}, IN_SUP, "kept_matching", id="returned-and-matching-the-index-was-late"),
        pytest.param(7, {7}, set(), {100}, IN_SUP, "out_of_scope", id="returned-but-outside-the-jql"),
        pytest.param(7, set(), set(), {100}, IN_SUP, "gone", id="not-returned-though-its-project-can-be-read"),
        pytest.param(9, set(), set(), {100}, IN_SUP, "kept_unreadable", id="its-project-cannot-be-read"),
        pytest.param(6, set(), set(), {100, 200}, IN_SUP, "gone", id="project-unknown-but-all-of-them-can-be-read"),
        pytest.param(6, set(), set(), {100}, IN_SUP, "kept_unreadable", id="project-unknown-and-one-cannot-be-read"),
        pytest.param(6, set(), set(), {100}, {}, "kept_unconfirmed", id="no-project-is-known-at-all"),
        pytest.param(6, set(), set(), {100}, {6: 0}, "kept_unconfirmed", id="a-record-whose-project-was-never-seen"),
        pytest.param(0, set(), set(), {100}, IN_SUP, "kept_unconfirmed", id="whose-record-it-was-is-not-known"),
    ],
)
def test_verdict(
    record: int, returned: set[int], matching: set[int], readable: set[int], projects: dict[int, int], expected: str
) -> None:
    assert verdict(record, returned, frozenset(matching), frozenset(readable), projects) == expected
