"""What the operators' tests share: the example's definition, and a stand-in for the run that Airflow keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_jira.model.yaml_file import load_file
from airflow_provider_jira.operators.definition import Definition


class AirflowRun:
    """The part of a run that Airflow keeps for its tasks: their states, and their XComs, which are JSON.

    :param states: as Airflow's API has them: ``load_3`` for a mapped one
    :param xcoms: (task id, map index, key) -> value
    """

    dag_id, run_id, try_number = "acme__support_tickets", "manual__1", 1

    def __init__(
        self, states: dict[str, str] | None = None, xcoms: dict[tuple[str, int, str], Any] | None = None
    ) -> None:
        self.states = states or {}
        self.xcoms = xcoms or {}
        self.running = ("", -1)

    def get_task_states(self, *, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        assert (dag_id, run_ids) == (self.dag_id, [self.run_id])
        return {self.run_id: self.states} if self.states else {}

    def xcom_pull(self, task_ids: str | list[str], key: str = "return_value", *, map_indexes: Any) -> Any:
        if isinstance(task_ids, str):
            return self.xcoms.get((task_ids, map_indexes, key))
        return [self.xcoms.get((task, at, key)) for task in task_ids for at in map_indexes]

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[(*self.running, key)] = json.loads(json.dumps(value))

    def do(self, operator: Any, map_index: int = -1, **params: Any) -> Any:
        """Execute one operator as Airflow does, and keep what it returns and how it ended."""
        self.running = (operator.task_id, map_index)
        name = operator.task_id if map_index < 0 else f"{operator.task_id}_{map_index}"
        context = {"ti": self, "task_instance": self, "run_id": self.run_id, "params": params}
        try:
            result = operator.execute(context)
        except BaseException:
            self.states[name] = "failed"
            raise
        self.states[name] = "success"
        if result is not None:
            self.xcom_push("return_value", result)
        return self.xcoms.get((*self.running, "return_value"))


@pytest.fixture
def definition() -> Definition:
    """The example's task."""
    loaded = load_file(Path(__file__).parents[2] / "dags" / "definitions" / "acme.yaml")
    assert loaded.connector is not None
    return Definition(loaded.connector, loaded.tasks[0])


PEOPLE = """\
connector: acme
jira_conn_id: jira_acme
esm_conn_id: esm_acme
scheduled_tasks:
  - id: people
    mapping_type: identity_and_access
    fetch_type: full
    identity:
      target: {template: account, folder: accounts, key: accountId, task_id_attribute: taskId}
      attributes: {accountId: accountId, displayName: displayName, email: emailAddress}
      memberships: groups
      removed_records: {attribute: accountStatus, value: "5 - Removed"}
    access:
      target: {template: entitlement, folder: entitlements, key: groupId, task_id_attribute: taskId}
      attributes: {groupId: groupId, name: name}
      removed_records: {attribute: status, value: "5 - Removed"}
    cache: {clear_hours: []}
"""


@pytest.fixture
def people(tmp_path: Path) -> Definition:
    """A task over people, groups and who is in which group."""
    file = tmp_path / "acme.yaml"
    file.write_text(PEOPLE)
    loaded = load_file(file)
    assert loaded.connector is not None
    return Definition(loaded.connector, loaded.tasks[0])


@pytest.fixture
def fresh() -> Definition:
    """The companion of the example's task."""
    loaded = load_file(Path(__file__).parents[2] / "dags" / "definitions" / "acme.yaml")
    assert loaded.connector is not None
    return Definition(loaded.connector, loaded.tasks[1])


@pytest.fixture
def airflow_run() -> type[AirflowRun]:
    """Runs to make up."""
    return AirflowRun
