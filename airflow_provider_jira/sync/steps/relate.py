"""Between the two waves of a load: find the cards that point at cards of the first wave.

Accounts point at entitlements, so all accounts wait for the second wave. Issues that point at other issues of the same
task (a parent) are written in the first wave without what is not there yet; those of them that lacked a card are gone
through once more, when all cards of the run exist.
"""

from __future__ import annotations

from typing import Any

import msgspec

from airflow_provider_jira.sync.handover import Planned, Related, Reviewed, pack, unpack
from airflow_provider_jira.sync.receipts import Receipt
from airflow_provider_jira.sync.run import Run


def relate(run: Run, planned: dict[str, Any], reviewed: dict[str, Any]) -> dict[str, Any]:
    """Cut the second wave into shares.

    :param planned: what plan returned
    :param reviewed: what review returned
    :returns: a packed :class:`~airflow_provider_jira.sync.handover.Related`
    """
    plan, sums = unpack(planned, Planned), unpack(reviewed, Reviewed)
    if len(run.parts) > 1:
        return pack(Related(sums.second))
    staged = run.staged(plan.plan)
    shares = []
    for share in sums.shares:
        told = [
            receipt
            for name in staged.names(f"receipts/{sums.review}/{share.wave}.{share.index:02}")
            for receipt in staged.read(name, list[Receipt])
        ]
        if count := sum(receipt.waits for receipt in {receipt.id: receipt for receipt in told}.values()):
            shares.append(msgspec.structs.replace(share, wave=2, records=count, waiting_only=True))
    return pack(Related(tuple(shares)))
