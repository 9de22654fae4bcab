"""The sandbox ESM's REST API, as the vendor documents it."""

from __future__ import annotations

import base64
import json

import pytest


def _claims(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_login_hands_out_the_token_in_body_and_header(esm):
    answer = esm.log_in()
    assert answer.status_code == 200
    token = answer.json()["token"]
    assert token.startswith("Bearer ")
    assert answer.headers["Authorization"] == token
    header = json.loads(base64.urlsafe_b64decode(token.removeprefix("Bearer ").split(".")[0] + "=="))
    assert header["alg"] == "HS512"
    claims = _claims(token)
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("webapi", 900)
    assert claims["iss"].endswith("/users/login")


@pytest.mark.parametrize(
    "form",
    [
        {"login": "webapi", "password": "wrong"},
        {"login": "nobody", "password": "sandbox-password"},
        {"login": "webapi"},
        {"login": "directory.user", "password": "sandbox-password"},
        {},
    ],
)
def test_a_bad_login_is_refused(esm, form):
    answer = esm.http.post("/rest-api/itsm/v1/users/login", data=form)
    assert (answer.status_code, answer.json()["code"]) == (401, 401)
    assert "Authorization" not in answer.headers


def test_a_login_must_be_a_form(esm):
    body = {"login": "webapi", "password": "sandbox-password"}
    assert esm.http.post("/rest-api/itsm/v1/users/login", json=body).status_code == 401


def test_a_token_is_good_until_its_exp_and_not_a_second_longer(esm):
    headers = {"Authorization": esm.log_in().headers["Authorization"]}
    esm.time += 899
    assert esm.http.get("/rest-api/itsm/v1/dc", headers=headers).status_code == 200
    esm.time += 1
    assert esm.http.get("/rest-api/itsm/v1/dc", headers=headers).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic d2ViYXBpOnNhbmRib3gtcGFzc3dvcmQ="])
def test_nothing_but_echo_answers_without_a_token(esm, header):
    headers = {"Authorization": header} if header else {}
    for path in ("/dc", "/dc/jira_issue", "/dc/jira_issue/data?limit=1", "/echo/jwt"):
        answer = esm.http.get(f"/rest-api/itsm/v1{path}", headers=headers)
        assert (path, answer.status_code) == (path, 401)
    answer = esm.http.get("/rest-api/itsm/v1/echo?message=hello", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (200, "hello")


def test_an_echo_with_a_token_proves_the_login(esm):
    assert esm.rest("GET", "/echo/jwt", message="hello").json()["message"] == "hello"


def test_templates_are_listed_and_described(esm):
    codes = [row["templateCode"] for row in esm.rest("GET", "/dc").json()]
    assert codes == ["jira_issue", "incident", "account", "entitlement"]
    info = esm.rest("GET", "/dc/jira_issue").json()
    assert info["allowedFolders"] == [{"folderName": "Jira issues", "folderCode": "jira_issues"}]
    assert info["attributes"]["labels"]["multiValue"] is True
    assert info["attributes"]["assignee"]["target"] == ["account"]
    assert {"code": "removed", "value": "5 - Removed"} in info["attributes"]["recordStatus"]["values"]


@pytest.mark.parametrize("secret", ["unique", "mandatory", "max_length", "time"])
def test_metadata_does_not_tell_what_esm_keeps_to_itself(esm, secret):
    for attribute in esm.rest("GET", "/dc/account").json()["attributes"].values():
        assert secret not in attribute


@pytest.mark.parametrize("path", ["/dc/nope", "/dc/nope/data", "/dc/Jira_Issue", "/dc/jira_issue/data/1"])
def test_what_is_not_there_is_a_404(esm, path):
    answer = esm.rest("GET", path)
    assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (404, 404, "Not Found")


CASES = {
    "string": ("subject", [{"value": "It's <b>"}], [{"value": "It's <b>"}]),
    "whole number": ("storyPoints", [{"value": 3}], [{"value": 3}]),
    "fraction": ("storyPoints", [{"value": 0.2425}], [{"value": 0.2425}]),
    "date": ("due", [{"value": "2026-03-24"}], [{"value": "2026-03-24"}]),
    "date from datetime": ("due", [{"value": "2026-03-24T10:57:57Z"}], [{"value": "2026-03-24"}]),
    "datetime": ("created", [{"value": "2026-03-24T10:57:57Z"}], [{"value": "2026-03-24T10:57:57Z"}]),
    "datetime of a zone": ("created", [{"value": "2026-03-24T12:57:57+02:00"}], [{"value": "2026-03-24T10:57:57Z"}]),
    "static by value": ("recordStatus", [{"value": "1 - Active"}], [{"value": "1 - Active", "code": "active"}]),
    "static by code": ("recordStatus", [{"code": "active"}], [{"value": "1 - Active", "code": "active"}]),
    "static without code": ("origin", [{"value": "esm"}], [{"value": "esm", "code": None}]),
    "several values": ("labels", [{"value": "a"}, {"value": "b"}], [{"value": "a"}, {"value": "b"}]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_value_comes_back_as_its_type_says(esm, case):
    code, given, expected = CASES[case]
    body = {"folderCode": "jira_issues", "data": {code: {"values": given}}}
    made = esm.rest("POST", "/dc/jira_issue/data", body).json()
    assert made["meta"]["errors"] == []
    card = esm.rest("GET", f"/dc/jira_issue/data/{made['dataCard']['dataCardId']}").json()
    assert card["data"][code]["values"] == expected
    assert card["data"]["status"] == {"name": "Status", "type": "string", "values": []}


BAD = {
    "unknown attribute": ("nope", [{"value": "x"}]),
    "text for number": ("storyPoints", [{"value": "3"}]),
    "truth for number": ("storyPoints", [{"value": True}]),
    "number for text": ("subject", [{"value": 3}]),
    "not a date": ("due", [{"value": "24.03.2026"}]),
    "impossible date": ("due", [{"value": "2026-02-30"}]),
    "unknown static value": ("recordStatus", [{"value": "7 - Lost"}]),
    "value and code of two static values": ("recordStatus", [{"value": "1 - Active", "code": "removed"}]),
    "empty static value": ("recordStatus", [{}]),
    "two values for one": ("subject", [{"value": "a"}, {"value": "b"}]),
    "missing reference": ("assignee", [{"dataCardId": "999"}]),
    "reference by name": ("assignee", [{"name": "Someone"}]),
    "no list": ("subject", "text"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_value_that_does_not_fit_is_named_and_the_rest_is_saved(esm, case, esm_data):
    code, given = BAD[case]
    body = {"folderCode": "jira_issues", "data": {**esm_data({"jiraId": "1"}), code: {"values": given}}}
    answer = esm.rest("POST", "/dc/jira_issue/data", body)
    assert answer.status_code == 201
    (error,) = answer.json()["meta"]["errors"]
    assert error["attributeCode"] == code
    assert [card["values"] for card in esm.truth()] == [{"jiraId": ["1"]}]


def test_an_unknown_attribute_has_no_type(esm, esm_data):
    body = {"folderCode": "jira_issues", "data": esm_data({"nope": "x"})}
    (error,) = esm.rest("POST", "/dc/jira_issue/data", body).json()["meta"]["errors"]
    assert set(error) == {"attributeCode", "message", "error"}


def test_a_static_value_that_is_missing_is_refused_in_the_vendors_words(esm, esm_data):
    body = {"folderCode": "jira_issues", "data": esm_data({"recordStatus": "x"})}
    (error,) = esm.rest("POST", "/dc/jira_issue/data", body).json()["meta"]["errors"]
    assert error["message"] == "Couldn't find static-value with value: x and code: None from attribute: Record status"
    assert (error["attributeType"], error["error"]) == ("static-value", "Bad Request")


def test_references_show_their_target(esm):
    account = esm.make({"accountId": "a1", "displayName": "Aino"}, "account", "accounts")
    card = esm.make({"jiraId": "1", "assignee": {"dataCardId": account}})
    (shown,) = esm.rest("GET", f"/dc/jira_issue/data/{card}").json()["data"]["assignee"]["values"]
    assert (shown["name"], shown["dataCardId"], shown["templateCode"]) == ("Aino", account, "account")
    assert shown["deleted"] is False
    incident = esm.make({"subject": "x"}, "incident", "incident_management")
    body = {"dataCardId": card, "data": {"assignee": {"values": [{"dataCardId": incident}]}}}
    errors = esm.rest("PATCH", f"/dc/jira_issue/data/{card}", body).json()["meta"]["errors"]
    assert [error["attributeCode"] for error in errors] == ["assignee"]


def test_a_worklog_grows_and_shows_the_newest_first(esm, esm_data):
    card = esm.make({"comments": "one"})
    esm.rest("PATCH", f"/dc/jira_issue/data/{card}", {"dataCardId": card, "data": esm_data({"comments": "two"})})
    esm.rest("POST", f"/dc/jira_issue/data/{card}/comments", {"values": [{"value": "three"}]})
    element = esm.rest("GET", f"/dc/jira_issue/data/{card}/comments").json()
    assert [entry["value"] for entry in element["values"]] == ["three", "two", "one"]
    assert element["values"][0]["author"] == "webapi"
    assert element["values"][0]["date"] == "2023-11-14T22:13:20Z"


def test_pages_go_down_by_id_and_the_last_one_is_short(esm):
    made = [esm.make({"jiraId": str(number)}) for number in range(5)]
    found, below, sizes = [], 0, []
    for _ in range(4):
        page = esm.listed(limit=2, filterId=below)
        found += page
        sizes.append(len(page))
        below = int(found[-1])
    assert (found, sizes) == (made[::-1], [2, 2, 1, 0])
    assert made == sorted(made, key=int)
    assert esm.listed(filterId="") == found


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x"])
def test_a_limit_out_of_range_is_refused(esm, limit):
    assert esm.rest("GET", "/dc/jira_issue/data", limit=limit).status_code == 400


def test_a_list_shows_names_or_whole_cards_or_what_is_selected(esm):
    card = esm.make({"jiraId": "1", "subject": "Hello", "status": "Open"})
    (info,) = esm.rest("GET", "/dc/jira_issue/data", limit=1).json()["data"]
    assert info == {"dataCardId": card, "name": "Hello", "url": f"/dc/jira_issue/data/{card}"}
    (full,) = esm.rest("GET", "/dc/jira_issue/data", limit=1, dataCards="true").json()["data"]
    assert len(full["data"]) == 20
    query = {"limit": 1, "dataCards": "true", "selectedAttributes": "jiraId, status,nope"}
    (cut,) = esm.rest("GET", "/dc/jira_issue/data", **query).json()["data"]
    assert set(cut["data"]) == {"jiraId", "status"}
    assert cut["data"]["jiraId"]["values"] == [{"value": "1"}]


def test_a_bad_filter_is_a_400(esm):
    for condition in ("$nope$ = 'x'", "$jiraId$ in ('1')", "$jiraId$ = 'x", "entity.nope = 1", "$due$ = 'soon'"):
        assert esm.rest("GET", "/dc/jira_issue/data", limit=1, filter=condition).status_code == 400


def test_a_bulk_import_creates_and_modifies_card_by_card(esm, esm_data):
    known = esm.make({"jiraId": "1", "subject": "old"})
    body = [
        {"folderCode": "jira_issues", "data": esm_data({"jiraId": "2", "subject": "new"})},
        {"dataCardId": known, "data": esm_data({"subject": "changed"})},
        {"folderCode": "jira_issues", "data": esm_data({"jiraId": "1"})},
        {"dataCardId": "999999", "data": esm_data({"subject": "lost"})},
        {"folderCode": "jira_issues", "data": esm_data({"jiraId": "3", "recordStatus": "wrong"})},
    ]
    answer = esm.rest("PUT", "/dc/jira_issue/data", body)
    assert answer.status_code == 200
    meta, items = answer.json()["meta"], answer.json()["data"]
    assert meta["importResult"] == {"handledDataCards": 5, "savedDataCards": 3, "notSavedDataCards": 2}
    assert [bool(item["errors"]) for item in items] == [False, False, True, True, True]
    assert [item.get("dataCard", {}).get("name") for item in items] == ["new", "changed", None, None, ""]
    assert items[1]["dataCard"]["dataCardId"] == known
    assert items[2]["errors"][0]["attributeCode"] == "jiraId"
    assert sorted(card["values"]["jiraId"] for card in esm.truth()) == [["1"], ["2"], ["3"]]


@pytest.mark.parametrize(
    "body",
    [
        {"folderCode": "jira_issues", "data": {}},
        ["text"],
        [{"data": {}}],
        [{"folderCode": "jira_issues"}],
        [{"dataCardId": 12, "data": {}}],
    ],
)
def test_a_bulk_import_that_is_not_one_saves_nothing(esm, body):
    assert esm.rest("PUT", "/dc/jira_issue/data", body).status_code == 400
    assert esm.truth() == []


def test_a_body_that_is_not_json_is_refused(esm):
    headers = {"Authorization": esm.log_in().headers["Authorization"]}
    answer = esm.http.put("/rest-api/itsm/v1/dc/jira_issue/data", content=b"{", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (400, "Invalid JSON.")


def test_a_modified_card_keeps_what_was_not_named(esm, esm_data):
    card = esm.make({"jiraId": "1", "subject": "old", "status": "Open"})
    body = {"dataCardId": card, "data": esm_data({"subject": "new"})}
    answer = esm.rest("PATCH", f"/dc/jira_issue/data/{card}", body, dataCards="true")
    assert answer.json()["dataCard"]["data"]["subject"]["values"] == [{"value": "new"}]
    assert esm.truth()[0]["values"] == {"jiraId": ["1"], "subject": ["new"], "status": ["Open"]}
    assert esm.rest("PATCH", f"/dc/jira_issue/data/{card}", {"data": {}}).status_code == 400


def test_a_card_is_found_only_below_its_own_template(esm):
    card = esm.make({"jiraId": "1"})
    assert esm.rest("GET", f"/dc/account/data/{card}").status_code == 404
    assert esm.rest("DELETE", f"/dc/account/data/{card}").status_code == 404
    assert esm.truth()[0]["deleted"] is False


def test_a_card_moves_only_to_a_folder_of_its_template(esm):
    card = esm.make({"jiraId": "1"})
    path = f"/dc/jira_issue/data/{card}"
    assert esm.rest("PATCH", path, {"dataCardId": card, "folderCode": "accounts", "data": {}}).status_code == 400
    template = esm.control("GET", "templates/jira_issue")
    esm.control("PUT", "templates/jira_issue", {**template, "folders": ["jira_issues", "accounts"]})
    assert esm.rest("PATCH", path, {"dataCardId": card, "folderCode": "accounts", "data": {}}).status_code == 200
    assert esm.truth()[0]["folderCode"] == "accounts"


def test_deleting_puts_a_card_into_the_trash_once(esm):
    card = esm.make({"jiraId": "1"})
    assert esm.rest("DELETE", f"/dc/jira_issue/data/{card}").status_code == 200
    assert esm.rest("DELETE", f"/dc/jira_issue/data/{card}").status_code == 409
    assert esm.rest("GET", f"/dc/jira_issue/data/{card}").json()["deleted"] is True
    assert esm.truth()[0]["deleted"] is True


def test_an_attribute_is_replaced_added_to_and_cleared(esm):
    card = esm.make({"labels": ["a"], "subject": "s"})
    labels, subject = f"/dc/jira_issue/data/{card}/labels", f"/dc/jira_issue/data/{card}/subject"
    assert esm.rest("PUT", labels, {"values": [{"value": "b"}]}).status_code == 200
    assert esm.rest("POST", labels, {"values": [{"value": "c"}]}).status_code == 200
    assert esm.values(card, "labels") == ["b", "c"]
    assert esm.rest("POST", subject, {"values": [{"value": "t"}]}).status_code == 400
    assert esm.rest("DELETE", subject).status_code == 200
    assert esm.rest("POST", subject, {"values": [{"value": "t"}]}).status_code == 200
    assert esm.values(card, "subject") == ["t"]
    assert esm.rest("DELETE", labels).status_code == 200
    assert esm.truth()[0]["values"] == {"subject": ["t"]}
    assert esm.rest("PUT", f"/dc/jira_issue/data/{card}/nope", {"values": []}).status_code == 404
    assert esm.rest("PUT", f"/dc/jira_issue/data/{card}/due", {"values": [{"value": "x"}]}).status_code == 400


def test_a_unique_value_belongs_to_one_card(esm, esm_data):
    esm.make({"jiraId": "1"})
    other = esm.make({"jiraId": "2"})
    body = {"folderCode": "jira_issues", "data": esm_data({"jiraId": "1"})}
    assert esm.rest("POST", "/dc/jira_issue/data", body).status_code == 400
    body = {"dataCardId": other, "data": esm_data({"jiraId": "1"})}
    assert esm.rest("PATCH", f"/dc/jira_issue/data/{other}", body).status_code == 400
    long = "x" * 200
    assert esm.make({"jiraId": f"{long}1"}) != esm.make({"jiraId": f"{long}2"})
    body["data"] = esm_data({"jiraId": "2", "subject": "same key, same card"})
    assert esm.rest("PATCH", f"/dc/jira_issue/data/{other}", body).status_code == 200


def test_a_mandatory_attribute_is_never_empty(esm, esm_data):
    body = {"folderCode": "accounts", "data": esm_data({"displayName": "x"})}
    assert esm.rest("POST", "/dc/account/data", body).status_code == 400
    account = esm.make({"accountId": "a1"}, "account", "accounts")
    assert esm.rest("DELETE", f"/dc/account/data/{account}/accountId").status_code == 400
    assert esm.truth("account")[0]["values"] == {"accountId": ["a1"]}


def test_a_poisoned_card_cannot_be_saved(esm, esm_data):
    for values in ({"subject": "x POISON y"}, {"labels": ["a", "POISON"]}):
        body = {"folderCode": "jira_issues", "data": esm_data(values)}
        assert esm.rest("POST", "/dc/jira_issue/data", body).status_code == 400
    assert esm.truth() == []


def test_a_long_value_is_kept_whole_and_found_by_the_whole(esm):
    long = "x" * 300
    card = esm.make({"description": long + "1"})
    esm.make({"description": long + "2"})
    assert esm.values(card, "description") == [long + "1"]
    assert esm.listed(f"$description$ = '{long}1'") == [card]
    assert esm.listed(f"$description$ = '{long}'") == []
    assert esm.listed(f"$description$ = '{long[:200]}'") == []
