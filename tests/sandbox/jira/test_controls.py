"""The world is in a test's hands: what it changes is changed, shown in the truth, and found again by the same seed."""

from __future__ import annotations

import pytest

SCOPE = "project = SUP AND issuetype in (Bug, Task)"
MAPPED = ("summary", "status", "resolution", "assignee", "priority", "labels", "description_markdown")


def test_changed_issues_differ_in_what_people_map_and_nothing_else_changes(open_jira):
    jira = open_jira(80)
    before = jira.truth()
    changed = {int(id_) for id_ in jira.world("change", count=30, seed=1, jql=SCOPE)["ids"]}
    after = jira.truth()
    assert len(changed) == 30
    assert {id_ for id_ in after if after[id_] != before[id_]} == changed
    for id_ in changed:
        assert after[id_]["summary"] != before[id_]["summary"]
        assert after[id_]["updated"] > before[id_]["updated"]
        assert (after[id_]["resolution"] is not None) == (after[id_]["status"] in {"Done", "Rejected"}) or (
            after[id_]["status"] == before[id_]["status"]
        )
    for name in MAPPED[1:]:
        assert any(after[id_][name] != before[id_][name] for id_ in changed), name
    assert changed <= set(jira.ids(SCOPE))


def test_the_same_seed_picks_the_same_issues(open_jira):
    first, second = open_jira(), open_jira()
    assert first.world("change", count=5, seed=3) == second.world("change", count=5, seed=3)
    assert first.truth() == second.truth()
    assert first.world("delete", count=5, seed=4) == second.world("delete", count=5, seed=4)
    assert first.world("delete", count=5, seed=5)["ids"] != second.world("delete", count=5, seed=6)["ids"]


def test_deleted_issues_are_gone_with_their_comments(jira):
    before = set(jira.truth())
    gone = {int(id_) for id_ in jira.world("delete", count=10, jql=SCOPE)["ids"]}
    assert len(gone) == 10
    assert set(jira.truth()) == before - gone
    assert set(jira.ids(SCOPE)) & gone == set()
    assert jira.app.state.site.comments.where(f"issue IN ({','.join(map(str, gone))})") == []


def test_issues_can_be_kept_from_being_picked(jira):
    every = jira.ids(SCOPE)
    picked = jira.world("delete", count=len(every) - 3, jql=SCOPE, **{"except": [str(id_) for id_ in every[:3]]})["ids"]
    assert sorted(int(id_) for id_ in picked) == sorted(every[3:])
    assert sorted(jira.ids(SCOPE)) == sorted(every[:3])


def test_a_hidden_issue_is_in_the_truth_and_nowhere_else(jira):
    id_ = jira.ids(SCOPE)[0]
    jira.world("hide", ids=[str(id_)])
    assert jira.truth()[id_]["hidden"]
    assert id_ not in jira.ids(SCOPE)
    assert str(id_) not in jira.world("change", count=len(jira.ids("project is not empty")), seed=1)["ids"]


def test_the_truth_can_be_had_of_one_project(jira):
    assert {row["project"] for row in jira.truth(project="OPS").values()} == {"OPS"}


def test_an_issue_is_made_as_asked(jira):
    fields = {
        "project": "OPS",
        "issuetype": "Bug",
        "summary": "made",
        "status": {"name": "Done"},
        "resolution": {"name": "Fixed"},
        "priority": {"name": "Lowest"},
        "description": "plain words",
        "customfield_10028": {"value": "Major"},
    }
    highest = max(jira.truth())
    made = jira.world("issues", fields=fields)
    row = jira.truth()[int(made["id"])]
    assert int(made["id"]) > highest
    assert (row["key"], row["project"], row["issuetype"]) == (made["key"], "OPS", "Bug")
    assert (row["status"], row["resolution"], row["priority"]) == ("Done", "Fixed", "Lowest")
    assert (row["description_markdown"], row["custom"]) == ("plain words", {"Severity (customfield_10028)": "Major"})
    jira.world("issues", id=made["id"], fields={"status": {"name": "Open"}, "description": None})
    row = jira.truth()[int(made["id"])]
    assert (row["status"], row["resolution"], row["description_markdown"]) == ("Open", None, None)
    document = {"type": "doc", "version": 1, "content": []}
    jira.world("issues", id=made["id"], fields={"description": document, "resolution": None})
    assert jira.get(f"/issue/{made['id']}")["fields"]["description"] == document


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("change", {"count": 9999}, "9999 issues are asked for"),
        ("change", {"jql": "project = NOPE"}, "NOPE"),
        ("change", {"jql": "project ="}, "end of the query"),
        ("change", {"cuont": 1}, "cuont"),
        ("hide", {"ids": [1]}, "no issues with these ids: 1"),
        ("move", {"ids": [], "project": "NOPE"}, "no project NOPE"),
        ("project", {"key": "NOPE"}, "no project NOPE"),
        ("issues", {"fields": {"project": "NOPE"}}, "no 'NOPE'"),
        ("issues", {"fields": {"issuetype": "Epic"}}, "no 'Epic'"),
        ("issues", {"fields": {"status": {"name": "Nowhere"}}}, "no 'Nowhere'"),
        ("issues", {"fields": {"labels": ["a b"]}}, "spaces"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(jira, name, body, message):
    before = jira.truth()
    answer = jira.http.post(f"/_sandbox/world/{name}", json=body)
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert jira.truth() == before


def test_issues_that_move_get_new_keys_and_leave_the_query(jira):
    ids = jira.ids(f"{SCOPE} order by id")[:2]
    keys = jira.world("move", ids=ids, project="HR")["keys"]
    assert not set(ids) & set(jira.ids(SCOPE))
    assert [jira.truth()[id_]["key"] for id_ in ids] == list(keys.values())
    assert len(set(keys.values())) == 2
