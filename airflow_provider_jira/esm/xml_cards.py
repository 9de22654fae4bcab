"""Single cards through the Web API, which searches by id and imports by a unique attribute.

So a change reads the card by its id, takes the value of its unique attribute from there, imports with the one flag that
lets ESM change cards and none that lets it create them, and reads the card by its id again: what it shows then is what
counts. Source: the vendor's "Web API description" page and queries of working clients.

How a worklog looks in XML is written nowhere. **It is our assumption** that importing a ``<value>`` for a worklog adds
an entry, signed and dated by ESM, and that a search shows each entry as a plain ``<value>``, the newest first, as REST
does. Where an import turns out to replace earlier entries instead, ``add_entry`` says so by an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import msgspec

from airflow_provider_jira.esm import eql
from airflow_provider_jira.esm.cards import OpenCard, Refusal, by_id, is_card_id
from airflow_provider_jira.esm.changing import Wanted, entry_text, gone, texts_in
from airflow_provider_jira.esm.errors import EsmError, EsmProtocolError, EsmRateLimited, EsmRefused, EsmUnavailable
from airflow_provider_jira.esm.fitting import Fitted
from airflow_provider_jira.esm.http import Http
from airflow_provider_jira.esm.sentences import entry_refused, no_card, not_a_condition, uncertain
from airflow_provider_jira.esm.store import Attribute, Template
from airflow_provider_jira.esm.xml_documents import Entity
from airflow_provider_jira.esm.xml_import import UNCOUNTED, complaints, import_cards
from airflow_provider_jira.esm.xml_links import astray, links_in, unwritable
from airflow_provider_jira.esm.xml_read import XmlReader, of_template
from airflow_provider_jira.esm.xml_values import same, text_of
from airflow_provider_jira.model.card import Entry, Shown
from airflow_provider_jira.model.redact import without

_UPDATE = {"updateDataCards": "true"}


class Sight(msgspec.Struct, frozen=True):
    """A card as a search shows it, and whether it is hidden or in the trash."""

    entity: Entity
    hidden: bool
    deleted: bool


class XmlCards:
    """Reads and changes single cards.

    :param http: the way to the Web API
    :param reader: searches
    """

    def __init__(self, http: Http, reader: XmlReader) -> None:
        self._http = http
        self._reader = reader
        self._zone = ZoneInfo(http.settings.timezone)

    async def look(self, template: str, card_id: str, attributes: Sequence[str]) -> Sight | None:
        """Search a card by its id.

        :param attributes: attribute codes to read
        :returns: ``None`` where there is no such card in the template
        """
        if not is_card_id(card_id):
            return None
        where = f"{of_template(template)} AND entity.id = '{card_id}'"
        entity = await self._one(where, card_id, attributes)
        spelling = await self._reader.spelled()
        if spelling is None:
            return None if entity is None else Sight(entity, hidden=False, deleted=False)
        yes = spelling[1]
        aside = await self._one(f"{where} AND (entity.deleted = {yes} OR entity.hidden = {yes})", card_id, attributes)
        if aside is None:
            return None if entity is None else Sight(entity, hidden=False, deleted=False)
        trashed = await self._one(f"{where} AND entity.deleted = {yes}", card_id, ()) is not None
        anywhere = f"(entity.deleted = {spelling[0]} OR entity.deleted = {yes})"
        hidden = await self._one(f"{where} AND entity.hidden = {yes} AND {anywhere}", card_id, ())
        return Sight(aside, hidden=hidden is not None, deleted=trashed)

    def open(self, sight: Sight, template: Template, attributes: Sequence[str]) -> OpenCard:
        """Show what a search found.

        :param template: what is known of the template
        """
        entity = sight.entity
        values = {code: self._shown(entity, template.attributes[code]) for code in attributes}
        return OpenCard(entity.card_id, entity.name, template.code, sight.hidden, sight.deleted, values)

    async def matching(self, template: str, condition: str, *, most: int, named: str) -> tuple[OpenCard, ...]:
        """Find cards; see :meth:`~airflow_provider_jira.esm.cards.OpenCards.matching`."""
        where = f"{of_template(template)} AND {eql.enclosed(condition, named)}"
        if (spelling := await self._reader.spelled()) is not None:
            no = spelling[0]
            where += f" AND entity.deleted = {no}"
            where += "" if eql.speaks_of("hidden", condition) else f" AND entity.hidden = {no}"
        try:
            found = [OpenCard(one.card_id, one.name, template) async for one in self._reader.stream(where, (), ())]
        except EsmRefused as error:
            raise not_a_condition(named, template, error) from None
        return tuple(sorted(found, key=by_id)[:most])

    async def set(self, sight: Sight, template: Template, wanted: Wanted, key: str) -> list[Refusal]:
        """Write attributes of a card.

        :param sight: the card before, with the key and the attributes to write
        :param key: code of the unique attribute
        :returns: what ESM did not take
        """
        problem = await self._not_found_by(sight.entity, template, key)
        if problem is not None:
            return [problem]
        refusals = unwritable(wanted)
        if key in wanted:
            why = f"attribute {key!r} cannot be changed: the Web API finds the card by it"
            refusals.append(Refusal("attribute_refused", key, why))
        bad = {refusal.attribute for refusal in refusals}
        return refusals + await self._set(
            sight, template, {code: some for code, some in wanted.items() if code not in bad}, key
        )

    async def worklog(self, template: str, card_id: str, attribute: str) -> tuple[Entry, ...]:
        """Read a worklog; see :meth:`~airflow_provider_jira.esm.cards.OpenCards.worklog`."""
        sight = await self.look(template, card_id, [attribute])
        if sight is None:
            raise no_card(template, card_id)
        return tuple(Entry("", text, "") for text in reversed(sight.entity.values.get(attribute, ())))

    async def add_entry(self, template: Template, card_id: str, attribute: str, text: str, key: str) -> None:
        """Append an entry; see :meth:`~airflow_provider_jira.esm.cards.OpenCards.add_entry`."""
        text = entry_text(text_of(text, self._zone))
        sight = await self.look(template.code, card_id, [attribute, key])
        if sight is None:
            raise no_card(template.code, card_id)
        if sight.deleted:
            raise entry_refused(template.code, card_id, attribute, "the card is in the trash: restore it")
        problem = await self._not_found_by(sight.entity, template, key)
        if problem is not None:
            raise entry_refused(template.code, card_id, attribute, problem.message)
        entity = {key: sight.entity.values[key], attribute: [text]}
        folder = _folder(sight.entity, template)
        try:
            report = await import_cards(self._http, template.code, folder, [entity], _UPDATE, repeatable=False)
        except EsmRateLimited:
            raise
        except (EsmUnavailable, EsmProtocolError) as error:
            raise uncertain(template.code, card_id, attribute, error) from error
        try:
            after = await self.look(template.code, card_id, [attribute])
        except EsmError as error:  # what the import did is not known without looking, whatever keeps us from it
            raise uncertain(template.code, card_id, attribute, error) from error
        told = _missing(sight.entity.values.get(attribute, ()), after, attribute, text)
        if told is not None:
            why = without(report.error, [text]) if report.error else told if report.counted else UNCOUNTED
            raise entry_refused(template.code, card_id, attribute, why)

    async def _one(self, where: str, card_id: str, attributes: Sequence[str]) -> Entity | None:
        found = await self._reader.search(where, attributes, ())
        return next((entity for entity in found if entity.card_id == card_id), None)

    async def _not_found_by(self, entity: Entity, template: Template, key: str) -> Refusal | None:
        """Say why an import would not find this card, and no other, by its key."""
        texts = entity.values.get(key, ())
        if len(texts) != 1:
            why = "holds no value" if not texts else "holds several values"
            return Refusal(
                "card_refused", key, f"attribute {key!r}, by which the Web API finds the card, {why}: name a unique one"
            )
        where = f"{of_template(template.code)} AND {eql.equals(eql.attribute(key), texts[0])}"
        found = await self._reader.search(where, [key], texts)
        ids = sorted({one.card_id for one in found if one.values.get(key) == texts} | {entity.card_id})
        if len(ids) > 1:
            return Refusal(
                "duplicate_key", key,
                f"data cards {' and '.join(ids)} have the same value in attribute {key!r}, by which the Web API finds "
                "the card: name an attribute that ESM holds unique",
            )  # fmt: skip
        return None

    async def _set(self, sight: Sight, template: Template, wanted: Wanted, key: str) -> list[Refusal]:
        if not wanted:
            return []
        before = sight.entity
        texts = {code: [text for text in map(self._text, some) if text] for code, some in wanted.items()}
        report = await import_cards(
            self._http, template.code, _folder(before, template), [{key: before.values[key], **texts}],
            {**_UPDATE, "removeEmptyValues": "true"}, repeatable=True,
        )  # fmt: skip
        after = await self.look(template.code, before.card_id, list(wanted))
        if after is None:
            return [gone()]
        shown, links = after.entity.values, after.entity.links
        held = {code for code, some in wanted.items() if _holds(some, texts[code], after.entity, code)}
        if held == set(wanted):
            return []
        if report.error or not report.counted:
            if len(wanted) > 1:
                return [
                    refusal
                    for code, some in wanted.items()
                    for refusal in await self._set(sight, template, {code: some}, key)
                ]
            told = without(report.error, texts_in(wanted)) if report.error else UNCOUNTED
            return [Refusal("attribute_refused", next(iter(wanted)), told)]
        refusals = complaints(wanted, shown, links)
        told_of = {refusal.attribute for refusal in refusals}
        for code in wanted:
            if code not in held | told_of and shown.get(code, ()) == before.values.get(code, ()):
                why = "holds what it held before the import: ESM did not take the value"
                refusals.append(Refusal("attribute_refused", code, f"attribute {code!r} {why}"))
        return refusals

    def _text(self, value: Fitted) -> str:
        return text_of(value, self._zone)

    def _shown(self, entity: Entity, attribute: Attribute) -> tuple[Shown, ...]:
        texts, links = entity.values.get(attribute.code, ()), entity.links.get(attribute.code, ())
        if links and len(links) == len(texts):
            template = attribute.targets[0] if len(attribute.targets) == 1 else None
            return tuple(Shown(text, None, link, template) for text, link in zip(texts, links, strict=True))
        if attribute.type == "date":
            texts = tuple(self._iso(text) for text in texts)
        return tuple(Shown(text, attribute.static_values.get(text)) for text in texts)

    def _iso(self, text: str) -> str:
        """Read a date; ESM shows a day as its midnight, and whether an attribute holds days is not to be had."""
        try:
            whole = text if ":" in text else f"{text} 00:00"
            here = datetime.strptime(whole, "%d.%m.%Y %H:%M").replace(tzinfo=self._zone)
        except ValueError:
            return text  # in no form that is known: as it stands there
        if (here.hour, here.minute) == (0, 0):
            return f"{here:%Y-%m-%d}"
        return f"{here.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def needs_key(template: str) -> EsmRefused:
    """Make the error for a card that the Web API has nothing to find by."""
    return EsmRefused(
        f"ESM's Web API finds a data card of template {template!r} only by a unique attribute: name one as `key` "
        "beside `template` in the task's `card`, or use `api: rest`"
    )


def _folder(entity: Entity, template: Template) -> str:
    """The folder that an import has to name: the card's own, so that it stays there."""
    folder = entity.folder or next(iter(template.folders or ()), "")
    if not folder:
        raise EsmProtocolError(
            f"ESM does not show in which folder data card {entity.card_id} is, and an import must name it: "
            "use `api: rest`"
        )
    return folder


def _holds(values: Sequence[Fitted], texts: Sequence[str], entity: Entity, code: str) -> bool:
    if links_in(values):
        return astray(values, entity.links.get(code, ())) is None
    return same(texts, entity.values.get(code, ()))


def _missing(before: Sequence[str], after: Sight | None, attribute: str, text: str) -> str | None:
    """Say what is wrong with a worklog after an entry was added to it."""
    was = Counter(map(_line, before))
    now = Counter(map(_line, () if after is None else after.entity.values.get(attribute, ())))
    if now[_line(text)] <= was[_line(text)]:
        return "ESM counts the card, and the entry is not there: ESM did not take it, or hides it from this user"
    if was - now:
        return "ESM's import replaced earlier entries instead of adding one: use `api: rest` for this connection"
    return None


def _line(text: str) -> str:
    return " ".join(text.split())
