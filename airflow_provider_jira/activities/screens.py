"""What an event's values become on a Jira screen: checked against what Jira says of its fields before anything is sent.

A refusal names every field that is wrong at once, in the definition's words, because whoever mends it wants to mend it
once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timezone, tzinfo
from typing import Any

from airflow_provider_jira.activities.desk import Desk
from airflow_provider_jira.activities.outcome import Refused
from airflow_provider_jira.jira.errors import JiraGone, JiraPermissionError, JiraRefused, JiraUncertain
from airflow_provider_jira.jira.records import IssueType
from airflow_provider_jira.model.field_values import Encoded, encode
from airflow_provider_jira.model.screen import ScreenField


@contextmanager
def refusals(code: str = "jira_refused") -> Iterator[None]:
    """Turn what Jira says no to into a refusal of the event.

    :param code: of the refusal
    :raises Refused: Jira said no, and will say no again
    :raises JiraRefused: Jira said no because of what somebody else did at the same moment
    """
    try:
        yield
    except JiraPermissionError as error:
        raise Refused("no_permission", str(error)) from error
    except (JiraRefused, JiraGone) as error:
        if error.retryable:  # two changes at once: the other one was first
            raise
        raise Refused(code, str(error)) from error


@contextmanager
def repeatable() -> Iterator[None]:
    """Let a write whose answer was lost be tried again: asking for it twice leaves Jira as asking once.

    :raises JiraUncertain: the answer was lost, and trying again can help
    """
    try:
        yield
    except JiraUncertain as lost:
        lost.retryable = True
        raise


async def issue_type(desk: Desk, project: str, wanted: str) -> IssueType:
    """Find an issue type of a project by id or name.

    :param project: key of the project
    :param wanted: id, or name in the language of the connection's account
    :raises Refused: the project has none, or the account may not create issues there
    """
    types = await desk.jira.writing.issue_types(project)
    for match in (lambda kind: wanted in (kind.id, kind.name), lambda kind: kind.name.casefold() == wanted.casefold()):
        if found := [kind for kind in types if match(kind)]:
            return found[0]
    if not types:
        raise Refused(
            "no_permission",
            f"The connection's account cannot create issues in project {project!r}: correct the project, or give the "
            "account the permission Create issues there.",
        )
    names = ", ".join(kind.name for kind in types)
    raise Refused("field_wrong", f"Project {project!r} has no issue type {wanted!r}. It has: {names}.")


def encoded(
    values: Mapping[str, Sequence[str] | Any],
    screen: Sequence[ScreenField],
    *,
    markdown: Collection[str] = (),
    creating: bool = False,
    zone: tzinfo = timezone.utc,
    operations: bool = False,
) -> Encoded:
    """Make Jira's fields out of values.

    :param values: field id or display name -> texts, or a value that is Jira's own already
    :param screen: what can be set
    :param markdown: the fields whose text is Markdown
    :param creating: whether required fields have to be there, and empty ones are left out
    :param zone: in it a date begins, and a time without offset is meant
    :param operations: whether the caller sends the answer's ``update``, too
    :raises Refused: some cannot be; the message names every one
    """
    made = encode(values, screen, markdown=markdown, creating=creating, zone=zone, operations=operations)
    if made.problems:
        told = "; ".join(f"{problem.field}: {problem.message}" for problem in made.problems)
        raise Refused("field_wrong", f"Jira would not take {len(made.problems)} of the fields. {told}")
    return made
