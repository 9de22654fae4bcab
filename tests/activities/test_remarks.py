"""What a card has to say arrives once and whole: entries alike, very long, empty, and for some readers only."""

from __future__ import annotations

import msgspec
import pytest
from office import CARD, Office

AGAIN = {"activity": "add_comment", "card": CARD, "issue": "jiraKey", "comment": "comments"}
ROBOT = ("robot@acme.example", "sandbox-token")


@pytest.fixture
def key(office: Office) -> str:
    return str(office.jira.post("world/issues", fields={"project": "SUP", "summary": "Printer"})["key"])


def said(office: Office, key: str) -> list[str]:
    """What the issue's comments say, without who wrote it."""
    (issue,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
    return [comment["text"].rpartition("\n")[2] for comment in issue["comments"]]


def write(office: Office, card: str, *texts: str) -> None:
    for text in texts:
        office.esm.post("world/entry", template="incident", dataCardId=card, attribute="comments", text=text)


def test_the_same_words_twice_are_two_comments(office: Office, key: str):
    card = office.card(jiraKey=key)
    write(office, card, "ok", "ok")
    office.handle(office.event("comment", card, "run_1"))
    write(office, card, "ok")
    office.handle(office.event("comment", card, "run_2"))
    assert said(office, key) == ["ok", "ok", "ok"]


def test_what_somebody_deletes_in_jira_is_not_said_again(office: Office, key: str):
    card = office.card(jiraKey=key)
    write(office, card, "first")
    ended = office.handle(office.event("comment", card, "run_1"))
    office.jira.post("world/comments/delete", ids=[ended.values["commentId"]])
    write(office, card, "second")
    office.handle(office.event("comment", card, "run_2"))
    assert said(office, key) == ["second"]


def test_an_entry_is_the_same_entry_through_either_api(office: Office, key: str):
    card = office.card(jiraKey=key)
    write(office, card, "a\r\nb", " blank before", "tab\there", "<b>&amp;</b>", "a\n\n\nb", "ä\u0301")
    for run, api in enumerate(("rest", "webapi", "rest")):
        office.esm_settings = msgspec.structs.replace(office.esm_settings, api=api)
        assert office.handle(office.event("comment", card, f"run_{run}")).how == "completed"
    assert len(said(office, key)) == 6


@pytest.mark.parametrize("length", [32_767, 100_000])
def test_a_very_long_entry_is_shortened_and_says_so(office: Office, key: str, length: int):
    card = office.card(jiraKey=key)
    write(office, card, "\N{GRINNING FACE}" * (length // 2))
    assert office.handle(office.event("comment", card)).how == "completed"
    (text,) = said(office, key)
    assert "Shortened" in text


@pytest.mark.parametrize("text", ["[only]: http://a.definition", "&nbsp;", "\t\n"])
def test_an_entry_that_says_nothing_holds_nobody_up(office: Office, key: str, text: str):
    """Jira takes no empty comment, and a refusal would hold back all that comes later for the card."""
    office.add(id="say", **{**AGAIN, "comment": {"source": "comments", "as": "markdown"}})
    card = office.card(jiraKey=key)
    write(office, card, text, "something")
    assert office.handle(office.event("say", card)).how == "completed"
    assert said(office, key) == ["something"]


def test_readers_may_be_a_group_by_name_or_by_id(office: Office, key: str, api: str):
    name = f"readers-{api}"
    group = office.jira.post("world/groups", name=name)["id"]
    me = office.jira.http.get("/rest/api/3/myself", auth=ROBOT).json()["accountId"]
    office.jira.http.post(
        f"/rest/api/3/group/user?groupId={group}", json={"accountId": me}, auth=ROBOT
    ).raise_for_status()
    for at, named in enumerate((name, group)):
        office.add(id="say", **AGAIN, visibility={"group": named})
        card = office.card(jiraKey=key)
        write(office, card, f"secret {at}")
        ended = office.handle(office.event("say", card, f"run_{at}"))
        assert ended.how == "completed", ended.message
    (issue,) = (row for row in office.jira.get("truth/issues") if row["key"] == key)
    assert len(issue["comments"]) == 2
    office.jira.http.delete(f"/rest/api/3/group/user?groupId={group}&accountId={me}", auth=ROBOT).raise_for_status()
    seen = office.jira.http.get(f"/rest/api/3/issue/{key}/comment", auth=ROBOT).json()
    assert seen["comments"] == []


def test_readers_who_do_not_exist_are_named(office: Office, key: str):
    office.add(id="say", **AGAIN, visibility={"group": "nobody-knows"})
    card = office.card(jiraKey=key)
    write(office, card, "secret")
    ended = office.handle(office.event("say", card))
    assert (ended.how, "'nobody-knows'" in ended.message, said(office, key)) == ("refused", True, [])
