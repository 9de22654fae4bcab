"""``airflow jira-connector advise``: how much the tasks read, and whether their schedules fit that and each other.

Advice never fails: what cannot be measured is named, and the schedules of its tasks are held against the smallest size.
"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from airflow_provider_jira.cli.beside import use_database
from airflow_provider_jira.cli.definitions import folder_of, loaded_connector
from airflow_provider_jira.cli.measure import Sizes, measure
from airflow_provider_jira.hooks.connection import ConnectionProblem
from airflow_provider_jira.hooks.jira import JiraCloudHook
from airflow_provider_jira.jira.errors import JiraError
from airflow_provider_jira.model.advice import (
    Advice,
    Planned,
    companion_advice,
    limit_of,
    shared_advice,
    size_advice,
)
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.model.planned import planned
from airflow_provider_jira.model.sizes import Measured, size_text
from airflow_provider_jira.model.together import minutes_of_run, same_minute_advice, together_advice
from airflow_provider_jira.model.yaml_file import Loaded, load_folder

_STYLES = {"warning": "yellow", "hint": "cyan"}


def advise(args: Namespace, console: Console | None = None) -> None:
    """Print a table of each connector's tasks, and advice below it. Starts at the same minute are looked for in the
    whole folder, also where one connector is named.

    :raises SystemExit: the named connector is not there or broken, or the folder holds none; advice alone is status 0
    """
    out = console or Console(soft_wrap=True, highlight=False)
    files = load_folder(folder_of(args.folder))
    if args.connector is not None:
        loaded_connector(args.connector, args.folder)
    connectors = [file.connector for file in files if file.connector is not None]
    _left_out(files, out)
    if not connectors:
        raise SystemExit(
            "\n".join(str(problem) for file in files for problem in file.errors) or "No connector is there."
        )
    tasks = [task for connector in connectors for task in planned(connector)]
    chosen = [each for each in connectors if args.connector in (None, each.connector)]
    sizes: dict[str, Measured] = {}
    for connector in chosen:
        measured = Sizes() if args.offline else _measured(connector)
        sizes |= {f"{connector.connector}__{task}": size for task, size in measured.of.items()}
        own = planned(connector)
        out.print(_table(connector, own, sizes), soft_wrap=False)
        for text in measured.why_not:
            out.print(text, style="red", markup=False)
        _print([*size_advice(own, sizes), *companion_advice(own)], out)
    beside = [*shared_advice(tasks), *same_minute_advice(tasks), *together_advice(tasks, sizes)]
    names = {task.name for connector in chosen for task in planned(connector)}
    out.print("Tasks beside each other:", style="bold")
    _print([each for each in beside if names & {each.task, *each.others}], out)


def _left_out(files: Iterable[Loaded], out: Console) -> None:
    for file in files:
        if file.errors and file.connector is not None:
            text = f"{file.path.name}: broken tasks are left out; airflow jira-connector validate says what is wrong"
            out.print(text, style="red", markup=False)
        elif file.errors:
            text = f"{file.path.name}: left out as it is broken; airflow jira-connector validate says what is wrong"
            out.print(text, style="red", markup=False)


def _measured(connector: Connector) -> Sizes:
    use_database()
    try:
        return asyncio.run(_ask(connector))
    except (ConnectionProblem, JiraError) as error:
        return Sizes(why_not=[f"Not measured: connector {connector.connector}. {error}"])


async def _ask(connector: Connector) -> Sizes:
    async with JiraCloudHook(connector.jira_conn_id).client() as jira:
        await jira.identify()
        return await measure(jira, connector.scheduled_tasks)


def _table(connector: Connector, tasks: Iterable[Planned], sizes: dict[str, Measured]) -> Table:
    title = f"{connector.connector} ({connector.timezone})"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for heading in ("Task", "Type", "Schedule", "At most", "Reads", "A run"):
        # names and schedules are there to be copied
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Task", "Schedule"))
    everything = list(tasks)
    for task in everything:
        size = sizes.get(task.name, Measured())
        known = size.records is not None
        limit = str(limit_of(task, everything, size))
        cells = (
            task.task,
            task.fetch_type,
            task.schedule or "only by hand",
            "" if task.schedule is None else limit if known else f"{limit}, if small",
            size_text(size) if known else "not measured",
            f"~{minutes_of_run(task.fetch_type, size)} min" if known else "",
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _print(advice: list[Advice], out: Console) -> None:
    for each in advice:
        text = f"{each.severity}: {each.task}: {each.text}"
        out.print(text, style=_STYLES[each.severity], markup=False)
    if not advice:
        out.print("Nothing to advise.", style="green")
