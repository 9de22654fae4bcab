"""What was sent is known again in what is said about it."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_jira.model.redact import texts_in, without

DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "the printer burns"}]}],
}


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("abc", ["abc"]),
        (3.5, ["3.5"]),
        (10001, ["10001"]),
        (True, []),
        (None, []),
        (["a", ["b"], ()], ["a", "b"]),
        ({"summary": "a", "priority": {"id": "2"}}, ["a", "2"]),
        (DOCUMENT, ["the printer burns"]),
    ],
)
def test_every_text_of_a_value_is_listed_and_no_name_of_a_key(value: Any, texts: list[str]) -> None:
    assert list(texts_in(value)) == texts


def test_a_refusal_of_a_document_keeps_the_words_that_are_not_the_document_s() -> None:
    message = "description: 'the printer burns' must be an Atlassian Document (see the text format)"
    assert without(message, texts_in(DOCUMENT)) == (
        "description: '…' must be an Atlassian Document (see the text format)"
    )
