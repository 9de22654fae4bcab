"""docker-compose.yml fits the project, as far as that can be told without containers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
AIRFLOW: dict[str, Any] = COMPOSE["services"]["airflow"]


def option(service: str, name: str) -> str:
    command = COMPOSE["services"][service]["command"]
    return str(command[command.index(name) + 1])


@pytest.mark.parametrize(
    ("connection", "kind", "server"), [("JIRA", "jira_cloud", "jira"), ("ESM", "efecte_esm", "esm")]
)
def test_each_connection_points_at_its_server(connection: str, kind: str, server: str) -> None:
    fields = json.loads(AIRFLOW["environment"][f"AIRFLOW_CONN_{connection}_ACME"])
    assert fields["conn_type"] == kind
    assert fields["host"] == f"http://127.0.0.1:{option(server, '--port')}"


@pytest.mark.parametrize("server", ["jira", "esm"])
def test_the_servers_are_the_sandbox_s_and_reach_no_other_network(server: str) -> None:
    service = COMPOSE["services"][server]
    assert service["command"][:4] == ["python", "-m", "airflow_provider_jira.sandbox", server]
    assert service["network_mode"] == "service:airflow"
    assert "ports" not in service


def test_airflow_s_pages_are_published_on_loopback_only() -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in AIRFLOW["ports"])


def test_the_mounted_dags_hold_what_the_settings_name() -> None:
    source, target, _ = AIRFLOW["volumes"][0].split(":")
    folder = AIRFLOW["environment"]["AIRFLOW__JIRA_CONNECTOR__DEFINITIONS_FOLDER"]
    inside = ROOT / source / Path(folder).relative_to(target)
    connections = {yaml.safe_load(path.read_text())["jira_conn_id"] for path in inside.glob("*.yaml")}
    assert "jira_acme" in connections


def test_the_image_has_the_airflow_that_the_constraints_pin() -> None:
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split() if line.count("==") == 1)
    assert f"FROM apache/airflow:{pins['apache-airflow']}-" in (ROOT / "Dockerfile").read_text()


def test_the_connection_s_account_may_read_the_roles_that_the_example_wants() -> None:
    tasks = yaml.safe_load((ROOT / "dags" / "definitions" / "acme.yaml").read_text())["scheduled_tasks"]
    assert any("project_roles" in task for task in tasks)
    assert "--admin" in COMPOSE["services"]["jira"]["command"]
