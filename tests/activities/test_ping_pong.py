"""Comments go both ways for ten rounds, through a scheduled task and an event task, and none comes back as an echo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from office import Office, lost_answers
from pipeline import World

from airflow_provider_jira.model.marks import comment_of

ROUNDS, EACH = 10, 5
CARD = {"template": "jira_issue", "key": "jiraId"}
TICKETS = {
    "id": "tickets",
    "mapping_type": "generic",
    "fetch_type": "full",
    "jql": "project = SUP AND labels = pingpong",
    "target": {"template": "jira_issue", "folder": "jira_issues", "key": "jiraId", "task_id_attribute": "taskId"},
    "attributes": {"jiraId": "id", "jiraKey": "key", "subject": "summary"},
    "comments": {"attribute": "comments"},
    "cache": {"clear_hours": []},
}
SEND = {"id": "send", "activity": "add_comment", "card": CARD, "issue": "jiraKey", "comment": "comments"}


@pytest.mark.parametrize("rough", [False, True], ids=["smooth", "answers lost, caches cleared"])
def test_fifty_comments_each_way_are_a_hundred_on_each_side(office: Office, tmp_path: Path, rough: bool):
    # what an earlier test of this module made is not in the way
    for row in office.jira.get("truth/issues"):
        if "pingpong" in row["labels"]:
            office.jira.post("world/issues", id=row["id"], fields={"labels": []})
    office.esm.http.delete("/_sandbox/world/cards").raise_for_status()
    office.jira.switch(issue_write_limits=False)
    issue = office.jira.post("world/issues", fields={"project": "SUP", "summary": "Game", "labels": ["pingpong"]})
    office.connector = office.connector.model_validate(
        {
            "connector": "acme", "jira_conn_id": "j", "esm_conn_id": "e",
            "scheduled_tasks": [TICKETS], "event_tasks": [SEND],
        }
    )  # fmt: skip
    world = World(
        office.connector, office.connector.scheduled_tasks[0], office.jira_settings, office.esm_settings,
        tmp_path, office.state,
    )  # fmt: skip
    world.run()
    card = next(str(row["dataCardId"]) for row in office.esm.get("truth/cards?template=jira_issue"))
    for turn in range(ROUNDS):
        for at in range(EACH):
            office.jira.post("world/comments", id=issue["id"], text=f"from Jira {turn}.{at}")
            office.esm.post(
                "world/entry",
                template="jira_issue",
                dataCardId=card,
                attribute="comments",
                text=f"from ESM {turn}.{at}",
            )
        if rough and turn % 3 == 1:
            with lost_answers(office.jira, "POST", "/comment$"):
                ended = office.handle(office.event("send", card, f"run_{turn}"))
        else:
            ended = office.handle(office.event("send", card, f"run_{turn}"))
        assert ended.how == "completed", ended.message
        world.run(clear_cache=rough and turn % 2 == 1)
    texts = [comment["text"] for comment in comments(office, issue["id"])]
    entries = worklog(office, card)
    assert (len(texts), len(entries)) == (2 * ROUNDS * EACH, 2 * ROUNDS * EACH)
    sent = [f"from ESM {turn}.{at}" for turn in range(ROUNDS) for at in range(EACH)]
    came = [f"from Jira {turn}.{at}" for turn in range(ROUNDS) for at in range(EACH)]
    assert [text.rpartition("\n")[2] for text in texts if "from ESM" in text] == sent
    assert [text.rpartition("\n")[2] for text in entries if comment_of(text) is not None] == came


def comments(office: Office, issue: str) -> list[dict[str, Any]]:
    (found,) = (row for row in office.jira.get("truth/issues") if str(row["id"]) == issue)
    return list(found["comments"])


def worklog(office: Office, card: str) -> list[str]:
    """The texts of a card's worklog, the oldest first, as ESM shows them."""
    store = office.esm.http.post(
        "/rest-api/itsm/v1/users/login", data={"login": "webapi", "password": "sandbox-password"}
    )
    token = store.json()["token"].removeprefix("Bearer ")
    shown = office.esm.http.get(
        f"/rest-api/itsm/v1/dc/jira_issue/data/{card}/comments", headers={"Authorization": f"Bearer {token}"}
    )
    return [entry["value"] for entry in reversed(shown.json()["values"])]
