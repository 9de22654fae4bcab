"""Starts a run for incidents that begin to match a filter: an asset, watched by a trigger.

Copy it into the DAGs folder to use it. What it asks of ESM (connection, template, filter) is one poll, shared with
every other DAG that asks the same (Airflow 3.3 and later; before, each polls by itself).
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Asset, AssetWatcher, task

from airflow_provider_jira.triggers.events import EsmCardEventTrigger

NEW = EsmCardEventTrigger(
    esm_conn_id="esm_acme",
    template="incident",
    filter="$status$ = '02 - Solving' and $jiraKey$ is null",
    every=60,
    listener="watch_cards",
)

with DAG(
    dag_id="watch_cards",
    schedule=[Asset("incidents_being_solved", watchers=[AssetWatcher(name="incidents_being_solved", trigger=NEW)])],
    catchup=False,
    doc_md=__doc__,
    tags=["jira", "example"],
) as dag:

    @task
    def card_ids(*, triggering_asset_events: Any = None) -> list[str]:
        """List the cards that the run is about: several, if they began to match at about the same time."""
        events = [event for of_asset in triggering_asset_events.values() for event in of_asset]
        return sorted({card for event in events for card in event.extra["payload"]["data_card_ids"]})

    @task
    def work_on(data_card_id: str) -> None:
        """Do something about one card. It may be told of twice, so what is done here must not harm the second time."""

    work_on.expand(data_card_id=card_ids())
