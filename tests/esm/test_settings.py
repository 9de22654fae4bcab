"""Settings say what is wrong with them, and never their password."""

from __future__ import annotations

from typing import Any

import pytest
from rich.pretty import pretty_repr

from airflow_provider_jira.esm.settings import EsmSettings

GOOD: dict[str, Any] = {"base_url": "https://acme.efectecloud.com", "login": "webapi", "password": "Secr3t!"}


@pytest.mark.parametrize(
    "url", ["https://acme.efectecloud.com", "https://acme.efectecloud.com/", "https://esm.acme.example:8443",
            "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"],
)  # fmt: skip
def test_an_address_that_can_be_right_is_taken(url: str) -> None:
    assert EsmSettings(**{**GOOD, "base_url": url}).base_url == url


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"base_url": "acme.efectecloud.com"}, "is no web address: it must be a scheme and a host"),
        ({"base_url": "ftp://acme.efectecloud.com"}, "is no web address"),
        ({"base_url": ""}, "is no web address"),
        ({"base_url": "https://acme.efectecloud.com/api/itsm"}, "holds more than a host"),
        ({"base_url": "https://acme.efectecloud.com?x=1"}, "holds more than a host"),
        ({"base_url": "https://acme.efectecloud.com:port"}, "has a port that is no port"),
        ({"base_url": "http://acme.efectecloud.com"}, "would send the password in the clear: use https"),
        ({"base_url": "http://10.0.0.1"}, "would send the password in the clear"),
        ({"base_url": "https://webapi:Secr3t!@acme.efectecloud.com"}, "the login belongs in its own field"),
        ({"api": "soap"}, "ESM api 'soap' is not known: use 'rest' or 'webapi'"),
        ({"api_path": "rest-api"}, "api_path 'rest-api' is not a path"),
        ({"webapi_path": "/a?b"}, "webapi_path '/a\\?b' is not a path"),
        ({"login": ""}, "no login or no password"),
        ({"password": ""}, "no login or no password"),
        ({"timezone": "Mars/Olympus"}, "timezone 'Mars/Olympus' is not an IANA zone"),
        ({"timezone": "../etc"}, "is not an IANA zone"),
        ({"timezone": ""}, "is not an IANA zone"),
        ({"batch_cards": 0}, "batch_cards is 0: it must lie between 1 and 1000"),
        ({"page_cards": 201}, "page_cards is 201: it must lie between 1 and 200"),
        ({"lookup_keys": 0}, "lookup_keys is 0"),
        ({"concurrency": 99}, "concurrency is 99"),
        ({"timeout": 0}, "timeout is 0"),
    ],
)
def test_what_cannot_be_right_is_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        EsmSettings(**{**GOOD, **changes})
    assert "Secr3t!" not in str(caught.value)


def test_no_representation_shows_the_password() -> None:
    settings = EsmSettings(**GOOD)
    for shown in (repr(settings), str(settings), pretty_repr(settings), f"{settings}"):
        assert "Secr3t!" not in shown
        assert "acme.efectecloud.com" in shown
