"""People, groups and memberships: what is already so is an answer, and each refusal says what mends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.errors import (
    JiraError,
    JiraPermissionError,
    JiraProtocolError,
    JiraRefused,
    JiraUncertain,
)
from airflow_provider_jira.jira.records import Group

from .conftest import Site

Ask = Callable[..., Any]
USER = "/rest/api/3/user"
GROUP = "/rest/api/3/group"
MEMBER = "/rest/api/3/group/user"
GROUPS = "/rest/api/3/group/bulk"
ANNA = "712020:anna-1"
MAIL = "anna.korhonen@acme.example"


def _error(*messages: str, **fields: str) -> dict[str, Any]:
    return {"errorMessages": list(messages), "errors": fields}


def caught(ask: Ask, question: Callable[[JiraClient], Any]) -> JiraError:
    with pytest.raises(JiraError) as told:
        ask(question)
    return told.value


def create_user(jira: JiraClient) -> Any:
    return jira.people_writing.create_user(MAIL, ["jira-software", "jira-chat"])


def add(jira: JiraClient) -> Any:
    return jira.people_writing.add_member("g-1", ANNA)


def remove(jira: JiraClient) -> Any:
    return jira.people_writing.remove_member("g-1", ANNA)


@pytest.mark.parametrize(
    ("question", "method", "path", "params", "body", "answer", "told"),
    [
        (
            create_user,
            "POST",
            USER,
            {},
            {"emailAddress": MAIL, "products": ["jira-software", "jira-chat"]},
            (201, {"accountId": ANNA, "displayName": "anna"}),
            ANNA,
        ),
        (
            lambda jira: jira.people_writing.create_user(MAIL, ()),
            "POST",
            USER,
            {},
            {"emailAddress": MAIL, "products": []},
            (201, {"accountId": ANNA}),
            ANNA,
        ),
        (
            lambda jira: jira.people_writing.delete_user(ANNA),
            "DELETE",
            USER,
            {"accountId": ANNA},
            None,
            (204, None),
            True,
        ),
        (
            lambda jira: jira.people_writing.create_group("jira-team"),
            "POST",
            GROUP,
            {},
            {"name": "jira-team"},
            (201, {"groupId": "g-1", "name": "jira-team"}),
            Group("g-1", "jira-team"),
        ),
        (
            lambda jira: jira.people_writing.delete_group("g-1", None),
            "DELETE",
            GROUP,
            {"groupId": "g-1"},
            None,
            (200, None),
            True,
        ),
        (
            lambda jira: jira.people_writing.delete_group("g-1", "g-2"),
            "DELETE",
            GROUP,
            {"groupId": "g-1", "swapGroupId": "g-2"},
            None,
            (200, None),
            True,
        ),
        (add, "POST", MEMBER, {"groupId": "g-1"}, {"accountId": ANNA}, (201, {"name": "jira-team"}), True),
        (remove, "DELETE", MEMBER, {"groupId": "g-1", "accountId": ANNA}, None, (200, None), True),
    ],
)
def test_a_change_is_sent_once_as_jira_wants_it(
    site: Site,
    ask: Ask,
    question: Callable[[JiraClient], Any],
    method: str,
    path: str,
    params: dict[str, str],
    body: Any,
    answer: tuple[int, Any],
    told: Any,
) -> None:
    site.answers(path, site.ok(answer[1], answer[0]))
    assert ask(question) == told
    (request,) = site.asked
    assert (request.method, request.url.path, dict(request.url.params)) == (method, path, params)
    assert (json.loads(request.content) if request.content else None) == body
    assert ":" not in request.url.query.decode()


CHANGES = [
    (create_user, USER),
    (lambda jira: jira.people_writing.delete_user(ANNA), USER),
    (lambda jira: jira.people_writing.create_group("jira-team"), GROUP),
    (lambda jira: jira.people_writing.delete_group("g-1", None), GROUP),
    (add, MEMBER),
    (remove, MEMBER),
]


@pytest.mark.parametrize(("question", "path"), CHANGES)
def test_a_lost_answer_leaves_it_open_and_nothing_is_sent_again(
    site: Site, ask: Ask, question: Callable[[JiraClient], Any], path: str
) -> None:
    for answer in (httpx.ReadError("x"), site.raw(500)):
        site.asked.clear()
        site.answers(path, answer)
        assert isinstance(caught(ask, question), JiraUncertain)
        assert len(site.asked) == 1


@pytest.mark.parametrize(("question", "path"), CHANGES)
@pytest.mark.parametrize("status", [401, 403])
def test_who_is_no_admin_is_told_which_admin_it_takes(
    site: Site, ask: Ask, question: Callable[[JiraClient], Any], path: str, status: int
) -> None:
    site.answers(path, site.ok(_error("You are not authorized."), status))
    told = caught(ask, question)
    assert isinstance(told, JiraPermissionError)
    assert ("organization admin at" if question is create_user else "site admin") in told.message


@pytest.mark.parametrize(("question", "path"), CHANGES)
def test_another_refusal_is_told_in_jira_s_words_without_what_was_sent(
    site: Site, ask: Ask, question: Callable[[JiraClient], Any], path: str
) -> None:
    site.answers(path, site.ok(_error(f"Something new about {MAIL} / {ANNA} / jira-team / g-1."), 400))
    told = caught(ask, question)
    assert isinstance(told, JiraRefused)
    assert "Something new about" in told.message
    sent = [*json.loads(site.asked[0].content or "{}").values(), *site.asked[0].url.params.values()]
    assert not [value for value in sent if isinstance(value, str) and value in str(told)]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (_error("The user exists and has no access to Jira."), "without access to Jira: give it access"),
        (_error("User already exists but does not have access to this site"), "without access to Jira: give it access"),
        (_error("The number of licensed users has been exceeded."), "No licence is left"),
        (_error("Your license has reached its user limit."), "No licence is left"),
        (_error(emailAddress="The email address is not valid."), "does not take the e-mail address"),
        (_error("Invalid email address"), "does not take the e-mail address"),
        (_error("These products are not known: jira-chat"), "does not know all of the `products` ('jira-chat')"),
        (_error("Bad request"), "does not know all of the `products` ('jira-chat')"),
    ],
)
def test_why_nobody_was_made_is_said_in_one_sentence_of_its_own(site: Site, ask: Ask, body: Any, says: str) -> None:
    site.answers(USER, site.ok(body, 400))
    told = caught(ask, create_user)
    assert isinstance(told, JiraRefused)
    assert says in told.message
    assert (told.method, told.path, told.status, told.trace) == ("POST", USER, 400, "abc123")
    assert told.messages
    assert MAIL not in str(told)


def test_products_that_the_site_does_not_have_are_named_where_they_can_be(site: Site, ask: Ask) -> None:
    site.answers(USER, site.ok(_error("You must specify the products that user can access."), 400))
    told = caught(ask, lambda jira: jira.people_writing.create_user(MAIL, ["jira-core"]))
    assert "(one of them)" in told.message


def test_known_products_do_not_explain_an_unknown_refusal(site: Site, ask: Ask) -> None:
    site.answers(USER, site.ok(_error("Bad request"), 400))
    assert "Bad request" in caught(ask, lambda jira: jira.people_writing.create_user(MAIL, ["jira-core"])).message


def test_an_invitation_that_jira_loses_sight_of_may_have_been_sent(site: Site, ask: Ask) -> None:
    words = "User could not be created: Failed to add user HttpErrorCode 404 - User not found"
    site.answers(USER, site.ok(_error(words), 400))
    told = caught(ask, create_user)
    assert isinstance(told, JiraUncertain)
    assert (told.status, told.path) == (400, USER)


@pytest.mark.parametrize(("question", "path"), [CHANGES[0], CHANGES[2]])
@pytest.mark.parametrize("body", [{"self": "x"}, {"accountId": None, "groupId": None}, "<html>"])
def test_what_was_made_without_an_id_is_not_taken_for_made(
    site: Site, ask: Ask, question: Callable[[JiraClient], Any], path: str, body: Any
) -> None:
    site.answers(path, site.ok(body, 201))
    assert isinstance(caught(ask, question), JiraUncertain)


@pytest.mark.parametrize(
    ("question", "path", "status"),
    [(CHANGES[1][0], USER, 404), (CHANGES[3][0], GROUP, 404), (remove, MEMBER, 404)],
)
def test_what_is_not_there_need_not_be_taken_away(
    site: Site, ask: Ask, question: Callable[[JiraClient], Any], path: str, status: int
) -> None:
    site.answers(path, site.ok(_error("gone"), status))
    assert ask(question) is False


@pytest.mark.parametrize(
    "words",
    [
        "Cannot add user 'x', user is already a member of 'y'",
        "USER IS ALREADY A MEMBER OF THE GROUP",
        "The user already belongs to the group",
    ],
)
def test_who_is_in_the_group_need_not_be_put_into_it(site: Site, ask: Ask, words: str) -> None:
    site.answers(MEMBER, site.ok(_error(words), 400))
    assert ask(add) is False


@pytest.mark.parametrize(
    "words", ["Cannot remove user 'x' from group 'y' since user is not a member of 'y'", "User isn't in this group"]
)
@pytest.mark.parametrize("status", [400, 404])
def test_who_is_not_in_the_group_need_not_be_taken_out(site: Site, ask: Ask, words: str, status: int) -> None:
    site.answers(MEMBER, site.ok(_error(words), status))
    assert ask(remove) is False


@pytest.mark.parametrize(("question", "path"), [*CHANGES[1:2], *CHANGES[3:]])
def test_what_another_system_keeps_has_to_be_changed_there(
    site: Site, ask: Ask, question: Callable[[JiraClient], Any], path: str
) -> None:
    site.answers(path, site.ok(_error("This group is externally managed."), 400))
    told = caught(ask, question)
    assert isinstance(told, JiraRefused)
    assert "change it there" in told.message


def test_who_cannot_be_taken_off_the_site_is_said_so(site: Site, ask: Ask) -> None:
    site.answers(USER, site.ok(_error("The user cannot be removed."), 400))
    assert "does not let go" in caught(ask, lambda jira: jira.people_writing.delete_user(ANNA)).message


def test_a_name_that_is_taken_is_said_so(site: Site, ask: Ask) -> None:
    site.answers(GROUP, site.ok(_error(name="A group or user with this name already exists."), 400))
    told = caught(ask, lambda jira: jira.people_writing.create_group("jira-team"))
    assert isinstance(told, JiraRefused)
    assert "exists already" in told.message
    assert told.fields


@pytest.mark.parametrize(
    ("groups", "user", "says", "again"),
    [
        ([], 200, "no group with this id", False),
        ([], 404, "no group with this id", False),
        (["g-1"], 404, "no account with this id", False),
        (["g-1"], 200, "may not be in the directory yet", True),
    ],
)
def test_who_cannot_join_is_told_which_of_the_two_is_missing(
    site: Site, ask: Ask, groups: list[str], user: int, says: str, again: bool
) -> None:
    site.answers(MEMBER, site.ok(_error(f"'{ANNA}' or 'g-1' was not found"), 404))
    page = {"values": [{"groupId": id_, "name": "team"} for id_ in groups], "isLast": True, "total": len(groups)}
    site.answers(GROUPS, site.ok(page))
    site.answers(USER, site.ok({"accountId": ANNA, "displayName": "Anna"}, user))
    told = caught(ask, add)
    assert isinstance(told, JiraRefused)
    assert says in told.message
    assert (told.retryable, told.status, told.path) == (again, 404, MEMBER)
    assert ANNA not in str(told)


@pytest.mark.parametrize(("there", "told"), [(["g-1"], None), ([], False)])
def test_a_group_goes_only_if_the_one_that_takes_over_is_there(
    site: Site, ask: Ask, there: list[str], told: bool | None
) -> None:
    site.answers(GROUP, site.ok(_error("not found"), 404))
    page = {"values": [{"groupId": id_, "name": "team"} for id_ in there], "isLast": True, "total": len(there)}
    site.answers(GROUPS, site.ok(page))

    def question(jira: JiraClient) -> Any:
        return jira.people_writing.delete_group("g-1", "g-2")

    if told is None:
        assert "could take over" in caught(ask, question).message
    else:
        assert ask(question) is told


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ([], None),
        ([("g-1", "Jira-Team")], Group("g-1", "Jira-Team")),
        ([("g-1", "JIRA-TEAM"), ("g-2", "jira-team")], Group("g-2", "jira-team")),
        ([("g-1", "jira-teams")], None),
        ([("g-1", None)], None),
    ],
)
def test_a_group_is_found_by_its_name(site: Site, ask: Ask, known: list[Any], found: Group | None) -> None:
    values = [{"groupId": id_, "name": name} for id_, name in known]
    site.answers(GROUPS, site.ok({"values": values, "isLast": True, "total": len(values)}))
    assert ask(lambda jira: jira.people_writing.group_named("jira-team")) == found
    assert site.asked[0].url.params["groupName"] == "jira-team"


def test_a_group_that_nothing_can_refer_to_is_an_error(site: Site, ask: Ask) -> None:
    site.answers(GROUPS, site.ok({"values": [{"groupId": None, "name": "jira-team"}], "isLast": True}))
    told = caught(ask, lambda jira: jira.people_writing.group_named("jira-team"))
    assert isinstance(told, JiraProtocolError)
    assert not told.retryable


def test_one_account_is_read_by_its_id(site: Site, ask: Ask) -> None:
    site.answers(USER, site.ok({"accountId": ANNA, "accountType": "atlassian", "active": True, "displayName": "Anna"}))
    found = ask(lambda jira: jira.people_writing.user(ANNA))
    assert (found.account_id, found.active, found.fields["displayName"]) == (ANNA, True, "Anna")
    assert site.asked[0].url.query == b"accountId=712020%3Aanna-1"
    site.answers(USER, site.ok(_error("no such user"), 404))
    assert ask(lambda jira: jira.people_writing.user(ANNA)) is None
    site.answers(USER, site.ok(_error("bad"), 400))
    assert isinstance(caught(ask, lambda jira: jira.people_writing.user(ANNA)), JiraRefused)
