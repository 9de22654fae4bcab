"""References between cards: found in ESM by key, named when they lead nowhere, repaired by a later run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import PEOPLE, TASK, Sandbox
from pipeline import World

from airflow_provider_jira.sync import Stop

Install = Callable[..., World]
ASSIGNEE = {"source": "assignee.accountId", "reference": {"template": "account", "key": "accountId"}}
PARENT = {"source": "parent.id", "reference": {"template": "jira_issue", "key": "jiraId"}}


def tickets(**attributes: Any) -> dict[str, Any]:
    return {**TASK, "attributes": {**TASK["attributes"], **attributes}}


def targets(esm: Sandbox, template: str, key: str) -> dict[str, str]:
    return {card["dataCardId"]: id_ for id_, card in esm.cards(template, key).items()}


def assignees(esm: Sandbox) -> dict[str, list[str]]:
    accounts = targets(esm, "account", "accountId")
    return {
        id_: [accounts[target] for target in card.get("references", {}).get("assignee", [])]
        for id_, card in esm.cards().items()
    }


def wanted(jira: Sandbox) -> dict[str, list[str]]:
    """Issue id -> account id of the assignee, as far as accounts are brought in."""
    known = {row["accountId"] for row in jira.get("truth/people") if row["accountType"] == "atlassian"}
    found = {}
    for id_, issue in jira.issues().items():
        who = (issue["assignee"] or {}).get("accountId")
        found[id_] = [who] if who in known else []
    return found


def test_an_assignee_is_a_reference_to_the_persons_card(install: Install, jira: Sandbox, esm: Sandbox) -> None:
    world = install(PEOPLE, tickets(assignee=ASSIGNEE))
    world.run()
    report = world.of("support_tickets").run()
    assert report["failure"] is None
    assert assignees(esm) == wanted(jira)
    esm.requests()
    assert world.run()["updated"] == 0
    assert esm.writes() == []


def test_references_are_looked_up_in_bulk(install: Install, esm: Sandbox) -> None:
    world = install(PEOPLE, tickets(assignee=ASSIGNEE))
    world.run()
    plain = install(tickets(assignee=ASSIGNEE))
    plain.state = world.state
    run = plain.start()
    run.review()
    esm.requests()
    run.load()
    asked = [row for row in esm.requests() if "account" in row["path"] or "account" in str(row.get("query"))]
    assert len(asked) < 12, "60 records point at some 40 people"


def test_a_card_that_is_not_there_yet_is_said_and_the_next_run_repairs_it(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    world = install(tickets(assignee=ASSIGNEE), PEOPLE)
    assigned = sum(bool(issue["assignee"]) for issue in jira.issues().values())
    first = world.run()
    assert (first["created"], first["pointing_nowhere"], first["waiting"]) == (60, assigned, assigned)
    assert first["failure"] is None
    assert first["refused_records"][0]["code"] == "reference_missing"
    assert "does not have" in first["refused_records"][0]["message"]
    esm.requests()
    again = world.run()
    assert (again["updated"], again["pointing_nowhere"]) == (0, assigned)
    assert esm.writes() == [], "what waits is not written again before it helps"
    world.of("people").run()
    repaired = world.of("support_tickets").run()
    lost = sum(bool(issue["assignee"]) for id_, issue in jira.issues().items() if not wanted(jira)[id_])
    assert (repaired["updated"], repaired["waiting"]) == (assigned - lost, lost)
    assert assignees(esm) == wanted(jira)


def test_an_assignee_whose_card_is_missing_takes_the_place_of_the_one_before(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    world = install(PEOPLE, tickets(assignee=ASSIGNEE))
    world.run()
    world.of("support_tickets").run()
    id_ = next(id_ for id_, who in wanted(jira).items() if who)
    stranger = jira.post("world/people", name="New Person", account_type="atlassian")["id"]
    jira.post("world/issues", id=id_, fields={"assignee": {"accountId": stranger}})
    report = world.run()
    assert report["pointing_nowhere"] >= 1
    assert assignees(esm)[id_] == [], "better nobody than somebody wrong"
    world.of("people").run()
    world.of("support_tickets").run()
    assert assignees(esm)[id_] == [stranger]


def test_a_reference_that_is_taken_away_in_jira_waits_no_longer(install: Install, jira: Sandbox, esm: Sandbox) -> None:
    world = install({**TASK, "attributes": {"jiraId": "id", "subject": "summary", "assignee": ASSIGNEE}})
    waiting = world.run()["waiting"]
    id_ = next(id_ for id_, issue in jira.issues().items() if issue["assignee"])
    jira.post("world/issues", id=id_, fields={"assignee": None})
    report = world.run()
    assert (report["waiting"], report["updated"]) == (waiting - 1, 0), "ESM had been sent nothing else"


def test_a_parent_of_the_same_run_is_found_in_the_second_wave(install: Install, jira: Sandbox, esm: Sandbox) -> None:
    ids = list(jira.issues())
    parents = {**dict(zip(ids[:20], ids[20:40], strict=True)), ids[20]: ids[41]}
    for child, parent in parents.items():
        jira.post("world/issues", id=child, fields={"parent": {"id": parent}})
    world = install(tickets(parent=PARENT))
    report = world.run()
    assert (report["created"], report["waiting"], report["failure"]) == (60, 0, None)
    cards = targets(esm, "jira_issue", "jiraId")
    found = {id_: card.get("references", {}).get("parent", []) for id_, card in esm.cards().items()}
    assert {id_: cards[some[0]] for id_, some in found.items() if some} == parents
    esm.requests()
    assert world.run()["updated"] == 0
    assert esm.writes() == []


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({**ASSIGNEE, "reference": {"template": "acount", "key": "accountId"}}, "points at template 'acount'"),
        ({**ASSIGNEE, "reference": {"template": "account", "key": "acountId"}}, "by 'acountId', which is no attribute"),
        ({**ASSIGNEE, "reference": {"template": "entitlement", "key": "groupId"}}, "cannot point at cards of template"),
        ("assignee.accountId", "is a reference to another card: add `reference"),
    ],
)
def test_a_reference_that_cannot_lead_anywhere_stops_the_run_before_anything_is_written(
    install: Install, esm: Sandbox, rule: Any, problem: str
) -> None:
    esm.requests()
    with pytest.raises(Stop, match=re.escape(problem)):
        install(tickets(assignee=rule)).start().plan()
    assert esm.writes() == []


def test_an_attribute_that_is_no_reference_is_told_so(install: Install) -> None:
    with pytest.raises(Stop, match="not a reference: remove `reference`"):
        install(tickets(assigneeName=ASSIGNEE)).start().plan()


def test_memberships_need_an_attribute_that_holds_several_references(install: Install) -> None:
    task = {**PEOPLE, "identity": {**PEOPLE["identity"], "memberships": "membershipFailures"}}
    with pytest.raises(Stop, match="`memberships` needs a reference attribute"):
        install(task).start().plan()
