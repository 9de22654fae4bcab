"""Writing one card alone through REST, where ESM has to say what is wrong with it.

A create whose key ESM did not take leaves a card that no look-up will ever find: the next run would make another. Such
a card is moved to the trash again, and when it keeps happening, nothing more is created. Source: the vendor's OpenAPI
document (``POST /dc/{templateCode}/data``, ``PATCH`` and ``DELETE`` of one card and of one attribute).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from airflow_provider_jira.esm.batch import Batch, Job, Strikes
from airflow_provider_jira.esm.cards import Refusal
from airflow_provider_jira.esm.errors import EsmPermissionError, EsmRateLimited, EsmUnavailable
from airflow_provider_jira.esm.http import Http, refuse
from airflow_provider_jira.esm.redact import redact
from airflow_provider_jira.esm.rest_answers import Complaint, reasons_of, single_of
from airflow_provider_jira.esm.rest_locate import RESENDS, Locator
from airflow_provider_jira.esm.rest_read import RestReader, data_path
from airflow_provider_jira.esm.rest_values import elements
from airflow_provider_jira.model.definition import Target

REFUSED = frozenset({400, 403, 404, 409, 413, 422, 423})
"""Statuses that say no to what was sent, and not to this client as such."""


class SingleWriter:
    """Writes cards one at a time.

    :param http: the way to REST v1, logged in
    :param reader: looks cards up
    :param target: where the cards live
    :param batch: whose jobs they are
    """

    def __init__(self, http: Http, reader: RestReader, target: Target, batch: Batch) -> None:
        self.strikes = Strikes()
        self._http = http
        self._reader = reader
        self._target = target
        self._batch = batch
        self._locator = Locator(http, reader, target, batch)

    async def write(self, job: Job, resends: int = 0) -> None:
        """Bring a job to its outcome."""
        creating = job.card_id is None
        path = data_path(self._target) if creating else self._card_path(job)
        try:
            answer = await self._http.send(
                "POST" if creating else "PATCH",
                path,
                content=msgspec.json.encode(self.item(job)),
                repeatable=not creating,
            )
        except EsmUnavailable as error:
            if isinstance(error, EsmRateLimited):
                raise
            if creating and resends < RESENDS:
                for again in await self._locator.look_again([job], error, resends):
                    await self.write(again, resends + 1)
                return
            if error.status != 500:
                raise
            self.strikes.failed(error)
            self._batch.refuse(job, Refusal("card_refused", None, "ESM fails on this card, again and again (HTTP 500)"))
            return
        if answer.status_code == 404 and not creating and resends < RESENDS:
            await self._vanished(job, resends)
        elif answer.status_code in {200, 201}:
            await (self._created if creating else self._modified)(job, answer)
        else:
            self._refused(job, answer)

    def item(self, job: Job) -> dict[str, Any]:
        """Write a card as REST wants it."""
        # a modify carries no folder: that would move a card which somebody has put elsewhere
        data = {code: {"values": elements(values)} for code, values in job.values.items() if values}
        if job.card_id is None:
            return {"folderCode": self._target.folder, "data": data}
        return {"dataCardId": job.card_id, "data": data}

    def complain(self, job: Job, complaints: Sequence[Complaint]) -> None:
        """Refuse a job with what ESM said."""
        refusals = [
            Refusal(
                "attribute_refused" if complaint.attribute else "card_refused",
                complaint.attribute,
                redact(complaint.message, job.card),
            )
            for complaint in dict.fromkeys(complaints)
        ]
        self._batch.refuse(job, *refusals)

    def saved(self, job: Job) -> None:
        """Note that ESM holds what was asked for."""
        self.strikes.saved()
        self._batch.saved(job)

    async def clear(self, job: Job) -> None:
        """Clear the attributes that shall be empty and are not."""
        refusals: list[Refusal] = []
        for code in to_clear(job):
            answer = await self._http.send("DELETE", f"{self._card_path(job)}/{quote(code, safe='')}")
            if answer.status_code == 200 or await self._reader.is_empty(self._target, job.card_id or "", code):
                continue
            told = "; ".join(redact(complaint.message, job.card) for complaint in reasons_of(answer))
            refusals.append(Refusal("attribute_refused", code, f"attribute {code!r} could not be cleared: {told}"))
        if refusals:
            self._batch.refuse(job, *refusals)

    async def discard(self, card_id: str) -> None:
        """Move a card that was created without its key to the trash."""
        await self._http.send("DELETE", f"{data_path(self._target)}/{quote(card_id, safe='')}")

    def _card_path(self, job: Job) -> str:
        return f"{data_path(self._target)}/{quote(job.card_id or '', safe='')}"

    async def _vanished(self, job: Job, resends: int) -> None:
        """ESM does not know the id any more: whether there is a card is for the key to say."""
        job.card_id, job.hint, job.previous_owner = None, None, None
        found = await self._reader.find(self._target, [job.key], self._batch.to_read([job]))
        if self._batch.place(job, found.get(job.key, ())):
            job.is_new = job.card_id is None
            await self.write(job, resends + 1)

    async def _created(self, job: Job, answer: httpx.Response) -> None:
        told = single_of(answer)
        if told.card_id is not None and any(complaint.attribute == self._target.key for complaint in told.errors):
            await self._keyless(job, told.card_id, told.errors)
            return
        if told.card_id is None or self._target not in self._reader.keyed:
            keyless = await self._locator.locate([job], [] if told.card_id is None else [told.card_id])
            if keyless:
                await self._keyless(job, keyless[0], told.errors)
                return
            if job.card_id is not None:
                self._reader.keyed.add(self._target)
        job.card_id = job.card_id or told.card_id
        if self._batch.is_open(job):
            self._conclude(job, told.errors, saved=told.saved)

    async def _modified(self, job: Job, answer: httpx.Response) -> None:
        told = single_of(answer)
        self._conclude(job, told.errors, saved=told.saved)

    def _conclude(self, job: Job, errors: Sequence[Complaint], *, saved: bool | None) -> None:
        if errors:
            self.complain(job, errors)
        elif job.card_id is None or saved is False:
            self._batch.refuse(job, Refusal("card_refused", None, "ESM says success, and that it saved nothing"))
        else:
            self.saved(job)

    async def _keyless(self, job: Job, card_id: str, errors: Sequence[Complaint]) -> None:
        await self.discard(card_id)
        key = self._target.key
        why = "; ".join(redact(complaint.message, job.card) for complaint in errors) or "no reason given"
        sentence = f"ESM did not take the key attribute {key!r} ({why}); data card {card_id} was put into the trash"
        self._batch.refuse(job, Refusal("attribute_refused", key, sentence))
        self.strikes.failed(
            EsmPermissionError(
                f"ESM creates data cards of template {self._target.template!r} without their key attribute {key!r}: "
                "give the ESM user's role permission to read and write it",
                method="POST",
                path=data_path(self._target),
            )
        )

    def _refused(self, job: Job, answer: httpx.Response) -> None:
        if answer.status_code == 403:
            self.strikes.failed(
                EsmPermissionError(
                    "ESM does not let this user write data cards: give its role permission to the template and folder",
                    method=answer.request.method,
                    path=answer.request.url.path,
                    status=answer.status_code,
                )
            )
        elif answer.status_code not in REFUSED:
            refuse(answer, f"ESM does not take data cards of template {self._target.template!r}")
        self.complain(job, reasons_of(answer))


def to_clear(job: Job) -> list[str]:
    """The attributes that shall be empty and were not when the card was looked up."""
    return [code for code, values in job.values.items() if not values and job.before.get(code)]
