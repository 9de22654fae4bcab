"""Events of cards that begin to match: each is told once, to each who listens, from one poll.

The sharing is Airflow's own: the tests use its manager of shared streams, where this Airflow has one.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from airflow.triggers.base import BaseEventTrigger

from airflow_provider_jira.triggers.events import EsmCardEventTrigger

SHARES = hasattr(BaseEventTrigger, "open_shared_stream")
GIVEN = {"esm_conn_id": "esm_acme", "template": "incident", "filter": "$status$ = '02 - Solving'", "every": 60.0}


@pytest.fixture(autouse=True)
def _no_reminders(request, monkeypatch):
    if "reminded" not in request.node.name:
        monkeypatch.setattr("airflow_provider_jira.triggers.events.FIRST_REMINDER", 10_000.0)
        monkeypatch.setattr("airflow_provider_jira.triggers.events.LAST_REMINDER", 10_000.0)


def listener(name="acme__a", **changes):
    return EsmCardEventTrigger(**{**GIVEN, "listener": name, **changes})


def told(trigger, meanwhile, polls):
    """Listen for so many polls; returns the cards that were told of, poll by poll."""
    heard = [[]]

    async def run():
        _, arguments = trigger.serialize()
        stream = EsmCardEventTrigger(**json.loads(json.dumps(arguments))).run()
        acts, meanwhile.acts = meanwhile.acts, []

        def next_poll():
            if acts:
                acts.pop(0)()
            heard.append([])
            if len(heard) > polls:
                raise asyncio.CancelledError
            meanwhile.acts = [next_poll]

        meanwhile.acts = [next_poll]
        try:
            async for event in stream:
                assert set(event.payload) == {"data_card_ids"}
                assert not heard[-1], "one event a poll"
                heard[-1] += event.payload["data_card_ids"]
        except asyncio.CancelledError:
            return

    asyncio.run(run())
    return heard[:polls]


def test_each_card_is_told_of_once_and_again_only_after_it_stopped_matching(esm, meanwhile):
    first = esm.card(incidentId="I-1", status="02 - Solving")
    later = []
    meanwhile.acts = [
        lambda: later.append(esm.card(incidentId="I-2", status="02 - Solving")),
        lambda: None,
        lambda: esm.card(first, status="07 - Solved"),
        lambda: esm.card(first, status="02 - Solving"),
    ]
    heard = told(listener(), meanwhile, 5)
    assert heard == [[first], later, [], [], [first]]
    assert meanwhile.pauses == [60.0] * 5


def test_a_triggerer_that_starts_anew_is_told_of_every_card_that_matches(esm, meanwhile):
    card = esm.card(incidentId="I-1", status="02 - Solving")
    assert told(listener(), meanwhile, 1) == [[card]]
    assert told(listener(), meanwhile, 1) == [[card]]


def test_a_card_that_goes_on_matching_is_reminded_of_after_twice_as_long_each_time(esm, meanwhile):
    card = esm.card(incidentId="I-1", status="02 - Solving")
    heard = told(listener(), meanwhile, 16)
    assert [at for at, cards in enumerate(heard) if cards == [card]] == [0, 2, 6, 14]  # a poll a minute


def test_who_was_reminded_of_and_stops_matching_begins_anew(esm, meanwhile):
    card = esm.card(incidentId="I-1", status="02 - Solving")
    meanwhile.acts = [lambda: None] * 2 + [lambda: esm.card(card, status="07 - Solved")]
    meanwhile.acts += [lambda: esm.card(card, status="02 - Solving")]
    heard = told(listener(), meanwhile, 8)
    assert [at for at, cards in enumerate(heard) if cards] == [0, 2, 4, 6]


def test_trouble_does_not_end_the_watching_nor_make_it_forget(esm, meanwhile, monkeypatch, caplog):
    monkeypatch.setattr("airflow_provider_jira.esm.retry.FIRST_WAIT", 0.0, raising=False)
    card = esm.card(incidentId="I-1", status="02 - Solving")
    good = {"conn_type": "efecte_esm", "host": esm.url, "login": "webapi", "password": "sandbox-password"}

    def login(password):
        monkeypatch.setenv("AIRFLOW_CONN_ESM_ACME", json.dumps({**good, "password": password}))
        esm.do("DELETE", "tokens")

    more = []
    meanwhile.acts = [
        lambda: login("wr0ng"),
        lambda: None,
        lambda: login("sandbox-password"),
        lambda: more.append(esm.card(incidentId="I-2", status="02 - Solving")),
    ]
    login("wr0ng")
    meanwhile.acts.insert(0, lambda: login("sandbox-password"))
    heard = [each for each in told(listener(), meanwhile, 6) if each]
    assert heard == [[card], more]
    assert "could not be polled" in caplog.text
    assert "wr0ng" not in caplog.text
    assert max(meanwhile.pauses) > 60.0  # trouble is not asked after as often


def test_a_filter_that_esm_does_not_take_is_logged_poll_after_poll(esm, meanwhile, caplog):
    assert told(listener(filter="$status$ ="), meanwhile, 3) == [[], [], []]
    assert caplog.text.count("could not be polled") == 3


def test_too_many_cards_are_said_to_be_too_many(esm, meanwhile, monkeypatch, caplog):
    monkeypatch.setattr("airflow_provider_jira.triggers.events.MOST_CARDS", 2)
    made = [esm.card(incidentId=f"I-{n}", status="02 - Solving") for n in range(3)]
    assert told(listener(), meanwhile, 1) == [made[:2]]
    assert "Narrow `filter`" in caplog.text


def test_a_flood_is_told_of_in_portions_and_whole(esm, meanwhile, monkeypatch):
    monkeypatch.setattr("airflow_provider_jira.triggers.events.MOST_AT_ONCE", 2)
    made = [esm.card(incidentId=f"I-{n}", status="02 - Solving") for n in range(5)]
    assert told(listener(), meanwhile, 4) == [made[:2], made[2:4], made[4:], []]


@pytest.mark.skipif(not SHARES, reason="this Airflow shares no polls")
def test_listeners_share_one_poll_and_a_late_one_is_told_of_what_matches_already(esm, meanwhile):
    import structlog
    from airflow.triggers.shared_stream import SharedStreamManager

    card = esm.card(incidentId="I-1", status="02 - Solving")
    heard, begun = {"a": [], "b": []}, asyncio.Event()

    async def listen(manager, number, name, enough):
        trigger = listener(name)
        stream = manager.subscribe(trigger_id=number, trigger=trigger, key=trigger.shared_stream_key())
        async for event in trigger.filter_shared_stream(stream):
            heard[name] += event.payload["data_card_ids"]
            begun.set()
            if len(heard[name]) == enough:
                return

    async def run():
        manager = SharedStreamManager(log=structlog.get_logger())
        first = asyncio.create_task(listen(manager, 1, "a", 2))
        await begun.wait()
        await listen(manager, 2, "b", 1)
        meanwhile.acts = [lambda: esm.card(incidentId="I-2", status="02 - Solving")]
        await first
        await manager.stop_all()

    asyncio.run(asyncio.wait_for(run(), 30))
    assert heard["a"][0] == card
    assert heard["b"] == [card]
    assert len(heard["a"]) == 2


def test_who_asks_the_same_of_the_same_shares_and_nobody_else():
    one = listener("acme__a").shared_stream_key()
    assert listener("acme__b").shared_stream_key() == one
    for change in ({"esm_conn_id": "x"}, {"template": "x"}, {"filter": "x"}, {"every": 30}):
        assert listener(**change).shared_stream_key() != one


def test_each_listener_is_a_trigger_of_its_own_for_airflow():
    def mark(trigger):
        path, arguments = trigger.serialize()
        return BaseEventTrigger.hash(path, arguments)

    assert mark(listener("acme__a")) == mark(listener("acme__a"))
    assert mark(listener("acme__a")) != mark(listener("acme__b"))


def test_a_poll_is_never_closer_than_five_seconds():
    assert listener(every=1).every == 5.0
