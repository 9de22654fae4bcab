"""An issue becomes the card that the definition says, or is refused; what does not fit the site is said before."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model.card import Card, Day, Instant, Reference, Static, Value
from airflow_provider_jira.model.definition import GenericTask
from airflow_provider_jira.model.mapping import Mapping, MappingProblems, RecordRefused


class Field(msgspec.Struct, frozen=True):
    """A field as a Jira client hands it out."""

    id: str
    name: str
    type: str | None = None
    items: str | None = None
    custom_type: str | None = None


SITE = (
    Field("issuekey", "Key"),
    Field("summary", "Summary", "string"),
    Field("description", "Description", "string"),
    Field("status", "Status", "status"),
    Field("resolution", "Resolution", "resolution"),
    Field("priority", "Priority", "priority"),
    Field("reporter", "Reporter", "user"),
    Field("labels", "Labels", "array", "string"),
    Field("duedate", "Due date", "date"),
    Field("updated", "Updated", "datetime"),
    Field("votes", "Votes", "votes"),
    Field("customfield_10010", "Support Team", "option"),
    Field("customfield_10011", "Contact person", "user"),
    Field("customfield_10012", "Story Points", "number"),
    Field("customfield_10013", "App", "any"),
    Field("customfield_10014", "App", "any"),
)
DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "so", "marks": [{"type": "em"}]}]}],
}


def task(**attributes: Any) -> GenericTask:
    return GenericTask.model_validate(
        {
            "id": "support_tickets",
            "mapping_type": "generic",
            "fetch_type": "full",
            "jql": "project = SUP",
            "target": {
                "template": "jira_issue",
                "folder": "jira_issues",
                "key": "jiraId",
                "task_id_attribute": "taskId",
            },
            "attributes": {"jiraId": "id", **attributes},
        }
    )


def mapping(zone: str = "Europe/Helsinki", **attributes: Any) -> Mapping:
    return Mapping.compile(task(**attributes).parts[0], SITE, "acme__support_tickets", zone)


def value(rule: Any, zone: str = "Europe/Helsinki", **fields: Any) -> tuple[Value, ...] | None:
    """Map an issue by one rule; ``None`` = the card leaves the attribute as it is."""
    return mapping(zone, a=rule).card(10001, "SUP-1", fields).values.get("a")


def test_the_whole_card_of_an_issue() -> None:
    made = mapping(
        jiraKey="key",
        subject="summary",
        status="status.name",
        resolution="resolution.name",
        description={"source": "description", "as": "markdown"},
        team={"source": "Support Team", "when_empty": "keep"},
        contact=["Contact person", "reporter.displayName"],
        labels="labels",
        due={"source": "duedate", "format": "date"},
        changed={"source": "updated", "format": "datetime"},
        origin={"value": "jira"},
        priority={"source": "priority.name", "map": {"Highest": "1", "High": "2"}, "default": "3"},
        points="Story Points",
    ).card(
        10001,
        "SUP-1",
        {
            "project": {"id": "10000"},
            "summary": "It fails",
            "status": {"name": "Open"},
            "resolution": None,
            "description": DOCUMENT,
            "customfield_10010": None,
            "reporter": {"accountId": "5b1", "displayName": "Ann Lee"},
            "labels": ["vpn", "mail"],
            "duedate": "2026-10-15",
            "updated": "2026-09-27T10:03:11.123+0200",
            "priority": {"name": "High"},
            "customfield_10012": 3.5,
        },
    )

    assert made == Card(
        "10001",
        {
            "jiraId": ("10001",),
            "jiraKey": ("SUP-1",),
            "subject": ("It fails",),
            "status": ("Open",),
            "resolution": (),
            "description": ("*so*",),
            "contact": ("Ann Lee",),
            "labels": ("vpn", "mail"),
            "due": (Day("2026-10-15"),),
            "changed": (Instant("2026-09-27T08:03:11Z"),),
            "origin": ("jira",),
            "priority": ("2",),
            "points": (3.5,),
            "taskId": ("acme__support_tickets",),
        },
    )


STATUS = {"name": "Open"}
MAP = {"Highest": "1", "High": 2, "Low": {"code": "low"}, "true": True, "3": "three"}
RULES: list[tuple[str, Any, dict[str, Any], tuple[Value, ...] | None]] = [
    ("empty clears", "summary", {"summary": None}, ()),
    ("empty keeps", {"source": "summary", "when_empty": "keep"}, {"summary": ""}, None),
    ("a field that is not there is empty", "summary", {}, ()),
    ("not empty does not keep", {"source": "summary", "when_empty": "keep"}, {"summary": "x"}, ("x",)),
    ("the first source that has a value", ["duedate", "summary", "status"], {"summary": " ", "status": STATUS}, ("Open",)),
    ("the first source, though the second has more", ["summary", "labels"], {"summary": "x", "labels": ["a", "b"]}, ("x",)),
    ("a number is a value though it is zero", ["Story Points", "summary"], {"customfield_10012": 0, "summary": "x"}, (0,)),
    ("duplicates are removed in order", "labels", {"labels": ["b", "a", "b", "a\x00"]}, ("b", "a")),
    ("constant", {"value": "jira"}, {}, ("jira",)),
    ("constant number", {"value": 7}, {}, (7,)),
    ("constant truth", {"value": True}, {}, ("true",)),
    ("constant code", {"value": {"code": "origin_jira"}}, {}, (Static("origin_jira"),)),
    ("constant date", {"value": "2026-10-15", "format": "date"}, {}, (Day("2026-10-15"),)),
    ("rich text is plain text by itself", "description", {"description": DOCUMENT}, ("so",)),
    ("rich text as HTML", {"source": "description", "as": "html"}, {"description": DOCUMENT}, ("<p><em>so</em></p>",)),
    ("other text passes", {"source": "summary", "as": "html"}, {"summary": "a<b"}, ("a<b",)),
    ("mapped text", {"source": "summary", "map": MAP}, {"summary": "Highest"}, ("1",)),
    ("mapped to a number", {"source": "summary", "map": MAP}, {"summary": "High"}, (2,)),
    ("mapped to a code", {"source": "summary", "map": MAP}, {"summary": "Low"}, (Static("low"),)),
    ("mapped object", {"source": "priority", "map": MAP}, {"priority": {"name": "High"}}, (2,)),
    ("mapped truth", {"source": "App2", "map": MAP}, {"customfield_10099": True}, ("true",)),
    ("mapped number", {"source": "Story Points", "map": MAP}, {"customfield_10012": 3.0}, ("three",)),
    ("each value is mapped", {"source": "labels", "map": {"a": "1", "b": "1", "c": "2"}}, {"labels": ["a", "c", "b"]}, ("1", "2")),
    ("empty is not mapped", {"source": "summary", "map": MAP}, {}, ()),
    ("default for what the map lacks", {"source": "summary", "map": MAP, "default": "9"}, {"summary": "Urgent"}, ("9",)),
    ("default for nothing", {"source": "summary", "map": MAP, "default": {"code": "x"}}, {"summary": None}, (Static("x"),)),
    ("default without a map", {"source": "summary", "default": "none given"}, {}, ("none given",)),
    ("default is not for a value", {"source": "summary", "default": "none given"}, {"summary": "x"}, ("x",)),
    ("default beside mapped values", {"source": "labels", "map": {"a": "1"}, "default": "9"}, {"labels": ["x", "a", "y"]}, ("9", "1")),
    ("dates of defaults", {"source": "duedate", "format": "date", "default": "2099-12-31"}, {}, (Day("2099-12-31"),)),
    ("dates of maps", {"source": "summary", "format": "date", "map": {"Q1": "2026-03-31"}}, {"summary": "Q1"}, (Day("2026-03-31"),)),
    ("the day there", {"source": "updated", "format": "date"}, {"updated": "2026-09-27T23:30:00.000+0200"}, (Day("2026-09-28"),)),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "fields", "expected"), [case[1:] for case in RULES], ids=[case[0] for case in RULES])
def test_a_rule_makes_the_value(rule: Any, fields: dict[str, Any], expected: tuple[Value, ...] | None) -> None:
    site = (*SITE, Field("customfield_10099", "App2"))
    made = Mapping.compile(task(a=rule).parts[0], site, "t", "Europe/Helsinki").card(1, "SUP-1", fields).values.get("a")

    assert made == expected
    assert [type(each) for each in made or ()] == [type(each) for each in expected or ()]


REFUSED: list[tuple[str, Any, dict[str, Any], str]] = [
    ("not in the map", {"source": "priority.name", "map": {"High": "1"}}, {"priority": {"name": "secret"}}, "not_in_map"),
    ("one of several not in the map", {"source": "labels", "map": {"a": "1"}}, {"labels": ["a", "secret"]}, "not_in_map"),
    ("an object without text", "customfield_10013", {"customfield_10013": {"id": "secret"}}, "not_scalar"),
    ("no date", {"source": "summary", "format": "date"}, {"summary": "secret"}, "not_a_date"),
    ("no moment", {"source": "Story Points", "format": "datetime"}, {"customfield_10012": 5}, "not_a_date"),
    ("no number", "Story Points", {"customfield_10012": float("nan")}, "not_a_number"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "fields", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_an_issue_that_cannot_be_mapped_is_refused_without_telling_its_values(
    rule: Any, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(RecordRefused) as refused:
        value(rule, **fields)

    assert (refused.value.attribute, refused.value.code) == ("a", code)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def key_mapping(source: str) -> Mapping:
    rules = task().model_copy(update={"attributes": task(key_source=source).attributes})
    rules = rules.model_copy(update={"target": rules.target.model_copy(update={"key": "key_source"})})
    return Mapping.compile(rules.parts[0], SITE, "t", "UTC")


@pytest.mark.parametrize(
    ("raw", "key"), [("EXT-1", "EXT-1"), (12, "12"), (12.0, "12"), (12.5, "12.5"), (["a", "a"], "a")]
)
def test_a_key_is_one_text_on_the_card_and_in_its_attribute(raw: Any, key: str) -> None:
    card = key_mapping("customfield_10013").card(1, "SUP-1", {"customfield_10013": raw})

    assert card.key == key
    assert card.values["key_source"] == (key,)


@pytest.mark.parametrize(("raw", "code"), [(None, "key_empty"), (" ", "key_empty"), (["a", "b"], "key_not_single")])
def test_a_key_that_finds_no_card_or_several_is_refused(raw: Any, code: str) -> None:
    with pytest.raises(RecordRefused) as refused:
        key_mapping("customfield_10013").card(1, "SUP-1", {"customfield_10013": raw})

    assert (refused.value.attribute, refused.value.code) == ("key_source", code)


def test_a_key_that_is_a_date_is_no_key() -> None:
    rules = task(day={"source": "duedate", "format": "date"})
    rules = rules.model_copy(update={"target": rules.target.model_copy(update={"key": "day"})})
    with pytest.raises(RecordRefused, match="key_not_single"):
        Mapping.compile(rules.parts[0], SITE, "t", "UTC").card(1, "SUP-1", {"duedate": "2026-01-02"})


def test_the_fields_to_ask_for_are_those_used_with_project_and_updated() -> None:
    made = mapping(a=["Contact person", "status.name"], b="status.statusCategory.key", c="Key", d={"value": "x"})

    assert made.jira_fields == ("customfield_10011", "project", "status", "updated")
    assert mapping().jira_fields == ("project", "updated")


def test_the_values_that_only_the_definition_gives_are_listed() -> None:
    made = mapping(
        origin={"value": {"code": "jira"}},
        priority={"source": "priority.name", "map": {"High": "1", "Low": 2}, "default": "3"},
        due={"source": "duedate", "format": "date", "default": "2099-12-31"},
        subject="summary",
    )

    assert made.constants() == {
        "origin": {Static("jira")},
        "priority": {"1", 2, "3"},
        "due": {Day("2099-12-31")},
        "taskId": {"acme__support_tickets"},
    }


def problems(definition: GenericTask, zone: str = "UTC") -> tuple[str, ...]:
    with pytest.raises(MappingProblems) as found:
        Mapping.compile(definition.parts[0], SITE, "t", zone)
    assert str(found.value) == "\n".join(found.value.problems)
    return found.value.problems


def test_every_misfit_is_said_at_once_with_its_attribute_and_mend() -> None:
    assert "\n".join(
        problems(task(team="Suport Team", state=["status.nmae", "App"], votes="votes", subject="summary"))
    ) == (
        "attribute 'team': Jira has no field 'Suport Team' that this user may see; "
        "did you mean 'Support Team' (customfield_10010)?\n"
        "attribute 'state': source 'status.nmae': 'Status' has no part 'nmae'; did you mean 'name'?\n"
        "attribute 'state': Jira has 2 fields called 'App'; write the id of the right one: "
        "customfield_10013 (App), customfield_10014 (App)\n"
        "attribute 'votes': source 'votes': 'Votes' has no text of its own; "
        "name a part of it: Votes.hasVoted, Votes.voters, Votes.votes"
    )


def test_an_unknown_time_zone_is_said() -> None:
    for zone in ("Europe/Helsink", "", "../etc/passwd", "\x00"):
        assert problems(task(), zone) == (f"there is no time zone {zone!r}; write a name like Europe/Helsinki",)


def unchecked(definition: GenericTask, attribute: str, **changes: Any) -> GenericTask:
    """Give an attribute a rule that the definition's own checks would refuse."""
    rule = definition.attributes[attribute].model_copy(update=changes)
    return definition.model_copy(update={"attributes": {**definition.attributes, attribute: rule}})


