"""The demo's checks of events: is in Jira what the cards say, and on the cards what became of it, once each?

Everything is read past both APIs (``/_sandbox/truth/…``), and nothing of the connector's own marks is looked at: an
issue is an incident's where its summary is the incident's subject.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from airflow_provider_jira.sandbox.demo.check import Finding

LABEL = "from-esm"
"""What the demo's definition puts on every issue that it makes."""

Row = Mapping[str, Any]
"""A card or an issue, as the sandbox knows it."""


def ended(promise: str, states: Sequence[str], wanted: str) -> Finding:
    """Hold how runs ended against how they should.

    :param states: of each run
    :param wanted: the state that all of them should have
    """
    right = sum(state == wanted for state in states)
    return Finding(promise, 0 < right == len(states), f"{right} of {len(states)} {wanted}")


def refused(promise: str, answer: str, status: int) -> Finding:
    """See that Airflow refused a request with a status.

    :param answer: what it said
    """
    holds = f" got {status}:" in answer
    return Finding(promise, holds, f"answered with {status}" if holds else answer[:200])


def issues_of(cards: Iterable[Row], before: Sequence[Row], after: Sequence[Row]) -> dict[str, list[Row]]:
    """Find the issues that were made since: card id -> new issues with the card's subject.

    :param before: all issues
    :param after: the same, later
    """
    old = {issue["id"] for issue in before}
    new = [issue for issue in after if issue["id"] not in old]
    return {
        card["dataCardId"]: [issue for issue in new if [issue["summary"]] == card["values"].get("subject")]
        for card in cards
    }


def one_issue_each(when: str, cards: Sequence[Row], before: Sequence[Row], after: Sequence[Row]) -> list[Finding]:
    """See that every card has one issue, that there are no others, and that each card names its own.

    :param cards: as they are now
    :param before: all issues before the events
    :param after: all issues now
    """
    more = len(after) - len(before)
    found = issues_of(cards, before, after)
    wrong = [f"card {card} has {len(issues)}" for card, issues in found.items() if len(issues) != 1]
    astray = [
        f"card {card['dataCardId']} names {card['values'].get('jiraKey')}"
        for card in cards
        if not any(_names(card, issue) for issue in found[card["dataCardId"]])
    ]
    return [
        Finding(
            f"{when}: one issue for every card, and no other",
            bool(cards) and not wrong and more == len(cards),
            "; ".join(wrong) or f"{more} more issues than before",
        ),
        Finding(
            f"{when}: every card carries its issue's key, id and address",
            bool(cards) and not astray,
            "; ".join(astray) or ", ".join(text for card in cards for text in card["values"]["jiraKey"]),
        ),
    ]


def _names(card: Row, issue: Row) -> bool:
    values = card["values"]
    named = values.get("jiraKey"), values.get("jiraId"), [url.rpartition("/")[2] for url in values.get("jiraUrl", ())]
    return named == ([issue["key"]], [issue["id"]], [issue["key"]])


def holds_fields(when: str, card: Row, issue: Row, *, reporter: str) -> Finding:
    """See that an issue says what its card says.

    :param reporter: account id of the incident's customer
    """
    described = "".join(card["values"].get("description", ())).replace("**", "")
    wrong = [
        name
        for name, right in (
            ("project", issue["project"] == "SUP"),
            ("issue type", issue["issuetype"] == "Bug"),
            ("reporter", (issue["reporter"] or {}).get("accountId") == reporter),
            ("label", LABEL in issue["labels"]),
            ("description", (issue["description_text"] or "") == described),
        )
        if not right
    ]
    seen = f"wrong: {', '.join(wrong)}" if wrong else f"reported by {issue['reporter']['displayName']}"
    return Finding(
        f"{when}: the issue says what the card says; its reporter is the incident's customer", not wrong, seen
    )


def says(promise: str, card: Row, **wanted: str | None) -> Finding:
    """Hold what a card says against what it should.

    :param wanted: attribute -> its text; ``None``: empty
    """
    found = {code: "".join(card["values"].get(code, ())) or None for code in wanted}
    texts = ", ".join(f"{code} {text}" for code, text in wanted.items() if text is not None)
    return Finding(promise, found == wanted, texts or "empty" if found == wanted else str(found))


