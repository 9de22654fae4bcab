"""An event task's definition and what its card says -> the activity's own arguments.

One function an activity, each in the shape: take the values out of the card, call the activity. Whatever the definition
can say about a value (first of several sources, static values, constants) has happened before an activity sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_jira.activities import people
from airflow_provider_jira.activities.add_comment import Remark, add_comments
from airflow_provider_jira.activities.create_issue import create_issue
from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.marked import Tag, carries
from airflow_provider_jira.activities.once import Outbox
from airflow_provider_jira.activities.outcome import Done, Refused
from airflow_provider_jira.activities.the_card import Said, read_card, read_entries
from airflow_provider_jira.activities.the_issue import done, read_issue
from airflow_provider_jira.activities.transition_issue import transition_issue
from airflow_provider_jira.activities.update_issue import update_issue
from airflow_provider_jira.esm.store import CardStore
from airflow_provider_jira.jira.records import Visibility
from airflow_provider_jira.model import adf
from airflow_provider_jira.model.card import Entry
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
from airflow_provider_jira.model.event_values import Unmapped, texts
from airflow_provider_jira.model.marks import PROPERTY, comment_of, label
from airflow_provider_jira.model.value_rule import ValueRule


@dataclass(frozen=True)
class Case:
    """What the functions here are given.

    :param key: what makes the event the same event
    :param card_id: ESM's id of the card
    :param about: ids that marks carry
    """

    desk: Desk
    store: CardStore
    said: Said
    key: str
    card_id: str | None
    about: Mapping[str, str]

    def one(self, rule: ValueRule, name: str) -> str:
        """Take the one value of an argument.

        :raises Refused: there is none, or several
        """
        found = self.given(rule) or ()
        if len(found) != 1:
            has = "nothing" if not found else f"{len(found)} values"
            raise Refused(
                "field_wrong",
                f"The card gives {has} for `{name}`, where one value is needed: fill the attribute, or correct the "
                "rule.",
            )
        return found[0]

    def many(self, rule: ValueRule) -> tuple[str, ...]:
        """Take all values of an argument."""
        return self.given(rule) or ()

    def given(self, rule: ValueRule) -> tuple[str, ...] | None:
        """Take the values of a rule; ``None``: what Jira has is kept.

        :raises Refused: the card says something that the rule's ``map`` does not name
        """
        try:
            return texts(rule, self.said)
        except Unmapped as unmapped:
            raise Refused("field_wrong", f"There is no `map` for this: {unmapped}.") from None


def once_key(dag: str, card_id: str | None, event: str | None) -> str:
    """Say what makes two events the same.

    :param dag: DAG id of the event task
    :param card_id: ESM's id of the card
    :param event: what the run calls the event; without, a task has one event a card
    """
    return "\n".join((dag, card_id or "-", event or "-"))


async def carry_out(
    desk: Desk,
    store: CardStore,
    task: EventTask,
    said: Said,
    *,
    key: str,
    card_id: str | None,
    about: Mapping[str, str],
) -> Done:
    """Do what a definition says for what a card says.

    :param said: what stands at the paths of the definition
    :param key: what makes the event the same event
    :param card_id: ESM's id of the card
    :param about: ids that marks carry
    :raises Refused: it cannot be done
    :raises NotYet: an earlier try is still looked for
    """
    case = Case(desk, store, said, key, card_id, about)
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
    if not carries(issue.properties, mark) and not case.key.endswith("\n-"):
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
    )


async def _add_comment(case: Case, task: AddComment) -> Done:
    remarks = [
        Remark(f"{case.about['connector']}\n{case.card_id or case.key}\n{entry.text}\n{nth}", _body(entry, task))
        for entry, nth in _numbered(await _entries(case, task))
    ]
    return await add_comments(
        case.desk,
        case.one(task.issue, "issue"),
        remarks,
        visibility=_visibility(task),
        about=case.about,
    )


def _visibility(task: AddComment) -> Visibility | None:
    if task.visibility is None:
        return None
    if task.visibility.group is not None:
        return Visibility("group", task.visibility.group)
    return Visibility("role", str(task.visibility.role))


async def _entries(case: Case, task: AddComment) -> tuple[Entry, ...]:
    source = task.comment.source
    if task.card is not None and case.card_id is not None and len(source) == 1 and "." not in source[0]:
        found = await read_entries(case.store, task.card, case.card_id, source[0])
    else:
        found = tuple(Entry("", text, "") for text in case.many(task.comment))
    # what came from Jira is there already
    return tuple(entry for entry in found if entry.text.strip() and comment_of(entry.text) is None)


def _numbered(entries: tuple[Entry, ...]) -> list[tuple[Entry, int]]:
    """Number entries of the same text, so that saying the same thing twice is two things."""
    seen: Counter[str] = Counter()
    numbered = []
    for entry in entries:
        seen[entry.text] += 1
        numbered.append((entry, seen[entry.text]))
    return numbered


def _body(entry: Entry, task: AddComment) -> dict[str, Any]:
    body = adf.from_markdown(entry.text) if task.comment.as_ == "markdown" else adf.from_plain(entry.text)
    if entry.author.strip():
        author = {"type": "text", "text": f"{entry.author.strip()}:", "marks": [{"type": "strong"}]}
        body["content"].insert(0, {"type": "paragraph", "content": [author]})
    return body


async def _transition_issue(case: Case, task: TransitionIssue) -> Done:
    to, issue = case.one(task.to, "to"), case.one(task.issue, "issue")
    if task.to.received is not None:
        received = [value.text for value in case.said.get(task.to.received, ())]
        if [to.casefold()] == [text.casefold() for text in received]:
            now = await read_issue(case.desk, issue, ["status"])
            return done(case.desk, now, "The card says what it received from Jira: nothing to move.", already=True)
        if task.to.conflict == "jira" and received:
            now = await read_issue(case.desk, issue, ["status"])
            status = now.fields.get("status")
            name = str(status.get("name", "")) if isinstance(status, dict) else ""
            if name.casefold() not in (to.casefold(), received[0].casefold()):
                return done(
                    case.desk, now, "The status changed on both sides; Jira's stays.", already=True, status=name
                )
    resolution = None if task.resolution is None else next(iter(case.many(task.resolution)), None)
    moved = await transition_issue(case.desk, issue, to=to, via=task.via, resolution=resolution)
    if task.comment is None or not (remarks := _remarks(case, task.comment)):
        return moved
    await add_comments(case.desk, moved.values["id"], remarks, about=case.about)
    return moved


def _remarks(case: Case, rule: ValueRule) -> list[Remark]:
    made = adf.from_markdown if rule.as_ == "markdown" else adf.from_plain
    return [Remark(f"{case.key}\n{text}", made(text)) for text in case.many(rule) if text.strip()]


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
