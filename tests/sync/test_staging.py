"""Staging: whole files or none, for the owner's eyes, swept without trace."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from airflow_provider_jira.sync.staging import Staging


def test_what_was_staged_is_read_back_by_name(tmp_path: Path) -> None:
    staged = Staging(tmp_path).plan("task", "p1")
    staged.write("receipts/b/2", [2])
    staged.write("receipts/a/1", [1])
    staged.write("plan", {"x": 1})
    assert staged.names("receipts") == ["receipts/a/1", "receipts/b/2"]
    assert staged.read("receipts/a/1", list[int]) == [1]
    assert staged.exists("plan")
    assert not staged.exists("missing")
    assert staged.names("nothing") == []


def test_a_half_written_file_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = Staging(tmp_path).plan("task", "p1")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        staged.write("receipts/1", [1])
    assert staged.names("receipts") == []
    assert not staged.exists("receipts/1")


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    Staging(tmp_path / "root").plan("task", "p1").write("chunk", ["issue text"])
    path = tmp_path / "root" / "task" / "p1" / "chunk"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0
    assert b"issue text" not in path.read_bytes()


def test_plans_are_listed_oldest_first_and_removed_whole(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    for name in ("20260102T000000-b", "20260101T000000-a"):
        staging.plan("task", name).write("plan", 1)
    assert staging.plans("task") == ["20260101T000000-a", "20260102T000000-b"]
    staging.plan("task", "20260101T000000-a").remove()
    assert staging.plans("task") == ["20260102T000000-b"]
    assert staging.plans("another") == []
