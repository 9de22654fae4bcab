"""The sandbox ESM as an application, and the options of its command line."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware

from airflow_provider_jira.sandbox.control import Control, ControlMiddleware
from airflow_provider_jira.sandbox.esm import controls, rest_api, webapi
from airflow_provider_jira.sandbox.esm.switches import Switches
from airflow_provider_jira.sandbox.esm.world import World


def create_app(
    data: str = ":memory:",
    switches: Switches | None = None,
    clock: Callable[[], float] = time.time,
    *,
    keep_responses: bool = False,
) -> Starlette:
    """Make an ESM of its own; ``app.state.world`` holds what it knows, ``app.state.control`` its request log.

    :param data: SQLite file for the cards, or ``:memory:``
    :param switches: behaviours to begin with
    :param clock: seconds since the epoch
    :param keep_responses: whether the request log keeps the bodies of answers
    """
    world = World(data, switches, clock)
    control = Control(world.switches, keep_responses=keep_responses)
    app = Starlette(
        routes=[*control.routes(), *controls.routes(world), *rest_api.routes(world), *webapi.routes(world)],
        middleware=[Middleware(ControlMiddleware, control=control)],
    )
    app.state.world = world
    app.state.control = control
    return app


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``python -m airflow_provider_jira.sandbox esm`` that are this server's own."""
    parser.add_argument("--data", default=":memory:", help="SQLite file that keeps the cards; default: in memory")
    parser.add_argument("--token-seconds", type=int, default=900, help="life of a login token (900)")
    parser.add_argument("--keep-responses", action="store_true", help="keep the bodies of answers in the request log")


def app_from(args: argparse.Namespace) -> Starlette:
    """Make the application that the options ask for."""
    switches = Switches(token_seconds=args.token_seconds)
    return create_app(args.data, switches, keep_responses=args.keep_responses)
