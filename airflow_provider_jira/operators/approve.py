"""Asks an administrator before a mass removal, where the definition says ``on_exceeded: approve``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.operators.handed import Handed, NothingHanded

if TYPE_CHECKING:
    from airflow.sdk import Context


class ApproveOperator(ApprovalOperator):
    """Waits for a decision if review asks for one, and is done at once if not.

    "Reject" fails the task, and with it everything that would write; nothing has been written before. The decision is a
    person's, so it is not retried.
    """

    # Subject and body come from review's XCom as they are: they must not be rendered as templates.
    template_fields: Collection[str] = ()

    def __init__(self, **arguments: Any) -> None:
        super().__init__(subject="Mark cards as removed?", fail_on_reject=True, **arguments)
        # The DAG's parameters are no part of the question; older standard providers would ask for them once more.
        self.params = ParamsDict()

    def execute(self, context: Context) -> Any:
        """Ask, or return at once."""
        try:
            approval = Handed(context).reviewed()["approval"]
        except NothingHanded as nothing:
            raise AirflowFailException(str(nothing)) from None
        if approval is None:
            self.log.info("Nothing to decide: the removals of this run are within the limits.")
            return None
        self.subject, self.body = approval["subject"], approval["body"]
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> None:
        """Go on, or fail for good.

        :raises AirflowFailException: an administrator rejected
        """
        if event.get("chosen_options") == [self.REJECT]:
            raise AirflowFailException(
                "An administrator rejected the removals. Nothing was written in this run. If the definition is "
                "right and the records are really gone, start a new run and approve."
            )
        super().execute_complete(context, event)
