"""JQL can be wrapped without changing what it means, whatever an administrator wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.model.jql import JqlBroken, bounded, condition, sweep_jql, tokens, within

CONDITIONS = [
    ("no order", "project = SUP", "project = SUP"),
    ("order", "project = SUP ORDER BY created DESC", "project = SUP"),
    ("order in any case and spacing", "project = SUP\n\toRDer \r\n bY\tkey", "project = SUP"),
    ("blanks around", "  project = SUP  ", "project = SUP"),
    ("or at the top", "a = 1 or b = 2 order by a, b desc", "a = 1 or b = 2"),
    ("order right after a parenthesis", "(a = 1)ORDER BY a", "(a = 1)"),
    ("order right after a quoted text", 'a = "x"order by a', 'a = "x"'),
    ("order in double quotes", 'summary ~ "please order by mail"', 'summary ~ "please order by mail"'),
    ("order in single quotes", "summary ~ 'order by' and a = 1", "summary ~ 'order by' and a = 1"),
    ("order within and after quotes", "summary ~ 'order by' order by a", "summary ~ 'order by'"),
    ("escaped quote", r'a = "x\" order by y" order by z', r'a = "x\" order by y"'),
    ("escaped backslash before the end of quotes", r'a = "x\\" order by z', r'a = "x\\"'),
    ("other quote within quotes", """a = "it's" and b = '"' order by c""", """a = "it's" and b = '"'"""),
    ("parenthesis within quotes", "a = ')' and b = '(' order by c", "a = ')' and b = '('"),
    ("escape outside of quotes", r"a = it\'s order by c", r"a = it\'s"),
    ("escaped blank", r"a = order\ by order by c", r"a = order\ by"),
    ("escaped blank at the end", "a = x\\ ", "a = x\\ "),
    ("escaped parenthesis", r"a = \( order by c", r"a = \("),
    ("order in parentheses", "a in f(order by b)", "a in f(order by b)"),
    ("function", "assignee in membersOf('x') order by rank", "assignee in membersOf('x')"),
    ("words that only begin so", "orderly = 1 and reorder by_ = 2", "orderly = 1 and reorder by_ = 2"),
    ("order without by", 'cf[10010] = 1 and "order" = by', 'cf[10010] = 1 and "order" = by'),
    ("quoted keyword", 'a = "order" by', 'a = "order" by'),
    ("signs without blanks", "a=1 and b!~'x'and c>=2 order by a", "a=1 and b!~'x'and c>=2"),
    ("line break in quotes", "a = 'x\norder by y'", "a = 'x\norder by y'"),
    ("everything", "status changed AFTER -1d and issue.property[order].by = 1", "status changed AFTER -1d and issue.property[order].by = 1"),
]  # fmt: skip


@pytest.mark.parametrize(("jql", "expected"), [case[1:] for case in CONDITIONS], ids=[case[0] for case in CONDITIONS])
def test_the_condition_ends_where_the_order_begins(jql: str, expected: str) -> None:
    assert condition(jql) == expected
    assert bounded(jql) == f"({expected})"
    assert sweep_jql(jql) == f"({expected}) ORDER BY id ASC"
    assert within(jql, [10001, 7]) == f"id in (10001,7) AND ({expected})"


BROKEN = [
    ("parenthesis that closes none", "a = 1) or (b = 2", "character 6: this parenthesis closes none"),
    ("parenthesis that stays open", "a = (1 or (b = 2)", "character 5: this parenthesis is not closed"),
    ("quote that stays open", "a = 'x and b = 1", "character 5: the quote ' is not closed"),
    ("double quote closed by an escaped one", r'a = "x\"', 'character 5: the quote " is not closed'),
    ("backslash at the end", "a = x\\", "character 6: a backslash has nothing to escape"),
    ("nothing", " \n", "has no condition"),
    ("order only", "ORDER BY key", "has no condition"),
]


@pytest.mark.parametrize(("jql", "sentence"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_jql_that_would_change_its_meaning_is_refused(jql: str, sentence: str) -> None:
    for wrap in (bounded, sweep_jql, lambda text: within(text, [1])):
        with pytest.raises(JqlBroken, match=sentence):
            wrap(jql)


def test_within_nothing_is_refused_because_it_would_ask_for_everything() -> None:
    with pytest.raises(ValueError, match="at least one"):
        within("project = SUP", [])


PIECES = st.one_of(
    st.sampled_from(["a", "=", "1", " or ", " and ", " ", "\n", "order", " order by x", "by", "not in", ",", "[1]", r"\'", r"\ "]),
    st.text(max_size=6).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    st.text(max_size=6).map(lambda text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"),
)  # fmt: skip
JQL = st.recursive(
    st.lists(PIECES, min_size=1, max_size=5).map("".join),
    lambda inner: st.lists(st.one_of(inner, inner.map("({})".format)), min_size=1, max_size=3).map(" ".join),
    max_leaves=6,
)


@given(JQL)
def test_pieces_are_the_whole_text_and_quotes_are_one_piece(jql: str) -> None:
    pieces = list(tokens(jql))

    assert "".join(piece.text for piece in pieces) == jql
    assert all(piece.text == jql[piece.at : piece.at + len(piece.text)] for piece in pieces)
    assert all(piece.text[0] == piece.text[-1] for piece in pieces if piece.kind == "quoted")


@given(JQL)
def test_a_condition_has_no_order_and_is_the_beginning_of_the_jql(jql: str) -> None:
    found = condition(f"a {jql}")

    assert f"a {jql}".startswith(found)
    assert condition(found) == found
    assert condition(f"{found} ORDER BY created, key DESC") == found
    assert condition(bounded(found)) == f"({found})"


@given(st.text(alphabet="a'\"\\()orde byORDEBY=\n", max_size=30))
def test_wrapped_jql_is_one_condition_whatever_was_written(jql: str) -> None:
    try:
        wrapped = within(jql, [1])
    except JqlBroken:
        return
    depths = [piece.depth for piece in tokens(wrapped.removeprefix("id in (1) AND "))]
    assert depths[0] == depths[-1] == 0
    assert all(depths[1:-1])
