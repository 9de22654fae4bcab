"""Encoding for a screen: every kind of field, every row of the reference's table (5.6), and no value in any problem."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model import adf
from airflow_provider_jira.model.field_values import encode, field_named
from airflow_provider_jira.model.misfit import Misfit
from airflow_provider_jira.model.screen import ScreenField

_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
COLOURS = ({"id": "11", "value": "Red"}, {"id": "12", "value": "Blue"}, {"id": "13", "value": "11"})
NAMED = ({"id": "1", "name": "Highest"}, {"id": "2", "name": "Low"}, {"id": "3", "name": "low"})
TREE = (
    {"id": "20", "value": "A", "children": [{"id": "21", "value": "A1"}, {"id": "22", "value": "A/2"}]},
    {"id": "30", "value": "B > C", "children": []},
    {"id": "40", "value": "A / A1 special"},
)
HELSINKI = ZoneInfo("Europe/Helsinki")


def system(id_: str, type_: str, **more: Any) -> ScreenField:
    return ScreenField(id_, more.pop("name", id_.capitalize()), type=type_, system=id_, operations=("set",), **more)


def custom(number: int, name: str, kind: str, type_: str, **more: Any) -> ScreenField:
    kind = kind if ":" in kind else _TYPES + kind
    return ScreenField(f"customfield_{number}", name, type=type_, custom=kind, operations=("set",), **more)


SCREEN = (
    system("summary", "string", required=True),
    system("issuetype", "issuetype", required=True, name="Issue Type", allowed=({"id": "10", "name": "Bug"},)),
    system("project", "project", required=True, allowed=({"id": "100", "key": "SUP", "name": "Support"},)),
    system("description", "string"),
    system("environment", "string"),
    system("priority", "priority", allowed=NAMED),
    system("resolution", "resolution"),
    system("security", "securitylevel", name="Security Level", allowed=({"id": "5", "name": "Internal"},)),
    system("components", "array", items="component", allowed=({"id": "7", "name": "Core"}, {"id": "8", "name": "Web"})),
    system("fixVersions", "array", items="version", name="Fix versions", allowed=()),
    system("versions", "array", items="version", name="Affects versions"),
    system("labels", "array", items="string"),
    system("duedate", "date", name="Due date"),
    system("assignee", "user"),
    system("reporter", "user", required=True, has_default=True),
    system("parent", "issuelink"),
    system("timetracking", "timetracking", name="Time tracking"),
    system("attachment", "array", items="attachment"),
    ScreenField("comment", "Comment", type="comments-page", system="comment", operations=("add",)),
    custom(1, "Line", "textfield", "string"),
    custom(2, "Area", "textarea", "string"),
    custom(3, "Points", "float", "number"),
    custom(4, "Day", "datepicker", "date"),
    custom(5, "Moment", "datetime", "datetime"),
    custom(6, "Colour", "select", "option", allowed=COLOURS),
    custom(7, "Colours", "multiselect", "array", items="option", allowed=COLOURS),
    custom(8, "Tree", "cascadingselect", "option-with-child", allowed=TREE),
    custom(9, "Contact", "userpicker", "user"),
    custom(10, "Contacts", "multiuserpicker", "array", items="user"),
    custom(11, "Team", "grouppicker", "group"),
    custom(12, "Teams", "multigrouppicker", "array", items="group"),
    custom(13, "Link", "url", "string"),
    custom(14, "Tags", "labels", "array", items="string"),
    custom(15, "Sprint", "com.pyxis.greenhopper.jira:gh-sprint", "array", items="json"),
    custom(16, "Epic Link", "com.pyxis.greenhopper.jira:gh-epic-link", "any"),
    custom(17, "Open choice", "select", "option"),
    custom(18, "Open tree", "cascadingselect", "option-with-child"),
    custom(19, "Other project", "project", "project"),
    custom(20, "Organizations", "com.atlassian.servicedesk:sd-customer-organizations", "array",
           items="sd-customerorganization"),
    custom(21, "Odd", "com.example.app:thing", "thing"),
    custom(22, "Odds", "com.example.app:things", "array", items="thing"),
    custom(23, "Twin", "textfield", "string"),
    custom(24, "Twin", "textfield", "string"),
    custom(25, "Atlassian Team", "com.atlassian.jira.platform.teams:atlassian-team", "team"),
)  # fmt: skip
GROUP = "276f955c-63d7-42c8-9520-92d01dca0625"


def edited(name: str, value: Any, **more: Any) -> Any:
    made = encode({name: value}, SCREEN, creating=False, **more)
    assert made.problems == ()
    (encoded,) = made.fields.values()
    return encoded


def problem(name: str, value: Any, *, creating: bool = False) -> tuple[str, str]:
    made = encode({"summary": "s", name: value} if creating else {name: value}, SCREEN, creating=creating)
    (one,) = made.problems
    assert name != "summary" or one.field == name
    return one.code, one.message


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Line", "abc", "abc"),
        ("Line", " a\nb\t c ", "a b c"),
        ("Line", "x" * 255, "x" * 255),
        ("Line", "a\x00b\ud800", "ab"),
        ("summary", ("s\r\nt",), "s t"),
        ("Area", "*a*", adf.from_plain("*a*")),
        ("description", ("a", "b"), adf.from_plain("a\n\nb")),
        ("environment", "e", adf.from_plain("e")),
        ("Points", "3.5", 3.5),
        ("Points", "-2", -2),
        ("Points", "1e3", 1000),
        ("Points", 0.25, 0.25),
        ("Day", "2026-10-15", "2026-10-15"),
        ("Day", "15.10.2026", "2026-10-15"),
        ("Day", "5.1.2026 10:00", "2026-01-05"),
        ("Day", "2026-10-15T23:30:00Z", "2026-10-15"),
        ("due date", "2026-10-15", "2026-10-15"),
        ("Moment", "2026-10-15T10:00:00Z", "2026-10-15T10:00:00.000+0000"),
        ("Moment", "2026-10-15T10:00:00+0300", "2026-10-15T07:00:00.000+0000"),
        ("Moment", "15.10.2026 10:00", "2026-10-15T10:00:00.000+0000"),
        ("Moment", "15.10.2026", "2026-10-15T00:00:00.000+0000"),
        ("Colour", "Red", {"id": "11"}),
        ("Colour", "blue", {"id": "12"}),
        ("Colour", "12", {"id": "12"}),
        ("Colour", "11", {"id": "13"}),  # what people see comes before an id
        ("Colours", ("Red", "Blue", "red"), [{"id": "11"}, {"id": "12"}]),
        ("Colours", "Red", [{"id": "11"}]),
        ("Open choice", "Green", {"value": "Green"}),
        ("Tree", "A", {"id": "20"}),
        ("Tree", "A > A1", {"id": "20", "child": {"id": "21"}}),
        ("Tree", "a/a1", {"id": "20", "child": {"id": "21"}}),
        ("Tree", "A / A/2", {"id": "20", "child": {"id": "22"}}),
        ("Tree", ("A", "A1"), {"id": "20", "child": {"id": "21"}}),
        ("Tree", "B > C", {"id": "30"}),
        ("Tree", "A / A1 special", {"id": "40"}),
        ("Open tree", "A > B", {"value": "A", "child": {"value": "B"}}),
        ("Open tree", "A", {"value": "A"}),
        ("Open tree", ("A", "B"), {"value": "A", "child": {"value": "B"}}),
        ("Contact", "557058:f581", {"accountId": "557058:f581"}),
        ("assignee", ("5b10ac8d82e05b22cc7d4ef5",), {"accountId": "5b10ac8d82e05b22cc7d4ef5"}),
        ("Contacts", ("a1", "b2"), [{"accountId": "a1"}, {"accountId": "b2"}]),
        ("Team", "jira admins", {"name": "jira admins"}),
        ("Team", GROUP, {"groupId": GROUP}),
        ("Teams", ("a", GROUP), [{"name": "a"}, {"groupId": GROUP}]),
        ("labels", ("a", "b", "a"), ["a", "b"]),
        ("Tags", "a", ["a"]),
        ("priority", "Highest", {"id": "1"}),
        ("priority", "highest", {"id": "1"}),
        ("priority", "low", {"id": "3"}),
        ("resolution", "Done", {"name": "Done"}),
        ("Security Level", "Internal", {"id": "5"}),
        ("components", ("Core", "8"), [{"id": "7"}, {"id": "8"}]),
        ("Affects versions", "1.0", [{"name": "1.0"}]),
        ("parent", "SUP-1", {"key": "SUP-1"}),
        ("parent", "10001", {"id": "10001"}),
        ("Sprint", "42", 42),
        ("Sprint", 42, 42),
        ("Link", " https://example.com/a ", "https://example.com/a"),
        ("Time tracking", "1d", {"originalEstimate": "1d"}),
        ("Time tracking", ("1d 4h", "2h"), {"originalEstimate": "1d 4h", "remainingEstimate": "2h"}),
        ("Epic Link", "SUP-2", "SUP-2"),
        ("issueType", "bug", {"id": "10"}),
        ("project", "SUP", {"id": "100"}),
        ("Other project", "OPS", {"key": "OPS"}),
        ("Other project", "100", {"id": "100"}),
        ("Organizations", ("1", "2"), [1, 2]),
        ("Atlassian Team", "abc-1", "abc-1"),
    ],
)
def test_each_kind_of_field_gets_its_encoding(name, value, expected):
    assert edited(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("description", {"type": "doc", "version": 1, "content": []}),
        ("Colour", {"id": "99"}),
        ("Tree", {"id": "20", "child": {"id": "21"}}),
        ("Time tracking", {"originalEstimate": "1d"}),
        ("Sprint", {"id": 5}),
        ("Odd", {"any": ["thing"]}),
    ],
)
def test_what_is_in_jiras_encoding_passes_as_it_is(name, value):
    assert edited(name, value) == value
    assert edited(name, [value]) == value


def test_lists_take_texts_beside_objects():
    assert edited("Colours", ["Red", {"id": "99"}]) == [{"id": "11"}, {"id": "99"}]
    assert edited("Odds", [{"a": 1}, {"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("name", "value", "code", "told"),
    [
        ("Line", ("secret1", "secret2"), "several_values", 'field "Line" holds one value, and 2 are given'),
        ("Line", "secret" * 50, "too_long", "holds at most 255 characters: shorten it in ESM"),
        ("summary", "secret" * 50, "too_long", "holds at most 255 characters"),
        ("Points", "secret", "not_a_number", "takes a number with a dot, such as 3.5"),
        ("Points", "3,5", "not_a_number", "takes a number with a dot"),
        ("Points", "1e999", "not_a_number", "takes a number with a dot"),
        ("Day", "secret", "not_a_date", "takes a date such as 2026-10-15 or 15.10.2026"),
        ("Day", "31.02.2026", "not_a_date", "takes a date"),
        ("Moment", "10/15/2026", "not_a_date", "takes a point in time such as"),
        ("Colour", "secret", "not_allowed", 'has no such value: it has "Red", "Blue", "11"'),
        ("Colours", ("Red", "secret"), "not_allowed", "has no such value: it has"),
        ("Colour", ("Red", "Blue"), "several_values", "holds one value, and 2 are given"),
        ("priority", "LOW", "ambiguous_value", "has 2 values that are called so: give the id, one of 2, 3"),
        ("Fix versions", "secret", "not_allowed", "has no values to choose from in this project"),
        ("Tree", "secret", "not_allowed", 'it has "A", "B > C", "A / A1 special"'),
        ("Tree", "A > secret", "not_allowed", 'it has "A1", "A/2" below "A"'),
        ("Tree", ("A", "secret"), "not_allowed", 'below "A"'),
        ("Tree", ("secret", "A1"), "not_allowed", 'has no such value: it has "A", "B > C"'),
        ("Tree", ("A", "A1", "secret"), "several_values", "a choice of two levels, and 3 values are given"),
        ("Contact", "secret@example.com", "not_an_account", "which neither a name nor an e-mail address is"),
        ("Contacts", ("a", "Ada secret"), "not_an_account", "takes an accountId"),
        ("labels", "two secrets", "not_a_label", "without blanks: change them in ESM, or use map"),
        ("Link", "secret", "not_a_url", "takes a URL such as https://example.com"),
        ("Sprint", "secret", "not_a_number", "takes the id of one sprint, a whole number"),
        ("Sprint", ("1", "2"), "several_values", "holds one value, and 2 are given"),
        ("parent", "secret", "not_a_key", "takes an issue's key such as SUP-1"),
        ("Other project", "my secret", "not_a_key", "takes a project's key such as SUP"),
        ("project", "secret", "not_allowed", 'it has "Support"'),
        ("Time tracking", "secret", "not_a_time", "takes a time such as 2h or 1d 4h"),
        ("Organizations", "secret", "not_a_number", "takes a whole number, the id of what is meant"),
        ("Odd", "secret", "unknown_kind", "no text can fill (com.example.app:thing): only an operator can"),
        ("Odds", "secret", "unknown_kind", "no text can fill"),
        ("attachment", "secret", "cannot_set", "is no field that takes a value"),
        ("Comment", "secret", "cannot_set", "cannot be set on this screen: Jira allows only add"),
        ("description", ({"type": "doc"}, "secret"), "several_values", "holds one value"),
        ("description", ("secret", {"type": "doc"}), "several_values", "holds one document, and texts beside it"),
        ("Line", (b"secret",), "unusable", "is given a bytes: give texts, numbers, or objects of JSON"),
        ("Sumary", "secret", "unknown_field", 'did you mean "summary"?'),
        ("zzzzzz", "secret", "unknown_field", 'it has "Summary", "Issue Type"'),
        ("Twin", "secret", "ambiguous_field", "is the name of 2 fields: give the id, one of customfield_23, customfi"),
        ("", "secret", "unknown_field", "is not on this screen"),
    ],
)
def test_what_does_not_fit_is_said_with_a_mend_and_without_the_value(name, value, code, told):
    found, message = problem(name, value)
    assert (found, told in message, "secret" in message) == (code, True, False), message


def test_rich_text_is_markdown_where_it_is_said_to_be():
    assert edited("Area", "**a**", markdown={"Area"}) == adf.from_markdown("**a**")
    assert edited("Area", "**a**", markdown={"description"}) == adf.from_plain("**a**")


def test_rich_text_that_is_too_long_is_cut_and_says_so():
    cut = edited("description", "word " * 20_000)
    assert adf.fits(cut)
    assert cut != adf.from_plain("word " * 20_000)


def test_dates_hang_in_the_connectors_time_zone():
    assert edited("Day", "2026-10-15T22:30:00Z", zone=HELSINKI) == "2026-10-16"
    assert edited("Moment", "15.10.2026 10:00", zone=HELSINKI) == "2026-10-15T07:00:00.000+0000"
    assert edited("Moment", "2026-10-15", zone=HELSINKI) == "2026-10-14T21:00:00.000+0000"


@pytest.mark.parametrize("empty", [None, (), [], "", " \n", ("", None), {}])
def test_an_edit_clears_what_is_empty_and_a_create_leaves_it_out(empty):
    assert encode({"Line": empty, "labels": empty}, SCREEN, creating=False).fields == {
        "customfield_1": None,
        "labels": None,
    }
    made = encode({"summary": "s", "Line": empty}, SCREEN, creating=True)
    assert (made.fields, made.problems) == ({"summary": "s"}, ())


def test_a_parent_is_cleared_by_an_operation():
    made = encode({"parent": None}, SCREEN, creating=False, operations=True)
    assert (made.fields, made.problems) == ({}, ())
    assert made.update == {"parent": [{"set": {"none": True}}]}


@pytest.mark.parametrize(
    ("name", "code"), [("summary", "required"), ("Time tracking", "cannot_clear"), ("parent", "cannot_clear"), ("attachment", "cannot_clear"),
                       ("comment", "cannot_set")]
)  # fmt: skip
def test_what_cannot_be_cleared_is_a_problem(name, code):
    assert problem(name, None)[0] == code


def test_a_create_needs_what_the_screen_requires_and_jira_does_not_fill():
    (missing,) = encode({"Line": "x"}, SCREEN, creating=True).problems
    assert (missing.field, missing.code) == ("Summary", "required")
    assert missing.message == (
        'field "Summary" (summary) must have a value: map an ESM attribute that has one, or a constant or a default'
    )
    (empty,) = encode({"summary": " "}, SCREEN, creating=True).problems
    assert (empty.field, empty.code) == ("summary", "required")
    assert encode({"project": None, "issueType": None, "summary": "s"}, SCREEN, creating=True).problems == ()


def test_two_names_of_one_field_are_told():
    (twice,) = encode({"Line": "a", "customfield_1": "b"}, SCREEN, creating=False).problems
    assert (twice.field, twice.code) == ("customfield_1", "given_twice")
    assert twice.message == 'field "customfield_1" is the same field as "Line": remove one'


def test_every_problem_of_a_write_is_told_at_once():
    made = encode({"Points": "x", "Day": "y", "Line": "z"}, SCREEN, creating=True)
    assert [each.code for each in made.problems] == ["not_a_number", "not_a_date", "required"]


@pytest.mark.parametrize(
    ("name", "id_"),
    [("customfield_23", "customfield_23"), ("duedate", "duedate"), ("Due date", "duedate"), ("dueDate", "duedate"),
     ("DUE_DATE", "duedate"), ("issueType", "issuetype"), ("fixversions", "fixVersions"), ("line", "customfield_1")],
)  # fmt: skip
def test_names_and_ids_find_their_field(name, id_):
    assert field_named(name, SCREEN).id == id_


def test_an_id_comes_before_a_name_and_a_name_before_one_in_other_letters():
    screen = (ScreenField("a", "B"), ScreenField("B", "x"), ScreenField("c", "b"))
    assert field_named("B", screen).id == "B"
    assert field_named("b", screen).id == "c"
    with pytest.raises(Misfit, match="it has none at all"):
        field_named("x", ())


def test_a_choice_without_any_id_is_given_by_name_and_one_without_anything_is_told():
    def screen(*allowed: dict[str, Any]) -> tuple[ScreenField, ...]:
        return (system("priority", "priority", allowed=allowed),)

    assert encode({"priority": "x"}, screen({"name": "X"}), creating=False).fields == {"priority": {"name": "X"}}
    many = tuple({"id": str(at), "name": f"n{at}"} for at in range(20))
    (told,) = encode({"priority": "x"}, screen(*many), creating=False).problems
    assert told.message.endswith('"n14" and 5 more')


SPECIAL = st.sampled_from(
    ["A > A1", "A / A1", "Red", "12", "-1", "1e5", "2026-10-15", "15.10.2026 10:00", "0001-01-01", "9999-12-31T23:59:59Z",
     "29.02.2025", "5b10:a", "SUP-1", "1d", "https://x", "\ud800", "\x00", "a" * 300, "٣", "1_000", " ", ">", "/"]
)  # fmt: skip
TEXTS = st.text(max_size=12) | SPECIAL
RAW = TEXTS | st.integers() | st.floats() | st.booleans() | st.none() | st.lists(TEXTS, max_size=4).map(tuple)


@given(
    st.dictionaries(st.sampled_from([field.id for field in SCREEN]) | TEXTS, RAW, max_size=4),
    st.booleans(),
    st.booleans(),
    st.sampled_from([timezone.utc, HELSINKI]),
)
def test_whatever_a_card_holds_is_encoded_or_a_problem(values, creating, markdown, zone):
    made = encode(
        values, SCREEN, markdown=values if markdown else (), creating=creating, zone=zone, operations=markdown
    )
    json.dumps([made.fields, made.update], allow_nan=False, ensure_ascii=False).encode()
    assert set(made.fields) <= {field.id for field in SCREEN}
    assert all(each.message.endswith(("?", ".")) or each.message for each in made.problems)
    blamed = {each.field for each in made.problems}
    for name in values:
        if name not in blamed:
            id_ = field_named(name, SCREEN).id
            assert creating or id_ in {**made.fields, **made.update}


@given(
    st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds // 60 * 60, timezone.utc)),
    st.sampled_from([timezone.utc, HELSINKI]),
)
def test_a_moment_stays_the_same_moment_in_whatever_form_it_comes(moment, zone):
    def read(text):
        return datetime.strptime(edited("Moment", text, zone=zone), "%Y-%m-%dT%H:%M:%S.%f%z")

    local = moment.astimezone(zone)
    assert read(f"{moment:%Y-%m-%dT%H:%M:%SZ}") == moment
    assert read(f"{local:%Y-%m-%dT%H:%M:%S%z}") == moment
    # An hour that comes twice is taken for the first of the two: local time does not say which.
    assert read(f"{local:%d.%m.%Y %H:%M}") == local.replace(fold=0).astimezone(timezone.utc)
