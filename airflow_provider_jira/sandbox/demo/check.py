"""The demo's own check: do ESM's cards say what Jira's issues say?

What a card should hold is written down here a second time, by hand, from the sandbox's ground truth and the demo's
definition (``acme.yaml``). Nothing of the connector's mapping is used, so that a mistake there cannot hide itself.
People and groups are held against their cards in :mod:`~airflow_provider_jira.sandbox.demo.check_people`, by the same
means.
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
    """One attribute of one card that does not say what it should.

    :param record: the card's key
    """

    record: str
    attribute: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True):
    """All records against all cards.

    :param cards: how many cards there are
    :param compared: attribute -> how many cards were compared in it
    :param differences: where they differ
    :param without_card: keys of records that have no card, or more than one
    :param without_record: keys on cards that no record accounts for
    """

    cards: int
    compared: dict[str, int]
    differences: tuple[Difference, ...]
    without_card: tuple[str, ...]
    without_record: tuple[str, ...]


Card = Mapping[str, Any]
"""A row of ESM's ``/_sandbox/truth/cards``."""

Values = Mapping[str, tuple[str, ...]]
"""Attribute -> its texts, as ESM shows them; of a reference, the keys of the cards that it points at, ascending."""


def values_of(card: Card, pointed: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Read a card's values.

    :param card: the card
    :param pointed: reference attribute -> id of a card that can be pointed at -> its key
    """
    found = {code: tuple(texts) for code, texts in card["values"].items()}
    for code, keys in pointed.items():
        ids = card.get("references", {}).get(code, ())
        found[code] = tuple(sorted(keys.get(id_, f"card {id_}") for id_ in ids))
    return found


def keys_of(cards: Sequence[Card], key: str) -> dict[str, str]:
    """Map cards to what their key attribute holds: card id -> key."""
    return {card["dataCardId"]: text for card in cards for text in card["values"].get(key, ())[:1]}


def hold(
    wanted: Mapping[str, Values],
    cards: Sequence[Card],
    *,
    key: str,
    status: str,
    pointed: Mapping[str, Mapping[str, str]],
    gone: Collection[str] = (),
) -> Comparison:
    """Hold every card against its record, attribute by attribute.

    :param wanted: key -> what the record's card should hold
    :param cards: all cards of the template
    :param key: attribute that holds the key
    :param status: attribute that says whether the record is gone
    :param pointed: as for :func:`values_of`
    :param gone: keys of records that were deleted from Jira after they had a card: these cards stay
    """
    by_key: dict[str, list[Values]] = {}
    for card in cards:
        values = values_of(card, pointed)
        for text in values.get(key, ()):
            by_key.setdefault(text, []).append(values)
    expected: dict[str, Values] = {text: {**values, status: ()} for text, values in wanted.items()}
    expected.update({text: {status: (REMOVED,)} for text in gone})
    compared: Counter[str] = Counter()
    differences = []
    for text, attributes in expected.items():
        found = by_key.get(text, [])
        if len(found) != 1:
            continue
        for attribute, texts in attributes.items():
            compared[attribute] += 1
            if (there := found[0].get(attribute, ())) != texts:
                differences.append(Difference(text, attribute, texts, there))
    return Comparison(
        cards=len(cards),
        compared=dict(compared),
        differences=tuple(differences),
        without_card=tuple(sorted(text for text in expected if len(by_key.get(text, [])) != 1)),
        without_record=tuple(sorted(set(by_key) - set(expected))),
    )


def changed(before: Sequence[Card], after: Sequence[Card], key: str) -> set[str]:
    """Find the cards that are new, gone, or no longer what they were; says their keys.

    A card that points at one whose name has changed shows another name there, and has not changed itself.

    :param before: all cards of a template
    :param after: the same, later
    :param key: attribute that holds the key
    """
    was, now = ({card["dataCardId"]: _itself(card) for card in cards} for cards in (before, after))
    different = [now.get(id_) or was[id_] for id_ in {*was, *now} if was.get(id_) != now.get(id_)]
    return {text for card in different for text in card["values"].get(key, ["(a card without key)"])}


def _itself(card: Card) -> dict[str, Any]:
    pointing = card.get("references", {})
    return {**card, "values": {code: texts for code, texts in card["values"].items() if code not in pointing}}


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
        "assignee": _one(issue["assignee"] and issue["assignee"]["accountId"]),
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


def wanted_of_all(issues: Sequence[Mapping[str, Any]]) -> dict[str, Values]:
    """Say what all cards of issues should hold: id -> values.

    :param issues: the ground truth
    """
    return {str(issue["id"]): wanted(issue) for issue in issues if in_scope(issue)}


def compare(
    issues: Sequence[Mapping[str, Any]],
    cards: Sequence[Card],
    *,
    accounts: Sequence[Card],
    gone: Collection[str] = (),
) -> Comparison:
    """Hold every card of an issue against it.

    :param issues: the ground truth as it is now
    :param cards: cards of issues
    :param accounts: cards of people, which the assignees point at
    :param gone: ids of issues that were deleted from Jira after they had a card
    """
    pointed = {"assignee": keys_of(accounts, "accountId")}
    return hold(wanted_of_all(issues), cards, key="jiraId", status="recordStatus", pointed=pointed, gone=gone)


def agreement(comparison: Comparison, when: str, what: str = "issue") -> list[Finding]:
    """Turn a comparison into findings.

    :param what: what a card is of
    """
    differing = Counter(difference.attribute for difference in comparison.differences)
    first = [
        f"{each.attribute} of {each.record} is {each.found}, not {each.wanted}" for each in comparison.differences[:3]
    ]
    cards = [
        *(f"{what} {text} has no card, or several" for text in comparison.without_card[:3]),
        *(f"card {text} has no {what}" for text in comparison.without_record[:3]),
    ]
    sums = f"{sum(comparison.compared.values()):,} values of {len(comparison.compared)} attributes"
    return [
        Finding(f"{when}: one card for every {what}", not cards, "; ".join(cards) or f"{comparison.cards:,} cards"),
        Finding(
            f"{when}: every mapped attribute of every {what}'s card is as in Jira",
            not differing and bool(comparison.compared),
            f"{dict(differing)}: {'; '.join(first)}" if differing else sums,
        ),
    ]


def exactly(when: str, found: Collection[str], expected: Collection[str], what: str) -> Finding:
    """Hold the cards that were changed against those that had to be.

    :param found: their keys
    :param expected: keys of the records that call for it
    :param what: which these are, in words
    """
    wrong = sorted(set(found) ^ set(expected))
    seen = f"{len(wrong)} too many or too few: {', '.join(wrong[:3])}" if wrong else f"cards changed: {len(found):,}"
    return Finding(f"{when}: no cards changed but those of {what}", not wrong, seen)


def silence(when: str, requests: Sequence[Mapping[str, Any]]) -> Finding:
    """Prove from ESM's request log that nothing was written.

    :param requests: rows of ESM's ``/_sandbox/requests``
    """
    written = writes(requests)
    seen = f"{len(written)}: {written[:3]}" if written else f"{len(requests)} requests, all of them reading"
    return Finding(f"{when}: no writing request in ESM's request log", bool(requests) and not written, seen)


def counts(report: Mapping[str, Any], when: str, **expected: int | str) -> Finding:
    """Hold a report's counts against what they must be."""
    found = {name: report.get(name) for name in expected}
    text = ", ".join(
        f"{count:,} {name.replace('_', ' ')}" if isinstance(count, int) else count for name, count in expected.items()
    )
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
