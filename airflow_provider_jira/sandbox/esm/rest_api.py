"""REST API v1: login, echo, and the routes of everything else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from airflow_provider_jira.sandbox.esm import rest_answers, rest_cards, rest_lists
from airflow_provider_jira.sandbox.esm.rest_call import Call, answer, endpoint
from airflow_provider_jira.sandbox.esm.world import World

PATH = "/rest-api/itsm/v1"


def routes(world: World) -> list[Route]:
    """Return the API's routes."""
    table = (
        ("GET", "/echo/jwt", _echo_jwt),
        ("GET", "/dc", rest_lists.templates),
        ("GET", "/dc/{template}", rest_lists.template),
        ("GET", "/dc/{template}/data", rest_lists.page),
        ("POST", "/dc/{template}/data", rest_cards.create),
        ("PUT", "/dc/{template}/data", rest_cards.bulk),
        ("GET", "/dc/{template}/data/stream", rest_lists.stream),
        ("GET", "/dc/{template}/data/{card}", rest_cards.read),
        ("PATCH", "/dc/{template}/data/{card}", rest_cards.modify),
        ("DELETE", "/dc/{template}/data/{card}", rest_cards.trash),
        ("GET", "/dc/{template}/data/{card}/{attribute}", rest_cards.read_attribute),
        ("PUT", "/dc/{template}/data/{card}/{attribute}", rest_cards.replace_attribute),
        ("POST", "/dc/{template}/data/{card}/{attribute}", rest_cards.add_to_attribute),
        ("DELETE", "/dc/{template}/data/{card}/{attribute}", rest_cards.clear_attribute),
    )

    async def login(request: Request) -> Response:
        return await _login(world, request)

    async def echo(request: Request) -> Response:
        return answer(rest_answers.api_response(world, request.query_params.get("message", "")))

    return [
        Route(f"{PATH}/users/login", login, methods=["POST"]),
        Route(f"{PATH}/echo", echo, methods=["GET"]),
        *(Route(f"{PATH}{path}", endpoint(world, work), methods=[method]) for method, path, work in table),
    ]


async def _echo_jwt(call: Call) -> Response:
    return answer(rest_answers.api_response(call.world, call.request.query_params.get("message", "")))


async def _login(world: World, request: Request) -> Response:
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    form = await request.form() if is_form else {}
    user = world.users.get(str(form.get("login", "")))
    url = str(request.url)
    if user is None or user.password != form.get("password") or not user.rest:
        return answer(rest_answers.api_exception(world, 401, "Wrong credentials provided", url), 401)
    token = f"Bearer {world.tokens.issue(user.login, url, world.switches.token_seconds)}"
    place = world.switches.token_place
    body = rest_answers.api_response(world, "Login successful")
    if place != "header":
        body["token"] = token
    return answer(body, headers={} if place == "body" else {"Authorization": token})
