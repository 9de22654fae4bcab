"""REST's words: values written as the vendor's examples write them, answers read whatever shape they are in."""

from __future__ import annotations

import json
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_jira.esm.errors import EsmProtocolError
from airflow_provider_jira.esm.fitting import StaticText
from airflow_provider_jira.esm.rest_answers import (
    BulkAnswer,
    Complaint,
    bulk_of,
    card_of,
    page_of,
    reasons_of,
    single_of,
    template_of,
)
from airflow_provider_jira.esm.rest_values import elements, links, texts
from airflow_provider_jira.model.card import Day, Instant, Link


def answer(body: Any, status: int = 200) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(status, content=content, request=httpx.Request("GET", "https://esm.example/dc/t"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("String", {"value": "String"}),
        (42, {"value": 42}),
        (0.2425432341, {"value": 0.2425432341}),
        (Day("2021-03-24"), {"value": "2021-03-24"}),
        (Instant("2021-03-24T10:57:57Z"), {"value": "2021-03-24T10:57:57Z"}),
        (StaticText("02", "second"), {"value": "02", "code": "second"}),
        (StaticText("02.02.2011", None), {"value": "02.02.2011"}),
        (Link("21357", "disk-1"), {"dataCardId": "21357"}),
    ],
)
def test_a_value_is_written_as_the_vendor_writes_it(value: Any, expected: dict[str, Any]) -> None:
    assert elements((value, value)) == [expected, expected]


@given(st.text())
@example("half a pair \ud800")
def test_every_text_can_be_sent(text: str) -> None:
    (element,) = elements((text,))
    assert msgspec.json.decode(msgspec.json.encode(element)) == element
    if "\ud800" not in text:
        assert element["value"] == text


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"type": "string", "values": [{"value": "a"}, {"value": "b"}]}, ("a", "b")),
        ({"type": "number", "values": [{"value": 42}, {"value": 42.0}, {"value": 0.25}]}, ("42", "42", "0.25")),
        ({"type": "static-value", "values": [{"value": "02", "code": None}]}, ("02",)),
        ({"type": "static-value", "values": [{"value": {"fi": "Auki", "en": "Open"}}]}, ("Open",)),
        ({"type": "static-value", "values": [{"value": {"fi": "Auki"}}]}, ("Auki",)),
        ({"type": "static-value", "values": [{"value": {}}]}, ("",)),
        ({"type": "reference", "values": [{"name": "Disk", "dataCardId": "21357"}]}, ("Disk",)),
        ({"type": "reference", "values": [{"name": "", "dataCardId": "21357"}]}, ("",)),
        ({"type": "reference", "values": [{"name": None, "dataCardId": "21357"}]}, ("21357",)),
        ({"type": "external-reference", "values": [{"name": "n", "location": "l"}]}, ("n",)),
        ({"type": "string", "values": [{"value": True}]}, ("true",)),
        ({"type": "string", "values": [{"value": None}, "x", {}]}, ()),
        ({"type": "string", "values": []}, ()),
        ({"type": "string", "values": None}, ()),
        (None, ()),
    ],
)
def test_values_are_read_as_the_texts_people_see(element: Any, expected: tuple[str, ...]) -> None:
    assert texts(element) == expected


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"type": "reference", "values": [{"name": "Disk", "dataCardId": "21357"}, {"dataCardId": 7}]}, ("21357", "7")),
        ({"type": "external-reference", "values": [{"name": "n", "location": "l"}]}, ()),
        ({"type": "string", "values": [{"value": "21357"}, None]}, ()),
        ({"type": "reference", "values": None}, ()),
        (None, ()),
    ],
)
def test_references_are_read_as_ids(element: Any, expected: tuple[str, ...]) -> None:
    assert links(element) == expected


def test_a_template_is_read_in_either_style() -> None:
    plain = {
        "code": "t", "name": "T", "allowedFolders": [{"folderName": "F", "folderCode": "f"}, {"folderName": "x"}],
        "attributes": {"s": {"name": "S", "multiValue": False, "type": "static-value", "target": [],
                             "values": [{"code": "open", "value": "Open"}, {"code": None, "value": 3}, {}]},
                       "r": {"type": "reference", "multiValue": True, "target": ["person"]}, "junk": None},
    }  # fmt: skip
    localised = {
        **plain,
        "attributes": {"s": {"type": "STATIC_VALUE",
                             "values": [{"code": "open", "value": {"en": "Open", "fi": "Auki"}}]}},
        "allowedFolders": None,
    }  # fmt: skip
    template = template_of(answer(plain))
    assert template.folders == ("f",)
    assert (template.attributes["s"].type, template.attributes["s"].multi_value) == ("static-value", False)
    assert template.attributes["s"].static_values == {"Open": "open", "3": None}
    assert template.attributes["r"].targets == ("person",)
    assert template.attributes["r"].multi_value is True
    template = template_of(answer(localised))
    assert template.folders is None
    assert template.attributes["s"].type == "static-value"
    assert template.attributes["s"].multi_value is None
    assert template.attributes["s"].static_values == {"Open": "open", "Auki": "open"}


