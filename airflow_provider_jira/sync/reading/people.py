"""Reading people, groups, project roles and who holds which: all of it in the sweep.

There is no search for people and no feed of changes. The lists are short beside issues (20 requests for 20,000 people),
but memberships cost a request for every 50, and Jira's limit counts requests of the whole site: one reader that keeps
the limit is as fast as several that share it. So the sweep reads everything, and the partitions only map it.

Somebody whom Jira does not know just now (a corrupt record, an outage of Atlassian's identity service) is *held*:
there, so never marked removed, and not mapped, so that no placeholder overwrites a name. If that is so of many, the
run stops: whoever is missing from a group may only be unknown, too. Somebody whose account was deleted is not there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from airflow_provider_jira.jira.client import JiraClient
from airflow_provider_jira.jira.records import UNKNOWN, Field, Group, Person, Role
from airflow_provider_jira.model.definition import Part, PeopleTask
from airflow_provider_jira.model.mapping import Mapping as CardMapping
from airflow_provider_jira.model.mapping import MappingProblems
from airflow_provider_jira.model.people import FIELDS, number, role_key
from airflow_provider_jira.sync.reading.base import Candidate, Reading, Since, Sweep
from airflow_provider_jira.sync.records import Record
from airflow_provider_jira.sync.run import Run, Stop

FEW = 5
PERCENT = 2
"""More people, or groups with members, whom Jira does not know than these are taken for an outage of Atlassian's
identity service, not for corrupt records."""


class PeopleReading(Reading):
    """People, groups and project roles.

    :param task: the run's task
    """

    def __init__(self, run: Run, task: PeopleTask) -> None:
        self._run = run
        self._task = task
        self._parts = {part.name: at for at, part in enumerate(run.parts)}

    async def prove(self, jira: JiraClient) -> None:
        """Prove that people and groups may be browsed."""
        if not await jira.people.may_browse():
            raise Stop(
                "The Jira account may not read people and groups. Nothing was written. Give it the global permission "
                "'Browse users and groups' in Jira's system settings."
            )

    async def fields(self, jira: JiraClient) -> tuple[Field, ...]:  # noqa: ARG002 - people have the same everywhere
        """There are none to ask for."""
        return ()

    def mappings(self, fields: tuple[Field, ...]) -> list[CardMapping]:  # noqa: ARG002 - as above
        """Compile the mapping of each part."""
        made = [self._mapping(part) for part in self._run.parts]
        if problems := [problem for each in made if isinstance(each, MappingProblems) for problem in each.problems]:
            raise MappingProblems(problems)
        return [each for each in made if isinstance(each, CardMapping)]

    def _mapping(self, part: Part) -> CardMapping | MappingProblems:
        try:
            return CardMapping.compile(part, FIELDS[part.name], self._run.stamp, self._run.connector.timezone, {})
        except MappingProblems as misfit:
            return MappingProblems(f"{'.'.join(part.path)}: {problem}" for problem in misfit.problems)

    async def sweep(self, jira: JiraClient, since: Since | None) -> Sweep:  # noqa: ARG002 - always all of it
        """Read everything."""
        sweep = Sweep()
        groups = {group.group_id: group async for page in jira.people.groups() for group in page}
        if nameless := jira.people.groups_without_id:
            sweep.notes.append(f"{len(nameless)} groups of the site have no id in Jira and were left out.")
        roles = await self._roles(jira)
        taken = {id_: group for id_, group in groups.items() if self._task.groups.take([group.name])}
        circle = self._circle(groups)
        members = await self._members(jira, taken, roles, circle)
        if self._holds:  # a group that was deleted while it was read is no entitlement any more
            taken = {id_: group for id_, group in taken.items() if id_ in members}
        self._add_entitlements(sweep, taken, roles, groups)
        if "accounts" in self._parts:
            await self._add_accounts(jira, sweep, taken, roles, members, circle)
        return sweep

    async def _roles(self, jira: JiraClient) -> list[Role]:
        wanted = self._task.project_roles
        if wanted is None or "entitlements" not in self._parts:
            return []
        return [role for role in await jira.people.roles(wanted.projects) if wanted.take([role.name])]

    def _circle(self, groups: Mapping[str, Group]) -> frozenset[str]:
        """Find the groups whose members are the people that the task takes."""
        named = self._task.users.members_of
        found = {group.group_id for group in groups.values() if {group.group_id, group.name} & set(named)}
        known = {text for group in groups.values() for text in (group.group_id, group.name)}
        if lost := [name for name in named if name not in known]:
            raise Stop(
                f"users.members_of names groups that Jira does not have: {', '.join(lost)}. Nothing was written. "
                "Correct the names (in the same case), or name the groups by id."
            )
        return frozenset(found)

    async def _members(
        self, jira: JiraClient, taken: Iterable[str], roles: Iterable[Role], circle: frozenset[str]
    ) -> dict[str, frozenset[str]]:
        needed = set(circle)
        if self._holds:
            needed |= {*taken, *(group for role in roles for group in role.groups)}
        members = {group: people async for group, people in jira.people.members(sorted(needed))}
        if lost := sorted(needed - members.keys()):
            if still := await jira.people.groups_by_id(lost):
                raise Stop(
                    f"Jira lists the groups {', '.join(sorted(still))} and does not show who is in them. Nothing was "
                    "written. Run again; if it stays so, give the account permission to see their members, or exclude "
                    "them."
                )
            if gone := circle.intersection(lost):
                raise Stop(f"Groups of users.members_of were deleted while they were read: {', '.join(sorted(gone))}.")
        return members

    @property
    def _holds(self) -> bool:
        return any(part.memberships for part in self._run.parts)

    def _add_entitlements(
        self, sweep: Sweep, taken: Mapping[str, Group], roles: Iterable[Role], groups: Mapping[str, Group]
    ) -> None:
        if "entitlements" not in self._parts:
            return
        for group in taken.values():
            self._add(sweep, "entitlements", group.group_id, _of_group(group))
        for role in roles:
            key = role_key(role.project_id, role.role_id)
            self._add(sweep, "entitlements", key, _of_role(key, role, groups), project=role.project_id)

    async def _add_accounts(
        self,
        jira: JiraClient,
        sweep: Sweep,
        taken: Mapping[str, Group],
        roles: Iterable[Role],
        members: Mapping[str, frozenset[str]],
        circle: frozenset[str],
    ) -> None:
        holds = _holdings(taken, roles, members) if self._holds else {}
        inside = frozenset[str]().union(*(members.get(group, frozenset()) for group in circle))
        seen = unknown = nameless = 0
        async for page in jira.people.everyone():
            seen += len(page)
            for person in page:
                if person.deleted:
                    continue
                if person.placeholder:
                    unknown += 1
                    nameless += person.account_id == UNKNOWN
                    sweep.held.add(number("accounts", person.account_id))
                elif (not circle or person.account_id in inside) and self._task.users.take_person(person.fields):
                    self._add(sweep, "accounts", person.account_id, person.fields, holds.get(person.account_id, []))
        faceless = sum(UNKNOWN in people for people in members.values())
        self._prove_known(sweep, unknown, seen, faceless, len(members))
        if faceless and not nameless:
            # There is nobody without an id among all people, so those in the groups had theirs a moment ago.
            raise Stop(
                f"Jira did not tell who some members of {faceless} groups are: Atlassian's identity service seems to "
                "have been out for a moment. Nothing was written. Run again."
            )

    @staticmethod
    def _prove_known(sweep: Sweep, unknown: int, people: int, faceless: int, groups: int) -> None:
        """Tell corrupt records from an outage by how many they are."""
        if unknown > max(FEW, people * PERCENT // 100) or faceless > max(FEW, groups * PERCENT // 100):
            raise Stop(
                f"Jira does not know {unknown} of its {people} people just now, nor members of {faceless} groups: "
                "Atlassian's identity service seems to be out. Nothing was written. Run again when it is back."
            )
        if unknown:
            sweep.notes.append(f"{unknown} people are unknown to Jira just now; their cards were left alone.")
        if faceless:
            sweep.notes.append(f"{faceless} groups have members that Jira does not know, who were left out.")

    def _add(
        self,
        sweep: Sweep,
        part: str,
        key: str,
        fields: dict[str, object],
        holds: Sequence[str] = (),
        project: int = 0,
    ) -> None:
        id_ = number(part, key)
        if (other := sweep.records.get(id_)) is not None and other.name != key:
            raise Stop(f"{other.name} and {key} get the same number in the task cache: exclude one of them.")
        sweep.ids.add(id_)
        sweep.records[id_] = Record(id_, key, self._parts[part], project, fields, sorted(holds))  # type: ignore[index]

    async def records(
        self,
        jira: JiraClient,  # noqa: ARG002 - the sweep has read everything
        ids: Sequence[int],
        swept: Mapping[int, Record],
        fields: Sequence[str],  # noqa: ARG002 - as above
    ) -> AsyncIterator[Sequence[Record]]:
        """Hand on what the sweep has read; people who are held are left out."""
        yield [swept[id_] for id_ in ids if id_ in swept]

    def number(self, part: int, key: str) -> int:
        """Number the key, which is what Jira calls the record by."""
        return number(self._run.parts[part].name, key)

    async def judge(
        self,
        jira: JiraClient,
        candidates: Sequence[Candidate],
        projects: Mapping[int, int],  # noqa: ARG002 - an entitlement's id names its project
    ) -> list[str]:
        """Look accounts, groups and roles up by id."""
        accounts = self._parts.get("accounts")
        people = await jira.people.by_id([one.key for one in candidates if one.part == accounts])
        inside = await self._inside(jira, people)
        entitlements = [one.key for one in candidates if one.part != accounts]
        groups = await jira.people.groups_by_id([key for key in entitlements if not key.startswith("role:")])
        roles = await self._second_roles(jira, entitlements)
        return [
            self._of_person(people.get(one.key), inside)
            if one.part == accounts
            else self._of_entitlement(one.key, groups, roles)
            for one in candidates
        ]

    async def _inside(self, jira: JiraClient, people: Mapping[str, Person]) -> frozenset[str] | None:
        """Read who is in the circle, if there is one and anybody to be held against it."""
        if not self._task.users.members_of or not people:
            return None
        groups = {group.group_id: group async for page in jira.people.groups() for group in page}
        circle = self._circle(groups)
        members = {id_: some async for id_, some in jira.people.members(sorted(circle))}
        told = frozenset[str]().union(*members.values())
        return told if members.keys() == circle else told | {UNKNOWN}

    async def _second_roles(self, jira: JiraClient, keys: Iterable[str]) -> dict[str, bool]:
        """Read the roles once more: id of the entitlement -> whether the task takes it."""
        wanted = self._task.project_roles
        if wanted is None or not any(key.startswith("role:") for key in keys):
            return {}
        roles = await jira.people.roles(wanted.projects)
        return {role_key(role.project_id, role.role_id): wanted.take([role.name]) for role in roles}

    def _of_person(self, person: Person | None, inside: frozenset[str] | None) -> str:
        if person is None or person.deleted:
            return "gone"
        if person.placeholder:
            return "kept_unreadable"
        if not self._task.users.take_person(person.fields):
            return "out_of_scope"
        if inside is None or person.account_id in inside:
            return "kept_matching"
        return "kept_unreadable" if UNKNOWN in inside else "out_of_scope"

    def _of_entitlement(self, key: str, groups: Mapping[str, Group], roles: Mapping[str, bool]) -> str:
        if key.startswith("role:"):
            # A role that is not there was deleted, or its project is none of the task's any more: either way nobody
            # here can tell of it.
            return "kept_matching" if roles.get(key) else "out_of_scope"
        group = groups.get(key)
        if group is None:
            return "gone"
        return "kept_matching" if self._task.groups.take([group.name]) else "out_of_scope"

    def label(self, records: Sequence[int], at: int, count: int) -> str:
        """Number the partition: hashes say nothing."""
        return f"people and groups {at + 1} of {count}" if records else "nobody"


def _of_group(group: Group) -> dict[str, object]:
    return {"groupId": group.group_id, "name": group.name, "kind": "group"}


def _of_role(key: str, role: Role, groups: Mapping[str, Group]) -> dict[str, object]:
    return {
        "groupId": key,
        "name": f"{role.project_key}: {role.name}",
        "kind": "project_role",
        "projectKey": role.project_key,
        "role": role.name,
        "holderGroups": sorted(groups[group].name for group in role.groups if group in groups),
    }


def _holdings(
    taken: Iterable[str], roles: Iterable[Role], members: Mapping[str, frozenset[str]]
) -> dict[str, list[str]]:
    """Turn members of groups into entitlements of people; who is in a group that holds a role holds the role."""
    holds: dict[str, set[str]] = {}
    for group in taken:
        for person in members.get(group, frozenset()):
            holds.setdefault(person, set()).add(group)
    for role in roles:
        key = role_key(role.project_id, role.role_id)
        for person in frozenset(role.users).union(*(members.get(group, frozenset()) for group in role.groups)):
            holds.setdefault(person, set()).add(key)
    return {person: sorted(keys) for person, keys in holds.items()}
