"""The tasks of an event run, one operator a step: ``receive -> write -> completed``, and ``exception`` where one of
them failed for good.

Each is a call into :mod:`airflow_provider_jira.activities.event`. XComs carry ids, counts, codes, and the sentence that
says why something was refused, which holds no value of the card.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from airflow_provider_jira.links.issue import ISSUE_URL, JiraIssueLink
from airflow_provider_jira.operators.definition import EventDefinition
from airflow_provider_jira.operators.waiting import WaitingOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_jira.activities import Event

REFUSAL = "refusal"
"""XCom of a step that failed: ``code``, ``message``, ``failed`` (ids of the groups that did)."""

STEPS = ("receive", "write", "completed")

_OVER = frozenset({"success", "failed", "upstream_failed", "skipped", "removed"})
_SETTLING = 10.0
"""Seconds between two looks at a step that is not over."""


class EventOperator(WaitingOperator):
    """One step of an event run.

    :param definition: the event task and its connector
    :param card: which card; left out or empty: what the run's conf says
    """

    template_fields: Sequence[str] = ("card",)

    def __init__(self, *, definition: EventDefinition, card: dict[str, str] | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.definition = definition
        self.card = card

    def event(self, context: Context) -> Event:
        """Gather what the engine needs: connections, the run's conf, the memory.

        :raises AirflowFailException: the conf cannot be used
        :raises ConnectionProblem: a connection cannot be used as it is
        """
        from airflow_provider_jira.activities import Event  # noqa: PLC0415 - not needed to parse a DAG file
        from airflow_provider_jira.hooks.esm import EfecteEsmHook  # noqa: PLC0415
        from airflow_provider_jira.hooks.jira import JiraCloudHook  # noqa: PLC0415
        from airflow_provider_jira.hooks.state import VariableState  # noqa: PLC0415
        from airflow_provider_jira.model.event_conf import ConfRefused, read_conf  # noqa: PLC0415

        connector, task = self.definition.connector, self.definition.task
        try:
            conf = read_conf(task, self.card or context["dag_run"].conf or {})
        except ConfRefused as refused:
            raise AirflowFailException(str(refused)) from None
        at = _map_index(context)
        return Event(
            connector=connector,
            task=task,
            run=context["run_id"] if at < 0 else f"{context['run_id']}[{at}]",
            jira=JiraCloudHook(connector.jira_conn_id).settings(),
            esm=EfecteEsmHook(connector.esm_conn_id).settings(),
            state=VariableState(),
            card_id=conf.card_id,
            event=conf.event,
            values={path: [each.text for each in shown] for path, shown in (conf.values or {}).items()},
        )

    def tell(self, context: Context, error: Exception) -> None:
        """Leave word of what went wrong in this try: should it have been the last one, ``exception`` reads it."""
        from airflow_provider_jira.activities import Refused  # noqa: PLC0415 - as above
        from airflow_provider_jira.triggers.polling import told  # noqa: PLC0415

        word: dict[str, Any] = {"code": "failed", "message": str(error), "failed": []}
        if isinstance(error, Refused):
            word |= {"code": error.code, "message": error.message, "failed": list(error.failed)}
        elif not isinstance(error, AirflowFailException):
            word["message"] = told(error)
        context["ti"].xcom_push(REFUSAL, word)

    def sibling(self, step: str) -> str:
        """Name the task of another step of the same card."""
        group, dot, _ = self.task_id.rpartition(".")
        return f"{group}{dot}{step}"


class ReceiveOperator(EventOperator):
    """Takes the event's place in its card's line, and sees that the card can be read and written.

    XCom: ``place``.
    """

    def step(self, context: Context) -> dict[str, Any]:
        """Receive."""
        from airflow_provider_jira.activities import receive  # noqa: PLC0415 - as above

        return receive(self.event(context))


class WriteOperator(EventOperator):
    """Waits for the event's turn, and does the activity in Jira, once.

    XComs: ``return_value`` is what can be written back (ids, keys), ``issue_url`` leads to the issue.
    """

    operator_extra_links = (JiraIssueLink(),)

    def step(self, context: Context) -> dict[str, Any]:
        """Write."""
        from airflow_provider_jira.activities import perform  # noqa: PLC0415 - as above

        result = perform(self.event(context))
        if address := result["values"].get("url"):
            context["ti"].xcom_push(ISSUE_URL, address)
        return result


class CompletedOperator(EventOperator):
    """The exit *Completed*: writes the result, and the values of ``on_completed``, to the card.

    XCom: ``written``: codes of the attributes that were set.
    """

    def step(self, context: Context) -> dict[str, Any]:
        """Complete."""
        from airflow_provider_jira.activities import complete  # noqa: PLC0415 - as above

        write = self.sibling("write")
        result = context["ti"].xcom_pull(task_ids=write, map_indexes=_map_index(context))
        if result is None:
            raise AirflowFailException(f"Task {write} has left nothing. Clear it with its downstream tasks.")
        return complete(self.event(context), result)


class ExceptionOperator(EventOperator):
    """The exit *Exception*: gives the card the values of ``on_exception`` and the reason, then fails with it.

    XCom: ``written``: codes of the attributes that were set.
    """

    def step(self, context: Context) -> None:
        """Tell the card, and fail.

        :raises AirflowFailException: always, with the reason, once the card has been told
        :raises AirflowSkipException: nothing failed for this card (Airflow before 3.3 starts this task for every card
            of a run as soon as one of them has failed)
        """
        from airflow_provider_jira.activities import fail  # noqa: PLC0415 - as above

        step = self._failed(context)
        word = context["ti"].xcom_pull(task_ids=self.sibling(step), key=REFUSAL, map_indexes=_map_index(context))
        if word is None:
            message = f"The step {step!r} was ended from outside, after all its tries. Its log says more."
            word = {"code": "failed", "message": message, "failed": []}
        done = fail(self.event(context), word["code"], word["message"], word["failed"])
        context["ti"].xcom_push("written", done["written"])
        raise AirflowFailException(word["message"])

    def _failed(self, context: Context) -> str:
        """Find the step that failed for this card.

        :raises NotYet: one is not over
        """
        from airflow_provider_jira.activities import NotYet  # noqa: PLC0415 - as above

        ti, at = context["ti"], _map_index(context)
        answer = ti.get_task_states(dag_id=ti.dag_id, run_ids=[context["run_id"]]).get(context["run_id"], {})
        # Airflow joins task id and map index with an underscore.
        states = {
            step: str(answer.get(self.sibling(step) if at < 0 else f"{self.sibling(step)}_{at}")) for step in STEPS
        }
        for step, state in states.items():
            if state == "failed":
                return step
        if under_way := [step for step, state in states.items() if state not in _OVER]:
            raise NotYet(_SETTLING, f"The step {under_way[0]!r} of this card is not over")
        raise AirflowSkipException("Nothing failed for this card.")


def _map_index(context: Context) -> int:
    at = context["ti"].map_index
    return -1 if at is None else at
