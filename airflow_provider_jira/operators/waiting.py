"""What the operators that write to Jira share: how a call into :mod:`airflow_provider_jira.activities` ends.

Done is done. "Not yet" (Jira's index is late, an earlier event of the same card comes first) holds no worker: the task
is deferred until a moment, and begins again then, as it may at any time. What cannot be done fails the task at once,
with the sentence that says why as the last line of its log; everything else is left to Airflow's retries.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from airflow_provider_jira.hooks.finality import is_final

if TYPE_CHECKING:
    from airflow.sdk import Context

LEAST_PAUSE = 5.0
"""Seconds for which a task is deferred at least. One that begins again before a busy scheduler has noted the end of its
process is taken for a failed one, which costs a retry (seen on Airflow 3.3.2)."""


class WaitingOperator(BaseOperator):
    """Does something that may have to wait."""

    ui_color = "#e8f0fe"

    @abstractmethod
    def step(self, context: Context) -> Any:
        """Do it, as often as asked.

        :returns: what is kept as the task's XCom: ids, keys, counts, codes
        :raises NotYet: it has to wait
        :raises Refused: it cannot be done
        """

    def execute(self, context: Context) -> Any:
        """Do it, or wait without a worker.

        :raises AirflowFailException: trying again cannot help
        """
        from airflow_provider_jira.activities import NotYet, Refused  # noqa: PLC0415 - not needed to parse a DAG file

        # httpx logs every URL, and the URLs of some requests hold keys of records.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        try:
            return self.step(context)
        except NotYet as waiting:
            self.log.info("%s", waiting)
            wait = waiting.seconds
        except AirflowSkipException:
            raise
        except Exception as error:
            self.tell(context, error)
            if is_final(error) or isinstance(error, Refused):
                raise AirflowFailException(str(error)) from None
            raise
        return self._defer(wait)

    def resume(self, context: Context, event: Any = None) -> Any:  # noqa: ARG002
        """Begin again after waiting."""
        return self.execute(context)

    def tell(self, context: Context, error: Exception) -> None:
        """Leave word of what went wrong in this try, for the tasks after this one."""

    def _defer(self, seconds: float) -> NoReturn:
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger  # noqa: PLC0415 - as above

        moment = datetime.now(timezone.utc) + timedelta(seconds=max(seconds, LEAST_PAUSE))
        # A new start of the task is the same as going on: what was done is found.
        self.defer(trigger=DateTimeTrigger(moment=moment), method_name="resume")
