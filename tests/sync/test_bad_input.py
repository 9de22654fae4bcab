"""What an administrator can get wrong: one clear sentence that names the thing and the mend, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from conftest import TASK, Sandbox
from pipeline import Pipeline, World

from airflow_provider_jira.esm.errors import EsmError
from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import JiraError
from airflow_provider_jira.sync import Stop

TARGET = {"template": "jira_issue", "folder": "jira_issues", "key": "jiraId", "task_id_attribute": "taskId"}
ATTRIBUTES = TASK["attributes"]

DEFINITIONS: list[Any] = [
    pytest.param({"jql": "project = NOWHERE"}, JiraError, ["NOWHERE"], id="a-project-that-does-not-exist"),
    pytest.param({"jql": "project = SUP AND AND"}, JiraError, ["JQL"], id="jql-that-is-none"),
    pytest.param({"jql": "fruit = apple"}, JiraError, ["fruit"], id="a-jql-field-that-does-not-exist"),
    pytest.param({"target": {**TARGET, "template": "jira_isue"}}, EsmError, ["jira_isue"], id="an-unknown-template"),
    pytest.param(
        {"attributes": {**ATTRIBUTES, "sujbect": "summary"}},
        Stop,
        ["'sujbect'", "correct the name"],
        id="an-unknown-attribute",
    ),
    pytest.param(
        {"attributes": {**ATTRIBUTES, "team": "Suport Team"}},
        Stop,
        ["Suport Team", "Support Team"],
        id="an-unknown-field",
    ),
    pytest.param(
        {"attributes": {**ATTRIBUTES, "comments": "summary"}},
        Stop,
        ["'comments'", "worklog"],
        id="a-worklog-as-attribute",
    ),
]
KNOWN_FROM_METADATA: list[Any] = [
    pytest.param(
        {"target": {**TARGET, "folder": "jira_isues"}},
        ["'jira_isues'", "jira_issues"],
        id="a-folder-that-does-not-exist",
    ),
    pytest.param(
        {"attributes": {**ATTRIBUTES, "origin": {"value": "jiira"}}},
        ["'origin'", "'jiira'", "'jira'"],
        id="an-unknown-static-value",
    ),
    pytest.param(
        {"removed_records": {"attribute": "recordStatus", "value": "6 - Gone"}},
        ["'6 - Gone'", "5 - Removed"],
        id="an-unknown-removed-value",
    ),
    pytest.param(
        {"attributes": {**ATTRIBUTES, "due": "duedate"}}, ["'due'", "format: date"], id="a-date-without-format"
    ),
    pytest.param({"attributes": {**ATTRIBUTES, "due": {"value": "soon"}}}, ["'due'", "dates"], id="text-for-a-date"),
    pytest.param(
        {"attributes": {**ATTRIBUTES, "origin": {"value": {"code": "nope"}}}},
        ["'origin'", "code 'nope'"],
        id="an-unknown-code",
    ),
    pytest.param(
        {"attributes": {**ATTRIBUTES, "storyPoints": {"value": "many"}}},
        ["'storyPoints'", "numbers"],
        id="text-for-a-number",
    ),
]


def refused(world: World, esm: Sandbox, error: type[Exception]) -> str:
    """Plan, and return the one sentence; nothing may have been written."""
    esm.requests()
    with pytest.raises(error) as caught:
        world.start().plan()
    assert esm.writes() == []
    assert world.state.texts == {}  # type: ignore[attr-defined]
    text = str(caught.value)
    assert "sandbox-token" not in text
    assert "sandbox-password" not in text
    return text


@pytest.mark.parametrize(
    ("changes", "error", "words"), [*DEFINITIONS, *((p.values[0], Stop, p.values[1]) for p in KNOWN_FROM_METADATA)]
)
def test_a_definition_that_does_not_fit_is_refused_before_anything_is_written(
    build: Callable[..., World], esm: Sandbox, changes: dict[str, Any], error: type[Exception], words: list[str]
) -> None:
    text = refused(build(**changes), esm, error)
    for word in words:
        assert word in text


def test_every_misfit_is_named_at_once(build: Callable[..., World], esm: Sandbox) -> None:
    world = build(
        target={**TARGET, "folder": "nowhere"}, attributes={**ATTRIBUTES, "nothing": "summary", "team": "Nothing"}
    )
    text = refused(world, esm, Stop)
    assert [line[:1] for line in text.splitlines()] == ["T", "-", "-", "-"]


CONNECTIONS: list[Any] = [
    pytest.param("jira", {"site": "http://127.0.0.1:9"}, JiraError, ["127.0.0.1", "host of the"], id="wrong-jira-host"),
    pytest.param("jira", {"token": "expired"}, JiraError, ["token"], id="bad-jira-token"),
    pytest.param("jira", {"token": "sandbox-scoped-token"}, JiraError, ["scoped"], id="scoped-token-at-the-site"),
    pytest.param(
        "esm", {"base_url": "http://127.0.0.1:9"}, EsmError, ["127.0.0.1", "host of the"], id="wrong-esm-host"
    ),
    pytest.param("esm", {"password": "wrong"}, EsmError, ["password"], id="bad-esm-password"),
]


@pytest.mark.parametrize(("side", "changes", "error", "words"), CONNECTIONS)
def test_a_connection_that_cannot_work_is_refused_before_anything_is_written(
    world: World,
    esm: Sandbox,
    side: str,
    changes: dict[str, Any],
    error: type[Exception],
    words: list[str],
    no_waiting: None,
) -> None:
    setattr(world, side, msgspec.structs.replace(getattr(world, side), **changes))
    text = refused(world, esm, error)
    for word in words:
        assert word in text


def test_another_account_in_the_middle_of_a_run_stops_it(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    jira.post("world/delete", count=2, seed=1, jql=world.task.jql)
    other = {"X-AAccountId": "another"}
    for step, work in (("extract", Pipeline.extract), ("mark_removed", Pipeline.mark_removed)):
        run = world.start()
        (run.plan if step == "extract" else run.load)()
        jira.fault(match={"path": "/myself"}, status=200, headers=other, body={"accountId": "another"})
        with pytest.raises(Stop, match="another account"):
            work(run)
    assert esm.writes() != []
    assert not any("5 - Removed" in str(card) for card in esm.cards().values())


def test_an_identity_that_is_lost_during_the_read_stops_the_run(
    world: World, jira: Sandbox, esm: Sandbox, no_waiting: None
) -> None:
    world.run()
    jira.fault(
        match={"path": "search/jql"}, status=200, times=None,
        headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, body={"issues": [], "isLast": True},
    )  # fmt: skip
    esm.requests()
    with pytest.raises(JiraError, match="token"):
        world.start().plan()
    assert esm.writes() == []
    jira.mend()
    assert world.run()["unchanged"] == 60


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between retries cost nothing here; how long they are is tested with the clients."""

    async def at_once(_: float) -> None:
        return None

    for maker in (JiraClient.__init__, open_store):
        monkeypatch.setitem(maker.__kwdefaults__, "sleep", at_once)
