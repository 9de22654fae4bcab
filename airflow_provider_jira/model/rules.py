"""Rules between the keys of a definition: each looks at two or more of them, and none at any system.

Every rule returns findings instead of raising, so that an administrator sees all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_jira.model.problems import Finding, KeyPath, did_you_mean, shown

if TYPE_CHECKING:
    from airflow_provider_jira.model.attributes import AttributeRule, Comments, RemovedRecords, Target

LONGEST_DAG_ID = 200
"""Longest DAG id; Airflow stops at 250, and names of Variables and folders are made of it."""

_ONLY_BESIDE_SOURCE = {
    "as_": "as",
    "map": "map",
    "default": "default",
    "when_empty": "when_empty",
    "reference": "reference",
    "received": "received",
    "conflict": "conflict",
}

# Ids and display names of Jira's own issue fields, none of which identifies an issue for good.
_SYSTEM_FIELDS = frozenset(
    """
    key issuekey issue_key self summary description environment status statuscategory status_category resolution
    resolutiondate resolved resolution_date priority issuetype issue_type project assignee reporter creator created
    updated duedate due_date labels components component fixversions fix_versions versions affects_versions parent
    subtasks sub_tasks issuelinks linked_issues comment comments attachment worklog watches watchers votes security
    security_level timespent time_spent timeestimate remaining_estimate timeoriginalestimate original_estimate
    aggregatetimespent aggregatetimeestimate aggregatetimeoriginalestimate progress aggregateprogress timetracking
    time_tracking workratio work_ratio lastviewed last_viewed statuscategorychangedate
    """.split()  # noqa: SIM905 - a table of words is read and extended more easily
)
_CHANGING_PARTS = frozenset({"name", "displayname", "emailaddress", "value", "key", "description", "title"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_KEY_MENDS = {
    "id": "use id, the one thing of an issue that never changes",
    "accountId": "use accountId, the one thing of a person that never changes",
    "groupId": "use groupId, the one thing of a group that never changes",
}


def dag_id(connector: str, task: str) -> str:
    """The DAG id of a task, which is also the stamp on its cards.

    :param connector: id of the connector
    :param task: id of the task
    """
    return f"{connector}__{task}"


def attribute_findings(rule: AttributeRule) -> list[Finding]:
    """Check the keys of one attribute against each other.

    :param rule: the attribute's rule
    """
    given = rule.model_fields_set
    if ("source" in given) == ("value" in given):
        found = "both source and value are given" if "source" in given else "neither source nor value is given"
        return [Finding((), found, "give one: source for what Jira holds, value for a constant")]
    if "value" in given:
        if rule.value is None:
            return [Finding(("value",), "the value is empty", "write a text or a number, or remove the attribute")]
        findings = [
            Finding((key,), f"{key} stands beside value, but a constant is taken as it is", f"remove {key}")
            for name, key in _ONLY_BESIDE_SOURCE.items()
            if name in given
        ]
        return [*findings, *_date_findings(rule)]
    findings = list(_date_findings(rule))
    if rule.as_ is not None and rule.format is not None:
        findings.append(Finding(("as",), "as is for rich text, format is for dates", "remove one of the two"))
    if rule.reference is not None and (rule.as_ is not None or rule.format is not None):
        findings.append(Finding(("reference",), "a reference is found by a plain key", "remove as and format"))
    if rule.default is not None and rule.when_empty == "keep":
        found = "when_empty: keep has no effect beside default, which is what an empty field becomes"
        findings.append(Finding(("when_empty",), found, "remove one of the two"))
    if "conflict" in given and rule.received is None:
        found = "conflict needs received: without it nobody can tell which side changed"
        mend = "name in received the attribute that brings what Jira has as it is, or remove it"
        findings.append(Finding(("conflict",), found, mend))
    if rule.received is not None and (rule.format is not None or rule.reference is not None):
        found = "received compares texts, and this attribute is a date or a reference"
        findings.append(Finding(("received",), found, "remove it"))
    return findings


def _date_findings(rule: AttributeRule) -> Iterator[Finding]:
    """Hold constants against the date that they are to be read as."""
    if rule.format is None:
        return
    constants: list[tuple[KeyPath, Any]] = [(("value",), rule.value), (("default",), rule.default)]
    constants += [(("map", key), value) for key, value in (rule.map or {}).items()]
    for path, value in constants:
        if value is not None and not _is_date(value):
            yield Finding(path, f"{shown(value)} is no date", "write it as 2026-09-27, or 2026-09-27T10:00:00Z")


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        return False
    try:
        datetime.fromisoformat(value[:19].replace("T", " "))
    except ValueError:
        return False
    return True


class PartParts(Protocol):
    """What the rules of a part of a task look at."""

    @property
    def key_source(self) -> str: ...

    @property
    def target(self) -> Target: ...

    @property
    def attributes(self) -> Mapping[str, AttributeRule]: ...

    @property
    def removed_records(self) -> RemovedRecords | None: ...

    @property
    def comments(self) -> Comments | None: ...


def part_findings(part: PartParts) -> list[Finding]:
    """Check target, attributes and removed status of one kind of records against each other, warnings included.

    :param part: a part whose keys are right one by one
    """
    return [
        *_target_findings(part),
        *_removed_findings(part),
        *_comment_findings(part),
        *_key_findings(part),
        *_reference_findings(part),
        *_received_findings(part),
    ]


def _received_findings(part: PartParts) -> Iterator[Finding]:
    """See that what an attribute is held against is the same source, as it is."""
    for code, rule in part.attributes.items():
        if rule.received is None:
            continue
        path = ("attributes", code, "received")
        plain = part.attributes.get(rule.received)
        if plain is None:
            mend = did_you_mean(rule.received, part.attributes, "map it: the same source, and nothing besides")
            yield Finding(path, f"attribute {shown(rule.received)} is not mapped", mend)
        elif code in (part.target.key, rule.received):
            yield Finding(path, f"{shown(code)} cannot be held against this", "remove received")
        elif plain.source != rule.source or plain.as_ != rule.as_ or _is_more_than_its_source(plain):
            found = f"{shown(rule.received)} does not bring the same source as it is"
            yield Finding(
                path, found, f"write {rule.received}: with the source of {code}, and no map, default or format"
            )


def _is_more_than_its_source(rule: AttributeRule) -> bool:
    return any(each is not None for each in (rule.map, rule.default, rule.format, rule.reference, rule.received))


def _target_findings(part: PartParts) -> Iterator[Finding]:
    target, mapped = part.target, part.attributes
    if target.key == target.task_id_attribute:
        found = f"attribute {shown(target.key)} cannot hold both the key and the task id"
        yield Finding(("target", "task_id_attribute"), found, "name an attribute of its own for the task id")
    elif target.task_id_attribute in mapped:
        found = f"attribute {shown(target.task_id_attribute)} is the task id attribute, which the connector fills"
        yield Finding(("attributes", target.task_id_attribute), found, "remove it from attributes")
    if target.key not in mapped:
        mend = did_you_mean(target.key, mapped, f"add it to attributes: {{{target.key}: {part.key_source}}}")
        yield Finding(("target", "key"), f"the key attribute {shown(target.key)} is not mapped", mend)


def _removed_findings(part: PartParts) -> Iterator[Finding]:
    if part.removed_records is None:
        return
    code, target = part.removed_records.attribute, part.target
    if part.removed_records.value == part.removed_records.returned_value:
        found = "returned_value is the removed value itself, so a card would be written in every run"
        yield Finding(("removed_records", "returned_value"), found, "write another value, or remove it")
    roles = [
        (code == target.key, "is the key of the cards"),
        (code == target.task_id_attribute, "is the task id attribute"),
        (code in part.attributes, "is also mapped in attributes, so a run would undo the mark"),
    ]
    for applies, role in roles:
        if applies:
            mend = "name an attribute that nothing else writes"
            yield Finding(("removed_records", "attribute"), f"attribute {shown(code)} {role}", mend)
            return


def _comment_findings(part: PartParts) -> Iterator[Finding]:
    """See that nothing else writes the worklogs that get comments."""
    comments, target, removed = part.comments, part.target, part.removed_records
    if comments is None:
        return
    mend = "name a worklog attribute that nothing else writes"
    for key, code in (("attribute", comments.attribute), ("restricted", comments.restricted)):
        roles = [
            (code == target.key, "is the key of the cards"),
            (code == target.task_id_attribute, "is the task id attribute"),
            (code in part.attributes, "is also mapped in attributes"),
            (removed is not None and code == removed.attribute, "also gets the removed status"),
            (key == "restricted" and code == comments.attribute, "already gets the comments that everybody may see"),
        ]
        for role in [role for applies, role in roles if applies][:1]:
            yield Finding(("comments", key), f"attribute {shown(code)} {role}", mend)


def _reference_findings(part: PartParts) -> Iterator[Finding]:
    """Warn of references by what names a person: it can change, and stands in the URLs by which ESM is asked."""
    for code, rule in part.attributes.items():
        for source in rule.source if rule.reference is not None else ():
            last = source.rpartition(".")[2]
            if last.casefold() in ("emailaddress", "displayname"):
                found = f"the reference is looked up by a {last}, which can change and shows in ESM's request logs"
                yield Finding(("attributes", code), found, "point by accountId", "warning")


def _key_findings(part: PartParts) -> Iterator[Finding]:
    """Refuse a key that can change, because a card whose key changed is found no more and created again."""
    code = part.target.key
    rule = part.attributes.get(code)
    if rule is None:
        return
    here: KeyPath = ("attributes", code)
    mend = _KEY_MENDS[part.key_source]
    if not rule.source:
        yield Finding(here, "the key is a constant, so every record would be the same card", mend)
        return
    for name, key in (
        ("map", "map"),
        ("default", "default"),
        ("as_", "as"),
        ("format", "format"),
        ("reference", "reference"),
    ):
        if getattr(rule, name) is not None:
            found = f"{key} cannot stand on the key: two records could become one card"
            yield Finding((*here, key), found, f"remove {key}")
    if rule.when_empty == "keep":
        found = "when_empty: keep cannot stand on the key: a card without key is never found"
        yield Finding((*here, "when_empty"), found, "remove it")
    if len(rule.source) > 1:
        yield Finding(here, "the key has several sources, and which one has a value may change", mend)
    elif rule.source != (part.key_source,):
        yield _key_source(here, rule.source[0], part.key_source)


def _key_source(here: KeyPath, source: str, right: str) -> Finding:
    if source.strip().casefold() == right.casefold():
        return Finding(here, f"the key is made from {shown(source)}", f"write {right}, exactly so")
    if right != "id":
        return Finding(here, f"the key is made from {shown(source)}, which can change or repeat", _KEY_MENDS[right])
    head, *parts = source.split(".")
    plain = re.sub(r"[\s_-]+", "_", head.strip().casefold())
    if plain in _SYSTEM_FIELDS:
        found = f"the key is made from {shown(source)}, which can change or be the same for two issues"
        return Finding(here, found, _KEY_MENDS[right])
    if parts and parts[-1].casefold() in _CHANGING_PARTS:
        return Finding(here, f"the key is made from {shown(source)}, and a {parts[-1]} can change", _KEY_MENDS[right])
    found = f"the key is made from the custom field {shown(source)}; if its value changes, a second card is created"
    return Finding(here, found, "use id, unless this field is written once and never again", "warning")


def duplicate_findings(ids: Sequence[tuple[KeyPath, Any]]) -> Iterator[Finding]:
    """Find task ids that are given more than once, at each of their places.

    :param ids: place of the id and the id; what is no text is left to others
    """
    places: dict[str, int] = {}
    for _, id_ in ids:
        if isinstance(id_, str):
            places[id_] = places.get(id_, 0) + 1
    for path, id_ in ids:
        if isinstance(id_, str) and places[id_] > 1:
            yield Finding(path, f"{places[id_]} tasks have the id {shown(id_)}", "give each task an id of its own")


def length_findings(connector: str, ids: Iterable[tuple[KeyPath, Any]]) -> Iterator[Finding]:
    """Find tasks whose DAG id is too long.

    :param connector: id of the connector
    :param ids: place of the id and the id
    """
    for path, id_ in ids:
        if isinstance(id_, str) and len(dag_id(connector, id_)) > LONGEST_DAG_ID:
            found = f"the DAG id would have {len(dag_id(connector, id_))} characters"
            yield Finding(path, found, f"shorten the ids: connector, two underscores, task, at most {LONGEST_DAG_ID}")
