"""Connections and settings for one test, the way an installation gives them: through the environment."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Connect = Callable[..., None]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Define a connection."""

    def define(conn_id: str, **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(fields))

    return define


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Set options, of ``[jira_connector]`` where no section is named."""

    def define(section: str = "jira_connector", **options: Any) -> None:
        for key, value in options.items():
            monkeypatch.setenv(f"AIRFLOW__{section.upper()}__{key.upper()}", str(value))

    return define
