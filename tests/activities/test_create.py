"""An issue for a card: what it says, what the card gets, and that there is one."""

from __future__ import annotations

import pytest
from office import TASKS, Office, lost_answers

from airflow_provider_jira import activities
from airflow_provider_jira.activities import NotYet
from airflow_provider_jira.activities.once import PATIENCE

ISSUE = r"/rest/api/3/issue$"


def test_the_issue_says_what_the_card_says_and_the_card_gets_its_key(office: Office):
    card = office.card(subject="Printer is on fire", description="It *burns*.\n\n- third floor")
    ended = office.handle(office.event("create", card))
    (issue,) = office.made_for(card)
    assert (ended.how, ended.values["key"]) == ("completed", issue["key"])
    assert issue["summary"] == "Printer is on fire"
    assert f"esm-{card}" in issue["labels"]
    says = office.says(card)
    assert says["jiraKey"] == [issue["key"]]
    assert says["jiraUrl"] == [f"{office.jira.url}/browse/{issue['key']}"]
    assert says["jiraSync"] == ["01 - Sent"]
    assert office.standing() == []
    assert office.state.texts == {}


def test_a_second_trigger_makes_no_second_issue(office: Office):
    card = office.card(subject="Printer")
    first = office.handle(office.event("create", card, "run_1"))
    second = office.handle(office.event("create", card, "run_2"))
    assert (second.how, second.values) == ("completed", first.values)
    assert len(office.made_for(card)) == 1


def test_an_event_of_its_own_makes_another(office: Office):
    card = office.card(subject="Printer")
    office.handle(office.event("create", card, "run_1"))
    office.handle(office.event("create", card, "run_2", event="second"))
    assert len(office.made_for(card)) == 2


@pytest.mark.parametrize("lag", [0, 120])
def test_a_lost_answer_makes_no_second_issue(office: Office, lag: int):
    office.jira.switch(index_lag=lag)
    card = office.card(subject="Printer")
    with lost_answers(office.jira, "POST", ISSUE):
        ended = office.handle(office.event("create", card))
    assert ended.how == "completed"
    assert len(ended.waited) == 1, "the probe sees it at once, whatever the index says"
    (issue,) = office.made_for(card)
    assert office.says(card)["jiraKey"] == [issue["key"]]


def test_a_request_that_never_came_is_sent_once_it_is_proved(office: Office):
    card = office.card(subject="Printer")
    office.jira.fault(match={"method": "POST", "path": ISSUE}, drop="before", times=1)
    began = office.clock.time
    ended = office.handle(office.event("create", card))
    assert ended.how == "completed"
    assert office.clock.time - began > PATIENCE
    assert len(office.made_for(card)) == 1


def test_where_an_issue_may_be_hidden_nothing_is_made_and_the_card_says_why(office: Office):
    card = office.card(subject="Printer")
    with lost_answers(office.jira, "POST", ISSUE):
        event = office.event("create", card)
        with pytest.raises(Exception, match="lost"):
            office.handle(event, patience=0)
    (issue,) = office.made_for(card)
    office.jira.post("world/hide", ids=[issue["id"]])
    office.jira.post("world/issues", fields={"project": "SUP", "summary": "another, later"})
    ended = office.handle(event)
    assert ended.how == "unknown"
    assert "cannot be found out" in ended.message
    assert office.says(card)["jiraSync"] == ["09 - Failed"]
    assert "cannot be found out" in office.says(card)["provisioningException"][0]
    assert office.standing() == [("run_1", "unknown")]
    assert len(office.made_for(card)) == 1
    # an administrator lets the account see it, and clears the run
    office.jira.post("world/hide", ids=[issue["id"]], on=False)
    ended = office.handle(office.event("create", card))
    assert (ended.how, ended.values["key"]) == ("completed", issue["key"])
    assert office.says(card).get("provisioningException", []) == []
    assert len(office.made_for(card)) == 1


def test_an_issue_that_is_found_by_its_label_alone_is_taken_up(office: Office):
    """The card lost its key, and the outbox has forgotten."""
    card = office.card(subject="Printer")
    office.handle(office.event("create", card))
    (issue,) = office.made_for(card)
    office.change(card, jiraKey=[])
    ended = office.handle(office.event("create", card, "run_2"))
    assert ended.values["key"] == issue["key"]
    assert len(office.made_for(card)) == 1
    assert office.says(card)["jiraKey"] == [issue["key"]]


def untagged(office: Office) -> None:
    """A task whose issues no search can find."""
    create = {name: value for name, value in TASKS[0].items() if name != "id"}
    office.add(id="untagged", **create, mark=None)


