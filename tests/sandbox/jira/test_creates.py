"""Creating issues: what is asked for, what is refused, and that nothing is half done."""

from __future__ import annotations

import httpx
import pytest

from airflow_provider_jira.sandbox.jira.catalog import ROBOT_ID
from airflow_provider_jira.sandbox.jira.server import create_app
from airflow_provider_jira.sandbox.process import serve_in_thread

DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}
BUG = {"project": {"key": "SUP"}, "issuetype": {"name": "Bug"}, "summary": "new"}


def create(jira, fields=BUG, **more):
    answer = jira.ask("POST", "/issue", {"fields": fields, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def errors(jira, fields, status=400, **more):
    before = jira.truth()
    answer = jira.ask("POST", "/issue", {"fields": fields, **more})
    assert answer.status_code == status, answer.text
    assert jira.truth() == before
    return answer.json()["errors"]


def test_a_created_issue_is_what_was_asked_for_and_its_properties_came_with_it(jira):
    fields = {
        **BUG,
        "description": DOCUMENT,
        "priority": {"name": "High"},
        "labels": ["esm-1"],
        "customfield_10010": {"value": "Network"},
        "environment": DOCUMENT,
    }
    made = create(jira, fields, properties=[{"key": "k", "value": {"mark": "m"}}])
    shown = jira.get(f"/issue/{made['id']}", fields="*all", properties="k,other")
    assert (shown["key"], shown["properties"]) == (made["key"], {"k": {"mark": "m"}})
    values = shown["fields"]
    assert values["description"] == values["environment"] == DOCUMENT
    assert (values["priority"]["name"], values["labels"]) == ("High", ["esm-1"])
    assert values["customfield_10010"]["value"] == "Network"
    assert values["status"]["name"] == "Open"
    assert values["created"] == values["updated"]
    assert values["reporter"]["accountId"] == values["creator"]["accountId"] == ROBOT_ID
    assert jira.truth()[int(made["id"])]["properties"] == {"k": {"mark": "m"}}


def test_the_same_request_twice_makes_two_issues(jira):
    first, second = create(jira), create(jira)
    assert int(second["key"].rpartition("-")[2]) == int(first["key"].rpartition("-")[2]) + 1
    assert int(second["id"]) == int(first["id"]) + 1


def test_a_number_is_never_given_out_again(jira):
    before = jira.truth()
    number = int(create(jira)["key"].rpartition("-")[2])
    assert number == 1 + sum(row["project"] == "SUP" for row in before.values())
    assert len(jira.truth()) == len(before) + 1
    jira.world("delete", jql=f"key = SUP-{number}")
    assert create(jira)["key"] == f"SUP-{number + 1}"
    other = create(jira, {**BUG, "project": {"id": "10002"}})
    assert other["key"] == f"HR-{1 + sum(row['project'] == 'HR' for row in jira.truth().values()) - 1}"


@pytest.mark.parametrize("counts", [False, True])
def test_a_refused_create_leaves_a_gap_only_where_the_switch_says_so(open_jira, counts):
    jira = open_jira(refused_creates_count=counts)
    number = int(create(jira)["key"].rpartition("-")[2])
    errors(jira, {**BUG, "summary": ""})
    assert create(jira)["key"] == f"SUP-{number + 1 + counts}"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("summary", None, "You must specify a summary of the issue."),
        ("project", {"key": "NOPE"}, "Specify a valid project ID or key"),
        ("project", {"key": "sup"}, "Specify a valid project ID or key"),
        ("project", "SUP", "Specify a valid project ID or key"),
        ("issuetype", {"name": "Nothing"}, "Specify a valid issue type"),
        ("issuetype", None, "Specify a valid issue type"),
        ("parent", {"key": "SUP-1"}, "cannot be set. It is not on the appropriate screen, or unknown."),
        ("status", {"name": "Done"}, "Field 'status' cannot be set. It is not on the appropriate screen, or unknown."),
        ("resolution", {"name": "Done"}, "not on the appropriate screen"),
        ("customfield_10016", "2026-10-15T10:00:00.000+0200", "not on the appropriate screen"),
        ("customfield_10028", {"value": "Major"}, "not on the appropriate screen"),
        ("customfield_10012", None, None),
        ("nothing", 1, "Field 'nothing' cannot be set. It is not on the appropriate screen, or unknown."),
        ("description", "text", "Operation value must be an Atlassian Document"),
        ("environment", "text", "Operation value must be an Atlassian Document"),
        ("customfield_10013", "text", "Operation value must be an Atlassian Document"),
        ("labels", ["two words"], "spaces"),
        ("reporter", {"accountId": "nobody"}, "accountId"),
    ],
)
def test_what_a_field_does_not_take_is_said_beside_it_and_nothing_is_made(jira, field, value, message):
    if message is None:
        assert create(jira, {**BUG, field: value})
    else:
        assert message in errors(jira, {**BUG, field: value})[field]


