"""An event task's definition and what its card says -> the activity's own arguments.

One function an activity, each in the shape: take the values out of the card, call the activity. Whatever the definition
can say about a value (first of several sources, static values, constants) has happened before an activity sees it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import tzinfo
from typing import Any

from airflow_provider_jira.activities import people
from airflow_provider_jira.activities.add_comment import add_comments
from airflow_provider_jira.activities.case import Case
from airflow_provider_jira.activities.create_issue import create_issue
from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.marked import Tag, carries
from airflow_provider_jira.activities.once import Outbox
from airflow_provider_jira.activities.outcome import Done
from airflow_provider_jira.activities.remarks import remarks_of_entries, remarks_of_texts
from airflow_provider_jira.activities.the_card import Said, read_card
from airflow_provider_jira.activities.the_issue import done, read_issue
from airflow_provider_jira.activities.transition_issue import transition_issue
from airflow_provider_jira.activities.update_issue import update_issue
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.jira.records import Visibility
from airflow_provider_jira.model.event_tasks import (
    AddComment,
    AddUserToGroup,
    CreateGroup,
    CreateIssue,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    EventTask,
    RemoveUserFromGroup,
    TransitionIssue,
    UpdateIssue,
)
from airflow_provider_jira.model.marks import PROPERTY, label
from airflow_provider_jira.model.value_rule import ValueRule


async def carry_out(
    desk: Desk,
    store: CardStore,
    task: EventTask,
    said: Said,
    *,
    key: str,
    card_id: str | None,
    about: Mapping[str, str],
    zone: tzinfo,
) -> Done:
    """Do what a definition says for what a card says.

    :param said: what stands at the paths of the definition
    :param key: what makes the event the same event
    :param card_id: ESM's id of the card
    :param about: ids that marks carry
    :param zone: the connector's time zone
    :raises Refused: it cannot be done
    :raises NotYet: an earlier try is still looked for
    """
    case = Case(desk, store, said, key, card_id, about, zone)
    return await _ACTIVITIES[type(task)](case, task)


async def _create_issue(case: Case, task: CreateIssue) -> Done:
    if (linked := await _linked(case, task)) is not None:
        return linked
    rules = task.other_fields()
    return await create_issue(
        case.desk,
        case.key,
        project=case.one(task.project, "project"),
        issue_type_name=case.one(task.issue_type, "issueType"),
        values=_values(case, rules),
        markdown=_markdown(rules),
        tag=_tag(case, task),
        zone=case.zone,
        about=case.about,
    )


def _tag(case: Case, task: CreateIssue) -> Tag | None:
    if task.mark is None:
        return None
    word = label(case.card_id or Outbox(case.desk.state, case.key, now=case.desk.now).mark)
    return Tag("labels" if task.mark == "label" else task.mark, word)


async def _linked(case: Case, task: CreateIssue) -> Done | None:
    """Find the issue that the card names already."""
    codes = [code for code, name in sorted(task.results().items()) if name in ("id", "key")]
    if task.card is None or case.card_id is None or not codes:
        return None
    said = await read_card(case.store, task.card, case.card_id, codes)
    named = next((values[0].text for code in codes if (values := said[code])), None)
    if named is None:
        return None
    issue = await read_issue(case.desk, named, ["status"], [PROPERTY])
    mark = Outbox(case.desk.state, case.key, now=case.desk.now).mark
    if not carries(issue.properties, mark) and not case.key.endswith("\n"):
        return None  # the run names an event of its own, and this is another one's issue
    return done(case.desk, issue, f"The card names issue {issue.key} already.", already=True)


async def _update_issue(case: Case, task: UpdateIssue) -> Done:
    received = {
        name: tuple(value.text for value in case.said.get(rule.received, ()))
        for name, rule in task.attributes.items()
        if rule.received is not None
    }
    return await update_issue(
        case.desk,
        case.one(task.issue, "issue"),
        values=_values(case, task.attributes),
        markdown=_markdown(task.attributes),
        received=received,
        conflict={name: rule.conflict for name, rule in task.attributes.items()},
        zone=case.zone,
    )


async def _add_comment(case: Case, task: AddComment) -> Done:
    return await add_comments(
        case.desk,
        case.one(task.issue, "issue"),
        await remarks_of_entries(case, task),
        visibility=_visibility(task),
        about=case.about,
    )


def _visibility(task: AddComment) -> Visibility | None:
    if task.visibility is None:
        return None
    if task.visibility.group is not None:
        return Visibility("group", task.visibility.group)
    return Visibility("role", str(task.visibility.role))


async def _transition_issue(case: Case, task: TransitionIssue) -> Done:
    received = None if task.to.received is None else case.said.get(task.to.received, ())
    moved = await transition_issue(
        case.desk,
        case.one(task.issue, "issue"),
        to=case.one(task.to, "to"),
        via=task.via,
        resolution=None if task.resolution is None else next(iter(case.many(task.resolution)), None),
        received=received[0].text if received else None,
        conflict=task.to.conflict,
    )
    if task.comment is not None and (remarks := remarks_of_texts(case, task.comment)):
        await add_comments(case.desk, moved.values["id"], remarks, about=case.about)
    return moved


async def _create_user(case: Case, task: CreateUser) -> Done:
    return await people.create_user(case.desk, case.one(task.email, "email"), products=task.products)


async def _delete_user(case: Case, task: DeleteUser) -> Done:
    return await people.delete_user(case.desk, case.one(task.user, "user"))


async def _create_group(case: Case, task: CreateGroup) -> Done:
    return await people.create_group(case.desk, case.one(task.name, "name"))


async def _delete_group(case: Case, task: DeleteGroup) -> Done:
    swap = None if task.swap_group is None else case.one(task.swap_group, "swap_group")
    return await people.delete_group(case.desk, case.one(task.group, "group"), swap_group=swap)


async def _add_user_to_group(case: Case, task: AddUserToGroup) -> Done:
    return await people.add_user_to_group(case.desk, case.one(task.user, "user"), case.many(task.groups))


async def _remove_user_from_group(case: Case, task: RemoveUserFromGroup) -> Done:
    return await people.remove_user_from_group(case.desk, case.one(task.user, "user"), case.many(task.groups))


_ACTIVITIES: dict[type[EventTask], Callable[[Case, Any], Awaitable[Done]]] = {
    CreateIssue: _create_issue,
    UpdateIssue: _update_issue,
    AddComment: _add_comment,
    TransitionIssue: _transition_issue,
    CreateUser: _create_user,
    DeleteUser: _delete_user,
    CreateGroup: _create_group,
    DeleteGroup: _delete_group,
    AddUserToGroup: _add_user_to_group,
    RemoveUserFromGroup: _remove_user_from_group,
}


def _values(case: Case, rules: Mapping[str, ValueRule]) -> dict[str, tuple[str, ...]]:
    found = ((name, case.given(rule)) for name, rule in rules.items())
    return {name: each for name, each in found if each is not None}


def _markdown(rules: Mapping[str, ValueRule]) -> frozenset[str]:
    return frozenset(name for name, rule in rules.items() if rule.as_ == "markdown")
