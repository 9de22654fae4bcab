"""``docs/guidance.md`` names tests: each of them has to exist, and each line has to be held by one or say why not."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| ([GRCSE]\d+) \|(.*)\|$")
NAMED = re.compile(r"`(tests/[\w/]+\.py::[\w:]+)`")
VERDICTS = ("Same", "More", "Differs")


def rows() -> dict[str, list[str]]:
    """Mark of each line -> its cells: what the original says, how it is here, what holds it."""
    found = [ROW.match(line) for line in (ROOT / "docs" / "guidance.md").read_text().splitlines()]
    marks = [each[1] for each in found if each]
    assert len(set(marks)) == len(marks), "a mark is there twice"
    return {each[1]: [cell.strip() for cell in each[2].split(" | ")] for each in found if each}


@lru_cache
def names_in(path: str) -> frozenset[str]:
    """The tests of a file, as pytest names them."""
    file = ROOT / path
    if not file.exists():
        return frozenset()
    found = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found.update(f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef))
    return frozenset(name for name in found if name.rpartition("::")[2].startswith("test_"))


ROWS = rows()


def test_every_line_of_the_guidance_is_there() -> None:
    counts = {letter: [int(mark[1:]) for mark in ROWS if mark[0] == letter] for letter in "GRCSE"}
    assert counts == {
        letter: list(range(1, last + 1)) for letter, last in {"G": 27, "R": 22, "C": 9, "S": 10, "E": 10}.items()
    }


@pytest.mark.parametrize("mark", ROWS)
def test_each_line_is_held_by_tests_that_exist_or_says_why_it_is_not(mark: str) -> None:
    original, here, held = ROWS[mark]
    assert original
    assert here.startswith(VERDICTS)
    names = NAMED.findall(held)
    assert re.sub(NAMED, "", held).strip() == "", "what holds a line is nothing but names of tests"
    assert names or len(here) > 40, "a line without a test needs its reason"
    for name in names:
        path, _, test = name.partition("::")
        assert test in names_in(path), f"{mark}: {name} does not exist"


def test_links_of_the_guidance_lead_somewhere() -> None:
    text = (ROOT / "docs" / "guidance.md").read_text()
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    assert [path for path in re.findall(r"`(airflow_provider_jira/[\w/.]+)`", text) if not (ROOT / path).exists()] == []
