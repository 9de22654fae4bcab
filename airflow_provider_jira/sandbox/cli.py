"""Command line of the sandbox: ``python -m airflow_provider_jira.sandbox jira|esm|demo|up``.

Each kind lives in a module of its own that is imported only when asked for. All offer ``add_arguments(parser)``; a
server's module offers ``app_from(args)`` besides, the demo's ``run(args)``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module

from airflow_provider_jira.sandbox.process import run_server

_PACKAGE = "airflow_provider_jira.sandbox"
_SERVERS = {
    "jira": ("jira.server", "a Jira Cloud with a generated world of issues"),
    "esm": ("esm.server", "an ESM with both of its APIs"),
}
_PROGRAMS = {
    "demo": (
        "demo.cli",
        "bring people and issues into ESM, and incidents into Jira, through a real Airflow, and check it all",
    ),
    "up": ("demo.cli", "the demo's world with Airflow's pages, until Ctrl-C"),
}
_KINDS = {**_SERVERS, **_PROGRAMS}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the sandbox's programs.

    :param argv: arguments, the program's own name left out; default: those of this process
    :returns: exit status
    """
    top = argparse.ArgumentParser(prog=f"python -m {_PACKAGE}", description="Servers to run the connector against.")
    kinds = top.add_subparsers(dest="kind", required=True)
    for kind, (_, text) in _KINDS.items():
        kinds.add_parser(kind, help=text, add_help=False)
    known, rest = top.parse_known_args(argv)

    name, text = _KINDS[known.kind]
    module = import_module(f"{_PACKAGE}.{name}")
    parser = argparse.ArgumentParser(prog=f"python -m {_PACKAGE} {known.kind}", description=text)
    parser.set_defaults(kind=known.kind)
    module.add_arguments(parser)
    if known.kind in _PROGRAMS:
        return int(module.run(parser.parse_args(rest)))

    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 (default) takes a free one")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    args = parser.parse_args(rest)
    run_server(module.app_from(args), args.port, with_parent=args.with_parent)
    return 0
