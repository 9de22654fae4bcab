"""``airflow jira-connector advise``: what it measures at a Jira, and what it prints."""

from __future__ import annotations

import asyncio
import io
import json
from argparse import Namespace
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from airflow_provider_jira.cli.advise import advise
from airflow_provider_jira.cli.measure import measure
from airflow_provider_jira.cli.validate import validate
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import JiraPermissionError
from airflow_provider_jira.jira.records import Group, Person
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.definition import Connector, ScheduledTask
from airflow_provider_jira.model.sizes import Measured
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.process import serve_in_thread

EXAMPLE = Path(__file__).parents[2] / "dags" / "definitions" / "acme.yaml"
ISSUES = 700


@pytest.fixture
def folder(tmp_path):
    """The first task of the example, six times a day, and a connector whose one task starts every 20 minutes."""
    text = EXAMPLE.read_text().partition("\n  - id: support_tickets_fresh")[0].replace('"0 */6 * * *"', '"0 */4 * * *"')
    (tmp_path / "acme.yaml").write_text(text)
    other = text.replace("connector: acme", "connector: acne").replace("id: support_tickets", "id: copies")
    (tmp_path / "acne.yaml").write_text(other.replace('"0 */4 * * *"', '"*/20 * * * *"'))
    return tmp_path


@pytest.fixture
def out():
    """A wide terminal whose text can be read."""
    return Console(file=io.StringIO(), soft_wrap=True, highlight=False, width=160)


def shown(out: Console) -> str:
    return out.file.getvalue()


def asked(folder: Path, connector: str | None = None, *, offline: bool = False) -> Namespace:
    return Namespace(folder=str(folder), connector=connector, offline=offline)


@pytest.fixture(scope="module")
def site():
    with serve_in_thread(create_app(ISSUES, 7)) as server:
        yield server.url


@pytest.fixture
def connection(site, monkeypatch):
    """The connection that the definitions name leads to the sandbox."""
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "")  # put back after the test: the command sets it
    fields = {"conn_type": "jira_cloud", "host": site, "login": "robot@acme.example", "password": "sandbox-token"}

    def made(**other: str) -> None:
        monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps({**fields, **other}))

    made()
    return made


class TestOffline:
    def test_nothing_is_asked_and_the_status_is_0(self, folder, out, monkeypatch):
        monkeypatch.setattr(httpx.AsyncClient, "send", None)
        advise(asked(folder, offline=True), out)
        text = shown(out)
        assert "not measured" in text
        assert "every 30 minutes, if small" in text
        assert 'warning: acne__copies: schedule "*/20 * * * *" starts as close as 20 minutes apart' in text
        assert "collide at 00:00, 04:00 and 4 more times on every day: acme__support_tickets, acne__copies" in text
        assert "acne__copies and acme__support_tickets read the same issues" in text

    def test_a_named_connector_is_shown_alone_but_meets_the_others(self, folder, out):
        advise(asked(folder, "acme", offline=True), out)
        text = shown(out)
        assert "starts as close as" not in text
        assert "collide at 00:00" in text

    def test_advice_about_others_is_left_out(self, folder, out):
        (folder / "third.yaml").write_text(
            (folder / "acme.yaml").read_text().replace("acme", "third").replace('"0 */4', '"7 */4').replace("SUP", "X")
        )
        advise(asked(folder, "third", offline=True), out)
        assert shown(out).count("Nothing to advise.") == 2
        assert "collide" not in shown(out)

    def test_a_broken_file_is_left_out_and_named(self, folder, out):
        (folder / "acne.yaml").write_text("connector: [")
        advise(asked(folder, offline=True), out)
        assert shown(out).startswith("acne.yaml: left out as it is broken; airflow jira-connector validate says")

    @pytest.mark.parametrize(("connector", "told"), [("acni", "no connector 'acni'"), (None, "nowhere")])
    def test_what_is_not_there_is_refused(self, folder, out, connector, told):
        with pytest.raises(SystemExit, match=told):
            advise(asked(folder if connector else folder / "nowhere", connector, offline=True), out)


