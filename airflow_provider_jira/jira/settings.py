"""How to reach one Jira Cloud site, and as whom.

Promises that settings which exist can be used: the addresses are whole, the token has no stray white space. What does
not fit is refused at once with a ``ValueError`` of one sentence that names the connection's field and the mend. The
token and the e-mail are shown by no representation of these settings.
"""

from __future__ import annotations

import ipaddress
from datetime import date
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from typing_extensions import override

_EXAMPLE = "https://your-site.atlassian.net"

REQUESTS_A_SECOND = 50
"""Of one client to one endpoint: half of what Jira allows all apps of a site together. Only questions that are many and
quick come near it, which is those after the members of groups, and these a run asks from one process alone."""

MOST_A_SECOND = 100
"""What Jira allows a site for most endpoints (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/)."""


class JiraSettings(msgspec.Struct, frozen=True):
    """One connection to Jira Cloud.

    :param site: address of the site, ``https://your-site.atlassian.net``; plain http only on a loopback address
    :param email: e-mail of the account that the token belongs to
    :param token: API token
    :param auth: ``basic``: a classic token, used at the site itself; ``scoped``: a scoped token (the only kind that
        service accounts have), which works at the gateway only. A token does not reveal its kind
        (https://support.atlassian.com/user-management/docs/manage-api-tokens-for-service-accounts)
    :param cloud_id: id of the site at the gateway; asked for at the site where it is ``None``
    :param gateway: address of Atlassian's gateway
    :param token_expires_on: the day on which the token expires, where the administrator noted it; Jira does not tell
    :param requests_per_second: how often a step of a task asks one endpoint at most, from 1 to 100
    :raises ValueError: a setting cannot be used; the sentence says which and what would be right
    """

    site: str
    email: str
    token: str
    auth: Literal["basic", "scoped"] = "basic"
    cloud_id: str | None = None
    gateway: str = "https://api.atlassian.com"
    token_expires_on: date | None = None
    requests_per_second: int = REQUESTS_A_SECOND

    def __post_init__(self) -> None:
        tidy = msgspec.structs.force_setattr
        tidy(self, "site", _address(self.site, "host"))
        tidy(self, "gateway", _address(self.gateway, "gateway"))
        # a token read from a file or a shell often ends in a newline, which Jira takes for part of it
        tidy(self, "email", self.email.strip())
        tidy(self, "token", self.token.strip())
        tidy(self, "cloud_id", (self.cloud_id or "").strip() or None)
        if not self.email:
            raise ValueError(
                "the Jira connection's login is empty: write the e-mail of the account that owns the API token"
            )
        if not self.token:
            raise ValueError("the Jira connection's password is empty: write the API token of the account")
        if self.auth not in {"basic", "scoped"}:
            raise ValueError(f"the Jira connection's auth is {self.auth!r}: write 'basic' or 'scoped'")
        if self.cloud_id is not None and not all(sign.isalnum() or sign == "-" for sign in self.cloud_id):
            raise ValueError(
                f"the Jira connection's cloud_id is {self.cloud_id!r}: write the id that {self.site}/_edge/tenant_info "
                f"shows, or leave it out"
            )
        if not 1 <= self.requests_per_second <= MOST_A_SECOND:
            raise ValueError(
                f"the Jira connection's requests_per_second is {self.requests_per_second}: write a number from 1 to "
                f"{MOST_A_SECOND}, which is what Jira allows all apps of a site together, or leave it out for "
                f"{REQUESTS_A_SECOND}"
            )

    @property
    def loopback(self) -> bool:
        """Whether the site is on this machine: then no proxy stands between."""
        return _is_loopback(urlsplit(self.site).hostname or "")

    def days_left(self, today: date) -> int | None:
        """Tell how long the token is still good.

        :param today: the current day
        :returns: days, negative once it has expired; ``None`` where the day is not known
        """
        return None if self.token_expires_on is None else (self.token_expires_on - today).days

    @override
    def __repr__(self) -> str:
        return (
            f"JiraSettings(site={self.site!r}, email='…', token='…', auth={self.auth!r}, cloud_id={self.cloud_id!r}, "
            f"gateway={self.gateway!r}, token_expires_on={self.token_expires_on!r}, "
            f"requests_per_second={self.requests_per_second!r})"
        )

    # rich would otherwise list the fields themselves, in tracebacks too
    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("site", self.site), ("auth", self.auth)]


def _address(text: str, field: str) -> str:
    """Bring an address into its one form, without a slash at the end."""
    text = text.strip()
    whole = text if "://" in text else f"https://{text}"
    problem = _problem(whole)
    if problem:
        # an address with a user or password in it is not repeated
        shown = "" if "@" in text else f" {text!r}"
        example = _EXAMPLE if field == "host" else "https://api.atlassian.com"
        raise ValueError(f"the Jira connection's {field}{shown} {problem}: write it as {example}")
    parts = urlsplit(whole)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _problem(whole: str) -> str | None:
    try:
        parts = urlsplit(whole)
        _ = parts.port
    except ValueError:
        return "is not an address"
    return _wrong_host(parts) or _wrong_rest(parts)


def _wrong_host(parts: SplitResult) -> str | None:
    host = parts.hostname or ""
    if not host or any(sign.isspace() for sign in parts.netloc):
        return "names no host"
    if "@" in parts.netloc:
        return "holds a user or password, which belong in the fields login and password"
    if parts.scheme not in {"https", "http"}:
        return f"has the scheme {parts.scheme!r}"
    if parts.scheme == "http" and not _is_loopback(host):
        return "is not encrypted"
    return None


def _wrong_rest(parts: SplitResult) -> str | None:
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "has something after the host name"
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
