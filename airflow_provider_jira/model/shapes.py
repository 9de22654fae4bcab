"""What Jira's schema tells about a field's values before any of them is read: their parts, and whether they have a
text.

A source like ``status.nmae`` would be empty in every issue, and a green run would clear the attribute on every card.
So paths are held against what is known of Jira's types. A type that is not listed here (an app's field, for instance)
is open: any path is believed, and an issue whose value cannot be used is refused when it is read.

The parts are those of the response schemas in Atlassian's OpenAPI document of the Jira Cloud platform (version 3),
where a field's value has one; of fields from Jira Software they are what its Agile REST API documents.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class FieldInfo(Protocol):
    """A field of the Jira site, as far as a mapping cares. The Jira client's ``Field`` is one."""

    @property
    def id(self) -> str:
        """``summary``, ``customfield_10010``."""

    @property
    def name(self) -> str:
        """Display name; neither unique nor stable."""

    @property
    def type(self) -> str | None:
        """Schema type: ``string`` ``option`` ``array`` …"""

    @property
    def items(self) -> str | None:
        """Type of an array's items."""

    @property
    def custom_type(self) -> str | None:
        """``schema.custom``: which kind of custom field."""


class Shape(NamedTuple):
    """What values of a type look like.

    :param parts: name -> type of the part; ``None`` = open, any name may be there
    :param text: whether the value as a whole has an obvious text
    """

    parts: Mapping[str, str] | None
    text: bool


def _object(names: str, *, text: bool = True, **parts: str) -> Shape:
    return Shape(dict.fromkeys(names.split(), "string") | parts, text)


_OPEN = Shape(None, text=True)
_NAMED = "self id name description"

_SHAPES: dict[str, Shape] = {
    **dict.fromkeys(("string", "number", "date", "datetime", "boolean", "doc"), Shape({}, text=True)),
    "attachment": _object("self id filename created size mimeType content thumbnail", text=False, author="user"),
    "category": _object(_NAMED),
    "comment": _object(
        "self id created updated renderedBody jsdPublic",
        text=False,
        author="user",
        updateAuthor="user",
        body="doc",
        visibility="any",
        properties="any",
    ),
    "comments-page": _object("self maxResults total startAt", text=False, comments="comment"),
    "component": _object(f"{_NAMED} ari", metadata="any"),
    "group": _object("self name groupId"),
    "issue": _object("self id key", fields="issue-fields"),
    "issue-fields": Shape(
        {
            "summary": "string",
            "status": "status",
            "priority": "priority",
            "issuetype": "issuetype",
            "assignee": "user",
            "timetracking": "timetracking",
        },
        text=False,
    ),
    "issuelinks": _object("self id", text=False, type="linktype", inwardIssue="issue", outwardIssue="issue"),
    "issuetype": _object(f"{_NAMED} iconUrl subtask avatarId entityId hierarchyLevel", scope="any"),
    "linktype": _object("self id name inward outward"),
    "option": _object("self id value disabled", child="option"),
    "priority": _object(f"{_NAMED} iconUrl avatarId isDefault statusColor", schemes="any"),
    "progress": _object("progress total percent", text=False),
    "project": _object("self id key name projectTypeKey simplified", avatarUrls="any", projectCategory="category"),
    "resolution": _object(_NAMED),
    "securitylevel": _object(f"{_NAMED} isDefault issueSecuritySchemeId"),
    "sprint": _object("self id name state boardId originBoardId goal startDate endDate completeDate createdDate"),
    "status": _object(f"{_NAMED} iconUrl", statusCategory="statusCategory", scope="any"),
    "statusCategory": _object("self id key name colorName"),
    "timetracking": _object(
        "originalEstimate remainingEstimate timeSpent "
        "originalEstimateSeconds remainingEstimateSeconds timeSpentSeconds",
        text=False,
    ),
    "user": _object(
        "self accountId accountType appType active displayName emailAddress timeZone locale key name",
        avatarUrls="any",
        groups="any",
        applicationRoles="any",
    ),
    "version": _object(
        f"{_NAMED} archived released overdue projectId project startDate releaseDate userStartDate userReleaseDate"
    ),
    "votes": _object("self votes hasVoted", text=False, voters="user"),
    "watches": _object("self watchCount isWatching", text=False, watchers="user"),
    "worklog": _object(
        "self id issueId created updated started timeSpent timeSpentSeconds",
        text=False,
        author="user",
        updateAuthor="user",
        comment="doc",
        visibility="any",
    ),
    "worklogs-page": _object("maxResults total startAt", text=False, worklogs="worklog"),
}
_SHAPES["option-with-child"] = _SHAPES["option"]

_BY_ID = {
    "comment": "comments-page",
    "description": "doc",
    "environment": "doc",
    "parent": "issue",
    "subtasks": "issue",
    "worklog": "worklogs-page",
}
"""Fields whose schema says less than is known, or something else than Jira sends."""

_BY_CUSTOM_TYPE = {"textarea": "doc", "gh-sprint": "sprint"}


def type_of(field: FieldInfo) -> str:
    """Name the type of a field's value; of an array, that of its items."""
    known = _BY_ID.get(field.id) or _BY_CUSTOM_TYPE.get((field.custom_type or "").rpartition(":")[2])
    return known or (field.items if field.type == "array" else field.type) or "any"


def misfit(field: FieldInfo, path: Sequence[str]) -> str | None:
    """Hold a path into a field's value against the field's type.

    :param path: names of parts, from the outside in; none = the value as a whole
    :returns: what is wrong and how to mend it, as the rest of a sentence about the source; ``None`` where nothing is
        known to be wrong
    """
    type_ = type_of(field)
    walked = field.name
    for name in path:
        parts = _SHAPES.get(type_, _OPEN).parts
        if parts is None:
            return None
        if name not in parts:
            return f"{walked!r} has no part {name!r}{_mend(name, parts)}"
        walked, type_ = f"{walked}.{name}", parts[name]
    shape = _SHAPES.get(type_, _OPEN)
    if not shape.text:
        return f"{walked!r} has no text of its own; name a part of it: {_examples(walked, shape.parts or {})}"
    return None


def _mend(name: str, parts: Mapping[str, str]) -> str:
    if not parts:
        return ", it is a plain value; leave the part out"
    close = difflib.get_close_matches(name, parts, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; its parts: {', '.join(sorted(parts))}"


def _examples(walked: str, parts: Mapping[str, str]) -> str:
    return ", ".join(f"{walked}.{name}" for name in sorted(parts) if name != "self")