def test_what_the_definitions_own_checks_should_have_refused_is_refused_all_the_same() -> None:
    assert problems(unchecked(task(a="summary"), "a", source=())) == (
        "attribute 'a': has neither a source nor a value; give it one of them",
    )
    assert problems(unchecked(task(a={"value": "x"}), "a", value=["x"])) == (
        "attribute 'a': value is neither text, number, true, false nor {code: …}",
    )
    assert problems(unchecked(task(a="summary"), "a", map={"x": None})) == (
        "attribute 'a': map of 'x' is neither text, number, true, false nor {code: …}",
    )
    assert problems(unchecked(task(a="summary"), "a", default="soon", format="date")) == (
        "attribute 'a': default is 'soon', which is no date; write it as 2026-09-27",
    )
    without_key = task(a="summary")
    without_key = without_key.model_copy(update={"attributes": {"a": without_key.attributes["a"]}})
    assert problems(without_key) == ("the key attribute 'jiraId' has no rule under `attributes`; add jiraId: id",)
    stamped = task(a="summary")
    stamped = stamped.model_copy(update={"attributes": {**stamped.attributes, "taskId": stamped.attributes["a"]}})
    assert problems(stamped) == ("attribute 'taskId' holds the task id; remove it from `attributes`",)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "value", "displayName", "key", "child", "type", "content"]), inner, max_size=3
        ),
    ),
    max_leaves=10,
)
EVERY_RULE = mapping(
    text="customfield_10013",
    several=["customfield_10013", "customfield_10014.name"],
    moment={"source": "customfield_10014", "format": "datetime", "default": "2026-01-01"},
    mapped={"source": "customfield_10013", "map": {"a": "1"}, "default": "2"},
)


