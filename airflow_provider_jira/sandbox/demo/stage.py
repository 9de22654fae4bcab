"""The demo's stage: a Jira, an ESM and an Airflow that belong together, in one folder, gone when the block ends."""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import httpx

import airflow_provider_jira
from airflow_provider_jira.sandbox.demo.world import AirflowWorld
from airflow_provider_jira.sandbox.process import start_server

PEOPLE, TICKETS, FRESH = "acme__people_and_groups", "acme__support_tickets", "acme__support_tickets_fresh"
"""The DAGs of the demo's definition, in the order in which they run first: issues point at people."""
BACK, CREATE, COMMENT = "acme__incidents_from_jira", "acme__incident_to_jira", "acme__comment_in_jira"
RESOLVE, INVITE, GRANT, REVOKE = "acme__resolve_in_jira", "acme__invite", "acme__grant", "acme__revoke"
"""Those of its events, and of what comes back of them."""
DAGS = (PEOPLE, TICKETS, FRESH, BACK, CREATE, COMMENT, RESOLVE, INVITE, GRANT, REVOKE)
JIRA_LOGIN = ("robot@acme.example", "sandbox-token")
ESM_LOGIN = ("webapi", "sandbox-password")


class NoStage(RuntimeError):
    """The demo cannot be given here; the message says why and what helps."""


class Sandbox:
    """A sandbox server's own controls.

    :param url: base URL of the server
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/_sandbox", timeout=120, trust_env=False)

    def get(self, path: str, **query: str | int) -> Any:
        """Read one of the controls, and return its JSON."""
        return self._http.get(path, params=query).raise_for_status().json()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Use one of the controls, and return its JSON."""
        return self._http.post(path, json=body).raise_for_status().json()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


@dataclass(frozen=True)
class Stage:
    """What stands while the block runs.

    :param jira: controls of the sandbox's Jira
    :param esm: controls of the sandbox's ESM
    :param airflow: not started yet
    :param api: which of ESM's APIs its connection uses
    """

    jira: Sandbox
    esm: Sandbox
    airflow: AirflowWorld
    api: Literal["rest", "webapi"] = "rest"


@contextlib.contextmanager
def set_stage(
    folder: Path, *, issues: int, people: int = 300, groups: int = 40, api: Literal["rest", "webapi"] = "rest"
) -> Iterator[Stage]:
    """Start both servers and prepare an Airflow; end all three afterwards, whatever happens.

    SIGTERM and SIGHUP end the block as Ctrl-C does.

    :param folder: for Airflow's home, which holds logs and staged data
    :param issues: how many issues the demo's JQL finds
    :param people: how many people Jira has; every one is in four groups on average
    :param groups: how many groups
    :param api: which of ESM's APIs the connection uses
    :raises NoStage: another demo runs in the same folder, or the DAG files are not there
    """
    dags = Path(airflow_provider_jira.__file__).parents[1] / "dags"
    if not (dags / "jira_connector.py").exists():
        raise NoStage(f"The demo needs the repository: there is no {dags / 'jira_connector.py'}.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_signals_as_interrupts())
        stack.enter_context(_alone(folder))
        sizes = {"--issues": issues, "--people": people, "--groups": groups, "--memberships": 4 * people}
        options = [text for option, count in sizes.items() for text in (option, str(count))]
        # Who holds a project role, only an administrator is told.
        jira = Sandbox(stack.enter_context(start_server("jira", *options, "--seed", "7", "--admin")).url)
        stack.callback(jira.close)
        esm = Sandbox(stack.enter_context(start_server("esm")).url)
        stack.callback(esm.close)
        airflow = AirflowWorld(folder / "airflow", dags, _environment(folder, jira.url, esm.url, api))
        stack.callback(airflow.stop)
        yield Stage(jira, esm, airflow, api)


def _environment(folder: Path, jira: str, esm: str, api: str) -> dict[str, str]:
    definitions = folder.resolve() / "definitions"
    definitions.mkdir(exist_ok=True)
    (definitions / "acme.yaml").write_text(definition(datetime.now(timezone.utc)))
    return {
        # Its DAG files do not change: no need to read them every few seconds.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
        "AIRFLOW__JIRA_CONNECTOR__DEFINITIONS_FOLDER": str(definitions),
        "AIRFLOW_CONN_JIRA_ACME": connection("jira_cloud", jira, JIRA_LOGIN),
        "AIRFLOW_CONN_ESM_ACME": connection("efecte_esm", esm, ESM_LOGIN, api=api),
    }


def definition(now: datetime) -> str:
    """Return the text of the demo's definition, with schedules that stay away from ``now``.

    Airflow starts a new DAG's last missed run at once when it was missed by little, so a schedule must be far on both
    sides. Half an hour, or nearly, is.
    """
    text = files(airflow_provider_jira).joinpath("sandbox/demo/acme.yaml").read_text()
    return re.sub(r"\{now\+(\d+)\}", lambda found: str((now.minute + int(found[1])) % 60), text)


def connection(kind: str, host: str, login: Sequence[str], **extra: str) -> str:
    """Write an Airflow connection as the JSON that ``AIRFLOW_CONN_…`` takes."""
    user, password = login
    return json.dumps({"conn_type": kind, "host": host, "login": user, "password": password, "extra": extra})


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NoStage(f"Another one runs in {folder} already: end that first.") from None
        yield


@contextlib.contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the shape of a signal handler
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
