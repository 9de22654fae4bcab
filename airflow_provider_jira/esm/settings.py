"""How to reach one ESM: address, login, which API, and how hard it may be worked.

Settings prove themselves when they are made: a base URL that cannot be right is a ``ValueError`` whose text says what
was found and what would be right. The password never shows in a representation.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec


class EsmSettings(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """One ESM connection.

    :param base_url: scheme and host, ``https://acme.efectecloud.com``; plain ``http`` only on this machine
    :param login: a local ESM user; directory and single-sign-on users cannot log in to the APIs
    :param password: that user's password
    :param api: ``rest`` (REST API v1, licensed separately) or ``webapi`` (XML Web API)
    :param api_path: where REST v1 lives below the base URL; installations on premises may have ``/itsm/api/v1``
    :param webapi_path: where ``search.ws`` and ``dataCardImport.ws`` live below the base URL
    :param timezone: IANA zone of the ESM server, in which the Web API reads dates (REST carries UTC)
    :param batch_cards: cards a write request; how many ESM takes at most is not documented
    :param lookup_keys: keys a look-up request
    :param page_cards: cards a page when reading, 1 to 200
    :param concurrency: requests under way at once
    :param timeout: seconds without an answer after which a request counts as lost
    """

    base_url: str
    login: str
    password: str
    api: Literal["rest", "webapi"] = "rest"
    api_path: str = "/rest-api/itsm/v1"
    webapi_path: str = "/api/itsm"
    timezone: str = "UTC"
    batch_cards: int = 100
    lookup_keys: int = 50
    page_cards: int = 200
    concurrency: int = 4
    timeout: float = 120.0

    def __post_init__(self) -> None:
        _check_base_url(self.base_url)
        if self.api not in {"rest", "webapi"}:
            raise ValueError(f"ESM api {self.api!r} is not known: use 'rest' or 'webapi'")
        for name in ("api_path", "webapi_path"):
            path = getattr(self, name)
            if not path.startswith("/") or "?" in path or "#" in path:
                raise ValueError(
                    f"ESM {name} {path!r} is not a path: it must begin with '/', as in '/rest-api/itsm/v1'"
                )
        if not self.login or not self.password:
            raise ValueError("the ESM connection has no login or no password: both belong to a local ESM user")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, OSError, ValueError):  # not there (a KeyError of its own), a folder, no name at all
            raise ValueError(f"ESM timezone {self.timezone!r} is not an IANA zone, as 'Europe/Helsinki' is") from None
        bounds = {"batch_cards": (1, 1000), "lookup_keys": (1, 200), "page_cards": (1, 200), "concurrency": (1, 16)}
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"ESM {name} is {getattr(self, name)}: it must lie between {low} and {high}")
        if self.timeout <= 0:
            raise ValueError(f"ESM timeout is {self.timeout}: it must be a number of seconds above 0")

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"EsmSettings({shown})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]
        for name in self.__struct_fields__:
            yield name, "***" if name == "password" else getattr(self, name)


def _check_base_url(base_url: str) -> None:
    right = "it must be a scheme and a host, as in 'https://acme.efectecloud.com'"
    parts = urlsplit(base_url)
    if parts.username or parts.password:
        raise ValueError(f"the ESM base URL holds a user name or password: {right}; the login belongs in its own field")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"ESM base URL {base_url!r} is no web address: {right}")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"ESM base URL {base_url!r} holds more than a host: {right}; paths have settings of their own")
    try:
        parts.port  # noqa: B018  # reading it is what checks it
    except ValueError:
        raise ValueError(f"ESM base URL {base_url!r} has a port that is no port: {right}") from None
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError(f"ESM base URL {base_url!r} would send the password in the clear: use https")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
