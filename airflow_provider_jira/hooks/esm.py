"""The connection type ``efecte_esm``: Airflow's connection -> settings of the ESM client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, cast

from airflow.sdk import BaseHook

from airflow_provider_jira.hooks.connection import ConnectionProblem, ConnectionReader

if TYPE_CHECKING:
    from airflow_provider_jira.esm.settings import EsmSettings
    from airflow_provider_jira.esm.store import CardStore

_TEXTS = ("api_path", "webapi_path", "timezone")
_NUMBERS = ("batch_cards",)


class EfecteEsmHook(BaseHook):
    """Matrix42 Pro / Efecte Service Management through one Airflow connection.

    Host = the address, login and password = those of a WebAPI user. Extra: ``api`` (``rest`` or ``webapi``),
    ``api_path``, ``webapi_path``, ``timezone`` (of the server, for the XML Web API), ``batch_cards`` (cards a write
    request).

    :param esm_conn_id: id of the connection
    """

    conn_name_attr = "esm_conn_id"
    default_conn_name = "esm_default"
    conn_type = "efecte_esm"
    hook_name = "Efecte ESM (Matrix42 Pro)"

    def __init__(self, esm_conn_id: str = default_conn_name, **_: Any) -> None:
        super().__init__()
        self.esm_conn_id = esm_conn_id

    def settings(self) -> EsmSettings:
        """Read the connection.

        :raises ConnectionProblem: it does not exist, or a field is missing or wrong
        """
        from airflow_provider_jira.esm.settings import EsmSettings  # noqa: PLC0415 - not needed to parse a DAG file

        read = ConnectionReader(self.esm_conn_id, self.hook_name, ("api", *_TEXTS, *_NUMBERS))
        given: dict[str, Any] = {key: read.text(key) for key in _TEXTS} | {key: read.number(key) for key in _NUMBERS}
        optional = {key: value for key, value in given.items() if value is not None}
        base_url = read.base_url("the address of ESM, such as https://acme.efectecloud.com")
        login = read.required("login", "the name of a WebAPI user")
        password = read.required("password", "the password of the WebAPI user")
        api = cast("Literal['rest', 'webapi']", read.choice("api", ("rest", "webapi"), "rest"))
        try:
            return EsmSettings(base_url=base_url, login=login, password=password, api=api, **optional)
        except ValueError as error:
            raise ConnectionProblem(f"Connection {self.esm_conn_id!r}: {error}") from None

    def store(self) -> CardStore:
        """Open ESM through the API that the connection names; use it as an async context manager.

        :raises ConnectionProblem: the connection cannot be used as it is
        """
        from airflow_provider_jira.esm.open import open_store  # noqa: PLC0415 - as above

        return open_store(self.settings())

    def get_conn(self) -> CardStore:
        """Open ESM, under the name that Airflow's hooks have for it."""
        return self.store()

    def test_connection(self) -> tuple[bool, str]:
        """Say whether ESM takes the login: what the button in the connection's form and ``airflow connections test``
        do."""
        from airflow_provider_jira.esm.errors import EsmError  # noqa: PLC0415 - as above

        try:
            asyncio.run(self._prove())
            api = self.settings().api
        except (ConnectionProblem, EsmError) as error:
            return False, str(error)
        return True, f"ESM takes this login for {'REST' if api == 'rest' else 'the XML Web API'}."

    async def _prove(self) -> None:
        async with self.store() as store:
            await store.prove_identity()
