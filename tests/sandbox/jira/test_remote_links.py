"""A remote link can be written again and again, and stays one."""

from __future__ import annotations

import pytest

LINK = {"globalId": "esm-1", "relationship": "made from", "object": {"url": "https://esm.example/1", "title": "1"}}


@pytest.fixture(name="path")
def _path(jira):
    return f"/issue/{jira.ids('project = SUP')[0]}/remotelink"


def test_a_link_with_a_global_id_is_written_anew_as_a_whole(jira, path):
    first = jira.ask("POST", path, LINK)
    again = jira.ask("POST", path, {"globalId": "esm-1", "object": {**LINK["object"], "title": "2"}})
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    (shown,) = jira.get(path)
    assert (shown["object"]["title"], "relationship" in shown) == ("2", False)
    assert jira.get(path, globalId="esm-1") == shown
    assert jira.ask("GET", path, params={"globalId": "esm-2"}).status_code == 404


def test_a_link_without_one_is_another_one_every_time(jira, path):
    body = {"object": LINK["object"]}
    assert [jira.ask("POST", path, body).status_code for _ in range(2)] == [201, 201]
    assert len({link["id"] for link in jira.get(path)}) == 2


def test_links_belong_to_their_issue(jira, path):
    other = f"/issue/{jira.ids('project = SUP')[1]}/remotelink"
    assert [jira.ask("POST", one, LINK).status_code for one in (path, other)] == [201, 201]
    jira.world("delete", jql=f"id = {path.split('/')[2]}")
    assert len(jira.get(other)) == 1


def test_a_link_that_cannot_be_is_refused(jira, path):
    for body in ({}, {"object": {}}, {**LINK, "globalId": ""}, {**LINK, "globalId": "x" * 256}):
        assert jira.refusal("POST", path, body)
    jira.turn(denied_permissions=["LINK_ISSUES"])
    assert jira.ask("POST", path, LINK).status_code == 403
    assert jira.get(path) == []
