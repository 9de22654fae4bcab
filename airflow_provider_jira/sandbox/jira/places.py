"""What the site says of itself and of the caller: who, where, which fields, projects and permissions."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.catalog import (
    GLOBAL_PERMISSIONS,
    PROJECT_PERMISSIONS,
    SITE_TITLE,
    Project,
)
from airflow_provider_jira.sandbox.jira.errors import Refused, not_found
from airflow_provider_jira.sandbox.jira.fields import CUSTOM, SYSTEM
from airflow_provider_jira.sandbox.jira.people import ROBOT
from airflow_provider_jira.sandbox.jira.profiles import profile
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches
from airflow_provider_jira.sandbox.jira.values import stamp

MAX_PROJECTS = 100


def myself(call: Call) -> dict[str, Any]:
    """``GET /myself``; the zone is left out where the profile hides it."""
    shown = profile(ROBOT, call.base, JiraSwitches())
    zone = call.site.switches.profile_time_zone
    groups = call.site.people.groups_of(ROBOT.account_id)
    if zone is not None:
        shown["timeZone"] = zone
    return {
        **shown,
        "locale": "en_US",
        "groups": {"size": len(groups), "items": []},
        "applicationRoles": {"size": 1, "items": []},
    }


def server_info(call: Call) -> dict[str, Any]:
    """``GET /serverInfo``."""
    zone, site = call.site.switches.site_time_zone, call.base.partition("/ex/jira/")[0]
    return {
        "baseUrl": site,
        "displayUrl": site,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100_000,
        "buildDate": stamp(int(datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()) * 1000, zone),
        "serverTime": stamp(int(call.site.now() * 1000), zone),
        "serverTimeZone": zone,
        "scmInfo": "0" * 40,
        "serverTitle": SITE_TITLE,
        "defaultLocale": {"locale": "en_US"},
    }


def fields(call: Call) -> list[dict[str, Any]]:
    """``GET /field``; an anonymous visitor sees the system's fields only."""
    projects = {project.key: project.id for project in call.site.projects.values()}
    custom = [field.described(projects) for field in CUSTOM] if call.caller else []
    return [*(field.described() for field in SYSTEM), *custom]


def _readable(call: Call) -> list[Project]:
    return [project for project in call.site.projects.values() if project.readable and call.caller is not None]


def search_projects(call: Call) -> dict[str, Any]:
    """``GET /project/search``: what the caller may see; archived projects only when asked for."""
    start, most = call.number("startAt", 0), min(call.number("maxResults", 50), MAX_PROJECTS)
    status = call.query.getlist("status") or ["live"]
    keys = call.query.getlist("keys")
    found = [
        project
        for project in _readable(call)
        if ("archived" if project.archived else "live") in status and (not keys or project.key in keys)
    ]
    found.sort(key=lambda project: project.key)
    page = found[start : start + most]
    show = call.site.presenter(call.base, [], ())
    self_ = show.link(f"project/search?startAt={start}&maxResults={most}")
    answer: dict[str, Any] = {
        "self": self_,
        "startAt": start,
        "maxResults": most,
        "total": len(found),
        "isLast": start + len(page) >= len(found),
        "values": [
            {**show.project(project.key), "style": "classic", "isPrivate": False, "archived": project.archived}
            for project in page
        ],
    }
    if not answer["isLast"]:
        answer["nextPage"] = show.link(f"project/search?startAt={start + most}&maxResults={most}")
    return answer


