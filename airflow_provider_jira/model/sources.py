"""Sources: where in an issue an attribute's value comes from.

A source is written as an administrator thinks of it: ``id`` or ``key`` of the issue, a field's id or display name,
and perhaps a path into its value (``status.name``, ``Support Team.id``). Display names may hold dots and blanks, so
the longest beginning that names a field is taken, and the rest is the path. Ids come before names, a name as written
before one that differs in case. What names no field, or more than one, is refused with the names or ids that may have
been meant: a guess would fill cards from the wrong field.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_jira.model.shapes import FieldInfo, misfit

ISSUE_PROPERTIES = {"id": "id", "key": "key", "issuekey": "key"}
"""What an issue has outside of its fields. ``issuekey`` is how Jira's list of fields calls the key."""


class SourceProblem(ValueError):
    """A source that cannot be used on this site. The text is the rest of a sentence about the attribute."""


@dataclass(frozen=True)
class Source:
    """A source found on the site.

    :param field: field id, or ``id`` or ``key`` of the issue itself
    :param path: names of parts, from the outside in
    """

    field: str
    path: tuple[str, ...] = ()

    @property
    def is_field(self) -> bool:
        """Whether it must be asked for as a field."""
        return self.field not in ISSUE_PROPERTIES

    def read(self, id_: int, key: str, fields: Mapping[str, Any]) -> list[Any]:
        """Read it from an issue. A path over an array goes into each of its elements.

        :param id_: issue id
        :param key: issue key
        :param fields: field id -> value as Jira encodes it; a field that is not there is empty
        :returns: what the source leads to, arrays opened; nothing where a part is missing
        """
        if not self.is_field:
            return [str(id_) if self.field == "id" else key]
        found = opened([fields.get(self.field)])
        for name in self.path:
            found = opened(value[name] for value in found if isinstance(value, dict) and name in value)
        return found


def opened(values: Iterable[Any]) -> list[Any]:
    """Put the elements of arrays, and of arrays in them, in the arrays' place, and leave out what is null."""
    found: list[Any] = []
    waiting = list(values)[::-1]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (list, tuple)):
            waiting += reversed(value)
        elif value is not None:
            found.append(value)
    return found


class Sources:
    """Finds sources among the fields that records can have."""

    def __init__(self, fields: Sequence[FieldInfo], properties: Mapping[str, str] = ISSUE_PROPERTIES) -> None:
        """Index the fields.

        :param fields: all fields, of issues those of the site that the caller may see
        :param properties: what records have outside of their fields: how it may be written -> its name
        """
        self._properties = properties
        self._by_id = {field.id: field for field in fields}
        self._by_name: defaultdict[str, list[FieldInfo]] = defaultdict(list)
        self._by_folded: defaultdict[str, list[FieldInfo]] = defaultdict(list)
        for field in self._by_id.values():
            self._by_name[field.name].append(field)
            self._by_folded[field.name.casefold()].append(field)

    def find(self, text: str) -> Source:
        """Find what a source means.

        :param text: as written in the definition
        :raises SourceProblem: no field is called so, several are, or the field's type has no such part
        """
        end = len(text)
        while end > 0:
            found = self._named(text[:end])
            if found is not None:
                path = tuple(text[end + 1 :].split(".")) if end < len(text) else ()
                return self._checked(text, found, path)
            end = text.rfind(".", 0, end)
        raise SourceProblem(f"Jira has no field {text!r} that this user may see{self._close(text)}")

    def _named(self, name: str) -> FieldInfo | str | None:
        """Find a field, or a property of the issue, by a whole name."""
        if name in self._properties:
            return self._properties[name]
        if name in self._by_id:
            return self._by_id[name]
        fields = self._by_name.get(name) or self._by_folded.get(name.casefold())
        if not fields:
            return None
        if len(fields) > 1:
            listed = ", ".join(f"{field.id} ({field.name})" for field in sorted(fields, key=lambda field: field.id))
            raise SourceProblem(
                f"Jira has {len(fields)} fields called {name!r}; write the id of the right one: {listed}"
            )
        return self._properties.get(fields[0].id, fields[0])

    @staticmethod
    def _checked(text: str, found: FieldInfo | str, path: tuple[str, ...]) -> Source:
        if isinstance(found, str):
            if path:
                raise SourceProblem(f"source {text!r}: {found!r} of an issue is a plain value; write {found!r}")
            return Source(found)
        problem = misfit(found, path)
        if problem is not None:
            raise SourceProblem(f"source {text!r}: {problem}")
        return Source(found.id, path)

    def _close(self, text: str) -> str:
        """Suggest fields that are called almost so, with and without what looks like a path."""
        spelt = {name.casefold(): name for name in [*self._properties, *self._by_id, *self._by_name]}
        close: dict[str, None] = {}
        for tried in dict.fromkeys((text, text.partition(".")[0])):
            close |= dict.fromkeys(difflib.get_close_matches(tried.casefold(), spelt, n=3, cutoff=0.75))
        if not close:
            return "; write a field's display name or its id"
        return f"; did you mean {' or '.join(self._shown(spelt[name]) for name in list(close)[:3])}?"

    def _shown(self, name: str) -> str:
        fields = self._by_name.get(name, [])
        return f"{name!r} ({fields[0].id})" if len(fields) == 1 and fields[0].id != name else repr(name)
