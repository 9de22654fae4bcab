"""Limits are kept, and told of as Jira tells of them."""

from __future__ import annotations

import pytest


def test_every_answer_says_how_much_of_the_bucket_is_left(open_jira):
    jira = open_jira(rate_depth=10)
    left = [jira.ask("GET", "/myself").headers for _ in range(10)]
    assert [headers["X-RateLimit-Limit"] for headers in left] == ["10"] * 10
    assert [int(headers["X-RateLimit-Remaining"]) for headers in left] == list(range(9, -1, -1))
    assert [headers.get("X-RateLimit-NearLimit") for headers in left] == [None] * 8 + ["true"] * 2


def test_an_empty_bucket_refuses_until_it_has_refilled(open_jira):
    jira = open_jira(rate_depth=2, rate_per_second={"GET": 0.5})
    assert [jira.ask("GET", "/myself").status_code for _ in range(3)] == [200, 200, 429]
    refused = jira.ask("GET", "/myself")
    assert refused.headers["RateLimit-Reason"] == "jira-burst-based"
    assert refused.headers["Retry-After"] == "2"
    assert refused.headers["X-RateLimit-Reset"] == "2026-05-28T20:27Z"
    jira.time += 1.9
    assert jira.ask("GET", "/myself").status_code == 429
    jira.time += 0.2
    assert jira.ask("GET", "/myself").status_code == 200


def test_buckets_are_for_one_endpoint_and_method(open_jira):
    jira = open_jira(rate_depth=1, rate_per_second={})
    assert jira.ask("GET", "/issue/1").status_code == 404
    assert jira.ask("GET", "/issue/2").status_code == 429
    assert jira.ask("PUT", "/issue/2", {}).status_code == 404
    assert jira.ask("GET", "/myself").status_code == 200


@pytest.mark.parametrize(
    ("switch", "present"),
    [("both", {"retry-after", "x-ratelimit-reset"}), ("reset", {"x-ratelimit-reset"}), ("nothing", set())],
)
def test_a_429_says_when_to_come_back_or_not_as_switched(open_jira, switch, present):
    jira = open_jira(rate_depth=1, retry_after=switch)
    jira.ask("GET", "/myself")
    refused = jira.ask("GET", "/myself")
    assert refused.status_code == 429
    assert present == {"retry-after", "x-ratelimit-reset"} & set(refused.headers)


def test_limits_can_be_switched_off(open_jira):
    jira = open_jira(rate_depth=1, rate_limits=False)
    assert [jira.ask("GET", "/myself").status_code for _ in range(4)] == [200] * 4


def test_one_issue_takes_twenty_writes_in_two_seconds_and_a_hundred_in_thirty(jira):
    first, second = jira.ids("project = SUP")[:2]

    def write(id_):
        return jira.ask("PUT", f"/issue/{id_}", {"fields": {"summary": "x"}})

    assert [write(first).status_code for _ in range(20)] == [204] * 20
    refused = write(first)
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert refused.headers["Retry-After"] == "2"
    assert write(second).status_code == 204
    for _ in range(4):
        jira.time += 2
        assert [write(first).status_code for _ in range(20)] == [204] * 20
    jira.time += 2
    assert write(first).headers["Retry-After"] == "20"
    jira.time += 20
    assert write(first).status_code == 204


def test_the_limit_on_writes_can_be_switched_off(open_jira):
    jira = open_jira(issue_write_limits=False)
    id_ = jira.ids("project = SUP")[0]
    assert {jira.ask("PUT", f"/issue/{id_}", {}).status_code for _ in range(30)} == {204}
