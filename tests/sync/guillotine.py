"""Kills a run at a chosen point.

A point is a request answered, a file staged or a text of the memory written: between two points nothing happens that
could be seen from outside. The kill comes right after the request was answered, or right before the file or text is
written: the moments when the other side knows more than we do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import httpx
import pytest
from pipeline import Killed

from airflow_provider_jira.sync import MemoryState
from airflow_provider_jira.sync.staging import PlanStaging


class Guillotine:
    """Counts points, and kills at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.points = 0
        self.at: int | None = None
        write, set_, delete = PlanStaging.write, MemoryState.set, MemoryState.delete
        send = httpx.AsyncHTTPTransport.handle_async_request

        def staged(staging: PlanStaging, name: str, content: object) -> None:
            self.point()
            write(staging, name, content)

        def remembered(state: MemoryState, name: str, value: str) -> None:
            self.point()
            set_(state, name, value)

        def forgotten(state: MemoryState, name: str) -> None:
            self.point()
            delete(state, name)

        async def answered(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            response = await send(transport, request)
            self.point()
            return response

        monkeypatch.setattr(PlanStaging, "write", staged)
        monkeypatch.setattr(MemoryState, "set", remembered)
        monkeypatch.setattr(MemoryState, "delete", forgotten)
        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answered)

    def point(self) -> None:
        self.points += 1
        if self.points == self.at:
            raise Killed

    @contextlib.contextmanager
    def falls(self, at: int) -> Iterator[None]:
        self.points, self.at = 0, at
        try:
            yield
        finally:
            self.at = None

    @contextlib.contextmanager
    def rests(self) -> Iterator[None]:
        """Let something happen beside the run that is not to be killed with it."""
        points, at = self.points, self.at
        self.at = None
        try:
            yield
        finally:
            self.points, self.at = points, at


def dies(work: Callable[[], object]) -> bool:
    """Do some work, and say whether it was killed; a kill inside a task group comes in a group of its own."""
    try:
        work()
    except BaseException as error:
        while isinstance(inner := getattr(error, "exceptions", error), tuple):
            (error,) = inner
        if not isinstance(error, Killed):
            raise
        return True
    return False
