"""People, groups, members and role holders in a test's hands: ``/_sandbox/world/…`` changes them.

Unlike changes of issues these show at once everywhere, and no issue's ``updated`` moves when somebody changes whom it
mentions. Random changes depend only on the seed given and on what there is.
"""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.routing import Route

from airflow_provider_jira.sandbox.jira.actors import Kind
from airflow_provider_jira.sandbox.jira.catalog import ROBOT_ID, ROLES
from airflow_provider_jira.sandbox.jira.controls import posted
from airflow_provider_jira.sandbox.jira.directory import Group
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.people import NAMES, Person, account_id
from airflow_provider_jira.sandbox.jira.people_truth import routes as truth_routes
from airflow_provider_jira.sandbox.jira.site import Site

_ZONES = ("Europe/Helsinki", "Europe/Berlin", "America/New_York", None)
_PATIENCE = 100


class Some(msgspec.Struct, forbid_unknown_fields=True):
    """Which ones, by chance.

    :param count: how many
    :param seed: decides which
    :param except_: ids not to pick
    """

    count: int = 1
    seed: int = 0
    except_: list[str] = msgspec.field(default_factory=list, name="except")


class OnePerson(msgspec.Struct, forbid_unknown_fields=True):
    """A person to create (no ``id``) or change; what is left out stays.

    :param email: ``null`` takes it away
    :param access: whether there is a product that the account may use; inviting one without is refused
    :param removable: whether Jira lets go of it
    """

    id: str | None = None
    name: str | UnsetType = UNSET
    account_type: Literal["atlassian", "app", "customer"] | UnsetType = UNSET
    app_type: str | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET
    email: str | UnsetType | None = UNSET
    email_hidden: bool | UnsetType = UNSET
    time_zone: str | UnsetType | None = UNSET
    locale: str | UnsetType | None = UNSET
    access: bool | UnsetType = UNSET
    removable: bool | UnsetType = UNSET


class Leaving(msgspec.Struct, forbid_unknown_fields=True):
    """People who go, and what becomes of their accounts.

    :param how: ``forgotten``: deleted, with a placeholder in their stead; ``corrupt``: not even the id is left;
        ``removed``: from the site only
    """

    ids: list[str]
    how: Literal["removed", "forgotten", "corrupt"] = "forgotten"


class OneGroup(msgspec.Struct, forbid_unknown_fields=True):
    """A group to create (no ``id``) or change; what is left out stays. Names may repeat."""

    id: str | None = None
    name: str | UnsetType = UNSET
    external: bool | UnsetType = UNSET
    shows_id: bool | UnsetType = UNSET


class Ids(msgspec.Struct, forbid_unknown_fields=True):
    """Some groups."""

    ids: list[str]


class Members(msgspec.Struct, forbid_unknown_fields=True):
    """Who joins and who leaves a group."""

    group: str
    join: list[str] = []
    leave: list[str] = []


class Holders(msgspec.Struct, forbid_unknown_fields=True):
    """A role in a project, and who gets it (``on``) or loses it.

    :param role: name or id
    """

    role: str | int
    project: str = "SUP"
    users: list[str] = []
    groups: list[str] = []
    on: bool = True


