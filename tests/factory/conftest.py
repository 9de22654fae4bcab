"""Definitions for the factory: small, whole, and in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

ACME = """\
connector: {connector}
jira_conn_id: jira_acme
esm_conn_id: esm_acme
timezone: Europe/Helsinki
defaults: {{owner: iam-team, retries: 3, retry_delay: 5m}}
scheduled_tasks:
  - id: support_tickets
    mapping_type: generic
    fetch_type: full
    schedule: "0 */4 * * *"
    jql: project = SUP AND issuetype in (Bug, Task)
    target: {{template: jira_issue, folder: jira_issues, key: jiraId, task_id_attribute: taskId}}
    attributes:
      jiraId: id
      subject: summary
      description: {{source: description, as: markdown}}
      contact: {{source: [Contact person, reporter.displayName], when_empty: keep}}
      origin: {{value: jira}}
      priority: {{source: priority.name, map: {{Highest: "1"}}, default: "3"}}
    removed_records: {{attribute: recordStatus, value: "5 - Removed"}}
    cache: {{clear_hours: [0, 12]}}
  - id: by_hand
    mapping_type: generic
    fetch_type: full
    jql: project = OPS
    target: {{template: jira_issue, folder: jira_issues, key: jiraId, task_id_attribute: taskId}}
    attributes: {{jiraId: id}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the definition of one connector."""
    where = tmp_path / "definitions"
    where.mkdir()
    (where / "acme.yaml").write_text(ACME.format(connector="acme"))
    return where
