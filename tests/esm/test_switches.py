"""What nobody knows about ESM does not matter: one story, told under every setting of every unknown behaviour.

The story has a card of each sort in it: new, there already, hidden, in the trash, twins, poison, one with an attribute
to clear, one that points at another card and one that points at a card that is no more. Whatever the switch, the right cards are saved, nothing exists twice, and each card gets its outcome.
"""

from __future__ import annotations

import asyncio
from typing import Any, get_args, get_type_hints

import pytest

from airflow_provider_jira.esm.store import CardStore, Outcome
from airflow_provider_jira.model.card import Link, Static
from airflow_provider_jira.sandbox.esm.switches import Switches

from .conftest import TARGET, TASK, Esm, write_of

OPEN_SETTINGS: dict[str, tuple[Any, ...]] = {
    "token_seconds": (900, 3),
    "bulk_limit": (None, 3),
    "create_references": (False, True),
    "unique_counts_trashed": (True, False),
    "eql_not_equal_matches_empty": (False, True),
    "webapi_error_status": (200, 400, 500),
    "timezone": ("UTC", "Europe/Helsinki"),
}


def every_setting() -> list[tuple[str, Any]]:
    """Each switch with each of its positions, from the switches' own definition: a new one is tested without asking."""
    settings = []
    for name, hint in get_type_hints(Switches).items():
        settings += [(name, position) for position in OPEN_SETTINGS.get(name) or get_args(hint)]
    return settings


SETTINGS = every_setting()


def test_every_switch_is_told_in_at_least_two_positions() -> None:
    for name in Switches.__struct_fields__:
        assert len([position for known, position in SETTINGS if known == name]) >= 2


async def story(store: CardStore, trashed: str, hidden: str, assignee: str) -> tuple[dict[str, Outcome], list[str]]:
    await store.prove_identity()
    template = await store.describe("jira_issue", ["jiraId", "priority"])
    assert template.attributes["priority"].type == "static-value"
    new = [write_of(f"new {n}", subject=f"text {n}", priority="2", origin=Static("jira")) for n in range(6)]
    outcomes = await store.write(
        TARGET,
        [
            *new[:3],
            write_of("there", subject="after", team=(), labels=()),
            write_of("poison", subject="POISON"),
            write_of("twins", subject="after"),
            *new[3:],
            write_of("trashed", trashed, subject="after"),
            write_of("hidden", hidden, subject="after"),
            write_of("pointing", assignee=Link(assignee, "a1")),
            write_of("astray", assignee=Link("99999999", "a9")),
        ],
    )
    own = [card.key async for card in store.owned(TARGET, TASK)]
    return {outcome.key: outcome for outcome in outcomes}, own


@pytest.mark.parametrize(("name", "position"), SETTINGS, ids=[f"{name}={position}" for name, position in SETTINGS])
def test_the_story_ends_well(esm: Esm, api: str, name: str, position: Any) -> None:
    there = esm.put("there", values={"subject": ["before"], "team": ["t"], "labels": ["a", "b"]})
    esm.change(esm.put("twins", values={"subject": ["before"]}), duplicate=True)
    trashed = esm.put("trashed", deleted=True, values={"subject": ["before"]})
    hidden = esm.put("hidden", hidden=True, values={"subject": ["before"]})
    assignee = esm.make("account", {"accountId": ["a1"], "displayName": ["Aino"]})
    esm.switch(**{name: position})

    async def main() -> tuple[dict[str, Outcome], list[str]]:
        zone = position if name == "timezone" else "UTC"
        async with esm.store(api, timezone=zone, page_cards=4) as store:
            return await story(store, trashed, hidden, assignee)

    outcomes, own = asyncio.run(main())
    truth = esm.truth()
    news = [f"new {n}" for n in range(6)]

    assert [outcomes[key].status for key in news] == ["created"] * 6
    for n, key in enumerate(news):
        (card,) = truth[key]
        assert card["values"]["subject"] == [f"text {n}"]
        assert card["values"]["priority"] == ["2"]
        assert card["values"]["origin"] == ["jira"]
        assert outcomes[key].card_id == card["dataCardId"]

    assert (outcomes["there"].status, outcomes["there"].card_id) == ("updated", there)
    (card,) = truth["there"]
    assert card["values"]["subject"] == ["after"]
    assert not card["values"].get("team")
    assert not card["values"].get("labels")

    assert outcomes["poison"].status == "refused"
    assert "poison" not in truth
    assert "POISON" not in outcomes["poison"].refusals[0].message
    assert outcomes["twins"].refusals[0].code == "duplicate_key"
    assert [card["values"]["subject"] for card in truth["twins"]] == [["before"], ["before"]]

    assert outcomes["trashed"].status == "refused"
    assert [card["deleted"] for card in truth["trashed"]] == [True]
    assert truth["trashed"][0]["values"]["subject"] == ["before"]
    is_seen = position != "never" or name != "trash_in_list"
    if is_seen or api == "rest":  # REST reads the trashed card by its id even when no list shows it
        assert outcomes["trashed"].refusals[0].code == "in_trash"

    assert len(truth["hidden"]) == 1
    if (name, position) == ("hidden_in_list", "never") and api == "webapi":
        assert outcomes["hidden"].status == "refused"  # no query shows it, and ESM finds its unique key taken
    else:
        assert (outcomes["hidden"].status, outcomes["hidden"].card_id) == ("updated", hidden)
        assert truth["hidden"][0]["values"]["subject"] == ["after"]

    assert outcomes["pointing"].status == "created"
    assert outcomes["astray"].status == "refused"
    pointed = esm.pointed("jira_issue", "jiraId", "assignee")
    assert pointed["pointing"] == [assignee]
    saved = ["astray"] if "astray" in pointed else []

    unseen = {"hidden"} if (name, position) == ("hidden_in_list", "never") else set()
    assert sorted(own) == sorted([*news, *saved, "pointing", "there", "twins", "twins", *({"hidden"} - unseen)])
