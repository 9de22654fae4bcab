"""Create one issue, once.

The issue carries the event's mark as an issue property, written in the same request, and a label by which the search
finds it. A second call with the same key, whenever and by whomever, finds the outbox entry, the issue, or proof that
there is none (:mod:`.once`, :mod:`.marked`); where nothing can be proved it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timezone, tzinfo
from typing import Any

from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.marked import BLOCK, Tag, find_issue, property_value, tagged
from airflow_provider_jira.activities.once import Outbox, Sent
from airflow_provider_jira.activities.outcome import Done, NotYet, Refused, Unknown
from airflow_provider_jira.activities.screens import encoded, issue_type, refusals
from airflow_provider_jira.jira.errors import (
    JiraAuthError,
    JiraPermissionError,
    JiraRateLimited,
    JiraRefused,
    JiraUncertain,
    JiraUnreachable,
)
from airflow_provider_jira.model.field_values import field_named
from airflow_provider_jira.model.marks import PROPERTY
from airflow_provider_jira.model.misfit import Misfit
from airflow_provider_jira.model.screen import ScreenField
from airflow_provider_jira.sync.state import State

NOT_DONE = (JiraRefused, JiraPermissionError, JiraAuthError, JiraRateLimited, JiraUnreachable)
"""Errors of a write that say that Jira did not do it. Everything else leaves it open."""


async def create_issue(
    desk: Desk,
    key: str,
    *,
    project: str,
    issue_type_name: str,
    values: Mapping[str, Sequence[str] | Any],
    markdown: Collection[str] = (),
    tag: Tag | None = None,
    zone: tzinfo = timezone.utc,
    about: Mapping[str, str] = {},
) -> Done:
    """Create one issue, once.

    :param key: what makes it the same issue, whoever asks for it and however often
    :param project: key of the project
    :param issue_type_name: id or name
    :param values: field id or display name -> texts, or values in Jira's own form
    :param markdown: the fields whose text is Markdown
    :param zone: in it a date begins, and a time without offset is meant
    :param tag: what the issue gets so that a search finds it
    :param about: what the mark says besides: ``connector``, ``task``, ``card``
    :returns: ``id``, ``key``, ``url``
    :raises Refused: Jira would not take it, or did not; or the issue that was made is gone
    :raises Unknown: whether it was made cannot be found out
    :raises NotYet: it may have been made, and is looked for
    """
    outbox = Outbox(desk.state, key, now=desk.now)
    sent = outbox.read()
    with refusals():
        if sent is not None and sent.result:
            return await _made_before(desk, sent)
        if sent is not None:
            found, gaps = await find_issue(desk, sent, tag)
        else:
            # the entry is dropped once the card carries the key; a card that lost it has the tagged issue
            found, gaps = await tagged(desk, outbox.mark, tag), 0
        if found is not None:
            return _done(desk, outbox, found.id, found.key, already=True)
        if sent is not None:
            outbox.wait(sent, "the issue")
            if gaps:
                raise _cannot_know(sent, gaps)
            desk.log.info("Proved that no earlier try made the issue: it is made now.")
        kind = await issue_type(desk, project, issue_type_name)
        screen = await desk.jira.writing.create_screen(project, kind.id)
        with_tag = _with_tag(values, screen, tag)
        made_of = encoded(with_tag, screen, markdown=markdown, creating=True, zone=zone)
        fields = {**made_of.fields, "project": {"key": project}, "issuetype": {"id": kind.id}}
        above = await desk.jira.writing.newest_number(project)
        announced = outbox.announce(place=project, above=above, tagged=with_tag != values)
        outbox.still_mine(announced)
        try:
            made = await desk.jira.writing.create(fields, properties={PROPERTY: property_value(outbox.mark, about)})
        except NOT_DONE:
            outbox.forget()
            raise
        except JiraUncertain as lost:
            raise NotYet(2.0, "Jira's answer to the creation of the issue was lost") from lost
    notes = () if announced.times == 1 else await _skipped(desk, above, made.key)
    return _done(desk, outbox, made.id, made.key, *notes)


async def _skipped(desk: Desk, above: int, key: str) -> tuple[str, ...]:
    """Say which numbers the project gave away meanwhile that the account cannot see: one may be the first try's."""
    project, _, number = key.rpartition("-")
    between = [f"{project}-{each}" for each in range(above + 1, int(number))][:BLOCK]
    seen = {issue.key for issue in await desk.jira.writing.read_many(between, ["labels"])} if between else set()
    if not (unseen := [each for each in between if each not in seen]):
        return ()
    note = (
        f"An earlier try got no answer, and the connection's account cannot see {', '.join(unseen)}: look there, as an "
        f"administrator, for a second issue beside {key}."
    )
    return (note,)


def forget_created(state: State, key: str, *, now: Callable[[], float]) -> None:
    """Drop the memory of a created issue, once the card itself carries its key.

    It is kept where no search would find the issue if the card lost the key: without a tag, or on a screen without a
    field for it.

    :param state: where the outbox is kept
    :param key: as given to :func:`create_issue`
    :param now: seconds since 1970
    """
    outbox = Outbox(state, key, now=now)
    if (sent := outbox.read()) is not None and sent.tagged:
        outbox.forget()


def _done(desk: Desk, outbox: Outbox, issue: int, key: str, *notes: str, already: bool = False) -> Done:
    outbox.finish({"id": str(issue), "key": key})
    return Done({"id": str(issue), "key": key, "url": desk.url(key)}, notes, already=already)


async def _made_before(desk: Desk, sent: Sent) -> Done:
    now = await desk.jira.writing.read(int(sent.result["id"]), ["labels"])
    if now is None:
        raise Refused(
            "issue_gone",
            f"Issue {sent.result['key']} was made for this event and is gone: deleted, or not visible to the "
            "connection's account. To make another, start the task with an `event` of its own.",
        )
    return Done({"id": str(now.id), "key": now.key, "url": desk.url(now.key)}, already=True)


def _with_tag(
    values: Mapping[str, Sequence[str] | Any], screen: Sequence[ScreenField], tag: Tag | None
) -> dict[str, Sequence[str] | Any]:
    """Add the tag to the values, where the create screen has a field for it."""
    given = dict(values)
    field = None if tag is None else _field(tag.field, screen)
    if tag is None or field is None:
        return given
    name = next((name for name in given if _field(name, screen) is field), field.id)
    wanted = given.get(name) or ()
    before = [wanted] if isinstance(wanted, str) else list(wanted)
    given[name] = [*before, tag.text] if field.type == "array" else [tag.text]
    return given


def _field(name: str, screen: Sequence[ScreenField]) -> ScreenField | None:
    try:
        return field_named(name, screen)
    except Misfit:
        return None


def _cannot_know(sent: Sent, gaps: int) -> Unknown:
    return Unknown(
        f"Whether the issue was made cannot be found out: since then project {sent.place} has {gaps} issue numbers "
        f"after {sent.place}-{sent.above} that the connection's account cannot see (deleted, or hidden), and one of "
        f"them may be it. Nothing is made. Look at the project's history as an administrator: if the issue is there, "
        f"let the account see it and replay this event; if it is not, replay it with another `event`."
    )
