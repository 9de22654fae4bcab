"""Runs some programs together and leaves nothing behind.

Airflow's components start processes that start processes, and a component that is ended does not always end its own.
The guard is the one process between them and whoever asked for them. It ends all of them, grandchildren and orphans
included, when its standard input is closed (which the kernel does when the asker dies, however it dies), when it gets
SIGTERM or SIGINT, or when any of the programs ends by itself. Nobody else has to clean up.

To find orphans it becomes, on Linux, the reaper of its descendants; elsewhere it looks for its session's members, so it
must be started in a session of its own.

Usage: ``python -m airflow_provider_jira.sandbox.demo.guard PROGRAMS LOG_FOLDER [PATIENCE]``, where PROGRAMS is JSON,
``{"name": ["program", "argument"]}``. Each program's output goes to ``LOG_FOLDER/name.log``. On standard output comes
one JSON line ``{"ended": name, "status": n}`` if a program ended by itself; the exit status is then 3.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import psutil

_PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 5.0
"""Seconds that programs have to end by themselves before they are killed."""
_SETTLE = 5.0
"""Seconds after killing, after which a process that the kernel does not let go of is given up on."""


class _Asked(Exception):
    """A signal asked the guard to end everything."""


def main(programs: dict[str, list[str]], logs: Path, patience: float = PATIENCE) -> int:
    """Run the programs until one ends, or until told to stop.

    :param programs: name -> command line
    :param logs: folder for their output
    :param patience: seconds that they have to end by themselves
    :returns: 0 when told to stop, 3 when a program ended by itself
    """
    _adopt_orphans()
    signal.signal(signal.SIGTERM, _ask)
    signal.signal(signal.SIGINT, _ask)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    started: dict[str, subprocess.Popen[bytes]] = {}
    status = 0
    try:
        for name, command in programs.items():
            with (logs / f"{name}.log").open("ab") as log:
                started[name] = subprocess.Popen(  # noqa: S603 - the caller's own command line
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
                )
        status = _watch(started)
    except _Asked:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end_all(patience)
    return status


def _watch(started: dict[str, subprocess.Popen[bytes]]) -> int:
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], 0.25)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            return 0
        for name, program in started.items():
            if program.poll() is not None:
                print(json.dumps({"ended": name, "status": program.returncode}), flush=True)
                return 3


def _ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the shape of a signal handler
    raise _Asked


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _others() -> list[psutil.Process]:
    """Find everything that descends from the guard or shares its session, the dead that nobody reaped left out."""
    me = psutil.Process()
    found = {process.pid: process for process in me.children(recursive=True)}
    session = os.getsid(0)
    if session == os.getpid():
        for process in psutil.process_iter():
            with contextlib.suppress(OSError):
                if os.getsid(process.pid) == session and process.pid != me.pid:
                    found.setdefault(process.pid, process)
    return [process for process in found.values() if _alive(process)]


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _end_all(patience: float) -> None:
    began = time.monotonic()
    asked: set[int] = set()
    while (others := _others()) and time.monotonic() - began < patience + _SETTLE:
        kill = time.monotonic() - began > patience
        for process in others:
            if kill or process.pid not in asked:
                asked.add(process.pid)
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        time.sleep(0.05)
        _reap()


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), Path(sys.argv[2]), *map(float, sys.argv[3:])))
