"""One scheduled task of a definition -> its DAG.

``plan -> extract [mapped] -> review -> approve -> load [mapped] -> mark_removed -> commit``; ``approve`` is there
only where the definition says that an administrator decides about mass removals. Where cards of one run point at each
other (accounts at entitlements, issues at their parents), ``relate -> load_related [mapped]`` come after ``load``.

What runs after what, and when not:

* ``load`` and ``load_related`` are skipped where there is nothing to write; what comes after runs then all the same;
* a failure stops everything after it but ``commit``, which always runs last, keeps what was done, and fails the run;
* nothing that writes runs after a rejected approval: what comes after ``load`` hangs on ``approve`` itself too, because
  a skipped ``load`` between them would let it run.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, CronTriggerTimetable, Param, TriggerRule

from airflow_provider_jira.factory import doc
from airflow_provider_jira.model.definition import Defaults, dag_id
from airflow_provider_jira.operators.definition import Definition
from airflow_provider_jira.operators.scheduled import (
    CommitOperator,
    ExtractOperator,
    LoadOperator,
    MarkRemovedOperator,
    PlanOperator,
    RelateOperator,
    ReviewOperator,
)

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

PARALLEL = 4
"""How many tasks of one run read, or write, at a time. More would share the same rate limits of the same site."""


def scheduled_dag(definition: Definition, file_name: str) -> DAG:
    """Build the DAG of one scheduled task.

    :param definition: the task and its connector
    :param file_name: name of the definition file, for the documentation
    """
    connector, task = definition.connector, definition.task
    dag = DAG(
        dag_id(connector.connector, task.id),
        description=doc.summary(task),
        schedule=schedule(task.schedule, connector.timezone),
        catchup=False,
        max_active_runs=1,
        tags=sorted({"jira", connector.connector, task.mapping_type, task.fetch_type, *task.tags}),
        doc_md=doc.dag_doc(connector, task, file_name),
        params=run_params(task.fetch_type),
        default_args=default_args(connector.settings(task)),
    )
    with dag:
        _build_tasks(definition)
    return dag


def schedule(text: str | None, timezone: str) -> Any:
    """Turn a definition's schedule into Airflow's.

    The first run of a new DAG is the next one that the schedule names, not one that has passed. Airflow says the same
    of ``run_immediately=False`` and means by it: not one that passed longer ago than a tenth of the way to the next.

    :param text: cron, preset, or ``None`` for by hand only
    :param timezone: IANA zone that a cron is read in
    """
    if text is None or text in ("@once", "@continuous"):
        return text
    return CronTriggerTimetable(text, timezone=timezone, run_immediately=timedelta(0))


def default_args(settings: Defaults) -> dict[str, Any]:
    """What every task of the DAG is given; what the definition leaves open is the connector's own choice.

    :param settings: the task's own settings over the connector's
    """
    retries = 2 if settings.retries is None else settings.retries
    delay = settings.retry_delay or timedelta(minutes=1)
    given = {"owner": settings.owner} if settings.owner else {}
    return {**given, "retries": retries, "retry_delay": delay}


def run_params(fetch_type: str) -> dict[str, Param]:
    """What can be chosen when a run is started by hand.

    :param fetch_type: an incremental task can read everything for once, and marks nothing removed
    """

    def choice(title: str, description: str) -> Param:
        return Param(False, type="boolean", title=title, description=description)

    params = {
        "clear_cache": choice(
            "Push everything",
            "Count the task cache as empty in this run: every record that is read is written to ESM, changed or not.",
        )
    }
    if fetch_type == "incremental":
        params["read_everything"] = choice(
            "Read everything",
            "Read all issues in this run, not only those that have changed. Nothing is marked removed.",
        )
    else:
        params["accept_removals"] = choice(
            "Accept removals beyond the limit",
            "Mark cards of removed records without asking, even if there are more than the limit allows.",
        )
    return params


def _build_tasks(definition: Definition) -> None:
    def given(step: str) -> dict[str, Any]:
        return {"task_id": step, "doc_md": doc.TASKS[step], "definition": definition}

    def mapped(step: str, template: str) -> dict[str, Any]:
        return {**given(step), "map_index_template": template, "max_active_tis_per_dagrun": PARALLEL}

    plan = PlanOperator(**given("plan"))
    extract = ExtractOperator.partial(**mapped("extract", "{{ task.partition['label'] }}")).expand(
        partition=plan.output
    )
    review = ReviewOperator(**given("review"), trigger_rule=TriggerRule.NONE_FAILED)
    load = LoadOperator.partial(**mapped("load", "{{ task.share['label'] }}")).expand(share=review.output)
    mark = MarkRemovedOperator(**given("mark_removed"), trigger_rule=TriggerRule.NONE_FAILED)
    commit = CommitOperator(**given("commit"), trigger_rule=TriggerRule.ALL_DONE)
    extract >> review
    writers: list[Any] = [load]
    if definition.task.two_waves:
        relate = RelateOperator(**given("relate"), trigger_rule=TriggerRule.NONE_FAILED)
        related = mapped("load_related", "{{ task.share['label'] }}")
        writers += [relate, LoadOperator.partial(**related).expand(share=relate.output)]
    writers.append(mark)
    for before, after in pairwise(writers):
        before >> after
    if definition.task.asks:
        approve = _approve()
        review >> approve
        for writer in writers:
            if writer.task_id != "load_related":
                approve >> writer
    mark >> commit


def _approve() -> BaseOperator:
    # The one import here that not every DAG needs.
    from airflow_provider_jira.operators.approve import ApproveOperator  # noqa: PLC0415

    return ApproveOperator(task_id="approve", doc_md=doc.TASKS["approve"])
