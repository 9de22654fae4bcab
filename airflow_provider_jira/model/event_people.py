"""Event tasks about people and groups: make and remove them, add and remove members."""

from __future__ import annotations

from typing import Annotated, Literal, Optional

from pydantic import AfterValidator, Field

from airflow_provider_jira.model.event_base import EventTask
from airflow_provider_jira.model.event_parts import RESULTS, checked_results
from airflow_provider_jira.model.event_rules import group_findings, product_findings
from airflow_provider_jira.model.kinds import Code
from airflow_provider_jira.model.problems import Finding
from airflow_provider_jira.model.value_rule import OptionalRule, Rule

UserResults = Annotated[dict[Code, Literal["accountId"]], AfterValidator(checked_results), RESULTS]
GroupResults = Annotated[dict[Code, Literal["groupId", "name"]], AfterValidator(checked_results), RESULTS]


class CreateUser(EventTask):
    """Invite a person to the Jira site."""

    NEEDED = ("email",)

    activity: Literal["create_user"] = Field(description="What is done in Jira", examples=["create_user"])
    email: Rule = Field(description="The person's e-mail address", examples=["email"])
    products: tuple[Literal["jira-software", "jira-servicedesk", "jira-core", "jira-product-discovery"], ...] = Field(
        default=(), description="Products the person gets a licence of; none: an account without access"
    )
    write_back: Optional[UserResults] = Field(
        default=None, description="ESM attribute: accountId of the person", examples=["{accountId: accountId}"]
    )

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return [*super().findings(), *product_findings(self)]


class DeleteUser(EventTask):
    """Remove a person from the Jira site; the Atlassian account stays."""

    NEEDED = ("user",)

    activity: Literal["delete_user"] = Field(description="What is done in Jira", examples=["delete_user"])
    user: Rule = Field(description="accountId of the person", examples=["accountId"])


class CreateGroup(EventTask):
    """Make a group."""

    NEEDED = ("name",)

    activity: Literal["create_group"] = Field(description="What is done in Jira", examples=["create_group"])
    name: Rule = Field(description="Name of the group", examples=["name"])
    write_back: Optional[GroupResults] = Field(
        default=None, description="ESM attribute: groupId or name of the group", examples=["{groupId: groupId}"]
    )


class DeleteGroup(EventTask):
    """Delete a group."""

    NEEDED = ("group",)

    activity: Literal["delete_group"] = Field(description="What is done in Jira", examples=["delete_group"])
    group: Rule = Field(description="groupId, or name, of the group", examples=["groupId"])
    swap_group: OptionalRule = Field(
        default=None,
        description="groupId, or name, of the group that comments and worklogs restricted to the deleted one go to; "
        "left out: nobody can read these any more",
    )

    def findings(self) -> list[Finding]:
        """Hold the task's keys against each other, warnings included."""
        return [*super().findings(), *group_findings(self)]


class _Membership(EventTask):
    """What tasks have that add or remove members."""

    NEEDED = ("user", "groups")

    user: Rule = Field(description="accountId of the person", examples=["accountId"])
    groups: Rule = Field(description="groupId, or name, of one group or several", examples=["groups.groupId"])
    membership_failures: Optional[Code] = Field(
        default=None, description="ESM attribute that receives the groups that failed, one value each"
    )


class AddUserToGroup(_Membership):
    """Put a person into groups."""

    activity: Literal["add_user_to_group"] = Field(description="What is done in Jira", examples=["add_user_to_group"])


class RemoveUserFromGroup(_Membership):
    """Take a person out of groups."""

    activity: Literal["remove_user_from_group"] = Field(
        description="What is done in Jira", examples=["remove_user_from_group"]
    )
