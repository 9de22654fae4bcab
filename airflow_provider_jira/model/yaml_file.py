"""Definition files: what each holds, which tasks can run, and every problem with file, line and key.

Reading never raises for what a file holds. A broken task leaves its neighbours whole; a problem above the tasks (the
connector's own keys) breaks all tasks of the file; a file that is no YAML at all still tells which DAGs it used to
make, as far as its lines show task ids, so that their history stays in sight. A file's name is its connector's id: that
is how a worker finds the file of a DAG without reading the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from airflow_provider_jira.model.companions import companion_findings, completed
from airflow_provider_jira.model.definition import Connector, EventTask, ScheduledTask, dag_id
from airflow_provider_jira.model.event_tasks import event_model, only_activity
from airflow_provider_jira.model.kinds import is_id
from airflow_provider_jira.model.loaded import Broken, Loaded
from airflow_provider_jira.model.partial import rule_findings
from airflow_provider_jira.model.problems import MISSING, Finding, KeyPath, Problem, path_text, shown
from airflow_provider_jira.model.rules import duplicate_findings, length_findings
from airflow_provider_jira.model.tasks import task_model
from airflow_provider_jira.model.translate import findings
from airflow_provider_jira.model.yaml_tree import Document, read

__all__ = ["Broken", "Loaded", "dag_id", "file_of", "load_file", "load_folder"]

SUFFIXES = (".yaml", ".yml")
"""Endings of definition files; where both are there, the first one counts."""

_TASK_LISTS = ("scheduled_tasks", "event_tasks")
_ID_LINE = re.compile(rb"^\s*-\s*\{?\s*id\s*:\s*[\"']?([a-z][a-z0-9_]*)[\"']?\s*(?:[,}#\r\n]|$)", re.MULTILINE)


def file_of(folder: Path, dag: str) -> Path:
    """Find the definition file of a DAG by its id alone.

    :param folder: the folder of definitions
    :param dag: id of a DAG that a definition made
    :returns: the file, whether or not it exists
    :raises ValueError: the id is not the id of such a DAG
    """
    connector, _, task = dag.partition("__")
    if not (is_id(connector) and is_id(task)):
        raise ValueError(f"{dag!r} is no DAG of a definition: such an id is connector__task")
    files = [folder / f"{connector}{suffix}" for suffix in SUFFIXES]
    return next((file for file in files if file.is_file()), files[0])


def load_folder(folder: Path) -> tuple[Loaded, ...]:
    """Read all definition files of a folder, not of the folders in it.

    :param folder: the folder of definitions
    :returns: what each file holds, by file name; no DAG id is made by two of them
    """
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix in SUFFIXES and not each.name.startswith("."))
    except OSError as error:
        found = f"the folder of definitions cannot be read ({_reason(error)})"
        mend = "create it, or correct definitions_folder in the section [jira_connector] of Airflow's configuration"
        return (Loaded(folder, problems=(Problem(folder, 1, "", found, mend),)),)
    loaded = [load_file(file) for file in files]
    owners: dict[str, Loaded] = {}
    for each in sorted(loaded, key=_claim):
        if each.connector_id is not None:
            owners.setdefault(each.connector_id, each)
    return tuple(
        each
        if each.connector_id is None or owners[each.connector_id] is each
        else _second(each, owners[each.connector_id].path)
        for each in loaded
    )


def _claim(loaded: Loaded) -> tuple[bool, int, str]:
    """Order files by how good their claim to their connector's id is."""
    return loaded.path.stem != loaded.connector_id, SUFFIXES.index(loaded.path.suffix), loaded.path.name


def _second(loaded: Loaded, first: Path) -> Loaded:
    """Take all tasks from a file whose connector id belongs to another file."""
    found = f"the connector id {shown(loaded.connector_id)} belongs to {first.name}"
    problem = Problem(loaded.path, 1, "connector", found, "give this connector an id and a file name of its own")
    # A problem about the file's name would only say the same again.
    others = [each for each in loaded.problems if not (each.key == "connector" and "file is named" in each.found)]
    return replace(loaded, connector=None, tasks=(), broken=(), problems=(problem, *others))


