"""YAML reading: the line of every key, and every trap as an issue instead of a surprise or an exception."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_jira.model import yaml_scalar
from airflow_provider_jira.model.yaml_tree import MAX_DEPTH, read


def told(text: str | bytes) -> list[str]:
    """The issues of a text as line: path: found; mend."""
    document = read(text.encode() if isinstance(text, str) else text)
    return [f"{each.line}: {each.path}: {each.found}; {each.mend}" for each in document.issues]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# only a comment\n", None),
        ("a: 1", {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: -5\nb: 0\nc: 1.5\nd: -0.25\ne: 10.0", {"a": -5, "b": 0, "c": 1.5, "d": -0.25, "e": 10.0}),
        ("a: true\nb: False", {"a": True, "b": False}),
        ("a:\nb: ~\nc: null", {"a": None, "b": None, "c": None}),
        ("a: \"yes\"\nb: '012'\nc: !!str on", {"a": "yes", "b": "012", "c": "on"}),
        ("a: 2026-09-27\nb: 2026-09-27 10:00:00", {"a": "2026-09-27", "b": "2026-09-27 10:00:00"}),
        ("a: 1.2.3\nb: 5 - Removed\nc: -x\nd: +", {"a": "1.2.3", "b": "5 - Removed", "c": "-x", "d": "+"}),
        ("1: a\n2.5: b\n2026-01-01: c", {"1": "a", "2.5": "b", "2026-01-01": "c"}),
        ('"yes": a\n"": b', {"yes": "a", "": "b"}),
        ("a: [1, [2], {b: c}]", {"a": [1, [2], {"b": "c"}]}),
        ("a: |\n  one\n  two\nb: >\n  one\n  two", {"a": "one\ntwo\n", "b": "one two"}),
        (
            "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: *x",
            {"a": {"p": 1, "q": 2}, "b": {"q": 3, "p": 1}, "c": {"p": 1, "q": 2}},
        ),
        (
            "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}",
            {"a": {"p": 1}, "b": {"p": 2, "q": 2}, "c": {"p": 1, "q": 2}},
        ),
        ('a: {"<<": 1}', {"a": {"<<": 1}}),
        ("&k a: 1\nb: *k", {"a": 1, "b": "a"}),
        ("a: &k b\n*k : 2", {"a": "b", "b": 2}),
    ],
)
def test_plain_yaml_is_read_as_it_looks(text, data):
    document = read(text.encode())
    assert document.issues == []
    assert document.data == data


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        (
            "a: yes",
            "1: ('a',): yes without quotes means true in YAML, not the word; write \"yes\" for the word, or true",
        ),
        ("a: [x, Off]", "1: ('a', 1): Off without quotes means false"),
        (
            "a: 1\non: b",
            "2: ('on',): the key on without quotes means true in YAML, not the word; write it in quotes: \"on\"",
        ),
        ("No: b", "1: ('No',): the key No without quotes means false"),
        ("null: b", "1: ('null',): the key null without quotes means nothing"),
        ("? \n: b", "('',): the key (empty) without quotes means nothing"),
        ("true: b", "1: ('true',): the key true without quotes means true"),
        (
            "a: 012",
            "1: ('a',): 012 without quotes is a number that programs read in different ways; write \"012\" with",
        ),
        ("a: 12:30", "12:30 without quotes"),
        ("a: 1_000", "1_000 without quotes"),
        ("a: +358401234567", "+358401234567 without quotes"),
        ("a: 0x1F", "0x1F without quotes"),
        ("a: 0o17", "0o17 without quotes"),
        ("a: 1e3", "1e3 without quotes"),
        ("a: 1.10", "1.10 without quotes"),
        ("a: 5.", "5. without quotes"),
        ("a: .5", ".5 without quotes"),
        ("a: -.inf", "-.inf without quotes"),
        ("a: .nan", ".nan without quotes"),
        ("a: " + "9" * 5000, "without quotes is a number"),
        ("a: 1\nb:\n  a: 1\n  c: 2\n  a: 3", "5: ('b', 'a'): \"a\" is given twice, in lines 3 and 5; remove or rename"),
        ("a: 1\n'a': 2", '"a" is given twice, in lines 1 and 2'),
        ("- {a: 1}\n- {a: 1,\n   a: 2}", "3: (1, 'a'): \"a\" is given twice, in lines 2 and 3"),
        ("a: {{ x }}", "a mapping stands where a key should be; put text that begins with { or [ in quotes"),
        ("? [a, b]\n: c", "a list stands where a key should be"),
        ("a: &x [1]\n*x : 2", "a list stands where a key should be"),
        ("a: !foo b", "1: ('a',): the tag \"!foo\" has no meaning here; remove it"),
        ("a: !!python/object:os.system {}", 'the tag "!!python/object:os.system" has no meaning'),
        ("!!set {a, b}", 'the tag "!!set" has no meaning'),
        ("a: !!int 5", 'the tag "!!int" has no meaning'),
        (
            "a: *x",
            "1: ('a',): alias *x names an anchor that is not complete before it; put &x on something that ends above",
        ),
        ("a: &x [*x]", "alias *x names an anchor that is not complete"),
        ("a: {<<: 5}", "5 cannot be merged; let << name a mapping"),
        ("a: {<<: [{b: c}, d]}", '"d" cannot be merged'),
        ("a: 1\n---\nb: 2", "2: (): a second document begins here (---); write one connector per file"),
    ],
)
def test_what_cannot_be_meant_is_an_issue_at_its_line(text, issue):
    assert any(issue in each for each in told(text)), told(text)


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("a: b: c", "1: (): this is not YAML: mapping values are not allowed in this context; put text"),
        ("a:\n\tb: c", "2: (): this is not YAML: found character that cannot start any token; indent with spaces"),
        ("a: @b", "put text that begins with @ in quotes"),
        ("a: [1, 2", "close the bracket"),
        ('a: "b', "close the quote or bracket that was opened above"),
        ("a:\n  - b\n c: d", "check the indentation"),
        ("{a: 1,, b: 2}", "this is not YAML"),
        ("a: \x01", "1: (): the file holds a character that YAML does not allow (code 1); remove it"),
        ("a: 1\nb: \x00", "2: (): the file holds a character that YAML does not allow (code 0)"),
        (b"a: 1\nb: \xe4", "2: (): the file is not UTF-8 text; save it with the encoding UTF-8"),
        ("a: 1".encode("utf-16"), "1: (): the file is not UTF-8 text"),
        ("%YAML 3.0\n---\na: 1", "this is not YAML: found incompatible YAML document"),
    ],
)
def test_what_is_no_yaml_is_one_issue_and_no_data(text, issue):
    assert any(issue in each for each in told(text)), told(text)
    document = read(text.encode() if isinstance(text, str) else text)
    assert document.data is None
    assert len(document.issues) == 1


def test_brackets_without_end_do_not_take_the_process_down():
    """PyYAML's composer on libyaml runs out of stack here, and takes the DAG processor with it."""
    (issue,) = read(b"a: " + b"[" * 300_000).issues
    assert "nested deeper than any definition" in issue.found
    assert len(read(b"a: " + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1)).issues) == 0


