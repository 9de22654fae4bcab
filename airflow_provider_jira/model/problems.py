"""Problems: what is wrong with a definition, where, and what would be right.

A *finding* says it relative to the data (a path of keys and list positions); a *problem* says it relative to a file (a
line). Both name the thing, what was found and the mend, because whoever reads them did not write this code.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union

from pydantic_core import PydanticCustomError

Severity = Literal["error", "warning"]
KeyPath = tuple[Union[str, int], ...]

WRONG = "definition"
"""Type of the validation errors that carry one finding."""
RULES = "definition_rules"
"""Type of the validation errors that carry several findings, each with a path of its own."""

MISSING = "is missing"
"""How the finding of a missing key ends."""

_SHOWN = 60
_CLOSE_ENOUGH = 0.6


@dataclass(frozen=True)
class Finding:
    """Something wrong, without its file.

    :param path: keys and list positions that lead to it
    :param found: what was found, as half a sentence
    :param mend: what would be right, as half a sentence
    :param severity: a ``warning`` does not keep the task from running
    """

    path: KeyPath
    found: str
    mend: str
    severity: Severity = "error"

    def below(self, *prefix: str | int) -> Finding:
        """The same finding, seen from further up.

        :param prefix: keys and positions to put before its path
        """
        return Finding((*prefix, *self.path), self.found, self.mend, self.severity)


@dataclass(frozen=True)
class Problem:
    """Something wrong in a definition file.

    :param file: the file
    :param line: line, counted from 1, always inside the file
    :param key: the key's path, as in ``scheduled_tasks[0].target.key``; empty for the file as a whole
    :param found: what was found, as half a sentence
    :param mend: what would be right, as half a sentence
    :param severity: an ``error`` keeps the task from running; a ``warning`` does not
    """

    file: Path
    line: int
    key: str
    found: str
    mend: str
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.file.name}:{self.line}: "
        warning = "warning: " if self.severity == "warning" else ""
        key = f"{self.key}: " if self.key else ""
        return f"{where}{warning}{key}{self.found}; {self.mend}"


def wrong(found: str, mend: str) -> PydanticCustomError:
    """Make a validation error that carries a finding.

    :param found: what was found, as half a sentence
    :param mend: what would be right, as half a sentence
    """
    return PydanticCustomError(WRONG, "{found}; {mend}", {"found": found, "mend": mend})


def broken_rules(findings: Sequence[Finding]) -> PydanticCustomError:
    """Make one validation error of several findings.

    :param findings: at least one
    """
    told = "; and ".join(f"{path_text(each.path)}: {each.found}; {each.mend}" for each in findings)
    return PydanticCustomError(RULES, "{told}", {"told": told, "findings": tuple(findings)})


def path_text(path: KeyPath) -> str:
    """Write a path as in ``scheduled_tasks[0].attributes.jiraId``.

    :param path: keys and list positions
    """
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step and all(each.isalnum() or each in "_-" for each in step):
            text += f".{step}" if text else step
        else:
            text += f"[{shown(step)}]"
    return text


def shown(value: Any) -> str:
    """Show a value of a definition as its author wrote it, cut where it is long.

    :param value: what the YAML file holds there
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}…"
    text = "".join(each if each.isprintable() else " " for each in text)
    return f'"{text}"' if isinstance(value, str) else text


def close(name: str, known: Iterable[str]) -> str | None:
    """Find the known name that was probably meant.

    :param name: what was found
    :param known: names that would be right
    :returns: the nearest of them, or ``None`` where none is near; case and dashes do not count as distance
    """

    def plain(text: str) -> str:
        return text.casefold().replace("-", "_").replace(" ", "_")

    by_plain = {plain(each): each for each in sorted(known)}
    near = difflib.get_close_matches(plain(name[:200]), by_plain, n=1, cutoff=_CLOSE_ENOUGH)
    return by_plain[near[0]] if near else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Word the mend of a misspelt name.

    :param name: what was found
    :param known: names that would be right
    :param otherwise: the mend where no known name is near
    """
    near = close(name, known)
    return f"did you mean {near}?" if near else otherwise


def listed(names: Iterable[str]) -> str:
    """List names in a sentence.

    :param names: in the order in which they shall stand
    """
    return ", ".join(names)
