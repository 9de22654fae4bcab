"""Stands in for a task whose definition is broken: its DAG stays in sight, with its history, and says why it cannot
run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from airflow.sdk import Context


class BrokenDefinitionOperator(BaseOperator):
    """Fails with what is wrong with the definition.

    :param problems: one ``file:line: …`` sentence each
    """

    ui_color = "#fde8e8"

    def __init__(self, *, problems: Sequence[str], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.problems = tuple(problems)

    def execute(self, context: Context) -> None:  # noqa: ARG002
        """Fail.

        :raises AirflowFailException: always
        """
        raise AirflowFailException("\n".join(["This task's definition is broken:", *self.problems]))
