"""Airflow provider that keeps Jira Cloud and Matrix42 Pro / Efecte Service Management in step.

The package's face stays empty on purpose: Airflow imports it while it discovers providers, in every process.
"""

from __future__ import annotations

__version__ = "0.1.0"
