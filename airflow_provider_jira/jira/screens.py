"""What may be set on an issue, and whether the account may set it: Jira's own answer, before anything is sent.

Screens are lists of fields with what stands in their way (required, allowed values); permissions are asked by the keys
that Jira has for them (https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/,
…/api-group-permissions/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import quote

from airflow_provider_jira.jira import shapes as common
from airflow_provider_jira.jira import writing_shapes as shapes
from airflow_provider_jira.jira.connection import about
from airflow_provider_jira.jira.errors import JiraProtocolError
from airflow_provider_jira.jira.paging import until_counted
from airflow_provider_jira.jira.part import Part
from airflow_provider_jira.jira.people import MY_PERMISSIONS
from airflow_provider_jira.jira.records import IssueType
from airflow_provider_jira.jira.steady import whole
from airflow_provider_jira.model.screen import ScreenField

PAGE = 200
"""Issue types or fields a page: what Jira gives at most."""

ISSUE_TYPES = "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes"
CREATE_SCREEN = "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}"
EDIT_SCREEN = "/rest/api/3/issue/{issueIdOrKey}/editmeta"


class Screens(Part):
    """Reads screens and permissions."""

    async def issue_types(self, project: str) -> tuple[IssueType, ...]:
        """List the types of issues that the account can make in a project.

        :param project: id or key of the project
        :returns: in Jira's order; none where the account may make no issue there
        :raises JiraRefused: there is no such project, or the account may not see it
        """
        path = ISSUE_TYPES.format(projectIdOrKey=quote(project, safe=""))

        async def load(start: int) -> shapes.IssueTypePage:
            return await self._connection.call(
                "GET", path, shapes.ISSUE_TYPES, params=_page(start), endpoint=ISSUE_TYPES
            )

        walk = partial(until_counted, load, lambda kind: kind.id)
        return tuple(await whole(self._connection, walk, "GET", path, "The list of issue types"))

    async def create_screen(self, project: str, issue_type_id: str) -> tuple[ScreenField, ...]:
        """List the fields that can be set when an issue is made.

        :param project: id or key of the project
        :param issue_type_id: id of the issue type
        :returns: in Jira's order
        :raises JiraRefused: there is no such project or type, or the account may not see it
        """
        path = CREATE_SCREEN.format(projectIdOrKey=quote(project, safe=""), issueTypeId=quote(issue_type_id, safe=""))

        async def load(start: int) -> shapes.FieldPage:
            return await self._connection.call(
                "GET", path, shapes.CREATE_SCREEN, params=_page(start), endpoint=CREATE_SCREEN
            )

        walk = partial(until_counted, load, lambda field: field.known().id)
        fields = await whole(self._connection, walk, "GET", path, "The list of fields")
        return tuple(field.known() for field in fields)

    async def edit_screen(self, issue: int | str) -> tuple[ScreenField, ...]:
        """List the fields of an issue that can be changed.

        :param issue: id or key
        :returns: in Jira's order; none where the account may change nothing
        :raises JiraRefused: there is no such issue, or the account may not see it
        """
        path = EDIT_SCREEN.format(issueIdOrKey=quote(str(issue), safe=""))
        answer = await self._connection.call("GET", path, shapes.EDIT_SCREEN, endpoint=EDIT_SCREEN)
        return tuple(field.known(id_) for id_, field in answer.fields.items())

    async def permitted(
        self, keys: Sequence[str], *, project: str | None = None, issue: int | None = None
    ) -> Mapping[str, bool]:
        """Tell which permissions the account has.

        :param keys: of permissions: ``CREATE_ISSUES`` ``EDIT_ISSUES`` ``ADD_COMMENTS`` ``ADMINISTER`` …
        :param project: key of the project where it would have them
        :param issue: id of the issue where it would have them
        :returns: by key
        :raises JiraRefused: there is no such permission, project or issue
        """
        params = {"permissions": ",".join(keys)}
        if project is not None:
            params["projectKey"] = project
        if issue is not None:
            params["issueId"] = str(issue)
        answer = await self._connection.call("GET", MY_PERMISSIONS, common.MY_PERMISSIONS, params=params)
        if lacking := [key for key in keys if key not in answer.permissions]:
            with about("GET", MY_PERMISSIONS):
                raise JiraProtocolError(f"Asked about permissions, Jira did not speak of {', '.join(lacking)}.")
        return {key: answer.permissions[key].have_permission for key in keys}


def _page(start: int) -> dict[str, str]:
    return {"startAt": str(start), "maxResults": str(PAGE)}
