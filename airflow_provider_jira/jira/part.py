"""What the parts of the client share that are about one subject each: the connection that they ask through."""

from __future__ import annotations

from airflow_provider_jira.jira.connection import Connection


class Part:
    """Questions about one subject, to one site; belongs to a client, and lives as long.

    :param connection: to the site
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
