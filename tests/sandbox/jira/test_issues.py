"""Issues by id: fetched in bulk or one by one, edited, commented."""

from __future__ import annotations

import pytest

SUP = "project = SUP order by id"
DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}


def fetch(jira, ids, **body):
    return jira.post("/issue/bulkfetch", {"issueIdsOrKeys": [str(id_) for id_ in ids], **body})


def test_a_bulk_fetch_answers_ascending_whatever_the_order_asked(jira):
    ids = jira.ids(SUP)[:5]
    found = fetch(jira, reversed(ids), fields=["summary"])["issues"]
    assert [int(issue["id"]) for issue in found] == ids
    assert all(set(issue["fields"]) == {"summary"} for issue in found)


def test_what_is_absent_or_not_visible_is_left_out_without_a_word(jira):
    ids = jira.ids(SUP)
    jira.world("hide", ids=ids[:1])
    jira.world("delete", count=1, jql=f"id = {ids[1]}")
    jira.world("project", key="OPS", readable=False)
    ops = next(id_ for id_, row in jira.truth().items() if row["project"] == "OPS")
    answer = fetch(jira, [*ids[:3], ops, 999_999, "NOPE-1", 10**20], fields=["summary"])
    assert [int(issue["id"]) for issue in answer["issues"]] == [ids[2]]
    assert answer["issueErrors"] == []


def test_keys_are_taken_in_any_case_and_from_before_a_move(jira):
    first, second = jira.ids(SUP)[:2]
    before = jira.truth()[first]["key"]
    after = jira.world("move", ids=[first], project="OPS")["keys"][str(first)]
    answer = fetch(jira, [before.lower(), jira.truth()[second]["key"].lower()], fields=["project"])
    assert [issue["key"] for issue in answer["issues"]] == [after, jira.truth()[second]["key"]]
    assert answer["issues"][0]["fields"]["project"]["key"] == "OPS"
    assert jira.get(f"/issue/{before}")["key"] == after


@pytest.mark.parametrize(
    ("newer", "count", "more", "taken"),
    [
        (False, 100, {"fields": ["summary"]}, True),
        (False, 101, {"fields": ["summary"]}, False),
        (False, 0, {}, False),
        (True, 101, {"fields": ["summary"]}, True),
        (True, 1001, {"fields": ["summary"]}, False),
        (True, 101, {}, False),
        (True, 101, {"fields": ["*all"]}, False),
        (True, 101, {"fields": ["-summary"]}, False),
        (True, 101, {"fields": ["summary", "comment"]}, False),
        (True, 101, {"fields": ["summary"], "expand": ["changelog"]}, False),
        (True, 100, {"fields": ["*all"]}, True),
    ],
)
def test_a_bulk_fetch_takes_a_hundred_and_on_newer_sites_more_under_conditions(open_jira, newer, count, more, taken):
    jira = open_jira(bulkfetch_max=1000 if newer else 100)
    body = {"issueIdsOrKeys": [str(n) for n in range(count)], **more}
    assert (jira.ask("POST", "/issue/bulkfetch", body).status_code == 200) is taken


@pytest.mark.parametrize("body", [{}, {"issueIdsOrKeys": [1]}, {"issueIdsOrKeys": ["1"], "expand": "names"}])
def test_a_body_that_the_schema_does_not_have_is_refused(jira, body):
    assert jira.refusal("POST", "/issue/bulkfetch", body)


def test_issues_that_fail_to_load_are_errors_for_a_while(jira):
    first, second = jira.ids(SUP)[:2]
    jira.turn(failed_fetches={str(first): 2})
    for _ in range(2):
        answer = fetch(jira, [first, second], fields=["summary"])
        assert [issue["id"] for issue in answer["issues"]] == [str(second)]
        assert [error["id"] for error in answer["issueErrors"]] == [str(first)]
    assert len(fetch(jira, [first, second], fields=["summary"])["issues"]) == 2


@pytest.mark.parametrize(
    ("fields", "has", "lacks"),
    [
        (["*all"], {"summary", "comment", "customfield_10010"}, {"issuekey"}),
        (["*navigable"], {"summary", "customfield_10010"}, {"comment"}),
        (["*all", "-summary"], {"comment"}, {"summary"}),
        (["-summary"], {"status", "customfield_10010"}, {"summary", "comment"}),
        (["summary,status"], {"summary", "status"}, {"project"}),
        (["summary", "no_such_field"], {"summary"}, {"no_such_field"}),
    ],
)
def test_fields_are_chosen_as_jira_chooses(jira, fields, has, lacks):
    id_ = jira.ids(SUP)[0]
    shown = set(fetch(jira, [id_], fields=fields)["issues"][0]["fields"])
    assert has <= shown
    assert not lacks & shown
    assert set(jira.get(f"/issue/{id_}", fields=",".join(fields))["fields"]) == shown


