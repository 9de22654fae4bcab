"""JQL finds what it says, refuses what the site does not have, and is wholly refused for one thing that is wrong."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_jira.sandbox.jira.jql.reader import JqlError, read

ATOMS = [
    ("project = SUP", lambda r: r["project"] == "SUP"),
    ("project != SUP", lambda r: r["project"] != "SUP"),
    ('project in ("Operations", HR)', lambda r: r["project"] in {"OPS", "HR"}),
    ("issuetype not in (Bug, Task)", lambda r: r["issuetype"] not in {"Bug", "Task"}),
    ("type = bug", lambda r: r["issuetype"] == "Bug"),
    ('status = "In Progress"', lambda r: r["status"] == "In Progress"),
    ("statusCategory = Done", lambda r: r["status"] in {"Done", "Rejected"}),
    ("resolution = Unresolved", lambda r: r["resolution"] is None),
    ("resolution is not EMPTY", lambda r: r["resolution"] is not None),
    ("resolution != Fixed", lambda r: r["resolution"] not in {None, "Fixed"}),
    ("priority > Medium", lambda r: r["priority"] in {"High", "Highest"}),
    ("priority <= Low", lambda r: r["priority"] in {"Low", "Lowest"}),
    ("assignee is empty", lambda r: r["assignee"] is None),
    ("labels = vip", lambda r: "vip" in r["labels"]),
    ("labels not in (vip, audit)", lambda r: r["labels"] and not {"vip", "audit"} & set(r["labels"])),
    ("labels is EMPTY", lambda r: not r["labels"]),
    ("component = portal", lambda r: "Portal" in r["components"]),
    ("duedate >= 2024-09-01", lambda r: bool(r["duedate"]) and r["duedate"] >= "2024-09-01"),
    ("due < '2024/06/01'", lambda r: bool(r["duedate"]) and r["duedate"] < "2024-06-01"),
    ("summary ~ tuesday", lambda r: "tuesday" in r["summary"].lower()),
    ("summary !~ tuesday", lambda r: "tuesday" not in r["summary"].lower()),
    ("description ~ nightly", lambda r: "nightly" in (r["description_markdown"] or "").lower()),
    ('"Support Team" = "First line"', lambda r: r["custom"].get("Support Team") == "First line"),
    ("cf[10010] != Network", lambda r: r["custom"].get("Support Team", "Network") != "Network"),
    ('"Affected services" in (VPN)', lambda r: "VPN" in r["custom"].get("Affected services", ())),
    ("Location = Finland", lambda r: r["custom"].get("Location", "").startswith("Finland")),
    ('"Story Points" >= 2', lambda r: r["custom"].get("Story Points", 0) >= 2),
    ("Tags is not empty", lambda r: "Tags" in r["custom"]),
    ("id <= 10020", lambda r: int(r["id"]) <= 10020),
    ("key >= SUP-5", lambda r: r["project"] == "SUP" and int(r["key"][4:]) >= 5),
    ("reporter = currentUser()", lambda r: bool(r["reporter"]) and r["reporter"]["displayName"] == "Connector Robot"),
]  # fmt: skip


@pytest.fixture(scope="module", name="desk")
def _desk(request):
    factory = request.getfixturevalue("desk_class")
    desk = factory(150, rate_limits=False, short_pages="full")
    yield desk
    desk.close()


@pytest.mark.parametrize(("jql", "holds"), ATOMS, ids=[jql for jql, _ in ATOMS])
def test_a_clause_finds_the_issues_of_which_it_is_true(desk, jql, holds):
    truth = desk.truth()
    assert desk.ids(f"{jql} order by id") == [id_ for id_, row in truth.items() if holds(row)]


def test_the_table_above_tells_issues_apart(desk):
    rows = desk.truth().values()
    counts = {jql: sum(bool(holds(row)) for row in rows) for jql, holds in ATOMS}
    assert all(count < len(rows) for count in counts.values())
    assert all(counts.values())


RANKS = ["Highest", "High", "Medium", "Low", "Lowest"]
TOTAL = {
    "project = SUP",
    "type = bug",
    'status = "In Progress"',
    "priority > Medium",
    "resolution = Unresolved",
    "summary ~ tuesday",
    "id <= 10020",
    "labels is EMPTY",
}
"""Clauses over fields that always have a value (or ask for none), of which NOT is simply the opposite."""


def trees():
    leaves = st.sampled_from([atom for atom in ATOMS if atom[0] in TOTAL])

    def grown(inner):
        two = st.tuples(inner, inner)
        return st.one_of(
            two.map(lambda p: (f"({p[0][0]} AND {p[1][0]})", lambda r: p[0][1](r) and p[1][1](r))),
            two.map(lambda p: (f"({p[0][0]} or {p[1][0]})", lambda r: p[0][1](r) or p[1][1](r))),
            inner.map(lambda p: (f"NOT ({p[0]})", lambda r: not p[1](r))),
            inner.map(lambda p: (f"!({p[0]})", lambda r: not p[1](r))),
        )

    return st.recursive(leaves, grown, max_leaves=6)


@given(trees())
@settings(max_examples=60, deadline=None)
def test_joined_and_denied_clauses_find_what_logic_says(desk, tree):
    jql, holds = tree
    assert desk.ids(f"{jql} ORDER BY id ASC") == [id_ for id_, row in desk.truth().items() if holds(row)]


def test_and_binds_closer_than_or(desk):
    rows = desk.truth().values()
    wanted = sum(r["project"] == "HR" or (r["project"] == "SUP" and r["issuetype"] == "Bug") for r in rows)
    assert len(desk.ids("project = HR OR project = SUP AND type = Bug")) == wanted


def test_denying_a_clause_leaves_out_issues_without_a_value(desk):
    assert desk.ids("NOT resolution = Fixed order by id") == desk.ids("resolution != Fixed order by id")


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("project in (SUP, NOPE)", "The value 'NOPE' does not exist for the field 'project'."),
        ("universe = 42", "Field 'universe' does not exist"),
        ("project = SUP order by universe", "Field 'universe' does not exist"),
        ("status = Nowhere", "'Nowhere' does not exist for the field 'status'"),
        ("assignee = somebody", "'somebody' does not exist for the field 'assignee'"),
        ('"Support Team" = Nobody', "'Nobody' does not exist"),
        ("summary = x", "operator '=' is not supported by the 'summary' field"),
        ("status ~ x", "operator '~' is not supported by the 'status' field"),
        ("status > Done", "operator '>' is not supported"),
        ("project = SUP order by description", "can not be used for ordering"),
        ("created > yesterday", "Date value 'yesterday' for field 'created' is invalid"),
        ("created > never()", "Unable to find JQL function 'never()'"),
        ('"Story Points" > many', "not a number"),
        ("id = 99", "A value with ID '99' does not exist"),
        ("key in (SUP-1, SUP-9999)", "An issue with key 'SUP-9999' does not exist"),
        ("project SUP", "expecting an operator but got 'SUP'"),
        ("project = SUP type = Bug", "expecting either 'OR' or 'AND' but got 'type'. (line 1, character 15)"),
        ("project =", "before the end of the query"),
        ("(project = SUP", "expecting ')'"),
        ("project in (SUP", "expecting either ')' or ','"),
        ('summary ~ "open', "never closed"),
        ("project in (TO, AND)", "'TO' is a reserved JQL word"),
        ("summary ~ a;b\nand project ^ x", "expecting an operator but got '^'. (line 2, character 13)"),
        ("assignee is robot", "takes EMPTY or NULL only"),
        ("status changed", "no history"),
        ("status was Open", "operator 'was' is not supported"),
        ("labels in (vip, EMPTY)", "does not look for EMPTY inside a list"),
        ("", "Unbounded JQL"),
        ("order by key", "Unbounded JQL"),
        ("project = SUP order by " + ", ".join(["id"] * 8), "JQL can be ordered by at most 7 fields."),
    ],
)
def test_what_the_site_does_not_have_or_cannot_read_is_refused(desk, jql, message):
    assert message in desk.refusal("POST", "/search/jql", {"jql": jql})[0]


def test_seven_fields_to_order_by_are_taken(desk):
    terms = "priority, created desc, status, updated, duedate, type, id desc"
    assert sorted(desk.ids(f"project = SUP order by {terms}")) == desk.ids("project = SUP order by id")


def test_everything_that_is_wrong_is_told_at_once(desk):
    messages = desk.refusal("POST", "/search/jql", {"jql": "project = NOPE and universe = 1 and status = Nowhere"})
    assert len(messages) == 3


def test_a_project_that_may_not_be_read_breaks_every_query_that_names_it(desk_class):
    desk = desk_class(20)
    desk.world("project", key="OPS", readable=False)
    assert "'OPS' does not exist" in desk.refusal("POST", "/search/jql", {"jql": "project in (SUP, OPS)"})[0]
    assert {desk.truth()[id_]["project"] for id_ in desk.ids("type in (Bug, Task)")} == {"SUP", "HR"}
    desk.close()


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("id desc", lambda r: -int(r["id"])),
        ("key", lambda r: (r["project"], int(r["key"].rpartition("-")[2]))),
        ("priority desc, id", lambda r: (RANKS.index(r["priority"]), int(r["id"]))),
        ("updated, id", lambda r: (r["updated"], int(r["id"]))),
        ("status, created desc", lambda r: (r["status"], [-ord(c) for c in r["created"]], int(r["id"]))),
    ],
)  # fmt: skip
def test_the_order_asked_for_is_kept_over_all_pages(desk, order, key):
    rows = sorted(desk.truth().values(), key=key)
    assert desk.ids(f"project is not EMPTY order by {order}", maxResults=7) == [int(row["id"]) for row in rows]


@pytest.mark.parametrize("unknown", ["refuse", "ignore"])
def test_a_named_issue_that_is_gone_refuses_the_query_or_not_as_switched(desk_class, unknown):
    desk = desk_class(20, unknown_issue=unknown)
    first, second = desk.ids("project = SUP order by id")[:2]
    desk.world("hide", ids=[second])
    if unknown == "refuse":
        assert (
            f"'{second}' does not exist"
            in desk.refusal("POST", "/search/jql", {"jql": f"id in ({first}, {second})"})[0]
        )
    else:
        assert desk.ids(f"id in ({first}, {second})") == [first]
    desk.close()


@given(st.text(alphabet="ab \"'\\()=!<>~,[]andor&|\n-1", max_size=25))
@settings(deadline=None)
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(JqlError):
        read(text)


@given(st.text(min_size=1, max_size=20))
@settings(deadline=None)
def test_a_value_in_quotes_arrives_as_it_was_written(text):
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    clause = read(f"labels = {quoted}").where
    assert clause.values[0].text == text


def test_parse_tells_for_each_query_what_is_wrong_with_it(desk):
    queries = ["project = SUP order by id", "project = NOPE", "x (", "universe = 1"]
    answer = desk.post("/jql/parse?validation=strict", {"queries": queries})["queries"]
    assert [one["query"] for one in answer] == queries
    assert [bool(one.get("errors")) for one in answer] == [False, True, True, True]
    assert answer[0]["structure"]["orderBy"]["fields"][0]["field"]["name"] == "id"
    warned = desk.post("/jql/parse?validation=warn", {"queries": queries[1:2]})["queries"][0]
    assert warned["warnings"]
    assert "errors" not in warned
    only_read = desk.post("/jql/parse?validation=none", {"queries": queries[1:3]})["queries"]
    assert ["errors" in one for one in only_read] == [False, True]
    assert desk.refusal("POST", "/jql/parse", {"queries": []})
    assert desk.refusal("POST", "/jql/parse", {"queries": ["project = SUP"]}, validation="loose")
