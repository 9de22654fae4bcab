"""People, groups and memberships: made, changed, taken away.

Promises what ``writing`` promises: nothing is done twice from here, and an error other than
:class:`~airflow_provider_jira.jira.errors.JiraUncertain` says that it was not done. What is already so is an answer and
no error: who is in a group need not be put into it, and what does not exist need not be deleted.

All of it needs administrators of the site, making people even one of the organization
(https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/, …/api-group-groups/). Groups and people
that an identity provider keeps in step (SCIM) can only be changed there.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from airflow_provider_jira.jira import shapes, wording
from airflow_provider_jira.jira.answers import Needs
from airflow_provider_jira.jira.connection import Connection, about
from airflow_provider_jira.jira.errors import JiraProtocolError, JiraRefused, JiraUncertain
from airflow_provider_jira.jira.part import Part
from airflow_provider_jira.jira.people import GROUPS, People
from airflow_provider_jira.jira.people_refusals import ELSEWHERE, told, why_not_created
from airflow_provider_jira.jira.records import Group, Person
from airflow_provider_jira.jira.wording import says

USER = "/rest/api/3/user"
GROUP = "/rest/api/3/group"
MEMBER = "/rest/api/3/group/user"
_SCOPES = ("manage:jira-configuration",)
_TO_CREATE = Needs(
    "the role of an organization admin at admin.atlassian.com, and the global permission 'Administer Jira'", _SCOPES
)
_TO_CHANGE = Needs("the role of a site admin (organization admin or user access admin at admin.atlassian.com)", _SCOPES)
_TO_READ = Needs("the global permission 'Browse users and groups'", ("read:jira-user",))

_USER = msgspec.json.Decoder(shapes.UserDetails)
_GROUP = msgspec.json.Decoder(shapes.GroupDetails)


class PeopleWriting(Part):
    """Makes, changes and takes away people, groups and memberships of one site.

    :param connection: to the site
    :param people: reads them
    """

    def __init__(self, connection: Connection, people: People) -> None:
        super().__init__(connection)
        self._people = people

    async def user(self, account_id: str) -> Person | None:
        """Read one account.

        :param account_id: of the account
        :returns: ``None``: there is none on this site
        :raises JiraPermissionError: the account of the connection may not browse people
        """
        try:
            found = await self._connection.call("GET", USER, _USER, params={"accountId": account_id}, needs=_TO_READ)
        except JiraRefused as refused:
            if refused.status == 404:
                return None
            raise
        return found.known()

    async def create_user(self, email: str, products: Sequence[str]) -> str:
        """Invite somebody to the site.

        Who has access to Jira already is left as is, and counts as made. To an address without an account Atlassian
        sends a mail, with which its owner sets one up. An account that was made without a product may be refused the
        next time, because it exists without access; what Jira does then is written nowhere.

        :param email: address of the account
        :param products: what they may use: ``jira-software`` …; none: an account without access to a product
        :returns: account id
        :raises JiraPermissionError: the account of the connection is no organization admin
        :raises JiraRefused: there is an account without access to Jira, no licence is left, the address is none, or a
            product is unknown: each is said so
        :raises JiraUncertain: nobody knows whether there is an account now
        """
        body = {"emailAddress": email, "products": list(products)}
        try:
            answer = await self._connection.change("POST", USER, needs=_TO_CREATE, body=body)
        except JiraRefused as refused:
            raise why_not_created(refused, products) from None
        made = self._connection.outcome(answer, USER, _USER)
        if not made.id:
            with about("POST", USER, answer):
                raise JiraUncertain(
                    "Jira reports that it made the account, and does not tell its id: look under User management."
                )
        return made.id

    async def delete_user(self, account_id: str) -> bool:
        """Take somebody off the site.

        The Atlassian account stays: it can go on using other sites, and be invited again. What it wrote stays, too.

        :param account_id: of the account
        :returns: ``False``: there was nobody with this id on the site
        :raises JiraPermissionError: the account of the connection is no site admin
        :raises JiraRefused: Jira does not let go of this account
        :raises JiraUncertain: nobody knows whether it was done
        """
        try:
            await self._connection.change("DELETE", USER, needs=_TO_CHANGE, params={"accountId": account_id})
        except JiraRefused as refused:
            if refused.status == 404:
                return False
            if says(refused, wording.MANAGED_ELSEWHERE):
                raise told(refused, ELSEWHERE.format(what="account")) from None
            if says(refused, wording.CANNOT_BE_REMOVED):
                raise told(
                    refused,
                    "Jira does not let go of this account: it may be an app's, the connection's own, or one that an "
                    "organization keeps. Take it off the site at admin.atlassian.com, under Directory > Users.",
                ) from None
            raise
        return True

    async def group_named(self, name: str) -> Group | None:
        """Find a group by its name.

        :param name: in whatever case: Jira has no two groups whose names differ only there
        :returns: ``None``: there is none, or it may not be seen
        :raises JiraPermissionError: the account may not browse groups
        :raises JiraProtocolError: the group has no id, so nothing can refer to it
        """
        params = {"groupName": name, "startAt": "0", "maxResults": "50"}
        page = await self._connection.call("GET", GROUPS, shapes.GROUP_PAGE, params=params, needs=_TO_READ)
        wanted = name.strip().casefold()
        found = [group for group in page.values if (group.name or "").casefold() == wanted]
        if not found:
            return None
        # where Jira did tell two apart, the one in the same case is meant
        group = next((one for one in found if one.name == name), found[0])
        if not group.id:
            with about("GET", GROUPS):
                raise JiraProtocolError("Jira knows a group of this name, and tells no id of it.", retryable=False)
        return group.known()

    async def create_group(self, name: str) -> Group:
        """Make a group, with nobody in it.

        :param name: no other group has it, in whatever case
        :raises JiraPermissionError: the account of the connection is no site admin
        :raises JiraRefused: the name is taken, or Jira does not take it
        :raises JiraUncertain: nobody knows whether there is a group now; :meth:`group_named` tells
        """
        try:
            answer = await self._connection.change("POST", GROUP, needs=_TO_CHANGE, body={"name": name})
        except JiraRefused as refused:
            if says(refused, wording.NAME_TAKEN):
                raise told(
                    refused, "A group of this name exists already: use that one, or choose another name."
                ) from None
            raise
        made = self._connection.outcome(answer, GROUP, _GROUP)
        if not made.id:
            with about("POST", GROUP, answer):
                raise JiraUncertain(
                    "Jira reports that it made the group, and does not tell its id: look it up by name."
                )
        return made.known()

    async def delete_group(self, group_id: str, swap: str | None) -> bool:
        """Delete a group.

        Comments and worklogs that only this group may read go over to another one; without another one, nobody can
        read them any more. Whatever else names the group (schemes, roles, filters) loses it.

        :param group_id: of the group
        :param swap: id of the group that takes over what only this one may read
        :returns: ``False``: there was no such group
        :raises JiraPermissionError: the account of the connection is no site admin
        :raises JiraRefused: Jira keeps the group, or the group that takes over does not exist
        :raises JiraUncertain: nobody knows whether it was done
        """
        params = {"groupId": group_id, **({} if swap is None else {"swapGroupId": swap})}
        try:
            await self._connection.change("DELETE", GROUP, needs=_TO_CHANGE, params=params)
        except JiraRefused as refused:
            if refused.status == 404:
                if swap is not None and group_id in await self._people.groups_by_id([group_id]):
                    raise told(
                        refused, "There is no group that could take over (swap_group): correct its id, or leave it out."
                    ) from None
                return False
            if says(refused, wording.MANAGED_ELSEWHERE):
                raise told(refused, ELSEWHERE.format(what="group")) from None
            raise
        return True

    async def add_member(self, group_id: str, account_id: str) -> bool:
        """Put somebody into a group. In a group that gives access to a product, that takes a licence.

        :param group_id: of the group
        :param account_id: of the account
        :returns: ``False``: they were in it already
        :raises JiraPermissionError: the account of the connection is no site admin
        :raises JiraRefused: there is no such group, or no such account: which of them is said; Jira keeps the group as
            it is
        :raises JiraUncertain: nobody knows whether it was done; doing it once more does no harm
        """
        params = {"groupId": group_id}
        try:
            await self._connection.change(
                "POST", MEMBER, needs=_TO_CHANGE, body={"accountId": account_id}, params=params
            )
        except JiraRefused as refused:
            if says(refused, wording.ALREADY_A_MEMBER):
                return False
            if says(refused, wording.MANAGED_ELSEWHERE):
                raise told(refused, ELSEWHERE.format(what="group")) from None
            if refused.status == 404:
                raise await self._who_lacks(refused, group_id, account_id) from None
            raise
        return True

    async def remove_member(self, group_id: str, account_id: str) -> bool:
        """Take somebody out of a group.

        :param group_id: of the group
        :param account_id: of the account
        :returns: ``False``: they were not in it, or one of the two does not exist
        :raises JiraPermissionError: the account of the connection is no site admin
        :raises JiraRefused: Jira keeps the group as it is
        :raises JiraUncertain: nobody knows whether it was done; doing it once more does no harm
        """
        params = {"groupId": group_id, "accountId": account_id}
        try:
            await self._connection.change("DELETE", MEMBER, needs=_TO_CHANGE, params=params)
        except JiraRefused as refused:
            if refused.status == 404 or says(refused, wording.NOT_A_MEMBER):
                return False
            if says(refused, wording.MANAGED_ELSEWHERE):
                raise told(refused, ELSEWHERE.format(what="group")) from None
            raise
        return True

    async def _who_lacks(self, refused: JiraRefused, group_id: str, account_id: str) -> JiraRefused:
        if group_id not in await self._people.groups_by_id([group_id]):
            return told(refused, "There is no group with this id: correct the id, or make the group first.")
        if await self.user(account_id) is None:
            return told(
                refused, "There is no account with this id on the site: correct the id, or create the user first."
            )
        later = told(
            refused,
            "Jira does not find the account or the group for this, though it shows both: who was just invited may not "
            "be in the directory yet. Try again in a few minutes.",
        )
        later.retryable = True
        return later
