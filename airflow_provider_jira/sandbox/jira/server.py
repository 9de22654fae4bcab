"""The server: every operation at the site's address and behind the gateway's, and the controls beside them."""

from __future__ import annotations

import argparse
import time
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from airflow_provider_jira.sandbox.control import Control, ControlMiddleware, as_json
from airflow_provider_jira.sandbox.jira import (
    accounts,
    comments,
    createmeta,
    creates,
    issues,
    places,
    properties,
    remote_links,
    roles,
    search,
    transitions,
)
from airflow_provider_jira.sandbox.jira import groups as group_calls
from airflow_provider_jira.sandbox.jira.calls import Operation, Tokens
from airflow_provider_jira.sandbox.jira.catalog import CLOUD_ID, GLOBAL_PERMISSIONS
from airflow_provider_jira.sandbox.jira.comment_controls import CommentWorld
from airflow_provider_jira.sandbox.jira.controls import World
from airflow_provider_jira.sandbox.jira.people_controls import PeopleWorld
from airflow_provider_jira.sandbox.jira.site import Site
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches

_PEOPLE, _CONFIGURE, _WRITE = "read:jira-user", "manage:jira-configuration", "write:jira-work"
OPERATIONS = (
    Operation("GET", "/myself", places.myself, scope="read:jira-user", anonymous=False),
    Operation("GET", "/serverInfo", places.server_info, scope=None),
    Operation("GET", "/field", places.fields),
    Operation("GET", "/project/search", places.search_projects),
    Operation("GET", "/mypermissions", places.my_permissions),
    Operation("POST", "/permissions/project", places.permitted_projects),
    Operation("POST", "/permissions/check", places.check_permissions, scope=None),
    Operation("GET", "/users/search", accounts.everyone, scope=_PEOPLE),
    Operation("GET", "/users", accounts.everyone, scope=_PEOPLE),
    Operation("GET", "/user/bulk", accounts.some, scope=_PEOPLE, anonymous=False),
    Operation("GET", "/user", accounts.one, scope=_PEOPLE),
    Operation("GET", "/user/groups", accounts.groups_of_one, scope=_PEOPLE),
    Operation("POST", "/user", accounts.invite, scope=_CONFIGURE, status=201),
    Operation("DELETE", "/user", accounts.remove, scope=_CONFIGURE),
    Operation("GET", "/group/bulk", group_calls.some, scope=_PEOPLE, anonymous=False),
    Operation("GET", "/group/member", group_calls.members, scope=_CONFIGURE, anonymous=False),
    Operation("POST", "/group", group_calls.create, scope=_CONFIGURE, anonymous=False, status=201),
    Operation("DELETE", "/group", group_calls.delete, scope=_CONFIGURE, anonymous=False, status=200),
    Operation("POST", "/group/user", group_calls.add_member, scope=_CONFIGURE, anonymous=False, status=201),
    Operation("DELETE", "/group/user", group_calls.remove_member, scope=_CONFIGURE, anonymous=False, status=200),
    Operation("GET", "/role", roles.every, scope=_CONFIGURE, anonymous=False),
    Operation("GET", "/project/{project}/role", roles.of_project),
    Operation("GET", "/project/{project}/role/{role}", roles.one),
    Operation("POST", "/project/{project}/role/{role}", roles.add, scope=_CONFIGURE),
    Operation("DELETE", "/project/{project}/role/{role}", roles.remove, scope="manage:jira-project"),
    Operation("GET", "/search", search.gone),
    Operation("POST", "/search", search.gone),
    Operation("GET", "/search/jql", search.search_by_query),
    Operation("POST", "/search/jql", search.search),
    Operation("POST", "/search/approximate-count", search.approximate_count),
    Operation("POST", "/jql/parse", search.parse),
    Operation("POST", "/issue/bulkfetch", issues.bulk_fetch),
    Operation("GET", "/issue/{issue}", issues.get_issue),
    Operation("PUT", "/issue/{issue}", issues.edit_issue, scope=_WRITE),
    Operation("POST", "/issue", creates.create, scope=_WRITE, status=201),
    Operation("GET", "/issue/createmeta/{project}/issuetypes", createmeta.issue_types),
    Operation("GET", "/issue/createmeta/{project}/issuetypes/{type}", createmeta.fields),
    Operation("GET", "/issue/{issue}/editmeta", createmeta.edit),
    Operation("GET", "/issue/{issue}/transitions", transitions.every),
    Operation("POST", "/issue/{issue}/transitions", transitions.do, scope=_WRITE),
    Operation("GET", "/issue/{issue}/properties", properties.keys_of_issue),
    Operation("GET", "/issue/{issue}/properties/{key}", properties.of_issue),
    Operation("PUT", "/issue/{issue}/properties/{key}", properties.set_of_issue, scope=_WRITE),
    Operation("DELETE", "/issue/{issue}/properties/{key}", properties.delete_of_issue, scope=_WRITE),
    Operation("GET", "/issue/{issue}/remotelink", remote_links.every),
    Operation("POST", "/issue/{issue}/remotelink", remote_links.save, scope=_WRITE),
    Operation("GET", "/issue/{issue}/comment", comments.page),
    Operation("POST", "/issue/{issue}/comment", comments.add, scope=_WRITE, status=201),
    Operation("GET", "/issue/{issue}/comment/{comment}", comments.one),
    Operation("PUT", "/issue/{issue}/comment/{comment}", comments.change, scope=_WRITE),
    Operation("DELETE", "/issue/{issue}/comment/{comment}", comments.delete, scope=_WRITE),
    Operation("POST", "/comment/list", comments.some),
    Operation("GET", "/comment/{comment}/properties", properties.keys_of_comment),
    Operation("GET", "/comment/{comment}/properties/{key}", properties.of_comment),
    Operation("PUT", "/comment/{comment}/properties/{key}", properties.set_of_comment, scope=_WRITE),
    Operation("DELETE", "/comment/{comment}/properties/{key}", properties.delete_of_comment, scope=_WRITE),
)
"""What the sandbox's Jira can do."""


