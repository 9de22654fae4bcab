"""One event task of a definition -> its DAG: ``receive -> write -> completed | exception``.

A run is about one card, named by its conf. Where the task also starts by itself (``poll``), several cards may begin to
match at about the same time and Airflow makes one run of them: then ``cards`` lists them, and the same four tasks run
for each, in a mapped group ``card``, so that one card's trouble is none of another's.

The exits are Airflow's own states: ``completed`` follows a ``write`` that succeeded; ``exception`` follows where one of
the steps failed for good, whatever failed it, a killed worker included. It tells the card, and then fails itself with
the reason, so that a run which ends in *Exception* is a failed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, AssetWatcher, Param, TriggerRule, task_group

from airflow_provider_jira.factory import event_doc
from airflow_provider_jira.factory.scheduled import default_args
from airflow_provider_jira.model.event_base import EventTask
from airflow_provider_jira.model.event_conf import conf_keys
from airflow_provider_jira.operators.cards import CardsOperator
from airflow_provider_jira.operators.definition import EventDefinition
from airflow_provider_jira.operators.event import CompletedOperator, ExceptionOperator, ReceiveOperator, WriteOperator
from airflow_provider_jira.triggers.events import EsmCardEventTrigger

RUNS = 64
"""Runs of one event task at a time: events come in bursts, and each run mostly waits for answers."""

PARALLEL = 4
"""Cards of one run at a time, where it is about several."""

CARD_GROUP = "card"

_CARD = "{{ task.card.get('data_card_id') or 'as started' }}"
"""What the tasks of one card are called in the UI."""


def event_dag(definition: EventDefinition, file_name: str) -> DAG:
    """Build the DAG of one event task.

    :param definition: the task and its connector
    :param file_name: name of the definition file, for the documentation
    """
    connector, task = definition.connector, definition.task
    dag = DAG(
        definition.dag_id,
        description=event_doc.summary(task),
        schedule=_schedule(definition),
        catchup=False,
        max_active_runs=RUNS,
        tags=sorted({"jira", connector.connector, "event", task.activity, *task.tags}),
        doc_md=event_doc.dag_doc(connector, task, file_name),
        params=conf_params(task),
        default_args=default_args(connector.event_settings(task)),
    )
    with dag:
        if task.poll is None:
            _steps(definition)
        else:
            _for_each_card(definition)
    return dag


def conf_params(task: EventTask) -> dict[str, Param]:
    """Describe the conf of the task's runs: Airflow makes a form of it, and checks what a run is started with."""

    def param(schema: Mapping[str, Any], *, required: bool) -> Param:
        return Param(**schema) if required else Param(None, **schema)

    return {key.name: param(key.schema, required=key.required) for key in conf_keys(task)}


def _schedule(definition: EventDefinition) -> list[Asset] | None:
    poll, card = definition.task.poll, definition.task.card
    if poll is None or card is None:
        return None
    watched = EsmCardEventTrigger(
        esm_conn_id=definition.connector.esm_conn_id,
        template=card.template,
        filter=poll.filter,
        every=poll.every / timedelta(seconds=1),
        listener=definition.dag_id,
    )
    name = f"{definition.dag_id}.cards"
    return [Asset(name, watchers=[AssetWatcher(name=name, trigger=watched)])]


def _for_each_card(definition: EventDefinition) -> None:
    # It only reads what the run was started for, and what it does not hand on would wait for somebody to clear it.
    tries: dict[str, Any] = {"retries": 5, "retry_delay": timedelta(seconds=20)}
    cards = CardsOperator(task_id="cards", doc_md=event_doc.STEPS["cards"], **tries)

    @task_group(group_id=CARD_GROUP)
    def each(card: Any) -> None:
        _steps(definition, card=card, map_index_template=_CARD, max_active_tis_per_dagrun=PARALLEL)

    each.expand(card=cards.output)


def _steps(definition: EventDefinition, **mapped: Any) -> None:
    def given(step: str) -> dict[str, Any]:
        return {"task_id": step, "doc_md": event_doc.STEPS[step], "definition": definition, **mapped}

    receive, write, completed = (
        kind(**given(step))
        for kind, step in ((ReceiveOperator, "receive"), (WriteOperator, "write"), (CompletedOperator, "completed"))
    )
    failed = ExceptionOperator(**given("exception"), trigger_rule=TriggerRule.ONE_FAILED)
    receive >> write >> completed >> failed
    write >> failed
