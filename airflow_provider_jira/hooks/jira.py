"""The connection type ``jira_cloud``: Airflow's connection -> settings of the Jira client."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any, Literal, cast

from airflow.sdk import BaseHook

from airflow_provider_jira.hooks.connection import ConnectionProblem, ConnectionReader

if TYPE_CHECKING:
    from airflow_provider_jira.jira.client import JiraClient
    from airflow_provider_jira.jira.settings import JiraSettings

_EXTRA = ("auth", "cloud_id", "gateway", "token_expires_on", "requests_per_second")


class JiraCloudHook(BaseHook):
    """Jira Cloud through one Airflow connection.

    Host = the site, login = e-mail address, password = API token. Extra: ``auth`` (``basic`` or ``scoped``),
    ``cloud_id``, ``gateway``, ``token_expires_on`` (``YYYY-MM-DD``), ``requests_per_second``.

    :param jira_conn_id: id of the connection
    """

    conn_name_attr = "jira_conn_id"
    default_conn_name = "jira_default"
    conn_type = "jira_cloud"
    hook_name = "Jira Cloud"

    def __init__(self, jira_conn_id: str = default_conn_name, **_: Any) -> None:
        super().__init__()
        self.jira_conn_id = jira_conn_id

    def settings(self) -> JiraSettings:
        """Read the connection.

        :raises ConnectionProblem: it does not exist, or a field is missing or wrong
        """
        from airflow_provider_jira.jira.settings import JiraSettings  # noqa: PLC0415 - not needed to parse a DAG file

        read = ConnectionReader(self.jira_conn_id, self.hook_name, _EXTRA)
        optional: dict[str, Any] = {key: value for key in ("cloud_id", "gateway") if (value := read.text(key))}
        if (rate := read.number("requests_per_second")) is not None:
            optional["requests_per_second"] = rate
        site = read.base_url("the site, such as https://acme.atlassian.net")
        login = read.required("login", "the e-mail address of the Jira account")
        token = read.required("password", "an API token of that account")
        auth = cast("Literal['basic', 'scoped']", read.choice("auth", ("basic", "scoped"), "basic"))
        expires = _day(read)
        try:
            return JiraSettings(site=site, email=login, token=token, auth=auth, token_expires_on=expires, **optional)
        except ValueError as error:
            raise ConnectionProblem(f"Connection {self.jira_conn_id!r}: {error}") from None

    def client(self) -> JiraClient:
        """Open a client; use it as an async context manager.

        :raises ConnectionProblem: the connection cannot be used as it is
        """
        from airflow_provider_jira.jira.client import JiraClient  # noqa: PLC0415 - as above

        return JiraClient(self.settings())

    def get_conn(self) -> JiraClient:
        """Open a client, under the name that Airflow's hooks have for it."""
        return self.client()

    def test_connection(self) -> tuple[bool, str]:
        """Say whether Jira knows the account: what the button in the connection's form and ``airflow connections
        test`` do."""
        from airflow_provider_jira.jira.auth import expiry_warning  # noqa: PLC0415 - as above
        from airflow_provider_jira.jira.errors import JiraError  # noqa: PLC0415 - as above

        try:
            account = asyncio.run(self._identify())
            warning = expiry_warning(self.settings(), datetime.now(timezone.utc).date())
        except (ConnectionProblem, JiraError) as error:
            return False, str(error)
        return True, " ".join(filter(None, [f"Jira knows this token: it acts as account {account}.", warning]))

    async def _identify(self) -> str:
        async with self.client() as jira:
            return (await jira.identify()).account_id


def _day(read: ConnectionReader) -> date | None:
    text = read.text("token_expires_on")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise read.problem("extra.token_expires_on", f"{text!r} is not a date; write it as YYYY-MM-DD") from None
