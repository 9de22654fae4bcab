"""People, groups, roles and memberships: what comes into ESM, and what must never overwrite or remove anything."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from conftest import PEOPLE, Sandbox
from pipeline import World

from airflow_provider_jira.sync import Stop

Install = Callable[..., World]


def changed(**changes: Any) -> dict[str, Any]:
    """The people task with some keys changed; ``a__b`` reaches into ``a``, ``...`` removes."""
    task = copy.deepcopy(PEOPLE)
    for name, value in changes.items():
        *path, last = name.split("__")
        at = task
        for step in path:
            at = at[step]
        if value is ...:
            del at[last]
        else:
            at[last] = value
    return task


@pytest.fixture
def world(install: Install) -> World:
    return install(PEOPLE)


def people(jira: Sandbox) -> dict[str, dict[str, Any]]:
    """The people that the task means: of Atlassian's own type."""
    return {row["accountId"]: row for row in jira.get("truth/people") if row["accountType"] == "atlassian"}


def entitlements(jira: Sandbox) -> dict[str, str]:
    """Id -> name of what a person can hold: groups but the service management ones, and roles of SUP."""
    groups = {
        row["groupId"]: row["name"]
        for row in jira.get("truth/groups")
        if not row["name"].startswith("jira-servicemanagement-")
    }
    roles = {
        f"role:{row['projectId']}:{row['roleId']}": f"SUP: {row['name']}"
        for row in jira.get("truth/roles")
        if row["projectKey"] == "SUP"
    }
    return groups | roles


def held(jira: Sandbox) -> dict[str, set[str]]:
    """Account id -> entitlements, by hand from the truth: groups, and roles directly or through a group."""
    members: dict[str, list[str]] = jira.get("truth/memberships")
    holds: dict[str, set[str]] = {}
    known = entitlements(jira)
    for group, inside in members.items():
        for person in inside:
            if group in known:
                holds.setdefault(person, set()).add(group)
    for role in jira.get("truth/roles"):
        if role["projectKey"] == "SUP":
            through = [person for group in role["groups"] for person in members.get(group, [])]
            for person in {*role["users"], *through}:
                holds.setdefault(person, set()).add(f"role:{role['projectId']}:{role['roleId']}")
    return holds


def assert_in_step(jira: Sandbox, esm: Sandbox) -> None:
    """Everybody has a card that says who they are and points at exactly what they hold."""
    accounts, groups = esm.cards("account", "accountId"), esm.cards("entitlement", "groupId")
    by_id = {card["dataCardId"]: key for key, card in groups.items()}
    assert {key: groups[key]["values"]["name"] for key in entitlements(jira)} == {
        key: [name] for key, name in entitlements(jira).items()
    }
    holds = held(jira)
    for id_, person in people(jira).items():
        card = accounts[id_]
        mail = person["emailAddress"] if not person["emailHidden"] else None
        assert card["values"]["displayName"] == [person["displayName"]]
        assert card["values"].get("email", []) == ([mail] if mail else [])
        assert card["values"]["active"] == [str(person["active"]).lower()]
        assert {by_id[target] for target in card.get("references", {}).get("groups", [])} == holds.get(id_, set())


def status(esm: Sandbox, id_: str) -> list[str]:
    return list(esm.cards("account", "accountId")[id_]["values"].get("accountStatus", []))


