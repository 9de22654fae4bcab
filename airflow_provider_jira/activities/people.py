"""Create and delete users and groups, and who is in which group.

None of these needs an outbox: asking twice leaves Jira as asking once, and "already so" is an answer. A lost answer is
simply asked for again. The one exception is a group's creation, which Jira refuses the second time because the name is
taken: the group of that name is then the one that was wanted.

All of it takes the rights of the site's or the organization's administrator (Jira reference, 3 and 4).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.outcome import Done, Refused
from airflow_provider_jira.activities.screens import refusals, repeatable

Answer = TypeVar("Answer")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


async def create_user(desk: Desk, email: str, *, products: Sequence[str] = ()) -> Done:
    """Give somebody access to the site; an account that has it already is left as it is.

    :param email: address of the person
    :param products: ``jira-software`` … that the account gets access to
    :returns: ``accountId``
    :raises Refused: Jira does not; the message says which right, licence or account is in the way
    """
    _needs("email", email)
    account = await _asked(lambda: desk.jira.people_writing.create_user(email.strip(), list(products)))
    return Done({"accountId": account})


async def delete_user(desk: Desk, user: str) -> Done:
    """Take a person's access to the site away; the Atlassian account itself stays.

    :param user: account id
    """
    _needs("user", user)
    was = await _asked(lambda: desk.jira.people_writing.delete_user(user.strip()))
    notes = () if was else ("There was no such user any more.",)
    return Done({"accountId": user.strip()}, notes, already=not was)


async def create_group(desk: Desk, name: str) -> Done:
    """Create a group, or find the one that has this name.

    :param name: of the group
    :returns: ``groupId``, ``name``
    """
    _needs("name", name)
    wanted = name.strip()
    if (there := await _asked(lambda: desk.jira.people_writing.group_named(wanted))) is not None:
        return Done({"groupId": there.group_id, "name": there.name}, ("There was a group of this name.",), already=True)
    made = await _asked(lambda: desk.jira.people_writing.create_group(wanted))
    return Done({"groupId": made.group_id, "name": made.name})


async def delete_group(desk: Desk, group: str, *, swap_group: str | None = None) -> Done:
    """Delete a group.

    :param group: id or name of the group
    :param swap_group: id or name of the group that comments and worklogs restricted to the deleted one are moved to;
        without it nobody can read those any more
    """
    _needs("group", group)
    swap = await known_group(desk, swap_group) if swap_group and swap_group.strip() else None
    wanted = await _group_id(desk, group)
    if wanted is not None and swap == wanted:
        raise Refused("field_wrong", "The group to delete and the group to swap with are the same one.")
    if wanted is None or not await _asked(lambda: desk.jira.people_writing.delete_group(wanted, swap)):
        return Done({} if wanted is None else {"groupId": wanted}, ("There was no such group any more.",), already=True)
    return Done({"groupId": wanted})


async def add_user_to_group(desk: Desk, user: str, groups: Sequence[str]) -> Done:
    """Put a person into groups.

    :param user: account id
    :param groups: ids or names of groups, one or several
    :returns: ``accountId``; notes name the groups that the person was in already
    :raises Refused: into some groups Jira did not; ``failed`` names them, the others are done
    """
    return await _memberships(
        desk, user, groups, desk.jira.people_writing.add_member, already="is already a member of", verb="added to"
    )


async def remove_user_from_group(desk: Desk, user: str, groups: Sequence[str]) -> Done:
    """Take a person out of groups.

    :param user: account id
    :param groups: ids or names of groups, one or several
    :returns: ``accountId``; notes name the groups that the person was not in
    :raises Refused: out of some groups Jira did not; ``failed`` names them, the others are done
    """
    return await _memberships(
        desk, user, groups, desk.jira.people_writing.remove_member, already="is not a member of", verb="removed from"
    )


async def _memberships(
    desk: Desk,
    user: str,
    groups: Sequence[str],
    change: Callable[[str, str], Awaitable[bool]],
    *,
    already: str,
    verb: str,
) -> Done:
    _needs("user", user)
    wanted = list(dict.fromkeys(group.strip() for group in groups if group.strip()))
    if not wanted:
        raise Refused("field_wrong", "No group is named: the attribute that `groups` points at is empty.")
    notes: list[str] = []
    failed: dict[str, str] = {}
    for group in wanted:
        changed = await _changed(desk, change, group, user.strip())
        if isinstance(changed, Refused):
            failed[group] = changed.message
        elif not changed:
            notes.append(f"The user {already} group {group}.")
    if failed:
        reasons = "; ".join(f"{group}: {reason}" for group, reason in failed.items())
        raise Refused(
            "membership",
            f"The user was not {verb} {len(failed)} of {len(wanted)} groups. {reasons}",
            failed=tuple(failed),
        )
    return Done({"accountId": user.strip()}, tuple(notes), already=len(notes) == len(wanted))


async def _changed(desk: Desk, change: Callable[[str, str], Awaitable[bool]], group: str, user: str) -> bool | Refused:
    """Change one membership; a refusal is this group's, the others are changed all the same."""
    try:
        wanted = await known_group(desk, group)
        return await _asked(lambda: change(wanted, user))
    except Refused as refused:
        return refused


async def _asked(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    with refusals(), repeatable():
        return await ask()


async def _group_id(desk: Desk, group: str) -> str | None:
    """Find a group's id: ids are UUIDs, all else is a name."""
    if _UUID.fullmatch(group.strip()):
        return group.strip()
    found = await _asked(lambda: desk.jira.people_writing.group_named(group.strip()))
    return None if found is None else found.group_id


async def known_group(desk: Desk, group: str) -> str:
    """Find a group's id.

    :param group: its id or name
    :raises Refused: there is none of this name
    """
    found = await _group_id(desk, group)
    if found is None:
        raise Refused("group_missing", f"Jira has no group {group.strip()!r}: create it, or correct the card.")
    return found


def _needs(name: str, value: str) -> None:
    if not value.strip():
        raise Refused("field_wrong", f"The card gives nothing for `{name}`: the attribute that it points at is empty.")