class PeopleWorld:
    """The control calls of one site's people."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.people = site.people

    def routes(self) -> list[Route]:
        """Return the routes below ``/_sandbox/``."""
        calls: list[tuple[str, type[Any], Callable[[Any], Any]]] = [
            ("people", OnePerson, self.person),
            ("people/change", Some, self.change_people),
            ("people/delete", Leaving, self.delete_people),
            ("groups", OneGroup, self.group),
            ("groups/change", Some, self.change_groups),
            ("groups/delete", Ids, self.delete_groups),
            ("members", Members, self.members),
            ("members/change", Some, self.change_members),
            ("roles", Holders, self.holders),
            ("roles/change", Some, self.change_holders),
        ]
        return [
            *(Route(f"/_sandbox/world/{name}", posted(type_, work), methods=["POST"]) for name, type_, work in calls),
            *truth_routes(self.site),
        ]

    def person(self, body: OnePerson) -> dict[str, str]:
        """Create or change one person."""
        if body.id is None:
            name = body.name or f"Person {len(self.people)}"
            person = Person(account_id(random.Random(f"created {len(self.people)}")), name, "atlassian")
        else:
            person = self._person(body.id)
        self.people.save(msgspec.structs.replace(person, **_given(body)))
        return {"id": person.account_id}

    def change_people(self, body: Some) -> dict[str, list[str]]:
        """Change some people: the name always, so that it shows, and something else besides; apps stay as they are."""
        rng = random.Random(f"change people {body.seed} {body.count}")
        there = (one for one in self.people.values() if one.state == "here" and one.account_type != "app")
        ids = _picked(body, rng, {one.account_id for one in there} - {ROBOT_ID}, "people")
        for id_ in ids:
            before = self.people[id_]
            name = rng.choice([name for name in NAMES if name != before.name])
            self.people.save(_something_else(rng, msgspec.structs.replace(before, name=name)))
        return {"ids": ids}

    def delete_people(self, body: Leaving) -> dict[str, list[str]]:
        """Delete some people; they leave all groups, and go on holding their roles and being mentioned by issues."""
        for person in [self._person(id_) for id_ in body.ids]:
            self.people.leave_all(person.account_id)
            self.people.save(person.leaving(body.how))
        return {"ids": body.ids}

    def group(self, body: OneGroup) -> dict[str, str]:
        """Create or change one group."""
        if body.id is None:
            number = len(self.people.groups())
            rng = random.Random(f"created group {number} {body.name}")
            group = Group(str(uuid.UUID(int=rng.getrandbits(128), version=4)), f"group-{number}")
        else:
            group = self._group(body.id)
        self.people.save_group(msgspec.structs.replace(group, **_given(body)))
        return {"id": group.id}

    def change_groups(self, body: Some) -> dict[str, list[str]]:
        """Rename some groups."""
        rng = random.Random(f"change groups {body.seed} {body.count}")
        ids = _picked(body, rng, (group.id for group in self.people.groups()), "groups")
        for id_ in ids:
            group = self._group(id_)
            name = f"{group.name.partition(' renamed ')[0]} renamed {rng.getrandbits(32):08x}"
            self.people.save_group(msgspec.structs.replace(group, name=name))
        return {"ids": ids}

    def delete_groups(self, body: Ids) -> dict[str, list[str]]:
        """Delete some groups with their memberships and roles."""
        for group in [self._group(id_) for id_ in body.ids]:
            self.people.delete_group(group.id)
            self.site.actors.forget_group(group.id)
        return {"ids": body.ids}

    def members(self, body: Members) -> dict[str, list[str]]:
        """Let people join and leave a group; returns those for whom that is a change."""
        group = self._group(body.group)
        for id_ in (*body.join, *body.leave):
            self._person(id_)
        return {
            "joined": [id_ for id_ in body.join if self.people.join(group.id, id_)],
            "left": [id_ for id_ in body.leave if self.people.leave(group.id, id_)],
        }

    def change_members(self, body: Some) -> dict[str, list[tuple[str, str]]]:
        """Let people leave groups and others join, in about equal numbers; ``except`` names groups.

        :returns: pairs of group and person
        """
        rng = random.Random(f"change members {body.seed} {body.count}")
        groups = sorted({group.id for group in self.people.groups()} - set(body.except_))
        there = [(id_, one) for id_, members in self.people.memberships() if id_ in set(groups) for one in members]
        before, people = set(there), sorted(one.account_id for one in self.people.values() if one.state == "here")
        left = rng.sample(there, min(body.count // 2, len(there)))
        joined: dict[tuple[str, str], None] = {}
        for _ in range(_PATIENCE * body.count if groups else 0):
            if len(joined) + len(left) == body.count:
                break
            pair = rng.choice(groups), rng.choice(people)
            if pair not in before:
                joined[pair] = None
        if len(joined) + len(left) < body.count:
            raise Refused(400, f"{body.count} memberships cannot be changed; everybody is in every group already")
        for pair in left:
            self.people.leave(*pair)
        for pair in joined:
            self.people.join(*pair)
        return {"joined": sorted(joined), "left": sorted(left)}

    def holders(self, body: Holders) -> dict[str, list[str]]:
        """Give a role to people and groups, or take it away; returns those for whom that is a change."""
        role, actors = self._role(body.role), self.site.actors
        if body.project not in self.site.projects:
            raise Refused(400, f"there is no project {body.project}; there are {', '.join(self.site.projects)}")
        users = [self._person(id_, gone=not body.on).account_id for id_ in body.users]
        groups = [self._group(id_).id for id_ in body.groups]
        change = actors.add if body.on else actors.remove
        return {
            "users": [id_ for id_ in users if change(body.project, role, "user", id_)],
            "groups": [id_ for id_ in groups if change(body.project, role, "group", id_)],
        }

    def change_holders(self, body: Some) -> dict[str, list[dict[str, Any]]]:
        """Give a role in a project to someone, ``count`` times, sometimes instead of someone else.

        ``except`` names people and groups that neither get nor lose one.
        """
        rng = random.Random(f"change roles {body.seed} {body.count}")
        out = set(body.except_)
        people = sorted({one.account_id for one in self.people.values() if one.state == "here" and one.active} - out)
        groups = sorted({group.id for group in self.people.groups()} - out)
        free: list[tuple[str, int, Kind, str]] = []
        for project, role in itertools.product(sorted(self.site.projects), sorted(ROLES)):
            taken = {one.holder for one in self.site.actors.of(project, role)}
            free += [(project, role, "user", id_) for id_ in people if id_ not in taken]
            free += [(project, role, "group", id_) for id_ in groups if id_ not in taken]
        if len(free) < body.count:
            raise Refused(400, f"{body.count} roles are asked for, and there are only {len(free)} to give")
        return {"changed": [self._give(rng, *gift, out) for gift in sorted(rng.sample(free, body.count))]}

    def _give(
        self, rng: random.Random, project: str, role: int, kind: Kind, holder: str, out: set[str]
    ) -> dict[str, Any]:
        before = [one for one in self.site.actors.of(project, role) if one.holder not in out]
        loser = rng.choice(before) if before and rng.random() < 0.5 else None
        self.site.actors.add(project, role, kind, holder)
        if loser is not None:
            self.site.actors.remove(project, role, loser.kind, loser.holder)
        lost = None if loser is None else loser.holder
        return {"project": project, "role": role, "kind": kind, "id": holder, "instead_of": lost}

    def _person(self, id_: str, *, gone: bool = False) -> Person:
        person = self.people.get(id_)
        if person is None or (person.state != "here" and not gone):
            raise Refused(400, f"there is no account {id_} (any more)")
        return person

    def _group(self, id_: str) -> Group:
        group = self.people.group(id_)
        if group is None:
            raise Refused(400, f"there is no group with the id {id_}")
        return group

    def _role(self, role: str | int) -> int:
        for id_, (name, _) in ROLES.items():
            if str(role) in {str(id_), name}:
                return id_
        raise Refused(400, f"there is no role {role}; there are {', '.join(name for name, _ in ROLES.values())}")


def _given(body: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(body)
    return {name: value for name, value in values.items() if name != "id" and value is not UNSET}


def _picked(body: Some, rng: random.Random, ids: Iterable[str], what: str) -> list[str]:
    found = sorted(set(ids) - set(body.except_))
    if len(found) < body.count:
        raise Refused(400, f"{body.count} {what} are asked for, and there are only {len(found)} to pick from")
    return sorted(rng.sample(found, body.count))


def _something_else(rng: random.Random, person: Person) -> Person:
    kind = rng.choice(("active", "email", "email_hidden", "time_zone"))
    change: dict[str, Any] = {
        "active": not person.active,
        "email": f"changed{rng.getrandbits(32):08x}@acme.example",
        "email_hidden": not person.email_hidden,
        "time_zone": rng.choice([zone for zone in _ZONES if zone != person.time_zone]),
    }
    return msgspec.structs.replace(person, **{kind: change[kind]})
