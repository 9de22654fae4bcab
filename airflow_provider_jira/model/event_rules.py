"""Rules between the keys of an event task: what each activity needs, what it cannot set, and that no attribute of the
card is written by two hands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from airflow_provider_jira.model.eql_condition import attributes_in
from airflow_provider_jira.model.problems import MISSING, Finding, KeyPath, path_text, shown

if TYPE_CHECKING:
    from airflow_provider_jira.model.event_base import EventTask
    from airflow_provider_jira.model.event_tasks import CreateIssue, CreateUser, DeleteGroup, TransitionIssue
    from airflow_provider_jira.model.value_rule import ValueRule

NEEDED_FIELDS = {
    "project": ("project", "add project: {value: SUP}, with the project's key"),
    "issuetype": ("issueType", "add issueType: {value: Bug}, by name or id"),
    "summary": ("summary", "add summary: subject, with the ESM attribute that holds it"),
}
"""What no issue can be made without (Jira reference, 5.1), by :func:`field_key`."""

_NOT_A_FIELD = {
    "status": "use activity transition_issue",
    "comment": "use activity add_comment",
    "comments": "use activity add_comment",
    **dict.fromkeys(
        """
        key id issuekey created updated creator statuscategory votes watches watchers progress aggregateprogress
        subtasks lastviewed workratio resolutiondate resolved
        """.split(),  # noqa: SIM905 - a table of words is read and extended more easily
        "remove it: Jira fills it",
    ),
    **dict.fromkeys(("attachment", "attachments", "worklog", "worklogs", "issuelinks", "linkedissues"),
                    "remove it: it is no field that takes a value; JiraHttpOperator reaches its endpoint"),
}  # fmt: skip
_ONE_LINE = ("project", "issuetype", "summary")


def field_key(name: str) -> str:
    """Write the name of a Jira field so that its usual spellings are one: ``issueType``, ``issuetype``, ``Issue Type``.

    :param name: id or display name
    """
    return re.sub(r"[\s_-]+", "", name.casefold())


def event_findings(task: EventTask) -> Iterator[Finding]:
    """Check what holds for every event task.

    :param task: a task whose keys are right one by one
    """
    yield from _reading(task)
    yield from _poll(task)
    yield from _twice(task)
    if task.on_exception is not None and task.on_exception.set is None and task.on_exception.attribute is None:
        yield Finding(("on_exception",), "on_exception says nothing", "give set, or attribute, or remove it")
    for name, rule in task.arguments().items():
        needed, rich, both_ways = (name in which for which in (task.NEEDED, task.RICH, task.BOTH_WAYS))
        yield from _rule((name,), rule, needed=needed, rich=rich, both_ways=both_ways)


def _reading(task: EventTask) -> Iterator[Finding]:
    """Hold against the card what needs one."""
    if task.card is not None:
        return
    if not task.allow_values_in_conf:
        found = "neither a card nor values in conf are read, so there is nothing to send"
        yield Finding((), found, "add card: {template: incident}, or allow_values_in_conf: true")
    mend = "add card: {template: …}, or remove it"
    for key in ("poll", "on_completed", "on_exception", "write_back", "membership_failures"):
        if getattr(task, key, None) is not None:
            yield Finding((key,), f"{key} needs a card, and this task has none", mend)
    for place, rule in task.rules().items():
        if rule.received is not None:
            path = (*_path(place), "received")
            yield Finding(path, "received is an attribute of a card, and this task has none", mend)


def _poll(task: EventTask) -> Iterator[Finding]:
    if task.poll is None or task.card is None:
        return
    if not attributes_in(task.poll.filter).intersection(task.written_codes()):
        found = "the filter names no attribute that this task writes, so a card still matches when it is done"
        mend = "set one of its attributes in write_back or on_completed, or let ESM change one"
        yield Finding(("poll", "filter"), found, mend, "warning")


def _twice(task: EventTask) -> Iterator[Finding]:
    """Refuse two writers of one attribute. What both exits set is no clash: a run leaves by one of them."""
    failures = getattr(task, "membership_failures", None)
    first: list[tuple[KeyPath, str]] = [(("write_back", code), code) for code in task.results()]
    first += [] if failures is None else [(("membership_failures",), failures)]
    completed = [] if task.on_completed is None else list(task.on_completed.set)
    yield from _clashes(first, [(("on_completed", "set", code), code) for code in completed])
    if task.on_exception is not None:
        last: list[tuple[KeyPath, str]] = [
            (("on_exception", "set", code), code) for code in task.on_exception.set or ()
        ]
        if task.on_exception.attribute is not None:
            last.append((("on_exception", "attribute"), task.on_exception.attribute))
        yield from _clashes(first, last)
    if task.card is not None and task.card.key in task.written_codes():
        found = f"the key {shown(task.card.key)} is written by this task, so the card would be found no more"
        yield Finding(("card", "key"), found, "name an attribute that never changes")


def _clashes(first: Iterable[tuple[KeyPath, str]], then: Iterable[tuple[KeyPath, str]]) -> Iterator[Finding]:
    writers = {code: path for path, code in first}
    for path, code in then:
        if code in writers:
            found = f"attribute {shown(code)} is also written by {path_text(writers[code])}"
            yield Finding(path, found, "name an attribute that nothing else writes")
        writers.setdefault(code, path)


def _path(place: str) -> KeyPath:
    """Turn a place as :meth:`~.event_base.EventTask.rules` names it into a path."""
    head, dot, name = place.partition(".")
    return (head, name) if dot else (head,)


def _rule(path: KeyPath, rule: ValueRule, *, needed: bool, rich: bool, both_ways: bool) -> Iterator[Finding]:
    """Hold a rule against where it stands."""
    given = rule.model_fields_set
    if needed and "when_empty" in given:
        found = "when_empty has no effect: without a value here the run cannot do its work and says so"
        yield Finding((*path, "when_empty"), found, "remove it")
    if rule.as_ is not None and not rich:
        yield Finding((*path, "as"), "as is for texts with paragraphs, and this is none", "remove it")
    if not both_ways:
        for key in ("received", "conflict"):
            if key in given:
                found = f"{key} stands at a value that goes one way, from ESM to Jira"
                mend = "remove it; it is for the fields of update_issue, and for to of transition_issue"
                yield Finding((*path, key), found, mend)


def field_findings(task: EventTask) -> Iterator[Finding]:
    """Check the fields of an issue that a task fills.

    :param task: a task that creates or updates issues
    """
    first: dict[str, str] = {}
    creating = task.activity == "create_issue"
    for name, rule in task.field_rules().items():
        path, key = ("attributes", name), field_key(name)
        if key in first:
            found = f"{shown(name)} and {shown(first[key])} are the same field"
            yield Finding(path, found, "remove one; for a second source write {source: [one, two]}")
        first.setdefault(key, name)
        if key in _NOT_A_FIELD:
            yield Finding(path, f"{shown(name)} cannot be set as a field", _NOT_A_FIELD[key])
        if key == "project" and not creating:
            found = "an issue's project cannot be changed by an update"
            yield Finding(path, found, "remove it; moving an issue is done in Jira")
        needed = creating and key in NEEDED_FIELDS
        yield from _rule(path, rule, needed=needed, rich=key not in _ONE_LINE, both_ways=not creating)
        if creating and not needed and rule.when_empty == "keep":
            found = "when_empty: keep has no effect: a new issue has nothing to keep"
            yield Finding((*path, "when_empty"), found, "remove it")


def created_findings(task: CreateIssue) -> Iterator[Finding]:
    """Check that a new issue gets what every issue needs, and can be told from others.

    :param task: a task that creates issues
    """
    names = {field_key(name): name for name in task.attributes}
    for key, (usual, mend) in NEEDED_FIELDS.items():
        if key not in names:
            yield Finding(("attributes", usual), f"{shown(usual)} {MISSING}", mend)
    for key in ("project", "issuetype"):
        value = task.attributes[names[key]].value if key in names else None
        if isinstance(value, tuple) and len(value) > 1:
            found = f"{len(value)} values are given, and an issue has one {key}"
            yield Finding(("attributes", names[key], "value"), found, "write one")
    if task.mark is not None and field_key(task.mark) in names:
        found = f"{shown(task.mark)} is also filled in attributes"
        yield Finding(("mark",), found, "name a text field that nothing else writes, or write label")


def transition_findings(task: TransitionIssue) -> Iterator[Finding]:
    """Check the way to a status.

    :param task: a task that changes the status of issues
    """
    targets = {field_key(name) for name in task.to.constants}
    seen: set[str] = set()
    for at, name in enumerate(task.via):
        key = field_key(name)
        if key in targets:
            yield Finding(("via", at), f"{shown(name)} is where to leads, and no step on the way", "remove it from via")
        if key in seen:
            found = f"status {shown(name)} is given twice, so an issue would go in a circle"
            yield Finding(("via", at), found, "name each status once")
        seen.add(key)


def group_findings(task: DeleteGroup) -> Iterator[Finding]:
    """Check that what a deleted group restricted goes to another group.

    :param task: a task that deletes groups
    """
    if task.swap_group is None:
        return
    same = (
        task.swap_group.source == task.group.source if task.group.source else task.swap_group.value == task.group.value
    )
    if same:
        found = "swap_group is the group that is deleted"
        yield Finding(("swap_group",), found, "name the group that takes over, or remove it")


def product_findings(task: CreateUser) -> Iterator[Finding]:
    """Check that no product is named twice.

    :param task: a task that creates users
    """
    for at, name in enumerate(task.products):
        if name in task.products[:at]:
            yield Finding(("products", at), f"product {shown(name)} is given twice", "remove one")
