"""Operators on people and groups: make and remove them, add and remove members. "Already so" is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_jira.operators.activity import JiraActivityOperator

if TYPE_CHECKING:
    from airflow_provider_jira.activities import Done
    from airflow_provider_jira.activities.desk import Desk

_FIELDS = JiraActivityOperator.template_fields


class JiraCreateUserOperator(JiraActivityOperator):
    """Invites a person to the site; who is there already is left as it is.

    XCom: ``accountId``, ``already``.

    :param email_address: of the person (templated, not kept)
    :param products: such as ``jira-software``; none: an account without access (templated)
    :param arguments: ``jira_conn_id``, and those of every operator
    """

    template_fields: Sequence[str] = (*_FIELDS, "products")
    rendered_late: ClassVar[Sequence[str]] = ("email_address",)

    def __init__(self, *, email_address: str, products: Sequence[str] = (), **arguments: Any) -> None:
        super().__init__(**arguments)
        self.products = products
        self.email_address = email_address
        self._needs(email_address)

    async def act(self, desk: Desk, key: str) -> Done:  # noqa: ARG002
        """Invite."""
        from airflow_provider_jira.activities.people import create_user  # noqa: PLC0415 - not needed to parse

        return await create_user(desk, self.email_address, products=self.products)


class JiraDeleteUserOperator(JiraActivityOperator):
    """Removes a person from the site; the Atlassian account stays.

    XCom: ``accountId``, ``already``.

    :param user: account id (templated)
    :param arguments: ``jira_conn_id``, and those of every operator
    """

    template_fields: Sequence[str] = (*_FIELDS, "user")

    def __init__(self, *, user: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.user = user

    async def act(self, desk: Desk, key: str) -> Done:  # noqa: ARG002
        """Remove."""
        from airflow_provider_jira.activities.people import delete_user  # noqa: PLC0415 - as above

        return await delete_user(desk, self.user)


class JiraCreateGroupOperator(JiraActivityOperator):
    """Makes a group, or finds the one that has this name.

    XCom: ``groupId``, ``name``, ``already``.

    :param group: name of the group (templated)
    :param arguments: ``jira_conn_id``, and those of every operator
    """

    template_fields: Sequence[str] = (*_FIELDS, "group")

    def __init__(self, *, group: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.group = group

    async def act(self, desk: Desk, key: str) -> Done:  # noqa: ARG002
        """Make it."""
        from airflow_provider_jira.activities.people import create_group  # noqa: PLC0415 - as above

        return await create_group(desk, self.group)


class JiraDeleteGroupOperator(JiraActivityOperator):
    """Deletes a group.

    XCom: ``groupId``, ``already``.

    :param group: id or name of the group (templated)
    :param swap_group: id or name of the group that comments and worklogs restricted to the deleted one go to; without
        it nobody can read these any more (templated)
    :param arguments: ``jira_conn_id``, and those of every operator
    """

    template_fields: Sequence[str] = (*_FIELDS, "group", "swap_group")

    def __init__(self, *, group: str, swap_group: str | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.group = group
        self.swap_group = swap_group

    async def act(self, desk: Desk, key: str) -> Done:  # noqa: ARG002
        """Delete it."""
        from airflow_provider_jira.activities.people import delete_group  # noqa: PLC0415 - as above

        return await delete_group(desk, self.group, swap_group=self.swap_group)


class _MembershipOperator(JiraActivityOperator):
    template_fields: Sequence[str] = (*_FIELDS, "user", "groups")

    def __init__(self, *, user: str, groups: str | Sequence[str], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.user = user
        self.groups = groups

    def _named(self) -> list[str]:
        return [self.groups] if isinstance(self.groups, str) else list(self.groups)


class JiraAddUserToGroupOperator(_MembershipOperator):
    """Puts a person into one group or several; who is in one already stays in it.

    XCom: ``accountId``, ``already``; where some groups failed, the task fails and ``failed`` names them: the others
    are done.

    :param user: account id (templated)
    :param groups: ids or names of groups (templated)
    :param arguments: ``jira_conn_id``, and those of every operator
    """

    async def act(self, desk: Desk, key: str) -> Done:  # noqa: ARG002
        """Add."""
        from airflow_provider_jira.activities.people import add_user_to_group  # noqa: PLC0415 - as above

        return await add_user_to_group(desk, self.user, self._named())


class JiraRemoveUserFromGroupOperator(_MembershipOperator):
    """Takes a person out of one group or several; who is in none of them is left alone.

    XCom: ``accountId``, ``already``; where some groups failed, the task fails and ``failed`` names them: the others
    are done.

    :param user: account id (templated)
    :param groups: ids or names of groups (templated)
    :param arguments: ``jira_conn_id``, and those of every operator
    """

    async def act(self, desk: Desk, key: str) -> Done:  # noqa: ARG002
        """Remove."""
        from airflow_provider_jira.activities.people import remove_user_from_group  # noqa: PLC0415 - as above

        return await remove_user_from_group(desk, self.user, self._named())
