"""What was measured, as the README's tables. Pure.

Times are those of one machine and one day. What can be compared is what was measured together, so the sentences below
the tables are about ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from benchmarks.scenarios import Measured, Sizes

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
_MEGABYTE = 1_000_000
_APIS = {"rest": "REST", "webapi": "XML"}


class NoPlace(ValueError):
    """The text has no place for the tables."""


def tables(sizes: Sizes, runs: Sequence[Measured], caches: Sequence[dict[str, Any]], machine: str) -> str:
    """Write everything as Markdown.

    :param caches: as :func:`~benchmarks.scenarios.cache` measured them
    :param machine: what kind of machine it was, ``2 cores, Python 3.12``
    """
    parts = []
    if runs:
        parts += [run_table(sizes, runs), *ratios(runs)]
    if caches:
        parts.append(cache_table(caches))
    start = max((run.start_memory for run in runs), default=0) / _MEGABYTE
    told = f", of which {start:.0f} MB are there before a run begins" if runs else ""
    parts.append(
        f"Measured by `make bench` ({machine}): the engine without Airflow, in a process of its own, one step after "
        f"the other; Jira and ESM are the sandbox's, on the same machine. Read and written are records and cards, "
        f"waited is the part of the time that went by because of limits, memory is the process's peak{told}."
    )
    return "\n\n".join(parts)


def run_table(sizes: Sizes, runs: Sequence[Measured]) -> str:
    """Write one line for each run."""
    what = {
        "people": f"{sizes.people:,} people, {sizes.groups:,} groups, {sizes.memberships:,} memberships",
        "issues": f"{sizes.issues:,} issues",
    }
    rows = [
        "| | Read / written | Took | Waited | Requests to Jira / ESM | Memory | Cache (largest text) | Staging |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (scenario, api), some in groupby(runs, key=lambda run: (run.scenario, run.api)):
        rows.append(f"| **{what[scenario]}**, {_APIS[api]} | | | | | | | |")
        rows += [_row(run) for run in some]
    return "\n".join(rows)


def _row(run: Measured) -> str:
    cells = (
        run.name,
        f"{run.read:,} / {run.written:,}",
        f"{run.took:.1f} s",
        f"{run.waited:.1f} s",
        f"{run.jira:,} / {run.esm:,}",
        f"{run.memory / _MEGABYTE:.0f} MB",
        f"{sum(run.cache) / _MEGABYTE:.2f} MB ({max(run.cache, default=0) / 1000:.0f} kB)",
        f"{run.staging / _MEGABYTE:.1f} MB",
    )
    return f"| {' | '.join(cells)} |"


def ratios(runs: Sequence[Measured]) -> list[str]:
    """Compare each run with the first of its kind."""
    told = []
    for (scenario, api), some in groupby(runs, key=lambda run: (run.scenario, run.api)):
        first, *later = some
        if first.took and later:
            shares = ", ".join(f"{run.name} {100 * run.took / first.took:.0f} %" for run in later)
            told.append(f"{scenario}, {_APIS[api]}: {shares}")
    return [f"Time compared with the first run: {'; '.join(told)}."] if told else []


def cache_table(caches: Sequence[dict[str, Any]]) -> str:
    """Write one line for each size of the cache."""
    rows = [
        "| Cache alone | Read | Written | Written again, 1 % changed all over | Size (largest of its texts) | Memory |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in caches:
        texts = one["texts"]
        rows.append(
            f"| {one['records']:,} records | {one['read']:.2f} s | {one['write']:.2f} s | {one['rewrite']:.2f} s "
            f"| {sum(texts) / _MEGABYTE:.1f} MB in {len(texts)} ({max(texts) / 1000:.0f} kB) "
            f"| {one['memory'] / _MEGABYTE:.0f} MB |"
        )
    return "\n".join(rows)


def steps(run: Measured) -> str:
    """Say in one line how long each step took."""
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.seconds.items())


def put_in(text: str, tables_: str) -> str:
    """Put the tables into a text, in the place of those that are there.

    :param text: with the two marks, one after the other
    :raises NoPlace: it has no such marks
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlace(f"there is no {BEGIN} with {END} after it")
    return f"{before}{BEGIN}\n{tables_}\n{END}{after}"
