"""Groups keep their ids, their members come in an order of their own, and changing them answers as the real site does."""

from __future__ import annotations

import pytest

from airflow_provider_jira.sandbox.jira.catalog import GROUPS, ROBOT_ID

SUP_AGENTS = GROUPS["sup-agents"]


def members(jira, group, **query):
    return [one["accountId"] for one in jira.values("/group/member", groupId=group, **query)]


def sizes(jira):
    return {id_: len(ids) for id_, ids in jira.known("memberships").items()}


def test_all_groups_are_listed_by_name_with_their_ids(jira):
    found = jira.values("/group/bulk", maxResults=5)
    truth = jira.known("groups")
    assert found == [{"name": one["name"], "groupId": one["groupId"]} for one in truth]
    names = [one["name"] for one in found]
    assert names == sorted(names, key=str.casefold)
    assert {"sup-agents", "SUP-Agents"} <= set(names)
    assert {name.split("-")[0] for name in names} >= {"jira", "sup"}
    assert any(name.startswith("jira-servicemanagement-") for name in names)


def test_a_page_of_groups_is_as_large_as_the_site_allows(open_jira):
    jira = open_jira(3, groups=130)
    page = jira.get("/group/bulk", maxResults=1000)
    assert (page["maxResults"], len(page["values"]), page["total"], page["isLast"]) == (50, 50, 130, False)
    assert jira.http.get(page["nextPage"]).json()["startAt"] == 50
    jira.turn(group_page_max=200)
    assert len(jira.get("/group/bulk", maxResults=1000)["values"]) == 130
    assert len(jira.get("/group/bulk")["values"]) == 50


def test_groups_are_found_by_ids_and_names_and_unknown_ones_are_left_out(jira):
    found = jira.values("/group/bulk", groupId=[SUP_AGENTS, "nothing", GROUPS["sup-leads"]])
    assert {one["groupId"] for one in found} == {SUP_AGENTS, GROUPS["sup-leads"]}
    assert {one["name"] for one in jira.values("/group/bulk", groupName="sup-agents")} == {"sup-agents", "SUP-Agents"}
    assert jira.get("/group/bulk", groupId="nothing")["values"] == []
    assert "accessType" in jira.refusal("GET", "/group/bulk", accessType="admin")[0]


def test_a_few_groups_do_not_show_their_id(jira):
    jira.world("groups", id=SUP_AGENTS, shows_id=False)
    assert {"name": "sup-agents", "groupId": None} in jira.values("/group/bulk")


def test_members_are_those_of_the_truth_and_inactive_ones_only_when_asked_for(jira):
    active = {one["accountId"] for one in jira.known("people") if one["active"]}
    truth, left_out = jira.known("memberships"), 0
    for group, ids in truth.items():
        assert sorted(members(jira, group, includeInactiveUsers="true")) == ids
        assert sorted(members(jira, group)) == [id_ for id_ in ids if id_ in active]
        left_out += len(ids) - len(members(jira, group))
    assert left_out


def test_members_come_in_an_order_that_nothing_shown_explains(open_jira):
    jira = open_jira(3, people=300, memberships=900)
    group = GROUPS["jira-users-acme"]
    shown = jira.values("/group/member", groupId=group, includeInactiveUsers="true")
    for name in ("displayName", "accountId"):
        values = [one[name] for one in shown]
        assert values not in (sorted(values), sorted(values, reverse=True))
    assert shown == jira.values("/group/member", groupId=group, includeInactiveUsers="true", maxResults=7)


@pytest.mark.parametrize(("asked", "given"), [(None, 50), (1000, 50), (50, 50), (3, 3), (0, 1), (-1, 1)])
def test_a_page_of_members_is_one_to_fifty(open_jira, asked, given):
    jira = open_jira(3, people=200, memberships=600)
    query = {} if asked is None else {"maxResults": asked}
    page = jira.get("/group/member", groupId=GROUPS["jira-users-acme"], **query)
    assert (page["maxResults"], len(page["values"])) == (given, given)


def test_pages_shift_when_someone_leaves_or_joins_meanwhile(open_jira):
    jira = open_jira(3, people=200, memberships=600)
    group = GROUPS["jira-users-acme"]
    before = members(jira, group, includeInactiveUsers="true")
    first = jira.get("/group/member", groupId=group, includeInactiveUsers="true")
    jira.world("members", group=group, leave=before[:1])
    second = jira.get("/group/member", groupId=group, includeInactiveUsers="true", startAt=50)
    seen = {one["accountId"] for page in (first, second) for one in page["values"]}
    assert second["total"] == first["total"] - 1
    assert before[50] not in seen
    jira.world("members", group=group, join=before[:1])
    assert members(jira, group, includeInactiveUsers="true") == before


