"""Operators on issues: make one, change it, comment on it, bring it to a status. Each leaves a link to the issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow_provider_jira.links.issue import JiraIssueLink
from airflow_provider_jira.operators.activity import JiraActivityOperator

if TYPE_CHECKING:
    from airflow_provider_jira.activities import Done
    from airflow_provider_jira.activities.add_comment import Remark
    from airflow_provider_jira.activities.desk import Desk


class JiraCreateIssueOperator(JiraActivityOperator):
    """Makes an issue, once: after a lost answer or a killed worker it looks for the one that it may have made.

    XCom: ``id``, ``key``, ``url``, ``already``.

    :param project: key of the project (templated)
    :param issue_type: name or id of the issue type (templated)
    :param fields: field id or display name -> text, list of texts, or a value in Jira's own form; checked against the
        create screen before anything is sent (templated, not kept)
    :param markdown: those of ``fields`` whose text is Markdown; other rich text is plain
    :param mark: by what the issue is found again: ``label``, or id or display name of a text field that nothing else
        writes; ``None``: by probing the project's newest issues only
    :param arguments: ``jira_conn_id``, ``once``, and those of every operator
    """

    template_fields: Sequence[str] = (*JiraActivityOperator.template_fields, "project", "issue_type")
    rendered_late: ClassVar[Sequence[str]] = ("fields",)
    operator_extra_links = (JiraIssueLink(),)

    def __init__(
        self,
        *,
        project: str,
        issue_type: str,
        fields: Mapping[str, Any],
        markdown: Sequence[str] = (),
        mark: str | None = "label",
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self.project = project
        self.issue_type = issue_type
        self.markdown = markdown
        self.mark = mark
        self.fields = fields
        self._needs(fields)

    async def act(self, desk: Desk, key: str) -> Done:
        """Make it."""
        from airflow_provider_jira.activities.create_issue import create_issue  # noqa: PLC0415 - not needed to parse
        from airflow_provider_jira.activities.marked import Tag  # noqa: PLC0415
        from airflow_provider_jira.activities.once import Outbox  # noqa: PLC0415
        from airflow_provider_jira.model.marks import label  # noqa: PLC0415

        tag = None
        if self.mark is not None:
            word = label(Outbox(desk.state, key, now=desk.now).mark)
            tag = Tag("labels" if self.mark == "label" else self.mark, word)
        return await create_issue(
            desk,
            key,
            project=self.project,
            issue_type_name=self.issue_type,
            values=self.fields,
            markdown=self.markdown,
            tag=tag,
        )


class JiraUpdateIssueOperator(JiraActivityOperator):
    """Brings fields of an issue to what is asked for; what is so already is not sent.

    XCom: ``id``, ``key``, ``url``, ``already``.

    :param issue: id or key (templated)
    :param fields: field id or display name -> text, list of texts, or a value in Jira's own form; ``None`` or nothing
        clears the field (templated, not kept)
    :param markdown: those of ``fields`` whose text is Markdown
    :param arguments: ``jira_conn_id``, and those of every operator
    """

    template_fields: Sequence[str] = (*JiraActivityOperator.template_fields, "issue")
    rendered_late: ClassVar[Sequence[str]] = ("fields",)
    operator_extra_links = (JiraIssueLink(),)

    def __init__(
        self, *, issue: str | int, fields: Mapping[str, Any], markdown: Sequence[str] = (), **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self.issue = issue
        self.markdown = markdown
        self.fields = fields
        self._needs(fields)

    async def act(self, desk: Desk, key: str) -> Done:  # noqa: ARG002
        """Change it."""
        from airflow_provider_jira.activities.update_issue import update_issue  # noqa: PLC0415 - as above

        return await update_issue(desk, str(self.issue), values=self.fields, markdown=self.markdown)


class JiraAddCommentOperator(JiraActivityOperator):
    """Comments on an issue, once.

    XCom: ``id``, ``key``, ``url`` of the issue, ``commentId``, ``comments`` (how many were added), ``already``.

    :param issue: id or key (templated)
    :param comment: the text (templated, not kept)
    :param markdown: whether it is Markdown
    :param group: name of the group that may read it; left out, with ``role``: everybody who may read the issue
        (templated)
    :param role: name of the project role that may read it (templated)
    :param arguments: ``jira_conn_id``, ``once``, and those of every operator
    """

    template_fields: Sequence[str] = (*JiraActivityOperator.template_fields, "issue", "group", "role")
    rendered_late: ClassVar[Sequence[str]] = ("comment",)
    operator_extra_links = (JiraIssueLink(),)

    def __init__(
        self,
        *,
        issue: str | int,
        comment: str,
        markdown: bool = False,
        group: str | None = None,
        role: str | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        if group and role:
            raise ValueError("A comment is for one group or for one project role: give `group` or `role`, not both.")
        self.issue = issue
        self.markdown = markdown
        self.group = group
        self.role = role
        self.comment = comment
        self._needs(comment)

    async def act(self, desk: Desk, key: str) -> Done:
        """Say it."""
        from airflow_provider_jira.activities.add_comment import add_comments  # noqa: PLC0415 - as above
        from airflow_provider_jira.jira.records import Visibility  # noqa: PLC0415

        readers = None
        if self.group or self.role:
            readers = Visibility("group", self.group) if self.group else Visibility("role", str(self.role))
        remark = _remark(key, self.comment, markdown=self.markdown)
        return await add_comments(desk, str(self.issue), [remark], visibility=readers)


class JiraTransitionIssueOperator(JiraActivityOperator):
    """Brings an issue to a status, over the hops that are named and no others.

    XCom: ``id``, ``key``, ``url``, ``status``, ``already``.

    :param issue: id or key (templated)
    :param to: name or id of the status (templated)
    :param via: names or ids of the statuses between, in order, where the workflow has no direct way (templated)
    :param resolution: name or id of the resolution to set (templated)
    :param comment: said when the issue is there (templated, not kept)
    :param markdown: whether the comment is Markdown
    :param arguments: ``jira_conn_id``, ``once``, and those of every operator
    """

    template_fields: Sequence[str] = (*JiraActivityOperator.template_fields, "issue", "to", "via", "resolution")
    rendered_late: ClassVar[Sequence[str]] = ("comment",)
    operator_extra_links = (JiraIssueLink(),)

    def __init__(
        self,
        *,
        issue: str | int,
        to: str,
        via: Sequence[str] = (),
        resolution: str | None = None,
        comment: str | None = None,
        markdown: bool = False,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self.issue = issue
        self.to = to
        self.via = via
        self.resolution = resolution
        self.markdown = markdown
        self.comment = comment
        self._needs(comment)

    async def act(self, desk: Desk, key: str) -> Done:
        """Move it."""
        from airflow_provider_jira.activities.add_comment import add_comments  # noqa: PLC0415 - as above
        from airflow_provider_jira.activities.transition_issue import transition_issue  # noqa: PLC0415

        done = await transition_issue(desk, str(self.issue), to=self.to, via=self.via, resolution=self.resolution)
        if self.comment:
            await add_comments(desk, done.values["id"], [_remark(key, self.comment, markdown=self.markdown)])
        return done


def _remark(key: str, text: str, *, markdown: bool) -> Remark:
    from airflow_provider_jira.activities.add_comment import Remark  # noqa: PLC0415 - as above
    from airflow_provider_jira.model import adf  # noqa: PLC0415

    return Remark(key, adf.from_markdown(text) if markdown else adf.from_plain(text))
