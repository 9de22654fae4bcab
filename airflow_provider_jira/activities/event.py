"""One event of a data card, from its place in the card's line to what is written back.

``receive -> perform -> complete | fail``; each can be repeated after a crash at any point. What goes from one to the
next is ids, keys and codes, because Airflow keeps it.

* ``receive`` takes the place in the card's line and sees that the card can be read and written.
* ``perform`` waits for its turn, reads the card, and does the activity.
* ``complete`` writes the result to the card and gives up the place.
* ``fail`` writes the error to the card and keeps the place: what comes after it for the same card waits, until the
  event is tried again or dismissed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_jira.activities.carry import carry_out
from airflow_provider_jira.activities.case import once_key
from airflow_provider_jira.activities.create_issue import forget_created
from airflow_provider_jira.activities.desk import open_desk
from airflow_provider_jira.activities.line import Line, Place
from airflow_provider_jira.activities.outcome import Done, NotYet, Refused
from airflow_provider_jira.activities.the_card import Said, prove_attributes, read_card, write_card
from airflow_provider_jira.esm.open import open_store
from airflow_provider_jira.esm.settings import EsmSettings
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.card import Shown, Value
from airflow_provider_jira.model.definition import Connector, dag_id
from airflow_provider_jira.model.event_tasks import CreateIssue, EventTask
from airflow_provider_jira.model.values import fixed
from airflow_provider_jira.sync.state import State

LONGEST_TURN = 600.0
"""Seconds between two looks at a line that does not move: a refusal may wait for a person for days."""


@dataclass(frozen=True)
class Event:
    """One event.

    :param connector: the definition's connector
    :param task: the definition's event task
    :param run: Airflow's run id, with the map index where one run handles several events: who does it
    :param card_id: ESM's id of the card; ``None`` where all values are given
    :param event: which event of this task and card; runs that say the same are tries of the same thing
    :param values: path -> value or values, where the task allows values to be given
    :param jira: how to reach Jira
    :param esm: how to reach ESM
    :param state: where lines and the outbox are kept
    :param now: seconds since 1970
    :param log: where the steps tell what they do
    """

    connector: Connector
    task: EventTask
    run: str
    jira: JiraSettings
    esm: EsmSettings
    state: State
    card_id: str | None = None
    event: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    now: Callable[[], float] = time.time
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("airflow.task"))

    @property
    def dag(self) -> str:
        """The task's DAG id."""
        return dag_id(self.connector.connector, self.task.id)

    @property
    def key(self) -> str:
        """What makes this event the same event, whoever handles it and however often."""
        return once_key(self.dag, self.card_id, self.event)

    def line(self) -> Line:
        """The line that the event stands in: its card's, or where it has none, its own."""
        card = self.card_id if self.card_id is not None else f"{self.task.id}/{self.event}"
        return Line(
            self.state, card=f"{self.connector.connector}/{card}", dag=self.dag, event=self.event or "",
            run=self.run, now=self.now,
        )  # fmt: skip


def receive(event: Event) -> dict[str, Any]:
    """Take the place in the card's line, and see that the card can be read and written.

    :returns: ``place``: the number in line
    :raises Refused: the run names no event, or a card that cannot be used
    """
    if event.card_id is None and not event.event:
        raise Refused(
            "event_missing",
            "The run names neither a data card nor an event, so a second try could not be told from a second event: "
            "give `event` an id of its own in the run's conf.",
        )
    place = event.line().take()
    asyncio.run(_prove(event))
    event.log.info("Event %r of card %s has place %d in its line.", event.event or "", event.card_id, place.number)
    return {"place": place.number}


async def _prove(event: Event) -> None:
    card = event.task.card
    if card is None or event.card_id is None:
        return
    if event.esm.api == "webapi" and card.key is None and event.task.written_codes():
        raise Refused(
            "definition",
            "ESM is reached by its XML Web API, which finds a card only by an attribute that ESM holds unique: name "
            "one as `key` below `card`.",
        )
    async with open_store(event.esm) as store:
        await prove_attributes(store, card, event.task.attribute_codes())
        await read_card(store, card, event.card_id, [])


def perform(event: Event) -> dict[str, Any]:
    """Do the activity, when it is this event's turn.

    :returns: a packed :class:`~airflow_provider_jira.activities.outcome.Done`
    :raises NotYet: it is not this event's turn, or an earlier try is still looked for
    :raises Refused: it cannot be done
    :raises Unknown: whether it was done cannot be found out
    """
    ahead = event.line().ahead()
    if ahead is not None:
        raise _waits(event, ahead)
    done = asyncio.run(_perform(event))
    for note in done.notes:
        event.log.info("%s", note)
    return {"values": done.values, "notes": list(done.notes), "already": done.already}


