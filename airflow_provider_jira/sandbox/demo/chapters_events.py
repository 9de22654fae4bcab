"""What the demo tells of events: an incident becomes an issue, and what happens to either reaches the other.

7. Incidents become issues: one because a workflow calls Airflow (six times in a row), one by itself. A third
   has no subject: nothing becomes of it, it says why, is mended, and its run is cleared.
8. A person writes into the worklog of the first incident, another comments on its issue. Each reads the other.
9. In Jira the first issue is resolved, which solves its incident; the tasks of run 8 run once more and repeat nothing.
   Then the second incident is solved in ESM, which moves its issue to Done.

How a person gets an account is told in :mod:`~airflow_provider_jira.sandbox.demo.chapters_hiring`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from airflow_provider_jira.sandbox.demo import check, check_events
from airflow_provider_jira.sandbox.demo.check import Finding
from airflow_provider_jira.sandbox.demo.event_runs import Ended, EventRun, refusal, start, wait, wait_for_itself
from airflow_provider_jira.sandbox.demo.incidents import SOMEBODY, change_incident, new_incident, write_entry
from airflow_provider_jira.sandbox.demo.runs import run
from airflow_provider_jira.sandbox.demo.show_events import cards_table, runs_table, talk_table
from airflow_provider_jira.sandbox.demo.stage import BACK, COMMENT, CREATE, RESOLVE, Stage

AGAIN = 5
"""How many more times the first incident's event is started."""
SUBJECTS = ("The printer on the third floor smokes", "The VPN drops every hour", "A keyboard without the letter e")
WRITTEN_IN_ESM = "The customer says that it smells of vanilla."
WRITTEN_IN_JIRA = "Pulled the plug. A new fuser is ordered."
_SHOWN = ("subject", "status", "resolution", "jiraKey", "jiraStatus", "jiraSync", "provisioningException")


class Incidents(msgspec.Struct, frozen=True):
    """The cards that the chapters are about.

    :param called: whose event a workflow starts
    :param watched: whose event starts by itself
    :param lacking: without a subject, at first
    :param customer: account id of the person who reported them all
    """

    called: str
    watched: str
    lacking: str
    customer: str


class Both(msgspec.Struct, frozen=True):
    """Incidents and issues at one moment.

    :param cards: card id -> card
    :param issues: all issues of the project
    """

    cards: dict[str, dict[str, Any]]
    issues: list[dict[str, Any]]

    def issue(self, card: str) -> dict[str, Any]:
        """The issue whose key a card carries; one without key and comments where there is none."""
        key = self.cards[card]["values"].get("jiraKey")
        return next((issue for issue in self.issues if [issue["key"]] == key), _NONE)


_NONE: dict[str, Any] = {
    "id": "", "key": "(no issue)", "project": "", "issuetype": "", "summary": "", "status": None, "resolution": None,
    "reporter": None, "labels": [], "description_text": None, "comments": [], "updated": "",
}  # fmt: skip


def events(console: Console, stage: Stage) -> list[Finding]:
    """Tell it; people have accounts in ESM already.

    :raises RunFailed: a run of the scheduled task failed
    :raises TooLate: runs of events do not end, or none begins by itself
    """
    before = look(stage)
    incidents, findings = _incidents_come(console, stage, before)
    findings += _comments_go_both_ways(console, stage, incidents)
    return findings + _resolutions_go_both_ways(console, stage, incidents)


def look(stage: Stage) -> Both:
    """Look at both sides, past their APIs."""
    cards = stage.esm.get("/truth/cards", template="incident")
    return Both({card["dataCardId"]: card for card in cards}, stage.jira.get("/truth/issues", project="SUP"))


def a_customer(stage: Stage) -> tuple[str, str]:
    """Pick a person who has an account card and may report issues: account id and card id."""
    cards = stage.esm.get("/truth/cards", template="account")
    card = next(card for card in cards if card["values"].get("active") == ["true"])
    return card["values"]["accountId"][0], str(card["dataCardId"])


def _title(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]", highlight=False)


def _show_runs(console: Console, began: float, runs: Sequence[Ended]) -> None:
    console.print(runs_table(f"Runs, {time.monotonic() - began:.0f} s", runs))


