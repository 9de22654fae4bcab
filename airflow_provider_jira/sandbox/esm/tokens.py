"""Login tokens as ESM issues them: JWT, HS512, claims sub, iss, iat and exp.

The vendor's own sample token has exactly these claims and a life of 900 seconds. Time is the sandbox's clock, so that a
test can let a token expire without waiting.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import jwt


class Tokens:
    """Issues and checks the tokens of one server process.

    :param clock: seconds since the epoch
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(64)

    def issue(self, login: str, issuer: str, seconds: int) -> str:
        """Return a token without the word ``Bearer``.

        :param issuer: the login URL
        :param seconds: life of the token
        """
        now = int(self._clock())
        claims = {"sub": login, "iss": issuer, "iat": now, "exp": now + seconds}
        return jwt.encode(claims, self._key, algorithm="HS512")

    def login(self, token: str) -> str | None:
        """Return whose token it is; ``None`` for one that is forged, revoked or past its ``exp``."""
        try:
            claims = jwt.decode(
                token, self._key, algorithms=["HS512"], options={"verify_exp": False, "verify_iat": False}
            )
        except jwt.InvalidTokenError:
            return None
        return str(claims["sub"]) if self._clock() < claims["exp"] else None

    def revoke(self) -> None:
        """Make every token issued so far worthless, as a restart of ESM with a new key does."""
        self._key = secrets.token_bytes(64)
