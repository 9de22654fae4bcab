"""Worklogs through REST and the Web API: entries come back as written, and none is ever added twice."""

from __future__ import annotations

import pytest

from airflow_provider_jira.esm.errors import (
    EsmPermissionError,
    EsmRefused,
    EsmUncertain,
    UnknownAttribute,
    UnknownCard,
)
from airflow_provider_jira.model.card import Entry

from .conftest import Esm, using
from .incidents import KEY, add, incident, truth, worklog


class TestWorklog:
    def test_entries_come_back_as_written_the_oldest_first(self, esm: Esm, api: str) -> None:
        card_id = incident(esm)
        texts = ["first", "two\nlines & <tags> \"quotes\" ]]> 'x'", "a\r\nb\n\n  c\tä€🙂", "long " * 2000 + "end"]
        for text in texts:
            add(esm, api, card_id, text)
        assert [entry.text for entry in worklog(esm, api, card_id)] == texts
        assert truth(esm, card_id)["comments"] == texts[::-1]

    @pytest.mark.parametrize(("signed", "author"), [("login", "webapi"), ("name", "Integration user")])
    def test_others_entries_stand_beside_ours(self, esm: Esm, api: str, signed: str, author: str) -> None:
        esm.switch(worklog_author=signed)
        card_id = incident(esm)
        entry = {"template": "incident", "dataCardId": card_id, "attribute": "comments"}
        esm.do("POST", "/world/entry", {**entry, "text": "hers", "author": "Aino", "at": "2020-01-02T03:04:05Z"})
        add(esm, api, card_id, "ours")
        hers, ours = worklog(esm, api, card_id)
        if api == "rest":
            assert hers == Entry("Aino", "hers", "2020-01-02T03:04:05Z")
            assert (ours.author, ours.text) == (author, "ours")
        else:  # the Web API shows texts only
            assert (hers, ours) == (Entry("", "hers", ""), Entry("", "ours", ""))
        assert esm.store(api).login == "webapi"

    def test_an_empty_worklog_has_no_entries(self, esm: Esm, api: str) -> None:
        assert worklog(esm, api, incident(esm)) == ()

    def test_the_same_text_may_be_added_again(self, esm: Esm, api: str) -> None:
        card_id = incident(esm)
        add(esm, api, card_id, "done")
        add(esm, api, card_id, "done")
        assert truth(esm, card_id)["comments"] == ["done", "done"]

    @pytest.mark.parametrize("card_id", ["12345", "nonsense"])
    def test_a_card_that_is_not_there_is_an_error(self, esm: Esm, api: str, card_id: str) -> None:
        with pytest.raises(UnknownCard, match=r"no data card .* in template 'incident'"):
            worklog(esm, api, card_id)
        with pytest.raises(UnknownCard, match=r"no data card .* in template 'incident'"):
            add(esm, api, card_id, "text")

    @pytest.mark.parametrize("attribute", ["subject", "nope"])
    def test_an_attribute_that_is_no_worklog_is_named(self, esm: Esm, api: str, attribute: str) -> None:
        card_id = incident(esm)
        with pytest.raises(
            UnknownAttribute, match=rf"{attribute}.*in the definition|{attribute}.*correct the definition"
        ):
            using(esm.store(api), lambda store: store.worklog("incident", card_id, attribute))
        with pytest.raises(UnknownAttribute, match=attribute):
            using(esm.store(api), lambda store: store.add_entry("incident", card_id, attribute, "x", key=KEY))
        assert esm.writes() == []

    @pytest.mark.parametrize("text", ["", " \n", "\x07"])
    def test_an_entry_without_text_is_not_sent(self, esm: Esm, api: str, text: str) -> None:
        card_id = incident(esm)
        if text == "\x07" and api == "rest":
            return  # JSON carries it
        with pytest.raises(ValueError, match="without text"):
            add(esm, api, card_id, text)
        assert esm.writes() == []

    @pytest.mark.parametrize("status", [200, 500])
    def test_a_refused_entry_is_an_error_without_its_text(self, esm: Esm, api: str, status: int) -> None:
        esm.switch(webapi_error_status=status, import_failure="error")
        card_id = incident(esm)
        with pytest.raises(EsmRefused, match=rf"entry to attribute 'comments' of data card {card_id}") as caught:
            add(esm, api, card_id, "POISON of a secret")
        assert "secret" not in str(caught.value)
        assert worklog(esm, api, card_id) == ()

    def test_a_user_who_may_not_write_is_told_so(self, esm: Esm, api: str) -> None:
        card_id = incident(esm)
        esm.do("PATCH", "/users/webapi", {"read_only_attributes": {"incident": ["comments"]}})
        with pytest.raises((EsmPermissionError, EsmRefused), match="comments"):
            add(esm, api, card_id, "text")
        assert worklog(esm, api, card_id) == ()

    def test_a_card_in_the_trash_takes_no_entry(self, esm: Esm, api: str) -> None:
        card_id = esm.make("incident", {KEY: ["INC-1"]}, deleted=True)
        with pytest.raises(EsmRefused, match="trash"):
            add(esm, api, card_id, "text")


