"""Inviting and removing people: what is done, and why it is not, each reason in words of its own."""

from __future__ import annotations

import re

import pytest

from airflow_provider_jira.sandbox.jira.catalog import GLOBAL_PERMISSIONS, ROBOT_ID


def by_id(jira):
    return {one["accountId"]: one for one in jira.everyone()}


def invited(jira, email, **more):
    return jira.ask("POST", "/user", {"emailAddress": email, "products": ["jira-software"], **more})


def test_an_invited_person_is_there_and_inviting_again_changes_nothing(admins_jira):
    jira = admins_jira
    first = invited(jira, "New@acme.example", displayName="ignored")
    assert (first.status_code, first.json()["emailAddress"]) == (201, "New@acme.example")
    again = invited(jira, "new@ACME.example")
    assert (again.status_code, again.json()) == (201, first.json())
    assert by_id(jira)[first.json()["accountId"]]["displayName"] == "new"
    assert len(jira.everyone()) == 62


@pytest.mark.parametrize(
    "body",
    [{"emailAddress": "new@acme.example"}, {"products": []}, {"emailAddress": "x", "products": []},
     {"emailAddress": "new@acme.example", "products": ["jira-everything"]}],
)  # fmt: skip
def test_an_invitation_that_lacks_something_is_refused(admins_jira, body):
    assert admins_jira.refusal("POST", "/user", body)
    assert len(admins_jira.everyone()) == 61


