"""People, groups, memberships and roles against a Jira that behaves like the real one, held against its truth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from airflow_provider_jira.jira import people as people_module
from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import JiraAuthError, JiraPermissionError, JiraRefused, JiraUnavailable
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.process import serve_in_thread

GRANTED = ["USER_PICKER", "BULK_CHANGE", "ADMINISTER"]


class Office:
    """A sandbox Jira in a thread, and somebody who asks it about people through the client."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = 0.0

    def settings_with(self, token: str = "sandbox-token", **more: Any) -> JiraSettings:
        return JiraSettings(self.url, "robot@acme.example", token, gateway=self.url, **more)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.url}/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def truth(self, name: str) -> Any:
        return self.control("GET", f"truth/{name}")

    def world(self, name: str, **body: Any) -> Any:
        return self.control("POST", f"world/{name}", body)

    def switch(self, **positions: Any) -> None:
        self.control("PATCH", "switches", positions)

    def fault(self, path: str, **fault: Any) -> None:
        self.control("POST", "faults", {"match": {"path": path}, **fault})

    def ask(self, question: Callable[[JiraClient], Any], settings: JiraSettings | None = None) -> Any:
        async def sleep(seconds: float) -> None:
            self.clock += seconds
            await asyncio.sleep(0)

        async def story() -> Any:
            async with JiraClient(
                settings or self.settings_with(),
                clock=lambda: self.clock,
                sleep=sleep,
                now=lambda: datetime.fromtimestamp(time.time(), timezone.utc),
            ) as jira:
                answer = question(jira)
                if hasattr(answer, "__aiter__"):
                    return [piece async for piece in answer]
                return await answer

        return asyncio.run(story())

    def everyone(self) -> dict[str, Any]:
        found = [person for page in self.ask(lambda jira: jira.people.everyone()) for person in page]
        assert len({person.account_id for person in found}) == len(found)
        return {person.account_id: person for person in found}


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    # a small page makes a walk of some length out of a small world
    monkeypatch.setattr(people_module, "PEOPLE_PAGE", 60)
    monkeypatch.setattr(people_module, "FEWEST_PEOPLE", 5)
    offices: list[Office] = []
    app = create_app(
        20, 7, people=300, groups=70, memberships=900, monotonic=lambda: offices[0].clock if offices else 0.0
    )
    with serve_in_thread(app) as server:
        offices.append(Office(server.url))
        offices[0].switch(global_permissions=GRANTED)
        yield offices[0]


@pytest.mark.parametrize("limit", [None, 30, 7])
def test_everyone_is_found_as_the_truth_has_them(office: Office, limit: int | None) -> None:
    office.switch(people_page_limit=limit)
    found, truth = office.everyone(), {row["accountId"]: row for row in office.truth("people")}
    assert found.keys() == truth.keys()
    assert len(found) == 301
    for id_, person in found.items():
        row = truth[id_]
        shown = None if row["emailHidden"] else row["emailAddress"]
        assert (person.account_type, person.active) == (row["accountType"], row["active"])
        assert (person.fields["displayName"], person.fields.get("emailAddress")) == (row["displayName"], shown)
        assert (person.fields.get("timeZone"), person.fields.get("locale")) == (row["timeZone"], row["locale"])
        assert person.fields.get("appType") == row["appType"]
        assert person.placeholder is False


@pytest.mark.parametrize("hidden", ["absent", "null", "empty"])
def test_an_address_that_is_hidden_is_not_there_however_jira_hides_it(office: Office, hidden: str) -> None:
    office.switch(hidden_email=hidden)
    lacking = {row["accountId"] for row in office.truth("people") if row["emailHidden"] or not row["emailAddress"]}
    assert {id_ for id_, person in office.everyone().items() if "emailAddress" not in person.fields} == lacking


@pytest.mark.parametrize("group_page_max", [50, 7, 1000])
def test_all_groups_are_found(office: Office, group_page_max: int) -> None:
    office.switch(group_page_max=group_page_max)
    found = {group.group_id: group.name for page in office.ask(lambda jira: jira.people.groups()) for group in page}
    assert found == {row["groupId"]: row["name"] for row in office.truth("groups")}
    some = [*list(found)[::3], "gone"]
    looked_up = office.ask(lambda jira: jira.people.groups_by_id(some))
    assert {id_: group.name for id_, group in looked_up.items()} == {id_: found[id_] for id_ in some if id_ in found}


