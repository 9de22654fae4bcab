"""The outbox's entry: who may send, who has to look, and for how long."""

from __future__ import annotations

import pytest

from airflow_provider_jira.activities.once import LEASE, PATIENCE, Outbox
from airflow_provider_jira.activities.outcome import NotYet, Refused
from airflow_provider_jira.sync.state import MemoryState


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def outbox(state, clock, key="acme__create\n1\n"):
    return Outbox(state, key, now=clock)


def test_an_event_has_one_mark_and_two_events_have_two(clock):
    state = MemoryState()
    assert outbox(state, clock).mark == outbox(state, clock).mark
    assert outbox(state, clock).mark != outbox(state, clock, "acme__create\n2\n").mark


def test_what_was_announced_is_found_by_the_next_process(clock):
    state = MemoryState()
    sent = outbox(state, clock).announce(place="SUP", above=41)
    found = outbox(state, clock).read()
    assert found == sent
    assert (found.place, found.above, found.times, found.result) == ("SUP", 41, 1, {})


def test_a_second_announcement_counts(clock):
    state = MemoryState()
    outbox(state, clock).announce(place="SUP")
    assert outbox(state, clock).announce(place="SUP").times == 2


def test_a_process_that_was_held_up_may_not_send_any_more(clock):
    mine = outbox(MemoryState(), clock)
    sent = mine.announce(place="SUP")
    mine.still_mine(sent)
    clock.now += LEASE + 1
    with pytest.raises(NotYet):
        mine.still_mine(sent)


def test_a_process_whose_entry_somebody_else_has_replaced_may_not_send(clock):
    state = MemoryState()
    sent = outbox(state, clock).announce(place="SUP")
    clock.now += 1
    outbox(state, clock).announce(place="SUP")
    with pytest.raises(NotYet):
        outbox(state, clock).still_mine(sent)


def test_looking_goes_on_while_the_request_may_be_under_way_and_ends_then(clock):
    mine = outbox(MemoryState(), clock)
    sent = mine.announce(place="SUP")
    began, pauses = clock.now, []
    while True:
        try:
            mine.wait(sent, "the issue")
            break
        except NotYet as later:
            pauses.append(later.seconds)
            clock.now += later.seconds
    assert PATIENCE < clock.now - began < PATIENCE + 10
    assert pauses[0] == 2.0
    assert max(pauses) <= 60.0
    assert len(pauses) < 15


def test_a_result_stays_until_it_is_known_elsewhere(clock):
    state = MemoryState()
    outbox(state, clock).announce(place="SUP", above=41)
    outbox(state, clock).finish({"id": "10042", "key": "SUP-42"})
    assert outbox(state, clock).read().result == {"id": "10042", "key": "SUP-42"}
    outbox(state, clock).forget()
    assert state.texts == {}


def test_after_four_times_a_person_has_to_look_and_may_then_begin_anew(clock):
    state = MemoryState()
    for _ in range(4):
        outbox(state, clock).announce(place="SUP")
    with pytest.raises(Refused, match="4 times"):
        outbox(state, clock).announce(place="SUP")
    assert outbox(state, clock).announce(place="SUP").times == 1
