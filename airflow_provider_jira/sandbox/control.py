"""What tests hold in their hands on both sandbox servers: the request log, injected faults, and switches.

Everything lives below ``/_sandbox/``, is never logged itself, and is never hit by a fault:

* ``GET /_sandbox/requests?since=N``: the log from request ``N`` on, ``DELETE`` empties it (numbers go on);
* ``POST /_sandbox/faults`` adds a fault, ``GET`` lists, ``DELETE`` removes all of them;
* ``GET /_sandbox/switches`` shows the behaviours that can be chosen, ``PATCH`` changes some.

A fault answers in the server's place, waits before the work, keeps the answer back after it, or drops the connection.
Dropping ``before`` means that the server never saw the request; ``after`` means that it did the work and the answer was
lost, which is what makes a client's retry dangerous. Dropping needs a server started by
:mod:`airflow_provider_jira.sandbox.process`; in another one it raises inside the server.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import MutableMapping
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/_sandbox/"
DROP = "airflow_provider_jira.sandbox.drop"
"""Name of the ASGI extension through which a connection is dropped: a function without arguments."""
_MAX_TEXT = 64 * 1024
_MAX_ROWS = 50_000


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests a fault hits; what is left out matches everything.

    :param method: ``GET``, ``POST`` …
    :param path: regular expression, searched in the path
    :param body: regular expression, searched in the request's body
    """

    method: str | None = None
    path: str | None = None
    body: str | None = None


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """Something that goes wrong with matching requests.

    :param match: which requests
    :param skip: how many matching requests pass unharmed first
    :param times: how many are hit after these; ``None`` = all
    :param status: answer with this HTTP status instead of the server's
    :param headers: headers of that answer
    :param body: its body: a string is sent as text, anything else as JSON
    :param delay: seconds to wait first
    :param hold: seconds to keep the answer back once the server did its work
    :param drop: close the connection ``before`` or ``after`` the server did its work
    """

    match: Match = msgspec.field(default_factory=Match)
    skip: int = 0
    times: int | None = 1
    status: int | None = None
    headers: dict[str, str] = {}
    body: Any = None
    delay: float = 0
    hold: float = 0
    drop: Literal["before", "after"] | None = None

    def hits(self, method: str, path: str, body: str) -> bool:
        """Say whether this request is hit, and count it."""
        if self.times == 0 or not (
            self.match.method in {None, method}
            and (self.match.path is None or re.search(self.match.path, path))
            and (self.match.body is None or re.search(self.match.body, body))
        ):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Logged(msgspec.Struct, omit_defaults=True):
    """One request as it is logged.

    :param n: number, counted from 0 over the server's life
    :param query: parameters; one that was given several times holds a list
    :param status: HTTP status of the answer; absent where the connection was dropped before one
    :param body: request body: JSON where it is JSON, else text; cut at 64 kB (then always text)
    :param response: answer's body, where the server keeps it
    """

    n: int
    method: str
    path: str
    query: dict[str, Any]
    status: int | None = None
    body: Any = None
    response: Any = None


class Control:
    """The log, the faults and the switches of one server.

    :param switches: a struct of switches (not frozen); its type is what ``PATCH`` accepts
    :param keep_responses: whether the log keeps the bodies of answers
    """

    def __init__(self, switches: msgspec.Struct, *, keep_responses: bool = False) -> None:
        self.switches = switches
        self.keep_responses = keep_responses
        self.next = 0
        self.rows: deque[Logged] = deque(maxlen=_MAX_ROWS)
        self.faults: list[Fault] = []

    def log(self, method: str, path: str, query: dict[str, Any], body: Any) -> Logged:
        """Log a request; the caller fills in what became of it."""
        row = Logged(self.next, method, path, query, body=body)
        self.next += 1
        self.rows.append(row)
        return row

    def fault(self, method: str, path: str, body: str) -> Fault | None:
        """Return the first fault that hits this request."""
        return next((fault for fault in self.faults if fault.hits(method, path, body)), None)

    def routes(self) -> list[Route]:
        """Return the routes below ``/_sandbox/`` that both servers share."""

        async def requests(request: Request) -> Response:
            if request.method == "DELETE":
                self.rows.clear()
                return JSONResponse({"next": self.next})
            since = int(request.query_params.get("since", 0))
            rows = [row for row in self.rows if row.n >= since]
            return as_json({"next": self.next, "requests": rows})

        async def faults(request: Request) -> Response:
            if request.method == "POST":
                try:
                    self.faults.append(msgspec.json.decode(await request.body(), type=Fault))
                except msgspec.MsgspecError as error:
                    return as_json({"error": f"this is no fault: {error}"}, 400)
            elif request.method == "DELETE":
                self.faults.clear()
            return as_json(self.faults)

        async def switches(request: Request) -> Response:
            if request.method == "PATCH":
                try:
                    self.turn(await request.json())
                except (TypeError, ValueError) as error:
                    return as_json({"error": f"this turns no switch: {error}"}, 400)
            return as_json(self.switches)

        return [
            Route("/_sandbox/requests", requests, methods=["GET", "DELETE"]),
            Route("/_sandbox/faults", faults, methods=["GET", "POST", "DELETE"]),
            Route("/_sandbox/switches", switches, methods=["GET", "PATCH"]),
        ]

    def turn(self, changes: dict[str, Any]) -> None:
        """Change some switches; all or none.

        :param changes: switch -> value
        :raises ValueError: there is no such switch, or it has no such position
        """
        now = msgspec.to_builtins(self.switches)
        if unknown := sorted(set(changes) - set(now)):
            raise ValueError(f"no switch is called {', '.join(unknown)}; there are {', '.join(sorted(now))}")
        try:
            wanted = msgspec.convert({**now, **changes}, type(self.switches))
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None
        for name in now:
            setattr(self.switches, name, getattr(wanted, name))


