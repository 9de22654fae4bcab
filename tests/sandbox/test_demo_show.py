"""What the demo prints says what happened."""

from __future__ import annotations

import io

from rich.console import Console

from airflow_provider_jira.sandbox.demo.check import Finding
from airflow_provider_jira.sandbox.demo.rest import TaskView
from airflow_provider_jira.sandbox.demo.show import RunDisplay, by_step, findings_table, report_table, summary

REPORT = {
    "read": 5000,
    "created": 4990,
    "updated": 0,
    "unchanged": 8,
    "marked_removed": 0,
    "refused": 2,
    "requests": {"jira": 61, "esm": 130},
    "waited_seconds": 1.25,
    "notes": ["The index was late."],
    "failure": "2 records were refused.",
}


def printed(*things: object, width: int = 120) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width)
    for thing in things:
        console.print(thing)
    return out.getvalue()


def test_a_report_shows_every_count_its_notes_and_why_it_failed() -> None:
    text = printed(report_table("Report", REPORT))
    for part in (
        "5,000",
        "4,990",
        "cards left alone",
        "61 / 130",
        "1.2",
        "The index was late.",
        "2 records were refused.",
    ):
        assert part in text


def test_findings_say_which_hold_and_which_do_not() -> None:
    lines = printed(findings_table("Checks", [Finding("a", True, "1"), Finding("b", False, "2 of 3")])).splitlines()
    assert next(line for line in lines if " a " in line).count("holds") == 1
    assert next(line for line in lines if " b " in line).count("FAILS") == 1


def test_steps_are_shown_in_the_order_in_which_they_run() -> None:
    names = ("commit", "load", "plan", "review", "mark_removed", "extract", "approve")
    assert list(by_step([TaskView(name, -1, None) for name in names])) == [
        "plan", "extract", "review", "approve", "load", "mark_removed", "commit",
    ]  # fmt: skip


def test_a_mapped_step_is_summed_up() -> None:
    done = [TaskView("extract", at, "success", duration=1.5) for at in range(3)]
    assert summary([*done, TaskView("extract", 3, None)]) == "3 success, 1 waiting  4.5 s"
    assert summary(done[:1]) == "success  1.5 s"


def test_without_a_terminal_every_step_is_told_once_when_it_has_ended() -> None:
    out = io.StringIO()
    views = [
        (TaskView("plan", -1, "running"), TaskView("load", -1, None)),
        (TaskView("plan", -1, "success", duration=2), TaskView("load", -1, None)),
        (TaskView("plan", -1, "success", duration=2), TaskView("load", 0, "failed"), TaskView("load", 1, "success")),
    ]
    with RunDisplay(Console(file=out, width=100)) as display:
        for view in (*views, views[-1]):
            display.watch("running", view)
    assert out.getvalue().splitlines() == ["  plan          success  2.0 s", "  load          1 failed, 1 success"]


def test_on_a_terminal_the_run_is_redrawn_with_what_each_step_does() -> None:
    out = io.StringIO()
    console = Console(file=out, width=120, force_terminal=True)
    with RunDisplay(console) as display:
        display.watch("running", (TaskView("plan", -1, "running"),))
        display.watch("success", (TaskView("plan", -1, "success"),))
    assert "list the issues" in out.getvalue()
    assert "success" in out.getvalue()
