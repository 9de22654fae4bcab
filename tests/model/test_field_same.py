"""Whether a field says already what would be written: only what is certainly the same counts."""

from __future__ import annotations

import pytest

from airflow_provider_jira.model.field_same import holds


def document(*texts):
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in texts]
    return {"type": "doc", "version": 1, "content": content}


@pytest.mark.parametrize(
    ("wanted", "now"),
    [
        ("Printer", "Printer"),
        ("Printer ", "Printer"),
        (3.5, 3.5),
        (3, 3.0),
        (None, None),
        (None, []),
        ([], None),
        (None, ""),
        (None, document()),
        ({"id": "3"}, {"id": "3", "name": "High", "self": "https://x"}),
        ({"value": "A", "child": {"value": "A1"}}, {"value": "A", "id": "1", "child": {"value": "A1", "id": "2"}}),
        ({"accountId": "7:a"}, {"accountId": "7:a", "displayName": "Ann"}),
        (["b", "a"], ["a", "b"]),
        ([{"id": "2"}, {"id": "1"}], [{"id": "1", "value": "x"}, {"id": "2", "value": "y"}]),
        ("2026-10-15T10:00:00.000+0200", "2026-10-15T11:00:00.000+0300"),
        ("2026-10-15", "2026-10-15"),
        (document("one", "two"), {**document("one", "two"), "attrs": {"localId": "1"}}),
    ],
)
def test_the_same(wanted, now):
    assert holds(wanted, now)


@pytest.mark.parametrize(
    ("wanted", "now"),
    [
        ("Printer", "printer"),
        ("Printer", None),
        (None, "Printer"),
        (None, 0),
        (None, False),
        (0, None),
        (3.5, 3),
        ({"id": "3"}, {"id": "4", "name": "High"}),
        ({"id": "3"}, {"name": "High"}),
        ({"id": "3"}, "3"),
        ({"value": "A", "child": {"value": "A1"}}, {"value": "A"}),
        (["a"], ["a", "b"]),
        (["a", "a"], ["a", "b"]),
        (["a", "b"], ["a"]),
        (["a"], "a"),
        ("2026-10-15T10:00:00.000+0200", "2026-10-15T10:00:00.000+0300"),
        ("2026-99-15T10:00:00.000+0200", "2026-99-15T11:00:00.000+0300"),
        (document("one"), document("one", "two")),
        (document("one"), "one"),
    ],
)
def test_not_the_same(wanted, now):
    assert not holds(wanted, now)
