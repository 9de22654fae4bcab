"""Making ESM show hidden and trashed cards too, though nobody says how.

A look-up that misses a trashed card goes on to create a second one. Whether a list shows hidden and trashed cards by
itself, and how the two properties are written in a condition, is not documented; public scripts write
``entity.deleted = false``, the query language's description speaks of 0 and 1. So the spellings are tried on the first
use, and one counts only if it neither is refused nor hides cards that are there without it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from airflow_provider_jira.esm.errors import EsmRefused

_SPELLINGS = (("false", "true"), ("0", "1"))
_PROPERTIES = ("entity.deleted", "entity.hidden")


class Visibility:
    """Knows, template by template, which condition shows every card.

    :param shows_any: (template, condition) -> whether ESM shows at least one card; an empty condition asks for all.
        Raises :class:`~airflow_provider_jira.esm.errors.EsmRefused` where ESM does not understand it
    """

    def __init__(self, shows_any: Callable[[str, str], Awaitable[bool]]) -> None:
        self._shows_any = shows_any
        self._spelling: dict[str, tuple[str, str] | None] = {}

    async def clause(self, template: str) -> str:
        """Give what to add to a condition so that it shows every card: `` AND …``, or nothing."""
        spelling = await self.spelling(template)
        return "" if spelling is None else "".join(f" AND {_either(name, spelling)}" for name in _PROPERTIES)

    async def spelling(self, template: str) -> tuple[str, str] | None:
        """Give the words for no and yes, or ``None`` where ESM understands none."""
        if template in self._spelling:
            return self._spelling[template]
        for spelling in _SPELLINGS:
            try:
                shown = await self._shows_any(template, " AND ".join(_either(name, spelling) for name in _PROPERTIES))
            except EsmRefused:
                continue
            if shown:
                self._spelling[template] = spelling
                return spelling
            if not await self._shows_any(template, ""):
                return spelling  # an empty template proves nothing: ask again when it has cards
        self._spelling[template] = None
        return None


def _either(name: str, spelling: tuple[str, str]) -> str:
    return f"({name} = {spelling[0]} OR {name} = {spelling[1]})"
