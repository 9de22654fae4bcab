"""Waiting for Jira: seen when it is so, told when it cannot be, given up at the deadline and not before."""

from __future__ import annotations

import pytest

from airflow_provider_jira.triggers.jira import JiraIssueStatusTrigger, JiraJqlTrigger

OTHER = "summary ~ nothingofthekind"


def status(issue, **arguments):
    return JiraIssueStatusTrigger(jira_conn_id="jira_acme", issue=issue, **arguments)


def jql(text="project = SUP", **arguments):
    return JiraJqlTrigger(jira_conn_id="jira_acme", jql=text, **arguments)


@pytest.mark.parametrize("wanted", [{"statuses": ["done"]}, {"category": "done"}, {"statuses": ["Nowhere", "DONE"]}])
@pytest.mark.parametrize("by", ["id", "key"])
def test_an_issue_is_seen_once_it_has_the_status(jira, meanwhile, ended, wanted, by):
    issue = jira.issue(project="SUP", issuetype="Bug", summary="x", status={"name": "Open"})
    key = next(row["key"] for row in jira.do("GET", "truth/issues?project=SUP") if int(row["id"]) == issue)
    meanwhile.acts = [lambda: None, lambda: jira.issue(issue, status={"name": "Done"})]
    assert ended(status(issue if by == "id" else key, **wanted)) == {
        "status": "seen",
        "issue_id": issue,
        "issue_key": key,
        "issue_status": "Done",
        "issue_category": "done",
    }
    assert meanwhile.pauses == [60.0, 60.0]


@pytest.mark.parametrize("issue", [999_999, "SUP-99999"])
def test_an_issue_that_is_not_there_is_told_at_once(jira, meanwhile, ended, issue):
    event = ended(status(issue, category="done"))
    assert (event["status"], event["final"]) == ("failed", True)
    assert str(issue) in event["message"]
    assert "permission to browse" in event["message"]


@pytest.mark.parametrize(
    ("arguments", "told"), [({}, "no status to wait for"), ({"category": "Done"}, "new, indeterminate, done")]
)
def test_a_status_that_cannot_be_waited_for_is_refused(arguments, told):
    with pytest.raises(ValueError, match=told):
        status(1, **arguments)


def test_jql_is_seen_once_it_has_results(jira, meanwhile, ended):
    found = []
    meanwhile.acts = [
        lambda: None,
        lambda: found.append(jira.issue(project="SUP", issuetype="Bug", summary="Zanzibar")),
        lambda: jira.do("POST", "world/index", {}),
    ]
    event = ended(jql('project = SUP and summary ~ "Zanzibar" order by created desc'))
    assert event == {"status": "seen", "issue_ids": found}


def test_jql_may_have_to_have_several_results(jira, meanwhile, ended):
    assert ended(jql(at_least=20))["status"] == "seen"
    event = ended(jql("project = SUP and issuetype in (Bug, Task)", at_least=21, deadline=meanwhile.now + 90))
    assert event == {"status": "timeout", "message": ""}


def test_broken_jql_is_told_at_once(jira, meanwhile, ended):
    for text in ("nosuchfield = 1", "project = 'SUP", "order by id"):
        event = ended(jql(text))
        assert (event["status"], event["final"]) == ("failed", True)
        assert "JQL" in event["message"]
    assert not meanwhile.pauses


def test_the_deadline_is_a_moment_and_the_last_question_is_asked_then(jira, meanwhile, ended):
    event = ended(jql(OTHER, poke_interval=60, deadline=meanwhile.now + 150))
    assert event == {"status": "timeout", "message": ""}
    assert meanwhile.pauses == [60.0, 60.0, 30.0]
    assert jira.asked("search/jql") == 4
    meanwhile.pauses.clear()
    assert ended(jql(OTHER, deadline=meanwhile.now - 1000))["status"] == "timeout"
    assert not meanwhile.pauses  # a triggerer that starts anew does not begin to wait again


def test_trouble_that_passes_is_waited_out(jira, meanwhile, ended, monkeypatch):
    monkeypatch.setattr("airflow_provider_jira.jira.retry._FIRST_WAIT", 0.0)
    jira.do("POST", "faults", {"match": {"path": "search/jql"}, "status": 503, "times": 4})
    assert ended(jql())["status"] == "seen"
    assert meanwhile.pauses == [60.0]


def test_trouble_is_told_where_the_deadline_comes_first(jira, meanwhile, ended, monkeypatch):
    monkeypatch.setattr("airflow_provider_jira.jira.retry._FIRST_WAIT", 0.0)
    jira.do("POST", "faults", {"match": {"path": "search/jql"}, "status": 503, "times": None})
    event = ended(jql(deadline=meanwhile.now + 10))
    assert event["status"] == "timeout"
    assert "cannot answer" in event["message"]


def test_a_bad_token_is_told_at_once_and_not_repeated(jira, meanwhile, ended, monkeypatch):
    fields = '{"conn_type": "jira_cloud", "host": "%s", "login": "robot@acme.example", "password": "wr0ng"}'
    monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", fields % jira.url)
    event = ended(jql())
    assert (event["status"], event["final"]) == ("failed", True)
    assert "API token" in event["message"]
    assert "wr0ng" not in str(event)
    assert "robot@" not in str(event)


def test_a_missing_connection_is_told(jira, meanwhile, ended):
    event = ended(JiraJqlTrigger(jira_conn_id="jira_nowhere", jql="project = SUP"))
    assert (event["status"], event["final"]) == ("failed", True)
    assert "'jira_nowhere'" in event["message"]


def test_a_defect_is_told_by_its_kind_only(jira, meanwhile, ended, monkeypatch):
    def broken(*_):
        raise RuntimeError("jane@acme.example")

    monkeypatch.setattr(JiraJqlTrigger, "_seen", broken)
    event = ended(jql())
    assert (event["status"], event["final"]) == ("failed", False)
    assert "RuntimeError" in event["message"]
    assert "jane" not in event["message"]


def test_what_stands_in_the_database_is_names_only():
    path, arguments = jql("project = SUP", poke_interval=1, deadline=5.0).serialize()
    assert path == "airflow_provider_jira.triggers.jira.JiraJqlTrigger"
    assert arguments == {
        "jira_conn_id": "jira_acme",
        "jql": "project = SUP",
        "at_least": 1,
        "poke_interval": 5.0,
        "deadline": 5.0,
    }


@pytest.mark.parametrize("least", [0, -1])
def test_nothing_is_not_waited_for(least):
    with pytest.raises(ValueError, match="1 or more"):
        jql(at_least=least)
