"""Settings that exist can be used; what cannot is refused in one sentence that names the field and the mend."""

from __future__ import annotations

import io
import pickle
from datetime import date

import pytest
from rich.console import Console

from airflow_provider_jira.jira.settings import JiraSettings

SITE = "https://acme.atlassian.net"


@pytest.mark.parametrize(
    ("written", "used"),
    [
        (SITE, SITE),
        (SITE + "/", SITE),
        ("  https://Acme.Atlassian.net  ", SITE),
        ("acme.atlassian.net", SITE),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_an_address_has_one_form(written: str, used: str) -> None:
    assert JiraSettings(written, "a@b", "t").site == used


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "names no host"),
        ("https://", "names no host"),
        ("https://acme atlassian.net", "names no host"),
        ("http://acme.atlassian.net", "is not encrypted"),
        ("http://10.0.0.1", "is not encrypted"),
        ("ftp://acme.atlassian.net", "has the scheme 'ftp'"),
        ("https://acme.atlassian.net/jira/your-work", "has something after the host name"),
        ("https://acme.atlassian.net?x=1", "has something after the host name"),
        ("https://acme.atlassian.net#x", "has something after the host name"),
        ("https://acme.atlassian.net:port", "is not an address"),
        ("https://[acme", "is not an address"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_the_mend(written: str, says: str) -> None:
    with pytest.raises(ValueError, match="Jira connection's host") as refused:
        JiraSettings(written, "a@b", "t")
    assert says in str(refused.value)
    assert "https://your-site.atlassian.net" in str(refused.value)


def test_a_token_written_into_the_address_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="login and password") as refused:
        JiraSettings("https://me:s3cret@acme.atlassian.net", "a@b", "t")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": " "}, "login is empty"),
        ({"token": "\n"}, "password is empty"),
        ({"auth": "oauth"}, "auth is 'oauth'"),
        ({"cloud_id": "a/b"}, "cloud_id is 'a/b'"),
        ({"requests_per_second": 0}, "requests_per_second is 0: write a number from 1 to 100"),
        ({"requests_per_second": 101}, "requests_per_second is 101: write a number from 1 to 100"),
        ({"gateway": "http://api.atlassian.com"}, "gateway 'http://api.atlassian.com' is not encrypted"),
    ],
)
def test_every_other_setting_is_checked_too(changes: dict[str, str | int], says: str) -> None:
    with pytest.raises(ValueError, match="the Jira connection's") as refused:
        JiraSettings(**{"site": SITE, "email": "a@b", "token": "t", **changes})  # type: ignore[arg-type]
    assert says in str(refused.value)


def test_white_space_around_the_token_is_not_part_of_it() -> None:
    settings = JiraSettings(SITE, " a@b\n", " token\n", cloud_id=" ")
    assert (settings.email, settings.token, settings.cloud_id) == ("a@b", "token", None)


def test_no_representation_shows_token_or_e_mail() -> None:
    settings = JiraSettings(SITE, "robot@acme.example", "s3cret-t0ken")
    out = io.StringIO()
    Console(file=out, width=200).print(settings)
    for shown in (repr(settings), str(settings), f"{[settings]}", out.getvalue()):
        assert "acme.atlassian.net" in shown
        assert "s3cret" not in shown
        assert "robot" not in shown


def test_settings_travel_between_processes() -> None:
    settings = JiraSettings(SITE, "a@b", "t", auth="scoped", cloud_id="c-1", token_expires_on=date(2026, 5, 1))
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_days_left_are_counted_from_the_noted_day() -> None:
    settings = JiraSettings(SITE, "a@b", "t", token_expires_on=date(2026, 5, 1))
    assert settings.days_left(date(2026, 4, 30)) == 1
    assert settings.days_left(date(2026, 5, 2)) == -1
    assert JiraSettings(SITE, "a@b", "t").days_left(date(2026, 5, 2)) is None


@pytest.mark.parametrize(("site", "loopback"), [("http://127.8.0.1", True), ("http://localhost", True), (SITE, False)])
def test_only_this_machine_is_reached_without_proxy(site: str, loopback: bool) -> None:
    assert JiraSettings(site, "a@b", "t").loopback is loopback
