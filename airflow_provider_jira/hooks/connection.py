"""Reads Airflow connections, strictly: what is missing or misspelt is one sentence that names connection and field.

A key in *Extra* that nobody reads is an error, because an option that has no effect is found only by its consequences.
No text made here holds a value of a password, or an e-mail address.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException


class ConnectionProblem(ValueError):
    """A connection does not exist or cannot be used as it is. Trying again cannot help."""


class ConnectionReader:
    """One connection's fields.

    :param conn_id: id of the connection
    :param title: what the connection's type is called in Airflow's form
    :param extras: keys that *Extra* may hold
    :raises ConnectionProblem: there is no such connection, or its Extra is not what it should be
    """

    def __init__(self, conn_id: str, title: str, extras: Collection[str]) -> None:
        self.conn_id = conn_id
        try:
            self._connection = BaseHook.get_connection(conn_id)
        except AirflowNotFoundException:
            raise ConnectionProblem(
                f"There is no connection {conn_id!r}. Create it under Admin, Connections (type {title!r}), or "
                "correct the id in the definition."
            ) from None
        self._extra = self._read_extra(extras)

    def _read_extra(self, extras: Collection[str]) -> dict[str, Any]:
        try:
            extra = json.loads(self._connection.extra or "{}")
        except ValueError:
            raise self.problem("extra", "it is not JSON") from None
        if not isinstance(extra, dict):
            raise self.problem("extra", "it must be a JSON object")
        unknown = sorted(extra.keys() - set(extras))
        if unknown:
            raise self.problem("extra", f"unknown key {unknown[0]!r}; known: {', '.join(sorted(extras))}")
        return extra

    def problem(self, field: str, trouble: str) -> ConnectionProblem:
        """Name what is wrong with a field."""
        return ConnectionProblem(f"Connection {self.conn_id!r}, field {field!r}: {trouble}.")

    def required(self, field: str, meaning: str) -> str:
        """Read a field that must be there.

        :param field: ``host`` ``login`` ``password``
        :param meaning: what belongs there, for the error
        :raises ConnectionProblem: it is empty
        """
        value = getattr(self._connection, field)
        if not value:
            raise self.problem(field, f"it is empty; enter {meaning}")
        return str(value)

    def text(self, key: str) -> str | None:
        """Read a text from Extra; ``None`` where it is missing or empty.

        :raises ConnectionProblem: it is not a text
        """
        value = self._extra.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.problem(f"extra.{key}", f"it must be a text, not {type(value).__name__}")
        return value

    def number(self, key: str) -> int | None:
        """Read a whole number from Extra, also one that a form has made a text; ``None`` where it is missing or empty.

        :raises ConnectionProblem: it is none
        """
        value = self._extra.get(key)
        if value is None or value == "":
            return None
        try:
            return int(str(value))
        except ValueError:
            raise self.problem(f"extra.{key}", f"{value!r} is not a whole number") from None

    def choice(self, key: str, allowed: Collection[str], default: str) -> str:
        """Read one of several words from Extra.

        :raises ConnectionProblem: it is none of them
        """
        value = self.text(key) or default
        if value not in allowed:
            raise self.problem(f"extra.{key}", f"{value!r} is none of {', '.join(sorted(allowed))}")
        return value

    def base_url(self, meaning: str) -> str:
        """Put host, scheme and port together. Without a scheme, https is meant.

        :raises ConnectionProblem: there is no host
        """
        host = self.required("host", meaning).rstrip("/")
        if "://" not in host:
            scheme = self._connection.schema if self._connection.schema in ("http", "https") else "https"
            host = f"{scheme}://{host}"
        if self._connection.port and ":" not in urlsplit(host).netloc:
            host = f"{host}:{self._connection.port}"
        return host
