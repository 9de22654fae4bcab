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
        (
            "    cache:",
            "    comments: {attribute: comments}\n    cache:",
            "| `comments` | comments | each once, as plain; restricted ones stay in Jira |",
        ),
        (
            "    cache:",
            "    comments: {attribute: comments, as: markdown, restricted: internal}\n    cache:",
            "| `internal` | comments | the restricted ones, each once, as markdown |",
        ),
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


ROLES = "roles of `SUP`, `OPS` but not like `viewers`"


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("people", "Jira people and groups → ESM `entitlement` and `account`"),
        ("people", "active people of account type atlassian who are in `staff` or `sup-agents` but not like `^svc-`"),
        ("people", "groups named like `^(jira\\|sup)-` but not like `^jira-servicemanagement-`"),
        ("people", ROLES + ", over connection `jira_town`"),
        ("people", "| Writes | People: one card for each: template `account`, folder `accounts`"),
        ("people", "| Writes | Groups: one card for each: template `entitlement`, folder `entitlements`"),
        ("people", "| Finds a card by | People: `accountId` (`accountId`) |"),
        ("people", "| Its own cards | Groups: the ones with `taskId` = `town__people`"),
        ("people", "| Person gone from Jira | its card gets `accountStatus` = `Left`, after a second look by id"),
        ("people", "; `Active` when it is back; "),
        (
            "people",
            "| Group gone from Jira | its card gets `status` = `Gone` (only if it is gone), after a second look",
        ),
        ("people", "### Attributes of people\n"),
        ("people", "### Attributes of groups\n"),
        ("people", "| `groups` | the groups and roles that the person holds | as references |"),
        ("tickets", "| `assignee` | `assignee.accountId` | as reference to `account` by `accountId` |"),
        ("tickets", "its card gets `status` = `Removed` (only if it is gone), after a second look by id; `Open` when"),
        ("tickets_fresh", "| Companion of | `town__tickets`, whose cards it writes |"),
        ("tickets_fresh", "`project = SUP` that have changed since the last run (and 20 minutes before it); all, the"),
        ("tickets_fresh", "`taskId` = `town__tickets`; a card with this key becomes one"),
        ("tickets_fresh", "| `assignee` | `assignee.accountId` | as reference to `account` by `accountId` |"),
        ("tickets_fresh", "| Issue gone from Jira | its card is left as it is |"),
        ("changes", "(and 15 minutes before it)"),
        ("changes", "`taskId` = `town__changes`"),
        ("groups_only", "Jira groups → ESM `entitlement`\n"),
        ("groups_only", "| Reads | groups, over connection"),
        ("groups_only", "### Attributes\n"),
    ],
)
def test_the_page_of_every_kind_of_task_says(town, task, said):
    assert said in build_dags(town)[f"town__{task}"].doc_md


@pytest.mark.parametrize(
    ("task", "unsaid"),
    [
        ("tickets", "Companion of"),
        ("tickets", "have changed since"),
        ("tickets", "*Read everything*"),
        ("tickets_fresh", "*Accept removals"),
        ("groups_only", "People"),
        ("groups_only", "roles of"),
        ("groups_only", "**relate**"),
        ("changes", "Companion of"),
    ],
)
def test_the_page_does_not_speak_of_what_the_task_does_not_do(town, task, unsaid):
    assert unsaid not in build_dags(town)[f"town__{task}"].doc_md


@pytest.mark.parametrize("task", ["tickets", "tickets_fresh", "changes", "people", "groups_only"])
def test_every_table_of_every_page_is_whole(town, task):
    lines = build_dags(town)[f"town__{task}"].doc_md.split("\n")
    columns = None
    for line in lines:
        bars = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
        assert None in (columns, bars) or bars == columns, line
        columns = bars


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("people", "Jira people and groups into ESM cards of template entitlement and account"),
        ("tickets_fresh", "Jira issues into ESM cards of template jira_issue"),
        ("groups_only", "Jira groups into ESM cards of template entitlement"),
    ],
)
def test_the_list_of_dags_has_one_line_for_every_kind_of_task(town, task, said):
    assert build_dags(town)[f"town__{task}"].description == said


@pytest.mark.parametrize("task", ["people", "tickets", "tickets_fresh"])
def test_the_second_wave_is_explained_too(town, task):
    dag = build_dags(town)[f"town__{task}"]
    told = re.findall(r"^- \*\*(\w+)\*\*: ", dag.doc_md, flags=re.MULTILINE)
    assert sorted(told) == sorted(dag.task_ids)
    assert all(each.doc_md == TASKS[each.task_id] for each in dag.tasks)


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
