"""People, groups, memberships and roles are read whole, however Jira cuts them, or the reading fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_jira.jira.client import SERVER_INFO
from airflow_provider_jira.jira.errors import (
    JiraAuthError,
    JiraIncomplete,
    JiraPermissionError,
    JiraProtocolError,
    JiraRefused,
    JiraUnavailable,
    JiraUnreachable,
)
from airflow_provider_jira.jira.looking_up import LONGEST_QUERY, MOST_IDS
from airflow_provider_jira.jira.people import (
    GROUPS,
    GROUPS_AT_A_TIME,
    MEMBERS,
    MY_PERMISSIONS,
    USERS,
    USERS_BY_ID,
    People,
)
from airflow_provider_jira.jira.records import Group, Person, Role
from airflow_provider_jira.jira.roles import PERMITTED_PROJECTS
from airflow_provider_jira.jira.settings import JiraSettings

Ask = Callable[..., Any]
Rows = list[dict[str, Any]]
TRIES = 4


def _user(id_: str = "u1", **more: Any) -> dict[str, Any]:
    return {"accountId": id_, "accountType": "atlassian", "displayName": f"P {id_}", "active": True, **more}


def _users(count: int) -> Rows:
    return [_user(f"712020:{at:05d}") for at in range(count)]


def _group(at: int) -> dict[str, Any]:
    return {"groupId": f"g-{at:05d}", "name": f"team {at}"}


def _cut(request: httpx.Request, rows: Rows, cap: int) -> tuple[int, int, Rows]:
    """What a page holds: Jira gives fewer than asked for without a word."""
    start, most = int(request.url.params["startAt"]), int(request.url.params["maxResults"])
    size = min(most, cap)
    return start, size, rows[start : start + size]


def _array(site: Any, rows: Rows, cap: int = 1000) -> Any:
    return lambda request: site.ok(_cut(request, rows, cap)[2])(request)


def _bean(site: Any, rows: Rows, cap: int = 50, **more: Any) -> Any:
    def answer(request: httpx.Request) -> Any:
        start, size, values = _cut(request, rows, cap)
        last = start + len(values) >= len(rows)
        page = {"startAt": start, "maxResults": size, "total": len(rows), "isLast": last, "values": values, **more}
        return site.ok(page)(request)

    return answer


def _by_id(site: Any, rows: Rows, parameter: str = "accountId", cap: int = 200, total: int | None = None) -> Any:
    """Answers with the rows that were asked for, and leaves out the others without a word."""
    known = {row[parameter]: row for row in rows}

    def answer(request: httpx.Request) -> Any:
        asked = request.url.params.get_list(parameter)
        found = [known[id_] for id_ in asked if id_ in known]
        more = {} if total is None else {"total": total}
        return _bean(site, found, cap, **more)(request)

    return answer


def _starts(site: Any) -> list[int]:
    return [int(request.url.params["startAt"]) for request in site.asked]


# everyone


def test_everyone_is_listed_until_a_page_is_empty(site: Any, ask: Ask) -> None:
    site.answers(USERS, _array(site, _users(2300)))
    pages = ask(lambda jira: jira.people.everyone())
    assert [len(page) for page in pages] == [1000, 999, 301]
    assert [person.account_id for page in pages for person in page] == [user["accountId"] for user in _users(2300)]
    # each page begins with the last one of the page before; the empty one cannot, so that one is looked at again
    assert _starts(site) == [0, 999, 1998, 2299, 2300, 2299]
    assert {request.url.params["maxResults"] for request in site.asked} == {"1000"}


@pytest.mark.parametrize("cap", [1, 2, 7, 50, 999, 1000])
@pytest.mark.parametrize("count", [0, 1, 2, 50, 51])
def test_short_pages_end_no_list(site: Any, ask: Ask, count: int, cap: int) -> None:
    site.answers(USERS, _array(site, _users(count), cap))
    found = [person.account_id for page in ask(lambda jira: jira.people.everyone()) for person in page]
    assert found == [user["accountId"] for user in _users(count)]


def test_a_person_has_what_jira_sent_and_no_more(site: Any, ask: Ask) -> None:
    sent = {
        "accountId": "557058:x",
        "accountType": "app",
        "appType": "service",
        "displayName": "Deploy Bot",
        "emailAddress": "bot@acme.example",
        "active": False,
        "timeZone": None,
        "locale": "fi_FI",
    }
    site.answers(USERS, _array(site, [{**sent, "self": "x", "avatarUrls": {"16x16": "x"}, "guest": False}]))
    ((person,),) = ask(lambda jira: jira.people.everyone())
    assert person == Person("557058:x", "app", False, sent)
    assert person.placeholder is False


@pytest.mark.parametrize("sent", [{}, {"emailAddress": None}, {"emailAddress": ""}])
def test_an_address_that_is_not_shown_is_not_there(site: Any, ask: Ask, sent: dict[str, Any]) -> None:
    site.answers(USERS, _array(site, [_user(**sent)]))
    ((person,),) = ask(lambda jira: jira.people.everyone())
    assert person.fields == _user()


@pytest.mark.parametrize(
    ("sent", "placeholder"),
    [
        ({}, False),
        ({"active": False}, False),
        ({"accountType": "customer"}, False),
        ({"timeZone": None, "locale": None}, False),
        # deleted, as recordings of real answers have it
        ({"displayName": "Former user", "active": False}, True),
        ({"displayName": "Former User ", "active": False, "emailAddress": ""}, True),
        # called so, but there
        ({"displayName": "Former user"}, False),
        ({"displayName": "Former user", "active": False, "emailAddress": "f@acme.example"}, False),
        # corrupt, and the identity service out
        ({"accountId": "unknown"}, True),
        ({"accountId": None}, True),
        ({"accountId": ""}, True),
        ({"accountType": "unknown"}, True),
        ({"accountType": None}, True),
        ({"displayName": None}, True),
        ({"displayName": " "}, True),
        ({"active": None}, True),
    ],
)
def test_a_record_that_only_stands_in_for_a_person_is_told(
    site: Any, ask: Ask, sent: dict[str, Any], placeholder: bool
) -> None:
    site.answers(USERS, _array(site, [_user(**sent)]))
    ((person,),) = ask(lambda jira: jira.people.everyone())
    assert person.placeholder is placeholder
    assert person.account_id == (sent.get("accountId", "u1") or "unknown")


def test_records_that_nothing_tells_apart_are_all_handed_out(site: Any, ask: Ask) -> None:
    rows = [_user("a"), *({"accountId": "unknown"} for _ in range(7)), _user("b"), {}]
    site.answers(USERS, _array(site, rows, cap=3))
    found = [person.account_id for page in ask(lambda jira: jira.people.everyone()) for person in page]
    assert found == ["a", *["unknown"] * 7, "b", "unknown"]


def test_where_jira_needs_too_long_pages_are_halved_and_stay_so(site: Any, ask: Ask) -> None:
    rows = _users(700)

    def answer(request: httpx.Request) -> Any:
        slow = int(request.url.params["maxResults"]) > 300
        return (site.ok(None, 409) if slow else _array(site, rows))(request)

    site.answers(USERS, answer)
    assert sum(len(page) for page in ask(lambda jira: jira.people.everyone())) == 700
    assert [int(request.url.params["maxResults"]) for request in site.asked][:4] == [1000, 500, 250, 250]
    assert site.at[1] - site.at[0] == pytest.approx(2.0, abs=0.1)


def test_where_jira_needs_too_long_for_a_few_people_it_is_an_error(site: Any, ask: Ask) -> None:
    site.answers(USERS, site.ok(None, 409))
    with pytest.raises(JiraUnavailable, match=r"too long to list 50 people.*HTTP 409, trace abc123") as raised:
        ask(lambda jira: jira.people.everyone())
    assert raised.value.retryable is True
    assert [int(one.url.params["maxResults"]) for one in site.asked] == [1000, 500, 250, 125, 62, 50]


def test_nobody_is_passed_over_when_somebody_leaves_meanwhile(site: Any, ask: Ask) -> None:
    rows = _users(30)

    def answer(request: httpx.Request) -> Any:
        response = _array(site, rows, cap=10)(request)
        if len(site.asked) == 2:
            del rows[3]
        return response

    site.answers(USERS, answer)
    pages = ask(lambda jira: jira.people.everyone())
    found = [person.account_id for page in pages for person in page]
    assert sorted(found) == [user["accountId"] for user in _users(30)]
    # it was begun anew, and nobody came twice
    assert _starts(site).count(0) == 2


def test_a_list_of_people_that_never_holds_still_is_an_error(site: Any, ask: Ask) -> None:
    rows = _users(400)

    def answer(request: httpx.Request) -> Any:
        response = _array(site, rows, cap=10)(request)
        del rows[:2]
        return response

    site.answers(USERS, answer)
    with pytest.raises(JiraIncomplete, match=r"list of people.*4 times in a row") as raised:
        ask(lambda jira: jira.people.everyone())
    assert (raised.value.path, raised.value.retryable) == (USERS, True)
    assert _starts(site).count(0) == TRIES


@pytest.mark.parametrize("body", [{"values": []}, None, [1], [{"accountId": 7}], [{"active": "yes"}]])
def test_an_answer_that_is_no_list_of_people_is_an_error(site: Any, ask: Ask, body: Any) -> None:
    site.answers(USERS, site.ok(body))
    with pytest.raises(JiraProtocolError):
        ask(lambda jira: jira.people.everyone())


# groups


def test_groups_are_listed_until_the_page_that_says_so(site: Any, ask: Ask) -> None:
    site.answers(GROUPS, _bean(site, [_group(at) for at in range(120)]))
    pages = ask(lambda jira: jira.people.groups())
    assert [group for page in pages for group in page] == [Group(f"g-{at:05d}", f"team {at}") for at in range(120)]
    assert _starts(site) == [0, 49, 98]
    assert "groupId" not in site.asked[0].url.params


def test_a_short_page_of_groups_ends_nothing(site: Any, ask: Ask) -> None:
    rows = [_group(at) for at in range(4)]
    site.answers(
        GROUPS,
        site.ok({"values": rows[:1], "isLast": False}),
        site.ok({"values": rows[:3], "isLast": False}),
        site.ok({"values": rows[2:4], "isLast": True}),
    )
    pages = ask(lambda jira: jira.people.groups())
    assert [[group.group_id for group in page] for page in pages] == [["g-00000"], ["g-00001", "g-00002"], ["g-00003"]]


@pytest.mark.parametrize(
    "body",
    [{"values": [], "isLast": False, "total": 5}, {"values": [], "isLast": True, "total": 5}],
)
def test_a_list_of_groups_that_is_shorter_than_its_total_is_an_error(site: Any, ask: Ask, body: Any) -> None:
    site.answers(GROUPS, site.ok(body))
    with pytest.raises(JiraIncomplete, match="list of groups came out short"):
        ask(lambda jira: jira.people.groups())
    assert len(site.asked) == TRIES


@pytest.mark.parametrize("body", [{}, {"values": []}, {"isLast": True}, [], {"values": None, "isLast": True}])
def test_a_page_of_groups_that_does_not_say_whether_it_is_the_last_is_none(site: Any, ask: Ask, body: Any) -> None:
    site.answers(GROUPS, site.ok(body))
    with pytest.raises(JiraProtocolError):
        ask(lambda jira: jira.people.groups())


def test_a_list_that_only_begins_pages_at_certain_places_is_read_whole(site: Any, ask: Ask) -> None:
    rows = [_group(at) for at in range(130)]

    def answer(request: httpx.Request) -> Any:
        start = int(request.url.params["startAt"]) // 50 * 50
        return site.ok({"values": rows[start : start + 50], "isLast": start >= 100, "total": 130})(request)

    site.answers(GROUPS, answer)
    assert sum(len(page) for page in ask(lambda jira: jira.people.groups())) == 130


def test_groups_without_id_are_left_out_and_told(site: Any, run: Callable[..., Any]) -> None:
    nameless: Rows = [{"groupId": None, "name": "lost"}, {"name": "lost, too"}, {"groupId": "", "name": "lost"}]
    site.answers(GROUPS, _bean(site, [_group(1), *nameless, _group(2)], cap=2))

    async def story() -> tuple[list[str], tuple[str, ...]]:
        async with site.client() as jira:
            assert jira.people.groups_without_id == ()
            found = [group.group_id async for page in jira.people.groups() for group in page]
            return found, jira.people.groups_without_id

    assert run(story()) == (["g-00001", "g-00002"], ("lost", "lost, too"))


# members


def _in_groups(site: Any, groups: dict[str, Rows], cap: int = 50) -> Any:
    def answer(request: httpx.Request) -> Any:
        id_ = request.url.params["groupId"]
        return (_bean(site, groups[id_], cap) if id_ in groups else site.ok({"errorMessages": ["x"]}, 404))(request)

    return answer


def test_members_come_group_by_group_inactive_ones_too(site: Any, ask: Ask) -> None:
    groups = {"a": _users(120), "b": [], "c": [_user("z", active=False, emailAddress=None)]}
    site.answers(MEMBERS, _in_groups(site, groups))
    found = dict(ask(lambda jira: jira.people.members(["a", "b", "gone", "c", "a"])))
    assert found == {id_: frozenset(row["accountId"] for row in rows) for id_, rows in groups.items()}
    for request in site.asked:
        assert request.url.params["includeInactiveUsers"] == "true"
        assert request.url.params["maxResults"] == "50"
    assert len(site.asked) == 3 + 1 + 1 + 1


def test_no_groups_ask_nothing(site: Any, ask: Ask) -> None:
    assert ask(lambda jira: jira.people.members([])) == []
    assert site.asked == []


def test_members_whom_jira_does_not_know_are_not_left_out_in_silence(site: Any, ask: Ask) -> None:
    site.answers(MEMBERS, _in_groups(site, {"a": [_user("z"), *({"accountId": "unknown"} for _ in range(3))]}, cap=2))
    assert ask(lambda jira: jira.people.members(["a"])) == [("a", {"z", "unknown"})]


@pytest.mark.parametrize("change", ["left", "joined", "swapped"])
def test_a_group_that_moved_is_read_again(site: Any, ask: Ask, change: str) -> None:
    rows = _users(130)

    def answer(request: httpx.Request) -> Any:
        response = _bean(site, rows)(request)
        if len(site.asked) == 1:
            if change != "joined":
                del rows[3]
            if change != "left":
                rows.insert(0 if change == "joined" else 100, _user("new"))
        return response

    site.answers(MEMBERS, answer)
    ((_, found),) = ask(lambda jira: jira.people.members(["a"]))
    # as the last reading found it, not a mixture
    assert found == {row["accountId"] for row in rows}
    assert _starts(site).count(0) == 2


@pytest.mark.parametrize("total", [131, 129])
def test_a_group_is_whole_when_it_is_as_large_as_jira_says(site: Any, ask: Ask, total: int) -> None:
    site.answers(MEMBERS, _bean(site, _users(130), total=total))
    if total < 130:
        assert len(ask(lambda jira: jira.people.members(["a"]))[0][1]) == 130
        return
    with pytest.raises(JiraIncomplete, match="members of group a came out short") as raised:
        ask(lambda jira: jira.people.members(["a"]))
    assert (raised.value.path, raised.value.retryable) == (MEMBERS, True)
    assert _starts(site).count(0) == TRIES


def test_a_group_that_vanishes_while_it_is_read_is_absent(site: Any, ask: Ask) -> None:
    site.answers(MEMBERS, _bean(site, _users(130)), site.ok({"errorMessages": ["x"]}, 404))
    assert ask(lambda jira: jira.people.members(["a"])) == []


def test_a_site_that_vanishes_is_not_taken_for_a_group_that_did(site: Any, ask: Ask) -> None:
    site.answers(MEMBERS, site.raw(404, {"errorMessages": ["x"]}))
    with pytest.raises(JiraUnreachable):
        ask(lambda jira: jira.people.members(["a"]))


def test_a_few_groups_are_read_side_by_side_and_never_more(site: Any, ask: Ask) -> None:
    busy = [0, 0]

    async def slowly(request: httpx.Request) -> httpx.Response:
        busy[0] += 1
        busy[1] = max(busy)
        await asyncio.sleep(1 + int(request.url.params["groupId"][1:]) % 5)
        busy[0] -= 1
        answer: httpx.Response = site.ok({"values": [], "isLast": True, "total": 0})(request)
        return answer

    site.answers(MEMBERS, slowly)
    assert len(ask(lambda jira: jira.people.members(f"g{at}" for at in range(40)))) == 40
    assert busy == [0, GROUPS_AT_A_TIME]


def test_a_large_group_does_not_hold_up_the_others(site: Any, run: Callable[..., Any]) -> None:
    groups = {"large": _users(5000), **{f"g{at}": _users(1) for at in range(100)}}
    site.answers(MEMBERS, _in_groups(site, groups))

    async def story() -> list[str]:
        async with site.client() as jira:
            return [id_ async for id_, _ in jira.people.members(groups)]

    found = run(story())
    assert found[-1] == "large"
    assert len(found) == 101


def test_the_first_group_that_fails_ends_the_reading(site: Any, ask: Ask) -> None:
    def answer(request: httpx.Request) -> Any:
        failing = request.url.params["groupId"] == "g5"
        return (site.ok(None, 403) if failing else _bean(site, _users(60)))(request)

    site.answers(MEMBERS, answer)
    with pytest.raises(JiraPermissionError, match="Browse users and groups"):
        ask(lambda jira: jira.people.members(f"g{at}" for at in range(1000)))
    assert len(site.asked) < 40


@pytest.mark.parametrize("closed", ["reading", "client"])
def test_a_reader_that_gives_up_leaves_nothing_running(site: Any, run: Callable[..., Any], closed: str) -> None:
    async def slowly(request: httpx.Request) -> httpx.Response:
        if request.url.params["groupId"] == "g0":
            answer: httpx.Response = _bean(site, [])(request)
            return answer
        await asyncio.sleep(50)
        raise AssertionError("somebody still waits for this")

    site.answers(MEMBERS, slowly)

    async def story() -> None:
        async with site.client() as jira:
            reading = jira.people.members(f"g{at}" for at in range(100))
            assert (await reading.__anext__())[0] == "g0"
            if closed == "reading":
                await reading.aclose()
                assert asyncio.all_tasks() == {asyncio.current_task()}
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(story())
    assert len(site.asked) <= GROUPS_AT_A_TIME + 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    sizes=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 170), max_size=12),
    cap=st.integers(1, 50),
)
def test_every_membership_is_found(site: Any, run: Callable[..., Any], sizes: dict[str, int], cap: int) -> None:
    site.answers(MEMBERS, _in_groups(site, {id_: _users(size) for id_, size in sizes.items()}, cap))

    async def story() -> dict[str, int]:
        async with site.client() as jira:
            return {id_: len(found) async for id_, found in jira.people.members(sizes)}

    assert run(story()) == sizes


# by id


def test_people_are_looked_up_by_id_and_the_unknown_are_absent(site: Any, ask: Ask) -> None:
    site.answers(USERS_BY_ID, _by_id(site, _users(3)))
    found = ask(lambda jira: jira.people.by_id(["712020:00002", "nobody", "712020:00000", "712020:00002", ""]))
    assert {id_: person.account_id for id_, person in found.items()} == {
        "712020:00002": "712020:00002",
        "712020:00000": "712020:00000",
    }
    (request,) = site.asked
    assert request.url.params.get_list("accountId") == ["712020:00002", "nobody", "712020:00000"]
    assert request.url.params["maxResults"] == "3"


def test_nobody_to_look_up_asks_nothing(site: Any, ask: Ask) -> None:
    assert ask(lambda jira: jira.people.by_id([])) == {}
    assert ask(lambda jira: jira.people.groups_by_id([])) == {}
    assert site.asked == []


@pytest.mark.parametrize("cap", [1, 10, 99, 200])
def test_many_are_looked_up_in_addresses_that_fit(site: Any, ask: Ask, cap: int) -> None:
    rows = [_user(f"712020:{at:0110d}") for at in range(120)] + [_user(f"{at}") for at in range(150)]
    site.answers(USERS_BY_ID, _by_id(site, rows, cap=cap))
    found = ask(lambda jira: jira.people.by_id(row["accountId"] for row in rows))
    assert found.keys() == {row["accountId"] for row in rows}
    for request in site.asked:
        assert len(request.url.query) < LONGEST_QUERY + 60
        assert len(request.url.params.get_list("accountId")) <= MOST_IDS


def test_one_id_of_any_length_is_asked_for(site: Any, ask: Ask) -> None:
    row = _user("ä:" * 4000)
    site.answers(USERS_BY_ID, _by_id(site, [row, _user("b")]))
    assert ask(lambda jira: jira.people.by_id([row["accountId"], "b"])).keys() == {row["accountId"], "b"}


@pytest.mark.parametrize("total", [{}, {"total": None}])
def test_a_record_that_hides_its_id_is_a_placeholder_and_not_nobody(site: Any, ask: Ask, total: dict[str, Any]) -> None:
    corrupt = {"c1", "c2", "c3"}

    def answer(request: httpx.Request) -> Any:
        asked = request.url.params.get_list("accountId")
        found = [{**_user(id_), **({"accountId": "unknown"} if id_ in corrupt else {})} for id_ in asked if id_ != "no"]
        return _bean(site, found, **total)(request)

    site.answers(USERS_BY_ID, answer)
    found = ask(lambda jira: jira.people.by_id(["a", "c1", "no", "c2", "b", "c3"]))
    assert found.keys() == {"a", "b", *corrupt}
    assert {id_ for id_, person in found.items() if person.placeholder} == corrupt
    assert all(person.account_id == id_ for id_, person in found.items())


def test_during_an_outage_everybody_is_a_placeholder_by_one_question(site: Any, ask: Ask) -> None:
    site.answers(USERS_BY_ID, _bean(site, [{"accountId": "unknown"}] * 90, cap=90))
    found = ask(lambda jira: jira.people.by_id(f"u{at}" for at in range(90)))
    assert len(found) == 90
    assert all(person.placeholder for person in found.values())
    assert len(site.asked) == 1


def test_nobody_is_called_gone_by_an_answer_that_is_shorter_than_it_says(site: Any, ask: Ask) -> None:
    rows = _users(8)
    good = _by_id(site, rows)

    def answer(request: httpx.Request) -> Any:
        # leaves half of them out when asked for many, and still counts them
        many = len(request.url.params.get_list("accountId")) > 2
        return (_by_id(site, rows[::2], total=8) if many else good)(request)

    site.answers(USERS_BY_ID, answer)
    asked = [row["accountId"] for row in rows]
    assert ask(lambda jira: jira.people.by_id([*asked, "gone"])).keys() == set(asked)


def test_a_total_that_counts_what_was_asked_for_hides_nobody_and_invents_nobody(site: Any, ask: Ask) -> None:
    def answer(request: httpx.Request) -> Any:
        return _by_id(site, _users(5), total=len(request.url.params.get_list("accountId")))(request)

    site.answers(USERS_BY_ID, answer)
    asked = [row["accountId"] for row in _users(5)]
    assert ask(lambda jira: jira.people.by_id([*asked, "x", "y", "z"])).keys() == set(asked)


@pytest.mark.parametrize("status", [400, 414])
def test_fewer_are_asked_for_where_jira_refuses_so_many(site: Any, ask: Ask, status: int) -> None:
    def answer(request: httpx.Request) -> Any:
        many = len(request.url.params.get_list("accountId")) > 7
        return (site.ok(None, status) if many else _by_id(site, _users(90)))(request)

    site.answers(USERS_BY_ID, answer)
    assert len(ask(lambda jira: jira.people.by_id([row["accountId"] for row in _users(90)]))) == 90


@pytest.mark.parametrize("status", [400, 404, 409])
def test_an_id_that_jira_refuses_by_itself_is_an_error(site: Any, ask: Ask, status: int) -> None:
    site.answers(USERS_BY_ID, site.ok({"errorMessages": ["No such form of id."]}, status))
    with pytest.raises(JiraRefused):
        ask(lambda jira: jira.people.by_id(["a", "b"]))
    assert len(site.asked) == (2 if status == 400 else 1)


def test_somebody_who_was_not_asked_for_is_an_error(site: Any, ask: Ask) -> None:
    site.answers(USERS_BY_ID, _bean(site, [_user("b")]))
    with pytest.raises(JiraProtocolError, match="1 records that were not asked for, b among them"):
        ask(lambda jira: jira.people.by_id(["a"]))


def test_groups_are_looked_up_by_id_and_the_unknown_are_absent(site: Any, ask: Ask) -> None:
    rows = [_group(at) for at in range(250)]
    site.answers(GROUPS, _by_id(site, rows, "groupId", cap=50))
    found = ask(lambda jira: jira.people.groups_by_id([*(row["groupId"] for row in rows), "gone"]))
    assert found == {row["groupId"]: Group(row["groupId"], row["name"]) for row in rows}


def test_a_group_that_hides_its_id_is_an_error_and_not_gone(site: Any, ask: Ask) -> None:
    site.answers(GROUPS, _bean(site, [{"groupId": None, "name": "x"}]))
    with pytest.raises(JiraProtocolError, match="Asked for the group g, Jira returned one without an id"):
        ask(lambda jira: jira.people.groups_by_id(["g"]))


# roles


def _projects(site: Any, **numbers: int) -> None:
    site.answers(PERMITTED_PROJECTS, site.ok({"projects": [{"id": id_, "key": key} for key, id_ in numbers.items()]}))


def _person(id_: str | None) -> dict[str, Any]:
    return {"type": "atlassian-user-role-actor", "displayName": "x", "actorUser": {"accountId": id_}}


def _team(id_: str | None) -> dict[str, Any]:
    return {"type": "atlassian-group-role-actor", "actorGroup": {"groupId": id_, "name": "x", "displayName": "x"}}


def _role(site: Any, key: str, id_: int, name: str, *actors: Any) -> None:
    site.answers(
        f"/rest/api/3/project/{key}/role/{id_}", site.ok({"id": id_, "name": name, "self": "x", "actors": list(actors)})
    )


def _links(site: Any, key: str, *ids: int) -> None:
    links = {f"Role {id_}": f"https://acme.atlassian.net/rest/api/3/project/10000/role/{id_}" for id_ in ids}
    site.answers(f"/rest/api/3/project/{key}/role", site.ok(links))


def test_roles_name_their_holders(site: Any, ask: Ask) -> None:
    _projects(site, SUP=10000, HR=10002, OTHER=1)
    _links(site, "SUP", 10101, 10002)
    _links(site, "HR", 10002)
    _role(site, "SUP", 10002, "Administrators", _person("u2"), _team("g1"), _person("u1"), _person("u2"))
    _role(site, "SUP", 10101, "Developers")
    _role(site, "HR", 10002, "Administrators", _team("g2"), _person("unknown"), _person(None))
    assert ask(lambda jira: jira.people.roles(["SUP", "HR", "SUP"])) == (
        Role(10000, "SUP", 10002, "Administrators", ("u2", "u1"), ("g1",)),
        Role(10000, "SUP", 10101, "Developers", (), ()),
        Role(10002, "HR", 10002, "Administrators", ("unknown",), ("g2",)),
    )


def test_no_projects_ask_nothing(site: Any, ask: Ask) -> None:
    assert ask(lambda jira: jira.people.roles([])) == ()
    assert site.asked == []


def test_projects_that_may_not_be_read_are_named(site: Any, ask: Ask) -> None:
    _projects(site, SUP=10000)
    with pytest.raises(JiraRefused, match=r"no project 'sup', 'HR' that.*current key.*Browse projects") as raised:
        ask(lambda jira: jira.people.roles(["sup", "SUP", "HR"]))
    assert raised.value.path == PERMITTED_PROJECTS


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("path", ["/rest/api/3/project/SUP/role", "/rest/api/3/project/SUP/role/10002"])
def test_who_may_not_read_roles_is_told_the_permission(site: Any, ask: Ask, path: str, status: int) -> None:
    _projects(site, SUP=10000)
    _links(site, "SUP", 10002)
    site.answers(path, site.ok({"errorMessages": ["x"]}, status))
    with pytest.raises(JiraPermissionError, match=r"'Administer projects' in SUP, or .* 'Administer Jira'") as raised:
        ask(lambda jira: jira.people.roles(["SUP"]))
    assert (raised.value.path, raised.value.status, raised.value.trace) == (path, status, "abc123")
    assert raised.value.retryable is False


@pytest.mark.parametrize("holder", [_team(None), _team(""), {"type": "new-kind-of-actor", "id": 1}])
def test_a_holder_that_cannot_be_told_is_an_error(site: Any, ask: Ask, holder: Any) -> None:
    _projects(site, SUP=10000)
    _links(site, "SUP", 10002)
    _role(site, "SUP", 10002, "Administrators", _person("u1"), holder)
    with pytest.raises(JiraProtocolError, match="role 10002 of project SUP has 1 holders"):
        ask(lambda jira: jira.people.roles(["SUP"]))


@pytest.mark.parametrize(
    ("links", "role"),
    [
        ({"A": "https://x/role/abc"}, None),
        ({"A": "https://x/role/²"}, None),
        (["https://x/role/1"], None),
        ({"A": "https://x/role/1"}, {"name": "A"}),
    ],
)
def test_an_answer_about_roles_that_lacks_its_parts_is_an_error(site: Any, ask: Ask, links: Any, role: Any) -> None:
    _projects(site, SUP=10000)
    site.answers("/rest/api/3/project/SUP/role", site.ok(links))
    site.answers("/rest/api/3/project/SUP/role/1", site.ok(role))
    with pytest.raises(JiraProtocolError):
        ask(lambda jira: jira.people.roles(["SUP"]))


# permission, clock


@pytest.mark.parametrize("have", [True, False])
def test_it_can_be_asked_whether_people_may_be_browsed(site: Any, ask: Ask, have: bool) -> None:
    site.answers(MY_PERMISSIONS, site.ok({"permissions": {"USER_PICKER": {"id": "27", "havePermission": have}}}))
    assert ask(lambda jira: jira.people.may_browse()) is have
    assert dict(site.asked[0].url.params) == {"permissions": "USER_PICKER"}


@pytest.mark.parametrize("body", [{}, {"permissions": {}}, {"permissions": {"USER_PICKER": {}}}])
def test_a_permission_that_jira_does_not_speak_of_is_not_lacking(site: Any, ask: Ask, body: Any) -> None:
    site.answers(MY_PERMISSIONS, site.ok(body))
    with pytest.raises(JiraProtocolError):
        ask(lambda jira: jira.people.may_browse())


@pytest.mark.parametrize(
    ("told", "offset", "micros"),
    [
        ("2026-03-31T16:43:50.123+0200", 2, 123000),
        ("2026-03-31T16:43:50+0200", 2, 0),
        ("2026-03-31T16:43:50.5-05:00", -5, 500000),
        ("2026-03-31T16:43:50.000Z", 0, 0),
    ],
)
def test_jira_tells_the_time_of_its_own_clock(site: Any, ask: Ask, told: str, offset: int, micros: int) -> None:
    site.answers(SERVER_INFO, site.ok({"serverTime": told, "baseUrl": "x", "defaultLocale": {}}))
    zone = timezone(timedelta(hours=offset))
    moment = ask(lambda jira: jira.server_time())
    assert moment == datetime(2026, 3, 31, 16, 43, 50, micros, tzinfo=zone)
    assert moment.utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize("told", ["", "now", "2026-03-31T16:43:50", "2026-03-31T16:43:50.000", "31.3.2026"])
def test_a_time_that_is_none_is_an_error(site: Any, ask: Ask, told: str) -> None:
    site.answers(SERVER_INFO, site.ok({"serverTime": told}))
    with pytest.raises(JiraProtocolError, match="a time that is none") as raised:
        ask(lambda jira: jira.server_time())
    assert raised.value.path == SERVER_INFO


# who asks


QUESTIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "everyone": (USERS, lambda jira: jira.people.everyone()),
    "groups": (GROUPS, lambda jira: jira.people.groups()),
    "members": (MEMBERS, lambda jira: jira.people.members(["a"])),
    "roles": (PERMITTED_PROJECTS, lambda jira: jira.people.roles(["SUP"])),
    "by_id": (USERS_BY_ID, lambda jira: jira.people.by_id(["a"])),
    "groups_by_id": (GROUPS, lambda jira: jira.people.groups_by_id(["a"])),
    "may_browse": (MY_PERMISSIONS, lambda jira: jira.people.may_browse()),
    "server_time": (SERVER_INFO, lambda jira: jira.server_time()),
}


def test_every_question_about_people_is_asked_here() -> None:
    public = {name for name in dir(People) if not name.startswith("_")}
    assert public == {*QUESTIONS, "close", "groups_without_id"} - {"server_time"}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("status", [200, 400, 404])
def test_an_answer_to_nobody_is_never_believed(site: Any, ask: Ask, name: str, status: int) -> None:
    path, question = QUESTIONS[name]
    site.answers(path, site.raw(status, [], X_Seraph_LoginReason="AUTHENTICATED_FAILED"))
    with pytest.raises(JiraAuthError):
        ask(question)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_login_that_is_lost_midway_is_an_error_and_not_an_end(site: Any, ask: Ask, name: str) -> None:
    path, question = QUESTIONS[name]
    site.answers(path, site.raw(200, []))
    with pytest.raises(JiraAuthError, match="anonymous visitor"):
        ask(question)


@pytest.mark.parametrize("name", ["everyone", "groups", "members", "groups_by_id"])
def test_who_may_not_browse_is_told_the_permission(site: Any, ask: Ask, name: str) -> None:
    path, question = QUESTIONS[name]
    site.answers(path, site.ok({"errorMessages": ["Ms Secret is not yours to see."]}, 403))
    with pytest.raises(JiraPermissionError, match="give it the global permission 'Browse users and groups'") as raised:
        ask(question)
    assert "Secret" not in str(raised.value)
    assert (raised.value.path, raised.value.retryable) == (path, False)


@pytest.mark.parametrize(
    ("name", "scope"),
    [("members", "manage:jira-configuration"), ("everyone", "read:jira-user"), ("by_id", "read:jira-user")],
)
@pytest.mark.parametrize(
    ("status", "known", "error"),
    [(401, False, JiraAuthError), (401, True, JiraPermissionError), (403, True, JiraPermissionError)],
)
def test_a_token_that_lacks_a_scope_is_told_which(
    site: Any, ask: Ask, name: str, scope: str, status: int, known: bool, error: type[Exception]
) -> None:
    path, question = QUESTIONS[name]
    body = {"code": 401, "message": "Unauthorized; scope does not match"}
    site.answers(f"/ex/jira/c-1{path}", site.ok(body, status) if known else site.raw(status, body))
    scoped = JiraSettings("https://acme.atlassian.net", "a@b.c", "tok", auth="scoped", cloud_id="c-1")
    with pytest.raises(error, match=f"scope {scope}"):
        ask(question, scoped)


def test_limits_count_endpoints_and_not_what_they_are_asked_about(site: Any, run: Callable[..., Any]) -> None:
    keys = {f"P{at}": at for at in range(3)}
    _projects(site, **keys)
    for key in keys:
        _links(site, key, 1, 2)
        _role(site, key, 1, "One")
        _role(site, key, 2, "Two")
    site.answers(MEMBERS, _bean(site, []))

    async def story() -> set[str]:
        async with site.client() as jira:
            await jira.people.roles(keys)
            assert len([one async for one in jira.people.members(["a", "b", "c"])]) == 3
            return set(jira._connection._limits._buckets)

    assert run(story()) == {
        f"POST {PERMITTED_PROJECTS}",
        "GET /rest/api/3/project/{projectIdOrKey}/role",
        "GET /rest/api/3/project/{projectIdOrKey}/role/{id}",
        f"GET {MEMBERS}",
    }


def test_no_error_tells_who_somebody_is(site: Any, ask: Ask) -> None:
    secret = _user("u1", displayName="Ms Secret", emailAddress="secret@acme.example", active="no")
    site.answers(USERS, site.ok([secret]))
    with pytest.raises(JiraProtocolError) as raised:
        ask(lambda jira: jira.people.everyone())
    assert "ecret" not in str(raised.value)