def test_every_membership_is_found(office: Office) -> None:
    truth = {row["groupId"]: set() for row in office.truth("groups")}
    truth |= {id_: set(members) for id_, members in office.truth("memberships").items()}
    found = dict(office.ask(lambda jira: jira.people.members([*truth, "gone"])))
    assert found == truth
    inactive = {row["accountId"] for row in office.truth("people") if not row["active"]}
    assert inactive.intersection(*[set().union(*found.values())])


def test_a_group_that_loses_members_while_it_is_read_is_read_as_it_is_then(office: Office) -> None:
    truth = office.truth("memberships")
    large = max(truth, key=lambda id_: len(truth[id_]))
    staff = [row["accountId"] for row in office.truth("people") if row["state"] == "here"][:150]
    office.world("members", group=large, join=[id_ for id_ in staff if id_ not in truth[large]])
    before = office.truth("memberships")[large]
    seen: list[int] = []

    async def meddle(jira: JiraClient) -> frozenset[str]:
        call = jira.people._members_page

        async def page(group_id: str, start: int) -> Any:
            found = await call(group_id, start)
            if not seen:
                gone = [user.id for user in found.values][:3]
                await asyncio.to_thread(office.world, "members", group=large, leave=gone)
            seen.append(start)
            return found

        jira.people._members_page = page  # type: ignore[method-assign]
        ((_, members),) = [one async for one in jira.people.members([large])]
        return members

    assert office.ask(meddle) == set(office.truth("memberships")[large])
    assert seen.count(0) == 2
    assert len(office.truth("memberships")[large]) == len(before) - 3


def test_what_becomes_of_people_who_go_is_told_apart(office: Office) -> None:
    people = [row["accountId"] for row in office.truth("people") if row["accountType"] == "atlassian" and row["active"]]
    removed, forgotten, corrupt, stays = people[1:5]
    for how, id_ in (("removed", removed), ("forgotten", forgotten), ("corrupt", corrupt)):
        office.world("people/delete", ids=[id_], how=how)
    found = office.everyone()
    assert (found[removed].active, found[removed].placeholder) == (False, False)
    assert found[forgotten].placeholder
    assert corrupt not in found
    assert found["unknown"].placeholder
    asked = office.ask(lambda jira: jira.people.by_id([removed, forgotten, corrupt, stays, "nobody"]))
    assert asked.keys() - {corrupt} == {removed, forgotten, stays}
    assert not asked[stays].placeholder


@pytest.mark.parametrize("outage", ["profile", "ids"])
def test_an_outage_of_the_identity_service_makes_placeholders_and_hides_nobody(office: Office, outage: str) -> None:
    ids = [row["accountId"] for row in office.truth("people")][:120]
    truth = office.truth("memberships")
    office.switch(identity_outage=outage)
    pages = office.ask(lambda jira: jira.people.everyone())
    assert all(person.placeholder for page in pages for person in page)
    assert sum(len(page) for page in pages) >= 301
    found = office.ask(lambda jira: jira.people.by_id([*ids]))
    assert found.keys() == set(ids)
    assert all(person.placeholder for person in found.values())
    members = dict(office.ask(lambda jira: jira.people.members(list(truth))))
    expected = {
        id_: set(rows) if outage == "profile" else {"unknown"} if rows else set() for id_, rows in truth.items()
    }
    assert members == expected


@pytest.mark.parametrize("most", [200, 100, 10, 1])
def test_people_are_found_by_id_however_many_jira_takes_at_once(office: Office, most: int) -> None:
    office.switch(people_by_id_max=most)
    ids = [row["accountId"] for row in office.truth("people")]
    found = office.ask(lambda jira: jira.people.by_id([*ids, "nobody"]))
    assert found.keys() == set(ids)


