"""Reaches every endpoint of Jira that has no operator of its own, with this connection's authentication.

It is the http provider's ``HttpOperator``: paging, checks, filters and templates are that operator's. What is sent
goes through :class:`~airflow_provider_jira.hooks.http.JiraHttpHook`, which knows a ``jira_cloud`` connection, proves
every answer and says what went wrong. The answer becomes an XCom, which stands in Airflow's database: where it holds
personal data, hand on only what is needed (``response_filter``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.http.operators.http import HttpOperator

from airflow_provider_jira.hooks.finality import final_errors

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_jira.hooks.http import JiraHttpHook


class JiraHttpOperator(HttpOperator):
    """One request to any endpoint of Jira Cloud.

    .. code-block:: python

        JiraHttpOperator(
            task_id="watch", jira_conn_id="jira_acme", method="POST",
            endpoint="issue/{{ params.issue }}/watchers", data='"{{ params.account_id }}"',
        )

    :param endpoint: below ``/rest/api/3/``, as ``issue/SUP-1``; or from the root, as ``/rest/agile/1.0/board``
        (templated)
    :param method: HTTP method
    :param jira_conn_id: id of a connection of type ``jira_cloud`` (templated)
    :param data: of a GET the query, else the body; a dict or list is sent as JSON (templated)
    :param headers: sent besides those of the connection (templated)
    :param repeatable: whether the request may be sent twice without doing its work twice. Left out, what its method
        promises: a POST whose answer was lost is not retried, because nobody knows what became of it; say ``True``
        for one that only asks
    :param arguments: all others are ``HttpOperator``'s: ``response_filter``, ``response_check``,
        ``pagination_function``, ``extra_options``, ``retry_args`` …
    :raises AirflowFailException: Jira refuses the request, or another error that another try cannot mend
    """

    conn_id_field = "jira_conn_id"
    template_fields: Sequence[str] = ("endpoint", "data", "headers", "jira_conn_id")
    ui_color = "#e8f0fe"

    def __init__(
        self,
        *,
        endpoint: str,
        method: str = "GET",
        jira_conn_id: str = "jira_default",
        data: Any = None,
        repeatable: bool | None = None,
        deferrable: bool = False,
        **arguments: Any,
    ) -> None:
        if deferrable:
            # A triggerer that starts anew would send the request again, and hands the answer on through the database.
            raise ValueError(
                "JiraHttpOperator cannot be deferred: leave `deferrable` out. To wait for something in Jira, use "
                "JiraIssueStatusSensor or JiraJqlSensor."
            )
        super().__init__(endpoint=endpoint, method=method, data=data, deferrable=False, **arguments)
        self.jira_conn_id = jira_conn_id
        self.repeatable = repeatable
        self._opened: JiraHttpHook | None = None

    @property
    def hook(self) -> JiraHttpHook:
        """The hook, one for all pages: they have to be answered to the same account."""
        from airflow_provider_jira.hooks.http import JiraHttpHook  # noqa: PLC0415 - not needed to parse a DAG file

        if self._opened is None:
            self._opened = JiraHttpHook(
                self.method,
                self.jira_conn_id,
                repeatable=self.repeatable,
                auth_type=self.auth_type,
                tcp_keep_alive=self.tcp_keep_alive,
                tcp_keep_alive_idle=self.tcp_keep_alive_idle,
                tcp_keep_alive_count=self.tcp_keep_alive_count,
                tcp_keep_alive_interval=self.tcp_keep_alive_interval,
            )
        return self._opened

    def execute(self, context: Context) -> Any:
        """Send the request.

        :returns: the answer's text, or what ``response_filter`` makes of it
        :raises AirflowFailException: another try cannot help
        """
        self._opened = None
        with final_errors():
            return self.execute_sync(context)