def _incidents_come(console: Console, stage: Stage, before: Both) -> tuple[Incidents, list[Finding]]:
    when = "Run 7"
    _title(console, f"{when}: incidents become issues, one of them asked for {AGAIN + 1} times; one has no subject")
    began = time.monotonic()
    customer, person = a_customer(stage)
    incidents = Incidents(
        watched=new_incident(stage.esm, subject=SUBJECTS[1], status="02 - Solving", customer=person),
        called=new_incident(
            stage.esm, subject=SUBJECTS[0], status="01 - New", customer=person,
            description="**Smoke** comes out of the paper tray.",
        ),
        lacking=new_incident(stage.esm, status="01 - New", customer=person),
        customer=customer,
    )  # fmt: skip
    made = look(stage).cards
    called = incidents.called
    first = EventRun(CREATE, f"card-{called}", "a workflow calls", called)
    more = [EventRun(CREATE, f"card-{called}-again-{n}", "called once more", called) for n in range(1, AGAIN + 1)]
    lacking = EventRun(CREATE, f"card-{incidents.lacking}", "no subject", incidents.lacking)
    started = start(stage, first, *more, lacking)
    answer = refusal(stage, first)
    watched = wait_for_itself(stage, CREATE, f"card {incidents.watched} is being solved")
    runs = wait(console, stage, [*started, watched])
    between = look(stage)
    listing = stage.airflow.airflow("jira-connector", "events").stdout
    _show_runs(console, began, runs)
    console.print("[bold]airflow jira-connector events[/bold], before the card is mended:", highlight=False)
    console.print(Text(listing.rstrip()), soft_wrap=True)

    began = time.monotonic()
    change_incident(stage.esm, incidents.lacking, subject=SUBJECTS[2])
    stage.airflow.rest.clear(CREATE, lacking.run_id, ["card.receive"])
    mended = wait(console, stage, [msgspec.structs.replace(lacking, about="mended, run cleared")])
    after = look(stage)
    _show_runs(console, began, mended)
    _show_cards(console, incidents, made, after)
    cards = [after.cards[card] for card in (incidents.called, incidents.watched, incidents.lacking)]
    states = {ended.run: ended.state for ended in runs}
    return incidents, [
        check_events.ended(f"{when}: every one of the {AGAIN + 1} runs for one card ends well",
                           [states[each] for each in (first, *more)], "success"),
        check_events.refused(f"{when}: a second call for the same run is refused", answer, 409),
        check_events.ended(f"{when}: a run that nobody started, for the incident that began to match",
                           [states[watched]], "success"),
        check_events.ended(f"{when}: the run of the card without subject fails", [states[lacking]], "failed"),
        check_events.tells_why(f"{when}: its card says why", between.cards[incidents.lacking], "summary"),
        check_events.listed(f"{when}: airflow jira-connector events lists it", listing, lacking.run_id),
        check_events.ended(f"{when}: mended and cleared, it ends well", [each.state for each in mended], "success"),
        check_events.says(f"{when}: and its card says so", after.cards[incidents.lacking],
                          jiraSync="01 - Sent", provisioningException=None),
        *check_events.one_issue_each("After run 7", cards, before.issues, after.issues),
        check_events.holds_fields("After run 7", after.cards[called], after.issue(called), reporter=customer),
    ]  # fmt: skip


def _show_cards(console: Console, incidents: Incidents, before: dict[str, Any], after: Both) -> None:
    names = {
        incidents.called: "called for",
        incidents.watched: "by itself",
        incidents.lacking: "without subject at first",
    }
    console.print(cards_table("Cards, before → now", names, before, after.cards, _SHOWN))


def _comments_go_both_ways(console: Console, stage: Stage, incidents: Incidents) -> list[Finding]:
    when, called = "Run 8", incidents.called
    issue = look(stage).issue(called)
    staff = [one for one in stage.jira.get("/truth/people") if one["accountType"] == "atlassian" and one["active"]]
    agent = staff[1]  # the first one is the connector's own account
    write_entry(stage.esm, called, WRITTEN_IN_ESM)
    stage.jira.post("/world/comments", {"id": issue["id"], "text": WRITTEN_IN_JIRA, "author": agent["accountId"]})
    title = f"{when}: {SOMEBODY} writes into the incident's worklog, {agent['displayName']} comments in Jira"
    began = time.monotonic()
    sent = start(stage, EventRun(COMMENT, f"card-{called}", "somebody wrote into the worklog", called))
    report = run(console, stage, title, BACK)[BACK]
    runs = wait(console, stage, sent)
    after = look(stage)
    _show_runs(console, began, runs)
    console.print(talk_table("What was said", after.cards[called], after.issue(called)))
    return [
        check.counts(report, when, read=3, created=0, updated=3, refused=0),
        check_events.ended(f"{when}: the worklog's run ends well", [each.state for each in runs], "success"),
        check_events.said_once(
            "After run 8", after.issue(called), WRITTEN_IN_ESM, SOMEBODY if stage.api == "rest" else None
        ),
        check_events.told_once("After run 8", after.cards[called], WRITTEN_IN_JIRA, agent["displayName"]),
        check_events.nothing_more_said("After run 8", after.cards[called], after.issue(called), 2),
    ]


def _resolutions_go_both_ways(console: Console, stage: Stage, incidents: Incidents) -> list[Finding]:
    when, called, watched = "Run 9", incidents.called, incidents.watched
    before = look(stage)
    fixed = {"status": {"name": "Done"}, "resolution": {"name": "Fixed"}}
    stage.jira.post("/world/issues", {"id": before.issue(called)["id"], "fields": fixed})
    began = time.monotonic()
    again = start(stage, EventRun(COMMENT, f"card-{called}-again", "once more", called))
    report = run(console, stage, f"{when}: the first issue is resolved in Jira; run 8 once more", BACK)[BACK]
    repeated = wait(console, stage, again)
    between = look(stage)
    _show_runs(console, began, repeated)

    _title(console, "… and the second incident is solved in ESM; both are told to Jira")
    began = time.monotonic()
    change_incident(stage.esm, watched, status="07 - Solved", resolution="Solved")
    solved = start(
        stage,
        EventRun(RESOLVE, f"card-{watched}-solved", "solved in ESM", watched),
        EventRun(RESOLVE, f"card-{called}-solved", "solved in Jira", called),
    )
    runs = wait(console, stage, solved)
    after = look(stage)
    _show_runs(console, began, runs)
    _show_cards(console, incidents, before.cards, after)
    return [
        check.counts(report, when, created=0, updated=1, unchanged=2, refused=0),
        check_events.says(f"{when}: the incident is solved as its issue is resolved", between.cards[called],
                          status="07 - Solved", resolution="Solved", jiraStatus="Done"),
        check_events.ended(f"{when}: the worklog's second run ends well", [each.state for each in repeated], "success"),
        check_events.nothing_more_said("After run 9", after.cards[called], after.issue(called), 2),
        check_events.ended(f"{when}: both runs end well", [each.state for each in runs], "success"),
        check_events.issue_is(f"{when}: what was solved in ESM is done in Jira, over two statuses between",
                              after.issue(watched), "Done", "Done"),
        check_events.untouched(f"{when}: what came from Jira is not sent back: its issue is as it was",
                               between.issue(called), after.issue(called)),
    ]  # fmt: skip
