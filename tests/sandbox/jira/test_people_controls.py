"""The world's people are in a test's hands: changes are made as asked, by chance but the same ones for the same seed."""

from __future__ import annotations

import pytest

from airflow_provider_jira.sandbox.jira.catalog import GROUPS, ROBOT_ID

WHATS = ("people", "groups", "memberships", "roles")


def everything(jira):
    return {what: jira.known(what) for what in WHATS}


def by_id(jira):
    return {one["accountId"]: one for one in jira.known("people")}


def test_a_person_is_made_and_changed_as_asked(jira):
    about = {"name": "Aino Uusi", "email": "aino@acme.example", "account_type": "customer", "locale": "fi_FI"}
    id_ = jira.world("people", **about)["id"]
    made = by_id(jira)[id_]
    assert (made["displayName"], made["emailAddress"], made["accountType"], made["locale"], made["active"]) == (
        "Aino Uusi",
        "aino@acme.example",
        "customer",
        "fi_FI",
        True,
    )
    jira.world("people", id=id_, active=False, email=None, time_zone="Europe/Berlin")
    assert by_id(jira)[id_] == {**made, "active": False, "emailAddress": None, "timeZone": "Europe/Berlin"}
    assert jira.world("people")["id"] != jira.world("people")["id"]
    assert jira.everyone()[-3]["accountId"] == id_


def test_changed_people_differ_in_their_name_and_nothing_else_changes(jira):
    before, world = by_id(jira), everything(jira)
    changed = jira.world("people/change", count=30, seed=1)["ids"]
    after = by_id(jira)
    assert len(set(changed)) == 30
    assert {id_ for id_ in after if after[id_] != before[id_]} == set(changed)
    for id_ in changed:
        assert after[id_]["displayName"] != before[id_]["displayName"]
        assert len({name for name in after[id_] if after[id_][name] != before[id_][name]}) == 2
    for name in ("active", "emailAddress", "emailHidden", "timeZone"):
        assert any(after[id_][name] != before[id_][name] for id_ in changed), name
    assert {what: jira.known(what) for what in WHATS[1:]} == {what: world[what] for what in WHATS[1:]}
    assert ROBOT_ID not in changed


def test_apps_and_those_who_have_gone_are_not_picked_nor_is_who_is_left_out(jira):
    people = [one for one in jira.known("people") if one["accountId"] != ROBOT_ID and one["accountType"] != "app"]
    gone, left_out = people[3]["accountId"], people[4]["accountId"]
    jira.world("people/delete", ids=[gone], how="removed")
    picked = jira.world("people/change", count=len(people) - 2, **{"except": [left_out]})["ids"]
    assert set(picked) == {one["accountId"] for one in people} - {gone, left_out}


def test_renamed_groups_keep_their_ids_and_their_members(jira):
    before, world = {one["groupId"]: one["name"] for one in jira.known("groups")}, everything(jira)
    for seed in (1, 2):
        ids = jira.world("groups/change", count=4, seed=seed)["ids"]
        after = {one["groupId"]: one["name"] for one in jira.known("groups")}
        assert {id_ for id_ in after if after[id_] != before[id_]} == set(ids)
        before = after
    for what in ("people", "memberships", "roles"):
        assert jira.known(what) == world[what]


def pairs(jira):
    return {(group, id_) for group, ids in jira.known("memberships").items() for id_ in ids}


