"""What an event task leans on: single cards by id, through REST and through the Web API.

Every test runs through both, against the sandbox ESM, unless its name says what only one of them can.
"""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_jira.esm.cards import OpenCard, Refusal
from airflow_provider_jira.esm.errors import EsmRefused, UnknownAttribute, UnknownCard, UnknownTemplate
from airflow_provider_jira.model.card import Day, Entry, Instant, Link, Reference, Shown, Static, Value

from .conftest import Esm, using

KEY = "incidentId"


def incident(esm: Esm, number: int = 1, **values: list[str]) -> str:
    return esm.make("incident", {KEY: [f"INC-{number}"], "subject": [f"subject {number}"], **values})


def read(
    esm: Esm, api: str, card_id: str, *attributes: str, template: str = "incident", **settings: Any
) -> OpenCard | None:
    return using(esm.store(api, **settings), lambda store: store.read(template, card_id, attributes))


def shown(esm: Esm, api: str, card_id: str, attribute: str) -> tuple[Shown, ...]:
    card = read(esm, api, card_id, attribute)
    assert card is not None
    return card.values[attribute]


def change(esm: Esm, api: str, card_id: str, **values: tuple[Value, ...]) -> tuple[Refusal, ...]:
    return using(esm.store(api), lambda store: store.change("incident", card_id, values, key=KEY))


def matching(esm: Esm, api: str, condition: str, most: int = 100, **settings: Any) -> list[str]:
    found = using(esm.store(api, **settings), lambda store: store.matching("incident", condition, most=most))
    return [card.card_id for card in found]


def worklog(esm: Esm, api: str, card_id: str) -> tuple[Entry, ...]:
    return using(esm.store(api), lambda store: store.worklog("incident", card_id, "comments"))


def add(esm: Esm, api: str, card_id: str, text: str) -> None:
    using(esm.store(api), lambda store: store.add_entry("incident", card_id, "comments", text, key=KEY))


def truth(esm: Esm, card_id: str, template: str = "incident") -> dict[str, Any]:
    (card,) = [card for card in esm.do("GET", "/truth/cards", template=template) if card["dataCardId"] == card_id]
    values: dict[str, Any] = card["values"]
    return values


class TestRead:
    def test_a_card_is_shown_with_what_was_asked_for(self, esm: Esm, api: str) -> None:
        aino = esm.make("account", {"accountId": ["a1"], "displayName": ["Aino"]})
        card_id = incident(
            esm, status=["02 - Solving"], customer=[aino], labels=["a", "b"], impact=["2.5"], description=["one\ntwo"]
        )
        card = read(esm, api, card_id, "subject", "status", "customer", "labels", "impact", "description", "jiraKey")
        assert card == OpenCard(
            card_id, "subject 1", "incident", hidden=False, deleted=False,
            values={
                "subject": (Shown("subject 1"),),
                "status": (Shown("02 - Solving", "solving"),),
                "customer": (Shown("Aino", None, aino, "account"),),
                "labels": (Shown("a"), Shown("b")),
                "impact": (Shown("2.5"),),
                "description": (Shown("one\ntwo"),),
                "jiraKey": (),
            },
        )  # fmt: skip

    def test_no_attributes_are_none(self, esm: Esm, api: str) -> None:
        card = read(esm, api, incident(esm))
        assert card is not None
        assert (card.name, card.values) == ("subject 1", {})

    def test_dates_are_iso_in_utc(self, esm: Esm, api: str) -> None:
        esm.switch(timezone="Europe/Helsinki")
        card_id = incident(esm, due=["2026-03-24"], started=["2026-03-24T10:57:00Z"])
        card = read(esm, api, card_id, "due", "started", timezone="Europe/Helsinki")
        assert card is not None
        assert card.values == {"due": (Shown("2026-03-24"),), "started": (Shown("2026-03-24T10:57:00Z"),)}

    @pytest.mark.parametrize("card_id", ["999999999", "", "abc", "../1", "1' OR '1' = '1", "9" * 40])
    def test_an_id_that_no_card_has_is_none(self, esm: Esm, api: str, card_id: str) -> None:
        incident(esm)
        assert read(esm, api, card_id, "subject") is None

    def test_a_card_of_another_template_is_none(self, esm: Esm, api: str) -> None:
        account = esm.make("account", {"accountId": ["a1"]})
        assert read(esm, api, account, "subject") is None

    @pytest.mark.parametrize(("hidden", "deleted"), [(True, False), (False, True), (True, True)])
    def test_hidden_and_trashed_cards_say_so(self, esm: Esm, api: str, hidden: bool, deleted: bool) -> None:
        card = read(esm, api, esm.make("incident", {"subject": ["x"]}, hidden=hidden, deleted=deleted), "subject")
        assert card is not None
        assert card.deleted is deleted
        assert card.hidden is hidden or deleted
        assert card.values == {"subject": (Shown("x"),)}

    def test_an_unknown_attribute_is_not_taken_for_an_empty_one(self, esm: Esm, api: str) -> None:
        with pytest.raises(
            UnknownAttribute, match=r"template 'incident' has no attribute 'nope' and 'Subject'.*correct"
        ):
            read(esm, api, incident(esm), "subject", "nope", "Subject")

    def test_an_unknown_template_is_named(self, esm: Esm, api: str) -> None:
        with pytest.raises(UnknownTemplate, match=r"no template 'nope'"):
            read(esm, api, "1", "subject", template="nope")


