"""The site's fields: the system's own and some twenty kinds of custom fields, two of which share a display name."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Kind = Literal[
    "select", "user", "text", "textarea", "number", "date", "datetime", "multiselect", "cascade", "multiuser", "group",
    "url", "labels", "version", "sprint", "epic", "multigroup",
]  # fmt: skip

_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
_SCHEMAS: dict[str, tuple[str, str | None, str]] = {
    "select": ("option", None, f"{_TYPES}select"),
    "user": ("user", None, f"{_TYPES}userpicker"),
    "text": ("string", None, f"{_TYPES}textfield"),
    "textarea": ("string", None, f"{_TYPES}textarea"),
    "number": ("number", None, f"{_TYPES}float"),
    "date": ("date", None, f"{_TYPES}datepicker"),
    "datetime": ("datetime", None, f"{_TYPES}datetime"),
    "multiselect": ("array", "option", f"{_TYPES}multiselect"),
    "cascade": ("option-with-child", None, f"{_TYPES}cascadingselect"),
    "multiuser": ("array", "user", f"{_TYPES}multiuserpicker"),
    "group": ("group", None, f"{_TYPES}grouppicker"),
    "multigroup": ("array", "group", f"{_TYPES}multigrouppicker"),
    "url": ("string", None, f"{_TYPES}url"),
    "labels": ("array", "string", f"{_TYPES}labels"),
    "version": ("version", None, f"{_TYPES}version"),
    "sprint": ("array", "json", "com.pyxis.greenhopper.jira:gh-sprint"),
    "epic": ("any", None, "com.pyxis.greenhopper.jira:gh-epic-link"),
}


class Custom(msgspec.Struct, frozen=True):
    """One custom field.

    :param number: ``10010`` of ``customfield_10010``
    :param options: choices: option -> id; a cascading field's sub-options are ``Option / Sub-option``
    :param project: key of the team-managed project that alone has it
    :param fill: share of issues that have a value
    :param style: Jira's name of the kind where it is another way to choose: ``radiobuttons``, ``multicheckboxes``
    """

    number: int
    name: str
    kind: Kind
    options: dict[str, int] = {}
    project: str | None = None
    fill: float = 0.6
    style: str | None = None

    @property
    def id(self) -> str:
        """Field id."""
        return f"customfield_{self.number}"

    @property
    def label(self) -> str:
        """Display name, made unique where two fields share it."""
        return self.name if self.project is None else f"{self.name} ({self.id})"

    def described(self, projects: dict[str, int]) -> dict[str, Any]:
        """Return the field as ``GET /field`` shows it.

        :param projects: project key -> id
        """
        clauses = [f"cf[{self.number}]", self.name]
        if self.options:
            clauses.append(f"{self.name}[Dropdown]")
        scope = {}
        if self.project is not None:
            scope = {"scope": {"type": "PROJECT", "project": {"id": str(projects[self.project])}}}
        return {
            "id": self.id,
            "key": self.id,
            "name": self.name,
            "untranslatedName": self.name,
            "custom": True,
            "orderable": True,
            "navigable": True,
            "searchable": True,
            "clauseNames": clauses,
            **scope,
            "schema": self.schema(),
        }

    def schema(self) -> dict[str, Any]:
        """Return the field's schema object."""
        type_, items, custom = _SCHEMAS[self.kind]
        custom = f"{_TYPES}{self.style}" if self.style else custom
        return {"type": type_, **({"items": items} if items else {}), "custom": custom, "customId": self.number}


def _options(first: int, *names: str) -> dict[str, int]:
    return {name: first + at for at, name in enumerate(names)}


CUSTOM = (
    Custom(
        10010,
        "Support Team",
        "select",
        _options(10500, "First line", "Second line", "Network", "Asiakaspalvelu"),
        fill=0.8,
    ),
    Custom(10011, "Contact person", "user", fill=0.4),
    Custom(10012, "Customer reference", "text"),
    Custom(10013, "Root cause", "textarea", fill=0.3),
    Custom(10014, "Story Points", "number"),
    Custom(10015, "Start date", "date"),
    Custom(10016, "Resolved on site", "datetime", fill=0.3),
    Custom(10017, "Affected services", "multiselect", _options(10520, "E-mail", "VPN", "Payroll", "Intranet")),
    Custom(
        10018,
        "Location",
        "cascade",
        _options(
            10540,
            "Finland", "Finland / Helsinki", "Finland / Oulu",
            "Germany", "Germany / Köln", "Germany / Ulm",
        ),
    ),
    Custom(10019, "Approvers", "multiuser", fill=0.3),
    Custom(10020, "Sprint", "sprint", fill=0.3),
    Custom(10021, "Assignment group", "group"),
    Custom(10022, "Monitoring link", "url", fill=0.3),
    Custom(10023, "Tags", "labels", fill=0.3),
    Custom(10024, "Found in version", "version", fill=0.4),
    Custom(10025, "Epic Link", "epic", fill=0.1),
    Custom(10026, "Estimated cost", "number", fill=0.4),
    Custom(10027, "Severity", "select", _options(10560, "Sev 1", "Sev 2", "Sev 3")),
    Custom(10028, "Severity", "select", _options(10570, "Minor", "Major"), project="OPS"),
    # Nobody has filled in the following ones yet.
    Custom(10029, "Contract", "select", _options(10580, "Basic", "Premium"), fill=0, style="radiobuttons"),
    Custom(10030, "Channels", "multiselect", _options(10590, "Phone", "Chat"), fill=0, style="multicheckboxes"),
    Custom(10031, "Informed groups", "multigroup", fill=0),
)  # fmt: skip
CUSTOM_BY_ID = {field.id: field for field in CUSTOM}


