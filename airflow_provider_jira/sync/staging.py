"""Where the data of one run waits between its steps: files below one folder, never XComs.

Layout: ``<root>/<task>/<plan>/<name>``. ``<plan>`` is new for every try of the plan step, so what a dead run left
behind can be told from what the living one needs. A file appears whole or not at all (written aside, then renamed;
object stores do that by themselves), so that a file that exists can be trusted after a crash. Files are msgpack,
compressed, and readable by their owner only: they hold issue texts.
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Location(Protocol):
    """The part of ``pathlib`` that staging needs; ``pathlib.Path`` and Airflow's ``ObjectStoragePath`` both have it."""

    @property
    def name(self) -> str: ...
    def __truediv__(self, other: str) -> Any: ...
    def exists(self) -> bool: ...
    def is_dir(self) -> bool: ...
    def iterdir(self) -> Iterator[Any]: ...
    def read_bytes(self) -> bytes: ...
    def write_bytes(self, data: bytes) -> Any: ...


class Unreadable(ValueError):
    """A staged file cannot be read: damaged, or written by another version of this package."""


class Staging:
    """The staging location of an installation.

    :param root: folder on a disk (``pathlib.Path``) or in an object store; made when first written to
    """

    def __init__(self, root: Location) -> None:
        self._root = root

    def plans(self, task: str) -> list[str]:
        """Name the plans that have something staged for a task, oldest first (their names start with a time)."""
        folder = self._root / task
        return sorted(child.name for child in folder.iterdir()) if folder.exists() else []

    def plan(self, task: str, plan: str) -> PlanStaging:
        """Open the staging of one plan, whether or not there is anything in it yet."""
        return PlanStaging(self._root / task / plan)


class PlanStaging:
    """What one plan and the steps after it have staged.

    :param folder: its folder
    """

    def __init__(self, folder: Location) -> None:
        self._folder = folder

    def write(self, name: str, content: object) -> None:
        """Stage one object.

        :param name: relative path, ``/`` between its parts
        :param content: anything that msgspec can encode
        """
        data = zlib.compress(msgspec.msgpack.encode(content), 1)
        target = self._folder / name
        if isinstance(target, Path):
            _write_whole(target, data)
        else:
            target.write_bytes(data)

    def read(self, name: str, as_: type[T]) -> T:
        """Read one object back.

        :raises Unreadable: it is not what was staged, or another version of this package staged it

        :param as_: the type it was staged as
        :raises FileNotFoundError: it was never staged, or has been swept since
        """
        data = (self._folder / name).read_bytes()
        try:
            return msgspec.msgpack.decode(zlib.decompress(data), type=as_)
        except (zlib.error, msgspec.DecodeError) as error:
            raise Unreadable(f"{name}: {error}") from error

    def exists(self, name: str) -> bool:
        """Tell whether an object is staged."""
        return bool((self._folder / name).exists())

    def names(self, prefix: str) -> list[str]:
        """List the objects below a folder, in the order of their names."""
        return sorted(self._below(self._folder / prefix, prefix))

    def _below(self, folder: Location, prefix: str) -> Iterator[str]:
        if not folder.exists():
            return
        for child in folder.iterdir():
            name = f"{prefix}/{child.name}"
            if child.is_dir():
                yield from self._below(child, name)
            elif not child.name.endswith(".part"):
                yield name

    def remove(self) -> None:
        """Remove everything that this plan has staged."""
        if isinstance(self._folder, Path):
            shutil.rmtree(self._folder, ignore_errors=True)
        elif self._folder.exists():
            self._folder.rmdir(recursive=True)  # type: ignore[attr-defined]  # ObjectStoragePath's own


def _write_whole(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
