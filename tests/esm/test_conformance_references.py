"""The promises of ``CardStore`` about cards that point at cards, and about who owned a card, kept by both stores.

Part of the suite in ``test_conformance.py``: every test that takes ``api`` runs through REST and through the Web API.
"""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_jira.esm.errors import UnknownAttribute, UnknownTemplate
from airflow_provider_jira.esm.store import CardStore, CardWrite, Found, Outcome, Unresolved
from airflow_provider_jira.model.card import Card, Link, Reference, Value
from airflow_provider_jira.model.definition import Target

from .conftest import TARGET, TASK, Esm, write_of
from .test_conformance import assert_tells_nothing, codes, statuses, using, write

ACCOUNTS = Target(template="account", folder="accounts", key="accountId", task_id_attribute="taskId")


def account(key: str) -> Reference:
    return Reference("account", "accountId", key)


def group(key: str) -> Reference:
    return Reference("entitlement", "groupId", key)


def resolve(esm: Esm, api: str, *references: Reference, **settings: Any) -> dict[Reference, Found]:
    return dict(using(esm.store(api, **settings), lambda store: store.resolve(references)))


def person(key: str, *groups: Value, **values: tuple[Value, ...]) -> CardWrite:
    return CardWrite(Card(key, {"accountId": (key,), "taskId": (TASK,), "groups": groups, **values}))


def write_people(esm: Esm, api: str, *writes: CardWrite, **settings: Any) -> tuple[Outcome, ...]:
    return using(esm.store(api, **settings), lambda store: store.write(ACCOUNTS, writes))


def groups_of(esm: Esm) -> dict[str, list[str]]:
    return esm.pointed("account", "accountId", "groups")


def make_groups(esm: Esm, *keys: str) -> list[Link]:
    ids = esm.make_many("entitlement", [{"groupId": [key], "name": [f"Name of {key}"]} for key in keys])
    return [Link(id_, key) for id_, key in zip(ids, keys, strict=True)]


