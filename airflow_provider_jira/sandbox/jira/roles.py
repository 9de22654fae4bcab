"""Operations on project roles.

They need a Jira administrator, or one of the project. Whoever is neither is answered as someone who has not logged in
(401), or as if the project were not there (404), depending on the operation.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from airflow_provider_jira.sandbox.jira.actors import Actor
from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.catalog import ADMIN_ROLE, ROLES, Project
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.profiles import mention


def every(call: Call) -> list[dict[str, Any]]:
    """``GET /role``: all roles of the site, with those who hold them in a new project (nobody does)."""
    if not (call.may("ADMINISTER") or _administers_projects(call)):
        raise Refused(403, "You do not have permission to view the project roles.")
    return [
        {
            "self": f"{call.base}/rest/api/3/role/{id_}",
            "name": name,
            "id": id_,
            "description": text,
            "actors": [],
            "admin": id_ == ADMIN_ROLE,
            "default": False,
        }
        for id_, (name, text) in ROLES.items()
    ]


def of_project(call: Call) -> dict[str, str]:
    """``GET /project/{projectIdOrKey}/role``: name -> URL."""
    project = _project(call, 401)
    return {name: f"{call.base}/rest/api/3/project/{project.id}/role/{id_}" for id_, (name, _) in ROLES.items()}


def one(call: Call) -> dict[str, Any]:
    """``GET /project/{projectIdOrKey}/role/{id}``: the role and who holds it there, ordered by display name."""
    project = _project(call, 404)
    return _shown(call, project, _role(call))


class NewActors(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /project/{projectIdOrKey}/role/{id}``."""

    user: list[str] = []
    group: list[str] = []
    groupId: list[str] = []  # noqa: N815 - Jira's spelling


def add(call: Call) -> dict[str, Any]:
    """``POST /project/{projectIdOrKey}/role/{id}``: all of them or, where one is not there, nobody."""
    project, role, body = _project(call, 401), _role(call), call.body(NewActors)
    if body.group and body.groupId:
        raise Refused(400, "Only one of 'group' and 'groupId' can be given.")
    if not (body.user or body.group or body.groupId):
        raise Refused(400, "Nobody is named to be added to the role.")
    groups = [_group(call, name=name) for name in body.group] + [_group(call, id_=id_) for id_ in body.groupId]
    for id_ in body.user:
        person = call.site.people.known(id_)
        if person is None or not person.active:
            raise Refused(404, f"The user '{id_}' does not exist or is not active.")
    for id_ in body.user:
        call.site.actors.add(project.key, role, "user", id_)
    for id_ in groups:
        call.site.actors.add(project.key, role, "group", id_)
    return _shown(call, project, role)


def remove(call: Call) -> None:
    """``DELETE /project/{projectIdOrKey}/role/{id}``: one holder; 404 for one who does not hold it."""
    project, role = _project(call, 404), _role(call)
    given = {name: call.query[name] for name in ("user", "group", "groupId") if name in call.query}
    if len(given) != 1:
        raise Refused(400, "Exactly one of 'user', 'group' and 'groupId' must be given.")
    ((name, value),) = given.items()
    kind: Literal["user", "group"] = "user" if name == "user" else "group"
    holder = value if name != "group" else _group(call, name=value)
    if not call.site.actors.remove(project.key, role, kind, holder):
        raise Refused(404, f"The {kind} '{value}' does not hold this role in project {project.key}.")


def _administers_projects(call: Call) -> bool:
    return call.caller is not None and "ADMINISTER_PROJECTS" not in call.site.switches.denied_permissions


def _project(call: Call, otherwise: int) -> Project:
    """Find the project that the path names.

    :param otherwise: status for a caller who administers neither Jira nor the project
    :raises Refused: that, or 404
    """
    if not (call.may("ADMINISTER") or _administers_projects(call)):
        raise Refused(otherwise, "You do not have permission to administer this project.")
    text = call.path["project"]
    for project in call.site.projects.values():
        if text in {project.key, str(project.id)} and project.readable:
            return project
    raise Refused(404, f"No project could be found with key or id '{text}'.")


def _role(call: Call) -> int:
    text = call.path["role"]
    if not text.isdigit():
        raise Refused(400, f"'{text}' is not the id of a role.")
    if int(text) not in ROLES:
        raise Refused(404, f"Can not retrieve a role actor for a null project role: {text}")
    return int(text)


def _group(call: Call, *, id_: str | None = None, name: str = "") -> str:
    group = call.site.people.group_named(name) if id_ is None else call.site.people.group(id_)
    if group is None:
        raise Refused(404, f"The group '{id_ or name}' does not exist.")
    return group.id


def _shown(call: Call, project: Project, role: int) -> dict[str, Any]:
    active = call.flag("excludeInactiveUsers")
    name, text = ROLES[role]
    actors = [
        shown for actor in call.site.actors.of(project.key, role) if (shown := _actor(call, actor, active=active))
    ]
    return {
        "self": f"{call.base}/rest/api/3/project/{project.id}/role/{role}",
        "name": name,
        "id": role,
        "description": text,
        "actors": sorted(actors, key=lambda actor: actor["displayName"]),
        "scope": {"type": "PROJECT", "project": {"id": str(project.id), "key": project.key, "name": project.name}},
    }


def _actor(call: Call, actor: Actor, *, active: bool) -> dict[str, Any] | None:
    about = {"id": actor.id, "type": f"atlassian-{actor.kind}-role-actor"}
    if actor.kind == "group":
        group = call.site.people.group(actor.holder)
        if group is None:
            return None
        shown = {"displayName": group.name, "name": group.name, "groupId": group.id}
        return {**about, "displayName": group.name, "name": group.name, "actorGroup": shown}
    person = call.site.people[actor.holder]
    if active and not person.active:
        return None
    mentioned = mention(person, call.base, call.site.switches)
    return {
        **about,
        "displayName": mentioned["displayName"],
        "actorUser": {"accountId": mentioned["accountId"]},
        "avatarUrl": mentioned["avatarUrls"]["16x16"],
    }