def test_the_first_run_brings_everybody_and_the_second_writes_nothing(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    report = world.run()
    assert report["failure"] is None
    assert report["parts"]["accounts"]["created"] == len(people(jira))
    assert report["parts"]["entitlements"]["created"] == len(entitlements(jira))
    assert_in_step(jira, esm)
    esm.requests()
    again = world.run()
    assert (again["created"], again["updated"], again["refused"]) == (0, 0, 0)
    assert esm.writes() == []


def test_entitlements_are_written_before_the_accounts_that_point_at_them(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    run = world.start()
    reviewed = run.review()
    assert {share["part"] for share in reviewed["shares"]} == {0}
    assert {share["part"] for share in reviewed["second"]} == {1}
    assert run.finish()["pointing_nowhere"] == 0
    cards = [esm.cards("entitlement", "groupId"), esm.cards("account", "accountId")]
    ids = [[int(card["dataCardId"]) for card in some.values()] for some in cards]
    assert max(ids[0]) < min(ids[1])


def test_joining_leaving_and_renaming_update_those_concerned_and_nobody_else(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    members = jira.get("truth/memberships")
    group = next(row["groupId"] for row in jira.get("truth/groups") if row["name"] == "jira-users-acme")
    mine = [person for person in members[group] if person in people(jira)]
    outside = next(person for person in people(jira) if person not in members[group])
    jira.post("world/members", group=group, join=[outside], leave=[mine[0]])
    jira.post("world/people", id=mine[1], name="Renamed Person")
    jira.post("world/groups", id=group, name="jira-everybody")
    report = world.run()
    assert report["parts"]["accounts"]["updated"] == 3
    assert report["parts"]["entitlements"]["updated"] == 1
    assert_in_step(jira, esm)


def test_deactivated_people_keep_their_memberships(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    someone = next(person for person, groups in held(jira).items() if groups and person in people(jira))
    jira.post("world/people", id=someone, active=False)
    report = world.run()
    assert (report["updated"], report["marked_removed"]) == (1, 0)
    assert_in_step(jira, esm)


def test_two_people_of_one_name_without_mail_are_two_cards(world: World, jira: Sandbox, esm: Sandbox) -> None:
    twins = [jira.post("world/people", name="Same Name", account_type="atlassian", email=None)["id"] for _ in range(2)]
    world.run()
    cards = esm.cards("account", "accountId")
    assert [cards[twin]["values"]["displayName"] for twin in twins] == [["Same Name"]] * 2
    assert_in_step(jira, esm)


def test_a_role_is_held_directly_and_through_a_group(world: World, jira: Sandbox, esm: Sandbox) -> None:
    role = next(row for row in jira.get("truth/roles") if row["projectKey"] == "SUP" and row["name"] == "Developers")
    assert role["users"]
    assert role["groups"]
    world.run()
    jira.post("world/roles", role="Developers", groups=role["groups"], on=False)
    world.run()
    assert_in_step(jira, esm)


def somebody(jira: Sandbox) -> str:
    """Account id of a person whom the connection does not need."""
    return [id_ for id_, person in people(jira).items() if person["active"]][1]


def test_somebody_and_a_group_that_are_gone_are_marked_once(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    gone = somebody(jira)
    group = next(row["groupId"] for row in jira.get("truth/groups") if row["name"].startswith("sup-"))
    jira.post("world/people/delete", ids=[gone], how="forgotten")
    jira.post("world/groups/delete", ids=[group])
    report = world.run()
    assert (report["failure"], report["marked_removed"]) == (None, 2)
    assert status(esm, gone) == ["5 - Removed"]
    assert esm.cards("entitlement", "groupId")[group]["values"]["status"] == ["5 - Removed"]
    esm.requests()
    assert world.run()["marked_removed"] == 0
    assert esm.writes() == []


def test_somebody_removed_from_the_site_goes_on_being_listed_and_is_inactive(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    gone = somebody(jira)
    jira.post("world/people/delete", ids=[gone], how="removed")
    report = world.run()
    assert (report["updated"], report["marked_removed"]) == (1, 0)
    assert esm.cards("account", "accountId")[gone]["values"]["active"] == ["false"]


@pytest.mark.parametrize("forgotten", ["listed", "absent"])
def test_a_deleted_persons_placeholder_overwrites_nothing_and_the_card_is_marked(
    world: World, jira: Sandbox, esm: Sandbox, forgotten: str
) -> None:
    world.run()
    gone = somebody(jira)
    before = esm.cards("account", "accountId")[gone]["values"]
    jira.switch(forgotten_people=forgotten)
    jira.post("world/people/delete", ids=[gone], how="forgotten")
    assert world.run()["marked_removed"] == 1
    assert esm.cards("account", "accountId")[gone]["values"] == {**before, "accountStatus": ["5 - Removed"]}


def test_few_people_whom_jira_does_not_know_are_left_alone_and_said(world: World, jira: Sandbox, esm: Sandbox) -> None:
    world.run()
    before = esm.cards("account", "accountId")
    jira.switch(identity_outage="profile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("airflow_provider_jira.sync.reading.people.FEW", 1000)
        run = world.start()
        assert run.review()["candidates"] == 0
        report = run.finish()
    assert (report["updated"], report["marked_removed"]) == (0, 0)
    assert "people are unknown to Jira" in " ".join(report["notes"])
    assert esm.cards("account", "accountId") == before


@pytest.mark.parametrize("outage", ["profile", "ids"])
def test_an_outage_of_the_identity_service_stops_the_run_before_anything_is_written(
    world: World, jira: Sandbox, esm: Sandbox, outage: str
) -> None:
    world.run()
    jira.switch(identity_outage=outage)
    esm.requests()
    with pytest.raises(Stop, match="identity service seems to be out"):
        world.start().plan()
    assert esm.writes() == []
    jira.switch(identity_outage="no")
    assert world.run()["updated"] == 0
    assert_in_step(jira, esm)


def test_people_who_no_longer_fit_the_filter_leave_the_tasks_view(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    world = install(changed(users={"include_inactive": False}))
    world.run()
    someone = next(id_ for id_, person in people(jira).items() if person["active"])
    jira.post("world/people", id=someone, active=False)
    report = world.run()
    assert report["marked_removed"] == 1
    assert status(esm, someone) == ["5 - Removed"]


def test_only_members_of_a_group_are_taken(install: Install, jira: Sandbox, esm: Sandbox) -> None:
    world = install(changed(users={"members_of": ["jira-admins-acme"]}))
    world.run()
    group = next(row["groupId"] for row in jira.get("truth/groups") if row["name"] == "jira-admins-acme")
    inside = [id_ for id_ in jira.get("truth/memberships")[group] if id_ in people(jira)]
    assert set(esm.cards("account", "accountId")) == set(inside)
    assert len(inside) > 1
    jira.post("world/members", group=group, leave=[inside[0]])
    report = world.run()
    assert report["marked_removed"] == 1
    assert status(esm, inside[0]) == ["5 - Removed"]


def test_a_group_that_is_named_and_does_not_exist_stops_the_run(install: Install) -> None:
    with pytest.raises(Stop, match=r"members_of names groups that Jira does not have: no-such-group"):
        install(changed(users={"members_of": ["no-such-group"]})).start().plan()


def test_a_changed_filter_asks_before_it_removes(install: Install, jira: Sandbox) -> None:
    world = install(PEOPLE)
    world.run()
    name = next(person["displayName"] for person in people(jira).values())
    narrower = install(changed(users={"exclude": [f"^{name}$"]}))
    narrower.state, narrower.time, narrower.runs = world.state, world.time, world.runs
    asked = narrower.start().review()["approval"]
    assert "filters" in asked["body"]
    assert narrower.run(accept_removals=True)["marked_removed"] == 1


def test_an_account_that_may_not_browse_people_is_told_so_and_nothing_is_removed(
    world: World, jira: Sandbox, esm: Sandbox
) -> None:
    world.run()
    jira.switch(global_permissions=[])
    esm.requests()
    with pytest.raises(Stop, match="Browse users and groups"):
        world.start().plan()
    assert esm.writes() == []


def test_groups_alone_and_people_alone(install: Install, jira: Sandbox, esm: Sandbox) -> None:
    groups = install(changed(mapping_type="access", users=..., identity=...))
    report = groups.run()
    assert report["created"] == len(entitlements(jira))
    alone = changed(mapping_type="identity", groups=..., project_roles=..., access=..., identity__memberships=...)
    people_only = install({**alone, "id": "people_only"})
    assert people_only.run()["created"] == len(people(jira))
    assert all(not card.get("references") for card in esm.cards("account", "accountId").values())


def test_an_entitlement_that_esm_refuses_leaves_its_holders_waiting_and_the_next_run_repairs_it(
    install: Install, jira: Sandbox, esm: Sandbox
) -> None:
    world = install(changed(refused_records={"max": 1}))
    group = next(row for row in jira.get("truth/groups") if row["name"] == "jira-users-acme")
    jira.post("world/groups", id=group["groupId"], name="POISON")
    report = world.run()
    holders = sum(group["groupId"] in groups for id_, groups in held(jira).items() if id_ in people(jira))
    assert (report["refused"], report["pointing_nowhere"]) == (1, holders)
    assert report["waiting"] == holders + 1
    assert any(row["record"] == group["groupId"] for row in report["refused_records"])
    esm.requests()
    assert world.run()["updated"] == 0, "those who wait are not written again before it helps"
    jira.post("world/groups", id=group["groupId"], name="jira-users-acme")
    report = world.run()
    assert (report["refused"], report["waiting"]) == (0, 0)
    assert report["parts"]["accounts"]["updated"] == holders
    assert_in_step(jira, esm)


def test_names_and_addresses_stay_out_of_xcoms_and_state(world: World, jira: Sandbox) -> None:
    run = world.start()
    run.finish()
    told = repr(run.xcoms) + repr(world.state.texts)  # type: ignore[attr-defined]
    for person in people(jira).values():
        assert person["displayName"] not in told
        assert not person["emailAddress"] or person["emailAddress"] not in told