def test_aliases_that_stand_for_millions_are_refused():
    lines = ["a0: &a0 [" + ", ".join("x" * 10) + "]"]
    lines += [f"a{at}: &a{at} [" + ", ".join([f"*a{at - 1}"] * 10) + "]" for at in range(1, 9)]
    document = read("\n".join(lines).encode())
    assert "stands for far more than any definition" in document.issues[-1].found
    assert document.data is None


@pytest.mark.parametrize(
    ("path", "line", "exists"),
    [
        ((), 2, ()),
        (("a",), 2, ("a",)),
        (("b", "c"), 4, ("b", "c")),
        (("b", "d", 0), 6, ("b", "d", 0)),
        (("b", "d", 1, "e"), 8, ("b", "d", 1, "e")),
        (("b", "d", 1, "nothing", "here"), 7, ("b", "d", 1)),
        (("b", "d", 9), 5, ("b", "d")),
        (("a", 0), 2, ("a",)),
        (("nothing",), 2, ()),
    ],
)
def test_a_path_is_found_at_the_line_of_its_key(path, line, exists):
    document = read(b"# comment\na: 1\nb:\n  c: 2\n  d:\n    - x\n    - y: 1\n      e: 2\n")
    assert document.locate(path) == (line, exists)


def test_a_merged_key_is_found_where_it_is_written():
    document = read(b"a: &x\n  p: 1\nb:\n  <<: *x\n  q: 2\n")
    assert document.locate(("b", "p")) == (2, ("b", "p"))
    assert document.locate(("b", "q")) == (5, ("b", "q"))


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text("ab:-[]{}&*#|>!%?,'\" \n\t<012yesno", max_size=60))
@example("{[]}: x")
@example("- ? a\n  : b")
def test_no_text_makes_reading_fall_over(text):
    document = read(text.encode())
    assert all(1 <= each.line <= document.line_count for each in document.issues)
    if not document.issues and "<<" not in text:
        assert _as_text(document.data) == _as_text(yaml.load(text, Loader=yaml.CBaseLoader))


@given(st.binary(max_size=40))
def test_no_bytes_make_reading_fall_over(content):
    document = read(content)
    assert all(1 <= each.line <= document.line_count for each in document.issues)


def _as_text(data):
    """Forget what plain words mean, as YAML's base schema does."""
    if isinstance(data, dict):
        return {key: _as_text(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_as_text(each) for each in data]
    return "" if data in (None, "", "~") or str(data).lower() == "null" else str(data).lower()


@given(st.from_regex(r"\A[-+.]?[0-9][0-9_.:eExob+-]{0,8}\Z"))
def test_a_number_is_read_only_where_it_prints_as_it_is_written(text):
    value, trap = yaml_scalar.value(text)
    assert trap is not None or str(value) == text
