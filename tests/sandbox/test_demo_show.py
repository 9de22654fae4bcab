"""What the demo prints says what happened."""

from __future__ import annotations

import io

from rich.console import Console

from airflow_provider_jira.sandbox.demo.check import Finding
from airflow_provider_jira.sandbox.demo.rest import TaskView
from airflow_provider_jira.sandbox.demo.show import RunDisplay, by_step, findings_table, report_table, summary

REPORT = {
    "mode": "full",
    "read": 5000,
    "created": 4990,
    "updated": 0,
    "unchanged": 8,
    "marked_removed": 0,
    "refused": 2,
    "parts": {"issues": {"created": 4990, "updated": 0, "refused": 2}},
    "requests": {"jira": 61, "esm": 130},
    "waited_seconds": 1.25,
    "watermark": None,
    "notes": ["The index was late."],
    "failure": "2 records were refused.",
}
PEOPLE = {
    **REPORT,
    "parts": {
        "entitlements": {"created": 22, "updated": 1, "refused": 0},
        "accounts": {"created": 226, "updated": 21, "refused": 0},
    },
    "notes": [],
    "failure": None,
}
FRESH = {**REPORT, "mode": "incremental", "watermark": "2026-11-23T14:15:59.100000+00:00", "notes": [], "failure": None}


def printed(*things: object, width: int = 120) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width)
    for thing in things:
        console.print(thing)
    return out.getvalue()


def test_a_report_shows_every_count_its_notes_and_why_it_failed() -> None:
    text = printed(report_table("Report", {"tickets": REPORT}))
    for part in (
        "5,000",
        "4,990",
        "cards left alone",
        "61 / 130",
        "1.2",
        "tickets: The index was late.",
        "tickets: 2 records were refused.",
    ):
        assert part in text
    assert "read up to" not in text
    assert "accounts" not in text


def test_reports_of_runs_at_the_same_time_stand_side_by_side() -> None:
    lines = printed(report_table("Report", {"people": PEOPLE, "tickets": REPORT, "fresh": FRESH})).splitlines()
    head = next(line for line in lines if "people" in line)
    assert head.index("people") < head.index("tickets") < head.index("fresh")
    assert "incremental" in next(line for line in lines if "full" in line)
    assert [line.count("5,000") for line in lines if "records read" in line] == [3]
    assert "226 + 21" in next(line for line in lines if "updated accounts" in line)
    assert "22 + 1" in next(line for line in lines if "updated entitlements" in line)
    assert "2026-11-23 14:15 " in next(line for line in lines if "read up to" in line)


def test_findings_say_which_hold_and_which_do_not() -> None:
    lines = printed(findings_table("Checks", [Finding("a", True, "1"), Finding("b", False, "2 of 3")])).splitlines()
    assert next(line for line in lines if " a " in line).count("holds") == 1
    assert next(line for line in lines if " b " in line).count("FAILS") == 1


def test_steps_are_shown_in_the_order_in_which_they_run() -> None:
    names = ("commit", "load_related", "load", "plan", "review", "relate", "mark_removed", "extract", "approve")
    assert list(by_step([TaskView(name, -1, None) for name in names])) == [
        "plan", "extract", "review", "approve", "load", "relate", "load_related", "mark_removed", "commit",
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
    with RunDisplay(Console(file=out, width=100), ["tickets", "people"]) as display:
        for view in (*views, views[-1]):
            display.watch("tickets", "running", view)
            display.watch("people", "running", view[:1])
    assert out.getvalue().splitlines() == [
        "  tickets  plan          success  2.0 s",
        "  people   plan          success  2.0 s",
        "  tickets  load          1 failed, 1 success",
    ]


def test_on_a_terminal_the_run_is_redrawn_with_what_each_step_does() -> None:
    out = io.StringIO()
    console = Console(file=out, width=120, force_terminal=True)
    with RunDisplay(console) as display:
        display.watch("tickets", "running", (TaskView("plan", -1, "running"),))
        display.watch("tickets", "success", (TaskView("plan", -1, "success"),))
        display.watch("people", "running", (TaskView("relate", -1, "running"),))
    for part in ("list the records", "success", "tickets", "people", "point at cards"):
        assert part in out.getvalue()
