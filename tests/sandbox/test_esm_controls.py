"""The sandbox ESM's controls, users and their rights, and its process."""

from __future__ import annotations

import httpx
import pytest

from airflow_provider_jira.sandbox.esm.server import create_app
from airflow_provider_jira.sandbox.process import start_server


def test_cards_are_set_past_every_rule(esm):
    new = {"template": "account", "values": {"displayName": ["no id"]}}
    made = esm.control("POST", "world/card", new)["dataCardId"]
    find = {"template": "account", "find": {"displayName": "no id"}}
    assert esm.control("POST", "world/card", {**find, "hidden": True, "values": {"email": ["x"]}})["dataCardId"] == made
    copy = esm.control("POST", "world/card", {**find, "duplicate": True, "deleted": True})["dataCardId"]
    assert esm.rest("GET", f"/dc/account/data/{copy}").json()["name"] == "no id"
    values = {"displayName": ["no id"], "email": ["x"]}
    assert esm.truth("account") == [
        {"dataCardId": made, "folderCode": "accounts", "hidden": True, "deleted": False, "values": values},
        {"dataCardId": copy, "folderCode": "accounts", "hidden": False, "deleted": True, "values": values},
    ]
    esm.control("POST", "world/card", {"template": "account", "dataCardId": made, "destroy": True})
    assert [card["dataCardId"] for card in esm.truth("account")] == [copy]
    esm.control("DELETE", "world/cards")
    assert esm.truth("account") == []


def test_cards_set_directly_look_as_if_written_by_the_api(esm):
    account = esm.make({"accountId": "a1", "displayName": "Aino"}, "account", "accounts")
    values = {
        "jiraId": ["1"],
        "storyPoints": ["2.5"],
        "due": ["2026-03-24"],
        "created": ["2026-03-24T10:57:00Z"],
        "recordStatus": ["1 - Active"],
        "comments": ["hello"],
    }
    body = {"template": "jira_issue", "values": {**values, "assignee": [account]}}
    card = esm.control("POST", "world/card", body)["dataCardId"]
    assert esm.truth()[0]["values"] == {**values, "assignee": ["Aino"]}
    assert esm.truth()[0]["references"] == {"assignee": [account]}
    data = esm.rest("GET", f"/dc/jira_issue/data/{card}").json()["data"]
    assert data["storyPoints"]["values"] == [{"value": 2.5}]
    assert data["recordStatus"]["values"] == [{"value": "1 - Active", "code": "active"}]
    assert esm.listed("$due$ = '2026-03-24' and $storyPoints$ > 2") == [card]


