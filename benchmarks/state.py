"""A task's memory in a folder, one file a text: it stands where Airflow's Variables stand, and outlives a process."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

from airflow_provider_jira.sync.state import NAME


class FolderState:
    """A :class:`~airflow_provider_jira.sync.state.State` in files.

    :param folder: made when first written to
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> str | None:
        """Read a text."""
        path = self._path(name)
        return path.read_text() if path.exists() else None

    def set(self, name: str, value: str) -> None:
        """Write a text."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path(name).write_text(value)

    def delete(self, name: str) -> None:
        """Remove a text."""
        self._path(name).unlink(missing_ok=True)

    def names(self, beginning: str) -> list[str]:
        """List the names that begin like this, in order."""
        found = self._folder.iterdir() if self._folder.exists() else ()
        return sorted(name for path in found if (name := unquote(path.name)).startswith(beginning))

    def sizes(self, word: str) -> list[int]:
        """Tell how many bytes each text has whose name contains a word."""
        found = self._folder.iterdir() if self._folder.exists() else ()
        return [path.stat().st_size for path in found if word in path.name]

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"state name {name!r} has characters that not every store can hold")
        return self._folder / quote(name, safe="")
