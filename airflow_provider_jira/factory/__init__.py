"""Definitions -> DAGs. ``build_dags`` and ``report_errors`` are all that a DAG file needs."""

from __future__ import annotations

from airflow_provider_jira.factory.build import BrokenDefinitions, build_dags, report_errors

__all__ = ["BrokenDefinitions", "build_dags", "report_errors"]
