"""The demo and its world: the stage set, the story told or the world kept, and the exit status.

What happens between Jira and ESM is in :mod:`~airflow_provider_jira.sandbox.demo.chapters`, ``chapters_events`` and
``chapters_hiring``. The exit status is 0 only when every check there holds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.text import Text

from airflow_provider_jira.sandbox.demo.chapters import story
from airflow_provider_jira.sandbox.demo.chapters_events import events
from airflow_provider_jira.sandbox.demo.chapters_hiring import hiring
from airflow_provider_jira.sandbox.demo.incidents import some_incidents
from airflow_provider_jira.sandbox.demo.rest import RestRefused, TooLate
from airflow_provider_jira.sandbox.demo.runs import RunFailed
from airflow_provider_jira.sandbox.demo.show import findings_table
from airflow_provider_jira.sandbox.demo.stage import (
    BACK,
    COMMENT,
    CREATE,
    DAGS,
    FRESH,
    PEOPLE,
    TICKETS,
    NoStage,
    Stage,
    set_stage,
)
from airflow_provider_jira.sandbox.demo.world import AirflowDied


def terminal() -> Console:
    """Open the terminal, or a wide page where the output goes to a file."""
    return Console(width=None if sys.stdout.isatty() else 140)


def demo(folder: Path, *, issues: int = 5000, api: Literal["rest", "webapi"] = "rest") -> int:
    """Give the demo.

    :param folder: for Airflow's home and logs; kept afterwards
    :param issues: how many issues to bring over
    :param api: which of ESM's APIs to use
    :returns: exit status: 0 when every check holds, 1 when one does not, 130 when interrupted
    """
    console = terminal()
    began = time.monotonic()
    try:
        with set_stage(folder, issues=issues, api=api) as stage:
            _start(console, stage, issues)
            findings = [*story(console, stage, issues), *events(console, stage), *hiring(console, stage)]
    except KeyboardInterrupt:
        console.print("\nInterrupted; everything has been ended.")
        return 130
    except (AirflowDied, NoStage, RestRefused, RunFailed, TooLate) as error:
        console.print(Text(f"\n{error}", style="red"))
        return 1
    console.print(findings_table("Checks", findings))
    failed = sum(not finding.holds for finding in findings)
    took = time.monotonic() - began
    verdict = f"{failed} of {len(findings)} checks FAIL" if failed else f"All {len(findings)} checks hold"
    console.print(
        f"[bold]{verdict}.[/bold] {took:.0f} s in all. Airflow's logs are in {folder / 'airflow' / 'logs'}. "
        "To look at the same world in Airflow's pages: make up"
    )
    return 1 if failed else 0


def up(folder: Path, *, issues: int = 5000, api: Literal["rest", "webapi"] = "rest") -> int:
    """Bring the demo's world up, start one run of people and one of issues, and keep it until Ctrl-C.

    :returns: exit status: 0 after Ctrl-C, 1 when something ended by itself
    """
    console = terminal()
    try:
        with set_stage(folder, issues=issues, api=api) as stage:
            _start(console, stage, issues)
            airflow = stage.airflow
            solving, new, other = some_incidents(stage.esm)
            run_id = airflow.rest.trigger(PEOPLE)
            console.print(
                f"\n{airflow.url}   user {airflow.user}   password {airflow.password}", highlight=False, style="bold"
            )
            console.print(
                f"{PEOPLE} has just been started; {TICKETS} follows when it has ended, because issues point at people. "
                f"{FRESH} brings over what changes between two runs of that.\n"
                f'Change 50 issues:  curl -d \'{{"count": 50, "seed": 1}}\' {stage.jira.url}/_sandbox/world/change\n'
                f'Delete 10 issues:  curl -d \'{{"count": 10, "seed": 1}}\' {stage.jira.url}/_sandbox/world/delete\n'
                f"Change 5 people:   curl -d '{{\"count\": 5}}' {stage.jira.url}/_sandbox/world/people/change\n"
                f"9 join or leave:   curl -d '{{\"count\": 9}}' {stage.jira.url}/_sandbox/world/members/change\n"
                f"Three incidents are in ESM. {solving} is being solved: it becomes an issue by itself, in a minute. "
                f"Start {CREATE} for data_card_id {other} in Airflow's pages, then {COMMENT}: it says in Jira what "
                f"stands in the card's worklog, and {BACK} brings over what is said there.\n"
                f"Solve the third:   curl -d '{_solving(new)}' {stage.esm.url}/_sandbox/world/card\n"
                f"ESM's cards:       curl {stage.esm.url}/_sandbox/truth/cards?template=incident\n"
                "                   (or jira_issue, account, entitlement)\n"
                "Ctrl-C ends it all.",
                highlight=False,
                soft_wrap=True,
            )
            airflow.rest.wait(PEOPLE, run_id, watcher=lambda *_: airflow.check())
            airflow.rest.trigger(TICKETS)
            while True:
                airflow.check()
                time.sleep(1)
    except KeyboardInterrupt:
        console.print("\nEverything has been ended.")
        return 0
    except (AirflowDied, NoStage, RestRefused, TooLate) as error:
        console.print(Text(f"\n{error}", style="red"))
        return 1


def _solving(card: str) -> str:
    return json.dumps({"template": "incident", "dataCardId": card, "values": {"status": ["02 - Solving"]}})


def _start(console: Console, stage: Stage, issues: int) -> None:
    console.print(f"Sandbox: Jira with {issues:,} issues at {stage.jira.url}, ESM at {stage.esm.url}", highlight=False)
    began = time.monotonic()
    with console.status("Airflow starts …"):
        stage.airflow.start()
        for dag_id in DAGS:
            stage.airflow.rest.wait_for_dag(dag_id)
    console.print(f"Airflow: {stage.airflow.url}, ready after {time.monotonic() - began:.0f} s", highlight=False)