def test_whoever_is_deactivated_stays_a_member_without_being_shown(jira):
    group, ids = next((group, ids) for group, ids in jira.known("memberships").items() if len(ids) > 5)
    active = next(id_ for id_ in members(jira, group) if id_ != ROBOT_ID)
    jira.world("people", id=active, active=False)
    assert active not in members(jira, group)
    assert jira.known("memberships")[group] == ids
    jira.world("people", id=active, active=True)
    assert active in members(jira, group)


@pytest.mark.parametrize("query", [{}, {"groupId": SUP_AGENTS, "groupname": "sup-agents"}])
def test_a_group_is_named_by_its_id_or_its_name_and_not_both(jira, query):
    assert "Exactly one" in jira.refusal("GET", "/group/member", **query)[0]


@pytest.mark.parametrize("query", [{"groupId": "nothing"}, {"groupname": "nothing"}])
def test_a_group_that_there_is_not_is_not_found(jira, query):
    assert jira.ask("GET", "/group/member", params=query).status_code == 404


def test_a_group_is_found_by_its_very_name_before_one_that_differs_in_case(jira):
    by_name = jira.get("/group/member", groupname="sup-agents", includeInactiveUsers="true")
    assert by_name["total"] == sizes(jira)[SUP_AGENTS]
    other = next(one["groupId"] for one in jira.known("groups") if one["name"] == "SUP-Agents")
    by_name = jira.get("/group/member", groupname="SUP-Agents", includeInactiveUsers="true")
    assert by_name["total"] == sizes(jira)[other]
    by_name = jira.get("/group/member", groupname="SUP-AGENTS", includeInactiveUsers="true")
    assert by_name["total"] in {sizes(jira)[SUP_AGENTS], sizes(jira)[other]}


def test_reading_members_through_the_gateway_needs_the_scope_of_those_who_configure(jira, gateway):
    path, login = gateway
    query = {"groupId": SUP_AGENTS}
    assert jira.http.get(f"{path}/group/member", params=query, auth=login).status_code == 200
    jira.turn(scopes=["read:jira-user", "read:jira-work"])
    assert jira.http.get(f"{path}/group/member", params=query, auth=login).status_code == 401
    page = jira.http.get(f"{path}/group/bulk", params={"maxResults": 1}, auth=login).json()
    assert "/ex/jira/" in page["nextPage"]
    assert jira.http.get(page["nextPage"], auth=login).json()["startAt"] == 1


def test_members_are_shown_to_jiras_administrator_too(open_jira):
    jira = open_jira(global_permissions=("ADMINISTER",))
    assert jira.ask("GET", "/group/member", params={"groupId": SUP_AGENTS}).status_code == 200
    assert jira.ask("GET", "/group/bulk").status_code == 403


def test_a_large_site_is_read_whole(open_jira):
    jira = open_jira(3, people=20_000, groups=2_000, memberships=100_000, rate_limits=False, group_page_max=1000)
    assert len(jira.everyone()) == 20_001
    groups = jira.values("/group/bulk", maxResults=1000)
    assert len({one["groupId"] for one in groups}) == 2_000
    truth = jira.known("memberships")
    assert sum(map(len, truth.values())) == 100_000
    for name in ("jira-users-acme", "sup-agents", groups[-1]["name"]):
        group = next(one["groupId"] for one in groups if one["name"] == name)
        assert sorted(members(jira, group, includeInactiveUsers="true")) == truth[group]


def test_issues_show_a_group_by_its_name_of_today_and_are_found_by_it(jira):
    found = jira.ids('"Assignment group" = sup-agents')
    assert found
    jira.world("groups", id=SUP_AGENTS, name="renamed")
    shown = jira.get(f"/issue/{found[0]}", fields="customfield_10021")["fields"]["customfield_10021"]
    assert (shown["name"], shown["groupId"]) == ("renamed", SUP_AGENTS)
    assert jira.ids('"Assignment group" = renamed') == found
    assert jira.truth()[found[0]]["custom"]["Assignment group"] == "renamed"
    jira.world("groups/delete", ids=[SUP_AGENTS])
    assert jira.get(f"/issue/{found[0]}", fields="customfield_10021")["fields"]["customfield_10021"] is None
    assert "Assignment group" not in jira.truth()[found[0]]["custom"]


def test_an_issue_takes_any_group_that_there_is(jira):
    made = jira.world("groups", name="made")["id"]
    jira.world("issues", id=jira.ids("project = SUP")[0], fields={"customfield_10021": {"groupId": made}})
    assert jira.ids('"Assignment group" = made') == jira.ids("project = SUP")[:1]


def created(jira, name):
    answer = jira.ask("POST", "/group", {"name": name})
    assert answer.status_code == 201
    return answer.json()["groupId"]


