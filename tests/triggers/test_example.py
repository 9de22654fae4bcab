"""The example of a watched asset is a DAG that Airflow takes."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
from airflow.sdk import DAG

try:
    from airflow.serialization.serialized_objects import DagSerialization
except ImportError:  # one name until 3.1, the other since
    from airflow.serialization.serialized_objects import SerializedDAG as DagSerialization

from airflow_provider_jira.triggers.events import EsmCardEventTrigger

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "watch_cards.py"


@pytest.mark.filterwarnings("default")
def test_the_example_is_a_dag_that_our_trigger_starts():
    dag = runpy.run_path(str(EXAMPLE))["dag"]
    assert isinstance(dag, DAG)
    kept = DagSerialization.serialize_dag(dag)
    assert DagSerialization.deserialize_dag(kept).dag_id == "watch_cards"
    [asset] = dag.schedule
    [watcher] = asset.watchers
    assert isinstance(watcher.trigger, EsmCardEventTrigger)
    assert EsmCardEventTrigger.__qualname__ in json.dumps(kept, default=str)
