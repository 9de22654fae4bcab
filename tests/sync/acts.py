"""What can happen in a world: the acts that the property test makes its stories of. Each shows as the code that makes
it, so that a story that failed can be written down as an example."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Union


class _Short:
    """Shows only what differs from the defaults."""

    def __repr__(self) -> str:
        shown = []
        for one in fields(self):  # type: ignore[arg-type]
            value = getattr(self, one.name)
            if one.default != value or one.name == "issue":
                shown.append(f"{one.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True, repr=False)
class Edit(_Short):
    """An issue gets another summary or status; ``late``: the search index has it as late as the overlap allows."""

    issue: int
    summary: str | None = None
    status: str | None = None
    late: bool = False


@dataclass(frozen=True, repr=False)
class Assign(_Short):
    """An issue gets an assignee, or loses the one it has."""

    issue: int
    person: int | None = None
    late: bool = False


@dataclass(frozen=True, repr=False)
class Adopt(_Short):
    """An issue gets a parent, or loses the one it has."""

    issue: int
    parent: int | None = None
    late: bool = False


@dataclass(frozen=True, repr=False)
class Create(_Short):
    """A new issue."""

    summary: str = "new"
    late: bool = False


@dataclass(frozen=True, repr=False)
class Delete(_Short):
    """An issue is deleted."""

    issue: int
    late: bool = False


@dataclass(frozen=True, repr=False)
class Move(_Short):
    """An issue goes to another project, out of what the tasks read, or comes back."""

    issue: int
    project: str = "OPS"
    late: bool = False


@dataclass(frozen=True, repr=False)
class Hide(_Short):
    """An issue is hidden from the connection's account, or shown again; its ``updated`` stays."""

    issue: int
    on: bool = True


@dataclass(frozen=True, repr=False)
class Crowd(_Short):
    """Something happens to people and groups; ``a`` and ``b`` choose which."""

    what: str
    a: int = 0
    b: int = 0


CROWD = ("hire", "rename", "remove", "forget", "join", "leave", "found", "regroup", "dissolve", "give", "take")


@dataclass(frozen=True, repr=False)
class Wait(_Short):
    """Time passes, in seconds."""

    seconds: float


@dataclass(frozen=True, repr=False)
class Minute(_Short):
    """Time passes up to the next whole minute."""


@dataclass(frozen=True, repr=False)
class Strict(_Short):
    """ESM begins to refuse cards with a long subject, or takes them again."""

    on: bool = True


@dataclass(frozen=True, repr=False)
class Clear(_Short):
    """An administrator clears a task's cache."""

    task: str


@dataclass(frozen=True, repr=False)
class Go(_Short):
    """A task runs.

    :param between: step -> what happens after it and before the next
    :param kill: at which point the run is killed; points after its end kill nothing
    :param step: from the beginning of which step the points are counted
    :param way: what follows: ``retry``, ``clear`` (of the loads and all after them), ``fail`` (no try is left, commit
        runs), or ``next`` (nothing)
    :param meanwhile: what happens between the kill and that
    """

    task: str
    between: tuple[tuple[str, tuple[Act, ...]], ...] = ()
    kill: int | None = None
    step: str = "plan"
    way: str = "retry"
    meanwhile: tuple[Act, ...] = ()


Act = Union[Edit, Assign, Adopt, Create, Delete, Move, Hide, Crowd, Wait, Minute, Strict, Clear, Go]
WAYS = ("retry", "clear", "fail", "next")
OVERLAP = 300


@dataclass(frozen=True)
class Tale:
    """A world and what happens in it.

    :param start: Jira's time at its beginning (ISO)
    :param zone: of the profile; ``None``: hidden, Jira uses the site's
    :param ahead: seconds by which the workers' clock is ahead of Jira's
    :param hour: which of a repeated hour Jira takes a date for
    """

    api: str
    start: str
    zone: str | None
    site_zone: str
    ahead: int
    hour: str
    acts: tuple[Act, ...] = field(default=())

    def __repr__(self) -> str:
        acts = "".join(f"\n        {act!r}," for act in self.acts)
        return (
            f"Tale({self.api!r}, {self.start!r}, {self.zone!r}, {self.site_zone!r}, {self.ahead}, {self.hour!r}, ("
            f"{acts}\n    ))"
        )
