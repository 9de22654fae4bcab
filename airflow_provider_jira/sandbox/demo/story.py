"""The demo: three runs through Airflow's scheduler, their reports, and a check of every card.

Run 1 creates a card for every issue. Run 2 must write nothing: ESM's own request log says whether it did. Then 50
issues change and 10 are deleted in Jira, and run 3 must update 50 cards and mark 10 removed, no more. The exit status
is 0 only when every check holds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.text import Text

from airflow_provider_jira.sandbox.demo import check
from airflow_provider_jira.sandbox.demo.check import Finding
from airflow_provider_jira.sandbox.demo.rest import RestRefused, TooLate
from airflow_provider_jira.sandbox.demo.show import RunDisplay, findings_table, report_table
from airflow_provider_jira.sandbox.demo.stage import DAG_ID, NoStage, Stage, set_stage
from airflow_provider_jira.sandbox.demo.world import AirflowDied

_TEMPLATE = "jira_issue"
_SCOPE = "project = SUP AND issuetype in (Bug, Task)"


def terminal() -> Console:
    """Open the terminal, or a wide page where the output goes to a file."""
    return Console(width=None if sys.stdout.isatty() else 140)


class RunFailed(RuntimeError):
    """A run did not end as it should; the message says which, and where its log is."""


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
            findings = _three_runs(console, stage, issues)
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
    """Bring the demo's world up, start one run, and keep it until Ctrl-C.

    :returns: exit status: 0 after Ctrl-C, 1 when something ended by itself
    """
    console = terminal()
    try:
        with set_stage(folder, issues=issues, api=api) as stage:
            _start(console, stage, issues)
            airflow = stage.airflow
            run_id = airflow.rest.trigger(DAG_ID)
            console.print(
                f"\n{airflow.url}   user {airflow.user}   password {airflow.password}", highlight=False, style="bold"
            )
            console.print(
                f"The DAG is {DAG_ID}; run {run_id} has just been started.\n"
                f'Change 50 issues:  curl -d \'{{"count": 50, "seed": 1}}\' {stage.jira.url}/_sandbox/world/change\n'
                f'Delete 10 issues:  curl -d \'{{"count": 10, "seed": 1}}\' {stage.jira.url}/_sandbox/world/delete\n'
                f"ESM's cards:       curl {stage.esm.url}/_sandbox/truth/cards?template={_TEMPLATE}\n"
                "Ctrl-C ends it all.",
                highlight=False,
                soft_wrap=True,
            )
            while True:
                airflow.check()
                time.sleep(1)
    except KeyboardInterrupt:
        console.print("\nEverything has been ended.")
        return 0
    except (AirflowDied, NoStage, RestRefused, TooLate) as error:
        console.print(Text(f"\n{error}", style="red"))
        return 1


def _start(console: Console, stage: Stage, issues: int) -> None:
    console.print(f"Sandbox: Jira with {issues:,} issues at {stage.jira.url}, ESM at {stage.esm.url}", highlight=False)
    began = time.monotonic()
    with console.status("Airflow starts …"):
        stage.airflow.start()
        stage.airflow.rest.wait_for_dag(DAG_ID)
    console.print(f"Airflow: {stage.airflow.url}, ready after {time.monotonic() - began:.0f} s", highlight=False)


def _three_runs(console: Console, stage: Stage, issues: int) -> list[Finding]:
    findings = []
    report = _run(console, stage, f"Run 1: {issues:,} issues, ESM is empty")
    findings.append(check.counts(report, "Run 1", read=issues, created=issues, updated=0, refused=0, marked_removed=0))
    findings += check.agreement(check.compare(_issues(stage), _cards(stage)), "After run 1")

    mark = stage.esm.get("/requests", since=0)["next"]
    report = _run(console, stage, "Run 2: nothing has changed")
    findings.append(
        check.counts(report, "Run 2", read=issues, created=0, updated=0, unchanged=issues, refused=0, marked_removed=0)
    )
    asked = stage.esm.get("/requests", since=mark)["requests"]
    written = check.writes(asked)
    findings.append(
        Finding(
            "Run 2: no writing request in ESM's request log",
            bool(asked) and not written,
            f"{len(written)}: {written[:3]}" if written else f"{len(asked)} requests, all of them reading",
        )
    )

    changed = stage.jira.post("/world/change", {"count": max(1, issues // 100), "seed": 1, "jql": _SCOPE})["ids"]
    deleted = stage.jira.post(
        "/world/delete", {"count": max(1, issues // 500), "seed": 2, "jql": _SCOPE, "except": changed}
    )["ids"]
    report = _run(console, stage, f"Run 3: {len(changed)} issues changed, {len(deleted)} deleted in Jira")
    expected = {"created": 0, "updated": len(changed), "marked_removed": len(deleted), "refused": 0}
    findings.append(check.counts(report, "Run 3", **expected))
    findings += check.agreement(check.compare(_issues(stage), _cards(stage), gone=deleted), "After run 3")
    return findings


def _run(console: Console, stage: Stage, title: str) -> Mapping[str, Any]:
    airflow = stage.airflow
    console.print(f"\n[bold]{title}[/bold]", highlight=False)
    began = time.monotonic()
    run_id = airflow.rest.trigger(DAG_ID)
    with RunDisplay(console) as display:
        state = airflow.rest.wait(DAG_ID, run_id, watcher=display.watch)
    airflow.check()
    try:
        report: Mapping[str, Any] = airflow.rest.xcom(DAG_ID, run_id, "commit")
    except RestRefused as error:
        raise RunFailed(f"{title}: {state}, without a report. {_why(stage, run_id)}") from error
    console.print(report_table(f"Report, {time.monotonic() - began:.0f} s", report))
    if state != "success":
        raise RunFailed(f"{title}: {state}. {_why(stage, run_id)}")
    return report


def _why(stage: Stage, run_id: str) -> str:
    rest = stage.airflow.rest
    for task in rest.tasks(DAG_ID, run_id):
        if task.state == "failed":
            log = rest.log(DAG_ID, run_id, task.task_id, task.map_index, max(task.try_number, 1))
            return f"{task.task_id} failed:\n" + "\n".join(log.splitlines()[-25:])
    return f"No task failed; Airflow's logs are in {stage.airflow.home / 'logs'}."


def _issues(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.jira.get("/truth/issues", project="SUP")
    return found


def _cards(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.esm.get("/truth/cards", template=_TEMPLATE)
    return found
