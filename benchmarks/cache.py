"""The task cache alone: how long it takes to write and to read so many records, and how large it is.

The records are what a real task leaves: ids that grow with gaps, digests that look random, card ids that grow, a few
projects, and two runs that had the digests accepted.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

from airflow_provider_jira.sync.cache import TaskCache, task_key
from airflow_provider_jira.sync.shards import DIGEST_BYTES, Known, bounds_for
from benchmarks.child import peak_memory, serve
from benchmarks.state import FolderState

_BEGAN = 1_760_000_000
_HOUR = 3600


def known_records(count: int) -> dict[int, Known]:
    """Make up what is known of so many records."""
    rng = random.Random(7)
    known, id_, card = {}, 10_000, 500_000
    for _ in range(count):
        id_ += rng.randint(1, 3)
        card += rng.randint(1, 2)
        since = _BEGAN + _HOUR * rng.randint(0, 1)
        known[id_] = Known(rng.randbytes(DIGEST_BYTES), card, 10_000 + rng.randint(0, 4), since, since + 60)
    return known


def measure(question: dict[str, Any]) -> dict[str, Any]:
    """Write a cache, change a hundredth of it, and read it.

    :param question: ``records`` and ``folder``
    :returns: ``write``, ``rewrite`` (with a hundredth changed, all over) and ``read`` in seconds, ``texts`` (bytes of
        each) and ``memory`` in bytes
    """
    state = FolderState(Path(question["folder"]))
    cache = TaskCache(state, task_key("acme", "bench"))
    known = known_records(question["records"])
    write = _commit(cache, known, "first")
    for id_ in list(known)[::100]:
        known[id_] = Known(b"\1" * DIGEST_BYTES, known[id_].card_id, known[id_].project_id, _BEGAN, _BEGAN + 60)
    rewrite = _commit(cache, known, "second")
    began = time.perf_counter()
    memory = cache.read()
    read = time.perf_counter() - began
    if memory.known != known or memory.notes:
        raise RuntimeError(f"the cache did not give back what was written: {memory.notes}")
    return {"write": write, "rewrite": rewrite, "read": read, "texts": state.sizes(""), "memory": peak_memory()}


def _commit(cache: TaskCache, known: dict[int, Known], generation: str) -> float:
    base = cache.read()
    began = time.perf_counter()
    flipped = cache.commit(
        base,
        generation=generation,
        known=known,
        ledger={},
        bounds=bounds_for(sorted(known), base.bounds),
        plan=generation,
        as_of="2026-03-02T10:00:00+00:00",
        scope="scope",
        place="place",
        watermark=None,
        still_mine=lambda: True,
    )
    if not flipped:
        raise RuntimeError("the cache was not written")
    return time.perf_counter() - began


if __name__ == "__main__":
    serve(measure)