class TestOnce:
    """An entry is never sent a second time when the first may have arrived."""

    @pytest.mark.parametrize(("when", "entries"), [("before", []), ("after", ["text of a comment"])])
    def test_a_lost_answer_is_uncertain(self, esm: Esm, api: str, when: str, entries: list[str]) -> None:
        card_id = incident(esm)
        esm.fault("POST", "/comments$|Import", drop=when)
        with pytest.raises(EsmUncertain, match=r"no answer says whether ESM added it: look into the card") as caught:
            add(esm, api, card_id, "text of a comment")
        assert "text of a comment" not in str(caught.value)
        assert not caught.value.retryable
        assert [entry.text for entry in worklog(esm, api, card_id)] == entries

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_failing_esm_is_uncertain(self, esm: Esm, api: str, status: int) -> None:
        card_id = incident(esm)
        esm.fault("POST", "/comments$|Import", status=status)
        with pytest.raises(EsmUncertain):
            add(esm, api, card_id, "text")
        assert len(esm.requests("POST", "/comments$|Import")) == 1

    def test_an_answer_that_is_not_esms_is_uncertain(self, esm: Esm, api: str) -> None:
        card_id = incident(esm)
        esm.fault("POST", "/comments$|Import", status=200, body="<html>please log in</html>")
        with pytest.raises(EsmUncertain):
            add(esm, api, card_id, "text")

    def test_a_request_that_was_turned_away_is_sent_again(self, esm: Esm, api: str) -> None:
        card_id = incident(esm)
        esm.fault("POST", "/comments$|Import", status=429, headers={"Retry-After": "7"})
        add(esm, api, card_id, "text")
        assert truth(esm, card_id)["comments"] == ["text"]
        assert 7 in [round(wait) for wait in esm.time.waits]


class TestOnceThroughTheWebApi:
    @pytest.mark.parametrize("status", [429, 503])
    def test_an_import_that_cannot_be_looked_at_is_uncertain(self, esm: Esm, status: int) -> None:
        card_id = incident(esm)
        esm.do("POST", "/faults", {"match": {"path": "search"}, "skip": 5, "status": status, "times": None})
        with pytest.raises(EsmUncertain):
            add(esm, "webapi", card_id, "text")
        esm.do("DELETE", "/faults")
        assert [entry.text for entry in worklog(esm, "webapi", card_id)] == ["text"]

    def test_an_import_that_replaces_earlier_entries_is_noticed(self, esm: Esm) -> None:
        esm.switch(import_worklog="replace")
        card_id = incident(esm)
        add(esm, "webapi", card_id, "first")
        with pytest.raises(EsmRefused, match=r"replaced earlier entries.*use `api: rest`"):
            add(esm, "webapi", card_id, "second")

    def test_an_entry_that_is_counted_and_not_there_is_an_error(self, esm: Esm) -> None:
        card_id = incident(esm)
        counted = "<entity-import-report><entities-created>0</entities-created><entities-updated>1</entities-updated>"
        esm.fault("POST", "Import", status=200, body=f"{counted}</entity-import-report>")
        with pytest.raises(EsmRefused, match="counts the card, and the entry is not there"):
            add(esm, "webapi", card_id, "text")

    def test_an_entry_that_is_not_counted_and_not_there_is_an_error(self, esm: Esm) -> None:
        card_id = incident(esm)
        esm.fault("POST", "Import", status=200, body="<entity-import-report/>")
        with pytest.raises(EsmRefused, match="ESM's own log"):
            add(esm, "webapi", card_id, "text")
