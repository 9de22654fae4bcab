"""``airflow jira-connector events``: which events of which cards are not done, and what they wait for.

A refused event holds back the later ones of its card. To try it again, clear its run in Airflow; to let the others go
on without it, dismiss its place.
"""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timezone

from rich.console import Console

from airflow_provider_jira.activities.line import ROOT, Place, dismiss, places
from airflow_provider_jira.cli.beside import DatabaseState
from airflow_provider_jira.sync.state import State

_STANDING = {"waiting": "under way", "refused": "refused", "unknown": "held: nobody can know"}
_SHORT = 8
"""Letters of a place's name that are shown; any beginning that fits one place alone is good."""


def events(args: Namespace, state: State | None = None, console: Console | None = None) -> None:
    """List the events that are not done, or dismiss one.

    :raises SystemExit: the place to dismiss is not there, or not to be told from another
    """
    out = console or Console(soft_wrap=True, highlight=False)
    memory = state or DatabaseState()
    found = places(memory)
    if args.dismiss:
        name, place = _chosen(found, args.dismiss)
        dismiss(memory, name)
        out.print(f"Dismissed run {place.run} of {place.dag}. What it held back goes on at its next look.")
        return
    wanted = {name: place for name, place in found.items() if args.connector in (None, place.card.partition("/")[0])}
    if not wanted:
        out.print("No event is under way, refused or held back.")
        return
    rows = [("Place", "Card", "Standing", "DAG", "Event", "Run", "Since (UTC)", "Reason")]
    for name, place in wanted.items():
        since = datetime.fromtimestamp(place.since, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        standing = _STANDING[place.standing]
        rows.append(
            (_short(name), place.card, standing, place.dag, place.event or "-", place.run, since, place.reason or "-")
        )
    # not a table, which would cut ids to fit a narrow page: they are to be searched for, and to be cleared
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        out.print("  ".join(map(str.ljust, row, widths)).rstrip(), markup=False)
    out.print("To try a refused event again, clear its run in Airflow. To go on without it: --dismiss PLACE.")


def _chosen(found: dict[str, Place], beginning: str) -> tuple[str, Place]:
    fitting = {name: place for name, place in found.items() if _letters(name).startswith(beginning)}
    if len(fitting) != 1:
        how_many = "No place begins" if not fitting else f"{len(fitting)} places begin"
        raise SystemExit(f"{how_many} with {beginning!r}. List them with `airflow jira-connector events`.")
    return next(iter(fitting.items()))


def _letters(name: str) -> str:
    return name.removeprefix(ROOT).partition("/")[2]


def _short(name: str) -> str:
    return _letters(name)[:_SHORT]
