"""REST answers that are lost, late, in another order, or say less than they should: scripted to the letter."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from airflow_provider_jira.esm.errors import (
    EsmPermissionError,
    EsmProtocolError,
    EsmRateLimited,
    EsmRefused,
    EsmUnavailable,
    UnknownTemplate,
)
from airflow_provider_jira.esm.store import CardStore, CardWrite, FoundCard, Outcome

from .conftest import TARGET, TASK, Script, write_of

Bulk = Callable[["Desk", list[dict[str, Any]]], Any]
ATTRIBUTES = {code: {"type": "string", "multiValue": False} for code in ("jiraId", "taskId", "subject", "team")}


class Desk:
    """The least ESM that a script needs: cards by id, look-ups by key, and bulk writes that answer as a test says."""

    def __init__(self, script: Script, bulk: Bulk | None = None) -> None:
        self.cards: dict[str, dict[str, Any]] = {}
        self.made = 0
        self.bulk = bulk
        self.bulks: list[list[dict[str, Any]]] = []
        self.blind: set[str] = set()
        """Ids that no list shows."""
        script.on("POST", "/users/login", httpx.Response(200, json={"token": "t"}))
        script.on("GET", "/dc/jira_issue$", httpx.Response(200, json={"code": "jira_issue", "attributes": ATTRIBUTES}))
        script.on("GET", "/data$", self.list)
        script.on("GET", r"/data/\d+$", self.one)
        script.on("PUT", "/data$", self.put)
        script.on("POST", "/data$", self.post)
        script.on("PATCH", r"/data/\d+$", self.patch)
        script.on("DELETE", r"/data/\d+/\w+$", self.clear)
        script.on("DELETE", r"/data/\d+$", self.trash)

    def add(self, key: str, **values: str) -> str:
        card_id = str(1000 + self.made)
        self.made += 1
        self.cards[card_id] = {"jiraId": key, "taskId": TASK, **values}
        return card_id

    def save(self, item: dict[str, Any]) -> str:
        values = {code: element["values"][0]["value"] for code, element in item["data"].items()}
        card_id: str = item.get("dataCardId") or self.add(values["jiraId"])
        self.cards[card_id].update(values)
        return card_id

    def whole(self, card_id: str, request: httpx.Request | None = None) -> dict[str, Any]:
        asked = None if request is None else request.url.params.get("selectedAttributes")
        data = {
            code: {"type": "string", "values": [{"value": text}]}
            for code, text in self.cards[card_id].items()
            if text and (asked is None or code in asked.split(","))
        }
        return {"dataCardId": card_id, "deleted": False, "hidden": False, "data": data}

    def list(self, request: httpx.Request) -> httpx.Response:
        query = parse_qs(request.url.query.decode())
        condition = query.get("filter", [""])[0]
        wanted = set(re.findall(r"\$jiraId\$ = '([^']*)'", condition))
        stamps = set(re.findall(r"\$taskId\$ = '([^']*)'", condition))
        below = int(query.get("filterId", ["0"])[0]) or 10**9
        shown = [
            self.whole(card_id, request)
            for card_id in sorted(self.cards, key=int, reverse=True)
            if int(card_id) < below and card_id not in self.blind
            and (not wanted or self.cards[card_id]["jiraId"] in wanted)
            and (not stamps or self.cards[card_id]["taskId"].lower() in {stamp.lower() for stamp in stamps})
        ]  # fmt: skip
        return httpx.Response(200, json={"meta": {}, "data": shown[: int(query["limit"][0])]})

    def one(self, request: httpx.Request) -> httpx.Response:
        card_id = request.url.path.rsplit("/", 1)[1]
        return httpx.Response(200, json=self.whole(card_id, request)) if card_id in self.cards else httpx.Response(404)

    def put(self, request: httpx.Request) -> httpx.Response:
        items = json.loads(request.content)
        self.bulks.append(items)
        if self.bulk is None:
            return bulk_answer([self.save(item) for item in items])
        answer = self.bulk(self, items)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    def post(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            201, json={"dataCard": {"dataCardId": self.save(json.loads(request.content))}, "meta": {}}
        )

    def patch(self, request: httpx.Request) -> httpx.Response:
        item = json.loads(request.content)
        if item["dataCardId"] not in self.cards:
            return httpx.Response(404, json={"code": 404})
        return httpx.Response(200, json={"dataCard": {"dataCardId": self.save(item)}, "meta": {}})

    def clear(self, request: httpx.Request) -> httpx.Response:
        card_id, code = request.url.path.rsplit("/", 2)[1:]
        self.cards[card_id][code] = ""
        return httpx.Response(200, json={})

    def trash(self, request: httpx.Request) -> httpx.Response:
        del self.cards[request.url.path.rsplit("/", 1)[1]]
        return httpx.Response(200, json={})

    def keys(self) -> list[str]:
        return sorted(card["jiraId"] for card in self.cards.values())


def bulk_answer(ids: list[str], told: dict[str, list[dict[str, Any]]] | None = None, **meta: Any) -> httpx.Response:
    items = [{"dataCard": {"dataCardId": card_id}, "errors": (told or {}).get(card_id, [])} for card_id in ids]
    return httpx.Response(200, json={"meta": meta, "data": items})


def write(script: Script, *writes: CardWrite, create: bool = True, **settings: Any) -> tuple[Outcome, ...]:
    async def main() -> tuple[Outcome, ...]:
        async with script.store(**settings) as store:
            return await store.write(TARGET, writes, create=create)

    return asyncio.run(main())


def new(count: int) -> list[CardWrite]:
    return [write_of(str(n), subject=f"text {n}") for n in range(count)]


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def error(attribute: str | None, message: str) -> dict[str, Any]:
    return {"attributeCode": attribute, "message": message, "error": "Bad Request"}


class TestBulkAnswers:
    def test_answers_in_reverse_give_each_card_its_own_id(self, script: Script) -> None:
        desk = Desk(script, lambda desk, items: bulk_answer([desk.save(item) for item in items][::-1]))
        there = desk.add("3")
        outcomes = write(script, *new(6))
        assert statuses(outcomes) == ["created"] * 3 + ["updated"] + ["created"] * 2
        assert outcomes[3].card_id == there
        for outcome in outcomes:
            assert desk.cards[outcome.card_id or ""]["jiraId"] == outcome.key

    def test_an_attribute_error_in_a_reversed_answer_hits_the_right_card(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            ids = [desk.save(item) for item in items]
            bad = next(card_id for card_id in ids if desk.cards[card_id]["jiraId"] == "2")
            return bulk_answer(ids[::-1], {bad: [error("team", "text 2 is too long")]})

        desk = Desk(script, bulk)
        outcomes = write(script, *new(5))
        assert statuses(outcomes) == ["created", "created", "refused", "created", "created"]
        (refusal,) = outcomes[2].refusals
        assert (refusal.code, refusal.attribute, refusal.message) == ("attribute_refused", "team", "… is too long")
        assert desk.cards[outcomes[2].card_id or ""]["jiraId"] == "2"

    def test_counters_below_the_items_make_the_client_ask_again(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            saved = [item for item in items if item["data"]["subject"]["values"][0]["value"] != "text 3"]
            for item in saved:
                desk.save(item)
            counters = {"savedDataCards": len(saved), "notSavedDataCards": len(items) - len(saved)}
            return bulk_answer([item["dataCardId"] for item in items], importResult=counters)

        desk = Desk(script, bulk)
        for n in range(6):
            desk.add(str(n), subject="before")
        assert statuses(write(script, *new(6))) == ["updated"] * 6
        assert {card["jiraId"]: card["subject"] for card in desk.cards.values()} == {
            str(n): f"text {n}" for n in range(6)
        }
        assert [len(items) for items in desk.bulks] == [6, 3, 3, 2]

    def test_errors_that_belong_to_no_card_make_the_client_ask_again(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            return bulk_answer([desk.save(item) for item in items], errors=[error("team", "somewhere")])

        desk = Desk(script, bulk)
        assert statuses(write(script, *new(4))) == ["created"] * 4
        assert desk.keys() == ["0", "1", "2", "3"]
        assert len(script.paths("PATCH")) == 3  # each alone, where the answer can belong to no other

    def test_an_answer_that_names_nobody_is_settled_by_looking(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            for item in items:
                desk.save(item)
            return httpx.Response(200, json={})

        desk = Desk(script, bulk)
        desk.add("1")
        assert statuses(write(script, *new(4))) == ["created", "updated", "created", "created"]
        assert desk.keys() == ["0", "1", "2", "3"]

    def test_more_nameless_errors_than_missing_cards_are_not_passed_over(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            ids = [desk.save(item) for item in items]
            data = [{"dataCard": {"dataCardId": card_id}, "errors": []} for card_id in ids[1:]]
            return httpx.Response(200, json={"data": [{"dataCard": None, "errors": [error("team", "no")]}, *data]})

        Desk(script, bulk)
        assert statuses(write(script, *new(4))) == ["created"] * 4
        assert script.paths("PATCH")

    def test_a_create_that_no_look_up_shows_yet_is_read_by_its_id_and_not_made_again(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            ids = [desk.save(item) for item in items]
            desk.blind.update(ids)
            return bulk_answer(ids)

        desk = Desk(script, bulk)
        assert statuses(write(script, *new(4))) == ["created"] * 4
        assert desk.keys() == ["0", "1", "2", "3"]

    def test_a_key_that_esm_does_not_keep_leaves_no_card_behind(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            ids = [desk.save(item) for item in items]
            for card_id in ids:
                if desk.cards[card_id]["jiraId"] == "2":
                    desk.cards[card_id]["jiraId"] = ""
            return bulk_answer(ids)

        desk = Desk(script, bulk)
        outcomes = write(script, *new(5))
        assert statuses(outcomes) == ["created"] * 5  # alone, its key was kept
        assert desk.keys() == ["0", "1", "2", "3", "4"]
        assert len(script.paths("DELETE")) == 1

    def test_an_attribute_complaint_said_twice_is_one(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            ids = [desk.save(item) for item in items]
            twice = [error("team", "no"), error("team", "no")]
            return bulk_answer(ids, {ids[0]: twice}, errors=[error("team", "no")])

        Desk(script, bulk)
        outcomes = write(script, *new(4))
        assert statuses(outcomes).count("refused") == 1
        assert [len(outcome.refusals) for outcome in outcomes if outcome.refusals] == [1]

    @pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
    def test_a_refusal_of_the_whole_is_halved_down_to_the_one(self, script: Script, status: int) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            if any(item["data"]["subject"]["values"][0]["value"] == "text 5" for item in items):
                return httpx.Response(status, json={"message": "text 5 is bad"})
            return bulk_answer([desk.save(item) for item in items])

        desk = Desk(script, bulk)
        script.rules.insert(0, ("POST", "/data$", [lambda request: self._single(desk, request, status)]))
        outcomes = write(script, *new(8))
        assert [n for n, outcome in enumerate(outcomes) if outcome.status == "refused"] == [5]
        assert outcomes[5].refusals[0].message == "… is bad"
        assert desk.keys() == ["0", "1", "2", "3", "4", "6", "7"]

    @staticmethod
    def _single(desk: Desk, request: httpx.Request, status: int) -> httpx.Response:
        if b"text 5" in request.content:
            return httpx.Response(status, json={"message": "text 5 is bad"})
        return desk.post(request)

    def test_an_answer_of_a_kind_never_heard_of_stops_the_work(self, script: Script) -> None:
        Desk(script, lambda _desk, _items: httpx.Response(418))
        with pytest.raises(EsmRefused, match="does not take data cards") as caught:
            write(script, *new(3))
        assert caught.value.status == 418

    def test_an_answer_that_is_no_json_stops_the_work(self, script: Script) -> None:
        Desk(script, lambda _desk, _items: httpx.Response(200, content=b"<html>maintenance</html>"))
        with pytest.raises(EsmProtocolError, match="is not JSON"):
            write(script, *new(3))


class TestLostAnswers:
    @pytest.mark.parametrize(
        "lost", [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x"), 500, 502, 503, 504]
    )
    @pytest.mark.parametrize("done", [0, 2, 4])
    def test_what_was_done_is_not_done_again_and_the_rest_is(self, script: Script, lost: Any, done: int) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> Any:
            if len(desk.bulks) == 1:
                for item in items[:done]:
                    desk.save(item)
                return lost if isinstance(lost, Exception) else httpx.Response(lost)
            return bulk_answer([desk.save(item) for item in items])

        desk = Desk(script, bulk)
        assert statuses(write(script, *new(5))) == ["created"] * 5
        assert desk.keys() == ["0", "1", "2", "3", "4"]
        assert sum("dataCardId" not in item for items in desk.bulks[1:] for item in items) <= 4 - done

    def test_waiting_comes_before_looking_because_esm_may_still_be_at_it(self, script: Script) -> None:
        looked: list[float] = []

        def bulk(desk: Desk, items: list[dict[str, Any]]) -> Any:
            if len(desk.bulks) == 1:
                looked.append(script.time.now)
                return httpx.ReadTimeout("x")
            return bulk_answer([desk.save(item) for item in items])

        desk = Desk(script, bulk)
        plain = desk.list

        def list_(request: httpx.Request) -> httpx.Response:
            if looked:
                looked.append(script.time.now)
            return plain(request)

        script.rules.insert(0, ("GET", "/data$", [list_]))
        write(script, *new(3))
        assert looked[1] > looked[0]

    def test_after_a_few_losses_it_is_given_up_and_nothing_exists_twice(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> Any:
            desk.save(items[0])
            return httpx.ReadTimeout("x")

        desk = Desk(script, bulk)
        with pytest.raises(EsmUnavailable):
            write(script, *new(9))
        assert len(set(desk.keys())) == len(desk.keys())

    def test_a_limit_that_never_ends_is_not_taken_for_bad_cards(self, script: Script) -> None:
        Desk(script, lambda _desk, _items: httpx.Response(429))
        with pytest.raises(EsmRateLimited):
            write(script, *new(3))

    def test_a_limit_on_one_card_is_an_error_of_the_whole_too(self, script: Script) -> None:
        desk = Desk(script)
        script.rules.insert(0, ("PATCH", "/data/", [httpx.Response(429)]))
        desk.add("0")
        with pytest.raises(EsmRateLimited):
            write(script, *new(1))

    def test_a_token_that_ends_in_the_middle_of_many_requests_is_renewed_once(self, script: Script) -> None:
        tokens = iter(range(100))
        script.on("POST", "/users/login", lambda _: httpx.Response(200, json={"token": f"token-{next(tokens)}"}))
        desk = Desk(script)
        revoked: set[str] = set()
        plain = desk.list

        def list_(request: httpx.Request) -> httpx.Response:
            if len(script.seen) == 5:
                revoked.add("Bearer token-0")
            return httpx.Response(401) if request.headers["Authorization"] in revoked else plain(request)

        script.rules.insert(0, ("GET", "/data$", [list_]))
        assert statuses(write(script, *new(300), lookup_keys=30)) == ["created"] * 300
        assert len(script.paths("POST")) - script.paths("POST").count("/rest-api/itsm/v1/dc/jira_issue/data") == 2
        assert desk.keys() == sorted(str(n) for n in range(300))


class TestSingles:
    def test_a_card_that_vanishes_between_look_up_and_write_is_looked_up_again(self, script: Script) -> None:
        desk = Desk(script)
        old = desk.add("0")

        def vanish(request: httpx.Request) -> httpx.Response:
            desk.cards.pop(old, None)
            return desk.patch(request)

        script.rules.insert(0, ("PATCH", "/data/", [vanish]))
        (outcome,) = write(script, *new(1))
        assert outcome.status == "created"
        assert desk.keys() == ["0"]
        assert outcome.card_id in desk.cards

    def test_a_card_that_takes_the_place_of_one_that_vanished_is_cleared_and_has_its_own_owner(
        self, script: Script
    ) -> None:
        desk = Desk(script)
        old = desk.add("0", taskId="acme__first")

        def replaced(request: httpx.Request) -> httpx.Response:
            if desk.cards.pop(old, None) is not None:
                desk.add("0", taskId="acme__second", team="Support")
            return desk.patch(request)

        script.rules.insert(0, ("PATCH", "/data/", [replaced]))
        (outcome,) = write(script, write_of("0", team=()))
        assert (outcome.status, outcome.previous_owner) == ("updated", "acme__second")
        assert [card["team"] for card in desk.cards.values()] == [""]

    def test_a_card_that_vanishes_is_not_made_again_where_none_may_be_created(self, script: Script) -> None:
        desk = Desk(script)
        old = desk.add("0", taskId="acme__other")

        def vanish(request: httpx.Request) -> httpx.Response:
            desk.cards.pop(old, None)
            return desk.patch(request)

        script.rules.insert(0, ("PATCH", "/data/", [vanish]))
        (outcome,) = write(script, *new(1), create=False)
        assert outcome.refusals[0].code == "not_found"
        assert outcome.previous_owner is None
        assert desk.cards == {}

    def test_a_success_that_saved_nothing_is_no_success(self, script: Script) -> None:
        desk = Desk(script)
        desk.add("0")
        nothing = {"meta": {"importResult": {"savedDataCards": 0, "notSavedDataCards": 1}}}
        script.rules.insert(0, ("PATCH", "/data/", [httpx.Response(200, json=nothing)]))
        (outcome,) = write(script, *new(1))
        assert outcome.status == "refused"
        assert "saved nothing" in outcome.refusals[0].message

    def test_a_create_that_is_answered_without_an_id_is_looked_up(self, script: Script) -> None:
        desk = Desk(script)

        def nameless(request: httpx.Request) -> httpx.Response:
            desk.post(request)
            return httpx.Response(201, json={"meta": {}})

        script.rules.insert(0, ("POST", "/data$", [nameless]))
        (outcome,) = write(script, *new(1))
        assert (outcome.status, desk.keys()) == ("created", ["0"])
        assert outcome.card_id in desk.cards

    def test_a_create_that_is_answered_without_an_id_and_made_nothing_is_refused(self, script: Script) -> None:
        Desk(script)
        script.rules.insert(0, ("POST", "/data$", [httpx.Response(201, json={})]))
        (outcome,) = write(script, *new(1))
        assert outcome.status == "refused"

    def test_a_refused_key_attribute_takes_the_card_back(self, script: Script) -> None:
        desk = Desk(script)

        def keyless(request: httpx.Request) -> httpx.Response:
            made = json.loads(desk.post(request).content)
            made["meta"] = {"errors": [error("jiraId", "No permission")]}
            return httpx.Response(201, json=made)

        script.rules.insert(0, ("POST", "/data$", [keyless]))
        outcomes = write(script, *new(2))
        assert [outcome.refusals[0].attribute for outcome in outcomes] == ["jiraId", "jiraId"]
        assert desk.cards == {}
        with pytest.raises(EsmPermissionError, match="without their key attribute 'jiraId'"):
            write(script, *new(3))
        assert desk.cards == {}

    def test_an_answer_of_a_kind_never_heard_of_stops_the_work(self, script: Script) -> None:
        desk = Desk(script)
        desk.add("0")
        script.rules.insert(0, ("PATCH", "/data/", [httpx.Response(418)]))
        with pytest.raises(EsmRefused):
            write(script, *new(1))

    def test_one_forbidden_card_is_refused_and_the_others_are_not(self, script: Script) -> None:
        def bulk(desk: Desk, items: list[dict[str, Any]]) -> httpx.Response:
            forbidden = any(item.get("dataCardId") == "1002" for item in items)
            return httpx.Response(403) if forbidden else bulk_answer([desk.save(item) for item in items])

        desk = Desk(script, bulk)
        for n in range(5):
            desk.add(str(n))
        script.rules.insert(0, ("PATCH", "/data/1002", [httpx.Response(403, json={"message": "Forbidden"})]))
        outcomes = write(script, *new(5))
        assert statuses(outcomes) == ["updated", "updated", "refused", "updated", "updated"]
        assert outcomes[2].refusals[0].message == "Forbidden"


class TestClearing:
    def test_only_what_holds_something_is_cleared(self, script: Script) -> None:
        desk = Desk(script)
        full, empty = desk.add("0", team="t"), desk.add("1")
        assert statuses(write(script, write_of("0", team=()), write_of("1", team=()))) == ["updated", "updated"]
        assert script.paths("DELETE") == [f"/rest-api/itsm/v1/dc/jira_issue/data/{full}/team"]
        assert desk.cards[full]["team"] == ""
        assert desk.cards[empty].get("team") is None

    def test_an_attribute_that_cannot_be_cleared_is_a_refusal(self, script: Script) -> None:
        desk = Desk(script)
        desk.add("0", team="Support")
        no = httpx.Response(400, json={"message": "Support is mandatory"})
        script.rules.insert(0, ("DELETE", "/team$", [no]))
        (outcome,) = write(script, write_of("0", team=(), subject="Support"))
        assert outcome.status == "refused"
        assert outcome.refusals[0].attribute == "team"
        assert outcome.refusals[0].message == "attribute 'team' could not be cleared: … is mandatory"

    def test_a_refusal_to_clear_what_is_empty_by_now_is_none(self, script: Script) -> None:
        desk = Desk(script)
        there = desk.add("0", team="Support")

        def late(request: httpx.Request) -> httpx.Response:
            desk.clear(request)
            return httpx.Response(404)

        script.rules.insert(0, ("DELETE", "/team$", [late]))
        (outcome,) = write(script, write_of("0", team=()))
        assert (outcome.status, outcome.card_id) == ("updated", there)


class TestReading:
    def test_own_cards_are_exactly_this_tasks_whatever_esm_thinks_of_case(self, script: Script) -> None:
        desk = Desk(script)
        mine = desk.add("0")
        desk.cards[desk.add("1")]["taskId"] = TASK.upper()
        assert [card.card_id for card in self._owned(script)] == [mine]

    def test_a_short_page_of_own_cards_is_not_taken_for_the_last(self, script: Script) -> None:
        desk = Desk(script)
        for n in range(10):
            desk.add(str(n))
        plain = desk.list

        def short(request: httpx.Request) -> httpx.Response:
            body = json.loads(plain(request).content)
            return httpx.Response(200, json={**body, "data": body["data"][:2]})

        script.rules.insert(0, ("GET", "/data$", [short]))
        assert len(self._owned(script, page_cards=5)) == 10

    def test_a_page_that_repeats_is_noticed(self, script: Script) -> None:
        desk = Desk(script)
        for n in range(3):
            desk.add(str(n))
        body = json.loads(desk.list(httpx.Request("GET", "https://x/data?limit=3")).content)
        script.rules.insert(0, ("GET", "/data$", [httpx.Response(200, json=body)]))
        with pytest.raises(EsmProtocolError, match="repeats cards"):
            self._owned(script, page_cards=3)

    def test_ids_that_are_no_numbers_are_noticed(self, script: Script) -> None:
        desk = Desk(script)
        desk.cards["x1"] = desk.cards.pop(desk.add("0"))
        body = {"data": [desk.whole("x1")]}
        script.rules.insert(0, ("GET", "/data$", [httpx.Response(200, json=body)]))
        with pytest.raises(EsmProtocolError, match="no numbers"):
            self._owned(script)

    def test_a_key_that_is_found_and_not_shown_stops_everything(self, script: Script) -> None:
        desk = Desk(script)
        desk.add("0")
        body = {"data": [{"dataCardId": "7", "data": {"jiraId": {"values": []}}}]}
        script.rules.insert(0, ("GET", "/data$", [httpx.Response(200, json=body)]))
        with pytest.raises(EsmPermissionError, match="does not show it"):
            write(script, *new(2))
        assert desk.bulks == []

    def test_an_empty_list_as_404_is_told_from_an_unknown_template(self, script: Script) -> None:
        script.on("POST", "/users/login", httpx.Response(200, json={"token": "t"}))
        script.on("GET", "/data$", httpx.Response(404))
        script.on(
            "GET", "/dc/jira_issue$",
            httpx.Response(200, json={"code": "jira_issue", "attributes": {}}), httpx.Response(404),
        )  # fmt: skip
        assert self._owned(script) == []
        with pytest.raises(UnknownTemplate):
            self._owned(script)

    def test_a_refused_filter_does_not_give_the_keys_away(self, script: Script) -> None:
        script.on("POST", "/users/login", httpx.Response(200, json={"token": "t"}))
        script.on("GET", "/dc/", httpx.Response(400, json={"message": "cannot read 'anna.korhonen' here"}))

        async def main() -> None:
            async with script.store() as store:
                await store.find(TARGET, ["anna.korhonen"])

        with pytest.raises(EsmRefused, match="refuses to list template 'jira_issue': cannot read '…' here") as caught:
            asyncio.run(main())
        assert "anna" not in str(caught.value)

    @pytest.mark.parametrize("path", ["/dc/jira_issue$", "/data$", r"/data/\d+$"])
    def test_a_status_never_heard_of_is_typed_wherever_it_comes(self, script: Script, path: str) -> None:
        Desk(script)
        script.rules.insert(0, ("GET", path, [httpx.Response(418)]))
        with pytest.raises(EsmRefused):
            write(script, write_of("0", "77", subject="x"))

    def test_a_list_that_is_no_list_is_noticed(self, script: Script) -> None:
        Desk(script)
        script.rules.insert(0, ("GET", "/data$", [httpx.Response(200, json={"data": 7})]))
        with pytest.raises(EsmProtocolError, match="no page"):
            self._owned(script)

    def test_a_hint_saves_a_card_whose_key_was_emptied(self, script: Script) -> None:
        desk = Desk(script)
        there = desk.add("")
        (outcome,) = write(script, write_of("0", there, subject="x"))
        assert (outcome.status, outcome.card_id) == ("updated", there)
        assert desk.cards[there]["jiraId"] == "0"

    def test_a_hint_at_a_card_with_another_key_is_not_followed(self, script: Script) -> None:
        desk = Desk(script)
        there = desk.add("other", subject="kept")
        (outcome,) = write(script, write_of("0", there, subject="x"))
        assert outcome.status == "created"
        assert desk.cards[there]["subject"] == "kept"

    @staticmethod
    def _owned(script: Script, **settings: Any) -> list[FoundCard]:
        async def read(store: CardStore) -> list[FoundCard]:
            return [card async for card in store.owned(TARGET, TASK)]

        async def main() -> list[FoundCard]:
            async with script.store(**settings) as store:
                return await read(store)

        return asyncio.run(main())


class TestVisibility:
    """Which words ESM understands is found out, and words that hide what is there are not used."""

    @staticmethod
    def _asked(script: Script, understood: Callable[[str], httpx.Response | None]) -> list[str]:
        desk = Desk(script)
        desk.add("0")
        plain = desk.list
        asked: list[str] = []

        def list_(request: httpx.Request) -> httpx.Response:
            condition = parse_qs(request.url.query.decode()).get("filter", [""])[0]
            asked.append(condition)
            return understood(condition) or plain(request)

        script.rules.insert(0, ("GET", "/data$", [list_]))

        async def main() -> None:
            async with script.store() as store:
                assert list(await store.find(TARGET, ["0"])) == ["0"]
                asked.append("--")
                await store.find(TARGET, ["0"])

        asyncio.run(main())
        return asked

    def test_the_first_spelling_that_works_is_asked_for_once(self, script: Script) -> None:
        asked = self._asked(script, lambda _: None)
        assert len(asked) == 4
        assert asked[1] == asked[3]
        assert "entity.deleted = false OR entity.deleted = true" in asked[1]
        assert "entity.hidden = false OR entity.hidden = true" in asked[1]

    def test_a_spelling_that_is_refused_gives_way_to_the_next(self, script: Script) -> None:
        asked = self._asked(script, lambda text: httpx.Response(400) if "= false" in text else None)
        assert "entity.deleted = 0 OR entity.deleted = 1" in asked[-1]

    def test_where_none_is_understood_none_is_used(self, script: Script) -> None:
        asked = self._asked(script, lambda text: httpx.Response(400) if "entity." in text else None)
        assert asked[-1] == "($jiraId$ = '0')"

    def test_a_spelling_that_hides_cards_is_not_used(self, script: Script) -> None:
        empty = httpx.Response(200, json={"data": []})
        asked = self._asked(script, lambda text: empty if "entity." in text else None)
        assert asked[-1] == "($jiraId$ = '0')"

    def test_an_empty_template_proves_nothing_and_is_asked_again(self, script: Script) -> None:
        desk = Desk(script)

        async def main() -> None:
            async with script.store() as store:
                await store.find(TARGET, ["0"])
                first = len(script.paths("GET"))
                desk.add("0")
                await store.find(TARGET, ["0"])
                await store.find(TARGET, ["0"])
                assert (first, len(script.paths("GET"))) == (3, 6)

        asyncio.run(main())
