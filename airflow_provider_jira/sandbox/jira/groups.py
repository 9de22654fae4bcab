"""Operations on groups and on who is in them."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.accounts import bean, is_site_admin, may_see_people
from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.directory import Group
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.people import Person
from airflow_provider_jira.sandbox.jira.profiles import mention

MAX_MEMBERS = 50


def some(call: Call) -> dict[str, Any]:
    """``GET /group/bulk``: a page of all groups, or of those with certain ids and names; unknown ones are left out."""
    may_see_people(call)
    for name in ("accessType", "applicationKey"):
        if name in call.query:
            raise Refused(400, f"The sandbox does not filter groups by '{name}'.")
    ids, names = call.query.getlist("groupId"), {name.casefold() for name in call.query.getlist("groupName")}
    found = call.site.people.groups()
    if ids or names:
        wanted = set(ids)
        found = [group for group in found if group.id in wanted or group.name.casefold() in names]
    start, most = call.page(50, call.site.switches.group_page_max)
    shown = [
        {"name": group.name, "groupId": group.id if group.shows_id else None} for group in found[start : start + most]
    ]
    return bean(call, shown, len(found), most)


def members(call: Call) -> dict[str, Any]:
    """``GET /group/member``: a page of a group's members, who can shift while someone pages through them."""
    may_see_people(call, "ADMINISTER")
    group = _asked(call)
    start, most = call.page(MAX_MEMBERS, MAX_MEMBERS)
    most = max(most, 1)
    ids, total = call.site.people.members(group.id, start, most, inactive=call.flag("includeInactiveUsers"))
    shown = [mention(call.site.people[id_], call.base, call.site.switches) for id_ in ids]
    return bean(call, shown, total, most)


def _asked(call: Call, id_key: str = "groupId", name_key: str = "groupname") -> Group:
    """Find the group that a query names, either by id or by name.

    :raises Refused: 400 neither or both are there; 404 there is no such group
    """
    id_, name = call.query.get(id_key), call.query.get(name_key)
    if (id_ is None) == (name is None):
        raise Refused(400, f"Exactly one of '{id_key}' and '{name_key}' must be given.")
    people = call.site.people
    found = people.group(id_) if id_ is not None else people.group_named(str(name))
    if found is None:
        raise Refused(404, f"The group '{id_ or name}' does not exist.")
    return found


class NewGroup(msgspec.Struct):
    """Body of ``POST /group``."""

    name: str


def create(call: Call) -> dict[str, Any]:
    """``POST /group``: refused where a group has that name, in whatever case."""
    is_site_admin(call)
    name = call.body(NewGroup).name.strip()
    if not name:
        raise Refused(400, "A group needs a name.")
    if call.site.people.group_named(name) is not None:
        raise Refused(400, f"A group with the name '{name}' already exists.")
    group = Group(str(uuid.uuid4()), name)
    call.site.people.save_group(group)
    return _shown(call, group)


def _shown(call: Call, group: Group) -> dict[str, Any]:
    ids, total = call.site.people.members(group.id, 0, MAX_MEMBERS, inactive=False)
    return {
        "name": group.name,
        "groupId": group.id,
        "self": f"{call.base}/rest/api/3/group?groupId={group.id}",
        "users": {
            "size": total,
            "items": [mention(call.site.people[id_], call.base, call.site.switches) for id_ in ids],
            "max-results": MAX_MEMBERS,
            "start-index": 0,
            "end-index": max(len(ids) - 1, 0),
        },
        "expand": "users",
    }


def delete(call: Call) -> None:
    """``DELETE /group``: 200; another group takes over the comments that were kept for this one, and nothing else.

    Where none is named, nobody sees these comments any more.
    """
    is_site_admin(call)
    group, heir = _asked(call), None
    if "swapGroupId" in call.query or "swapGroup" in call.query:
        heir = _asked(call, "swapGroupId", "swapGroup").id
    _refuse_external(group)
    if heir is not None:
        call.site.comments.hand_over(group.id, heir)
    call.site.people.delete_group(group.id)
    call.site.actors.forget_group(group.id)


class NewMember(msgspec.Struct):
    """Body of ``POST /group/user``."""

    accountId: str | None = None  # noqa: N815 - Jira's spelling


def add_member(call: Call) -> dict[str, Any]:
    """``POST /group/user``: 201; 400 for someone who is in the group already."""
    is_site_admin(call)
    group, person = _asked(call), _person(call, call.body(NewMember).accountId)
    _refuse_external(group)
    if not call.site.people.join(group.id, person.account_id):
        raise Refused(400, f"Cannot add user '{person.account_id}': the user is already a member of '{group.name}'.")
    return _shown(call, group)


def remove_member(call: Call) -> None:
    """``DELETE /group/user``: 200; 400 for someone who is not in the group."""
    is_site_admin(call)
    group, person = _asked(call), _person(call, call.query.get("accountId"))
    _refuse_external(group)
    if not call.site.people.leave(group.id, person.account_id):
        raise Refused(400, f"Cannot remove user '{person.account_id}': the user is not a member of '{group.name}'.")


def _person(call: Call, id_: str | None) -> Person:
    if not id_:
        raise Refused(400, "The 'accountId' is missing.")
    person = call.site.people.known(id_)
    if person is None:
        raise Refused(404, f"The user '{id_}' does not exist.")
    return person


def _refuse_external(group: Group) -> None:
    if group.external:
        raise Refused(400, f"The group '{group.name}' is managed externally and cannot be changed here.")
