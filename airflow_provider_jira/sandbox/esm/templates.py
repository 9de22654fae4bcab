"""Template and folder definitions, and the ones that the sandbox starts with.

The table at the end is meant to be read and edited. A running sandbox takes a new definition by
``PUT /_sandbox/templates/{code}`` with the JSON form of :class:`TemplateDef`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

AttributeType = Literal["string", "number", "date", "static-value", "reference", "external-reference", "worklog"]


class StaticDef(msgspec.Struct, frozen=True):
    """One value of a static-value attribute; ESM allows one without a code."""

    value: str
    code: str | None = None


class AttributeDef(msgspec.Struct, frozen=True):
    """One attribute.

    :param name: what people see; the code where it is not given
    :param multi: holds several values
    :param unique: no two cards of the template may share a value
    :param mandatory: a card without a value is not saved
    :param time: of a date attribute: it may hold a time of day, too
    :param generated: what a new card's id is written after where no value is given, as in ``INC-``; empty: nothing is
    :param max_length: of a string attribute, in characters
    :param statics: of a static-value attribute
    :param targets: of a reference attribute: template codes it may point at
    """

    code: str
    type: AttributeType = "string"
    name: str = ""
    multi: bool = False
    unique: bool = False
    mandatory: bool = False
    time: bool = False
    generated: str = ""
    max_length: int | None = None
    statics: tuple[StaticDef, ...] = ()
    targets: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return self.name or self.code

    @property
    def several(self) -> bool:
        """Whether it can hold more than one value: a worklog always can."""
        return self.multi or self.type == "worklog"


class TemplateDef(msgspec.Struct, frozen=True):
    """One template.

    :param primary: code of the attribute whose value is a card's display name
    :param folders: codes of the folders that it is linked to
    """

    code: str
    name: str
    id: int
    primary: str
    folders: tuple[str, ...]
    attributes: tuple[AttributeDef, ...]

    def attribute(self, code: str) -> AttributeDef | None:
        return next((attribute for attribute in self.attributes if attribute.code == code), None)


def _statics(*values: str | tuple[str, str | None]) -> tuple[StaticDef, ...]:
    return tuple(StaticDef(value, value) if isinstance(value, str) else StaticDef(*value) for value in values)


_STATUS = _statics(("1 - Active", "active"), ("5 - Removed", "removed"))

FOLDERS: dict[str, str] = {
    "jira_issues": "Jira issues",
    "incident_management": "Incident management",
    "accounts": "Accounts",
    "entitlements": "Entitlements",
}
"""Folder code -> name."""

TEMPLATES: tuple[TemplateDef, ...] = (
    TemplateDef(
        code="jira_issue",
        name="Jira issue",
        id=362524,
        primary="subject",
        folders=("jira_issues",),
        attributes=(
            AttributeDef("jiraId", name="Jira id", unique=True),
            AttributeDef("jiraKey", name="Jira key"),
            AttributeDef("subject", name="Subject"),
            AttributeDef("status", name="Status"),
            AttributeDef("resolution", name="Resolution"),
            AttributeDef("description", name="Description"),
            AttributeDef("team", name="Support team"),
            AttributeDef("contact", name="Contact person"),
            AttributeDef("labels", name="Labels", multi=True),
            AttributeDef("due", "date", name="Due date"),
            AttributeDef("origin", "static-value", name="Origin", statics=_statics("jira", ("esm", None))),
            AttributeDef("priority", "static-value", name="Priority", statics=_statics("1", "2", "3", "4", "5")),
            AttributeDef("storyPoints", "number", name="Story points"),
            AttributeDef("assigneeName", name="Assignee name"),
            AttributeDef("assignee", "reference", name="Assignee", targets=("account",)),
            AttributeDef("parent", "reference", name="Parent", targets=("jira_issue",)),
            AttributeDef("recordStatus", "static-value", name="Record status", statics=_STATUS),
            AttributeDef("taskId", name="Task id"),
            AttributeDef("comments", "worklog", name="Comments"),
            AttributeDef("created", "date", name="Created", time=True),
        ),
    ),
    TemplateDef(
        code="incident",
        name="Incident",
        id=362525,
        primary="subject",
        folders=("incident_management",),
        attributes=(
            AttributeDef("incidentId", name="Incident id", unique=True, generated="INC-"),
            AttributeDef("subject", name="Subject", max_length=255),
            AttributeDef("description", name="Description"),
            AttributeDef(
                "status",
                "static-value",
                name="Status",
                statics=_statics(("01 - New", "new"), ("02 - Solving", "solving"), ("07 - Solved", "solved")),
            ),
            AttributeDef("team", name="Support team"),
            AttributeDef("labels", name="Labels", multi=True),
            AttributeDef("due", "date", name="Due date"),
            AttributeDef("started", "date", name="Started", time=True),
            AttributeDef("impact", "number", name="Impact"),
            AttributeDef("customer", "reference", name="Customer", targets=("account",)),
            AttributeDef("watchers", "reference", name="Watchers", multi=True, targets=("account",)),
            AttributeDef("link", "external-reference", name="Link", multi=True),
            AttributeDef("jiraId", name="Jira id", unique=True),
            AttributeDef("jiraKey", name="Jira key"),
            AttributeDef("jiraUrl", name="Jira URL"),
            AttributeDef("jiraStatus", name="Jira status"),
            AttributeDef("jiraSync", "static-value", name="Jira sync", statics=_statics("01 - Sent", "09 - Failed")),
            AttributeDef("solution", name="Solution"),
            AttributeDef(
                "resolution",
                "static-value",
                name="Resolution",
                statics=_statics(("Solved", "solved"), ("Not solved", "not_solved")),
            ),
            AttributeDef("provisioningException", name="Provisioning exception"),
            AttributeDef("taskId", name="Task id"),
            AttributeDef("comments", "worklog", name="Comments"),
        ),
    ),
    TemplateDef(
        code="account",
        name="Account",
        id=362526,
        primary="displayName",
        folders=("accounts",),
        attributes=(
            AttributeDef("accountId", name="Account id", unique=True, mandatory=True),
            AttributeDef("employeeId", name="Employee id", unique=True),
            AttributeDef("displayName", name="Display name"),
            AttributeDef("email", name="E-mail"),
            AttributeDef("active", name="Active"),
            AttributeDef("groups", "reference", name="Groups", multi=True, targets=("entitlement",)),
            AttributeDef("accountStatus", "static-value", name="Account status", statics=_STATUS),
            AttributeDef("membershipFailures", name="Membership failures", multi=True),
            AttributeDef("provisioningException", name="Provisioning exception"),
            AttributeDef("taskId", name="Task id"),
        ),
    ),
    TemplateDef(
        code="entitlement",
        name="Entitlement",
        id=362527,
        primary="name",
        folders=("entitlements",),
        attributes=(
            AttributeDef("groupId", name="Group id", unique=True, mandatory=True),
            AttributeDef("name", name="Name"),
            AttributeDef("provisioningException", name="Provisioning exception"),
            AttributeDef("status", "static-value", name="Status", statics=_STATUS),
            AttributeDef("taskId", name="Task id"),
        ),
    ),
)
