"""Waits for work that has a large result.

While :func:`asyncio.run` waits, Ctrl-C is its own to handle, and when it gives that back, Python writes the handler
out as a text, with the task and the task's whole result in it, and throws it away. A read of 20,000 people is 60 MB of
such text, twice. So the task is left without a result.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def result_of(work: Coroutine[Any, Any, T]) -> T:
    """Run work in an event loop of its own.

    :param work: a coroutine
    :returns: what it returns
    """
    results: list[T] = []

    async def keep() -> None:
        results.append(await work)

    asyncio.run(keep())
    return results[0]
