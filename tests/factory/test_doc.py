"""A DAG's page says what an administrator wants to know, in whole sentences and whole tables."""

from __future__ import annotations

import re

import pytest

from airflow_provider_jira.factory import build_dags
from airflow_provider_jira.factory.doc import TASKS, code


def page(folder, old="", new="", dag="acme__support_tickets"):
    file = folder / "acme.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return build_dags(folder)[dag].doc_md


@pytest.mark.parametrize(
    "said",
    [
        "`project = SUP AND issuetype in (Bug, Task)`",
        "connection `jira_acme`",
        "connection `esm_acme`",
        "template `jira_issue`, folder `jira_issues`",
        "| Finds a card by | `jiraId` (`id`) |",
        "`taskId` = `acme__support_tickets`",
        "`0 */4 * * *` (Europe/Helsinki)",
        "after 00:00, 12:00 UTC",
        "`recordStatus` = `5 - Removed`",
        "more than 10 % of the cards, or more than 500 cards: an administrator is asked first",
        "any of them ends the run as failed",
        "| `contact` | `Contact person`, else `reporter.displayName` | left as it is when empty |",
        "| `origin` | always `jira` |",
        "| `priority` | `priority.name` | 1 value translated, with a default |",
        "| `description` | `description` | as markdown text |",
        "`acme.yaml`, task `support_tickets`",
    ],
)
def test_the_page_says(folder, said):
    assert said in page(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('value: "5 - Removed"}', 'value: "5 - Removed", on_exceeded: fail}', "the run fails with nothing written"),
        ("cache: {clear_hours: [0, 12]}", "cache: {clear_hours: []}", "everything only when asked for"),
        ("    cache: {clear_hours: [0, 12]}\n", "", "setting `cache_clear_hours`"),
        ("    cache:", "    refused_records: {max: 5}\n    cache:", "more than 5 of them end the run as failed"),
        ("    jql: project = SUP", "    description: All of support.\n    jql: project = SUP", "\nAll of support.\n"),
    ],
)
def test_the_page_follows_the_definition(folder, old, new, said):
    assert said in page(folder, old, new)


def test_a_task_by_hand_that_marks_nothing_says_so(folder):
    text = page(folder, dag="acme__by_hand")
    assert "only when started by hand" in text
    assert "its card is left as it is" in text
    assert "**approve**" not in text


def test_every_task_of_the_graph_is_explained(folder):
    dag = build_dags(folder)["acme__support_tickets"]
    for task in dag.tasks:
        assert f"**{task.task_id}**: {TASKS[task.task_id]}" in dag.doc_md
        assert task.doc_md == TASKS[task.task_id]


@pytest.mark.parametrize(
    "jql", ["summary ~ 'a|b'", "summary ~ 'a`b'", "project = SUP\n      AND created > -1d", "a || `b`"]
)
def test_no_jql_breaks_the_table(folder, jql):
    text = page(folder, "jql: project = SUP AND issuetype in (Bug, Task)", "jql: |\n      " + jql)
    rows = [line for line in text.split("\n") if line.startswith("|")]
    table = rows[: next(at for at, row in enumerate(rows) if "ESM attribute" in row)]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in table} == {3}


def test_code_keeps_a_text_whole():
    assert code("a") == "`a`"
    assert code("a`b") == "`` a`b ``"
    assert code("a|b\n c") == "`a\\|b c`"
