"""Single cards where ESM answers something else than it should, or less: scripted to the letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from airflow_provider_jira.esm.errors import (
    EsmPermissionError,
    EsmProtocolError,
    EsmRateLimited,
    EsmRefused,
    EsmUncertain,
)
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.model.card import Entry, Link, Shown, Value

from .conftest import Script, using

TEMPLATE = {
    "code": "incident",
    "attributes": {
        "no": {"type": "string"}, "team": {"type": "string"}, "status": {"type": "static-value"},
        "customer": {"type": "reference", "target": ["account"]}, "due": {"type": "date"},
        "comments": {"type": "worklog"},
    },
}  # fmt: skip


def rest(script: Script, card: Any = None, *, status: int = 200) -> Script:
    """A REST v1 with one card."""
    script.on("POST", "/users/login", httpx.Response(200, json={"token": "t"}))
    script.on("GET", "/dc/incident$", httpx.Response(200, json=TEMPLATE))
    return script.on("GET", r"/data/7$", httpx.Response(status, json=card or whole()))


def whole(**values: list[Any]) -> dict[str, Any]:
    return {"dataCardId": "7", "name": "seven", "data": {code: {"values": some} for code, some in values.items()}}


def read(store: CardStore, *attributes: str) -> dict[str, tuple[Shown, ...]]:
    card = using(store, lambda store: store.read("incident", "7", attributes))
    assert card is not None
    return card.values


def change(store: CardStore, **values: tuple[Value, ...]) -> list[tuple[str, str | None]]:
    refusals = using(store, lambda store: store.change("incident", "7", values, key="no"))
    return [(refusal.code, refusal.attribute) for refusal in refusals]


def add(store: CardStore, text: str = "text") -> None:
    using(store, lambda store: store.add_entry("incident", "7", "comments", text, key="no"))


class TestRestRead:
    def test_values_are_read_whatever_is_left_out_of_them(self, script: Script) -> None:
        card = whole(
            team=[{"value": ""}, {"value": None}, "odd", {"value": "t"}],
            status=[{"value": {"en": "Open"}, "code": 2}],
            customer=[{"dataCardId": 5, "name": ""}, {"dataCardId": "6"}],
        )
        card["data"]["due"] = None
        assert read(rest(script, card).store(), "team", "status", "customer", "due", "no") == {
            "team": (Shown("t"),),
            "status": (Shown("Open", "2"),),
            "customer": (Shown("", None, "5"), Shown("6", None, "6")),
            "due": (),
            "no": (),
        }

    @pytest.mark.parametrize("body", [["7"], "text"])
    def test_an_answer_that_is_no_card_is_none_of_esms(self, script: Script, body: Any) -> None:
        rest(script, body)
        with pytest.raises(EsmProtocolError, match="is no data card"):
            read(script.store(), "team")
        with pytest.raises(EsmProtocolError, match="is no data card"):
            using(script.store(), lambda store: store.worklog("incident", "7", "comments"))

    def test_a_card_that_may_not_be_seen_is_a_permission(self, script: Script) -> None:
        with pytest.raises(EsmPermissionError, match="does not show data card 7"):
            read(rest(script, status=403).store(), "team")

    @pytest.mark.parametrize("body", [{"data": [{"name": "no id"}]}, {"data": None}, {"data": ["7"]}])
    def test_a_page_that_is_none_is_noticed(self, script: Script, body: Any) -> None:
        rest(script).on("GET", "/data$", httpx.Response(200, json=body))
        with pytest.raises(EsmProtocolError, match="is no page of data cards"):
            using(script.store(), lambda store: store.matching("incident", "$team$ = 'a'", most=1))

    def test_cards_that_a_list_shows_in_spite_of_the_filter_are_left_out(self, script: Script) -> None:
        cards = [
            {"dataCardId": "9", "name": "nine", "hidden": True}, {"dataCardId": "8", "name": "eight", "deleted": True},
            {"dataCardId": "7", "name": "seven"},
        ]  # fmt: skip
        rest(script).on("GET", "/data$", httpx.Response(200, json={"data": cards}))
        found = using(script.store(), lambda store: store.matching("incident", "$team$ = 'a'", most=9))
        assert [card.card_id for card in found] == ["7"]


class TestRestWorklog:
    NEWEST_FIRST: tuple[dict[str, Any], ...] = (
        {"author": "b", "value": "2", "date": "2026-01-02T00:00:00Z"},
        {"author": "a", "value": "1", "date": "2026-01-01T00:00:00Z"},
    )

    @pytest.mark.parametrize("order", [1, -1])
    def test_moments_decide_whichever_end_comes_first(self, script: Script, order: int) -> None:
        script = rest(script, whole(comments=[*self.NEWEST_FIRST][::order]))
        assert using(script.store(), lambda store: store.worklog("incident", "7", "comments")) == (
            Entry("a", "1", "2026-01-01T00:00:00Z"),
            Entry("b", "2", "2026-01-02T00:00:00Z"),
        )

    def test_without_moments_the_newest_is_taken_to_come_first(self, script: Script) -> None:
        entries = [{"author": None, "value": "3"}, {"author": "a"}, *self.NEWEST_FIRST]
        script = rest(script, whole(comments=entries))
        found = using(script.store(), lambda store: store.worklog("incident", "7", "comments"))
        assert [entry.text for entry in found] == ["1", "2", "3"]
        assert found[-1] == Entry("", "3", "")


class TestRestChange:
    @pytest.mark.parametrize(
        ("status", "body", "refusals"),
        [
            (200, {"dataCard": {"dataCardId": "7"}}, []),
            (200, {"meta": {"importResult": {"savedDataCards": 0, "notSavedDataCards": 1}}}, [("card_refused", None)]),
            (200, {"meta": {"errors": [{"message": "no"}]}}, [("card_refused", None)]),
            (200, {"meta": {"errors": [{"attributeCode": "team", "message": "no"}]}}, [("attribute_refused", "team")]),
            (400, {"message": "no"}, [("attribute_refused", "team")]),
            (404, {"message": "gone"}, [("not_found", None)]),
            (403, {"message": "not you"}, [("card_refused", None)]),
            (409, {"message": "locked"}, [("card_refused", None)]),
            (423, {}, [("card_refused", None)]),
        ],
    )
    def test_every_answer_is_told(
        self, script: Script, status: int, body: Any, refusals: list[tuple[str, str | None]]
    ) -> None:
        rest(script).on("PATCH", "/data/7$", httpx.Response(status, json=body))
        assert change(script.store(), team=("secret",)) == refusals

    def test_an_answer_that_was_not_expected_is_an_error(self, script: Script) -> None:
        rest(script).on("PATCH", "/data/7$", httpx.Response(418, json={}))
        with pytest.raises(EsmRefused, match="does not take data cards of template 'incident'"):
            change(script.store(), team=("x",))

    def test_after_a_refusal_of_the_whole_nothing_is_cleared(self, script: Script) -> None:
        rest(script, whole(no=[{"value": "x"}])).on("PATCH", "/data/7$", httpx.Response(409, json={}))
        assert change(script.store(), team=("x",), no=()) == [("card_refused", None)]
        assert script.paths("DELETE") == []

    def test_an_attribute_that_is_empty_after_all_counts_as_cleared(self, script: Script) -> None:
        rest(script).on("DELETE", "/data/7/team$", httpx.Response(404, json={}))
        full, empty = (httpx.Response(200, json=whole(team=some)) for some in ([{"value": "x"}], []))
        script.rules[2] = ("GET", "/data/7$", [full, empty])
        assert change(script.store(), team=()) == []

    def test_what_was_read_of_the_card_is_not_in_a_refusal(self, script: Script) -> None:
        rest(script, whole(team=[{"value": "a secret"}]))
        script.on("DELETE", "/team$", httpx.Response(400, json={"message": "cannot clear 'a secret' of 7"}))
        (refusal,) = using(script.store(), lambda store: store.change("incident", "7", {"team": ()}))
        assert "secret" not in refusal.message
        assert "cannot clear" in refusal.message


class TestRestEntry:
    @pytest.mark.parametrize("body", [{"code": 200, "message": "ok"}, {}])
    def test_a_success_is_one(self, script: Script, body: Any) -> None:
        rest(script).on("POST", "/comments$", httpx.Response(200, json=body))
        add(script.store())

    @pytest.mark.parametrize(
        ("status", "body"),
        [(200, {"meta": {"errors": [{"message": "not a secret"}]}}), (400, {"message": "bad a secret"}), (423, [])],
    )
    def test_a_refusal_is_one_even_inside_a_success(self, script: Script, status: int, body: Any) -> None:
        rest(script).on("POST", "/comments$", httpx.Response(status, json=body))
        with pytest.raises(EsmRefused, match="did not add an entry") as caught:
            add(script.store(), "a secret")
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("answer", [httpx.Response(200, text="ok"), httpx.Response(200, json=[])])
    def test_a_success_that_is_not_esms_is_uncertain(self, script: Script, answer: httpx.Response) -> None:
        rest(script).on("POST", "/comments$", answer)
        with pytest.raises(EsmUncertain):
            add(script.store())

    @pytest.mark.parametrize("error", [httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), httpx.WriteError("x")])
    def test_it_is_sent_once_when_no_answer_comes(self, script: Script, error: Exception) -> None:
        rest(script).on("POST", "/comments$", error)
        with pytest.raises(EsmUncertain):
            add(script.store())
        assert script.paths("POST").count("/rest-api/itsm/v1/dc/incident/data/7/comments") == 1

    def test_it_is_sent_again_when_no_connection_could_be_made(self, script: Script) -> None:
        rest(script).on("POST", "/comments$", httpx.ConnectError("x"), httpx.Response(200, json={}))
        add(script.store())


def xml(script: Script, *searched: str | Callable[[httpx.Request], httpx.Response]) -> Script:
    """A Web API without REST beside it; each search for the card itself is answered by the next document."""
    plain = [httpx.Response(200, text=document) if isinstance(document, str) else document for document in searched]

    def search(request: httpx.Request) -> httpx.Response:
        query = request.url.params["query"]
        if "IS NULL" in query or "= true" in query:
            return httpx.Response(200, text="<result/>")
        if "entity.id = '7'" not in query and "$no$" not in query:
            return httpx.Response(200, text="<result/>")
        answer = plain[0] if "$no$" in query or len(plain) == 1 else plain.pop(0)
        return answer if isinstance(answer, httpx.Response) else answer(request)

    script.on("POST", "/users/login", httpx.Response(403))
    return script.on("GET", r"/search\.ws$", search)


def entity(card_id: str = "7", folder: str = "f", **values: list[str]) -> str:
    rows = "".join(
        f'<attribute code="{code}">' + "".join(f"<value>{text}</value>" for text in some) + "</attribute>"
        for code, some in {"no": ["N7"], **values}.items()
    )
    group = f'<group code="{folder}"/>' if folder else ""
    return (
        f'<entityset><entity id="{card_id}" name="seven"><template code="incident"/>{group}{rows}</entity></entityset>'
    )


def report(updated: int) -> httpx.Response:
    counters = f"<entities-created>0</entities-created><entities-updated>{updated}</entities-updated>"
    return httpx.Response(200, text=f"<entity-import-report>{counters}</entity-import-report>")


class TestXmlRead:
    def test_a_card_of_another_id_is_none(self, script: Script) -> None:
        xml(script, entity("70"))
        assert using(script.store("webapi"), lambda store: store.read("incident", "7", ["team"])) is None

    def test_an_esm_that_knows_no_words_for_the_trash_shows_what_it_shows(self, script: Script) -> None:
        def search(request: httpx.Request) -> httpx.Response:
            speaks = "entity.deleted" in request.url.params["query"]
            return httpx.Response(200, text="<error><code>efe-3001</code></error>" if speaks else entity(team=["t"]))

        script.on("POST", "/users/login", httpx.Response(403)).on("GET", r"/search\.ws$", search)
        card = using(script.store("webapi"), lambda store: store.read("incident", "7", ["team"]))
        assert card is not None
        assert (card.values, card.hidden, card.deleted) == ({"team": (Shown("t"),)}, False, False)
        found = using(script.store("webapi"), lambda store: store.matching("incident", "$team$ = 't'", most=1))
        assert [card.card_id for card in found] == ["7"]
        assert using(script.store("webapi"), lambda store: store.read("incident", "8", ["team"])) is None

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("24.03.2026 00:00", "2026-03-24"), ("24.03.2026", "2026-03-24"),
            ("24.03.2026 12:30", "2026-03-24T10:30:00Z"), ("29.03.2026 04:00", "2026-03-29T01:00:00Z"),
            ("some day", "some day"), ("31.02.2026 10:00", "31.02.2026 10:00"), ("at 10:00", "at 10:00"),
        ],
    )  # fmt: skip
    def test_a_date_is_read_in_the_servers_zone(self, script: Script, text: str, shown: str) -> None:
        xml(script, entity(due=[text]))
        script.rules[0] = ("POST", "/users/login", [httpx.Response(200, json={"token": "t"})])
        script.on("GET", "/dc/incident$", httpx.Response(200, json=TEMPLATE))
        assert read(script.store("webapi", timezone="Europe/Helsinki"), "due") == {"due": (Shown(shown),)}


class TestXmlChange:
    def test_a_card_that_is_not_counted_and_shows_it_all_is_done(self, script: Script) -> None:
        xml(script, entity(), entity(team=["t"])).on("POST", "Import", report(0))
        assert change(script.store("webapi"), team=("t",)) == []

    def test_a_card_that_is_counted_and_shows_it_in_other_words_is_done(self, script: Script) -> None:
        xml(script, entity(team=["old"]), entity(team=["T!"])).on("POST", "Import", report(1))
        assert change(script.store("webapi"), team=("t",)) == []

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            (entity(team=["old"]), entity(team=["old"]), ("t",)),  # not taken
            (entity(), entity(), ("t",)),  # not taken, or not shown
            (entity(team=["old"]), entity(team=["old"]), ()),  # not cleared
            (entity(), entity(team=["a text"]), (Link("5", "a5"),)),  # no reference
        ],
    )
    def test_a_card_that_is_counted_and_does_not_hold_it_is_refused(
        self, script: Script, before: str, after: str, said: tuple[Value, ...]
    ) -> None:
        xml(script, before, after).on("POST", "Import", report(1))
        assert change(script.store("webapi"), team=said) == [("attribute_refused", "team")]

    def test_a_card_that_is_not_counted_is_refused_with_a_hint(self, script: Script) -> None:
        xml(script, entity()).on("POST", "Import", report(0))
        (refusal,) = using(
            script.store("webapi"), lambda store: store.change("incident", "7", {"team": ("t",)}, key="no")
        )
        assert "ESM's own log" in refusal.message

    def test_a_card_that_is_gone_afterwards_is_not_found(self, script: Script) -> None:
        xml(script, entity(), "<result/>").on("POST", "Import", report(1))
        assert change(script.store("webapi"), team=("t",)) == [("not_found", None)]

    def test_a_reference_whose_key_xml_cannot_carry_is_not_sent(self, script: Script) -> None:
        xml(script, entity())
        assert change(script.store("webapi"), team=(Link("5", "a\x07"),)) == [("attribute_refused", "team")]

    def test_a_card_whose_folder_is_not_shown_cannot_be_imported(self, script: Script) -> None:
        xml(script, entity(folder=""))
        with pytest.raises(EsmProtocolError, match="in which folder data card 7 is"):
            change(script.store("webapi"), team=("t",))


class TestTurnedAway:
    """What ESM did not even look at was not carried out."""

    def test_an_import_that_was_turned_away_is_not_uncertain(self, script: Script) -> None:
        xml(script, entity()).on("POST", "Import", httpx.Response(429, headers={"Retry-After": "9999"}))
        with pytest.raises(EsmRateLimited):
            add(script.store("webapi"))

    def test_an_entry_that_was_turned_away_is_not_uncertain(self, script: Script) -> None:
        rest(script).on("POST", "/comments$", httpx.Response(429, headers={"Retry-After": "9999"}))
        with pytest.raises(EsmRateLimited):
            add(script.store())
