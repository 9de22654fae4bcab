"""What people, groups and project roles look like to a mapping: their fields, and the numbers that stand for them.

Jira has no list of such fields to ask for, as it has for issues, so they are written down here. They are those of
``User`` and ``FoundGroup`` in Atlassian's OpenAPI document of the Jira Cloud platform (version 3); the ones of an
entitlement that is a project role are the connector's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple


class Property(NamedTuple):
    """One field of such a record; a :class:`~airflow_provider_jira.model.shapes.FieldInfo`."""

    id: str
    type: str | None = "string"
    items: str | None = None
    custom_type: str | None = None

    @property
    def name(self) -> str:
        """The same as the id: these fields have no display names."""
        return self.id


PERSON = (
    *(Property(name) for name in ("accountId", "accountType", "displayName", "emailAddress", "timeZone", "locale")),
    Property("active", "boolean"),
)
"""Fields of a person. All but ``accountId``, ``accountType`` and ``active`` may be hidden by the person's privacy."""

ENTITLEMENT = (
    *(Property(name) for name in ("groupId", "name", "kind", "projectKey", "role")),
    Property("holderGroups", "array", "string"),
)
"""Fields of an entitlement. ``kind`` is ``group`` or ``project_role``; the others beside ``groupId`` and ``name`` are
empty for groups. ``holderGroups`` are the names of the groups that hold a role."""

FIELDS: Mapping[str, tuple[Property, ...]] = {"accounts": PERSON, "entitlements": ENTITLEMENT}
"""Name of the part -> fields of its records."""

NUMBER_BITS = 62


def number(part: str, key: str) -> int:
    """Number a record that Jira knows by a text, so that the task cache can hold it like an issue.

    The number is a hash. Two of a million records share one with a probability of about 1 in 10 million; whoever
    numbers a set of records has to look for that (the plan does), and never take one for the other.

    :param part: name of the part, so that a group and a person never meet
    :param key: account id, or the id of an entitlement
    :returns: 1 to 2^62
    """
    digest = hashlib.blake2b(f"{part}\0{key}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> (64 - NUMBER_BITS)) + 1


def role_key(project_id: int, role_id: int) -> str:
    """Make the id of the entitlement that a project role is; group ids have no colons.

    :param project_id: numeric id of the project, which never changes
    :param role_id: numeric id of the role
    """
    return f"role:{project_id}:{role_id}"
