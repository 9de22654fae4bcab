"""Gives Airflow a home of its own before anything imports it: importing Airflow writes its settings there."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_HOME = tempfile.mkdtemp(prefix="airflow-home-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("AIRFLOW")]:
    del os.environ[_name]
os.environ["AIRFLOW_HOME"] = _HOME
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"

import importlib  # noqa: E402 - nothing before this line may import Airflow
import warnings  # noqa: E402
from typing import Any  # noqa: E402

import pytest  # noqa: E402

# The oldest providers that we allow import what the oldest Airflow has deprecated. That is between them: they are
# imported here, once, so that a warning in a test is ours.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for _name in ("standard.operators.python", "standard.operators.hitl", "http.operators.http"):
        importlib.import_module(f"airflow.providers.{_name}")


class Supervisor:
    """Stands where Airflow's supervisor stands for a running task: it keeps Variables, and notes everything else."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.descriptions: dict[str, str | None] = {}
        self.asked: list[Any] = []

    def send(self, msg: Any) -> Any:
        """Answer one message of the Task SDK."""
        from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
        from airflow.sdk.execution_time import comms

        if isinstance(msg, comms.GetVariable):
            if msg.key not in self.variables:
                missing = comms.ErrorResponse(error=ErrorType.VARIABLE_NOT_FOUND, detail={"key": msg.key})
                raise AirflowRuntimeError(missing)
            return comms.VariableResult(key=msg.key, value=self.variables[msg.key])
        if hasattr(comms, "GetVariableKeys") and isinstance(msg, comms.GetVariableKeys):  # Airflow 3.3
            names = [name for name in self.variables if name.startswith(msg.prefix or "")]
            return comms.VariableKeysResult(keys=names[msg.offset : msg.offset + msg.limit], total_entries=len(names))
        if isinstance(msg, comms.PutVariable):
            self.variables[msg.key] = str(msg.value)
            self.descriptions[msg.key] = msg.description
        elif isinstance(msg, comms.DeleteVariable):
            self.variables.pop(msg.key, None)
        else:
            self.asked.append(msg)
        return comms.OKResponse(ok=True)


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    """Let a test be inside a running task, as far as Airflow's Task SDK can tell."""
    from airflow.sdk.execution_time import task_runner

    stand_in = Supervisor()
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", stand_in, raising=False)
    return stand_in
