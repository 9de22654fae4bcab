"""The folder of definitions -> DAGs.

In the DAG processor every DAG is built. In a task only the one that runs is, from its own file, which is found from
the DAG id. Nothing here raises because of a broken definition: a task that cannot run becomes a DAG that says so,
and its neighbours work. The one import error that lists what is broken comes from a second DAG file
(:func:`report_errors`), since Airflow disables every DAG of a file that has an import error.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from airflow.sdk import DAG, get_parsing_context

from airflow_provider_jira.factory import doc
from airflow_provider_jira.factory.event import event_dag
from airflow_provider_jira.factory.scheduled import scheduled_dag
from airflow_provider_jira.hooks.config import definitions_folder
from airflow_provider_jira.model.yaml_file import Loaded, dag_id, file_of, load_file, load_folder
from airflow_provider_jira.operators.broken import BrokenDefinitionOperator
from airflow_provider_jira.operators.definition import Definition, EventDefinition


class BrokenDefinitions(Exception):
    """The one import error: every problem of every definition, a line each."""


def build_dags(folder: Path | str | None = None, *, beside: str | None = None) -> dict[str, DAG]:
    """Build the DAGs of a folder of definitions.

    :param folder: the folder; left out, the one that ``[jira_connector] definitions_folder`` names
    :param beside: path of the DAG file that calls: where the setting is left out too, ``definitions`` beside it is
        meant
    :returns: DAG id -> DAG; in a task, the DAG that runs and no other
    """
    where = Path(folder) if folder is not None else definitions_folder(beside)
    running = get_parsing_context()
    if running.dag_id is not None:
        return _running_dag(where, running.dag_id, running.task_id)
    return {dag.dag_id: dag for loaded in load_folder(where) for dag in _dags(loaded)}


def report_errors(folder: Path | str | None = None, *, beside: str | None = None) -> None:
    """Say what is broken, for the DAG file that shows it in Airflow's list of import errors.

    :param folder: as for :func:`build_dags`
    :param beside: as for :func:`build_dags`
    :raises BrokenDefinitions: there is a problem that keeps a definition, or a part of it, from running
    """
    where = Path(folder) if folder is not None else definitions_folder(beside)
    if get_parsing_context().dag_id is not None:
        return
    problems = [str(problem) for loaded in load_folder(where) for problem in loaded.errors]
    if problems:
        raise BrokenDefinitions("\n".join(["These definitions are broken; all others run:", *problems]))


def _dags(loaded: Loaded, only: str | None = None) -> list[DAG]:
    """Build the DAGs of one file, or the one of them that is named."""

    def wanted(name: str) -> bool:
        return only in (None, name)

    connector = loaded.connector
    good = [
        scheduled_dag(Definition(connector, task), loaded.path.name)
        for task in loaded.tasks
        if connector is not None and wanted(dag_id(connector.connector, task.id))
    ]
    good += [
        event_dag(EventDefinition(connector, task), loaded.path.name)
        for task in loaded.event_tasks
        if connector is not None and wanted(dag_id(connector.connector, task.id))
    ]
    broken = [_broken_dag(each.dag_id, loaded, each.problems) for each in loaded.broken if wanted(each.dag_id)]
    return [*good, *broken]


def _running_dag(folder: Path, dag: str, task: str | None) -> dict[str, DAG]:
    try:
        file = file_of(folder, dag)
    except ValueError:  # somebody else's DAG that is parsed together with ours
        return {}
    if not file.is_file():
        return {}
    loaded = load_file(file)
    for built in _dags(loaded, only=dag):
        if task is None or built.has_task(task):
            return {dag: built}
    # From here on the file was changed under a running task: it fails with the reason in its log.
    problems = [problem for each in loaded.broken if each.dag_id == dag for problem in each.problems]
    known = [*(each.id for each in loaded.tasks), *(each.id for each in loaded.event_tasks)]
    if any(dag_id(str(loaded.connector_id), each) == dag for each in known):
        gone = f"{file.name} was changed while this run was under way, and the task {task} is no longer part of it"
        return {dag: _broken_dag(dag, loaded, [gone], task)}
    return {dag: _broken_dag(dag, loaded, problems, task)} if problems else {}


def _broken_dag(name: str, loaded: Loaded, problems: Sequence[object], task: str | None = None) -> DAG:
    sentences, file_name = [str(problem) for problem in problems], loaded.path.name
    dag = DAG(
        name,
        description=f"Cannot run: its definition in {file_name} is broken",
        schedule=None,
        catchup=False,
        max_active_runs=1,
        tags=sorted({"broken", "jira", name.partition("__")[0]}),
        doc_md=doc.broken_doc(name, file_name, sentences),
    )
    with dag:
        BrokenDefinitionOperator(task_id=task or "broken_definition", problems=sentences, retries=0)
    return dag
