"""What the site says of itself, and of what the caller may do."""

from __future__ import annotations

import pytest


def test_the_caller_is_who_the_token_belongs_to(jira):
    me = jira.get("/myself")
    assert (me["emailAddress"], me["timeZone"]) == ("robot@acme.example", "America/New_York")


def test_the_site_names_its_own_address(jira):
    info = jira.get("/serverInfo")
    assert (info["baseUrl"], info["deploymentType"]) == ("http://jira.example", "Cloud")


def test_fields_tell_custom_ones_by_their_kind(jira):
    fields = {field["id"]: field for field in jira.get("/field")}
    assert fields["customfield_10010"]["name"] == "Support Team"
    assert fields["customfield_10010"]["schema"]["custom"].endswith(":select")
    assert fields["customfield_10011"]["schema"] == {
        "type": "user",
        "custom": "com.atlassian.jira.plugin.system.customfieldtypes:userpicker",
        "customId": 10011,
    }
    assert fields["summary"]["schema"] == {"type": "string", "system": "summary"}
    assert fields["labels"]["schema"]["items"] == "string"
    assert fields["customfield_10028"]["scope"]["project"]["id"] == "10001"
    assert "schema" not in fields["issuekey"]


def test_projects_are_those_that_the_caller_may_see(jira):
    page = jira.get("/project/search", maxResults=2)
    assert [project["key"] for project in page["values"]] == ["HR", "OPS"]
    assert (page["total"], page["isLast"]) == (3, False)
    assert "startAt=2" in page["nextPage"]
    last = jira.get("/project/search", startAt=2, maxResults=1000)
    assert (last["maxResults"], last["isLast"], [p["key"] for p in last["values"]]) == (100, True, ["SUP"])
    jira.world("project", key="OPS", readable=False)
    jira.world("project", key="HR", archived=True)
    assert [p["key"] for p in jira.get("/project/search")["values"]] == ["SUP"]
    assert [p["key"] for p in jira.get("/project/search", status="archived")["values"]] == ["HR"]
    assert jira.get("/project/search", keys="OPS")["values"] == []


def test_permitted_projects_are_those_where_the_caller_has_the_permission(jira):
    found = jira.post("/permissions/project", {"permissions": ["BROWSE_PROJECTS"]})["projects"]
    assert found == [{"id": 10000, "key": "SUP"}, {"id": 10001, "key": "OPS"}, {"id": 10002, "key": "HR"}]
    jira.world("project", key="OPS", readable=False)
    found = jira.post("/permissions/project", {"permissions": ["BROWSE_PROJECTS"]})["projects"]
    assert [project["key"] for project in found] == ["SUP", "HR"]
    assert jira.post("/permissions/project", {"permissions": ["DELETE_ISSUES"]}) == {"projects": []}


@pytest.mark.parametrize("wanted", [[], ["FLY"]])
def test_a_permission_that_there_is_not_is_refused(jira, wanted):
    assert jira.refusal("POST", "/permissions/project", {"permissions": wanted})
    assert jira.refusal("GET", "/mypermissions", permissions=",".join(wanted))
    assert jira.refusal("POST", "/permissions/check", {"projectPermissions": [{"permissions": wanted}]})
    assert jira.refusal("POST", "/permissions/check", {"globalPermissions": ["FLY"]})


def test_a_check_answers_for_what_there_is_and_leaves_out_the_rest(jira):
    first, second = jira.ids("project = SUP order by id")[:2]
    jira.world("hide", ids=[second])
    body = {
        "globalPermissions": ["ADMINISTER", "USER_PICKER"],
        "projectPermissions": [
            {"permissions": ["BROWSE_PROJECTS", "DELETE_ISSUES"], "projects": [10000, 1], "issues": [first, second, 1]}
        ],
    }
    assert jira.post("/permissions/check", body) == {
        "globalPermissions": ["USER_PICKER"],
        "projectPermissions": [
            {"permission": "BROWSE_PROJECTS", "projects": [10000], "issues": [first]},
            {"permission": "DELETE_ISSUES", "projects": [], "issues": []},
        ],
    }
    assert jira.ask("POST", "/permissions/check", {"accountId": "somebody"}).status_code == 403
    many = {"projectPermissions": [{"permissions": ["BROWSE_PROJECTS"], "issues": list(range(1001))}]}
    assert jira.refusal("POST", "/permissions/check", many)


def test_my_permissions_say_yes_or_no_for_each(jira):
    shown = jira.get("/mypermissions", permissions="BROWSE_PROJECTS,ADMINISTER,DELETE_ISSUES", projectKey="SUP")
    have = {key: one["havePermission"] for key, one in shown["permissions"].items()}
    assert have == {"BROWSE_PROJECTS": True, "ADMINISTER": False, "DELETE_ISSUES": False}
    for query in ({"projectKey": "NOPE"}, {"projectId": "1"}, {"issueKey": "SUP-9999"}):
        assert jira.ask("GET", "/mypermissions", params={"permissions": "BROWSE_PROJECTS", **query}).status_code == 404
