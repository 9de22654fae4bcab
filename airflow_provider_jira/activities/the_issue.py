"""The issue that an event is about, as it is now."""

from __future__ import annotations

import re
from collections.abc import Sequence

from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.outcome import Done, Refused
from airflow_provider_jira.jira.records import IssueNow

_NAMES_ISSUE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}-[0-9]{1,18}|[0-9]{1,18}")


async def read_issue(desk: Desk, issue: str, fields: Sequence[str], properties: Sequence[str] = ()) -> IssueNow:
    """Read an issue from the database, not from the search index.

    :param issue: id or key; a key from before a move is good
    :param fields: ids of the fields to read
    :param properties: keys of the issue properties to read
    :raises Refused: there is none, or the connection's account may not see it
    """
    if not issue.strip():
        raise Refused("issue_missing", "The card names no issue: the attribute that `issue` points at is empty.")
    if not _NAMES_ISSUE.fullmatch(issue.strip()):
        # not repeated: it is a value of the card, and whatever it is ends in logs
        raise Refused(
            "issue_missing",
            "What the card names as its issue is neither a key such as SUP-1 nor an id: correct the card, or the "
            "source of `issue`.",
        )
    found = await desk.jira.writing.read(issue.strip(), fields, properties)
    if found is None:
        raise Refused(
            "issue_gone",
            f"Jira has no issue {issue.strip()}, or does not show it to the connection's account: correct the card, or "
            "give the account the permission Browse projects.",
        )
    return found


def done(desk: Desk, issue: IssueNow, *notes: str, already: bool = False, **values: str) -> Done:
    """Say what became of an issue.

    :param values: what can be written back besides ``id``, ``key``, ``url``
    """
    known = {"id": str(issue.id), "key": issue.key, "url": desk.url(issue.key)}
    return Done(known | values, notes, already)
