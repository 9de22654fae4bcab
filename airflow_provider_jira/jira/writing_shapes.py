"""The answers of Jira's API to who writes issues, as far as they are read; see ``shapes`` for the rules."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from airflow_provider_jira.jira.records import Comment, Created, IssueNow, IssueType, Transition, Visibility
from airflow_provider_jira.jira.shapes import IssueError, UserDetails, Warned
from airflow_provider_jira.model.screen import ScreenField


class FieldSchema(msgspec.Struct, frozen=True):
    """``schema`` of a field on a screen."""

    type: str | None = None
    items: str | None = None
    system: str | None = None
    custom: str | None = None


class FieldOnScreen(msgspec.Struct, frozen=True, rename="camel"):
    """A field on a create, edit or transition screen (``FieldCreateMetadata``, ``FieldMetadata``)."""

    field_id: str | None = None
    key: str | None = None
    name: str | None = None
    required: bool = False
    has_default_value: bool | None = None
    operations: tuple[str, ...] = ()
    schema: FieldSchema | None = None
    allowed_values: tuple[Any, ...] | None = None

    def known(self, id_: str | None = None) -> ScreenField:
        """Bring it into the form that is handed out.

        :param id_: of the field, where the answer has it outside
        """
        schema = self.schema or FieldSchema()
        name = id_ or self.field_id or self.key or ""
        allowed = self.allowed_values
        if allowed is not None:
            # a few kinds of fields list plain texts
            allowed = tuple(one if isinstance(one, dict) else {"value": one} for one in allowed)
        return ScreenField(
            name,
            self.name or name,
            self.required,
            bool(self.has_default_value),
            schema.type,
            schema.items,
            schema.system,
            schema.custom,
            self.operations,
            allowed,
        )


class IssueTypePage(msgspec.Struct, frozen=True):
    """One page of ``GET /issue/createmeta/{projectIdOrKey}/issuetypes``."""

    values: tuple[IssueType, ...] = msgspec.field(name="issueTypes")
    total: int | None = None


class FieldPage(msgspec.Struct, frozen=True):
    """One page of ``GET /issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}``."""

    values: tuple[FieldOnScreen, ...] = msgspec.field(name="fields")
    total: int | None = None


class EditScreen(msgspec.Struct, frozen=True):
    """Answer of ``GET /issue/{issueIdOrKey}/editmeta``."""

    fields: dict[str, FieldOnScreen]


class StatusCategory(msgspec.Struct, frozen=True):
    """Category of a status."""

    key: str | None = None


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """A status that a transition leads to."""

    id: str
    name: str | None = None
    status_category: StatusCategory | None = None


class WayOut(msgspec.Struct, frozen=True):
    """One transition."""

    id: str
    to: Status
    name: str | None = None
    fields: dict[str, FieldOnScreen] | None = None

    def known(self) -> Transition:
        """Bring it into the form that is handed out."""
        category = self.to.status_category or StatusCategory()
        screen = tuple(field.known(id_) for id_, field in (self.fields or {}).items())
        return Transition(
            self.id, self.name or self.id, self.to.id, self.to.name or self.to.id, category.key or "undefined", screen
        )


class WaysOut(msgspec.Struct, frozen=True):
    """Answer of ``GET /issue/{issueIdOrKey}/transitions``."""

    transitions: tuple[WayOut, ...]


class Property(msgspec.Struct, frozen=True):
    """A property of a comment."""

    key: str
    value: Any = None


class CommentVisibility(msgspec.Struct, frozen=True):
    """Who alone may read a comment; the identifier is missing in old ones."""

    type: Literal["group", "role"]
    identifier: str | None = None
    value: str | None = None

    def known(self) -> Visibility:
        """Bring it into the form that is handed out."""
        return Visibility(self.type, self.identifier or self.value or "", self.value)


class CommentDetails(msgspec.Struct, frozen=True, rename="camel"):
    """One comment."""

    id: int
    author: UserDetails | None = None
    body: dict[str, Any] | str | None = None
    created: str | None = None
    updated: str | None = None
    visibility: CommentVisibility | None = None
    jsd_public: bool | None = None
    properties: tuple[Property, ...] | None = None

    def known(self) -> Comment:
        """Bring it into the form that is handed out."""
        author = self.author or UserDetails()
        return Comment(
            self.id,
            author.id or None,
            author.display_name or "",
            self.body or "",
            self.created or "",
            self.updated or self.created or "",
            self.visibility.known() if self.visibility else None,
            self.jsd_public,
            {one.key: one.value for one in self.properties or ()},
        )


class CommentPage(msgspec.Struct, frozen=True):
    """One page of ``GET /issue/{issueIdOrKey}/comment``."""

    values: tuple[CommentDetails, ...] = msgspec.field(name="comments")
    total: int | None = None


class CommentList(msgspec.Struct, frozen=True):
    """Answer of ``POST /comment/list``."""

    values: tuple[CommentDetails, ...]


class MadeComment(msgspec.Struct, frozen=True):
    """Answer of ``POST /issue/{issueIdOrKey}/comment``."""

    id: int


class Nested(msgspec.Struct, frozen=True):
    """What became of a transition that travelled with a create."""

    status: int | None = None


class MadeIssue(msgspec.Struct, frozen=True):
    """Answer of ``POST /issue``."""

    id: int
    key: str
    transition: Nested | None = None

    def known(self) -> Created:
        """Bring it into the form that is handed out."""
        return Created(self.id, self.key)

    @property
    def whole(self) -> bool:
        """Whether nothing that belongs to the create failed beside it; the status of the answer does not say."""
        return self.transition is None or (self.transition.status or 200) < 400


class ReadIssues(msgspec.Struct, frozen=True):
    """Answer of ``POST /issue/bulkfetch``."""

    issues: tuple[IssueNow, ...]
    issue_errors: tuple[IssueError, ...] | None = msgspec.field(default=None, name="issueErrors")


class FoundIssues(msgspec.Struct, frozen=True, rename="camel"):
    """One page of ``POST /search/jql``."""

    issues: tuple[IssueNow, ...]
    next_page_token: str | None = None
    is_last: bool | None = None
    warnings: tuple[Warned, ...] | None = None


# not strict: ids come as strings of digits in some answers and as numbers in others
ISSUE = msgspec.json.Decoder(IssueNow, strict=False)
ISSUES = msgspec.json.Decoder(ReadIssues, strict=False)
FOUND = msgspec.json.Decoder(FoundIssues, strict=False)
MADE_ISSUE = msgspec.json.Decoder(MadeIssue, strict=False)
ISSUE_TYPES = msgspec.json.Decoder(IssueTypePage)
CREATE_SCREEN = msgspec.json.Decoder(FieldPage)
EDIT_SCREEN = msgspec.json.Decoder(EditScreen)
WAYS_OUT = msgspec.json.Decoder(WaysOut)
COMMENTS = msgspec.json.Decoder(CommentPage, strict=False)
COMMENT_LIST = msgspec.json.Decoder(CommentList, strict=False)
MADE_COMMENT = msgspec.json.Decoder(MadeComment, strict=False)
