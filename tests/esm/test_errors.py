"""The error tree is a promise: its shape, what each says of trying again, and what no text holds."""

from __future__ import annotations

import re

import pytest

from airflow_provider_jira.esm import errors
from airflow_provider_jira.esm.errors import EsmError, EsmRateLimited, EsmUnavailable

TREE = {
    "EsmError": ("Exception", False),
    "EsmUnreachable": ("EsmError", True),
    "EsmAuthError": ("EsmError", False),
    "EsmPermissionError": ("EsmError", False),
    "UnknownTemplate": ("EsmError", False),
    "UnknownAttribute": ("EsmError", False),
    "UnknownCard": ("EsmError", False),
    "EsmRefused": ("EsmError", False),
    "EsmUnavailable": ("EsmError", True),
    "EsmRateLimited": ("EsmUnavailable", True),
    "EsmUncertain": ("EsmError", False),
    "EsmProtocolError": ("EsmError", False),
}


def test_the_tree_is_the_one_that_is_drawn() -> None:
    found = {
        name: (kind.__mro__[1].__name__, kind("text").retryable)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, EsmError)
    }
    assert found == TREE
    assert set(re.findall(r"\b(?:Esm|Unknown)\w+", errors.__doc__ or "")) == set(TREE)


@pytest.mark.parametrize("name", [name for name in TREE if name != "EsmRateLimited"])
def test_a_text_names_the_request_and_keeps_what_esm_said_apart(name: str) -> None:
    error = getattr(errors, name)("It failed", method="GET", path="/dc/x", status=418, detail="private")
    assert str(error) == "It failed (GET /dc/x, HTTP 418)"
    assert (error.method, error.path, error.status, error.detail) == ("GET", "/dc/x", 418, "private")


def test_an_error_without_request_is_its_sentence() -> None:
    assert str(EsmError("It failed")) == "It failed"


def test_a_rate_limit_is_never_ambiguous() -> None:
    assert EsmUnavailable("x").ambiguous
    assert not EsmRateLimited("x", retry_after=3).ambiguous
