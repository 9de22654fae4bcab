"""What an event task reads of ESM: single cards by id and the cards of a condition, through REST and the Web API.

Every test runs through both, against the sandbox ESM, unless its name says what only one of them can.
"""

from __future__ import annotations

import pytest

from airflow_provider_jira.esm.cards import OpenCard
from airflow_provider_jira.esm.errors import (
    EsmRefused,
    UnknownAttribute,
    UnknownTemplate,
)
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.model.card import Shown

from .conftest import Esm, using
from .incidents import change, incident, matching, read, truth


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
        assert card.hidden is hidden
        assert card.values == {"subject": (Shown("x"),)}

    def test_an_unknown_attribute_is_not_taken_for_an_empty_one(self, esm: Esm, api: str) -> None:
        with pytest.raises(
            UnknownAttribute, match=r"template 'incident' has no attribute 'nope' and 'Subject'.*correct"
        ):
            read(esm, api, incident(esm), "subject", "nope", "Subject")

    def test_an_unknown_template_is_named(self, esm: Esm, api: str) -> None:
        with pytest.raises(UnknownTemplate, match=r"no template 'nope'"):
            read(esm, api, "1", "subject", template="nope")


class TestReadWithoutRest:
    """The Web API alone tells neither types nor codes."""

    def test_values_are_shown_as_they_stand_there(self, esm: Esm) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        aino = esm.make("account", {"accountId": ["a1"], "displayName": ["Aino"]})
        card_id = incident(esm, status=["02 - Solving"], due=["2026-03-24"], customer=[aino])
        card = read(esm, "webapi", card_id, "status", "due", "customer", "jiraKey")
        assert card is not None
        assert card.values == {
            "status": (Shown("02 - Solving"),),
            "due": (Shown("24.03.2026 00:00"),),
            "customer": (Shown("Aino", None, aino),),
            "jiraKey": (),
        }

    def test_an_unknown_attribute_is_still_not_taken_for_an_empty_one(self, esm: Esm) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        with pytest.raises(UnknownAttribute, match=r"template 'incident' has no attribute 'nope'"):
            read(esm, "webapi", incident(esm), "subject", "nope")

    def test_each_attribute_is_tried_once(self, esm: Esm) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        card_id = incident(esm)

        async def twice(store: CardStore) -> int:
            await store.read("incident", card_id, ["subject"])
            before = store.traffic.requests
            await store.read("incident", card_id, ["subject"])
            return store.traffic.requests - before

        assert using(esm.store("webapi"), twice) == 2

    def test_a_card_is_changed(self, esm: Esm) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        card_id = incident(esm)
        refusals = change(esm, "webapi", card_id, jiraKey=("SUP-1",), status=("02 - Solving",), nope=("x",))
        assert [(refusal.code, refusal.attribute) for refusal in refusals] == [("attribute_refused", "nope")]
        assert truth(esm, card_id)["jiraKey"] == ["SUP-1"]
        assert truth(esm, card_id)["status"] == ["02 - Solving"]


