"""The engine of one run of a scheduled task: ``plan -> extract -> review -> load -> mark_removed -> commit``.
Where cards of one run point at each other, ``relate`` and a second ``load`` come after the first.

Each step is a plain function of a :class:`Run` and of what the steps before it returned, and can be repeated after a
crash. There is no Airflow in here.
"""

from __future__ import annotations

from airflow_provider_jira.sync.run import Run, Stop
from airflow_provider_jira.sync.staging import Staging
from airflow_provider_jira.sync.state import MemoryState, State
from airflow_provider_jira.sync.steps.commit import commit
from airflow_provider_jira.sync.steps.extract import extract
from airflow_provider_jira.sync.steps.load import load
from airflow_provider_jira.sync.steps.mark_removed import mark_removed
from airflow_provider_jira.sync.steps.plan import plan
from airflow_provider_jira.sync.steps.relate import relate
from airflow_provider_jira.sync.steps.review import review

__all__ = [
    "MemoryState",
    "Run",
    "Staging",
    "State",
    "Stop",
    "commit",
    "extract",
    "load",
    "mark_removed",
    "plan",
    "relate",
    "review",
]
