"""Which Variables there are, for an Airflow whose tasks cannot ask.

Since Airflow 3.3 a task can list Variables by the beginning of their names. Before, the names of each line of places
are kept in one more Variable beside them. That has many writers and no compare-and-set, so an addition can be lost to
another one at the same moment. Whoever adds a name therefore looks again after a while, and adds it again until it
stays. This holds as long as no process is stopped for longer than that while between reading the list and writing it;
the list that Airflow 3.3 gives needs no such condition.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from airflow.sdk import Variable

SETTLING = 1.0
"""Seconds after which an addition that is still there will stay."""

_LIST = "listed"


def airflow_lists() -> bool:
    """Tell whether tasks of this Airflow can list Variables."""
    return hasattr(Variable, "keys")


def folder_of(name: str) -> str:
    """Name the line that a name belongs to.

    :param name: ``jira_connector/line/<card>/<run>``
    :returns: all of it up to the last slash
    """
    return name[: name.rindex("/") + 1]


def names_in(folder: str) -> list[str]:
    """List the names of a line, also such as are there no more.

    :param folder: as :func:`folder_of` says it
    """
    found = Variable.get(folder + _LIST, default=None)
    return [] if found is None else list(json.loads(str(found)))


def add(name: str, *, description: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Put a name on the list of its line, so that it stays there.

    :param name: of the Variable
    :param description: of the list, for people who come across it
    :param sleep: waits for so many seconds
    """
    folder = folder_of(name)
    while name not in (names := names_in(folder)):
        Variable.set(folder + _LIST, json.dumps([*names, name]), description=description)
        sleep(SETTLING)


def tidy(name: str, there: Callable[[str], bool]) -> None:
    """Drop the list of a line when nobody stands in it any more.

    :param name: of a Variable that was just deleted
    :param there: tells whether a Variable is there
    """
    folder = folder_of(name)
    if not any(there(each) for each in names_in(folder)):
        Variable.delete(folder + _LIST)
