"""Several questions at once, never more than a few, and none left behind.

Answers come as they are ready, in no order, so that one slow question does not hold up the others. The first failure
ends all of them, and so does a reader who stops reading, at the latest when the client is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from itertools import islice
from typing import Any, TypeVar

K = TypeVar("K")
R = TypeVar("R")


class SideBySide:
    """Asks questions side by side, in one event loop.

    :param at_a_time: how many are under way at most, of each call of :meth:`each`
    """

    def __init__(self, at_a_time: int) -> None:
        self._at_a_time = at_a_time
        self._under_way: set[asyncio.Task[Any]] = set()

    async def each(
        self, items: Iterable[K], ask: Callable[[K], Coroutine[Any, Any, R]]
    ) -> AsyncGenerator[tuple[K, R], None]:
        """Ask about each of some items.

        :param items: asked about in this order
        :param ask: the question
        :returns: item and answer, as they are ready. Who may stop reading before the end closes it (``aclosing``)
        """
        waiting = iter(items)
        tasks: dict[asyncio.Task[R], K] = {}
        try:
            while True:
                for item in islice(waiting, self._at_a_time - len(tasks)):
                    task = asyncio.create_task(ask(item))
                    tasks[task] = item
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)
                if not tasks:
                    return
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    answer = task.result()
                    yield tasks.pop(task), answer
        finally:
            await end(tasks)

    async def close(self) -> None:
        """End what readers have given up."""
        await end(self._under_way)


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they have ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
