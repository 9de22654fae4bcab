"""The ground truth about people: ``/_sandbox/truth/people``, ``groups``, ``memberships`` and ``roles``.

It is written from what the site keeps and not from Jira's answers, so that a mistake in those cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from airflow_provider_jira.sandbox.control import as_json
from airflow_provider_jira.sandbox.jira.catalog import ROLES
from airflow_provider_jira.sandbox.jira.site import Site


def routes(site: Site) -> list[Route]:
    """Return the routes below ``/_sandbox/``."""
    return [
        Route(f"/_sandbox/truth/{work.__name__}", _shown(work, site)) for work in (people, groups, memberships, roles)
    ]


def _shown(work: Callable[[Site], Any], site: Site) -> Callable[[Request], Any]:
    async def answer(_: Request) -> Response:
        return as_json(work(site))

    return answer


def people(site: Site) -> list[dict[str, Any]]:
    """Everybody, in the order of the list of all people.

    ``emailAddress`` is the true one, also where ``emailHidden`` says that Jira must not show it; ``state`` says what
    became of the account.
    """
    return [
        {
            "accountId": person.account_id,
            "displayName": person.name,
            "accountType": person.account_type,
            "appType": person.app_type,
            "active": person.active,
            "emailAddress": person.email,
            "emailHidden": person.email_hidden,
            "timeZone": person.time_zone,
            "locale": person.locale,
            "state": person.state,
            "access": person.access,
        }
        for person in site.people.values()
    ]


def groups(site: Site) -> list[dict[str, Any]]:
    """All groups, ordered by name."""
    return [
        {"groupId": group.id, "name": group.name, "external": group.external, "showsId": group.shows_id}
        for group in site.people.groups()
    ]


def memberships(site: Site) -> dict[str, list[str]]:
    """Group id -> account ids of its members, inactive ones included, ascending."""
    return dict(site.people.memberships())


def roles(site: Site) -> list[dict[str, Any]]:
    """Every role of every project with the ids of those who hold it, ascending."""
    return [
        {
            "projectId": project.id,
            "projectKey": project.key,
            "roleId": id_,
            "name": name,
            "users": sorted(actor.holder for actor in actors if actor.kind == "user"),
            "groups": sorted(actor.holder for actor in actors if actor.kind == "group"),
        }
        for project in site.projects.values()
        for id_, (name, _) in ROLES.items()
        for actors in [site.actors.of(project.key, id_)]
    ]