class System(msgspec.Struct, frozen=True):
    """One of Jira's own fields.

    :param clauses: names that JQL knows it by
    """

    id: str
    name: str
    type: str | None
    items: str | None = None
    clauses: tuple[str, ...] = ()
    navigable: bool = True

    def described(self) -> dict[str, Any]:
        """Return the field as ``GET /field`` shows it."""
        return {
            "id": self.id,
            "key": self.id,
            "name": self.name,
            "custom": False,
            "orderable": self.type is not None,
            "navigable": self.navigable,
            "searchable": bool(self.clauses),
            "clauseNames": list(self.clauses),
            **({"schema": self.schema()} if self.type else {}),
        }

    def schema(self) -> dict[str, Any]:
        """Return the field's schema object."""
        return {"type": self.type or "any", **({"items": self.items} if self.items else {}), "system": self.id}


SYSTEM = (
    System("issuekey", "Key", None, None, ("id", "issue", "issuekey", "key")),
    System("summary", "Summary", "string", None, ("summary",)),
    System("issuetype", "Issue Type", "issuetype", None, ("issuetype", "type")),
    System("project", "Project", "project", None, ("project",)),
    System("status", "Status", "status", None, ("status",)),
    System("statusCategory", "Status Category", "statusCategory", None, ("statusCategory",)),
    System("resolution", "Resolution", "resolution", None, ("resolution",)),
    System("resolutiondate", "Resolved", "datetime", None, ("resolutiondate", "resolved")),
    System("priority", "Priority", "priority", None, ("priority",)),
    System("assignee", "Assignee", "user", None, ("assignee",)),
    System("reporter", "Reporter", "user", None, ("reporter",)),
    System("creator", "Creator", "user", None, ("creator",)),
    System("labels", "Labels", "array", "string", ("labels",)),
    System("components", "Components", "array", "component", ("component",)),
    System("fixVersions", "Fix versions", "array", "version", ("fixVersion",)),
    System("created", "Created", "datetime", None, ("created", "createdDate")),
    System("updated", "Updated", "datetime", None, ("updated", "updatedDate")),
    System("duedate", "Due date", "date", None, ("due", "duedate")),
    System("parent", "Parent", "issuelink", None, ("parent",), navigable=False),
    System("description", "Description", "string", None, ("description",)),
    System("comment", "Comment", "comments-page", None, ("comment",), navigable=False),
    System("environment", "Environment", "string", None, ("environment",)),
    System("timetracking", "Time tracking", "timetracking", navigable=False),
)
SYSTEM_BY_ID = {field.id: field for field in SYSTEM}
NAVIGABLE = tuple(
    field.id for field in SYSTEM if field.navigable and field.id not in {"issuekey", "statusCategory"}
) + tuple(CUSTOM_BY_ID)
"""What ``*navigable`` asks for."""
EVERYTHING = (*NAVIGABLE, "parent", "comment", "statusCategory", "timetracking")
"""What ``*all`` asks for."""


def names(ids: list[str]) -> dict[str, str]:
    """Return the display names of fields, as ``expand=names`` does."""
    found = {}
    for id_ in ids:
        field = CUSTOM_BY_ID.get(id_) or SYSTEM_BY_ID.get(id_)
        if field is not None:
            found[id_] = field.name
    return found


def schemas(ids: list[str]) -> dict[str, Any]:
    """Return the schemas of fields, as ``expand=schema`` does."""
    found = {}
    for id_ in ids:
        field = CUSTOM_BY_ID.get(id_) or SYSTEM_BY_ID.get(id_)
        if field is not None:
            found[id_] = field.schema()
    return found
