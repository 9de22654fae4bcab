"""A connection of type ``jira_cloud``: what becomes of its fields, and what is said about wrong ones."""

from __future__ import annotations

import json
from datetime import date

import pytest

from airflow_provider_jira.hooks.connection import ConnectionProblem
from airflow_provider_jira.hooks.jira import JiraCloudHook

GOOD = {
    "conn_type": "jira_cloud",
    "host": "https://acme.atlassian.net",
    "login": "robot@acme.example",
    "password": "open-sesame",
}


def test_fields_become_settings(connect):
    connect("jira_acme", **GOOD)
    settings = JiraCloudHook("jira_acme").settings()
    assert (settings.site, settings.email, settings.token) == (
        "https://acme.atlassian.net",
        "robot@acme.example",
        "open-sesame",
    )
    assert (settings.auth, settings.cloud_id, settings.token_expires_on) == ("basic", None, None)
    assert settings.requests_per_second == 50


def test_extra_chooses_the_kind_of_token_and_says_when_it_expires(connect):
    extra = {
        "auth": "scoped",
        "cloud_id": "abc-1",
        "gateway": "https://gateway.example",
        "token_expires_on": "2027-03-01",
        "requests_per_second": "30",
    }
    connect("jira_acme", **GOOD, extra=extra)
    settings = JiraCloudHook("jira_acme").settings()
    assert (settings.auth, settings.cloud_id, settings.gateway, settings.token_expires_on) == (
        "scoped",
        "abc-1",
        "https://gateway.example",
        date(2027, 3, 1),
    )
    assert settings.requests_per_second == 30


@pytest.mark.parametrize(
    ("fields", "site"),
    [
        ({"host": "acme.atlassian.net"}, "https://acme.atlassian.net"),
        ({"host": "https://acme.atlassian.net/"}, "https://acme.atlassian.net"),
        ({"host": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"host": "127.0.0.1", "port": 8080, "schema": "http"}, "http://127.0.0.1:8080"),
    ],
)
def test_the_site_is_put_together_from_what_the_form_has(connect, fields, site):
    connect("jira_acme", **{**GOOD, **fields})
    assert JiraCloudHook("jira_acme").settings().site == site


def test_a_connection_written_as_uri_is_as_good(monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_JIRA_ACME", "jira-cloud://robot%40acme.example:open-sesame@acme.atlassian.net/?auth=basic"
    )
    settings = JiraCloudHook("jira_acme").settings()
    assert (settings.site, settings.email) == ("https://acme.atlassian.net", "robot@acme.example")


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"host": ""}, ["'host'", "atlassian.net"]),
        ({"login": None}, ["'login'", "e-mail"]),
        ({"password": ""}, ["'password'", "API token"]),
        ({"extra": {"clouid_id": "x"}}, ["'extra'", "'clouid_id'", "cloud_id"]),
        ({"extra": {"auth": "oauth"}}, ["'extra.auth'", "'oauth'", "basic, scoped"]),
        ({"extra": {"token_expires_on": "1.3.2027"}}, ["'extra.token_expires_on'", "YYYY-MM-DD"]),
        ({"extra": {"requests_per_second": "many"}}, ["'extra.requests_per_second'", "'many'"]),
        ({"extra": {"requests_per_second": 0}}, ["requests_per_second is 0", "from 1 to 100"]),
        ({"extra": "{"}, ["'extra'", "not JSON"]),
        ({"host": "http://acme.atlassian.net"}, ["https"]),
        ({"host": "https://acme.atlassian.net/browse/SUP-1"}, ["host"]),
    ],
)
def test_a_wrong_field_is_named_with_its_connection_and_without_secrets(connect, fields, parts):
    connect("jira_acme", **{**GOOD, **fields})
    with pytest.raises(ConnectionProblem) as refused:
        JiraCloudHook("jira_acme").settings()
    text = str(refused.value)
    assert all(part in text for part in ["'jira_acme'", *parts])
    assert "open-sesame" not in text
    assert "robot@" not in text


def test_a_missing_connection_is_named_with_the_mend():
    with pytest.raises(ConnectionProblem, match=r"no connection 'jira_nowhere'.*Admin, Connections.*Jira Cloud"):
        JiraCloudHook("jira_nowhere").settings()


def test_test_connection_says_what_is_wrong_instead_of_raising(connect):
    connect("jira_acme", **{**GOOD, "password": ""})
    good, text = JiraCloudHook("jira_acme").test_connection()
    assert not good
    assert "'password'" in text


def test_the_form_offers_every_key_that_is_read(connect):
    from airflow_provider_jira.provider_info import get_provider_info

    offered = next(c for c in get_provider_info()["connection-types"] if c["connection-type"] == "jira_cloud")
    assert set(offered["conn-fields"]) == {
        "auth",
        "cloud_id",
        "gateway",
        "token_expires_on",
        "requests_per_second",
    }
    connect("jira_acme", **{**GOOD, "extra": json.dumps(dict.fromkeys(offered["conn-fields"]))})
    assert JiraCloudHook("jira_acme").settings()