@pytest.mark.usefixtures("connection")
class TestMeasured:
    def test_issues_are_counted_by_jira_and_schedules_held_against_them(self, folder, out):
        advise(asked(folder), out)
        text = shown(out)
        assert text.count(f"{ISSUES} issues") == 3  # of both tasks, and in the advice about the one that is too dense
        assert "every hour" in text
        assert "~2 min" in text
        assert f"where at most every hour is recommended for a full task of {ISSUES} issues" in text

    def test_a_query_that_jira_refuses_is_named_and_the_others_are_counted(self, folder, out):
        text = (folder / "acme.yaml").read_text()
        task = text[text.index("  - id:") :]
        second = task.replace("support_tickets", "second").replace("project = SUP", "nonsense = SUP")
        (folder / "acme.yaml").write_text(text + second)
        advise(asked(folder, "acme"), out)
        assert "Not counted: issues of second. " in shown(out)
        assert f"{ISSUES} issues" in shown(out)
        assert "not measured" in shown(out)

    def test_a_login_that_does_not_work_is_told_and_the_advice_goes_on(self, folder, out, connection):
        connection(password="wrong-token")
        advise(asked(folder, "acne"), out)
        assert "Not measured: connector acne. " in shown(out)
        assert "wrong-token" not in shown(out)
        assert "of even the smallest size" in shown(out)

    def test_a_connection_that_is_not_there_is_told(self, folder, out, monkeypatch):
        monkeypatch.setenv(
            "AIRFLOW_CONN_JIRA_ACME", json.dumps({"conn_type": "jira_cloud", "host": "https://a.example"})
        )
        advise(asked(folder, "acme"), out)
        assert "Not measured: connector acme. Connection 'jira_acme', field 'login'" in shown(out)


class Town:
    """A site with people: what measuring asks of a client, answered in pages."""

    def __init__(self, types: list[str], groups: int, refused: bool = False) -> None:
        self.types, self.count, self.refused = types, groups, refused
        self.asked: list[str] = []
        self.people = self

    async def everyone(self) -> AsyncIterator[tuple[Person, ...]]:
        self.asked.append("users")
        if self.refused:
            raise JiraPermissionError("the account may not browse users")
        for at in range(0, len(self.types), 2):
            yield tuple(Person(str(at), each, True, {}) for each in self.types[at : at + 2])

    async def groups(self) -> AsyncIterator[tuple[Group, ...]]:
        self.asked.append("groups")
        for at in range(self.count):
            yield (Group(str(at), f"group {at}"),)

    async def approximate_count(self, jql: str) -> int:
        self.asked.append(jql)
        return len(jql)


ACCOUNT, ENTITLEMENT, TICKET = (
    {"template": template, "folder": "cards", "key": "key", "task_id_attribute": "taskId"}
    for template in ("account", "entitlement", "ticket")
)
PARTS = {
    "identity": {"target": ACCOUNT, "attributes": {"key": "accountId"}},
    "access": {"target": ENTITLEMENT, "attributes": {"key": "groupId"}},
}


def people(id_: str, mapping_type: str = "identity_and_access", **more: object) -> dict[str, Any]:
    """A task over people, groups or both, as a file says it."""
    parts = {name: part for name, part in PARTS.items() if name in mapping_type.split("_and_")}
    return {"id": id_, "mapping_type": mapping_type, "fetch_type": "full", **parts, **more}


def issues(id_: str, jql: str) -> dict[str, Any]:
    task = {"id": id_, "mapping_type": "generic", "fetch_type": "full", "jql": jql}
    return {**task, "target": TICKET, "attributes": {"key": "id"}}


def fresh(full: str) -> dict[str, Any]:
    return {"id": f"{full}_fresh", "mapping_type": "generic", "fetch_type": "incremental", "companion_of": full}


