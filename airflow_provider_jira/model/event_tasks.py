"""The kinds of event tasks: each reads an ESM card (or what a run was given) and does one thing in Jira."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Union

from pydantic import Field

from airflow_provider_jira.model.attributes import Model
from airflow_provider_jira.model.event_base import Activity, EventTask
from airflow_provider_jira.model.event_issues import (
    AddComment,
    CommentVisibility,
    CreateIssue,
    TransitionIssue,
    UpdateIssue,
)
from airflow_provider_jira.model.event_people import (
    AddUserToGroup,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    RemoveUserFromGroup,
)
from airflow_provider_jira.model.problems import Finding

__all__ = [
    "EVENT_TASKS",
    "Activity",
    "AddComment",
    "AddUserToGroup",
    "AnyEventTask",
    "CommentVisibility",
    "CreateGroup",
    "CreateIssue",
    "CreateUser",
    "DeleteGroup",
    "DeleteUser",
    "EventTask",
    "RemoveUserFromGroup",
    "TransitionIssue",
    "UnknownActivity",
    "UpdateIssue",
    "event_model",
    "only_activity",
]


class UnknownActivity(Model):
    """Stands in for a task whose activity is missing or misspelt, so that only this is said of it."""

    activity: Activity = Field(description="What is done in Jira", examples=["create_issue"])


EVENT_TASKS: Mapping[str, type[EventTask]] = {
    "create_issue": CreateIssue,
    "update_issue": UpdateIssue,
    "add_comment": AddComment,
    "transition_issue": TransitionIssue,
    "create_user": CreateUser,
    "delete_user": DeleteUser,
    "create_group": CreateGroup,
    "delete_group": DeleteGroup,
    "add_user_to_group": AddUserToGroup,
    "remove_user_from_group": RemoveUserFromGroup,
}
"""Activity -> the model of its tasks."""

AnyEventTask = Annotated[
    Union[
        CreateIssue,
        UpdateIssue,
        AddComment,
        TransitionIssue,
        CreateUser,
        DeleteUser,
        CreateGroup,
        DeleteGroup,
        AddUserToGroup,
        RemoveUserFromGroup,
    ],
    Field(discriminator="activity"),
]
"""A task of any kind, told apart by its activity."""


def event_model(written: Any) -> type[Model]:
    """Tell by a task's activity which kind it is.

    :param written: the task as the file holds it
    :returns: its model; :class:`UnknownActivity` where the activity is missing or none that there is
    """
    activity = written.get("activity") if isinstance(written, Mapping) else None
    return EVENT_TASKS.get(activity, UnknownActivity) if isinstance(activity, str) else UnknownActivity


def only_activity(found: list[Finding], model: type[Model]) -> list[Finding]:
    """Leave out what cannot be said of a task without knowing its activity: which of its keys are right.

    :param found: all that was found wrong with the task
    :param model: what :func:`event_model` took it for
    """
    if model is not UnknownActivity:
        return found
    return [each for each in found if each.path in ((), ("activity",)) or each.mend == "did you mean activity?"]
