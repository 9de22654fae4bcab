"""Work in a process of its own, so that its peak memory is the work's and nobody else's.

A module that measures ends with :func:`serve`: it reads one JSON object from standard input and answers with one. What
else the process says goes to standard error. A process that fails is a :class:`ChildFailed` with its last lines.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LAST_LINES = 30
_PROJECT = Path(__file__).parents[1]


class ChildFailed(RuntimeError):
    """A measuring process ended badly; the message ends with the last lines of what it said."""


def ask(module: str, question: dict[str, Any]) -> dict[str, Any]:
    """Let a module do its work in a process of its own.

    :param module: name of a module that serves
    :param question: what it is given; JSON-able
    :raises ChildFailed: the process failed
    """
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        cwd=_PROJECT,
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stderr.splitlines()[-_LAST_LINES:])
        raise ChildFailed(f"{module} ended with status {done.returncode}:\n{tail}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def serve(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer the one question that comes on standard input."""
    json.dump(work(json.load(sys.stdin)), sys.stdout)


def peak_memory() -> int:
    """Tell the most memory that this process has had so far, in bytes."""
    # What getrusage tells of a process begins, on Linux, with the size of the one that started it.
    status = Path("/proc/self/status")
    if status.exists():
        found = [line.split() for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        if found:
            return int(found[0][1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
