"""Makes up the world: the same seed and size give the same issues, to the letter.

Exactly ``count`` issues are bugs and tasks of project ``SUP``; about a tenth comes on top, of other types and in other
projects. Ids ascend with gaps, as on a site that has had other projects.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira import prose
from airflow_provider_jira.sandbox.jira.catalog import (
    COMPONENTS,
    GROUPS,
    LABELS,
    PROJECTS,
    RESOLUTIONS,
    SPRINTS,
    STATUSES,
    VERSIONS,
    Project,
)
from airflow_provider_jira.sandbox.jira.comment_store import Comment, Comments
from airflow_provider_jira.sandbox.jira.fields import CUSTOM, Custom
from airflow_provider_jira.sandbox.jira.people import Person
from airflow_provider_jira.sandbox.jira.store import Row, Store

_BEGIN = datetime(2024, 1, 1, tzinfo=timezone.utc)
_END = datetime(2026, 1, 1, tzinfo=timezone.utc)
_SPAN = int((_END - _BEGIN).total_seconds()) * 1000
_FIRST = int(_BEGIN.timestamp()) * 1000
_DONE = tuple(name for name, (_, category) in STATUSES.items() if category == "done")
_OTHER = (("SUP", "Story"), ("SUP", "Sub-task"), ("OPS", "Bug"), ("OPS", "Task"), ("HR", "Task"), ("HR", "Story"))


def generate(store: Store, comments: Comments, count: int, seed: int, people: Sequence[Person]) -> None:
    """Fill an empty store.

    :param comments: of the same database
    :param count: how many issues match ``project = SUP AND issuetype in (Bug, Task)``
    :param people: who is on the site
    """
    maker = Maker(seed, people)
    said: list[Comment] = []
    store.fill(_world(maker, count, said), [Project(*project) for project in PROJECTS])
    comments.save(said)


def _world(maker: Maker, count: int, comments: list[Comment]) -> Iterator[tuple[Row, str | None, str | None]]:
    rng = maker.rng
    wanted = [("SUP", "Bug" if rng.random() < 0.4 else "Task") for _ in range(count)]
    wanted += [_OTHER[at % len(_OTHER)] for at in range(max(len(_OTHER), count // 10))]
    rng.shuffle(wanted)
    numbers: dict[str, int] = {}
    parents: list[int] = []
    id_, step = 10000, _SPAN // len(wanted)
    for at, (project, kind) in enumerate(wanted):
        id_ += rng.choice((1, 1, 2, 5))
        numbers[project] = numbers.get(project, 0) + 1
        row, text = maker.issue(id_, project, numbers[project], kind, _FIRST + at * step, parents)
        if project == "SUP" and kind in {"Task", "Story"} and len(parents) < 200:
            parents.append(id_)
        for number in range(rng.choice((0, 0, 0, 1, 1, 2, 4))):
            comments.append(maker.comment(len(comments) + 10000, row, number))
        yield row, *((text.adf, text.markdown) if text else (None, None))


class Maker:
    """Makes up issues, one after the other.

    :param seed: decides everything
    :param people: who is on the site
    """

    def __init__(self, seed: int, people: Sequence[Person]) -> None:
        self.rng = random.Random(f"world {seed}")
        self.people = [person for person in people if not person.gone]
        self.blocks = prose.blocks(self.rng, 400)
        active = [person for person in self.people if person.active]
        self.staff = [person for person in active if person.account_type == "atlassian"]
        self.askers = [person for person in self.people if person.account_type != "app"]

    def issue(
        self, id_: int, project: str, number: int, kind: str, created: int, parents: Sequence[int]
    ) -> tuple[Row, prose.Text | None]:
        """Make up one issue and its description.

        :param created: milliseconds since 1970
        :param parents: ids that may be parents or epics
        """
        rng = self.rng
        updated = created + rng.randrange(1, 90 * 24 * 3600 * 1000)
        status = rng.choice(tuple(STATUSES))
        done = status in _DONE
        reporter = rng.choice(self.askers)
        row = Row(
            id=id_,
            key=f"{project}-{number}",
            num=number,
            project=project,
            type=kind,
            status=status,
            resolution=rng.choice(tuple(RESOLUTIONS)) if done else None,
            priority=rng.choice((1, 2, 3, 3, 3, 4, 5)),
            summary=prose.summary(rng),
            reporter=reporter.account_id if rng.random() < 0.97 else None,
            creator=reporter.account_id,
            assignee=rng.choice(self.staff).account_id if rng.random() < 0.8 else None,
            parent=rng.choice(parents) if kind == "Sub-task" and parents else None,
            created=created,
            updated=updated,
            resolved=updated if done else None,
            due=_day(rng, created) if rng.random() < 0.5 else None,
            labels=sorted(rng.sample(LABELS, rng.choice((0, 0, 1, 2, 3)))),
            components=sorted(rng.sample(tuple(COMPONENTS), rng.choice((0, 1, 1, 2)))),
            versions=sorted(rng.sample(tuple(VERSIONS), rng.choice((0, 0, 1)))),
            custom={},
        )
        for field in CUSTOM:
            if field.fill and field.project in {None, project} and rng.random() < field.fill:
                value = self.custom(field, created, parents)
                if value is not None:
                    row.custom[field.id] = value
        return row, self.description() if rng.random() < 0.9 else None

    def description(self) -> prose.Text:
        """Make up a description."""
        return prose.joined(*prose.apart(self.rng.sample(self.blocks, self.rng.choice((1, 2, 2, 3, 4, 6)))))

    def comment(self, id_: int, row: Row, number: int) -> Comment:
        """Make up a comment."""
        at = row.created + (number + 1) * 3_600_000
        author = self.rng.choice(self.askers).account_id
        return Comment(id_, row.id, author, at, at, f"Note {number}: {prose.summary(self.rng)}")

    def custom(self, field: Custom, created: int, parents: Sequence[int]) -> Any:
        """Make up a custom field's value, in the form the store keeps."""
        rng = self.rng
        tops = [name for name in field.options if " / " not in name]
        if field.kind == "select":
            return rng.choice(tops)
        if field.kind == "multiselect":
            return rng.sample(tops, rng.randint(1, 3))
        if field.kind == "cascade":
            top = rng.choice(tops)
            inner = [name for name in field.options if name.startswith(f"{top} / ")]
            return rng.choice([top, *inner])
        if field.kind == "textarea":
            text = prose.joined(rng.choice(self.blocks))
            return {"adf": msgspec.json.decode(text.adf), "markdown": text.markdown}
        return self._simple(field, created, parents)

    def _simple(self, field: Custom, created: int, parents: Sequence[int]) -> Any:
        rng = self.rng
        made: dict[str, Any] = {
            "user": lambda: rng.choice(self.askers).account_id,
            "multiuser": lambda: [person.account_id for person in rng.sample(self.staff, rng.randint(1, 3))],
            "group": lambda: rng.choice(tuple(GROUPS.values())),
            "text": lambda: f'CR-{rng.randrange(10000)} "{rng.choice(LABELS)}"',
            "number": lambda: rng.choice((1.0, 2.0, 5.0)) if "Points" in field.name else rng.randrange(100_000) / 100,
            "date": lambda: _day(rng, created),
            "datetime": lambda: created + rng.randrange(90 * 24 * 3600) * 1000,
            "url": lambda: f"https://monitor.acme.example/a?b={rng.randrange(1000)}&c=ä",
            "labels": lambda: sorted(rng.sample(LABELS, rng.randint(1, 2))),
            "version": lambda: rng.choice(tuple(VERSIONS)),
            "sprint": lambda: sorted(rng.sample(tuple(SPRINTS), rng.randint(1, 2))),
            "epic": lambda: rng.choice(parents) if parents else None,
        }  # fmt: skip
        return made[field.kind]()


def _day(rng: random.Random, created: int) -> str:
    day = datetime.fromtimestamp(created / 1000, timezone.utc) + timedelta(days=rng.randrange(1, 120))
    return f"{day:%Y-%m-%d}"