@pytest.mark.parametrize("count", [1, 9, 200])
def test_so_many_memberships_change_as_were_asked_for(jira, count):
    before = pairs(jira)
    said = jira.world("members/change", count=count, seed=2)
    joined, left = ({tuple(pair) for pair in said[name]} for name in ("joined", "left"))
    assert pairs(jira) == (before | joined) - left
    assert (len(joined - before), len(left & before)) == (count - count // 2, count // 2)


def test_groups_can_be_kept_from_changing(jira):
    left_out = GROUPS["jira-users-acme"]
    before = jira.known("memberships")[left_out]
    jira.world("members/change", count=100, seed=3, **{"except": [left_out]})
    assert jira.known("memberships")[left_out] == before


def test_so_many_roles_go_to_somebody_else_as_were_asked_for(jira):
    def holders():
        return {
            (one["projectKey"], one["roleId"], id_)
            for one in jira.known("roles")
            for id_ in (*one["users"], *one["groups"])
        }

    before = holders()
    changed = jira.world("roles/change", count=10, seed=4)["changed"]
    got = {(one["project"], one["role"], one["id"]) for one in changed}
    lost = {(one["project"], one["role"], one["instead_of"]) for one in changed if one["instead_of"]}
    assert len(got - before) == 10
    assert lost
    assert holders() == (before | got) - lost


def test_members_and_role_holders_are_changed_as_asked(jira):
    group, person = GROUPS["sup-leads"], jira.world("people")["id"]
    assert jira.world("members", group=group, join=[person, person]) == {"joined": [person], "left": []}
    assert person in jira.known("memberships")[group]
    assert jira.world("members", group=group, leave=[person, person]) == {"joined": [], "left": [person]}
    assert jira.world("roles", role="Developers", users=[person]) == {"users": [person], "groups": []}
    assert jira.world("roles", role=10100, users=[person]) == {"users": [], "groups": []}
    assert jira.world("roles", role="10100", users=[person], on=False) == {"users": [person], "groups": []}


@pytest.mark.parametrize("name", ["people/change", "groups/change", "members/change", "roles/change"])
def test_the_same_seed_makes_the_same_changes(open_jira, name):
    first, second, third = open_jira(), open_jira(), open_jira()
    assert first.world(name, count=5, seed=3) == second.world(name, count=5, seed=3)
    assert everything(first) == everything(second)
    third.world(name, count=5, seed=4)
    assert everything(first) != everything(third)


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("people/change", {"count": 9999}, "9999 people are asked for"),
        ("groups/change", {"count": 9999}, "9999 groups are asked for"),
        ("members/change", {"count": 9999}, "9999 memberships cannot be changed"),
        ("roles/change", {"count": 9999}, "9999 roles are asked for"),
        ("people", {"id": "nobody"}, "no account nobody"),
        ("people", {"nmae": "x"}, "nmae"),
        ("people", {"account_type": "robot"}, "robot"),
        ("people/delete", {"ids": [ROBOT_ID, "nobody"]}, "no account nobody"),
        ("groups", {"id": "nothing"}, "no group with the id nothing"),
        ("groups/delete", {"ids": [GROUPS["sup-leads"], "nothing"]}, "no group with the id nothing"),
        ("members", {"group": GROUPS["sup-leads"], "join": [ROBOT_ID, "nobody"]}, "no account nobody"),
        ("roles", {"role": "Nobody"}, "no role Nobody"),
        ("roles", {"role": "Developers", "project": "NOPE"}, "no project NOPE"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(jira, name, body, message):
    before = everything(jira)
    answer = jira.http.post(f"/_sandbox/world/{name}", json=body)
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert everything(jira) == before


def test_who_has_gone_cannot_be_changed_but_loses_a_role(jira):
    id_ = jira.world("people")["id"]
    jira.world("roles", role="Developers", users=[id_])
    jira.world("people/delete", ids=[id_])
    assert jira.http.post("/_sandbox/world/people", json={"id": id_}).status_code == 400
    assert jira.world("roles", role="Developers", users=[id_], on=False)["users"] == [id_]


def test_people_in_a_file_are_there_again(open_jira, tmp_path):
    file = str(tmp_path / "world.db")
    first = open_jira(5, 3, file, people=40, groups=9, memberships=60)
    first.world("people/change", count=5)
    first.world("people/delete", ids=[first.known("people")[4]["accountId"]])
    first.world("groups/change", count=2)
    first.world("groups/delete", ids=[GROUPS["sup-leads"]])
    first.world("members/change", count=9)
    first.world("roles/change", count=3)
    first.world("people", name="last")
    group = GROUPS["jira-users-acme"]
    before, shown = everything(first), first.values("/group/member", groupId=group)
    again = open_jira(5, 8, file)
    assert everything(again) == before
    assert again.values("/group/member", groupId=group) == shown