def create_app(
    issues: int = 200,
    seed: int = 7,
    *,
    people: int = 60,
    groups: int = 12,
    memberships: int = 150,
    data: str = ":memory:",
    tokens: Tokens | None = None,
    switches: JiraSwitches | None = None,
    now: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    keep_responses: bool = False,
) -> Starlette:
    """Make a Jira; ``app.state.site`` holds what it knows, ``app.state.control`` its request log.

    :param issues: how many issues match ``project = SUP AND issuetype in (Bug, Task)``
    :param seed: decides the world
    :param people: accounts besides the connection's own; at least 6
    :param groups: groups of people; at least 4
    :param memberships: how many times somebody is in a group
    :param data: database file; one that holds a world is used as it is. Default: in memory
    :param tokens: API tokens of the connection's account
    :param switches: behaviours to begin with
    :param now: server time, seconds since 1970
    :param monotonic: seconds for the limits
    :param keep_responses: whether the request log keeps the bodies of answers
    """
    site = Site(
        issues,
        seed,
        people=people,
        groups=groups,
        memberships=memberships,
        data=data,
        switches=switches,
        now=now,
        monotonic=monotonic,
    )
    control = Control(site.switches, keep_responses=keep_responses)
    tokens = tokens or Tokens()
    routes = [
        *control.routes(),
        *World(site).routes(),
        *CommentWorld(site).routes(),
        *PeopleWorld(site).routes(),
        Route("/_edge/tenant_info", _tenant_info),
    ]
    for operation in OPERATIONS:
        for prefix in ("/rest/api/3", "/ex/jira/{cloud_id}/rest/api/3"):
            endpoint = _endpoint(operation, site, tokens)
            routes.append(Route(f"{prefix}{operation.path}", endpoint, methods=[operation.method]))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(ControlMiddleware, control=control)],
        exception_handlers={404: _unknown, 405: _unknown},
    )
    app.state.site, app.state.control = site, control
    return app


def _endpoint(operation: Operation, site: Site, tokens: Tokens) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await operation.answer(site, tokens, request)

    return endpoint


async def _tenant_info(_: Request) -> Response:
    return as_json({"cloudId": CLOUD_ID})


async def _unknown(request: Request, error: Exception) -> Response:
    return as_json(
        {"errorMessages": [f"The sandbox has no {request.method} {request.url.path}."], "errors": {}}, _status(error)
    )


def _status(error: Exception) -> int:
    return int(getattr(error, "status_code", 404))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this server's options to the command line."""
    tokens = Tokens()
    parser.add_argument("--issues", type=int, default=200, help="issues that match the demo's JQL (200)")
    parser.add_argument("--seed", type=int, default=7, help="decides the world (7)")
    parser.add_argument("--people", type=int, default=60, help="accounts besides the connection's own (60)")
    parser.add_argument("--groups", type=int, default=12, help="groups of people (12)")
    parser.add_argument("--memberships", type=int, default=150, help="how many times somebody is in a group (150)")
    parser.add_argument("--admin", action="store_true", help="the connection's account administers Jira and the site")
    parser.add_argument("--data", default=":memory:", help="database file; default: in memory")
    parser.add_argument("--index-lag", type=float, default=0, help="seconds until searches see a change (0)")
    parser.add_argument("--token", default=tokens.token, help="API token of the connection's account")
    parser.add_argument("--scoped-token", default=tokens.scoped, help="its token for the gateway")


def app_from(args: argparse.Namespace) -> Starlette:
    """Make a Jira as the command line says."""
    switches = JiraSwitches(index_lag=args.index_lag)
    if args.admin:
        switches.global_permissions, switches.denied_permissions = GLOBAL_PERMISSIONS, ()
    return create_app(
        args.issues,
        args.seed,
        people=args.people,
        groups=args.groups,
        memberships=args.memberships,
        data=args.data,
        tokens=Tokens(args.token, args.scoped_token),
        switches=switches,
    )
