"""An issue's status changes along its workflow only, and with the fields of a transition's screen only."""

from __future__ import annotations

import pytest

DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}
DONE = {"resolution": {"name": "Fixed"}}


@pytest.fixture(name="new")
def _new(jira):
    return at(jira, "Open")


def at(jira, status, project="SUP"):
    """Make an issue in a status."""
    fields = {"project": project, "status": {"name": status}}
    return int(jira.world("issues", fields=fields)["id"])


def move(jira, issue, id_, **more):
    return jira.ask("POST", f"/issue/{issue}/transitions", {"transition": {"id": id_}, **more})


def ways(jira, issue, **query):
    found = jira.get(f"/issue/{issue}/transitions", **query)["transitions"]
    return {one["to"]["name"]: one["id"] for one in found}


def status(jira, issue):
    row = jira.truth()[issue]
    return row["status"], row["resolution"]


def test_from_open_to_done_it_takes_three_steps(jira, new):
    for to in ("In Progress", "In Review"):
        assert "Done" not in ways(jira, new)
        assert move(jira, new, ways(jira, new)[to]).status_code == 204
    assert move(jira, new, ways(jira, new)["Done"], fields=DONE).status_code == 204
    assert status(jira, new) == ("Done", "Fixed")
    assert jira.get(f"/issue/{new}")["fields"]["resolutiondate"] is not None
    assert move(jira, new, ways(jira, new)["Open"]).status_code == 204
    assert status(jira, new) == ("Open", None)
    assert jira.get(f"/issue/{new}")["fields"]["resolutiondate"] is None


def test_only_one_project_has_a_short_cut(jira, new):
    issue = at(jira, "Open", "OPS")
    assert set(ways(jira, issue)) == {"In Progress", "Rejected", "Done"}
    assert set(ways(jira, new)) == {"In Progress", "Rejected"}
    assert move(jira, new, "91", fields=DONE).status_code == 400
    assert move(jira, issue, "91", fields=DONE).status_code == 204
    (again,) = [one for one in jira.get(f"/issue/{issue}/transitions")["transitions"] if one["isGlobal"]]
    assert (again["looped"], again["to"]["statusCategory"]["key"]) == (True, "done")


def test_no_transition_is_called_like_its_status(jira):
    for name in ("Open", "In Progress", "In Review", "Waiting for customer", "Done", "Rejected"):
        for one in jira.get(f"/issue/{at(jira, name)}/transitions")["transitions"]:
            assert one["name"] != one["to"]["name"]


@pytest.mark.parametrize(
    ("id_", "message"), [("31", "Transition id '31' is not valid for this issue."), (None, "Missing")]
)
def test_a_transition_that_is_not_there_now_is_refused(jira, new, id_, message):
    assert message in move(jira, new, id_).json()["errorMessages"][0]
    assert jira.get(f"/issue/{new}/transitions", transitionId="31")["transitions"] == []
    assert status(jira, new) == ("Open", None)


@pytest.mark.parametrize(
    ("denied", "left"),
    [("TRANSITION_ISSUES", set()), ("RESOLVE_ISSUES", {"In Progress"}), ("EDIT_ISSUES", {"In Progress", "Rejected"})],
)
def test_who_may_not_sees_no_transitions_and_is_told_no_reason(jira, new, denied, left):
    jira.turn(denied_permissions=[denied])
    assert set(ways(jira, new)) == left
    if "Rejected" not in left:
        assert move(jira, new, "81", fields=DONE).json()["errorMessages"] == [
            "Transition id '81' is not valid for this issue."
        ]


def test_the_resolution_stands_on_the_screens_that_lead_to_done_and_is_required_there(jira):
    issue = at(jira, "In Review")
    shown = jira.get(f"/issue/{issue}/transitions", expand="transitions.fields")["transitions"]
    screens = {one["to"]["name"]: (one["hasScreen"], one["fields"]) for one in shown}
    assert screens["In Progress"] == (False, {})
    field = screens["Done"][1]["resolution"]
    assert (field["required"], field["operations"], len(field["allowedValues"])) == (True, ["set"], 5)
    assert "fields" not in jira.get(f"/issue/{issue}/transitions")["transitions"][0]
    assert move(jira, issue, "31").json()["errors"] == {"resolution": "Resolution is required."}
    assert "resolution" in move(jira, issue, "31", fields={"resolution": {"name": "No"}}).json()["errors"]
    assert "not on the appropriate screen" in move(jira, issue, "41", fields=DONE).json()["errors"]["resolution"]
    assert status(jira, issue) == ("In Review", None)
    assert move(jira, issue, "31", update={"resolution": [{"set": {"id": "10203"}}]}).status_code == 204
    assert status(jira, issue) == ("Done", "Duplicate")


@pytest.mark.parametrize(("switch", "kept"), [("none", None), ("post_function", "Done")])
def test_elsewhere_the_resolution_is_on_no_screen(open_jira, switch, kept):
    jira = open_jira(resolution=switch)
    issue = at(jira, "In Review")
    assert "not on the appropriate screen" in move(jira, issue, "31", fields=DONE).json()["errors"]["resolution"]
    assert move(jira, issue, "31").status_code == 204
    assert status(jira, issue) == ("Done", kept)


def test_a_note_travels_with_the_transition_where_the_screen_has_it(jira):
    issue = at(jira, "In Review")
    note = {"comment": [{"add": {"body": DOCUMENT, "properties": [{"key": "k", "value": {"mark": "m"}}]}}]}
    assert "not on the appropriate screen" in move(jira, issue, "41", update=note).json()["errors"]["comment"]
    wrong = {"comment": [{"add": {"body": "text"}}]}
    assert "Atlassian Document" in move(jira, issue, "31", fields=DONE, update=wrong).json()["errors"]["comment"]
    assert status(jira, issue) == ("In Review", None)
    assert move(jira, issue, "31", fields=DONE, update=note).status_code == 204
    (comment,) = jira.truth()[issue]["comments"]
    assert (comment["text"], comment["properties"]) == ("x", {"k": {"mark": "m"}})


def test_a_screen_can_want_more(open_jira):
    jira = open_jira(required_on_transition={"11": ("customfield_10012",)})
    issue = at(jira, "Open")
    assert move(jira, issue, "11").json()["errors"] == {"customfield_10012": "Customer reference is required."}
    assert move(jira, issue, "11", fields={"customfield_10012": "CR-1"}).status_code == 204
    row = jira.truth()[issue]
    assert (row["status"], row["custom"]["Customer reference"]) == ("In Progress", "CR-1")


def test_two_at_the_same_moment_are_one_too_many_where_the_switch_says_so(open_jira):
    jira = open_jira(transition_conflict=5)
    issue = at(jira, "Open")
    assert move(jira, issue, "11").status_code == 204
    assert move(jira, issue, "21").status_code == 409
    assert status(jira, issue) == ("In Progress", None)
    jira.time += 5
    assert move(jira, issue, "21").status_code == 204


def test_an_issue_is_created_though_its_transition_fails(jira):
    fields = {"project": {"key": "SUP"}, "issuetype": {"name": "Bug"}, "summary": "x"}
    for id_, told, now in (("11", 200, "In Progress"), ("31", 400, "Open")):
        answer = jira.ask("POST", "/issue", {"fields": fields, "transition": {"id": id_}})
        assert (answer.status_code, answer.json()["transition"]["status"]) == (201, told)
        assert status(jira, int(answer.json()["id"]))[0] == now
