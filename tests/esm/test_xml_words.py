"""The Web API's words: what is written survives the trip, and what is read needs no more memory than one card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_jira.esm.errors import EsmProtocolError, EsmRefused
from airflow_provider_jira.esm.fitting import StaticText
from airflow_provider_jira.esm.xml_documents import EntityReader, entity_set, report_of, says_error
from airflow_provider_jira.esm.xml_values import carries, same, text_of
from airflow_provider_jira.model.card import Day, Instant, Link

HELSINKI = ZoneInfo("Europe/Helsinki")


def answer(body: bytes, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=body, request=httpx.Request("GET", "https://esm.example/api/itsm/search.ws"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a < b & c", "a < b & c"),
        ("a\x00b\x0bc\ud800d\ufffe", "abcd"),
        (42, "42"),
        (0.25, "0.25"),
        (1e-7, "0.0000001"),
        (StaticText("02 - Solving", "x"), "02 - Solving"),
        (Link("21357", "disk-1"), "disk-1"),
        (Day("2026-03-05"), "05.03.2026 00:00"),
        (Instant("2026-03-05T22:20:59Z"), "06.03.2026 00:20"),
        (Instant("2026-07-05T22:20:00Z"), "06.07.2026 01:20"),
        (Instant("2026-03-29T00:59:00Z"), "29.03.2026 02:59"),
        (Instant("2026-03-29T01:00:00Z"), "29.03.2026 04:00"),
    ],
)
def test_a_value_is_written_as_the_web_api_wants_it(value: Any, expected: str) -> None:
    assert text_of(value, HELSINKI) == expected


@given(st.text())
@example("half a pair \ud800, a bell \x07")
@example("two\r\nlines\rand a third\n")
def test_what_is_written_is_always_xml_and_reads_as_what_it_was(text: str) -> None:
    written = text_of(text, HELSINKI)
    assert carries(written)
    document = fromstring(entity_set("t", [{"a": [written], "e": []}]))
    (entity,) = document.findall("entity")
    assert entity.find("template").get("code") == "t"  # type: ignore[union-attr]
    read = entity.find("attribute[@code='a']/value").text or ""  # type: ignore[union-attr]
    assert read == written
    assert [list(empty) for empty in entity.findall("attribute[@code='e']")] == [[]]


@pytest.mark.parametrize(
    ("written", "shown", "expected"),
    [
        (["a"], ("a",), True),
        (["a"], ("b",), False),
        (["a"], (), False),
        ([], (), True),
        ([], ("a",), False),
        (["a  b\r\n"], ("a b",), True),
        (["b", "a"], ("a", "b"), True),
        (["a", "a"], ("a",), False),
        (["3.50"], ("3,5",), True),
        (["3"], ("3.0",), True),
        (["05.03.2026 00:00"], ("05.03.2026",), True),
        (["05.03.2026 10:00"], ("05.03.2026",), False),
        (["12345678901234567890"], ("12345678901234567891",), False),
    ],
)
def test_sameness_is_what_it_is_said_to_be(written: list[str], shown: tuple[str, ...], expected: bool) -> None:
    assert same(written, shown) is expected


FOUND = b"""<?xml version="1.0" encoding="UTF-8"?>
<entityset>
  <entity id="508857" name="n">
    <template id="1" name="Location" code="location"/><group code="locations"/>
    <attribute id="2" name="x" code="k"><value>KEY &amp; 1</value></attribute>
    <attribute id="3" name="x" code="labels"><value>a</value><value>b</value></attribute>
    <attribute id="4" name="x" code="customer"><reference id="9" name="Anna"/></attribute>
    <attribute id="5" name="x" code="members"><reference id="9" name="Anna"/><reference id="8" name=""/></attribute>
    <attribute id="5" name="x" code="empty"/>
    <attribute id="6" name="x" code="unwanted"><value>u</value></attribute>
  </entity>
  <entity id="508858" name="m"/>