class ControlMiddleware:
    """Logs every request and lets the faults at it. Goes around the whole application.

    :param app: the server
    :param control: its controls
    """

    def __init__(self, app: ASGIApp, control: Control) -> None:
        self.app = app
        self.control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        body = await _whole_body(receive)
        text = body.decode(errors="replace")
        row = self.control.log(scope["method"], scope["path"], _query(scope), _loggable(text))
        fault = self.control.fault(scope["method"], scope["path"], text)
        recorder = _Recorder(send, row, keep=self.control.keep_responses)
        if fault is None:
            await self.app(scope, _replayed(body, receive), recorder)
            return
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drop == "before":
            await _drop(scope, receive)
        elif fault.drop == "after":
            recorder.silent = True
            await self.app(scope, _replayed(body, receive), recorder)
            await _drop(scope, receive)
        elif fault.status is not None:
            await _answer(fault)(scope, receive, recorder)
        else:
            recorder.hold = fault.hold
            await self.app(scope, _replayed(body, receive), recorder)


class _Recorder:
    """Stands before ``send``, and writes what passes into the log."""

    def __init__(self, send: Send, row: Logged, *, keep: bool) -> None:
        self.send = send
        self.row = row
        self.keep = keep
        self.silent = False
        self.hold = 0.0
        self.chunks: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.row.status = message["status"]
            if self.hold:
                await asyncio.sleep(self.hold)
        elif self.keep and message["type"] == "http.response.body":
            self.chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                self.row.response = _loggable(b"".join(self.chunks).decode(errors="replace"))
        if not self.silent:
            await self.send(message)


def as_json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON, quickly: structs are taken as they are."""
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


async def _whole_body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _replayed(body: bytes, receive: Receive) -> Receive:
    messages: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> MutableMapping[str, Any]:
        return messages.pop() if messages else await receive()

    return replay


async def _drop(scope: Scope, receive: Receive) -> None:
    drop = scope.get("extensions", {}).get(DROP)
    if drop is None:
        raise ConnectionAbortedError("a fault drops this connection, and this server cannot do it")
    drop()
    while (await receive())["type"] != "http.disconnect":
        pass


def _answer(fault: Fault) -> Response:
    status, headers = fault.status or 500, dict(fault.headers)
    if fault.body is None:
        return Response(b"", status, headers)
    if isinstance(fault.body, str):
        return Response(fault.body, status, headers, media_type=None if _typed(headers) else "text/plain")
    return as_json(fault.body, status, headers)


def _typed(headers: dict[str, str]) -> bool:
    return any(name.lower() == "content-type" for name in headers)


def _query(scope: Scope) -> dict[str, Any]:
    query: dict[str, Any] = {}
    for name, value in Request(scope).query_params.multi_items():
        if name in query:
            before = query[name] if isinstance(query[name], list) else [query[name]]
            query[name] = [*before, value]
        else:
            query[name] = value
    return query


def _loggable(text: str) -> Any:
    if not text:
        return None
    if len(text) > _MAX_TEXT:
        return text[:_MAX_TEXT]
    try:
        return json.loads(text)
    except ValueError:
        return text
