"""What is measured: who is brought from Jira into ESM, in which runs, and what each run must do to count.

Servers are started for one scenario and one of ESM's APIs, and ended after it; nothing is carried over.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from airflow_provider_jira.sandbox.process import start_server
from benchmarks.child import ask

_HEAD: dict[str, Any] = {
    "connector": "acme",
    "jira_conn_id": "jira_acme",
    "esm_conn_id": "esm_acme",
    "timezone": "Europe/Helsinki",
}
_SCOPE = "project = SUP AND issuetype in (Bug, Task)"
# Larger limits than by default: what is measured is the work, and nobody is there to approve.
_REMOVED: dict[str, Any] = {"value": "5 - Removed", "max_percent": 100, "max_count": 1_000_000}
_PEOPLE: dict[str, Any] = {
    "id": "people",
    "mapping_type": "identity_and_access",
    "fetch_type": "full",
    "schedule": None,
    "cache": {"clear_hours": []},
    "users": {"account_types": ["atlassian", "app", "customer"]},
    "identity": {
        "target": {"template": "account", "folder": "accounts", "key": "accountId", "task_id_attribute": "taskId"},
        "attributes": {
            "accountId": "accountId",
            "displayName": "displayName",
            "email": "emailAddress",
            "active": "active",
        },
        "memberships": "groups",
        "removed_records": {"attribute": "accountStatus", **_REMOVED},
    },
    "access": {
        "target": {
            "template": "entitlement",
            "folder": "entitlements",
            "key": "groupId",
            "task_id_attribute": "taskId",
        },
        "attributes": {"groupId": "groupId", "name": "name"},
        "removed_records": {"attribute": "status", **_REMOVED},
    },
}
_ISSUES: dict[str, Any] = {
    "id": "tickets",
    "mapping_type": "generic",
    "fetch_type": "full",
    "schedule": None,
    "cache": {"clear_hours": []},
    "jql": _SCOPE,
    "target": {"template": "jira_issue", "folder": "jira_issues", "key": "jiraId", "task_id_attribute": "taskId"},
    "attributes": {
        "jiraId": "id",
        "jiraKey": "key",
        "subject": "summary",
        "status": "status.name",
        "description": {"source": "description", "as": "markdown"},
        "contact": {"source": ["Contact person", "reporter.displayName"]},
        "assigneeName": "assignee.displayName",
        "labels": "labels",
        "due": {"source": "duedate", "format": "date"},
        "origin": {"value": "jira"},
        "priority": {"source": "priority.name", "map": {"Highest": "1", "High": "2"}, "default": "3"},
    },
    "removed_records": {"attribute": "recordStatus", **_REMOVED},
}
_FRESH: dict[str, Any] = {
    "id": "tickets_fresh",
    "mapping_type": "generic",
    "fetch_type": "incremental",
    "companion_of": "tickets",
    "schedule": None,
    "cache": {"clear_hours": []},
}


class Unexpected(RuntimeError):
    """A run did not do what its scenario is about, so its figures mean nothing."""


@dataclass(frozen=True)
class Sizes:
    """How large the worlds are.

    :param people: accounts of the site
    :param memberships: how many times somebody is in a group
    :param issues: issues that the task's JQL finds
    :param cached: records, one measurement of the cache alone for each
    """

    people: int = 20_000
    groups: int = 2_000
    memberships: int = 100_000
    issues: int = 20_000
    cached: tuple[int, ...] = (100_000, 1_000_000)


@dataclass(frozen=True)
class Measured:
    """What one run took.

    :param name: which run, ``first run``
    :param read: records
    :param written: cards created, updated and marked
    :param seconds: by step
    :param jira: requests that the server counted
    :param esm: requests that the server counted
    :param waited: seconds for limits, of one side or the other
    :param memory: at most, in bytes
    :param cache: bytes of each text
    :param staging: bytes
    """

    scenario: str
    api: str
    name: str
    read: int
    written: int
    seconds: dict[str, float]
    jira: int
    esm: int
    waited: float
    memory: int
    start_memory: int
    cache: tuple[int, ...]
    staging: int

    @property
    def took(self) -> float:
        """Seconds of all steps."""
        return sum(self.seconds.values())


@dataclass
class World:
    """A Jira, an ESM, and one installation between them.

    :param definition: the connector's
    :param jira: the server
    :param esm: the server
    :param folder: for memory and staging
    :param profile: folder for profiles, or empty
    :param runs: names of those that have been
    """

    scenario: str
    api: str
    definition: dict[str, Any]
    jira: httpx.Client
    esm: httpx.Client
    folder: Path
    profile: str
    runs: list[str] = field(default_factory=list)

    def run(self, task: str, name: str) -> Measured:
        """Do one run, and measure it.

        :raises Unexpected: it failed
        """
        self.runs.append(name)
        before = [_asked(side) for side in (self.jira, self.esm)]
        question = {
            "connector": self.definition,
            "task": task,
            "run_id": f"bench__{len(self.runs)}",
            "jira": _address(self.jira),
            "esm": _address(self.esm),
            "api": self.api,
            "folder": str(self.folder),
            "profile": self._profile(),
        }
        answer = ask("benchmarks.engine", question)
        report = answer["report"]
        if report["failure"] or report["waiting"] or report["refused"]:
            raise Unexpected(
                f"{self.scenario}, {self.api}, {name}: {report['refused']} refused, {report['waiting']} wait: "
                f"{report['failure']}"
            )
        jira, esm = (_asked(side) - start for side, start in zip((self.jira, self.esm), before, strict=True))
        if (jira, esm) != (report["requests"]["jira"], report["requests"]["esm"]):
            raise Unexpected(
                f"{self.scenario}, {self.api}, {name}: the servers had {jira} and {esm} requests, and the run reports "
                f"{report['requests']}."
            )
        return Measured(
            scenario=self.scenario,
            api=self.api,
            name=name,
            read=report["read"],
            written=report["created"] + report["updated"] + report["marked_removed"],
            seconds=answer["seconds"],
            jira=jira,
            esm=esm,
            waited=report["waited_seconds"],
            memory=answer["memory"],
            start_memory=answer["start_memory"],
            cache=tuple(answer["cache"]),
            staging=answer["staging"],
        )

    def change(self, what: str, count: int, **more: Any) -> None:
        """Change something in Jira."""
        body = {"count": count, "seed": len(self.runs), **more}
        self.jira.post(f"/_sandbox/world/{what}", json=body).raise_for_status()

    def _profile(self) -> str:
        if not self.profile:
            return ""
        Path(self.profile).mkdir(parents=True, exist_ok=True)
        return str(Path(self.profile, f"{self.scenario}.{self.api}.{len(self.runs)}.txt").resolve())


def people(sizes: Sizes, api: str, profile: str = "") -> Iterator[Measured]:
    """Bring people, groups and memberships: first, with nothing changed, and with a hundredth changed."""
    size = ("--people", str(sizes.people), "--groups", str(sizes.groups), "--memberships", str(sizes.memberships))
    for world in _world("people", api, (_PEOPLE,), (*size, "--issues", "1", "--admin"), profile):
        first = world.run("people", "first run")
        yield proved(first, first.read)
        yield proved(world.run("people", "nothing changed"), 0)
        some = max(1, sizes.people // 100)
        world.change("people/change", some)
        world.change("members/change", max(1, sizes.memberships // 100))
        yield proved(world.run("people", "1 % changed"), some, more=True)


def issues(sizes: Sizes, api: str, profile: str = "") -> Iterator[Measured]:
    """Bring issues: first, with nothing changed, and with a hundredth changed, read in full and incrementally."""
    for world in _world("issues", api, (_ISSUES, _FRESH), ("--issues", str(sizes.issues)), profile):
        first = world.run("tickets", "first run")
        yield proved(first, sizes.issues)
        yield proved(world.run("tickets", "nothing changed"), 0)
        some = max(1, sizes.issues // 100)
        world.change("change", some, jql=_SCOPE)
        yield proved(world.run("tickets", "1 % changed"), some)
        # The first run of a companion has no watermark, and reads everything.
        yield proved(world.run("tickets_fresh", "incremental (for the first time: reads all)"), 0)
        world.change("change", some, jql=_SCOPE)
        yield proved(world.run("tickets_fresh", "incremental (1 % changed)"), some)


SCENARIOS = {"people": people, "issues": issues}


def cache(records: int) -> dict[str, Any]:
    """Measure the cache alone."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return {"records": records, **ask("benchmarks.cache", {"records": records, "folder": folder})}


