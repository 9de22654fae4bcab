"""The world is of the size asked for, the same for the same seed, and has everything in it."""

from __future__ import annotations

import itertools
import json

import pytest

from airflow_provider_jira.sandbox.jira.fields import CUSTOM

SCOPE = "project = SUP AND issuetype in (Bug, Task)"


@pytest.mark.parametrize("count", [0, 1, 40, 733])
def test_exactly_so_many_issues_match_the_demos_jql_as_were_asked_for(open_jira, count):
    jira = open_jira(count)
    assert len(jira.ids(SCOPE)) == count
    extra = len(jira.truth()) - count
    assert extra == max(6, count // 10)


def test_the_same_seed_gives_the_same_world_and_another_one_another(open_jira):
    assert open_jira(60, 1).truth() == open_jira(60, 1).truth()
    assert open_jira(60, 1).truth() != open_jira(60, 2).truth()


def test_ids_ascend_with_gaps_and_keys_count_within_their_project(open_jira):
    truth = open_jira(300).truth()
    ids = list(truth)
    assert ids == sorted(ids)
    assert ids[-1] - ids[0] > len(ids)
    for project in ("SUP", "OPS", "HR"):
        numbers = [int(row["key"].rpartition("-")[2]) for row in truth.values() if row["project"] == project]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_kind_of_custom_field_has_values_and_gaps(open_jira):
    rows = [row for row in open_jira(400).truth().values() if row["project"] == "SUP"]
    for field in CUSTOM:
        if field.project is None and field.fill:
            filled = sum(field.label in row["custom"] for row in rows)
            assert 0 < filled < len(rows), field.name


def test_people_are_of_all_account_types_some_inactive_some_without_address(open_jira):
    people = open_jira().app.state.site.people.values()
    assert {person.account_type for person in people} == {"atlassian", "app", "customer"}
    assert any(not person.active for person in people)
    assert any(person.email is None for person in people if person.account_type == "atlassian")
    assert any(person.email for person in people)


def test_two_fields_share_a_display_name(jira):
    names = [field["name"] for field in jira.get("/field")]
    assert [name for name in set(names) if names.count(name) > 1] == ["Severity"]


def test_jira_shows_what_the_truth_says(open_jira):
    jira = open_jira(80)
    truth = jira.truth()
    names = {field["id"]: field["name"] for field in jira.get("/field")}
    ids = [str(id_) for id_ in truth]
    for issue in jira.post("/issue/bulkfetch", {"issueIdsOrKeys": ids[:90], "fields": ["*all"]})["issues"]:
        row, fields = truth[int(issue["id"])], issue["fields"]
        assert issue["key"] == row["key"]
        assert fields["project"]["key"] == row["project"]
        for name in ("status", "issuetype", "priority"):
            assert fields[name]["name"] == row[name]
        assert fields["summary"] == row["summary"]
        assert fields["labels"] == row["labels"]
        assert fields["duedate"] == row["duedate"]
        assert (fields["resolution"] or {}).get("name") == row["resolution"]
        for name in ("reporter", "assignee"):
            shown = fields[name] and {
                "accountId": fields[name]["accountId"],
                "displayName": fields[name]["displayName"],
            }
            assert shown == row[name]
        shown = {names[key] for key, value in fields.items() if key.startswith("customfield") and value is not None}
        assert shown == {label.partition(" (custom")[0] for label in row["custom"]}


def test_a_description_says_the_same_as_a_document_and_as_markdown(open_jira):
    jira = open_jira(120)
    truth = jira.truth()
    ids = [str(id_) for id_, row in truth.items() if row["description_markdown"]][:100]
    for issue in jira.post("/issue/bulkfetch", {"issueIdsOrKeys": ids, "fields": ["description"]})["issues"]:
        texts = [text for text in _texts(issue["fields"]["description"]) if text.strip()]
        markdown = truth[int(issue["id"])]["description_markdown"]
        assert texts
        for text in texts:
            assert all(line.strip() in markdown for line in text.split("\n")), json.dumps(text)
        assert markdown == markdown.strip()
        assert "\n\n\n" not in markdown


def test_no_two_blocks_follow_each_other_that_markdown_would_run_together(open_jira):
    jira = open_jira(120)
    kinds = set()
    for issue in jira.pages("description ~ e", fields=["description"], maxResults=100)[0]["issues"]:
        content = [node["type"] for node in issue["fields"]["description"]["content"]]
        kinds.update(content)
        for before, after in itertools.pairwise(content):
            assert before != after or after in {"paragraph", "heading", "codeBlock"}
    assert {"bulletList", "orderedList", "blockquote", "table", "codeBlock", "heading", "paragraph"} == kinds


def _texts(node):
    if node["type"] == "text":
        yield node["text"]
    for child in node.get("content", []):
        yield from _texts(child)


def test_a_world_in_a_file_is_there_again(open_jira, tmp_path):
    file = str(tmp_path / "world.db")
    first = open_jira(30, 3, data=file)
    changed = first.world("change", count=3, seed=1)["ids"]
    first.world("project", key="HR", readable=False)
    before = first.truth()
    again = open_jira(999, 8, data=file)
    assert again.truth() == before
    assert len(changed) == 3
    assert {project["key"] for project in again.get("/project/search")["values"]} == {"SUP", "OPS"}
