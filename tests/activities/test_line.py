"""The line of a card: one at a time, in order, whatever the order of the steps and whoever is killed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interleaved import Actor

from airflow_provider_jira.activities.line import Line, dismiss, places
from airflow_provider_jira.sync.state import MemoryState

RUNS = 3


def line(state, run, *, event="", dag="acme__create", card="acme/1"):
    return Line(state, card=card, dag=dag, event=event or run, run=run, now=lambda: 0.0)


class Counter:
    """Who is writing for the card at this moment."""

    def __init__(self):
        self.inside = set()
        self.finished = []

    def work(self, run, event="", refusals=0):
        def body(actor):
            mine = line(actor, run, event=event)
            for at in range(refusals + 1):
                mine.take()
                while mine.ahead() is not None:
                    pass
                assert not self.inside, f"{run} writes while {self.inside} does"
                self.inside.add(run)
                try:
                    actor.pause()
                finally:
                    self.inside.discard(run)
                if at < refusals:
                    mine.refuse("refused", "no")  # and somebody clears the run
            self.finished.append(run)
            mine.leave()

        return body


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, RUNS - 1), st.integers(0, 12)), min_size=5, max_size=40))
def test_never_two_write_for_one_card_and_all_come_to_their_turn(schedule):
    shared, counter = MemoryState(), Counter()
    actors = {run: Actor(counter.work(str(run)), shared) for run in range(RUNS)}
    for run, steps in schedule:
        if steps == 0 and not actors[run].done:
            actors[run].kill()  # and Airflow tries the same run again
            actors[run] = Actor(counter.work(str(run)), shared)
        for _ in range(steps):
            actors[run].step()
    for _ in range(2000):
        for actor in actors.values():
            actor.step()
    assert [actor.error for actor in actors.values()] == [None] * RUNS
    assert sorted(set(counter.finished)) == ["0", "1", "2"]
    assert shared.texts == {}


@pytest.mark.parametrize("names", [("0", "1"), ("1", "0")])
@pytest.mark.parametrize("first_stops_after", range(14))
def test_wherever_the_one_stops_and_however_far_the_other_comes_meanwhile(names, first_stops_after):
    for other_stops_after in range(24):
        shared, counter = MemoryState(), Counter()
        one, other = (Actor(counter.work(name), shared) for name in names)
        begun = ((one, first_stops_after), (other, other_stops_after))
        for actor, steps in (*begun, *(((one, 40), (other, 40)) * 2)):
            for _ in range(steps):
                actor.step()
        assert (one.error, other.error) == (None, None)
        assert sorted(counter.finished) == ["0", "1"]


def test_events_go_in_the_order_in_which_they_came():
    state = MemoryState()
    first, second, third = (line(state, run) for run in ("c", "a", "b"))
    assert [each.take().number for each in (first, second, third)] == [1, 2, 3]
    assert first.ahead() is None
    assert second.ahead().run == "c"
    assert third.ahead().run == "c"
    first.leave()
    assert second.ahead() is None
    assert third.ahead().run == "a"


def test_a_run_that_is_tried_again_finds_its_place():
    state = MemoryState()
    line(state, "a").take()
    line(state, "b").take()
    assert line(state, "a").take().number == 1


def test_other_cards_do_not_wait():
    state = MemoryState()
    line(state, "a").take()
    assert line(state, "b", card="acme/2").ahead() is None


@pytest.mark.parametrize("standing", ["refused", "unknown"])
def test_a_refused_event_holds_back_later_events_of_its_card(standing):
    state = MemoryState()
    line(state, "a").refuse(standing, "the field Team is required")
    behind = line(state, "b", dag="acme__comment")
    assert behind.ahead().reason == "the field Team is required"
    assert line(state, "c", card="acme/2").ahead() is None


def test_the_same_event_triggered_again_goes_where_the_refused_one_stands():
    """Whoever came behind the refused one still comes behind: a comment needs the issue that was refused."""
    state = MemoryState()
    line(state, "a", event="e1").refuse("refused", "no")
    other = line(state, "b", event="e2")
    other.take()
    again = line(state, "c", event="e1")
    assert again.ahead() is None
    assert other.ahead() is not None
    again.leave()
    assert [place.run for place in places(state).values()] == ["b"]
    assert other.ahead() is None


def test_the_second_try_waits_for_what_was_before_the_first():
    state = MemoryState()
    before = line(state, "z", event="e0")
    before.take()
    line(state, "a", event="e1").refuse("refused", "no")
    again = line(state, "c", event="e1")
    assert again.ahead().run == "z"
    before.leave()
    assert again.ahead() is None


def test_an_event_that_is_refused_again_keeps_its_one_place_with_the_new_reason():
    state = MemoryState()
    line(state, "a", event="e1").refuse("refused", "no")
    other = line(state, "b", event="e2")
    other.take()
    again = line(state, "c", event="e1")
    assert again.ahead() is None
    again.refuse("unknown", "still not")
    assert [(place.event, place.standing, place.reason) for place in places(state).values()] == [
        ("e1", "unknown", "still not"),
        ("e2", "waiting", ""),
    ]
    assert other.ahead().reason == "still not"
    assert line(state, "c", event="e1").ahead() is None, "either run may be cleared"


@pytest.mark.parametrize("steps", range(4))
def test_while_one_try_leaves_another_does_not_go_together_with_who_came_behind(steps):
    state = MemoryState()
    line(state, "a", event="e1").refuse("refused", "no")
    behind = line(state, "b", event="e2")
    behind.take()
    one, other = (line(state, run, event="e1") for run in "cd")
    assert (one.ahead(), other.ahead().run) == (None, "c")
    leaving = Actor(lambda actor: line(actor, "c", event="e1").leave(), state)
    for _ in range(steps):
        leaving.step()
    goes = other.ahead() is None
    for _ in range(4):
        leaving.step()
    assert not (goes and behind.ahead() is None)


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize("first_is_refused", [True, False])
def test_who_drew_the_same_number_stays_before_or_behind_when_one_is_refused(at, first_is_refused):
    state = MemoryState()
    runs = [f"{at}a", f"{at}b"]
    drawing = [Actor(lambda actor, run=run: line(actor, run).take(), state) for run in runs]
    for _ in range(10):
        for actor in drawing:
            actor.step()
    first, second = sorted((line(state, run) for run in runs), key=lambda each: each.ahead() is not None)
    assert len({place.number for place in places(state).values()}) == 1
    (first if first_is_refused else second).refuse("refused", "no")
    assert (first.ahead() is None, second.ahead() is None) == (True, False)


def test_a_run_that_was_killed_while_it_drew_can_be_refused():
    state = MemoryState()
    drawing = Actor(lambda actor: line(actor, "a").take(), state)
    for _ in range(2):
        drawing.step()
    drawing.kill()
    line(state, "a").refuse("refused", "no")
    assert [(place.number, place.standing) for place in places(state).values()] == [(1, "refused")]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=5, max_size=50),
    st.lists(st.integers(0, 1), min_size=4, max_size=4),
    st.booleans(),
)
def test_tries_of_a_refused_event_never_write_together_and_one_goes_before_who_came_behind(schedule, refusals, cleared):
    """The refused run is cleared while two more runs of its event come; one of another event has been waiting."""
    shared, counter = MemoryState(), Counter()
    line(shared, "first", event="e1").refuse("refused", "no")
    line(shared, "behind", event="e2").take()
    events = {"first" if cleared else "again": "e1", "and again": "e1", "once more": "e1", "behind": "e2"}
    runs = list(events)

    def actor(run):
        return Actor(counter.work(run, events[run], refusals[runs.index(run)]), shared)

    actors = {run: actor(run) for run in runs}
    for at, steps in schedule:
        run = runs[at]
        if steps == 0 and not actors[run].done:
            actors[run].kill()
            actors[run] = actor(run)
        for _ in range(steps):
            actors[run].step()
    for _ in range(2000):
        for each in actors.values():
            each.step()
    assert [each.error for each in actors.values()] == [None] * 4
    assert set(counter.finished) == set(runs)
    assert counter.finished[0] != "behind"
    assert shared.texts == {}


def test_a_refused_run_that_is_cleared_keeps_its_place_and_waits_no_more_for_a_person():
    state = MemoryState()
    line(state, "a").refuse("refused", "no")
    line(state, "b").take()
    assert line(state, "a").take().standing == "waiting"
    assert line(state, "a").ahead() is None
    assert line(state, "b").ahead().run == "a"


def test_a_dismissed_event_holds_nobody_back():
    state = MemoryState()
    line(state, "a").refuse("refused", "no")
    line(state, "b").take()
    (name, place), _ = places(state).items()
    assert (place.run, place.standing) == ("a", "refused")
    dismiss(state, name)
    assert line(state, "b").ahead() is None


def test_who_draws_a_number_at_this_moment_is_waited_for():
    state = MemoryState()
    drawing = Actor(lambda actor: line(actor, "a").take(), state)
    for _ in range(2):
        drawing.step()  # it has looked for its place and said that it draws
    behind = line(state, "b")
    behind.take()
    assert behind.ahead().run == "a"
    for _ in range(10):
        drawing.step()
    assert drawing.error is None
    # both may have drawn the same number; somebody goes first all the same
    assert (behind.ahead() is None) != (line(state, "a").ahead() is None)


def test_names_of_places_hold_nothing_of_the_card():
    state = MemoryState()
    line(state, "manual__secret-person", card="acme/4711").take()
    assert all("4711" not in name and "person" not in name for name in state.texts)
