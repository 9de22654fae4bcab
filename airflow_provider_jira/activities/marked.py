"""Looking for an issue by its mark, after a create whose answer nobody has.

Two ways, because neither is enough. The search index finds a tag (a label,
or a text field) wherever the issue has gone since, but may be
minutes late (Jira reference, 1.3). Reading the issue numbers after the highest one that the project had before the
request sees what the database has, at once, but only what the account may see and what is still there. Only where the
index has had its time and every number since is accounted for is it proved that there is no such issue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.once import Sent
from airflow_provider_jira.activities.outcome import Unknown
from airflow_provider_jira.jira.records import IssueNow
from airflow_provider_jira.model.marks import PROPERTY

BLOCK = 100
"""Issue numbers that are read at once: what bulk fetch takes."""

FURTHEST = 50 * BLOCK
"""How many numbers are read at most; more new issues than that in minutes means that something is wrong."""

_MOST_TAGGED = 100


def property_value(mark: str, about: Mapping[str, str]) -> dict[str, Any]:
    """Make the value of the property that goes with an issue or a comment.

    :param mark: of the outbox entry
    :param about: ids for people who come across it: ``connector``, ``task``, ``card``
    """
    return {**about, "mark": mark}


def carries(properties: Mapping[str, Any], mark: str) -> bool:
    """Tell whether something was written under a mark.

    :param properties: of an issue or a comment
    :param mark: of the outbox entry
    """
    value = properties.get(PROPERTY)
    return isinstance(value, dict) and value.get("mark") == mark


class Tag(msgspec.Struct, frozen=True):
    """What an issue is given so that a search finds it. Anybody can give it to another issue, so it proves nothing.

    :param field: id or display name of the field: ``labels``, or a text field that nothing else writes
    :param text: a word without spaces
    """

    field: str
    text: str

    def jql(self) -> str:
        """Ask for the issues that carry it."""
        if self.field == "labels":
            return f'labels = "{self.text}" ORDER BY created DESC'
        number = self.field.removeprefix("customfield_")
        name = f"cf[{number}]" if number.isdigit() else '"' + re.sub(r'(["\\\\])', r"\\\1", self.field) + '"'
        return f'{name} ~ "\\"{self.text}\\"" ORDER BY created DESC'


async def tagged(desk: Desk, mark: str, tag: Tag | None) -> IssueNow | None:
    """Search the index for the issue of a mark.

    :param mark: of the outbox entry
    :param tag: what it was given, ``None`` where it has none
    :raises Unknown: several issues carry the mark
    """
    if tag is None:
        return None
    found = await desk.jira.writing.search(tag.jql(), ["summary"], [PROPERTY], most=_MOST_TAGGED)
    # the index may lag behind, or have what is gone: what counts is the issue itself
    ids = [issue.id for issue in found]
    now = await desk.jira.writing.read_many(ids, ["labels"], [PROPERTY]) if ids else ()
    mine = [issue for issue in now if carries(issue.properties, mark)]
    if len(mine) > 1:
        keys = ", ".join(issue.key for issue in mine)
        raise Unknown(f"Several issues carry the mark of this event: {keys}. Delete all but one of them.")
    return mine[0] if mine else None


async def numbered(desk: Desk, sent: Sent) -> tuple[IssueNow | None, int]:
    """Read the issues that the project got since the request was announced.

    A hundred numbers without an issue are the end only where the search knows of none behind them: so many may have
    been deleted or hidden at once.

    :param sent: the outbox entry
    :returns: the issue with the mark, or ``None``; and how many numbers are not accounted for: no issue to be seen,
        although a higher one is, or one that has another project's key now
    :raises Unknown: the project got more issues than can be looked at
    """
    seen = elsewhere = 0
    top = start = sent.above
    while True:
        keys = [f"{sent.place}-{number}" for number in range(start + 1, start + BLOCK + 1)]
        block = await desk.jira.writing.read_many(keys, ["labels"], [PROPERTY])
        for issue in block:
            if carries(issue.properties, sent.mark):
                return issue, 0
        numbers = [number for issue in block if (number := _number(issue.key, sent.place)) is not None]
        seen += len(numbers)
        elsewhere += len(block) - len(numbers)
        top = max([top, *numbers])
        if not block and start + BLOCK >= await desk.jira.writing.newest_number(sent.place):
            # which number an issue had that was moved away nobody says, so it accounts for none
            return None, top - sent.above - seen + elsewhere
        start += BLOCK
        if start - sent.above > FURTHEST:
            raise Unknown(
                f"Project {sent.place} got more than {FURTHEST} issues since this event was about to create one, "
                f"too many to look for it. Look for issues whose property {PROPERTY!r} has the mark {sent.mark!r}."
            )


async def find_issue(desk: Desk, sent: Sent, tag: Tag | None) -> tuple[IssueNow | None, int]:
    """Look for the issue of a mark in both ways.

    :returns: as :func:`numbered`
    """
    found, gaps = await numbered(desk, sent)
    return (found, 0) if found else (await tagged(desk, sent.mark, tag), gaps)


def _number(key: str, project: str) -> int | None:
    head, _, tail = key.rpartition("-")
    return int(tail) if head == project and tail.isdigit() else None