class TestMatching:
    def test_a_condition_finds_its_cards_by_rising_id(self, esm: Esm, api: str) -> None:
        ids = [incident(esm, n, status=["02 - Solving"]) for n in range(5)]
        incident(esm, 5, status=["01 - New"])
        incident(esm, 6, status=["02 - Solving"], jiraKey=["SUP-1"])
        assert matching(esm, api, "$status$ = '02 - Solving' and $jiraKey$ is null", page_cards=2) == ids

    def test_the_oldest_come_first_where_there_are_more(self, esm: Esm, api: str) -> None:
        ids = [incident(esm, n, status=["02 - Solving"]) for n in range(5)]
        assert matching(esm, api, "$status$ = '02 - Solving'", most=2, page_cards=2) == ids[:2]


class TestChange:
    def test_values_of_every_type_arrive(self, esm: Esm, api: str) -> None:
        aino = esm.make("account", {"accountId": ["a1"], "displayName": ["Aino"]})
        card_id = incident(esm, team=["old"], labels=["x"])
        refusals = change(
            esm, api, card_id, jiraKey=("SUP-1",), status=(Static("solving"),), resolution=("Solved",),
            labels=("a", "b"), due=(Day("2026-03-24"),), started=(Instant("2026-03-24T10:57:00Z"),), impact=(2.5,),
            customer=(Link(aino, "a1"),), watchers=(Reference("account", "accountId", "a1"),), team=(),
        )  # fmt: skip
        assert refusals == ()
        assert truth(esm, card_id) == {
            KEY: ["INC-1"], "subject": ["subject 1"], "jiraKey": ["SUP-1"], "status": ["02 - Solving"],
            "resolution": ["Solved"], "labels": ["a", "b"], "due": ["2026-03-24"], "started": ["2026-03-24T10:57:00Z"],
            "impact": ["2.5"], "customer": ["Aino"], "watchers": ["Aino"],
        }  # fmt: skip


class TestWorklog:
    def test_entries_come_back_as_written_the_oldest_first(self, esm: Esm, api: str) -> None:
        card_id = incident(esm)
        texts = ["first", "two\nlines & <tags> \"quotes\" ]]> 'x'", "a\r\nb\n\n  c\tä€🙂", "long " * 2000 + "end"]
        for text in texts:
            add(esm, api, card_id, text)
        assert [entry.text for entry in worklog(esm, api, card_id)] == texts
        assert truth(esm, card_id)["comments"] == texts[::-1]

    def test_a_card_that_is_not_there_is_an_error(self, esm: Esm, api: str) -> None:
        with pytest.raises(UnknownCard, match="no data card 12345 in template 'incident'"):
            worklog(esm, api, "12345")
        with pytest.raises(UnknownCard, match="no data card 12345 in template 'incident'"):
            add(esm, api, "12345", "text")


def test_the_web_api_says_which_key_it_needs(esm: Esm) -> None:
    card_id = incident(esm)
    with pytest.raises(EsmRefused, match="only by a unique attribute: name one as `key`"):
        using(esm.store("webapi"), lambda store: store.change("incident", card_id, {"team": ("x",)}))