def test_all_that_is_wrong_is_said_at_once(jira):
    found = errors(jira, {"project": {"key": "OPS"}, "issuetype": {"id": "10007"}, "nothing": 1, "description": "x"})
    assert set(found) == {"summary", "parent", "customfield_10028", "nothing", "description"}
    assert found["customfield_10028"] == "Severity is required."


def test_a_sub_task_needs_a_parent_in_its_own_project(jira):
    truth = jira.truth().values()
    parent = next(row for row in truth if row["project"] == "SUP" and row["issuetype"] == "Task")
    other = next(row for row in truth if row["project"] == "HR")
    task = {**BUG, "issuetype": {"name": "Sub-task"}}
    made = create(jira, {**task, "parent": {"key": parent["key"]}})
    assert jira.truth()[int(made["id"])]["parent"] == parent["id"]
    assert "parent" in errors(jira, task)
    for wrong in ({"id": other["id"]}, {"key": "SUP-9999"}, {"id": made["id"]}, "SUP-1"):
        assert "parent" in errors(jira, {**task, "parent": wrong})
    assert jira.refusal("PUT", f"/issue/{made['id']}", {"update": {"parent": [{"set": {"none": True}}]}})


def test_a_field_stands_in_one_part_of_the_body_only(jira):
    found = errors(jira, {**BUG, "labels": ["a"]}, update={"labels": [{"add": "b"}]})
    assert "both" in found["labels"]
    made = create(jira, update={"labels": [{"add": "b"}, {"add": "a"}], "components": [{"add": {"name": "Portal"}}]})
    row = jira.truth()[int(made["id"])]
    assert (row["labels"], row["components"]) == (["a", "b"], ["Portal"])


@pytest.mark.parametrize(
    "bad", [{"key": "", "value": 1}, {"key": "k" * 256, "value": 1}, {"key": "k", "value": "x" * 32_767}]
)
def test_a_property_that_cannot_be_refuses_the_whole_issue(jira, bad):
    before = jira.truth()
    assert jira.refusal("POST", "/issue", {"fields": BUG, "properties": [{"key": "good", "value": 1}, bad]})
    assert jira.truth() == before


@pytest.mark.parametrize("status", [400, 403])
def test_who_may_not_create_is_told_so(open_jira, status):
    jira = open_jira(denied_in={"SUP": ("CREATE_ISSUES",)}, create_forbidden=status)
    assert "permission" in errors(jira, BUG, status)["project"]
    assert jira.get("/issue/createmeta/SUP/issuetypes")["issueTypes"] == []
    assert create(jira, {**BUG, "project": {"key": "HR"}})
    held = jira.get("/mypermissions", permissions="CREATE_ISSUES", projectKey="SUP")["permissions"]
    assert held["CREATE_ISSUES"]["havePermission"] is False
    assert jira.get("/mypermissions", permissions="CREATE_ISSUES")["permissions"]["CREATE_ISSUES"]["havePermission"]


@pytest.mark.parametrize(("field", "permission"), [("reporter", "MODIFY_REPORTER"), ("assignee", "ASSIGN_ISSUES")])
def test_a_person_is_set_only_by_who_may(open_jira, field, permission):
    jira = open_jira(denied_permissions=(permission,))
    message = errors(jira, {**BUG, field: {"accountId": ROBOT_ID}})[field]
    assert "not on the appropriate screen" in message
    made = create(jira)["id"]
    assert jira.refusal("PUT", f"/issue/{made}", {"fields": {field: {"accountId": ROBOT_ID}}}) == [message]
    assert field not in jira.get(f"/issue/{made}/editmeta")["fields"]


def test_a_created_issue_can_be_read_at_once_and_searched_only_after_the_lag(open_jira):
    jira = open_jira(index_lag=30)
    made = create(jira, {**BUG, "labels": ["esm-7"], "customfield_10012": "card 7"})
    queries = ("labels = esm-7", 'cf[10012] ~ "\\"card 7\\""', f"key = {made['key']} and created >= -1h")
    assert jira.get(f"/issue/{made['key']}")["id"] == made["id"]
    fetched = jira.post("/issue/bulkfetch", {"issueIdsOrKeys": [made["key"]], "fields": ["labels"]})["issues"]
    assert [issue["id"] for issue in fetched] == [made["id"]]
    assert [jira.ids(jql) for jql in queries] == [[]] * 3
    jira.time += 30
    assert [jira.ids(jql) for jql in queries] == [[int(made["id"])]] * 3