async def _perform(event: Event) -> Done:
    async with open_store(event.esm) as store, open_desk(event.jira, event.state, now=event.now, log=event.log) as desk:
        said = await _said(event, store)
        return await carry_out(
            desk, store, event.task, said, key=event.key, card_id=event.card_id, about=_about(event),
            zone=ZoneInfo(event.connector.timezone),
        )  # fmt: skip


async def _said(event: Event, store: CardStore) -> Said:
    paths = event.task.paths()
    given = {path: _shown(value) for path, value in event.values.items()}
    card = event.task.card
    if card is None or event.card_id is None:
        return {path: given.get(path, ()) for path in paths}
    read = await read_card(store, card, event.card_id, [path for path in paths if path not in given])
    return read | given


def complete(event: Event, result: Mapping[str, Any]) -> dict[str, Any]:
    """Write the result to the card, and give up the place in line.

    :param result: what :func:`perform` returned
    :returns: ``written``: codes of the attributes that were set
    :raises Refused: ESM does not take it; the place is kept
    """
    done = Done(dict(result["values"]), tuple(result["notes"]), bool(result["already"]))
    task, card = event.task, event.task.card
    write: dict[str, tuple[Value, ...]] = {}
    if card is not None and event.card_id is not None:
        if task.on_exception is not None and (attribute := task.on_exception.attribute) is not None:
            # the original connector tells there what was so already; and an error of an earlier try is over
            write[attribute] = (" ".join(done.notes),) if done.notes else ()
        if (failures := getattr(task, "membership_failures", None)) is not None:
            write[failures] = ()
        if task.on_completed is not None:
            write |= {code: (fixed(value),) for code, value in task.on_completed.set.items()}
        write |= {code: (done.values[name],) for code, name in task.results().items()}
        asyncio.run(_write(event, write))
    event.line().leave()
    return {"written": sorted(write)}


async def _write(event: Event, write: Mapping[str, Sequence[Value]]) -> None:
    task, card = event.task, event.task.card
    if card is None or event.card_id is None:
        return
    async with open_store(event.esm) as store:
        await write_card(store, card, event.card_id, write)
        if not isinstance(task, CreateIssue):
            return
        identifying = [code for code, name in task.results().items() if name in ("id", "key")]
        now = await read_card(store, card, event.card_id, identifying)
    if identifying and event.event is None and all(now[code] for code in identifying):
        # from here on the card itself says which issue is its own; with events of their own it says so of the last one
        forget_created(event.state, event.key, now=event.now)


def fail(event: Event, code: str, message: str, failed: Sequence[str] = ()) -> dict[str, Any]:
    """Write the error to the card, and keep the place in line, unless the card has no issue to come late to.

    :param code: of the refusal
    :param message: what went wrong and what would mend it
    :param failed: the groups that failed
    :returns: ``written``: codes of the attributes that were set
    :raises Refused: ESM does not take it
    """
    if code == "issue_missing":
        event.line().leave()  # there is nothing yet that later events could come too early for: one may make the issue
    else:
        event.line().refuse("unknown" if code == "unknown" else "refused", message)
    task = event.task
    if event.card_id is None or code == "card_missing":
        return {"written": []}
    write: dict[str, tuple[Value, ...]] = {}
    if (exit_ := task.on_exception) is not None:
        write |= {attribute: (fixed(value),) for attribute, value in (exit_.set or {}).items()}
        write |= {} if exit_.attribute is None else {exit_.attribute: (message,)}
    if (failures := getattr(task, "membership_failures", None)) is not None and code == "membership":
        write[failures] = tuple(failed)
    asyncio.run(_write_failure(event, write))
    return {"written": sorted(write)}


async def _write_failure(event: Event, write: Mapping[str, Sequence[Value]]) -> None:
    if event.task.card is not None and event.card_id is not None:
        async with open_store(event.esm) as store:
            await write_card(store, event.task.card, event.card_id, write)


def _waits(event: Event, ahead: Place) -> NotYet:
    own = event.line().take()
    waited = max(0.0, event.now() - own.since)
    if ahead.standing == "waiting":
        # each of those before takes seconds, and so does each look: who stands further behind looks less often
        between = (own.number or 0) - ahead.number if ahead.number else 1
        pause = min(max(2.0 * between, waited / 8), LONGEST_TURN)
        return NotYet(pause, f"Run {ahead.run} of {ahead.dag} is before this one in the line of the same card")
    pause = min(max(2.0, waited / 2), LONGEST_TURN)
    return NotYet(
        pause,
        f"Held back: run {ahead.run} of {ahead.dag}, which came before for the same card, was refused "
        f"({ahead.reason}). Clear that run to try it again, or dismiss it with `airflow jira-connector events`",
    )


def _about(event: Event) -> dict[str, str]:
    about = {"connector": event.connector.connector, "task": event.task.id}
    return about if event.card_id is None else about | {"card": event.card_id}


def _shown(value: Any) -> tuple[Shown, ...]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return tuple(Shown(str(each)) for each in values if each is not None)
