"""What an administrator sees of a task in Airflow's pages, through a headless browser.

The pictures are kept where ``JIRA_CONNECTOR_SCREENS`` says (a folder), to be looked at.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import NEEDS_BROWSER, settle

from airflow_provider_jira.sandbox.demo.stage import FRESH, PEOPLE, TICKETS

STEPS = ("plan", "extract", "review", "approve", "load", "mark_removed", "commit")
TWO_WAVES = ("plan", "extract", "review", "approve", "load", "relate", "load_related", "mark_removed", "commit")
TAGS = ("jira", "acme", "generic", "full")

pytestmark = NEEDS_BROWSER


def test_the_grid_names_the_steps_in_words(page, screens: Path) -> None:
    page.goto(f"/dags/{TICKETS}")
    for step in STEPS:
        page.get_by_text(re.compile(rf"^{step}\b")).first.wait_for()
    for tag in TAGS:
        page.get_by_role("link", name=tag, exact=True).wait_for()
    page.screenshot(path=screens / "grid.png")


@pytest.mark.parametrize(("dag_id", "steps"), [(TICKETS, STEPS), (PEOPLE, TWO_WAVES)])
def test_the_graph_shows_the_steps_in_the_order_in_which_they_run(page, screens: Path, dag_id: str, steps) -> None:
    page.goto(f"/dags/{dag_id}")
    page.get_by_role("button", name=re.compile("^Show Graph")).click()
    across = []
    for step in steps:
        node = page.locator(f'.react-flow__node[data-id="{step}"]')
        node.wait_for()
        across.append(node.bounding_box()["x"])
    page.screenshot(path=screens / f"graph_{dag_id}.png")
    page.get_by_role("button", name=re.compile("^Show Grid")).click()
    assert across == sorted(across)


def test_the_documentation_says_what_is_read_and_written_and_when(page, screens: Path) -> None:
    page.goto(f"/dags/{TICKETS}")
    page.get_by_role("button", name="Dag Docs").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("project = SUP AND issuetype in (Bug, Task)").wait_for()
    settle(dialog)
    text = dialog.inner_text()
    page.screenshot(path=screens / "documentation.png")
    for word in ("jira_acme", "esm_acme", "jira_issue", "jiraId", "Europe/Helsinki", "5 - Removed"):
        assert word in text


def test_the_form_for_a_run_by_hand_says_what_each_choice_does(page, screens: Path) -> None:
    page.goto(f"/dags/{TICKETS}")
    page.get_by_role("button", name="Trigger").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Run Parameters").wait_for()
    dialog.get_by_text("Push everything").wait_for()
    dialog.get_by_text("Accept removals beyond the limit").wait_for()
    settle(dialog)
    page.screenshot(path=screens / "trigger.png")


def test_a_share_of_the_reading_is_named_by_its_issues(page, screens: Path) -> None:
    page.goto(f"/dags/{TICKETS}/runs/first/tasks/extract/mapped")
    page.get_by_role("link", name=re.compile(r"\d+ to \d+")).first.wait_for()
    page.screenshot(path=screens / "shares.png")


def test_the_log_ends_with_the_report(page, screens: Path) -> None:
    page.goto(f"/dags/{TICKETS}/runs/first/tasks/commit")
    page.get_by_text("60 read, 60 created").first.wait_for()
    page.screenshot(path=screens / "report.png")


def documentation(page, dag_id: str, picture: Path) -> str:
    """Open a DAG's documentation, take pictures of its beginning and its end, and return its text."""
    page.goto(f"/dags/{dag_id}")
    page.get_by_role("button", name="Dag Docs").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Tasks", exact=True).wait_for()
    settle(dialog)
    page.screenshot(path=picture.with_suffix(".png"))
    dialog.get_by_text("By hand", exact=True).scroll_into_view_if_needed()
    page.screenshot(path=picture.with_name(f"{picture.name}_end.png"))
    return dialog.inner_text()


def test_the_documentation_of_people_says_who_and_which_groups_and_how_they_hang_together(page, screens: Path) -> None:
    text = documentation(page, PEOPLE, screens / "documentation_people")
    for part in (
        "people of account type atlassian", "^(jira|sup)-", "roles of SUP", "entitlement", "groupId", "accountId",
        "the groups and roles that the person holds", "5 - Removed", "1 - Active", "load_related",
    ):  # fmt: skip
        assert part in text


def test_the_documentation_of_a_companion_names_its_full_task_and_what_it_reads(page, screens: Path) -> None:
    text = documentation(page, FRESH, screens / "documentation_fresh")
    for part in (TICKETS, "have changed since the last run", "15 minutes", "marks nothing removed"):
        assert part in text


def test_the_log_of_people_ends_with_the_counts_of_both_kinds(page, screens: Path) -> None:
    page.goto(f"/dags/{PEOPLE}/runs/first/tasks/commit")
    page.get_by_text("of these, accounts:").first.wait_for()
    page.get_by_text("of these, entitlements:").first.wait_for()
    page.screenshot(path=screens / "report_people.png")
