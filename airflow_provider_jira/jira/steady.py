"""Reading a list that may move, until it was read while it held still.

What moves every time is an error after several tries; it is never taken for whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from airflow_provider_jira.jira.connection import Connection
from airflow_provider_jira.jira.errors import JiraIncomplete
from airflow_provider_jira.jira.paging import ListShifted
from airflow_provider_jira.jira.retry import TRIES

Entry = TypeVar("Entry")
Walk = Callable[[], AsyncIterator[tuple[Entry, ...]]]


async def pieces(
    connection: Connection, walk: Walk[Entry], name: Callable[[Entry], str], method: str, path: str, called: str
) -> AsyncIterator[tuple[Entry, ...]]:
    """Hand out a list page by page, and what a second walk found besides.

    For long lists, of which nothing has to be taken back: who leaves the list between two walks has been handed out.

    :param connection: waits before a repeat
    :param walk: begins at the beginning
    :param name: tells entries apart; those without a name (``""``) are handed out by each walk
    :param method: HTTP method that the error names
    :param path: path that the error names
    :param called: what the list is called, beginning a sentence
    :raises JiraIncomplete: the list moved each time
    """
    handed: set[str] = set()
    attempt = 0
    while True:
        try:
            async for page in walk():
                if fresh := tuple(entry for entry in page if name(entry) not in handed):
                    yield fresh
                handed.update(filter(None, map(name, page)))
        except ListShifted:
            attempt += 1
        else:
            return
        await _again(connection, attempt, method, path, called)


async def whole(connection: Connection, walk: Walk[Entry], method: str, path: str, called: str) -> list[Entry]:
    """Return a list as one walk found it.

    :raises JiraIncomplete: the list moved each time

    The parameters are those of :func:`pieces`.
    """
    attempt = 0
    while True:
        try:
            return [entry async for page in walk() for entry in page]
        except ListShifted:
            attempt += 1
        await _again(connection, attempt, method, path, called)


async def _again(connection: Connection, attempt: int, method: str, path: str, called: str) -> None:
    if attempt == TRIES:
        raise JiraIncomplete(
            f"{called} came out short or changed while it was read, {TRIES} times in a row, so somebody may lack. Try "
            f"again when less is being changed in Jira.",
            method=method,
            path=path,
        )
    await connection.before_repeat(attempt)
