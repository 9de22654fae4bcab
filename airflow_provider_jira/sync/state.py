"""Where a task's memory lives between runs: a handful of named texts, behind an interface small enough for any store.

Airflow Variables are the real one (``hooks/state.py``); :class:`MemoryState` serves tests and dry runs. The interface
has no compare-and-set because Variables have none: the one writer rule (a task's ``commit``, one active run a DAG)
and the version check in :mod:`~airflow_provider_jira.sync.cache` stand in for it.
"""

from __future__ import annotations

import re
from typing import Protocol

NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,200}")
"""Names that every store can hold: Airflow's Variable client does not escape others in its URLs."""


class State(Protocol):
    """Named texts. A write is seen by every later read, whichever process does it."""

    def get(self, name: str) -> str | None:
        """Read a text, ``None`` where there is none."""

    def set(self, name: str, value: str) -> None:
        """Write a text, replacing what was there."""

    def delete(self, name: str) -> None:
        """Remove a text; one that is not there is no error."""

    def names(self, beginning: str) -> list[str]:
        """List the names that begin like this, in order."""


class MemoryState:
    """A state that lives as long as the process."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """Read a text."""
        return self.texts.get(_checked(name))

    def set(self, name: str, value: str) -> None:
        """Write a text."""
        self.texts[_checked(name)] = value

    def delete(self, name: str) -> None:
        """Remove a text."""
        self.texts.pop(_checked(name), None)

    def names(self, beginning: str) -> list[str]:
        """List names."""
        return sorted(name for name in self.texts if name.startswith(_checked(beginning)))


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"state name {name!r} has characters that not every store can hold; allowed: {NAME.pattern}")
    return name
