"""Reading through the Web API: cards by key and cards by owner.

A search's answer does not tell hidden and trashed cards from others, and may leave them out. So they are asked for
apart, by two properties whose spelling in a condition is not documented: the first one that ESM understands is used
from then on. Where it understands none, hidden and trashed cards are what ESM shows by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NoReturn

import httpx

from airflow_provider_jira.esm import eql
from airflow_provider_jira.esm.concurrent import each
from airflow_provider_jira.esm.errors import EsmPermissionError, EsmRefused
from airflow_provider_jira.esm.http import Http, refuse
from airflow_provider_jira.esm.store import FoundCard
from airflow_provider_jira.esm.xml_documents import Entity, EntityReader, not_webapi, says_error
from airflow_provider_jira.model.definition import Target
from airflow_provider_jira.model.redact import without

NO_CARD = "entity.id = '0'"
"""A condition that no card meets: what ESM says to a query, without its cards."""

_SPELLINGS = (("false", "true"), ("0", "1"))


class XmlReader:
    """Reads cards.

    :param http: the way to the Web API
    """

    def __init__(self, http: Http) -> None:
        self._http = http
        self._spelling: tuple[str, str] | None = None
        self._is_spelled = False

    async def find(
        self, target: Target, keys: Sequence[str], attributes: Sequence[str]
    ) -> Mapping[str, tuple[FoundCard, ...]]:
        """Look cards up by key; see :meth:`~airflow_provider_jira.esm.store.CardStore.find`."""
        wanted = list(dict.fromkeys(keys))
        kept = [target.key, *attributes]
        spelling = await self.spelled()

        async def look(part: tuple[list[str], str]) -> list[FoundCard]:
            asked, condition = part
            where = f"{of(target)} AND ({condition})"
            cards = {entity.card_id: entity for entity in await self.search(where, kept, asked)}
            special: dict[str, Entity] = {}
            trashed: set[str] = set()
            if spelling is not None:
                yes = spelling[1]
                aside = f"{where} AND (entity.deleted = {yes} OR entity.hidden = {yes})"
                special = {entity.card_id: entity for entity in await self.search(aside, kept, asked)}
                if special:
                    only = f"{where} AND entity.deleted = {yes}"
                    trashed = {entity.card_id for entity in await self.search(only, kept, asked)}
            return [
                _found(entity, target, is_hidden=id_ in special and id_ not in trashed, is_deleted=id_ in trashed)
                for id_, entity in {**cards, **special}.items()
            ]

        parts = list(eql.conditions(eql.attribute(target.key), wanted, self._http.settings.lookup_keys))
        found: dict[str, list[FoundCard]] = {}
        for cards in await each(look, parts, self._http.settings.concurrency):
            for card in cards:
                found.setdefault(card.key, []).append(card)
        if "" in found and "" not in wanted:  # a card taken for missing would be created a second time
            raise EsmPermissionError(
                f"ESM finds cards by attribute {target.key!r} of template {target.template!r} but does not show it: "
                "give the ESM user's role permission to read it"
            )
        return {key: tuple(found[key]) for key in wanted if key in found}

    async def owned(self, target: Target, task_id: str, attributes: Sequence[str]) -> AsyncIterator[FoundCard]:
        """Read a task's cards as they arrive; see :meth:`~airflow_provider_jira.esm.store.CardStore.owned`."""
        stamp = target.task_id_attribute
        where = f"{of(target)} AND {eql.equals(eql.attribute(stamp), task_id)}"
        spelling = await self.spelled()
        if spelling is None:
            parts = [(where, False)]
        else:
            no, yes = spelling
            where += f" AND entity.deleted = {no}"
            parts = [(f"{where} AND entity.hidden = {no}", False), (f"{where} AND entity.hidden = {yes}", True)]
        for condition, hidden in parts:
            async for entity in self.stream(condition, [target.key, stamp, *attributes], [task_id]):
                # ESM may compare without regard to case; a card of another task must never be taken for one of this
                if entity.values.get(stamp) == (task_id,):
                    yield _found(entity, target, is_hidden=hidden, is_deleted=False)

    async def search(self, where: str, attributes: Sequence[str] | None, values: Sequence[str]) -> list[Entity]:
        """Ask for the cards of a condition, all at once.

        :param attributes: attribute codes to keep; ``None`` = all
        :param values: texts in the condition, kept out of error messages
        :raises EsmRefused: ESM does not understand the condition
        """
        answer = await self._http.send("GET", "/search.ws", params={"query": query(where)}, final=says_error)
        if answer.status_code != 200 and not says_error(answer):
            refuse_search(answer)
        reader = EntityReader(answer, attributes)
        with _Kept(values):
            return [*reader.feed(answer.content), *reader.close()]

    async def stream(self, where: str, attributes: Sequence[str], values: Sequence[str]) -> AsyncIterator[Entity]:
        """Ask for the cards of a condition, one after the other; parameters and errors as for :meth:`search`."""
        params = {"query": query(where)}
        async with self._http.stream("/search.ws", params=params, final=says_error) as answer:
            if answer.status_code != 200:
                await answer.aread()
                if not says_error(answer):
                    refuse_search(answer)
            reader = EntityReader(answer, attributes)
            with _Kept(values):
                async for chunk in answer.aiter_bytes():
                    for entity in reader.feed(chunk):
                        yield entity
                for entity in reader.close():
                    yield entity

    async def spelled(self) -> tuple[str, str] | None:
        """Find the words for no and yes in a condition on ``entity.deleted``, once; ``None`` where there are none."""
        if not self._is_spelled:
            for spelling in _SPELLINGS:
                _, yes = spelling
                try:
                    await self.search(f"{NO_CARD} AND entity.deleted = {yes} AND entity.hidden = {yes}", (), ())
                except EsmRefused:
                    continue
                self._spelling = spelling
                break
            self._is_spelled = True
        return self._spelling


class _Kept:
    """Adds what ESM said to a refusal, without the values that were asked for."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EsmRefused):
            raise EsmRefused(
                f"{error.message}: {without(error.detail, self._values)}",
                method=error.method, path=error.path, status=error.status, detail=error.detail,
            ) from None  # fmt: skip


def _found(entity: Entity, target: Target, *, is_hidden: bool, is_deleted: bool) -> FoundCard:
    key = next(iter(entity.values.get(target.key, ())), "")
    return FoundCard(entity.card_id, key, is_hidden, is_deleted, entity.values, entity.links)


def of(target: Target) -> str:
    """Write the condition that every query needs: the vendor warns of searching across templates."""
    return of_template(target.template)


def of_template(template: str) -> str:
    """The same for a template's code."""
    return eql.equals("template.code", template)


def query(where: str) -> str:
    """Write a whole query."""
    return f"SELECT entity FROM entity WHERE {where}"  # noqa: S608  # EQL; its literals are made by eql.equals


def refuse_search(answer: httpx.Response) -> NoReturn:
    """Raise what an answer to a search that is not a search's answer stands for."""
    if answer.status_code == 403:
        refuse(answer, "ESM does not let this user use the Web API")
    raise not_webapi(answer)
