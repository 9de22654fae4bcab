"""What the sensors share: looking once, then waiting in the triggerer until a moment, then saying how it ended.

A sensor looks before it defers, so that a wrong connection or filter fails in the task's own log and what is there
already costs no triggerer. The moment to give up is set when the task begins, so nothing in between prolongs it.
"""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSensorTimeout

from airflow_provider_jira.hooks.finality import final_errors

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_jira.triggers.polling import PollingTrigger

BACKSTOP = timedelta(minutes=10)
"""How long after the deadline Airflow itself ends the waiting, should the triggerer not."""


class PollingSensor(BaseSensorOperator):
    """Waits for what a :class:`~airflow_provider_jira.triggers.polling.PollingTrigger` asks for.

    The task's XCom is what was seen: ids, keys, names of statuses.

    :param deferrable: whether to wait in the triggerer
    :param arguments: of every sensor: ``timeout`` (seconds; when it has passed, the task fails and is not retried),
        ``poke_interval`` (seconds; 5 at least), ``mode`` (when not deferred), ``soft_fail`` …
    """

    template_fields: Sequence[str] = ()
    ui_color = "#e8f0fe"

    def __init__(
        self,
        *,
        deferrable: bool = True,
        poke_interval: float | timedelta = 60,
        **arguments: Any,
    ) -> None:
        super().__init__(poke_interval=poke_interval, **arguments)
        self.deferrable = deferrable

    @abstractmethod
    def trigger(self, **waiting: Any) -> PollingTrigger:
        """Make the trigger that asks.

        :param waiting: its interval and deadline
        """

    def _made(self, **waiting: Any) -> PollingTrigger:
        try:
            return self.trigger(**waiting)
        except ValueError as wrong:  # an argument, which another try would not change
            raise AirflowFailException(str(wrong)) from None

    def poke(self, context: Context) -> PokeReturnValue:  # noqa: ARG002
        """Look once.

        :raises AirflowFailException: another look cannot help
        """
        with final_errors():
            seen = asyncio.run(self._made().once())
        return PokeReturnValue(seen is not None, seen)

    def execute(self, context: Context) -> Any:
        """Wait.

        :returns: what was seen
        :raises AirflowSensorTimeout: it was not seen in time
        :raises AirflowFailException: waiting cannot help
        """
        if not self.deferrable:
            return super().execute(context)
        deadline = time.time() + self.timeout
        seen = self.poke(context)
        if not seen.is_done:
            self.defer(
                trigger=self._made(poke_interval=self.poke_interval, deadline=deadline),
                method_name="execute_complete",
                timeout=timedelta(seconds=self.timeout) + BACKSTOP,
            )
        return seen.xcom_value

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:  # noqa: ARG002
        """Say how the waiting ended.

        :returns: what was seen
        :raises AirflowSensorTimeout: nothing was, in time
        :raises AirflowFailException: waiting cannot help
        """
        told = dict(event)
        status, message = told.pop("status", None), str(told.pop("message", ""))
        if status == "seen":
            return told
        if status == "timeout":
            trouble = f" The last time there was no answer: {message}" if message else ""
            raise AirflowSensorTimeout(f"It was not seen within {self.timeout:g} seconds (`timeout`).{trouble}")
        if told.get("final"):
            raise AirflowFailException(message)
        raise AirflowException(message or f"The trigger ended with {status!r}, which is none of its endings.")
