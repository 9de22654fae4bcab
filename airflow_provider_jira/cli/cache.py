"""``airflow jira-connector clear-cache``: the next run pushes everything.

What ESM has accepted is forgotten; which records were refused is not, and the ids of the cards only on demand. A run
that is under way meanwhile notices, and leaves the cache cleared.
"""

from __future__ import annotations

import uuid
from argparse import Namespace

from rich.console import Console

from airflow_provider_jira.cli.beside import DatabaseState
from airflow_provider_jira.cli.definitions import loaded_connector
from airflow_provider_jira.sync.cache import TaskCache, task_key
from airflow_provider_jira.sync.state import State


def clear_cache(args: Namespace, state: State | None = None, console: Console | None = None) -> None:
    """Clear the cache of one task, or of every scheduled task of a connector.

    :raises SystemExit: there is no such connector or task
    """
    out = console or Console(soft_wrap=True, highlight=False)
    connector, _ = loaded_connector(args.connector, args.folder)
    known = [task.id for task in connector.scheduled_tasks]
    if args.task and args.task not in known:
        raise SystemExit(
            f"Connector {args.connector!r} has no scheduled task {args.task!r}. It has: {', '.join(known)}."
        )
    memory = state or DatabaseState()
    for task in [args.task] if args.task else known:
        cache = TaskCache(memory, task_key(connector.connector, task))
        count = cache.clear(generation=f"cleared-{uuid.uuid4().hex[:12]}", cards=args.cards)
        forgotten = "what ESM accepted, and the ids of its cards" if args.cards else "what ESM accepted"
        out.print(
            f"{connector.connector}__{task}: {count} records; forgot {forgotten}. The next run pushes everything."
        )