class TestResolving:
    def test_each_reference_has_its_answer(self, esm: Esm, api: str) -> None:
        live = esm.make("account", {"accountId": ["live"]})
        hidden = esm.make("account", {"accountId": ["hidden"]}, hidden=True)
        trashed = esm.make("account", {"accountId": ["trashed"]}, deleted=True)
        twins = [esm.make("account", {"accountId": ["twins"]}) for _ in range(2)]
        tidy = [esm.make("account", {"accountId": ["tidy"]}, deleted=deleted) for deleted in (True, False)]
        same = esm.make("entitlement", {"groupId": ["live"]})
        keys = ("live", "hidden", "trashed", "twins", "tidy", "nobody", "LIVE", "")
        assert resolve(esm, api, *map(account, keys), group("live")) == {
            account("live"): Link(live, "live"),
            account("hidden"): Link(hidden, "hidden"),
            account("trashed"): Unresolved("missing", (trashed,)),
            account("twins"): Unresolved("ambiguous", tuple(sorted(twins))),
            account("tidy"): Link(tidy[1], "tidy"),
            account("nobody"): Unresolved("missing"),
            account("LIVE"): Unresolved("missing"),
            account(""): Unresolved("missing"),
            group("live"): Link(same, "live"),
        }

    def test_keys_of_any_characters_are_found(self, esm: Esm, api: str) -> None:
        keys = ["it's", "a\\b", "$x$", "#now#", "100%", "ö漢🎉", "x' OR '1' = '1"]
        ids = esm.make_many("account", [{"accountId": [key]} for key in keys])
        found = resolve(esm, api, *map(account, keys))
        assert [found[account(key)] for key in keys] == [Link(id_, key) for id_, key in zip(ids, keys, strict=True)]

    def test_many_references_take_few_requests_and_none_the_second_time(self, esm: Esm, api: str) -> None:
        esm.make_many("account", [{"accountId": [f"a{n}"]} for n in range(400)])
        esm.make_many("entitlement", [{"groupId": [f"g{n}"]} for n in range(100)])
        wanted = [*(account(f"a{n}") for n in range(400)), *(group(f"g{n}") for n in range(100))]

        async def work(store: CardStore) -> tuple[int, int]:
            found = await store.resolve([*wanted, *wanted])
            assert all(isinstance(link, Link) for link in found.values())
            first = store.traffic.requests
            assert await store.resolve(reversed(wanted)) == found
            return first, store.traffic.requests - first

        first, second = using(esm.store(api), work)
        # ten look-ups of fifty keys, each twice through the Web API; the rest proves login, templates and spelling
        assert first <= (18 if api == "rest" else 26)
        assert second == 0

    def test_what_was_missing_is_looked_up_again(self, esm: Esm, api: str) -> None:
        async def work(store: CardStore) -> tuple[Found, Found]:
            before = (await store.resolve([account("a1")]))[account("a1")]
            (outcome,) = await store.write(ACCOUNTS, [person("a1")])
            assert outcome.status == "created"
            return before, (await store.resolve([account("a1")]))[account("a1")]

        before, after = using(esm.store(api), work)
        assert before == Unresolved("missing")
        assert isinstance(after, Link)

    def test_nothing_to_resolve_asks_nothing(self, esm: Esm, api: str) -> None:
        assert resolve(esm, api) == {}
        assert esm.requests() == []

    @pytest.mark.parametrize("answer", ["empty", "error"])
    def test_a_template_that_does_not_exist_is_named(self, esm: Esm, api: str, answer: str) -> None:
        esm.switch(search_unknown_template=answer)
        with pytest.raises(UnknownTemplate, match=r"template 'Account' by its attribute 'accountId'.*`reference`"):
            resolve(esm, api, Reference("Account", "accountId", "secret"))

    def test_a_key_attribute_that_does_not_exist_is_named(self, esm: Esm, api: str) -> None:
        with pytest.raises(UnknownAttribute, match=r"template 'account' by its attribute 'mail'") as caught:
            resolve(esm, api, Reference("account", "mail", "secret"))
        assert "secret" not in str(caught.value)

    def test_without_rest_either_is_named(self, esm: Esm) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        for reference in (Reference("nope", "accountId", "x"), Reference("account", "mail", "x")):
            with pytest.raises(
                UnknownTemplate, match=f"{reference.template!r} by its attribute {reference.key_attribute!r}"
            ):
                resolve(esm, "webapi", reference)

    def test_by_a_key_attribute_that_the_user_may_not_see_nothing_is_found(self, esm: Esm, api: str) -> None:
        esm.make("account", {"accountId": ["a1"]})
        esm.do("PATCH", "/users/webapi", {"hidden_attributes": {"account": ["accountId"]}})
        assert resolve(esm, api, account("a1")) == {account("a1"): Unresolved("missing")}

    def test_what_a_reference_may_point_at_is_described(self, esm: Esm, api: str) -> None:
        esm.switch(metadata_style="localised")
        template = using(esm.store(api), lambda store: store.describe("account", ["groups"]))
        attribute = template.attributes["groups"]
        assert (attribute.type, attribute.multi_value, attribute.targets) == ("reference", True, ("entitlement",))


