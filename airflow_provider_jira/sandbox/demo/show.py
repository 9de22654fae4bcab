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

_STEPS = ("plan", "extract", "review", "approve", "load", "relate", "load_related", "mark_removed", "commit")
_MEANING = {
    "plan": "ask both sides who we are, check the definition, list the records",
    "extract": "read the records and find what differs from what ESM has",
    "review": "sum up, and stop a mass removal",
    "approve": "ask an administrator, where review says so",
    "load": "write the cards that differ",
    "relate": "find the cards that point at cards just written",
    "load_related": "write those: accounts with their entitlements",
    "mark_removed": "look again for what is gone from Jira, and mark its cards",
    "commit": "remember what ESM accepted, and report",
}
_COLOURS = {"success": "green", "running": "cyan", "failed": "red", "upstream_failed": "red", "skipped": "dim"}
_COUNTS = (
    ("read", "records read from Jira"),
    ("created", "cards created"),
    ("updated", "cards updated"),
    ("unchanged", "cards left alone"),
    ("marked_removed", "cards marked removed"),
    ("refused", "cards refused"),
)


class RunDisplay:
    """Runs as they go, several at a time: redrawn in place on a terminal, one line per finished step elsewhere.

    Use as a context manager, and tell it by :meth:`watch` how far each run is.

    :param names: what the runs are called
    """

    def __init__(self, console: Console, names: Sequence[str] = ()) -> None:
        self._console = console
        self._width = max(map(len, names), default=0)
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._told: set[tuple[str, str]] = set()
        self._seen: dict[str, tuple[str, tuple[TaskView, ...]]] = {}
        self._spinner = Spinner("dots", style="cyan")

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def watch(self, name: str, state: str, tasks: tuple[TaskView, ...]) -> None:
        """Show how far a run is.

        :param name: what to call it
        :param state: the run's state
        :param tasks: its task instances
        """
        self._seen[name] = state, tasks
        if self._live:
            self._live.update(self._picture())
            return
        for step, instances in by_step(tasks).items():
            if (name, step) not in self._told and all(task.state in _FINAL for task in instances):
                self._told.add((name, step))
                self._console.print(f"  {name:<{self._width}}  {step:<13} {summary(instances)}", highlight=False)

    def _picture(self) -> RenderableType:
        parts: list[RenderableType] = []
        for name, (_, tasks) in self._seen.items():
            parts += [Text(f"  {name}", style="dim"), _steps_table(tasks)]
        if any(state not in _ENDED for state, _ in self._seen.values()):
            parts.append(self._spinner)
        return Group(*parts)


def _steps_table(tasks: tuple[TaskView, ...]) -> Table:
    table = Table.grid(padding=(0, 2))
    for step, instances in by_step(tasks).items():
        at = summary(instances)
        colour = next((colour for word, colour in _COLOURS.items() if word in at), "dim")
        table.add_row(
            Text(f"  {step}", style="bold"), Text(at, style=colour), Text(_MEANING.get(step, ""), style="dim")
        )
    return table


_ENDED = frozenset({"success", "failed"})
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


def report_table(title: str, reports: Mapping[str, Mapping[str, Any]]) -> Table:
    """Draw the reports of runs that went on at the same time, one column a run.

    :param reports: name of the run -> the XCom of its ``commit``
    """
    several = list(reports.values())
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column()
    for name, report in reports.items():
        table.add_column(f"{name}\n{report['mode']}", justify="right", header_style="")
    for key, meaning in _COUNTS:
        _add(table, meaning, [int(report[key]) for report in several])
    for part in dict.fromkeys(part for report in several for part in report["parts"] if len(report["parts"]) > 1):
        of = [report["parts"].get(part, {}) for report in several]
        text = [f"{counts['created']:,} + {counts['updated']:,}" if counts else "" for counts in of]
        table.add_row(f"  created + updated {part}", *text, style="dim")
    table.add_section()
    requests = [f"{report['requests']['jira']:,} / {report['requests']['esm']:,}" for report in several]
    table.add_row("requests to Jira / to ESM", *requests)
    table.add_row("seconds waited because of limits", *(f"{report['waited_seconds']:.1f}" for report in several))
    if any(report["watermark"] for report in several):
        table.add_row("Jira has been read up to", *(_moment(report["watermark"]) for report in several))
    for name, report in reports.items():
        for note in report["notes"]:
            table.add_row(f"{name}: {note}", style="yellow")
        if report["failure"]:
            table.add_row(f"{name}: {report['failure']}", style="red")
    return table


def _add(table: Table, meaning: str, counts: Sequence[int]) -> None:
    table.add_row(meaning, *(f"{count:,}" for count in counts), style="" if any(counts) else "dim")


def _moment(text: str | None) -> str:
    """Cut a moment down to what fits a column."""
    return (text or "")[:16].replace("T", " ")


def findings_table(title: str, findings: Sequence[Finding]) -> Table:
    """Draw what was checked and what came of it."""
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False)
    for finding in findings:
        mark = Text("holds", style="green") if finding.holds else Text("FAILS", style="bold red")
        table.add_row(mark, finding.promise, Text(finding.seen, style="dim" if finding.holds else "red"))
    return table
