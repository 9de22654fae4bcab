"""Runs a sandbox server: as a child process, in a thread of this process, or in the foreground.

A child process never outlives the one that started it: its standard input is a pipe that ends with the parent, however
the parent ends, and the child ends with its input. ``stop()`` asks first and kills after a few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import Self
from uvicorn.protocols.http.h11_impl import H11Protocol

from airflow_provider_jira.sandbox.control import DROP

_HOST = "127.0.0.1"
_PATIENCE = 5.0


class NotStarted(RuntimeError):
    """A sandbox server did not come up; the message ends with what it said."""


class RunningServer:
    """A sandbox server in a child process. Use as a context manager, or call :meth:`stop`.

    :param url: base URL, without a slash at its end
    :param pid: process id
    """

    def __init__(self, url: str, pid: int, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self.pid = pid
        self._process = process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; a second call does nothing."""
        _end(self._process)


def start_server(kind: Literal["jira", "esm"], *args: str, timeout: float = 120) -> RunningServer:
    """Start a sandbox server in a process of its own, and wait until it answers.

    :param kind: which one
    :param args: further arguments of the command line (``--issues``, ``5000``)
    :param timeout: seconds
    :raises NotStarted: it ended, or was not ready in time
    """
    command = [sys.executable, "-m", "airflow_provider_jira.sandbox", kind, "--port", "0", "--with-parent", *args]
    # A session of its own: a Ctrl-C is for us alone, and we end it in the order that we choose.
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        ready = json.loads(_first_line(process, time.monotonic() + timeout))
    except BaseException as error:
        _end(process)
        if isinstance(error, ValueError):
            raise NotStarted(f"sandbox {kind} ended with status {process.returncode} before it was ready") from None
        raise
    return RunningServer(ready["url"], ready["pid"], process)


def _first_line(process: subprocess.Popen[bytes], until: float) -> bytes:
    if process.stdout is None:
        raise NotStarted("the process has no output to read")
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        if not readable:
            raise NotStarted("the sandbox was not ready in time")
        chunk = os.read(process.stdout.fileno(), 4096)
        if not chunk:
            break
        line += chunk
    return line


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def run_server(app: ASGIApp, port: int, *, with_parent: bool = False) -> None:
    """Serve in the foreground until SIGTERM or SIGINT; prints one line of JSON with ``url`` and ``pid`` when ready.

    :param app: the application
    :param port: port on loopback; 0 takes a free one
    :param with_parent: end when standard input ends
    """
    if with_parent:
        threading.Thread(target=_end_with_input, daemon=True).start()
    with _listening(port) as listener:

        def ready() -> None:
            print(json.dumps({"url": _url(listener), "pid": os.getpid()}), flush=True)

        _Server(app, ready).run(sockets=[listener])


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class ServedApp:
    """An application that is being served from a thread.

    :param url: base URL, without a slash at its end
    """

    def __init__(self, url: str) -> None:
        self.url = url


@contextlib.contextmanager
def serve_in_thread(app: ASGIApp, *, port: int = 0, timeout: float = 20) -> Iterator[ServedApp]:
    """Serve an application from a thread of this process, for as long as the block runs.

    :param app: the application
    :param port: port on loopback; 0 takes a free one
    :param timeout: seconds until it must answer
    :raises NotStarted: it did not
    """
    started = threading.Event()
    with _listening(port) as listener:
        server = _Server(app, started.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            if not started.wait(timeout):
                raise NotStarted("the server in the thread did not answer in time")
            yield ServedApp(_url(listener))
        finally:
            server.should_exit = True
            thread.join(timeout)


class _Server(uvicorn.Server):
    """Uvicorn, told to say when it listens, quiet, and able to drop a connection."""

    def __init__(self, app: ASGIApp, ready: Callable[[], object]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Droppable,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=1,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


class _Droppable(H11Protocol):
    """Gives every request a way to break its own connection off, as a failing network would."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app: Any = self.app

        async def with_drop(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[DROP] = transport.abort
            await app(scope, receive, send)

        self.app = with_drop


def _listening(port: int) -> socket.socket:
    # Asyncio sends small answers at once (TCP_NODELAY) only on sockets that are TCP by name.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((_HOST, port))
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://{_HOST}:{listener.getsockname()[1]}"
