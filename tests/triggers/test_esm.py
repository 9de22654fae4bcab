"""Waiting for data cards, through either API."""

from __future__ import annotations

import pytest

from airflow_provider_jira.triggers.esm import EsmCardTrigger

SOLVING = "$status$ = '02 - Solving'"


def cards(where=SOLVING, **arguments):
    return EsmCardTrigger(esm_conn_id="esm_acme", template="incident", filter=where, **arguments)


def test_a_card_is_seen_once_it_matches(esm, meanwhile, ended):
    card = esm.card(incidentId="I-1", subject="a", status="01 - New")
    meanwhile.acts = [lambda: None, lambda: esm.card(card, status="02 - Solving")]
    assert ended(cards()) == {"status": "seen", "data_card_ids": [card]}
    assert meanwhile.pauses == [60.0, 60.0]


def test_several_cards_may_have_to_match_and_are_named_by_ascending_id(esm, meanwhile, ended):
    made = [esm.card(incidentId="I-1", status="02 - Solving")]
    meanwhile.acts = [lambda: made.append(esm.card(incidentId="I-2", status="02 - Solving"))]
    assert ended(cards(at_least=2)) == {"status": "seen", "data_card_ids": made}


def test_the_deadline_ends_it(esm, meanwhile, ended):
    assert ended(cards(deadline=meanwhile.now + 100)) == {"status": "timeout", "message": ""}
    assert meanwhile.pauses == [60.0, 40.0]


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [({"template": "incidnet"}, ["incidnet"]), ({"filter": "$status$ ="}, ["filter"])],
    ids=["template", "condition"],
)
def test_what_is_wrong_with_the_question_is_told_at_once(esm, meanwhile, ended, arguments, parts):
    given = {"esm_conn_id": "esm_acme", "template": "incident", "filter": SOLVING, **arguments}
    event = ended(EsmCardTrigger(**given))
    assert (event["status"], event["final"]) == ("failed", True)
    assert all(part in event["message"] for part in parts)
    assert not meanwhile.pauses


def test_a_wrong_password_is_told_and_not_repeated(esm, meanwhile, ended, monkeypatch):
    fields = '{"conn_type": "efecte_esm", "host": "%s", "login": "webapi", "password": "wr0ng"}'
    monkeypatch.setenv("AIRFLOW_CONN_ESM_ACME", fields % esm.url)
    event = ended(cards())
    assert (event["status"], event["final"]) == ("failed", True)
    assert "wr0ng" not in str(event)


def test_what_stands_in_the_database_is_names_only():
    path, arguments = cards(deadline=5.0).serialize()
    assert path == "airflow_provider_jira.triggers.esm.EsmCardTrigger"
    assert arguments == {
        "esm_conn_id": "esm_acme",
        "template": "incident",
        "filter": SOLVING,
        "at_least": 1,
        "poke_interval": 60.0,
        "deadline": 5.0,
    }


def test_nothing_is_not_waited_for():
    with pytest.raises(ValueError, match="1 or more"):
        cards(at_least=0)
