"""Command line of the demo: ``python -m airflow_provider_jira.sandbox demo|up``."""

from __future__ import annotations

import argparse
from pathlib import Path

from airflow_provider_jira.sandbox.demo.story import demo, up


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that both take; ``kind`` is set already."""
    folder = Path(f".{parser.get_default('kind')}")
    parser.add_argument(
        "--issues", type=int, default=5000, help="issues that the demo's JQL finds (default %(default)s)"
    )
    parser.add_argument(
        "--api", choices=("rest", "webapi"), default="rest", help="ESM's API to use (default %(default)s)"
    )
    parser.add_argument("--folder", type=Path, default=folder, help="where Airflow lives (default %(default)s)")


def run(args: argparse.Namespace) -> int:
    """Run what the arguments say, and return the exit status."""
    return {"demo": demo, "up": up}[args.kind](args.folder, issues=args.issues, api=args.api)