class TestPointing:
    def test_references_are_set_replaced_and_cleared(self, esm: Esm, api: str) -> None:
        one, two, three = make_groups(esm, "g1", "g2", "g3")
        for now in ((one, two), (two, three), (three, two), (one,), (one,), (), (two, one, three)):
            (outcome,) = write_people(esm, api, person("a1", *now))
            assert outcome.refusals == ()
            assert groups_of(esm) == {"a1": [link.card_id for link in now]}
            assert outcome.status in {"created", "updated"}

    def test_what_is_not_named_stays(self, esm: Esm, api: str) -> None:
        (one,) = make_groups(esm, "g1")
        write_people(esm, api, person("a1", one))
        stays = CardWrite(Card("a1", {"accountId": ("a1",), "displayName": ("Aino",)}))
        assert statuses(write_people(esm, api, stays)) == ["updated"]
        assert groups_of(esm) == {"a1": [one.card_id]}

    def test_one_reference_of_one_value_changes_its_mind(self, esm: Esm, api: str) -> None:
        ids = [esm.make("account", {"accountId": [key]}) for key in ("a1", "a2")]
        for n in (0, 1):
            outcome = write(esm, api, write_of("1", assignee=Link(ids[n], f"a{n + 1}")))[0]
            assert outcome.refusals == ()
            assert esm.pointed("jira_issue", "jiraId", "assignee") == {"1": [ids[n]]}
        assert write(esm, api, write_of("1", assignee=()))[0].status == "updated"
        assert esm.pointed("jira_issue", "jiraId", "assignee") == {"1": []}

    def test_found_cards_hold_the_ids_that_they_point_at(self, esm: Esm, api: str) -> None:
        one, two = make_groups(esm, "g1", "g2")
        write_people(esm, api, person("a1", one, two), person("a2"))
        found = using(esm.store(api), lambda store: store.find(ACCOUNTS, ["a1", "a2"], ["groups"]))
        assert found["a1"][0].links == {"groups": (one.card_id, two.card_id)}
        assert found["a2"][0].links == {}

        async def read(store: CardStore) -> dict[str, dict[str, tuple[str, ...]]]:
            return {card.key: card.links async for card in store.owned(ACCOUNTS, TASK, ["groups"])}

        assert using(esm.store(api), read) == {"a1": {"groups": (one.card_id, two.card_id)}, "a2": {}}

    def test_a_hidden_card_is_pointed_at(self, esm: Esm, api: str) -> None:
        hidden = esm.make("entitlement", {"groupId": ["g1"], "name": ["n"]}, hidden=True)
        assert statuses(write_people(esm, api, person("a1", Link(hidden, "g1")))) == ["created"]
        assert groups_of(esm) == {"a1": [hidden]}

    def test_one_card_given_twice_is_pointed_at_once(self, esm: Esm, api: str) -> None:
        (one,) = make_groups(esm, "g1")
        assert statuses(write_people(esm, api, person("a1", one, one))) == ["created"]
        assert groups_of(esm) == {"a1": [one.card_id]}

    def test_many_references_at_once_cost_what_the_cards_cost(self, esm: Esm, api: str) -> None:
        links = make_groups(esm, *[f"g{n}" for n in range(30)])
        people = [person(f"a{n}", *[links[(n + step) % 30] for step in range(n % 7)]) for n in range(400)]

        async def work(store: CardStore) -> int:
            await store.write(ACCOUNTS, [person("first", links[0])])
            before = store.traffic.requests
            assert {outcome.status for outcome in await store.write(ACCOUNTS, people)} == {"created"}
            return store.traffic.requests - before

        # 4 imports, 8 look-ups before and 8 after; the Web API asks for hidden and trashed cards apart
        assert using(esm.store(api), work) <= (21 if api == "rest" else 37)
        truth = groups_of(esm)
        for person_ in people:
            assert truth[person_.card.key] == [
                link.card_id for link in person_.card.values["groups"] if isinstance(link, Link)
            ]

    def test_references_are_written_without_rest(self, esm: Esm) -> None:
        esm.do("PATCH", "/users/webapi", {"rest": False})
        one, two = make_groups(esm, "g1", "g2")
        for now in ((one, two), (two,), ()):
            assert write_people(esm, "webapi", person("a1", *now))[0].refusals == ()
            assert groups_of(esm) == {"a1": [link.card_id for link in now]}
        outcome = write_people(esm, "webapi", person("a1", displayName=(one,)))[0]
        assert (outcome.status, codes(outcome)) == ("refused", ["attribute_refused"])
        assert "no reference attribute" in outcome.refusals[0].message


