"""The commands below ``airflow jira-connector``: what they print, and their exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from airflow_provider_jira.cli.cache import clear_cache
from airflow_provider_jira.cli.connections import try_connections
from airflow_provider_jira.cli.schema import schema
from airflow_provider_jira.cli.validate import validate
from airflow_provider_jira.sync.cache import Manifest, TaskCache, task_key
from airflow_provider_jira.sync.shards import Known
from airflow_provider_jira.sync.state import MemoryState

EXAMPLE = Path(__file__).parents[2] / "dags" / "definitions" / "acme.yaml"


@pytest.fixture
def folder(tmp_path):
    """A folder with the example in it."""
    (tmp_path / "acme.yaml").write_text(EXAMPLE.read_text())
    return tmp_path


@pytest.fixture
def out():
    """A terminal whose text can be read."""
    return Console(file=io.StringIO(), soft_wrap=True, highlight=False)


def shown(out: Console) -> str:
    return out.file.getvalue()


class TestValidate:
    def test_a_good_folder_passes(self, folder, out):
        validate(Namespace(folder=str(folder)), out)
        assert shown(out) == "1 file, 8 good tasks, 0 broken tasks: 0 errors, 0 warnings.\n"

    def test_each_problem_is_a_line_with_file_and_line_and_the_status_is_1(self, folder, out):
        file = folder / "acme.yaml"
        file.write_text(file.read_text().replace("fetch_type: incremental", "fetch_typ: incremental"))
        number = next(at for at, line in enumerate(file.read_text().split("\n"), 1) if "fetch_typ:" in line)
        with pytest.raises(SystemExit) as ended:
            validate(Namespace(folder=str(folder)), out)
        assert ended.value.code == 1
        lines = shown(out).split("\n")
        assert any(line.startswith(f"acme.yaml:{number}: ") and "fetch_type" in line for line in lines)
        assert "7 good tasks, 1 broken task:" in shown(out)

    def test_event_tasks_are_counted_and_an_activity_that_there_is_not_is_told_which_there_are(self, tmp_path, out):
        text = (
            "connector: other\njira_conn_id: a\nesm_conn_id: b\nevent_tasks:\n"
            "  - {id: drop, activity: delete_user, card: {template: account}, user: accountId}\n"
            "  - {id: close, activity: close_issue, card: {template: incident}, issue: jiraKey}\n"
        )
        (tmp_path / "other.yaml").write_text(text)
        with pytest.raises(SystemExit):
            validate(Namespace(folder=str(tmp_path)), out)
        told, summary = shown(out).splitlines()
        assert told.startswith('other.yaml:6: event_tasks[1].activity: activity cannot be "close_issue"; did you mean ')
        assert "There are create_issue, update_issue, " in told
        assert told.endswith("add_user_to_group, remove_user_from_group")
        assert summary == "1 file, 1 good task, 1 broken task: 1 error, 0 warnings."

    def test_a_warning_alone_passes(self, folder, out):
        (folder / "empty.yaml").write_text("connector: empty\njira_conn_id: a\nesm_conn_id: b\n")
        validate(Namespace(folder=str(folder)), out)
        assert "empty.yaml:1: warning" in shown(out)
        assert "0 errors, 1 warning." in shown(out)

    def test_a_missing_folder_is_said(self, tmp_path, out):
        with pytest.raises(SystemExit) as ended:
            validate(Namespace(folder=str(tmp_path / "nowhere")), out)
        assert ended.value.code == 1
        assert "nowhere" in shown(out)

    def test_what_looks_like_markup_is_printed_as_it_is(self, folder, out):
        file = folder / "acme.yaml"
        file.write_text(file.read_text().replace("fetch_type: full", '"[red]": full'))
        with pytest.raises(SystemExit):
            validate(Namespace(folder=str(folder)), out)
        assert "[red]" in shown(out)


class TestSchema:
    def test_the_example_fits_the_printed_schema(self, capsys):
        import yaml

        schema(Namespace())
        printed = json.loads(capsys.readouterr().out)
        jsonschema.validate(yaml.safe_load(EXAMPLE.read_text()), printed)


class TestClearCache:
    @staticmethod
    def remembered(state, known):
        cache = TaskCache(state, task_key("acme", "support_tickets"))
        cache.commit(
            cache.read(),
            generation="g1",
            known=known,
            ledger={},
            bounds=[0],
            plan="p",
            place="",
            watermark=None,
            as_of="2026-01-01T00:00:00+00:00",
            scope="s",
            still_mine=lambda: True,
        )
        return cache

    def test_what_was_accepted_is_forgotten_and_the_cards_are_not(self, folder, out):
        state = MemoryState()
        cache = self.remembered(state, {7: Known(b"12345678", 70, 1)})
        clear_cache(Namespace(connector="acme", task=None, cards=False, folder=str(folder)), state, out)
        (known,) = cache.read().known.values()
        assert (known.digest, known.card_id, known.project_id) == (None, 70, 1)
        assert shown(out).startswith("acme__support_tickets: 1 records; forgot what ESM accepted.")

    def test_the_cards_are_forgotten_on_demand(self, folder, out):
        state = MemoryState()
        cache = self.remembered(state, {7: Known(b"12345678", 70, 1)})
        clear_cache(Namespace(connector="acme", task="support_tickets", cards=True, folder=str(folder)), state, out)
        assert cache.read().known == {}
        assert "ids of its cards" in shown(out)

    def test_each_clearing_makes_a_new_manifest_so_that_a_run_under_way_notices(self, folder, out):
        state = MemoryState()
        cache = self.remembered(state, {})
        versions = {cache.version()}
        for _ in range(2):
            clear_cache(Namespace(connector="acme", task=None, cards=False, folder=str(folder)), state, out)
            versions.add(cache.version())
        assert len(versions) == 3
        assert isinstance(cache.manifest(), Manifest)

    @pytest.mark.parametrize(
        ("connector", "task", "said"),
        [
            ("acne", None, "no connector 'acne'.*There: acme"),
            ("acme", "x", "no scheduled task 'x'.*support_tickets"),
        ],
    )
    def test_a_misspelt_name_is_refused_with_the_right_ones(self, folder, out, connector, task, said):
        state = MemoryState()
        with pytest.raises(SystemExit, match=said):
            clear_cache(Namespace(connector=connector, task=task, cards=False, folder=str(folder)), state, out)
        assert state.texts == {}

    def test_a_broken_connector_is_refused_with_its_problems(self, folder, out):
        file = folder / "acme.yaml"
        file.write_text(file.read_text().replace("jira_conn_id:", "jira_con_id:"))
        with pytest.raises(SystemExit, match=r"(?s)definition of connector 'acme' is broken.*acme.yaml:\d+: "):
            clear_cache(Namespace(connector="acme", task=None, cards=False, folder=str(folder)), MemoryState(), out)


class TestTestConnection:
    def test_both_sides_are_tried_and_named(self, folder, out, monkeypatch):
        monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "")  # put back after the test: the command sets it
        wrong = {"conn_type": "jira_cloud", "host": "https://acme.atlassian.net"}
        monkeypatch.setenv("AIRFLOW_CONN_JIRA_ACME", json.dumps(wrong))
        monkeypatch.setenv("AIRFLOW_CONN_ESM_ACME", json.dumps({**wrong, "login": "webapi"}))
        with pytest.raises(SystemExit) as ended:
            try_connections(Namespace(connector="acme", folder=str(folder)), out)
        assert ended.value.code == 1
        first, second = shown(out).strip().split("\n")
        assert first.startswith("jira_acme: Connection 'jira_acme', field 'login'")
        assert second.startswith("esm_acme: Connection 'esm_acme', field 'password'")


def airflow(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__JIRA_CONNECTOR__DEFINITIONS_FOLDER": str(EXAMPLE.parent),
    }
    command = [sys.executable, "-m", "airflow", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An Airflow with a database of its own."""
    home = tmp_path_factory.mktemp("airflow")
    done = airflow("db", "migrate", home=home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.mark.airflow
class TestThroughAirflow:
    def test_the_commands_are_below_airflow(self, home):
        done = airflow("jira-connector", "--help", home=home)
        assert all(name in done.stdout for name in ("validate", "advise", "schema", "test-connection", "clear-cache"))

    def test_validate_uses_the_setting_and_the_status_reaches_the_shell(self, home, tmp_path):
        assert airflow("jira-connector", "validate", home=home).returncode == 0
        assert airflow("jira-connector", "validate", str(tmp_path / "nowhere"), home=home).returncode == 1

    def test_advise_needs_no_network_offline(self, home):
        done = airflow("jira-connector", "advise", "acme", "--offline", home=home)
        assert done.returncode == 0, done.stderr
        assert "support_tickets" in done.stdout

    def test_clear_cache_writes_the_variables_that_tasks_read(self, home):
        done = airflow("jira-connector", "clear-cache", "acme", "support_tickets", home=home)
        assert done.returncode == 0, done.stderr
        listed = airflow("variables", "list", "-o", "json", home=home)
        assert f"jira_connector/{task_key('acme', 'support_tickets')}/manifest" in listed.stdout

    def test_test_connection_finds_connections_in_the_database(self, home):
        made = {"conn_type": "jira_cloud", "host": "https://acme.atlassian.net"}
        airflow("connections", "add", "jira_acme", "--conn-json", json.dumps(made), home=home)
        done = airflow("jira-connector", "test-connection", "acme", home=home)
        assert done.returncode == 1
        assert "jira_acme: Connection 'jira_acme', field 'login'" in done.stdout
        assert "esm_acme: There is no connection 'esm_acme'" in done.stdout
