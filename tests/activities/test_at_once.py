"""Many runs for one card at the same moment: one issue, one comment; order per card."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from office import Clock, Office, lost_answers

from airflow_provider_jira import activities
from airflow_provider_jira.activities import Event, NotYet

TRIGGERS = 20


class Crowd:
    """Runs at the same moment, each in a thread; time passes only when every one of them waits.

    :param clock: of them all
    :param size: how many there are
    """

    def __init__(self, clock: Clock, size: int) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._active = size
        self._until: list[float] = []

    def wait(self, seconds: float) -> None:
        """Wait until so much time has passed."""
        with self._changed:
            until = self._clock.time + seconds
            self._until.append(until)
            while self._clock.time < until:
                if len(self._until) == self._active and min(self._until) > self._clock.time:
                    self._clock.time = min(self._until)
                    self._changed.notify_all()
                else:
                    self._changed.wait()
            self._until.remove(until)

    def leave(self) -> None:
        """End one of them."""
        with self._changed:
            self._active -= 1
            self._changed.notify_all()


def together(office: Office, task: str, card: str) -> list[str]:
    """Trigger a task for a card many times at the same moment, each a run of its own."""
    crowd = Crowd(office.clock, TRIGGERS)

    def run(at: int) -> str:
        try:
            return office.handle(office.event(task, card, f"run_{at}"), patience=2000, wait=crowd.wait).how
        finally:
            crowd.leave()

    with ThreadPoolExecutor(TRIGGERS) as pool:
        return list(pool.map(run, range(TRIGGERS)))


@pytest.mark.parametrize("lag", [0, 300])
def test_twenty_triggers_of_one_card_make_one_issue(office: Office, lag: int):
    office.jira.switch(index_lag=lag)
    card = office.card(subject="Printer")
    assert together(office, "create", card) == ["completed"] * TRIGGERS
    (issue,) = office.made_for(card)
    assert office.says(card)["jiraKey"] == [issue["key"]]
    assert office.state.texts == {}


def test_twenty_triggers_make_one_issue_though_the_first_answers_are_lost(office: Office):
    card = office.card(subject="Printer")
    with lost_answers(office.jira, "POST", r"/rest/api/3/issue$", times=3):
        assert together(office, "create", card) == ["completed"] * TRIGGERS
    assert len(office.made_for(card)) == 1


def test_twenty_triggers_say_a_thing_once(office: Office):
    key = office.jira.post("world/issues", fields={"project": "SUP", "summary": "Printer"})["key"]
    card = office.card(subject="Printer", jiraKey=key)
    office.esm.post("world/entry", template="incident", dataCardId=card, attribute="comments", text="Hello")
    assert together(office, "comment", card) == ["completed"] * TRIGGERS
    (issue,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
    assert len(issue["comments"]) == 1


def pause(event: Event) -> float:
    """How long a run waits until it looks again whether it is its turn."""
    with pytest.raises(NotYet) as later:
        activities.perform(event)
    return later.value.seconds


def test_who_is_next_looks_again_soon_and_who_waits_for_a_person_ever_more_seldom(office: Office):
    card = office.card(subject="Printer")
    first, second, third = (office.event("create", card, f"run_{at}", event=f"event_{at}") for at in range(3))
    for event in (first, second, third):
        activities.receive(event)
    assert [pause(second), pause(third)] == [2.0, 4.0]
    office.wait(80)
    assert [pause(second), pause(third)] == [10.0, 10.0]
    activities.fail(first, "refused", "Team is missing")
    assert pause(second) == 40.0
    office.wait(10 * activities.event.LONGEST_TURN)
    assert pause(second) == pause(third) == activities.event.LONGEST_TURN


def test_a_line_of_twenty_moves_on_as_fast_as_its_runs_do(office: Office):
    """Each run sleeps as long as it is told, and its work takes three seconds: nobody sleeps long past its turn."""
    card, began, looks = office.card(subject="Printer"), office.clock.time, 0
    events = [office.event("create", card, f"run_{at}") for at in range(TRIGGERS)]
    for event in events:
        activities.receive(event)
    due: dict[int, float] = dict.fromkeys(range(TRIGGERS), began)
    working: dict[int, dict[str, Any]] = {}
    while due:
        at = min(due, key=due.__getitem__)
        office.clock.time = due[at]
        if at in working:
            activities.complete(events[at], working[at])
            del due[at]
            continue
        looks += 1
        try:
            working[at] = activities.perform(events[at])
            due[at] += 3
        except NotYet as later:
            due[at] += later.seconds
    assert office.clock.time - began < 3 * 3 * TRIGGERS
    assert looks < 8 * TRIGGERS
    assert len(office.made_for(card)) == 1