def test_an_issue_that_no_search_finds_is_remembered(office: Office):
    untagged(office)
    card = office.card(subject="Printer")
    office.handle(office.event("untagged", card))
    (issue,) = office.made_for(card)
    office.change(card, jiraKey=[])
    ended = office.handle(office.event("untagged", card, "run_2"))
    assert (ended.how, ended.values["key"]) == ("completed", issue["key"])
    assert len(office.made_for(card)) == 1


@pytest.mark.parametrize("task", ["create", "untagged"])
def test_events_that_are_delivered_again_make_nothing_though_the_card_names_another_issue(office: Office, task: str):
    untagged(office)
    office.jira.switch(index_lag=300)
    card = office.card(subject="Printer")
    for run, event in enumerate(("e1", "e2", "e1", "e2")):
        assert office.handle(office.event(task, card, f"run_{run}", event=event)).how == "completed"
    assert len(office.made_for(card)) == 2


def test_an_event_may_be_called_anything(office: Office):
    card = office.card(subject="Printer")
    office.handle(office.event("create", card, "run_1"))
    office.handle(office.event("create", card, "run_2", event="-"))
    assert len(office.made_for(card)) == 2


def test_a_lost_answer_is_found_behind_more_than_a_hundred_issues_that_are_gone(office: Office):
    untagged(office)
    gone = [office.jira.post("world/issues", fields={"project": "SUP", "summary": "x"})["id"] for _ in range(105)]
    office.jira.post("world/hide", ids=gone)
    card = office.card(subject="Printer")
    with lost_answers(office.jira, "POST", ISSUE):
        office.handle(office.event("untagged", card))
    assert len(office.made_for(card)) == 1


@pytest.mark.parametrize("field", ["Customer reference", "CUSTOMER REFERENCE"])
def test_a_text_field_can_take_the_mark_instead_of_a_label(office: Office, field: str):
    create = {name: value for name, value in TASKS[0].items() if name != "id"}
    office.add(id="marked", **create, mark=field)
    card = office.card(subject="Printer")
    office.handle(office.event("marked", card))
    (issue,) = office.made_for(card)
    assert f"esm-{card}" not in issue["labels"]
    assert not office.state.texts
    office.change(card, jiraKey=[])
    ended = office.handle(office.event("marked", card, "run_2"))
    assert ended.values["key"] == issue["key"]


def test_the_label_goes_beside_the_labels_of_the_card_however_the_field_is_spelled(office: Office):
    create = {name: value for name, value in TASKS[0].items() if name != "id"}
    office.add(id="labelled", **{**create, "attributes": {**create["attributes"], "LABELS": "labels"}})
    card = office.card(subject="Printer", labels=["fire", "urgent"])
    ended = office.handle(office.event("labelled", card))
    assert ended.how == "completed", ended.message
    (issue,) = office.made_for(card)
    assert set(issue["labels"]) == {"fire", "urgent", f"esm-{card}"}


def test_a_card_whose_reference_leads_nowhere_is_told_so(office: Office, api: str):
    create = {name: value for name, value in TASKS[0].items() if name != "id"}
    office.add(id="leads", **{**create, "attributes": {**create["attributes"], "Environment": "customer.displayName"}})
    person = office.card("account", accountId=f"gone-{api}", displayName="Ann Example")
    card = office.card(subject="Printer", customer=person)
    office.esm.post("world/card", template="account", dataCardId=person, deleted=True)
    ended = office.handle(office.event("leads", card))
    assert (ended.how, "'customer'" in ended.message) == ("refused", True)
    assert office.says(card)["provisioningException"] == [ended.message]


def test_a_moved_issue_is_known_by_its_new_key(office: Office):
    card = office.card(subject="Printer")
    office.handle(office.event("create", card))
    (issue,) = office.made_for(card)
    moved = office.jira.post("world/move", ids=[issue["id"]], project="OPS")["keys"][str(issue["id"])]
    ended = office.handle(office.event("create", card, "run_2"))
    assert ended.values["key"] == moved
    assert office.says(card)["jiraKey"] == [moved]


def test_what_jira_would_not_take_is_refused_before_it_is_sent_and_named(office: Office):
    card = office.card(description="no subject")
    office.jira.requests()
    ended = office.handle(office.event("create", card))
    assert ended.how == "refused"
    assert "summary" in ended.message.lower()
    assert not [row for row in office.jira.requests() if row["method"] == "POST" and row["path"].endswith("/issue")]
    assert office.says(card)["jiraSync"] == ["09 - Failed"]
    assert office.standing() == [("run_1", "refused")]
    # the card is mended and triggered again: the same event, second try
    office.change(card, subject="Printer")
    assert office.handle(office.event("create", card, "run_2")).how == "completed"
    assert office.standing() == []


