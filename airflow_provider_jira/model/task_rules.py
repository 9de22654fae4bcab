"""Rules between the keys of a whole task: what an incremental one may not say, and what people and groups need of each
other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from airflow_provider_jira.model.problems import Finding, shown

if TYPE_CHECKING:
    from airflow_provider_jira.model.tasks import GenericTask, PeopleTask


def generic_findings(task: GenericTask) -> Iterator[Finding]:
    """Hold a generic task's fetch type against its other keys."""
    if task.fetch_type == "incremental" and task.removed_records is not None:
        yield Finding(
            ("removed_records",),
            "an incremental run reads only what has changed, so it cannot tell what is gone",
            "remove it; a full task over the same records (see companion_of) marks what is gone",
        )
    if task.fetch_type == "full" and task.overlap is not None:
        yield Finding(
            ("overlap",), "a full run reads everything, so nothing overlaps", "remove it, or write incremental"
        )


def people_findings(task: PeopleTask) -> Iterator[Finding]:
    """Hold the sections of a task for people and groups against its mapping type and each other."""
    kind = task.mapping_type
    wanted = {"identity": kind != "access", "access": kind != "identity"}
    for section, needed in wanted.items():
        given = getattr(task, section) is not None
        if needed and not given:
            yield Finding((section,), f"{shown(section)} is missing", f"mapping_type {kind} needs it; add {section}:")
        if given and not needed:
            yield Finding(
                (section,), f"mapping_type {kind} has no {section}", "remove it, or write identity_and_access"
            )
    yield from _useless(task)
    if task.identity is None:
        return
    memberships = task.identity.memberships
    if memberships is not None:
        yield from _memberships(task, memberships)
    if task.access is not None and task.access.target.template == task.identity.target.template:
        yield Finding(
            ("access", "target", "template"),
            f"accounts and entitlements are both cards of template {shown(task.access.target.template)}",
            "give each a template of its own: a task's cards are told apart by it",
        )


def _useless(task: PeopleTask) -> Iterator[Finding]:
    kind, given = task.mapping_type, task.model_fields_set
    for key, without in (("users", "access"), ("groups", "identity"), ("project_roles", "identity")):
        if key in given and kind == without:
            found = f"{key} has no effect with mapping_type {kind}"
            yield Finding((key,), found, "remove it, or write identity_and_access")


def _memberships(task: PeopleTask, code: str) -> Iterator[Finding]:
    here = ("identity", "memberships")
    if task.access is None:
        yield Finding(
            here,
            "memberships point at entitlement cards, and this task has none",
            "write mapping_type identity_and_access with access, or remove it",
        )
    identity = task.identity
    if identity is None:
        return
    removed = identity.removed_records
    taken = [
        (code in identity.attributes, "is also mapped in attributes"),
        (code == identity.target.task_id_attribute, "is the task id attribute"),
        (removed is not None and removed.attribute == code, "also gets the removed status"),
    ]
    for applies, role in taken:
        if applies:
            yield Finding(here, f"attribute {shown(code)} {role}", "name an attribute that nothing else writes")
