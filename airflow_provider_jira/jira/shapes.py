"""The answers of Jira's API as far as they are read; keys that are not named here are passed over, never refused.

A key that would make the difference between "nothing" and "no answer" (``issues``, ``count``) is required, although
the OpenAPI document requires none: an answer without it is no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from airflow_provider_jira.jira.records import UNKNOWN, Field, Group, Issue, Person


class Schema(msgspec.Struct, frozen=True):
    """``schema`` of a field."""

    type: str | None = None
    items: str | None = None
    custom: str | None = None


class FieldDetails(msgspec.Struct, frozen=True):
    """One entry of ``GET /field``."""

    id: str | None = None
    name: str | None = None
    custom: bool | None = None
    schema: Schema | None = None

    def known(self) -> Field:
        """Bring it into the form that is handed out."""
        schema = self.schema or Schema()
        id_ = self.id or ""
        return Field(id_, self.name or id_, bool(self.custom), schema.type, schema.items, schema.custom)


class ParsedQuery(msgspec.Struct, frozen=True):
    """The verdict on one query."""

    errors: tuple[str, ...] | None = None


class ParsedQueries(msgspec.Struct, frozen=True):
    """Answer of ``POST /jql/parse``."""

    queries: tuple[ParsedQuery, ...]


class Hit(msgspec.Struct, frozen=True):
    """One issue of a search for ids."""

    id: int


class Warned(msgspec.Struct, frozen=True):
    """A warning of the search."""

    type: str | None = None
    message: str | None = None

    def told(self) -> str:
        """Say it in one line."""
        return ": ".join(word for word in (self.type, self.message) if word) or "a warning without text"


class Hits(msgspec.Struct, frozen=True, rename="camel"):
    """One page of ``POST /search/jql``."""

    issues: tuple[Hit, ...]
    next_page_token: str | None = None
    is_last: bool | None = None
    warnings: tuple[Warned, ...] | None = None


class Count(msgspec.Struct, frozen=True):
    """Answer of ``POST /search/approximate-count``."""

    count: int


class IssueError(msgspec.Struct, frozen=True):
    """An issue that could not be loaded, this time."""

    id: str | None = None


class FetchedIssues(msgspec.Struct, frozen=True):
    """Answer of ``POST /issue/bulkfetch``."""

    issues: tuple[Issue, ...]
    issue_errors: tuple[IssueError, ...] | None = msgspec.field(default=None, name="issueErrors")

    def failed(self, missing: Sequence[int]) -> tuple[int, ...]:
        """Name the issues that have to be asked for again.

        :param missing: asked for, and not returned
        :returns: those of them that Jira could not load; all of them where it names none it was asked for
        """
        if not self.issue_errors:
            return ()
        named = {error.id for error in self.issue_errors}
        return tuple(id_ for id_ in missing if str(id_) in named) or tuple(missing)


class Project(msgspec.Struct, frozen=True):
    """A project's number and key."""

    id: int
    key: str | None = None


class PermittedProjects(msgspec.Struct, frozen=True):
    """Answer of ``POST /permissions/project``."""

    projects: tuple[Project, ...] = ()


class Myself(msgspec.Struct, frozen=True, rename="camel"):
    """Answer of ``GET /myself``."""

    account_id: str
    time_zone: str | None = None


class UserDetails(msgspec.Struct, frozen=True, rename="camel"):
    """A person, as far as the profile may be seen (schemas ``User`` and ``UserDetails``)."""

    account_id: str | UnsetType | None = UNSET
    account_type: str | UnsetType | None = UNSET
    app_type: str | UnsetType | None = UNSET
    display_name: str | UnsetType | None = UNSET
    email_address: str | UnsetType | None = UNSET
    active: bool | UnsetType | None = UNSET
    time_zone: str | UnsetType | None = UNSET
    locale: str | UnsetType | None = UNSET

    @property
    def id(self) -> str:
        """The account id; empty where the record does not tell whose it is."""
        return "" if self.account_id == UNKNOWN else self.account_id or ""

    def known(self) -> Person:
        """Bring it into the form that is handed out."""
        fields = msgspec.to_builtins(self)
        if not fields.get("emailAddress"):
            fields.pop("emailAddress", None)
        return Person(self.id or UNKNOWN, self.account_type or UNKNOWN, bool(self.active), fields)


class UserPage(msgspec.Struct, frozen=True, rename="camel"):
    """One page of ``GET /group/member`` and of ``GET /user/bulk``."""

    values: tuple[UserDetails, ...]
    is_last: bool
    total: int | None = None


class GroupDetails(msgspec.Struct, frozen=True, rename="camel"):
    """A group; some records have no id."""

    group_id: str | None = None
    name: str | None = None

    @property
    def id(self) -> str:
        """The group id; empty where there is none."""
        return self.group_id or ""

    def known(self) -> Group:
        """Bring it into the form that is handed out."""
        return Group(self.id, self.name or self.id)


class GroupPage(msgspec.Struct, frozen=True, rename="camel"):
    """One page of ``GET /group/bulk``."""

    values: tuple[GroupDetails, ...]
    is_last: bool
    total: int | None = None


class ActorUser(msgspec.Struct, frozen=True, rename="camel"):
    """A person who holds a role."""

    account_id: str | None = None


class ActorGroup(msgspec.Struct, frozen=True, rename="camel"):
    """A group that holds a role."""

    group_id: str | None = None


class Actor(msgspec.Struct, frozen=True, rename="camel"):
    """Who holds a role: a person or a group."""

    actor_user: ActorUser | None = None
    actor_group: ActorGroup | None = None


class ProjectRole(msgspec.Struct, frozen=True):
    """Answer of ``GET /project/{projectIdOrKey}/role/{id}``."""

    actors: tuple[Actor, ...]
    name: str | None = None


class Permission(msgspec.Struct, frozen=True, rename="camel"):
    """Whether the caller has a permission."""

    have_permission: bool


class MyPermissions(msgspec.Struct, frozen=True):
    """Answer of ``GET /mypermissions``."""

    permissions: dict[str, Permission]


class ServerInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Answer of ``GET /serverInfo``."""

    server_time: str

    def moment(self) -> datetime | None:
        """Read the time, whose offset has no colon; ``None`` where it is none or has no offset."""
        fraction = ".%f" if "." in self.server_time else ""
        try:
            return datetime.strptime(self.server_time, f"%Y-%m-%dT%H:%M:%S{fraction}%z")
        except ValueError:
            return None


# not strict: ids come as strings of digits in some answers and as numbers in others
MYSELF = msgspec.json.Decoder(Myself)
FIELDS = msgspec.json.Decoder(tuple[FieldDetails, ...])
PARSED = msgspec.json.Decoder(ParsedQueries)
HITS = msgspec.json.Decoder(Hits, strict=False)
COUNT = msgspec.json.Decoder(Count, strict=False)
ISSUES = msgspec.json.Decoder(FetchedIssues, strict=False)
PROJECTS = msgspec.json.Decoder(PermittedProjects, strict=False)
USERS = msgspec.json.Decoder(tuple[UserDetails, ...])
USER_PAGE = msgspec.json.Decoder(UserPage)
GROUP_PAGE = msgspec.json.Decoder(GroupPage)
ROLE_LINKS = msgspec.json.Decoder(dict[str, str])
ROLE = msgspec.json.Decoder(ProjectRole)
MY_PERMISSIONS = msgspec.json.Decoder(MyPermissions)
SERVER_INFO = msgspec.json.Decoder(ServerInfo)
