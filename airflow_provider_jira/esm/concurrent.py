"""Several pieces of work at once, and one plain error when one of them fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

T = TypeVar("T")
R = TypeVar("R")


async def each(work: Callable[[T], Awaitable[R]], items: Sequence[T], at_once: int) -> list[R]:
    """Do the same to every item, a few at once.

    After a failure no further item is begun, those under way are finished (a request that is cut off leaves behind the
    question of whether it was carried out), and the first failure is raised as itself, not inside a group.

    :param work: what to do
    :param items: with what
    :param at_once: how many at once
    :returns: the results in the items' order
    """
    results: dict[int, R] = {}
    failures: list[Exception] = []
    waiting = iter(enumerate(items))

    async def worker() -> None:
        for index, item in waiting:
            if failures:
                return
            try:
                results[index] = await work(item)
            except Exception as failure:  # noqa: BLE001  # raised again below
                failures.append(failure)

    async with anyio.create_task_group() as group:
        for _ in range(min(at_once, len(items))):
            group.start_soon(worker)
    if failures:
        raise failures[0]
    return [results[index] for index in range(len(items))]
