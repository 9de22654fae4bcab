"""Writing through the Web API, which upserts by a unique attribute and then only counts.

1. Every key is looked up, trashed and hidden cards included. Cards that are there and cards that are not go out in
   separate imports, each with the one flag that it needs: ESM itself then creates nothing that the look-up found, and
   changes nothing that it did not.
2. After each import the keys are looked up again. That is how ids become known, and it shows attributes that ESM did
   not take: the import's report names neither cards nor attributes.
3. Where the counters say less than was sent, or ESM answers with an error, the cards that show what was written are
   done (ESM may not count a card that did not change), and the others are sent again in halves, at last alone.

A reference is imported by the unique value of the card pointed at. ESM may find another card by it, create one, or
leave the reference out, and count the card as saved all the same: only a card that shows the ids meant is done.

An answer that got lost may belong to an import that was carried out: before anything that creates is sent again, its
keys are looked up again. Source: the vendor's "Web API description" page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from airflow_provider_jira.esm.batch import Batch, Job, Strikes, halves
from airflow_provider_jira.esm.cards import Refusal
from airflow_provider_jira.esm.concurrent import each
from airflow_provider_jira.esm.errors import EsmRateLimited, EsmUnavailable
from airflow_provider_jira.esm.http import Http
from airflow_provider_jira.esm.redact import redact
from airflow_provider_jira.esm.retry import pause
from airflow_provider_jira.esm.store import CardWrite, FoundCard, Outcome, Template
from airflow_provider_jira.esm.xml_documents import Report
from airflow_provider_jira.esm.xml_import import UNCOUNTED, complaints, import_cards
from airflow_provider_jira.esm.xml_links import astray, links_in, unwritable
from airflow_provider_jira.esm.xml_read import XmlReader
from airflow_provider_jira.esm.xml_values import carries, same, text_of
from airflow_provider_jira.model.definition import Target

_RESENDS = 3


class XmlWriter:
    """Writes one batch of cards; made anew for each.

    :param http: the way to the Web API
    :param reader: looks cards up
    :param target: where the cards live
    :param template: the template's metadata, ``None`` where it cannot be read
    """

    def __init__(self, http: Http, reader: XmlReader, target: Target, template: Template | None) -> None:
        self._http = http
        self._reader = reader
        self._target = target
        self._template = template
        self._zone = ZoneInfo(http.settings.timezone)
        self._strikes = Strikes()
        self._batch: Batch

    async def write(self, writes: Sequence[CardWrite], *, create: bool) -> tuple[Outcome, ...]:
        """Write; see :meth:`~airflow_provider_jira.esm.store.CardStore.write`."""
        batch = self._batch = Batch(writes, self._template, self._target.task_id_attribute, create=create)
        for job in batch.jobs:
            if not carries(job.key):
                batch.refuse(
                    job, Refusal("card_refused", None, "the card's key holds a character that XML cannot carry")
                )
            elif refusals := unwritable(job.values):
                batch.refuse(job, *refusals)
        ready = [job for job in batch.jobs if batch.is_open(job)]
        found = await self._shown(ready)
        ready = [job for job in ready if batch.place(job, found.get(job.key, ()))]
        size, at_once = self._http.settings.batch_cards, self._http.settings.concurrency
        parts = [
            some[start : start + size]
            for some in ([job for job in ready if job.is_new], [job for job in ready if not job.is_new])
            for start in range(0, len(some), size)
        ]
        await each(self._settle, parts, at_once)
        return batch.outcomes()

    async def _shown(self, jobs: Sequence[Job]) -> Mapping[str, tuple[FoundCard, ...]]:
        codes = sorted({code for job in jobs for code in job.values})
        return await self._reader.find(self._target, [job.key for job in jobs], codes)

    async def _settle(self, jobs: Sequence[Job], resends: int = 0) -> None:
        """Bring every one of the jobs, all to be created or all to be changed, to its outcome."""
        if not jobs:
            return
        creating = jobs[0].card_id is None
        try:
            report = await self._import(jobs, creating=creating)
        except EsmUnavailable as error:
            if isinstance(error, EsmRateLimited):
                raise
            if creating and resends < _RESENDS:
                await self._settle_again(jobs, error, resends)
                return
            if error.status != 500:
                raise
            if len(jobs) == 1:
                self._strikes.failed(error)
            report = Report(0, "ESM fails on this card, again and again (HTTP 500)")
        await self._judge(jobs, report, creating=creating, resends=resends)

    async def _settle_again(self, jobs: Sequence[Job], error: EsmUnavailable, resends: int) -> None:
        """Wait (ESM may still be at it), then find out which creates were carried out after all."""
        await self._http.wait(pause(error, resends + 1))
        self._http.traffic.retries += 1
        shown = await self._shown(jobs)
        for job in jobs:
            self._batch.place(job, shown.get(job.key, ()), is_new=True)
        open_ = [job for job in jobs if self._batch.is_open(job)]
        await self._settle([job for job in open_ if job.card_id is None], resends + 1)
        await self._settle([job for job in open_ if job.card_id is not None], resends + 1)

    async def _import(self, jobs: Sequence[Job], *, creating: bool) -> Report:
        flags = {"createDataCards": "true"} if creating else {"updateDataCards": "true", "removeEmptyValues": "true"}
        entities = [{code: texts for code, texts in self._texts(job).items() if texts or not creating} for job in jobs]
        target = self._target
        return await import_cards(self._http, target.template, target.folder, entities, flags, repeatable=not creating)

    async def _judge(self, jobs: Sequence[Job], report: Report, *, creating: bool, resends: int) -> None:
        shown = await self._shown(jobs)
        is_trusted = not report.error and report.counted == len(jobs)
        absent: list[Job] = []
        doubtful: list[Job] = []
        for job in jobs:
            cards = shown.get(job.key, ())
            live = [card for card in cards if not card.deleted]
            if not cards:
                absent.append(job)
            elif len(live) == 1 and (is_trusted or self._shows(job, live[0])):
                job.card_id = live[0].card_id
                self._finish(job, live[0])
            elif self._batch.place(job, cards, is_new=job.is_new):
                doubtful.append(job)
        if len(jobs) == 1 and (absent or not creating):
            await self._settle_last(jobs[0], report, is_absent=bool(absent), resends=resends)
            return
        for half in (*halves(absent), *halves(doubtful)):
            await self._settle(half, resends)

    async def _settle_last(self, job: Job, report: Report, *, is_absent: bool, resends: int) -> None:
        """Settle a card that went out alone, if it is still open."""
        if not self._batch.is_open(job):
            return
        if is_absent and job.card_id is not None and not report.error and resends < _RESENDS:
            # it was there when looked up, and is gone: whether to create it is for the batch to say
            job.card_id, job.is_new = None, True
            if self._batch.place(job, ()):
                await self._settle([job], resends + 1)
            return
        self._batch.refuse(
            job, Refusal("card_refused", None, redact(report.error, job.card) if report.error else UNCOUNTED)
        )

    def _finish(self, job: Job, card: FoundCard) -> None:
        """Settle a card that ESM has saved, by what it shows of it."""
        refusals = complaints(job.values, card.values, card.links, is_new=job.is_new)
        if refusals:
            self._batch.refuse(job, *refusals)
            return
        self._strikes.saved()
        self._batch.saved(job)

    def _shows(self, job: Job, card: FoundCard) -> bool:
        """Whether ESM shows everything that the card shall say."""
        return all(
            astray(job.values[code], card.links.get(code, ())) is None
            if links_in(job.values[code])
            else same(texts, card.values.get(code, ()))
            for code, texts in self._texts(job).items()
        )

    def _texts(self, job: Job) -> dict[str, list[str]]:
        texts = {code: [text_of(value, self._zone) for value in values] for code, values in job.values.items()}
        return {code: [text for text in some if text] for code, some in texts.items()}
