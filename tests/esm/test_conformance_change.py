"""What an event task writes back to a card: said again and again, done once, through REST and the Web API."""

from __future__ import annotations

import re

import pytest

from airflow_provider_jira.esm.errors import (
    EsmRefused,
    EsmUnavailable,
    UnknownAttribute,
    UnknownTemplate,
)
from airflow_provider_jira.model.card import Day, Instant, Link, Reference, Static, Value

from .conftest import Esm, using
from .incidents import KEY, add, change, incident, truth


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

    def test_saying_it_again_writes_nothing(self, esm: Esm, api: str) -> None:
        aino = esm.make("account", {"accountId": ["a1"], "displayName": ["Aino"]})
        card_id = incident(esm, team=["old"])
        said: dict[str, tuple[Value, ...]] = {
            "jiraKey": ("SUP-1",), "status": (Static("solving"),), "impact": (2.5,), "due": (Day("2026-03-24"),),
            "started": (Instant("2026-03-24T10:57:00Z"),), "customer": (Link(aino, "a1"),), "labels": ("a", "b"),
            "team": (), "solution": ("",),
        }  # fmt: skip
        assert change(esm, api, card_id, **said) == ()
        written = len(esm.writes())
        assert change(esm, api, card_id, **said) == ()
        assert len(esm.writes()) == written

    @pytest.mark.parametrize("moves", ["new", "every"])
    def test_a_card_keeps_its_folder_and_everything_that_was_not_named(self, esm: Esm, api: str, moves: str) -> None:
        esm.switch(import_folder=moves)
        esm.do("PUT", "/folders/elsewhere", {"name": "Elsewhere"})
        definition = esm.do("GET", "/templates/incident")
        esm.do("PUT", "/templates/incident", {**definition, "folders": ["incident_management", "elsewhere"]})
        card_id = esm.make("incident", {KEY: ["INC-1"], "team": ["t"], "labels": ["a", "b"]}, folder="elsewhere")
        assert change(esm, api, card_id, jiraKey=("SUP-1",)) == ()
        (card,) = esm.do("GET", "/truth/cards", template="incident")
        assert card["folderCode"] == "elsewhere"
        assert card["values"] == {KEY: ["INC-1"], "team": ["t"], "labels": ["a", "b"], "jiraKey": ["SUP-1"]}

    def test_a_hidden_card_is_changed(self, esm: Esm, api: str) -> None:
        card_id = esm.make("incident", {KEY: ["INC-1"]}, hidden=True)
        assert change(esm, api, card_id, jiraKey=("SUP-1",)) == ()
        assert truth(esm, card_id)["jiraKey"] == ["SUP-1"]

    @pytest.mark.parametrize("card_id", ["999999999", "nonsense"])
    def test_a_card_that_is_not_there_is_a_refusal(self, esm: Esm, api: str, card_id: str) -> None:
        (refusal,) = change(esm, api, card_id, jiraKey=("SUP-1",))
        assert (refusal.code, refusal.attribute) == ("not_found", None)

    @pytest.mark.parametrize("saves", ["save", "refuse"])
    def test_a_card_in_the_trash_is_left_alone(self, esm: Esm, api: str, saves: str) -> None:
        esm.switch(modify_trashed=saves)
        card_id = esm.make("incident", {KEY: ["INC-1"]}, deleted=True)
        (refusal,) = change(esm, api, card_id, jiraKey=("SUP-1",))
        assert refusal.code == "in_trash"
        assert truth(esm, card_id) == {KEY: ["INC-1"]}

    @pytest.mark.parametrize("errors", ["save_rest", "refuse_card"])
    @pytest.mark.parametrize("status", [200, 400, 500])
    @pytest.mark.parametrize("failure", ["skip", "abort", "error"])
    def test_what_esm_refuses_does_not_keep_the_rest_from_the_card(
        self, esm: Esm, api: str, errors: str, status: int, failure: str
    ) -> None:
        esm.switch(attribute_errors=errors, webapi_error_status=status, import_failure=failure)
        esm.do("PATCH", "/users/webapi", {"read_only_attributes": {"incident": ["team"]}})
        card_id = incident(esm, team=["before"], solution=["x"])
        refusals = change(
            esm, api, card_id, jiraKey=("SUP-1",), description=("POISON of a secret",), team=("after",), solution=()
        )
        assert sorted(refusal.attribute or "" for refusal in refusals) == ["description", "team"]
        assert truth(esm, card_id) == {
            KEY: ["INC-1"], "subject": ["subject 1"], "jiraKey": ["SUP-1"], "team": ["before"]
        }  # fmt: skip
        for refusal in refusals:
            assert "secret" not in refusal.message

    @pytest.mark.parametrize(
        ("attribute", "value", "why"),
        [
            ("nope", "secret", "does not exist in template 'incident'"),
            ("status", "secret", "no static value with the text given"),
            ("impact", "secret", "holds numbers"),
            ("comments", "secret", "of type worklog, which cannot be written as a value"),
            ("customer", "secret", "points at data cards"),
            ("customer", Reference("account", "accountId", "secret"), "data card was not found"),
            ("customer", Reference("account", "accountId", "twin"), r"data cards \d+ and \d+ answer to"),
        ],
    )
    def test_what_does_not_fit_is_refused_by_itself(
        self, esm: Esm, api: str, attribute: str, value: Value, why: str
    ) -> None:
        esm.do("POST", "/world/card", {"template": "account", "values": {"accountId": ["twin"]}})
        esm.do("POST", "/world/card", {"template": "account", "values": {"accountId": ["twin"]}})
        card_id = incident(esm)
        (refusal,) = change(esm, api, card_id, **{attribute: (value,)}, jiraKey=("SUP-1",))
        assert (refusal.code, refusal.attribute) == ("attribute_refused", attribute)
        assert re.search(why, refusal.message)
        assert "secret" not in refusal.message
        assert truth(esm, card_id)["jiraKey"] == ["SUP-1"]

    def test_an_attribute_that_cannot_be_cleared_is_refused(self, esm: Esm, api: str) -> None:
        esm.do("PATCH", "/users/webapi", {"read_only_attributes": {"incident": ["team"]}})
        card_id = incident(esm, team=["secret"])
        (refusal,) = change(esm, api, card_id, team=())
        assert (refusal.code, refusal.attribute) == ("attribute_refused", "team")
        assert "secret" not in refusal.message
        assert truth(esm, card_id)["team"] == ["secret"]

    def test_a_folder_that_may_only_be_read_refuses_everything(self, esm: Esm, api: str) -> None:
        card_id = incident(esm, solution=["x"])
        esm.do("PATCH", "/users/webapi", {"folders": {"incident_management": "read"}})
        refusals = change(esm, api, card_id, jiraKey=("SUP-1",), solution=())
        assert refusals
        assert truth(esm, card_id) == {KEY: ["INC-1"], "subject": ["subject 1"], "solution": ["x"]}

    def test_an_unknown_template_is_named(self, esm: Esm, api: str) -> None:
        with pytest.raises(UnknownTemplate, match=r"no template 'nope'"):
            using(esm.store(api), lambda store: store.change("nope", "1", {"a": ("x",)}, key="b"))

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_lost_answer_is_made_good(self, esm: Esm, api: str, when: str) -> None:
        card_id = incident(esm, team=["x"])
        esm.fault("PATCH" if api == "rest" else "POST", r"data/\d+$|Import", drop=when)
        if api == "rest":
            esm.fault("DELETE", r"/team$", drop=when)
        assert change(esm, api, card_id, jiraKey=("SUP-1",), team=()) == ()
        assert truth(esm, card_id) == {KEY: ["INC-1"], "subject": ["subject 1"], "jiraKey": ["SUP-1"]}

    def test_an_esm_that_stays_down_is_an_error_that_may_pass(self, esm: Esm, api: str) -> None:
        card_id = incident(esm)
        esm.fault("PATCH" if api == "rest" else "POST", r"data/\d+$|Import", status=503, times=None)
        with pytest.raises(EsmUnavailable) as caught:
            change(esm, api, card_id, jiraKey=("SUP-1",))
        assert caught.value.retryable


