"""Every behaviour of ESM that no source settles can be had both ways."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from airflow_provider_jira.sandbox.esm.switches import Switches


def test_switches_are_read_and_changed_while_the_server_runs(esm):
    assert esm.control("GET", "switches") == msgspec.to_builtins(Switches())
    assert esm.control("PATCH", "switches", {"count": "total"})["count"] == "total"
    for wrong in ({"nope": 1}, {"count": "some"}, {"token_seconds": "x"}):
        assert esm.http.patch("/_sandbox/switches", json=wrong).status_code == 400
    assert esm.control("GET", "switches") == {**msgspec.to_builtins(Switches()), "count": "total"}


@pytest.mark.parametrize("stream", ["", "/stream"])
def test_empty_list(open_esm, stream):
    esm = open_esm(empty_list="200")
    answer = esm.rest("GET", f"/dc/jira_issue/data{stream}", limit=5)
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    esm.turn(empty_list="404")
    assert esm.rest("GET", f"/dc/jira_issue/data{stream}", limit=5).status_code == 404
    esm.make({"jiraId": "1"})
    assert esm.rest("GET", f"/dc/jira_issue/data{stream}", limit=5).status_code == 200


@pytest.mark.parametrize(("setting", "counts"), [("page", [2, 1]), ("total", [3, 3])])
def test_count(open_esm, setting, counts):
    esm = open_esm(count=setting)
    for number in range(3):
        esm.make({"jiraId": str(number), "taskId": "t"})
    esm.make({"jiraId": "other"})
    query = {"limit": 2, "filter": "$taskId$ = 't'"}
    first = esm.rest("GET", "/dc/jira_issue/data", **query).json()
    second = esm.rest("GET", "/dc/jira_issue/data", **query, filterId=first["data"][-1]["dataCardId"]).json()
    assert [first["meta"]["count"], second["meta"]["count"]] == counts
    assert [len(first["data"]), len(second["data"])] == [2, 1]


@pytest.mark.parametrize(
    ("setting", "kept"), [("bare", {"limit", "filterId"}), ("full", {"limit", "filterId", "filter"})]
)
def test_next_link(open_esm, setting, kept):
    esm = open_esm(next_link=setting)
    cards = [esm.make({"jiraId": str(number)}) for number in range(3)]
    page = esm.rest("GET", "/dc/jira_issue/data", limit=2, filter="$jiraId$ > ''").json()
    link = page["meta"]["links"]["next"]
    query = dict(part.split("=") for part in link.split("?")[1].split("&"))
    assert set(query) == kept
    assert query["filterId"] == cards[1]
    esm.turn(next_link="none")
    assert esm.rest("GET", "/dc/jira_issue/data", limit=2).json()["meta"]["links"] == {}


def test_missing_limit(open_esm):
    esm = open_esm(missing_limit="accept")
    assert esm.rest("GET", "/dc/jira_issue/data").json()["meta"]["limit"] == 50
    esm.turn(missing_limit="refuse")
    assert esm.rest("GET", "/dc/jira_issue/data").status_code == 400


def _framed(esm, framing, **query):
    esm.turn(stream=framing)
    text = esm.rest("GET", "/dc/jira_issue/data/stream", **query).text
    if framing == "ndjson":
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text)["data"] if framing == "json" else json.loads(text)


@pytest.mark.parametrize("framing", ["json", "array", "ndjson"])
@pytest.mark.parametrize("count", [0, 1, 501])
def test_stream(esm, framing, count):
    body = [{"template": "jira_issue", "values": {"jiraId": [str(number)]}} for number in range(count)]
    esm.control("POST", "world/cards", body)
    rows = _framed(esm, framing, dataCards="true", selectedAttributes="jiraId")
    assert [row["data"]["jiraId"]["values"][0]["value"] for row in rows] == [str(n) for n in range(count)][::-1]


def test_stream_takes_a_filter(esm):
    esm.make({"jiraId": "1"})
    card = esm.make({"jiraId": "2"})
    assert [row["dataCardId"] for row in _framed(esm, "json", filter="$jiraId$ = '2'")] == [card]


def test_metadata_style(open_esm):
    esm = open_esm(metadata_style="localised")
    attribute = esm.rest("GET", "/dc/jira_issue").json()["attributes"]["recordStatus"]
    assert attribute["type"] == "STATIC-VALUE"
    assert attribute["values"][0] == {"code": "active", "value": {"en": "1 - Active"}}


def test_token_seconds(open_esm):
    esm = open_esm(token_seconds=30)
    headers = {"Authorization": esm.log_in().json()["token"]}
    esm.time += 30
    assert esm.http.get("/rest-api/itsm/v1/dc", headers=headers).status_code == 401


@pytest.mark.parametrize(("place", "in_body", "in_header"), [("body", True, False), ("header", False, True)])
def test_token_place(open_esm, place, in_body, in_header):
    answer = open_esm(token_place=place).log_in()
    assert ("token" in answer.json(), "Authorization" in answer.headers) == (in_body, in_header)


@pytest.mark.parametrize(
    ("order", "names"),
    [("request", ["a", "old", "b"]), ("reversed", ["b", "old", "a"]), ("modified_first", ["old", "a", "b"])],
)
def test_bulk_order(open_esm, esm_data, order, names):
    esm = open_esm(bulk_order=order)
    known = esm.make({"jiraId": "0", "subject": "old"})
    new = [{"folderCode": "jira_issues", "data": esm_data({"subject": name})} for name in ("a", "b")]
    body = [new[0], {"dataCardId": known, "data": esm_data({"status": "Open"})}, new[1]]
    items = esm.rest("PUT", "/dc/jira_issue/data", body).json()["data"]
    assert [item["dataCard"]["name"] for item in items] == names
    assert [card["values"].get("subject") for card in esm.truth()] == [["old"], ["a"], ["b"]]


def _poisoned_batch(esm, esm_data):
    texts = ["first", "POISON", "last"]
    body = [{"folderCode": "jira_issues", "data": esm_data({"subject": text})} for text in texts]
    return esm.rest("PUT", "/dc/jira_issue/data", body)


@pytest.mark.parametrize(("setting", "item"), [("absent", {}), ("null", {"dataCard": None})])
def test_bulk_failed_card(open_esm, esm_data, setting, item):
    failed = _poisoned_batch(open_esm(bulk_failed_card=setting), esm_data).json()["data"][1]
    assert failed.pop("errors")[0]["error"] == "Bad Request"
    assert failed == item


@pytest.mark.parametrize(
    ("setting", "status", "counters", "saved"),
    [
        ("skip", 200, (3, 2, 1), ["first", "last"]),
        ("abort", 200, (2, 1, 1), ["first"]),
        ("refuse_batch", 400, None, []),
    ],
)
def test_bulk_failure(open_esm, esm_data, setting, status, counters, saved):
    esm = open_esm(bulk_failure=setting)
    answer = _poisoned_batch(esm, esm_data)
    assert answer.status_code == status
    if counters:
        result = answer.json()["meta"]["importResult"]
        assert tuple(result[f"{kind}DataCards"] for kind in ("handled", "saved", "notSaved")) == counters
        assert len(answer.json()["data"]) == counters[0]
    assert [card["values"]["subject"][0] for card in esm.truth()] == saved


def test_bulk_limit(open_esm, esm_data):
    esm = open_esm(bulk_limit=2)
    body = [{"folderCode": "jira_issues", "data": esm_data({"jiraId": str(number)})} for number in range(3)]
    assert esm.rest("PUT", "/dc/jira_issue/data", body).status_code == 400
    assert esm.truth() == []
    assert esm.rest("PUT", "/dc/jira_issue/data", body[:2]).status_code == 200


def test_attribute_errors(open_esm, esm_data):
    esm = open_esm(attribute_errors="refuse_card")
    body = {"folderCode": "jira_issues", "data": esm_data({"jiraId": "1", "recordStatus": "wrong"})}
    assert esm.rest("POST", "/dc/jira_issue/data", body).status_code == 400
    (item,) = esm.rest("PUT", "/dc/jira_issue/data", [body]).json()["data"]
    assert item["errors"][0]["attributeCode"] == "recordStatus"
    assert esm.truth() == []


@pytest.mark.parametrize(
    ("setting", "left", "errors"), [("clear", None, 0), ("ignore", ["x"], 0), ("refuse", ["x"], 1)]
)
@pytest.mark.parametrize("bulk", [False, True])
def test_empty_values(open_esm, setting, left, errors, bulk):
    esm = open_esm(empty_values=setting)
    card = esm.make({"status": "x"})
    body = {"dataCardId": card, "data": {"status": {"values": []}}}
    if bulk:
        found = esm.rest("PUT", "/dc/jira_issue/data", [body]).json()["data"][0]["errors"]
    else:
        found = esm.rest("PATCH", f"/dc/jira_issue/data/{card}", body).json()["meta"]["errors"]
    assert len(found) == errors
    assert esm.truth()[0]["values"].get("status") == left


def test_static_code_only(open_esm):
    esm = open_esm(static_code_only="refuse")
    body = {"folderCode": "jira_issues", "data": {"recordStatus": {"values": [{"code": "active"}]}}}
    assert len(esm.rest("POST", "/dc/jira_issue/data", body).json()["meta"]["errors"]) == 1
    body["data"]["recordStatus"]["values"] = [{"value": "1 - Active", "code": "active"}]
    assert esm.rest("POST", "/dc/jira_issue/data", body).json()["meta"]["errors"] == []


def test_fractions(open_esm, esm_data):
    esm = open_esm(fractions="cut")
    assert esm.values(esm.make({"created": "2026-01-02T03:04:05.678Z"}), "created") == ["2026-01-02T03:04:05Z"]
    esm.turn(fractions="refuse")
    body = {"folderCode": "jira_issues", "data": esm_data({"created": "2026-01-02T03:04:05.678Z"})}
    assert len(esm.rest("POST", "/dc/jira_issue/data", body).json()["meta"]["errors"]) == 1


@pytest.mark.parametrize(("setting", "asked", "created"), [(True, "true", 1), (True, "false", 0), (False, "true", 0)])
def test_create_references(open_esm, setting, asked, created):
    esm = open_esm(create_references=setting)
    body = {"folderCode": "jira_issues", "data": {"assignee": {"values": [{"name": "Aino"}]}}}
    meta = esm.rest("POST", "/dc/jira_issue/data", body, createEmptyReferences=asked).json()["meta"]
    assert [row["dataCard"]["name"] for row in meta["createdReferences"]] == ["Aino"] * created
    assert len(meta["errors"]) == 1 - created
    assert len(esm.truth("account")) == created


def test_a_reference_by_name_is_taken_only_where_empty_ones_may_be_created(open_esm):
    esm = open_esm()
    target = esm.make({"accountId": "a1", "displayName": "Aino"}, "account", "accounts")
    body = {"folderCode": "jira_issues", "data": {"assignee": {"values": [{"name": "Aino"}]}}}
    assert len(esm.rest("POST", "/dc/jira_issue/data", body).json()["meta"]["errors"]) == 1
    answer = esm.rest("POST", "/dc/jira_issue/data", body, createEmptyReferences="true").json()
    assert answer["meta"]["errors"] == []
    assert [card.get("references") for card in esm.truth()] == [None, {"assignee": [target]}]


def test_modify_trashed(open_esm, esm_data):
    esm = open_esm(modify_trashed="refuse")
    card = esm.make({"status": "x"})
    esm.rest("DELETE", f"/dc/jira_issue/data/{card}")
    body = {"dataCardId": card, "data": esm_data({"status": "y"})}
    assert esm.rest("PATCH", f"/dc/jira_issue/data/{card}", body).status_code == 400
    esm.turn(modify_trashed="save")
    assert esm.rest("PATCH", f"/dc/jira_issue/data/{card}", body).status_code == 200
    assert (esm.truth()[0]["values"]["status"], esm.truth()[0]["deleted"]) == (["y"], True)


def test_unique_counts_trashed(open_esm, esm_data):
    esm = open_esm(unique_counts_trashed=True)
    card = esm.make({"jiraId": "1"})
    esm.rest("DELETE", f"/dc/jira_issue/data/{card}")
    body = {"folderCode": "jira_issues", "data": esm_data({"jiraId": "1"})}
    assert esm.rest("POST", "/dc/jira_issue/data", body).status_code == 400
    esm.turn(unique_counts_trashed=False)
    assert esm.rest("POST", "/dc/jira_issue/data", body).status_code == 201


@pytest.mark.parametrize(("switch", "mark"), [("trash_in_list", "deleted"), ("hidden_in_list", "hidden")])
@pytest.mark.parametrize(("setting", "plain", "named"), [("always", 2, 1), ("named", 1, 1), ("never", 1, 0)])
def test_trash_and_hidden_cards_in_lists(open_esm, switch, mark, setting, plain, named):
    esm = open_esm(**{"trash_in_list": "always", "hidden_in_list": "always", switch: setting})
    esm.make({"jiraId": "1"})
    card = esm.make({"jiraId": "2"})
    esm.control("POST", "world/card", {"template": "jira_issue", "dataCardId": card, mark: True})
    query = "SELECT entity FROM entity WHERE template.code = 'jira_issue'"
    assert (len(esm.listed()), len(esm.search(query))) == (plain, plain)
    assert len(esm.listed(f"entity.{mark} = true")) == len(esm.search(f"{query} and entity.{mark} = 1")) == named
    assert len(esm.listed(f"{mark} = 0")) == 1
    assert esm.rest("GET", f"/dc/jira_issue/data/{card}").json()[mark] is True


def test_eql_quote(open_esm):
    esm = open_esm(eql_quote="doubled")
    card = esm.make({"subject": "it's"})
    assert esm.listed("$subject$ = 'it''s'") == [card]
    esm.turn(eql_quote="backslash")
    assert esm.listed(r"$subject$ = 'it\'s'") == [card]
    assert len(esm.search(r"SELECT entity FROM entity WHERE $subject$ = 'it\'s'")) == 1
    assert esm.rest("GET", "/dc/jira_issue/data", limit=1, filter="$subject$ = 'it''s'").status_code == 400


@pytest.mark.parametrize(("setting", "found"), [(False, 1), (True, 2)])
def test_eql_not_equal_matches_empty(open_esm, setting, found):
    esm = open_esm(eql_not_equal_matches_empty=setting)
    for values in ({"status": "a"}, {"status": "b"}, {"subject": "none"}):
        esm.make(values)
    assert len(esm.listed("$status$ <> 'a'")) == found


def test_webapi_error_status(open_esm):
    esm = open_esm(webapi_error_status=500)
    answer = esm.http.get("/api/itsm/search.ws", params={"query": "nonsense"}, auth=esm.auth)
    assert answer.status_code == 500
    assert "<code>efe-3001</code>" in answer.text


@pytest.mark.parametrize(("setting", "root"), [("empty", "result"), ("error", "error")])
def test_search_unknown_template(open_esm, setting, root):
    esm = open_esm(search_unknown_template=setting)
    assert esm.search("SELECT entity FROM entity WHERE template.code = 'nope'").tag == root
    assert esm.search("SELECT entity FROM entity WHERE template.code = 'nope' and $jiraId$ = '1'").tag == "error"


@pytest.mark.parametrize(
    ("setting", "tag", "saved"),
    [("skip", "entity-import-report", ["1", "3"]), ("abort", "entity-import-report", ["1"]), ("error", "error", ["1"])],
)
def test_import_failure(open_esm, setting, tag, saved):
    esm = open_esm(import_failure=setting)
    answer = esm.import_({"jiraId": "1"}, {"jiraId": "2", "subject": "POISON"}, {"jiraId": "3"})
    assert f"<{tag}>" in answer.text
    if tag != "error":
        assert f"<entities-created>{len(saved)}</entities-created>" in answer.text
    assert [card["values"]["jiraId"][0] for card in esm.truth()] == saved


@pytest.mark.parametrize(("setting", "counted", "pointed"), [("refuse", 1, []), ("drop", 2, ["a1"])])
def test_import_reference(open_esm, setting, counted, pointed):
    esm = open_esm(import_reference=setting)
    for group in ("a1", "a2"):
        esm.make({"groupId": group}, "entitlement", "entitlements")
    answer = esm.counts(
        {"accountId": "1", "groups": ["a2"]}, {"accountId": "2", "groups": ["a1", "a9"]},
        template="account", folderCode="accounts",
    )  # fmt: skip
    assert answer == (counted, 0)
    known = {card["dataCardId"]: card["values"]["groupId"][0] for card in esm.truth("entitlement")}
    shown = {card["values"]["accountId"][0]: card.get("references", {}) for card in esm.truth("account")}
    assert [known[id_] for id_ in shown["1"]["groups"]] == ["a2"]
    assert [known[id_] for id_ in shown.get("2", {}).get("groups", [])] == pointed


@pytest.mark.parametrize(("setting", "fields"), [("full", 4), ("counts", 2)])
def test_import_report(open_esm, setting, fields):
    answer = open_esm(import_report=setting).import_({"jiraId": "1"})
    assert answer.text.count("</entities-") == fields


@pytest.mark.parametrize(
    ("zone", "shown", "stored"),
    [
        ("UTC", "02.07.2026 03:04", "2026-12-24T18:00:00Z"),
        ("Europe/Helsinki", "02.07.2026 06:04", "2026-12-24T16:00:00Z"),
    ],
)
def test_timezone(open_esm, zone, shown, stored):
    esm = open_esm(timezone=zone)
    esm.make({"jiraId": "1", "created": "2026-07-02T03:04:05Z"})
    entity = esm.search("SELECT entity FROM entity WHERE $jiraId$ = '1'")
    assert entity.findtext(".//attribute[@code='created']/value") == shown
    esm.counts({"jiraId": "1", "created": "24.12.2026 18:00"})
    assert esm.truth()[0]["values"]["created"] == [stored]


def test_every_switch_has_a_test():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in Switches.__struct_fields__ if f"{name}=" not in text and f'"{name}"' not in text] == []


@pytest.mark.parametrize(("setting", "folder"), [("new", "elsewhere"), ("every", "jira_issues")])
def test_import_folder(open_esm, setting, folder):
    esm = open_esm(import_folder=setting)
    esm.control("PUT", "folders/elsewhere", {"name": "Elsewhere"})
    card = {"template": "jira_issue", "folder": "elsewhere", "values": {"jiraId": ["1"]}}
    esm.control("POST", "world/card", card)
    assert esm.counts({"jiraId": "1", "subject": "x"}) == (0, 1)
    assert esm.truth()[0]["folderCode"] == folder


def _comments(esm):
    return [entry["text"] for entry in esm.truth()[0].get("worklogs", {}).get("comments", [])]


def test_import_worklog(open_esm):
    esm = open_esm(import_worklog="append")
    for text in ("first", "second"):
        esm.counts({"jiraId": "1", "comments": text})
    assert _comments(esm) == ["first", "second"]
    esm.turn(import_worklog="replace")
    esm.counts({"jiraId": "1", "comments": "third"})
    assert _comments(esm) == ["third"]
    esm.rest("POST", f"/dc/jira_issue/data/{esm.listed()[0]}/comments", {"values": [{"value": "by REST"}]})
    assert _comments(esm) == ["third", "by REST"]


@pytest.mark.parametrize(("setting", "author"), [("login", "webapi"), ("name", "Integration user")])
def test_worklog_author(open_esm, setting, author):
    esm = open_esm(worklog_author=setting)
    card = esm.make({"jiraId": "1", "comments": "by REST"})
    esm.counts({"jiraId": "1", "comments": "by import"})
    shown = esm.rest("GET", f"/dc/jira_issue/data/{card}/comments").json()["values"]
    assert [entry["author"] for entry in shown] == [author, author]


def test_a_user_without_a_display_name_signs_with_the_login(open_esm):
    esm = open_esm(worklog_author="name")
    esm.control("PATCH", "users/webapi", {"name": ""})
    esm.make({"jiraId": "1", "comments": "x"})
    assert esm.truth()[0]["worklogs"]["comments"][0]["author"] == "webapi"
