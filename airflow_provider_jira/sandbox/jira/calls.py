"""One call of an operation: who makes it, and what stands around every answer.

Three kinds of callers: the account of the connection; an anonymous visitor, which a bad token silently becomes
wherever an operation can be used without login; and nobody, where it cannot (401). Scoped tokens are good at the
gateway only, and unscoped ones at the site only.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from airflow_provider_jira.sandbox.control import as_json
from airflow_provider_jira.sandbox.jira.catalog import CLOUD_ID, ROBOT_EMAIL, ROBOT_ID
from airflow_provider_jira.sandbox.jira.errors import Refused, not_found
from airflow_provider_jira.sandbox.jira.site import Site
from airflow_provider_jira.sandbox.jira.store import Row

Body = TypeVar("Body")


class Tokens(msgspec.Struct, frozen=True):
    """The API tokens of the connection's account."""

    token: str = "sandbox-token"  # noqa: S105 - it opens nothing but a sandbox
    scoped: str = "sandbox-scoped-token"
    email: str = ROBOT_EMAIL


class Call:
    """What an operation works with.

    :param site: the site
    :param caller: account id; ``None``: an anonymous visitor
    :param base: base URL of links in the answer
    :param request: the HTTP request
    :param raw: its body
    """

    def __init__(self, site: Site, caller: str | None, base: str, request: Request, raw: bytes) -> None:
        self.site = site
        self.caller = caller
        self.base = base
        self.path: Mapping[str, str] = request.path_params
        self.query = request.query_params
        self.url = request.url
        self.raw = raw

    def body(self, type_: type[Body]) -> Body:
        """Read the body.

        :param type_: a struct; keys that it does not know are refused where it says so
        :raises Refused: 400
        """
        try:
            return msgspec.json.decode(self.raw, type=type_)
        except msgspec.ValidationError as error:
            raise Refused(
                400, f"Invalid request payload: {error}. Refer to the REST API documentation and try again."
            ) from None
        except msgspec.DecodeError:
            raise Refused(400, "There was an error parsing JSON. Check that your request body is valid.") from None

    def number(self, name: str, default: int) -> int:
        """Read a whole number from the query string."""
        text = self.query.get(name)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise Refused(400, f"'{text}' is not a valid value for '{name}'.") from None

    def may(self, permission: str) -> bool:
        """Say whether the caller has a permission on the site as a whole."""
        return self.caller is not None and permission in self.site.switches.global_permissions

    def permitted(self, permission: str, project: str) -> bool:
        """Say whether the caller has a permission in a project, which is named by its key."""
        return self.site.may(self.caller, permission, project)

    def issue(self) -> Row:
        """Return the issue that the path names; a key from before a move finds it, too.

        :raises Refused: 404
        """
        row = self.site.find(self.path["issue"], self.caller)
        if row is None:
            raise not_found()
        return row

    def page(self, default: int, most: int) -> tuple[int, int]:
        """Read which page is asked for.

        :param default: how many are on it unless asked otherwise
        :param most: the most that there can be; larger numbers are cut down without a word
        :returns: ``startAt`` and ``maxResults``
        """
        return max(self.number("startAt", 0), 0), min(max(self.number("maxResults", default), 0), most)

    def flag(self, name: str) -> bool:
        """Read a truth value from the query string."""
        return self.query.get(name, "false").lower() == "true"


class Answer(msgspec.Struct, frozen=True):
    """An answer whose status depends on what was done.

    :param value: its body, if it has one
    """

    status: int
    value: Any = None


class Operation(msgspec.Struct, frozen=True):
    """One operation of the REST API.

    :param path: below ``/rest/api/3``
    :param work: does it, and returns what is answered as JSON, or an :class:`Answer`; ``None`` answers without a body
    :param scope: what a scoped token needs, if anything
    :param anonymous: whether it can be used without login
    :param status: of the answer; default: 200, or 204 without a body
    """

    method: str
    path: str
    work: Callable[[Call], Any]
    scope: str | None = "read:jira-work"
    anonymous: bool = True
    status: int | None = None

    async def answer(self, site: Site, tokens: Tokens, request: Request) -> Response:
        """Answer one request."""
        trace = uuid.uuid4().hex
        headers = {"Atl-Traceid": trace, "X-ARequestId": trace}
        raw = await request.body()
        try:
            headers.update(site.limits.spend(self.method, self.path))
            gateway = "cloud_id" in request.path_params
            caller, about = self._caller(site, tokens, request, gateway=gateway)
            headers.update(about)
            base = f"{request.url.scheme}://{request.url.netloc}"
            call = Call(site, caller, f"{base}/ex/jira/{CLOUD_ID}" if gateway else base, request, raw)
            site.index()
            found = self.work(call)
        except _NoEntry as refusal:
            return refusal.response(headers)
        except Refused as refusal:
            return as_json(refusal.body(), refusal.status, {**headers, **refusal.headers})
        if not isinstance(found, Answer):
            found = Answer(self.status or (204 if found is None else 200), found)
        if found.value is None:
            return Response(status_code=found.status, headers=headers)
        return as_json(found.value, found.status, headers)

    def _caller(
        self, site: Site, tokens: Tokens, request: Request, *, gateway: bool
    ) -> tuple[str | None, dict[str, str]]:
        given = _basic(request.headers.get("authorization"))
        if gateway:
            if request.path_params["cloud_id"] != CLOUD_ID:
                raise _NoEntry(404, {"code": 404, "message": "Not Found"})
            if given != (tokens.email, tokens.scoped):
                raise _NoEntry(401, {"code": 401, "message": "Unauthorized"})
            if self.scope is not None and self.scope not in site.switches.scopes:
                raise _NoEntry(401, {"code": 401, "message": "Unauthorized; scope does not match"})
        elif given == (tokens.email, tokens.scoped):
            raise _NoEntry(401, "Unauthorized")
        elif given != (tokens.email, tokens.token):
            failed = {} if given is None else {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
            if not self.anonymous:
                raise _NoEntry(401, "Client must be authenticated to access this resource.", failed)
            return None, failed
        return ROBOT_ID, {"X-AAccountId": quote(ROBOT_ID, safe="")}


class _NoEntry(Exception):
    """Turned away before Jira itself saw the request: the body is not Jira's error object."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}

    def response(self, headers: dict[str, str]) -> Response:
        headers = {**headers, **self.headers}
        if isinstance(self.body, str):
            return Response(self.body, self.status, headers, media_type="text/plain")
        return as_json(self.body, self.status, headers)


def _basic(header: str | None) -> tuple[str, str] | None:
    """Return the login of an ``Authorization`` header; an unreadable one is a login that is wrong."""
    if header is None:
        return None
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
