"""What the demo shows on the terminal: steps as they happen, a run's tasks as they go, reports and checks as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text
from typing_extensions import Self

from airflow_provider_jira.sandbox.demo.check import Finding
from airflow_provider_jira.sandbox.demo.rest import TaskView

_STEPS = ("plan", "extract", "review", "approve", "load", "mark_removed", "commit")
_MEANING = {
    "plan": "ask both sides who we are, check the definition, list the issues",
    "extract": "read the issues and find what differs from what ESM has",
    "review": "sum up, and stop a mass removal",
    "approve": "ask an administrator, where review says so",
    "load": "write the cards that differ",
    "mark_removed": "look again for what is gone from Jira, and mark its cards",
    "commit": "remember what ESM accepted, and report",
}
_COLOURS = {"success": "green", "running": "cyan", "failed": "red", "upstream_failed": "red", "skipped": "dim"}
_COUNTS = (
    ("read", "issues read from Jira"),
    ("created", "cards created"),
    ("updated", "cards updated"),
    ("unchanged", "cards left alone"),
    ("marked_removed", "cards marked removed"),
    ("refused", "cards refused"),
)


class RunDisplay:
    """One run as it goes: redrawn in place on a terminal, one line per finished step elsewhere.

    Use as a context manager; :meth:`watch` fits :meth:`~airflow_provider_jira.sandbox.demo.rest.AirflowRest.wait`.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._told: set[str] = set()
        self._spinner = Spinner("dots", style="cyan")

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def watch(self, state: str, tasks: tuple[TaskView, ...]) -> None:
        """Show how far the run is.

        :param state: the run's state
        :param tasks: its task instances
        """
        if self._live:
            self._live.update(self._table(state, tasks))
            return
        for name, instances in by_step(tasks).items():
            if name not in self._told and all(task.state in _FINAL for task in instances):
                self._told.add(name)
                self._console.print(f"  {name:<13} {summary(instances)}", highlight=False)

    def _table(self, state: str, tasks: tuple[TaskView, ...]) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for name, instances in by_step(tasks).items():
            at = summary(instances)
            colour = next((colour for word, colour in _COLOURS.items() if word in at), "dim")
            table.add_row(
                Text(f"  {name}", style="bold"), Text(at, style=colour), Text(_MEANING.get(name, ""), style="dim")
            )
        return table if state in {"success", "failed"} else Group(table, self._spinner)


_FINAL = frozenset({"success", "failed", "upstream_failed", "skipped", "removed"})


def by_step(tasks: Sequence[TaskView]) -> dict[str, list[TaskView]]:
    """Sort task instances by step, in the order in which the steps run."""
    rank = {name: at for at, name in enumerate(_STEPS)}
    steps: dict[str, list[TaskView]] = {}
    for task in sorted(tasks, key=lambda task: (rank.get(task.task_id, len(rank)), task.task_id, task.map_index)):
        steps.setdefault(task.task_id, []).append(task)
    return steps


def summary(instances: Sequence[TaskView]) -> str:
    """Say in a few words how a step's instances are, ``success`` or ``2 success, 1 running``, and how long it took."""
    states = Counter(task.state or "waiting" for task in instances)
    if len(instances) == 1:
        words = next(iter(states))
    else:
        words = ", ".join(f"{count} {state}" for state, count in states.most_common())
    took = sum(task.duration or 0 for task in instances)
    return f"{words}  {took:.1f} s" if took else words


def report_table(title: str, report: Mapping[str, Any]) -> Table:
    """Draw a run's report.

    :param report: the XCom of ``commit``
    """
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for key, meaning in _COUNTS:
        count = int(report[key])
        table.add_row(meaning, f"{count:,}", style="" if count else "dim")
    requests = report["requests"]
    table.add_section()
    table.add_row("requests to Jira / to ESM", f"{requests['jira']:,} / {requests['esm']:,}")
    table.add_row("seconds waited because of limits", f"{report['waited_seconds']:.1f}")
    for note in report["notes"]:
        table.add_row(str(note), "", style="yellow")
    if report["failure"]:
        table.add_row(str(report["failure"]), "", style="red")
    return table


def findings_table(title: str, findings: Sequence[Finding]) -> Table:
    """Draw what was checked and what came of it."""
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False)
    for finding in findings:
        mark = Text("holds", style="green") if finding.holds else Text("FAILS", style="bold red")
        table.add_row(mark, finding.promise, Text(finding.seen, style="dim" if finding.holds else "red"))
    return table
