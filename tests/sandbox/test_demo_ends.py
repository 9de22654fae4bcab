"""However the demo's world ends, no process of it is left, and nobody else is kept from it for longer than it lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.airflow


def start_up(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "airflow_provider_jira.sandbox", "up", "--issues", "20", "--folder", str(folder)]
    # In a session of its own, so that a signal to its group reaches what a terminal's Ctrl-C would reach.
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, cwd=folder.parent
    )


@pytest.fixture
def up(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with start_up(tmp_path / "up") as process:
        yield process
        process.kill()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    told = ""
    for line in process.stdout:
        told += line
        if text in line:
            return told
    raise AssertionError(told)


def family(process: subprocess.Popen[str], more_than: int) -> list[psutil.Process]:
    until = time.monotonic() + 60
    while len(found := psutil.Process(process.pid).children(recursive=True)) <= more_than:
        assert time.monotonic() < until, found
        assert process.poll() is None
    return found


def left(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=20)[1]


def test_ctrl_c_ends_everything_quietly(up: subprocess.Popen[str]) -> None:
    assert "password" in read_until(up, "Ctrl-C ends it all")
    processes = family(up, more_than=7)
    os.killpg(up.pid, signal.SIGINT)
    assert up.wait(30) == 0
    assert not left(processes)
    rest = up.stdout.read()
    assert "Everything has been ended." in rest
    assert "Traceback" not in rest


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_being_told_to_end_or_killed_while_it_starts_leaves_nothing(up: subprocess.Popen[str], number: int) -> None:
    read_until(up, "Sandbox:")
    processes = family(up, more_than=3)
    up.send_signal(number)
    up.wait(30)
    assert not left(processes)


def test_a_second_one_in_the_same_folder_is_refused_with_a_sentence(up: subprocess.Popen[str], tmp_path: Path) -> None:
    read_until(up, "Sandbox:")
    with start_up(tmp_path / "up") as second:
        assert "Another one runs in" in " ".join(second.communicate(timeout=60)[0].split())
    assert second.returncode == 1
    assert up.poll() is None