def test_a_card_that_does_not_exist_is_refused(office: Office):
    ended = office.handle(office.event("create", "999999"))
    assert (ended.how, "does not exist" in ended.message) == ("refused", True)
    assert office.standing() == [("run_1", "refused")]


def test_a_refused_creation_holds_back_the_comment_of_its_card_and_no_other(office: Office):
    card, other = office.card(description="no subject"), office.card(subject="Fine")
    office.handle(office.event("create", card))
    office.esm.post("world/entry", template="incident", dataCardId=card, attribute="comments", text="Hello")
    with pytest.raises(Exception, match="Held back"):
        office.handle(office.event("comment", card, "run_2"), patience=3)
    assert office.handle(office.event("create", other, "run_3")).how == "completed"
    office.change(card, subject="Printer")
    assert office.handle(office.event("create", card, "run_1")).how == "completed"
    assert office.handle(office.event("comment", card, "run_2")).how == "completed"


def test_a_refused_creation_that_is_triggered_anew_goes_before_the_comment_that_waits_behind_it(office: Office):
    card = office.card(description="no subject")
    office.handle(office.event("create", card, "run_1"))
    office.esm.post("world/entry", template="incident", dataCardId=card, attribute="comments", text="Hello")
    comment = office.event("comment", card, "run_2")
    with pytest.raises(NotYet, match="Held back"):
        office.handle(comment, patience=3)
    office.change(card, subject="Printer")
    anew = office.event("create", card, "run_3")
    activities.receive(anew)
    with pytest.raises(NotYet):
        office.handle(comment, patience=0)
    assert office.handle(anew, patience=0).how == "completed"
    assert office.handle(comment, patience=0).how == "completed"
    assert office.standing() == []


def test_values_straight_from_the_run(office: Office, api: str):
    office.add(
        id="direct",
        activity="create_issue",
        allow_values_in_conf=True,
        attributes={"project": {"value": "SUP"}, "issueType": {"value": "Task"}, "summary": "subject"},
    )
    before = len(office.jira.get("truth/issues"))
    for run in ("run_1", "run_2"):
        ended = office.handle(office.event("direct", None, run, event=api, values={"subject": "From the run"}))
        assert ended.how == "completed"
    assert len(office.jira.get("truth/issues")) == before + 1
    nameless = office.handle(office.event("direct", None, "run_3", values={"subject": "x"}))
    assert (nameless.how, "give `event`" in nameless.message) == ("refused", True)


def test_a_hidden_issue_that_nobody_could_see_is_pointed_out_once_a_number_shows_that_it_may_be_there(office: Office):
    card = office.card(subject="Printer")
    event = office.event("create", card)
    with lost_answers(office.jira, "POST", ISSUE), pytest.raises(NotYet, match="lost"):
        office.handle(event, patience=0)
    (hidden,) = office.made_for(card)
    office.jira.post("world/hide", ids=[hidden["id"]])
    ended = office.handle(event)
    # nothing at all shows that it is there, until the second one has its number
    assert ended.how == "completed"
    assert hidden["key"] in ended.notes[0]
    assert hidden["key"] in office.says(card)["provisioningException"][0]


def test_a_comment_that_comes_before_the_issue_does_not_hold_the_issue_back(office: Office):
    card = office.card(subject="Printer")
    office.esm.post("world/entry", template="incident", dataCardId=card, attribute="comments", text="Hello")
    early = office.handle(office.event("comment", card, "run_1"))
    assert (early.how, "names no issue" in early.message or "`issue`" in early.message) == ("refused", True)
    assert office.handle(office.event("create", card, "run_2")).how == "completed"
    assert office.handle(office.event("comment", card, "run_3")).how == "completed"


def test_the_web_api_needs_a_key_before_anything_is_done(office: Office, api: str):
    office.add(
        id="keyless", activity="create_issue", card={"template": "incident"},
        attributes={"project": {"value": "SUP"}, "issueType": {"value": "Bug"}, "summary": "subject"},
        write_back={"jiraKey": "key"},
    )  # fmt: skip
    card = office.card(subject="Printer")
    ended = office.handle(office.event("keyless", card))
    assert ended.how == ("completed" if api == "rest" else "refused")
    assert ("unique" in ended.message) == (api == "webapi")
    assert len(office.made_for(card)) == (api == "rest")
