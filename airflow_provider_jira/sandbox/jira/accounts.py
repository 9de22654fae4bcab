"""Operations on people: all of them, some by id, their groups, inviting and removing.

What the real site's answers are in cases that nobody has written down is chosen here so: an account that was removed
from the site, or forgotten, goes on being found by its id; a corrupt record, whose id nobody knows, does not.
"""

from __future__ import annotations

import random
from typing import Any

import msgspec

from airflow_provider_jira.sandbox.jira.calls import Call
from airflow_provider_jira.sandbox.jira.catalog import ROBOT_ID
from airflow_provider_jira.sandbox.jira.errors import Refused
from airflow_provider_jira.sandbox.jira.people import Person, account_id
from airflow_provider_jira.sandbox.jira.profiles import profile

MAX_PEOPLE = 1000
PRODUCTS = ("jira-core", "jira-servicedesk", "jira-product-discovery", "jira-software")


def may_see_people(call: Call, *others: str) -> None:
    """Refuse a caller who may not see people and groups: 401 without login, 403 with one.

    :param others: permissions that will do instead
    """
    if call.caller is None:
        raise Refused(401, "You are not authenticated. Authentication required to perform this operation.")
    if not any(call.may(key) for key in ("USER_PICKER", *others)):
        raise Refused(403, "You do not have the 'Browse users and groups' global permission.")


def is_site_admin(call: Call) -> None:
    """Refuse a caller who does not administer the site: 401 without login, 403 with one."""
    if call.caller is None:
        raise Refused(401, "You are not authenticated. Authentication required to perform this operation.")
    if not call.may("SYSTEM_ADMIN"):
        raise Refused(403, "Only site administrators can change users and groups.")


def everyone(call: Call) -> list[dict[str, Any]]:
    """``GET /users/search`` and ``GET /users``: a page of everybody, without a word about how many there are."""
    if call.caller is None and call.site.switches.anonymous_users == "empty":
        return []
    if not call.may("USER_PICKER"):
        raise Refused(403, "You do not have the 'Browse users and groups' global permission.")
    start, most = call.page(50, MAX_PEOPLE)
    limit = call.site.switches.people_page_limit
    if limit is not None and most > limit:
        raise Refused(409, "The search for users took too long and was interrupted.")
    found = call.site.people.page(start, most, forgotten=call.site.switches.forgotten_people == "listed")
    return [profile(person, call.base, call.site.switches) for person in found]


def some(call: Call) -> dict[str, Any]:
    """``GET /user/bulk``: a page of the people with certain ids; unknown ones are left out without a word."""
    ids, limit = list(dict.fromkeys(call.query.getlist("accountId"))), call.site.switches.people_by_id_max
    if not ids:
        raise Refused(400, "The 'accountId' query parameter is required.")
    if len(ids) > limit:
        raise Refused(400, f"At most {limit} account ids can be asked for at once, not {len(ids)}.")
    start, most = call.page(10, limit)
    found = [person for id_ in ids if (person := _found(call, id_)) is not None]
    return bean(call, [profile(one, call.base, call.site.switches) for one in found[start:][:most]], len(found), most)


def bean(call: Call, values: list[Any], total: int, most: int) -> dict[str, Any]:
    """Return a page bean.

    :param values: what is on the page
    :param total: how many there are on all pages
    :param most: the page size that was honoured
    """
    start = max(call.number("startAt", 0), 0)
    here = f"{call.base}{call.url.path[call.url.path.index('/rest/') :]}"
    others = "&".join(part for part in call.url.query.split("&") if part and not part.startswith(("startAt=", "maxR")))

    def link(at: int) -> str:
        return f"{here}?{others}{'&' if others else ''}startAt={at}&maxResults={most}"

    last = start + len(values) >= total
    more = {} if last else {"nextPage": link(start + most)}
    page = {"maxResults": most, "startAt": start, "total": total, "isLast": last, "values": values}
    return {"self": link(start), **more, **page}


def _found(call: Call, id_: str | None) -> Person | None:
    person = call.site.people.get(id_ or "")
    return None if person is None or person.state == "corrupt" else person


