"""The error tree is what its docstring draws, and every error carries its request."""

from __future__ import annotations

import pickle
import re

import pytest

from airflow_provider_jira.jira import errors
from airflow_provider_jira.jira.errors import JiraError, JiraRateLimited, JqlRefused


def _drawn() -> list[tuple[str, str]]:
    """(class, parent) pairs, from the drawing at the top of the module."""
    pairs, above = [], {}
    for indent, name in re.findall(r"^( *)[*x+] (\w+)", errors.__doc__ or "", re.MULTILINE):
        level = len(indent) // 2
        above[level] = name
        pairs.append((name, above.get(level - 1, "Exception")))
    return pairs


def test_the_tree_is_what_the_module_draws() -> None:
    real = [
        (name, value.__mro__[1].__name__)
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, JiraError)
    ]
    assert sorted(_drawn()) == sorted(real)
    assert sorted(name for name, _ in real) == sorted(errors.__all__)


@pytest.mark.parametrize(
    ("name", "helps"),
    [
        ("JiraUnreachable", True),
        ("JiraAuthError", False),
        ("JiraPermissionError", False),
        ("JiraRefused", False),
        ("JqlRefused", False),
        ("JiraGone", False),
        ("JiraUnavailable", True),
        ("JiraIncomplete", True),
        ("JiraRateLimited", True),
        ("JiraProtocolError", True),
        ("JiraUncertain", False),
    ],
)
def test_an_error_tells_whether_trying_again_can_help(name: str, helps: bool) -> None:
    kind = getattr(errors, name)
    assert kind("x").retryable is helps
    assert kind("x", retryable=not helps).retryable is not helps


def test_an_error_says_which_request_it_is_about() -> None:
    error = JiraRateLimited("Too much.", method="POST", path="/rest/api/3/search/jql", status=429, trace="t-1")
    assert str(error) == "Too much. (POST /rest/api/3/search/jql, HTTP 429, trace t-1)"
    assert str(JiraError("Only words.")) == "Only words."


def test_an_error_survives_the_way_between_processes() -> None:
    error = JqlRefused("No.", method="POST", path="/p", status=400, trace="t", retryable=True)
    error.messages, error.fields = ("why",), {"summary": "is required"}
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.messages, copy.retryable) == (str(error), ("why",), True)
    assert copy.fields == {"summary": "is required"}