class TestChangeByKey:
    """The Web API imports by a unique attribute, so what stands in it has to find the card."""

    def test_it_says_that_it_needs_one(self, esm: Esm) -> None:
        card_id = incident(esm)
        with pytest.raises(EsmRefused, match="only by a unique attribute: name one as `key`"):
            using(esm.store("webapi"), lambda store: store.change("incident", card_id, {"team": ("x",)}))
        with pytest.raises(EsmRefused, match="only by a unique attribute: name one as `key`"):
            using(esm.store("webapi"), lambda store: store.add_entry("incident", card_id, "comments", "x"))
        assert esm.writes() == []

    @pytest.mark.parametrize(
        ("values", "code", "why"),
        [
            ({KEY: []}, "card_refused", "'incidentId', by which the Web API finds the card, holds no value"),
            (
                {KEY: ["INC-2"]},
                "duplicate_key",
                r"data cards \d+ and \d+ have the same value in attribute 'incidentId'",
            ),
        ],
    )
    def test_a_key_that_does_not_name_one_card_is_refused(
        self, esm: Esm, values: dict[str, list[str]], code: str, why: str
    ) -> None:
        other = incident(esm, 2)
        card_id = esm.make("incident", values)
        (refusal,) = change(esm, "webapi", card_id, jiraKey=("SUP-1",))
        assert (refusal.code, refusal.attribute) == (code, KEY)
        assert re.search(why, refusal.message)
        with pytest.raises(EsmRefused, match=why):
            add(esm, "webapi", card_id, "text")
        assert "jiraKey" not in truth(esm, other)
        assert esm.writes() == []

    def test_several_values_in_the_key_are_refused(self, esm: Esm) -> None:
        card_id = incident(esm, labels=["a", "b"])
        (refusal,) = using(
            esm.store("webapi"), lambda store: store.change("incident", card_id, {"team": ("x",)}, key="labels")
        )
        assert "holds several values" in refusal.message

    def test_an_attribute_that_esm_does_not_hold_unique_is_no_key(self, esm: Esm) -> None:
        card_id = incident(esm)
        (refusal,) = using(
            esm.store("webapi"), lambda store: store.change("incident", card_id, {"team": ("x",)}, key="subject")
        )
        assert refusal.attribute == "team"
        assert "team" not in truth(esm, card_id)

    def test_the_key_itself_cannot_be_changed(self, esm: Esm) -> None:
        card_id = incident(esm)
        (refusal,) = change(esm, "webapi", card_id, **{KEY: ("INC-9",)}, jiraKey=("SUP-1",))
        assert refusal.attribute == KEY
        assert truth(esm, card_id)["jiraKey"] == ["SUP-1"]
        assert truth(esm, card_id)[KEY] == ["INC-1"]

    def test_an_unknown_key_is_an_error(self, esm: Esm) -> None:
        with pytest.raises(UnknownAttribute, match="no attribute 'nope'"):
            using(esm.store("webapi"), lambda store: store.change("incident", "1", {"team": ("x",)}, key="nope"))
