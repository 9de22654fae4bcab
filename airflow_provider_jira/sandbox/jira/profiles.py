"""How answers show an account: with what its owner lets be seen, and with what Jira happens to know just now."""

from __future__ import annotations

from typing import Any

from airflow_provider_jira.sandbox.jira.people import UNKNOWN, Person
from airflow_provider_jira.sandbox.jira.switches import JiraSwitches

_SIZES = (16, 24, 32, 48)


def mention(person: Person, base: str, switches: JiraSwitches) -> dict[str, Any]:
    """Return an account as other things' answers show it: issues, comments, pages of group members.

    :param base: base URL of ``self`` links
    """
    if switches.identity_outage != "no":
        id_ = UNKNOWN if switches.identity_outage == "ids" or person.state == "corrupt" else person.account_id
        return _fallback(id_, "", UNKNOWN, base)
    if person.state == "corrupt":
        return _fallback(UNKNOWN, person.name, UNKNOWN, base)
    if person.state == "forgotten":
        return _fallback(person.account_id, person.name, person.account_type, base)
    shown: dict[str, Any] = {
        "self": f"{base}/rest/api/3/user?accountId={person.account_id}",
        "accountId": person.account_id,
    }
    if person.email is not None and not person.email_hidden:
        shown["emailAddress"] = person.email
    elif switches.hidden_email != "absent":
        shown["emailAddress"] = None if switches.hidden_email == "null" else ""
    shown["avatarUrls"] = {f"{n}x{n}": f"{base}/avatars/{n}.png" for n in _SIZES}
    shown["displayName"] = person.name
    shown["active"] = person.active
    if person.time_zone is not None:
        shown["timeZone"] = person.time_zone
    shown["accountType"] = person.account_type
    return shown


def profile(person: Person, base: str, switches: JiraSwitches) -> dict[str, Any]:
    """Return an account as the operations on users show it: with its language and its kind of app besides."""
    shown = mention(person, base, switches)
    if person.gone or switches.identity_outage != "no":
        return shown
    if person.locale is not None:
        shown["locale"] = person.locale
    if person.app_type is not None:
        shown["appType"] = person.app_type
    return shown


def _fallback(account_id: str, name: str, account_type: str, base: str) -> dict[str, Any]:
    return {
        "self": f"{base}/rest/api/3/user?accountId={account_id}",
        "accountId": account_id,
        "emailAddress": "",
        "avatarUrls": {f"{n}x{n}": f"{base}/avatars/default-avatar.png" for n in _SIZES},
        "displayName": name,
        "active": False,
        "accountType": account_type,
    }