def one(call: Call) -> dict[str, Any]:
    """``GET /user``: one person, and the groups where these are asked for."""
    may_see_people(call)
    person = _asked(call)
    shown = profile(person, call.base, call.site.switches)
    wanted = {part.strip() for part in call.query.get("expand", "").split(",")}
    groups = [named(call, group.id) for group in call.site.people.groups_of(person.account_id)]
    shown["groups"] = {"size": len(groups), "items": groups if "groups" in wanted else []}
    shown["applicationRoles"] = {"size": 1 if person.active and person.access else 0, "items": []}
    shown["expand"] = "groups,applicationRoles"
    return shown


def groups_of_one(call: Call) -> list[dict[str, Any]]:
    """``GET /user/groups``: the groups of one person, all at once."""
    may_see_people(call)
    return [named(call, group.id) for group in call.site.people.groups_of(_asked(call).account_id)]


def _asked(call: Call) -> Person:
    id_ = call.query.get("accountId")
    if not id_:
        raise Refused(400, "The 'accountId' query parameter is required.")
    person = _found(call, id_)
    if person is None:
        raise Refused(404, f"Specified user does not exist or you do not have required permissions: '{id_}'")
    return person


def named(call: Call, group: str) -> dict[str, Any]:
    """Show a group as people's answers do."""
    found = call.site.people.group(group)
    if found is None:
        raise KeyError(group)
    link = f"{call.base}/rest/api/3/group?groupId={found.id}"
    return {"name": found.name, "groupId": found.id if found.shows_id else None, "self": link}


class NewUser(msgspec.Struct):
    """Body of ``POST /user``; what else the document lists is ignored, as it says."""

    emailAddress: str  # noqa: N815 - Jira's spelling
    products: list[str]


def invite(call: Call) -> dict[str, Any]:
    """``POST /user``: 201 also for someone who has access already; 400 where there is an account without any.

    An empty list of products makes such an account, so whether that very request can be repeated is a switch.
    """
    _may_invite(call)
    body = call.body(NewUser)
    if "@" not in body.emailAddress:
        raise Refused(400, errors={"emailAddress": "The email address is not valid."})
    if unknown := [name for name in body.products if name not in PRODUCTS]:
        raise Refused(400, f"These products are not known: {', '.join(unknown)}")
    wanted = body.emailAddress.casefold()
    for person in call.site.people.values():
        if person.email is not None and person.email.casefold() == wanted:
            again = call.site.switches.bare_invitations == "repeat" and not body.products
            if not (person.active and (person.access or again)):
                raise Refused(400, "A user with this email address already exists, without access to Jira.")
            return profile(person, call.base, call.site.switches)
    if body.products:
        _take_licence(call)
    made = Person(
        account_id(random.Random(f"invited {wanted}")),
        # What a name is before its owner has set one up is not written down anywhere.
        wanted.partition("@")[0],
        "atlassian",
        email=body.emailAddress,
        access=bool(body.products),
    )
    call.site.people.save(made)
    return profile(made, call.base, call.site.switches)


def _may_invite(call: Call) -> None:
    """Refuse whoever is not both: administrator of the organization, and of Jira."""
    if call.caller is None:
        raise Refused(401, "You are not authenticated. Authentication required to perform this operation.")
    if not call.may("SYSTEM_ADMIN"):
        raise Refused(403, "Only organization administrators can create users.")
    if not call.may("ADMINISTER"):
        raise Refused(403, "Only Jira administrators can create users.")


def _take_licence(call: Call) -> None:
    left = call.site.switches.licences_left
    if left is None:
        return
    if left < 1:
        raise Refused(400, "The user cannot be created: the number of licensed users has been exceeded.")
    call.site.switches.licences_left = left - 1


def remove(call: Call) -> None:
    """``DELETE /user``: removes someone from the site; the account stays, and so do the roles held in projects."""
    is_site_admin(call)
    person = _asked(call)
    if call.site.people.known(person.account_id) is None:
        raise Refused(404, f"The user '{person.account_id}' does not exist on this site.")
    if person.account_id == ROBOT_ID or person.account_type == "app" or not person.removable:
        raise Refused(400, f"The user '{person.account_id}' cannot be removed.")
    call.site.people.leave_all(person.account_id)
    call.site.people.save(person.leaving("removed"))
