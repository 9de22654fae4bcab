"""People are shown as the real site shows them: with what they let be seen, and as placeholders once they are gone."""

from __future__ import annotations

import pytest

from airflow_provider_jira.sandbox.jira.catalog import ROBOT_ID
from airflow_provider_jira.sandbox.jira.people import people

BAD = ("robot@acme.example", "expired")


def by_id(jira):
    return {one["accountId"]: one for one in jira.everyone()}


def test_everybody_is_listed_whatever_the_account_until_a_page_is_empty(jira):
    found = jira.everyone(25)
    truth = jira.known("people")
    assert [one["accountId"] for one in found] == [one["accountId"] for one in truth]
    assert {one["accountType"] for one in found} == {"atlassian", "app", "customer"}
    assert {one["active"] for one in found} == {True, False}
    assert jira.get("/users/search", startAt=len(truth)) == []
    assert jira.get("/users", startAt=3, maxResults=4) == found[3:7]


@pytest.mark.parametrize(("asked", "given"), [(None, 50), (7, 7), (1000, 61), (5000, 61), (0, 0), (-3, 0)])
def test_a_page_of_people_is_fifty_unless_asked_otherwise(jira, asked, given):
    query = {} if asked is None else {"maxResults": asked}
    assert len(jira.get("/users/search", **query)) == given


def test_a_page_holds_a_thousand_at_most(open_jira):
    jira = open_jira(3, people=1500, groups=40, memberships=3000)
    assert len(jira.get("/users/search", maxResults=5000)) == 1000
    assert len(jira.everyone()) == 1501


def test_a_profile_says_what_the_truth_says_and_hides_what_is_hidden(jira):
    shown = by_id(jira)
    for person in jira.known("people"):
        one = shown[person["accountId"]]
        for name in ("displayName", "accountType", "active"):
            assert one[name] == person[name]
        for name in ("timeZone", "locale", "appType"):
            assert one.get(name) == person[name]
            assert name in one or person[name] is None
        assert one.get("emailAddress") == person["emailAddress"]
        assert ("emailAddress" in one) is (person["emailAddress"] is not None)
    assert {one.get("appType") for one in shown.values()} == {None, "service", "agent", "unknown"}


@pytest.mark.parametrize(
    ("way", "shown"), [("absent", {}), ("null", {"emailAddress": None}), ("empty", {"emailAddress": ""})]
)
def test_a_hidden_address_is_absent_null_or_empty_as_switched(open_jira, way, shown):
    jira = open_jira(hidden_email=way)
    id_ = next(one["accountId"] for one in jira.known("people") if one["emailAddress"] and one["accountId"] != ROBOT_ID)
    jira.world("people", id=id_, email_hidden=True)
    one = by_id(jira)[id_]
    assert {name: value for name, value in one.items() if name == "emailAddress"} == shown
    assert next(one for one in jira.known("people") if one["accountId"] == id_)["emailAddress"].endswith("example")


def test_pages_that_are_too_large_take_too_long_where_that_is_switched_on(jira):
    jira.turn(people_page_limit=250)
    assert jira.ask("GET", "/users/search", params={"maxResults": 251}).status_code == 409
    assert len(jira.get("/users/search", maxResults=250)) == 61


def test_without_the_permission_people_and_groups_are_refused(open_jira):
    jira = open_jira(global_permissions=())
    for path in ("/users/search", "/users", "/user", "/user/groups", "/group/bulk", "/group/member"):
        assert jira.ask("GET", path, params={"accountId": ROBOT_ID}).status_code == 403
    permission = jira.get("/mypermissions", permissions="USER_PICKER")["permissions"]["USER_PICKER"]
    assert permission["havePermission"] is False


def test_a_visitor_is_told_that_there_is_nobody_or_is_refused_as_switched(jira):
    answer = jira.ask("GET", "/users/search", auth=BAD)
    assert (answer.status_code, answer.json()) == (200, [])
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    jira.turn(anonymous_users="refuse")
    assert jira.ask("GET", "/users/search", auth=BAD).status_code == 403


def test_people_by_id_come_ten_at_a_time_without_those_that_there_are_not(jira):
    ids = [one["accountId"] for one in jira.known("people")][5:20]
    page = jira.get("/user/bulk", accountId=[*ids, "nobody", ids[0]])
    assert (page["maxResults"], page["total"], page["isLast"]) == (10, 15, False)
    assert jira.http.get(page["nextPage"]).json()["values"] == jira.values("/user/bulk", accountId=ids)[10:]
    assert {one["accountId"] for one in jira.values("/user/bulk", accountId=ids, maxResults=200)} == set(ids)
    assert jira.get("/user/bulk", accountId="nobody")["values"] == []