def test_a_removed_person_is_inactive_is_in_no_group_and_is_not_invited_again(admins_jira):
    jira = admins_jira
    person = invited(jira, "new@acme.example").json()
    group = jira.known("groups")[0]["groupId"]
    jira.world("members", group=group, join=[person["accountId"]])
    answer = jira.ask("DELETE", "/user", params={"accountId": person["accountId"]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert jira.get("/user", accountId=person["accountId"])["active"] is False
    assert person["accountId"] not in jira.known("memberships")[group]
    assert invited(jira, "new@acme.example").status_code == 400
    assert jira.ask("DELETE", "/user", params={"accountId": person["accountId"]}).status_code == 404


@pytest.mark.parametrize("switch", ["repeat", "refuse"])
def test_an_account_without_access_is_not_invited_a_second_time(open_jira, switch):
    jira = open_jira(global_permissions=GLOBAL_PERMISSIONS, bare_invitations=switch)
    made = invited(jira, "new@acme.example", products=[])
    assert (made.status_code, jira.get("/user", accountId=made.json()["accountId"])["applicationRoles"]["size"]) == (
        201,
        0,
    )
    for products in ([], ["jira-software"]):
        again = invited(jira, "new@acme.example", products=products)
        if switch == "repeat" and not products:
            assert (again.status_code, again.json()["accountId"]) == (201, made.json()["accountId"])
        else:
            assert (again.status_code, "without access" in again.json()["errorMessages"][0]) == (400, True)
    jira.world("people", id=made.json()["accountId"], access=True)
    assert invited(jira, "new@acme.example").json()["accountId"] == made.json()["accountId"]


def test_licences_run_out(open_jira):
    jira = open_jira(global_permissions=GLOBAL_PERMISSIONS, licences_left=1)
    assert invited(jira, "one@acme.example").status_code == 201
    assert (
        "licensed users"
        in jira.refusal("POST", "/user", {"emailAddress": "two@acme.example", "products": ["jira-core"]})[0]
    )
    assert invited(jira, "one@acme.example").status_code == 201
    assert invited(jira, "two@acme.example", products=[]).status_code == 201


def test_each_reason_to_change_nobody_has_words_of_its_own(open_jira):
    jira = open_jira(global_permissions=GLOBAL_PERMISSIONS, licences_left=0)
    first, other, outside = jira.known("groups")[:3]
    person, stays, *_ = (
        one["accountId"]
        for one in jira.known("people")
        if one["active"] and one["accountType"] == "atlassian" and one["accountId"] != ROBOT_ID
    )
    jira.world("people", id=stays, removable=False)
    jira.world("people", name="X", email="without@acme.example", access=False)
    jira.world("members", group=first["groupId"], join=[person])
    jira.world("members", group=other["groupId"], leave=[person])
    jira.world("groups", id=outside["groupId"], external=True)
    calls = [
        ("POST", "/user", {"emailAddress": "a@acme.example"}, {}, 400),
        ("POST", "/user", {"emailAddress": "nowhere", "products": []}, {}, 400),
        ("POST", "/user", {"emailAddress": "a@acme.example", "products": ["jira-chat"]}, {}, 400),
        ("POST", "/user", {"emailAddress": "a@acme.example", "products": ["jira-core"]}, {}, 400),
        ("POST", "/user", {"emailAddress": "without@acme.example", "products": ["jira-core"]}, {}, 400),
        ("DELETE", "/user", None, {"accountId": stays}, 400),
        ("DELETE", "/user", None, {"accountId": "nobody"}, 404),
        ("POST", "/group", {"name": first["name"]}, {}, 400),
        ("DELETE", "/group", None, {"groupId": "nothing"}, 404),
        ("DELETE", "/group", None, {"groupId": outside["groupId"]}, 400),
        ("POST", "/group/user", {"accountId": person}, {"groupId": first["groupId"]}, 400),
        ("POST", "/group/user", {"accountId": "nobody"}, {"groupId": first["groupId"]}, 404),
        ("DELETE", "/group/user", None, {"groupId": other["groupId"], "accountId": person}, 400),
    ]
    before = [jira.known(what) for what in ("people", "groups", "memberships")]
    answers = [jira.ask(method, path, body, params=query) for method, path, body, query, _ in calls]
    assert [answer.status_code for answer in answers] == [status for *_, status in calls]
    texts = [" ".join([*(body := answer.json())["errorMessages"], *body["errors"].values()]) for answer in answers]
    assert len({re.sub(r"'[^']*'", "", text) for text in texts}) == len(texts)
    for at, words in (
        (5, "cannot be removed"),
        (10, "already a member"),
        (12, "not a member of"),
        (9, "managed externally"),
    ):
        assert words in texts[at]
    assert [jira.known(what) for what in ("people", "groups", "memberships")] == before


@pytest.mark.parametrize(
    ("held", "words"),
    [((), "organization admin"), (("ADMINISTER",), "organization admin"), (("SYSTEM_ADMIN",), "Jira admin")],
)
def test_only_who_administers_the_organization_and_jira_invites(open_jira, held, words):
    jira = open_jira(global_permissions=held)
    answer = invited(jira, "new@acme.example")
    assert (answer.status_code, words in answer.json()["errorMessages"][0]) == (403, True)


def test_who_cannot_be_removed_stays(admins_jira):
    for id_ in [ROBOT_ID, *(one["accountId"] for one in admins_jira.known("people") if one["accountType"] == "app")]:
        assert "cannot be removed" in admins_jira.refusal("DELETE", "/user", accountId=id_)[0]
    assert admins_jira.ask("DELETE", "/user", params={"accountId": "nobody"}).status_code == 404


def test_only_the_sites_administrator_changes_people_and_groups(open_jira):
    jira = open_jira(global_permissions=("USER_PICKER", "ADMINISTER"))
    group = jira.known("groups")[0]["groupId"]
    before = [jira.known(what) for what in ("people", "groups", "memberships")]
    for method, path, body, query in (
        ("POST", "/user", {"emailAddress": "new@acme.example", "products": []}, {}),
        ("DELETE", "/user", None, {"accountId": before[0][3]["accountId"]}),
        ("POST", "/group", {"name": "new"}, {}),
        ("DELETE", "/group", None, {"groupId": group}),
        ("POST", "/group/user", {"accountId": ROBOT_ID}, {"groupId": group}),
        ("DELETE", "/group/user", None, {"groupId": group, "accountId": ROBOT_ID}),
    ):
        assert jira.ask(method, path, body, params=query).status_code == 403
    assert [jira.known(what) for what in ("people", "groups", "memberships")] == before