CARD = {
    "dataCardId": 7,
    "hidden": True,
    "deleted": False,
    "data": {"k": {"values": [{"value": "x"}]}, "e": {"values": []}},
}


def test_a_page_is_a_document_or_a_bare_array() -> None:
    for body in ({"meta": {}, "data": [CARD]}, [CARD]):
        (card,) = page_of(answer(body), "k")
        assert (card.card_id, card.key, card.hidden, card.deleted, card.values) == (
            "7",
            "x",
            True,
            False,
            {"k": ("x",)},
        )


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (lambda a: page_of(a, "k"), {"meta": {}}),
        (lambda a: page_of(a, "k"), b"<html>"),
        (lambda a: page_of(a, "k"), b"\xff\xfe"),
        (lambda a: page_of(a, "k"), {"data": [{"dataCardId": "1", "name": "no values"}]}),
        (lambda a: card_of(a, "k"), {"data": {}}),
        (lambda a: card_of(a, "k"), []),
        (template_of, {"code": "t"}),
        (template_of, {"attributes": {}}),
        (template_of, []),
        (bulk_of, []),
        (single_of, []),
        (single_of, b""),
    ],
)
def test_an_answer_that_esm_does_not_give_is_told_so(read: Any, body: Any) -> None:
    with pytest.raises(EsmProtocolError, match="correct the host"):
        read(answer(body))


ERROR = {"attributeCode": "a", "attributeType": "string", "message": "no", "error": "Bad Request"}


def test_a_bulk_answer_is_read_by_card_id() -> None:
    told = bulk_of(
        answer(
            {
                "meta": {
                    "errors": [ERROR, {"message": "elsewhere"}],
                    "importResult": {"handledDataCards": 4, "savedDataCards": 2, "notSavedDataCards": 2},
                },
                "data": [
                    {"dataCard": {"dataCardId": "1"}, "errors": []},
                    {"dataCard": {"dataCardId": "2"}, "errors": [ERROR, "junk"]},
                    {"dataCard": None, "errors": [{"error": "Bad Request"}]},
                    {"errors": []},
                    "junk",
                ],
            }
        )
    )
    complaint = Complaint("a", "no")
    assert told == BulkAnswer({"1": (), "2": (complaint,)}, 2, 2, 1, (Complaint(None, "elsewhere"),))


@pytest.mark.parametrize(
    ("told", "counts", "expected"),
    [
        (BulkAnswer({}), (3, 0, 0), True),
        (BulkAnswer({}, 3, 0), (3, 0, 0), True),
        (BulkAnswer({}, 2, 1), (3, 0, 0), False),
        (BulkAnswer({}, 3, 1), (3, 0, 0), False),
        (BulkAnswer({}, 2, 1), (2, 1, 0), True),
        (BulkAnswer({}, 3, 0), (2, 1, 0), True),
        (BulkAnswer({}, 2, 1), (2, 0, 1), True),
        (BulkAnswer({}, 1, 2), (2, 0, 1), False),
        (BulkAnswer({}, nameless=1), (2, 0, 1), True),
        (BulkAnswer({}, nameless=2), (2, 0, 1), False),
        (BulkAnswer({}, stray=(Complaint(None, "x"),)), (3, 0, 0), False),
    ],
)
def test_counters_that_say_less_than_the_items_are_not_passed_over(
    told: BulkAnswer, counts: tuple[int, int, int], expected: bool
) -> None:
    assert told.agrees(*counts) is expected


@pytest.mark.parametrize(
    ("body", "card_id", "saved", "errors"),
    [
        ({"dataCard": {"dataCardId": "1"}, "meta": {"errors": []}}, "1", None, ()),
        ({"dataCard": {"dataCardId": 1}, "meta": {"importResult": {"savedDataCards": 1}}}, "1", True, ()),
        ({"meta": {"importResult": {"savedDataCards": 0, "notSavedDataCards": 1}}}, None, False, ()),
        ({"meta": {"importResult": {"savedDataCards": 0, "notSavedDataCards": 0}}}, None, True, ()),
        ({"dataCard": None, "meta": {"errors": [ERROR]}}, None, None, (Complaint("a", "no"),)),
        ({"dataCard": {}, "errors": [{}]}, None, None, (Complaint(None, "no reason given"),)),
    ],
)
def test_a_single_answer_is_read(body: Any, card_id: str | None, saved: bool | None, errors: Any) -> None:
    told = single_of(answer(body))
    assert (told.card_id, told.saved, told.errors) == (card_id, saved, errors)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"code": 400, "message": "Invalid JSON.", "error": "Bad Request"}, Complaint(None, "Invalid JSON.")),
        ({"code": 400, "message": None, "error": "Bad Request"}, Complaint(None, "Bad Request")),
        ({"meta": {"errors": [ERROR]}}, Complaint("a", "no")),
        ({}, Complaint(None, "HTTP 400")),
        ([], Complaint(None, "HTTP 400")),
        (b"<html>", Complaint(None, "HTTP 400")),
    ],
)
def test_a_reason_is_found_in_any_refusal(body: Any, expected: Complaint) -> None:
    assert reasons_of(answer(body, 400)) == (expected,)
