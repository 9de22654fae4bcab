"""Who holds which project role.

Roles belong to the site, their holders to the project: each project is asked which roles it has, and each role of each
project who holds it. Whoever holds a role and cannot be told is an error; nobody is left out
(https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-roles/).
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from airflow_provider_jira.jira import shapes
from airflow_provider_jira.jira.answers import Needs
from airflow_provider_jira.jira.connection import Connection, about
from airflow_provider_jira.jira.errors import JiraProtocolError, JiraRefused
from airflow_provider_jira.jira.records import UNKNOWN, Role
from airflow_provider_jira.jira.side_by_side import SideBySide

PERMITTED_PROJECTS = "/rest/api/3/permissions/project"
ROLES = "/rest/api/3/project/{projectIdOrKey}/role"
ROLE = "/rest/api/3/project/{projectIdOrKey}/role/{id}"


class Roles:
    """Reads project roles.

    :param connection: to the site
    :param side_by_side: reads several projects at the same time
    """

    def __init__(self, connection: Connection, side_by_side: SideBySide) -> None:
        self._connection = connection
        self._side_by_side = side_by_side

    async def of(self, project_keys: Iterable[str]) -> tuple[Role, ...]:
        """Read the roles of some projects.

        :param project_keys: current keys, as Jira spells them
        :returns: every role of every project, also those that nobody holds; in the order of the projects, by role id
        :raises JiraRefused: there is no such project, or the account may not read it
        :raises JiraPermissionError: the account administers neither the project nor Jira
        :raises JiraProtocolError: a role is held by a group without id, or by something unheard of
        """
        keys = tuple(dict.fromkeys(project_keys))
        if not keys:
            return ()
        numbers = await self._numbers(keys)
        found = {key: roles async for key, roles in self._side_by_side.each(keys, self._of_project)}
        return tuple(
            Role(numbers[key], key, id_, role.name or str(id_), *_holders(role))
            for key in keys
            for id_, role in sorted(found[key].items())
        )

    async def _numbers(self, keys: tuple[str, ...]) -> dict[str, int]:
        body = {"permissions": ["BROWSE_PROJECTS"]}
        answer = await self._connection.call("POST", PERMITTED_PROJECTS, shapes.PROJECTS, body=body)
        numbers = {project.key: project.id for project in answer.projects if project.key}
        if lacking := [key for key in keys if key not in numbers]:
            with about("POST", PERMITTED_PROJECTS):
                raise JiraRefused(
                    f"There is no project {', '.join(map(repr, lacking))} that the account may read: write the "
                    f"project's current key, in the case that Jira shows, or give the account the project permission "
                    f"'Browse projects'."
                )
        return numbers

    async def _of_project(self, key: str) -> dict[int, shapes.ProjectRole]:
        needs = Needs(
            f"the project permission 'Administer projects' in {key}, or the global permission 'Administer Jira'",
            ("read:jira-work",),
        )
        roles = ROLES.format(projectIdOrKey=quote(key, safe=""))
        path = roles
        try:
            links = await self._connection.call("GET", roles, shapes.ROLE_LINKS, needs=needs, endpoint=ROLES)
            found: dict[int, shapes.ProjectRole] = {}
            for id_ in sorted(_number(roles, link) for link in links.values()):
                path = f"{roles}/{id_}"
                role = await self._connection.call("GET", path, shapes.ROLE, needs=needs, endpoint=ROLE)
                _check(path, role, key, id_)
                found[id_] = role
        except JiraRefused as refused:
            if refused.status != 404:
                raise
            # the project was there a moment ago; to who may not read its roles Jira says that there is none
            with about("GET", path):
                lacks = self._connection.judge.not_permitted(needs)
                lacks.status, lacks.trace = refused.status, refused.trace
                raise lacks from None
        return found


def _number(path: str, link: str) -> int:
    last = urlsplit(link).path.rpartition("/")[2]
    if not (last.isascii() and last.isdigit()):
        with about("GET", path):
            raise JiraProtocolError("Jira names a role whose address does not end with its number.")
    return int(last)


def _check(path: str, role: shapes.ProjectRole, key: str, id_: int) -> None:
    lost = [
        actor for actor in role.actors if not (actor.actor_user or (actor.actor_group and actor.actor_group.group_id))
    ]
    if lost:
        with about("GET", path):
            raise JiraProtocolError(
                f"The role {id_} of project {key} has {len(lost)} holders that are neither a person nor a group with "
                f"an id. Take them out of the role in Jira, or leave the project's roles out.",
                retryable=False,
            )


def _holders(role: shapes.ProjectRole) -> tuple[tuple[str, ...], tuple[str, ...]]:
    users = [actor.actor_user.account_id or UNKNOWN for actor in role.actors if actor.actor_user]
    groups = [actor.actor_group.group_id for actor in role.actors if actor.actor_group and actor.actor_group.group_id]
    return tuple(dict.fromkeys(users)), tuple(dict.fromkeys(groups))
