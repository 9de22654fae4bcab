"""Keeps the tasks' memory in Airflow Variables, which every worker can read and write.

Names come from :mod:`~airflow_provider_jira.sync.state` and hold only characters that Airflow's client does not have
to escape (it does not). They hold a hash in place of the task's name, so that no name makes Airflow take a value for
a secret.
"""

from __future__ import annotations

from airflow.sdk import Variable

from airflow_provider_jira.activities.line import ROOT as LINES
from airflow_provider_jira.hooks import listing
from airflow_provider_jira.sync.state import NAME

DESCRIPTION = "Memory of a Jira connector task; do not edit. `airflow jira-connector clear-cache` empties it."


class VariableState:
    """A :class:`~airflow_provider_jira.sync.state.State` for code that runs inside an Airflow task."""

    def get(self, name: str) -> str | None:
        """Read a Variable, ``None`` where there is none."""
        found = Variable.get(checked(name), default=None)
        return None if found is None else str(found)

    def set(self, name: str, value: str) -> None:
        """Write a Variable."""
        if name.startswith(LINES) and not listing.airflow_lists():
            listing.add(checked(name), description=DESCRIPTION)  # before the place itself: nobody may be overlooked
        Variable.set(checked(name), value, description=DESCRIPTION)

    def delete(self, name: str) -> None:
        """Remove a Variable; one that is not there is no error."""
        Variable.delete(checked(name))
        if name.startswith(LINES) and not listing.airflow_lists():
            listing.tidy(name, lambda other: self.get(other) is not None)

    def names(self, beginning: str) -> list[str]:
        """List the Variables whose names begin like this.

        Before Airflow 3.3 only what stands in one line of events can be listed.
        """
        if not listing.airflow_lists():
            return sorted(name for name in listing.names_in(listing.folder_of(checked(beginning))) if self.get(name))
        # looked at again because a database may take an underscore in the prefix for any character
        return sorted(name for name in Variable.keys(prefix=checked(beginning)) if name.startswith(beginning))


def checked(name: str) -> str:
    """Refuse a name that Airflow's Variable client would cut or mix up with another.

    :raises ValueError: it has such characters
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"state name {name!r} cannot be a Variable's name; allowed: {NAME.pattern}")
    return name
