"""Who the client is: a token that renews itself (REST), or a fixed header (Web API).

REST v1 gives a token for 15 minutes and has no call to renew it, so the client logs in again a little before the end.
How long a token lives is read from the token itself, as the difference of its own two times: the clocks of the two
machines need not agree. A token that ESM refuses all the same is dropped, and the request is sent once more with a new
one (source of the token's shape: the vendor's OpenAPI document, ``POST /users/login``).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import anyio
import httpx
import msgspec

from airflow_provider_jira.esm.errors import EsmAuthError, EsmProtocolError

ASSUMED_LIFE = 600.0
"""Seconds that a token is trusted for when it does not say how long it lives."""

_EARLY = 60.0


class Auth(Protocol):
    """Gives the ``Authorization`` header of each request."""

    async def authorization(self) -> str:
        """Give the header's value, logging in first where that is needed."""

    def refused(self, value: str) -> bool:
        """Take note that ESM refused this value; say whether asking again gives another one."""


class BasicAuth:
    """The same header for every request.

    :param login: user name
    :param password: password
    """

    def __init__(self, login: str, password: str) -> None:
        self._value = "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()

    async def authorization(self) -> str:
        """Give the header's value."""
        return self._value

    def refused(self, value: str) -> bool:  # noqa: ARG002
        """Say that there is no other value."""
        return False


class TokenAuth:
    """A token that is fetched when first needed and again shortly before it ends.

    :param fetch: logs in and returns ESM's answer
    :param clock: seconds, of any origin that does not jump
    """

    def __init__(self, fetch: Callable[[], Awaitable[httpx.Response]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._value: str | None = None
        self._until = 0.0
        self._lock = anyio.Lock()

    async def authorization(self) -> str:
        """Give the header's value; many may ask at once, one of them logs in."""
        async with self._lock:
            if self._value is None or self._clock() >= self._until:
                asked = self._clock()
                token = token_of(await self._fetch())
                life = token_life(token, asked)
                # a token that lives shorter than the margin is renewed at half its life, or every request would log in
                self._until = asked + max(life - _EARLY, life / 2)
                self._value = f"Bearer {token}"
            return self._value

    def refused(self, value: str) -> bool:
        """Drop a token that ESM refused, unless another request has replaced it already."""
        if self._value == value:
            self._value = None
        return True


def token_of(answer: httpx.Response) -> str:
    """Take the token out of the answer to a login: it is in the body or in a header, with or without ``Bearer``.

    :raises EsmAuthError: ESM does not accept the login
    :raises EsmProtocolError: the answer is not one to a login
    """
    path = answer.request.url.path
    where: dict[str, Any] = {"method": "POST", "path": path, "status": answer.status_code}
    if answer.status_code in {400, 401, 403}:
        raise EsmAuthError(
            "ESM refuses the login: correct login and password of the ESM connection; the user must be a local ESM "
            "user whose role has the External API permission",
            **where,
        )
    if answer.status_code != 200:
        raise EsmProtocolError(
            "this is no ESM REST login: correct the host or `api_path` of the ESM connection (cloud: "
            "/rest-api/itsm/v1, on premises often /itsm/api/v1), or use `api: webapi` where REST is not licensed",
            **where,
        )
    token: str = answer.headers.get("Authorization", "")
    try:
        body = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("token"), str):
        token = body["token"]
    token = token.removeprefix("Bearer ").strip()
    if not token or not token.isascii() or not token.isprintable():
        raise EsmProtocolError(
            "the answer to the login holds no token: correct the host or `api_path` of the ESM connection", **where
        )
    return token


def token_life(token: str, now: float) -> float:
    """Read from a JSON Web Token how long it lives; its signature is ESM's own business.

    :param token: the token, without ``Bearer``
    :param now: seconds since the epoch, used only where the token does not say when it was issued
    :returns: seconds, never below 0
    """
    parts = token.split(".")
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, binascii.Error, ValueError, msgspec.DecodeError):
        return ASSUMED_LIFE
    if not isinstance(claims, dict) or not isinstance(claims.get("exp"), (int, float)):
        return ASSUMED_LIFE
    issued = claims.get("iat")
    return max(0.0, float(claims["exp"]) - (issued if isinstance(issued, (int, float)) else now))