class TestMatching:
    FILTER = "$status$ = '02 - Solving' and $jiraKey$ is null"

    def test_a_condition_finds_its_cards_by_rising_id(self, esm: Esm, api: str) -> None:
        ids = [incident(esm, n, status=["02 - Solving"]) for n in range(5)]
        incident(esm, 5, status=["01 - New"])
        incident(esm, 6, status=["02 - Solving"], jiraKey=["SUP-1"])
        assert matching(esm, api, self.FILTER, page_cards=2) == ids

    def test_a_card_has_its_name_and_no_values(self, esm: Esm, api: str) -> None:
        card_id = incident(esm)
        found = using(esm.store(api), lambda store: store.matching("incident", "$jiraKey$ is null", most=5))
        assert found == (OpenCard(card_id, "subject 1", "incident"),)

    def test_the_oldest_come_first_where_there_are_more(self, esm: Esm, api: str) -> None:
        ids = [incident(esm, n, status=["02 - Solving"]) for n in range(5)]
        assert matching(esm, api, self.FILTER, most=2, page_cards=2) == ids[:2]

    def test_closed_and_trashed_cards_cost_no_pages(self, esm: Esm) -> None:
        esm.switch(trash_in_list="always", hidden_in_list="always")
        card_id = incident(esm, team=["a"])
        for _ in range(4):
            esm.make("incident", {"team": ["a"]}, hidden=True)
            esm.make("incident", {"team": ["a"]}, deleted=True)
        assert matching(esm, "rest", "$team$ = 'a'", page_cards=1) == [card_id]
        assert len([row for row in esm.requests("GET", "/data$") if "filterId" in row["query"]]) == 1

    @pytest.mark.parametrize("empty", ["200", "404"])
    def test_none_is_none(self, esm: Esm, api: str, empty: str) -> None:
        esm.switch(empty_list=empty)
        assert matching(esm, api, self.FILTER) == []
        incident(esm)
        assert matching(esm, api, self.FILTER) == []

    @pytest.mark.parametrize("listed", ["always", "named", "never"])
    @pytest.mark.parametrize(
        "condition",
        ["$team$ = 'a' or $team$ = 'b'", "$team$ = 'a' or $team$ = 'b' or entity.deleted = true", "$team$ <> 'hidden'"],
    )
    def test_closed_and_trashed_cards_are_not_among_them(self, esm: Esm, api: str, listed: str, condition: str) -> None:
        esm.switch(trash_in_list=listed, hidden_in_list=listed)
        open_card = incident(esm, 1, team=["a"])
        esm.make("incident", {"team": ["a"]}, hidden=True)
        esm.make("incident", {"team": ["b"]}, deleted=True)
        assert matching(esm, api, condition) == [open_card]

    def test_closed_cards_are_where_the_condition_speaks_of_them(self, esm: Esm, api: str) -> None:
        incident(esm, 1, team=["a"])
        hidden = esm.make("incident", {"team": ["a"]}, hidden=True)
        esm.make("incident", {"team": ["a"]}, hidden=True, deleted=True)
        assert matching(esm, api, "$team$ = 'a' and entity.hidden = true") == [hidden]

    @pytest.mark.parametrize(
        ("condition", "why"),
        [
            ("$status$ == 'x'", "cannot be read"),
            ("$nope$ = 'x'", "nope"),
            ("$impact$ = 'much'", "not a number compared with impact"),
            ("$team$ = 'a') or ($team$ = 'b'", "parentheses"),
            ("($team$ = 'a'", "parentheses"),
            ("$team$ = 'a", "quotes"),
            ("  ", "empty"),
        ],
    )
    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_a_condition_that_esm_does_not_take_is_named_with_its_words(
        self, esm: Esm, api: str, condition: str, why: str, status: int
    ) -> None:
        esm.switch(webapi_error_status=status)
        incident(esm)
        with pytest.raises(EsmRefused, match=rf"`poll\.filter`.*{why}") as caught:
            using(esm.store(api), lambda store: store.matching("incident", condition, most=5, named="poll.filter"))
        assert not caught.value.retryable

    def test_an_unknown_template_is_not_one_without_cards(self, esm: Esm, api: str) -> None:
        with pytest.raises(UnknownTemplate, match=r"no template 'nope'"):
            using(esm.store(api), lambda store: store.matching("nope", "$a$ is null", most=5))


class TestTokens:
    def test_a_token_that_ended_is_renewed_and_nothing_is_done_twice(self, esm: Esm) -> None:
        card_id = incident(esm)

        async def over_time(store: CardStore) -> None:
            await store.read("incident", card_id, ["subject"])
            esm.do("DELETE", "/tokens")
            await store.add_entry("incident", card_id, "comments", "one")
            esm.do("DELETE", "/tokens")
            assert await store.change("incident", card_id, {"jiraKey": ("SUP-1",)}) == ()
            esm.do("DELETE", "/tokens")
            assert [card.card_id for card in await store.matching("incident", "$jiraKey$ = 'SUP-1'", most=1)] == [
                card_id
            ]
            esm.do("DELETE", "/tokens")
            assert [entry.text for entry in await store.worklog("incident", card_id, "comments")] == ["one"]

        using(esm.store("rest"), over_time)
