"""What the demo tells first: six chapters of runs through Airflow's scheduler, and what must have come of each.

1. People, groups and project roles come over, entitlements before the accounts that point at them.
2. Issues come over; their assignees point at those accounts.
3. Nothing has changed: all tasks run at the same time, the incremental one for the first time, and ESM's own request
   log proves that none of them wrote.
4. In Jira somebody joins a group and somebody leaves it, one person is renamed, one deactivated, a group deleted.
5. Issues change and are deleted. The incremental task reads what has changed, and writes exactly that.
6. The full task marks what is gone, and leaves alone what the incremental one has brought over. It also writes the
   cards that name the renamed person: Jira does not date issues anew for that, so only a full run can see it.

Events are told after these, in :mod:`~airflow_provider_jira.sandbox.demo.chapters_events`.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
from rich.console import Console

from airflow_provider_jira.sandbox.demo import check, check_people
from airflow_provider_jira.sandbox.demo.check import Finding
from airflow_provider_jira.sandbox.demo.check_people import Truth
from airflow_provider_jira.sandbox.demo.runs import Report, run
from airflow_provider_jira.sandbox.demo.stage import FRESH, PEOPLE, TICKETS, Stage

_SCOPE = "project = SUP AND issuetype in (Bug, Task)"
_OVERLAP = timedelta(minutes=16)
"""The definition's overlap, and the minute that Jira's searches are cut down to."""
_APART = timedelta(seconds=62)


class Seen(msgspec.Struct, frozen=True):
    """Both sides at one moment."""

    issues: list[dict[str, Any]]
    truth: Truth
    tickets: list[dict[str, Any]]
    accounts: list[dict[str, Any]]
    entitlements: list[dict[str, Any]]


def story(console: Console, stage: Stage, issues: int) -> list[Finding]:
    """Tell it.

    :param issues: how many issues the definition's JQL finds
    :raises RunFailed: a run failed, or has no report
    """
    findings = _people_come(console, stage)
    told, ended = _issues_come(console, stage, issues)
    findings += told
    findings += _nothing_changes(console, stage, issues)
    before = look(stage)
    findings += _people_change(console, stage, before)
    _part(console, ended)
    return findings + _issues_change(console, stage, before, issues)


def look(stage: Stage) -> Seen:
    """Look at both sides, past their APIs."""
    return Seen(
        stage.jira.get("/truth/issues", project="SUP"),
        Truth(*(stage.jira.get(f"/truth/{name}") for name in Truth.__struct_fields__)),
        *(stage.esm.get("/truth/cards", template=name) for name in ("jira_issue", "account", "entitlement")),
    )


def _people_come(console: Console, stage: Stage) -> list[Finding]:
    when = "Run 1"
    report = run(console, stage, f"{when}: people, groups and project roles; ESM is empty", PEOPLE)[PEOPLE]
    seen = look(stage)
    records = len(check_people.accounts(seen.truth)) + len(check_people.entitlements(seen.truth))
    expected = {"read": records, "created": records, "updated": 0, "refused": 0, "waiting": 0}
    return [
        check.counts(report, when, **expected),
        _in_order(seen),
        *_people_agree(seen, "After run 1"),
        Finding(
            "After run 1: people are members of groups and hold roles",
            (held := check_people.memberships(seen.truth)) > 0,
            f"{held:,} references from accounts to entitlements",
        ),
    ]


def _in_order(seen: Seen) -> Finding:
    entitlements = max((int(card["dataCardId"]) for card in seen.entitlements), default=0)
    accounts = min((int(card["dataCardId"]) for card in seen.accounts), default=0)
    return Finding(
        "Run 1: every entitlement was made before the first account",
        0 < entitlements < accounts,
        f"the last of {len(seen.entitlements):,} entitlements is card {entitlements}, the first account {accounts}",
    )


def _people_agree(seen: Seen, when: str, gone: Collection[str] = ()) -> list[Finding]:
    people, groups = check_people.compare(seen.truth, seen.accounts, seen.entitlements, gone=gone)
    return [*check.agreement(people, when, "person"), *check.agreement(groups, when, "group or role")]


def _issues_agree(seen: Seen, when: str, gone: Collection[str] = ()) -> list[Finding]:
    return check.agreement(check.compare(seen.issues, seen.tickets, accounts=seen.accounts, gone=gone), when)


def _issues_come(console: Console, stage: Stage, issues: int) -> tuple[list[Finding], datetime]:
    when = "Run 2"
    report = run(console, stage, f"{when}: {issues:,} issues, whose assignees have cards now", TICKETS)[TICKETS]
    expected = {"read": issues, "created": issues, "updated": 0, "refused": 0, "waiting": 0, "marked_removed": 0}
    findings = [check.counts(report, when, **expected), *_issues_agree(look(stage), "After run 2")]
    return findings, datetime.fromisoformat(report["finished"])


def _nothing_changes(console: Console, stage: Stage, issues: int) -> list[Finding]:
    when = "Run 3"
    truth = look(stage).truth
    people = len(check_people.accounts(truth)) + len(check_people.entitlements(truth))
    mark = stage.esm.get("/requests", since=0)["next"]
    reports = run(console, stage, f"{when}: nothing has changed; all three at once", PEOPLE, TICKETS, FRESH)
    idle = {"created": 0, "updated": 0, "refused": 0, "marked_removed": 0}
    return [
        check.counts(reports[TICKETS], f"{when}, issues", read=issues, unchanged=issues, **idle),
        check.counts(reports[FRESH], f"{when}, incremental", read=issues, unchanged=issues, **idle),
        check.counts(reports[PEOPLE], f"{when}, people", read=people, unchanged=people, **idle),
        check.silence(when, stage.esm.get("/requests", since=mark)["requests"]),
    ]


def _people_change(console: Console, stage: Stage, before: Seen) -> list[Finding]:
    when = "Run 4"
    group = change_people(stage, before)
    told = "one person joins a group, one leaves it, one is renamed, one deactivated, a group deleted"
    report = run(console, stage, f"{when}: {told}", PEOPLE)[PEOPLE]
    after = look(stage)
    was, now = (check_people.accounts(seen.truth) for seen in (before, after))
    different = {id_ for id_ in now if now[id_] != was.get(id_)}
    people = check.changed(before.accounts, after.accounts, "accountId")
    groups = check.changed(before.entitlements, after.entitlements, "groupId")
    return [
        check.counts(report, when, created=0, updated=len(different), marked_removed=1, refused=0),
        check.exactly(when, people, different, f"{len(different)} people with another name, state or membership"),
        check.exactly(when, groups, {group}, "the deleted group"),
        *_people_agree(after, "After run 4", [group]),
    ]


def change_people(stage: Stage, seen: Seen) -> str:
    """Let one active person join a group and one leave it, rename one, deactivate one, and delete a group.

    :returns: id of the deleted group
    """
    groups: dict[str, str] = {group["name"]: group["groupId"] for group in seen.truth.groups}
    group, doomed = groups["sup-agents"], groups["sup-second-line"]
    inside = seen.truth.memberships[group]
    staff = [one["accountId"] for one in seen.truth.people if one["accountType"] == "atlassian" and one["active"]][1:]
    leaver = next(id_ for id_ in staff if id_ in inside)
    joiner = next(id_ for id_ in staff if id_ not in inside)
    renamed, inactive = [id_ for id_ in staff if id_ not in {leaver, joiner}][-2:]
    stage.jira.post("/world/members", {"group": group, "join": [joiner], "leave": [leaver]})
    stage.jira.post("/world/people", {"id": renamed, "name": "Renata Renamed"})
    stage.jira.post("/world/people", {"id": inactive, "active": False})
    stage.jira.post("/world/groups/delete", {"ids": [doomed]})
    return doomed


def _part(console: Console, ended: datetime) -> None:
    """Let a minute pass between a full run and its companion's next.

    Runs that are less apart count as overlapping, since the clocks of two machines may differ by so much: what both
    have written would be pushed once more, and the demo is to show that it is not.
    """
    wait = (ended + _APART - datetime.now(timezone.utc)).total_seconds()
    if wait > 0:
        with console.status("Waiting until run 2 is a minute ago …"):
            time.sleep(wait)


def _issues_change(console: Console, stage: Stage, before: Seen, issues: int) -> list[Finding]:
    changed = stage.jira.post("/world/change", {"count": max(1, issues // 100), "seed": 1, "jql": _SCOPE})["ids"]
    deleted = stage.jira.post(
        "/world/delete", {"count": max(1, issues // 500), "seed": 2, "jql": _SCOPE, "except": changed}
    )["ids"]
    told = f"{len(changed)} issues changed, {len(deleted)} deleted in Jira"
    report = run(console, stage, f"Run 5: {told}; what the incremental task sees of it", FRESH)[FRESH]
    between = look(stage)
    findings = _fresh(report, before, between, changed)

    report = run(console, stage, "Run 6: the full task", TICKETS)[TICKETS]
    after = look(stage)
    was, now = (check.wanted_of_all(seen.issues) for seen in (before, after))
    renamed = {id_ for id_, values in now.items() if values != was.get(id_)} - set(changed)
    return [
        *findings,
        check.counts(report, "Run 6", created=0, updated=len(renamed), marked_removed=len(deleted), refused=0),
        check.exactly(
            "Run 6",
            check.changed(between.tickets, after.tickets, "jiraId"),
            {*renamed, *deleted},
            f"{len(deleted)} deleted issues and {len(renamed)} that name the renamed person",
        ),
        *_issues_agree(after, "After run 6", deleted),
    ]


def _fresh(report: Report, before: Seen, between: Seen, changed: Collection[str]) -> list[Finding]:
    when = "Run 5"
    dates = [datetime.fromisoformat(issue["updated"]) for issue in before.issues if check.in_scope(issue)]
    most = len(changed) + sum(date >= max(dates) - _OVERLAP for date in dates)
    found = check.changed(before.tickets, between.tickets, "jiraId")
    return [
        check.counts(report, when, mode="incremental", created=0, updated=len(changed), marked_removed=0, refused=0),
        Finding(
            f"{when}: reads what has changed since the watermark, and its overlap",
            len(changed) <= report["read"] <= most,
            f"{report['read']:,} of {len(dates):,} issues read",
        ),
        check.exactly(when, found, changed, f"the {len(changed)} changed issues"),
    ]
