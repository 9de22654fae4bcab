"""Tokens: where they are found, how long they live, when they are renewed."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_jira.esm.auth import ASSUMED_LIFE, BasicAuth, TokenAuth, token_life, token_of
from airflow_provider_jira.esm.errors import EsmAuthError, EsmProtocolError

from .conftest import Time


def jwt(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzUxMiJ9.{body}.signature"


def answer(status: int = 200, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
    request = httpx.Request("POST", "https://esm.example/rest-api/itsm/v1/users/login")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(status, headers=headers, content=content, request=request)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"token": "Bearer abc.def"}, {}),
        ({"token": "abc.def"}, {}),
        ({}, {"Authorization": "Bearer abc.def"}),
        ({"token": None}, {"Authorization": "abc.def"}),
        (b"", {"Authorization": "Bearer abc.def"}),
        ({"token": "Bearer abc.def"}, {"Authorization": "Bearer other"}),
    ],
)
def test_the_token_is_found_wherever_it_is(body: Any, headers: dict[str, str]) -> None:
    assert token_of(answer(body=body, headers=headers)) == "abc.def"


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_login_names_the_mend(status: int) -> None:
    with pytest.raises(EsmAuthError, match="External API permission") as caught:
        token_of(answer(status, {"message": "no"}))
    assert caught.value.status == status


@pytest.mark.parametrize(
    "response",
    [
        answer(404, {}), answer(405, b"<html>"), answer(200, b"<html>welcome</html>"), answer(200, {"token": ""}),
        answer(200, {"token": 7}), answer(200, ["token"]), answer(200, {"token": "a\nX-Evil: b"}),
    ],
)  # fmt: skip
def test_something_that_is_no_esm_is_told_so(response: httpx.Response) -> None:
    with pytest.raises(EsmProtocolError, match="api_path"):
        token_of(response)


@pytest.mark.parametrize(
    ("token", "life"),
    [
        (jwt(iat=100, exp=1000), 900.0),
        (jwt(exp=1000), 500.0),
        (jwt(iat="x", exp=1000), 500.0),
        (jwt(iat=1000, exp=100), 0.0),
        (jwt(iat=100), ASSUMED_LIFE),
        (jwt(exp="soon"), ASSUMED_LIFE),
        ("opaque", ASSUMED_LIFE),
        ("a.b.c", ASSUMED_LIFE),
        ("a.W10.c", ASSUMED_LIFE),  # an array
        ("a.\u00e9.c", ASSUMED_LIFE),
    ],
)
def test_a_tokens_life_is_read_from_itself(token: str, life: float) -> None:
    assert token_life(token, now=500.0) == life


@given(st.integers(0, 10**10), st.integers(0, 10**6))
def test_a_clock_that_is_wrong_by_any_amount_does_not_matter(now: int, life: int) -> None:
    assert token_life(jwt(iat=1_772_000_000, exp=1_772_000_000 + life), now) == life


class Logins:
    def __init__(self, life: int = 900) -> None:
        self.count = 0
        self.time = Time()
        self.life = life

    async def __call__(self) -> httpx.Response:
        self.count += 1
        await asyncio.sleep(0)
        return answer(body={"token": jwt(iat=5, exp=5 + self.life, n=self.count)})


def test_one_login_serves_all_who_ask_at_once() -> None:
    logins = Logins()

    async def main() -> set[str]:
        auth = TokenAuth(logins, logins.time)
        return set(await asyncio.gather(*[auth.authorization() for _ in range(10)]))

    assert len(asyncio.run(main())) == 1
    assert logins.count == 1


@pytest.mark.parametrize(("life", "fresh", "stale"), [(900, 839, 840), (60, 29, 30), (2, 0.9, 1)])
def test_a_token_is_renewed_a_little_before_its_end(life: int, fresh: float, stale: float) -> None:
    logins = Logins(life)

    async def main() -> None:
        auth = TokenAuth(logins, logins.time)
        await auth.authorization()
        logins.time.now += fresh
        await auth.authorization()
        assert logins.count == 1
        logins.time.now += stale - fresh
        await auth.authorization()
        assert logins.count == 2

    asyncio.run(main())


def test_a_refused_token_is_dropped_but_not_the_one_that_replaced_it() -> None:
    logins = Logins()

    async def main() -> None:
        auth = TokenAuth(logins, logins.time)
        old = await auth.authorization()
        assert auth.refused(old)
        new = await auth.authorization()
        assert new != old
        assert auth.refused(old)  # a request that was under way with the old one comes back late
        assert await auth.authorization() == new

    asyncio.run(main())
    assert logins.count == 2


def test_basic_is_the_same_every_time_and_has_nothing_else_to_offer() -> None:
    auth = BasicAuth("webapi", "pä:ss")
    value = asyncio.run(auth.authorization())
    assert base64.b64decode(value.removeprefix("Basic ")).decode() == "webapi:pä:ss"
    assert not auth.refused(value)