def test_a_group_is_made_empty_and_its_name_is_taken_in_any_case(admins_jira):
    jira = admins_jira
    id_ = created(jira, "sup-new")
    assert {"name": "sup-new", "groupId": id_} in jira.values("/group/bulk")
    assert members(jira, id_) == []
    for name in ("sup-new", "SUP-New", "", "  "):
        assert jira.refusal("POST", "/group", {"name": name})
    assert jira.refusal("POST", "/group", {})


def test_a_deleted_group_is_gone_with_its_members_and_roles(admins_jira):
    jira = admins_jira
    id_ = created(jira, "sup-new")
    jira.world("roles", role="Developers", groups=[id_])
    jira.world("members", group=id_, join=[ROBOT_ID])
    answer = jira.ask("DELETE", "/group", params={"groupId": id_})
    assert (answer.status_code, answer.content) == (200, b"")
    assert id_ not in jira.known("memberships")
    assert all(id_ not in role["groups"] for role in jira.known("roles"))
    assert id_ not in {one["groupId"] for one in jira.get("/user/groups", accountId=ROBOT_ID)}
    assert jira.ask("DELETE", "/group", params={"groupId": id_}).status_code == 404


def test_what_takes_over_from_a_deleted_group_has_to_be_there(admins_jira):
    jira = admins_jira
    id_ = created(jira, "sup-new")
    query = {"groupId": id_, "swapGroupId": "nothing"}
    assert jira.ask("DELETE", "/group", params=query).status_code == 404
    assert jira.ask("DELETE", "/group", params={**query, "swapGroupId": SUP_AGENTS}).status_code == 200


def test_a_member_is_added_once_and_taken_away_once(admins_jira):
    jira = admins_jira
    id_ = created(jira, "sup-new")
    person = jira.known("people")[7]["accountId"]
    answer = jira.ask("POST", "/group/user", {"accountId": person}, params={"groupId": id_})
    assert (answer.status_code, answer.json()["groupId"]) == (201, id_)
    assert members(jira, id_, includeInactiveUsers="true") == [person]
    again = jira.refusal("POST", "/group/user", {"accountId": person}, groupId=id_)
    assert "already a member" in again[0]
    answer = jira.ask("DELETE", "/group/user", params={"groupId": id_, "accountId": person})
    assert (answer.status_code, answer.content) == (200, b"")
    assert members(jira, id_, includeInactiveUsers="true") == []
    assert "not a member of" in jira.refusal("DELETE", "/group/user", groupId=id_, accountId=person)[0]


def test_members_that_there_are_not_and_groups_that_others_look_after_are_refused(admins_jira):
    jira = admins_jira
    gone = jira.known("people")[7]["accountId"]
    jira.world("people/delete", ids=[gone])
    for id_ in ("nobody", gone):
        answer = jira.ask("POST", "/group/user", {"accountId": id_}, params={"groupId": SUP_AGENTS})
        assert answer.status_code == 404
        answer = jira.ask("DELETE", "/group/user", params={"groupId": SUP_AGENTS, "accountId": id_})
        assert answer.status_code == 404
    assert "missing" in jira.refusal("POST", "/group/user", {}, groupId=SUP_AGENTS)[0]
    jira.world("groups", id=SUP_AGENTS, external=True)
    before, person = jira.known("memberships"), jira.known("people")[8]["accountId"]
    assert "externally" in jira.refusal("POST", "/group/user", {"accountId": person}, groupId=SUP_AGENTS)[0]
    assert "externally" in jira.refusal("DELETE", "/group/user", groupId=SUP_AGENTS, accountId=person)[0]
    assert "externally" in jira.refusal("DELETE", "/group", groupId=SUP_AGENTS)[0]
    assert jira.known("memberships") == before


@pytest.mark.parametrize(("people", "groups", "memberships"), [(60, 12, 150), (6, 4, 0), (6, 4, 28), (500, 90, 4321)])
def test_there_are_as_many_groups_and_memberships_as_asked_for(open_jira, people, groups, memberships):
    jira = open_jira(3, people=people, groups=groups, memberships=memberships)
    found = sizes(jira)
    assert (len(found), sum(found.values())) == (groups, memberships)
    if memberships > 100:
        assert min(found.values()) == 0
        assert max(found.values()) > 10 * sorted(found.values())[len(found) // 2] / 2
    again = open_jira(3, people=people, groups=groups, memberships=memberships)
    for what in ("people", "groups", "memberships", "roles"):
        assert again.known(what) == jira.known(what)


@pytest.mark.parametrize(
    ("size", "message"),
    [({"groups": 3}, "groups=3: a world needs at least 4"), ({"memberships": 99_999}, "61 people in 12 groups")],
)
def test_a_world_that_cannot_be_is_refused(open_jira, size, message):
    with pytest.raises(ValueError, match=message):
        open_jira(3, **size)
