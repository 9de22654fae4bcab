"""Cards survive staging: what is written between two steps is read back as the same card."""

from __future__ import annotations

import msgspec
import pytest

from airflow_provider_jira.model.card import Card, Day, Instant, Link, Reference, Static, Value


@pytest.mark.parametrize("codec", [msgspec.json, msgspec.msgpack])
@pytest.mark.parametrize(
    "value",
    ["x", 1, 1.5, Static("s"), Day("2026-01-02"), Instant("2026-01-02T03:04:05Z"), Reference("t", "a", "k"),
     Link("7", "k")],
)  # fmt: skip
def test_every_kind_of_value_is_read_back_as_itself(codec: object, value: Value) -> None:
    card = Card("1", {"a": (value, value), "b": ()})
    encoded: bytes = codec.encode(card)  # type: ignore[attr-defined]
    assert codec.decode(encoded, type=Card) == card  # type: ignore[attr-defined]
