"""A connection of type ``efecte_esm``: what becomes of its fields, and what is said about wrong ones."""

from __future__ import annotations

import json

import pytest

from airflow_provider_jira.hooks.connection import ConnectionProblem
from airflow_provider_jira.hooks.esm import EfecteEsmHook

GOOD = {
    "conn_type": "efecte_esm",
    "host": "https://acme.efectecloud.com",
    "login": "webapi",
    "password": "open-sesame",
}


def test_fields_become_settings(connect):
    connect("esm_acme", **GOOD)
    settings = EfecteEsmHook("esm_acme").settings()
    assert (settings.base_url, settings.login, settings.password) == (
        "https://acme.efectecloud.com",
        "webapi",
        "open-sesame",
    )
    assert (settings.api, settings.api_path, settings.timezone) == ("rest", "/rest-api/itsm/v1", "UTC")


def test_extra_chooses_api_paths_zone_and_batch(connect):
    extra = {
        "api": "webapi",
        "api_path": "/itsm/api/v1",
        "webapi_path": "/itsm/ws",
        "timezone": "Europe/Helsinki",
        "batch_cards": "50",
    }
    connect("esm_acme", **GOOD, extra=extra)
    settings = EfecteEsmHook("esm_acme").settings()
    assert (settings.api, settings.api_path, settings.webapi_path, settings.timezone, settings.batch_cards) == (
        "webapi",
        "/itsm/api/v1",
        "/itsm/ws",
        "Europe/Helsinki",
        50,
    )


def test_what_the_form_leaves_empty_is_as_if_it_were_not_there(connect):
    empty = {"api": "", "api_path": None, "webapi_path": "", "timezone": "", "batch_cards": ""}
    connect("esm_acme", **GOOD, extra=empty)
    connect("esm_other", **GOOD)
    assert EfecteEsmHook("esm_acme").settings() == EfecteEsmHook("esm_other").settings()


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"host": "acme.efectecloud.com"}, "https://acme.efectecloud.com"),
        ({"host": "https://acme.efectecloud.com/"}, "https://acme.efectecloud.com"),
        ({"host": "acme.efectecloud.com", "port": 8443}, "https://acme.efectecloud.com:8443"),
        ({"host": "127.0.0.1", "port": 8080, "schema": "http"}, "http://127.0.0.1:8080"),
        ({"host": "http://127.0.0.1:8080", "port": 8080}, "http://127.0.0.1:8080"),
    ],
)
def test_the_address_is_put_together_from_what_the_form_has(connect, fields, url):
    connect("esm_acme", **{**GOOD, **fields})
    assert EfecteEsmHook("esm_acme").settings().base_url == url


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"host": None}, ["'host'", "empty"]),
        ({"login": ""}, ["'login'", "WebAPI user"]),
        ({"password": None}, ["'password'", "empty"]),
        ({"extra": {"apy": "rest"}}, ["'extra'", "'apy'", "api_path"]),
        ({"extra": {"api": "soap"}}, ["'extra.api'", "'soap'", "rest, webapi"]),
        ({"extra": {"api_path": 5}}, ["'extra.api_path'", "int"]),
        ({"extra": {"batch_cards": "many"}}, ["'extra.batch_cards'", "'many'"]),
        ({"extra": "{"}, ["'extra'", "not JSON"]),
        ({"extra": "[]"}, ["'extra'", "JSON object"]),
        ({"host": "http://acme.efectecloud.com"}, ["https"]),
        ({"extra": {"timezone": "Helsinki"}}, ["Helsinki"]),
    ],
)
def test_a_wrong_field_is_named_with_its_connection_and_without_the_password(connect, fields, parts):
    connect("esm_acme", **{**GOOD, **fields})
    with pytest.raises(ConnectionProblem) as refused:
        EfecteEsmHook("esm_acme").settings()
    text = str(refused.value)
    assert all(part in text for part in ["'esm_acme'", *parts])
    assert "open-sesame" not in text


def test_a_missing_connection_is_named_with_the_mend():
    with pytest.raises(ConnectionProblem, match=r"no connection 'esm_nowhere'.*Admin, Connections.*Efecte ESM"):
        EfecteEsmHook("esm_nowhere").settings()


def test_test_connection_says_what_is_wrong_instead_of_raising(connect):
    connect("esm_acme", **{**GOOD, "login": ""})
    good, text = EfecteEsmHook("esm_acme").test_connection()
    assert not good
    assert "'login'" in text


def test_the_form_offers_every_key_that_is_read(connect):
    from airflow_provider_jira.provider_info import get_provider_info

    offered = next(c for c in get_provider_info()["connection-types"] if c["connection-type"] == "efecte_esm")
    connect("esm_acme", **{**GOOD, "extra": json.dumps(dict.fromkeys(offered["conn-fields"]))})
    assert EfecteEsmHook("esm_acme").settings()
