"""Sandbox servers start, answer, end, and never outlive who started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx
import psutil
import pytest

from airflow_provider_jira.sandbox import cli
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.process import NotStarted, serve_in_thread, start_server

TENANT = "/_edge/tenant_info"
STARTER = """
import sys, time
from airflow_provider_jira.sandbox.process import start_server
print(start_server("jira", "--issues", "3").pid, flush=True)
time.sleep(120)
"""


def answers(url: str) -> bool:
    try:
        return httpx.get(url + TENANT, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def ended(pid: int, timeout: float = 20) -> bool:
    try:
        psutil.Process(pid).wait(timeout)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        return False
    return True


@pytest.mark.parametrize("kind", ["jira", "esm"])
def test_a_server_answers_while_the_block_runs_and_not_after(kind):
    with start_server(kind) as server:
        assert httpx.get(f"{server.url}/_sandbox/switches", trust_env=False).status_code == 200
        assert psutil.pid_exists(server.pid)
    assert ended(server.pid, 0)
    server.stop()


def test_the_command_line_reaches_the_server():
    login, body = ("robot@acme.example", "t"), {"jql": "project = SUP AND issuetype in (Bug, Task)"}
    with (
        start_server("jira", "--issues", "12", "--seed", "3", "--token", "t", "--index-lag", "5") as server,
        httpx.Client(base_url=server.url, auth=login, trust_env=False) as http,
    ):
        assert http.post("/rest/api/3/search/approximate-count", json=body).json() == {"count": 12}
        assert http.get("/_sandbox/switches").json()["index_lag"] == 5


def test_the_command_line_says_how_many_people_there_are_and_who_administers_them():
    login = ("robot@acme.example", "sandbox-token")
    size = ("--people", "90", "--groups", "20", "--memberships", "200")
    with (
        start_server("jira", "--issues", "3", *size, "--admin") as server,
        httpx.Client(base_url=server.url, auth=login, trust_env=False) as http,
    ):
        assert len(http.get("/rest/api/3/users/search", params={"maxResults": 1000}).json()) == 91
        members = http.get("/_sandbox/truth/memberships").json()
        assert (len(members), sum(map(len, members.values()))) == (20, 200)
        assert http.post("/rest/api/3/group", json={"name": "new"}).status_code == 201


def test_a_server_that_does_not_listen_to_sigterm_is_killed(monkeypatch):
    monkeypatch.setattr("airflow_provider_jira.sandbox.process._PATIENCE", 0.2)
    server = start_server("jira", "--issues", "3")
    os.kill(server.pid, signal.SIGSTOP)
    server.stop()
    assert ended(server.pid, 0)


def test_a_server_ends_when_its_starter_is_killed():
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) as starter:
        pid = int(starter.stdout.readline())
        assert psutil.pid_exists(pid)
        starter.kill()
    assert ended(pid)


@pytest.mark.parametrize("args", [("--no-such-option",), ("--issues", "many")])
def test_a_server_that_cannot_start_is_an_error(args):
    with pytest.raises(NotStarted, match="ended with status 2"):
        start_server("jira", *args)


def test_a_server_that_takes_too_long_is_ended():
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(NotStarted, match="not ready in time"):
        start_server("jira", timeout=0.01)
    assert {child.pid for child in psutil.Process().children()} <= before


def test_a_program_that_there_is_not_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["jria"])
    assert "invalid choice: 'jria'" in capsys.readouterr().err


def test_an_application_is_served_from_a_thread():
    app = create_app(3)
    with serve_in_thread(app) as served:
        url = served.url
        assert answers(url)
    assert not answers(url)
    app.state.site.store.close()
