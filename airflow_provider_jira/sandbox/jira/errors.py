"""How the sandbox's Jira refuses: an exception that knows its HTTP answer."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A request that Jira answers with an error.

    :param status: HTTP status
    :param messages: ``errorMessages`` of the body
    :param errors: ``errors`` of the body: field -> message
    :param headers: further headers
    """

    def __init__(
        self, status: int, *messages: str, errors: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, *messages)
        self.status = status
        self.messages = messages
        self.errors = errors or {}
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """Return the body as Jira writes it."""
        return {"errorMessages": list(self.messages), "errors": self.errors}


def not_found() -> Refused:
    """Return what an issue gets that is absent or not visible; Jira does not say which."""
    return Refused(404, "Issue does not exist or you do not have permission to see it.")


class Wrong(Exception):
    """A value that a field does not take; the message is what Jira says beside the field."""
