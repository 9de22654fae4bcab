"""What the Jira client hands out: typed where the shape is Jira's promise, open where it is the site's."""

from __future__ import annotations

from typing import Any

import msgspec


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


class IdPage(msgspec.Struct, frozen=True):
    """One page of an id sweep.

    :param ids: issue ids, ascending within the sweep
    :param warnings: Jira's own warnings (the set was truncated, a clause had too many arguments)
    """

    ids: tuple[int, ...]
    warnings: tuple[str, ...] = ()


class Traffic(msgspec.Struct):
    """What talking to Jira cost.

    :param requests: requests sent, repeats included
    :param retries: how many of them were repeats
    :param waited: seconds in which at least one request stood still because of a limit or before a repeat
    """

    requests: int = 0
    retries: int = 0
    waited: float = 0.0