def test_a_property_is_not_found_by_searching_and_comes_with_what_is_found(jira):
    made = create(jira, {**BUG, "labels": ["esm-7"]}, properties=[{"key": "k", "value": {"mark": "m"}}])
    assert jira.refusal("POST", "/search/jql", {"jql": 'issue.property[k].mark = "m"'})
    for fields in (["id"], ["summary"]):
        found = jira.page("labels = esm-7", fields=fields, properties=["k", "none"])["issues"]
        assert [(issue["id"], issue["properties"]) for issue in found] == [(made["id"], {"k": {"mark": "m"}})]
    body = {"issueIdsOrKeys": [made["key"]], "fields": ["summary"], "properties": ["k"]}
    assert jira.post("/issue/bulkfetch", body)["issues"][0]["properties"] == {"k": {"mark": "m"}}
    assert "properties" not in jira.page("labels = esm-7", fields=["summary"])["issues"][0]


def test_a_create_whose_answer_is_lost_has_been_done(desk_class):
    app = create_app(6)
    with serve_in_thread(app) as served, httpx.Client(base_url=served.url, trust_env=False) as http:
        fault = {"match": {"method": "POST", "path": "/issue$"}, "drop": "after"}
        http.post("/_sandbox/faults", json=fault)
        body = {"fields": {**BUG, "labels": ["esm-9"]}, "properties": [{"key": "k", "value": {"mark": "m-9"}}]}
        login = ("robot@acme.example", "sandbox-token")
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/rest/api/3/issue", json=body, auth=login)
        rows = http.get("/_sandbox/truth/issues").json()
    app.state.site.store.close()
    assert [row["properties"] for row in rows if row["labels"] == ["esm-9"]] == [{"k": {"mark": "m-9"}}]


class TestMetadata:
    def test_the_create_screen_says_what_a_create_takes(self, jira):
        page = jira.get("/issue/createmeta/SUP/issuetypes", maxResults=3)
        assert (page["startAt"], page["maxResults"], page["total"], len(page["issueTypes"])) == (0, 3, 4, 3)
        assert "isLast" not in page
        for type_ in jira.get("/issue/createmeta/SUP/issuetypes")["issueTypes"]:
            fields = jira.get(f"/issue/createmeta/SUP/issuetypes/{type_['id']}", maxResults=5000)
            assert fields["maxResults"] == 200
            required = {f["fieldId"] for f in fields["fields"] if f["required"] and not f["hasDefaultValue"]}
            assert required == {"project", "issuetype", "summary", *(["parent"] if type_["subtask"] else [])}

    def test_what_the_metadata_allows_is_taken(self, jira):
        fields = dict(BUG)
        for field in jira.get("/issue/createmeta/SUP/issuetypes/10004", maxResults=200)["fields"]:
            allowed = field.get("allowedValues")
            if allowed and field["fieldId"] not in fields:
                one = {"id": allowed[-1]["id"]}
                if "children" in allowed[-1]:
                    one["child"] = {"id": allowed[-1]["children"][0]["id"]}
                fields[field["fieldId"]] = [one] if field["schema"]["type"] == "array" else one
        assert {"priority", "components", "fixVersions", "customfield_10018", "customfield_10024"} <= set(fields)
        id_ = int(create(jira, fields)["id"])
        row = jira.truth()[id_]
        assert (row["priority"], row["components"]) == ("Lowest", ["Network"])
        assert row["custom"]["Location"] == "Germany / Köln"

    def test_a_field_of_a_team_managed_project_is_on_its_screens_only(self, jira):
        for project, there in (("SUP", False), ("OPS", True)):
            page = jira.get(f"/issue/createmeta/{project}/issuetypes/10004", maxResults=200)
            assert ("customfield_10028" in {field["fieldId"] for field in page["fields"]}) is there

    def test_what_is_required_besides_is_a_switch(self, open_jira):
        jira = open_jira(required_on_create={"SUP": ("customfield_10012", "duedate")})
        assert set(errors(jira, BUG)) == {"customfield_10012", "duedate"}
        assert create(jira, {**BUG, "customfield_10012": "x", "duedate": "2026-12-01"})

    def test_the_edit_screen_knows_more_and_nothing_of_who_may_not_edit(self, open_jira):
        jira = open_jira()
        id_ = jira.ids("project = SUP")[0]
        fields = jira.get(f"/issue/{id_}/editmeta")["fields"]
        assert {"summary", "comment", "customfield_10016"} <= set(fields)
        assert not {"resolution", "status", "project"} & set(fields)
        assert fields["labels"]["operations"] == ["add", "set", "remove"]
        jira.turn(resolution_editable=True)
        assert "resolution" in jira.get(f"/issue/{id_}/editmeta")["fields"]
        assert jira.ask("PUT", f"/issue/{id_}", {"fields": {"resolution": {"name": "Fixed"}}}).status_code == 204
        assert jira.truth()[id_]["resolution"] == "Fixed"
        jira.turn(denied_permissions=["EDIT_ISSUES"])
        assert jira.get(f"/issue/{id_}/editmeta")["fields"] == {}
        assert "permission" in jira.refusal("PUT", f"/issue/{id_}", {"fields": {"summary": "x"}})[0]
