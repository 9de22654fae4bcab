"""What the operators of a scheduled run share: they build the engine's ``Run`` and sort its errors.

An operator holds the definition it was built from, and nothing else. Network, Variables and Connections are touched
only while it executes. An error that another try cannot mend fails the task at once, with the error's own sentence
as the last line of the log; every other one is left to Airflow's retries.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_jira.operators.definition import Definition
from airflow_provider_jira.operators.handed import Handed, NothingHanded

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_jira.sync import Run


class StepOperator(BaseOperator):
    """One step of a run.

    :param definition: the scheduled task and its connector
    """

    template_fields: Sequence[str] = ()
    ui_color = "#e8f0fe"

    def __init__(self, *, definition: Definition, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.definition = definition

    @abstractmethod
    def step(self, run: Run, handed: Handed, context: Context) -> Any:
        """Do the step.

        :param run: the engine's run
        :param handed: what the tasks before have left
        :returns: what is kept as the task's XCom
        """

    def execute(self, context: Context) -> Any:
        """Do the step, and make errors that stay what they are end the retries.

        :raises AirflowFailException: trying again cannot help
        """
        with final_errors():
            return self.step(build_run(self.definition, context), Handed(context), context)


def build_run(definition: Definition, context: Any) -> Run:
    """Gather what the engine needs: connections, settings, the run's parameters.

    :raises ConnectionProblem: a connection cannot be used as it is
    :raises ConfigProblem: a setting cannot be used as it is
    """
    from airflow_provider_jira.hooks import config  # noqa: PLC0415 - from here on nothing is needed to parse a DAG file
    from airflow_provider_jira.hooks.esm import EfecteEsmHook  # noqa: PLC0415
    from airflow_provider_jira.hooks.jira import JiraCloudHook  # noqa: PLC0415
    from airflow_provider_jira.hooks.state import VariableState  # noqa: PLC0415
    from airflow_provider_jira.sync import Run  # noqa: PLC0415

    # httpx logs every URL, and the URLs of some requests hold keys of records.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    connector = definition.connector
    return Run(
        connector=connector,
        task=definition.task,
        run_id=context["run_id"],
        attempt=context["ti"].try_number,
        jira=JiraCloudHook(connector.jira_conn_id).settings(),
        esm=EfecteEsmHook(connector.esm_conn_id).settings(),
        state=VariableState(),
        staging=config.staging(),
        clear_cache=bool(context["params"].get("clear_cache")),
        accept_removals=bool(context["params"].get("accept_removals")),
        read_everything=bool(context["params"].get("read_everything")),
        default_clear_hours=config.cache_clear_hours(),
    )


@contextmanager
def final_errors() -> Iterator[None]:
    """Turn errors that another try cannot mend into the one that Airflow does not retry."""
    from airflow_provider_jira.esm.errors import EsmError  # noqa: PLC0415 - not needed to parse a DAG file
    from airflow_provider_jira.hooks.config import ConfigProblem  # noqa: PLC0415
    from airflow_provider_jira.hooks.connection import ConnectionProblem  # noqa: PLC0415
    from airflow_provider_jira.jira.errors import JiraError  # noqa: PLC0415
    from airflow_provider_jira.sync import Stop  # noqa: PLC0415

    try:
        yield
    except (Stop, ConnectionProblem, ConfigProblem, NothingHanded) as final:
        raise AirflowFailException(str(final)) from None
    except (JiraError, EsmError) as error:
        if error.retryable:
            raise
        raise AirflowFailException(str(error)) from None
    except FileNotFoundError as missing:
        raise AirflowFailException(
            "What an earlier task of this run staged is not there any more: a newer run has swept it, or that task "
            "ran on another machine ([jira_connector] staging_path must be one that all machines see). Start a new "
            "run."
        ) from missing
