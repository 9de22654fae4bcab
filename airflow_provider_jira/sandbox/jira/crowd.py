"""Makes up groups, who is in them, and who holds the project roles: the same for the same seed and numbers."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence

from airflow_provider_jira.sandbox.jira.actors import Actors
from airflow_provider_jira.sandbox.jira.catalog import ADMIN_ROLE, GROUPS, PROJECTS, ROBOT_ID, ROLES
from airflow_provider_jira.sandbox.jira.directory import Directory, Group
from airflow_provider_jira.sandbox.jira.people import Person, people

_MORE = (
    "SUP-Agents", "jira-admins-acme", "jira-software-users-acme", "jira-servicemanagement-users-acme", "site-admins",
    "sup-second-line", "Tuotanto & päivystys", "empty-on-purpose",
)  # fmt: skip
_PREFIXES = ("jira-", "sup-", "jira-servicemanagement-", "team-", "Acme ")
_TEAMS = ("billing", "network", "field", "Night Shift", "kehitys", "audit", "partners", "office")


def populate(directory: Directory, actors: Actors, seed: int, count: int, groups: int, memberships: int) -> None:
    """Fill an empty directory, and hand out the project roles.

    :param count: people besides the connection's own account
    :param groups: at least those that issues mention
    :param memberships: how many in all. Groups' sizes differ widely: the first holds a third, most hold a few
    :raises ValueError: so many there cannot be
    """
    rng = random.Random(f"crowd {seed}")
    everyone, made = people(seed, count), made_groups(rng, groups)
    sizes = _sizes(len(made), len(everyone), memberships)
    ids = [person.account_id for person in everyone]
    directory.fill(everyone, made, {group.id: rng.sample(ids, size) for group, size in zip(made, sizes, strict=True)})
    _hand_out(actors, rng, everyone, made)


def made_groups(rng: random.Random, count: int) -> list[Group]:
    """Make up groups; two names differ in case only.

    :raises ValueError: there are fewer than issues mention
    """
    if count < len(GROUPS):
        raise ValueError(f"groups={count}: a world needs at least {len(GROUPS)}, which its issues mention")
    names = list(_MORE)
    names += [
        f"{_PREFIXES[at % len(_PREFIXES)]}{_TEAMS[at // len(_PREFIXES) % len(_TEAMS)]}-{at}"
        for at in range(count - len(GROUPS) - len(names))
    ]
    more = (Group(str(uuid.UUID(int=rng.getrandbits(128), version=4)), name) for name in names)
    return [Group(id_, name) for name, id_ in GROUPS.items()] + list(more)[: count - len(GROUPS)]


def _sizes(groups: int, people: int, memberships: int) -> list[int]:
    """Share out memberships: the share falls with the group's number; the one that is empty on purpose gets none."""
    empty = len(GROUPS) + len(_MORE) - 1
    weights = [0.0 if at == empty else 1 / (at + 1) for at in range(groups)]
    most = people * sum(weight > 0 for weight in weights)
    if not 0 <= memberships <= most:
        raise ValueError(f"memberships={memberships}: {people} people in {groups} groups can have 0 to {most}")
    scale = memberships / sum(weights)
    sizes = [min(int(weight * scale), people) for weight in weights]
    left = memberships - sum(sizes)
    for at, weight in enumerate(weights):
        if weight:
            more = min(left, people - sizes[at])
            sizes[at] += more
            left -= more
    return sizes


def _hand_out(actors: Actors, rng: random.Random, everyone: Sequence[Person], groups: Sequence[Group]) -> None:
    staff = [person.account_id for person in everyone if person.account_type == "atlassian"]
    for _, project, *_ in PROJECTS:
        for role in ROLES:
            holders = rng.sample(staff, rng.randint(1, 4))
            if role == ADMIN_ROLE and project == "SUP":
                holders = [ROBOT_ID, *(id_ for id_ in holders if id_ != ROBOT_ID)]
            for id_ in holders:
                actors.add(project, role, "user", id_)
            for group in rng.sample(groups, rng.randint(0, 2)):
                actors.add(project, role, "group", group.id)
