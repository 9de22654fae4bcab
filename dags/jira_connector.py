"""Turns every definition of the Jira connector into Airflow DAGs, one a task.

Definitions are YAML files in the folder ``definitions`` beside this file, or where ``[jira_connector]
definitions_folder`` says.
"""

from __future__ import annotations

from airflow_provider_jira.factory import build_dags

globals().update(build_dags(beside=__file__))
