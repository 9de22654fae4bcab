"""The button "Jira issue": where it leads, and that Airflow has it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from airflow.sdk.execution_time import comms

from airflow_provider_jira.links.issue import ISSUE_URL, JiraIssueLink, browse


@pytest.mark.parametrize(("left", "leads"), [("https://acme.atlassian.net/browse/SUP-1",) * 2, (None, "")])
def test_it_leads_where_the_task_said_or_nowhere(supervisor, monkeypatch, left, leads):
    asked = []

    def send(msg):
        asked.append((msg.key, msg.task_id, msg.map_index))
        return comms.XComResult(key=msg.key, value=left)

    monkeypatch.setattr(supervisor, "send", send)
    key = SimpleNamespace(dag_id="acme__x", task_id="write", run_id="r", map_index=3, try_number=1)
    assert JiraIssueLink().get_link(None, ti_key=key) == leads
    assert asked == [(ISSUE_URL, "write", 3)]


def test_an_issue_is_shown_to_people_by_its_key():
    assert browse("https://acme.atlassian.net", "SUP-1") == "https://acme.atlassian.net/browse/SUP-1"


def test_airflow_knows_the_link():
    from airflow_provider_jira.provider_info import get_provider_info

    kind = JiraIssueLink
    assert f"{kind.__module__}.{kind.__qualname__}" in get_provider_info()["extra-links"]
