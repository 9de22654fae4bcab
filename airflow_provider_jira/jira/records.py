"""What the Jira client hands out: typed where the shape is Jira's promise, open where it is the site's."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from airflow_provider_jira.model.screen import ScreenField


class Identity(msgspec.Struct, frozen=True):
    """Who the connection is at Jira.

    :param account_id: opaque id of the calling account
    :param time_zone: IANA zone in which Jira reads this caller's JQL dates; ``None`` where the profile hides it
    """

    account_id: str
    time_zone: str | None = None


class Field(msgspec.Struct, frozen=True):
    """One field of the site (``GET /field``).

    :param id: ``summary``, ``customfield_10010``
    :param name: display name; neither unique nor stable
    :param custom: whether it is a custom field
    :param type: schema type: ``string`` ``option`` ``array`` ``user`` ``date`` …; ``None`` where Jira gives none
    :param items: type of an array's items
    :param custom_type: ``schema.custom``: which kind of custom field
    """

    id: str
    name: str
    custom: bool = False
    type: str | None = None
    items: str | None = None
    custom_type: str | None = None


class Issue(msgspec.Struct, frozen=True):
    """One issue as bulk fetch returned it.

    :param id: numeric id, which never changes
    :param key: current key, which does
    :param fields: field id -> value as Jira encodes it
    """

    id: int
    key: str
    fields: dict[str, Any]


class IssueNow(msgspec.Struct, frozen=True):
    """One issue as it is now, with what is kept beside its fields.

    :param id: numeric id, which never changes
    :param key: current key, which does
    :param fields: field id -> value as Jira encodes it; only what was asked for
    :param properties: key of an issue property -> its value; those that were asked for and are there
    """

    id: int
    key: str
    fields: dict[str, Any] = {}
    properties: dict[str, Any] = {}


class Created(msgspec.Struct, frozen=True):
    """An issue that was made just now.

    :param id: numeric id, which never changes
    :param key: key, which may
    """

    id: int
    key: str


class IssueType(msgspec.Struct, frozen=True):
    """One type of issues that can be made in a project.

    :param id: of the type
    :param name: of the type, in the language of the connection's account
    :param subtask: whether its issues need a parent
    """

    id: str
    name: str
    subtask: bool = False


class Transition(msgspec.Struct, frozen=True):
    """One way out of an issue's current status.

    :param id: of the transition
    :param name: of the transition, which is not the name of the status
    :param to_id: id of the status that it leads to
    :param to_name: name of that status, in the language of the connection's account
    :param to_category: ``new`` ``indeterminate`` ``done`` ``undefined``
    :param fields: the fields on its screen
    """

    id: str
    name: str
    to_id: str
    to_name: str
    to_category: str
    fields: tuple[ScreenField, ...] = ()


class Visibility(msgspec.Struct, frozen=True):
    """Who alone may read a comment.

    :param type: whether ``identifier`` is a group or a project role
    :param identifier: id of the group; id or name of the role
    :param value: name of the group or role, where Jira tells it; not needed to write
    """

    type: Literal["group", "role"]
    identifier: str
    value: str | None = None


class Comment(msgspec.Struct, frozen=True):
    """One comment of an issue.

    :param id: numeric id
    :param author_id: account id of its author; ``None`` where nobody is named
    :param author_name: display name of its author, maybe empty
    :param body: an Atlassian Document; a text where it came in by an old way
    :param created: Jira's time, ``2026-09-27T10:03:11.123+0200``
    :param updated: likewise
    :param visibility: who alone may read it; ``None``: everybody who may read the issue
    :param public: whether customers of the service desk see it; ``None`` where there is no service desk
    :param properties: key of a comment property -> its value; all of them
    """

    id: int
    author_id: str | None
    author_name: str
    body: dict[str, Any] | str
    created: str
    updated: str
    visibility: Visibility | None = None
    public: bool | None = None
    properties: dict[str, Any] = {}


class IdPage(msgspec.Struct, frozen=True):
    """One page of an id sweep.

    :param ids: issue ids, ascending within the sweep
    :param warnings: Jira's own warnings (the set was truncated, a clause had too many arguments)
    """

    ids: tuple[int, ...]
    warnings: tuple[str, ...] = ()


UNKNOWN = "unknown"
"""Account id and account type of whoever Jira does not know: no name of anybody."""

_STANDS_IN = frozenset({"former user"})
"""Display names, in small letters, that Jira gives to deleted people; seen in recordings of real answers."""


class Person(msgspec.Struct, frozen=True):
    """One account of the site.

    :param account_id: opaque, ``712020:uuid``; ``unknown`` where Jira does not tell whose record it is, which is then
        not one person's id but possibly many's
    :param account_type: ``atlassian``, ``app``, ``customer`` or ``unknown``
    :param active: whether the account may log in
    :param fields: source name -> value as Jira sent it: ``accountId`` ``accountType`` ``appType`` ``displayName``
        ``emailAddress`` ``active`` ``timeZone`` ``locale``. What Jira did not send is not there; nor is an e-mail
        address that is null or empty, which is the same
    """

    account_id: str
    account_type: str
    active: bool
    fields: dict[str, Any]

    @property
    def placeholder(self) -> bool:
        """Whether the record only stands in for a person whom Jira does not know (just now).

        That is so for deleted people, corrupt records, and for everybody while Atlassian's identity service is out
        (schema ``UserDetails`` of the OpenAPI document). Nothing of it may overwrite what was known. A fallback value
        is not marked as one, so this is told by the account's id or type being unknown, by a profile without a name or
        without ``active``, and by the name that Jira gives to deleted people.
        """
        if UNKNOWN in {self.account_id, self.account_type}:
            return True
        name = str(self.fields.get("displayName") or "").strip()
        return not name or self.fields.get("active") is None or self.deleted

    @property
    def deleted(self) -> bool:
        """Whether the record stands in for a person whose account was deleted.

        Jira goes on telling the id and the type of such an account, which an outage hides.
        """
        name = str(self.fields.get("displayName") or "").strip()
        # somebody may be called so: a person who can log in or shows an address is known
        stands_in = name.lower() in _STANDS_IN and not self.active and "emailAddress" not in self.fields
        return stands_in and UNKNOWN not in {self.account_id, self.account_type}


class Group(msgspec.Struct, frozen=True):
    """One group of the site.

    :param group_id: never changes
    :param name: can change
    """

    group_id: str
    name: str


class Role(msgspec.Struct, frozen=True):
    """One project role of one project, and who holds it there.

    :param project_id: numeric id of the project
    :param project_key: its key
    :param role_id: numeric id of the role, the same in all projects that have it
    :param name: of the role
    :param users: account ids of those who hold it themselves; ``unknown`` among them stands for somebody whom Jira
        does not know
    :param groups: ids of the groups whose members hold it
    """

    project_id: int
    project_key: str
    role_id: int
    name: str
    users: tuple[str, ...]
    groups: tuple[str, ...]


class Traffic(msgspec.Struct):
    """What talking to Jira cost.

    :param requests: requests sent, repeats included
    :param retries: how many of them were repeats
    :param waited: seconds in which at least one request stood still because of a limit or before a repeat
    """

    requests: int = 0
    retries: int = 0
    waited: float = 0.0
