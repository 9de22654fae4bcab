"""People, groups, who is in which group, and who holds which project role.

Promises what the client promises: whole, or an error. Lists can move while they are read, and then are read again;
one that never holds still is a :class:`~airflow_provider_jira.jira.errors.JiraIncomplete`. Records that Jira cannot
tell apart from others of their kind are not dropped in silence: people without a usable account id come as
``unknown``, groups without an id are told by :attr:`People.groups_without_id`.

Reading people and groups needs the global permission to browse them; where it lacks, Jira says no, and the error names
it (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/, …/api-group-groups/).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from functools import partial

from airflow_provider_jira.jira import shapes
from airflow_provider_jira.jira.answers import Needs
from airflow_provider_jira.jira.connection import Connection, about
from airflow_provider_jira.jira.errors import JiraProtocolError, JiraRefused, JiraUnavailable
from airflow_provider_jira.jira.looking_up import LookUp
from airflow_provider_jira.jira.paging import until_empty, until_last
from airflow_provider_jira.jira.records import UNKNOWN, Group, Person, Role
from airflow_provider_jira.jira.roles import Roles
from airflow_provider_jira.jira.side_by_side import SideBySide
from airflow_provider_jira.jira.steady import pieces, whole

PEOPLE_PAGE = 1000
"""People a page: what Jira gives at most."""

FEWEST_PEOPLE = 50
"""A page that is not made smaller: when Jira needs too long for this one, it is not for its size."""

GROUP_PAGE = 1000
"""Groups a page. What Jira gives at most is written nowhere; asked for too many, it gives as many as it does."""

MEMBER_PAGE = 50
"""Members a page: what Jira gives at most."""

GROUPS_AT_A_TIME = 8
"""Groups whose members are read at the same time; also projects, and look-ups."""

USERS = "/rest/api/3/users/search"
USERS_BY_ID = "/rest/api/3/user/bulk"
GROUPS = "/rest/api/3/group/bulk"
MEMBERS = "/rest/api/3/group/member"
MY_PERMISSIONS = "/rest/api/3/mypermissions"
BROWSE = "USER_PICKER"

_BROWSING = "the global permission 'Browse users and groups'"
_TO_READ = Needs(_BROWSING, ("read:jira-user",))
_TO_READ_BY_ID = Needs("access to the Jira product", ("read:jira-user",))
_TO_READ_MEMBERS = Needs(_BROWSING, ("manage:jira-configuration",))


class People:
    """Reads people and groups of one site; belongs to a client, and lives as long.

    :param connection: to the site
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._side_by_side = SideBySide(GROUPS_AT_A_TIME)
        self._groups_without_id: tuple[str, ...] = ()

    @property
    def groups_without_id(self) -> tuple[str, ...]:
        """Names of the groups that the last complete :meth:`groups` left out, because nothing can refer to them."""
        return self._groups_without_id

    async def everyone(self) -> AsyncIterator[tuple[Person, ...]]:
        """List all accounts of the site: of people, apps and portal customers, inactive and deleted ones too.

        :returns: pages, each account once. Only records without a usable account id (``unknown``) can come repeatedly
        :raises JiraPermissionError: the account may not browse people
        :raises JiraUnavailable: Jira needs too long even for a small page
        :raises JiraIncomplete: the list never held still
        """
        load = _ShrinkingPages(self._connection).load
        walk = partial(until_empty, load, _user_id)
        async for page in pieces(self._connection, walk, _user_id, "GET", USERS, "The list of people"):
            yield tuple(user.known() for user in page)

    async def groups(self) -> AsyncIterator[tuple[Group, ...]]:
        """List all groups of the site.

        Groups without an id are left out; :attr:`groups_without_id` tells which, once the list has been read.

        :returns: pages, each group once
        :raises JiraPermissionError: the account may not browse groups
        :raises JiraIncomplete: the list never held still
        """
        nameless: list[str] = []
        walk = partial(until_last, partial(self._groups_page, ()), _group_id)
        async for page in pieces(self._connection, walk, _group_id, "GET", GROUPS, "The list of groups"):
            nameless += [group.name or "" for group in page if not group.id]
            if known := tuple(group.known() for group in page if group.id):
                yield known
        self._groups_without_id = tuple(dict.fromkeys(nameless))

    async def members(self, group_ids: Iterable[str]) -> AsyncIterator[tuple[str, frozenset[str]]]:
        """Read who is in which group, inactive people too; several groups at the same time.

        :param group_ids: any number
        :returns: group id and account ids of its members, in no order; a group that does not exist (any more) is
            absent. ``unknown`` among the members stands for people whom Jira does not know (just now): then it does
            not follow that somebody who is not among them has left the group
        :raises JiraPermissionError: the account may not browse groups
        :raises JiraAuthError: among others, a scoped token lacks the scope for memberships
        :raises JiraIncomplete: a group never held still
        """
        async with aclosing(self._side_by_side.each(dict.fromkeys(group_ids), self._members)) as answers:
            async for group_id, found in answers:
                if found is not None:
                    yield group_id, found

    async def roles(self, project_keys: Iterable[str]) -> tuple[Role, ...]:
        """Read who holds which role in some projects.

        :param project_keys: current keys, as Jira spells them
        :returns: every role of every project, also those that nobody holds; in the order of the projects, by role id
        :raises JiraRefused: there is no such project, or the account may not read it
        :raises JiraPermissionError: the account administers neither the project nor Jira
        :raises JiraProtocolError: a role is held by a group without id, or by something unheard of
        """
        return await Roles(self._connection, self._side_by_side).of(project_keys)

    async def by_id(self, account_ids: Iterable[str]) -> dict[str, Person]:
        """Read some accounts by id.

        :param account_ids: any number
        :returns: by account id. Accounts that do not exist are absent; those that exist and of whom Jira knows nothing
            (just now) are there as placeholders
        :raises JiraPermissionError: the account may not use Jira
        :raises JiraProtocolError: Jira returned somebody who was not asked for
        """
        look_up = LookUp(self._connection, "accountId", USERS_BY_ID, self._users_page, _user_id)
        found: dict[str, Person] = {}
        async for _, some in self._side_by_side.each(look_up.portions(account_ids), look_up.some):
            found.update((id_, user.known() if user else Person(id_, UNKNOWN, False, {})) for id_, user in some.items())
        return found

    async def groups_by_id(self, group_ids: Iterable[str]) -> dict[str, Group]:
        """Read some groups by id.

        :param group_ids: any number
        :returns: by group id; groups that do not exist are absent
        :raises JiraPermissionError: the account may not browse groups
        :raises JiraProtocolError: Jira returned a group that was not asked for, or one without id
        """
        look_up = LookUp(self._connection, "groupId", GROUPS, self._groups_page, _group_id)
        found: dict[str, Group] = {}
        async with aclosing(self._side_by_side.each(look_up.portions(group_ids), look_up.some)) as answers:
            async for _, some in answers:
                for id_, group in some.items():
                    if group is None:
                        with about("GET", GROUPS):
                            raise JiraProtocolError(f"Asked for the group {id_}, Jira returned one without an id.")
                    found[id_] = group.known()
        return found

    async def may_browse(self) -> bool:
        """Tell whether the account may browse people and groups, which everything here needs."""
        answer = await self._connection.call(
            "GET", MY_PERMISSIONS, shapes.MY_PERMISSIONS, params={"permissions": BROWSE}
        )
        if (permission := answer.permissions.get(BROWSE)) is None:
            with about("GET", MY_PERMISSIONS):
                raise JiraProtocolError(f"Asked about the permission {BROWSE}, Jira did not speak of it.")
        return permission.have_permission

    async def close(self) -> None:
        """End what readers have given up."""
        await self._side_by_side.close()

    async def _members(self, group_id: str) -> frozenset[str] | None:
        walk = partial(until_last, partial(self._members_page, group_id), _user_id)
        try:
            users = await whole(self._connection, walk, "GET", MEMBERS, f"The list of members of group {group_id}")
        except JiraRefused as refused:
            if refused.status == 404:
                return None
            raise
        return frozenset(user.id or UNKNOWN for user in users)

    async def _members_page(self, group_id: str, start: int) -> shapes.UserPage:
        params = {
            "groupId": group_id,
            "includeInactiveUsers": "true",
            "startAt": str(start),
            "maxResults": str(MEMBER_PAGE),
        }
        return await self._connection.call("GET", MEMBERS, shapes.USER_PAGE, params=params, needs=_TO_READ_MEMBERS)

    async def _users_page(self, ids: tuple[str, ...], start: int) -> shapes.UserPage:
        params = {"accountId": ids, "startAt": str(start), "maxResults": str(len(ids))}
        return await self._connection.call("GET", USERS_BY_ID, shapes.USER_PAGE, params=params, needs=_TO_READ_BY_ID)

    async def _groups_page(self, ids: tuple[str, ...], start: int) -> shapes.GroupPage:
        params = {"groupId": ids, "startAt": str(start), "maxResults": str(len(ids) or GROUP_PAGE)}
        return await self._connection.call("GET", GROUPS, shapes.GROUP_PAGE, params=params, needs=_TO_READ)


class _ShrinkingPages:
    """Pages of all people: half as large from where Jira needed too long for one, which it says with a 409."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._size = PEOPLE_PAGE

    async def load(self, start: int) -> tuple[shapes.UserDetails, ...]:
        attempt = 0
        while True:
            params = {"startAt": str(start), "maxResults": str(self._size)}
            try:
                return await self._connection.call("GET", USERS, shapes.USERS, params=params, needs=_TO_READ)
            except JiraRefused as refused:
                if refused.status != 409:
                    raise
                if self._size <= FEWEST_PEOPLE:
                    raise JiraUnavailable(
                        f"Jira needs too long to list {self._size} people. Try again later; if it stays so, ask "
                        f"Atlassian's support.",
                        method=refused.method,
                        path=refused.path,
                        status=refused.status,
                        trace=refused.trace,
                    ) from None
            self._size = max(self._size // 2, FEWEST_PEOPLE)
            attempt += 1
            await self._connection.before_repeat(attempt)


def _user_id(user: shapes.UserDetails) -> str:
    return user.id


def _group_id(group: shapes.GroupDetails) -> str:
    return group.id
