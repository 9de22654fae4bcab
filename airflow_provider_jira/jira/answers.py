"""From an HTTP answer to its meaning: fine, or one error of the tree.

Pure: it looks at status, headers and body, and decides nothing about repeating. Bodies are not trusted to be JSON:
the edge in front of Jira answers HTML, text or nothing. Jira's own words are quoted only where they are about the
question (a 400) or, without the values that were sent, about a change, never where they could be about other content.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import httpx
import msgspec

from airflow_provider_jira.jira.auth import Proof
from airflow_provider_jira.jira.errors import (
    JiraAuthError,
    JiraError,
    JiraGone,
    JiraPermissionError,
    JiraProtocolError,
    JiraRateLimited,
    JiraRefused,
    JiraUnavailable,
    JiraUncertain,
    JiraUnreachable,
    JqlRefused,
)
from airflow_provider_jira.jira.retry import distrust
from airflow_provider_jira.jira.settings import JiraSettings
from airflow_provider_jira.model.redact import without

T = TypeVar("T")

_JIRA_SIGNS = ("x-aaccountid", "x-seraph-loginreason", "atl-traceid", "x-arequestid")
_LONGEST_QUOTE = 300
_LOOK = "Look in Jira whether it was done before you have it done again."


class Needs(msgspec.Struct, frozen=True):
    """What an account needs to be answered a question, beyond being let in: named where Jira says no.

    :param permission: completes "give it …"
    :param scopes: what a scoped token needs
    """

    permission: str
    scopes: tuple[str, ...]


class Judge:
    """Judges the answers to one client's requests.

    :param settings: for what the error texts recommend, and for what they must not repeat
    :param proof: whose answers they have to be
    """

    def __init__(self, settings: JiraSettings, proof: Proof) -> None:
        self._settings = settings
        self._proof = proof

    def judge(
        self,
        response: httpx.Response,
        *,
        about_jql: bool = False,
        needs: Needs | None = None,
        sent: Collection[str] | None = None,
    ) -> None:
        """Return if the answer is good.

        :param response: with its body read
        :param about_jql: whether a 400 speaks of the JQL
        :param needs: what the account needs to be answered
        :param sent: the texts of a change that was asked for, which no error may quote; ``None`` for a mere question
        :raises JiraError: it is not; without method and path, which the caller knows
        """
        self._right_place(response)
        if response.status_code == 401:
            raise self._unauthorised(response, needs)
        self._proof.check(response)
        if response.is_success:
            return
        raise self._refusal(response, about_jql=about_jql, needs=needs, sent=sent)

    def public(self, response: httpx.Response) -> None:
        """Judge an answer to a question that needs no login.

        :raises JiraError: it is not good
        """
        self._right_place(response)
        if not response.is_success:
            raise self._refusal(response, about_jql=False, needs=None, sent=None)

    def _right_place(self, response: httpx.Response) -> None:
        host = response.request.url.host
        if response.is_redirect:
            target = response.next_request.url.host if response.next_request else "elsewhere"
            raise JiraUnreachable(
                f"{host} sends us on to {target}: correct the host of the Jira connection. "
                f"The token was not sent there.",
                retryable=False,
            )
        stranger = not any(name in response.headers for name in _JIRA_SIGNS) and "json" not in response.headers.get(
            "content-type", ""
        )
        if stranger and (response.is_success or response.status_code in {400, 404, 405}):
            raise JiraUnreachable(
                f"{host} answers, but there is no Jira Cloud site (any more) at this address: correct the host of the "
                f"Jira connection, it looks like https://your-site.atlassian.net.",
                retryable=False,
            )

    def _unauthorised(self, response: httpx.Response, needs: Needs | None) -> JiraError:
        try:
            self._proof.check(response)
        except JiraAuthError as told:
            return told
        if needs is None:
            return JiraAuthError("Jira does not accept the API token. " + self._proof.advice())
        # some operations say 401 to somebody whom Jira knows and who merely lacks a permission
        if "x-aaccountid" in response.headers:
            return self.not_permitted(needs)
        return JiraAuthError("Jira does not accept the API token for this. " + self._proof.advice(needs.scopes))

    def not_permitted(self, needs: Needs | None) -> JiraPermissionError:
        """Make the error for what the account may not do.

        :param needs: what it lacks, where that is known
        """
        if needs is None:
            return JiraPermissionError(
                "Jira does not let this account do that: give it access to the Jira product, and look for an IP "
                "allow-list of the site."
            )
        scopes = f", and its token the scope {' and '.join(needs.scopes)}" if self._settings.auth == "scoped" else ""
        return JiraPermissionError(
            f"Jira does not let this account do that: give it {needs.permission}{scopes}. If it has that, look for an "
            f"IP allow-list of the site."
        )

    def _refusal(
        self, response: httpx.Response, *, about_jql: bool, needs: Needs | None, sent: Collection[str] | None
    ) -> JiraError:
        status = response.status_code
        if status == 429:
            return self._limited(response)
        if status >= 500 or status == 408:
            if sent is not None:
                return JiraUncertain(f"Jira failed before it said whether it did this. {_LOOK}")
            return JiraUnavailable(
                "Jira cannot answer at the moment; trying again did not help. See https://status.atlassian.com."
            )
        if about_jql and status == 400:
            return self.jql_refused(self._words(response))
        return self._final(response, needs, sent)

    def _final(self, response: httpx.Response, needs: Needs | None, sent: Collection[str] | None) -> JiraError:
        status = response.status_code
        if status == 403:
            return self.not_permitted(needs)
        if status == 404 and "x-aaccountid" not in response.headers:
            mend = "cloud_id in the extra" if self._settings.auth == "scoped" else "the host"
            return JiraUnreachable(
                f"No Jira Cloud site answers at this address: correct {mend} of the Jira connection.", retryable=False
            )
        if status == 410:
            return JiraGone("Atlassian has removed this part of Jira's API: install a newer version of this provider.")
        words: tuple[str, ...] = ()
        fields: dict[str, str] = {}
        if status == 400 or sent is not None:
            words, fields = self._words(response, sent or ()), self._fields(response, sent or ())
        # two changes at once: the other one was first, and this one was not made
        again = True if status == 409 and sent is not None else None
        refused = JiraRefused("Jira refuses the request" + (": " + "; ".join(words) if words else "."), retryable=again)
        refused.messages, refused.fields = words, fields
        return refused

    def jql_refused(self, messages: Sequence[str]) -> JqlRefused:
        """Make the error for a JQL that Jira does not take.

        :param messages: Jira's own words
        """
        words = tuple(self._quote(message) for message in messages)
        told = "; ".join(words) or "it does not say why"
        refused = JqlRefused(
            f"Jira refuses the JQL: {told.rstrip('.')}. Correct `jql` in the definition, or give the account the "
            f"permission to see what it names."
        )
        refused.messages = words
        return refused

    def _limited(self, response: httpx.Response) -> JiraError:
        reason = response.headers.get("ratelimit-reason", "")
        reason = "".join(sign for sign in reason if sign.isalnum() or sign == "-")[:60]
        return JiraRateLimited(
            f"Jira takes no more requests ({reason or 'no reason given'}), and waiting did not help: run fewer tasks "
            f"on this site at a time, or at another hour."
        )

    def _words(self, response: httpx.Response, sent: Collection[str] = ()) -> tuple[str, ...]:
        body = _object(response)
        words: list[Any] = [body.get("message")]
        for name in ("errorMessages", "warningMessages"):
            if isinstance(listed := body.get(name), list):
                words += listed
        quoted = [self._quote(word, sent) for word in words if isinstance(word, str) and word]
        return (*quoted, *(f"{field}: {text}" for field, text in self._fields(response, sent).items()))

    def _fields(self, response: httpx.Response, sent: Collection[str]) -> dict[str, str]:
        named = _object(response).get("errors")
        if not isinstance(named, dict):
            return {}
        return {
            str(field)[:_LONGEST_QUOTE]: self._quote(text, sent)
            for field, text in named.items()
            if isinstance(text, str)
        }

    def _quote(self, text: str, sent: Collection[str] = ()) -> str:
        for secret in (self._settings.token, self._settings.email):
            text = text.replace(secret, "…")
        return without(text, sent) if sent else " ".join(text.split())[:_LONGEST_QUOTE]


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        body: Any = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def read(response: httpx.Response, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode a good answer.

    :raises JiraProtocolError: it is not JSON, or lacks what the API promises
    """
    try:
        return decoder.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # msgspec tells the place and the expected type, never the value
        told = str(error) if isinstance(error, msgspec.ValidationError) else "it is not JSON"
        raise JiraProtocolError(
            f"Jira's answer cannot be read: {told}. Something between here and Jira may have cut or replaced it."
        ) from None


