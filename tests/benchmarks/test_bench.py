"""The benchmark works, on worlds that are too small to say anything, and does not pass off a failed run as a fast one."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.child import ChildFailed, ask
from benchmarks.scenarios import Measured, Sizes, Unexpected, proved
from benchmarks.show import BEGIN, END, NoPlace, put_in, tables

TINY = (
    "--people", "30", "--groups", "5", "--memberships", "60", "--issues", "20", "--cached", "300", "2600",
)  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "api", "rows"),
    [
        ("people", "webapi", ["30 people, 5 groups, 60 memberships**, XML"]),
        (
            "issues",
            "rest",
            ["20 issues**, REST", "| first run | 20 / 20 |", "| nothing changed | 20 / 0 |", "incremental"],
        ),
    ],
)
def test_every_scenario_runs_and_its_figures_end_in_the_readme(
    scenario: str, api: str, rows: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold figures\n{END}\nafter\n")
    status = main([*TINY, "--only", scenario, "cache", "--api", api, "--readme", str(readme)])
    assert status == 0, capsys.readouterr().err
    text = readme.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"\n{END}\nafter\n")
    assert "old figures" not in text
    for row in (*rows, "| 300 records", "| 2,600 records"):
        assert row in text


def test_a_quick_try_leaves_the_readme_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--quick", "--only", "cache", "--cached", "50"]) == 0
    assert not list(tmp_path.iterdir())


def test_a_readme_without_a_place_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no marks")
    assert main(["--only", "cache", "--cached", "50", "--readme", str(readme)]) == 1
    told = capsys.readouterr()
    assert f"{readme}: there is no {BEGIN}" in told.err
    assert not told.out
    assert readme.read_text() == "no marks"


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END} {BEGIN}"])
def test_tables_go_between_both_marks_or_nowhere(text: str) -> None:
    with pytest.raises(NoPlace):
        put_in(text, "| |")


def test_tables_put_in_twice_are_there_once() -> None:
    once = put_in(f"a\n{BEGIN}{END}\nb", "| 1 |")
    assert put_in(once, "| 1 |") == once == f"a\n{BEGIN}\n| 1 |\n{END}\nb"


def measured(name: str, took: float, written: int) -> Measured:
    return Measured(
        scenario="issues", api="rest", name=name, read=20, written=written, seconds={"plan": took / 2, "load": took / 2},
        jira=3, esm=4, waited=0.5, memory=60_000_000, start_memory=50_000_000, cache=(10, 2_000), staging=5,
    )  # fmt: skip


def test_runs_are_compared_with_the_first_of_their_kind() -> None:
    text = tables(Sizes(), [measured("first run", 8, 20), measured("nothing changed", 2, 0)], [], "2 cores")
    assert "issues, REST: nothing changed 25 %" in text
    assert "| nothing changed | 20 / 0 | 2.0 s | 0.5 s | 3 / 4 | 60 MB |" in text


@pytest.mark.parametrize(
    ("written", "expected", "more", "holds"),
    [(0, 0, False, True), (1, 0, False, False), (19, 20, False, False), (21, 20, True, True), (19, 20, True, False)],
)
def test_a_run_that_writes_something_else_does_not_count(written: int, expected: int, more: bool, holds: bool) -> None:
    run = measured("run", 1, written)
    if holds:
        assert proved(run, expected, more=more) is run
    else:
        with pytest.raises(Unexpected, match=rf"{written} cards were written, and {expected} should"):
            proved(run, expected, more=more)


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(ChildFailed, match="KeyError: 'records'"):
        ask("benchmarks.cache", {"folder": "nowhere"})
