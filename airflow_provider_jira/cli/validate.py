"""``airflow jira-connector validate``: what is wrong with the definition files, before Airflow sees them."""

from __future__ import annotations

from argparse import Namespace

from rich.console import Console

from airflow_provider_jira.cli.definitions import folder_of
from airflow_provider_jira.model.planned import advice_problems
from airflow_provider_jira.model.yaml_file import Loaded, load_folder


def validate(args: Namespace, console: Console | None = None) -> None:
    """Print every problem as ``file:line: …``, schedules that meet or are too dense for any size among them, and a
    summary.

    :raises SystemExit: status 1 if anything is broken; warnings alone are status 0
    """
    out = console or Console(soft_wrap=True, highlight=False)
    folder = folder_of(args.folder)
    files = load_folder(folder)
    errors = [str(problem) for file in files for problem in file.errors]
    about_schedules = advice_problems(files)
    warnings = [
        str(problem)
        for file in files
        for problem in sorted(
            (*file.warnings, *(each for each in about_schedules if each.file == file.path)), key=lambda each: each.line
        )
    ]
    for text in errors:
        out.print(text, style="red", markup=False)
    for text in warnings:
        out.print(text, style="yellow", markup=False)
    out.print(_summary(files, len(errors), len(warnings)), style="red" if errors else "green", markup=False)
    if errors:
        raise SystemExit(1)


def _summary(files: tuple[Loaded, ...], errors: int, warnings: int) -> str:
    good = sum(len(file.tasks) + len(file.event_tasks) for file in files)
    broken = sum(len(file.broken) for file in files)
    counts = f"{_count(len(files), 'file')}, {_count(good, 'good task')}, {_count(broken, 'broken task')}"
    return f"{counts}: {_count(errors, 'error')}, {_count(warnings, 'warning')}."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
