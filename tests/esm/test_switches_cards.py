"""What nobody knows about ESM does not matter to an event task, either: its story, told under every setting.

The story: cards wait to be sent, one is read, gets a key and loses a text, takes an entry, and is told apart from one that
is not there and from one in the trash.
"""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_jira.esm.cards import OpenCard
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.model.card import Reference, Static

from .conftest import Esm, using
from .incidents import KEY, incident, truth
from .test_switches import SETTINGS

WAITING = "$status$ = '02 - Solving' and $jiraKey$ is null"


async def story(store: CardStore, trashed: str) -> tuple[list[str], OpenCard | None, list[str]]:
    waiting = [card.card_id for card in await store.matching("incident", WAITING, most=2)]
    first = waiting[0]
    card = await store.read("incident", first, ["subject", "status", "customer"])
    assert await store.read("incident", "99999999", ["subject"]) is None
    refusals = await store.change(
        "incident",
        first,
        {
            "jiraKey": ("SUP-1",), "status": (Static("solved"),), "team": (), "description": ("POISON",),
            "customer": (Reference("account", "accountId", "a2"),),
        },
        key=KEY,
    )  # fmt: skip
    assert [refusal.attribute for refusal in refusals] == ["description"]
    await store.add_entry("incident", first, "comments", "two\nlines", key=KEY)
    entries = [entry.text for entry in await store.worklog("incident", first, "comments")]
    (refusal,) = await store.change("incident", trashed, {"jiraKey": ("SUP-2",)}, key=KEY)
    assert refusal.code in {"in_trash", "not_found"}
    return waiting, card, entries


@pytest.mark.parametrize(("name", "position"), SETTINGS, ids=[f"{name}={position}" for name, position in SETTINGS])
def test_the_story_ends_well(esm: Esm, api: str, name: str, position: Any) -> None:
    before, after = (esm.make("account", {"accountId": [key], "displayName": [key]}) for key in ("a1", "a2"))
    ids = [incident(esm, n, status=["02 - Solving"], team=["t"], customer=[before]) for n in range(5)]
    incident(esm, 5, status=["01 - New"])
    trashed = esm.make("incident", {KEY: ["INC-6"], "status": ["02 - Solving"]}, deleted=True)
    esm.make("incident", {KEY: ["INC-7"], "status": ["02 - Solving"]}, hidden=True)
    esm.switch(**{name: position})
    zone = position if name == "timezone" else "UTC"
    waiting, card, entries = using(esm.store(api, timezone=zone, page_cards=2), lambda store: story(store, trashed))
    assert waiting == ids[:2]
    assert card is not None
    assert card.values["subject"][0].text == "subject 0"
    assert (card.values["status"][0].text, card.values["status"][0].code) == ("02 - Solving", "solving")
    assert (card.values["customer"][0].card_id, card.values["customer"][0].template) == (before, "account")
    assert entries == ["two\nlines"]
    held = truth(esm, ids[0])
    assert (held["jiraKey"], held["status"], held["customer"]) == (["SUP-1"], ["07 - Solved"], ["a2"])
    assert not held.get("team")
    assert "description" not in held
    assert esm.pointed("incident", KEY, "customer")["INC-0"] == [after]
    assert "jiraKey" not in truth(esm, trashed)
