"""Writing through REST, which knows neither upsert nor what order its answers are in.

1. Every key is looked up, trashed and hidden cards included: that decides between creating and modifying.
2. Creates and modifies go out together in bulk ``PUT`` requests; only the first card that a store creates goes out
   alone, to see that it can be found by its key.
3. What became of a modify is told by its card id in the answer; what became of a create, by looking its key up again.
4. What the answer leaves in doubt (a card it does not name, counters that say less than its items, errors that belong
   to no item, a refusal of the whole) is sent again in halves, and at last alone, where ESM has to give its reason.
5. Attributes to be cleared are cleared one by one where they hold something, because whether an empty list of values
   clears an attribute is not documented.

An answer that got lost may belong to a request that was carried out: before anything that creates is sent again, its
key is looked up again. Source: the vendor's OpenAPI document (``PUT /dc/{templateCode}/data`` and its schemas).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from airflow_provider_jira.esm.batch import Batch, Job, halves
from airflow_provider_jira.esm.concurrent import each
from airflow_provider_jira.esm.errors import EsmRateLimited, EsmUnavailable
from airflow_provider_jira.esm.http import Http, refuse
from airflow_provider_jira.esm.rest_answers import BulkAnswer, bulk_of
from airflow_provider_jira.esm.rest_locate import RESENDS, Locator
from airflow_provider_jira.esm.rest_read import RestReader, data_path
from airflow_provider_jira.esm.rest_single import REFUSED, SingleWriter, to_clear
from airflow_provider_jira.esm.store import Outcome
from airflow_provider_jira.model.definition import Target


class RestWriter:
    """Writes one batch of cards; made anew for each.

    :param http: the way to REST v1, logged in
    :param reader: looks cards up
    :param target: where the cards live
    :param batch: the cards
    """

    def __init__(self, http: Http, reader: RestReader, target: Target, batch: Batch) -> None:
        self._http = http
        self._reader = reader
        self._target = target
        self._batch = batch
        self._locator = Locator(http, reader, target, batch)
        self._single = SingleWriter(http, reader, target, batch)

    async def write(self) -> tuple[Outcome, ...]:
        """Write; see :meth:`~airflow_provider_jira.esm.store.CardStore.write`."""
        batch, settings = self._batch, self._http.settings
        await self._place(batch.jobs)
        ready = [job for job in batch.jobs if batch.is_open(job)]
        creates = iter([job for job in ready if job.card_id is None])
        while self._target not in self._reader.keyed and (job := next(creates, None)):
            await self._single.write(job)
        waiting = [job for job in ready if batch.is_open(job)]
        parts = [
            waiting[start : start + settings.batch_cards] for start in range(0, len(waiting), settings.batch_cards)
        ]
        await each(self._settle, parts, settings.concurrency)
        dirty = [job for job in ready if batch.is_saved(job) and to_clear(job)]
        await each(self._single.clear, dirty, settings.concurrency)
        return batch.outcomes()

    async def _place(self, jobs: Sequence[Job]) -> None:
        codes = self._batch.to_read(jobs)
        found = await self._reader.find(self._target, [job.key for job in jobs], codes)
        for job in jobs:
            cards = found.get(job.key, ())
            if not cards and job.hint is not None:
                # the look-up may not see what is there: a key that was emptied in ESM, or a trash that lists never show
                hinted = await self._reader.card(self._target, job.hint, codes)
                if hinted is not None and hinted.key in {"", job.key}:
                    cards = (hinted,)
            self._batch.place(job, cards)

    async def _settle(self, jobs: Sequence[Job], resends: int = 0) -> None:
        """Bring every one of the jobs to its outcome."""
        if len(jobs) == 1:
            await self._single.write(jobs[0], resends)
        if len(jobs) < 2:
            return
        answer: BulkAnswer | None = None
        try:
            answer = await self._put(jobs)
        except EsmUnavailable as error:
            if isinstance(error, EsmRateLimited):
                raise
            if resends < RESENDS and any(job.card_id is None for job in jobs):
                await self._settle(await self._locator.look_again(jobs, error, resends), resends + 1)
                return
            if error.status != 500:
                raise
        creates = [job for job in jobs if job.card_id is None]
        for card_id in await self._locator.locate(creates, () if answer is None else answer.cards):
            await self._single.discard(card_id)
        open_ = [job for job in jobs if self._batch.is_open(job)]
        for half in halves(open_ if answer is None else self._judge(open_, answer)):
            await self._settle(half, resends)

    async def _put(self, jobs: Sequence[Job]) -> BulkAnswer | None:
        """Send many; ``None`` = refused as a whole."""
        answer = await self._http.send(
            "PUT",
            data_path(self._target),
            content=msgspec.json.encode([self._single.item(job) for job in jobs]),
            repeatable=all(job.card_id is not None for job in jobs),
        )
        if answer.status_code in REFUSED:
            return None
        if answer.status_code != 200:
            refuse(answer, f"ESM does not take data cards of template {self._target.template!r}")
        return bulk_of(answer)

    def _judge(self, jobs: Sequence[Job], answer: BulkAnswer) -> list[Job]:
        """Settle what a bulk answer tells for certain.

        :returns: the jobs that it leaves in doubt
        """
        fine: list[Job] = []
        faulty: list[Job] = []
        doubtful: list[Job] = []
        for job in jobs:
            told = answer.cards.get(job.card_id or "")
            if told:
                # a complaint about the whole card may have a cause that the answer does not give: it goes alone
                (faulty if all(complaint.attribute for complaint in told) else doubtful).append(job)
            elif told is not None or (job.is_new and job.card_id is not None):
                # a create that is there now is proof of itself, whether the answer names it or not
                fine.append(job)
            else:
                doubtful.append(job)
        if not answer.agrees(len(fine), len(faulty), len(doubtful)):
            fine, doubtful = [], [*fine, *doubtful]
        for job in fine:
            self._single.saved(job)
        for job in faulty:
            self._single.complain(job, answer.cards[job.card_id or ""])
        return doubtful
