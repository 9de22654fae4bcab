"""EQL in the sandbox ESM: what is read, what is refused, and what a condition finds."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_jira.sandbox.esm.cards import Cards, Cell
from airflow_provider_jira.sandbox.esm.eql import (
    Attribute,
    Compare,
    EqlError,
    IsNull,
    Joined,
    Not,
    Property,
    properties,
    read_filter,
    read_query,
    required_template,
)
from airflow_provider_jira.sandbox.esm.eql_sql import Compiler
from airflow_provider_jira.sandbox.esm.templates import AttributeDef

A, B = Attribute("a"), Attribute("b_2")
IS_1, IS_2 = Compare(A, "=", "1"), Compare(B, "=", "2")

READ = {
    "$a$ = '1'": IS_1,
    "  $a$='1' ": IS_1,
    "$a$ <> 'it''s'": Compare(A, "<>", "it's"),
    "$a$ = ''": Compare(A, "=", ""),
    "$a$ LIKE 'x%'": Compare(A, "like", "x%"),
    "$a$ > 3": Compare(A, ">", 3),
    "$a$ <= -2.5": Compare(A, "<=", -2.5),
    "hidden = 0": Compare(Property("hidden"), "=", 0),
    "entity.deleted = FALSE": Compare(Property("entity.deleted"), "=", False),
    "$a$ IS NULL": IsNull(A),
    "$a$ is not null": Not(IsNull(A)),
    "not $a$ = '1'": Not(IS_1),
    "$a$ = '1' AND $b_2$ = '2'": Joined("and", (IS_1, IS_2)),
    "$a$ = '1' or $b_2$ = '2' Or $a$ = '1'": Joined("or", (IS_1, IS_2, IS_1)),
    "$a$ = '1' or $b_2$ = '2' and $a$ = '1'": Joined("or", (IS_1, Joined("and", (IS_2, IS_1)))),
    "($a$ = '1' or $b_2$ = '2') and not $a$ = '1'": Joined("and", (Joined("or", (IS_1, IS_2)), Not(IS_1))),
    "$status$ = '02 - Solving' and $jiraKey$ is null": Joined(
        "and", (Compare(Attribute("status"), "=", "02 - Solving"), IsNull(Attribute("jiraKey")))
    ),
    "$and$ = 'or'": Compare(Attribute("and"), "=", "or"),
}


@pytest.mark.parametrize("text", READ)
def test_a_condition_is_read(text):
    assert read_filter(text) == READ[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$a$",
        "$a$ in ('1', '2')",
        "$a$ = 1 2",
        "$a$ == '1'",
        '$a$ = "1"',
        "$a$ = #now#",
        "a' = '1'",
        "$a$ = 'it's'",
        "$a$ = '1' order by $a$",
        "($a$ = '1'",
        "$a$ = '1' && $a$ = '2'",
        "select entity from entity",
    ],
)
def test_what_no_source_shows_is_refused(text):
    with pytest.raises(EqlError):
        read_filter(text)


def test_quotes_are_escaped_one_way_or_the_other():
    assert read_filter(r"$a$ = 'it\'s \\ x'", "backslash") == Compare(A, "=", "it's \\ x")
    assert read_filter(r"$a$ = '\'", "doubled") == Compare(A, "=", "\\")
    with pytest.raises(EqlError):
        read_filter("$a$ = 'it''s'", "backslash")
    with pytest.raises(EqlError):
        read_filter(r"$a$ = 'it\'s'", "doubled")


@given(st.text())
def test_any_text_survives_its_quotes(text):
    doubled = text.replace("'", "''")
    assert read_filter(f"$a$ = '{doubled}'") == Compare(A, "=", text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    assert read_filter(f"$a$ = '{escaped}'", "backslash") == Compare(A, "=", text)


def test_a_query_is_read():
    query = read_query("select entity FROM entity where template.code = 't' and $a$ = '1' order by $a$ desc, entity.id")
    assert required_template(query.condition) == "t"
    assert query.order == ((A, True), (Property("entity.id"), False))
    assert read_query("SELECT entity FROM entity").condition is None
    for bad in ("$a$ = '1'", "SELECT $a$ FROM entity", "SELECT entity FROM template", "SELECT entity"):
        with pytest.raises(EqlError):
            read_query(bad)


@pytest.mark.parametrize(
    ("text", "template", "named"),
    [
        ("template.code = 't'", "t", {"code"}),
        ("template.code = 't' and (entity.deleted = true or not hidden = 1)", "t", {"code", "deleted", "hidden"}),
        ("template.code = 't' or $a$ = '1'", None, {"code"}),
        ("template.code <> 't'", None, {"code"}),
        ("$deleted$ = '1'", None, set()),
    ],
)
def test_template_and_properties_that_a_condition_names(text, template, named):
    condition = read_filter(text)
    assert required_template(condition) == template
    assert properties(condition) == named


ATTRIBUTES = {
    "text": AttributeDef("text", multi=True),
    "number": AttributeDef("number", "number"),
    "secret": None,
}
TEXTS = ["", "a", "A", "ab", "b%", "it's", "ä", "x" * 200 + "1", "x" * 200 + "2"]
NUMBERS = [-1.5, 0.0, 2.0, 10.0]
OPERATORS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

texts_of_a_card = st.lists(st.sampled_from(TEXTS), max_size=3)
cards = st.lists(st.tuples(texts_of_a_card, st.none() | st.sampled_from(NUMBERS)), max_size=8)
leaves = st.one_of(
    st.builds(Compare, st.just(Attribute("text")), st.sampled_from(sorted(OPERATORS)), st.sampled_from(TEXTS)),
    st.builds(Compare, st.just(Attribute("number")), st.sampled_from(sorted(OPERATORS)), st.sampled_from(NUMBERS)),
    st.builds(IsNull, st.sampled_from([Attribute("text"), Attribute("number"), Attribute("secret")])),
    st.just(Compare(Attribute("secret"), "=", "a")),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Joined, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=4).map(tuple)),
    ),
    max_leaves=8,
)


def _meets(condition, texts, number, empty_differs):
    """Say what a condition means, the slow and obvious way."""
    if isinstance(condition, Joined):
        join = all if condition.word == "and" else any
        return join(_meets(item, texts, number, empty_differs) for item in condition.items)
    if isinstance(condition, Not):
        return not _meets(condition.item, texts, number, empty_differs)
    values = {"text": texts, "number": [] if number is None else [number], "secret": []}[condition.operand.code]
    if isinstance(condition, IsNull):
        return not values
    if condition.operator == "<>" and empty_differs:
        return condition.constant not in values
    return any(OPERATORS[condition.operator](value, condition.constant) for value in values)


@settings(max_examples=300, deadline=None)
@given(cards, conditions, st.booleans(), st.booleans())
def test_sql_finds_what_the_condition_means(rows, condition, empty_differs, frequent):
    store = Cards()
    expected = []
    try:
        for texts, number in rows:
            card_id = store.add("t", "f")
            store.put(card_id, "text", [Cell(text) for text in texts])
            store.put(card_id, "number", [] if number is None else [Cell(str(number), number)])
            store.put(card_id, "secret", [Cell("a")])
            if _meets(condition, texts, number, empty_differs):
                expected.append(card_id)
        if frequent:
            _make_frequent(store)
        compiler = Compiler(store, ATTRIBUTES, "UTC", 0.0, empty_differs)
        sql, parameters = compiler.condition(condition)
        assert store.select(f"template = 't' AND ({sql})", parameters) == expected[::-1]
    finally:
        store.close()


def _make_frequent(store):
    """Give every text so many cards of another template that conditions are tested card by card."""
    with store.transaction():
        card_id = store.add("other", "f")
        store.put(card_id, "text", [Cell(text) for text in TEXTS for _ in range(300)] + [Cell("a")] * 2000)


@pytest.fixture(name="issues")
def _issues(esm):
    return {
        "old": esm.make({"jiraId": "1", "due": "2023-11-01", "created": "2023-10-31T22:30:00Z", "storyPoints": 1}),
        "new": esm.make({"jiraId": "2", "due": "2023-11-14", "created": "2023-11-14T10:00:00Z", "storyPoints": 10}),
        "none": esm.make({"jiraId": "3", "subject": "100% done"}),
    }


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("$due$ = '2023-11-14'", ["new"]),
        ("$due$ >= '14.11.2023'", ["new"]),
        ("$due$ < '14.11.2023 00:00'", ["old"]),
        ("$created$ > '2023-11-01T00:00:00Z'", ["new"]),
        ("$created$ > 'now - 1w'", ["new"]),
        ("$created$ < 'now'", ["new", "old"]),
        ("$created$ > 'now + 1h'", []),
        ("$storyPoints$ > 9", ["new"]),
        ("$storyPoints$ = '1'", ["old"]),
        ("$due$ is null", ["none"]),
        ("$subject$ like '100% %'", ["none"]),
        ("$subject$ like '% DONE'", []),
        ("$jiraId$ > '1'", ["none", "new"]),
        ("$jiraId$ = 2", ["new"]),
        ("entity.name = '100% done'", ["none"]),
        ("entity.folder.code = 'accounts'", []),
        ("template.code = 'jira_issue' and not $jiraId$ = '1'", ["none", "new"]),
    ],
)
def test_a_filter_finds_cards_by_what_the_attribute_is(esm, issues, condition, found):
    assert esm.listed(condition) == [issues[name] for name in found]


def test_a_week_starts_on_monday(esm):
    esm.make({"due": "2023-11-12"})
    cards = [esm.make({"due": day}) for day in ("2023-11-13", "2023-11-14")]
    assert esm.listed("$due$ >= 'start_week'") == cards[::-1]


def test_a_card_is_found_by_its_id(esm, issues):
    for literal in (f"'{issues['new']}'", issues["new"]):
        assert esm.listed(f"entity.id = {literal}") == [issues["new"]]


def test_dates_without_time_begin_at_midnight_of_the_server(esm):
    esm.turn(timezone="Europe/Helsinki")
    card = esm.make({"due": "2023-11-01", "created": "2023-10-31T22:30:00Z"})
    assert esm.listed("$created$ >= '01.11.2023'") == [card]
    assert esm.listed("$due$ = '2023-10-31T22:00:00Z'") == [card]


def test_references_are_found_by_their_targets_name(esm):
    accounts = [esm.make({"accountId": name, "displayName": name}, "account", "accounts") for name in ("Aino", "Ben")]
    cards = [esm.make({"assignee": {"dataCardId": account}}) for account in accounts]
    assert esm.listed("$assignee$ = 'Aino'") == [cards[0]]
    assert esm.listed("$assignee$ = 'Aino' or $assignee$ = 'Ben'") == cards[::-1]
    assert esm.listed("$assignee$ like 'B%'") == [cards[1]]


@pytest.mark.parametrize("attribute", ["storyPoints", "due"])
def test_like_is_for_texts(esm, attribute):
    assert esm.rest("GET", "/dc/jira_issue/data", limit=1, filter=f"${attribute}$ like '1%'").status_code == 400


def test_a_key_look_up_goes_through_the_index():
    store = Cards()
    compiler = Compiler(store, {"k": AttributeDef("k")}, "UTC", 0.0, empty_differs=False)
    keys = " OR ".join(f"$k$ = '{number}'" for number in range(40))
    sql, parameters = compiler.condition(read_filter(f"({keys}) AND entity.deleted = false"))
    plan = store.plan(sql, parameters)
    store.close()
    assert any("SEARCH value USING" in row and "value_look" in row for row in plan), plan
    assert any("SEARCH card USING INTEGER PRIMARY KEY (rowid=?)" in row for row in plan), plan
    assert not any(row.startswith("SCAN") for row in plan), plan
