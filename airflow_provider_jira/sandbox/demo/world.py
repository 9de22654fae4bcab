"""A private Airflow on loopback: its own home, database, ports and login, and no process left afterwards.

:class:`AirflowWorld` starts what ``airflow standalone`` starts, but as separate programs below a guard
(:mod:`~airflow_provider_jira.sandbox.demo.guard`), which ends all of them whatever happens, the death of the calling
process included. Unlike standalone it opens no log server: those listen on every interface.

It takes nothing from the caller's own Airflow: environment variables that begin with ``AIRFLOW`` are not passed on.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
from typing_extensions import Self

from airflow_provider_jira.sandbox.demo.rest import AirflowRest, TooLate

_GUARD = "airflow_provider_jira.sandbox.demo.guard"
_USER = "admin"


class AirflowDied(RuntimeError):
    """One of Airflow's programs ended by itself; the message ends with the last lines of its log."""


class AirflowWorld:
    """One Airflow of its own. Use as a context manager, or call :meth:`start` and :meth:`stop`.

    :param home: ``AIRFLOW_HOME``; emptied at the start
    :param dags: folder with DAG files
    :param environment: variables for every process, ``AIRFLOW_CONN_…`` for instance; they win over everything else
    """

    def __init__(self, home: Path, dags: Path, environment: Mapping[str, str] | None = None) -> None:
        self.home = home.resolve()
        self.user = _USER
        self.password = secrets.token_urlsafe(9)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.rest = AirflowRest(self.url, self.user, self.password)
        self.environment = {**_inherited(), **self._settings(dags.resolve(), port), **(environment or {})}
        self._guard: subprocess.Popen[str] | None = None

    def _settings(self, dags: Path, port: int) -> dict[str, str]:
        sections: dict[str, dict[str, object]] = {
            "core": {
                "auth_manager": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
                "dags_are_paused_at_creation": False,
                "dags_folder": dags,
                "execution_api_server_url": f"{self.url}/execution/",
                "executor": "LocalExecutor",
                "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "load_examples": False,
                "parallelism": 4,
                "simple_auth_manager_passwords_file": self.home / "passwords.json",
                "simple_auth_manager_users": f"{_USER}:admin",
            },
            "api": {
                "base_url": self.url,
                "host": "127.0.0.1",
                "port": port,
                "secret_key": secrets.token_hex(16),
                "workers": 1,
            },
            "api_auth": {"jwt_secret": secrets.token_hex(32)},
            "dag_processor": {"min_file_process_interval": 5, "parsing_processes": 1, "refresh_interval": 20},
            "database": {"sql_alchemy_conn": f"sqlite:///{self.home / 'airflow.db'}"},
            "logging": {"base_log_folder": self.home / "logs"},
            "scheduler": {"scheduler_idle_sleep_time": 0.25},
            "usage_data_collection": {"enabled": False},
        }
        named = {
            f"AIRFLOW__{section.upper()}__{key.upper()}": str(value)
            for section, keys in sections.items()
            for key, value in keys.items()
        }
        # A proxy must not get what is meant for this machine.
        return {
            "AIRFLOW_HOME": str(self.home),
            **named,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, timeout: float = 240) -> None:
        """Make the database, start the programs, and wait until they are healthy.

        :param timeout: seconds
        :raises AirflowDied: a program ended, or the database could not be made
        :raises TooLate: they are not healthy in time
        """
        try:
            self._start(timeout)
        except BaseException:
            self.stop()
            raise

    def _start(self, timeout: float) -> None:
        until = time.monotonic() + timeout
        shutil.rmtree(self.home, ignore_errors=True)
        logs = self.home / "logs"
        logs.mkdir(parents=True, mode=0o700)
        (self.home / "passwords.json").write_text(json.dumps({self.user: self.password}))
        airflow = [sys.executable, "-m", "airflow"]
        self._launch({"database": [*airflow, "db", "migrate"]})
        if self._await_guard(timeout) != 0:
            raise AirflowDied(f"Airflow's database could not be made:\n{self.log_tail('database')}")
        programs = {
            "api-server": [*airflow, "api-server"],
            "scheduler": [*airflow, "scheduler", "--skip-serve-logs"],
            "dag-processor": [*airflow, "dag-processor"],
            "triggerer": [*airflow, "triggerer", "--skip-serve-logs"],
        }
        self._launch(programs)
        while not self.rest.healthy():
            self.check()
            if time.monotonic() > until:
                raise TooLate(f"Airflow is not healthy after {timeout:g} s; its logs are in {logs}")
            time.sleep(0.25)

    def _launch(self, programs: Mapping[str, list[str]]) -> None:
        self._guard = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", _GUARD, json.dumps(programs), str(self.home / "logs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self.environment,
            cwd=self.home,
            text=True,
            start_new_session=True,
        )

    def _await_guard(self, timeout: float) -> int:
        """Wait for the one program that the guard runs, and return that program's exit status."""
        guard = self._guard
        if guard is None or guard.stdout is None:
            return -1
        try:
            guard.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise TooLate(f"Airflow's database is not ready after {timeout:g} s.") from error
        told = guard.stdout.readline()
        self.stop()
        return int(json.loads(told)["status"]) if told else -1

    def check(self) -> None:
        """Make sure that every program still runs.

        :raises AirflowDied: one does not
        """
        guard = self._guard
        if guard is None or guard.stdout is None:
            raise AirflowDied("Airflow has not been started.")
        if guard.poll() is None and not select.select([guard.stdout], [], [], 0)[0]:
            return
        told = guard.stdout.readline()
        name = str(json.loads(told)["ended"]) if told else "guard"
        raise AirflowDied(f"Airflow's {name} ended by itself:\n{self.log_tail(name)}")

    def log_tail(self, name: str, lines: int = 25) -> str:
        """Return the last lines of a program's log."""
        path = self.home / "logs" / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def stop(self) -> None:
        """End every process; safe to call at any time, and more than once."""
        guard, self._guard = self._guard, None
        self.rest.close()
        self.rest = AirflowRest(self.url, self.user, self.password)
        if guard is None:
            return
        for stream in (guard.stdin, guard.stdout):
            if stream:
                stream.close()
        try:
            guard.wait(20)
        finally:
            # Only where the guard itself hangs or was killed: its session is all that is left to find the others by.
            for pid in _session(guard.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            guard.wait(5)

    def processes(self) -> list[psutil.Process]:
        """Find Airflow's processes that live now, the guard left out."""
        if self._guard is None or self._guard.poll() is not None:
            return []
        return psutil.Process(self._guard.pid).children(recursive=True)

    def airflow(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run an ``airflow`` command in this world.

        :param timeout: seconds
        """
        return subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "airflow", *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def kill_task(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> bool:
        """Kill the process that runs a task's code, as the kernel does when memory runs out.

        :returns: whether there was such a process
        """
        mine = {process.pid for process in self.processes()}
        for task in self.rest.tasks(dag_id, run_id):
            if (task.task_id, task.map_index, task.state) == (task_id, map_index, "running") and task.pid in mine:
                os.kill(task.pid, signal.SIGKILL)
                return True
        return False


def free_port() -> int:
    """Find a port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _session(leader: int) -> list[int]:
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == leader and psutil.pid_exists(pid):
                found.append(pid)
    return found


def _inherited() -> dict[str, str]:
    # What runs below us is not what a test's coverage is about, and measuring it would double its time.
    foreign = ("AIRFLOW", "COVERAGE_", "COV_CORE_", "PYTHONWARNINGS")
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(foreign)}
