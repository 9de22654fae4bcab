"""Several at once, in order, and one plain error."""

from __future__ import annotations

import asyncio

import pytest

from airflow_provider_jira.esm.concurrent import each


class Work:
    def __init__(self, failing: frozenset[int] = frozenset()) -> None:
        self.under_way = 0
        self.most = 0
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.failing = failing

    async def __call__(self, item: int) -> int:
        self.begun.append(item)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(10 - item % 10):
            await asyncio.sleep(0)
        self.under_way -= 1
        if item in self.failing:
            raise LookupError(item)
        self.ended.append(item)
        return item * 2


def test_results_are_in_the_items_order_and_never_too_many_run() -> None:
    work = Work()
    assert asyncio.run(each(work, range(25), 4)) == [n * 2 for n in range(25)]
    assert work.most == 4


def test_nothing_to_do_is_done() -> None:
    assert asyncio.run(each(Work(), [], 4)) == []


def test_the_failure_itself_is_raised_after_those_under_way_have_ended() -> None:
    work = Work(failing=frozenset({9}))
    with pytest.raises(LookupError):
        asyncio.run(each(work, [0, 1, 9, 2, 3, 4, 5], 3))
    assert work.begun == [0, 1, 9]
    assert sorted(work.ended) == [0, 1]


def test_of_two_failures_one_is_raised() -> None:
    with pytest.raises(LookupError):
        asyncio.run(each(Work(failing=frozenset({1, 2})), [1, 2], 2))
