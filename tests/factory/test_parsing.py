"""Parsing a DAG file costs nothing and touches nothing: no network, no Variable, no Connection, none of the clients."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Runs in a process of its own: what another test has imported would hide what parsing imports.
PROBE = """
import json, sys, time
import airflow.sdk
from airflow.sdk import DAG, BaseOperator, Param, TriggerRule
from airflow.providers.standard.operators import hitl
from airflow.sdk.execution_time import context

def touched(*_, **__):
    raise AssertionError("a Variable or a Connection was read")

for name in ("_get_variable", "_set_variable", "_get_connection"):
    assert hasattr(context, name)
    setattr(context, name, touched)

def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "sqlite3.connect"):
        raise AssertionError(event)

sys.addaudithook(watch)
before = set(sys.modules)
began = time.perf_counter()
from airflow_provider_jira.factory import build_dags, report_errors
dags = build_dags(sys.argv[1])
report_errors(sys.argv[1])
print("RESULT", json.dumps([len(dags), time.perf_counter() - began, sorted(set(sys.modules) - before)]))
"""


def parse(folder):
    done = subprocess.run([sys.executable, "-c", PROBE, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("RESULT ", 1)[1])


@pytest.fixture(params=["folder", "town"])
def kinds(request):
    """Folders that hold issues by themselves, and every kind of task."""
    return request.getfixturevalue(request.param), {"folder": 2, "town": 5}[request.param]


def test_parsing_touches_no_network_no_variable_and_no_connection(kinds):
    where, tasks = kinds
    count, _, _ = parse(where)
    assert count == tasks


def test_parsing_imports_neither_clients_nor_engine(kinds):
    _, _, modules = parse(kinds[0])
    heavy = ("airflow_provider_jira.jira", "airflow_provider_jira.esm", "airflow_provider_jira.sync", "defusedxml")
    assert [name for name in modules if name.startswith((*heavy, "aiolimiter", "lark", "rich"))] == []


def test_a_hundred_definitions_are_all_parsed(folder):
    text = (folder / "acme.yaml").read_text()
    for at in range(100):
        (folder / f"c{at}.yaml").write_text(text.replace("connector: acme", f"connector: c{at}"))
    count, _, _ = parse(folder)
    assert count == 202