def test_a_field_of_a_team_managed_project_is_on_its_issues_only(jira):
    truth = jira.truth()
    for project, present in (("OPS", True), ("SUP", False)):
        id_ = next(id_ for id_, row in truth.items() if row["project"] == project)
        assert ("customfield_10028" in jira.get(f"/issue/{id_}")["fields"]) is present


def test_an_issue_that_cannot_be_seen_is_not_found(jira):
    id_ = jira.ids(SUP)[0]
    jira.world("hide", ids=[id_])
    for path in (f"/issue/{id_}", "/issue/NOPE-1", "/issue/1", f"/issue/{id_}/comment"):
        assert jira.ask("GET", path).status_code == 404
    jira.world("hide", ids=[id_], on=False)
    assert jira.get(f"/issue/{id_}")


EDITS = [
    ("summary", "new", "new"),
    ("description", DOCUMENT, DOCUMENT),
    ("description", None, None),
    ("duedate", "2026-10-15", "2026-10-15"),
    ("labels", ["b", "a"], ["a", "b"]),
    ("customfield_10012", "abc", "abc"),
    ("customfield_10013", DOCUMENT, DOCUMENT),
    ("customfield_10014", 3.5, 3.5),
    ("customfield_10015", "2026-10-15", "2026-10-15"),
    ("customfield_10016", "2026-10-15T10:00:00.000+0200", "2026-10-15T11:00:00.000+0300"),
    ("customfield_10022", "https://a.example", "https://a.example"),
    ("customfield_10023", ["x"], ["x"]),
    ("customfield_10010", None, None),
    ("environment", DOCUMENT, DOCUMENT),
    (
        "timetracking",
        {"originalEstimate": "1d 4h", "remainingEstimate": "30m"},
        {
            "originalEstimate": "1d 4h",
            "originalEstimateSeconds": 43200,
            "remainingEstimate": "30m",
            "remainingEstimateSeconds": 1800,
        },
    ),
]


@pytest.mark.parametrize(("field", "value", "shown"), EDITS)
def test_an_edit_is_taken_and_shown(jira, field, value, shown):
    id_ = jira.ids(SUP)[0]
    answer = jira.ask("PUT", f"/issue/{id_}", {"fields": {field: value}})
    assert (answer.status_code, answer.content) == (204, b"")
    fields = jira.get(f"/issue/{id_}")["fields"]
    assert fields[field] == shown
    assert fields["updated"] == "2026-05-28T23:26:40.000+0300"


OBJECTS = [
    ("priority", {"name": "High"}, "name", "High"),
    ("priority", {"id": "5"}, "name", "Lowest"),
    ("customfield_10010", {"value": "Network"}, "value", "Network"),
    ("customfield_10010", {"id": "10500"}, "value", "First line"),
    ("customfield_10018", {"value": "Germany", "child": {"value": "Ulm"}}, "value", "Germany"),
    ("customfield_10018", {"value": "Germany"}, "value", "Germany"),
    ("customfield_10021", {"name": "sup-agents"}, "name", "sup-agents"),
    ("customfield_10024", {"name": "2026.1"}, "name", "2026.1"),
    ("customfield_10029", {"value": "Premium"}, "value", "Premium"),
]


@pytest.mark.parametrize(("field", "value", "key", "shown"), OBJECTS)
def test_a_choice_is_taken_by_its_id_or_name(jira, field, value, key, shown):
    id_ = jira.ids(SUP)[0]
    edited = jira.ask("PUT", f"/issue/{id_}?returnIssue=true", {"fields": {field: value}})
    assert edited.status_code == 200
    assert edited.json()["fields"][field][key] == shown
    assert edited.json()["fields"][field].get("child", {}).get("value") == value.get("child", {}).get("value")