@pytest.mark.parametrize(
    "body",
    [
        {"template": "nope"},
        {"template": "jira_issue", "dataCardId": "1"},
        {"template": "jira_issue", "find": {"jiraId": "1"}},
        {"template": "jira_issue", "values": {"nope": ["1"]}},
        {"template": "jira_issue", "nope": 1},
        {},
    ],
)
def test_a_control_that_cannot_be_followed_says_so_and_changes_nothing(esm, body):
    answer = esm.http.post("/_sandbox/world/card", json=body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert esm.truth() == []


def test_somebody_else_writes_into_a_worklog(esm):
    card = esm.make({"subject": "x"}, "incident", "incident_management")
    entry = {"template": "incident", "dataCardId": card, "attribute": "comments"}
    esm.control("POST", "world/entry", {**entry, "text": "first", "author": "Aino", "at": "2023-01-02T03:04:05Z"})
    esm.rest("POST", f"/dc/incident/data/{card}/comments", {"values": [{"value": "second"}]})
    assert esm.control("POST", "world/entry", {**entry, "text": "third\nline"}) == {"entries": 3}
    now = "2023-11-14T22:13:20Z"
    assert esm.truth("incident")[0]["worklogs"] == {
        "comments": [
            {"author": "Aino", "text": "first", "date": "2023-01-02T03:04:05Z"},
            {"author": "webapi", "text": "second", "date": now},
            {"author": "Eeva Esimerkki", "text": "third\nline", "date": now},
        ]
    }
    shown = esm.rest("GET", f"/dc/incident/data/{card}/comments").json()["values"]
    assert shown[-1] == {"author": "Aino", "value": "first", "date": "2023-01-02T03:04:05Z"}


@pytest.mark.parametrize(
    "wrong", [{"dataCardId": "1"}, {"attribute": "subject"}, {"attribute": "nope"}, {"at": "soon"}]
)
def test_an_entry_that_cannot_be_written_is_refused(esm, wrong):
    card = esm.make({"subject": "x"}, "incident", "incident_management")
    entry = {"template": "incident", "dataCardId": card, "attribute": "comments", "text": "x"}
    assert esm.http.post("/_sandbox/world/entry", json={**entry, **wrong}).status_code == 400
    assert "worklogs" not in esm.truth("incident")[0]


def test_an_incident_has_an_id_of_its_own_by_whatever_way_it_was_made(esm):
    by_rest = esm.make({"subject": "x"}, "incident", "incident_management")
    by_hand = esm.control("POST", "world/card", {"template": "incident", "values": {}})["dataCardId"]
    named = esm.control("POST", "world/card", {"template": "incident", "values": {"incidentId": ["INC-1"]}})[
        "dataCardId"
    ]
    assert {card["dataCardId"]: card["values"]["incidentId"] for card in esm.truth("incident")} == {
        by_rest: [f"INC-{by_rest}"],
        by_hand: [f"INC-{by_hand}"],
        named: ["INC-1"],
    }


def test_templates_and_folders_are_replaced_while_running(esm):
    esm.control("PUT", "folders/devices", {"name": "Devices"})
    template = {
        "code": "device",
        "name": "Device",
        "id": 7,
        "primary": "serial",
        "folders": ["devices"],
        "attributes": [{"code": "serial", "unique": True, "max_length": 3}],
    }
    esm.control("PUT", "templates/device", template)
    assert esm.http.put("/_sandbox/templates/other", json=template).status_code == 400
    esm.make({"serial": "abc"}, "device", "devices")
    body = {"folderCode": "devices", "data": {"serial": {"values": [{"value": "abcd"}]}}}
    answer = esm.rest("POST", "/dc/device/data", body)
    assert "longer than 3" in answer.json()["meta"]["errors"][0]["message"]


def test_the_clock_and_the_tokens_can_be_turned(esm):
    headers = {"Authorization": esm.log_in().json()["token"]}
    assert esm.control("POST", "clock", {"advance": 900})["now"] == "2023-11-14T22:28:20Z"
    assert esm.http.get("/rest-api/itsm/v1/dc", headers=headers).status_code == 401
    headers = {"Authorization": esm.log_in().json()["token"]}
    assert esm.http.get("/rest-api/itsm/v1/dc", headers=headers).status_code == 200
    esm.control("DELETE", "tokens")
    assert esm.http.get("/rest-api/itsm/v1/dc", headers=headers).status_code == 401


def test_requests_are_logged_and_faults_happen(esm):
    esm.control("POST", "faults", {"match": {"path": "/dc$"}, "status": 503})
    assert [esm.rest("GET", "/dc").status_code for _ in range(2)] == [503, 200]
    rows = esm.control("GET", "requests")["requests"]
    assert [(row["method"], row["path"].removeprefix("/rest-api/itsm/v1"), row["status"]) for row in rows] == [
        ("POST", "/users/login", 200),
        ("GET", "/dc", 503),
        ("POST", "/users/login", 200),
        ("GET", "/dc", 200),
    ]


def test_a_hidden_attribute_looks_empty_and_cannot_be_written(esm, esm_data):
    card = esm.make({"jiraId": "1", "status": "secret"})
    esm.control("PATCH", "users/webapi", {"hidden_attributes": {"jira_issue": ["status"]}})
    path = f"/dc/jira_issue/data/{card}"
    assert esm.values(card, "status") == []
    assert esm.rest("GET", path).json()["data"]["status"] == {"name": "Status", "type": "string", "values": []}
    body = {"dataCardId": card, "data": esm_data({"status": "x"})}
    (error,) = esm.rest("PATCH", path, body).json()["meta"]["errors"]
    assert (error["attributeCode"], error["error"]) == ("status", "Forbidden")
    assert esm.rest("DELETE", f"{path}/status").status_code == 403
    assert esm.listed("$status$ = 'secret'") == []
    assert esm.listed("$status$ is null") == [card]
    entity = esm.search("SELECT entity FROM entity WHERE $jiraId$ = '1'")[0]
    assert entity.find("attribute[@code='status']") is None
    assert esm.counts({"jiraId": "1", "status": "x"}) == (0, 0)
    assert esm.truth()[0]["values"]["status"] == ["secret"]


def test_a_read_only_attribute_is_seen_and_not_written(esm):
    card = esm.make({"status": "x"})
    esm.control("PATCH", "users/webapi", {"read_only_attributes": {"jira_issue": ["status"]}})
    assert esm.values(card, "status") == ["x"]
    assert esm.rest("DELETE", f"/dc/jira_issue/data/{card}/status").status_code == 403


def test_a_folder_that_may_only_be_read(esm, esm_data):
    card = esm.make({"jiraId": "1"})
    esm.control("PATCH", "users/webapi", {"folders": {"jira_issues": "read"}})
    path = f"/dc/jira_issue/data/{card}"
    create = {"folderCode": "jira_issues", "data": esm_data({"jiraId": "2"})}
    modify = {"dataCardId": card, "data": esm_data({"status": "x"})}
    assert esm.rest("GET", path).status_code == 200
    assert esm.rest("POST", "/dc/jira_issue/data", create).status_code == 403
    assert esm.rest("PATCH", path, modify).status_code == 403
    assert esm.rest("DELETE", path).status_code == 403
    assert esm.rest("DELETE", f"{path}/status").status_code == 403
    items = esm.rest("PUT", "/dc/jira_issue/data", [create, modify]).json()["data"]
    assert [item["errors"][0]["error"] for item in items] == ["Forbidden", "Forbidden"]
    assert esm.counts({"jiraId": "1"}, {"jiraId": "3"}) == (0, 0)
    assert [card["values"] for card in esm.truth()] == [{"jiraId": ["1"]}]


def test_a_folder_or_template_that_may_not_be_read_is_not_there(esm):
    card = esm.make({"jiraId": "1"})
    esm.control("PATCH", "users/webapi", {"folders": {"jira_issues": "none"}})
    assert esm.listed() == []
    assert esm.rest("GET", f"/dc/jira_issue/data/{card}").status_code == 404
    assert esm.search("SELECT entity FROM entity").tag == "result"
    assert esm.rest("GET", "/dc/jira_issue").json()["allowedFolders"] == []
    esm.control("PATCH", "users/webapi", {"folders": {}, "hidden_templates": ["jira_issue"]})
    assert "jira_issue" not in [row["templateCode"] for row in esm.rest("GET", "/dc").json()]
    assert esm.rest("GET", "/dc/jira_issue").status_code == 404
    assert esm.search("SELECT entity FROM entity").tag == "result"


def test_passwords_and_roles_change(esm):
    headers = {"Authorization": esm.log_in().json()["token"]}
    esm.control("PATCH", "users/webapi", {"rest": False})
    assert esm.http.get("/rest-api/itsm/v1/dc", headers=headers).status_code == 401
    assert esm.log_in().status_code == 401
    esm.control("PATCH", "users/second", {"password": "other"})
    esm.auth = ("second", "other")
    assert esm.log_in().status_code == 200
    assert esm.http.patch("/_sandbox/users/second", json={"nope": 1}).status_code == 400


def test_cards_in_a_file_outlive_the_server(open_esm, tmp_path):
    path = str(tmp_path / "esm.sqlite")
    for expected in (1, 2):
        app = create_app(path)
        world = app.state.world
        world.cards.put(world.cards.add("jira_issue", "jira_issues"), "jiraId", [])
        assert world.cards.count("1", []) == expected
        world.cards.close()


def test_the_command_line_starts_it():
    with start_server("esm", "--token-seconds", "60") as server:
        assert httpx.get(f"{server.url}/rest-api/itsm/v1/echo?message=up").json()["message"] == "up"
        assert httpx.get(f"{server.url}/_sandbox/switches").json()["token_seconds"] == 60