class PermissionKeys(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /permissions/project``."""

    permissions: list[str]


def permitted_projects(call: Call) -> dict[str, Any]:
    """``POST /permissions/project``: projects where the caller has all of some permissions."""
    wanted = call.body(PermissionKeys).permissions
    _check_project_permissions(wanted)
    granted = [one for one in _readable(call) if all(call.permitted(key, one.key) for key in wanted)]
    return {"projects": [{"id": project.id, "key": project.key} for project in granted]}


def _check_project_permissions(wanted: list[str]) -> None:
    unknown = [key for key in wanted if key not in PROJECT_PERMISSIONS]
    if unknown or not wanted:
        raise Refused(400, f"Unrecognized permission: {', '.join(unknown) or 'none given'}")


class ProjectPermissions(msgspec.Struct, forbid_unknown_fields=True):
    """Permissions in some projects and on some issues."""

    permissions: list[str]
    projects: list[int] = []
    issues: list[int] = []


class PermissionCheck(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /permissions/check``."""

    accountId: str | None = None  # noqa: N815 - Jira's spelling
    globalPermissions: list[str] = []  # noqa: N815
    projectPermissions: list[ProjectPermissions] = []  # noqa: N815


def check_permissions(call: Call) -> dict[str, Any]:
    """``POST /permissions/check``; ids that are not there, or not visible, are left out without a word."""
    body = call.body(PermissionCheck)
    if body.accountId not in {None, call.caller}:
        raise Refused(403, "You need to be a Jira administrator to check the permissions of another user.")
    if unknown := [key for key in body.globalPermissions if key not in GLOBAL_PERMISSIONS]:
        raise Refused(400, f"Unrecognized permission: {', '.join(unknown)}")
    readable = {project.id: project.key for project in _readable(call)}
    granted: dict[str, tuple[set[int], set[int]]] = {}
    for asked in body.projectPermissions:
        _check_project_permissions(asked.permissions)
        if len(asked.projects) > 1000 or len(asked.issues) > 1000:
            raise Refused(400, "At most 1000 projects and 1000 issues can be checked.")
        rows = [row for row in call.site.store.issues(asked.issues) if call.site.visible(row, call.caller)]
        for key in asked.permissions:
            projects, issues = granted.setdefault(key, (set(), set()))
            projects |= {id_ for id_ in asked.projects if id_ in readable and call.permitted(key, readable[id_])}
            issues |= {row.id for row in rows if call.permitted(key, row.project)}
    return {
        "globalPermissions": [key for key in body.globalPermissions if call.may(key)],
        "projectPermissions": [
            {"permission": key, "projects": sorted(projects), "issues": sorted(issues)}
            for key, (projects, issues) in granted.items()
        ],
    }


def my_permissions(call: Call) -> dict[str, Any]:
    """``GET /mypermissions``; an anonymous visitor has none, and is not told that he is anonymous."""
    wanted = [key for key in call.query.get("permissions", "").split(",") if key]
    if not wanted:
        raise Refused(400, "The 'permissions' query parameter is required.")
    every = (*GLOBAL_PERMISSIONS, *PROJECT_PERMISSIONS)
    if unknown := [key for key in wanted if key not in every]:
        raise Refused(400, f"Unrecognized permission: {', '.join(unknown)}")
    projects = _in_context(call)
    return {
        "permissions": {
            key: {
                "id": str(every.index(key)),
                "key": key,
                "name": key.replace("_", " ").title(),
                "type": "GLOBAL" if key in GLOBAL_PERMISSIONS else "PROJECT",
                "description": "",
                "havePermission": (
                    call.may(key)
                    if key in GLOBAL_PERMISSIONS
                    else any(call.permitted(key, project) for project in projects)
                ),
            }
            for key in wanted
        }
    }


def _in_context(call: Call) -> list[str]:
    """Return the keys of the readable projects that are asked about; where none is named, of all."""
    project = call.query.get("projectKey") or call.query.get("projectId")
    issue = call.query.get("issueKey") or call.query.get("issueId")
    readable = _readable(call)
    if issue:
        row = call.site.find(issue, call.caller)
        if row is None:
            raise not_found()
        return [row.project]
    keys = [one.key for one in readable if not project or project in {one.key, str(one.id)}]
    if project and not keys:
        raise Refused(404, f"No project could be found with key or id '{project}'.")
    return keys
