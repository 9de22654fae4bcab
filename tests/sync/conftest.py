"""A Jira and an ESM of the test's own, and one task between them; every story is told for both of ESM's APIs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pipeline import World
from sides import Sandbox

from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.sandbox.esm.server import create_app as create_esm
from airflow_provider_jira.sandbox.esm.templates import TEMPLATES
from airflow_provider_jira.sandbox.jira.server import create_app as create_jira
from airflow_provider_jira.sandbox.process import serve_in_thread

ISSUES = 60
TASK = {
    "id": "support_tickets",
    "mapping_type": "generic",
    "fetch_type": "full",
    "schedule": None,
    "jql": "project = SUP AND issuetype in (Bug, Task)",
    "target": {"template": "jira_issue", "folder": "jira_issues", "key": "jiraId", "task_id_attribute": "taskId"},
    "attributes": {
        "jiraId": "id",
        "jiraKey": "key",
        "subject": "summary",
        "status": "status.name",
        "resolution": "resolution.name",
        "description": {"source": "description", "as": "markdown"},
        "contact": {"source": ["Contact person", "reporter.displayName"]},
        "assigneeName": "assignee.displayName",
        "labels": "labels",
        "due": {"source": "duedate", "format": "date"},
        "origin": {"value": "jira"},
        "priority": {"source": "priority.name", "map": {"Highest": "1", "High": "2"}, "default": "3"},
    },
    "removed_records": {
        "attribute": "recordStatus",
        "value": "5 - Removed",
        "max_percent": 20,
        "max_count": 500,
        "on_exceeded": "approve",
    },
    "cache": {"clear_hours": []},
}


def connector(**changes: Any) -> Connector:
    """The connector ``acme`` with one task, some of whose keys are changed."""
    settings = {
        "connector": "acme",
        "jira_conn_id": "jira_acme",
        "esm_conn_id": "esm_acme",
        "timezone": "Europe/Helsinki",
    }
    return Connector.model_validate({**settings, "scheduled_tasks": [{**TASK, **changes}]})


def longest_subject(esm: Sandbox, characters: int | None) -> None:
    """Let ESM refuse subjects that are longer than it takes, or no more."""
    (template,) = (each for each in TEMPLATES if each.code == "jira_issue")
    attributes = tuple(
        msgspec.structs.replace(each, max_length=characters) if each.code == "subject" else each
        for each in template.attributes
    )
    changed = msgspec.to_builtins(msgspec.structs.replace(template, attributes=attributes))
    esm.http.put("/_sandbox/templates/jira_issue", json=changed).raise_for_status()


@pytest.fixture
def jira() -> Iterator[Sandbox]:
    with serve_in_thread(create_jira(ISSUES, 7)) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        yield Sandbox(served.url, http)


@pytest.fixture
def esm() -> Iterator[Sandbox]:
    with serve_in_thread(create_esm()) as served, httpx.Client(base_url=served.url, timeout=30) as http:
        yield Sandbox(served.url, http)


@pytest.fixture(params=["rest", "webapi"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def build(jira: Sandbox, esm: Sandbox, api: str, tmp_path: Path) -> Callable[..., World]:
    """Make a world whose task has some keys changed."""

    def make(**changes: Any) -> World:
        acme = connector(**changes)
        return World(
            connector=acme,
            task=acme.scheduled_tasks[0],
            jira=JiraSettings(site=jira.url, email="robot@acme.example", token="sandbox-token"),
            esm=EsmSettings(base_url=esm.url, login="webapi", password="sandbox-password", api=api),
            root=tmp_path / "staging",
        )

    return make


PEOPLE = {
    "id": "people",
    "mapping_type": "identity_and_access",
    "fetch_type": "full",
    "users": {"account_types": ["atlassian"]},
    "groups": {"exclude": ["^jira-servicemanagement-"]},
    "project_roles": {"projects": ["SUP"]},
    "identity": {
        "target": {"template": "account", "folder": "accounts", "key": "accountId", "task_id_attribute": "taskId"},
        "attributes": {
            "accountId": "accountId",
            "displayName": "displayName",
            "email": "emailAddress",
            "active": "active",
        },
        "memberships": "groups",
        "removed_records": {"attribute": "accountStatus", "value": "5 - Removed", "max_percent": 50},
    },
    "access": {
        "target": {
            "template": "entitlement",
            "folder": "entitlements",
            "key": "groupId",
            "task_id_attribute": "taskId",
        },
        "attributes": {"groupId": "groupId", "name": "name"},
        "removed_records": {"attribute": "status", "value": "5 - Removed", "max_percent": 50},
    },
    "cache": {"clear_hours": []},
}
FRESH = {
    "id": "fresh",
    "mapping_type": "generic",
    "fetch_type": "incremental",
    "companion_of": "support_tickets",
    "overlap": "5m",
    "cache": {"clear_hours": []},
}


@pytest.fixture
def install(jira: Sandbox, esm: Sandbox, api: str, tmp_path: Path) -> Callable[..., World]:
    """Make a world with several tasks; the first one comes first. The Jira account may read roles."""
    jira.switch(denied_permissions=[], global_permissions=["ADMINISTER", "USER_PICKER"])

    def make(*tasks: dict[str, Any]) -> World:
        settings = {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme"}
        acme = Connector.model_validate({**settings, "scheduled_tasks": tasks})
        return World(
            connector=acme,
            task=acme.scheduled_tasks[0],
            jira=JiraSettings(site=jira.url, email="robot@acme.example", token="sandbox-token"),
            esm=EsmSettings(base_url=esm.url, login="webapi", password="sandbox-password", api=api),
            root=tmp_path / "staging",
        )

    return make


@pytest.fixture
def world(build: Callable[..., World]) -> World:
    return build()
