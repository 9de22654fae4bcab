"""Bring fields of an issue to what the card says.

Only what differs is sent, so a repeat does nothing, and an edit that changes nothing does not make Jira tell everybody
that something changed. Where the card remembers what it last received from Jira, three values are compared: what the
card says, what it received, what Jira has now. A card that still says what it received has nothing to say; where both
sides moved on, the definition's rule decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timezone, tzinfo
from typing import Any, Literal

from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.outcome import Done
from airflow_provider_jira.activities.screens import encoded, refusals, repeatable
from airflow_provider_jira.activities.the_issue import done, read_issue
from airflow_provider_jira.model.field_same import holds
from airflow_provider_jira.model.field_values import encode, field_named

Winner = Literal["esm", "jira"]


async def update_issue(
    desk: Desk,
    issue: str,
    *,
    values: Mapping[str, Sequence[str] | Any],
    markdown: Collection[str] = (),
    received: Mapping[str, Sequence[str]] = {},
    conflict: Mapping[str, Winner] = {},
    zone: tzinfo = timezone.utc,
) -> Done:
    """Bring fields of an issue to what is asked for.

    :param issue: id or key
    :param values: field id or display name -> texts, or values in Jira's own form; nothing clears the field
    :param markdown: the fields whose text is Markdown
    :param received: field -> what the asking side last received from Jira, where it knows
    :param conflict: field -> whose value stays where both sides changed it since; the asking side's where left out
    :param zone: in it a date begins, and a time without offset is meant
    :returns: ``id``, ``key``, ``url``; notes name the fields left alone because of a conflict
    :raises Refused: Jira would not take it
    :raises JiraUncertain: the answer was lost; the next try sees what is left to do
    """
    with refusals():
        now = await read_issue(desk, issue, ["*all"])
        screen = await desk.jira.writing.edit_screen(now.id)
        asked = {
            name: value
            for name, value in values.items()
            # in whatever order: the two sides list values each in its own
            if name not in received or sorted(received[name]) != sorted(_texts(value))
        }
        made = encoded(asked, screen, markdown=markdown, zone=zone, operations=True)
        different = {name: value for name, value in made.fields.items() if not holds(value, now.fields.get(name))}
        update = {name: value for name, value in made.update.items() if not holds(None, now.fields.get(name))}
        notes = []
        for name in asked:
            field = field_named(name, screen).id
            if field not in different or name not in received or conflict.get(name, "esm") == "esm":
                continue
            base = encode({name: received[name]}, screen, markdown=markdown, creating=False, zone=zone).fields.get(
                field
            )
            if not holds(base, now.fields.get(field)):
                del different[field]
                notes.append(f"{name}: changed on both sides; Jira's value stays.")
        if not different and not update:
            return done(desk, now, *notes, already=True)
        with repeatable():
            await desk.jira.writing.edit(now.id, different, update=update)
    desk.log.info("Changed %d fields of %s.", len(different) + len(update), now.key)
    return done(desk, now, *notes)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(each) for each in value] if isinstance(value, (list, tuple)) else [str(value)]
