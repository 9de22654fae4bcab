"""Which errors another try cannot mend: those that say so themselves, and connections and settings as they stand.

Such an error fails a task at once, with its own sentence as the last line of the log; every other one is left to
Airflow's retries.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowFailException


def is_final(error: BaseException) -> bool:
    """Tell whether an error stays what it is, however often one tries."""
    from airflow_provider_jira.esm.errors import EsmError  # noqa: PLC0415 - not needed to parse a DAG file
    from airflow_provider_jira.hooks.config import ConfigProblem  # noqa: PLC0415
    from airflow_provider_jira.hooks.connection import ConnectionProblem  # noqa: PLC0415
    from airflow_provider_jira.jira.errors import JiraError  # noqa: PLC0415
    from airflow_provider_jira.model.jql import JqlBroken  # noqa: PLC0415

    if isinstance(error, (JiraError, EsmError)):
        return not error.retryable
    return isinstance(error, (ConnectionProblem, ConfigProblem, JqlBroken))


@contextmanager
def final_errors() -> Iterator[None]:
    """Turn errors that another try cannot mend into the one that Airflow does not retry.

    :raises AirflowFailException: with the error's own words
    """
    try:
        yield
    except Exception as error:
        if is_final(error):
            raise AirflowFailException(str(error)) from None
        raise
