"""What can go wrong with Jira, as a tree:

* JiraError
  x JiraUnreachable       no answer from Jira: wrong host, DNS, TLS, time-out, something else lives there
  x JiraAuthError         Jira does not know who asks: token wrong, expired, of the other kind; or an anonymous answer
  x JiraPermissionError   Jira knows who asks and says no
  x JiraRefused           Jira says that the question is wrong
    + JqlRefused          ... and it is the JQL
  x JiraGone              this part of the API was switched off: the connector is too old
  x JiraUnavailable       Jira is there and cannot answer now
    + JiraIncomplete      ... it answered, and said itself that something is missing
  x JiraRateLimited       too many requests, and waiting as long as a task may wait did not help
  x JiraProtocolError     the answer is none that the API describes
  x JiraUncertain         something was to be changed, and no answer says whether it was

Every error says in one or two sentences what happened and what would mend it, and carries the request's method and
path (never its query or body), the status, Atlassian's trace id for their support, and whether trying again later can
help. No error text holds a token, an e-mail or content of issues.

Where something was to be changed, every error but :class:`JiraUncertain` says that it was not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from typing_extensions import override

__all__ = [
    "JiraAuthError",
    "JiraError",
    "JiraGone",
    "JiraIncomplete",
    "JiraPermissionError",
    "JiraProtocolError",
    "JiraRateLimited",
    "JiraRefused",
    "JiraUnavailable",
    "JiraUncertain",
    "JiraUnreachable",
    "JqlRefused",
]


class JiraError(Exception):
    """Base of everything that this package raises about Jira.

    :param message: what happened and what would mend it
    :param method: HTTP method of the request, where there was one
    :param path: path of the request below the site, without query
    :param status: HTTP status of the answer, where there was one
    :param trace: Atlassian's id of the request
    :param retryable: whether the same call can succeed later without anybody mending something; the class's own answer
        where not given
    """

    helped_by_retry: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        trace: str | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.method = method
        self.path = path
        self.status = status
        self.trace = trace
        self.retryable = self.helped_by_retry if retryable is None else retryable

    @override
    def __str__(self) -> str:
        facts = [
            f"{self.method} {self.path}" if self.method else "",
            f"HTTP {self.status}" if self.status else "",
            f"trace {self.trace}" if self.trace else "",
        ]
        told = ", ".join(fact for fact in facts if fact)
        return f"{self.message} ({told})" if told else self.message


class JiraUnreachable(JiraError):
    """No answer, or none from Jira."""

    helped_by_retry = True


class JiraAuthError(JiraError):
    """Jira does not accept the credentials, or answered as to somebody else."""


class JiraPermissionError(JiraError):
    """The account may not do this."""


class JiraRefused(JiraError):
    """The request itself is wrong.

    ``messages`` holds Jira's own words; ``fields`` those that it said about one field, by the field's id. What was
    sent is not in them: where Jira quotes it, there is a ``…``.
    """

    messages: tuple[str, ...] = ()
    fields: Mapping[str, str] = MappingProxyType({})


class JqlRefused(JiraRefused):
    """The JQL is wrong, or names something that the account may not see."""


class JiraGone(JiraError):
    """This part of the API does not exist any more."""


class JiraUnavailable(JiraError):
    """Jira could not answer, several times."""

    helped_by_retry = True


class JiraIncomplete(JiraUnavailable):
    """Jira answered and said that something is missing, several times."""


class JiraRateLimited(JiraError):
    """Jira asked to wait, several times or for too long."""

    helped_by_retry = True


class JiraProtocolError(JiraError):
    """The answer cannot be understood."""

    helped_by_retry = True


class JiraUncertain(JiraError):
    """A change was sent, and whether Jira made it cannot be told: the answer was lost, or is none to be believed.

    Whoever gets this looks in Jira before doing it again. ``retryable`` is therefore false: doing the same thing once
    more is just what may do it twice.
    """
