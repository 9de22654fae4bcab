"""The demo's own check: do ESM's cards say what Jira's issues say?

What a card should hold is written down here a second time, by hand, from the sandbox's ground truth and the demo's
definition (``acme.yaml``). Nothing of the connector's mapping is used, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

TASK = "acme__support_tickets"
REMOVED = "5 - Removed"
_PRIORITIES = {"Highest": "1", "High": "2"}


class Finding(msgspec.Struct, frozen=True):
    """One promise that was looked at.

    :param promise: what should be
    :param holds: whether it is
    :param seen: the figure behind it, or the first differences
    """

    promise: str
    holds: bool
    seen: str


class Difference(msgspec.Struct, frozen=True):
    """One attribute of one card that does not say what it should."""

    jira_id: str
    attribute: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True):
    """All issues against all cards.

    :param cards: how many cards there are
    :param compared: attribute -> how many cards were compared in it
    :param differences: where they differ
    :param without_card: ids of issues that have no card, or more than one
    :param without_issue: ids on cards that no issue accounts for
    """

    cards: int
    compared: dict[str, int]
    differences: tuple[Difference, ...]
    without_card: tuple[str, ...]
    without_issue: tuple[str, ...]


def wanted(issue: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Say what the card of an issue should hold, as the texts that ESM shows.

    :param issue: one row of the sandbox's ``/_sandbox/truth/issues``
    """
    custom = issue["custom"]
    person = custom.get("Contact person") or issue["reporter"]
    year_first = issue["duedate"]
    return {
        "jiraId": (str(issue["id"]),),
        "jiraKey": (issue["key"],),
        "subject": _one(issue["summary"]),
        "status": _one(issue["status"]),
        "resolution": _one(issue["resolution"]),
        "description": _one(issue["description_markdown"]),
        "team": _one(custom.get("Support Team")),
        "contact": _one(person and person["displayName"]),
        "assigneeName": _one(issue["assignee"] and issue["assignee"]["displayName"]),
        "labels": tuple(issue["labels"]),
        "due": _one(year_first),
        "origin": ("jira",),
        "priority": (_PRIORITIES.get(issue["priority"], "3"),),
        "taskId": (TASK,),
    }


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def in_scope(issue: Mapping[str, Any]) -> bool:
    """Say whether the demo's JQL means this issue, and its account can see it."""
    if issue["hidden"] or issue["archived"]:
        return False
    return issue["project"] == "SUP" and issue["issuetype"] in {"Bug", "Task"}


def compare(
    issues: Sequence[Mapping[str, Any]], cards: Sequence[Mapping[str, Any]], *, gone: Collection[str] = ()
) -> Comparison:
    """Hold every card against its issue, attribute by attribute.

    :param issues: the ground truth as it is now
    :param cards: rows of ESM's ``/_sandbox/truth/cards``
    :param gone: ids of issues that were deleted from Jira after they had a card: these cards stay
    """
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for card in cards:
        for id_ in card["values"].get("jiraId", []):
            by_id.setdefault(id_, []).append(card)
    truth = {str(issue["id"]): issue for issue in issues if in_scope(issue)}
    compared: Counter[str] = Counter()
    differences = []
    for id_, issue in truth.items():
        found = by_id.get(id_, [])
        if len(found) != 1:
            continue
        values = found[0]["values"]
        for attribute, texts in {**wanted(issue), "recordStatus": ()}.items():
            compared[attribute] += 1
            if (there := tuple(values.get(attribute, ()))) != texts:
                differences.append(Difference(id_, attribute, texts, there))
    for id_ in gone:
        for card in by_id.get(str(id_), []):
            compared["recordStatus"] += 1
            if (there := tuple(card["values"].get("recordStatus", ()))) != (REMOVED,):
                differences.append(Difference(str(id_), "recordStatus", (REMOVED,), there))
    accounted = {*truth, *(str(id_) for id_ in gone)}
    return Comparison(
        cards=len(cards),
        compared=dict(compared),
        differences=tuple(differences),
        without_card=tuple(sorted(id_ for id_ in accounted if len(by_id.get(id_, [])) != 1)),
        without_issue=tuple(sorted(set(by_id) - accounted)),
    )


def agreement(comparison: Comparison, when: str) -> list[Finding]:
    """Turn a comparison into findings."""
    differing = Counter(difference.attribute for difference in comparison.differences)
    first = [
        f"{each.attribute} of {each.jira_id} is {each.found}, not {each.wanted}" for each in comparison.differences[:3]
    ]
    cards = [
        *(f"issue {id_} has no card, or several" for id_ in comparison.without_card[:3]),
        *(f"card {id_} has no issue" for id_ in comparison.without_issue[:3]),
    ]
    sums = f"{sum(comparison.compared.values()):,} values of {len(comparison.compared)} attributes"
    return [
        Finding(f"{when}: one card for every issue", not cards, "; ".join(cards) or f"{comparison.cards:,} cards"),
        Finding(
            f"{when}: every mapped attribute of every card is as in Jira",
            not differing and bool(comparison.compared),
            f"{dict(differing)}: {'; '.join(first)}" if differing else sums,
        ),
    ]


def counts(report: Mapping[str, Any], when: str, **expected: int) -> Finding:
    """Hold a report's counts against what they must be."""
    found = {name: report.get(name) for name in expected}
    text = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in expected.items())
    return Finding(f"{when}: {text}", found == expected, "as reported" if found == expected else f"reported: {found}")


def writes(requests: Sequence[Mapping[str, Any]]) -> list[str]:
    """Pick ESM's writing requests out of its request log; logging in and searching write nothing.

    :param requests: rows of ESM's ``/_sandbox/requests``
    """
    return [
        f"{row['method']} {row['path']}"
        for row in requests
        if row["method"] not in {"GET", "HEAD", "OPTIONS"} and not row["path"].endswith(("/login", "/search.ws"))
    ]