class TestPointingAstray:
    """A reference that ESM does not take as it was meant never ends as a card that was written."""

    def test_what_cannot_be_pointed_with_is_refused_before_it_is_sent(self, esm: Esm, api: str) -> None:
        (one,) = make_groups(esm, "g1")
        outcomes = write_people(
            esm, api,
            person("a1", group("secret")), person("a2", "secret"), person("a3", one, group("secret")),
            person("a4", displayName=(Link(one.card_id, "secret"),)), person("a5", one),
        )  # fmt: skip
        assert statuses(outcomes) == ["refused"] * 4 + ["created"]
        attributes = [outcome.refusals[0].attribute for outcome in outcomes[:4]]
        assert attributes == ["groups", "groups", "groups", "displayName"]
        for outcome in outcomes[:4]:
            assert codes(outcome) == ["attribute_refused"]
            assert_tells_nothing(outcome, "secret")
        assert sorted(groups_of(esm)) == ["a5"]

    @pytest.mark.parametrize("switches", [
        {"import_reference": "refuse"}, {"import_reference": "drop"}, {"create_references": True},
        {"import_failure": "error"}, {"import_failure": "abort"}, {"attribute_errors": "refuse_card"},
        {"bulk_failure": "refuse_batch"}, {"import_reference": "drop", "import_report": "counts"},
    ])  # fmt: skip
    @pytest.mark.parametrize("there", [False, True])
    def test_a_card_that_is_gone_is_not_pointed_at(
        self, esm: Esm, api: str, switches: dict[str, Any], there: bool
    ) -> None:
        one, gone = make_groups(esm, "g1", "gone-secret")
        if there:
            write_people(esm, api, *[person(f"a{n}") for n in range(5)])
        esm.do("POST", "/world/card", {"template": "entitlement", "dataCardId": gone.card_id, "destroy": True})
        esm.switch(**switches)
        people = [person(f"a{n}", one, gone) if n == 3 else person(f"a{n}", one) for n in range(5)]
        outcomes = write_people(esm, api, *people)
        good = "updated" if there else "created"
        assert statuses(outcomes) == [good] * 3 + ["refused"] + [good]
        assert_tells_nothing(outcomes[3], "gone-secret", "secret")
        truth = groups_of(esm)
        assert all(truth[f"a{n}"] == [one.card_id] for n in (0, 1, 2, 4))
        assert gone.card_id not in truth.get("a3", [])

    @pytest.mark.parametrize("there", [False, True])
    def test_a_key_that_means_another_card_is_no_success(self, esm: Esm, there: bool) -> None:
        one, two, three = make_groups(esm, "g1", "g2", "g3")
        if there:
            write_people(esm, "webapi", person("a1", one))
        outcome = write_people(esm, "webapi", person("a1", one, Link(two.card_id, three.key)))[0]
        assert (outcome.status, codes(outcome)) == ("refused", ["attribute_refused"])
        assert outcome.card_id is not None
        assert outcome.refusals[0].attribute == "groups"
        assert f"does not point at data card {two.card_id}" in outcome.refusals[0].message
        assert f"points at data card {three.card_id} instead" in outcome.refusals[0].message

    @pytest.mark.parametrize("setting", ["error", "abort", "skip"])
    def test_references_that_were_there_before_are_told_from_those_that_were_not(
        self, esm: Esm, api: str, setting: str
    ) -> None:
        one, two = make_groups(esm, "g1", "g2")
        write_people(esm, api, *[person(f"a{n}", one) for n in range(6)])
        esm.switch(import_failure=setting)
        people = [person(f"a{n}", two, displayName=("POISON",) if n == 2 else ("x",)) for n in range(6)]
        outcomes = write_people(esm, api, *people)
        assert statuses(outcomes) == ["updated"] * 2 + ["refused"] + ["updated"] * 3
        assert groups_of(esm) == {f"a{n}": [one.card_id if n == 2 else two.card_id] for n in range(6)}

    def test_cards_that_point_where_they_should_are_not_sent_again(self, esm: Esm) -> None:
        one, two = make_groups(esm, "g1", "g2")
        write_people(esm, "webapi", *[person(f"a{n}", one) for n in range(6)])
        esm.switch(import_failure="error")
        esm.do("DELETE", "/requests")
        people = [person(f"a{n}", two, displayName=("POISON",) if n == 5 else ("x",)) for n in range(6)]
        assert statuses(write_people(esm, "webapi", *people)) == ["updated"] * 5 + ["refused"]
        assert len(esm.writes()) == 2

    def test_a_key_that_xml_cannot_carry_is_refused_by_name(self, esm: Esm) -> None:
        (one,) = make_groups(esm, "g1")
        outcomes = write_people(
            esm, "webapi", *[person(f"a{n}", Link(one.card_id, key)) for n, key in enumerate(("g\x001", "", " "))]
        )
        for outcome in outcomes:
            assert (outcome.status, codes(outcome)) == ("refused", ["attribute_refused"])
            assert f"data card {one.card_id} by a key that XML cannot carry" in outcome.refusals[0].message
        assert groups_of(esm) == {}

    def test_an_attribute_that_the_user_may_not_set_makes_the_card_refused(self, esm: Esm, api: str) -> None:
        (one,) = make_groups(esm, "g1")
        write_people(esm, api, person("a1"))
        esm.do("PATCH", "/users/webapi", {"hidden_attributes": {"account": ["groups"]}})
        outcome = write_people(esm, api, person("a1", one))[0]
        assert outcome.status == "refused"
        assert_tells_nothing(outcome, "Name of g1")


