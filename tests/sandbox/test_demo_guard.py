"""The guard leaves no process behind, whatever ends first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

# A program with an orphan: a grandchild in a session of its own, deaf to SIGTERM, whose parent is gone.
WITH_ORPHAN = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open(sys.argv[1] + ".part", "w") as note:
            note.write(str(os.getpid()))
        os.rename(sys.argv[1] + ".part", sys.argv[1])
        time.sleep(120)
    os._exit(0)
os.wait()
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
print("ready", flush=True)
time.sleep(0 if "end" in sys.argv else 120)
sys.exit(7)
"""
ASKER = """
import json, subprocess, sys, time
guard = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)
print(guard.pid, flush=True)
time.sleep(120)
"""


def guard_command(tmp_path: Path, *extra: str) -> list[str]:
    programs = {
        "quiet": [sys.executable, "-c", "import time; time.sleep(120)"],
        "orphaned": [sys.executable, "-c", WITH_ORPHAN, str(tmp_path / "orphan"), *extra],
    }
    return [
        sys.executable,
        "-m",
        "airflow_provider_jira.sandbox.demo.guard",
        json.dumps(programs),
        str(tmp_path),
        "0.3",
    ]


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = guard_command(tmp_path)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        yield process
        process.kill()


def orphan(tmp_path: Path) -> psutil.Process:
    """Wait until the orphan lives, and find it."""
    note = tmp_path / "orphan"
    gone = psutil.Process()
    for _ in range(1000):
        if note.exists():
            return psutil.Process(int(note.read_text()))
        try:
            gone.wait(0.01)
        except psutil.TimeoutExpired:
            continue
    raise AssertionError("the orphan never came to life")


def family(guard_pid: int, tmp_path: Path) -> list[psutil.Process]:
    found = orphan(tmp_path)
    return [psutil.Process(guard_pid), *psutil.Process(guard_pid).children(recursive=True), found]


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=15)
    return not [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def test_closing_its_input_ends_everything(guard: subprocess.Popen[str], tmp_path: Path) -> None:
    processes = family(guard.pid, tmp_path)
    assert len({process.pid for process in processes}) == 4
    guard.stdin.close()
    assert guard.wait(15) == 0
    assert all_gone(processes)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything(guard: subprocess.Popen[str], tmp_path: Path, number: int) -> None:
    processes = family(guard.pid, tmp_path)
    guard.send_signal(number)
    assert guard.wait(15) == 0
    assert all_gone(processes)


def test_one_program_that_ends_takes_the_others_along_and_is_named(tmp_path: Path) -> None:
    with subprocess.Popen(
        guard_command(tmp_path, "end"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as guard:
        told = json.loads(guard.stdout.readline())
        assert told == {"ended": "orphaned", "status": 7}
        assert guard.wait(15) == 3
    left = int((tmp_path / "orphan").read_text())
    assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE
    assert (tmp_path / "orphaned.log").read_text() == "ready\n"


def test_the_death_of_whoever_asked_ends_everything(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ASKER, *guard_command(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as asker:
        guard_pid = int(asker.stdout.readline())
        processes = family(guard_pid, tmp_path)
        os.kill(asker.pid, signal.SIGKILL)
    assert all_gone(processes)
