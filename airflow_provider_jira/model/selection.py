"""Which people, groups and project roles a task takes: the definition's filters, and how each is decided.

Patterns are Python regular expressions, found anywhere in a name unless they are anchored, in any case. People are
held against their display name, their account id and, where Jira shows it, their e-mail address, because names repeat
and change. Everything here is pure: the same record and the same filter give the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Union

from pydantic import AfterValidator, BeforeValidator, Field

from airflow_provider_jira.model.attributes import Model
from airflow_provider_jira.model.kinds import Text
from airflow_provider_jira.model.problems import shown, wrong

AccountType = Literal["atlassian", "app", "customer"]


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _compiling(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        _compile(pattern)
    return patterns


def _compile(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise wrong(
            f"{shown(pattern)} is no regular expression ({error})", "correct it, or escape signs with a backslash"
        ) from None


Patterns = Annotated[
    tuple[Text, ...],
    BeforeValidator(_listed, json_schema_input_type=Union[str, list[str]]),
    AfterValidator(_compiling),
]
"""One regular expression, or several of which one has to be found."""


class Names(Model):
    """A filter on names: what is included and not excluded is taken."""

    include: Patterns = Field(default=(), description="Only what one of these is found in; left out: everything")
    exclude: Patterns = Field(default=(), description="But nothing that one of these is found in")

    def take(self, names: Iterable[str]) -> bool:
        """Decide by a record's names.

        :param names: all of them; one that matches is enough, to include and to exclude
        """
        known = list(names)
        if self.include and not _found(self.include, known):
            return False
        return not _found(self.exclude, known)


class Groups(Names):
    """Which groups become entitlements."""


class Roles(Names):
    """Which project roles become entitlements."""

    projects: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        description="Keys of the projects whose roles are read", examples=["[SUP]"]
    )


class Users(Names):
    """Which people become accounts."""

    account_types: Annotated[tuple[AccountType, ...], Field(min_length=1)] = Field(
        default=("atlassian",), description="People (atlassian), apps and bots (app), portal customers (customer)"
    )
    include_inactive: bool = Field(default=True, description="Whether deactivated people are taken")
    members_of: tuple[Text, ...] = Field(
        default=(), description="Only members of one of these groups, by name or id; left out: everybody"
    )

    def take_person(self, person: Mapping[str, Any]) -> bool:
        """Decide by what Jira tells of a person; membership is not part of it.

        :param person: as Jira describes an account: ``accountType``, ``active``, ``displayName`` …
        """
        if person.get("accountType") not in self.account_types:
            return False
        if not self.include_inactive and not person.get("active"):
            return False
        names = (person.get(key) for key in ("displayName", "emailAddress", "accountId"))
        return self.take(name for name in names if name)


def _found(patterns: tuple[str, ...], names: list[str]) -> bool:
    return any(_compiled(pattern).search(name) for pattern in patterns for name in names)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