def proved(measured: Measured, expected: int, *, more: bool = False) -> Measured:
    """Return what was measured, if the run wrote as many cards as it should.

    :param expected: how many cards
    :param more: whether it may be more than these
    :raises Unexpected: it did not
    """
    fits = measured.written >= expected if more else measured.written == expected
    if not fits:
        raise Unexpected(
            f"{measured.scenario}, {measured.api}, {measured.name}: {measured.written} cards were written, and "
            f"{expected} should have been."
        )
    return measured


def _world(
    scenario: str, api: str, tasks: tuple[dict[str, Any], ...], jira_arguments: tuple[str, ...], profile: str
) -> Iterator[World]:
    with (
        start_server("jira", *jira_arguments) as jira,
        start_server("esm") as esm,
        httpx.Client(base_url=jira.url, timeout=300, trust_env=False) as jira_http,
        httpx.Client(base_url=esm.url, timeout=300, trust_env=False) as esm_http,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
    ):
        definition = {**_HEAD, "scheduled_tasks": list(tasks)}
        yield World(scenario, api, definition, jira_http, esm_http, Path(folder), profile)


def _asked(side: httpx.Client) -> int:
    """Tell how many requests a server has had, its controls left out."""
    return int(side.get("/_sandbox/requests", params={"since": 1 << 60}).raise_for_status().json()["next"])


def _address(side: httpx.Client) -> str:
    return str(side.base_url).rstrip("/")
