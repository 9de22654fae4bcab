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

TOWN = """\
connector: town
jira_conn_id: jira_town
esm_conn_id: esm_town
timezone: Europe/Helsinki
scheduled_tasks:
  - id: tickets
    mapping_type: generic
    fetch_type: full
    schedule: "7 */6 * * *"
    jql: project = SUP
    target: {template: jira_issue, folder: jira_issues, key: jiraId, task_id_attribute: taskId}
    attributes:
      jiraId: id
      assignee: {source: assignee.accountId, reference: {template: account, key: accountId}}
      parent: {source: parent.id, reference: {template: jira_issue, key: jiraId}}
    removed_records: {attribute: status, value: Removed, returned_value: Open, "on": [gone], on_exceeded: fail}
  - id: tickets_fresh
    mapping_type: generic
    fetch_type: incremental
    companion_of: tickets
    schedule: "*/10 * * * *"
    overlap: 20m
  - id: changes
    mapping_type: generic
    fetch_type: incremental
    schedule: "*/15 * * * *"
    jql: project = OPS
    target: {template: change, folder: changes, key: jiraId, task_id_attribute: taskId}
    attributes: {jiraId: id}
  - id: people
    mapping_type: identity_and_access
    fetch_type: full
    schedule: "30 */6 * * *"
    users: {include_inactive: false, exclude: ["^svc-"], members_of: [staff, sup-agents]}
    groups: {include: "^(jira|sup)-", exclude: ["^jira-servicemanagement-"]}
    project_roles: {projects: [SUP, OPS], exclude: [viewers]}
    identity:
      target: {template: account, folder: accounts, key: accountId, task_id_attribute: taskId}
      attributes: {accountId: accountId, displayName: displayName}
      memberships: groups
      removed_records: {attribute: accountStatus, value: Left, returned_value: Active}
    access:
      target: {template: entitlement, folder: entitlements, key: groupId, task_id_attribute: taskId}
      attributes: {groupId: groupId, name: name}
      removed_records: {attribute: status, value: Gone, "on": [gone], on_exceeded: fail}
  - id: groups_only
    mapping_type: access
    fetch_type: full
    access:
      target: {template: entitlement, folder: entitlements, key: groupId, task_id_attribute: taskId}
      attributes: {groupId: groupId}
"""
"""Every kind of task: issues that point at each other, a companion, an incremental task alone, people, groups."""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A folder with the definition of a connector that has every kind of task."""
    where = tmp_path / "town"
    where.mkdir()
    (where / "town.yaml").write_text(TOWN)
    return where


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the definition of one connector."""
    where = tmp_path / "definitions"
    where.mkdir()
    (where / "acme.yaml").write_text(ACME.format(connector="acme"))
    return where