</entityset>"""


@given(st.integers(1, len(FOUND)))
def test_cards_are_read_whatever_pieces_they_come_in(size: int) -> None:
    reader = EntityReader(answer(b""), ["k", "labels", "customer", "members", "empty"])
    cards = [card for at in range(0, len(FOUND), size) for card in reader.feed(FOUND[at : at + size])]
    cards += reader.close()
    assert [(card.card_id, card.values, card.links) for card in cards] == [
        (
            "508857",
            {"k": ("KEY & 1",), "labels": ("a", "b"), "customer": ("Anna",), "members": ("Anna", "")},
            {"customer": ("9",), "members": ("9", "8")},
        ),
        ("508858", {}, {}),
    ]


def test_all_attributes_are_kept_where_none_are_named() -> None:
    reader = EntityReader(answer(b""), None)
    assert "unwanted" in reader.feed(FOUND)[0].values


def test_nothing_found_is_nothing() -> None:
    reader = EntityReader(answer(b""), None)
    assert [*reader.feed(b"<result/>"), *reader.close()] == []


def test_an_error_is_an_error_whose_words_stay_out_of_the_text() -> None:
    body = b"<error><code>efe-3001</code><description>Invalid query</description><details>secret</details></error>"
    reader = EntityReader(answer(body), None)
    reader.feed(body)
    with pytest.raises(EsmRefused) as caught:
        reader.close()
    assert "secret" not in str(caught.value)
    assert caught.value.detail == "efe-3001: Invalid query: secret"
    assert says_error(answer(body, 500))
    assert not says_error(answer(b"<entityset/>"))


REPORT = b"<entity-import-report>%s</entity-import-report>"
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><entityset><entity id="&b;"/></entityset>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><entityset>&a;</entityset>'


@pytest.mark.parametrize("body", [b"<html>login</html>", b"not xml", b"{}", BOMB, OUTSIDE, b"<entityset><entity", b""])
def test_what_is_no_answer_of_esm_is_told_so(body: bytes) -> None:
    reader = EntityReader(answer(body), None)

    def read() -> None:
        reader.feed(body)
        reader.close()

    with pytest.raises(EsmProtocolError, match="webapi_path"):
        read()
    with pytest.raises(EsmProtocolError, match="webapi_path"):
        report_of(answer(body))


@pytest.mark.parametrize(
    ("body", "counted", "error"),
    [
        (REPORT % b"<entities-created>2</entities-created><entities-updated>3</entities-updated>", 5, ""),
        (REPORT % b"<entities-created>2</entities-created>", 2, ""),
        (REPORT % b"<other>9</other><x><entities-updated> 3 </entities-updated></x>", 3, ""),
        (REPORT % b"<entities-created>many</entities-created>", 0, ""),
        (b"<error><code>efe-1</code><description>No</description></error>", 0, "efe-1: No"),
        (REPORT % b"<error>No</error>", 0, "No"),
        (b"<error/>", 0, "no reason given"),
    ],
)
def test_a_report_is_read_for_its_counters_and_its_error(body: bytes, counted: int, error: str) -> None:
    report = report_of(answer(body))
    assert (report.counted, report.error) == (counted, error)


def test_a_hundred_thousand_cards_are_never_all_in_memory() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"<entityset>"
        for n in range(100_000):
            yield b'<entity id="%d"><attribute code="k"><value>key %d</value></attribute></entity>' % (n, n)
        yield b"</entityset>"

    reader = EntityReader(answer(b""), ["k"])
    most = read = 0
    for piece in pieces():
        cards = reader.feed(piece)
        most, read = max(most, len(cards)), read + len(cards)
    assert (read + len(reader.close()), most <= 10) == (100_000, True)


def test_the_writer_declares_its_encoding() -> None:
    assert entity_set("t", []).startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert ET.fromstring(entity_set("t", [])).tag == "entityset"
