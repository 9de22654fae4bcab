"""The sandbox ESM's XML Web API."""

from __future__ import annotations

import pytest

ISSUES = "SELECT entity FROM entity WHERE template.code = 'jira_issue'"


@pytest.mark.parametrize("auth", [None, ("webapi", "wrong"), ("nobody", "sandbox-password")])
def test_the_web_api_wants_basic_auth(esm, auth):
    answer = esm.http.get("/api/itsm/search.ws", params={"query": ISSUES}, auth=auth)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("header", ["Bearer x", "Basic", "Basic !!!", "Basic /w=="])
def test_other_authorization_is_refused(esm, header):
    headers = {"Authorization": header}
    assert esm.http.get("/api/itsm/search.ws", params={"query": ISSUES}, headers=headers).status_code == 401


def test_a_user_without_the_role_is_forbidden(esm):
    auth = ("directory.user", "sandbox-password")
    assert esm.http.get("/api/itsm/search.ws", params={"query": ISSUES}, auth=auth).status_code == 403


def test_a_search_shows_cards_as_entities(esm):
    account = esm.make({"accountId": "a1", "displayName": "Aino & co"}, "account", "accounts")
    card = esm.make(
        {
            "jiraId": "1",
            "subject": 'a < "b"\r\n\x0bc',
            "labels": ["x", "y"],
            "due": "2026-03-24",
            "storyPoints": 2.5,
            "recordStatus": "1 - Active",
            "assignee": {"dataCardId": account},
        }
    )
    root = esm.search(ISSUES)
    assert root.tag == "entityset"
    (entity,) = root
    assert (entity.get("id"), entity.get("name")) == (card, 'a < "b"\r\nc')
    assert entity.find("template").get("code") == "jira_issue"
    assert entity.find("group").get("code") == "jira_issues"
    texts = {row.get("code"): [value.text for value in row.findall("value")] for row in entity.findall("attribute")}
    assert texts == {
        "jiraId": ["1"],
        "subject": ['a < "b"\r\nc'],
        "labels": ["x", "y"],
        "due": ["24.03.2026 00:00"],
        "storyPoints": ["2.5"],
        "recordStatus": ["1 - Active"],
        "assignee": [],
    }
    reference = entity.find("attribute[@code='assignee']/reference")
    assert (reference.get("id"), reference.get("name")) == (account, "Aino & co")


def test_a_search_without_result_is_not_an_entity_set(esm):
    assert esm.search(ISSUES).tag == "result"


@pytest.mark.parametrize(
    "query", ["", "x", "$jiraId$ = '1'", f"{ISSUES} AND $nope$ is null", f"{ISSUES} AND $accountId$ = 'x'"]
)
def test_a_bad_query_is_an_error_document(esm, query):
    error = esm.search(query)
    assert (error.tag, error.findtext("code")) == ("error", "efe-3001")


