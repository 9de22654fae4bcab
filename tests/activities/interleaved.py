"""Several runs over one state, one step of one run at a time, in an order that a test decides.

Each run is a function in a thread of its own that stops before every call of the state until it is let go. Which run
goes next is the test's choice, so an unlucky order can be found again; a run can be killed where it stands.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from airflow_provider_jira.sync.state import MemoryState


class Killed(BaseException):
    """The process is gone."""


class Actor:
    """One run.

    :param work: what it does, given the state as it sees it
    :param shared: the texts that all see
    """

    def __init__(self, work: Callable[[Any], None], shared: MemoryState) -> None:
        self._shared = shared
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._kill = False
        self.done = False
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()
        self._stopped.acquire()

    def step(self) -> None:
        """Let it make one call of the state, and run on to the next."""
        if not self.done:
            self._go.release()
            self._stopped.acquire()

    def kill(self) -> None:
        """End it where it stands: the call that it was about to make is never made."""
        self._kill = True
        self.step()

    def get(self, name: str) -> str | None:
        self._pause()
        return self._shared.get(name)

    def set(self, name: str, value: str) -> None:
        self._pause()
        self._shared.set(name, value)

    def delete(self, name: str) -> None:
        self._pause()
        self._shared.delete(name)

    def names(self, beginning: str) -> list[str]:
        self._pause()
        return self._shared.names(beginning)

    def pause(self) -> None:
        """Stop as at a call of the state."""
        self._pause()

    def _pause(self) -> None:
        self._stopped.release()
        self._go.acquire()
        if self._kill:
            raise Killed

    def _run(self, work: Callable[[Any], None]) -> None:
        try:
            work(self)
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.error = error
        finally:
            self.done = True
            self._stopped.release()