@given(JSON, JSON)
def test_whatever_jira_sends_gives_a_card_or_a_refusal(one: Any, other: Any) -> None:
    fields = {"customfield_10013": one, "customfield_10014": other}
    try:
        card = EVERY_RULE.card(7, "A-1", fields)
    except RecordRefused as refused:
        assert refused.attribute in {"text", "several", "moment", "mapped"}  # noqa: PT017 - either outcome is right
        return
    assert card == EVERY_RULE.card(7, "A-1", fields)
    assert card.key == "7"
    assert card.values["taskId"] == ("acme__support_tickets",)
    assert all(isinstance(each, (str, int, float)) and str(each).strip() for each in card.values["text"])
    assert set(card.values["mapped"]) <= {"1", "2"}
    assert len(card.values["mapped"]) > 0
    assert all(isinstance(each, Instant) for each in card.values["moment"])


@pytest.mark.parametrize(
    ("rule", "fields", "made"),
    [
        ({}, {"reporter": {"accountId": "abc"}}, (Reference("account", "accountId", "abc"),)),
        ({}, {"reporter": None}, ()),
        ({"map": {"abc": "xyz"}}, {"reporter": {"accountId": "abc"}}, (Reference("account", "accountId", "xyz"),)),
        ({"default": "nobody"}, {"reporter": None}, (Reference("account", "accountId", "nobody"),)),
    ],
)
def test_a_reference_is_made_by_the_key_of_the_card_that_it_points_at(
    rule: dict[str, Any], fields: dict[str, Any], made: tuple[Any, ...]
) -> None:
    pointing = {"source": "reporter.accountId", "reference": {"template": "account", "key": "accountId"}, **rule}
    assert mapping(a=pointing).card(1, "SUP-1", fields).values["a"] == made


def test_a_reference_by_code_is_refused() -> None:
    pointing = {"source": "reporter.accountId", "reference": {"template": "account", "key": "accountId"}}
    (problem,) = problems(task(a={**pointing, "default": {"code": "x"}}))
    assert "reference" in problem
