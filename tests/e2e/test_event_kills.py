"""Event runs whose processes are killed in a real Airflow: afterwards there is one issue, and the card carries its key.

Where each is killed is drawn from a seed, which is printed; ``KILL_SEED`` draws the same again. A request is made to
hang before Jira or ESM does its work, or after, and then the process that waits for the answer is killed. A run that
stops because nobody can know is counted apart, with what it says.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from desk import Desk

from airflow_provider_jira.sandbox.demo.rest import ENDED

pytestmark = pytest.mark.airflow

RUNS = 12
SEED = int(os.environ.get("KILL_SEED") or random.randrange(10**6))
NONE = 10**9
"""A request that never was: what comes after it is nothing but the number of the next."""
HANG = 50
"""Seconds for which a request hangs; its process is dead by then."""
PATIENCE = 500
"""Seconds that all runs together have to end."""
LATE = 6
"""Seconds after which a request is carried out although nobody waits any more: less than the outbox's patience here."""


class Point(NamedTuple):
    """Where a process is killed.

    :param side: ``jira`` or ``esm``
    :param match: method, path and body of the request that hangs; ``{card}`` stands for the card's id
    :param how: the fault
    :param api: only where the card is written over this API of ESM; empty: over both
    """

    name: str
    side: str
    match: tuple[str, str, str]
    how: dict[str, Any]
    api: str = ""

    def of(self, card: str) -> dict[str, str]:
        method, path, body = (part.replace("{card}", card) for part in self.match)
        return {"method": method, "path": path, "body": body}


UNSENT, LATER, UNANSWERED = {"delay": HANG, "drop": "before"}, {"delay": LATE}, {"hold": HANG}
READ = ("GET", "/incident/data/{card}$", "")
CREATE = ("POST", "/issue$", '"esm-{card}"')
PATCH = ("PATCH", "/incident/data/{card}$", "")
IMPORT = ("POST", "dataCardImport", "INC-{card}<")
POINTS = (
    *(Point(f"reading {nth} of the card", "esm", READ, {**UNSENT, "skip": nth - 1}, "rest") for nth in range(1, 6)),
    Point("search for the issue", "jira", ("POST", "/search/jql$", '"esm-{card}'), UNSENT),
    Point("create, never carried out", "jira", CREATE, UNSENT),
    Point("create, carried out later", "jira", CREATE, LATER),
    Point("create, not answered", "jira", CREATE, UNANSWERED),
    Point("write back, never carried out", "esm", PATCH, UNSENT, "rest"),
    Point("write back, not answered", "esm", PATCH, UNANSWERED, "rest"),
    Point("import, never carried out", "esm", IMPORT, UNSENT, "xml"),
    Point("import, carried out later", "esm", IMPORT, LATER, "xml"),
    Point("import, not answered", "esm", IMPORT, UNANSWERED, "xml"),
)


class Victim:
    """One run, and where it is killed: at one point, or at a second one besides if the tries after that come there."""

    def __init__(self, desk: Desk, rng: random.Random) -> None:
        api = rng.choice(("rest", "xml"))
        points = [point for point in POINTS if point.api in ("", api)]
        # what is most dangerous is drawn most often
        weights = [3 if point.match == CREATE else 1 for point in points]
        self.points = rng.choices(points, weights, k=rng.choice((1, 1, 2)))
        self.dag = "desk__issue" if api == "rest" else "xdesk__issue"
        self.card = desk.card(subject="Printer", description="It **burns**.")
        self.run = f"card-{self.card}"
        self.killed: list[tuple[str, str]] = []
        self.desk = desk

    def arm(self) -> None:
        """Make the next point's request hang."""
        point = self.points[0]
        self.since = self.side.get("/requests", since=NONE)["next"]
        self.side.post("/faults", {"match": point.of(self.card), **point.how})

    @property
    def side(self) -> Any:
        return self.desk.jira if self.points[0].side == "jira" else self.desk.esm

    def hangs(self) -> bool:
        """Tell whether the point has been reached."""
        point, match = self.points[0], self.points[0].of(self.card)
        asked = [row for row in self.side.get("/requests", since=self.since)["requests"] if _fits(row, match)]
        rows = asked[point.how.get("skip", 0) :]
        return bool(rows) and (rows[0].get("status") is not None or "hold" not in point.how)

    def kill(self) -> None:
        """Kill the process that waits for the answer."""
        for task in self.desk.rest.tasks(self.dag, self.run):
            if task.state == "running" and self.desk.airflow.kill_task(self.dag, self.run, task.task_id):
                self.killed.append((task.task_id, self.points.pop(0).name))
                if self.points:
                    self.arm()
                return

    def __str__(self) -> str:
        killed = [f"{task} at {point}" for task, point in self.killed]
        return f"{self.dag} {self.run} killed in {', in '.join(killed) or 'nothing'}"


