"""What the demo tells of people: somebody is hired, gets an account in Jira and two groups, and loses them again.

10. The staff office makes a card with an address and two entitlements. Events invite the person, put her into both
    groups, do so again (she is a member already), and take her out.
"""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console

from airflow_provider_jira.sandbox.demo import check_events
from airflow_provider_jira.sandbox.demo.check import Finding
from airflow_provider_jira.sandbox.demo.event_runs import Ended, EventRun, start, wait
from airflow_provider_jira.sandbox.demo.show_events import cards_table, runs_table
from airflow_provider_jira.sandbox.demo.stage import GRANT, INVITE, REVOKE, Stage

GROUPS = ("sup-agents", "sup-leads")
_SHOWN = ("displayName", "email", "accountId", "groups", "membershipFailures", "provisioningException")


def hiring(console: Console, stage: Stage) -> list[Finding]:
    """Tell it; the groups have entitlement cards in ESM already.

    :raises TooLate: runs do not end
    """
    when = "Run 10"
    told = "somebody is hired: a card in ESM, an account in Jira, two groups, and out of them again"
    console.print(f"\n[bold]{when}: {told}[/bold]", highlight=False)
    began = time.monotonic()
    everybody = stage.jira.get("/truth/people")
    held = _entitlements(stage)
    card = _hire(stage, list(held))
    made = _card(stage, card)
    invited = _do(console, stage, INVITE, card, "invite", "hired")
    joined = _card(stage, card)
    account = "".join(joined["values"].get("accountId", ()))
    people = stage.jira.get("/truth/people")
    granted = _do(console, stage, GRANT, card, "grant", "two entitlements")
    inside = stage.jira.get("/truth/memberships")
    again = _do(console, stage, GRANT, card, "grant-again", "the same again")
    noted = _card(stage, card)
    revoked = _do(console, stage, REVOKE, card, "revoke", "leaves")
    outside = stage.jira.get("/truth/memberships")
    runs = [invited, granted, again, revoked]
    console.print(runs_table(f"Runs, one after the other, {time.monotonic() - began:.0f} s", runs))
    console.print(cards_table("The card, before → now", {card: "hired"}, {card: made}, {card: noted}, _SHOWN))
    already = "".join(noted["values"].get("provisioningException", ()))
    return [
        check_events.ended(f"{when}: all four runs end well", [each.state for each in runs], "success"),
        check_events.account_made(when, joined, everybody, people),
        check_events.members(f"{when}: she is in the groups of her entitlements", inside, account, held.values()),
        Finding(f"{when}: being a member already is no failure, and the card says so",
                already.count("already a member") == len(GROUPS), already or "the card says nothing"),
        check_events.members(f"{when}: and taken out of both", outside, account, ()),
    ]  # fmt: skip


def _entitlements(stage: Stage) -> dict[str, str]:
    """Find the cards of the two groups: card id -> group id."""
    cards = stage.esm.get("/truth/cards", template="entitlement")
    named = {card["values"]["name"][0]: card for card in cards if card["values"].get("name")}
    return {str(named[name]["dataCardId"]): named[name]["values"]["groupId"][0] for name in GROUPS}


def _hire(stage: Stage, entitlements: list[str]) -> str:
    values = {
        "employeeId": ["E-1042"],
        "displayName": ["Nina Newcomer"],
        "email": ["nina.newcomer@acme.example"],
        "groups": entitlements,
    }
    return str(stage.esm.post("/world/card", {"template": "account", "values": values})["dataCardId"])


def _card(stage: Stage, card: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = stage.esm.get("/truth/cards", template="account")
    return next(row for row in rows if row["dataCardId"] == card)


def _do(console: Console, stage: Stage, dag_id: str, card: str, what: str, about: str) -> Ended:
    return wait(console, stage, start(stage, EventRun(dag_id, f"card-{card}-{what}", about, card)))[0]
