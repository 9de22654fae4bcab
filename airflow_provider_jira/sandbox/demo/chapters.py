"""What the demo tells: five chapters of runs through Airflow's scheduler, and what must have come of each.

1. People, groups and project roles come over, entitlements before the accounts that point at them.
2. Issues come over; their assignees point at those accounts.
3. Nothing has changed: all tasks run at the same time, the incremental one for the first time, and ESM's own request log
   proves that none of them wrote.
4. Issues and people change in Jira. The incremental task reads what changed and writes exactly that; the task of people
   does the same on its side.
5. The full task marks what is gone, and leaves alone what the incremental one has brought over. It also writes the
   cards that name somebody who was renamed: Jira does not date issues anew for that, so only a full run can see it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
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


class Seen(msgspec.Struct, frozen=True):
    """Both sides at one moment."""

    issues: list[dict[str, Any]]
    truth: Truth
    tickets: list[dict[str, Any]]
    accounts: list[dict[str, Any]]
    entitlements: list[dict[str, Any]]


class Changes(msgspec.Struct, frozen=True):
    """What has happened in Jira.

    :param changed: ids of issues
    :param deleted: ids of issues
    :param group: id of the group that was deleted
    """

    changed: list[str]
    deleted: list[str]
    group: str


def story(console: Console, stage: Stage, issues: int) -> list[Finding]:
    """Tell it.

    :param issues: how many issues the definition's JQL finds
    :raises RunFailed: a run failed, or has no report
    """
    findings = _people_come(console, stage)
    findings += _issues_come(console, stage, issues)
    findings += _nothing_changes(console, stage, issues)
    return findings + _much_changes(console, stage, issues)


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
    people, groups = len(check_people.accounts(seen.truth)), len(check_people.entitlements(seen.truth))
    expected = {"read": people + groups, "created": people + groups, "updated": 0, "refused": 0, "waiting": 0}
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


def _issues_come(console: Console, stage: Stage, issues: int) -> list[Finding]:
    when = "Run 2"
    report = run(console, stage, f"{when}: {issues:,} issues, whose assignees have cards now", TICKETS)[TICKETS]
    expected = {"read": issues, "created": issues, "updated": 0, "refused": 0, "waiting": 0, "marked_removed": 0}
    return [check.counts(report, when, **expected), *_issues_agree(look(stage), "After run 2")]


def _nothing_changes(console: Console, stage: Stage, issues: int) -> list[Finding]:
    when = "Run 3"
    mark = stage.esm.get("/requests", since=0)["next"]
    reports = run(console, stage, f"{when}: nothing has changed; all three at once", PEOPLE, TICKETS, FRESH)
    idle = {"created": 0, "updated": 0, "refused": 0, "marked_removed": 0}
    return [
        check.counts(reports[TICKETS], f"{when}, issues", read=issues, unchanged=issues, **idle),
        check.counts(reports[FRESH], f"{when}, incremental", read=issues, unchanged=issues, **idle),
        check.counts(reports[PEOPLE], f"{when}, people", **idle),
        check.silence(when, stage.esm.get("/requests", since=mark)["requests"]),
    ]


def _much_changes(console: Console, stage: Stage, issues: int) -> list[Finding]:
    before = look(stage)
    changes = change(stage, before, issues)
    told = f"{len(changes.changed)} issues changed, {len(changes.deleted)} deleted; people, groups and members changed"
    reports = run(console, stage, f"Run 4: {told}", FRESH, PEOPLE)
    between = look(stage)
    findings = _fresh(reports[FRESH], before, between, changes)
    findings += _people_changed(reports[PEOPLE], before, between, changes)

    report = run(console, stage, f"Run 5: the full run that marks what is gone, {issues:,} issues", TICKETS)[TICKETS]
    after = look(stage)
    wanted = [check.wanted_of_all(seen.issues) for seen in (before, after)]
    renamed = {id_ for id_, values in wanted[1].items() if values != wanted[0].get(id_)} - set(changes.changed)
    return [
        *findings,
        check.counts(report, "Run 5", created=0, updated=len(renamed), marked_removed=len(changes.deleted), refused=0),
        check.exactly(
            "Run 5",
            check.changed(between.tickets, after.tickets, "jiraId"),
            {*renamed, *changes.deleted},
            f"{len(changes.deleted)} deleted issues and {len(renamed)} that name a renamed person",
        ),
        *_issues_agree(after, "After run 5", changes.deleted),
    ]


def change(stage: Stage, seen: Seen, issues: int) -> Changes:
    """Let things happen in Jira: one in 100 issues changes, one in 500 is deleted; one person joins a group and one
    leaves it, one is renamed, one deactivated; one group is deleted."""
    changed = stage.jira.post("/world/change", {"count": max(1, issues // 100), "seed": 1, "jql": _SCOPE})["ids"]
    deleted = stage.jira.post(
        "/world/delete", {"count": max(1, issues // 500), "seed": 2, "jql": _SCOPE, "except": changed}
    )["ids"]
    groups = {group["name"]: group["groupId"] for group in seen.truth.groups}
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
    return Changes(changed, deleted, doomed)


def _fresh(report: Report, before: Seen, between: Seen, changes: Changes) -> list[Finding]:
    when = "Run 4, incremental"
    dates = [datetime.fromisoformat(issue["updated"]) for issue in before.issues if check.in_scope(issue)]
    most = len(changes.changed) + sum(date >= max(dates) - _OVERLAP for date in dates)
    found = check.changed(before.tickets, between.tickets, "jiraId")
    return [
        check.counts(report, when, mode="incremental", created=0, updated=len(changes.changed), marked_removed=0),
        Finding(
            f"{when}: reads what has changed since the watermark, and its overlap",
            len(changes.changed) <= report["read"] <= most,
            f"{report['read']:,} of {len(dates):,} issues read",
        ),
        check.exactly(when, found, changes.changed, f"the {len(changes.changed)} changed issues"),
    ]


def _people_changed(report: Report, before: Seen, between: Seen, changes: Changes) -> list[Finding]:
    when = "Run 4, people"
    was, now = (check_people.accounts(seen.truth) for seen in (before, between))
    different = {id_ for id_ in now if now[id_] != was.get(id_)}
    return [
        check.counts(report, when, created=0, updated=len(different), marked_removed=1, refused=0),
        check.exactly(
            when,
            check.changed(before.accounts, between.accounts, "accountId"),
            different,
            f"{len(different)} people with another name, state or membership",
        ),
        check.exactly(
            when,
            check.changed(before.entitlements, between.entitlements, "groupId"),
            {changes.group},
            "the deleted group",
        ),
        *_people_agree(between, "After run 4", [changes.group]),
    ]