def tasks(*written: dict[str, Any]) -> tuple[ScheduledTask, ...]:
    """The tasks as they are in their connector: companions completed."""
    head = {"connector": "acme", "jira_conn_id": "jira_acme", "esm_conn_id": "esm_acme"}
    return Connector.model_validate({**head, "scheduled_tasks": written}).scheduled_tasks


TYPES = ["atlassian", "atlassian", "app", "customer", "atlassian"]
JQL = "project = SUP"


class TestMeasuringPeople:
    @pytest.mark.parametrize(
        ("asks", "size"),
        [
            (people("p"), Measured(3, 3)),
            (people("p", "identity"), Measured(users=3)),
            (people("p", "access"), Measured(groups=3)),
            (people("p", users={"account_types": ["atlassian", "app", "customer"]}), Measured(5, 3)),
            (people("p", users={"account_types": ["app", "customer", "app"]}), Measured(2, 3)),
            (issues("p", JQL), Measured(issues=len(JQL))),
        ],
    )
    def test_each_mapping_type_is_measured_by_what_it_reads(self, asks, size):
        assert asyncio.run(measure(Town(TYPES, 3), tasks(asks))).of == {"p": size}

    def test_everything_is_asked_once_and_a_companion_is_as_large_as_its_full_task(self):
        town = Town(TYPES, 3)
        written = tasks(
            people("all", users={"account_types": ["app"]}),
            people("people_only", "identity"),
            issues("first", JQL),
            fresh("first"),
            issues("same", JQL),
        )
        assert asyncio.run(measure(town, written)).of == {
            "all": Measured(1, 3),
            "people_only": Measured(users=3),
            "first": Measured(issues=len(JQL)),
            "first_fresh": Measured(issues=len(JQL)),
            "same": Measured(issues=len(JQL)),
        }
        assert sorted(town.asked) == ["groups", JQL, "users"]

    def test_a_companion_that_stands_before_its_full_task_is_counted_the_same(self):
        town = Town(TYPES, 3)
        found = asyncio.run(measure(town, tasks(fresh("first"), issues("first", JQL))))
        assert found.of["first_fresh"] == found.of["first"] == Measured(issues=len(JQL))
        assert town.asked == [JQL]

    def test_what_cannot_be_counted_is_left_open_and_told(self):
        found = asyncio.run(measure(Town(TYPES, 3, refused=True), tasks(people("p"))))
        assert found.of == {"p": Measured(groups=3)}
        assert found.why_not == ["Not counted: users. the account may not browse users"]


def test_people_and_groups_of_a_site_are_counted(site):
    truth = {what: httpx.get(f"{site}/_sandbox/truth/{what}").json() for what in ("people", "groups")}
    kinds = Counter(person["accountType"] for person in truth["people"])
    assert {"atlassian", "app", "customer"} <= set(kinds)
    written = tasks(people("p"), people("bots", "identity", users={"account_types": ["app"]}))

    async def story():
        async with JiraClient(JiraSettings(site, "robot@acme.example", "sandbox-token")) as jira:
            await jira.identify()
            return await measure(jira, written)

    assert asyncio.run(story()).of == {
        "p": Measured(kinds["atlassian"], len(truth["groups"])),
        "bots": Measured(users=kinds["app"]),
    }


def test_validate_prints_what_needs_no_measuring_between_the_other_warnings(folder, out):
    validate(Namespace(folder=str(folder)), out)
    lines = shown(out).splitlines()
    line = 1 + (folder / "acne.yaml").read_text().splitlines().index(
        '    schedule: "*/20 * * * *"        # cron, preset, or null: only by hand'
    )
    assert [each.split(" ")[0] for each in lines[:-1]] == ["acme.yaml:13:", f"acne.yaml:{line}:", f"acne.yaml:{line}:"]
    assert lines[-1] == "2 files, 2 good tasks, 0 broken tasks: 0 errors, 3 warnings."
