"""Page tokens: one chain a search, each page's token known only from the page before it."""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Callable
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches

_MOST = 500


class Walk(msgspec.Struct):
    """One search that is being paged through.

    :param about: what must stay the same over all pages
    :param began: server time
    :param cursors: where each page begins: the ordering values of the last issue before it; ``None`` for the first
    :param used: numbers of the pages whose token was used
    """

    number: int
    about: Any
    began: float
    cursors: list[tuple[Any, ...] | None]
    used: set[int]


class Walks:
    """All walks of a site; the oldest are forgotten.

    :param switches: how tokens may be used
    :param now: server time
    """

    def __init__(self, switches: JiraSwitches, now: Callable[[], float]) -> None:
        self.switches = switches
        self.now = now
        self._numbers = itertools.count(1)
        self._walks: dict[int, Walk] = {}

    def begin(self, about: Any) -> tuple[Walk, int]:
        """Begin a walk; returns it and the number of its first page."""
        walk = Walk(next(self._numbers), about, self.now(), [None], set())
        self._walks[walk.number] = walk
        if len(self._walks) > _MOST:
            del self._walks[min(self._walks)]
        return walk, 0

    def follow(self, token: str, about: Any) -> tuple[Walk, int]:
        """Return the walk and the page that a token stands for.

        :raises Refused: 400, the token cannot be used
        """
        try:
            number, page = (int(part) for part in base64.urlsafe_b64decode(token.encode()).decode().split("/"))
            walk = self._walks[number]
        except (ValueError, KeyError, binascii.Error):
            raise Refused(400, "The provided next page token is invalid.") from None
        if walk.about != about:
            raise Refused(400, "The provided next page token belongs to another query.")
        if self.now() - walk.began > self.switches.walk_life:
            raise Refused(400, "The provided next page token has expired.")
        latest = len(walk.cursors) - 1
        if page > latest:
            raise Refused(400, "The provided next page token is invalid.")
        if self.switches.replay == "once" and page in walk.used:
            raise Refused(400, "The provided next page token has been used already.")
        if self.switches.replay == "latest" and page < latest - 1:
            raise Refused(400, "The provided next page token is out of sequence.")
        walk.used.add(page)
        return walk, page

    def go_on(self, walk: Walk, page: int, cursor: tuple[Any, ...] | None) -> str:
        """Return the token of the page after ``page``.

        :param cursor: where that page begins
        """
        walk.cursors[page + 1 : page + 2] = [cursor]
        return base64.urlsafe_b64encode(f"{walk.number}/{page + 1}".encode()).decode()
