"""Web API answers that only count, count wrongly, err half way or get lost: scripted to the letter."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from airflow_provider_jira.esm.errors import (
    EsmAuthError,
    EsmPermissionError,
    EsmProtocolError,
    EsmRateLimited,
    EsmRefused,
    EsmUnavailable,
    UnknownTemplate,
)
from airflow_provider_jira.esm.store import CardStore, CardWrite, Outcome
from airflow_provider_jira.model.card import Static

from .conftest import TARGET, TASK, Script, write_of

Values = dict[str, list[str]]
Import = Callable[["Desk", list[Values], dict[str, str]], Any]


class Desk:
    """The least Web API that a script needs: look-ups by key, and imports that answer as a test says."""

    def __init__(self, script: Script, importing: Import | None = None) -> None:
        self.cards: dict[str, Values] = {}
        self.trash: set[str] = set()
        self.importing = importing
        self.imports: list[list[Values]] = []
        self.flags: list[dict[str, str]] = []
        self.queries: list[str] = []
        script.on("POST", "/users/login", httpx.Response(403))
        script.on("GET", r"/search\.ws$", self.search)
        script.on("POST", r"/dataCardImport\.ws$", self.take)

    def add(self, key: str, **values: str) -> str:
        card_id = str(1000 + len(self.cards))
        self.cards[card_id] = {"jiraId": [key], "taskId": [TASK], **{code: [text] for code, text in values.items()}}
        return card_id

    def search(self, request: httpx.Request) -> httpx.Response:
        query = parse_qs(request.url.query.decode())["query"][0]
        self.queries.append(query)
        wanted = set(re.findall(r"\$jiraId\$ = '([^']*)'", query))
        shown = [
            (card_id, values) for card_id, values in self.cards.items()
            if wanted & set(values.get("jiraId", [""])) and ("= true" not in query or card_id in self.trash)
        ]  # fmt: skip
        return entities(shown)

    def take(self, request: httpx.Request) -> httpx.Response:
        sent = [
            {
                attribute.get("code"): [value.text or "" for value in attribute.findall("value")]
                for attribute in entity.findall("attribute")
            }
            for entity in fromstring(request.content).findall("entity")
        ]
        flags = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        self.imports.append(sent)
        self.flags.append(flags)
        if self.importing is None:
            return report(sum(self.save(values) for values in sent))
        answer = self.importing(self, sent, flags)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    def save(self, values: Values) -> bool:
        """Upsert; says that it did."""
        for known in self.cards.values():
            if known["jiraId"] == values["jiraId"]:
                known.update(values)
                return True
        self.cards[str(1000 + len(self.cards))] = dict(values)
        return True

    def keys(self) -> list[str]:
        return sorted(values["jiraId"][0] for values in self.cards.values())

    def subjects(self) -> dict[str, str]:
        return {values["jiraId"][0]: values.get("subject", [""])[0] for values in self.cards.values()}


def entities(cards: list[tuple[str, Values]]) -> httpx.Response:
    if not cards:
        return httpx.Response(200, content=b"<result/>")
    body = "".join(
        f'<entity id="{card_id}">'
        + "".join(
            f'<attribute code="{code}">{"".join(f"<value>{escape(text)}</value>" for text in texts)}</attribute>'
            for code, texts in values.items()
        )
        + "</entity>"
        for card_id, values in cards
    )
    return httpx.Response(200, content=f"<entityset>{body}</entityset>".encode())


def report(updated: int, created: int = 0) -> httpx.Response:
    counters = f"<entities-created>{created}</entities-created><entities-updated>{updated}</entities-updated>"
    return httpx.Response(200, content=f"<entity-import-report>{counters}</entity-import-report>".encode())


def failure(details: str, status: int = 200) -> httpx.Response:
    body = f"<error><code>efe-2001</code><description>Import failed</description><details>{details}</details></error>"
    return httpx.Response(status, content=body.encode())


def write(script: Script, *writes: CardWrite, create: bool = True, **settings: Any) -> tuple[Outcome, ...]:
    async def main() -> tuple[Outcome, ...]:
        async with script.store("webapi", **settings) as store:
            return await store.write(TARGET, writes, create=create)

    return asyncio.run(main())


def new(count: int) -> list[CardWrite]:
    return [write_of(str(n), subject=f"text {n}") for n in range(count)]


def statuses(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [outcome.status for outcome in outcomes]


class TestCounters:
    def test_cards_that_are_there_and_cards_that_are_not_go_out_apart(self, script: Script) -> None:
        desk = Desk(script)
        desk.add("1", subject="old", team="t")
        outcomes = write(script, write_of("0", team=()), write_of("1", team=(), subject="new"))
        assert statuses(outcomes) == ["created", "updated"]
        by_flag = {
            "createDataCards" in flags: (flags, sent) for flags, sent in zip(desk.flags, desk.imports, strict=True)
        }
        created, updated = by_flag[True], by_flag[False]
        assert created[0] == {"folderCode": "jira_issues", "createDataCards": "true"}
        assert updated[0] == {"folderCode": "jira_issues", "updateDataCards": "true", "removeEmptyValues": "true"}
        assert "team" not in created[1][0]
        assert updated[1][0]["team"] == []

    def test_esm_need_not_count_cards_that_did_not_change(self, script: Script) -> None:
        desk = Desk(script, lambda _desk, _sent, _flags: report(0))
        for n in range(5):
            desk.add(str(n), subject=f"text {n}")
        assert statuses(write(script, *new(5))) == ["updated"] * 5
        assert len(desk.imports) == 1

    def test_a_counter_that_is_short_sends_only_what_does_not_show_again(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            good = [values for values in sent if values["subject"] != ["text 5"] or len(sent) == 1]
            return report(sum(desk.save(values) for values in good))

        desk = Desk(script, importing)
        for n in range(8):
            desk.add(str(n), subject="old")
        assert statuses(write(script, *new(8))) == ["updated"] * 8
        assert [len(sent) for sent in desk.imports] == [8, 1]

    def test_a_card_that_is_never_counted_and_never_shows_is_refused(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            return report(sum(desk.save(values) for values in sent if values["jiraId"] != ["2"]))

        desk = Desk(script, importing)
        desk.add("2", subject="old")
        outcomes = write(script, *new(4))
        assert statuses(outcomes) == ["created", "created", "refused", "created"]
        assert "neither as created nor as updated" in outcomes[2].refusals[0].message

    def test_a_create_that_is_not_counted_and_not_there_is_refused(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            return report(0, sum(desk.save(values) for values in sent if values["jiraId"] != ["2"]))

        desk = Desk(script, importing)
        outcomes = write(script, *new(4))
        assert statuses(outcomes) == ["created", "created", "refused", "created"]
        assert desk.keys() == ["0", "1", "3"]

    def test_a_create_that_is_there_and_not_as_asked_is_written_once_more(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            if "createDataCards" in flags:
                for values in sent:
                    desk.save({**values, "subject": ["half"]})
                return report(0)
            return report(sum(desk.save(values) for values in sent))

        desk = Desk(script, importing)
        assert statuses(write(script, *new(3))) == ["created"] * 3
        assert desk.subjects() == {"0": "text 0", "1": "text 1", "2": "text 2"}

    def test_one_create_that_is_there_and_not_as_asked_is_written_once_more(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            if "createDataCards" in flags:
                desk.save({**sent[0], "subject": ["half"]})
                return report(0)
            return report(sum(desk.save(values) for values in sent))

        desk = Desk(script, importing)
        assert statuses(write(script, *new(1))) == ["created"]
        assert desk.subjects() == {"0": "text 0"}

    def test_a_value_that_does_not_show_after_the_import_is_a_refusal(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            return report(sum(desk.save({**values, "subject": []}) for values in sent))

        Desk(script, importing)
        (outcome,) = write(script, *new(1))
        assert outcome.status == "refused"
        assert outcome.refusals[0].attribute == "subject"
        assert outcome.card_id == "1000"

    def test_a_value_that_is_still_there_after_clearing_is_a_refusal(self, script: Script) -> None:
        desk = Desk(script, lambda _desk, sent, _flags: report(len(sent)))
        desk.add("0", team="t")
        (outcome,) = write(script, write_of("0", team=()))
        assert outcome.status == "refused"
        assert outcome.refusals[0].message.startswith("attribute 'team' could not be cleared")

    def test_a_value_that_esm_fills_in_itself_at_a_create_is_none(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            return report(0, sum(desk.save({**values, "team": ["default"]}) for values in sent))

        Desk(script, importing)
        assert statuses(write(script, write_of("0", team=()))) == ["created"]

    def test_a_card_that_vanishes_before_the_import_is_made_anew(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            desk.cards.pop(old, None)
            if "createDataCards" not in flags:
                return report(0)
            return report(0, sum(desk.save(values) for values in sent))

        desk = Desk(script, importing)
        old = desk.add("0", subject="old", taskId="acme__other")
        (outcome,) = write(script, *new(1))
        assert (outcome.status, outcome.previous_owner) == ("created", None)
        desk.cards.clear()
        old = desk.add("0", subject="old", taskId="acme__other")
        (outcome,) = write(script, *new(1), create=False)
        assert outcome.refusals[0].code == "not_found"
        assert outcome.previous_owner is None
        assert desk.cards == {}

    def test_a_twin_that_appears_meanwhile_is_not_guessed_at(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            for values in sent:
                desk.save(values)
            desk.add("0")
            return report(0, len(sent))

        Desk(script, importing)
        outcomes = write(script, *new(2))
        assert [refusal.code for refusal in outcomes[0].refusals] == ["duplicate_key"]
        assert outcomes[1].status == "created"


class TestErrors:
    @pytest.mark.parametrize("status", [200, 400, 500])
    @pytest.mark.parametrize("done", [0, 3])
    def test_an_error_half_way_is_halved_down_to_the_one(self, script: Script, status: int, done: int) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            for n, values in enumerate(sent):
                if values["subject"] == ["text 5"]:
                    return failure("text 5 is bad in entity 6", status)
                if n < done:
                    desk.save(values)
            return report(0, sum(desk.save(values) for values in sent))

        desk = Desk(script, importing)
        outcomes = write(script, *new(9))
        assert [n for n, outcome in enumerate(outcomes) if outcome.status == "refused"] == [5]
        assert outcomes[5].refusals[0].message == "efe-2001: Import failed: … is bad in entity 6"
        assert desk.keys() == [str(n) for n in range(9) if n != 5]
        assert script.time.waits == []

    def test_a_set_that_is_too_large_is_halved(self, script: Script) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> httpx.Response:
            if len(sent) > 2 or any(values["jiraId"] == ["4"] for values in sent):
                return httpx.Response(413)
            return report(0, sum(desk.save(values) for values in sent))

        Desk(script, importing)
        outcomes = write(script, *new(5))
        assert statuses(outcomes) == ["created"] * 4 + ["refused"]
        assert "too large" in outcomes[4].refusals[0].message

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (httpx.Response(403), EsmPermissionError),
            (httpx.Response(401), EsmAuthError),
            (httpx.Response(404), EsmProtocolError),
            (httpx.Response(200, content=b"<html>"), EsmProtocolError),
            (httpx.Response(200, content=b"<other/>"), EsmProtocolError),
            (httpx.Response(429), EsmRateLimited),
        ],
    )
    def test_what_is_no_import_stops_the_work(self, script: Script, answer: httpx.Response, kind: type) -> None:
        Desk(script, lambda _desk, _sent, _flags: answer)
        with pytest.raises(kind):
            write(script, *new(2))

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (httpx.Response(403), EsmPermissionError),
            (httpx.Response(401), EsmAuthError),
            (httpx.Response(404), EsmProtocolError),
            (httpx.Response(200, content=b"<html>"), EsmProtocolError),
            (httpx.Response(503), EsmUnavailable),
        ],
    )
    def test_what_is_no_search_stops_the_work(self, script: Script, answer: httpx.Response, kind: type) -> None:
        script.on("GET", r"/search\.ws", answer)
        Desk(script)

        async def owned(store: CardStore) -> None:
            async for _ in store.owned(TARGET, TASK):
                pass

        async def main() -> None:
            async with script.store("webapi") as store:
                with pytest.raises(kind):
                    await store.prove_identity()
                with pytest.raises(kind):
                    await owned(store)

        asyncio.run(main())

    def test_a_refused_query_does_not_give_the_keys_away(self, script: Script) -> None:
        def search(request: httpx.Request) -> httpx.Response:
            return (
                failure("near 'anna.korhonen'")
                if b"anna" in request.url.query
                else httpx.Response(200, content=b"<result/>")
            )

        script.on("GET", r"/search\.ws", search)
        Desk(script)

        async def main() -> None:
            async with script.store("webapi") as store:
                await store.find(TARGET, ["anna.korhonen"])

        with pytest.raises(EsmRefused, match="near '…'") as caught:
            asyncio.run(main())
        assert "anna" not in str(caught.value)

    @pytest.mark.parametrize("status", [200, 500])
    def test_a_refused_query_is_an_error_when_own_cards_are_streamed(self, script: Script, status: int) -> None:
        def search(request: httpx.Request) -> httpx.Response:
            return (
                failure("no", status) if b"taskId" in request.url.query else httpx.Response(200, content=b"<result/>")
            )

        script.on("GET", r"/search\.ws", search)

        async def main() -> None:
            async with script.store("webapi") as store:
                async for _ in store.owned(TARGET, TASK):
                    pass

        with pytest.raises(EsmRefused):
            asyncio.run(main())

    def test_a_stream_that_ends_too_early_is_not_taken_for_the_whole(self, script: Script) -> None:
        def search(request: httpx.Request) -> httpx.Response:
            if b"taskId" not in request.url.query:
                return httpx.Response(200, content=b"<result/>")
            whole = entities([("1", {"jiraId": ["0"], "taskId": [TASK]}), ("2", {"jiraId": ["1"], "taskId": [TASK]})])
            return httpx.Response(200, content=whole.content[:-30])

        script.on("GET", r"/search\.ws", search)
        seen = []

        async def main() -> None:
            async with script.store("webapi") as store:
                async for card in store.owned(TARGET, TASK):
                    seen.append(card.key)  # noqa: PERF401  # what was seen before the break is the point

        with pytest.raises(EsmProtocolError):
            asyncio.run(main())
        assert seen == ["0"]

    def test_a_key_that_xml_cannot_carry_is_refused(self, script: Script) -> None:
        desk = Desk(script)
        good, bad = write(script, write_of("0"), write_of("a\x00b"))
        assert (good.status, bad.status) == ("created", "refused")
        assert "XML cannot carry" in bad.refusals[0].message
        assert desk.keys() == ["0"]

    def test_a_card_found_by_a_key_that_it_does_not_show_stops_everything(self, script: Script) -> None:
        desk = Desk(script)
        script.rules.insert(0, ("GET", r"/search\.ws", [entities([("7", {"subject": ["x"]})])]))
        with pytest.raises(EsmPermissionError, match="does not show it"):
            write(script, *new(2))
        assert desk.imports == []

    def test_own_cards_are_exactly_this_tasks_and_a_keyless_one_is_still_own(self, script: Script) -> None:
        rows: list[tuple[str, Values]] = [
            ("1", {"jiraId": ["0"], "taskId": [TASK]}),
            ("2", {"jiraId": ["1"], "taskId": [TASK.upper()]}),
            ("3", {"taskId": [TASK]}),
        ]
        script.on(
            "GET",
            r"/search\.ws",
            lambda request: failure("no") if b"entity.deleted" in request.url.query else entities(rows),
        )

        async def main() -> list[tuple[str, str]]:
            async with script.store("webapi") as store:
                return [(card.card_id, card.key) async for card in store.owned(TARGET, TASK)]

        assert asyncio.run(main()) == [("1", "0"), ("3", "")]


class TestLostAnswers:
    @pytest.mark.parametrize("lost", [httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), 500, 502, 503])
    @pytest.mark.parametrize("done", [0, 2, 5])
    def test_what_was_done_is_not_done_again_and_the_rest_is(self, script: Script, lost: Any, done: int) -> None:
        def importing(desk: Desk, sent: list[Values], flags: dict[str, str]) -> Any:
            if len(desk.imports) == 1:
                for values in sent[:done]:
                    desk.save(values)
                return lost if isinstance(lost, Exception) else httpx.Response(lost)
            created = sum(desk.save(values) for values in sent)
            return report(0, created) if "createDataCards" in flags else report(created)

        desk = Desk(script, importing)
        assert statuses(write(script, *new(5))) == ["created"] * 5
        assert desk.keys() == ["0", "1", "2", "3", "4"]
        again = [
            sent for sent, flags in zip(desk.imports[1:], desk.flags[1:], strict=True) if "createDataCards" in flags
        ]
        assert sum(map(len, again)) == 5 - done

    def test_a_card_that_always_loses_the_answer_is_given_up(self, script: Script) -> None:
        desk = Desk(script, lambda _desk, _sent, _flags: httpx.ReadTimeout("x"))
        with pytest.raises(EsmUnavailable):
            write(script, *new(3))
        assert desk.cards == {}


class TestSpelling:
    """Hidden and trashed cards are asked for in the words that ESM understands."""

    @staticmethod
    def _queries(script: Script, refused: str) -> list[str]:
        desk = Desk(script)
        desk.trash.add(desk.add("0"))
        plain = desk.search

        def search(request: httpx.Request) -> httpx.Response:
            answer = plain(request)
            return failure("no") if refused and refused in desk.queries[-1] else answer

        script.rules.insert(0, ("GET", r"/search\.ws", [search]))

        async def main() -> None:
            async with script.store("webapi") as store:
                await store.find(TARGET, ["0"])
                await store.find(TARGET, ["0"])

        asyncio.run(main())
        return desk.queries

    def test_the_first_one_understood_is_used_from_then_on(self, script: Script) -> None:
        queries = self._queries(script, "")
        assert sum("entity.id = '0'" in query for query in queries) == 1
        assert "entity.deleted = true OR entity.hidden = true" in queries[2]

    def test_the_second_is_tried_where_the_first_is_refused(self, script: Script) -> None:
        assert any("entity.deleted = 1 OR entity.hidden = 1" in query for query in self._queries(script, "= true"))

    def test_where_none_is_understood_cards_are_taken_as_shown(self, script: Script) -> None:
        queries = self._queries(script, "entity.deleted")
        assert queries[-1] == "SELECT entity FROM entity WHERE template.code = 'jira_issue' AND ($jiraId$ = '0')"
        assert len(queries) == 4


class TestMetadata:
    def test_rest_that_is_down_does_not_stop_the_web_api(self, script: Script) -> None:
        script.on("POST", "/users/login", httpx.Response(503))
        desk = Desk(script)
        assert statuses(write(script, *new(2))) == ["created", "created"]
        assert desk.keys() == ["0", "1"]

    def test_static_values_by_code_are_written_by_their_text(self, script: Script) -> None:
        attributes = {
            **{code: {"type": "string"} for code in ("jiraId", "taskId")},
            "priority": {"type": "static-value", "values": [{"code": "high", "value": "1 - High"}]},
        }
        script.on("POST", "/users/login", httpx.Response(200, json={"token": "t"}))
        script.on("GET", "/dc/jira_issue$", httpx.Response(200, json={"code": "jira_issue", "attributes": attributes}))
        desk = Desk(script)
        assert statuses(write(script, write_of("0", priority=Static("high")))) == ["created"]
        assert desk.imports[0][0]["priority"] == ["1 - High"]

    def test_an_unknown_template_is_rests_to_say(self, script: Script) -> None:
        script.on("POST", "/users/login", httpx.Response(200, json={"token": "t"}))
        script.on("GET", "/dc/", httpx.Response(404))
        Desk(script)
        with pytest.raises(UnknownTemplate):
            write(script, *new(1))
