"""``airflow jira-connector test-connection``: do both sides take the logins?"""

from __future__ import annotations

from argparse import Namespace

from rich.console import Console

from airflow_provider_jira.cli.beside import use_database
from airflow_provider_jira.cli.definitions import loaded_connector
from airflow_provider_jira.hooks.esm import EfecteEsmHook
from airflow_provider_jira.hooks.jira import JiraCloudHook


def try_connections(args: Namespace, console: Console | None = None) -> None:
    """Log in to Jira and to ESM, and print what came of it.

    :raises SystemExit: status 1 if a login does not work
    """
    out = console or Console(soft_wrap=True, highlight=False)
    use_database()
    connector, _ = loaded_connector(args.connector, args.folder)
    answers = {
        connector.jira_conn_id: JiraCloudHook(connector.jira_conn_id).test_connection(),
        connector.esm_conn_id: EfecteEsmHook(connector.esm_conn_id).test_connection(),
    }
    for conn_id, (good, text) in answers.items():
        out.print(f"{conn_id}: {text}", style="green" if good else "red", markup=False)
    if not all(good for good, _ in answers.values()):
        raise SystemExit(1)
