"""Reading Jira: what differs between issues and people, and nothing else does."""

from __future__ import annotations

from airflow_provider_jira.model.definition import GenericTask, PeopleTask
from airflow_provider_jira.sync.reading.base import Candidate, Reading, Sweep
from airflow_provider_jira.sync.reading.issues import IssueReading
from airflow_provider_jira.sync.reading.people import PeopleReading
from airflow_provider_jira.sync.run import Run

__all__ = ["Candidate", "Reading", "Sweep", "reading"]


def reading(run: Run) -> Reading:
    """Choose how a task reads Jira."""
    if isinstance(run.task, PeopleTask):
        return PeopleReading(run, run.task)
    if isinstance(run.task, GenericTask):
        return IssueReading(run, run.task)
    raise TypeError(f"no reading for {type(run.task).__name__}")