def test_too_many_ids_or_none_are_refused(jira):
    assert "required" in jira.refusal("GET", "/user/bulk")[0]
    jira.turn(people_by_id_max=3)
    assert "At most 3" in jira.refusal("GET", "/user/bulk", accountId=["a", "b", "c", "d"])[0]


def test_one_person_is_shown_with_groups_where_these_are_asked_for(jira):
    member = jira.known("memberships")
    group = next(id_ for id_, ids in member.items() if ids)
    person = member[group][0]
    names = {one["groupId"]: one["name"] for one in jira.known("groups") if person in member[one["groupId"]]}
    found = jira.get("/user", accountId=person, expand="groups,applicationRoles")
    assert {one["groupId"]: one["name"] for one in found["groups"]["items"]} == names
    assert found["groups"]["size"] == len(names)
    assert jira.get("/user", accountId=person)["groups"]["items"] == []
    assert jira.get("/user/groups", accountId=person) == found["groups"]["items"]


@pytest.mark.parametrize("path", ["/user", "/user/groups"])
def test_a_person_that_there_is_not_is_not_found(jira, path):
    assert jira.ask("GET", path, params={"accountId": "nobody"}).status_code == 404
    assert "required" in jira.refusal("GET", path)[0]


def mentioned(jira, issue, field="reporter"):
    return jira.get(f"/issue/{issue}", fields=field)["fields"][field]


def reported(jira):
    """Return an issue and the person who reported it."""
    for id_, row in jira.truth().items():
        if row["reporter"] and row["reporter"]["accountId"] != ROBOT_ID:
            return id_, row["reporter"]["accountId"]
    raise AssertionError


@pytest.mark.parametrize("how", ["removed", "forgotten", "corrupt"])
def test_who_goes_is_mentioned_by_issues_as_what_is_left_of_him(jira, how):
    issue, id_ = reported(jira)
    before, updated = mentioned(jira, issue), jira.truth()[issue]["updated"]
    jira.world("people/delete", ids=[id_], how=how)
    after = mentioned(jira, issue)
    assert after["active"] is False
    assert jira.truth()[issue]["updated"] == updated
    if how == "removed":
        assert after == {**before, "active": False}
    else:
        assert after["accountId"] == ("unknown" if how == "corrupt" else id_)
        assert (after["displayName"], after["emailAddress"]) == ("Former user", "")
        assert "timeZone" not in after
        assert jira.truth()[issue]["reporter"] == {"accountId": id_, "displayName": "Former user"}
    assert all(id_ not in ids for ids in jira.known("memberships").values())


def test_who_was_forgotten_is_listed_as_a_placeholder_or_not_at_all_as_switched(jira):
    _, id_ = reported(jira)
    jira.world("people/delete", ids=[id_])
    assert by_id(jira)[id_]["displayName"] == "Former user"
    assert jira.get("/user", accountId=id_)["displayName"] == "Former user"
    jira.turn(forgotten_people="absent")
    assert id_ not in by_id(jira)
    assert len(jira.everyone(10)) == 60


def test_a_corrupt_record_is_found_by_no_id(jira):
    _, id_ = reported(jira)
    jira.world("people/delete", ids=[id_], how="corrupt")
    assert [one["accountId"] for one in jira.everyone()].count("unknown") == 1
    for asked in (id_, "unknown"):
        assert jira.ask("GET", "/user", params={"accountId": asked}).status_code == 404
        assert jira.get("/user/bulk", accountId=asked)["values"] == []


def test_while_nobody_is_known_every_profile_is_a_fallback(jira):
    issue, id_ = reported(jira)
    before, group = jira.everyone(), jira.known("groups")[0]["groupId"]
    jira.turn(identity_outage="profile")
    shown = jira.everyone()
    assert [one["accountId"] for one in shown] == [one["accountId"] for one in before]
    for one in (*shown, mentioned(jira, issue), *jira.values("/group/member", groupId=group)):
        assert (one["displayName"], one["emailAddress"], one["accountType"]) == ("", "", "unknown")
        assert not {"timeZone", "locale", "appType"} & set(one)
    jira.turn(identity_outage="ids")
    assert {one["accountId"] for one in jira.everyone()} == {"unknown"}
    assert jira.get("/myself")["accountId"] == ROBOT_ID
    jira.turn(identity_outage="no")
    assert jira.everyone() == before
    assert mentioned(jira, issue)["accountId"] == id_


@pytest.mark.parametrize("count", [6, 60, 2000])
def test_there_are_as_many_people_as_asked_for_the_same_ones_for_the_same_seed(count):
    assert len({one.account_id for one in people(3, count)}) == count + 1
    assert people(3, count) == people(3, count)
    assert people(3, count) != people(4, count)


def test_a_world_with_too_few_people_is_refused():
    with pytest.raises(ValueError, match="people=5: a world needs at least 6"):
        people(7, 5)