def load_file(path: Path) -> Loaded:
    """Read one definition file.

    :param path: the file
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        found = f"the file cannot be read ({_reason(error)})"
        problem = Problem(path, 1, "", found, "check that it exists and that Airflow may read it")
        return _nothing(path, [problem], b"")
    document = read(content)
    reading = _Reading(path, document)
    if not isinstance(document.data, dict):
        if not document.issues:
            what = "the file is empty" if document.data is None else f"the file holds {shown(document.data)}"
            reading.add(Finding((), what, "begin with connector: and the connector's id"))
        return _nothing(path, reading.problems, content)
    return reading.load(document.data)


def _by_line(problem: Problem) -> int:
    return problem.line


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _nothing(path: Path, problems: Sequence[Problem], content: bytes) -> Loaded:
    """Make the most of a file that cannot be read as YAML: the ids of its DAGs."""
    connector = path.stem if is_id(path.stem) else None
    ids = dict.fromkeys(match.decode() for match in _ID_LINE.findall(content)) if connector else ()
    broken = [Broken(id_, dag_id(str(connector), id_), tuple(problems)) for id_ in ids if is_id(id_)]
    return Loaded(path, connector, broken=tuple(broken), problems=tuple(problems))


class _Reading:
    """The problems of one file while it is read."""

    def __init__(self, path: Path, document: Document) -> None:
        self.path = path
        self.document = document
        self.problems: list[Problem] = []
        self.blamed: dict[KeyPath, list[Problem]] = {}
        for issue in document.issues:
            self._note(issue.path, Problem(path, issue.line, path_text(issue.path), issue.found, issue.mend))

    def add(self, finding: Finding) -> None:
        """Note a finding at its line."""
        line, exists = self.document.locate(finding.path)
        key = path_text(finding.path if finding.found.endswith(MISSING) else exists)
        self._note(finding.path, Problem(self.path, line, key, finding.found, finding.mend, finding.severity))

    def add_all(self, some: Iterable[Finding], *prefix: str | int) -> None:
        """Note findings that were made below a path."""
        for finding in some:
            self.add(finding.below(*prefix))

    def _note(self, path: KeyPath, problem: Problem) -> None:
        self.problems.append(problem)
        if problem.severity == "error":
            task = path[:2] if path[:1] in {(name,) for name in _TASK_LISTS} and len(path) > 1 else ()
            self.blamed.setdefault(task, []).append(problem)

    def load(self, data: dict[str, Any]) -> Loaded:
        """Validate the connector's keys, then each task on its own."""
        connector = self._connector(data)
        good = self._tasks(data)
        events = self._events(data)
        ids = self._ids(data)
        self.add_all(duplicate_findings(ids))
        connector_id = data.get("connector")
        if not is_id(connector_id):
            connector_id = self.path.stem if is_id(self.path.stem) else None
        elif connector_id != self.path.stem:
            found = f"the file is named {shown(self.path.stem)}, its connector {shown(connector_id)}"
            mend = f"rename the file to {connector_id}.yaml: a worker finds it by the connector's id"
            self.add(Finding(("connector",), found, mend))
        if connector_id is not None:
            self.add_all(length_findings(connector_id, ids))
        good = self._companions(good)
        events = {path: task for path, task in events.items() if path not in self.blamed}
        if not ids and not self.blamed:
            self.add(
                Finding(
                    (), "the file has no tasks, so it makes no DAG", "add scheduled_tasks or event_tasks", "warning"
                )
            )
        return self._result(connector, connector_id, (good, events), ids)

    def _connector(self, data: dict[str, Any]) -> Connector | None:
        own = {key: value for key, value in data.items() if key not in _TASK_LISTS}
        for name in _TASK_LISTS:
            if not isinstance(data.get(name, []), list):
                found = f"{shown(data[name])} is not a list"
                self.add(Finding((name,), found, "write the tasks below it, each beginning with - id:"))
        try:
            return Connector.model_validate(own)
        except ValidationError as error:
            self.add_all(findings(error, Connector))
            return None

    def _tasks(self, data: dict[str, Any]) -> dict[KeyPath, ScheduledTask]:
        good = {}
        for path, task in self._items(data, "scheduled_tasks"):
            model = task_model(task)
            try:
                good[path] = model.model_validate(task)
            except ValidationError as error:
                self.add_all(dict.fromkeys((*findings(error, model), *rule_findings(task))), *path)
            else:
                warnings = [each for each in good[path].findings() if each.severity == "warning"]
                self.add_all(warnings, *path)
        return good

    def _events(self, data: dict[str, Any]) -> dict[KeyPath, EventTask]:
        good = {}
        for path, written in self._items(data, "event_tasks"):
            model = event_model(written)
            try:
                task = model.model_validate(written)
            except ValidationError as error:
                self.add_all(only_activity(findings(error, model), model), *path)
                continue
            assert isinstance(task, EventTask), "any other model refuses"  # noqa: S101 - tells the type checker what holds
            good[path] = task
            self.add_all((each for each in task.findings() if each.severity == "warning"), *path)
        return good

    def _companions(self, good: dict[KeyPath, ScheduledTask]) -> dict[KeyPath, ScheduledTask]:
        """Give each companion what it takes from its full task, and leave out those that name none."""
        known = {task.id: task for path, task in good.items() if path not in self.blamed}
        for path, task in good.items():
            self.add_all(companion_findings(task, known), *path)
        left = {path: task for path, task in good.items() if path not in self.blamed}
        return dict(zip(left, completed(list(left.values())), strict=True))

    @staticmethod
    def _items(data: dict[str, Any], *names: str) -> list[tuple[KeyPath, Any]]:
        lists = {name: data[name] for name in names or _TASK_LISTS if isinstance(data.get(name), list)}
        return [((name, at), task) for name, tasks in lists.items() for at, task in enumerate(tasks)]

    def _ids(self, data: dict[str, Any]) -> list[tuple[KeyPath, Any]]:
        return [((*path, "id"), task.get("id")) for path, task in self._items(data) if isinstance(task, dict)]

    def _result(
        self,
        connector: Connector | None,
        connector_id: str | None,
        good: tuple[dict[KeyPath, ScheduledTask], dict[KeyPath, EventTask]],
        ids: list[tuple[KeyPath, Any]],
    ) -> Loaded:
        above = self.blamed.get((), [])
        broken: dict[str, list[Problem]] = {}
        for (*path, _), id_ in ids:
            why = [*above, *self.blamed.get(tuple(path), [])]
            if why and connector_id is not None and is_id(id_):
                broken.setdefault(id_, []).extend(each for each in why if each not in broken.get(id_, []))
        scheduled, events = good
        tasks: dict[str, tuple[Any, ...]] = {
            "scheduled_tasks": () if above else tuple(scheduled.values()),
            "event_tasks": () if above else tuple(events.values()),
        }
        return Loaded(
            path=self.path,
            connector_id=connector_id,
            connector=connector.model_copy(update=tasks) if connector and not above else None,
            tasks=tasks["scheduled_tasks"],
            event_tasks=tasks["event_tasks"],
            broken=tuple(
                Broken(id_, dag_id(str(connector_id), id_), tuple(sorted(why, key=_by_line)))
                for id_, why in broken.items()
            ),
            problems=tuple(sorted(self.problems, key=_by_line)),
            schedules={task.id: self._place((*path, "schedule")) for path, task in scheduled.items() if not above},
        )

    def _place(self, path: KeyPath) -> tuple[int, str]:
        line, exists = self.document.locate(path)
        return line, path_text(exists)
