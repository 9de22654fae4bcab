"""The fourth step, once for each share: bring the differing records into ESM, batch by batch.

After each batch, before the next one, a receipt is staged. A load that died and is tried again reads the receipts and
leaves out what ESM has accepted; of the batch that was in flight nobody knows, so it is sent once more, and since a
card is created only when a look-up by key finds none, that makes no second card.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.store import CardStore, Outcome
from airflow_provider_jira.sync.handover import Costs, Loaded, Share, pack, unpack
from airflow_provider_jira.sync.receipts import Receipt
from airflow_provider_jira.sync.run import Run
from airflow_provider_jira.sync.staging import PlanStaging
from airflow_provider_jira.sync.steps.extract import Difference

BATCH_RECORDS = 200
_NAMED = 20


def load(run: Run, share: dict[str, Any]) -> dict[str, Any]:
    """Write one share.

    :param share: a packed :class:`~airflow_provider_jira.sync.handover.Share`
    :returns: a packed :class:`~airflow_provider_jira.sync.handover.Loaded`
    :raises EsmError: ESM cannot be used; what was accepted before stays accepted
    """
    mine = unpack(share, Share)
    staged = run.staged(mine.plan)
    done = _accepted(staged, mine)
    waiting = [row for row in _rows(staged, mine.chunks) if (row.id, row.digest) not in done]
    counts, costs = asyncio.run(_write(run, staged, mine, waiting))
    loaded = Loaded(counts["created"], counts["updated"], counts["refused"], mine.records - len(waiting), costs)
    run.log.info(
        "%d cards created, %d updated, %d refused%s.",
        loaded.created, loaded.updated, loaded.refused,
        f"; {loaded.skipped} were already in ESM from an earlier try" if loaded.skipped else "",
    )  # fmt: skip
    return pack(loaded)


def _accepted(staged: PlanStaging, share: Share) -> set[tuple[int, bytes | None]]:
    """What earlier tries brought in, of this share or of a review that was made before this one.

    Shares of one review do not overlap, so the receipts of the others are not read.
    """
    others = [
        name
        for name in staged.names("receipts")
        if not name.startswith(f"receipts/{share.review}/") or name.startswith(_folder(share))
    ]
    return {
        (receipt.id, receipt.digest)
        for name in others
        for receipt in staged.read(name, list[Receipt])
        if receipt.status != "refused"
    }


def _folder(share: Share) -> str:
    return f"receipts/{share.review}/{share.index:02}/"


def _rows(staged: PlanStaging, chunks: Sequence[str]) -> Iterator[Difference]:
    for name in chunks:
        yield from staged.read(name, list[Difference])


async def _write(run: Run, staged: PlanStaging, share: Share, rows: list[Difference]) -> tuple[Counter[str], Costs]:
    counts: Counter[str] = Counter()
    async with open_store(run.esm) as store:
        for start in range(0, len(rows), BATCH_RECORDS):
            batch = rows[start : start + BATCH_RECORDS]
            told = await _write_batch(run, store, batch)
            staged.write(f"{_folder(share)}{run.attempt:03}.{start // BATCH_RECORDS:05}", told)
            counts.update(receipt.status for receipt in told)
            for receipt in told:
                if receipt.status == "refused" and counts["refused"] <= _NAMED:
                    run.log.warning("Record %d refused (%s): %s", receipt.id, receipt.code, receipt.message)
        return counts, Costs.of(store=store)


async def _write_batch(run: Run, store: CardStore, batch: list[Difference]) -> list[Receipt]:
    outcomes = await store.write(run.task.target, [row.write for row in batch])
    return [_receipt(row, outcome) for row, outcome in zip(batch, outcomes, strict=True)]


def _receipt(row: Difference, outcome: Outcome) -> Receipt:
    card_id = int(outcome.card_id) if outcome.card_id and outcome.card_id.isdecimal() else 0
    if outcome.status != "refused":
        return Receipt(row.id, row.digest, outcome.status, card_id, row.project_id)
    first = outcome.refusals[0] if outcome.refusals else None
    message = "; ".join(refusal.message for refusal in outcome.refusals)
    code, attribute = (first.code, first.attribute) if first else ("card_refused", None)
    return Receipt(row.id, row.digest, "refused", card_id, row.project_id, code, attribute, message)