def test_people_sprints_epics_and_lists_are_taken(jira):
    id_, epic = jira.ids(SUP)[:2]
    person = jira.get("/myself")["accountId"]
    fields = {
        "assignee": {"accountId": person},
        "reporter": {"id": person},
        "components": [{"name": "Portal"}],
        "fixVersions": [{"id": "10401"}],
        "customfield_10011": {"accountId": person},
        "customfield_10017": [{"value": "VPN"}, {"id": "10522"}],
        "customfield_10019": [{"accountId": person}],
        "customfield_10020": 3,
        "customfield_10030": [{"id": "10591"}],
        "customfield_10031": [{"name": "sup-leads"}],
        "customfield_10025": jira.truth()[epic]["key"],
    }
    assert jira.ask("PUT", f"/issue/{id_}", {"fields": fields}).status_code == 204
    shown = jira.get(f"/issue/{id_}")["fields"]
    assert {shown[name]["accountId"] for name in ("assignee", "reporter", "customfield_10011")} == {person}
    assert [one["name"] for one in shown["components"] + shown["fixVersions"]] == ["Portal", "2026.2"]
    assert [one["value"] for one in shown["customfield_10017"]] == ["VPN", "Payroll"]
    assert [one["id"] for one in shown["customfield_10020"]] == [3]
    assert [one["value"] for one in shown["customfield_10030"]] == ["Chat"]
    assert [one["name"] for one in shown["customfield_10031"]] == ["sup-leads"]
    assert jira.truth()[id_]["custom"]["Informed groups"] == ["sup-leads"]
    assert jira.ids('cf[10031] = "sup-leads"') == [id_]
    assert shown["customfield_10025"] == jira.truth()[epic]["key"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("status", {"name": "Done"}, "not on the appropriate screen"),
        ("resolution", {"name": "Done"}, "not on the appropriate screen"),
        ("customfield_10028", {"value": "Major"}, "not on the appropriate screen"),
        ("no_such_field", 1, "not on the appropriate screen"),
        ("summary", "", "summary"),
        ("summary", "a\nb", "newline"),
        ("description", "text", "Atlassian Document"),
        ("description", {"type": "doc", "content": [{"type": "text", "text": ""}]}, "INVALID_INPUT"),
        ("customfield_10013", "text", "Atlassian Document"),
        ("customfield_10012", "x" * 256, "255"),
        ("customfield_10014", "3", "number"),
        ("customfield_10015", "15.10.2026", "yyyy-MM-dd"),
        ("customfield_10016", "2026-10-15", "yyyy-MM-dd'T'"),
        ("customfield_10020", [3], "sprint"),
        ("customfield_10025", "NOPE-1", "epic"),
        ("customfield_10022", "www", "URL"),
        ("customfield_10031", [{"name": "nobody"}], "'groupId' or 'name'"),
        ("timetracking", {"originalEstimate": "soon"}, "originalEstimate"),
        ("timetracking", {"spent": "1h"}, "originalEstimate"),
        ("labels", ["x" * 256], "too long"),
        ("customfield_10010", {"value": "Nobody"}, "'id' or 'value'"),
        ("customfield_10017", "VPN", "array"),
        ("labels", ["two words"], "spaces"),
        ("assignee", {"accountId": "nobody"}, "accountId"),
    ],
)
def test_a_value_that_the_field_does_not_take_is_refused_and_nothing_changes(jira, field, value, message):
    id_ = jira.ids(SUP)[0]
    before = jira.truth()
    answer = jira.ask("PUT", f"/issue/{id_}", {"fields": {"duedate": "2030-01-01", field: value}})
    assert answer.status_code == 400
    assert message in answer.json()["errors"][field]
    assert jira.truth() == before


def test_operations_change_a_list_without_replacing_it(jira):
    id_ = jira.ids(SUP)[0]
    jira.world("issues", id=id_, fields={"labels": ["keep", "drop"]})
    update = {"labels": [{"add": "new"}, {"remove": "drop"}], "summary": [{"set": "s"}]}
    assert jira.ask("PUT", f"/issue/{id_}", {"update": update}).status_code == 204
    assert jira.truth()[id_]["labels"] == ["keep", "new"]
    both = {"fields": {"labels": []}, "update": {"labels": [{"add": "x"}]}}
    assert "both" in jira.refusal("PUT", f"/issue/{id_}", both)[0]
    more = {
        "customfield_10017": [{"set": [{"value": "VPN"}]}, {"add": {"value": "Payroll"}}, {"remove": {"value": "VPN"}}],
        "fixVersions": [{"set": []}, {"add": {"name": "2026.1"}}],
    }
    assert jira.ask("PUT", f"/issue/{id_}", {"update": more}).status_code == 204
    shown = jira.get(f"/issue/{id_}")["fields"]
    assert [one["value"] for one in shown["customfield_10017"]] == ["Payroll"]
    assert [one["name"] for one in shown["fixVersions"]] == ["2026.1"]
    for wrong in ([{"copy": "x"}], [{"add": "x", "remove": "y"}]):
        assert jira.refusal("PUT", f"/issue/{id_}", {"update": {"labels": wrong}})


def test_an_edit_without_notification_is_refused_to_who_is_no_admin(jira):
    id_ = jira.ids(SUP)[0]
    assert "notification" in jira.refusal("PUT", f"/issue/{id_}", {"fields": {}}, notifyUsers="false")[0]
    assert jira.ask("PUT", "/issue/1", {"fields": {}}).status_code == 404
