"""Every project has the site's roles with holders of its own, and shows them to its administrators only."""

from __future__ import annotations

import pytest

from airflow_provider_jira.sandbox.jira.catalog import GLOBAL_PERMISSIONS, GROUPS, ROBOT_ID, ROLES

ADMINISTRATORS, DEVELOPERS = 10002, 10100
PATH = f"/project/SUP/role/{DEVELOPERS}"


def held(jira, project="SUP", role=DEVELOPERS, **query):
    """Return the ids of the people and the groups that an answer names."""
    actors = jira.get(f"/project/{project}/role/{role}", **query)["actors"]
    return (
        sorted(one["actorUser"]["accountId"] for one in actors if one["type"] == "atlassian-user-role-actor"),
        sorted(one["actorGroup"]["groupId"] for one in actors if one["type"] == "atlassian-group-role-actor"),
    )


def test_every_role_of_every_project_is_shown_with_those_who_hold_it(admins_jira):
    jira = admins_jira
    truth = {(one["projectKey"], one["roleId"]): one for one in jira.known("roles")}
    assert len(truth) == 9
    for project in ("SUP", "OPS", "HR"):
        links = jira.get(f"/project/{project}/role")
        assert set(links) == {name for name, _ in ROLES.values()}
        for name, link in links.items():
            role = jira.http.get(link).json()
            assert role["name"] == name
            known = truth[project, role["id"]]
            assert held(jira, project, role["id"]) == (known["users"], known["groups"])
    assert any(one["groups"] for one in truth.values())
    assert ROBOT_ID in truth["SUP", ADMINISTRATORS]["users"]
    assert [(one["id"], one["name"]) for one in jira.get("/role")] == [(id_, name) for id_, (name, _) in ROLES.items()]


def test_holders_are_ordered_by_display_name(admins_jira):
    people = [one["accountId"] for one in admins_jira.known("people") if one["active"]][:20]
    admins_jira.world("roles", role="Developers", users=people)
    names = [one["displayName"] for one in admins_jira.get(PATH)["actors"]]
    assert names == sorted(names)
    assert len(names) >= 20


@pytest.mark.parametrize(
    ("global_permissions", "denied", "allowed"),
    [
        (("USER_PICKER",), ("ADMINISTER_PROJECTS",), False),
        (("USER_PICKER", "ADMINISTER"), ("ADMINISTER_PROJECTS",), True),
        (("USER_PICKER",), (), True),
    ],
)
def test_roles_are_for_administrators_of_jira_or_of_projects(open_jira, global_permissions, denied, allowed):
    jira = open_jira(global_permissions=global_permissions, denied_permissions=denied)
    for path, status in (("/project/SUP/role", 401), (PATH, 404), ("/role", 403)):
        answer = jira.ask("GET", path)
        assert answer.status_code == (200 if allowed else status)
        assert answer.headers["X-AAccountId"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/project/NOPE/role", 404),
        (f"/project/NOPE/role/{DEVELOPERS}", 404),
        ("/project/SUP/role/1", 404),
        ("/project/SUP/role/Developers", 400),
    ],
)
def test_what_there_is_not_is_not_found(admins_jira, path, status):
    assert admins_jira.ask("GET", path).status_code == status


def test_a_project_is_named_by_key_or_id_if_it_can_be_read(admins_jira):
    jira = admins_jira
    assert jira.get(f"/project/10000/role/{DEVELOPERS}") == jira.get(PATH)
    jira.world("project", key="SUP", readable=False)
    assert jira.ask("GET", PATH).status_code == 404


def test_inactive_and_forgotten_holders_stay_unless_left_out(admins_jira):
    jira = admins_jira
    first, second, third = [one["accountId"] for one in jira.known("people") if one["active"]][1:4]
    jira.world("roles", role="Developers", users=[first, second, third])
    before = held(jira)[0]
    jira.world("people", id=first, active=False)
    jira.world("people/delete", ids=[second])
    assert held(jira)[0] == before
    assert held(jira, excludeInactiveUsers="true")[0] == [id_ for id_ in before if id_ not in {first, second}]
    jira.world("people/delete", ids=[third], how="corrupt")
    assert "unknown" in held(jira)[0]


def test_holders_are_added_and_taken_away(admins_jira):
    jira = admins_jira
    there = held(jira)
    person = next(
        one["accountId"] for one in jira.known("people") if one["active"] and one["accountId"] not in there[0]
    )
    group = next(one["groupId"] for one in jira.known("groups") if one["groupId"] not in there[1])
    answer = jira.post(PATH, {"user": [person], "groupId": [group]})
    assert answer == jira.get(PATH)
    assert held(jira) == (sorted([*there[0], person]), sorted([*there[1], group]))
    assert jira.ask("DELETE", PATH, params={"user": person}).status_code == 204
    assert jira.ask("DELETE", PATH, params={"groupId": group}).status_code == 204
    assert held(jira) == there
    assert jira.ask("DELETE", PATH, params={"user": person}).status_code == 404


def test_groups_may_be_given_by_name_but_not_both_ways(admins_jira):
    jira = admins_jira
    jira.world("roles", role=DEVELOPERS, groups=[GROUPS["sup-leads"]], on=False)
    jira.post(PATH, {"group": ["sup-leads"]})
    assert GROUPS["sup-leads"] in held(jira)[1]
    assert jira.refusal("POST", PATH, {"group": ["sup-leads"], "groupId": [GROUPS["sup-leads"]]})
    assert jira.ask("DELETE", PATH, params={"group": "sup-leads"}).status_code == 204
    assert GROUPS["sup-leads"] not in held(jira)[1]


def test_when_one_of_them_is_not_there_nobody_is_added(admins_jira):
    jira = admins_jira
    before = held(jira)
    person, gone = [one["accountId"] for one in jira.known("people") if one["active"]][5:7]
    jira.world("people", id=gone, active=False)
    for body in ({"user": [person, "nobody"]}, {"user": [person, gone]}, {"user": [person], "groupId": ["nothing"]}):
        assert jira.ask("POST", PATH, body).status_code == 404
    assert jira.refusal("POST", PATH, {})
    assert jira.refusal("DELETE", PATH, user="a", groupId="b")
    assert held(jira) == before


def test_writing_without_being_an_administrator_is_refused(open_jira):
    jira = open_jira(global_permissions=tuple(set(GLOBAL_PERMISSIONS) - {"ADMINISTER"}))
    assert jira.ask("POST", PATH, {"user": [ROBOT_ID]}).status_code == 401
    assert jira.ask("DELETE", PATH, params={"user": ROBOT_ID}).status_code == 404
