"""How a command reaches Connections and Variables: from the metadata database, as Airflow's own commands do.

The Task SDK's Variable writes through the supervisor of a running task, which a command does not have; so this
module is the one place that takes the Variable from Airflow's core.
"""

from __future__ import annotations

import os

from airflow_provider_jira.hooks.state import DESCRIPTION, checked


def use_database() -> None:
    """Let the Task SDK find Connections in the metadata database, by the same switch that ``airflow connections
    test`` sets."""
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"


class DatabaseState:
    """A :class:`~airflow_provider_jira.sync.state.State` for commands: the same Variables that a running task uses."""

    def __init__(self) -> None:
        from airflow.models import Variable  # noqa: PLC0415 - takes a second, and only this command needs it

        self._variable = Variable

    def get(self, name: str) -> str | None:
        """Read a Variable, ``None`` where there is none."""
        found = self._variable.get(checked(name), default_var=None)
        return None if found is None else str(found)

    def set(self, name: str, value: str) -> None:
        """Write a Variable."""
        self._variable.set(checked(name), value, description=DESCRIPTION)

    def delete(self, name: str) -> None:
        """Remove a Variable; one that is not there is no error."""
        self._variable.delete(checked(name))

    def names(self, beginning: str) -> list[str]:
        """List the Variables whose names begin like this."""
        from airflow.utils.session import create_session  # noqa: PLC0415 - as above
        from sqlalchemy import select  # noqa: PLC0415

        with create_session() as session:
            found = session.scalars(select(self._variable.key).where(self._variable.key.startswith(checked(beginning))))
            return sorted(name for name in found if name.startswith(beginning))