def test_roles_are_as_the_truth_has_them(office: Office) -> None:
    truth = [row for row in office.truth("roles") if row["projectKey"] in {"SUP", "HR"}]
    found = office.ask(lambda jira: jira.people.roles(["SUP", "HR"]))
    assert {
        (role.project_id, role.project_key, role.role_id, role.name): (sorted(role.users), sorted(role.groups))
        for role in found
    } == {
        (row["projectId"], row["projectKey"], row["roleId"], row["name"]): (row["users"], row["groups"])
        for row in truth
    }
    assert any(role.users for role in found)
    assert any(role.groups for role in found)


def test_who_may_not_read_roles_is_told_the_permission(office: Office) -> None:
    office.switch(global_permissions=["USER_PICKER"])
    with pytest.raises(JiraPermissionError, match="'Administer projects' in SUP"):
        office.ask(lambda jira: jira.people.roles(["SUP"]))
    with pytest.raises(JiraRefused, match="'NOPE'"):
        office.ask(lambda jira: jira.people.roles(["NOPE"]))


QUESTIONS: dict[str, Callable[[JiraClient], Any]] = {
    "everyone": lambda jira: jira.people.everyone(),
    "groups": lambda jira: jira.people.groups(),
    "members": lambda jira: jira.people.members(["0f1f3b7a-9a53-4a1a-8a3e-0f6f2d1c0003"]),
    "by_id": lambda jira: jira.people.by_id(["712020:x"]),
    "groups_by_id": lambda jira: jira.people.groups_by_id(["0f1f3b7a-9a53-4a1a-8a3e-0f6f2d1c0003"]),
    "may_browse": lambda jira: jira.people.may_browse(),
    "server_time": lambda jira: jira.server_time(),
    "roles": lambda jira: jira.people.roles(["SUP"]),
}


@pytest.mark.parametrize("anonymous", ["empty", "refuse"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_bad_token_is_an_error_whatever_is_asked(office: Office, name: str, anonymous: str) -> None:
    office.switch(anonymous_users=anonymous)
    with pytest.raises(JiraAuthError, match="password of the Jira connection"):
        office.ask(QUESTIONS[name], office.settings_with("expired"))


def test_whether_people_may_be_browsed_is_what_then_happens(office: Office) -> None:
    assert office.ask(lambda jira: jira.people.may_browse()) is True
    office.switch(global_permissions=[])
    assert office.ask(lambda jira: jira.people.may_browse()) is False
    for name in ("everyone", "groups", "members", "groups_by_id"):
        with pytest.raises(JiraPermissionError, match="Browse users and groups"):
            office.ask(QUESTIONS[name])


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("members", "manage:jira-configuration"),
        ("everyone", "read:jira-user"),
        ("groups", "read:jira-user"),
        ("by_id", "read:jira-user"),
    ],
)
def test_a_token_without_the_scope_is_told_which(office: Office, name: str, scope: str) -> None:
    every = ["read:jira-work", "read:jira-user", "manage:jira-configuration"]
    office.switch(scopes=every)
    scoped = office.settings_with("sandbox-scoped-token", auth="scoped")
    office.ask(QUESTIONS[name], scoped)
    office.switch(scopes=[one for one in every if one != scope])
    with pytest.raises(JiraAuthError, match=f"scope {scope}"):
        office.ask(QUESTIONS[name], scoped)


def test_jira_s_clock_is_read_with_its_offset(office: Office) -> None:
    office.switch(clock_offset=3600.0)
    told = office.ask(lambda jira: jira.server_time())
    assert 3500 < told.timestamp() - time.time() < 3700


@pytest.mark.parametrize("trouble", [{"drop": "after"}, {"drop": "before"}, {"status": 503}, {"status": 429}])
def test_lost_answers_lose_nobody(office: Office, trouble: dict[str, Any]) -> None:
    office.fault("/users/search$", skip=2, times=1, **trouble)
    office.fault("/group/member$", skip=3, times=2, **trouble)
    assert office.everyone().keys() == {row["accountId"] for row in office.truth("people")}
    truth = {id_: set(rows) for id_, rows in office.truth("memberships").items()}
    assert dict(office.ask(lambda jira: jira.people.members(list(truth)))) == truth


def test_an_outage_that_lasts_is_an_error(office: Office) -> None:
    office.fault("/group/member$", times=None, status=503, headers={"Retry-After": "1"})
    with pytest.raises(JiraUnavailable):
        office.ask(lambda jira: jira.people.members(list(office.truth("memberships"))))
