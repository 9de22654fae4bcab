"""Bring an issue to a status, over the hops that the definition names and no others.

A status changes only through a transition, and which ones there are depends on the status the issue is in (Jira
reference, 5.3). The transition is found by the status it leads to: its name and id say nothing. Which hops lie between
is the definition's to say (``via``), because trying one means that people's issues wander about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.outcome import Done, Refused
from airflow_provider_jira.activities.screens import encoded, refusals, repeatable
from airflow_provider_jira.activities.the_issue import done, read_issue
from airflow_provider_jira.activities.update_issue import Winner
from airflow_provider_jira.jira.records import IssueNow, Transition

_FIELDS = ("status", "resolution")


async def transition_issue(
    desk: Desk,
    issue: str,
    *,
    to: str,
    via: Sequence[str] = (),
    resolution: str | None = None,
    received: str | None = None,
    conflict: Winner = "esm",
) -> Done:
    """Bring an issue to a status.

    :param issue: id or key
    :param to: name or id of the status
    :param via: names or ids of the statuses between, in order; those that are not needed are passed over
    :param resolution: name or id of the resolution to set
    :param received: name of the status that the asking side last received from Jira, where it knows
    :param conflict: whose status stays where both sides changed it since
    :returns: ``id``, ``key``, ``url``, ``status``
    :raises Refused: no way leads there, or a screen or a permission lacks what is needed
    :raises JiraUncertain: an answer was lost; the next try sees what is left to do
    :raises JiraRefused: somebody else moves the issue at this moment; the next try sees where it is
    """
    hops = [*via, to]
    moved = False
    with refusals():
        now = await read_issue(desk, issue, _FIELDS)
        if received is not None and (note := _stays(now, to, received, conflict)):
            return done(desk, now, note, already=True, status=_name(now))
        while not _is(now.fields.get("status"), to):
            left = hops[_passed(now, hops) :]
            transition = await _next(desk, now, left, wanted=resolution is not None)
            last = _leads_to(transition, to)
            late = await _set_later(desk, now, transition) if last and resolution is not None else False
            given = {"resolution": resolution} if last and resolution is not None and not late else {}
            await _go(desk, now, transition, given)
            moved = True
            hops = left[_at(transition, left) :]
            before, now = now, await read_issue(desk, str(now.id), _FIELDS)
            if not any(_is(now.fields.get("status"), hop) for hop in hops):
                raise Refused(
                    "no_transition",
                    f"Transition {transition.name!r} of {now.key} led from {_name(before)!r} to {_name(now)!r}, not to "
                    f"{transition.to_name!r} as Jira had said: look at the workflow's rules.",
                )
        notes = await _resolve(desk, now, resolution)
    return done(desk, now, *notes, already=not moved and not notes, status=_name(now))


def _stays(now: IssueNow, to: str, received: str, conflict: Winner) -> str | None:
    """Say why the issue stays where it is although another status is asked for."""
    if to.casefold() == received.casefold():
        return "The card says what it received from Jira: nothing to move."
    status = now.fields.get("status")
    if conflict == "jira" and not _is(status, received) and not _is(status, to):
        return "The status changed on both sides; Jira's stays."
    return None


async def _next(desk: Desk, now: IssueNow, left: Sequence[str], *, wanted: bool) -> Transition:
    """Choose the transition that leads furthest along the hops."""
    offered = await desk.jira.writing.transitions(now.id)
    for hop in reversed(left):
        # of several that lead there, one whose screen can take the resolution
        leading = sorted(
            (each for each in offered if _leads_to(each, hop)),
            key=lambda each: not (wanted and any(field.id == "resolution" for field in each.fields)),
        )
        if leading:
            return leading[0]
    names = ", ".join(dict.fromkeys(each.to_name for each in offered))
    if not offered:
        allowed = await desk.jira.writing.permitted(["TRANSITION_ISSUES"], issue=now.id)
        if not allowed.get("TRANSITION_ISSUES", False):
            raise Refused(
                "no_permission",
                f"The connection's account may not move {now.key}: give it the permission Transition issues in the "
                "project.",
            )
    raise Refused(
        "no_transition",
        f"No transition leads {now.key} from {_name(now)!r} to {' or '.join(map(repr, left))}"
        + (
            f"; from there Jira offers: {names}. Name the statuses between in `via`."
            if names
            else "; Jira offers none."
        ),
    )


async def _set_later(desk: Desk, now: IssueNow, transition: Transition) -> bool:
    """Tell whether the resolution has to be set by an edit after the transition, because its screen has none."""
    if any(field.id == "resolution" for field in transition.fields):
        return False
    if any(field.id == "resolution" for field in await desk.jira.writing.edit_screen(now.id)):
        return True
    raise Refused(
        "no_screen",
        f"The resolution cannot be set: transition {transition.name!r} of {now.key} has no field Resolution on its "
        "screen, and neither has the screen for editing. Add it to the transition's screen, or take `resolution` out "
        "of the definition where the workflow sets one by itself.",
    )


async def _go(desk: Desk, now: IssueNow, transition: Transition, given: dict[str, str]) -> None:
    fields = encoded({name: (value,) for name, value in given.items()}, transition.fields).fields
    asked = [
        field for field in transition.fields if field.required and not field.has_default and field.id not in fields
    ]
    # what the issue has already, it keeps
    there = (await read_issue(desk, str(now.id), [field.id for field in asked])).fields if asked else {}
    if lacking := [field.name for field in asked if not there.get(field.id)]:
        raise Refused(
            "field_wrong",
            f"Transition {transition.name!r} of {now.key} asks for {', '.join(lacking)}, which this task does not "
            "give: make the field optional on the transition's screen.",
        )
    with repeatable():
        await desk.jira.writing.transition(now.id, transition.id, fields=fields)
    desk.log.info("Moved %s to %s.", now.key, transition.to_name)


async def _resolve(desk: Desk, now: IssueNow, resolution: str | None) -> tuple[str, ...]:
    """Set the resolution where the status is right and it is not yet."""
    if resolution is None or _is(now.fields.get("resolution"), resolution):
        return ()
    screen = await desk.jira.writing.edit_screen(now.id)
    if not any(field.id == "resolution" for field in screen):
        return (f"{now.key} is in status {_name(now)!r} with another resolution, which no screen lets change.",)
    fields = encoded({"resolution": (resolution,)}, screen).fields
    with repeatable():
        await desk.jira.writing.edit(now.id, fields)
    return (f"Set the resolution of {now.key}.",)


def _passed(now: IssueNow, hops: Sequence[str]) -> int:
    """Count the hops that lie behind the issue."""
    status = now.fields.get("status")
    return max((at + 1 for at, hop in enumerate(hops) if _is(status, hop)), default=0)


def _at(transition: Transition, hops: Sequence[str]) -> int:
    return max(at for at, hop in enumerate(hops) if _leads_to(transition, hop))


def _leads_to(transition: Transition, status: str) -> bool:
    return status == transition.to_id or status.casefold() == transition.to_name.casefold()


def _is(value: Any, wanted: str) -> bool:
    if not isinstance(value, dict):
        return False
    return wanted == value.get("id") or wanted.casefold() == str(value.get("name", "")).casefold()


def _name(now: IssueNow) -> str:
    status = now.fields.get("status")
    return str(status.get("name", "")) if isinstance(status, dict) else ""