def tells_why(promise: str, card: Row, word: str) -> Finding:
    """See that a card of which nothing became says why.

    :param word: what the reason has to name
    """
    values = card["values"]
    reason = "".join(values.get("provisioningException", ()))
    holds = values.get("jiraSync") == ["09 - Failed"] and word in reason and not values.get("jiraKey")
    return Finding(promise, holds, reason or "no reason")


def listed(promise: str, text: str, run_id: str) -> Finding:
    """See that a list of events names a run as refused.

    :param text: what ``airflow jira-connector events`` printed
    """
    lines = [line for line in text.splitlines() if run_id in line]
    return Finding(promise, len(lines) == 1 and "refused" in lines[0], f"{len(lines)} lines name run {run_id}")


def said_once(when: str, issue: Row, text: str, author: str | None) -> Finding:
    """See that an issue has one comment with a text, which names its author in ESM.

    :param author: ``None`` where ESM's API does not tell who wrote an entry, which the XML Web API does not
    """
    found = [each["text"] for each in issue["comments"] if text in each["text"]]
    named = sum(author is None or author in each for each in found)
    under = "" if author is None else ", under the name of who wrote it"
    return Finding(
        f"{when}: what was written in ESM is one comment in Jira{under}",
        len(found) == named == 1,
        f"{len(found)} such of {len(issue['comments'])} on {issue['key']}"
        + ("" if author is None else f", {named} with the name"),
    )


def told_once(when: str, card: Row, text: str, author: str) -> Finding:
    """See that a card's worklog has one entry with a text, which names its author in Jira."""
    entries = [each["text"] for each in card.get("worklogs", {}).get("comments", ())]
    found = [each for each in entries if text in each]
    named = sum(author in each for each in found)
    return Finding(
        f"{when}: what was written in Jira is one entry of the card's worklog, under the name of who wrote it",
        len(found) == named == 1,
        f"{len(found)} such, {named} with the name, of {len(entries)} in the worklog",
    )


def nothing_more_said(when: str, card: Row, issue: Row, count: int) -> Finding:
    """See that nothing came back as an echo.

    :param count: how many things were said about the incident, on both sides together
    """
    entries, comments = len(card.get("worklogs", {}).get("comments", ())), len(issue["comments"])
    return Finding(
        f"{when}: no echo, {count} entries in the worklog and {count} comments",
        entries == comments == count,
        f"{entries} entries, {comments} comments",
    )


def issue_is(promise: str, issue: Row, status: str, resolution: str) -> Finding:
    """See that an issue has a status and a resolution."""
    found = issue["status"], issue["resolution"]
    return Finding(promise, found == (status, resolution), f"{issue['key']} is {found[0]}, resolution {found[1]}")


def untouched(promise: str, before: Row, after: Row) -> Finding:
    """See that nothing at all of an issue has changed, its date of change included."""
    different = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    seen = f"changed: {', '.join(different)}" if different else f"{after['key']} as of {after['updated']}"
    return Finding(promise, not different, seen)


def account_made(when: str, card: Row, before: Sequence[Row], after: Sequence[Row]) -> Finding:
    """See that one person is new in Jira, whose address is the card's and whose account id the card carries.

    :param before: everybody in Jira
    :param after: the same, later
    """
    old = {person["accountId"] for person in before}
    new = [person for person in after if person["accountId"] not in old]
    ids = [person["accountId"] for person in new if [person["emailAddress"]] == card["values"].get("email")]
    return Finding(
        f"{when}: one account is new in Jira, with the card's address; the card carries its id",
        len(new) == 1 and ids == card["values"].get("accountId"),
        f"{len(new)} new, card {card['dataCardId']} names {card['values'].get('accountId')}",
    )


def members(promise: str, memberships: Mapping[str, Collection[str]], account: str, groups: Collection[str]) -> Finding:
    """See that a person is in these groups and in no other.

    :param memberships: group id -> account ids
    :param account: the person's account id
    """
    found = {group for group, people in memberships.items() if account in people}
    return Finding(promise, found == set(groups), f"in {len(found)} groups")
