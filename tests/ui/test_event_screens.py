"""What an administrator sees of an event task in Airflow's pages: its exits, its form, its call, the way to the issue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import NEEDS_BROWSER, settle

from airflow_provider_jira.sandbox.demo.stage import Stage

pytestmark = NEEDS_BROWSER

CREATE, COMMENT = "acme__incident_to_jira", "acme__comment_in_jira"


@pytest.fixture(scope="module")
def url(stage: Stage) -> str:
    """Two runs have ended: ``said`` commented on an issue, ``refused`` was about a card of none. Returns its address."""
    rest, key = stage.airflow.rest, stage.jira.get("/truth/issues", project="SUP")[0]["key"]
    for run, values in (("said", {"jiraKey": [key]}), ("refused", {})):
        card = stage.esm.post("/world/card", {"template": "incident", "values": values})["dataCardId"]
        entry = {"template": "incident", "dataCardId": card, "attribute": "comments", "text": "Any news?"}
        stage.esm.post("/world/entry", entry)
        rest.wait_for_dag(COMMENT)
        rest.trigger(COMMENT, {"data_card_id": card}, run)
    assert (rest.wait(COMMENT, "said"), rest.wait(COMMENT, "refused")) == ("success", "failed")
    return f"{stage.jira.url}/browse/{key}"


def test_the_grid_names_the_steps_and_shows_both_runs(page, screens: Path, url: str) -> None:
    page.goto(f"/dags/{COMMENT}")
    for step in ("receive", "write", "completed", "exception"):
        page.get_by_text(re.compile(rf"^{step}\b")).first.wait_for()
    for run, exit_ in (("said", "completed"), ("refused", "exception")):
        page.locator(f'a[href*="/runs/{run}/tasks/{exit_}"]').first.wait_for()
    for tag in ("jira", "acme", "event", "add_comment"):
        page.get_by_role("link", name=tag, exact=True).wait_for()
    page.screenshot(path=screens / "event_grid.png")


@pytest.mark.parametrize(
    ("dag_id", "steps"), [(COMMENT, ("receive", "write", "completed", "exception")), (CREATE, ("cards", "card"))]
)
def test_the_graph_leads_from_the_card_to_the_exits(page, screens: Path, url: str, dag_id: str, steps) -> None:
    page.goto(f"/dags/{dag_id}")
    page.get_by_role("button", name=re.compile("^Show Graph")).click()
    across = []
    for step in steps:
        node = page.locator(f'.react-flow__node[data-id="{step}"]')
        node.wait_for()
        across.append(node.bounding_box()["x"])
    page.screenshot(path=screens / f"event_graph_{dag_id}.png")
    page.get_by_role("button", name=re.compile("^Show Grid")).click()
    assert across == sorted(across)


def test_the_form_asks_for_the_card_and_says_what_an_event_is(page, screens: Path, url: str) -> None:
    page.goto(f"/dags/{COMMENT}")
    page.get_by_role("button", name="Trigger").first.click()
    dialog = page.get_by_role("dialog")
    for text in ("Data card id", "ESM's id of the incident card", "Event", "the same when it is sent again"):
        dialog.get_by_text(text).first.wait_for()
    settle(dialog)
    page.screenshot(path=screens / "event_trigger.png")


def test_the_documentation_says_what_starts_it_and_what_the_card_gets(page, screens: Path, url: str) -> None:
    page.goto(f"/dags/{CREATE}")
    page.get_by_role("button", name="Dag Docs").click()
    dialog = page.get_by_role("dialog")
    call = dialog.get_by_text("From a workflow, or by hand", exact=True)
    call.wait_for()
    settle(dialog)
    page.screenshot(path=screens / "event_documentation.png")
    call.scroll_into_view_if_needed()
    page.screenshot(path=screens / "event_documentation_end.png")
    text = dialog.inner_text()
    for part in (
        "jira_acme", "esm_acme", "$jiraKey$ is null", "jiraKey", "01 - Sent", "09 - Failed", "provisioningException",
        f"POST /api/v2/dags/{CREATE}/dagRuns", "409",
    ):  # fmt: skip
        assert part in text


def test_the_task_that_wrote_leads_to_the_issue(page, screens: Path, url: str) -> None:
    page.goto(f"/dags/{COMMENT}/runs/said/tasks/write/details")
    link = page.get_by_role("link", name="Jira issue")
    link.wait_for()
    page.screenshot(path=screens / "event_link.png")
    assert link.get_attribute("href") == url


def test_the_log_of_the_exit_says_why(page, screens: Path, url: str) -> None:
    page.goto(f"/dags/{COMMENT}/runs/refused/tasks/exception")
    page.get_by_text("The card gives nothing for").first.wait_for()
    page.screenshot(path=screens / "event_exception.png")
