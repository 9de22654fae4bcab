"""The promises of ``CardStore``, kept by both stores against the sandbox ESM.

Every test runs through REST and through the Web API. What is said here is what a run may lean on, whichever it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, TypeVar

import pytest

from airflow_provider_jira.esm.errors import (
    EsmAuthError,
    EsmPermissionError,
    EsmProtocolError,
    EsmUnavailable,
    EsmUnreachable,
    UnknownTemplate,
)
from airflow_provider_jira.esm.store import CardStore, CardWrite, FoundCard, Outcome
from airflow_provider_jira.model.card import Day, Instant, Static

from .conftest import PASSWORD, TARGET, TASK, Esm, write_of

R = TypeVar("R")


def using(store: CardStore, work: Callable[[CardStore], Coroutine[Any, Any, R]]) -> R:
    async def main() -> R:
        async with store:
            return await work(store)

    return asyncio.run(main())


def write(esm: Esm, api: str, *writes: CardWrite, create: bool = True, **settings: Any) -> tuple[Outcome, ...]:
    return using(esm.store(api, **settings), lambda store: store.write(TARGET, writes, create=create))


def find(esm: Esm, api: str, *keys: str, attributes: tuple[str, ...] = ()) -> dict[str, tuple[FoundCard, ...]]:
    return dict(using(esm.store(api), lambda store: store.find(TARGET, keys, attributes)))


def owned(esm: Esm, api: str, task: str = TASK, attributes: tuple[str, ...] = (), **settings: Any) -> list[FoundCard]:
    async def read(store: CardStore) -> list[FoundCard]:
        return [card async for card in store.owned(TARGET, task, attributes)]

    return using(esm.store(api, **settings), read)


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def codes(outcome: Outcome) -> list[str]:
    return [refusal.code for refusal in outcome.refusals]


def assert_tells_nothing(outcome: Outcome, *values: str) -> None:
    for refusal in outcome.refusals:
        assert refusal.message
        for value in values:
            assert value not in refusal.message


class TestIdentity:
    def test_a_good_login_is_proved_without_changing_anything(self, esm: Esm, api: str) -> None:
        using(esm.store(api), lambda store: store.prove_identity())
        assert esm.writes() == []

    def test_a_wrong_password_is_one_sentence_with_the_mend_and_without_the_password(self, esm: Esm, api: str) -> None:
        with pytest.raises(EsmAuthError, match="correct login and password of the ESM connection") as caught:
            using(esm.store(api, password="Wr0ng-and-secret"), lambda store: store.prove_identity())
        assert "Wr0ng-and-secret" not in str(caught.value)
        assert caught.value.status in {401, 403}
        assert not caught.value.retryable

    def test_a_user_without_the_apis_permission_is_told_so(self, esm: Esm, api: str) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False, "webapi": False})
        with pytest.raises((EsmAuthError, EsmPermissionError), match=r"role"):
            using(esm.store(api), lambda store: store.prove_identity())

    def test_a_wrong_path_is_told_from_a_wrong_password(self, esm: Esm, api: str) -> None:
        with pytest.raises(EsmProtocolError, match=r"api_path|webapi_path"):
            using(esm.store(api, api_path="/nowhere", webapi_path="/nowhere"), lambda store: store.prove_identity())

    def test_a_host_where_nothing_listens_is_named(self, esm: Esm, api: str) -> None:
        with pytest.raises(EsmUnreachable, match=r"no connection to ESM at 127\.0\.0\.1: nothing listens there"):
            using(esm.store(api, base_url="http://127.0.0.1:9"), lambda store: store.prove_identity())


class TestDescribe:
    def test_what_exists_is_told_from_what_does_not(self, esm: Esm, api: str) -> None:
        template = using(esm.store(api), lambda store: store.describe("jira_issue", ["jiraId", "priority", "nope"]))
        assert {"jiraId", "priority"} <= set(template.attributes)
        assert "nope" not in template.attributes
        assert template.folders == ("jira_issues",)
        assert template.attributes["priority"].static_values["3"] == "3"
        assert template.attributes["labels"].multi_value is True

    def test_an_unknown_template_is_named(self, esm: Esm, api: str) -> None:
        with pytest.raises(UnknownTemplate, match=r"no template 'Jira_Issue'.*case-sensitive"):
            using(esm.store(api), lambda store: store.describe("Jira_Issue", ["jiraId"]))

    def test_a_template_that_the_user_may_not_see_is_unknown(self, esm: Esm, api: str) -> None:
        esm.do("PATCH", "/users/webapi", {"hidden_templates": ["jira_issue"]})
        with pytest.raises(UnknownTemplate, match="permission"):
            using(esm.store(api), lambda store: store.describe("jira_issue", ["jiraId"]))


class TestDescribeWithoutRest:
    def test_attributes_are_tried_one_by_one(self, esm: Esm) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        template = using(
            esm.store("webapi"), lambda store: store.describe("jira_issue", ["jiraId", "due", "storyPoints", "nope"])
        )
        assert sorted(template.attributes) == ["due", "jiraId", "storyPoints"]
        assert template.folders is None
        assert template.attributes["jiraId"].type is None

    @pytest.mark.parametrize("answer", ["empty", "error"])
    def test_an_unknown_template_is_named(self, esm: Esm, answer: str) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        esm.switch(search_unknown_template=answer)
        with pytest.raises(UnknownTemplate, match="no template 'nope'"):
            using(esm.store("webapi"), lambda store: store.describe("nope", ["jiraId"]))

    def test_cards_are_written_as_they_are(self, esm: Esm) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        made, by_code = write(
            esm, "webapi", write_of("1", priority="3", storyPoints=2.5, due=Day("2026-03-05")),
            write_of("2", origin=Static("jira")),
        )  # fmt: skip
        assert made.status == "created"
        assert esm.truth()["1"][0]["values"]["priority"] == ["3"]
        assert esm.truth()["1"][0]["values"]["storyPoints"] == ["2.5"]
        assert by_code.status == "refused"
        assert by_code.refusals[0].attribute == "origin"
        assert "name it by its text" in by_code.refusals[0].message


class TestValues:
    def test_every_kind_of_value_arrives(self, esm: Esm, api: str) -> None:
        text = "it's <b>&amp; \"x\" \\ $y$ #z# 'ö 漢 🎉\nsecond line"
        outcome = write(
            esm, api,
            write_of(
                "10001", subject=text, labels=("b", "a", "ö"), due=Day("2026-03-05"),
                created=Instant("2026-03-05T22:20:00Z"), origin=Static("jira"), priority="3", storyPoints=0.5,
            ),
        )[0]  # fmt: skip
        assert outcome.status == "created"
        (card,) = esm.truth()["10001"]
        assert outcome.card_id == card["dataCardId"]
        assert card["folderCode"] == "jira_issues"
        values = card["values"]
        assert values["subject"] == [text]
        assert values["labels"] == ["b", "a", "ö"]
        assert values["due"] == ["2026-03-05"]
        assert values["created"] == ["2026-03-05T22:20:00Z"]
        assert values["origin"] == ["jira"]
        assert values["priority"] == ["3"]
        assert values["storyPoints"] == ["0.5"]
        assert values["taskId"] == [TASK]

    @pytest.mark.parametrize("zone", ["Europe/Helsinki", "America/New_York", "Pacific/Kiritimati"])
    def test_a_day_and_an_instant_are_the_same_in_every_zone_of_the_server(self, esm: Esm, api: str, zone: str) -> None:
        esm.switch(timezone=zone)
        write(esm, api, write_of("1", due=Day("2026-10-25"), created=Instant("2026-03-05T22:20:00Z")), timezone=zone)
        assert esm.truth()["1"][0]["values"]["due"] == ["2026-10-25"]
        assert esm.truth()["1"][0]["values"]["created"] == ["2026-03-05T22:20:00Z"]

    def test_what_the_template_cannot_take_is_refused_before_it_is_sent(self, esm: Esm, api: str) -> None:
        outcomes = write(
            esm, api,
            write_of("1", priority="Very secret"), write_of("2", storyPoints="many-secret"),
            write_of("3", due="soon-secret"), write_of("4", subject=("secret-a", "secret-b")),
            write_of("5", nope="secret"), write_of("6", subject="good"), write_of("7", comments="secret"),
        )  # fmt: skip
        assert statuses(outcomes) == ["refused"] * 5 + ["created", "refused"]
        refusals = [outcome.refusals[0] for outcome in outcomes if outcome.status == "refused"]
        assert [refusal.attribute for refusal in refusals] == [
            "priority", "storyPoints", "due", "subject", "nope", "comments",
        ]  # fmt: skip
        assert all(refusal.code == "attribute_refused" for refusal in refusals)
        for outcome in outcomes:
            assert_tells_nothing(outcome, "ecret")
        assert sorted(esm.truth()) == ["6"]


class TestWriting:
    def test_new_cards_are_created_and_named_in_the_order_given(self, esm: Esm, api: str) -> None:
        keys = [str(number) for number in (5, 1, 4, 2, 3)]
        outcomes = write(esm, api, *[write_of(key, subject=f"Issue {key}") for key in keys])
        assert [outcome.key for outcome in outcomes] == keys
        assert statuses(outcomes) == ["created"] * 5
        truth = esm.truth()
        assert [outcome.card_id for outcome in outcomes] == [truth[key][0]["dataCardId"] for key in keys]

    def test_writing_again_updates_and_makes_no_second_card(self, esm: Esm, api: str) -> None:
        first = write(esm, api, write_of("1", subject="before"), write_of("2", subject="before"))
        second = write(esm, api, write_of("1", subject="after"), write_of("2", subject="before"))
        assert statuses(second) == ["updated", "updated"]
        assert [o.card_id for o in second] == [o.card_id for o in first]
        truth = esm.truth()
        assert {key: len(cards) for key, cards in truth.items()} == {"1": 1, "2": 1}
        assert truth["1"][0]["values"]["subject"] == ["after"]

    def test_what_became_empty_is_cleared_and_what_is_not_named_stays(self, esm: Esm, api: str) -> None:
        write(esm, api, write_of("1", subject="s", team="t", labels=("a", "b"), priority="1", due=Day("2026-03-05")))
        outcome = write(esm, api, write_of("1", team=(), labels=(), priority="", due=(), resolution=()))[0]
        assert outcome.status == "updated"
        values = esm.truth()["1"][0]["values"]
        assert values["subject"] == ["s"]
        assert not any(values.get(code) for code in ("team", "labels", "priority", "due", "resolution"))

    def test_a_multi_value_attribute_shrinks_and_grows(self, esm: Esm, api: str) -> None:
        for labels in (("a", "b", "c"), ("c",), ("c", "d")):
            write(esm, api, write_of("1", labels=labels))
            assert esm.truth()["1"][0]["values"]["labels"] == list(labels)

    def test_empty_attributes_do_not_hinder_a_create(self, esm: Esm, api: str) -> None:
        assert write(esm, api, write_of("1", team=(), due=(), priority=()))[0].status == "created"

    def test_nothing_is_created_where_only_updates_are_wanted(self, esm: Esm, api: str) -> None:
        there = esm.put("1")
        kept, missing = write(esm, api, write_of("1", subject="x"), write_of("2", subject="x"), create=False)
        assert (kept.status, kept.card_id) == ("updated", there)
        assert (missing.status, codes(missing)) == ("refused", ["not_found"])
        assert sorted(esm.truth()) == ["1"]

    def test_a_card_id_that_is_no_more_is_no_hindrance(self, esm: Esm, api: str) -> None:
        outcome = write(esm, api, write_of("1", "99999999", subject="x"))[0]
        assert outcome.status == "created"
        again = write(esm, api, write_of("1", "99999999", subject="y"))[0]
        assert (again.status, again.card_id) == ("updated", outcome.card_id)

    def test_a_card_that_somebody_moved_stays_where_it_is(self, esm: Esm) -> None:
        esm.do("PUT", "/folders/archive", {"name": "Archive"})
        definition = esm.do("GET", "/templates/jira_issue")
        definition["folders"].append("archive")
        esm.do("PUT", "/templates/jira_issue", definition)
        esm.put("1", folder="archive")
        assert write(esm, "rest", write_of("1", subject="x"))[0].status == "updated"
        assert esm.truth()["1"][0]["folderCode"] == "archive"

    def test_writing_nothing_asks_nothing(self, esm: Esm, api: str) -> None:
        assert write(esm, api) == ()
        assert esm.requests() == []

    def test_two_cards_with_one_key_in_one_write_are_a_mistake_of_the_caller(self, esm: Esm, api: str) -> None:
        with pytest.raises(ValueError, match="same key"):
            write(esm, api, write_of("1", subject="a"), write_of("1", subject="b"))
        assert esm.writes() == []

    def test_a_card_without_key_is_refused(self, esm: Esm, api: str) -> None:
        good, empty = write(esm, api, write_of("1"), write_of(""))
        assert (good.status, empty.status) == ("created", "refused")
        assert "key is empty" in empty.refusals[0].message

    def test_keys_of_any_characters_find_their_cards_again(self, esm: Esm, api: str) -> None:
        keys = ["it's", "it''s", "a\\b", "$x$", "#now#", "100%", "under_score", "ö漢🎉", "a b", "x' OR '1' = '1", "it"]
        assert set(statuses(write(esm, api, *[write_of(key, subject="one") for key in keys]))) == {"created"}
        assert set(statuses(write(esm, api, *[write_of(key, subject="two") for key in keys]))) == {"updated"}
        truth = esm.truth()
        assert sorted(truth) == sorted(keys)
        assert all(len(cards) == 1 and cards[0]["values"]["subject"] == ["two"] for cards in truth.values())


class TestCardsThatCannotBeWritten:
    def test_two_cards_with_one_key_are_refused_naming_both(self, esm: Esm, api: str) -> None:
        one = esm.put("1", values={"subject": ["old"]})
        two = esm.change(one, duplicate=True)
        twin, other = write(esm, api, write_of("1", subject="new"), write_of("2", subject="new"))
        assert (twin.status, codes(twin)) == ("refused", ["duplicate_key"])
        assert one in twin.refusals[0].message
        assert two in twin.refusals[0].message
        assert other.status == "created"
        assert [card["values"]["subject"] for card in esm.truth()["1"]] == [["old"], ["old"]]

    def test_a_card_in_the_trash_is_refused_and_left_there(self, esm: Esm, api: str) -> None:
        there = esm.put("1", deleted=True, values={"subject": ["old"]})
        for hint in (None, there):
            outcome = write(esm, api, write_of("1", hint, subject="new"))[0]
            assert (outcome.status, codes(outcome)) == ("refused", ["in_trash"])
            assert there in outcome.refusals[0].message
        (card,) = esm.truth()["1"]
        assert (card["deleted"], card["values"]["subject"]) == (True, ["old"])

    def test_a_trashed_twin_does_not_count(self, esm: Esm, api: str) -> None:
        live = esm.put("1")
        esm.change(esm.change(live, duplicate=True), deleted=True)
        esm.switch(unique_counts_trashed=False)
        outcome = write(esm, api, write_of("1", subject="new"))[0]
        assert (outcome.status, outcome.card_id) == ("updated", live)

    def test_a_hidden_card_is_updated_and_not_made_again(self, esm: Esm, api: str) -> None:
        there = esm.put("1", hidden=True)
        outcome = write(esm, api, write_of("1", subject="new"))[0]
        assert (outcome.status, outcome.card_id) == ("updated", there)
        assert len(esm.truth()["1"]) == 1

    @pytest.mark.parametrize("place", [0, 5, 11])
    def test_one_poison_card_is_refused_and_every_other_one_saved(self, esm: Esm, api: str, place: int) -> None:
        for key in ("0", "3", "5", "8"):
            esm.put(key, values={"subject": ["old"]})
        writes = [write_of(str(n), subject="POISON of a secret" if n == place else f"new {n}") for n in range(12)]
        outcomes = write(esm, api, *writes)
        assert [outcome.key for outcome in outcomes] == [str(n) for n in range(12)]
        assert [n for n, outcome in enumerate(outcomes) if outcome.status == "refused"] == [place]
        assert codes(outcomes[place]) == ["card_refused"]
        assert_tells_nothing(outcomes[place], "POISON", "secret")
        truth = esm.truth()
        for n in range(12):
            if n != place:
                assert [card["values"]["subject"] for card in truth[str(n)]] == [[f"new {n}"]]
                assert outcomes[n].status == ("updated" if str(n) in {"0", "3", "5", "8"} else "created")

    def test_a_batch_of_nothing_but_poison_has_an_outcome_for_each(self, esm: Esm, api: str) -> None:
        outcomes = write(esm, api, *[write_of(str(n), subject=f"POISON {n}") for n in range(7)])
        assert statuses(outcomes) == ["refused"] * 7
        assert esm.truth() == {}

    def test_an_attribute_that_esm_does_not_take_makes_the_card_refused(self, esm: Esm, api: str) -> None:
        esm.template("jira_issue", team={"max_length": 10})
        esm.put("1")
        outcomes = write(esm, api, *[write_of(key, team="A very long secret name") for key in ("1", "2")])
        assert statuses(outcomes) == ["refused", "refused"]
        for outcome in outcomes:
            assert_tells_nothing(outcome, "A very long secret name", "secret name")
            if api == "rest":
                assert (outcome.refusals[0].code, outcome.refusals[0].attribute) == ("attribute_refused", "team")
                assert outcome.card_id is not None

    def test_a_mandatory_attribute_cannot_be_cleared(self, esm: Esm, api: str) -> None:
        esm.template("jira_issue", team={"mandatory": True})
        esm.put("1", values={"team": ["Support"]})
        outcome = write(esm, api, write_of("1", team=(), subject="x"))[0]
        assert outcome.status == "refused"
        assert esm.truth()["1"][0]["values"]["team"] == ["Support"]

    def test_a_folder_that_does_not_take_the_template_is_every_cards_refusal(self, esm: Esm, api: str) -> None:
        target = TARGET.model_copy(update={"folder": "accounts"})
        outcomes = using(
            esm.store(api), lambda store: store.write(target, [write_of(str(n)) for n in range(3)], create=True)
        )
        assert [codes(outcome) for outcome in outcomes] == [["card_refused"]] * 3
        assert esm.truth() == {}

    def test_a_key_that_the_user_may_not_use_stops_everything_and_leaves_nothing_behind(
        self, esm: Esm, api: str
    ) -> None:
        esm.put("1")
        esm.do("PATCH", "/users/webapi", {"hidden_attributes": {"jira_issue": ["jiraId"]}})
        writes = [write_of(str(n), subject="new") for n in range(8)]
        if api == "rest":
            with pytest.raises(EsmPermissionError, match="key attribute 'jiraId'"):
                write(esm, api, *writes)
        else:
            assert statuses(write(esm, api, *writes)) == ["refused"] * 8
        assert [card["deleted"] for card in esm.truth().get("", [])].count(False) == 0
        assert sum(map(len, esm.truth().values())) <= 4


class TestFinding:
    def test_keys_without_card_are_absent_and_attributes_are_texts(self, esm: Esm, api: str) -> None:
        there = esm.put("1", values={"recordStatus": ["5 - Removed"], "labels": ["a", "b"]})
        found = find(esm, api, "1", "2", attributes=("recordStatus", "labels", "team"))
        assert list(found) == ["1"]
        (card,) = found["1"]
        assert (card.card_id, card.key, card.hidden, card.deleted) == (there, "1", False, False)
        assert card.values["recordStatus"] == ("5 - Removed",)
        assert card.values["labels"] == ("a", "b")
        assert not card.values.get("team")

    def test_hidden_and_trashed_cards_and_twins_are_all_found_and_told_apart(self, esm: Esm, api: str) -> None:
        live = esm.put("1")
        twin = esm.change(live, duplicate=True)
        esm.put("2", deleted=True)
        esm.put("3", hidden=True)
        found = find(esm, api, "1", "2", "3")
        assert {card.card_id for card in found["1"]} == {live, twin}
        assert [(card.deleted, card.hidden) for card in found["2"]] == [(True, False)]
        assert [(card.deleted, card.hidden) for card in found["3"]] == [(False, True)]

    def test_many_keys_take_few_requests(self, esm: Esm, api: str) -> None:
        write(esm, api, *[write_of(str(n)) for n in range(90)])
        esm.do("DELETE", "/requests")
        found = find(esm, api, *[str(n) for n in range(100)])
        assert len(found) == 90
        asked = esm.requests("GET", "data$|search")
        assert len(asked) <= (6 if api == "rest" else 8)
        assert all(len(str(row["query"])) < 8000 for row in asked)

    def test_more_cards_than_a_page_behind_one_key_are_all_found(self, esm: Esm) -> None:
        one = esm.put("1")
        for _ in range(6):
            esm.change(one, duplicate=True)
        store = esm.store("rest", page_cards=3)
        assert len(using(store, lambda open_: open_.find(TARGET, ["1"]))["1"]) == 7


class TestOwnCards:
    def test_every_card_of_the_task_is_read_and_no_other(self, esm: Esm, api: str) -> None:
        mine = {esm.put(str(n), values={"recordStatus": ["1 - Active"]}) for n in range(7)}
        mine.add(esm.put("hidden", hidden=True))
        esm.put("trashed", deleted=True)
        esm.put("other", values={"taskId": ["acme__other"]})
        esm.put("none", values={"taskId": []})
        cards = owned(esm, api, attributes=("recordStatus",), page_cards=3)
        assert {card.card_id for card in cards} == mine
        assert len(cards) == len(mine)
        assert {card.key for card in cards} == {*map(str, range(7)), "hidden"}
        assert [card.key for card in cards if card.hidden] == ["hidden"]
        assert all(card.values.get("recordStatus") == ("1 - Active",) for card in cards if card.key != "hidden")

    def test_a_task_without_cards_has_none(self, esm: Esm, api: str) -> None:
        esm.put("1")
        assert owned(esm, api, "acme__empty") == []

    def test_a_template_without_cards_has_none(self, esm: Esm, api: str) -> None:
        assert owned(esm, api) == []

    def test_pages_that_end_evenly_are_read_to_the_end(self, esm: Esm) -> None:
        for n in range(6):
            esm.put(str(n))
        assert len(owned(esm, "rest", page_cards=3)) == 6

    def test_a_reader_that_stops_at_the_first_card_leaves_nothing_open(self, esm: Esm, api: str) -> None:
        for n in range(10):
            esm.put(str(n))

        async def first(store: CardStore) -> str:
            async for card in store.owned(TARGET, TASK):
                return card.key
            return ""

        assert using(esm.store(api, page_cards=3), first)

    def test_cards_can_be_looked_up_while_own_cards_are_read(self, esm: Esm, api: str) -> None:
        for n in range(5):
            esm.put(str(n))

        async def both(store: CardStore) -> int:
            found = 0
            async for card in store.owned(TARGET, TASK):
                found += len(await store.find(TARGET, [card.key]))
            return found

        assert using(esm.store(api, concurrency=1, page_cards=2), both) == 5

    def test_a_template_that_does_not_exist_is_no_empty_one(self, esm: Esm) -> None:
        target = TARGET.model_copy(update={"template": "nope"})

        async def read(store: CardStore) -> None:
            async for _ in store.owned(target, TASK):
                pass

        with pytest.raises(UnknownTemplate):
            using(esm.store("rest"), read)


class TestTrouble:
    CREATE: ClassVar = {"rest": ("PUT", "/data$"), "webapi": ("POST", "/dataCardImport")}

    def test_a_lost_answer_to_a_create_makes_no_second_card(self, esm: Esm, api: str) -> None:
        esm.fault(*self.CREATE[api], drop="after")
        outcomes = write(esm, api, *[write_of(str(n), subject=f"new {n}") for n in range(5)])
        assert statuses(outcomes) == ["created"] * 5
        assert {key: len(cards) for key, cards in esm.truth().items()} == {str(n): 1 for n in range(5)}

    def test_a_lost_answer_where_keys_are_not_unique_in_esm_makes_no_second_card(self, esm: Esm) -> None:
        esm.template("jira_issue", jiraId={"unique": False})
        esm.fault("PUT", "/data$", drop="after")
        write(esm, "rest", *[write_of(str(n)) for n in range(5)])
        assert {len(cards) for cards in esm.truth().values()} == {1}

    def test_a_lost_answer_to_the_create_of_one_card_makes_no_second_one(self, esm: Esm) -> None:
        esm.template("jira_issue", jiraId={"unique": False})
        esm.fault("POST", "/data$", drop="after")
        assert write(esm, "rest", write_of("1", subject="x"))[0].status == "created"
        assert len(esm.truth()["1"]) == 1

    def test_a_lost_request_is_sent_again(self, esm: Esm, api: str) -> None:
        esm.fault(*self.CREATE[api], drop="before", times=2)
        assert statuses(write(esm, api, *[write_of(str(n)) for n in range(5)])) == ["created"] * 5
        assert esm.time.waits

    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_server_error_that_passes_is_waited_out(self, esm: Esm, api: str, status: int) -> None:
        esm.fault("GET", "/data$|/search", status=status, times=2)
        esm.fault(*self.CREATE[api], status=status, times=2)
        assert statuses(write(esm, api, *[write_of(str(n)) for n in range(5)])) == ["created"] * 5
        assert len(esm.truth()) == 5

    def test_a_server_that_stays_down_is_an_error_that_may_pass(self, esm: Esm, api: str) -> None:
        for method, path in (*self.CREATE.values(), ("POST", "/data$")):
            esm.fault(method, path, status=503, times=None)
        with pytest.raises(EsmUnavailable, match="try again later") as caught:
            write(esm, api, *[write_of(str(n)) for n in range(5)])
        assert caught.value.retryable
        assert esm.truth() == {}

    def test_a_server_that_fails_at_every_card_is_not_taken_for_bad_cards(self, esm: Esm, api: str) -> None:
        for method in ("PUT", "POST", "PATCH"):
            esm.fault(method, "/data$|/dataCardImport", status=500, times=None)
        with pytest.raises(EsmUnavailable):
            write(esm, api, *[write_of(str(n)) for n in range(8)])

    def test_a_card_that_makes_the_server_fail_is_refused_alone(self, esm: Esm, api: str) -> None:
        fault = {"match": {"body": "CRASH"}, "status": 500, "times": None}
        esm.do("POST", "/faults", fault)
        outcomes = write(esm, api, *[write_of(str(n), subject="CRASH" if n == 3 else "fine") for n in range(6)])
        assert statuses(outcomes) == ["created"] * 3 + ["refused"] + ["created"] * 2
        assert "HTTP 500" in outcomes[3].refusals[0].message

    def test_a_rate_limit_is_waited_out_as_long_as_esm_asks(self, esm: Esm, api: str) -> None:
        esm.fault(*self.CREATE[api], status=429, headers={"Retry-After": "17"})

        async def work(store: CardStore) -> tuple[Outcome, ...]:
            outcomes = await store.write(TARGET, [write_of("1"), write_of("2"), write_of("3")])
            assert store.traffic.retries == 1
            assert store.traffic.waited >= 17
            return outcomes

        assert statuses(using(esm.store(api), work)) == ["created"] * 3
        assert 17 in esm.time.waits

    def test_a_token_that_is_revoked_in_the_middle_is_replaced(self, esm: Esm) -> None:
        async def work(store: CardStore) -> tuple[Outcome, ...]:
            await store.prove_identity()
            esm.do("DELETE", "/tokens")
            return await store.write(TARGET, [write_of(str(n)) for n in range(5)])

        assert statuses(using(esm.store("rest"), work)) == ["created"] * 5
        assert len(esm.requests("POST", "/users/login")) == 2
        assert len(esm.truth()) == 5

    def test_a_token_is_renewed_before_it_ends(self, esm: Esm) -> None:
        async def work(store: CardStore) -> None:
            for _ in range(4):
                await store.prove_identity()
                esm.time.now += 400
                esm.do("POST", "/clock", {"advance": 400})

        using(esm.store("rest"), work)
        assert len(esm.requests("POST", "/users/login")) == 2
        assert {row["status"] for row in esm.requests("GET", "/echo/jwt")} == {200}

    def test_a_user_who_may_not_write_the_folder_is_told_so(self, esm: Esm, api: str) -> None:
        esm.do("PATCH", "/users/webapi", {"folders": {"jira_issues": "read"}})
        writes = [write_of(str(n)) for n in range(6)]
        if api == "rest":
            with pytest.raises(EsmPermissionError, match="give its role permission"):
                write(esm, api, *writes)
        else:
            assert statuses(write(esm, api, *writes)) == ["refused"] * 6
        assert esm.truth() == {}

    def test_the_password_and_the_values_are_in_no_url(self, esm: Esm, api: str) -> None:
        write(esm, api, write_of("1", subject="private text"), write_of("2", subject="POISON private text"))
        for row in esm.requests():
            assert PASSWORD not in row["path"] + str(row["query"])
            assert "private" not in row["path"] + str(row["query"])


class TestEffort:
    def test_new_cards_cost_a_few_requests_for_a_hundred(self, esm: Esm, api: str) -> None:
        esm.put("there already")

        async def work(store: CardStore) -> int:
            await store.write(TARGET, [write_of(f"first {n}") for n in range(2)])
            before = store.traffic.requests
            await store.write(TARGET, [write_of(str(n), subject="x" * 200) for n in range(1000)])
            return store.traffic.requests - before

        # 10 bulk writes, 20 look-ups before and 20 after; the Web API asks for hidden and trashed cards apart
        assert using(esm.store(api), work) <= (51 if api == "rest" else 92)
        assert len(esm.truth()) == 1003

    def test_a_poison_card_costs_no_more_than_halving(self, esm: Esm, api: str) -> None:
        esm.switch(bulk_failure="refuse_batch", import_failure="error")
        write(esm, api, *[write_of(str(n), subject="POISON" if n == 37 else "x") for n in range(100)])
        assert len(esm.writes()) <= 16
        assert len(esm.truth()) == 99
