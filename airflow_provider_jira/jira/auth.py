"""Which address is asked, and whose answer it is.

Jira answers a bad or expired token on most operations like an anonymous visitor: status 200 and nothing in it. Taken
for the truth, that is "everything was deleted". So every answer is proved: Jira must name the account that it
answered (``X-AAccountId``, percent-encoded), always the same one, and must not complain about the login
(``X-Seraph-LoginReason``, which good answers to a token do not carry). An answer that does not prove itself is a
:class:`~airflow_provider_jira.jira.errors.JiraAuthError`, whatever its status says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from urllib.parse import unquote

import httpx
import msgspec

from airflow_provider_jira.jira.errors import JiraAuthError
from airflow_provider_jira.jira.settings import JiraSettings

TENANT_INFO = "/_edge/tenant_info"
"""Where a site tells its cloud id, to anybody
(https://support.atlassian.com/jira/kb/retrieve-my-atlassian-sites-cloud-id/)."""

WARN_DAYS = 30
"""This many days before a token expires somebody should hear of it: time for a holiday and a change request."""

USUAL_SCOPES = ("read:jira-work", "read:jira-user")
_RENEWAL = (
    "make a new API token at https://id.atlassian.com/manage-profile/security/api-tokens and write it into the "
    "password of the Jira connection"
)


class Tenant(msgspec.Struct, frozen=True):
    """What a site tells about itself without login."""

    cloud_id: str = msgspec.field(name="cloudId")


def api_base(settings: JiraSettings, cloud_id: str | None) -> str:
    """Tell below which address the API lies.

    :param settings: how to reach the site
    :param cloud_id: id of the site at the gateway; needed for scoped tokens only
    """
    if settings.auth == "scoped":
        return f"{settings.gateway}/ex/jira/{cloud_id}"
    return settings.site


def credentials(settings: JiraSettings) -> httpx.BasicAuth:
    """Both kinds of tokens travel as the password of basic authentication."""
    return httpx.BasicAuth(settings.email, settings.token)


def expiry_warning(settings: JiraSettings, today: date) -> str | None:
    """Warn of a token that Jira takes today and soon will not.

    Tokens live a year at most, and Jira tells nobody when one ends
    (https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/).

    :param settings: of the connection
    :param today: the current day
    :returns: a sentence; ``None`` where there is time, or where the day is not noted
    """
    left, day = settings.days_left(today), settings.token_expires_on
    if left is None or left > WARN_DAYS:
        return None
    if left < 0:
        return (
            f"The Jira connection says that its token expired on {day} (token_expires_on), yet Jira takes it: write "
            "the real day there, or you will not be warned in time."
        )
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    return f"The API token of the Jira connection expires {when}, on {day} (token_expires_on): {_RENEWAL}."


class Proof:
    """Proves answers to be for one and the same account.

    :param settings: for what the error texts recommend
    :param today: the current day
    """

    def __init__(self, settings: JiraSettings, today: Callable[[], date]) -> None:
        self._settings = settings
        self._today = today
        self._account: str | None = None

    def check(self, response: httpx.Response) -> None:
        """Prove one answer, or raise.

        Answers of the edge (limits, outages, no such site) name nobody, so from a failure only a wrong name is held
        against it; but an anonymous visitor is also told, with status 400, that what it asks about does not exist.

        :raises JiraAuthError: the login failed, or the answer is for nobody or somebody else
        """
        if reason := login_failure(response):
            raise JiraAuthError(self._told(reason))
        account = unquote(response.headers.get("x-aaccountid", "")).strip()
        if not account:
            if response.is_success or response.status_code == 400:
                raise JiraAuthError(
                    "Jira answered as to an anonymous visitor: the answer names no account, so nothing in it can be "
                    "believed. " + self.advice()
                )
            return
        self.same(account)

    def same(self, account: str) -> None:
        """Hold an account against the one that answered so far.

        :raises JiraAuthError: it is another one
        """
        if self._account is None:
            self._account = account
        elif account != self._account:
            raise JiraAuthError(
                "Jira answered for another account than before. Something between here and Jira mixes up logins (a "
                "proxy that keeps answers?), or the token was exchanged while the task ran: start the task again."
            )

    def advice(self, scopes: Sequence[str] = USUAL_SCOPES) -> str:
        """Tell what to mend when the token does not work.

        :param scopes: what a scoped token needs for what was asked
        """
        settings = self._settings
        left = settings.days_left(self._today())
        if left is not None and left < 0:
            return f"The token expired on {settings.token_expires_on} (token_expires_on): {_RENEWAL}."
        if settings.auth == "scoped":
            return (
                f"The token may be wrong, expired or revoked, lack the scope{'s' if len(scopes) > 1 else ''} "
                f"{' and '.join(scopes)}, or be a classic one, which needs auth: basic. Otherwise {_RENEWAL}."
            )
        return (
            "The token may be wrong, expired or revoked, or not belong to the connection's login. If it is a scoped "
            "token or belongs to a service account, set auth: scoped in the extra of the Jira connection, because such "
            f"tokens work only through Atlassian's gateway. Otherwise {_RENEWAL}."
        )

    def _told(self, reason: str) -> str:
        if reason == "AUTHENTICATION_DENIED":
            return (
                "Jira wants a CAPTCHA solved before it looks at this account's token again: log in once in a browser "
                "with the account of the Jira connection."
            )
        return f"Jira does not accept the API token ({reason}). {self.advice()}"


def login_failure(response: httpx.Response) -> str | None:
    """Read Jira's complaint about the login.

    :returns: ``AUTHENTICATED_FAILED``, ``AUTHENTICATION_DENIED``, ``AUTHORISATION_FAILED``, ``OUT`` …; ``None``
        where there is none
    """
    if response.headers.get("x-authentication-denied-reason"):
        return "AUTHENTICATION_DENIED"
    reasons = response.headers.get("x-seraph-loginreason", "").upper().split(",")
    failed = [reason.strip() for reason in reasons if reason.strip() not in {"", "OK"}]
    return "".join(sign for sign in failed[0] if sign.isalpha() or sign == "_")[:40] or "unknown" if failed else None
