"""One question, asked again and again until there is something to see, or until a deadline.

The deadline is a moment, not a span: a triggerer that starts anew, or that hands its triggers to another one, does not
begin to wait again. Trouble that passes (Jira or ESM cannot answer just now) is waited out, and told if the deadline
comes first; trouble that stays what it is ends the waiting at once.
"""

from __future__ import annotations

import logging
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import anyio
from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async
from typing_extensions import override

from airflow_provider_jira.hooks.finality import is_final

Seen = dict[str, Any]
"""What was seen: ids, keys and names of statuses. It becomes an event and an XCom, and so holds no values."""

Look = Callable[[], Awaitable["Seen | None"]]
"""Asks once; ``None``: not yet."""

LEAST_INTERVAL = 5.0
"""Seconds between two questions at least."""

T = TypeVar("T")
log = logging.getLogger(__name__)


async def made(make: Callable[[], T]) -> T:
    """Make a client beside the triggerer's event loop, which importing and reading a connection would block.

    httpx is told to be quiet: it logs addresses, and some hold keys of records.

    :param make: reads a connection and makes a client of it
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return await sync_to_async(make)()


class PollingTrigger(BaseTrigger):
    """Asks until there is something to see.

    The event is ``{"status": "seen", …what was seen}``, ``{"status": "timeout", "message": …}`` or ``{"status":
    "failed", "message": …, "final": …}``.

    :param poke_interval: seconds between two questions
    :param deadline: seconds since the epoch after which it asks once more and gives up; ``None``: never
    """

    def __init__(self, *, poke_interval: float = 60.0, deadline: float | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Airflow's own
        self.poke_interval = max(float(poke_interval), LEAST_INTERVAL)
        self.deadline = deadline

    @abstractmethod
    def arguments(self) -> dict[str, Any]:
        """Name what the trigger is made of, besides interval and deadline."""

    @abstractmethod
    def asking(self) -> AbstractAsyncContextManager[Look]:
        """Open a client, for as long as there is something to ask."""

    @override
    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Name the class and its arguments, for Airflow's database."""
        kind = type(self)
        waiting = {"poke_interval": self.poke_interval, "deadline": self.deadline}
        return f"{kind.__module__}.{kind.__qualname__}", {**self.arguments(), **waiting}

    async def once(self) -> Seen | None:
        """Ask once.

        :raises ConnectionProblem: the connection cannot be used as it is
        :raises JiraError: or EsmError: there is no answer
        """
        async with self.asking() as look:
            return await look()

    @override
    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, and tell how it ended."""
        yield TriggerEvent(await self._ended())  # type: ignore[no-untyped-call] # as above

    async def _ended(self) -> dict[str, Any]:
        trouble = ""
        try:
            async with self.asking() as look:
                while True:
                    last = self.deadline is not None and self.now() >= self.deadline
                    seen, trouble = await self._look(look)
                    if seen is not None:
                        return {"status": "seen", **seen}
                    if last:
                        return {"status": "timeout", "message": trouble}
                    await self.pause(self._interval())
        except Exception as error:  # noqa: BLE001 - it is told to the task, whose log is where people look
            return {"status": "failed", "message": told(error), "final": is_final(error)}

    async def _look(self, look: Look) -> tuple[Seen | None, str]:
        from airflow_provider_jira.esm.errors import EsmError  # noqa: PLC0415 - only where something is asked
        from airflow_provider_jira.jira.errors import JiraError  # noqa: PLC0415

        try:
            return await look(), ""
        except (JiraError, EsmError) as error:
            if is_final(error):
                raise
            self.log.warning("No answer this time, and asked again later: %s", error)
            return None, str(error)

    def _interval(self) -> float:
        if self.deadline is None:
            return self.poke_interval
        return max(min(self.poke_interval, self.deadline - self.now()), 0.0)

    def now(self) -> float:
        """Tell the time: seconds since the epoch."""
        return time.time()

    async def pause(self, seconds: float) -> None:
        """Wait between two questions."""
        await anyio.sleep(seconds)


def told(error: Exception) -> str:
    """Tell an error: one that is known by its own words, any other by its kind, because its words may hold anything."""
    from airflow_provider_jira.esm.errors import EsmError  # noqa: PLC0415 - as above
    from airflow_provider_jira.jira.errors import JiraError  # noqa: PLC0415

    if is_final(error) or isinstance(error, (JiraError, EsmError)):
        return str(error)
    log.error("An error that this trigger does not know", exc_info=error)
    return f"{type(error).__name__} in the triggerer; its log says more"
