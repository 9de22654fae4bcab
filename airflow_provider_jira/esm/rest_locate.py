"""Finding out, after a create, which card it made.

REST does not promise that a bulk answer's items are in the request's order, so a create is matched to its card by
looking its key up. A card that the look-up does not show yet is read by the id that the answer gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from airflow_provider_jira.esm.batch import Batch, Job
from airflow_provider_jira.esm.errors import EsmUnavailable
from airflow_provider_jira.esm.http import Http
from airflow_provider_jira.esm.rest_read import RestReader
from airflow_provider_jira.esm.retry import pause
from airflow_provider_jira.model.definition import Target

RESENDS = 3
"""How often what may have been carried out is sent again, after looking."""


class Locator:
    """Matches creates to cards.

    :param http: the way to REST v1, logged in
    :param reader: looks cards up
    :param target: where the cards live
    :param batch: whose jobs they are
    """

    def __init__(self, http: Http, reader: RestReader, target: Target, batch: Batch) -> None:
        self._http = http
        self._reader = reader
        self._target = target
        self._batch = batch

    async def locate(self, creates: Sequence[Job], answered: Iterable[str]) -> list[str]:
        """Give each create the id of its card, where there is one.

        :param answered: card ids in the answer
        :returns: ids of new cards that have no key: whatever made them, nobody will ever find them by it
        """
        if not creates:
            return []
        found = await self._reader.find(self._target, [job.key for job in creates], ())
        missing = {}
        for job in creates:
            cards = found.get(job.key, ())
            if self._batch.place(job, cards, is_new=True) and not cards:
                missing[job.key] = job
        if not missing:
            return []
        taken = {job.card_id for job in self._batch.jobs}
        keyless = []
        for card_id in answered:
            card = None if card_id in taken else await self._reader.card(self._target, card_id, ())
            if card is not None and card.key in missing:
                self._batch.place(missing[card.key], [card], is_new=True)
            elif card is not None and not card.key:
                keyless.append(card_id)
        return keyless

    async def look_again(self, jobs: Sequence[Job], error: EsmUnavailable, resends: int) -> list[Job]:
        """Wait (ESM may still be at it), then find out which creates were carried out after all.

        :param error: why the answer is missing
        :param resends: how often that has happened
        :returns: the jobs that are to be sent again
        """
        await self._http.wait(pause(error, resends + 1))
        self._http.traffic.retries += 1
        await self.locate([job for job in jobs if job.card_id is None], ())
        return [job for job in jobs if self._batch.is_open(job)]
