"""A source is found as an administrator would mean it, or refused with what may have been meant."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model.shapes import type_of
from airflow_provider_jira.model.sources import Source, SourceProblem, Sources, opened


class Field(msgspec.Struct, frozen=True):
    """A field as a Jira client hands it out."""

    id: str
    name: str
    type: str | None = None
    items: str | None = None
    custom_type: str | None = None


TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
SITE = (
    Field("issuekey", "Key"),
    Field("summary", "Summary", "string"),
    Field("description", "Description", "string"),
    Field("status", "Status", "status"),
    Field("priority", "Priority", "priority"),
    Field("project", "Project", "project"),
    Field("reporter", "Reporter", "user"),
    Field("labels", "Labels", "array", "string"),
    Field("fixVersions", "Fix versions", "array", "version"),
    Field("parent", "Parent", "issuelink"),
    Field("comment", "Comment", "comments-page"),
    Field("worklog", "Log Work", "array", "worklog"),
    Field("attachment", "Attachment", "array", "attachment"),
    Field("issuelinks", "Linked Issues", "array", "issuelinks"),
    Field("timetracking", "Time tracking", "timetracking"),
    Field("votes", "Votes", "votes"),
    Field("customfield_10010", "Support Team", "option", None, f"{TYPES}select"),
    Field("customfield_10011", "Ref. no.", "string", None, f"{TYPES}textfield"),
    Field("customfield_10012", "Ref", "option", None, f"{TYPES}select"),
    Field("customfield_10013", "Root cause", "string", None, f"{TYPES}textarea"),
    Field("customfield_10014", "Location", "option-with-child", None, f"{TYPES}cascadingselect"),
    Field("customfield_10015", "Sprint", "array", "json", "com.pyxis.greenhopper.jira:gh-sprint"),
    Field("customfield_10016", "Request Type", "sd-customerrequesttype", None, "com.atlassian.servicedesk:vp-origin"),
    Field("customfield_10017", "team", "option"),
    Field("customfield_10018", "Team", "string"),
    Field("customfield_10019", "Severity", "option"),
    Field("customfield_10020", "Severity", "option"),
    Field("customfield_10021", "Straße", "option"),
    Field("customfield_10022", "Priority", "option"),
    Field("customfield_10023", "status", "string"),
    Field("customfield_10024", "Summary.id", "string"),
    Field("customfield_10025", "Team v1.2 lead", "user"),
)
SOURCES = Sources(SITE)

FOUND = [
    ("id", Source("id")),
    ("key", Source("key")),
    ("Key", Source("key")),
    ("issuekey", Source("key")),
    ("summary", Source("summary")),
    ("status.name", Source("status", ("name",))),
    ("status.statusCategory.key", Source("status", ("statusCategory", "key"))),
    ("Status.statusCategory", Source("status", ("statusCategory",))),
    ("Support Team", Source("customfield_10010")),
    ("support team", Source("customfield_10010")),
    ("Support Team.id", Source("customfield_10010", ("id",))),
    ("customfield_10010.value", Source("customfield_10010", ("value",))),
    ("Ref. no.", Source("customfield_10011")),
    ("Ref", Source("customfield_10012")),
    ("Ref.value", Source("customfield_10012", ("value",))),
    ("Summary.id", Source("customfield_10024")),
    ("Team v1.2 lead.displayName", Source("customfield_10025", ("displayName",))),
    ("team", Source("customfield_10017")),
    ("Team", Source("customfield_10018")),
    ("STRASSE", Source("customfield_10021")),
    ("priority", Source("priority")),
    ("status", Source("status")),
    ("Location.child.value", Source("customfield_10014", ("child", "value"))),
    ("Sprint.state", Source("customfield_10015", ("state",))),
    ("Fix versions.releaseDate", Source("fixVersions", ("releaseDate",))),
    ("parent.fields.status.name", Source("parent", ("fields", "status", "name"))),
    ("Parent", Source("parent")),
    ("comment.comments.author", Source("comment", ("comments", "author"))),
    ("Log Work.worklogs.timeSpent", Source("worklog", ("worklogs", "timeSpent"))),
    ("attachment.filename", Source("attachment", ("filename",))),
    ("issuelinks.outwardIssue", Source("issuelinks", ("outwardIssue",))),
    ("Request Type.requestType.name", Source("customfield_10016", ("requestType", "name"))),
    ("Request Type", Source("customfield_10016")),
    ("reporter.avatarUrls.48x48", Source("reporter", ("avatarUrls", "48x48"))),
]


@pytest.mark.parametrize(("text", "source"), FOUND, ids=[text for text, _ in FOUND])
def test_a_source_is_found_by_id_or_name_with_the_rest_as_path(text: str, source: Source) -> None:
    assert SOURCES.find(text) == source


REFUSED = [
    ("Suport Team", ["no field 'Suport Team'", "did you mean 'Support Team' (customfield_10010)?"]),
    ("sumary", ["no field 'sumary'", "did you mean 'Summary' (summary)"]),
    ("Suport Team.value", ["did you mean 'Support Team'"]),
    ("Quux", ["no field 'Quux'", "write a field's display name or its id"]),
    ("Severity", ["2 fields called 'Severity'", "customfield_10019 (Severity), customfield_10020 (Severity)"]),
    ("Severity.value", ["2 fields called 'Severity'", "write the id of the right one"]),
    ("TEAM", ["2 fields called 'TEAM'", "customfield_10017 (team), customfield_10018 (Team)"]),
    ("Priority", ["2 fields called 'Priority'", "customfield_10022"]),
    ("status.nmae", ["'Status' has no part 'nmae'", "did you mean 'name'?"]),
    ("status.statusCategory.zzz", ["'Status.statusCategory' has no part 'zzz'", "its parts: colorName, id, key, name, self"]),
    ("summary.text", ["'Summary' has no part 'text', it is a plain value"]),
    ("labels.name", ["'Labels' has no part 'name', it is a plain value"]),
    ("description.content", ["'Description' has no part 'content', it is a plain value"]),
    ("Root cause.x", ["'Root cause' has no part 'x'"]),
    ("Sprint.stat", ["'Sprint' has no part 'stat'; did you mean 'state'?"]),
    ("fixVersions.0.name", ["'Fix versions' has no part '0'"]),
    ("comment", ["'Comment' has no text of its own", "Comment.comments"]),
    ("attachment", ["'Attachment' has no text of its own", "Attachment.filename"]),
    ("timetracking", ["'Time tracking' has no text of its own", "Time tracking.timeSpent"]),
    ("votes", ["'Votes' has no text of its own", "Votes.votes"]),
    ("parent.fields", ["'Parent.fields' has no text of its own", "Parent.fields.summary"]),
    ("key.x", ["'key' of an issue is a plain value; write 'key'"]),
    ("Key.x", ["'key' of an issue is a plain value"]),
    ("", ["no field ''"]),
    (".name", ["no field '.name'"]),
    ("status.", ["'Status' has no part ''"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentences"), REFUSED, ids=[text or "empty" for text, _ in REFUSED])
def test_what_names_no_field_or_part_is_refused_with_the_mend(text: str, sentences: list[str]) -> None:
    with pytest.raises(SourceProblem) as refused:
        SOURCES.find(text)

    assert [sentence for sentence in sentences if sentence not in str(refused.value)] == []


@pytest.mark.parametrize(
    ("field", "type_"),
    [
        (Field("environment", "Environment", "string"), "doc"),
        (Field("customfield_1", "Notes", "string", None, f"{TYPES}textarea"), "doc"),
        (Field("customfield_1", "Note", "string", None, f"{TYPES}textfield"), "string"),
        (Field("subtasks", "Sub-tasks", "array", "issuelinks"), "issue"),
        (Field("labels", "Labels", "array", "string"), "string"),
        (Field("customfield_1", "App", "array"), "any"),
        (Field("customfield_1", "App"), "any"),
    ],
)
def test_the_type_of_a_field_is_that_of_its_values(field: Field, type_: str) -> None:
    assert type_of(field) == type_


FIELDS: dict[str, Any] = {
    "status": {"name": "Open", "statusCategory": {"key": "new"}},
    "labels": ["a", None, "b"],
    "list": [{"x": 1}, {"x": [2, [3]]}, {"y": 4}, None, "text"],
    "nothing": None,
    "zero": 0,
    "false": False,
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Source("id"), ["10001"]),
        (Source("key"), ["SUP-1"]),
        (Source("status", ("statusCategory", "key")), ["new"]),
        (Source("status", ("missing",)), []),
        (Source("status", ("name", "deeper")), []),
        (Source("labels"), ["a", "b"]),
        (Source("list", ("x",)), [1, 2, 3]),
        (Source("nothing"), []),
        (Source("nothing", ("x",)), []),
        (Source("missing"), []),
        (Source("zero"), [0]),
        (Source("false"), [False]),
    ],
    ids=str,
)
def test_a_path_is_followed_into_objects_and_into_each_element_of_arrays(source: Source, expected: list[Any]) -> None:
    assert source.read(10001, "SUP-1", FIELDS) == expected


def test_only_fields_are_asked_for_as_fields() -> None:
    assert [SOURCES.find(text).is_field for text in ("id", "Key", "summary")] == [False, False, True]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=15,
)


@given(JSON, st.lists(st.sampled_from("abc"), max_size=4).map(tuple))
def test_reading_never_raises_and_never_yields_arrays_or_null(value: Any, path: tuple[str, ...]) -> None:
    found = Source("f", path).read(1, "K-1", {"f": value})

    assert not any(each is None or isinstance(each, list) for each in found)
    assert found == (
        opened([value]) if not path else Source("f", path[1:]).read(1, "K-1", {"f": _step(value, path[0])})
    )


def _step(value: Any, name: str) -> list[Any]:
    return [each[name] for each in opened([value]) if isinstance(each, dict) and name in each]