class TestPreviousOwner:
    def test_another_owner_is_told_and_nobody_else(self, esm: Esm, api: str) -> None:
        esm.put("theirs", values={"taskId": ["acme__other"]})
        esm.put("mine")
        esm.put("nobodys", values={"taskId": []})
        hinted = esm.put("hinted", values={"taskId": ["acme__third"]})
        esm.put("unstamped", values={"taskId": ["acme__other"]})
        outcomes = write(
            esm, api,
            *[write_of(key, subject="x") for key in ("theirs", "mine", "nobodys", "new")],
            write_of("hinted", hinted), CardWrite(Card("unstamped", {"jiraId": ("unstamped",), "subject": ("x",)})),
        )  # fmt: skip
        assert statuses(outcomes) == ["updated"] * 3 + ["created"] + ["updated"] * 2
        told = {outcome.key: outcome.previous_owner for outcome in outcomes if outcome.previous_owner is not None}
        assert told == {"theirs": "acme__other", "hinted": "acme__third"}

    def test_the_second_time_it_is_our_own(self, esm: Esm, api: str) -> None:
        esm.put("1", values={"taskId": ["acme__other"]})
        first, second = (write(esm, api, write_of("1"))[0] for _ in range(2))
        assert (first.previous_owner, second.previous_owner) == ("acme__other", None)

    def test_giving_a_card_up_tells_whose_it_was(self, esm: Esm, api: str) -> None:
        esm.put("1")
        assert write(esm, api, write_of("1", taskId=()))[0].previous_owner == TASK
        assert not esm.truth()["1"][0]["values"].get("taskId")

    def test_it_is_told_of_a_card_that_is_refused_later_and_of_none_refused_before(self, esm: Esm, api: str) -> None:
        other = {"taskId": ["acme__other"]}
        esm.put("poison", values=other)
        esm.change(esm.put("twins", values=other), duplicate=True)
        esm.put("trashed", values=other, deleted=True)
        esm.put("unfit", values=other)
        outcomes = write(
            esm, api,
            write_of("poison", subject="POISON"), write_of("twins"), write_of("trashed"), write_of("unfit", due="no"),
            write_of("fine"),
        )  # fmt: skip
        assert statuses(outcomes) == ["refused"] * 4 + ["created"]
        assert [outcome.previous_owner for outcome in outcomes] == ["acme__other", None, None, None, None]

    def test_a_card_that_is_sent_again_does_not_take_its_own_stamp_for_the_one_before(self, esm: Esm) -> None:
        one, gone = make_groups(esm, "g1", "gone")
        esm.make_many("account", [{"accountId": [f"a{n}"], "taskId": ["acme__other"]} for n in range(4)])
        esm.do("POST", "/world/card", {"template": "entitlement", "dataCardId": gone.card_id, "destroy": True})
        esm.switch(import_reference="drop", import_failure="error")
        people = [person("a0", one), person("a1", gone), person("a2", one), person("a3", displayName=("POISON",))]
        outcomes = write_people(esm, "webapi", *people)
        assert statuses(outcomes) == ["updated", "refused", "updated", "refused"]
        assert {outcome.previous_owner for outcome in outcomes} == {"acme__other"}

    def test_a_lost_answer_does_not_hide_it(self, esm: Esm, api: str) -> None:
        for n in range(3):
            esm.put(str(n), values={"taskId": ["acme__other"]})
        esm.fault("PUT|POST", "/data$|/dataCardImport", drop="after")
        outcomes = write(esm, api, *[write_of(str(n), subject="x") for n in range(3)])
        assert {outcome.previous_owner for outcome in outcomes} == {"acme__other"}

    def test_a_card_whose_owner_the_user_may_not_see_has_none(self, esm: Esm, api: str) -> None:
        esm.put("1", values={"taskId": ["acme__other"]})
        esm.do("PATCH", "/users/webapi", {"hidden_attributes": {"jira_issue": ["taskId"]}})
        outcome = using(esm.store(api), lambda store: store.write(TARGET, [write_of("1", subject="x")]))[0]
        assert outcome.previous_owner is None

    def test_it_costs_no_request(self, esm: Esm, api: str) -> None:
        for n in range(60):
            esm.put(str(n), values={"taskId": ["acme__other"]})
        spent = []
        for stamp in ({}, {"taskId": (TASK,)}):
            esm.do("DELETE", "/requests")
            writes = [CardWrite(Card(str(n), {"jiraId": (str(n),), "subject": ("x",), **stamp})) for n in range(60)]
            outcomes = write(esm, api, *writes)
            assert {outcome.previous_owner for outcome in outcomes} == {"acme__other" if stamp else None}
            spent.append(len(esm.requests()))
        assert spent[0] == spent[1]