def no_answer(error: httpx.RequestError, host: str) -> JiraUnreachable:
    """Say why no answer came.

    :param error: httpx's exception
    :param host: that was asked
    """
    if distrusted := distrust(error):
        why = getattr(distrusted, "verify_message", "") or "it was issued by nobody known here"
        return JiraUnreachable(
            f"The certificate of {host} is not trusted ({why}): correct the host of the Jira connection, or add your "
            f"proxy's certificate authority to the worker (SSL_CERT_FILE).",
            retryable=False,
        )
    told = _trouble(error)
    return JiraUnreachable(
        f"{host} {told}: check the host of the Jira connection, and that the worker may reach it (proxy, firewall)."
    )


def no_answer_to_change(error: httpx.RequestError, host: str) -> JiraUncertain:
    """Say that the answer to a change was lost, which Jira may have made.

    :param error: httpx's exception
    :param host: that was asked
    """
    return JiraUncertain(f"{host} {_trouble(error)} after it was asked to do this. {_LOOK}")


def unbelievable(why: JiraError) -> JiraUncertain:
    """Say that Jira reports success, in a way that cannot be believed.

    :param why: what is wrong with the answer
    """
    return JiraUncertain(f"Jira seems to have done this, and yet: {why.message} {_LOOK}")


def _trouble(error: httpx.RequestError) -> str:
    if isinstance(error, httpx.ConnectError):
        return "cannot be found or refuses the connection"
    if isinstance(error, httpx.TimeoutException):
        return "did not answer in time"
    if isinstance(error, httpx.ProxyError):
        return "cannot be reached through the proxy"
    if isinstance(error, httpx.DecodingError):
        return "sent an answer that cannot be unpacked"
    return "broke off the connection"
