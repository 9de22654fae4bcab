"""Say something on an issue, once.

A comment carries its mark as a comment property, written in the same request. Unlike an issue it can be looked for
without a search: reading the issue's comments shows what the database has. So after a lost answer it is enough to
wait until the request cannot be under way any more, and to look.

What was said before is known from the marks on the comments, and from a list of them that the issue carries as a
property: whoever deletes one of these comments in Jira does not get it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from airflow_provider_jira.activities.create_issue import NOT_DONE
from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.marked import property_value
from airflow_provider_jira.activities.once import LEASE, Outbox
from airflow_provider_jira.activities.outcome import Done, NotYet
from airflow_provider_jira.activities.people import known_group
from airflow_provider_jira.activities.screens import refusals
from airflow_provider_jira.activities.the_issue import done, read_issue
from airflow_provider_jira.jira.errors import JiraPermissionError, JiraUncertain
from airflow_provider_jira.jira.records import IssueNow, Visibility
from airflow_provider_jira.model.marks import PROPERTY

SAID = f"{PROPERTY}.comments"
"""Key of the issue property that lists the marks of what was said. Its value: ``{"said": ["…"]}``."""

MOST_LISTED = 2000
"""Marks that the property holds: a value has at most 32,768 characters (Jira reference, 5.7)."""

PATIENCE = LEASE + 90.0
"""Seconds for which a comment may be under way: the lease, the client's time-out of a minute, and a half. No search
index is asked."""


class Remark(msgspec.Struct, frozen=True):
    """One thing to say.

    :param key: what makes it the same thing, whoever says it and however often
    :param body: document in Jira's format
    """

    key: str
    body: dict[str, Any]

    @property
    def mark(self) -> str:
        """What the comment carries."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:12]


async def add_comments(
    desk: Desk,
    issue: str,
    remarks: Sequence[Remark],
    *,
    visibility: Visibility | None = None,
    about: Mapping[str, str] = {},
) -> Done:
    """Say things on an issue, in their order, each once.

    :param issue: id or key
    :param remarks: what to say; what was said before is left out
    :param visibility: who may read it, a group by id or name; ``None``: all who see the issue
    :param about: what the mark says besides: ``connector``, ``task``, ``card``
    :returns: ``id``, ``key``, ``url``, ``comments`` (how many were added), ``commentId`` of the last one
    :raises Refused: Jira does not take one; those before it are there
    :raises NotYet: an answer was lost, and it is looked whether the comment is there
    """
    with refusals():
        now = await read_issue(desk, issue, ["status"], [SAID])
        listed = _listed(now)
        if all(remark.mark in listed for remark in remarks):
            return done(desk, now, already=True, comments="0")
        readers = await _by_id(desk, visibility)
        there = {mark: comment.id for comment in await desk.jira.writing.comments(now.id)
                 if (mark := _mark(comment.properties))}  # fmt: skip
        added = 0
        said: dict[str, int | None] = dict.fromkeys(listed)
        for remark in remarks:
            if remark.mark not in said or remark.mark in there:
                if remark.mark not in there:
                    there[remark.mark] = await _say(desk, now, remark, readers, about)
                    added += 1
                elif remark.mark not in said:
                    _outbox(desk, now, remark).forget()  # an earlier try said it, and was cut off
                said[remark.mark] = there[remark.mark]
        notes = await _list(desk, now, listed, said)
    last = next((str(there[remark.mark]) for remark in reversed(remarks) if remark.mark in there), "")
    return done(desk, now, *notes, already=not added, comments=str(added), commentId=last)


async def _by_id(desk: Desk, visibility: Visibility | None) -> Visibility | None:
    """Name the group of a visibility by its id, which is all that Jira takes there; a role goes by its name, too."""
    if visibility is None or visibility.type != "group":
        return visibility
    return Visibility("group", await known_group(desk, visibility.identifier))


async def _say(
    desk: Desk, now: IssueNow, remark: Remark, visibility: Visibility | None, about: Mapping[str, str]
) -> int:
    outbox = _outbox(desk, now, remark)
    if (sent := outbox.read()) is not None:
        # looked for just before, and not there; but the request may still be under way
        outbox.wait(sent, "the comment", PATIENCE)
    announced = outbox.announce(place=str(now.id))
    outbox.still_mine(announced)
    try:
        made = await desk.jira.writing.comment(
            now.id, remark.body, visibility=visibility, properties={PROPERTY: property_value(remark.mark, about)}
        )
    except NOT_DONE:
        outbox.forget()
        raise
    except JiraUncertain as lost:
        raise NotYet(2.0, "Jira's answer to a comment was lost") from lost
    outbox.forget()  # from here on the comment itself tells
    return made


def _outbox(desk: Desk, now: IssueNow, remark: Remark) -> Outbox:
    # the mark, not the key: an entry of the outbox holds nothing that people wrote
    return Outbox(desk.state, f"comment\n{now.id}\n{remark.mark}", now=desk.now)


async def _list(desk: Desk, now: IssueNow, listed: Iterable[str], said: Mapping[str, int | None]) -> tuple[str, ...]:
    if set(listed) == set(said):
        return ()
    try:
        await desk.jira.writing.set_property(now.id, SAID, {"said": list(said)[-MOST_LISTED:]})
    except JiraPermissionError:
        note = (
            f"The connection's account may not edit {now.key}, so a comment of ours that somebody deletes there would "
            "be said again: give it the permission Edit issues."
        )
        return (note,)
    except JiraUncertain as lost:
        raise NotYet(2.0, "Jira's answer to the list of comments was lost") from lost
    return ()


def _listed(now: IssueNow) -> list[str]:
    value = now.properties.get(SAID)
    said = value.get("said") if isinstance(value, dict) else None
    return [str(mark) for mark in said] if isinstance(said, list) else []


def _mark(properties: Mapping[str, Any]) -> str | None:
    value = properties.get(PROPERTY)
    mark = value.get("mark") if isinstance(value, dict) else None
    return mark if isinstance(mark, str) else None
