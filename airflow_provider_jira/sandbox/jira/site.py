"""The site behind the server: its store, its people and projects, its clock, and who may see what."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone

from airflow_provider_jira.sandbox.jira.actors import Actors
from airflow_provider_jira.sandbox.jira.catalog import ROLES
from airflow_provider_jira.sandbox.jira.comment_store import Comment, Comments
from airflow_provider_jira.sandbox.jira.counters import Counters
from airflow_provider_jira.sandbox.jira.crowd import populate
from airflow_provider_jira.sandbox.jira.directory import Directory
from airflow_provider_jira.sandbox.jira.generate import generate
from airflow_provider_jira.sandbox.jira.jql.dates import Clock
from airflow_provider_jira.sandbox.jira.limits import Limits
from airflow_provider_jira.sandbox.jira.link_store import Links
from airflow_provider_jira.sandbox.jira.property_store import Properties
from airflow_provider_jira.sandbox.jira.store import Row, Store, listed
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches, Touch
from airflow_provider_jira.sandbox.jira.values import Presenter
from airflow_provider_jira.sandbox.jira.walks import Walks


class Site:
    """One Jira site.

    :param issues: how many issues match ``project = SUP AND issuetype in (Bug, Task)`` in a new world
    :param seed: decides the world
    :param people: accounts besides the connection's own
    :param groups: groups of people
    :param memberships: how many times somebody is in a group
    :param data: database file; one that holds a world is used as it is. Default: in memory
    :param switches: behaviours
    :param now: server time without the switch's offset, seconds since 1970
    :param monotonic: seconds for the limits
    """

    def __init__(
        self,
        issues: int = 200,
        seed: int = 7,
        *,
        people: int = 60,
        groups: int = 12,
        memberships: int = 150,
        data: str = ":memory:",
        switches: JiraSwitches | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.switches = switches or JiraSwitches()
        self._now = now
        self.store = Store(data)
        self.people = Directory(self.store)
        self.actors = Actors(self.store)
        self.comments = Comments(self.store)
        self.properties = Properties(self.store)
        self.links = Links(self.store)
        new, self.seed = self.store.empty, int(self.store.meta("seed") or seed)
        if self.people.empty:
            populate(self.people, self.actors, self.seed, people, groups, memberships)
        if new:
            generate(self.store, self.comments, issues, self.seed, tuple(self.people.values()))
            self.store.set_meta("seed", str(seed))
        self.counters = Counters(self.store)
        self.projects = self.store.projects()
        self.limits = Limits(self.switches, monotonic, self.now)
        self.transitioned: dict[int, float] = {}
        self.walks = Walks(self.switches, self.now)
        self.store.index(float("inf"))

    def now(self) -> float:
        """Return the server's time in seconds since 1970."""
        return self._now() + self.switches.clock_offset

    def index(self) -> None:
        """Bring the index up to date, as far as its lag allows."""
        if not self.switches.index_frozen:
            self.store.index(self.now())

    def due(self) -> float:
        """Return when the index will have a change that is made now."""
        return self.now() + self.switches.index_lag

    def clock(self) -> Clock:
        """Return how the caller's dates in JQL are read."""
        switches = self.switches
        return Clock(
            datetime.fromtimestamp(self.now(), timezone.utc),
            switches.profile_time_zone or switches.site_time_zone,
            repeated_hour=int(switches.repeated_hour == "second"),
            precision_ms=60_000 if switches.epoch_precision == "minute" else 1,
        )

    def visible(self, row: Row, caller: str | None) -> bool:
        """Say whether a caller may see an issue."""
        return caller is not None and self.projects[row.project].readable and not row.hidden

    def may(self, caller: str | None, permission: str, project: str) -> bool:
        """Say whether a caller has a permission in a project, which is named by its key."""
        switches = self.switches
        denied = permission in switches.denied_permissions or permission in switches.denied_in.get(project, ())
        return caller is not None and self.projects[project].readable and not denied

    def hears(self, comment: Comment, row: Row, caller: str | None) -> bool:
        """Say whether a caller who may see an issue may see a comment on it."""
        if comment.kind is None or caller is None:
            return comment.kind is None
        if comment.kind == "group":
            return self.people.is_member(comment.holder or "", caller)
        return self.holds(caller, comment.holder or "", row.project)

    def holds(self, caller: str, role: str, project: str) -> bool:
        """Say whether someone has a project role, directly or through a group.

        :param role: its name
        """
        numbers = [number for number, (name, _) in ROLES.items() if name == role]
        actors = [actor for number in numbers for actor in self.actors.of(project, number)]
        return any(
            actor.holder == caller if actor.kind == "user" else self.people.is_member(actor.holder, caller)
            for actor in actors
        )

    def may_change(self, comment: Comment, row: Row, caller: str | None, verb: str = "EDIT") -> bool:
        """Say whether a caller may change a comment that is seen.

        :param verb: ``EDIT`` or ``DELETE``
        """
        whose = "OWN" if comment.author == caller else "ALL"
        return self.may(caller, f"{verb}_{whose}_COMMENTS", row.project)

    def touch(self, row: Row, by: Touch) -> None:
        """Move an issue's ``updated`` if what happened does that (which is a switch)."""
        if by in self.switches.touched_by:
            self.save(row)

    def save(self, row: Row) -> None:
        """Write an issue that has changed now; the index follows after its lag."""
        row.updated = max(row.updated + 1, int(self.now() * 1000))
        self.store.save(row, self.due())

    def delete(self, row: Row) -> None:
        """Delete an issue with all that hangs on it; its number is not given out again."""
        self.properties.delete_of("comment", [comment.id for comment in self.comments.where("issue = ?", [row.id])])
        self.properties.delete_of("issue", [row.id])
        self.comments.delete_of(row.id)
        self.links.delete_of(row.id)
        self.store.delete(row.id, self.due())

    def find(self, text: str, caller: str | None) -> Row | None:
        """Find an issue that the caller may see, by id or key, also by a key from before it moved."""
        id_ = int(text) if text.isdigit() and len(text) < 18 else self.store.id_of(text)
        rows = self.store.issues([id_]) if id_ is not None else []
        return rows[0] if rows and self.visible(rows[0], caller) else None

    def presenter(self, base: str, rows: Sequence[Row], fields: Sequence[str], caller: str | None = None) -> Presenter:
        """Collect what is needed to show issues.

        :param base: base URL of links
        :param rows: the issues
        :param fields: the fields that will be shown
        :param caller: who sees them; decides which comments are among them
        """
        ids = [row.id for row in rows]
        related = {row.parent for row in rows if row.parent is not None} if "parent" in fields else set()
        if "customfield_10025" in fields:
            related |= {row.custom["customfield_10025"] for row in rows if "customfield_10025" in row.custom}
        comments: dict[int, list[Comment]] = {}
        if "comment" in fields:
            by_id = {row.id: row for row in rows}
            for comment in self.comments.where(f"issue IN ({listed(ids)})"):
                if self.hears(comment, by_id[comment.issue], caller):
                    comments.setdefault(comment.issue, []).append(comment)
        return Presenter(
            base,
            self.switches.site_time_zone,
            self.switches,
            self.people,
            self.projects,
            {row.id: row for row in self.store.issues(sorted(related))},
            self.store.bodies(ids) if "description" in fields else {},
            comments,
        )


class CallersNames:
    """What a caller can name in JQL."""

    def __init__(self, site: Site, caller: str | None) -> None:
        self.site = site
        self.caller = caller

    @property
    def ignore_unknown_issues(self) -> bool:
        """Whether issues that are not there are no error."""
        return self.site.switches.unknown_issue == "ignore"

    def project(self, text: str) -> str | None:
        """Return the key of a project that the caller can see, by key, name or id."""
        for project in self.site.projects.values():
            if text.lower() in {project.key.lower(), project.name.lower(), str(project.id)}:
                return project.key if self.caller is not None and project.readable else None
        return None

    def person(self, text: str) -> str | None:
        """Return the account id of a person."""
        return text if text in self.site.people else None

    def group(self, text: str) -> str | None:
        """Return the id of a group, by id or name."""
        found = self.site.people.group(text) or self.site.people.group_named(text)
        return None if found is None else found.id

    def issue(self, text: str) -> int | None:
        """Return the id of an issue that the caller can see, by id or key."""
        row = self.site.find(text, self.caller)
        return None if row is None else row.id