def test_a_search_sorts_as_told(esm):
    for number in ("2", "3", "1"):
        esm.make({"jiraId": number, "storyPoints": 10 - int(number) // 3})
    orders = {"$jiraId$": "123", "$jiraId$ DESC": "321", "$storyPoints$, $jiraId$ desc": "321", "": "231"}
    for order, keys in orders.items():
        root = esm.search(ISSUES + (f" ORDER BY {order}" if order else ""))
        found = [entity.findtext("attribute[@code='jiraId']/value") for entity in root]
        assert (order, "".join(found)) == (order, keys)


def test_a_search_over_all_templates_knows_all_attributes(esm):
    esm.make({"jiraId": "1"})
    esm.make({"accountId": "a1"}, "account", "accounts")
    assert len(esm.search("SELECT entity FROM entity WHERE $jiraId$ = '1' OR $accountId$ = 'a1'")) == 2
    assert len(esm.search("SELECT entity FROM entity")) == 2


def test_an_import_creates_and_updates_by_the_unique_attribute(esm):
    assert esm.counts({"jiraId": "1", "subject": "one"}, {"jiraId": "2", "subject": "two"}) == (2, 0)
    assert esm.counts({"jiraId": "2", "status": "Open"}, {"jiraId": "3"}, {"jiraId": "3", "status": "x"}) == (1, 2)
    assert [card["values"] for card in esm.truth()] == [
        {"jiraId": ["1"], "subject": ["one"]},
        {"jiraId": ["2"], "subject": ["two"], "status": ["Open"]},
        {"jiraId": ["3"], "status": ["x"]},
    ]


@pytest.mark.parametrize(
    ("flags", "counts"),
    [
        ({"createDataCards": "false"}, (0, 1)),
        ({"updateDataCards": "false"}, (1, 0)),
        ({"createDataCards": "", "updateDataCards": ""}, (0, 0)),
    ],
)
def test_each_kind_of_change_needs_its_flag(esm, flags, counts):
    esm.make({"jiraId": "1"})
    assert esm.counts({"jiraId": "1", "status": "x"}, {"jiraId": "2"}, **flags) == counts
    assert len(esm.truth()) == 1 + counts[0]
    assert esm.truth()[0]["values"].get("status") == (["x"] if counts[1] else None)


@pytest.mark.parametrize(("flags", "left"), [({}, ["x"]), ({"removeEmptyValues": "true"}, None)])
@pytest.mark.parametrize("empty", [[], [""]])
def test_an_attribute_without_value_is_cleared_only_on_demand(esm, flags, left, empty):
    esm.make({"jiraId": "1", "status": "x"})
    esm.counts({"jiraId": "1", "status": empty}, **flags)
    assert esm.truth()[0]["values"].get("status") == left


def test_an_import_reads_values_by_type(esm):
    esm.make({"accountId": "a1", "displayName": "Aino"}, "account", "accounts")
    entity = {
        "jiraId": "1",
        "labels": ["x", "y"],
        "due": "24.03.2026 00:00",
        "created": "24.03.2026 10:57",
        "storyPoints": "2.5",
        "recordStatus": "5 - Removed",
        "assignee": "a1",
        "comments": "hello",
    }
    assert esm.counts(entity) == (1, 0)
    assert esm.truth()[0]["values"] == {
        "jiraId": ["1"],
        "labels": ["x", "y"],
        "due": ["2026-03-24"],
        "created": ["2026-03-24T10:57:00Z"],
        "storyPoints": ["2.5"],
        "recordStatus": ["5 - Removed"],
        "assignee": ["Aino"],
        "comments": ["hello"],
    }


@pytest.mark.parametrize(
    "entity",
    [
        {"subject": "no unique attribute"},
        {"jiraId": ""},
        {"jiraId": "9", "nope": "x"},
        {"jiraId": "9", "due": "2026-03-24"},
        {"jiraId": "9", "due": "31.02.2026 00:00"},
        {"jiraId": "9", "storyPoints": "many"},
        {"jiraId": "9", "recordStatus": "removed"},
        {"jiraId": "9", "assignee": "nobody"},
        {"jiraId": "9", "subject": ["a", "b"]},
        {"jiraId": "double", "subject": "two cards"},
    ],
    ids=str,
)
def test_an_entity_that_cannot_be_saved_counts_nowhere_and_leaves_nothing(esm, entity):
    first = esm.make({"jiraId": "double"})
    esm.control("POST", "world/card", {"template": "jira_issue", "dataCardId": first, "duplicate": True})
    before = esm.truth()
    assert esm.counts(entity) == (0, 0)
    assert esm.truth() == before


def test_two_cards_with_one_key_are_named_as_the_reason(open_esm):
    esm = open_esm(import_failure="error")
    card = esm.make({"jiraId": "1"})
    esm.control("POST", "world/card", {"template": "jira_issue", "dataCardId": card, "duplicate": True})
    assert "entity 1: 2 data cards have the entity&apos;s" in esm.import_({"jiraId": "1"}).text.replace("'", "&apos;")


def test_an_unknown_reference_is_created_where_the_switch_allows(open_esm):
    esm = open_esm(create_references=True)
    assert esm.counts({"jiraId": "1", "assignee": "a7"}) == (1, 0)
    assert [card["values"] for card in esm.truth("account")] == [{"accountId": ["a7"], "displayName": ["a7"]}]
    assert esm.truth()[0]["values"]["assignee"] == ["a7"]


def test_a_reference_is_found_by_its_targets_unique_value_and_not_by_its_name(esm):
    target = esm.make({"accountId": "a7", "displayName": "Aino"}, "account", "accounts")
    assert esm.counts({"jiraId": "1", "assignee": "Aino"}) == (0, 0)
    assert esm.counts({"jiraId": "1", "assignee": "a7"}) == (1, 0)
    assert esm.truth()[0]["references"] == {"assignee": [target]}


def test_a_reference_prefers_a_card_that_is_not_in_the_trash(esm):
    old = esm.make({"accountId": "a7"}, "account", "accounts")
    esm.control("POST", "world/card", {"template": "account", "dataCardId": old, "deleted": True})
    assert esm.counts({"jiraId": "1", "assignee": "a7"}) == (1, 0)
    assert esm.truth()[0]["references"] == {"assignee": [old]}
    body = {"template": "account", "dataCardId": old, "duplicate": True}
    new = esm.control("POST", "world/card", body)["dataCardId"]
    esm.counts({"jiraId": "2", "assignee": "a7"})
    assert esm.truth()[1]["references"] == {"assignee": [new]}


def test_a_card_in_the_trash_stands_in_the_way(esm):
    card = esm.make({"jiraId": "1"})
    esm.rest("DELETE", f"/dc/jira_issue/data/{card}")
    assert esm.counts({"jiraId": "1"}) == (0, 0)
    esm.turn(unique_counts_trashed=False)
    assert esm.counts({"jiraId": "1"}) == (1, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<entityset>",
        b"<entities/>",
        b'<!DOCTYPE x [<!ENTITY e "x">]><entityset><entity><template code="&e;"/></entity></entityset>',
    ],
)
def test_a_body_that_is_not_an_entity_set_is_an_error(esm, body):
    params = {"folderCode": "jira_issues", "createDataCards": "true"}
    answer = esm.http.post("/api/itsm/dataCardImport.ws", params=params, content=body, auth=esm.auth)
    assert "<error>" in answer.text


def test_an_import_needs_a_folder_and_a_template_linked_to_it(esm):
    assert "<error>" in esm.import_({"jiraId": "1"}, folderCode="nope").text
    assert esm.counts({"jiraId": "1"}, folderCode="accounts") == (0, 0)
    assert "<entities-failed>1<" in esm.import_({"jiraId": "1"}, template="nope").text


def test_both_paths_serve(esm):
    assert esm.http.get("/ws/search.ws", params={"query": ISSUES}, auth=esm.auth).text.endswith("<result/>")
