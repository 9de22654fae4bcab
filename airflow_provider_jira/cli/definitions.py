"""Finds the definition that a command is about."""

from __future__ import annotations

from pathlib import Path

from airflow_provider_jira.hooks.config import definitions_folder
from airflow_provider_jira.model.definition import Connector
from airflow_provider_jira.model.yaml_file import Loaded, load_folder


def folder_of(named: str | None) -> Path:
    """Choose the folder: the one named, or the one that the settings name."""
    return Path(named).expanduser() if named else definitions_folder()


def loaded_connector(name: str, folder: str | None) -> tuple[Connector, Loaded]:
    """Load one connector.

    :raises SystemExit: there is none of that name, or its file is broken; the text says so
    """
    where = folder_of(folder)
    files = load_folder(where)
    found = [file for file in files if file.connector_id == name]
    if not found:
        known = ", ".join(sorted(file.connector_id for file in files if file.connector_id)) or "none"
        raise SystemExit(f"There is no connector {name!r} in {where}. There: {known}.")
    connector = found[0].connector
    if connector is None:
        problems = "\n".join(str(problem) for problem in found[0].errors)
        raise SystemExit(f"The definition of connector {name!r} is broken:\n{problems}")
    return connector, found[0]
