"""The answers of Jira's API as far as they are read; keys that are not named here are passed over, never refused.

A key that would make the difference between "nothing" and "no answer" (``issues``, ``count``) is required, although
the OpenAPI document requires none: an answer without it is no answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from airflow_provider_jira.jira.records import Field, Issue


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
    """A project's number."""

    id: int


class PermittedProjects(msgspec.Struct, frozen=True):
    """Answer of ``POST /permissions/project``."""

    projects: tuple[Project, ...] = ()


class Myself(msgspec.Struct, frozen=True, rename="camel"):
    """Answer of ``GET /myself``."""

    account_id: str
    time_zone: str | None = None


# not strict: ids come as strings of digits in some answers and as numbers in others
MYSELF = msgspec.json.Decoder(Myself)
FIELDS = msgspec.json.Decoder(tuple[FieldDetails, ...])
PARSED = msgspec.json.Decoder(ParsedQueries)
HITS = msgspec.json.Decoder(Hits, strict=False)
COUNT = msgspec.json.Decoder(Count, strict=False)
ISSUES = msgspec.json.Decoder(FetchedIssues, strict=False)
PROJECTS = msgspec.json.Decoder(PermittedProjects, strict=False)