def _fits(row: dict[str, Any], match: dict[str, str]) -> bool:
    body = row.get("body")
    said = {**row, "body": body if isinstance(body, str) else json.dumps(body)}
    return all(re.search(pattern, said[part]) for part, pattern in match.items())


def states(desk: Desk, victims: Sequence[Victim]) -> dict[str, str]:
    found: dict[tuple[str, str], str] = {}
    for dag in {victim.dag for victim in victims}:
        rows = desk.rest.call("GET", f"/dags/{dag}/dagRuns", params={"limit": 100})["dag_runs"]
        found |= {(dag, row["dag_run_id"]): row["state"] for row in rows}
    return {victim.run: found[victim.dag, victim.run] for victim in victims}


def slay(desk: Desk, victims: Sequence[Victim]) -> dict[str, str]:
    """Start the runs, kill each where it is to be killed, and return the states in which they end."""
    for victim in victims:
        victim.arm()
        desk.start(victim.dag, {"data_card_id": victim.card}, victim.run)
    until = time.monotonic() + PATIENCE
    while True:
        now = states(desk, victims)
        for victim in victims:
            if victim.points and now[victim.run] == "running" and victim.hangs():
                victim.kill()
        if all(state in ENDED for state in now.values()):
            return now
        desk.airflow.check()
        assert time.monotonic() < until, [f"{victim}: {now[victim.run]}" for victim in victims]
        time.sleep(0.3)


def test_whatever_is_killed_a_card_gets_one_issue_and_carries_its_key(desk: Desk) -> None:
    rng, began = random.Random(SEED), time.monotonic()
    victims = [Victim(desk, rng) for _ in range(RUNS)]
    ended = slay(desk, victims)
    cards, made = desk.cards(), desk.made_for()
    told = [f"{victim}: {ended[victim.run]}" for victim in victims]
    tally = Counter(f"killed {len(victim.killed)} times, {ended[victim.run]}" for victim in victims)
    print("", *told, f"seed {SEED}, {time.monotonic() - began:.0f} s: {dict(tally)}", sep="\n")  # noqa: T201 - what -s is for
    for victim in victims:
        says, keys = cards[victim.card], [issue["key"] for issue in made.get(victim.card, ())]
        assert victim.killed, victim
        if ended[victim.run] == "failed":
            print(f"held: {victim}: {says['provisioningException'][0]}")  # noqa: T201 - as above
            assert "cannot be found out" in says["provisioningException"][0], victim
            assert len(keys) <= 1, victim
            continue
        assert keys == says["jiraKey"], victim
        assert len(keys) == 1, victim
        assert says["jiraSync"] == ["01 - Sent"], victim
        tries = {task.task_id: task.try_number for task in desk.rest.tasks(victim.dag, victim.run)}
        assert {task for task, number in tries.items() if number > 1} == {task for task, _ in victim.killed}, victim
    if "failed" not in ended.values():
        kept = desk.rest.call("GET", "/variables", params={"limit": 100})["variables"]
        assert [variable["key"] for variable in kept] == []
