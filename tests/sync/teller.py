"""Tells a tale: does its acts one after the other, and holds the promises against what ESM shows after each run."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from acts import (
    OVERLAP,
    Act,
    Adopt,
    Assign,
    Clear,
    Create,
    Crowd,
    Delete,
    Edit,
    Go,
    Hide,
    Minute,
    Move,
    Strict,
    Wait,
)
from chronicle import Chronicle, wrong_at_last
from guillotine import Guillotine, dies
from installation import FRESH, KEYS, MARK, MARKS, PAIR, PEOPLE, TICKETS, Installation
from pipeline import Pipeline

from airflow_provider_jira.sandbox.jira.catalog import ROBOT_ID
from airflow_provider_jira.sync.cache import TaskCache, task_key

STEPS = ("plan", "extract", "review", "load", "relate", "load_related", "mark_removed", "commit")
SUBJECT = 12
"""Characters that a strict ESM takes for a subject."""
NEAR = 61
"""Seconds: of runs that are nearer to each other nobody knows which came first."""
MILLISECOND = 0.001
CardKey = tuple[str, str]


@dataclass
class Running:
    """One run as it is seen from outside.

    :param began: Jira's time before it searched
    :param noted: how much the chronicle had noted then
    :param sent: which cards it sent, and how often
    :param idle: those that said afterwards what they had said before
    :param near: runs of the pair beside it, or so near that nobody knows the order
    """

    task: str
    began: float
    noted: int
    sent: Counter[CardKey] = field(default_factory=Counter)
    idle: Counter[CardKey] = field(default_factory=Counter)
    near: list[Running] = field(default_factory=list)
    ended: float | None = None
    strict: bool = False


class Broken(AssertionError):
    """A promise was not kept."""


class Teller:
    """Does acts.

    :param world: to which they happen
    """

    def __init__(self, world: Installation, guillotine: Guillotine) -> None:
        self.world, self.guillotine = world, guillotine
        self.chronicle = Chronicle(world)
        self.story: list[str] = []
        self.runs: list[Running] = []
        self.strict = False
        self.excused: dict[str, set[CardKey]] = {PEOPLE: set(), TICKETS: set(), FRESH: set()}
        self.before = world.everything()
        world.pushed()

    def tell(self, acts: Iterable[Act]) -> None:
        """Do acts in their order."""
        for act in acts:
            if not isinstance(act, Go):
                self.story.append(f"{self.world.clock.now:.4f} {act!r}")
            self.do(act)

    @functools.singledispatchmethod
    def do(self, act: Any) -> None:
        """Do one act."""
        raise TypeError(act)

    # issues

    def _issue(self, number: int) -> str:
        ids = sorted(self.chronicle.past, key=int)
        return ids[number % len(ids)]

    def _change(self, path: str, id_: str | None, *, late: bool, **body: Any) -> None:
        """Change an issue. Jira's times are cut to milliseconds, so a change may be that much younger than it says."""
        lag = OVERLAP + MILLISECOND / 2 if late else 0
        if late:
            self.world.jira.switch(index_lag=lag)
        done = self.world.jira.post(f"world/{path}", **body)
        if late:
            self.world.jira.switch(index_lag=0)
        self.chronicle.note(id_ or done["id"], lag)

    @do.register
    def _(self, act: Edit) -> None:
        fields: dict[str, Any] = {}
        if act.summary is not None:
            fields["summary"] = act.summary
        if act.status is not None:
            fields["status"] = {"name": act.status}
        id_ = self._issue(act.issue)
        self._change("issues", id_, late=act.late, id=id_, fields=fields)

    @do.register
    def _(self, act: Assign) -> None:
        people = [row["accountId"] for row in self.world.jira.get("truth/people") if row["state"] == "here"]
        who = None if act.person is None else {"accountId": people[act.person % len(people)]}
        id_ = self._issue(act.issue)
        self._change("issues", id_, late=act.late, id=id_, fields={"assignee": who})

    @do.register
    def _(self, act: Adopt) -> None:
        id_ = self._issue(act.issue)
        parent = None if act.parent is None else {"id": self._issue(act.parent)}
        self._change("issues", id_, late=act.late, id=id_, fields={"parent": parent})

    @do.register
    def _(self, act: Create) -> None:
        self._change("issues", None, late=act.late, fields={"summary": act.summary})

    @do.register
    def _(self, act: Delete) -> None:
        id_, issues = self._issue(act.issue), self.chronicle.issues()
        if len(self.chronicle.past) > 2 and not issues[id_]["hidden"]:
            others = [one for one in issues if one != id_]
            self._change("delete", id_, late=act.late, **{"count": 1, "except": others})

    @do.register
    def _(self, act: Move) -> None:
        id_ = self._issue(act.issue)
        if self.chronicle.issues()[id_]["project"] != act.project:
            self._change("move", id_, late=act.late, ids=[id_], project=act.project)

    @do.register
    def _(self, act: Hide) -> None:
        id_ = self._issue(act.issue)
        self.world.jira.post("world/hide", ids=[id_], on=act.on)
        self.chronicle.note(id_, 0, silent=True)

    # people

    @do.register
    def _(self, act: Crowd) -> None:
        get, post = self.world.jira.get, self.world.jira.post
        people = [row["accountId"] for row in get("truth/people") if row["state"] == "here"]
        groups = get("truth/groups")
        person, group = people[act.a % len(people)], groups[act.b % len(groups)]
        role = {"role": ("Administrators", "Developers", "Service Desk Team")[act.b % 3], "project": "SUP"}
        if act.what == "hire":
            post("world/people", name=f"Person {act.a}")
        elif act.what == "rename":
            post("world/people", id=person, name=f"Renamed {act.b}")
        elif act.what in {"remove", "forget"}:
            if person != ROBOT_ID and len(people) > 4:
                post("world/people/delete", ids=[person], how="removed" if act.what == "remove" else "forgotten")
        elif act.what == "join":
            post("world/members", group=group["groupId"], join=[person])
        elif act.what == "leave":
            post("world/members", group=group["groupId"], leave=[person])
        elif act.what == "found":
            post("world/groups", name=f"{('sup', 'out')[act.a % 2]}-group-{act.b}")
        elif act.what == "regroup":
            post("world/groups", id=group["groupId"], name=f"{('sup', 'out')[act.a % 2]}-renamed-{act.b}")
        elif act.what == "dissolve":
            if len(groups) > 2:
                post("world/groups/delete", ids=[group["groupId"]])
        else:
            post("world/roles", **role, users=[person], on=act.what == "give")

    # time, ESM, administrators

    @do.register
    def _(self, act: Wait) -> None:
        self.world.clock.now = round(self.world.clock.now + act.seconds, 3)

    @do.register
    def _(self, _: Minute) -> None:
        self.world.clock.now = (self.world.clock.now // 60 + 1) * 60

    @do.register
    def _(self, act: Strict) -> None:
        self.strict = act.on
        url = "/_sandbox/templates/jira_issue"
        template = self.world.esm.http.get(url).raise_for_status().json()
        for attribute in template["attributes"]:
            if attribute["code"] == "subject":
                attribute["max_length"] = SUBJECT if act.on else None
        self.world.esm.http.put(url, json=template).raise_for_status()

    @do.register
    def _(self, act: Clear) -> None:
        cache = TaskCache(self.world.state, task_key("acme", act.task))
        cache.clear(generation=f"cleared{len(self.story)}", at=self.world.engine_time())
        # What is not read now is sent when it is; and what one of the pair found to be in ESM only the other may know.
        for task in PAIR if act.task in PAIR else (act.task,):
            self.excused[task] |= set(self.world.everything())

    # runs

    @do.register
    def _(self, act: Go) -> None:
        self.story.append(f"{self.world.clock.now:.4f} {act.task} begins" + (f", {act!r}" if act.kill else ""))
        self._collect(None)
        running = Running(act.task, self.world.clock.now, self.chronicle.noted)
        for dead in self.runs:
            if dead.task == act.task and dead.ended is None:
                dead.ended = running.began
        if act.task in PAIR:
            for other in self.runs:
                if other.task in PAIR and (other.ended is None or other.ended + NEAR >= running.began):
                    running.near.append(other)
                    other.near.append(running)
        self.runs.append(running)
        pipe = self.world.start(act.task)
        between = dict(act.between)
        died, report = False, None
        if act.kill is None:
            report = self._drive(pipe, running, between)
        elif died := self._killed(pipe, running, between, act):
            self._collect(running)
            self.story.append(f"{self.world.clock.now:.4f} {act.task} killed, then {act.way}")
            self.tell(act.meanwhile)
            self._collect(None)
            report = self._after(pipe, running, act.way)
            self._collect(running)
        else:
            report = pipe.commit()
        self._collect(running)
        # Nobody knows when a dead run wrote its last: until its task runs again it counts as under way.
        running.ended = None if report is None else self.world.clock.now
        self._judge(running, report, killed=died)

    def _drive(
        self, pipe: Pipeline, running: Running, between: dict[str, tuple[Act, ...]], steps: Sequence[str] = STEPS
    ) -> dict[str, Any]:
        for step in steps:
            getattr(pipe, step)()
            if acts := between.pop(step, ()):
                self._collect(running)
                with self.guillotine.rests():
                    self.tell(acts)
                self._collect(None)
        return pipe.commit() if "commit" in steps else {}

    def _killed(self, pipe: Pipeline, running: Running, between: dict[str, tuple[Act, ...]], act: Go) -> bool:
        first = STEPS.index(act.step)
        self._drive(pipe, running, between, STEPS[:first])
        with self.guillotine.falls(act.kill or 0):
            return dies(lambda: self._drive(pipe, running, between, STEPS[first:]))

    def _after(self, pipe: Pipeline, running: Running, way: str) -> dict[str, Any] | None:
        """Do what follows a kill."""
        if way == "next":
            return None
        if way == "fail" and "commit" not in pipe.tries:
            pipe.failed.append("load")
            return pipe.commit()
        if way == "clear":
            pipe.clear("load", "relate", "load_related", "mark_removed", "commit")
        return pipe.finish()

    # what is seen from outside

    def _collect(self, running: Running | None) -> None:
        """Book what ESM was sent since the last time on a run."""
        now, sent = self.world.everything(), self.world.pushed()
        before, self.before = self.before, now
        if running is None:
            if sent:
                raise Broken(f"nobody runs, and ESM was sent {dict(sent)}")
            return
        running.sent += sent
        running.idle += Counter({key: n for key, n in sent.items() if before.get(key) == now.get(key)})
        running.strict |= self.strict
        if running.task == FRESH and _marked(before) != _marked(now):
            raise Broken(f"an incremental run changed marks: {_marked(before) ^ _marked(now)}")

    def _judge(self, running: Running, report: dict[str, Any] | None, *, killed: bool) -> None:
        green = report is not None and report["failure"] is None
        told = "dead" if report is None else f"{report['mode']}, {report['failure'] or 'green'}"
        self.story.append(f"{self.world.clock.now:.4f} {running.task} ended: {told}; sent {_shown(running.sent)}")
        # Of the pair each may send again what nobody knows of: sent beside or shortly before, by the dead, or refused.
        near = {key for other in running.near for key in other.sent}
        excused = self.excused[running.task] | near
        if green and not killed and not running.strict:
            idle = {key: n for key, n in running.idle.items() if key not in excused}
            if idle:
                raise Broken(f"{running.task} sent cards that said the same before: {_shown(idle)}")
        if green:
            self.excused[running.task] -= set(running.sent)
        both = PAIR if running.task in PAIR else (running.task,)
        for task in both:
            if near or running.near:
                self.excused[task] |= near | set(running.sent)
            if killed or running.strict or not green:
                self.excused[task] |= set(running.sent)
        if report is None or not green or running.task not in PAIR:
            return
        if missed := self.chronicle.missed(running.began, running.noted, report["mode"]):
            raise Broken(f"{running.task} was green, but:\n  " + "\n  ".join(missed))

    def finish(self) -> None:
        """Let everything come to rest, run every task, and hold ESM against Jira; then run once more for nothing."""
        self.tell([Strict(on=False), Wait(OVERLAP + 60)])
        self.tell([Go(PEOPLE), Go(TICKETS), Wait(NEAR + 59), Go(FRESH)])
        if wrong := wrong_at_last(self.world, self.chronicle):
            raise Broken("after the last runs:\n  " + "\n  ".join(wrong))
        self.tell([Wait(NEAR + 59)])
        for task in (PEOPLE, TICKETS, FRESH):
            self.tell([Go(task)])
            if sent := self.runs[-1].sent:
                raise Broken(f"nothing has changed, and {task} sent {_shown(sent)}")


def _marked(cards: dict[CardKey, Any]) -> set[CardKey]:
    return {key for key, (values, _) in cards.items() if values.get(MARKS[key[0]]) == [MARK]}


def _shown(sent: dict[CardKey, int]) -> str:
    return ", ".join(f"{key} x{n}" if n > 1 else key for (_, key), n in sorted(sent.items())) or "nothing"


assert set(MARKS) == set(KEYS)
