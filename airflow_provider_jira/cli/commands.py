"""The commands' names and arguments. Imported by every ``airflow`` command, so the work is imported only when it is
asked for."""

from __future__ import annotations

from typing import Any

from airflow.cli.cli_config import ActionCommand, Arg, GroupCommand, lazy_load_command


def _arg(*flags: str, **how: Any) -> Arg:
    return Arg(flags, **how)  # type: ignore[no-untyped-call]  # Airflow's own


_WHICH_FOLDER = "folder with the definition files (default: [jira_connector] definitions_folder)"
_FOLDER = _arg("--folder", help=_WHICH_FOLDER)
_CONNECTOR = _arg("connector", help="the connector's name: that of its file, without .yaml")


def get_commands() -> list[GroupCommand]:
    """What Airflow's command line adds for this provider."""
    return [
        GroupCommand(
            name="jira-connector",
            help="Check and look after the Jira connector",
            subcommands=(
                ActionCommand(
                    name="validate",
                    help="Check definition files and say what is wrong, with file and line",
                    func=lazy_load_command("airflow_provider_jira.cli.validate.validate"),
                    args=(_arg("folder", nargs="?", help=_WHICH_FOLDER),),
                ),
                ActionCommand(
                    name="advise",
                    help="Measure how much there is to read, and say which schedules fit",
                    func=lazy_load_command("airflow_provider_jira.cli.advise.advise"),
                    args=(
                        _arg("connector", nargs="?", help="the connector's name (default: all of the folder)"),
                        _arg("--offline", action="store_true", help="ask no Jira: advise as if every size were small"),
                        _FOLDER,
                    ),
                ),
                ActionCommand(
                    name="schema",
                    help="Print the JSON Schema of definition files, for editors",
                    func=lazy_load_command("airflow_provider_jira.cli.schema.schema"),
                    args=(),
                ),
                ActionCommand(
                    name="test-connection",
                    help="Log in to Jira and ESM with a connector's connections",
                    func=lazy_load_command("airflow_provider_jira.cli.connections.try_connections"),
                    args=(_CONNECTOR, _FOLDER),
                ),
                ActionCommand(
                    name="clear-cache",
                    help="Forget what ESM has accepted: the next run pushes everything",
                    func=lazy_load_command("airflow_provider_jira.cli.cache.clear_cache"),
                    args=(
                        _CONNECTOR,
                        _arg("task", nargs="?", help="one scheduled task (default: all of the connector)"),
                        _arg(
                            "--cards",
                            action="store_true",
                            help="forget the ids of the cards as well: the next run looks every card up by its key",
                        ),
                        _FOLDER,
                    ),
                ),
                ActionCommand(
                    name="events",
                    help="List the events that are under way, refused or held back, by card; or dismiss one",
                    func=lazy_load_command("airflow_provider_jira.cli.events.events"),
                    args=(
                        _arg("connector", nargs="?", help="the connector's name (default: all)"),
                        _arg(
                            "--dismiss",
                            metavar="PLACE",
                            help="give up one place, as listed: what it holds back goes on",
                        ),
                    ),
                ),
            ),
        )
    ]
